"""Ctrl-C, told the same way wherever it strikes, and never lost.

Python raises ``KeyboardInterrupt`` wherever the main thread happens to be.  In some places nothing comes of it: in a
finaliser or a weak reference's callback, and below C code that clears errors.  In others it does harm: an extension
module that is being loaded (DuckDB's takes up to a second on a busy machine) swallows it, answers with an
``ImportError``, or ends the process.  So the command line hears Ctrl-C with a handler of its own, which waits while
an extension module loads, and comes back until somebody has answered.
"""

from __future__ import annotations

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import ExtensionFileLoader
from typing import TYPE_CHECKING

from causalcopilot.errors import Interrupted

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
    from types import FrameType

AGAIN = 0.1
"""Seconds after which a Ctrl-C that nobody has answered is delivered again."""
ANSWER = 2.0
"""Seconds in which one that is being answered holds off the next, so that what must be put in order is."""
_LOADING = frozenset({ExtensionFileLoader.create_module.__code__, ExtensionFileLoader.exec_module.__code__})


class _CtrlC:
    """The Ctrl-C that was pressed last.

    Attributes:
        pressed: when, by the monotonic clock; ``None`` once it has been answered.
        next: one more was pressed while that one was being answered; its turn comes then.
    """

    def __init__(self) -> None:
        self.pressed: float | None = None
        self.next = False
        self._again = False

    def strike(self, number: int, frame: FrameType | None) -> None:
        """The handler: raises ``KeyboardInterrupt``, unless this is no moment for it or it is being answered."""
        again, self._again = self._again, False
        if self.pressed is None:
            if again:
                return
            self.begin()
        elif _answering() and (again or time.monotonic() - self.pressed < ANSWER):
            self.next = self.next or not again
            return
        if not _loading(frame):
            raise KeyboardInterrupt

    def begin(self) -> None:
        """From now on it comes back until it is answered."""
        self.pressed = time.monotonic()
        # not ``threading``, whose locks the handler may have struck in the middle of
        _thread.start_new_thread(self._insist, (self.pressed,))

    def _insist(self, press: float) -> None:
        while True:
            time.sleep(AGAIN)
            if self.pressed != press:
                return
            self._again = True
            _deliver()


_ctrl_c = _CtrlC()


def hear() -> None:
    """Hear Ctrl-C this way from now on, for a process that is ours; one that ignores it goes on ignoring it."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return
    signal.signal(signal.SIGINT, _ctrl_c.strike)
    shown = sys.unraisablehook

    def unraisable(told: UnraisableHookArgs) -> None:
        if told.exc_type is not KeyboardInterrupt:
            shown(told)
        elif _ctrl_c.pressed is None:
            _ctrl_c.begin()

    sys.unraisablehook = unraisable


def pressed() -> bool:
    """Whether a Ctrl-C waits for its answer: whatever error comes meanwhile comes from it."""
    return _ctrl_c.pressed is not None


def answered(*, leaving: bool = False) -> None:
    """The Ctrl-C has been told to whoever pressed it; it does not come back, but the next one has its turn.

    Args:
        leaving: there is no next one.
    """
    _ctrl_c.pressed, waiting = None, _ctrl_c.next and not leaving
    _ctrl_c.next = False
    if waiting:
        _ctrl_c.begin()


def deafen() -> None:
    """Take no further Ctrl-C, where ``hear`` listens: the outcome stands, only the leaving is left."""
    if signal.getsignal(signal.SIGINT) == _ctrl_c.strike:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        answered(leaving=True)


@contextmanager
def interruptible() -> Iterator[None]:
    """Around DuckDB: it answers Ctrl-C with an error of its own, which becomes the ``KeyboardInterrupt`` it was."""
    try:
        yield
    except Exception as error:
        if str(error) == "Query interrupted" or type(error).__name__ == "InterruptException":
            raise KeyboardInterrupt from None
        raise


def _loading(frame: FrameType | None) -> bool:
    """Whether an extension module is being loaded: an exception there is lost, or ends the process."""
    while frame is not None:
        if frame.f_code in _LOADING:
            return True
        frame = frame.f_back
    return False


def _answering() -> bool:
    """Whether the main thread is putting things in order after a Ctrl-C."""
    error = sys.exception()
    while error is not None:
        if isinstance(error, KeyboardInterrupt | Interrupted):
            return True
        error = error.__cause__ or error.__context__
    return False


def _deliver() -> None:
    """Ctrl-C to the main thread, also where it waits in a system call."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()
