"""Designs that the table itself shows: a cutoff that decides the treatment exactly, and units seen over time.

Randomisation and instruments cannot be seen in a table; people have to name them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import ceil, floor
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Assumption, Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.controls import knows_order
from causalcopilot_tools.effects.designs.crossed import product_of, products_with
from causalcopilot_tools.effects.designs.posed import Posed
from causalcopilot_tools.effects.designs.rd import MIN_SIDE, MIN_VALUES
from causalcopilot_tools.effects.refit import MIN_ARM

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

TIME_NAME = re.compile(
    r"(?:^|_)(?:year|yr|quarter|qtr|month|week|day|date|time|period|wave|round)s?(?:$|_|\d)", re.I
)
PERIOD_NAME = re.compile(
    r"^(?:after|post|since|af(?=[a-z]{3})|[yd](?:19|20)?\d\d)(?:$|_|\d|[a-z])|_(?:after|post)$", re.I
)
PERIOD_MEANT = re.compile(r"\b(?:after|since|post|before|(?:in|year)\s*=*\s*(?:19|20)?\d\d)\b", re.I)
"""How a mark of the time from which on a treatment was given is named, and described."""
GROUP_NAMED = re.compile(
    r"^(?:ever_?)?(?:treat(?:ed|ment)?|exposed|exposure|intervention|program(?:me)?|policy|reform|affected|targeted)"
    r"(?:[_ ](?:group|state|unit|area|region|arm|dummy|indicator))?$",
    re.I,
)
AFTER_NAMED = re.compile(
    r"^(?:after|post)(?:[_ ]?(?:period|treat(?:ment)?|reform|policy|law|intervention|program(?:me)?|launch|change|dummy"
    r"|indicator|(?:19|20)\d\d))?$",
    re.I,
)
TWO_TIMES = frozenset(map(frozenset, (("before", "after"), ("pre", "post"), ("baseline", "endline"),
                                      ("baseline", "followup"), ("baseline", "follow-up"))))  # fmt: skip
"""Names of a group and of a time from which on, and labels of two times, that leave no other reading."""
MOST_COLUMNS, MOST_PERIODS = 60, 400
FULL = 0.8
"""Rows a panel holds at least, as a share of units times periods, for changes within units to be followed unasked."""
MIN_CHANGING = 10
"""Units whose treatment must change for that."""
GAP = 0.10
"""A cutoff lies where values are close: the empty stretch between the sides is less than this share of the range."""
LATER = ("post_treatment", "mediator", "outcome", "identifier", "unit", "time", "excluded", "negative_control_outcome",
         "weight", "event", "cluster", "latent")  # fmt: skip


@dataclass(frozen=True)
class Detected:
    """A question with the design that the table shows, and what a reader must be told about it.

    Attributes:
        question: with the design's columns.
        told: what the table shows.
        vouched: whether a person named the design, or the columns that make it.
        name_it: how a person would name it, as flags.
    """

    question: Question
    told: str
    vouched: bool = False
    name_it: str = ""


UNNAMED = "design_named"
"""The assumption of a design that the table shows and nobody named."""


def unvouched(found: Identification, shown: Detected) -> Identification:
    """The same argument as an assumption: that a table looks like a design does not say the treatment was given so.

    A panel shows who adopts when and not why; a cutoff in a column that was made from the treatment looks the same.
    """
    if shown.vouched or found.status != "identified":
        return found
    said = Assumption(
        UNNAMED, False, "the table shows the design; nobody said that the treatment was given so"
    )
    helps = f"if {found.treatments[0]} was given so, name the design: {shown.name_it}"
    return replace(
        found,
        status="assumed",
        assumptions=(said, *found.assumptions),
        would_help=(helps, *found.would_help),
    )


def detect(posed: Posed) -> Detected | None:
    """The design that the rows show, a panel before a cutoff; ``None`` where they show none.

    A panel needs a treatment that starts and stays within units, four means and a cutoff one of two values; a cutoff
    also needs a number that parts treated and untreated rows without an exception.  A treatment that comes and goes,
    or is a number, is followed within units where the table holds nearly every unit at nearly every time.
    """
    if posed.chosen.type == "binary":
        return _panel(posed) or _crossed(posed) or _sharp(posed) or _within(posed)
    return _within(posed) if posed.chosen.type == "continuous" else None


# --- panels -----------------------------------------------------------------------------------------------------


def panel_keys(posed: Posed) -> tuple[str, str] | None:
    """``keys_of`` the table that a question is asked of."""
    return keys_of(posed.context, _ends(posed))


def keys_of(
    context: Context, ends: tuple[str, str], unit: str | None = None, time: str | None = None
) -> tuple[str, str] | None:
    """The unit and time columns of a table that holds each unit at most once a period, if there is one such pair.

    Args:
        context: the case.
        ends: treatment and outcome, which are neither.
        unit, time: the one of the two that was named.
    """
    known, profile = context.knowledge, context.profile
    open_ends = [c for c in profile.columns if c.name not in ends]
    times = [c for c in open_ends if (c.name == time if time else _marks_time(c, known))]
    counts = {profile.rows / c.distinct for c in times}
    units = [
        c
        for c in open_ends
        if (c.name == unit if unit else _marks_unit(c, known, profile.rows) or _crosses(c, counts))
    ]
    found = []
    for when in times:
        for who in units:
            if who.name == when.name or who.distinct * when.distinct < profile.rows:
                continue
            keys = context.dataset.frame([who.name, when.name])
            if not keys.isna().to_numpy().any() and not keys.duplicated().any():
                found.append((who, when))
    named = [f for f in found if f[0].name in known.with_role("unit") or f[1].name in known.with_role("time")]
    best = named or sorted(found, key=lambda f: f[0].distinct)
    return (best[0][0].name, best[0][1].name) if best else None


def _ends(posed: Posed) -> tuple[str, str]:
    return posed.treatment.name, posed.outcome


def _marks_time(column: ColumnProfile, known: Knowledge) -> bool:
    few = 2 <= column.distinct <= MOST_PERIODS
    named = TIME_NAME.search(column.name) is not None and (
        column.storage == "number" or column.type == "date"
    )
    return few and (named or column.name in known.with_role("time"))


def _marks_unit(column: ColumnProfile, known: Knowledge, rows: int) -> bool:
    """Repeats, is whole where it is a number, and does not mark time."""
    if column.name in known.with_role("unit"):
        return True
    repeats = 2 < column.distinct <= rows / 2
    whole = column.type in ("nominal", "identifier", "ordinal", "count", "text")
    return repeats and whole and TIME_NAME.search(column.name) is None


def _crosses(column: ColumnProfile, counts: set[float]) -> bool:
    """A number with just as many values as a full panel has units: a code, if each value has one row a period."""
    return (
        column.storage == "number"
        and not column.missing
        and column.distinct > 2
        and column.distinct in counts
    )


def _panel(posed: Posed) -> Detected | None:
    keys = panel_keys(posed)
    if keys is None:
        return None
    unit, time = keys
    t = posed.treatment.name
    frame = posed.context.dataset.frame([t, unit, time])
    T = code_treatment(frame[t], "binary", posed.chosen.contrast)[0]
    if not _starts_and_stays(frame, T, unit, time):
        return None
    told = (
        f"each {unit} is seen once in every {time}, and {t} starts and stays on within some of them: read as a panel"
        " (--design adjustment reads rows as independent)"
    )
    known = posed.context.knowledge
    vouched = unit in known.with_role("unit") and time in known.with_role("time")
    flags = f"--unit {_quoted(unit)} --time {_quoted(time)}"
    return Detected(replace(posed.context.question, unit=unit, time=time), told, vouched, flags)


def _within(posed: Posed) -> Detected | None:
    """Units compared with themselves, where nobody said who comes before the treatment."""
    t, known = posed.treatment.name, posed.context.knowledge
    keys = None if knows_order(known, t) else panel_keys(posed)
    if keys is None:
        return None
    unit, time = keys
    frame = posed.context.dataset.frame([t, unit, time]).dropna()
    units, times = frame[unit].nunique(), frame[time].nunique()
    values = frame.groupby(unit, sort=False)[t].nunique()
    if len(frame) < FULL * units * times or times < 2 or int((values > 1).sum()) < MIN_CHANGING:
        return None
    told = (
        f"each {unit} is seen once in nearly every {time}, and {t} changes within {values[values > 1].size:,d} of"
        f" {units:,d}: each is compared with itself (--design adjustment reads rows as independent)"
    )
    vouched = unit in known.with_role("unit") and time in known.with_role("time")
    flags = f"--design panel --unit {_quoted(unit)} --time {_quoted(time)}"
    question = replace(posed.context.question, design="panel", unit=unit, time=time)
    return Detected(question, told, vouched, flags)


def _quoted(name: str) -> str:
    return f'"{name}"' if " " in name else name


def _starts_and_stays(frame: pd.DataFrame, T: NDArray[np.float64], unit: str, time: str) -> bool:
    """Whether the treatment never stops within a unit, starts within some, and some units are untreated at first."""
    import numpy as np

    kept = np.isfinite(T)
    rows = frame.loc[kept, [unit, time]].assign(T=T[kept]).sort_values([unit, time], kind="stable")
    steps = rows.groupby(unit, sort=False)["T"].diff()
    starts = bool((steps > 0).any())
    return starts and not bool((steps < 0).any())


# --- a group and a period -----------------------------------------------------------------------------------------


def _crossed(posed: Posed) -> Detected | None:
    """A treatment that is the product of two marks: a group, and a time from which on it was treated."""
    profile, t = posed.context.profile, posed.treatment.name
    parts = product_of(profile, t)
    if parts is None:
        return _grouped(posed)
    if posed.outcome in parts:
        return None
    period = _later(posed, parts) or parts[0]
    group = parts[1] if period == parts[0] else parts[0]
    told = f"{t} is {group} times {period} in every row: read as difference-in-differences of four means"
    question = replace(posed.context.question, design="did", unit=group, time=period)
    flags = f"--design did --unit {_quoted(group)} --time {_quoted(period)}"
    return Detected(question, told, name_it=flags)


def _grouped(posed: Posed) -> Detected | None:
    """A mark of who is ever treated beside the only mark of before and after, with rows of both on either side."""
    profile, t = posed.context.profile, posed.treatment.name
    if not GROUP_NAMED.search(t) or products_with(profile, t):
        return None
    marks = [c for c in profile.columns if c.type == "binary" and c.name not in _ends(posed)]
    times = [c.name for c in marks if AFTER_NAMED.search(c.name) or _labels(c) in TWO_TIMES]
    if len(times) != 1:
        return None
    [period] = times
    frame = posed.context.dataset.frame([t, period]).dropna()
    if len(counts := frame.value_counts()) < 4 or counts.min() < MIN_ARM:
        return None
    told = (
        f"rows of both values of {t} stand before and after {period}: read as difference-in-differences of four means"
        " (--design adjustment reads them as one time)"
    )
    flags = f"--design did --unit {_quoted(t)} --time {_quoted(period)}"
    question = replace(posed.context.question, design="did", unit=t, time=period)
    return Detected(question, told, name_it=flags)


def _labels(column: ColumnProfile) -> frozenset[str]:
    return frozenset(label.strip().lower() for label, _ in column.levels)


def crossed_with(posed: Posed) -> tuple[str, str] | None:
    """Group and period where difference-in-differences was named without them.

    The two marks whose product the treatment is, or of whose product it is one; else the treatment as the group and
    the only mark in the table that tells a time.
    """
    profile, t = posed.context.profile, posed.treatment.name
    of_it = product_of(profile, t)
    pairs = [of_it] if of_it else [(t, other) for other, _ in products_with(profile, t)]
    found = []
    for pair in pairs:
        period = _later(posed, pair)
        if period and posed.outcome not in pair:
            found.append((pair[0] if period == pair[1] else pair[1], period))
    if not pairs and posed.chosen.type == "binary":
        marks = [c.name for c in profile.columns if c.type == "binary" and c.name not in _ends(posed)]
        found = [(t, n) for n in marks if _tells_time(posed, n)]
    return found[0] if len(found) == 1 else None


def _later(posed: Posed, marks: tuple[str, str]) -> str:
    """Which of two marks tells a time, by its name, its meaning, or a column of times it is a cut of; else empty."""
    told = [n for n in marks if _tells_time(posed, n)]
    return told[0] if len(told) == 1 else ""


def _tells_time(posed: Posed, name: str) -> bool:
    known, profile = posed.context.knowledge.column(name), posed.context.profile
    if known is not None and known.role == "time":
        return True
    named = TIME_NAME.search(name) or PERIOD_NAME.search(name)
    meant = known is not None and PERIOD_MEANT.search(known.meaning)
    cut = any(
        m.name == name
        and m.how == "function"
        and (m.parts[0] in profile.time_columns or TIME_NAME.search(m.parts[0]))
        for m in profile.made
    )
    return bool(named or meant or cut)


# --- cutoffs ----------------------------------------------------------------------------------------------------


def _sharp(posed: Posed) -> Detected | None:
    known = posed.context.knowledge
    names = [
        c.name for c in posed.context.profile.columns if _may_run(c, known) and c.name not in _ends(posed)
    ]
    if not names or len(names) > MOST_COLUMNS:
        return None
    t = posed.treatment.name
    frame = posed.context.dataset.frame([t, *names])
    T = code_treatment(frame[t], "binary", posed.chosen.contrast)[0]
    found = [
        (name, c) for name in names if (c := cutoff_of(T, frame[name].to_numpy(dtype=float))) is not None
    ]
    if len(found) != 1:
        return None
    name, cutoff = found[0]
    told = (
        f"{t} changes exactly where {name} crosses {cutoff:g}: read as a regression discontinuity"
        " (no other comparison is possible, because no value of it holds both)"
    )
    flags = f"--running {_quoted(name)} --cutoff {cutoff:g}"
    question = replace(posed.context.question, design="rd", running=name, cutoff=cutoff)
    return Detected(question, told, name_it=flags)


def _may_run(column: ColumnProfile, known: Knowledge) -> bool:
    about = known.column(column.name)
    if about is not None and about.role in LATER:
        return False
    numeric = column.storage == "number" and column.type in ("continuous", "count", "ordinal")
    return numeric and column.distinct >= 2 * MIN_VALUES and TIME_NAME.search(column.name) is None


def cutoff_of(T: NDArray[np.float64], r: NDArray[np.float64]) -> float | None:
    """The roundest number that parts T = 1 from T = 0 along ``r`` (both (n,)), or ``None`` where none does.

    Each side needs the rows and values of a discontinuity design, and the sides must nearly touch.
    """
    import numpy as np

    seen = np.isfinite(T) & np.isfinite(r)
    one, zero = r[seen & (T == 1)], r[seen & (T == 0)]
    for side in (one, zero):
        if len(side) < MIN_SIDE or len(np.unique(side)) < MIN_VALUES:
            return None
    low, high = (zero, one) if zero.max() < one.min() else (one, zero)
    left, right = float(low.max()), float(high.min())
    span = float(high.max() - low.min())
    if left >= right or right - left > GAP * span:
        return None
    return roundest(left, right)


def roundest(left: float, right: float) -> float:
    """The number with the fewest digits in ``(left, right]``."""
    if left < 0 <= right:
        return 0.0
    for digits in range(-12, 13):
        scale = 10.0**digits
        made = (floor(left * scale) + 1) / scale
        if left < made <= right:
            return float(ceil(made) if digits <= 0 else made)
    return right
