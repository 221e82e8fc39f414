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


def stratified_folds(groups: NDArray[np.float64], k: int, seed: int, repeat: int = 0) -> NDArray[np.int64]:
    """Fold number of each row, (n,), balanced within every value of ``groups``.

    A seeded permutation is dealt out in turn, so the order of the rows enters only through the
    permutation, never as blocks of neighbouring rows.
    """
    import numpy as np

    rng = generator(seed, 11, repeat)
    fold = np.empty(len(groups), dtype=np.int64)
    start = 0
    for value in np.unique(groups):
        rows = rng.permutation(np.flatnonzero(groups == value))
        fold[rows] = (np.arange(len(rows)) + start) % k
        start += len(rows)
    return fold
