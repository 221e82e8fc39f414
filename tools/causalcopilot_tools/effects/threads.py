"""One thread for numeric libraries, so that equal inputs give bit-identical results."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any


def one_thread() -> AbstractContextManager[Any]:
    """Limit BLAS and OpenMP to one thread within a ``with`` block.

    The libraries are loaded first: a limit only reaches thread pools that exist when it is set.
    """
    import sklearn.linear_model  # noqa: F401
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits
