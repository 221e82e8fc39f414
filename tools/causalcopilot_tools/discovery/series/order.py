"""An order of the variables that depends on their values alone, so that answers cannot change with column order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot_tools.discovery.series.found import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def canonical(data: Material) -> NDArray[np.int64]:
    """Places of the variables, sorted by a hash of their values."""
    import hashlib

    import numpy as np

    present = data.stacked.present + 0.0
    keys = [hashlib.blake2b(np.ascontiguousarray(c).tobytes()).digest() for c in present.T]
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.int64)


def reordered(data: Material, order: NDArray[np.int64]) -> Material:
    """The same series with its variables in another order."""
    import numpy as np

    s = data.stacked
    columns = np.concatenate([lag * s.p + order for lag in range(s.lags + 1)])
    return Material(
        replace(s, z=s.z[:, columns]),
        tuple(data.names[int(i)] for i in order),
        data.x[:, order],
        data.units,
    )
