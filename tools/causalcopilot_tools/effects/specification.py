"""The specification curve: other estimators of the same effect, shown beside the primary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.question import Quantity
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.aipw import Effect
from causalcopilot_tools.effects.difference import difference_in_means
from causalcopilot_tools.effects.entropy_balancing import entropy_balancing
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.ipw import ipw
from causalcopilot_tools.effects.matching import matching
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.regression import Coefficient, interacted, ols
from causalcopilot_tools.effects.sampling import clustered
from causalcopilot_tools.effects.tmle import tmle

ONE_EFFECT = "assumes one effect for everyone; weighs rows by how uncertain their treatment is"
ASSOCIATION = "association, not an effect: nothing is adjusted for"
WEIGHTED = "variance-weighted"
"""What plain least squares estimates where effects differ: their average weighted by e(x)(1 - e(x)), which is
neither ATE nor ATT (Angrist 1998; Słoczyński 2022)."""
RANDOMISED_DIFFERENCE = "unadjusted; an effect only because the treatment was randomised"


@dataclass(frozen=True)
class Curve:
    """Estimates that could be made, and why the others could not."""

    estimates: tuple[Estimate, ...]
    skipped: tuple[str, ...]


def make(
    p: Prepared, method: str, value: float, std_error: float, half: float, level: float, note: str = ""
) -> Estimate:
    """An ``Estimate`` with the symmetric interval ``value ± half``."""
    return Estimate(
        method,
        p.quantity,
        p.population,
        value,
        std_error,
        value - half,
        value + half,
        level,
        p.n,
        p.unit,
        note=note,
    )


def regression(p: Prepared, level: float) -> Estimate:
    """OLS on treatment and controls, HC2 (clusters: CR2), t interval."""
    c = ols(p.Y, p.T, p.X, p.kind != "continuous", p.sampling)
    note = "a straight line in treatment and controls" if p.kind == "continuous" else ONE_EFFECT
    made = _from_coefficient(p, "regression", c, level, note)
    own = p.kind == "continuous" or p.randomised or not p.X.shape[1]
    return made if own else replace(made, quantity=WEIGHTED, population="rows weighted by treatment variance")


def regression_interacted(p: Prepared, level: float) -> Estimate:
    """Lin's interacted regression, HC2 (clusters: CR2), t interval."""
    c = interacted(p.Y, p.T, p.X, p.quantity, p.sampling)
    return _from_coefficient(p, "regression_interacted", c, level, "")


def inverse_weighting(p: Prepared, level: float) -> Estimate:
    """Normalised inverse-probability weighting, logistic propensity."""
    return _from_effect(
        p, "ipw", ipw(p.Y, p.T, p.X, p.quantity, p.sampling.weights), level, "logistic propensity"
    )


def balanced(p: Prepared, level: float) -> Estimate:
    """Entropy balancing on the means of the controls."""
    e = entropy_balancing(p.Y, p.T, p.X, p.quantity, p.sampling.weights)
    return _from_effect(p, "entropy_balancing", e, level, "weights that balance the means of every control")


def targeted(p: Prepared, fit: ArmNuisances, level: float) -> Estimate:
    """Targeted maximum likelihood on given nuisances."""
    e = tmle(p.Y, p.T, fit, p.quantity, weights=p.sampling.weights)
    return _from_effect(p, "tmle", e, level, "the nuisances of aipw_stack, kept within the outcome's range")


def nearest_neighbour(p: Prepared, level: float, seed: int) -> Estimate:
    """Bias-corrected matching, one neighbour; its variance takes rows as independent and equal."""
    p.sampling.refuse("matching")
    e = matching(p.Y, p.T, p.X, p.quantity, seed)
    return _from_effect(p, "matching", e, level, "one neighbour, bias-corrected")


def curve(p: Prepared, level: float, seed: int, leave_out: tuple[str, ...] = ()) -> Curve:
    """Every applicable estimator but those left out, in fixed order."""
    wanted: dict[str, Callable[[], Estimate]] = {"regression": lambda: regression(p, level)}
    if p.kind != "continuous":
        wanted |= {
            "regression_interacted": lambda: regression_interacted(p, level),
            "ipw": lambda: inverse_weighting(p, level),
            "entropy_balancing": lambda: balanced(p, level),
            "matching": lambda: nearest_neighbour(p, level, seed),
        }
    if not p.X.shape[1]:
        wanted = {}
    made, skipped = [], []
    for name, build in wanted.items():
        if name in leave_out:
            continue
        try:
            made.append(build())
        except NotApplicable as error:
            skipped.append(f"{name} is not shown: {error.message}.")
    return Curve(tuple(made), tuple(skipped))


def unadjusted(p: Prepared, level: float) -> Estimate:
    """Difference in means (Welch), or the unadjusted slope of a continuous treatment."""
    quantity: Quantity | str = p.quantity if p.randomised else "association"
    note = RANDOMISED_DIFFERENCE if p.randomised else ASSOCIATION
    if p.kind == "continuous":
        c = ols(p.Y, p.T, p.X[:, :0], False, p.sampling)
        value, error, degrees = c.value * p.step, c.std_error * abs(p.step), float(c.degrees)
        method = "unadjusted_slope"
    elif not p.sampling.plain:
        c = ols(p.Y, p.T, p.X[:, :0], True, p.sampling)
        value, error, degrees, method = c.value, c.std_error, float(c.degrees), "difference_in_means"
    else:
        d = difference_in_means(p.Y, p.T)
        value, error, degrees, method = d.value, d.std_error, d.degrees, "difference_in_means"
    half = t_quantile(level, degrees) * error
    n = int(p.in_contrast.sum())
    return Estimate(
        method,
        quantity,
        "rows of both arms",
        value,
        error,
        value - half,
        value + half,
        level,
        n,
        p.unit,
        note=note,
    )


def unadjusted_beside(p: Prepared, main: Estimate, level: float) -> tuple[Estimate, ...]:
    """The plain comparison, unless it is the main estimate already."""
    e = unadjusted(p, level)
    return () if e.method == main.method else (e,)


def _from_coefficient(p: Prepared, method: str, c: Coefficient, level: float, note: str) -> Estimate:
    error = c.std_error * abs(p.step)
    return make(p, method, c.value * p.step, error, t_quantile(level, c.degrees) * error, level, note)


def _from_effect(p: Prepared, method: str, e: Effect, level: float, note: str) -> Estimate:
    error = clustered(e, p.sampling).std_error
    return make(p, method, e.value, error, p.sampling.quantile(level) * error, level, note)
