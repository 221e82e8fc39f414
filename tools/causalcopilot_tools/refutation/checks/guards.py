"""Guards that say what they saw in numbers: columns that restate treatment or outcome, and a reversal by adjustment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.refutation.checks import sensitivity
from causalcopilot_tools.refutation.material import EXACT, Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESTATES_WARN, RESTATES_FAIL = 0.90, 0.98
"""Squared correlation of one control with treatment or outcome; measured causes of anything rarely reach the first."""
STRATA = 4


def leakage(m: Material) -> tuple[Check, ...]:
    """Does one control, or the treatment itself, nearly restate the outcome (or a control the treatment)?

    The outcome may then have been used to build the column, or the column be made from the outcome.  The statistic
    is the largest squared correlation.
    """
    p, rows = m.prepared, m.rows
    found = [(_squared(p.T[rows], p.Y[rows]), f"the treatment {p.treatment}", f"the outcome {p.outcome}")]
    for j, name in enumerate(p.names):
        x = p.X[rows, j]
        found.append((_squared(x, p.Y[rows]), f"the control {name}", f"the outcome {p.outcome}"))
        found.append((_squared(x, p.T[rows]), f"the control {name}", f"the treatment {p.treatment}"))
    strength, column, end = max(found, key=lambda f: f[0])
    status: CheckStatus = "pass"
    if strength > RESTATES_WARN:
        known = (
            m.identification.status == "identified"
        )  # a person vouches: an earlier value may be this close
        status = "fail" if strength > RESTATES_FAIL and not known else "warn"
    told = f"the closest pair is {column} and {end}, which share {strength:.1%} of their variance"
    if status != "pass":
        told += "; one may have been made from the other"
    return (Check("leakage", "diagnostic", status, strength, RESTATES_FAIL, True, told),)


def computed_outcome(m: Material) -> tuple[Check, ...]:
    """Is the outcome made from treatment and controls, so that the number tells a formula and no effect?

    The statistic is the share of the outcome's spread that a line with squares leaves.
    """
    name, left = "computed_outcome", m.line.spread_y / m.spread if m.spread > 0 else 1.0
    if not m.determined:
        told = f"treatment and controls leave {left:.1%} of the spread of {m.prepared.outcome}"
        return (Check(name, "diagnostic", "pass", left, EXACT, True, told),)
    told = (
        f"{m.prepared.outcome} follows exactly from {m.treatment} and {', '.join(m.line.names)} in every row, as if it "
        "was computed from them: the number tells that formula, and hidden causes have no place in it"
    )
    return (Check(name, "diagnostic", "fail", left, EXACT, True, told),)


def _squared(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    import numpy as np

    a, b = a - a.mean(), b - b.mean()
    scale = float(a @ a) * float(b @ b)
    return float(np.dot(a, b)) ** 2 / scale if scale > 0 else 0.0


def simpson(m: Material) -> tuple[Check, ...]:
    """Does adjustment turn the sign of the plain difference, with both intervals clear of zero?

    It decides nothing: a reversal is what adjustment is for, where the controls are right.  It is told because a
    reader who saw the plain difference will ask.
    """
    raw = next((e for e in m.result.estimates if e.quantity == "association"), None)
    e = m.primary
    if raw is None or None in (raw.low, raw.high, raw.value, e.low, e.high, e.value):
        return (
            Check(
                "simpson_reversal", "diagnostic", "skipped", None, None, False, "there is no plain difference"
            ),
        )
    sides = [_side(raw.low, raw.high), _side(e.low, e.high)]
    turned = sides[0] * sides[1] < 0
    told = f"the plain difference is {raw.value:.3g}, the adjusted effect {e.value:.3g}"
    told += "; the sign turns, see the table by strata" if turned else "; the sign does not turn"
    return (Check("simpson_reversal", "diagnostic", "info", float(turned), None, False, told),)


def _side(low: float | None, high: float | None) -> int:
    return 1 if (low or 0.0) > 0 else -1 if (high or 0.0) < 0 else 0


def strata(m: Material) -> Table | None:
    """Means of both arms within strata of the strongest control, where the sign turns; for two arms only."""
    import numpy as np

    if m.continuous or simpson(m)[0].statistic != 1.0:
        return None
    known = sensitivity.benchmarks(m)
    if not known:
        return None
    p, rows = m.prepared, m.rows
    column = next(j for j, s in enumerate(p.sources) if s == known[0].name)
    x, t, y = p.X[rows, column], p.T[rows], p.Y[rows]
    levels = np.unique(x)
    edges = levels if len(levels) <= STRATA else np.unique(np.quantile(x, np.linspace(0, 1, STRATA + 1)))[:-1]
    group = np.searchsorted(edges, x, side="right") - 1
    made = [
        _row(f"{known[0].name} from {edges[k]:.3g}", t[group == k], y[group == k]) for k in range(len(edges))
    ]
    made.append(_row("all rows", t, y))
    heads = ("stratum", "rows treated", "rows control", "mean treated", "mean control", "difference")
    title = f"The sign of the plain difference turns: means by strata of {known[0].name}"
    return Table("simpson", title, heads, tuple(made))


def _row(name: str, t: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[str | int | float | None, ...]:
    one, zero = y[t == 1], y[t == 0]
    if not len(one) or not len(zero):
        return name, len(one), len(zero), None, None, None
    high, low = float(one.mean()), float(zero.mean())
    return name, len(one), len(zero), high, low, high - low
