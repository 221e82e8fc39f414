"""The default estimate: two nuisance classes on common folds, over one or three fold seeds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import aipw
from causalcopilot_tools.effects.envelope import Interval, Point, envelope, median_over_seeds
from causalcopilot_tools.effects.nuisance import ArmNuisances, LineNuisances, cross_fit_arms, cross_fit_line
from causalcopilot_tools.effects.plr import plr_slope
from causalcopilot_tools.effects.refit import Prepared, bases_of, outcome_bounds
from causalcopilot_tools.effects.sampling import clustered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEDIAN_ROWS = 2000
MEDIAN_ARM = 1000
MEDIAN_SEEDS = 3
"""Three fold seeds, and their median, with fewer than 2000 rows or fewer than 1000 in the smaller arm."""

ArmFits = tuple[dict[str, ArmNuisances], ...]
LineFits = tuple[dict[str, LineNuisances], ...]


@dataclass(frozen=True)
class Primary:
    """The default estimate and its two parts.

    Attributes:
        interval: what answers the question.
        stack, boosting: medians of each nuisance class; boosting is ``None`` without covariates.
    """

    interval: Interval
    stack: Point
    boosting: Point | None


def fold_seeds(prepared: Prepared) -> int:
    """How many fold seeds the declared rule asks for."""
    import numpy as np

    smaller = prepared.n
    if prepared.kind != "continuous":
        smaller = int(min(np.count_nonzero(a == prepared.T) for a in (0, 1)))
    return MEDIAN_SEEDS if prepared.n < MEDIAN_ROWS or smaller < MEDIAN_ARM else 1


def rows_learned(prepared: Prepared) -> int:
    """Rows that the outcome's means are learned from, as if the arms were even: twice the smaller arm.

    Only arms whose mean is needed count (for ATT the controls, for ATC the treated), so that a small arm of an
    effect for all rows widens the interval by the rule for small samples and not by a noisy second fit.
    """
    import numpy as np

    if prepared.kind == "continuous":
        return prepared.n
    arms = {"ATT": (0,), "ATC": (1,)}.get(prepared.quantity, (0, 1))
    return min(prepared.n, *(2 * int(np.count_nonzero(a == prepared.T)) for a in arms))


def fit_arms(prepared: Prepared, seed: int, repeats: int) -> ArmFits:
    """Nuisances of both arms for each fold seed."""
    bases = bases_of(prepared)
    return tuple(
        cross_fit_arms(bases, prepared.Y, prepared.T, seed, repeat=r, bounds=outcome_bounds(prepared))
        for r in range(repeats)
    )


def fit_line(prepared: Prepared, seed: int, repeats: int) -> LineFits:
    """Means of outcome and treatment for each fold seed."""
    bases = bases_of(prepared)
    return tuple(cross_fit_line(bases, prepared.Y, prepared.T, seed, repeat=r) for r in range(repeats))


def arms_primary(prepared: Prepared, fits: ArmFits, quantity: Quantity, level: float) -> Primary:
    """AIPW of the contrast with both nuisance classes, combined by the declared rules."""

    def one(name: str) -> Callable[[dict[str, ArmNuisances]], Point]:
        def point(fit: dict[str, ArmNuisances]) -> Point:
            e = aipw(prepared.Y, prepared.T, fit[name], quantity, weights=prepared.sampling.weights)
            return Point(e.value, clustered(e, prepared.sampling).std_error)

        return point

    return _combine(fits, one, prepared, level)


def line_primary(prepared: Prepared, fits: LineFits, level: float) -> Primary:
    """Partially linear slope times the contrast's step, with both nuisance classes."""

    def one(name: str) -> Callable[[dict[str, LineNuisances]], Point]:
        def point(fit: dict[str, LineNuisances]) -> Point:
            s = plr_slope(prepared.Y, prepared.T, fit[name], prepared.sampling)
            if s.value != s.value:
                raise NotApplicable(
                    f"the controls determine {prepared.treatment} completely",
                    "leave out copies of the treatment",
                )
            return Point(s.value * prepared.step, s.std_error * abs(prepared.step))

        return point

    return _combine(fits, one, prepared, level)


def _combine(
    fits: Sequence[dict[str, object]] | ArmFits | LineFits,
    one: Callable[[str], Callable[..., Point]],
    prepared: Prepared,
    level: float,
) -> Primary:
    stack = median_over_seeds([one("stack")(f) for f in fits])
    boosting = median_over_seeds([one("boosting")(f) for f in fits]) if "boosting" in fits[0] else None
    return Primary(
        envelope(stack, boosting, rows_learned(prepared), level, prepared.sampling.degrees), stack, boosting
    )


def mean_arms(fits: ArmFits) -> ArmNuisances:
    """The stacked nuisances averaged over fold seeds, for overlap and balance."""

    def mean(name: str) -> NDArray[np.float64]:
        parts: list[NDArray[np.float64]] = [getattr(f["stack"], name) for f in fits]
        return sum(parts[1:], parts[0]) / len(parts)

    return ArmNuisances(mean("mean0"), mean("mean1"), mean("share0"), mean("share1"))
