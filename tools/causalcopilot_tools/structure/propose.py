"""A proposal from a model's general knowledge: recorded, compared with the data, and never acted on by itself.

A proposal changes no graph and no knowledge.  Only a person's consent does (``/accept``, ``--accept-proposals``), and
what is accepted keeps its origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.tool import Card, Column, GraphRef, Ok, Refusal, tool

Proposed = Literal[
    "edge", "no_edge", "confounder", "instrument", "mediator", "before_treatment", "after_treatment"
]
Evidence = Literal["agrees", "contradicts", "silent"]


@dataclass(frozen=True)
class Compared:
    """What one source says of a proposal, and in which words."""

    evidence: Evidence
    told: str


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    return Ok()


@tool(
    group="structure",
    applies=_applies,
    card=Card(
        assumes=("nothing: it is a proposal and not a finding",),
        data="one or two tests of independence, and a graph if one is named",
        cost="under a second",
    ),
)
def propose(
    context: Context,
    kind: Proposed,
    a: Column,
    b: Column | None = None,
    graph: GraphRef | None = None,
) -> Result:
    """Propose something that general knowledge suggests: an edge, or the role of a column.

    The proposal is compared with the data and shown to the user, who may accept it.  Until then nothing changes and
    nothing may be concluded from it.

    Args:
        kind: what is proposed; edge and no_edge speak of a and b, the others of the part a plays in the question.
        a: the column (for an edge, the cause).
        b: the effect of an edge; leave it out otherwise.
        graph: a remembered graph to compare with.

    Raises:
        UsageError: an edge without its second column, or a role without a question that it could play a part in.
    """
    said = _said(kind, a, b, context)
    found = [*_from_graph(kind, a, b, graph), *_from_tests(kind, a, b, context)]
    verdict = _together(found)
    facts = [
        Fact("proposal", f"proposal: {said}", "proposed by the model, not found in the data", subject=a),
        Fact("kind", kind, "what is proposed", subject=a),
        Fact("a", a, "column", subject=a),
        *([Fact("b", b, "column", subject=b)] if b else []),
        Fact("origin", "model", "where the proposal comes from"),
        Fact("evidence", verdict, "what the data say of it", subject=a),
        *(Fact(f"reason.{i}", c.told, f"data {c.evidence}", subject=a) for i, c in enumerate(found, 1)),
    ]
    told = tuple(c.told for c in found)
    return Result(f"proposal: {said} (the data: {verdict})", tuple(facts), findings=told)


_SAID = {
    "confounder": "{a} acts on both {t} and {y}",
    "instrument": "{a} acts on {y} only through {t}",
    "mediator": "{a} lies between {t} and {y}",
    "before_treatment": "{a} was fixed before {t}",
    "after_treatment": "{a} was fixed after {t}",
}


def _said(kind: str, a: str, b: str | None, context: Context) -> str:
    if kind in ("edge", "no_edge"):
        if b is None or a == b:
            raise UsageError(f"{kind} needs two different columns", "give a, the cause, and b, the effect")
        return f"{a} --> {b}" if kind == "edge" else f"no edge {a} --> {b}"
    t, y = _pair(context)
    if b is not None:
        raise UsageError(f"{kind} speaks of one column", "leave b out")
    if a in (t, y):
        raise UsageError(f"{a!r} is what the question is about", "propose a role for another column")
    return _SAID[kind].format(a=a, t=t, y=y)


def _pair(context: Context) -> tuple[str, str]:
    q = context.question
    if not (q.treatment and q.outcome):
        raise UsageError(
            "a role is a part in a question with treatment and outcome", "propose an edge instead"
        )
    return q.treatment, q.outcome


def _from_graph(kind: str, a: str, b: str | None, graph: StoredGraph | None) -> list[Compared]:
    """What a graph says of an edge."""
    if graph is None or b is None:
        return []
    g = graph.graph
    absent = [n for n in (a, b) if n not in g.nodes]
    if absent:
        return [Compared("silent", f"{graph.id} does not hold {', '.join(absent)}")]
    edges = g.between(a, b)
    wanted = any((e.source, e.target) == (a, b) and e.directed and e.target_mark == "arrow" for e in edges)
    listed = "; ".join(map(str, edges)) or f"no edge between {a} and {b}"
    if not edges or any(e.directed for e in edges):
        agrees = wanted if kind == "edge" else not wanted
        return [Compared("agrees" if agrees else "contradicts", f"{graph.id} has {listed}")]
    return [Compared("silent", f"{graph.id} has {listed}, which leaves it open")]


def _from_tests(kind: str, a: str, b: str | None, context: Context) -> list[Compared]:
    """What tests of independence say; timing and exclusion are nothing that a table can show."""
    if kind in ("edge", "no_edge"):
        assert b is not None  # _said refuses an edge without it
        pairs = [(a, b)]
    elif kind in ("confounder", "mediator"):
        t, y = _pair(context)
        pairs = [(a, t), (a, y)]
    elif kind == "instrument":
        pairs = [(a, _pair(context)[0])]
    else:
        return [Compared("silent", "a table does not show what came first")]
    return [_tested(kind, one, other, context) for one, other in pairs]


def _tested(kind: str, a: str, b: str, context: Context) -> Compared:
    from causalcopilot.errors import CcpError
    from causalcopilot_tools.structure.independence import independence

    try:
        found = independence(context, a=a, b=b)
    except CcpError as error:
        return Compared("silent", f"{a} and {b} could not be tested: {error.message}")
    facts = {f.key: f.value for f in found.facts}
    answer = str(facts["answer"])
    words = {"yes": "independent", "no": "dependent"}.get(answer, "neither clearly dependent nor independent")
    told = f"{a} and {b} are {words} (p {facts['p_value']:.3g})"
    if kind == "no_edge":
        return Compared("agrees" if answer == "yes" else "silent", told)
    if answer == "no":
        return Compared("agrees", told)
    return Compared("contradicts" if answer == "yes" else "silent", told)


def _together(found: list[Compared]) -> Evidence:
    kinds = {c.evidence for c in found}
    return "contradicts" if "contradicts" in kinds else "agrees" if kinds == {"agrees"} else "silent"
