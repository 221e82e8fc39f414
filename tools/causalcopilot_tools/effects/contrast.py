"""Which two treatment values are compared, in the user's units."""

from __future__ import annotations

import math
from dataclasses import dataclass

from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.identification import TreatmentType
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import DataError, NotApplicable, UsageError, nearest

NEGATIVE = frozenset(
    "no n false f off never none control untreated unexposed placebo absent before negative usual standard 0".split()
)
"""Level names that read as "without the treatment"; such a level is the control of a text column."""

WITHOUT = frozenset("no not never without placebo control untreated usual standard".split())
"""First words of such names."""


@dataclass(frozen=True)
class Chosen:
    """How the treatment is read and which values are compared, with what a reader must be told."""

    type: TreatmentType
    contrast: Contrast
    findings: tuple[str, ...] = ()


def choose_contrast(column: ColumnProfile, control: Scalar, treated: Scalar) -> Chosen:
    """Settle the contrast of one treatment column.

    Binary columns compare their two levels (the smaller number, ``False``, or a word such as ``no`` is the
    control); nominal and ordinal ones the asked levels, else the two most frequent, numbers upwards and text
    from the one word such as ``placebo``; numbers the asked values, else one unit up from the median, or up to
    the top of the values where the median is too near it.

    Args:
        column: profile of the treatment.
        control, treated: asked values, ``None`` where not asked.

    Raises:
        NotApplicable: the column cannot be a treatment (identifier, date, free text).
        DataError: it never varies.
        UsageError: an asked value does not occur, or both are the same.
    """
    if column.type in ("identifier", "date", "text"):
        raise NotApplicable(
            f"{column.name} is read as {_noun(column.type)} and cannot be a treatment",
            "name a column whose values could be set, or give its type in a knowledge file",
        )
    if column.type == "constant" or column.distinct < 2:
        raise DataError(
            f"the treatment {column.name} {same_in_all(column)}",
            "there is nothing to compare; use another column",
        )
    if column.type in ("count", "continuous"):
        chosen = _numbers(column, control, treated)
    elif column.type == "binary":
        chosen = _binary(column, control, treated)
    else:
        chosen = _levels(column, control, treated)
    if chosen.contrast.control == chosen.contrast.treated:
        raise UsageError(
            f"both values of {column.name} are {chosen.contrast.control}",
            "give two different values to compare",
        )
    return chosen


def same_in_all(column: ColumnProfile) -> str:
    """How a column that holds fewer than two values is told."""
    return "never varies" if column.distinct else "has no values"


def _noun(kind: str) -> str:
    return {"identifier": "an identifier", "date": "a date", "text": "free text"}.get(kind, kind)


def _values(column: ColumnProfile) -> list[Scalar]:
    """The known levels in the column's own kind of value, most frequent first."""
    return [_cast(column, label) for label, _ in column.levels]


def _cast(column: ColumnProfile, label: Scalar) -> Scalar:
    """A level label as the value it stands for; text stays text."""
    if column.storage == "boolean":
        word = str(label).strip().lower()
        return (
            True
            if word in ("1", "1.0", "true", "yes")
            else False
            if word in ("0", "0.0", "false", "no")
            else label
        )
    if column.storage == "number":
        try:
            number = float(str(label))
        except ValueError:
            return label
        return int(number) if math.isfinite(number) and number == int(number) else number
    return str(label)


def _level(column: ColumnProfile, asked: Scalar) -> Scalar:
    """The level that is asked for: exact, else the only one that differs in case alone."""
    known = _values(column)
    value = _cast(column, asked)
    if value in known:
        return value
    same = [k for k in known if str(k).lower() == str(value).lower()]
    if len(same) == 1:
        return same[0]
    if column.distinct > len(known):
        return value  # the profile lists the most frequent levels only; the estimator sees them all
    labels = [str(k) for k in known]
    like = nearest(str(asked), labels) or labels[:6]
    raise UsageError(f"{asked!r} is not a value of {column.name}", "known values: " + ", ".join(like))


def _binary(column: ColumnProfile, control: Scalar, treated: Scalar) -> Chosen:
    known = _values(column) or [_cast(column, column.minimum), _cast(column, column.maximum)]
    low, findings = _order(column, known)
    high = next(k for k in known if k != low)
    if control is not None:
        low = _level(column, control)
        high = next(k for k in known if k != low)
    if treated is not None:
        high = _level(column, treated)
        low = _level(column, control) if control is not None else next(k for k in known if k != high)
    asked = control is not None or treated is not None
    return Chosen("binary", Contrast(low, high), () if asked else findings)


def _order(column: ColumnProfile, known: list[Scalar]) -> tuple[Scalar, tuple[str, ...]]:
    """The control level of a two-valued column, and a word on it where it had to be guessed."""
    if column.storage in ("number", "boolean"):
        return min(known, key=lambda k: float(str(k)) if not isinstance(k, bool) else float(k)), ()
    negative = [k for k in known if _negative(k)]
    if len(negative) == 1:
        return negative[0], ()
    low = min(known, key=str)
    return low, (
        f"{low!r} is taken as the control value of {column.name} (alphabetical order); name both to change it",
    )


def _levels(column: ColumnProfile, control: Scalar, treated: Scalar) -> Chosen:
    known = _values(column)
    if len(known) < 2:
        raise DataError(
            f"{column.name} has no two levels to compare", "name two values with their exact spelling"
        )
    low = _from(column, known) if control is None else _level(column, control)
    high = next(k for k in known if k != low) if treated is None else _level(column, treated)
    if control is None and high == low:
        low = next(k for k in known if k != high)
    if control is None and treated is None and _is_number(low) and _is_number(high):
        low, high = sorted((low, high), key=lambda k: float(str(k)))
    said = control is not None and treated is not None
    often = ", its most frequent values" if {low, high} == set(known[:2]) else ""
    told = f"{column.name}: {high!r} is compared with {low!r}{often}; name two values to change it"
    return Chosen("categorical", Contrast(low, high), () if said else (told,))


def _from(column: ColumnProfile, known: list[Scalar]) -> Scalar:
    """The level compared from: the only one whose name reads as "without", else the most frequent."""
    negative = [k for k in known if _negative(k)] if column.storage == "text" else []
    return negative[0] if len(negative) == 1 else known[0]


def _negative(label: Scalar) -> bool:
    """Whether a level reads as "without the treatment", by itself or by how it begins: "placebo", "no e-mail"."""
    word = str(label).strip().lower()
    return word in NEGATIVE or word.partition(" ")[0] in WITHOUT


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(column: ColumnProfile, control: Scalar, treated: Scalar) -> Chosen:
    whole = column.type == "count"
    low, high = _number(column, control), _number(column, treated)
    step = _step(column)
    told = ""
    if low is None and high is None:
        low, whence = _round(_middle(column), step), "up from the middle of its values"
        if _outside(column, low + step) and (below := _below_the_top(column, step)) is not None:
            low, whence = below, "up to the top of its values"
        high = low + step
        told = f"{column.name} is compared at {high:g} against {low:g}: {step:g} {whence}"
    elif high is None and low is not None:
        high = low + step
        told = f"{column.name} is compared at {high:g}, {step:g} above the asked {low:g}"
    elif low is None and high is not None:
        low = high - step
        told = f"{column.name} is compared with {low:g}, {step:g} below the asked {high:g}"
    outside = tuple(_outside(column, v) for v in (low, high) if v is not None)
    contrast = Contrast(_tidy(low, whole), _tidy(high, whole))
    return Chosen("continuous", contrast, tuple(f for f in (told, *outside) if f))


def _number(column: ColumnProfile, asked: Scalar) -> float | None:
    if asked is None:
        return None
    try:
        value = float(str(asked)) if not isinstance(asked, bool) else float(asked)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(
            f"{asked!r} is not a number, but {column.name} is numeric", "give the value as a number"
        )
    return value


def _middle(column: ColumnProfile) -> float:
    middle = column.median if column.median is not None else column.mean
    return float(middle) if middle is not None else 0.0


def _step(column: ColumnProfile) -> float:
    """One unit; where the whole column spans less than two, its standard deviation to one digit."""
    if column.low is None or column.high is None or column.high - column.low >= 2.0 or not column.std:
        return 1.0
    return float(f"{column.std:.0e}")


def _round(value: float, step: float) -> float:
    """A readable start: to the step's own decimal place, never further from the value than half a step."""
    digits = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    return round(value, digits) + 0.0  # never minus zero


def _below_the_top(column: ColumnProfile, step: float) -> float | None:
    """One step below the 99 % quantile, which may be told, where that leaves both values among those seen."""
    if column.high is None:
        return None
    low = _round(column.high - step, step)
    return low if not (_outside(column, low) or _outside(column, low + step)) else None


def _outside(column: ColumnProfile, value: float) -> str:
    low, high = column.minimum, column.maximum
    if isinstance(low, (int, float)) and isinstance(high, (int, float)) and not low <= value <= high:
        return f"{column.name} = {value:g} lies outside the observed range: the number there is extrapolation"
    return ""


def _tidy(value: float | None, whole: bool) -> Scalar:
    if value is None:
        return None
    return int(value) if whole and value == int(value) else float(f"{value:.12g}")
