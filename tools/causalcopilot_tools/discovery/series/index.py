"""The time column: parsed, sorted, put on a regular grid; duplicates, gaps and odd spacing named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GRID = 5
"""A grid may hold this many times more steps than rows; beyond, steps are counted in rows."""
TOLERANCE = 0.01
"""Share of a step by which a number may miss the grid."""
CALENDAR: dict[str, tuple[int, ...]] = {
    "hour": (24,),
    "day": (7,),
    "business day": (5,),
    "week": (52,),
    "month": (12,),
    "quarter": (4,),
}
"""Steps after which a pattern may repeat, by what one step is."""
UNKNOWN_PERIODS = (4, 7, 12, 24, 52)
"""Periods to try where a step has no name."""


@dataclass(frozen=True)
class Index:
    """Where the rows stand in time.

    Attributes:
        order: (n,) rows of the table sorted by unit and time.
        unit: (n,) number of each sorted row's unit.
        position: (n,) step of each sorted row within its unit.
        labels: (n,) time of each sorted row, as text.
        step: what one step is, in words.
        periods: steps after which a pattern may repeat.
        units: names of the units; one empty name without a unit column.
        gaps: steps missing inside the units' spans.
        regular: whether rows stand on a grid.
        notes: what a reader must know.
    """

    order: NDArray[np.int64]
    unit: NDArray[np.int64]
    position: NDArray[np.int64]
    labels: tuple[str, ...]
    step: str
    periods: tuple[int, ...]
    units: tuple[str, ...]
    gaps: int
    regular: bool
    notes: tuple[str, ...] = ()


def build(times: Any, units: Any | None, time: str, unit: str | None) -> Index:
    """Read a time column.

    Args:
        times: pandas Series of numbers, dates or text that says a date.
        units: pandas Series of the unit of each row, or ``None``.
        time, unit: the columns' names, for messages.

    Raises:
        DataError: times that cannot be read, are missing, or stand twice in one unit.
    """
    import numpy as np
    import pandas as pd

    values = _parsed(times, time)
    names: tuple[str, ...] = ("",)
    if units is None:
        codes = np.zeros(len(values), np.int64)
    else:
        if units.isna().any():
            raise DataError(f"the unit column {unit} has missing cells", "drop those rows or name them")
        found, levels = pd.factorize(units, sort=True)
        codes, names = found.astype(np.int64), tuple(str(v) for v in levels)
    order = np.lexsort((values.to_numpy(), codes))
    codes, values = codes[order], values.iloc[order].reset_index(drop=True)
    _refuse_duplicates(values, codes, names, time, unit)
    number, step, periods = _numbers(values, codes)
    position, regular = _positions(number, codes)
    notes = []
    if not regular:
        position = _counted(codes)
        notes.append(
            f"the times in {time} are unevenly spaced: steps are counted in rows, so a lag of one is not always the "
            "same stretch of time"
        )
        step, periods = "row", ()
    gaps = _gaps(position, codes)
    if gaps:
        at = np.flatnonzero((np.diff(position) > 1) & (np.diff(codes) == 0))
        first = _label(values.iloc[int(at[0])])
        more = f", and {len(at) - 1} more gaps" if len(at) > 1 else ""
        notes.append(
            f"{gaps:,} steps are missing (the first after {first}{more}); rows whose past has a gap are not used"
        )
    labels = tuple(_label(v) for v in times.iloc[order])
    return Index(order, codes, position, labels, step, periods, names, gaps, regular, tuple(notes))


def _parsed(times: Any, name: str) -> Any:
    """The column as numbers or dates."""
    import numpy as np
    import pandas as pd

    if times.isna().any():
        missing = int(times.isna().sum())
        raise DataError(
            f"the time column {name} is missing in {missing:,} rows", "drop those rows or fill in their time"
        )
    if isinstance(times.dtype, pd.DatetimeTZDtype):
        local = times.dt.tz_localize(None)
        return (
            local
            if (local.dt.normalize() == local).all()
            else times.dt.tz_convert("UTC").dt.tz_localize(None)
        )
    if pd.api.types.is_datetime64_any_dtype(times):
        return times
    if pd.api.types.is_numeric_dtype(times):
        if np.isinf(times.to_numpy(dtype=float)).any():
            raise DataError(f"the time column {name} has infinite values", "name another time column")
        return times.astype(float)
    text = times.astype(str).str.strip()
    quarters = text.str.extract(r"^(\d{4})[\s:_-]*[Qq]([1-4])$")
    if quarters.notna().all(axis=None):
        month = (quarters[1].astype(int) * 3 - 2).astype(str).str.zfill(2)
        return pd.to_datetime(quarters[0] + "-" + month + "-01")
    months = text.str.extract(r"^(\d{4})[\s:_/-]*[Mm]?(\d{1,2})$")
    if months.notna().all(axis=None) and months[1].astype(int).between(1, 12).all():
        return pd.to_datetime(months[0] + "-" + months[1].str.zfill(2) + "-01")
    numbers = pd.to_numeric(text, errors="coerce")
    if numbers.notna().all():
        return numbers.astype(float)
    dates = pd.to_datetime(text, errors="coerce", format="mixed")
    if dates.isna().any():
        bad = text[dates.isna()].iloc[0]
        raise DataError(f"the time column {name} holds {bad!r}, which is no time", "name another time column")
    return dates


def _refuse_duplicates(values: Any, codes: Any, names: tuple[str, ...], time: str, unit: str | None) -> None:
    import numpy as np

    number = values.to_numpy()
    twice = np.flatnonzero((number[1:] == number[:-1]) & (codes[1:] == codes[:-1]))
    if not len(twice):
        return
    at = _label(values.iloc[int(twice[0])])
    if unit is None:
        raise DataError(
            f"{len(twice):,} rows repeat a time of {time} (the first is {at})",
            "if the table holds several units, name their column with --unit; else keep one row per time",
        )
    where = names[int(codes[int(twice[0])])]
    raise DataError(
        f"{len(twice):,} rows repeat a time of {time} within a unit of {unit} (the first is {at} in {where})",
        "keep one row per unit and time",
    )


def _numbers(values: Any, codes: Any) -> tuple[Any, str, tuple[int, ...]]:
    """Times as numbers in which one step is a constant, what a step is, and its plausible periods."""
    import numpy as np
    import pandas as pd

    if not pd.api.types.is_datetime64_any_dtype(values):
        return _numeric(values.to_numpy(dtype=float), codes)
    dates = values.dt
    within = np.diff(codes) == 0
    day_of_month = dates.day.to_numpy()
    midnight = bool((dates.normalize() == values).all())
    month_ends = bool((dates.is_month_end).all())
    if midnight and (len(set(day_of_month.tolist())) == 1 or month_ends):
        months = (dates.year * 12 + dates.month - 1).to_numpy(dtype=float)
        size = _common(np.diff(months)[within])
        named = {1.0: "month", 3.0: "quarter", 12.0: "year"}.get(size, f"{size:g} months")
        return months / max(size, 1.0), named, CALENDAR.get(named, ())
    if midnight and not (dates.day_of_week >= 5).any() and _common(_days(values, within)) == 1.0:
        start = np.datetime64("1970-01-01", "D")
        return (
            np.busday_count(start, values.to_numpy().astype("datetime64[D]")).astype(float),
            "business day",
            CALENDAR["business day"],
        )
    seconds = values.to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6
    size = _common(np.diff(seconds)[within])
    names = {3600.0: "hour", 86400.0: "day", 604800.0: "week"}
    step = names.get(size, _span(size))
    return seconds / (size or 1.0), step, CALENDAR.get(step, ())


def _numeric(number: Any, codes: Any) -> tuple[Any, str, tuple[int, ...]]:
    import numpy as np

    size = _common(np.diff(number)[np.diff(codes) == 0])
    for parts in (4, 12, 52):
        if abs(size * parts - 1) < 0.01:
            return number * parts, f"1/{parts} of the unit of time", (parts,)
    return number / (size or 1.0), "step" if size == 1 else f"{size:g} units of time", UNKNOWN_PERIODS


def _days(values: Any, within: Any) -> Any:
    import numpy as np

    days = values.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.diff(days)[within].astype(float)


def _span(seconds: float) -> str:
    for size, name in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= size:
            return f"{seconds / size:g} {name}"
    return f"{seconds:g} seconds"


def _common(steps: Any) -> float:
    """The most frequent step (the smaller one of two as frequent)."""
    import numpy as np

    if not len(steps):
        return 1.0
    sizes, counts = np.unique(np.round(steps, 9), return_counts=True)
    return float(sizes[int(counts.argmax())])


def _positions(number: Any, codes: Any) -> tuple[Any, bool]:
    """Whole steps since each unit's first row, and whether the rows fit that grid."""
    import numpy as np

    first = np.r_[True, np.diff(codes) != 0]
    origin = number[np.maximum.accumulate(np.where(first, np.arange(len(number)), 0))]
    steps = number - origin
    position = np.rint(steps).astype(np.int64)
    fits = np.abs(steps - position) <= np.maximum(TOLERANCE, 1e-9 * np.abs(steps))
    apart = (np.diff(position) > 0) | (np.diff(codes) != 0)
    spread = sum(int(position[codes == c].max()) + 1 for c in np.unique(codes))
    return position, bool(fits.all() and apart.all() and spread <= GRID * len(number) + 10)


def _counted(codes: Any) -> Any:
    import numpy as np

    first = np.flatnonzero(np.r_[True, np.diff(codes) != 0])
    return np.arange(len(codes)) - np.repeat(first, np.diff(np.r_[first, len(codes)]))


def _gaps(position: Any, codes: Any) -> int:
    import numpy as np

    within = np.diff(codes) == 0
    return int((np.diff(position)[within] - 1).sum())


def _label(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}" if value != int(value) else str(int(value))
    text = str(value)
    return text.removesuffix(" 00:00:00")
