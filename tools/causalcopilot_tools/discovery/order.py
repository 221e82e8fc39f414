"""An order of the variables that depends on their values alone, so that answers cannot change with column order."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    T = TypeVar("T", bound=np.generic)


def canonical(data: Prepared) -> NDArray[np.int64]:
    """Places of the variables, sorted by a hash of their values; name and place have no say."""
    import hashlib

    import numpy as np

    same = np.where(np.isnan(data.matrix), np.nan, data.matrix) + 0.0  # one kind of NaN, one kind of zero
    keys = [hashlib.blake2b(np.ascontiguousarray(same[:, b]).tobytes()).digest() for b in data.blocks]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def arranged(data: Prepared) -> tuple[Prepared, NDArray[np.int64]]:
    """The variables in canonical order, and the order: what a search works on."""
    order = canonical(data)
    return data.keep([int(i) for i in order]), order


def restored(found: NDArray[T], order: NDArray[np.int64]) -> NDArray[T]:
    """A (p, p) answer of a search on ``arranged`` columns, back in the order of the table."""
    import numpy as np

    out = np.empty_like(found)
    out[np.ix_(order, order)] = found
    return out
