"""Remembered graphs and their provenance."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.graph.graph import Graph, GraphKind


@dataclass(frozen=True)
class StoredGraph:
    """A remembered graph with its provenance.

    Attributes:
        id: ``name@version``.
        graph: the graph itself.
        dataset: content hash of the data it was learned from, or empty.
        method, op, parent, run, call, note, made: provenance; ``made`` is an ISO time.
        params: settings as name and value pairs.
    """

    id: str
    graph: Graph
    dataset: str = ""
    method: str = ""
    op: str = ""
    parent: str = ""
    run: str = ""
    call: str = ""
    note: str = ""
    made: str = ""
    params: tuple[tuple[str, object], ...] = ()

    @property
    def learned(self) -> bool:
        """Whether a search found it and nobody has changed it since: a new name makes it no one's word."""
        return self.op == "discovered" or (self.op == "copied" and self.method not in ("", "user"))


@dataclass(frozen=True)
class GraphHead:
    """A line of the list of remembered graphs."""

    id: str
    kind: GraphKind
    nodes: int
    edges: int
    dataset: str = ""
    method: str = ""
    op: str = ""
    run: str = ""
    made: str = ""
    note: str = ""
