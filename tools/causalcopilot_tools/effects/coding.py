"""Treatment and outcome columns as numbers, in the user's terms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.identification import TreatmentType
from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import DataError, NotApplicable, nearest
from causalcopilot_tools.effects.design_matrix import level_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

PERCENTAGE_POINTS = "percentage points"
AFFIRMATIVE = ("yes", "true", "y", "t", "1", "positive", "success", "died", "dead", "event")
"""Of two text levels, one of these counts as the event; else the last in sort order."""


@dataclass(frozen=True)
class Outcome:
    """The outcome as numbers.

    Attributes:
        values: (n,) float64, NaN where missing; 0 or 100 for a two-level outcome.
        unit: unit of the values.
        binary: whether it has two levels.
        finding: which level counts as 1, or empty.
        event: that level, where it is not simply 1.
    """

    values: NDArray[np.float64]
    unit: str
    binary: bool
    finding: str = ""
    event: str = ""

    def take(self, rows: NDArray[np.bool_]) -> Outcome:
        """The same for some rows."""
        return replace(self, values=self.values[rows])


def code_outcome(
    column: pd.Series, unit: str = "", kind: ColumnType | None = None, levels: tuple[str, ...] = ()
) -> Outcome:
    """Outcome in its unit; a two-level outcome in percentage points, unless it is said to be an amount of a unit.

    Args:
        column: the table's column.
        unit: its unit.
        kind: its type from the profile.
        levels: order of its levels from the knowledge; the last of two counts as the event.

    Raises:
        NotApplicable: text with more than two levels, or dates.
    """
    import numpy as np
    import pandas as pd

    name = str(column.name)
    if pd.api.types.is_datetime64_any_dtype(column):
        raise NotApplicable(f"outcome {name!r} is a date", "choose a numeric or two-level outcome")
    values = numbers(column)
    if values is None:
        return _text_outcome(column, levels)
    values = np.where(np.isfinite(values), values, np.nan)
    seen = np.unique(values[np.isfinite(values)])
    amount = bool(unit) and kind in ("continuous", "count")
    if len(seen) == 2 and not amount and (set(seen) == {0.0, 1.0} or (kind == "binary" and not unit)):
        coded = np.where(np.isnan(values), np.nan, np.where(values == seen[1], 100.0, 0.0))
        said = f"{name}: the value {level_text(seen[1])} counts as the event, {level_text(seen[0])} as none."
        if set(seen) == {0.0, 1.0}:
            lost = f"{name} holds two values and is told in {PERCENTAGE_POINTS}; its unit {unit} is not used."
            said = lost if unit and unit != PERCENTAGE_POINTS else ""
            return Outcome(coded, PERCENTAGE_POINTS, True, said)
        return Outcome(coded, PERCENTAGE_POINTS, True, said, str(level_text(seen[1])))
    return Outcome(values, unit, False)


def _text_outcome(column: pd.Series, levels: tuple[str, ...]) -> Outcome:
    import numpy as np

    name = str(column.name)
    text = np.array([level_text(v) for v in column], dtype=object)
    found = sorted({t for t in text if t is not None})
    if len(found) > 2:
        raise NotApplicable(
            f"outcome {name!r} is text with {len(found)} levels",
            "choose a numeric outcome, or one with two levels",
        )
    if len(found) < 2:
        raise DataError(f"outcome {name!r} has a single value", "choose an outcome that varies")
    event = found[1]
    if set(levels) == set(found):
        event = levels[-1]
    else:
        event = next((f for f in found if f.strip().lower() in AFFIRMATIVE), event)
    other = found[0] if event == found[1] else found[1]
    coded = np.array([np.nan if t is None else 100.0 * (t == event) for t in text], dtype=np.float64)
    said = f"{name}: the level {event!r} counts as the event, {other!r} as none."
    return Outcome(coded, PERCENTAGE_POINTS, True, said, event)


def code_treatment(
    column: pd.Series, kind: TreatmentType, contrast: Contrast
) -> tuple[NDArray[np.float64], float]:
    """Treatment as numbers, and what one contrast is worth on that scale.

    Returns:
        binary and categorical: (n,) 1 at the treated value, 0 at the control value, -1 at any other,
        NaN where missing; step 1.  Continuous: (n,) the values themselves; step treated minus control.

    Raises:
        DataError: an arm without rows.
        NotApplicable: a continuous treatment that is not a number, or two equal contrast values.
    """
    import numpy as np

    name = str(column.name)
    if kind == "continuous":
        values = numbers(column)
        step = _step(name, contrast)
        if values is None:
            raise NotApplicable(f"treatment {name!r} is text, not a number", "compare two of its levels")
        return np.where(np.isfinite(values), values, np.nan), step
    text = np.array([level_text(v) for v in column], dtype=object)
    control, treated = level_text(contrast.control), level_text(contrast.treated)
    if control == treated:
        raise NotApplicable(
            f"the contrast compares {name} = {treated} with itself", "give two different values"
        )
    coded = np.full(len(text), -1.0)
    coded[text == None] = np.nan  # noqa: E711  (elementwise)
    for code, level in ((0.0, control), (1.0, treated)):
        coded[text == level] = code
        if not (text == level).any():
            known = sorted({t for t in text if t is not None})
            near = nearest(str(level), known) or known[:5]
            raise DataError(f"no row has {name} = {level}", "its levels include " + ", ".join(near))
    return coded, 1.0


def numbers(column: pd.Series) -> NDArray[np.float64] | None:
    """The column as float64 with NaN, or ``None`` if it is not numeric (two-level text of digits is)."""
    import numpy as np
    import pandas as pd

    plain = not isinstance(column.dtype, pd.CategoricalDtype)
    if not plain or not pd.api.types.is_numeric_dtype(column):
        read = pd.to_numeric(column.astype(object), errors="coerce")
        if read.notna().sum() == 0 or read.notna().sum() < column.notna().sum():
            return None
        column = read
    out: NDArray[np.float64] = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return out


def _step(name: str, contrast: Contrast) -> float:
    a, b = as_number(contrast.control), as_number(contrast.treated)
    if a is None or b is None:
        raise NotApplicable(f"the contrast of {name} is not numeric", "give two numbers in its unit")
    if a == b:
        raise NotApplicable(f"the contrast compares {name} = {b:g} with itself", "give two different values")
    return b - a


def as_number(value: Scalar) -> float | None:
    """A contrast value as a finite number, or ``None``."""
    try:
        number = float(value) if value is not None else float("nan")
    except ValueError:
        return None
    return number if abs(number) < float("inf") else None
