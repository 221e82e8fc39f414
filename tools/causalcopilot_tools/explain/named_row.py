"""The row that a person named: by its number, or by a value that only one row has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Scalar
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.explain.structural import Layout

if TYPE_CHECKING:
    import pandas as pd


def position(context: Context, row: Scalar, column: str | None) -> int:
    """The position of the row in the table, from 0.

    Args:
        context: the case.
        row: the number of the row, the first being 1; or, with ``column``, the value that it has there.
        column: column the value stands in.

    Raises:
        NotApplicable: no row, or several, are meant.
    """
    if column is None:
        return _numbered(context, row)
    import numpy as np

    values = context.dataset.frame([column])[column]
    found = np.flatnonzero(equal(values, row))
    if len(found) == 1:
        return int(found[0])
    if not len(found):
        raise NotApplicable(f"no row has {column} = {row}", "name the row by its number: row 17")
    first = ", ".join(str(i + 1) for i in found[:5])
    raise NotApplicable(
        f"{len(found)} rows have {column} = {row}, and one must be named",
        f"name it by its number: rows {first}{' …' if len(found) > 5 else ''}",
    )


def _numbered(context: Context, row: Scalar) -> int:
    number = int(row) if isinstance(row, int | float) and float(row).is_integer() else None
    if number is None and isinstance(row, str) and row.isdigit():
        number = int(row)
    if number is None:
        raise NotApplicable(f"{row!r} is no number of a row", "say row 17, or the column: id = A12")
    if not 1 <= number <= context.dataset.rows:
        raise NotApplicable(
            f"the table has no row {number}",
            f"rows run from 1 to {context.dataset.rows:,d}, without the header",
        )
    return number - 1


def equal(values: pd.Series, wanted: Scalar) -> pd.Series:
    """Which values are the wanted one: numbers as numbers, days as dates, text in any case."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return values.astype(str).str.startswith(str(wanted))
    if pd.api.types.is_numeric_dtype(values):
        try:
            return values == float(str(wanted))
        except ValueError:
            return values != values
    return values.astype(str).str.strip().str.lower() == str(wanted).strip().lower()


def in_layout(context: Context, layout: Layout, at: int) -> int:
    """The place of a row of the table among the rows of the model.

    Raises:
        NotApplicable: the row lacks a value that the model needs.
    """
    import numpy as np

    found = np.flatnonzero(layout.rows == at)
    if not len(found):
        names = [n.name for n in layout.nodes]
        gaps = context.dataset.frame(names).iloc[at].isna()
        lacking = [n for n in names if gaps[n]] or names
        raise NotApplicable(
            f"row {at + 1} has no value of {', '.join(lacking)}, which the model needs",
            "name a row without gaps",
        )
    return int(found[0])
