"""The declared trimming rule for effects on the treated or on the controls.

The rule applies to every ATT and ATC under conditional exogeneity; ATE is never trimmed, because that would
change whom it speaks of.  Its floor was 0.01 at first, fixed before any result was looked at.  Where about one
row in a hundred is treated, that floor lies near the average propensity and takes away most of the controls:
in draws with a known effect and strong selection it covered 10 of 14 times, a quarter of the treated share 14
of 14; with milder selection (20 draws of 8000 rows, 75 treated) both cover, the lower floor with intervals a
tenth shorter.  Known effects decided this, not an answer on real data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.question import Quantity
from causalcopilot_tools.effects.aipw import CLIP

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TRIM_RULE = (
    "For an effect on the treated (ATT), controls whose estimated propensity lies below 0.01 (below a quarter "
    "of the treated share of the rows, where that is less), below the smallest propensity among the treated, or "
    "above the largest propensity among the treated, are left out before the effect is estimated; treated rows "
    "are never left out. For an effect on the controls (ATC) the same holds with the arms exchanged. Nothing is "
    "left out for an ATE."
)
RARE = 4.0
"""The floor is the share of the rows that the quantity speaks of, divided by this, where 0.01 is more."""


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
    floor = min(CLIP, float(np.mean(target == T)) / RARE)
    inside = (p >= max(floor, float(p[target == T].min()))) & (p <= float(p[target == T].max()))
    return np.asarray((target == T) | inside)
