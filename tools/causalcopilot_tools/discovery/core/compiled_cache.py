"""Compiling a kernel with numba, once per machine: the machine code is kept on disk.

Modules that use ``compiled`` cost the import of numba (about half a second of CPU); import them inside
functions only.  A kernel and all kernels it calls live in one module, because numba decides by the file of the
outer one whether stored code is still current.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


def compiled(function: F) -> F:
    """``function`` as machine code, compiled when first called.

    The code is stored beside the source, else in the user's cache folder (numba's own order; the environment
    variable ``NUMBA_CACHE_DIR`` overrides both); where neither can be written it lives for one process.
    """
    from numba import njit

    _watch()
    try:
        return cast(F, njit(cache=True, error_model="numpy")(function))
    except RuntimeError:  # "no locator available": no folder can be written
        return cast(F, njit(error_model="numpy")(function))


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
