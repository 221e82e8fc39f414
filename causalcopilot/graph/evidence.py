"""What answers about two nodes of a graph share: the record, and steps that certainly or possibly lead on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from causalcopilot.errors import UsageError
from causalcopilot.graph.causes import Sides
from causalcopilot.graph.ends import visible
from causalcopilot.graph.equivalence import members
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Adjacency
from causalcopilot.graph.separation import position

WORK = 2000  # members times nodes up to which a class is listed rather than bounded; about 0.2 s

Answer = Literal["yes", "no", "uncertain"]


@dataclass(frozen=True, slots=True)
class Relation:
    """One answer read off a graph.

    Attributes:
        answer: ``yes``, ``no`` or ``uncertain``.
        names: nodes that certainly have the asked part (latents included), in node order.
        possible: nodes that may have it.
        path: the evidence, nodes and edge symbols alternating; empty where there is none.
    """

    answer: Answer
    names: tuple[str, ...] = ()
    possible: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


def two(graph: Graph, a: str, b: str) -> tuple[int, int]:
    """Positions of two different nodes; ``UsageError`` otherwise."""
    i, j = position(graph, a), position(graph, b)
    if i == j:
        raise UsageError("the question names one column twice", "name two columns")
    return i, j


def surely_direct(facing: Sides, a: int, b: int) -> bool:
    """Whether no inducing path can stand behind ``a --> b`` in a PAG.

    Such a path runs from ``a`` through colliders, all causes of ``b``, the last of them joined to ``b`` by a
    latent besides being its cause.
    """
    ends = facing.ends
    assert ends is not None
    above = facing.possible_causes(b)
    seen, stack = {a}, [a]
    while stack:
        v = stack.pop()
        for c, mark in ends[v].items():
            into = ends[c][v] != "tail" and (v == a or mark != "tail")
            if c in seen or c == b or c not in above or not into:
                continue
            seen.add(c)
            stack.append(c)
            if b in ends[c] and not (ends[c][b] == "tail" and visible(ends, c, b)):
                return False
    return True


def possible_steps(facing: Sides) -> Adjacency:
    """Per node, the ends of edges by which it may be a cause."""
    if facing.ends is None:
        return facing.children
    return tuple(tuple(sorted(w for w, mark in row.items() if mark != "arrow")) for row in facing.ends)


def named(graph: Graph, nodes: Iterable[int]) -> tuple[str, ...]:
    """Names of nodes."""
    return tuple(graph.nodes[v] for v in nodes)


def listed(graph: Graph, a: str, b: str, ask: Callable[[Graph, str, str], Relation]) -> Relation | None:
    """The exact answer of a CPDAG with few members: what ``ask`` says of each; ``None`` for any other graph."""
    most = WORK // max(1, len(graph.nodes))
    dags = members(graph, most + 1) if graph.kind == "cpdag" else ()
    if not dags or len(dags) > most:
        return None
    answers = [ask(dag, a, b) for dag in dags]
    sure = set.intersection(*(set(r.names) for r in answers))
    some = set().union(*(r.names for r in answers))
    yes = [r for r in answers if r.answer == "yes"]
    answer: Answer = "no" if not yes else "yes" if len(yes) == len(answers) else "uncertain"
    shown = next((r for r in yes if sure & set(r.path)), yes[0] if yes else answers[0])
    ordered = [n for n in graph.nodes if n in some]
    return Relation(
        answer,
        tuple(n for n in ordered if n in sure),
        tuple(n for n in ordered if n not in sure),
        _in_marks_of(graph, shown.path),
    )


def _in_marks_of(graph: Graph, path: tuple[str, ...]) -> tuple[str, ...]:
    nodes = path[::2]
    words = list(nodes[:1])
    for v, w in pairwise(nodes):
        words += [graph.between(v, w)[0].symbol, w]
    return tuple(words)
