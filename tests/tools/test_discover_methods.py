"""The searches a user may ask for by name: against their libraries, against known graphs, and in what they refuse."""

from __future__ import annotations

from importlib import import_module
from itertools import product
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.graph.equivalence import is_valid
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery import rules
from causalcopilot_tools.discovery.core.boss import bic, boss
from causalcopilot_tools.discovery.core.exact import exact
from causalcopilot_tools.discovery.core.moments import Moments, moments
from causalcopilot_tools.discovery.core.orient import is_acyclic
from causalcopilot_tools.discovery.core.pc import Limits
from causalcopilot_tools.discovery.discover import Method, discover
from causalcopilot_tools.discovery.quiet import quiet
from tests.tools.framed import case
from tests.tools.simulated import Bools, Floats, frame_of, linear, random_dag

SCORE = 1e-6
"""Two sums of the same logarithms in another order, of size 1e4."""
ROWS = 1500
DAG = random_dag(7, 2.5, np.random.default_rng(3))
SKEWED = frame_of(linear(DAG, ROWS, np.random.default_rng(4), "exponential"))
SITE = np.array(["north", "south", "west"])[np.random.default_rng(5).integers(0, 3, ROWS)]
TRUE = {(f"v{i}", f"v{j}") for i, j in np.argwhere(DAG)}
METHODS = [m for m in get_args(Method) if m not in ("auto", "dagma")]
NON_GAUSSIAN = ("direct_lingam", "ica_lingam", "rcd", "multi_group_lingam")


def run(
    frame: pd.DataFrame, method: str, knowledge: Knowledge | None = None, **arguments: Any
) -> DiscoverResult:
    if method in rules.NEEDS_DOMAIN:
        arguments.setdefault("domain", "site")
        frame = frame if "site" in frame else frame.assign(site=SITE[: len(frame)])
    result = discover(case(frame, knowledge), method=method, **arguments)
    assert isinstance(result, DiscoverResult)
    return result


def graph(result: DiscoverResult) -> Graph:
    return result.graphs[0].graph


def arrows(result: DiscoverResult) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in graph(result).edges if e.directed}


def moments_of(x: Floats) -> Moments:
    return moments(x, tuple(np.array([j]) for j in range(x.shape[1])))


# --- what holds for every search ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", get_args(Method)[1:])
def test_every_method_has_a_card(method: str) -> None:
    card = import_module(f"causalcopilot_tools.discovery.{method}").CARD
    assert isinstance(card, Card)
    assert card.assumes
    assert card.data
    assert card.cost
    assert card.source


@pytest.mark.parametrize("method", METHODS)
def test_answers_are_valid_seeded_and_blind_to_column_order(method: str) -> None:
    rng = np.random.default_rng(11)
    frame = frame_of(linear(random_dag(6, 3, rng), 300, rng, "exponential"))
    moved = frame[[f"v{i}" for i in rng.permutation(6)]].rename(columns=lambda c: f"w{c}")
    first, again, second = (graph(run(f, method)) for f in (frame, frame, moved))
    assert first == again
    assert is_valid(first)
    one = {frozenset(((e.source, e.source_mark), (e.target, e.target_mark))) for e in first.edges}
    two = {
        frozenset(((e.source.lstrip("w"), e.source_mark), (e.target.lstrip("w"), e.target_mark)))
        for e in second.edges
    }
    assert one == two


@pytest.mark.parametrize("method", METHODS)
def test_noise_gives_a_valid_graph_of_few_edges(method: str) -> None:
    frame = frame_of(np.random.default_rng(1).uniform(-1, 1, (300, 5)))
    g = graph(run(frame, method))
    assert is_valid(g)
    assert len(g.edges) <= 3


@pytest.mark.parametrize("method", METHODS)
def test_knowledge_is_kept_or_refused_by_name(method: str) -> None:
    cause, effect = min(TRUE)
    known = Knowledge(
        columns=(ColumnKnowledge(cause, tier=2), ColumnKnowledge(effect, tier=1)), origin="file"
    )
    if method not in rules.TAKES_KNOWLEDGE:
        with pytest.raises(NotApplicable, match=f"{method} takes no knowledge"):
            run(SKEWED, method, known)
        return
    r = run(SKEWED, method, known)
    assert r.fact("knowledge.violations").value == 0
    assert (cause, effect) not in arrows(r)


@pytest.mark.parametrize(
    "method", ["ges", "ica_lingam", "rcd", "multi_group_lingam", "grasp", "direct_lingam"]
)
def test_a_category_among_numbers_is_refused_by_name(method: str) -> None:
    frame = SKEWED.assign(kind=np.array(["x", "y", "z"])[np.arange(ROWS) % 3])
    with pytest.raises(NotApplicable, match=r"numbers.*(kind is a category)?"):
        run(frame, method)


@pytest.mark.parametrize(
    ("method", "columns"), [("ges", 41), ("exact", 21), ("rcd", 13), ("ica_lingam", 151)]
)
def test_too_many_columns_are_refused_by_name(method: str, columns: int) -> None:
    frame = frame_of(np.random.default_rng(0).standard_normal((400, columns)))
    with pytest.raises(NotApplicable, match=f"{method} takes at most {columns - 1} columns"):
        run(frame, method)


# --- GES ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
def test_ges_finds_what_causal_learn_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x = linear(random_dag(7, 2, rng), 1000, rng)
    with quiet():
        from causallearn.search.ScoreBased.GES import ges

        learned = ges(x, lambda_value=1.0)["G"].graph
    theirs = {frozenset((f"v{i}", f"v{j}")) for i, j in np.argwhere(learned != 0)}
    r = run(frame_of(x), "ges")
    assert {frozenset((e.source, e.target)) for e in graph(r).edges} == theirs
    assert dict(r.graphs[0].params)["penalty"] == 1.0


def test_ges_scores_categories_by_bdeu() -> None:
    rng = np.random.default_rng(2)
    a = rng.integers(0, 3, 1500)
    b = np.where(rng.random(1500) < 0.6, a, rng.integers(0, 3, 1500))
    c = np.where(rng.random(1500) < 0.6, b, rng.integers(0, 3, 1500))
    frame = pd.DataFrame({k: np.array(list("xyz"))[v] for k, v in (("a", a), ("b", b), ("c", c))})
    r = run(frame, "ges")
    assert {f"{e.source}{e.target}" for e in graph(r).edges} <= {"ab", "ba", "bc", "cb"}
    assert len(graph(r).edges) == 2
    assert dict(r.graphs[0].params)["score"] == "bdeu"


# --- exact --------------------------------------------------------------------------------------------------------


def every_dag(p: int) -> list[Bools]:
    cells = [(i, j) for i in range(p) for j in range(p) if i != j]
    out = []
    for bits in product((False, True), repeat=len(cells)):
        dag = np.zeros((p, p), bool)
        for (i, j), bit in zip(cells, bits, strict=True):
            dag[i, j] = bit
        if is_acyclic(dag):
            out.append(dag)
    return out


def test_exact_finds_the_best_of_all_graphs_with_and_without_limits() -> None:
    rng = np.random.default_rng(6)
    m = moments_of(linear(random_dag(4, 2.4, rng), 200, rng))
    dags = every_dag(4)
    assert len(dags) == 543
    scores = np.array([bic(m, d) for d in dags])
    assert abs(exact(m).score - scores.max()) < SCORE
    forbidden, required = np.zeros((4, 4), bool), np.zeros((4, 4), bool)
    forbidden[0, 1:] = True
    required[3, 2] = True
    allowed = [not (d & forbidden).any() and bool(d[3, 2]) for d in dags]
    bound = exact(m, 1.0, Limits(forbidden, required))
    assert abs(bound.score - scores[allowed].max()) < SCORE
    assert bound.dag[3, 2]
    assert not bound.dag[0].any()


def test_exact_keeps_an_order_through_columns_without_a_tier() -> None:
    """x -> m -> y in the data; y is known to come before x, so no way may lead from x to y."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal(800)
    m = x + rng.standard_normal(800)
    y = m + rng.standard_normal(800)
    ordered = np.zeros((3, 3), bool)
    ordered[0, 2] = True
    found = exact(
        moments_of(np.column_stack([x, m, y])), 1.0, Limits(ordered, np.zeros((3, 3), bool), ordered)
    )
    assert not (found.dag[0, 1] and found.dag[1, 2])
    assert is_acyclic(found.dag | ordered.T)


@pytest.mark.parametrize("seed", range(3))
def test_exact_agrees_with_causal_learns_search(seed: int) -> None:
    rng = np.random.default_rng([seed, 8])
    x = linear(random_dag(6, 3, rng), 500, rng)
    with quiet():
        from causallearn.search.ScoreBased.ExactSearch import bic_exact_search

        theirs = bic_exact_search(x, search_method="dp")[0].astype(bool)
    m = moments_of(x)
    ours = exact(m, 0.5)
    assert abs(ours.score - bic(m, theirs, 0.5)) < SCORE
    assert ((ours.dag | ours.dag.T) == (theirs | theirs.T)).all()


@pytest.mark.parametrize("seed", range(4))
def test_no_search_scores_above_exact(seed: int) -> None:
    rng = np.random.default_rng([seed, 9])
    m = moments_of(linear(random_dag(9, 4, rng), 300, rng))
    assert boss(m, 0, 10).score <= exact(m).score + SCORE


def test_exact_says_when_no_graph_keeps_the_knowledge() -> None:
    """An order against a chain of required edges; the plain contradiction is found earlier."""
    known = Knowledge(
        columns=(ColumnKnowledge("v0", tier=2), ColumnKnowledge("v1", tier=1)),
        required=(("v0", "v2"), ("v2", "v1")),
        origin="file",
    )
    with pytest.raises(KnowledgeError):
        run(SKEWED, "exact", known)


# --- LiNGAM -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", NON_GAUSSIAN)
def test_non_gaussian_searches_find_the_graph(method: str) -> None:
    """One missed or reversed edge is allowed: RCD sees 500 rows, ICA's pruning keeps a weak edge now and then."""
    r = run(SKEWED, method)
    assert len(arrows(r) ^ TRUE) <= 1
    assert "site" not in graph(r).nodes


def test_ica_lingam_is_lingams() -> None:
    from lingam import ICALiNGAM

    x = SKEWED.to_numpy()
    with quiet():
        b = ICALiNGAM(random_state=0, max_iter=2000).fit((x - x.mean(0)) / x.std(0)).adjacency_matrix_
    assert arrows(run(SKEWED, "ica_lingam")) == {(f"v{j}", f"v{i}") for i, j in np.argwhere(b != 0)}


@pytest.mark.parametrize("seed", range(3))
def test_rcd_draws_what_lingam_finds(seed: int) -> None:
    """u -> x, u -> y with u unmeasured, and z -> x, y -> w: lingam writes NaN where we draw two arrowheads."""
    rng = np.random.default_rng([12, seed])
    u, x, y, z, w = rng.uniform(-1, 1, (5, 400))
    x, y = x + 1.5 * u + z, y + 1.5 * u
    frame = pd.DataFrame({"v0": x, "v1": y, "v2": z, "v3": w + 1.5 * y})
    r = run(frame, "rcd", latents=True)
    assert graph(r).kind == "admg"
    from lingam import RCD

    with quiet():
        b = RCD().fit(((frame - frame.mean()) / frame.std(ddof=0)).to_numpy()).adjacency_matrix_
    assert arrows(r) == {(f"v{j}", f"v{i}") for i, j in np.argwhere((b != 0) & ~np.isnan(b))}
    both = {frozenset((e.source, e.target)) for e in graph(r).edges if e.symbol == "<->"}
    assert both == {frozenset((f"v{i}", f"v{j}")) for i, j in np.argwhere(np.isnan(b))}
    assert frozenset(("v0", "v1")) in both


def test_groups_share_an_order_though_their_strengths_differ() -> None:
    rng = np.random.default_rng(13)
    site = rng.integers(0, 3, 1500)
    a = rng.exponential(1, 1500)
    b = np.array([-1.5, 0.8, 1.2])[site] * a + rng.exponential(1, 1500)
    c = np.array([0.9, 0.9, -1.4])[site] * b + rng.exponential(1, 1500)
    frame = pd.DataFrame({"a": a, "b": b, "c": c, "site": site})
    r = run(frame, "multi_group_lingam")
    assert arrows(r) == {("a", "b"), ("b", "c")}
    assert any("site gave the 3 groups" in n for n in r.notes)
    with pytest.raises(NotApplicable, match="needs a column that tells the domain"):
        discover(case(frame[["a", "b", "c"]]), method="multi_group_lingam")


def test_gaussian_noise_makes_ica_lingam_say_so_or_stay_quiet_about_it() -> None:
    """FastICA on Gaussian columns does not settle within a few steps; the note must then be there."""
    from causalcopilot_tools.discovery import ica_lingam

    before = ica_lingam.ITERATIONS
    frame = frame_of(linear(DAG, 300, np.random.default_rng(2)))
    ica_lingam.ITERATIONS = 2
    try:
        assert any("did not settle" in n for n in run(frame, "ica_lingam").notes)
    finally:
        ica_lingam.ITERATIONS = before


# --- the optional one ---------------------------------------------------------------------------------------------


def test_dagma_is_refused_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "dagma", None)
    monkeypatch.setitem(sys.modules, "dagma.linear", None)
    with pytest.raises(NotApplicable, match="dagma is not installed") as refused:
        run(SKEWED, "dagma")
    assert refused.value.hint == "pip install 'causalcopilot[continuous]'"


def test_dagma_learns_a_valid_graph_that_keeps_what_is_forbidden() -> None:
    pytest.importorskip("dagma.linear")
    chain = np.zeros((4, 4), bool)
    chain[0, 1] = chain[1, 2] = chain[2, 3] = True
    frame = frame_of(linear(chain, 2000, np.random.default_rng(3)))
    r = run(frame, "dagma")
    assert is_valid(graph(r))
    assert run(frame, "dagma") == r
    known = Knowledge(forbidden=(("v0", "v1"),), origin="file")
    kept = run(frame, "dagma", known)
    assert kept.fact("knowledge.violations").value == 0
    with pytest.raises(NotApplicable, match="cannot promise required edges"):
        run(frame, "dagma", Knowledge(required=(("v0", "v1"),), origin="file"))
