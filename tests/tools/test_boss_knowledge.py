"""BOSS with knowledge: both cores keep it, the class is the maximally oriented one, and no column order matters."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.graph.equivalence import cpdag_of, meek_closure
from causalcopilot.graph.graph import Graph
from causalcopilot_tools.discovery.core import compiled_boss
from causalcopilot_tools.discovery.core.boss import BossResult, bic, boss
from causalcopilot_tools.discovery.core.moments import BoolArray, Moments, moments
from causalcopilot_tools.discovery.core.orient import is_acyclic
from causalcopilot_tools.discovery.core.pc import Limits
from causalcopilot_tools.discovery.discover import discover
from tests.tools.framed import case
from tests.tools.simulated import causal_order, frame_of, linear, random_dag

SCORE = 1e-6
"""Largest difference between two sums of the same log determinants (scores are near 1e4)."""
P = 10
CORES = (boss, compiled_boss.boss)


def sample(seed: int, rows: int = 800) -> tuple[BoolArray, Moments]:
    rng = np.random.default_rng([seed, 31])
    dag = random_dag(P, 3, rng)
    return dag, moments(linear(dag, rows, rng), tuple(np.array([i]) for i in range(P)))


def some(seed: int) -> Limits:
    """Tiers that are mostly wrong, one variable in none, two forbidden and two required edges, at random."""
    rng = np.random.default_rng([seed, 32])
    place = rng.permutation(P)
    tier = place // 4
    ordered = tier[:, None] > tier[None, :]
    ordered[place == P - 1] = ordered[:, place == P - 1] = False
    forbidden, required = ordered.copy(), np.zeros((P, P), bool)
    at = np.argsort(place)
    forbidden[at[0], at[1]] = forbidden[at[5], at[8]] = forbidden[at[8], at[5]] = True
    required[at[0], at[6]] = required[at[2], at[3]] = True
    return Limits(forbidden, required, ordered)


def reach(dag: BoolArray) -> BoolArray:
    out = dag.copy()
    for _ in range(len(dag)):
        out |= (out.astype(int) @ dag.astype(int)) > 0
    return out


def closed(dag: BoolArray, limits: Limits) -> BoolArray:
    """Arrows of the maximally oriented graph, by the code for graphs that are given."""
    names = tuple(f"v{i}" for i in range(P))
    arrows = [(names[i], names[j]) for i, j in np.argwhere(dag)]
    near = dag | dag.T
    graph = meek_closure(
        cpdag_of(Graph.from_arrows("dag", names, arrows)),
        [(names[i], names[j]) for i, j in np.argwhere(limits.required & near)],
        [(names[i], names[j]) for i, j in np.argwhere(limits.forbidden & near)],
    )
    out = np.zeros((P, P), bool)
    for e in graph.edges:
        if e.directed:
            a, b = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
            out[int(a[1:]), int(b[1:])] = True
    return out


def check(found: BossResult, m: Moments, limits: Limits) -> None:
    assert limits.ordered is not None
    assert is_acyclic(found.dag)
    assert not (found.dag & limits.forbidden).any()
    assert not (reach(found.dag) & limits.ordered).any()
    assert found.dag[limits.required].all()
    assert (found.arrows == closed(found.dag, limits)).all()
    assert found.score == pytest.approx(bic(m, found.dag), abs=SCORE)


@pytest.mark.parametrize("seed", range(8))
def test_both_cores_keep_knowledge_and_agree(seed: int) -> None:
    _, m = sample(seed)
    limits = some(seed)
    plain, fast = (core(m, seed, 8, limits=limits) for core in CORES)
    check(plain, m, limits)
    check(fast, m, limits)
    assert fast.score >= plain.score - SCORE


def test_order_holds_over_a_variable_that_has_none() -> None:
    """The data say late -> free -> early, with colliders that fix it; the knowledge says late is late."""
    rng = np.random.default_rng(5)
    dag = np.zeros((5, 5), bool)
    dag[0, 1] = dag[1, 2] = dag[3, 1] = dag[4, 2] = True
    m = moments(linear(dag, 5000, rng), tuple(np.array([i]) for i in range(5)))
    ordered = np.zeros((5, 5), bool)
    ordered[0, 2] = True
    for core in CORES:
        assert reach(core(m, 0, 3).arrows)[0, 2]
        assert not reach(core(m, 0, 3, limits=Limits(ordered, np.zeros((5, 5), bool), ordered)).dag)[0, 2]


@pytest.mark.parametrize("kind", ["narrow", "wide"])
def test_no_column_order_changes_what_the_tool_learns(kind: str) -> None:
    p = P if kind == "narrow" else 24
    rng = np.random.default_rng([p, 33])
    dag = random_dag(p, 3, rng)
    frame = frame_of(linear(dag, 400, rng))
    tier = {f"v{v}": i * 3 // p for i, v in enumerate(causal_order(dag))}
    order = rng.permutation(p)
    names = {f"v{v}": f"c{i}" for i, v in enumerate(order)}
    graphs = []
    for table, called in (
        (frame, {n: n for n in names}),
        (frame.iloc[:, order].rename(columns=names), names),
    ):
        known = Knowledge(columns=tuple(ColumnKnowledge(called[n], tier=t) for n, t in tier.items()))
        result = discover(case(table, known), method="boss")
        assert result.fact("knowledge.violations").value == 0
        back = {c: n for n, c in called.items()}
        graphs.append(
            {
                frozenset(((back[e.source], e.source_mark), (back[e.target], e.target_mark)))
                for e in result.graphs[0].graph.edges
            }
        )
    assert graphs[0] == graphs[1]


def test_true_tiers_improve_directions() -> None:
    """Ten graphs: of the arrows of the truth, more are drawn with tiers than without, and fewer wrong ones."""
    right, wrong = {True: 0, False: 0}, {True: 0, False: 0}
    for seed in range(10):
        dag, m = sample(seed, 500)
        place = np.argsort(causal_order(dag))
        ordered = (place[:, None] // 4) > (place[None, :] // 4)
        for known in (True, False):
            limits = Limits(ordered, np.zeros((P, P), bool), ordered) if known else None
            arrows = boss(m, seed, 5, limits=limits).arrows
            right[known] += int((arrows & dag).sum())
            wrong[known] += int((arrows & ~dag).sum())
    assert right[True] > right[False]
    assert wrong[True] <= wrong[False]
