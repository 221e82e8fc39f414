"""Cross-fitting folds and the seeds they derive from."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def generator(seed: int, *stream: int) -> np.random.Generator:
    """An independent generator for one named stream of the run's seed."""
    import numpy as np

    return np.random.default_rng([abs(int(seed)), *stream])


def stratified_folds(
    groups: NDArray[np.float64],
    k: int,
    seed: int,
    repeat: int = 0,
    clusters: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Fold number of each row, (n,), balanced within every value of ``groups``.

    A seeded permutation is dealt out in turn, so the order of the rows enters only through the
    permutation, never as blocks of neighbouring rows.  Rows of one cluster stay in one fold; clusters
    that hold a single value of ``groups`` are dealt out by it, those that hold several together.
    """
    import numpy as np

    if clusters is not None:
        _, first, code = np.unique(clusters, return_index=True, return_inverse=True)
        low, high = (_extreme(groups, code, pick) for pick in (np.minimum, np.maximum))
        kinds = np.where(low == high, groups[first], np.inf)
        return stratified_folds(kinds, k, seed, repeat)[code]
    rng = generator(seed, 11, repeat)
    fold = np.empty(len(groups), dtype=np.int64)
    start = 0
    for value in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == value))
        fold[rows] = (np.arange(len(rows)) + start) % k
        start += len(rows)
    return fold


def _extreme(values: NDArray[np.float64], code: NDArray[np.int64], pick: np.ufunc) -> NDArray[np.float64]:
    """Smallest or largest value of each cluster."""
    import numpy as np

    out = np.full(int(code.max()) + 1, np.inf if pick is np.minimum else -np.inf)
    pick.at(out, code, values)
    return out
