"""A causal graph: nodes, and edges with a mark at each end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Mark = Literal["tail", "arrow", "circle"]
GraphKind = Literal["dag", "cpdag", "pag", "admg", "lagged"]

_LEFT = {"tail": "-", "arrow": "<", "circle": "o"}
_RIGHT = {"tail": "-", "arrow": ">", "circle": "o"}


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge; ``source_mark`` sits at ``source``, ``target_mark`` at ``target``.

    ``a --> b`` is tail and arrow, ``a --- b`` tail and tail, ``a <-> b`` arrow and arrow, ``a o-> b``
    circle and arrow.  ``lag`` is the number of time steps by which ``source`` precedes ``target``.

    Attributes:
        confidence: share of resamples in which the two nodes are adjacent, 0 to 1, or ``None``.
        source_confidence: share of resamples with this very mark at ``source``.
        target_confidence: share of resamples with this very mark at ``target``.
        origin: who put it there (``data``, ``user``, ``required``, ``model``).
    """

    source: str
    target: str
    source_mark: Mark = "tail"
    target_mark: Mark = "arrow"
    lag: int = 0
    confidence: float | None = None
    source_confidence: float | None = None
    target_confidence: float | None = None
    origin: str = "data"

    @property
    def symbol(self) -> str:
        """The edge drawn in three characters, such as ``-->`` or ``o->``."""
        return f"{_LEFT[self.source_mark]}-{_RIGHT[self.target_mark]}"

    @property
    def directed(self) -> bool:
        """Tail at one end and arrow at the other."""
        return {self.source_mark, self.target_mark} == {"tail", "arrow"}

    def flipped(self) -> Edge:
        """The same edge read from its other end (contemporaneous edges only)."""
        return replace(
            self,
            source=self.target,
            target=self.source,
            source_mark=self.target_mark,
            target_mark=self.source_mark,
            source_confidence=self.target_confidence,
            target_confidence=self.source_confidence,
        )

    def __str__(self) -> str:
        lag = f"[t-{self.lag}]" if self.lag else ""
        return f"{self.source}{lag} {self.symbol} {self.target}"


@dataclass(frozen=True)
class Graph:
    """An immutable graph of one declared class.

    Attributes:
        kind: ``dag``, ``cpdag``, ``pag``, ``admg`` or ``lagged``.
        nodes: names in a stable order.
        edges: at most one edge per pair and lag in all kinds but ``admg``.
        latents: nodes that are unmeasured (they are in ``nodes`` too).
        selected: nodes by whose value rows got into the table (they are in ``nodes`` too, measured or not).
    """

    kind: GraphKind
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...] = ()
    latents: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = set(self.nodes)
        if len(known) != len(self.nodes):
            raise ValueError("a graph cannot name a node twice")
        for e in self.edges:
            if e.source not in known or e.target not in known:
                raise ValueError(f"edge {e} names a node the graph does not have")
            if e.source == e.target and not e.lag:
                raise ValueError(f"edge {e} joins a node with itself")
        if not set(self.latents) <= known:
            raise ValueError("latents must be nodes")
        if not set(self.selected) <= known:
            raise ValueError("selected must be nodes")

    @classmethod
    def from_arrows(
        cls,
        kind: GraphKind,
        nodes: Iterable[str],
        arrows: Iterable[tuple[str, str]],
        latents: Iterable[str] = (),
    ) -> Graph:
        """A graph of plain arrows ``source --> target``."""
        return cls(kind, tuple(nodes), tuple(Edge(a, b) for a, b in arrows), tuple(latents))

    @property
    def observed(self) -> tuple[str, ...]:
        """Nodes that are measured."""
        hidden = set(self.latents)
        return tuple(n for n in self.nodes if n not in hidden)

    def between(self, a: str, b: str) -> tuple[Edge, ...]:
        """All edges between two nodes, each read from ``a`` to ``b`` where it has no lag."""
        return tuple(
            e if e.source == a or e.lag else e.flipped() for e in self.edges if {e.source, e.target} == {a, b}
        )
