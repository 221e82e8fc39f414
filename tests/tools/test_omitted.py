"""Bounds of omitted variables: the line's closed form where the world is a line, and the truth inside."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.refutation.checks.omitted import bias_scale, omitted_variable_bound
from tests.tools.refuting import WEIGHTS, built, draw, sigmoid

NOISE = 0.06
"""Relative: a variance from 4000 draws has a standard error of .022; the scale multiplies two roots of such."""


def test_scale_is_residual_spread_over_treatment_spread_where_shares_are_even() -> None:
    g = np.random.default_rng(1)
    T = g.integers(0, 2, 4000).astype(float)
    Y = 2 * T + 3 * g.normal(size=4000)
    flat = ArmNuisances(np.zeros(4000), np.full(4000, 2.0), np.full(4000, 0.5), np.full(4000, 0.5))
    for quantity in ("ATE", "ATT", "ATC"):
        assert bias_scale(Y, T, flat, quantity) == pytest.approx(3 / 0.5, rel=NOISE)


def test_wrong_shares_never_make_the_scale_larger_than_right_ones() -> None:
    """The debiased moment is the right one less the square of what the shares are off by (Chernozhukov et al. 2022)."""
    g = np.random.default_rng(3)
    T = g.integers(0, 2, 4000).astype(float)
    Y = 2 * T + 3 * g.normal(size=4000)
    for share in (0.3, 0.7):
        wrong = ArmNuisances(
            np.zeros(4000), np.full(4000, 2.0), np.full(4000, 1 - share), np.full(4000, share)
        )
        off = 0.5 * (1 / share - 2) ** 2 + 0.5 * (1 / (1 - share) - 2) ** 2
        assert bias_scale(Y, T, wrong, "ATE") == pytest.approx(3 * (4 - off) ** 0.5, rel=NOISE)


def test_the_bound_holds_the_bias_of_a_real_omission() -> None:
    """Leave out a cause of known strength: the estimate moves by less than the bound for that strength."""
    g = np.random.default_rng(2)
    u, x = g.normal(size=(2, 20000))
    e = sigmoid(0.5 * u + 0.3 * x)
    T = (g.random(20000) < e).astype(float)
    Y = T + 0.5 * u + x + g.normal(size=20000)
    A = np.column_stack([np.ones(20000), T, x])
    short = float(np.linalg.lstsq(A, Y, rcond=None)[0][1])
    line = A @ np.linalg.lstsq(A, Y, rcond=None)[0]
    share = sigmoid(0.3 * x)  # close to the propensity without u
    fit = ArmNuisances(line - short * T, line + short * (1 - T), 1 - share, share)
    whole = np.column_stack([A, u])
    rss = [float(((Y - Z @ np.linalg.lstsq(Z, Y, rcond=None)[0]) ** 2).sum()) for Z in (A, whole)]
    explained_y = 1 - rss[1] / rss[0]
    # Share of the representer's variance that u explains: one less the ratio of the two second moments.
    explained_t = 1 - (1 / (share * (1 - share))).mean() / (1 / (e * (1 - e))).mean()
    bound = bias_scale(Y, T, fit, "ATE") * (explained_y * explained_t / (1 - explained_t)) ** 0.5
    assert 0 < short - 1 < bound
    assert bound < 3 * (short - 1)


def test_it_warns_where_a_cause_like_the_strongest_control_could_cancel_the_effect() -> None:
    (strong,) = omitted_variable_bound(built(draw(1, effect=3.0)))
    (weak,) = omitted_variable_bound(built(draw(1, effect=0.1)))
    assert (strong.status, weak.status) == ("pass", "warn")
    assert "x0" in strong.detail  # the largest of ``WEIGHTS``
    assert WEIGHTS.argmax() == 0
