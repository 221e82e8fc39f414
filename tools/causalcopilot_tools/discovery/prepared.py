"""The numbers a search runs on, and what a reader must know of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Excluded
from causalcopilot.domain.knowledge import ColumnType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.moments import Moments


@dataclass(frozen=True)
class Prepared:
    """Columns a search runs on.

    Attributes:
        names: variables in the caller's order.
        types: their column types.
        matrix: (n, q) numbers, NaN where missing; categories as indicator columns.
        blocks: matrix columns of each variable.
        left_out: columns that do not take part, each with its reason.
        notes: what else a reader must know.
        start: (q, q) correlations from which expectation-maximisation may begin.
    """

    names: tuple[str, ...]
    types: tuple[ColumnType, ...]
    matrix: NDArray[np.float64]
    blocks: tuple[NDArray[np.int64], ...]
    left_out: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()
    start: NDArray[np.float64] | None = None

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.matrix)

    @property
    def all_numbers(self) -> bool:
        """Whether no variable is a category (binary columns count as numbers here)."""
        return all(len(b) == 1 for b in self.blocks)

    @property
    def missing(self) -> float:
        """Share of missing cells."""
        import numpy as np

        return float(np.isnan(self.matrix).mean())

    def keep(self, places: Sequence[int]) -> Prepared:
        """Only these variables, in this order."""
        import numpy as np

        blocks, at = [], 0
        for i in places:
            blocks.append(np.arange(at, at + len(self.blocks[i])))
            at += len(self.blocks[i])
        columns = np.concatenate([self.blocks[i] for i in places]) if places else np.empty(0, np.int64)
        return replace(
            self,
            names=tuple(self.names[i] for i in places),
            types=tuple(self.types[i] for i in places),
            matrix=self.matrix[:, columns],
            blocks=tuple(blocks),
            start=None if self.start is None else self.start[np.ix_(columns, columns)],
        )

    def resample(self, rows: NDArray[np.int64]) -> Prepared:
        """The same variables on other rows."""
        return replace(self, matrix=self.matrix[rows])

    def moments(self) -> Moments:
        """Correlations, by expectation-maximisation where cells are missing."""
        from causalcopilot_tools.discovery.core.moments import moments

        return moments(self.matrix, self.blocks, self.start)
