"""The complete rows of numeric columns, standardised, for searches that take nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def complete_numbers(data: Prepared, method: str, most: int) -> tuple[NDArray[np.float64], list[str]]:
    """(n, p) standardised numbers of the complete rows, and a note where rows were left out.

    Args:
        data: the columns.
        method: for the refusal.
        most: columns the method takes.

    Raises:
        NotApplicable: a column is a category, there are too many columns, too few complete rows, or a column that
            does not vary in them.
    """
    import numpy as np

    wide = [n for n, b in zip(data.names, data.blocks, strict=True) if len(b) > 1]
    if wide:
        raise NotApplicable(
            f"{method} takes numbers only ({wide[0]} is a category)", "use method boss, exact or pc"
        )
    if len(data.names) > most:
        raise NotApplicable(
            f"{method} takes at most {most} columns ({len(data.names)} given)",
            "choose columns, or use method boss or pc",
        )
    x = data.matrix[~np.isnan(data.matrix).any(axis=1)]
    if len(x) <= 2 * len(data.names):
        raise NotApplicable(
            f"{method} needs more than {2 * len(data.names)} complete rows ({len(x)} given)",
            "use method pc, or fewer columns",
        )
    spread = x.std(axis=0)
    if not spread.all():
        still = data.names[int(np.argmin(spread))]
        raise NotApplicable(f"{still} does not vary in the complete rows", "leave the column out")
    dropped = data.rows - len(x)
    notes = [f"{dropped:,} rows with missing cells were left out"] if dropped else []
    return (x - x.mean(axis=0)) / spread, notes
