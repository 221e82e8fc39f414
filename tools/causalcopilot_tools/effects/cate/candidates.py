"""Yes-or-no questions on modifiers: the cuts that an honest split and a treatment rule choose from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.cate.groups import short

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CUTS = 9
"""Thresholds tried for a number of many values: its deciles."""


@dataclass(frozen=True)
class Cut:
    """One question: is column ``column`` at most ``threshold``?"""

    column: int
    threshold: float
    yes: str
    no: str

    def holds(self, V: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) rows for which the answer is yes."""
        import numpy as np

        return np.asarray(V[:, self.column] <= self.threshold)


def cuts(V: NDArray[np.float64], names: Sequence[str]) -> tuple[Cut, ...]:
    """Every question worth asking of (n, k) modifiers."""
    import numpy as np

    out = []
    for j, name in enumerate(names):
        seen = np.unique(V[:, j])
        if len(seen) < 2:
            continue
        at = (
            seen[:-1]
            if len(seen) <= CUTS + 1
            else np.unique(np.quantile(V[:, j], np.arange(1, 10) / 10, method="lower"))
        )
        out += [_cut(j, name, float(t), seen) for t in at if t < seen[-1]]
    return tuple(out)


def _cut(j: int, name: str, threshold: float, seen: NDArray[np.float64]) -> Cut:
    if m := re.match(r"^(?P<column>.+)=(?P<level>[^=]+)$", name):
        return Cut(j, threshold, f"{m['column']} is not {m['level']}", f"{m['column']} is {m['level']}")
    if m := re.match(r"^(?P<column>.+) \(missing\)$", name):
        return Cut(j, threshold, f"{m['column']} is known", f"{m['column']} is missing")
    if len(seen) == 2:
        return Cut(j, threshold, f"{name} is {short(seen[0])}", f"{name} is {short(seen[1])}")
    return Cut(j, threshold, f"{name} up to {short(threshold)}", f"{name} above {short(threshold)}")
