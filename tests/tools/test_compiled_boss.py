"""Compiled BOSS: scores against the NumPy core, blocks, limits, seeds, and growing arrays."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot_tools.discovery.core import compiled_boss
from causalcopilot_tools.discovery.core.boss import bic, boss
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray, Moments, moments
from causalcopilot_tools.discovery.core.orient import class_of, is_acyclic
from causalcopilot_tools.discovery.core.pc import Limits

SCORE = 1e-6
"""Largest difference between two sums of the same log determinants (scores are near 1e4)."""


def dag(p: int, degree: float, rng: np.random.Generator) -> BoolArray:
    order = rng.permutation(p)
    upper = np.triu(rng.random((p, p)) < degree / (p - 1), 1)
    out = np.zeros((p, p), bool)
    out[np.ix_(order, order)] = upper
    return out


def table(a: BoolArray, n: int, rng: np.random.Generator) -> FloatArray:
    """Linear Gaussian rows, every column standardised on the way."""
    x = np.zeros((n, len(a)))
    done: list[int] = []
    while len(done) < len(a):
        for j in range(len(a)):
            if j not in done and all(i in done for i in np.flatnonzero(a[:, j])):
                w = rng.uniform(0.4, 1.2, len(a)) * rng.choice([-1, 1], len(a)) * a[:, j]
                v = x @ w + rng.standard_normal(n)
                x[:, j] = (v - v.mean()) / v.std()
                done.append(j)
    return x


def singles(p: int) -> tuple[IntArray, ...]:
    return tuple(np.array([i]) for i in range(p))


def sample(p: int, n: int, seed: int) -> tuple[BoolArray, Moments]:
    rng = np.random.default_rng(seed)
    a = dag(p, 3, rng)
    return a, moments(table(a, n, rng), singles(p))


@pytest.mark.parametrize("seed", range(6))
def test_score_is_that_of_the_plain_core_and_of_its_own_graph(seed: int) -> None:
    _, m = sample(12, 1000, seed)
    fast, plain = compiled_boss.boss(m, seed, 5), boss(m, seed, 5)
    assert fast.score == pytest.approx(bic(m, fast.dag), abs=SCORE)
    assert fast.score >= plain.score - SCORE
    assert (fast.arrows == class_of(fast.dag)).all()


def test_truth_scores_no_better_than_what_was_found() -> None:
    a, m = sample(15, 3000, 11)
    found = compiled_boss.boss(m, 0, 5)
    assert found.score >= bic(m, a) - SCORE


def test_one_seed_one_answer_and_starts_never_lower_the_score() -> None:
    _, m = sample(20, 400, 3)
    one, again, more = (compiled_boss.boss(m, 7, s) for s in (1, 1, 6))
    assert (one.dag == again.dag).all()
    assert one.scores == again.scores
    assert more.score >= one.score - SCORE
    assert len(more.scores) == 6


def test_arrays_grow_without_changing_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    _, m = sample(20, 2000, 5)
    wide = compiled_boss.boss(m, 1, 2)
    monkeypatch.setattr(compiled_boss, "CHILDREN_PER_VARIABLE", 1)
    narrow = compiled_boss.boss(m, 1, 2)
    assert (wide.dag == narrow.dag).all()
    assert wide.scores == narrow.scores


def test_blocks_score_as_in_the_plain_core() -> None:
    rng = np.random.default_rng(2)
    a = dag(8, 2.5, rng)
    x = table(a, 1500, rng)
    columns: list[FloatArray] = []
    blocks: list[IntArray] = []
    for j in range(8):
        cut = np.digitize(x[:, j], [-0.6, 0.5])
        part = np.column_stack([cut == 1, cut == 2]).astype(float) if j % 2 else x[:, [j]]
        at = sum(c.shape[1] for c in columns)
        blocks.append(np.arange(at, at + part.shape[1]))
        columns.append(part)
    m = moments(np.hstack(columns), tuple(blocks))
    fast, plain = compiled_boss.boss(m, 4, 5), boss(m, 4, 5)
    assert fast.score == pytest.approx(bic(m, fast.dag), abs=SCORE)
    assert fast.score >= plain.score - SCORE
    assert (fast.arrows == plain.arrows).all()


@pytest.mark.parametrize("seed", range(4))
def test_forbidden_and_required_edges_are_kept(seed: int) -> None:
    _, m = sample(10, 800, seed)
    rng = np.random.default_rng(seed)
    order = rng.permutation(10)
    tier = np.empty(10, int)
    tier[order] = np.arange(10) // 4
    forbidden = tier[:, None] > tier[None, :]
    required = np.zeros((10, 10), bool)
    required[order[0], order[9]] = required[order[4], order[8]] = True
    found = compiled_boss.boss(m, seed, 3, limits=Limits(forbidden, required))
    assert is_acyclic(found.dag)
    assert not (found.dag & forbidden).any()
    assert found.dag[required].all()
    assert found.arrows[required].all()
    across = found.dag & (tier[:, None] < tier[None, :])
    assert found.arrows[across].all()
    assert found.score == pytest.approx(bic(m, found.dag), abs=SCORE)


def test_true_tiers_raise_no_score_above_the_free_search() -> None:
    a, m = sample(12, 3000, 8)
    reach = a.copy()
    for _ in range(12):
        reach |= (reach.astype(int) @ a.astype(int)) > 0
    tied = compiled_boss.boss(m, 0, 5, limits=Limits(reach.T.copy(), np.zeros_like(a)))
    free = compiled_boss.boss(m, 0, 5)
    assert tied.score <= free.score + SCORE
    assert not (tied.dag & reach.T).any()
    assert tied.score >= bic(m, a) - SCORE


def test_no_start_is_refused() -> None:
    _, m = sample(5, 100, 0)
    with pytest.raises(ValueError, match="at least one start"):
        compiled_boss.boss(m, 0, 0)
