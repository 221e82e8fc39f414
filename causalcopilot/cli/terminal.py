"""The terminal a person looks at: how wide it is, and its silence while nobody is asked."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

WIDTH = 80
"""Columns of output that goes to a file or a pipe, so that it is the same everywhere."""
NARROWEST, WIDEST = 40, 100
"""Narrower and tables cannot be read; wider and the eye loses the line."""


def width(stream: IO[str] | None = None) -> int:
    """Columns to write in: those of the terminal within reason, else 80."""
    if not (stream or sys.stdout).isatty():
        return WIDTH
    return min(max(shutil.get_terminal_size((WIDTH, 24)).columns, NARROWEST), WIDEST)


class Flow:
    """Text that comes in pieces, broken between words at the edge of the terminal.

    Args:
        wide: columns to write in.
    """

    def __init__(self, wide: int) -> None:
        self.wide = wide
        self._column = 0
        self._space = self._word = ""

    def feed(self, piece: str) -> str:
        """What can be written now; a word that may go on is held back."""
        tokens = re.findall(r"\n|[^\S\n]+|\S+", self._word + piece)
        self._word = tokens.pop() if tokens and not tokens[-1].isspace() else ""
        return "".join(map(self._put, tokens))

    def end(self) -> str:
        """The word that was held back."""
        word, self._word = self._word, ""
        return self._put(word) if word else ""

    def _put(self, token: str) -> str:
        if token == "\n":
            self._column, self._space = 0, ""
            return token
        if token.isspace():
            self._space = token if self._column else ""
            return ""
        space, self._space = self._space, ""
        if self._column and self._column + len(space) + len(token) > self.wide:
            space, self._column = "\n", -1
        self._column += len(space) + len(token)
        return space + token


@contextmanager
def unechoed() -> Iterator[None]:
    """Keys typed while a step runs are kept for the next line and not written into the step's lines.

    Ctrl-C works as before.  Where standard input is no terminal, or the system has no termios, nothing changes.
    """
    if not sys.stdin.isatty():
        yield
        return
    try:
        import termios
    except ImportError:  # not a POSIX system
        yield
        return
    before = termios.tcgetattr(sys.stdin.fileno())
    quiet = [*before]
    quiet[3] &= ~termios.ECHO
    termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, quiet)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSANOW, before)


def deaf() -> None:
    """Take no further Ctrl-C: what is left is the leaving.  Outside the main thread, which gets none, nothing."""
    import signal
    import threading

    from causalcopilot.interrupts import answered

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    answered(leaving=True)


@contextmanager
def hearing() -> Iterator[None]:
    """Afterwards Ctrl-C is heard as it was before, whatever was done about it inside."""
    import signal
    import threading

    before = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)
