"""One pass over a table: content hash, and per column what typing and profile need."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.data.cells import EXACT, Storage

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MOST_LEVELS = 20
_LATEST: dict[str, tuple[ColumnStats, ...]] = {}  # one table, by hash: a profile after opening is cheap
FEW = 50  # columns with at most so many distinct values have their levels counted
BREATH = 1 << 16  # cells counted in one go: Ctrl-C is heard only between two


@dataclass(frozen=True, slots=True)
class ColumnStats:
    """One column over all rows, in its own unit.

    Attributes:
        name, storage: what it is.
        rows, missing, distinct: counts; missing cells are no value of their own.
        whole: all values are whole numbers.
        run: whole numbers without gap or repetition (a row number).
        mean, std, skew: moments of numbers and booleans (``std`` with n-1), else ``None``.
        minimum, maximum, median, low, high: extremes, median and 1 % / 99 % quantiles of numbers; ISO texts for dates.
        levels: (label, count), most frequent first, where there are at most 50; labels of whole numbers
            have no decimal point, booleans are ``0`` and ``1`` as in the frame.
        length, spaced: mean length of text cells, and the share that holds white space.
    """

    name: str
    storage: Storage
    rows: int
    missing: int
    distinct: int
    whole: bool = False
    run: bool = False
    mean: float | None = None
    std: float | None = None
    skew: float | None = None
    minimum: float | int | str | None = None
    maximum: float | int | str | None = None
    median: float | None = None
    low: float | None = None
    high: float | None = None
    levels: tuple[tuple[str, int], ...] = ()
    length: float = 0.0
    spaced: float = 0.0


def describe_table(
    columns: Iterable[tuple[str, Array]], names: Iterable[str], rows: int
) -> tuple[str, tuple[ColumnStats, ...]]:
    """Content hash ``sha256:…`` and statistics of each column.

    The hash covers column names, order of columns and rows, and the values: numbers and booleans as 64-bit
    floating point (whole numbers beyond 2**53 exactly), dates as microseconds, text as UTF-8.  File format
    and integer width therefore make no difference.
    """
    names = tuple(names)
    digest = hashlib.sha256(json.dumps(["ccp-table-1", rows, names], ensure_ascii=False).encode())
    stats = []
    for (_, array), name in zip(columns, names, strict=True):
        values, missing = split(array)
        storage = storage_of(values)
        _hash_column(digest, values, missing, storage)
        stats.append(describe_column(name, values[~missing] if missing.any() else values, storage, rows))
    key = f"sha256:{digest.hexdigest()}"
    _LATEST.clear()
    _LATEST[key] = tuple(stats)
    return key, tuple(stats)


def stats_of(key: str) -> tuple[ColumnStats, ...]:
    """Statistics of the table last described in this process, if its hash is ``key``; else nothing."""
    return _LATEST.get(key, ())


def split(array: Array) -> tuple[Array, Array]:
    """Values and the mask of missing ones, both of length ``rows``."""
    import numpy as np

    if isinstance(array, np.ma.MaskedArray):
        return np.asarray(array.data), np.broadcast_to(np.ma.getmaskarray(array), array.shape)
    return array, np.zeros(len(array), bool)


def storage_of(values: Array) -> Storage:
    """The kind of a fetched array."""
    kinds: dict[str, Storage] = {"b": "boolean", "O": "text", "M": "date", "U": "text"}
    return kinds.get(values.dtype.kind, "number")


def _hash_column(digest: Any, values: Array, missing: Array, storage: Storage) -> None:
    import numpy as np

    digest.update(np.packbits(missing).tobytes())
    if storage == "text":
        texts = ["" if gone else v for v, gone in zip(values.tolist(), missing.tolist(), strict=True)]
        digest.update(b"t" + np.fromiter(map(len, texts), np.int64, len(texts)).tobytes())
        digest.update("".join(texts).encode("utf-8", errors="surrogatepass"))
    elif storage == "date":
        moments = values.astype("datetime64[us]").astype(np.int64)
        digest.update(b"d" + np.where(missing, 0, moments).tobytes())
    else:
        digest.update(_number_bytes(values, missing))


def _number_bytes(values: Array, missing: Array) -> bytes:
    import numpy as np

    if values.dtype.kind in "iu" and len(values):
        filled = np.where(missing, 0, values)
        if max(int(filled.max()), -int(filled.min())) > EXACT:
            return b"i" + filled.astype(np.int64).tobytes()
    reals = np.where(missing, 0.0, values.astype(np.float64)) + 0.0  # adding zero turns -0.0 into 0.0
    return b"n" + np.ascontiguousarray(reals).tobytes()


def describe_column(name: str, present: Array, storage: Storage, rows: int) -> ColumnStats:
    """Statistics of the non-missing values of one column of ``rows`` cells."""
    missing = rows - len(present)
    if storage == "text":
        return _describe_text(name, present.tolist(), missing, rows)
    if not len(present):
        return ColumnStats(name, storage, rows, missing, 0)
    if storage == "date":
        return _describe_dates(name, present, missing, rows)
    return _describe_numbers(name, present, storage, missing, rows)


def _describe_text(name: str, cells: list[str], missing: int, rows: int) -> ColumnStats:
    counts: Counter[str] = Counter()
    for start in range(0, len(cells), BREATH):
        counts.update(cells[start : start + BREATH])
    n = max(1, len(cells))
    return ColumnStats(
        name,
        "text",
        rows,
        missing,
        len(counts),
        levels=_ranked(counts.items()) if len(counts) <= FEW else (),
        length=sum(map(len, cells)) / n,
        spaced=sum(" " in c for c in cells) / n,
    )


def _describe_dates(name: str, present: Array, missing: int, rows: int) -> ColumnStats:
    import numpy as np

    distinct = len(np.unique(present))
    first, last = str(present.min()), str(present.max())
    return ColumnStats(name, "date", rows, missing, distinct, minimum=first, maximum=last)


def _describe_numbers(name: str, present: Array, storage: Storage, missing: int, rows: int) -> ColumnStats:
    import numpy as np

    ordered = np.sort(present.astype(np.int8) if storage == "boolean" else present)
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    distinct, n = len(starts), len(ordered)
    whole = ordered.dtype.kind in "iu" or bool(np.all(ordered == np.trunc(ordered)))
    reals = ordered.astype(np.float64)
    mean = float(reals.mean())
    centred = reals - mean
    squares = centred * centred
    spread = float(np.sqrt(squares.mean()))
    skew = float(np.mean(squares * centred)) / spread**3 if spread > 1e-12 * (abs(mean) + 1e-300) else None
    counts = np.diff(np.r_[starts, n])
    return ColumnStats(
        name,
        storage,
        rows,
        missing,
        distinct,
        whole=whole,
        run=whole and distinct == n and n > 1 and reals[-1] - reals[0] == n - 1,
        mean=mean,
        std=spread * float(np.sqrt(n / (n - 1))) if n > 1 else None,
        skew=skew,
        minimum=_scalar(ordered[0], whole),
        maximum=_scalar(ordered[-1], whole),
        median=_quantile(reals, 0.5),
        low=_quantile(reals, 0.01),
        high=_quantile(reals, 0.99),
        levels=_ranked(_labels(ordered[starts], counts, whole)) if distinct <= FEW else (),
    )


def _quantile(ordered: Array, share: float) -> float:
    """Linear interpolation between order statistics, numpy's default."""
    at = share * (len(ordered) - 1)
    below = int(at)
    above = min(below + 1, len(ordered) - 1)
    return float(ordered[below] + (at - below) * (ordered[above] - ordered[below]))


def _scalar(value: Any, whole: bool) -> float | int:
    return int(value) if whole else float(value)


def _labels(values: Array, counts: Array, whole: bool) -> list[tuple[str, int]]:
    return [(str(_scalar(v, whole)), int(c)) for v, c in zip(values, counts, strict=True)]


def _ranked(pairs: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(pairs, key=lambda p: (-p[1], p[0])))
