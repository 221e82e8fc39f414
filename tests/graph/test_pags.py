"""MAGs and PAGs against listings: every MAG of the class, and the generalised adjustment criterion path by path."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations, pairwise, product

import pytest

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.adjustment import adjustment, is_valid_adjustment
from causalcopilot.graph.causes import sides
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import is_valid
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.pags import mag_of, pag_of
from causalcopilot.graph.separation import d_separated
from tests.graph.brute import descendants, is_open, paths, random_dag, separated, subsets, valid_in_dag

Triple = tuple[str, str, tuple[str, ...]]


def latent_dag(seed: int, observed: int) -> Graph:
    latents = 1 + seed % 3
    density = 0.3 + 0.2 * random.Random(seed).random()
    return random_dag(seed, observed + latents, density, latents)


def separations(graph: Graph, names: tuple[str, ...]) -> set[Triple]:
    return {
        (a, b, z)
        for a, b in combinations(names, 2)
        for z in subsets(n for n in names if n not in (a, b))
        if separated(graph, a, b, z)
    }


def class_of(pag: Graph, wanted: set[Triple]) -> Iterator[Graph]:
    """Every MAG with the definite marks of ``pag`` and the wanted separations."""
    choices = []
    for e in pag.edges:
        here, there = (("tail", "arrow") if m == "circle" else (m,) for m in (e.source_mark, e.target_mark))
        choices.append(
            [Edge(e.source, e.target, s, t) for s in here for t in there if (s, t) != ("tail", "tail")]  # type: ignore[arg-type]
        )
    for edges in product(*choices):
        mag = Graph("pag", pag.nodes, edges)
        if is_valid(mag) and separations(mag, pag.nodes) == wanted:
            yield mag


@pytest.mark.parametrize("seed", range(30))
def test_a_pag_shows_exactly_what_its_class_shares(seed: int) -> None:
    dag = latent_dag(seed, 4)
    mag, pag = mag_of(dag), pag_of(dag)
    assert is_valid(mag)
    assert is_valid(pag)
    wanted = separations(dag, mag.nodes)
    assert separations(mag, mag.nodes) == wanted
    every = list(class_of(pag, wanted))
    assert every
    for e in pag.edges:
        for end, other, mark in ((e.source, e.target, e.source_mark), (e.target, e.source, e.target_mark)):
            marks = {m.between(end, other)[0].source_mark for m in every}
            assert marks == ({"tail", "arrow"} if mark == "circle" else {mark})
    facing = sides(pag)
    for (i, a), (j, b) in product(enumerate(pag.nodes), repeat=2):
        if i != j:
            truth = [b in descendants(m, a) for m in every]
            assert any(truth) == (j in facing.possible_effects(i)) == (i in facing.possible_causes(j))
            assert all(truth) == facing.certain_cause(i, j)


@pytest.mark.parametrize("seed", range(20))
def test_a_pag_separates_as_the_dag_does(seed: int) -> None:
    dag = latent_dag(seed, 5)
    pag = pag_of(dag)
    a, b, *rest = pag.nodes
    for z in subsets(rest):
        assert d_separated(pag, a, b, z) == separated(dag, a, b, z)


def test_known_pags() -> None:
    """The Y structure of Mani, Spirtes & Cooper (2006): the last edge is visible; a chain stays open at both ends."""
    y = pag_of(from_dagitty("dag { a -> c  b -> c  c -> d }"))
    assert {str(e) for e in y.edges} == {"a o-> c", "b o-> c", "c --> d"}
    chain = pag_of(from_dagitty("dag { a -> b  b -> c }"))
    assert {str(e) for e in chain.edges} == {"a o-o b", "b o-o c"}
    hidden = pag_of(from_dagitty("dag { u [latent] u -> {b c} a -> b  d -> c }"))
    assert {str(e) for e in hidden.edges} == {"a o-> b", "b <-> c", "d o-> c"}


# --- the generalised adjustment criterion (Perkovic et al. 2018, definition 4) written out -------------------------


def possibly_directed(pag: Graph, a: str, b: str) -> list[list[Edge]]:
    return [p for p in paths(pag, a, b) if all(e.source_mark != "arrow" for e in p)]


def visible(pag: Graph, a: str, b: str) -> bool:
    for c in pag.nodes:
        if c in (a, b) or pag.between(c, b):
            continue
        for p in paths(pag, c, a):
            inner = all(
                e.target_mark == f.source_mark == "arrow"
                and [x.symbol for x in pag.between(e.target, b)] == ["-->"]
                for e, f in pairwise(p)
            )
            if p[-1].target_mark == "arrow" and inner:
                return True
    return False


def definite_status(pag: Graph, path: list[Edge]) -> bool:
    for e, f in pairwise(path):
        marks = (e.target_mark, f.source_mark)
        free = marks == ("circle", "circle") and not pag.between(e.source, f.target)
        if not (marks == ("arrow", "arrow") or "tail" in marks or free):
            return False
    return True


def criterion(pag: Graph, t: str, y: str) -> list[set[str]] | None:
    """All valid sets, or ``None`` where the graph is not amenable."""
    causal = possibly_directed(pag, t, y)
    if not all(p[0].symbol == "-->" and visible(pag, t, p[0].target) for p in causal):
        return None
    onpath = {e.target for p in causal for e in p}
    forbidden = {w for v in onpath for w in pag.nodes if w == v or possibly_directed(pag, v, w)}
    others = [p for p in paths(pag, t, y) if definite_status(pag, p) and p not in causal]
    rest = [n for n in pag.nodes if n not in (t, y)]
    return [
        set(z)
        for z in subsets(rest)
        if not forbidden & set(z) and not any(is_open(pag, p, z) for p in others)
    ]


def test_adjustment_in_pags_and_mags() -> None:
    seen = set()
    for seed in range(120):
        dag = latent_dag(seed, 5 if seed % 3 else 4)
        for graph in (pag_of(dag), mag_of(dag)):
            t, y = random.Random(seed).sample(graph.nodes, 2)
            wanted = criterion(graph, t, y)
            found = adjustment(graph, t, y)
            seen.add((found.status, found.causal_path))
            assert (wanted is None) == (found.status == "not_amenable")
            if wanted is None:
                continue
            for z in subsets(n for n in graph.nodes if n not in (t, y)):
                valid = is_valid_adjustment(graph, t, y, z)
                assert valid == (set(z) in wanted)
                assert not valid or valid_in_dag(dag, t, y, z)
            assert found.valid == bool(wanted)
            if wanted:
                assert len(found.minimal) == len(wanted[0])
                assert set(found.minimal) in wanted
                assert set(found.all_allowed) in wanted
    assert {("valid", True), ("not_amenable", True), ("no_valid_set", False)} <= seen


def test_marks_of_selection_are_refused_not_guessed() -> None:
    graph = Graph("pag", ("a", "b"), (Edge("a", "b", "tail", "tail"),))
    assert not is_valid(graph)
    with pytest.raises(KnowledgeError, match="a --- b") as caught:
        d_separated(graph, "a", "b")
    assert "selection" in caught.value.hint


def test_a_pag_that_is_not_maximal_is_named() -> None:
    """Richardson & Spirtes (2002), figure 3: c and d are joined by an inducing path."""
    reason = is_valid(from_dagitty("mag { c <-> a <-> b <-> d  a -> d  b -> c }")).reason
    assert "nothing separates" in reason
