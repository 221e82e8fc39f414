"""Ctrl-C, told the same way wherever it strikes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs


@contextmanager
def interruptible() -> Iterator[None]:
    """Around DuckDB: it answers Ctrl-C with an error of its own, which becomes the ``KeyboardInterrupt`` it was."""
    try:
        yield
    except Exception as error:
        if str(error) == "Query interrupted" or type(error).__name__ == "InterruptException":
            raise KeyboardInterrupt from None
        raise


def never_lost() -> None:
    """Deliver a Ctrl-C again that Python caught where nothing can be raised (a finaliser, an import lock)."""
    shown = sys.unraisablehook

    def again(unraisable: UnraisableHookArgs) -> None:
        if unraisable.exc_type is KeyboardInterrupt:
            import _thread

            _thread.interrupt_main()
        else:
            shown(unraisable)

    sys.unraisablehook = again
