"""What a model proposed, and what becomes of it when a person consents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from causalcopilot.agent.edges import check_required
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, Role
from causalcopilot.domain.run import CallRecord
from causalcopilot.errors import UsageError

TOOL = "propose"
_ROLES: dict[str, Role] = {
    "confounder": "pre_treatment",
    "before_treatment": "pre_treatment",
    "instrument": "instrument",
    "mediator": "mediator",
    "after_treatment": "post_treatment",
}


@dataclass(frozen=True)
class Proposal:
    """One proposal of a model.

    Attributes:
        call: the call that made it.
        kind: ``edge``, ``no_edge``, or a role.
        a, b: the columns.
        said: the proposal in words.
        evidence: what the data say of it: ``agrees``, ``contradicts`` or ``silent``.
        reasons: in which words.
        model: who proposed it.
    """

    call: str
    kind: str
    a: str
    b: str
    said: str
    evidence: str
    reasons: tuple[str, ...]
    model: str

    @property
    def told(self) -> str:
        """One line for the person who decides."""
        why = f": {'; '.join(self.reasons)}" if self.reasons else ""
        return f"{self.said}; the data {_WORDS.get(self.evidence, self.evidence)}{why}"


_WORDS = {"agrees": "agree", "contradicts": "speak against it", "silent": "do not tell"}


def read_proposals(calls: Iterable[CallRecord], model: str) -> list[Proposal]:
    """The proposals among some calls, in order."""
    found = []
    for call in calls:
        if call.tool != TOOL or not call.ok or call.result is None:
            continue
        facts = {f["key"]: f["value"] for f in call.result["facts"]}
        reasons = tuple(str(v) for k, v in facts.items() if k.startswith("reason."))
        a, b = str(facts["a"]), str(facts.get("b") or "")
        said, evidence = str(facts["proposal"]), str(facts["evidence"])
        found.append(Proposal(call.id, str(facts["kind"]), a, b, said, evidence, reasons, model))
    return found


def accepted(knowledge: Knowledge, p: Proposal) -> Knowledge:
    """The knowledge with a proposal taken in, its origin recorded.

    Raises:
        UsageError: it goes against what a person said.
    """
    origin = (p.said.removeprefix("proposal: "), f"proposed by {p.model} ({p.call}), accepted by the user")
    known = replace(knowledge, origins=(*knowledge.origins, origin))
    if p.kind == "edge":
        check_required(knowledge, (p.a, p.b))
        return replace(known, required=(*known.required, (p.a, p.b)))
    if p.kind == "no_edge":
        if (p.a, p.b) in knowledge.required:
            raise UsageError(f"{p.a} --> {p.b} is required", "take that back first with /undo")
        return replace(known, forbidden=(*known.forbidden, (p.a, p.b)))
    return _with_role(known, p.a, _ROLES[p.kind])


def _with_role(knowledge: Knowledge, name: str, role: Role) -> Knowledge:
    column = knowledge.column(name)
    if column is None:
        return replace(knowledge, columns=(*knowledge.columns, ColumnKnowledge(name, role=role)))
    if column.role not in (None, role):
        raise UsageError(
            f"you said that {name} is {column.role}; a proposal does not change that",
            "change it in the knowledge file",
        )
    columns = tuple(replace(c, role=role) if c.name == name else c for c in knowledge.columns)
    return replace(knowledge, columns=columns)
