"""Work that a tool does once per machine, such as compiling a kernel: told to whoever waits, not counted as its own.

A tool (or a library of ours below it) calls ``begin`` and ``end``; in the worker this stops the clock of the
deadline, elsewhere it does nothing.  Pauses may nest.
"""

from __future__ import annotations

from collections.abc import Callable

_tell: Callable[[bool], None] | None = None
_depth = 0


def listen(tell: Callable[[bool], None] | None) -> None:
    """Whom to tell: called with true when the outermost pause begins, false when it ends."""
    global _tell, _depth
    _tell, _depth = tell, 0


def begin() -> None:
    """A pause begins."""
    global _depth
    _depth += 1
    if _depth == 1 and _tell is not None:
        _tell(True)


def end() -> None:
    """The pause that began last ends."""
    global _depth
    _depth = max(_depth - 1, 0)
    if _depth == 0 and _tell is not None:
        _tell(False)
