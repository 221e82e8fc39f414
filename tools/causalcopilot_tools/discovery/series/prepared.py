"""From a table with a time column to a regular, treated series that a search can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from causalcopilot.domain.identification import Excluded
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.encoding import encode
from causalcopilot_tools.discovery.inputs import NOT_SEARCHED
from causalcopilot_tools.discovery.prepared import Prepared
from causalcopilot_tools.discovery.series.checked import Checked
from causalcopilot_tools.discovery.series.index import Index, build

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Treat = Literal["auto", "none", "detrend", "difference"]
MIN_STEPS = 30
"""Fewer rows with their past cannot carry a lagged search."""


@dataclass(frozen=True)
class Series:
    """Variables on a regular grid, units one after the other.

    Attributes:
        names: variables in the caller's order.
        x: (n, p) values, NaN where a step or a cell is missing.
        units: (n,) number of each row's unit.
        position: (n,) step within the unit.
        index: the time column.
        rows: rows of the table that have a time.
        left_out: columns that do not take part, each with its reason.
        notes: what a reader must know.
        checks: what was tested and done, one entry per variable; empty before ``treated``.
    """

    names: tuple[str, ...]
    x: NDArray[np.float64]
    units: NDArray[np.int64]
    position: NDArray[np.int64]
    index: Index
    rows: int
    left_out: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Checked, ...] = ()

    @property
    def panel(self) -> bool:
        """Whether there are several units."""
        return len(self.index.units) > 1

    def label(self, row: int) -> str:
        """The time of a row of the grid, as the table writes it, or of the next row that has one."""
        import numpy as np

        unit = int(self.units[row])
        known = np.flatnonzero(self.index.unit == unit)
        at = int(np.searchsorted(self.index.position[known], self.position[row]))
        return self.index.labels[int(known[min(at, len(known) - 1)])]

    def keep(self, places: Sequence[int]) -> Series:
        """Only these variables, in this order."""
        checks = tuple(self.checks[i] for i in places) if self.checks else ()
        return replace(
            self, names=tuple(self.names[i] for i in places), x=self.x[:, list(places)], checks=checks
        )


def read(context: Context, time: str, unit: str | None, columns: Sequence[str] = ()) -> Series:
    """Read, sort and grid the series of a table; nothing is tested or changed yet.

    Args:
        context: the case.
        time, unit: the time column, and the unit column of a panel.
        columns: columns asked for; empty takes those a graph question is limited to, else all.

    Raises:
        DataError: times that cannot be used, or fewer than two usable columns.
    """
    dataset = context.dataset
    limited = context.question.columns if context.question.kind == "graph" else ()
    asked = [c for c in dict.fromkeys(map(dataset.resolve, columns or limited)) if c not in (time, unit)]
    wanted, out = _by_role(context, asked, time, unit)
    frame = dataset.frame([c for c in (time, unit) if c])
    index = build(frame[time], frame[unit] if unit else None, time, unit)
    data = encode(context, wanted, asked)
    data, more = _usable(data)
    out += [*data.left_out, *more]
    if len(data.names) < 2:
        why = "; ".join(f"{e.name} {e.reason}" for e in out[:4])
        raise DataError(
            f"a graph over time needs two columns of numbers beside {time}; {len(data.names) or 'none'} can enter"
            + (f" ({why})" if why else ""),
            "give other columns, or fix their types",
        )
    x, units, position = _grid(data.matrix[index.order], index)
    missing = float(_missing(data.matrix))
    notes = list(index.notes)
    if missing:
        notes.append(
            f"{missing:.1%} of the cells are missing; steps whose past reaches into one are not used"
        )
    return Series(data.names, x, units, position, index, len(data.matrix), tuple(out), tuple(notes))


def _by_role(
    context: Context, asked: Sequence[str], time: str, unit: str | None
) -> tuple[list[str], list[Excluded]]:
    wanted, out = [], []
    for name in asked or context.dataset.columns:
        if name in (time, unit):
            continue
        known = context.knowledge.column(name)
        if not asked and known is not None and known.role in NOT_SEARCHED:
            out.append(Excluded(name, known.reason or NOT_SEARCHED[known.role]))
        else:
            wanted.append(name)
    return wanted, out


def _usable(data: Prepared) -> tuple[Prepared, list[Excluded]]:
    """Numbers and two-valued columns; categories of more levels are left out, and so are copies."""
    import numpy as np

    from causalcopilot_tools.discovery.redundant import redundant

    wide = {i for i, b in enumerate(data.blocks) if len(b) > 1}
    out = [
        Excluded(data.names[i], "is a category of more than two levels, which no search over time takes")
        for i in sorted(wide)
    ]
    kept = [i for i in range(len(data.names)) if i not in wide]
    calendar = {i for i in kept if _counts_steps(data.matrix[:, data.blocks[i][0]])}
    out += [Excluded(data.names[i], "counts the rows") for i in sorted(calendar)]
    data = data.keep([i for i in kept if i not in calendar])
    if len(data.names) > 1:
        gone = redundant(data, set())
        out += [Excluded(data.names[i], gone[i]) for i in sorted(gone)]
        data = data.keep([i for i in range(len(data.names)) if i not in gone])
    empty = [i for i in range(len(data.names)) if np.isnan(data.matrix[:, i]).mean() > 0.5]
    out += [Excluded(data.names[i], "is missing in more than half of the rows") for i in empty]
    return data.keep([i for i in range(len(data.names)) if i not in empty]), out


def _counts_steps(x: NDArray[np.float64]) -> bool:
    import numpy as np

    d = np.diff(x)
    return bool(len(d) > 2 and not np.isnan(d).any() and np.ptp(d) < 1e-9 * max(1.0, abs(float(d[0]))))


def _grid(
    x: NDArray[np.float64], index: Index
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """Rows at every step from each unit's first to its last, NaN where the table has none."""
    import numpy as np

    sizes = [int(index.position[index.unit == u].max()) + 1 for u in range(len(index.units))]
    starts = np.cumsum([0, *sizes])
    out = np.full((int(starts[-1]), x.shape[1]), np.nan)
    out[starts[index.unit] + index.position] = x
    units = np.repeat(np.arange(len(sizes)), sizes)
    return out, units, np.arange(len(out)) - np.repeat(starts[:-1], sizes)


def _missing(matrix: NDArray[np.float64]) -> float:
    import numpy as np

    return float(np.isnan(matrix).mean())


def require_length(rows: int, lags: int, names: Sequence[str]) -> None:
    """Raise ``NotApplicable`` where too few rows carry their whole past."""
    need = max(MIN_STEPS, 3 * (len(names) + 1))
    if rows < need:
        raise NotApplicable(
            f"{rows} steps have a complete past of {lags} steps; a search of {len(names)} columns needs {need}",
            "use fewer columns or a shorter lag, or give a longer series",
        )
