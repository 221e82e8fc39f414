"""Compiled PC: the plain core's answers, causal-learn's matrix in ``endpoints``, validity, and order."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causalcopilot_tools.discovery import boss as boss_search
from causalcopilot_tools.discovery import confidence
from causalcopilot_tools.discovery import pc as pc_search
from causalcopilot_tools.discovery.core import compiled_pc
from causalcopilot_tools.discovery.core.citest import GaussianTest
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, moments
from causalcopilot_tools.discovery.core.orient import class_of, is_acyclic, meek
from causalcopilot_tools.discovery.core.pc import Limits, pc
from causalcopilot_tools.discovery.core.resample import resampled
from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.prepared import Prepared
from tests.tools.causal_learn_pc import endpoints

ROUNDING = 1e-9
"""Between a matrix inverse and rank-one updates of correlations; p-values are of order one."""
KINDS = ["gaussian", "skewed", "curved", "codes", "mixed"]


def table(kind: str, p: int, n: int, seed: int) -> FloatArray:
    """Rows of a random graph of degree three, columns shuffled."""
    rng = np.random.default_rng([seed, p, KINDS.index(kind)])
    a = np.triu(rng.random((p, p)) < 3 / (p - 1), 1)
    x = np.zeros((n, p))
    for j in range(p):
        w = a[:, j] * rng.uniform(0.4, 1.2, p) * rng.choice([-1, 1], p)
        noise = rng.exponential(size=n) if kind == "skewed" else rng.standard_normal(n)
        v = (np.tanh(2 * x) if kind == "curved" else x) @ w + noise
        v = (v - v.mean()) / v.std()
        x[:, j] = np.digitize(v, [-0.7, 0.4]) if kind == "codes" or (kind == "mixed" and j % 2) else v
    return np.ascontiguousarray(x[:, rng.permutation(p)])


def prepared(x: FloatArray, names: tuple[str, ...] = ()) -> Prepared:
    p = x.shape[1]
    names = names or tuple(f"v{i}" for i in range(p))
    return Prepared(names, ("continuous",) * p, x, tuple(np.array([i]) for i in range(p)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("p", "n"), [(6, 100), (12, 800)])
def test_compat_gives_the_matrix_of_causal_learn(kind: str, p: int, n: int) -> None:
    from causallearn.search.ConstraintBased.PC import pc as reference

    x = table(kind, p, n, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = reference(x, 0.05, "fisherz", show_progress=False).G.graph
    assert (endpoints(np.asarray(np.corrcoef(x.T)), n, 0.05) == theirs).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("limited", [False, True])
def test_answers_are_those_of_the_plain_core(kind: str, limited: bool) -> None:
    p = 14
    x = table(kind, p, 600, 2)
    m = moments(x, tuple(np.array([i]) for i in range(p)))
    limits = Limits.none(p)
    if limited:
        limits.forbidden[8:, :8] = True  # two tiers
        limits.forbidden[0, 1] = limits.forbidden[1, 0] = True
        limits.required[2, 9] = True
    fast, plain = compiled_pc.pc(m.correlation, m.rows, 0.05, limits), pc(GaussianTest(m), 0.05, limits)
    assert (fast.arrows == plain.arrows).all()
    assert (fast.adjacent == plain.adjacent).all()
    assert fast.skeleton.depth == plain.skeleton.depth
    assert np.abs(fast.skeleton.p_value - plain.skeleton.p_value)[~np.eye(p, dtype=bool)].max() < ROUNDING
    assert fast.dropped == plain.dropped


def test_depth_is_limited_and_few_rows_do_not_fail() -> None:
    m = moments(table("gaussian", 10, 14, 3), tuple(np.array([i]) for i in range(10)))
    assert compiled_pc.pc(m.correlation, m.rows, 0.05, max_depth=1).skeleton.depth <= 1
    assert is_acyclic(compiled_pc.pc(m.correlation, m.rows, 0.2).arrows)


def valid(adjacent: BoolArray, arrows: BoolArray) -> bool:
    """A CPDAG: the class of one of its own members, closed under the rules."""
    from causalcopilot_tools.discovery.core.orient import least_contradicted, unshielded

    evidence = {(a, b, c): 1.0 if arrows[a, b] and arrows[c, b] else -1.0 for a, b, c in unshielded(adjacent)}
    member = least_contradicted(adjacent, evidence, arrows)
    return is_acyclic(member) and bool(
        (class_of(member) == arrows).all() and (meek(adjacent, arrows) == arrows).all()
    )


@pytest.mark.parametrize("search", [pc_search, boss_search])
def test_always_valid_and_the_same_when_columns_move_and_are_renamed(search: Any) -> None:
    for seed in range(8):
        x = table(KINDS[seed % 5], 24, 300, seed)
        order = np.random.default_rng(seed).permutation(24)
        found = search.search(prepared(x), Constraints(), Settings(alpha=0.05))
        moved = search.search(
            prepared(x[:, order], tuple(f"renamed {i * 7 % 24}" for i in range(24))),
            Constraints(),
            Settings(alpha=0.05),
        )
        assert (moved.marks == found.marks[np.ix_(order, order)]).all()
        assert valid(found.marks > 0, found.marks == 2)


def test_resamples_are_the_rows_drawn() -> None:
    x = table("gaussian", 5, 200, 4)
    blocks = tuple(np.array([i]) for i in range(5))
    made = list(resampled(x, blocks, 9, 3))
    for m, child in zip(made, np.random.SeedSequence(9).spawn(3), strict=True):
        rows = np.random.default_rng(child).integers(0, 200, 200)
        assert np.abs(m.correlation - np.corrcoef(x[rows].T)).max() < ROUNDING


@pytest.mark.parametrize("search", [pc_search, boss_search])
def test_bootstrap_on_moments_counts_what_the_row_by_row_one_counts(search: Any) -> None:
    data, settings = prepared(table("gaussian", 8, 300, 5)), Settings(alpha=0.05, seed=3)
    fast = confidence.bootstrap(
        search.search,
        data,
        Constraints(),
        settings,
        80,
        search.on_moments,
    )
    slow = confidence.bootstrap(search.search, data, Constraints(), settings, 80)
    assert fast.done == slow.done == 80
    # a resample's columns sort in another order row by row, so ties may fall otherwise in one of eighty
    assert np.abs(fast.marks - slow.marks).max() <= 2 / 80


def test_compiles_where_only_the_users_cache_can_be_written(tmp_path: Path) -> None:
    """A package folder that cannot be written, stood in for by numba's own variable."""
    code = (
        "from causalcopilot_tools.discovery.core.compiled_orient import unshielded; import numpy as np;"
        "print(len(unshielded(np.array([[0,1,0],[1,0,1],[0,1,0]], dtype=bool))))"
    )
    for _ in range(2):
        out = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert out.stdout.split() == ["1"]
    assert list(tmp_path.rglob("*.nbc"))


def test_importing_the_tools_does_not_load_numba() -> None:
    code = (
        "import sys, causalcopilot_tools.discovery.discover, causalcopilot_tools.discovery.pc;"
        "print('numba' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.split() == ["False"]
