"""Columns of a table as numbers: categories as indicators, ordered levels as ranks, the rest as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.identification import Excluded
from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MAX_LEVELS = 20
"""A category with more levels is left out: its indicators would outnumber what the rows can tell."""
NOT_NUMBERS: dict[ColumnType, str] = {
    "constant": "has a single value",
    "identifier": "identifies rows",
    "date": "is a date",
    "text": "is free text",
}


def encode(context: Context, names: Sequence[str], asked: Sequence[str] = ()) -> Prepared:
    """The named columns as numbers, those that have none left out with the reason; nothing else is judged.

    Args:
        context: the case.
        names: columns, as they stand in the table.
        asked: columns the user named: a numeric one is used even where it looks like an identifier.
    """
    frame = context.dataset.frame(names)
    parts: list[_Encoded] = []
    out: list[Excluded] = []
    for name in names:
        kind = context.dataset.type_of(name)
        part = _encode(name, kind, frame[name], _levels(context, name), name in asked)
        if isinstance(part, Excluded):
            out.append(part)
        else:
            parts.append(part)
    return replace(_joined(parts, len(frame)), left_out=tuple(out))


def _levels(context: Context, name: str) -> tuple[str, ...]:
    known = context.knowledge.column(name)
    return known.levels if known else ()


@dataclass(frozen=True)
class _Encoded:
    name: str
    type: ColumnType
    numbers: NDArray[np.float64]


def _encode(
    name: str, kind: ColumnType, values: Any, levels: tuple[str, ...], asked: bool
) -> _Encoded | Excluded:
    """One column as an (n, k) block of numbers, or why not."""
    import numpy as np
    import pandas as pd

    if values.isna().all():
        return Excluded(name, "has no values")
    number = pd.api.types.is_numeric_dtype(values)
    if kind in NOT_NUMBERS and not (kind == "identifier" and asked and number):
        return Excluded(name, NOT_NUMBERS[kind])
    if values.nunique(dropna=True) < 2:
        return Excluded(name, "has a single value")
    if number and np.isinf(values.to_numpy(dtype=np.float64, na_value=np.nan)).any():
        return Excluded(name, "has infinite values")
    if number and kind not in ("nominal", "binary"):
        return _Encoded(name, kind, values.to_numpy(dtype=np.float64, na_value=np.nan)[:, None])
    if kind == "ordinal" and levels:
        return _Encoded(name, kind, _ranks(values, levels))
    return _indicators(name, kind, values)


def _ranks(values: Any, levels: tuple[str, ...]) -> NDArray[np.float64]:
    """Places of ordered levels; a value outside them counts as missing."""
    import numpy as np

    place = {level: float(i) for i, level in enumerate(levels)}
    ranks: NDArray[np.float64] = values.astype(str).map(place).to_numpy(dtype=np.float64)[:, None]
    return ranks


def _indicators(name: str, kind: ColumnType, values: Any) -> _Encoded | Excluded:
    """One 0/1 column per level but the most frequent one; missing cells are missing in all of them."""
    import numpy as np

    counts = values.value_counts()
    if len(counts) > min(MAX_LEVELS, max(2, len(values) // 10)):
        return Excluded(name, f"has {len(counts)} levels")
    # the reference level is the most frequent, ties by label: never the order of appearance
    names = sorted(counts.index, key=lambda level: (-counts[level], str(level)))
    out = np.column_stack([(values == level).to_numpy(dtype=np.float64) for level in names[1:]])
    out[values.isna().to_numpy()] = np.nan
    return _Encoded(name, kind, out)


def _joined(parts: list[_Encoded], rows: int) -> Prepared:
    import numpy as np

    blocks, at = [], 0
    for part in parts:
        blocks.append(np.arange(at, at + part.numbers.shape[1]))
        at += part.numbers.shape[1]
    matrix = np.column_stack([p.numbers for p in parts]) if parts else np.empty((rows, 0))
    return Prepared(tuple(p.name for p in parts), tuple(p.type for p in parts), matrix, tuple(blocks))
