"""Which effects could be asked of a graph?"""

from __future__ import annotations

from causalcopilot.domain.facts import Fact
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result, Table
from causalcopilot.toolkit.tool import Card, GraphRef, tool

LARGEST = 60
"""Nodes above which only pairs joined by an edge are looked at; all pairs of a large graph take minutes."""


@tool(
    group="structure",
    where="parent",
    card=Card(
        assumes=("the graph is right",),
        data="a remembered graph; the table is not read",
        cost="milliseconds to seconds, growing with the square of the number of nodes",
        source="generalised adjustment criterion, Perkovic, Textor, Kalisch & Maathuis 2018",
    ),
)
def survey(context: Context, graph: GraphRef) -> Result:
    """List the effects a graph identifies by adjustment, without estimating any.

    A pair counts when a directed path leads from the first column to the second and a valid adjustment set of
    measured columns exists.

    Args:
        graph: graph to read.
    """
    from causalcopilot.graph.adjustment import adjustment

    g = graph.graph
    found: list[tuple[str, str, tuple[str, ...]]] = []
    asked = doubtful = 0
    for a in g.observed:
        for b in g.observed:
            if a == b or (len(g.nodes) > LARGEST and not g.between(a, b)):
                continue
            answer = adjustment(g, a, b)
            if not answer.causal_path:
                continue
            asked += 1
            if answer.valid:
                found.append((a, b, answer.minimal))
            else:
                doubtful += 1
    facts = [
        Fact("graph", graph.id, "graph read", subject=graph.id),
        Fact("pairs", asked, "pairs with a possible causal path", format="d"),
        Fact("effects", len(found), "effects identified by adjustment", format="d"),
        Fact("doubtful", doubtful, "possible effects the graph does not identify", format="d"),
    ]
    for i, (a, b, controls) in enumerate(found, 1):
        with_ = f" given {', '.join(controls)}" if controls else ""
        facts.append(Fact(f"effect.{i}", f"{a} → {b}{with_}", "effect identified", subject=a))
    table = Table(
        "effects",
        "Effects the graph identifies",
        ("treatment", "outcome", "adjust for"),
        tuple((a, b, ", ".join(c) or "nothing") for a, b, c in found),
    )
    summary = f"{len(found)} of {asked} possible effects identified by adjustment"
    return Result(summary, tuple(facts), tables=(table,))
