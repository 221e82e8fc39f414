"""Structure questions against listings of paths, of class members, and of DAGs behind a PAG."""

from __future__ import annotations

import random

import pytest

from causalcopilot.errors import UsageError
from causalcopilot.graph import evidence
from causalcopilot.graph.dagitty import from_dagitty
from causalcopilot.graph.equivalence import cpdag_of, meek_closure, members
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.pags import pag_of
from causalcopilot.graph.relations import Relation, colliders, confounders, direct_cause, mediators
from tests.graph.brute import descendants, is_causal, paths, random_dag, roles

ASK = {"confounders": confounders, "colliders": colliders, "mediators": mediators}


def case(seed: int, size: int, latents: int = 0) -> tuple[Graph, str, str]:
    rng = random.Random(seed)
    dag = random_dag(seed, size, 0.25 + 0.35 * rng.random(), latents)
    a, b = rng.sample(dag.observed, 2)
    return dag, a, b


def summed(yes: list[bool]) -> str:
    return "yes" if all(yes) else "uncertain" if any(yes) else "no"


@pytest.mark.parametrize("question", list(ASK))
@pytest.mark.parametrize("seed", range(60))
def test_dags(seed: int, question: str) -> None:
    dag, a, b = case(seed, 6, seed % 2)
    truth = roles(dag, a, b)[question]
    found = ASK[question](dag, a, b)
    assert set(found.names) == truth
    assert found.answer == ("yes" if truth else "no")
    assert bool(found.path) == bool(truth)


@pytest.mark.parametrize("work", [evidence.WORK, 0])
@pytest.mark.parametrize("seed", range(60))
def test_cpdags_exactly_by_listing_and_soundly_by_bounds(
    seed: int, work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "WORK", work)
    dag, a, b = case(seed, 5 + seed % 2)
    graph = cpdag_of(dag)
    if seed % 3 == 0:
        graph = meek_closure(graph, required=[(e.source, e.target) for e in dag.edges[:2]])
    dags = members(graph)
    assert direct_cause(graph, a, b).answer == summed([_arrow(d, a, b) for d in dags])
    for question, ask in ASK.items():
        each = [roles(d, a, b)[question] for d in dags]
        found, truth = ask(graph, a, b), summed([bool(names) for names in each])
        assert found.answer in ({truth} if work else {truth, "uncertain"})
        assert set(found.names) <= set.intersection(*each)
        assert set.union(*each) <= {*found.names, *found.possible}
        assert found.answer == "no" or found.path


def _arrow(dag: Graph, a: str, b: str) -> bool:
    return any((e.source, e.target) == (a, b) for e in dag.edges)


@pytest.mark.parametrize("seed", range(150))
def test_pags_never_say_what_the_dag_behind_denies(seed: int) -> None:
    dag, a, b = case(seed, 6 + seed % 3, 1 + seed % 3)
    pag = pag_of(dag)
    truth = roles(dag, a, b)
    truth["colliders"] &= set(pag.nodes)
    truth["mediators"] &= set(pag.nodes)
    for question in ("confounders", "mediators"):
        found = ASK[question](pag, a, b)
        assert found.answer in {"uncertain", "yes" if truth[question] else "no"}
        assert set(found.names) <= truth[question]
    common = colliders(pag, a, b)
    assert common.answer != "no" or not truth["colliders"]
    for c in common.names:  # a common effect, or at least a node that causes neither
        assert c in truth["colliders"] or not {a, b} & descendants(dag, c)
    ways = [p for p in paths(dag, a, b) if is_causal(p) and all(e.target in dag.latents for e in p[:-1])]
    assert direct_cause(pag, a, b).answer in {"uncertain", "yes" if ways else "no"}


@pytest.mark.parametrize(
    ("text", "answer", "path"),
    [
        ("dag { a -> b }", "yes", "a --> b"),
        ("dag { b -> a }", "no", "a <-- b"),
        ("dag { a -> m -> b }", "no", "a --> m --> b"),
        ("dag { a  b }", "no", ""),
        ("dag { a <-> b }", "no", "a <-> b"),
        ("pdag { a -- b }", "uncertain", "a --- b"),
        ("pag { a @-> b }", "uncertain", "a o-> b"),
        ("pag { a @-@ b }", "uncertain", "a o-o b"),
        ("pag { a <-@ b }", "no", "a <-o b"),
        ("pag { p @-> a <-> b <-@ q }", "no", "a <-> b"),
        ("pag { p @-> a -> b  q @-> a }", "yes", "a --> b"),
    ],
)
def test_direct_cause(text: str, answer: str, path: str) -> None:
    found = direct_cause(from_dagitty(text), "a", "b")
    assert (found.answer, " ".join(found.path)) == (answer, path)


def test_an_inducing_path_makes_a_direct_cause_uncertain() -> None:
    """a causes b through c only, but the latent behind c and b keeps a and b joined in the MAG."""
    dag = from_dagitty("dag { u [latent] a -> c -> b  u -> {c b} }")
    found = direct_cause(pag_of(dag), "a", "b")
    assert found.answer == "uncertain"


def test_confounders_name_the_nearest_and_the_hidden() -> None:
    dag = from_dagitty("dag { far -> c -> {t y} u [latent] u -> {t y} t -> y }")
    found = confounders(dag, "t", "y")
    assert found == Relation("yes", ("c", "u"), (), ("t", "<--", "c", "-->", "y"))
    arc = confounders(from_dagitty("dag { c -> t  c <-> d  d -> y }"), "t", "y")
    assert arc == Relation("yes", (), (), ("t", "<--", "c", "<->", "d", "-->", "y"))
    hidden = confounders(from_dagitty("pag { p @-> t <-> y <-@ q }"), "t", "y")
    assert (hidden.answer, hidden.path) == ("yes", ("t", "<->", "y"))


def test_a_visible_edge_rules_a_hidden_confounder_out() -> None:
    assert confounders(from_dagitty("pag { p @-> a <-@ q  a -> b }"), "a", "b").answer == "no"
    assert confounders(from_dagitty("pag { p @-> b  a @-> b }"), "a", "b").answer == "uncertain"


def test_colliders_and_mediators() -> None:
    dag = from_dagitty("dag { a -> m -> c  b -> c -> d  a -> e -> b }")
    assert colliders(dag, "a", "b") == Relation("yes", ("c",), (), ("a", "-->", "m", "-->", "c", "<--", "b"))
    assert mediators(dag, "a", "b") == Relation("yes", ("e",), (), ("a", "-->", "e", "-->", "b"))
    arcs = colliders(from_dagitty("dag { a <-> c <-> b }"), "a", "b")
    assert (arcs.answer, arcs.path) == ("yes", ("a", "<->", "c", "<->", "b"))
    marks = colliders(from_dagitty("pag { a @-> c <-@ b }"), "a", "b")
    assert (marks.answer, marks.names, marks.path) == ("yes", ("c",), ("a", "o->", "c", "<-o", "b"))


def test_lagged_direct_causes() -> None:
    graph = Graph("lagged", ("a", "b"), (Edge("a", "b", lag=2), Edge("b", "b", lag=1)))
    assert direct_cause(graph, "a", "b") == Relation("yes", path=("a[t-2]", "-->", "b"))
    assert direct_cause(graph, "b", "a").answer == "no"


def test_wrong_questions_are_refused() -> None:
    dag = from_dagitty("dag { a -> b }")
    for ask in (direct_cause, *ASK.values()):
        with pytest.raises(UsageError, match="twice"):
            ask(dag, "a", "a")
        with pytest.raises(UsageError, match="no node"):
            ask(dag, "a", "c")
