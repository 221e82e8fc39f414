"""Who put an edge into a graph, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.cli.text.layout import wrap

if TYPE_CHECKING:
    from causalcopilot.graph.graph import Graph

PROPOSED = "proposed by a model and accepted"


def put_there(graph: Graph) -> list[str]:
    """Which edges of a graph are there because knowledge requires them, or a model proposed them; not the data."""
    words = {"required": "required by knowledge", "model": PROPOSED}
    found = {o: [str(e) for e in graph.edges if e.origin == o] for o in words}
    told = [f"{words[o]}: {', '.join(edges)}" for o, edges in found.items() if edges]
    return ["", *(wrap(t, hang="  ") for t in told)] if told else []
