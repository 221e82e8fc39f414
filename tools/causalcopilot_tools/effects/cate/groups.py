"""Effects in subgroups of rows, with intervals that hold for all of them together.

The critical value is that of the largest absolute t statistic over all groups, from the correlation of their
influence values (Montiel Olea & Plagborg-Møller 2019), so that one interval of the whole table misses its
truth as rarely as a single interval would.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.cate.projection import wald
from causalcopilot_tools.effects.cate.scores import Scores, average
from causalcopilot_tools.effects.folds import generator
from causalcopilot_tools.effects.intervals import normal_quantile, t_quantile

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FEWEST = 20
"""Rows that each arm of a subgroup needs to be shown; below, its interval is not what it says."""
TERCILES = 3
MANY = 6
"""A number with at least this many values is cut into terciles; with fewer, each value is a level."""
MAX_LEVELS = 8
OTHER = "other levels"
DRAWS = 20_000
"""Draws for the critical value: its own error is then below 0.01."""


@dataclass(frozen=True)
class Effects:
    """Effects of g groups.

    Attributes:
        values, errors: (g,) effects and standard errors.
        covariance: (g, g) of the effects.
        critical: half-width of the joint intervals in standard errors.
        degrees: degrees of freedom, or ``None`` for the normal reading.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    covariance: NDArray[np.float64]
    critical: float
    degrees: float | None


_PLAIN = r"-?\d[\d.]*(?:e[-+]?\d+)?"
_AT = re.compile(
    rf"(?P<word>above|up to|from|below) (?P<at>{_PLAIN})|from (?P<low>{_PLAIN}) to (?P<high>{_PLAIN})"
)


def cut_at(v: NDArray[np.float64], where: str) -> list[tuple[str, NDArray[np.bool_]]]:
    """Names and (n,) rows of the parts that a bound makes (``above 50``, ``from 30 to 50``); empty for other words."""
    m = _AT.fullmatch(where)
    if m is None:
        return []
    if m["low"]:
        low, high = float(m["low"]), float(m["high"])
        return [
            (f"below {m['low']}", v < low),
            (where, (v >= low) & (v <= high)),
            (f"above {m['high']}", v > high),
        ]
    at = float(m["at"])
    if m["word"] in ("above", "up to"):
        return [(f"up to {m['at']}", v <= at), (f"above {m['at']}", v > at)]
    return [(f"below {m['at']}", v < at), (f"from {m['at']}", v >= at)]


def cut(values: pd.Series, nominal: bool, where: str = "") -> list[tuple[str, NDArray[np.bool_]]]:
    """Names and (n,) rows of a column's levels, or of its terciles where it is a number of many values.

    Args:
        values: n values, none missing.
        nominal: whether numbers are only names.
        where: the group asked for; bounds of a number (``above 50``) are cut there.
    """
    import numpy as np
    import pandas as pd

    from causalcopilot_tools.effects.design_matrix import level_text

    if pd.api.types.is_datetime64_any_dtype(values):
        days = values.dt.normalize()
        parts = cut(days.astype("int64"), nominal=False)
        return [(f"{days[m].min():%Y-%m-%d} to {days[m].max():%Y-%m-%d}", m) for _, m in parts]
    number = pd.api.types.is_numeric_dtype(values) and not nominal
    if number and (parts := cut_at(values.to_numpy(dtype=float), where)):
        return parts
    if number and values.nunique() >= MANY:
        v = values.to_numpy(dtype=float)
        inner = np.unique(np.quantile(v, np.arange(1, TERCILES) / TERCILES))
        place = np.searchsorted(inner, v, side="left")
        masks = [place == i for i in range(len(inner) + 1)]
        return [(f"{short(v[m].min())} to {short(v[m].max())}", m) for m in masks if m.any()]
    text = np.array([str(level_text(x)) for x in values], dtype=object)
    names, counts = np.unique(text.astype(str), return_counts=True)
    order = np.lexsort((names, -counts))
    own = [str(names[i]) for i in order[:MAX_LEVELS]]
    shown = sorted(own, key=float) if number else sorted(own)
    masks = [(name, np.asarray(text == name)) for name in shown]
    rest = ~np.isin(text.astype(str), own)
    return [*masks, (OTHER, rest)] if rest.any() else masks


def short(value: float) -> str:
    """A bound of a group as people write it: four digits, or all of a large number's."""
    return f"{value:.0f}" if abs(value) >= 1e4 else f"{value:.4g}"


def effects(
    scores: Scores, rows: Sequence[NDArray[np.bool_]], level: float, seed: int, degrees: float | None = None
) -> Effects:
    """Effects of groups, which may overlap, with one critical value for all."""
    import numpy as np

    found = [average(scores, m) for m in rows]
    psi = np.column_stack([e.influence for e in found])
    if scores.clusters is not None:
        _, code = np.unique(scores.clusters, return_inverse=True)
        sums = np.zeros((int(code.max()) + 1, psi.shape[1]))
        np.add.at(sums, code, psi)
        psi = sums
    covariance = psi.T @ psi
    errors = np.array([e.std_error for e in found])
    scale = np.sqrt(np.clip(np.diag(covariance), 1e-300, None))
    R = covariance / np.outer(scale, scale)
    return Effects(
        np.array([e.value for e in found]),
        errors,
        R * np.outer(errors, errors),
        critical_value(R, level, seed, degrees),
        degrees,
    )


def critical_value(R: NDArray[np.float64], level: float, seed: int, degrees: float | None = None) -> float:
    """Quantile of the largest absolute value among jointly normal (or t) statistics with correlation R."""
    import numpy as np

    one = normal_quantile(level) if degrees is None else t_quantile(level, degrees)
    if len(R) == 1:
        return one
    g = generator(seed, 47)
    vals, vecs = np.linalg.eigh(R)
    root = vecs * np.sqrt(np.clip(vals, 0, None))
    Z = g.normal(size=(DRAWS, len(R))) @ root.T
    if degrees is not None:
        Z /= np.sqrt(g.chisquare(degrees, DRAWS) / degrees)[:, None]
    return max(one, float(np.quantile(np.abs(Z).max(axis=1), level)))


def equal(found: Effects, which: Sequence[int], n: int) -> tuple[float, float]:
    """F statistic and p value of "the effects of these groups are all the same"."""
    import numpy as np

    i = list(which)
    C = np.column_stack([np.ones(len(i) - 1), -np.eye(len(i) - 1)])
    V = C @ found.covariance[np.ix_(i, i)] @ C.T
    return wald(C @ found.values[i], V, found.degrees or float(n - len(i)))


def widest(found: Effects, which: Sequence[int], level: float) -> float:
    """The furthest any difference between these groups may lie from zero, by Bonferroni over the pairs."""
    import numpy as np

    i = list(which)
    pairs = [(a, b) for x, a in enumerate(i) for b in i[x + 1 :]]
    each = 1 - (1 - level) / max(len(pairs), 1)
    q = normal_quantile(each) if found.degrees is None else t_quantile(each, found.degrees)
    out = 0.0
    for a, b in pairs:
        V = found.covariance
        sd = float(np.sqrt(max(V[a, a] + V[b, b] - 2 * V[a, b], 0.0)))
        out = max(out, abs(float(found.values[a] - found.values[b])) + q * sd)
    return out


def holm(p: Sequence[float]) -> tuple[float, ...]:
    """Holm's adjusted p values (Holm 1979)."""
    order = sorted(range(len(p)), key=lambda i: p[i])
    out, worst = [0.0] * len(p), 0.0
    for step, i in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - step) * p[i]))
        out[i] = worst
    return tuple(out)
