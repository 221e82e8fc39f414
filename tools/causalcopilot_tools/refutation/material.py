"""What every check looks at; the costly parts are computed once, when first asked for."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import Identification
from causalcopilot.errors import NotIdentified
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot_tools.effects.designs.dispatch import ROWS, beyond_adjustment
from causalcopilot_tools.effects.nuisance import ArmNuisances, cross_fit_shares
from causalcopilot_tools.effects.refit import Prepared, bases_of, fit_effect, prepare
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.effects.trimming import keep_rows
from causalcopilot_tools.refutation.ols import Line, fit_line

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FULL_FIT_ROWS = 20_000
"""Above this many rows the fast nuisances are used for overlap and balance."""

EXACT = 1e-6
"""Share of the outcome's spread below which what is left of it is rounding."""
QUARTILES = 1.349
"""Distance of the quartiles of a normal distribution, in standard deviations."""


@dataclass(frozen=True)
class Material:
    """One estimate with the arrays behind it.

    Attributes:
        context: the case.
        result: the estimates to be tested.
        identification: the argument they rest on.
        primary: the estimate that answers the question.
        prepared: its arrays, after the trimming rule.
        ends: moment (monotonic seconds) at which no further costly check is begun.
        graph: the graph the effect was identified from, where it was given.
    """

    context: Context
    result: EstimateResult
    identification: Identification
    primary: Estimate
    prepared: Prepared
    ends: float = field(default=float("inf"))
    graph: StoredGraph | None = None

    @property
    def continuous(self) -> bool:
        """Whether the treatment is a number without arms."""
        return self.prepared.kind == "continuous"

    @property
    def by_design(self) -> bool:
        """Whether the estimate rests on a design beyond adjustment, which has checks of its own."""
        return beyond_adjustment(self.identification)

    @property
    def treatment(self) -> str:
        """Column name of the treatment."""
        return self.prepared.treatment

    @property
    def late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.ends

    @cached_property
    def arms(self) -> ArmNuisances:
        """Out-of-fold propensities and arm means of the unaltered data.

        The quick ones where the estimate tells its own overlap and balance, which the checks then read.
        """
        told = any(t.name == "balance" for t in self.result.tables)
        fast = told or self.prepared.n > FULL_FIT_ROWS
        fitted = fit_effect(self.prepared, self.context.seed, fast=fast).nuisances
        assert isinstance(fitted, ArmNuisances)
        return fitted

    @cached_property
    def line(self) -> Line:
        """Least squares of outcome on treatment and controls, in the rows that are compared."""
        p, rows = self.prepared, self.rows
        return fit_line(p.X[rows], p.T[rows] / p.step, p.Y[rows], p.sources)

    @cached_property
    def determined(self) -> bool:
        """Whether treatment and controls leave nothing of the outcome, as of one that was computed from them."""
        return bool(self.line.names) and self.line.spread_y <= EXACT * self.spread

    @property
    def rows(self) -> NDArray[np.bool_]:
        """(n,) rows of the arms compared."""
        return self.prepared.in_contrast

    @cached_property
    def spread(self) -> float:
        """Standard deviation of the outcome in the rows that are compared."""
        return float(self.prepared.Y[self.rows].std(ddof=1))

    @cached_property
    def narrow(self) -> float:
        """The outcome's standard deviation, or what its quartiles say of it where that is smaller (but not zero)."""
        import numpy as np

        low, high = np.quantile(self.prepared.Y[self.rows], [0.25, 0.75])
        by_quartiles = float(high - low) / QUARTILES
        return min(self.spread, by_quartiles) if by_quartiles > 0 else self.spread


def material(context: Context, result: EstimateResult, ends: float = float("inf")) -> Material:
    """Gather what the checks need; the same rows as the estimate's, by the same declared trimming rule.

    Raises:
        NotIdentified: the estimate carries no identification, or one that refuses.
        DataError: the table no longer supports the estimate.
    """
    found = result.identification
    if found is None or not result.estimates:
        raise NotIdentified("there is no identified estimate to test", "run identify and estimate first")
    if beyond_adjustment(found):
        p = ROWS[found.strategy](context, found)
    else:
        p = trimmed(prepare(context, found), context.seed)
    return Material(context, result, found, result.estimates[result.primary], p, ends)


def trimmed(p: Prepared, seed: int) -> Prepared:
    """The rows that the estimate used: both arms for ATT and ATC, less what the declared rule trims."""
    if p.quantity == "ATE" or p.kind == "continuous":
        return p
    pair = p.take(p.in_contrast)
    if pair.randomised or not pair.X.shape[1]:
        return pair
    with one_thread():
        shares = cross_fit_shares(bases_of(pair), pair.T, seed)
    return pair.take(keep_rows(shares, pair.T, pair.quantity))
