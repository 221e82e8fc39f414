"""Which numeric columns were computed from others: logarithms, powers, cuts, products, sums and ratios.

A column that was computed from the treatment or the outcome says part of it over again, whatever a correlation
shows: held as a control it takes the effect away.  Only relations without an exception count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from causalcopilot.domain.profile import Made, MadeHow

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MIN_ROWS = 30
"""Rows in which both are known; in fewer a relation without exception may be chance."""
FEW_ROWS = 5
"""Rows on the smaller side of a cut, and rows in which a product is not zero."""
MOST_COLUMNS = 100
"""Columns that are compared; pairs of pairs grow fast."""
ROUNDING = 2e-6
"""Relative error of a stored product: single precision keeps seven digits."""
MOST_LEVELS = 100
"""Levels of a column of which another may mark one."""
STRAIGHT = 1e-9
"""Distance of a correlation from one at which two columns are one, in another unit: collinear, and not computed."""
SINGLE, MOST = 1e-5, 0.9
"""Rounding of a difference of stored numbers, and share of the rows tried that must agree (a unit's first may not)."""
PROBES, TRIAL = 24, 400
"""Rows a relation is tried on, one after the other, before all rows are."""


def made_columns(x: Array, names: Sequence[str]) -> tuple[Made, ...]:
    """Columns of ``x`` (n, p; NaN where missing) that follow exactly from others, in table order.

    ``y`` is made from ``x`` alone where it never falls (or never rises) as ``x`` rises and is the same wherever
    ``x`` is (a logarithm, a power, a rank, a cut), or where it marks one level of ``x``, or is its change against
    the row before; where each follows from
    the other both are told.  ``z`` is made from ``x`` and ``y`` where it is their product, ratio, sum or difference
    and stands behind both, or is a product with a column of zeros and ones.  What such a combination decides in
    turn is not told of it.
    """
    p = min(x.shape[1] if x.size else 0, MOST_COLUMNS)
    if p < 2 or x.shape[0] < MIN_ROWS:
        return ()
    columns = [x[:, j] for j in range(p)]
    two = list(_of_two(columns, names))
    combined = {m.name for m in two}
    one = dict.fromkeys((*_alone(columns, names), *_of_levels(columns, names), *_changes(columns, names)))
    alone = {(m.name, m.parts[0]) for m in one}
    two = [m for m in two if not ({m.parts, m.parts[::-1]} & alone)]  # x and a change of x tell x before
    found = [*(m for m in one if m.parts[0] not in combined), *two]
    place = {n: i for i, n in enumerate(names)}
    return tuple(sorted(found, key=lambda m: (place[m.name], len(m.parts), [place[n] for n in m.parts])))


# --- from one column ----------------------------------------------------------------------------------------------


def _alone(columns: Sequence[Array], names: Sequence[str]) -> Iterator[Made]:
    import numpy as np

    @cache
    def kinds(i: int) -> int:
        return len(np.unique(columns[i][np.isfinite(columns[i])]))

    some = slice(None, None, max(1, len(columns[0]) // TRIAL))
    for i, x in enumerate(columns):
        first = np.argsort(x[some], kind="stable")
        near = [j for j, y in enumerate(columns) if i != j and _one_way(x[some][first], y[some][first])]
        if not near or kinds(i) < 3:  # all rows are sorted only where some of them left a doubt
            continue
        order = np.argsort(x, kind="stable")
        for j in near:
            if 2 <= kinds(j) <= kinds(i) and _follows(x[order], columns[j][order]):
                yield Made(names[j], (names[i],), "function")


def _of_levels(columns: Sequence[Array], names: Sequence[str]) -> Iterator[Made]:
    """Columns that mark one level of another: one where it has a certain value, and zero everywhere else."""
    import numpy as np

    marks = [j for j, c in enumerate(columns) if _is_mark(c)]
    for i, x in enumerate(columns if marks else ()):
        seen = x[np.isfinite(x)]
        if len(np.unique(seen[:TRIAL])) > MOST_LEVELS or not 3 <= len(np.unique(seen)) <= MOST_LEVELS:
            continue
        for j in marks:
            both = np.isfinite(x) & np.isfinite(columns[j])
            on = columns[j][both] == 1
            if int(on.sum()) < FEW_ROWS or int((~on).sum()) < FEW_ROWS or int(both.sum()) < MIN_ROWS:
                continue
            value = x[both][on][0]
            if i != j and bool(((x[both] == value) == on).all()):
                yield Made(names[j], (names[i],), "function")


def _changes(columns: Sequence[Array], names: Sequence[str]) -> Iterator[Made]:
    """Changes against the row before, in tables sorted by unit and time: ``dy = y - y[previous row]``."""
    import numpy as np

    steps = np.column_stack([np.append(np.nan, np.diff(c)) for c in columns])
    for k, z in enumerate(columns):
        seen = np.flatnonzero(np.isfinite(z))
        few = len(np.unique(z[seen[:TRIAL]])) < 3
        if len(seen) < MIN_ROWS or (few and len(np.unique(z[seen])) < 3):
            continue
        probes = seen[:: max(1, len(seen) // PROBES)]
        near = np.isclose(steps[probes], z[probes, None], rtol=SINGLE, atol=SINGLE, equal_nan=False)
        for i in np.flatnonzero(near.mean(axis=0) > MOST).tolist():
            both = seen[np.isfinite(steps[seen, i])]
            size = SINGLE * max(float(np.abs(columns[i][seen]).max(initial=0.0)), SINGLE)
            if i != k and len(both) >= MIN_ROWS and bool((np.abs(steps[both, i] - z[both]) <= size).all()):
                yield Made(names[k], (names[i],), "difference")


def _follows(x: Array, y: Array) -> bool:
    """Whether ``y`` moves one way only as the sorted ``x`` rises, and is the same where ``x`` is."""
    import numpy as np

    whole, y = y, y[np.isfinite(x) & np.isfinite(y)]
    if len(y) < MIN_ROWS or not _one_way(x, whole):
        return False
    counts = np.unique(y, return_counts=True)[1]
    if _straight(x, whole):
        return False
    return len(counts) > 1 and int(len(y) - counts.max()) >= FEW_ROWS


def _straight(x: Array, y: Array) -> bool:
    """Whether one is the other on another scale, which their correlation tells."""
    import numpy as np

    both = np.isfinite(x) & np.isfinite(y)
    a, b = x[both] - x[both].mean(), y[both] - y[both].mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return size <= 0 or abs(float(a @ b)) > size * (1 - STRAIGHT)


def _one_way(x: Array, y: Array) -> bool:
    import numpy as np

    both = np.isfinite(x) & np.isfinite(y)
    step = np.diff(y[both])
    if (step < 0).any() and (step > 0).any():
        return False
    return not (step[np.diff(x[both]) == 0] != 0).any()


# --- from two -------------------------------------------------------------------------------------------------------

_OPERATIONS: tuple[tuple[MadeHow, Callable[[Array, Array], Array]], ...] = (
    ("product", lambda a, b: a * b),
    ("sum", lambda a, b: a + b),
    ("difference", lambda a, b: a - b),
    ("difference", lambda a, b: b - a),
    ("ratio", lambda a, b: a / b),
    ("ratio", lambda a, b: b / a),
)


def _of_two(columns: Sequence[Array], names: Sequence[str]) -> Iterator[Made]:
    import numpy as np

    whole = np.column_stack(list(columns))
    probes = whole[_probes(whole)]
    marks = [_is_mark(c) for c in columns]
    told: set[int] = set()
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        for i in range(len(columns)):
            for j in range(i + 1, len(columns)):
                for how, combine in _OPERATIONS:
                    made = combine(probes[:, i], probes[:, j])
                    for k in np.flatnonzero(_like(probes, made[:, None]).all(axis=0)).tolist():
                        if k in (i, j) or k in told or not _made_later(k, i, j, how, marks):
                            continue
                        if _agrees(columns[k], columns[i], columns[j], combine):
                            told.add(k)
                            yield Made(names[k], (names[i], names[j]), how)


def _made_later(k: int, i: int, j: int, how: MadeHow, marks: Sequence[bool]) -> bool:
    """Of three columns that determine one another, whether it is ``k`` that was made."""
    if how == "product" and (marks[i] or marks[j]):
        return True
    return k > max(i, j)


def _probes(x: Array) -> Array:
    """(q,) rows to try a relation on, those with most known values first."""
    import numpy as np

    known = np.isfinite(x).sum(axis=1)
    spread = np.argsort(-known, kind="stable")[: max(len(x) // 2, PROBES)]
    step = max(1, len(spread) // PROBES)
    chosen: Array = spread[::step][:PROBES]
    return chosen


def _is_mark(x: Array) -> bool:
    import numpy as np

    seen = x[np.isfinite(x)]
    return bool(len(seen)) and bool(np.isin(seen, (0.0, 1.0)).all())


def _like(x: Array, y: Array) -> Array:
    """Equal up to the rounding of stored numbers, or not both known."""
    import numpy as np

    near: Array = (np.abs(x - y) <= ROUNDING * np.maximum(np.abs(x), np.abs(y))) | ~(
        np.isfinite(x) & np.isfinite(y)
    )
    return near


def _agrees(z: Array, x: Array, y: Array, combine: Callable[[Array, Array], Array]) -> bool:
    """Whether ``z`` is the combination in every row in which all are known, and needs both parts."""
    import numpy as np

    if not _like(z[:TRIAL], combine(x[:TRIAL], y[:TRIAL])).all():
        return False
    made = combine(x, y)
    known = np.isfinite(z) & np.isfinite(made)
    if int(known.sum()) < MIN_ROWS or not _like(z, made).all():
        return False
    moves = all(len(np.unique(c[known])) > 1 for c in (x, y))
    # a copy of one part, or nearly always zero, says nothing of the other
    new = all(int((z[known] != c[known]).sum()) >= FEW_ROWS for c in (x, y))
    return moves and new and int((z[known] != 0).sum()) >= FEW_ROWS
