"""The searches on arrays, against oracles, causal-learn and exhaustive truth."""

from __future__ import annotations

import random
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from causalcopilot.graph.equivalence import cpdag_of, is_valid
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.pags import pag_of
from causalcopilot.graph.separation import d_separated
from causalcopilot_tools.discovery.core.boss import boss
from causalcopilot_tools.discovery.core.citest import GaussianTest
from causalcopilot_tools.discovery.core.fci import fci
from causalcopilot_tools.discovery.core.moments import FloatArray, IntArray, Moments, moments
from causalcopilot_tools.discovery.core.orient import (
    class_of,
    find_cycle,
    is_acyclic,
    least_contradicted,
    unshielded,
)
from causalcopilot_tools.discovery.core.pc import Limits, pc
from causalcopilot_tools.discovery.found import Found, from_arrows, to_graph
from tests.tools.simulated import causal_order, linear, random_dag

P_VALUE_TOLERANCE = 1e-9  # the same formula on the same matrix, in double precision
NULL_DRAWS, NULL_SLACK = 400, 0.033  # three simulation errors of a level of 5 %
SCORE_TOLERANCE = 1e-6  # of a BIC of a few thousand; rounding only
EM_TOLERANCE = 0.03  # two standard errors of a correlation at 5,000 rows, 2 / sqrt(5000)


class Oracle:
    """A test that reads independence off a graph."""

    def __init__(self, graph: Graph, names: tuple[str, ...]) -> None:
        self.graph, self.names, self.variables = graph, names, len(names)

    def p_values(self, x: int, y: int, sets: IntArray) -> FloatArray:
        name = self.names
        apart = [d_separated(self.graph, name[x], name[y], [name[i] for i in s]) for s in sets]
        return np.array(apart, dtype=float)


def drawn(graph: Graph) -> set[str]:
    return {str(e if e.source < e.target else e.flipped()) for e in graph.edges}


def names(count: int) -> tuple[str, ...]:
    return tuple(f"v{i}" for i in range(count))


def scalars(x: FloatArray) -> Moments:
    return moments(x, tuple(np.array([i]) for i in range(x.shape[1])))


@pytest.mark.parametrize("seed", range(12))
def test_pc_with_an_oracle_returns_the_cpdag(seed: int) -> None:
    dag = random_dag(8, 3, np.random.default_rng(seed))
    truth = Graph.from_arrows("dag", names(8), [(f"v{i}", f"v{j}") for i, j in np.argwhere(dag)])
    r = pc(Oracle(truth, names(8)), 0.5)
    learned = to_graph(Found("pc", "cpdag", from_arrows(r.skeleton.adjacent, r.arrows)), names(8))
    assert drawn(learned) == drawn(cpdag_of(truth))


@pytest.mark.parametrize("seed", range(12))
def test_fci_with_an_oracle_returns_the_pag(seed: int) -> None:
    """Ten nodes, three of them hidden: the marks equal those of the true class, tails included."""
    dag = random_dag(10, 3.5, np.random.default_rng([seed, 1]))
    every = names(10)
    arrows = [(f"v{i}", f"v{j}") for i, j in np.argwhere(dag)]
    truth = Graph.from_arrows("dag", every, arrows, every[7:])
    r = fci(Oracle(truth, every[:7]), 0.5)
    assert drawn(to_graph(Found("fci", "pag", r.marks), every[:7])) == drawn(pag_of(truth))


@pytest.mark.parametrize(("p", "n", "seed"), [(8, 300, 0), (12, 2000, 1), (15, 1000, 2), (15, 5000, 3)])
def test_pc_finds_causal_learns_skeleton(p: int, n: int, seed: int) -> None:
    from causallearn.search.ConstraintBased.PC import pc as reference

    rng = np.random.default_rng(seed)
    x = linear(random_dag(p, 3, rng), n, rng)
    theirs = reference(x, 0.01, "fisherz", show_progress=False).G.graph != 0
    ours = pc(GaussianTest(scalars(x)), 0.01).skeleton.adjacent
    assert (ours == theirs).all()


def test_the_test_between_categories_holds_its_level_with_few_rows_and_many_columns_held() -> None:
    """Without Bartlett's factor a null of forty rows and ten held columns is rejected three times too often."""
    rng, rows, held = np.random.default_rng(8), 40, 10
    blocks = (np.arange(3), np.array([3]), *(np.array([4 + i]) for i in range(held)))
    given = np.arange(2, 2 + held)[None, :]
    rejected = []
    for _ in range(NULL_DRAWS):
        group = np.eye(4)[rng.integers(0, 4, rows)][:, 1:]
        x = np.column_stack([group, rng.normal(size=(rows, 1 + held))])
        rejected.append(GaussianTest(moments(x, blocks)).p_values(0, 1, given)[0] < 0.05)
    assert abs(np.mean(rejected) - 0.05) < NULL_SLACK


def test_fisher_z_equals_causal_learns() -> None:
    from causallearn.utils.cit import CIT

    rng = np.random.default_rng(3)
    x = linear(random_dag(6, 3, rng), 200, rng)
    theirs, ours = CIT(x, "fisherz"), GaussianTest(scalars(x))
    for a, b in combinations(range(6), 2):
        for size in range(4):
            for s in combinations([v for v in range(6) if v not in (a, b)], size):
                p = ours.p_values(a, b, np.array([s], dtype=np.int64).reshape(1, size))[0]
                assert p == pytest.approx(theirs(a, b, s), abs=P_VALUE_TOLERANCE)


def test_block_test_holds_its_level() -> None:
    """300 independent pairs of a 3-level category and a number: rejections at 5 % within 3 standard errors."""
    rejected = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        level = rng.integers(0, 3, 200)
        x = np.column_stack([level == 1, level == 2, rng.standard_normal(200)]).astype(float)
        m = moments(x, (np.array([0, 1]), np.array([2])))
        rejected += GaussianTest(m).p_values(0, 1, np.empty((1, 0), np.int64))[0] < 0.05
    assert abs(rejected / 300 - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 300)


@pytest.mark.parametrize("seed", range(4))
def test_boss_scores_no_worse_than_causal_learns(seed: int) -> None:
    from causallearn.search.PermutationBased.BOSS import boss as reference

    rng = np.random.default_rng([seed, 2])
    x = linear(random_dag(12, 3, rng), 500, rng)
    m = scalars(x)
    random.seed(seed)
    learned = reference(x, parameters={"lambda_value": 1}, verbose=False).graph
    theirs = least_contradicted(learned != 0, evidence_of(learned), (learned == -1) & (learned.T == 1))
    ours = boss(m, seed)
    assert ours.score >= score_of(m, theirs) - SCORE_TOLERANCE
    assert ours.score == pytest.approx(score_of(m, ours.dag), abs=SCORE_TOLERANCE)


def evidence_of(learned: IntArray) -> dict[tuple[int, int, int], float]:
    """A CPDAG's own colliders and non-colliders as evidence."""
    arrow = (learned == -1) & (learned.T == 1)
    return {(a, m, c): 1.0 if arrow[a, m] and arrow[c, m] else -1.0 for a, m, c in unshielded(learned != 0)}


def score_of(m: Moments, dag: np.ndarray) -> float:
    """BIC with penalty 1, written independently of the search: residual variances by regression."""
    total = 0.0
    for y in range(len(dag)):
        causes = np.flatnonzero(dag[:, y])
        r = m.correlation
        rest = (
            1 - r[y, causes] @ np.linalg.solve(r[np.ix_(causes, causes)], r[causes, y])
            if len(causes)
            else 1.0
        )
        total += -0.5 * m.rows * np.log(rest) - np.log(m.rows) * len(causes)
    return float(total)


def test_boss_finds_the_best_of_all_graphs_on_four_columns() -> None:
    """Against every DAG of four nodes: the score is the global optimum."""
    rng = np.random.default_rng(5)
    x = linear(random_dag(4, 2, rng), 300, rng)
    m = scalars(x)
    best = max(score_of(m, d) for d in all_dags(4))
    assert boss(m, 0).score == pytest.approx(best, abs=SCORE_TOLERANCE)


def all_dags(p: int) -> list[np.ndarray]:
    pairs = list(combinations(range(p), 2))
    out = []
    for order in permutations(range(p)):
        for bits in range(2 ** len(pairs)):
            dag = np.zeros((p, p), bool)
            for k, (i, j) in enumerate(pairs):
                dag[order[i], order[j]] = bits >> k & 1
            out.append(dag)
    return out


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 9), st.floats(0.2, 0.9))
def test_any_evidence_gives_a_valid_class(seed: int, p: int, density: float) -> None:
    """Random skeleton, random and contradictory evidence, random fixed arrows: the result is always a class of DAGs."""
    rng = np.random.default_rng(seed)
    skeleton = np.triu(rng.random((p, p)) < density, 1)
    skeleton |= skeleton.T
    evidence = {t: float(rng.normal()) for t in unshielded(skeleton)}
    fixed = np.triu(skeleton) & (rng.random((p, p)) < 0.2)
    dag = least_contradicted(skeleton, evidence, fixed)
    assert is_acyclic(dag)
    assert ((dag | dag.T) == skeleton).all()
    assert not (fixed & ~dag).any()
    graph = to_graph(Found("x", "cpdag", from_arrows(skeleton, class_of(dag, fixed))), names(p))
    assert is_valid(graph)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_evidence_of_a_dag_is_kept_exactly(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dag = random_dag(8, 3, rng)
    skeleton = dag | dag.T
    evidence = {(a, m, c): 1.0 if dag[a, m] and dag[c, m] else -1.0 for a, m, c in unshielded(skeleton)}
    found = least_contradicted(skeleton, evidence, np.zeros_like(dag))
    assert (class_of(found) == class_of(dag)).all()


def test_cycle_is_found_and_named_in_order() -> None:
    arrows = np.zeros((5, 5), bool)
    arrows[0, 1] = arrows[1, 2] = arrows[2, 0] = arrows[3, 0] = arrows[2, 4] = True
    cycle = find_cycle(arrows)
    assert sorted(cycle) == [0, 1, 2]
    assert all(arrows[a, b] for a, b in zip(cycle, [*cycle[1:], cycle[0]], strict=True))
    assert not is_acyclic(arrows)
    arrows[2, 0] = False
    assert find_cycle(arrows) == []


def test_limits_that_would_make_a_cycle_cost_the_weakest_adjacency() -> None:
    rng = np.random.default_rng(0)
    u = rng.standard_normal(2000)
    x = np.column_stack([u + s * rng.standard_normal(2000) for s in (0.5, 0.5, 2.0)])
    forbidden = np.zeros((3, 3), bool)
    forbidden[1, 0] = forbidden[2, 1] = forbidden[0, 2] = True  # only 0 -> 1 -> 2 -> 0 is left
    r = pc(GaussianTest(scalars(x)), 0.01, Limits(forbidden, np.zeros((3, 3), bool)))
    assert len(r.dropped) == 1
    assert is_acyclic(r.arrows)
    assert not (r.arrows & forbidden).any()


@pytest.mark.parametrize("mechanism", ["mcar", "mar"])
def test_em_recovers_the_correlations_of_the_complete_data(mechanism: str) -> None:
    """MAR: cells of the others go missing where the first column is high, which biases the complete rows."""
    rng = np.random.default_rng(8)
    x = linear(random_dag(5, 3, rng), 5000, rng)
    holes = rng.random(x.shape) < 0.2
    if mechanism == "mar":
        holes = (x[:, [0]] > 0.5) & (rng.random(x.shape) < 0.6)
    holes[:, 0] = False
    gappy = np.where(holes, np.nan, x)
    full, part = scalars(x).correlation, scalars(gappy)
    assert part.how == "em"
    assert np.abs(part.correlation - full).max() < EM_TOLERANCE
    assert part.pairs[1, 2] < 5000


def test_order_of_the_test_data() -> None:
    """The simulator itself: causes come before effects."""
    dag = random_dag(9, 4, np.random.default_rng(1))
    order = causal_order(dag)
    assert all(order.index(i) < order.index(j) for i, j in np.argwhere(dag))
