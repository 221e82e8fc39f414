"""One interval from several fits: median over fold seeds, envelope over nuisance classes.

Median over seeds: Chernozhukov et al. (2018), section 3.4.  The envelope, and the wider interval for small
samples, are this project's rules; ``tests/benchmarks/effects_coverage.py`` measures their coverage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from causalcopilot_tools.effects.intervals import normal_quantile, t_quantile

SMALL_SAMPLE = 500
"""Below this many rows boosting alone is too noisy to span an interval."""
SMALL_INFLATION = 1.1


@dataclass(frozen=True)
class Point:
    """A value and its standard error."""

    value: float
    std_error: float


@dataclass(frozen=True)
class Interval:
    """A value with an interval; ``std_error`` is half the width over the normal quantile."""

    value: float
    std_error: float
    low: float
    high: float


def median_over_seeds(points: Sequence[Point]) -> Point:
    """Median value; the variance is the median of each seed's variance plus its squared distance from it."""
    centre = median(p.value for p in points)
    variance = median(p.std_error**2 + (p.value - centre) ** 2 for p in points)
    return Point(centre, variance**0.5)


def normal_interval(point: Point, level: float, degrees: float | None = None) -> Interval:
    """The usual normal interval; with degrees of freedom, the t interval."""
    half = _quantile(level, degrees) * point.std_error
    return Interval(point.value, point.std_error, point.value - half, point.value + half)


def _quantile(level: float, degrees: float | None) -> float:
    return normal_quantile(level) if degrees is None else t_quantile(level, degrees)


def envelope(
    stack: Point, boosting: Point | None, n: int, level: float, degrees: float | None = None
) -> Interval:
    """Centre of the stack; smallest interval that holds both intervals.

    With fewer than 500 rows: centre of the stack, standard error 1.1·√(se² + disagreement²).
    Without a second fit: the stack's own interval.
    """
    if boosting is None:
        return normal_interval(stack, level, degrees)
    if n < SMALL_SAMPLE:
        gap = stack.value - boosting.value
        error = SMALL_INFLATION * (stack.std_error**2 + gap**2) ** 0.5
        return normal_interval(Point(stack.value, error), level, degrees)
    a, b = normal_interval(stack, level, degrees), normal_interval(boosting, level, degrees)
    low, high = min(a.low, b.low), max(a.high, b.high)
    return Interval(stack.value, (high - low) / 2 / _quantile(level, degrees), low, high)
