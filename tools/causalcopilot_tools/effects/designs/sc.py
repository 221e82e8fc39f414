"""Synthetic control and synthetic difference-in-differences on arrays, for one treated unit.

Abadie, Diamond and Hainmueller (2010): weights on the simplex that make the donors' average follow the treated unit
before the treatment; outcomes only, no covariates.  Arkhangelsky et al. (2021): an intercept, a ridge penalty and
weights of the periods as well.  Inference is by placebos: every donor in turn plays the treated unit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MIN_DONORS = 5
MIN_BEFORE = 4
"""Donors, and periods before the treatment, without which weights mean nothing."""
SUM_TO_ONE = 1e3
"""Weight of the equation that the weights sum to one, times the scale of the outcomes."""
TINY_RIDGE = 1e-8
"""Ridge, as a share of the mean square, that makes the weights unique where donors outnumber periods."""


@dataclass(frozen=True)
class Single:
    """One treated unit and its donors.

    Attributes:
        treated: (P,) outcomes of the treated unit.
        donors: (J, P) outcomes of units never treated.
        start: index of the first treated period.
    """

    treated: NDArray[np.float64]
    donors: NDArray[np.float64]
    start: int

    @property
    def count(self) -> int:
        """Number of donors."""
        return int(self.donors.shape[0])

    def played_by(self, j: int) -> Single:
        """Donor ``j`` in the treated unit's place, compared with the other donors."""
        import numpy as np

        return Single(self.donors[j], np.delete(self.donors, j, axis=0), self.start)

    def without(self, j: int) -> Single:
        """The same unit without donor ``j``."""
        import numpy as np

        return Single(self.treated, np.delete(self.donors, j, axis=0), self.start)

    def dated(self, start: int) -> Single:
        """The periods before the treatment only, as if it had begun at ``start``."""
        return Single(self.treated[: self.start], self.donors[:, : self.start], start)


@dataclass(frozen=True)
class Fitted:
    """What weighted donors say of the treated unit.

    Attributes:
        weights: (J,) of the donors, none negative, summing to one.
        gap: (P,) treated less synthetic outcome.
        effect: mean gap after the treatment began (in ``sdid`` less the weighted gap before it).
        before: root mean square gap before the treatment.
        after: the same afterwards.
    """

    weights: NDArray[np.float64]
    gap: NDArray[np.float64]
    effect: float
    before: float
    after: float

    @property
    def ratio(self) -> float:
        """Gap afterwards over gap before, as root mean squares."""
        return self.after / self.before if self.before > 0 else math.inf


def simplex_weights(
    A: NDArray[np.float64], b: NDArray[np.float64], ridge: float = 0.0
) -> NDArray[np.float64]:
    """Minimise ``|A w - b|² + ridge |w|²`` over weights (k,) on the simplex; A is (m, k), b is (m,)."""
    import numpy as np
    from scipy.optimize import nnls

    k = A.shape[1]
    scale = float(np.sqrt((A**2).mean())) or 1.0
    penalty = math.sqrt(ridge + TINY_RIDGE * scale**2) * np.eye(k)
    heavy = SUM_TO_ONE * scale
    found = nnls(np.vstack([A, penalty, np.full((1, k), heavy)]), np.concatenate([b, np.zeros(k), [heavy]]))[
        0
    ]
    weights: NDArray[np.float64] = found / found.sum()
    return weights


def synthetic(s: Single) -> Fitted:
    """Synthetic control: donors weighted so as to follow the treated unit before the treatment."""
    before = s.donors[:, : s.start]
    w = simplex_weights(before.T, s.treated[: s.start])
    gap = s.treated - w @ s.donors
    return _fitted(w, gap, float(gap[s.start :].mean()), s.start)


def synthetic_did(s: Single) -> Fitted:
    """Synthetic difference-in-differences with one treated unit."""
    import numpy as np

    before, after = s.donors[:, : s.start], s.donors[:, s.start :].mean(axis=1)
    rough = float(np.diff(before, axis=1).std(ddof=1)) if s.start > 1 else 0.0
    zeta = (s.donors.shape[1] - s.start) ** 0.25 * rough
    target = s.treated[: s.start]
    level = before - before.mean(axis=1, keepdims=True)
    w = simplex_weights(level.T, target - target.mean(), zeta**2 * s.start)
    period = simplex_weights(before - before.mean(axis=0), after - after.mean())
    gap = s.treated - w @ s.donors
    gap = gap - float(period @ gap[: s.start])
    return _fitted(w, gap, float(gap[s.start :].mean()), s.start)


def _fitted(w: NDArray[np.float64], gap: NDArray[np.float64], effect: float, start: int) -> Fitted:
    def size(part: NDArray[np.float64]) -> float:
        return float(math.sqrt(float((part**2).mean())))

    return Fitted(w, gap, effect, size(gap[:start]), size(gap[start:]))


def placebos(s: Single, did: bool = False) -> tuple[Fitted, ...]:
    """Each donor in the treated unit's place."""
    fit = synthetic_did if did else synthetic
    return tuple(fit(s.played_by(j)) for j in range(s.count))


def placebo_error(found: tuple[Fitted, ...]) -> float:
    """Root mean square of the placebos' effects, which are all truly zero: the standard error."""
    return math.sqrt(sum(f.effect**2 for f in found) / len(found))


def rank_p(treated: float, others: list[float]) -> float:
    """Share of units, the treated one among them, whose statistic is at least the treated one's."""
    return (1 + sum(o >= treated for o in others)) / (1 + len(others))


def check(s: Single) -> None:
    """Raise ``DataError`` where donors or earlier periods are too few."""
    if s.count < MIN_DONORS:
        raise DataError(
            f"{s.count} units never treated are seen in every period; synthetic control needs {MIN_DONORS}",
            "fill the gaps of other units, or add units",
        )
    if s.start < MIN_BEFORE:
        raise DataError(
            f"{s.start} periods lie before the treatment; synthetic control needs {MIN_BEFORE}",
            "add earlier periods",
        )
