"""From a table to the numbers a search can use; what cannot be used is left out by name, with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.identification import Excluded
from causalcopilot.domain.knowledge import ColumnType, Role
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.moments import Moments

MAX_LEVELS = 20
"""A category with more levels is left out: its indicators would outnumber what the rows can tell."""
MIN_ROWS = 10
"""Fewer rows carry no conditional test at all."""
MIN_SHARED = 20
"""Two columns known together in fewer rows cannot enter one model."""
DUPLICATE = 1e-6
"""Columns whose correlation differs from one by less say the same."""
LEAST_SHARE = 0.001
"""A share of missing cells below this is not told as a number."""
DETERMINED = 1e-8
"""Share of variance left by the others below which a column counts as an exact combination."""
NOT_SEARCHED: dict[Role, str] = {
    "identifier": "identifies rows",
    "excluded": "excluded by the knowledge",
    "time": "time column",
    "unit": "unit column of a panel",
    "cluster": "names the group that rows belong to",
    "weight": "sampling weight",
    "event": "says whether the event of a time was seen",
    "domain": "tells the domain of a row (used by cd_nod and multi_group_lingam)",
}
NOT_NUMBERS: dict[ColumnType, str] = {
    "constant": "has a single value",
    "identifier": "identifies rows",
    "date": "is a date",
    "text": "is free text",
}


@dataclass(frozen=True)
class Prepared:
    """Columns a search runs on.

    Attributes:
        names: variables in the caller's order.
        types: their column types.
        matrix: (n, q) numbers, NaN where missing; categories as indicator columns.
        blocks: matrix columns of each variable.
        left_out: columns that do not take part, each with its reason.
        notes: what else a reader must know.
        start: (q, q) correlations from which expectation-maximisation may begin.
    """

    names: tuple[str, ...]
    types: tuple[ColumnType, ...]
    matrix: NDArray[np.float64]
    blocks: tuple[NDArray[np.int64], ...]
    left_out: tuple[Excluded, ...] = ()
    notes: tuple[str, ...] = ()
    start: NDArray[np.float64] | None = None

    @property
    def rows(self) -> int:
        """Rows of the table."""
        return len(self.matrix)

    @property
    def all_numbers(self) -> bool:
        """Whether no variable is a category (binary columns count as numbers here)."""
        return all(len(b) == 1 for b in self.blocks)

    @property
    def missing(self) -> float:
        """Share of missing cells."""
        import numpy as np

        return float(np.isnan(self.matrix).mean())

    def keep(self, places: Sequence[int]) -> Prepared:
        """Only these variables, in this order."""
        import numpy as np

        blocks, at = [], 0
        for i in places:
            blocks.append(np.arange(at, at + len(self.blocks[i])))
            at += len(self.blocks[i])
        columns = np.concatenate([self.blocks[i] for i in places]) if places else np.empty(0, np.int64)
        return replace(
            self,
            names=tuple(self.names[i] for i in places),
            types=tuple(self.types[i] for i in places),
            matrix=self.matrix[:, columns],
            blocks=tuple(blocks),
            start=None if self.start is None else self.start[np.ix_(columns, columns)],
        )

    def resample(self, rows: NDArray[np.int64]) -> Prepared:
        """The same variables on other rows."""
        return replace(self, matrix=self.matrix[rows])

    def moments(self) -> Moments:
        """Correlations, by expectation-maximisation where cells are missing."""
        from causalcopilot_tools.discovery.core.moments import moments

        return moments(self.matrix, self.blocks, self.start)


def prepare(context: Context, columns: Sequence[str] = ()) -> Prepared:
    """Choose and encode the columns of a search.

    Args:
        context: the case; its question may limit the columns, its knowledge may take some out.
        columns: columns asked for; empty takes those a graph question is limited to, else all.

    Raises:
        DataError: fewer than two usable columns or ten rows.
    """
    dataset = context.dataset
    limited = context.question.columns if context.question.kind == "graph" else ()
    asked = tuple(dict.fromkeys(dataset.resolve(c) for c in columns or limited))
    wanted, left_out = _by_role(context, asked)
    if dataset.ref.rows < MIN_ROWS:
        raise DataError(
            f"{dataset.ref.rows} rows are too few to learn a graph",
            f"discovery needs at least {MIN_ROWS} rows",
        )
    data = encode(context, wanted, asked)
    left_out += data.left_out
    protected = {context.question.treatment, context.question.outcome}
    data, more = _independent(data, protected)
    if len(data.names) < 2:
        gone = [*left_out, *more]
        mine = [e for e in gone if e.name in asked] or gone
        why = "; ".join(f"{e.name} {e.reason}" for e in mine[:4])
        raise DataError(
            "fewer than two columns can enter a search" + (f" ({why})" if why else ""),
            "give other columns, or fix their types",
        )
    return replace(data, left_out=(*left_out, *more), notes=tuple(_notes(data)))


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


def _by_role(context: Context, asked: tuple[str, ...]) -> tuple[list[str], list[Excluded]]:
    """Columns wanted, and those the knowledge takes out (never one that was asked for by name)."""
    wanted, out = [], []
    for name in asked or context.dataset.columns:
        known = context.knowledge.column(name)
        if not asked and known is not None and known.role in NOT_SEARCHED:
            out.append(Excluded(name, known.reason or NOT_SEARCHED[known.role]))
        else:
            wanted.append(name)
    return wanted, out


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


def _independent(data: Prepared, protected: set[str | None]) -> tuple[Prepared, list[Excluded]]:
    """Drop copies, exact combinations, and columns never known together with another."""
    if len(data.names) < 2:
        return data, []
    from causalcopilot_tools.discovery.redundant import redundant

    out = redundant(data, protected)
    kept = [i for i in range(len(data.names)) if i not in out]
    return data.keep(kept), [Excluded(data.names[i], out[i]) for i in sorted(out)]


def _notes(data: Prepared) -> Iterator[str]:
    import numpy as np

    missing = float(np.isnan(data.matrix).mean())
    if missing:
        complete = int((~np.isnan(data.matrix)).all(axis=1).sum())
        share = f"{missing:.1%}" if missing >= LEAST_SHARE else f"less than {LEAST_SHARE:.1%}"
        yield (
            f"{share} of the cells are missing ({complete:,} of {data.rows:,} rows are complete); nothing is "
            "filled in"
        )
    if data.rows <= 2 * data.matrix.shape[1]:
        yield (
            f"{data.rows} rows for {data.matrix.shape[1]} columns of numbers: only small conditioning sets "
            "can be tested; read this graph as a hint"
        )
