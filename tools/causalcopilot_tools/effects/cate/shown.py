"""One group as it is shown, or the reason why it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.heterogeneity import Subgroup
from causalcopilot_tools.effects.aipw import Effect
from causalcopilot_tools.effects.cate.groups import FEWEST

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def too_small(T: NDArray[np.float64], rows: NDArray[np.bool_]) -> str:
    """Why a group's effect is not shown, or empty: each arm needs ``FEWEST`` rows in it."""
    import numpy as np

    counts = {w: int(np.count_nonzero((arm == T) & rows)) for arm, w in ((1, "treated"), (0, "control"))}
    word = min(counts, key=lambda w: counts[w])
    if counts[word] >= FEWEST:
        return ""
    return f"only {counts[word]} {word} row{'s' * (counts[word] != 1)} (at least {FEWEST} are needed)"


def subgroup(
    T: NDArray[np.float64] | None,
    modifier: str,
    name: str,
    e: Effect | None,
    rows: NDArray[np.bool_],
    q: float,
    why: str = "",
) -> Subgroup:
    """A group with its effect and an interval of ``q`` standard errors, or with the reason why there is none.

    Args:
        T: (n,) treatment, 1 treated; ``None`` where it is a number.
        modifier, name: what makes the group, and which rows it holds, in words.
        e: its effect, or ``None``.
        rows: (n,) its rows.
        q: half-width of the interval in standard errors.
        why: reason for telling no effect.
    """
    import numpy as np

    n = int(np.count_nonzero(rows))
    treated = None if T is None else int(np.count_nonzero(rows & (T == 1)))
    if e is None or why or e.value != e.value:
        return Subgroup(
            modifier, name, n, treated, None, None, None, None, why or "no row the quantity speaks of"
        )
    low, high = e.value - q * e.std_error, e.value + q * e.std_error
    return Subgroup(modifier, name, n, treated, e.value, e.std_error, low, high)
