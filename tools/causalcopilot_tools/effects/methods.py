"""The estimators that can be asked for by name, and how the numbers of each become an ``Estimate``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, get_args

from causalcopilot.domain.estimate import Estimate
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects import primary, specification
from causalcopilot_tools.effects.envelope import Point, normal_interval
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.specification import make

Method = Literal[
    "auto",
    "regression",
    "ipw",
    "aipw",
    "tmle",
    "matching",
    "entropy_balancing",
    "linear_dml",
    "sparse_linear_dml",
    "causal_forest_dml",
    "dr_learner",
    "s_learner",
    "t_learner",
    "x_learner",
]
TWO_ARM_METHODS = (
    "aipw",
    "ipw",
    "tmle",
    "matching",
    "entropy_balancing",
    "dr_learner",
    "s_learner",
    "t_learner",
    "x_learner",
)


def by_method(p: Prepared, method: Method, level: float, seed: int) -> Estimate:
    """The estimate by the method asked for; ``auto`` here means a randomised treatment.

    Raises ``NotApplicable`` where the method cannot take these rows.
    """
    builders: dict[str, Callable[[], Estimate]] = {
        "auto": lambda: _randomised(p, level),
        "regression": lambda: specification.regression(p, level),
        "ipw": lambda: specification.inverse_weighting(p, level),
        "matching": lambda: specification.nearest_neighbour(p, level, seed),
        "entropy_balancing": lambda: specification.balanced(p, level),
    }
    return builders[method]() if method in builders else _econml(p, method, level, seed)


def _randomised(p: Prepared, level: float) -> Estimate:
    """Interacted regression; with too many controls for it, plain regression; without any, the means."""
    if not p.X.shape[1]:
        return specification.unadjusted(p, level)
    try:
        return specification.regression_interacted(p, level)
    except NotApplicable:
        pass
    try:
        return specification.regression(p, level)
    except NotApplicable:
        return specification.unadjusted(p, level)


def _econml(p: Prepared, method: str, level: float, seed: int) -> Estimate:
    from causalcopilot_tools.effects import econml_dml, econml_learners

    note = "" if p.kind != "categorical" else "speaks of the rows with either value only"
    if method in get_args(econml_learners.MetaLearner):
        value = econml_learners.meta_learner(p, seed, method)  # type: ignore[arg-type]
        bare = make(p, method, value, 0.0, 0.0, level, "; ".join(filter(None, (note, "gives no interval"))))
        return replace(bare, std_error=None, low=None, high=None)
    fits: dict[str, Callable[[Prepared, int], Point]] = {
        "linear_dml": econml_dml.linear_dml,
        "causal_forest_dml": econml_dml.causal_forest_dml,
        "dr_learner": econml_learners.dr_learner,
        "sparse_linear_dml": econml_learners.sparse_linear_dml,
    }
    return from_point(p, method, fits[method](p, seed), level, note)


def nuisance_classes(p: Prepared, prefix: str, own: primary.Primary, level: float) -> tuple[Estimate, ...]:
    """The two nuisance classes of the default estimate, each on its own."""
    out = [from_point(p, f"{prefix}_stack", own.stack, level)]
    if own.boosting is not None:
        out.append(from_point(p, f"{prefix}_boosting", own.boosting, level))
    return tuple(out)


def from_point(p: Prepared, method: str, point: Point, level: float, note: str = "") -> Estimate:
    """A point with its standard error, given the interval of the normal (or the clusters' t) distribution."""
    i = normal_interval(point, level, p.sampling.degrees)
    return make(p, method, i.value, i.std_error, i.high - i.value, level, note)


def from_primary(p: Prepared, method: str, own: primary.Primary, level: float) -> Estimate:
    """The default estimate, with the interval that holds both nuisance classes."""
    i = own.interval
    base = make(p, method, i.value, i.std_error, 0.0, level)
    return replace(base, low=i.low, high=i.high)
