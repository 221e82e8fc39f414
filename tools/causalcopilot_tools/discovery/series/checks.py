"""Checks before any search over time: seasons, unit roots, drifts and breaks, and what is done about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Excluded
from causalcopilot.errors import DataError
from causalcopilot_tools.discovery.core.seasonality import Seasonality
from causalcopilot_tools.discovery.core.stationarity import Stationarity, Treatment
from causalcopilot_tools.discovery.series.checked import Checked
from causalcopilot_tools.discovery.series.prepared import Series, Treat

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_UNITS = 30
"""Units of a panel that are tested, evenly chosen among those long enough."""
BREAK_LEVEL = 0.01
"""Level of the break tests, divided by the number of variables."""
NOTHING = 1e-6
"""Share of its spread that a column must keep through its treatment."""
SHARE = 0.5
"""Share of a panel's tested units from which a finding counts for all."""


def treated(s: Series, treat: Treat) -> Series:
    """The series after its checks, treated by the written rule (``core.stationarity.decide``) or as asked.

    Args:
        s: as read.
        treat: ``auto`` for the rule; ``none``, ``detrend`` or ``difference`` for all variables.
    """
    import numpy as np

    parts = _parts(s)
    x = s.x.copy()
    seasons = [_season(s, x, j, parts) if treat == "auto" else None for j in range(len(s.names))]
    for j, found in enumerate(seasons):
        if found:
            _each(x, j, parts, s.position, found)
    tests = [_tests(x[:, j], parts) for j in range(len(s.names))]
    ways = _ways(tests, treat)
    from causalcopilot_tools.discovery.core.stationarity import apply

    for j, way in enumerate(ways):
        for part in parts:
            if way != "none" and (~np.isnan(x[part, j])).sum() > 2:
                x[part, j] = apply(x[part, j], way)
    rows = zip(s.names, seasons, tests, ways, strict=True)
    checks = [Checked(n, f, t, w) for n, f, t, w in rows]
    checks = [_with_break(s, c, x[:, j], parts) for j, c in enumerate(checks)]
    if s.panel:
        for part in parts:
            known = ~np.isnan(x[part])
            count = np.maximum(known.sum(axis=0), 1)
            x[part] -= np.where(known, x[part], 0.0).sum(axis=0) / count
    return _varying(replace(s, x=x, checks=tuple(checks)), s)


def _varying(s: Series, before: Series) -> Series:
    """The series without columns of which the treatment left nothing."""
    import numpy as np

    scale = np.nanstd(before.x, axis=0)
    kept = [j for j in range(len(s.names)) if np.nanstd(s.x[:, j]) > NOTHING * scale[j]]
    gone = [
        Excluded(c.name, f"has nothing left ({c.done()})") for j, c in enumerate(s.checks) if j not in kept
    ]
    if len(kept) < 2:
        raise DataError(
            "fewer than two columns vary over time once seasons, slow movements and units' means are gone",
            "give other columns, or treat none to leave the series as they are",
        )
    return replace(s.keep(kept), left_out=(*s.left_out, *gone)) if gone else s


def _parts(s: Series) -> list[slice]:
    """Rows of each unit."""
    import numpy as np

    ends = np.flatnonzero(np.r_[np.diff(s.units) != 0, True]) + 1
    return [slice(int(a), int(b)) for a, b in zip(np.r_[0, ends[:-1]], ends, strict=True)]


def _tested(parts: list[slice], least: int) -> list[slice]:
    """Units long enough to be tested, at most ``MOST_UNITS``."""
    long = [p for p in parts if p.stop - p.start >= least]
    step = max(1, -(-len(long) // MOST_UNITS))
    return long[::step]


def _season(s: Series, x: NDArray[np.float64], j: int, parts: list[slice]) -> Seasonality | None:
    from causalcopilot_tools.discovery.core import seasonality

    if not s.index.periods:
        return None
    tested = _tested(parts, seasonality.CYCLES * min(s.index.periods) + 10)
    level = seasonality.LEVEL / len(s.names)
    found = [f for p in tested if (f := seasonality.find(x[p, j], s.position[p], s.index.periods, level))]
    if len(found) < max(1.0, SHARE * len(tested)):
        return None
    periods = [f.period for f in found]
    period = max(set(periods), key=lambda v: (periods.count(v), -v))
    return min((f for f in found if f.period == period), key=lambda f: f.p_value)


def _each(
    x: NDArray[np.float64], j: int, parts: list[slice], position: NDArray[np.int64], found: Seasonality
) -> None:
    """Take a season out of every unit long enough to have one."""
    from causalcopilot_tools.discovery.core import seasonality

    for part in parts:
        if part.stop - part.start > 2 * found.period:
            x[part, j] = seasonality.remove(x[part, j], position[part], found)


def _tests(x: NDArray[np.float64], parts: list[slice]) -> Stationarity | None:
    """The tests of one variable; in a panel those of the unit in the middle of the tested ones."""
    import numpy as np

    from causalcopilot_tools.discovery.core import stationarity

    found = []
    for part in _tested(parts, stationarity.MIN_LENGTH):
        known = x[part][~np.isnan(x[part])]
        if len(known) >= stationarity.MIN_LENGTH and np.ptp(known) > 0:
            found.append(stationarity.examine(known))
    if not found:
        return None
    middle = [
        float(np.median([getattr(f, k) for f in found]))
        for k in ("adf_p", "kpss_level", "kpss_trend", "turn")
    ]
    return Stationarity(*middle)


def _ways(tests: list[Stationarity | None], treat: Treat) -> tuple[Treatment, ...]:
    from causalcopilot_tools.discovery.core import stationarity

    if treat != "auto":
        return (treat,) * len(tests)
    known = iter(stationarity.decide([t for t in tests if t is not None]))
    return tuple("none" if t is None else next(known) for t in tests)


def _with_break(s: Series, c: Checked, x: NDArray[np.float64], parts: list[slice]) -> Checked:
    """The check with its break test; of a panel, by the share of units that break."""
    import numpy as np

    from causalcopilot_tools.discovery.core import breaks

    found = []
    for part in _tested(parts, breaks.MIN_LENGTH):
        rows = np.flatnonzero(~np.isnan(x[part]))
        if len(rows) >= breaks.MIN_LENGTH and np.ptp(x[part][rows]) > 0:
            b = breaks.find(x[part][rows])
            found.append(replace(b, at=part.start + int(rows[b.at])))
    if not found:
        return c
    clear = [b for b in found if b.p_value < BREAK_LEVEL / len(s.names)]
    broke = len(clear) >= max(1.0, SHARE * len(found))
    worst = min(found, key=lambda b: b.p_value)
    return replace(c, break_=worst, broke=broke, break_at=s.label(worst.at) if broke else "")
