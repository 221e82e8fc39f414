"""Two columns, and those held fixed between them, as numbers that a test of independence can take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.errors import NotApplicable, UsageError
from causalcopilot.toolkit.context import Context

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.prepared import Prepared

MIN_ROWS = 8
"""Fewest complete rows that are tested at all."""
KERNEL_ROWS = 10_000
"""Rows the kernel test works on; more are drawn from at random."""


@dataclass(frozen=True)
class Pair:
    """The columns in numbers, complete rows only.

    Attributes:
        data: the two columns as variables 0 and 1, then those held fixed.
        seed: for every draw.
        alpha: level of the test.
        notes: what a reader must know of the rows.
    """

    data: Prepared
    seed: int
    alpha: float
    notes: tuple[str, ...] = ()

    @property
    def categories(self) -> bool:
        """Whether every column is a category."""
        return all(t in ("binary", "nominal") for t in self.data.types)

    def block(self, i: int) -> NDArray[np.float64]:
        """Matrix columns of one variable."""
        return self.data.matrix[:, self.data.blocks[i]]

    @property
    def given(self) -> NDArray[np.float64]:
        """Matrix columns of the conditioning variables."""
        return self.data.matrix[:, len(self.data.blocks[0]) + len(self.data.blocks[1]) :]


def read_pair(
    context: Context, a: str, b: str, given: tuple[str, ...], alpha: float
) -> tuple[Pair, tuple[str, ...]]:
    """The pair, and the names of its columns as the table spells them; ``independence`` says what is raised."""
    import numpy as np

    from causalcopilot_tools.discovery import dependence
    from causalcopilot_tools.discovery.encoding import encode

    names = tuple(context.dataset.resolve(n) for n in (a, b, *given))
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise UsageError(f"column {twice} is named twice", "test two different columns, given others")
    data = encode(context, names, asked=names)
    if data.left_out:
        gone = data.left_out[0]
        raise NotApplicable(f"{gone.name} cannot be tested: it {gone.reason}", "choose another column")
    complete = ~np.isnan(data.matrix).any(axis=1)
    rows = int(complete.sum())
    if rows < MIN_ROWS:
        raise NotApplicable(f"only {rows} rows are complete in these columns", "give fewer columns")
    notes: tuple[str, ...] = ()
    if rows < data.rows:
        notes = (f"{data.rows - rows:,} rows with missing cells were left out",)
    if found := dependence.alike(context, data):
        notes += (f"{found.said}: the test takes rows as independent, so its p-value may be too small",)
    return Pair(data.resample(np.flatnonzero(complete)), context.seed, alpha, notes), names


def determined(pair: Pair) -> str:
    """Why nothing is left to test: a column that does not vary, or that the given ones determine."""
    import numpy as np

    z = np.column_stack([np.ones(pair.data.rows), pair.given])
    for i in (0, 1):
        x = pair.block(i)
        x = x - x.mean(axis=0)
        total = float((x**2).sum())
        rest = float(((x - z @ np.linalg.lstsq(z, x, rcond=None)[0]) ** 2).sum()) if total else 0.0
        if rest <= 1e-10 * total:
            why = "is determined by the given columns" if total else "does not vary in the complete rows"
            return f"{pair.data.names[i]} {why}: nothing is left to test"
    return ""


def sample(pair: Pair) -> Pair:
    """At most ``KERNEL_ROWS`` rows, drawn at random."""
    import numpy as np

    if pair.data.rows <= KERNEL_ROWS:
        return pair
    rows = np.random.default_rng(pair.seed).choice(pair.data.rows, KERNEL_ROWS, replace=False)
    return replace(pair, data=pair.data.resample(np.sort(rows)))
