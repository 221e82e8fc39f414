"""Columns of a table as one numeric matrix, with everything that was done to them stated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.knowledge import ColumnType

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MAX_LEVELS = 20
"""Levels of one column that get an indicator of their own; the rest are pooled."""
RARE_SHARE = 0.01
RARE_ROWS = 10
"""A level with fewer rows than both of these is pooled with the other rare levels; missing values in fewer
rows than RARE_ROWS get no indicator."""
MAX_ORDINAL_LEVELS = 12
"""An ordinal number with more values than this enters as a number."""
POOLED = "other levels"


@dataclass(frozen=True)
class Design:
    """Covariates as numbers.

    Attributes:
        X: (n, p) float64, finite, no constant and no repeated column.
        names: p names (``age``, ``education=2``, ``income (missing)``).
        sources: p names of the table's columns they come from.
        findings: what was done: references, pooling, imputation, columns left out.
        imputed: rows with at least one imputed covariate.
    """

    X: NDArray[np.float64]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    findings: tuple[str, ...] = ()
    imputed: int = 0


@dataclass(frozen=True)
class _Block:
    columns: tuple[tuple[str, NDArray[np.float64]], ...]
    missing: NDArray[np.bool_]
    fill: str = ""
    reference: str = ""
    pooled: int = 0


def encode(
    frame: pd.DataFrame, columns: Sequence[str], types: Mapping[str, ColumnType] | None = None
) -> Design:
    """Encode columns of ``frame``, which is read and never written.

    Numbers enter as they are; nominal, ordinal and text columns as indicators against their most
    frequent level.  Missing values (and infinities) get the mean or the most frequent level, plus an
    indicator of missingness where ten or more are missing (Groenwold et al. 2012).

    Args:
        frame: n rows.
        columns: columns to encode, in order.
        types: column types; a column without one is typed by its values.
    """
    import numpy as np

    n = len(frame)
    blocks = {c: _block(frame[c], (types or {}).get(c)) for c in columns}
    kept: list[tuple[str, str, NDArray[np.float64]]] = []
    seen: set[bytes] = set()
    for source, block in blocks.items():
        named = [(f"{source}{suffix}", v) for suffix, v in block.columns]
        if block.missing.sum() >= RARE_ROWS:
            named.append((f"{source} (missing)", block.missing.astype(np.float64)))
        for name, values in named:
            key = values.tobytes()
            if n and np.ptp(values) > 0 and key not in seen:
                seen.add(key)
                kept.append((name, source, values))
    X = np.column_stack([v for _, _, v in kept]) if kept else np.empty((n, 0))
    anywhere = np.any([b.missing for b in blocks.values()], axis=0) if blocks else np.zeros(n, bool)
    dropped = [c for c in columns if c not in {s for _, s, _ in kept}]
    return Design(
        np.ascontiguousarray(X, dtype=np.float64),
        tuple(k[0] for k in kept),
        tuple(k[1] for k in kept),
        _findings(blocks, dropped),
        int(anywhere.sum()),
    )


def _block(values: pd.Series, kind: ColumnType | None) -> _Block:
    """One column as named numeric columns."""
    import pandas as pd

    if pd.api.types.is_datetime64_any_dtype(values):
        return _days(values)
    numeric = pd.api.types.is_numeric_dtype(values) and not isinstance(values.dtype, pd.CategoricalDtype)
    if not numeric and kind in ("continuous", "count"):
        read = pd.to_numeric(values, errors="coerce")
        if read.notna().sum() == values.notna().sum():
            values, numeric = read, True
    few = numeric and values.nunique() <= MAX_ORDINAL_LEVELS and kind == "ordinal"
    if numeric and (few or kind == "nominal") and values.nunique() > 2:
        return _indicators(values)
    return _number(values) if numeric else _indicators(values)


def _number(values: pd.Series) -> _Block:
    import numpy as np

    v = values.to_numpy(dtype=np.float64, na_value=np.nan, copy=True)
    missing = ~np.isfinite(v)
    if missing.all():
        return _Block((), np.zeros(len(v), bool))
    mean = float(v[~missing].mean())
    v[missing] = mean
    return _Block((("", v),), missing, f"mean {mean:.4g}")


def _days(values: pd.Series) -> _Block:
    days = (values - values.min()).dt.total_seconds() / 86400.0
    return _number(days)


def _indicators(values: pd.Series) -> _Block:
    """Indicators of every level but the most frequent one (ties: first in sort order)."""
    import numpy as np

    text = np.array([level_text(v) for v in values], dtype=object)
    missing = np.array([t is None for t in text], dtype=bool)
    if missing.all():
        return _Block((), np.zeros(len(text), bool))
    levels, counts = np.unique(text[~missing].astype(str), return_counts=True)
    order = np.lexsort((levels, -counts))
    levels, counts = levels[order], counts[order]
    floor = min(RARE_ROWS, max(2, int(RARE_SHARE * len(text))))
    if counts[0] < floor:
        return _Block((), np.zeros(len(text), bool))
    own = [
        str(level)
        for i, (level, c) in enumerate(zip(levels, counts, strict=True))
        if i == 0 or (c >= floor and i < MAX_LEVELS)
    ]
    filled = np.where(missing, own[0], text).astype(str)
    columns = [(f"={level}", (filled == level).astype(np.float64)) for level in own[1:]]
    pooled = len(levels) - len(own)
    if pooled:
        columns.append((f"={POOLED}", (~np.isin(filled, own)).astype(np.float64)))
    return _Block(tuple(columns), missing, f"most frequent level {own[0]}", own[0], pooled)


def level_text(value: Any) -> str | None:
    """A level as users write it: whole numbers without ``.0``; ``None`` where missing."""
    if value is None or value != value:
        return None
    if isinstance(value, bool):
        return "1" if value else "0"
    try:
        number = float(value) if not isinstance(value, str) else None
    except (TypeError, ValueError):
        number = None
    if number is not None:
        if number in (float("inf"), float("-inf")):
            return None
        return str(int(number)) if number == int(number) else repr(number)
    return str(value)


def _findings(blocks: Mapping[str, _Block], dropped: Sequence[str]) -> tuple[str, ...]:
    found = []
    coded = [f"{c} ({b.reference})" for c, b in blocks.items() if b.reference and c not in dropped]
    if coded:
        found.append("Coded as indicators, reference level in brackets: " + ", ".join(coded) + ".")
    for c, b in blocks.items():
        if b.pooled > 1:  # one alone keeps an indicator to itself
            found.append(f"{c}: {b.pooled} rare levels are pooled as one.")
    filled = [f"{c} ({int(b.missing.sum())} rows, {b.fill})" for c, b in blocks.items() if b.missing.any()]
    if filled:
        found.append(
            "Missing values of controls were filled, with an indicator where ten or more: "
            + ", ".join(filled)
            + "."
        )
    if dropped:
        found.append(
            "Controls without use (constant, empty, a copy, or all values different) were left out: "
            + ", ".join(dropped)
            + "."
        )
    return tuple(found)
