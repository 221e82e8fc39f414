"""FCI begun at BOSS: exact on a population's correlations, valid and the same whatever the order on samples."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.graph.equivalence import is_valid
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.pags import pag_of
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.core.boss import boss
from causalcopilot_tools.discovery.core.boss_fci import boss_fci
from causalcopilot_tools.discovery.core.compiled_district import log_determinant as of_district
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, Moments
from causalcopilot_tools.discovery.core.ricf import log_determinant
from causalcopilot_tools.discovery.discover import discover
from causalcopilot_tools.discovery.found import Found, to_graph
from tests.tools.framed import case
from tests.tools.simulated import frame_of, linear, random_dag

POPULATION = (
    1e9  # rows claimed for an exact correlation: any effect above 1e-3 is then seen by test and score
)
FIT_TOLERANCE = 1e-6  # of a log determinant; fitting stops at changes of 1e-7
SEEN, ALL = 6, 8


def implied(dag: BoolArray, rng: np.random.Generator) -> FloatArray:
    """Correlations of a linear model on the graph, weights between .5 and 1.2."""
    p = len(dag)
    weights = dag * rng.uniform(0.5, 1.2, (p, p)) * rng.choice([-1, 1], (p, p))
    total = np.linalg.inv(np.eye(p) - weights)
    covariance = total.T @ total
    spread = np.sqrt(np.diag(covariance))
    out: FloatArray = covariance / np.outer(spread, spread)
    return out


def drawn(graph: Graph) -> set[str]:
    return {str(e if e.source < e.target else e.flipped()) for e in graph.edges}


@pytest.mark.parametrize("seed", range(40))
def test_population_correlations_give_the_pag(seed: int) -> None:
    """Eight nodes, two of them hidden: every mark of the true class."""
    rng = np.random.default_rng([seed, 71])
    dag = random_dag(ALL, 2.5, rng)
    names = tuple(f"v{i}" for i in range(ALL))
    hidden = rng.permutation(ALL)[SEEN:]
    kept = [i for i in range(ALL) if i not in hidden]
    arrows = [(names[i], names[j]) for i, j in np.argwhere(dag)]
    truth = Graph.from_arrows("dag", names, arrows, tuple(names[i] for i in hidden))
    r = implied(dag, rng)[np.ix_(kept, kept)]
    m = Moments(r, tuple(np.array([i]) for i in range(SEEN)), np.full((SEEN, SEEN), POPULATION), POPULATION)
    learned = boss_fci(m, boss(m, 0, 10).dag, 0.01)
    seen = tuple(names[i] for i in kept)
    assert not learned.contested  # each rival needs an edge more
    assert drawn(to_graph(Found("fci", "pag", learned.marks), seen)) == drawn(pag_of(truth))


def test_fit_of_a_bow_free_path_is_the_likelihood_it_has() -> None:
    """x --> a <-> b <-- y fits the correlations it implies: the log determinants agree."""
    effects, noise = np.zeros((4, 4)), np.eye(4)
    effects[1, 0], effects[2, 3] = 0.8, -0.6
    noise[1, 2] = noise[2, 1] = 0.5
    total = np.linalg.inv(np.eye(4) - effects)
    covariance = total @ noise @ total.T
    spread = np.sqrt(np.diag(covariance))
    r: FloatArray = covariance / np.outer(spread, spread)
    arcs = np.zeros((4, 4), bool)
    arcs[1, 2] = arcs[2, 1] = True
    fitted = log_determinant(r, effects.T != 0, arcs)
    assert fitted == pytest.approx(np.linalg.slogdet(r)[1], abs=FIT_TOLERANCE)
    columns, causes = np.array([1, 2, 0, 3]), np.zeros((2, 4), bool)
    causes[0, 2] = causes[1, 3] = True
    together = of_district(r, columns, causes, arcs[1:3, 1:3], FIT_TOLERANCE)
    assert together == pytest.approx(fitted, abs=FIT_TOLERANCE)  # x and y alone have variance one


def test_district_fit_agrees_with_the_fit_of_the_whole_graph() -> None:
    """A sample's correlations and a graph that does not fit them: five siblings in a ring, three with causes."""
    rng = np.random.default_rng(8)
    sources = rng.standard_normal((60, 8))
    x = sources @ (np.eye(8) + 0.3 * rng.standard_normal((8, 8)))
    r = np.asarray(np.corrcoef(x, rowvar=False), np.float64)
    arrows, arcs = np.zeros((8, 8), bool), np.zeros((8, 8), bool)
    for v in range(5):
        arcs[v, (v + 1) % 5] = arcs[(v + 1) % 5, v] = True
    arrows[5, 0] = arrows[6, 0] = arrows[6, 1] = arrows[7, 2] = True
    whole = log_determinant(r, arrows, arcs)
    ring = of_district(r, np.array([0, 1, 2, 3, 4, 5, 6, 7]), arrows[:, :5].T.copy(), arcs[:5, :5], 1e-9)
    assert ring == pytest.approx(whole, abs=1e-4)  # the whole graph's fit stops at changes of 1e-7


def test_cause_is_claimed_only_where_a_hidden_one_is_clearly_worse() -> None:
    """i --> a <-- c, a --> b: the tail at a is drawn where i and c reach b clearly, and left open where they do not."""
    shown = {}
    for size in (0.15, 0.5):
        i, c, noise_a, noise_b = np.random.default_rng(3).standard_normal((4, 2000))
        a = size * (i + c) + noise_a
        found = discover(case(frame_of(np.column_stack([i, a, 0.6 * a + noise_b, c]))), method="fci")
        shown[size] = found.graphs[0].graph.between("v1", "v2")[0].symbol
        assert isinstance(found, DiscoverResult)
        assert any("left open" in n for n in found.notes) == (size == 0.15)
    assert shown == {0.15: "o->", 0.5: "-->"}


def test_arrowhead_stands_only_where_a_graph_of_a_cause_is_clearly_worse() -> None:
    """i --> a <-> b <-- c: where i hardly moves a, the graph of a --> b fits nearly as well, and both heads at a go."""
    shown = {}
    for size in (0.15, 0.5):
        i, c, u, noise_a, noise_b = np.random.default_rng(3).standard_normal((5, 2000))
        a, b = size * i + 0.8 * u + noise_a, 0.5 * c + 0.8 * u + noise_b
        found = discover(case(frame_of(np.column_stack([i, a, b, c]))), method="fci")
        shown[size] = drawn(found.graphs[0].graph)
        assert isinstance(found, DiscoverResult)
        assert any("left open where" in n for n in found.notes) == (size == 0.15)
    assert shown == {
        0.15: {"v0 o-o v1", "v1 o-> v2", "v2 <-o v3"},
        0.5: {"v0 o-> v1", "v1 <-> v2", "v2 <-o v3"},
    }


@pytest.mark.parametrize("seed", range(8))
def test_samples_give_a_valid_pag_in_any_column_order(seed: int) -> None:
    rng = np.random.default_rng([seed, 72])
    frame = frame_of(linear(random_dag(11, 3, rng), 400, rng)).iloc[:, :8]
    first = discover(case(frame), method="fci").graphs[0].graph
    assert is_valid(first)
    order = rng.permutation(8)
    moved = frame.iloc[:, order]
    names = {n: f"c{i}" for i, n in enumerate(moved.columns)}
    second = discover(case(moved.rename(columns=names)), method="fci").graphs[0].graph
    assert {frozenset(((e.source, e.source_mark), (e.target, e.target_mark))) for e in second.edges} == {
        frozenset(((names[e.source], e.source_mark), (names[e.target], e.target_mark))) for e in first.edges
    }
