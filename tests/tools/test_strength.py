"""How strong a hidden cause must be: closed forms against published values, and one fit against its refits."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot_tools.refutation import strength
from causalcopilot_tools.refutation.checks import sensitivity as sens
from causalcopilot_tools.refutation.ols import fit_line, slope
from tests.tools.refuting import built, draw

PRINTED = 0.0005
"""Published figures are printed to three or four digits."""
EXACT = 1e-8
"""Two algebraically equal formulas, up to rounding."""


# --- closed forms against published values ----------------------------------------------------------------


def test_robustness_value_of_the_darfur_study() -> None:
    """Cinelli and Hazlett (2020), table 1: t = 4.18 with 783 degrees of freedom, RV 13.9 %, at 5 % 7.6 %."""
    assert strength.robustness_value(4.18, 783) == pytest.approx(0.139, abs=PRINTED)
    critical = 1.963  # t quantile .975 with 782 degrees of freedom
    assert strength.robustness_value(4.18, 783, critical) == pytest.approx(0.076, abs=PRINTED)
    assert strength.robustness_value(1.0, 783, critical) == 0.0


def test_bound_of_the_darfur_study() -> None:
    """The same table: a hidden cause like ``female`` (R² .9 % and 12.5 %) moves .0973 to .0752 (se .0233)."""
    moved = 0.09732 - 0.02326 * 783**0.5 * strength.bias_factor(0.009164, 0.12464)
    assert moved == pytest.approx(0.0752, abs=PRINTED)


def test_benchmark_formula_of_the_darfur_study() -> None:
    """``female`` itself has partial R² .0091 and .1090; as strong a hidden cause has .0092 and .1246."""
    made = strength.benchmark("female", 0.009081, 0.10897)
    assert made.factor == pytest.approx(strength.bias_factor(0.009164, 0.12464), rel=0.002)


def test_robustness_value_solves_its_definition() -> None:
    r = strength.robustness(0.3)
    assert strength.bias_factor(r, r) == pytest.approx(0.3, abs=EXACT)


def test_e_values_of_vanderweele_and_ding() -> None:
    """Their worked example: risk ratio 3.9 (1.8 to 8.7) has E-values 7.26 and 3.0."""
    assert strength.e_value(3.9) == pytest.approx(7.26, abs=0.005)
    assert strength.e_value_limit(1.8, 8.7) == pytest.approx(3.0, abs=0.005)
    assert strength.e_value(1 / 3.9) == pytest.approx(7.26, abs=0.005)
    assert strength.e_value_limit(0.8, 1.3) == 1.0
    assert strength.e_value_limit(1 / 8.7, 1 / 1.8) == pytest.approx(3.0, abs=0.005)  # the end nearer to one
    assert strength.e_value(1.0) == 1.0


# --- one least-squares fit and everything that follows ----------------------------------------------------


def test_leave_one_out_quantities_equal_refits() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(30, 3))
    T = X @ [0.5, 0.2, 0.0] + rng.normal(size=30)
    Y = T + X @ [1.0, -0.5, 0.0] + rng.normal(size=30)
    line = fit_line(X, T, Y, ("a", "a", "b"))  # 30 rows: too few for squares
    assert line.names == ("a", "b")
    assert line.value == pytest.approx(slope(X, T, Y), abs=EXACT)
    assert line.without == pytest.approx((slope(X[:, 2:], T, Y), slope(X[:, :2], T, Y)), abs=EXACT)

    def rss(target: np.ndarray, *columns: np.ndarray) -> float:
        Z = np.column_stack([np.ones(30), *columns])
        return float(((target - Z @ np.linalg.lstsq(Z, target, rcond=None)[0]) ** 2).sum())

    assert line.outcome[0] == pytest.approx(1 - rss(Y, T, X) / rss(Y, T, X[:, 2:]), abs=EXACT)
    assert line.treatment[0] == pytest.approx(1 - rss(T, X) / rss(T, X[:, 2:]), abs=EXACT)


def test_robustness_from_the_interval_is_the_classical_one_for_a_line() -> None:
    m = built(draw(2))
    figures = sens.measure(m)
    classical = strength.robustness_value(m.line.value / m.line.std_error, m.line.dof)
    # The spread of the treatment's residual uses one degree of freedom more: a difference of order 1/n.
    assert figures.robustness_value == pytest.approx(classical, rel=3 / m.prepared.n)


def test_collinear_and_no_controls_do_not_break_the_line() -> None:
    rng = np.random.default_rng(3)
    x, T = rng.normal(size=200), rng.normal(size=200)
    twice = fit_line(np.column_stack([x, 2 * x]), T, T + x, ("a", "b"))
    assert twice.value == pytest.approx(1.0, abs=1e-6)
    assert fit_line(np.empty((200, 0)), T, 2 * T, ()).value == pytest.approx(2.0, abs=EXACT)
