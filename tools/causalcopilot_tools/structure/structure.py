"""What does a graph say about two columns?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable, nearest
from causalcopilot.graph.adjustment import Adjustment, adjustment
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.relations import Relation, colliders, confounders, direct_cause, mediators
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult
from causalcopilot.toolkit.tool import Card, Column, GraphRef, tool
from causalcopilot_tools.structure.denial import Denial, deny

Asked = Literal["direct_cause", "confounder", "collider", "mediator", "adjustment"]

_ASK: dict[str, Callable[[Graph, str, str], Relation]] = {
    "direct_cause": direct_cause,
    "confounder": confounders,
    "collider": colliders,
    "mediator": mediators,
}
_SAYS = {
    "direct_cause": "{a} directly causes {b}",
    "confounder": "{a} and {b} have a common cause",
    "collider": "{a} and {b} have a common effect",
    "mediator": "{a} causes {b} through another column",
    "adjustment": "adjustment identifies the effect of {a} on {b}",
}
_PART = {
    "direct_cause": "direct cause",
    "confounder": "common cause",
    "collider": "common effect",
    "mediator": "mediator",
    "adjustment": "column to adjust for",
}


@tool(
    group="structure",
    deadline=60.0,
    card=Card(
        assumes=("the graph is right",),
        data="a remembered graph that holds both columns; the rows only to test what a learned graph denies",
        cost="milliseconds",
        source="Pearl 2009; generalised adjustment criterion, Perkovic et al. 2018; ancestral graphs, Zhang 2008",
    ),
)
def structure(context: Context, question: Asked, a: Column, b: Column, graph: GraphRef) -> StructureResult:
    """Answer a question about two columns from a graph: yes, no or uncertain, with the path as evidence.

    ``yes`` and ``no`` hold in every graph of the class; an edge without a direction, or a circle, leads to
    ``uncertain``.  That a learned graph has no arrow
    says ``no`` only where a test on the rows says so too.

    Give ``a`` as the cause and ``b`` as the effect where the question has a direction.

    Args:
        question: direct_cause (does a cause b directly?), confounder (common cause), collider (common
            effect), mediator (a column between a and b), or adjustment (which columns to adjust for).
        a: first column, the cause.
        b: second column, the effect.
        graph: graph to read.
    """
    present(graph, a, b)
    if question == "adjustment":
        seen, unmeasured = measured(graph.graph, context.dataset.columns)
        return _adjusted(graph, adjustment(seen, a, b), unmeasured)
    found = _ASK[question](graph.graph, a, b)
    if question == "direct_cause" and found.answer == "no" and graph.learned:
        return _denied(a, b, graph, found, deny(context, a, b, graph))
    return _result(question, a, b, graph, found)


def _denied(a: str, b: str, graph: StoredGraph, found: Relation, denial: Denial) -> StructureResult:
    """A "no" of a learned graph, with what stands behind it; ``uncertain`` where nothing does."""
    made = _result("direct_cause", a, b, graph, replace(found, answer=denial.answer))
    rests = Fact("rests_on", denial.says, "what the answer rests on", subject=graph.id)
    return replace(made, facts=(*made.facts, rests, *denial.facts), findings=(*made.findings, denial.says))


def present(graph: StoredGraph, *columns: str) -> None:
    """Raise ``NotApplicable`` unless every column is a measured node of the graph."""
    for name in columns:
        if name in graph.graph.latents:
            raise NotApplicable(
                f"{name} is a latent node of {graph.id}", "ask about columns the graph measures"
            )
        if name not in graph.graph.nodes:
            near = nearest(name, graph.graph.observed)
            hint = f"its node {near[0]} is spelled like it" if near else "learn a graph that holds the column"
            raise NotApplicable(f"the graph {graph.id} has no node {name!r}", hint)


def measured(graph: Graph, columns: tuple[str, ...]) -> tuple[Graph, tuple[str, ...]]:
    """The graph with every node that is no column made latent, and the names of those nodes."""
    absent = tuple(n for n in graph.observed if n not in columns)
    return replace(graph, latents=(*graph.latents, *absent)), absent


def _result(question: str, a: str, b: str, graph: StoredGraph, found: Relation) -> StructureResult:
    claim = _SAYS[question].format(a=a, b=b)
    facts = [
        *_head(question, claim, graph, found.answer, found.path),
        *_names("name", found.names, graph.graph, _PART[question]),
        Fact("possible", len(found.possible), f"nodes that may be a {_PART[question]}", format="d"),
        *_names("possible", found.possible, graph.graph, f"possible {_PART[question]}"),
    ]
    path = " ".join(found.path)
    summary = f"{claim}: {found.answer}" + (f" ({path})" if path else "")
    return StructureResult(
        summary, tuple(facts), answer=found.answer, path=found.path, names=found.names, graph=graph.id or None
    )


def _head(question: str, claim: str, graph: StoredGraph, answer: str, path: tuple[str, ...]) -> list[Fact]:
    return [
        Fact("question", question, "question asked of the graph"),
        Fact("answer", answer, claim, subject=graph.id),
        Fact("path", " ".join(path), "path in the graph", subject=graph.id),
        Fact("graph", graph.id, "graph read", subject=graph.id),
        Fact("kind", graph.graph.kind, "class of the graph", subject=graph.id),
    ]


def _names(key: str, names: tuple[str, ...], graph: Graph, part: str) -> list[Fact]:
    facts = [Fact("names", len(names), f"nodes that are a {part}", format="d")] if key == "name" else []
    for i, name in enumerate(names, 1):
        hidden = " (unmeasured)" if name in graph.latents else ""
        facts.append(Fact(f"{key}.{i}", name, part + hidden, subject=name))
    return facts


def _adjusted(graph: StoredGraph, found: Adjustment, unmeasured: tuple[str, ...]) -> StructureResult:
    answer = {"valid": "yes", "no_valid_set": "no"}.get(found.status, "uncertain")
    if found.status == "invalid_graph":
        raise NotApplicable(
            f"{graph.id} cannot be read: {found.reason}", "correct the graph, or learn it again"
        )
    claim = _SAYS["adjustment"].format(a=found.treatment, b=found.outcome)
    path = found.blocking_path or found.example_path
    optional = tuple(n for n in found.all_allowed if n not in found.minimal)
    facts = _head("adjustment", claim, graph, answer, path)
    facts += _names("name", found.minimal, graph.graph, _PART["adjustment"])
    facts.append(
        Fact("causal_path", "yes" if found.causal_path else "no", "a (possibly) directed path exists")
    )
    facts += [
        Fact(f"optional.{i}", n, "allowed, helps precision", subject=n) for i, n in enumerate(optional, 1)
    ]
    for i, e in enumerate(found.forbidden, 1):
        facts.append(Fact(f"excluded.{i}", e.name, "not to be adjusted for", subject=e.name))
        facts.append(Fact(f"excluded.{i}.reason", e.reason, f"why {e.name} is left out", subject=e.name))
    findings = []
    if unmeasured:
        findings.append(f"nodes that the table does not measure count as latent: {', '.join(unmeasured)}")
    if found.valid and not found.causal_path:
        findings.append(
            f"no path leads from {found.treatment} to {found.outcome}: the graph says the effect is zero"
        )
    by = ", ".join(found.minimal) or "nothing"
    told = f"adjust for {by}" if found.valid else found.reason
    return StructureResult(
        f"{claim}: {answer} ({told})",
        tuple(facts),
        findings=tuple(findings),
        answer=answer,
        path=path,
        names=found.minimal,
        graph=graph.id or None,
    )
