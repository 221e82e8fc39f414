"""Definitions written out naively, by listing paths: the reference the fast code is compared with.

Small graphs only.  Nothing here is shared with the code under test but ``Graph`` itself.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import chain, combinations, pairwise

from causalcopilot.graph.graph import Edge, Graph

Steps = list[tuple[str, Edge]]


def random_dag(seed: int, size: int, density: float, latents: int = 0) -> Graph:
    """A random DAG whose node order is not its causal order."""
    rng = random.Random(seed)
    nodes = [f"v{i}" for i in range(size)]
    order = rng.sample(nodes, size)
    arrows = [(a, b) for a, b in combinations(order, 2) if rng.random() < density]
    return Graph.from_arrows("dag", nodes, arrows, rng.sample(nodes, latents))


def random_admg(seed: int, size: int, density: float) -> Graph:
    """A random ADMG."""
    rng = random.Random(seed)
    dag = random_dag(seed, size, density)
    arcs = [Edge(a, b, "arrow", "arrow") for a, b in combinations(dag.nodes, 2) if rng.random() < density / 2]
    return Graph("admg", dag.nodes, (*dag.edges, *arcs))


def subsets(items: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """All subsets, smallest first."""
    pool = list(items)
    return chain.from_iterable(combinations(pool, k) for k in range(len(pool) + 1))


def paths(graph: Graph, a: str, b: str) -> Iterator[list[Edge]]:
    """All simple paths as edges read in walking direction; parallel edges give several paths."""
    touching: dict[str, list[Edge]] = {n: [] for n in graph.nodes}
    for e in graph.edges:
        touching[e.source].append(e)
        touching[e.target].append(e.flipped())

    def walk(v: str, seen: set[str], so_far: list[Edge]) -> Iterator[list[Edge]]:
        if v == b:
            yield list(so_far)
            return
        for e in touching[v]:
            if e.target not in seen:
                yield from walk(e.target, seen | {e.target}, [*so_far, e])

    return walk(a, {a}, [])


def descendants(graph: Graph, start: str) -> set[str]:
    """Nodes at the end of directed paths, the start included."""
    found = {start}
    while True:
        more = {e.target for e in graph.edges if e.symbol == "-->" and e.source in found}
        more |= {e.source for e in graph.edges if e.symbol == "<--" and e.target in found}
        if more <= found:
            return found
        found |= more


def is_open(graph: Graph, path: list[Edge], given: Iterable[str]) -> bool:
    """Whether a path of definite marks is m-connecting."""
    z = set(given)
    for e, f in pairwise(path):
        collider = e.target_mark == "arrow" and f.source_mark == "arrow"
        if collider and not descendants(graph, e.target) & z:
            return False
        if not collider and e.target in z:
            return False
    return True


def separated(graph: Graph, a: str, b: str, given: Iterable[str]) -> bool:
    """m-separation by listing paths."""
    z = tuple(given)
    return not any(is_open(graph, p, z) for p in paths(graph, a, b))


def is_causal(path: list[Edge]) -> bool:
    return all(e.symbol == "-->" for e in path)


def valid_in_dag(graph: Graph, t: str, y: str, z: Iterable[str]) -> bool:
    """The adjustment criterion (Shpitser et al. 2010) by listing paths; DAG or ADMG."""
    given = set(z)
    if given & {t, y} or given & set(graph.latents):
        return False
    all_paths = list(paths(graph, t, y))
    for p in all_paths:
        if is_causal(p) and any(given & descendants(graph, e.target) for e in p):
            return False
    return not any(is_open(graph, p, given) for p in all_paths if not is_causal(p))


def roles(graph: Graph, a: str, b: str) -> dict[str, set[str]]:
    """Common causes, common effects and mediators of two nodes of a DAG, by listing paths."""
    found: dict[str, set[str]] = {"confounders": set(), "colliders": set(), "mediators": set()}
    for p in paths(graph, a, b):
        text = "".join(e.symbol[0] for e in p)
        ups, downs = len(text) - len(text.lstrip("<")), len(text) - len(text.lstrip("-"))
        inner = [e.target for e in p]
        if ups and text == "<" * ups + "-" * (len(p) - ups) and ups < len(p):
            found["confounders"].add(inner[ups - 1])
        if downs and text == "-" * downs + "<" * (len(p) - downs) and downs < len(p):
            found["colliders"].add(inner[downs - 1])
        if downs == len(p):
            found["mediators"].update(inner[:-1])
    return found
