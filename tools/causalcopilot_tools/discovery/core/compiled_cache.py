"""Compiling a kernel with numba, once per machine: the machine code is kept on disk.

Modules that use ``compiled`` cost the import of numba (about half a second of CPU); import them inside
functions only.  A kernel and all kernels it calls live in one module, because numba decides by the file of the
outer one whether stored code is still current.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function`` as machine code, compiled when first called.

    The code is stored beside the source, else in the user's cache folder (numba's own order; the environment
    variable ``NUMBA_CACHE_DIR`` overrides both); where neither can be written it lives for one process.
    """
    from numba import njit

    try:
        return cast(F, njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # "no locator available": no folder can be written
        return cast(F, njit(error_model="numpy")(function))
