"""What a question's flags say about columns, told as knowledge: one place, so that every tool reads roles only."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, Role
from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError


def told(knowledge: Knowledge, question: Question) -> Knowledge:
    """The knowledge with the roles that the question gives: clusters, weights, negative-control outcomes.

    A unit column without a time column names what rows belong to, hence a cluster.

    Raises:
        UsageError: a column that is treatment or outcome, or two roles for one column.
    """
    if question.horizon is not None and not (question.event or knowledge.with_role("event")):
        raise UsageError(
            "--horizon goes with --event", "name the column that says whether the event was seen"
        )
    roles: dict[str, Role] = {}
    for name, role in _roles(question):
        if name in (question.treatment, question.outcome):
            raise UsageError(f"{name!r} is asked about and cannot be {_WORDS[role]}", "name another column")
        if roles.get(name, role) != role:
            raise UsageError(
                f"{name!r} cannot be both {_WORDS[roles[name]]} and {_WORDS[role]}", "name it once"
            )
        roles[name] = role
    if not roles:
        return knowledge
    kept = tuple(_without(c, roles) for c in knowledge.columns if c.name not in roles)
    known = {c.name: c for c in knowledge.columns}
    said = tuple(replace(known.get(n, ColumnKnowledge(n)), role=r, reason="") for n, r in roles.items())
    return replace(knowledge, columns=kept + said)


_WORDS: dict[Role, str] = {
    "cluster": "the cluster (--cluster, --unit)",
    "weight": "the weight (--weights)",
    "event": "the event column (--event)",
    "negative_control_outcome": "a negative control (--negative-control)",
}


def _roles(question: Question) -> list[tuple[str, Role]]:
    out: list[tuple[str, Role]] = []
    cluster = question.cluster or (question.unit if not question.time else None)
    if cluster:
        out.append((cluster, "cluster"))
    if question.weights:
        out.append((question.weights, "weight"))
    if question.event:
        out.append((question.event, "event"))
    return out + [(name, "negative_control_outcome") for name in question.negative_controls]


def _without(column: ColumnKnowledge, roles: dict[str, Role]) -> ColumnKnowledge:
    """A flag goes before the file: another column of the file gives up the role where only one can have it."""
    single = column.role in ("cluster", "weight", "event") and column.role in roles.values()
    return replace(column, role=None) if single else column
