"""Compiling a kernel with numba, once per machine: the machine code is kept on disk.

Modules that use ``compiled`` cost the import of numba (about half a second of CPU); import them inside
functions only.  A kernel and all kernels it calls live in one module, because numba decides by the file of the
outer one whether stored code is still current.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])
ZERO, NONE = cast(int, np.int64(0)), cast(int, np.int64(-1))
"""Where a count starts that is handed on: what takes a literal is compiled twice, for it and for other numbers."""


def inner(function: F) -> F:
    """As ``compiled``, for kernels that only kernels call: without the code for calls from Python, sooner compiled."""
    return _compiled(function, no_cpython_wrapper=True, no_cfunc_wrapper=True)


def compiled(function: F) -> F:
    """``function`` as machine code, compiled when first called.

    The code is stored beside the source, else in the user's cache folder (numba's own order; the environment
    variable ``NUMBA_CACHE_DIR`` overrides both); where neither can be written it lives for one process.
    """
    return _compiled(function, no_cfunc_wrapper=True)


def _compiled(function: F, **options: bool) -> F:
    import numba

    _watch()
    njit: Any = numba.njit  # whose types do not tell of these options
    try:
        return cast(F, njit(cache=True, error_model="numpy", **options)(function))
    except RuntimeError:  # "no locator available": no folder can be written
        return cast(F, njit(error_model="numpy", **options)(function))


@cache
def _watch() -> None:
    """Tell of each compilation (not of machine code read from disk): whoever waits should know why."""
    from numba.core import event

    from causalcopilot.toolkit import pause

    class Told(event.Listener):
        def on_start(self, event: object) -> None:
            pause.begin()

        def on_end(self, event: object) -> None:
            pause.end()

    event.register("numba:compile", Told())  # type: ignore[no-untyped-call]
