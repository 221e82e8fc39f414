"""The declared trimming rule for effects on the treated or on the controls.

The rule was fixed before any result was looked at, and applies to every ATT and ATC under conditional
exogeneity; ATE is never trimmed, because that would change whom it speaks of.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.aipw import CLIP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRIM_RULE = (
    "For an effect on the treated (ATT), controls whose estimated propensity lies below the larger of 0.01 "
    "and the smallest propensity among the treated, or above the largest propensity among the treated, are "
    "left out before the effect is estimated; treated rows are never left out. For an effect on the controls "
    "(ATC) the same holds with the arms exchanged. Nothing is left out for an ATE."
)


def keep_rows(share1: NDArray[np.float64], T: NDArray[np.float64], quantity: Quantity) -> NDArray[np.bool_]:
    """(n,) rows that stay under ``TRIM_RULE``.

    Args:
        share1: (n,) out-of-fold P(T = 1 | X).
        T: (n,) 1 treated, 0 control.
        quantity: ATE, ATT or ATC.
    """
    import numpy as np

    if quantity == "ATE":
        return np.ones(len(T), dtype=bool)
    target = 1.0 if quantity == "ATT" else 0.0
    p = share1 if quantity == "ATT" else 1.0 - share1
    inside = (p >= max(CLIP, float(p[target == T].min()))) & (p <= float(p[target == T].max()))
    return np.asarray((target == T) | inside)
