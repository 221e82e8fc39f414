"""A Ctrl-C is told as one whatever became of it on its way, and comes back until it is answered."""

from __future__ import annotations

import _imp
import contextlib
import signal
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.machinery import ExtensionFileLoader
from types import SimpleNamespace
from typing import Any, NoReturn

import duckdb
import pytest

from causalcopilot import interrupts
from causalcopilot.errors import Interrupted
from causalcopilot.interrupts import answered, deafen, hear, interruptible, pressed

PATIENCE = 60.0
"""Seconds after which a Ctrl-C that did not come back fails the test; generous, the machine may be busy."""


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C as the command line hears it, and afterwards as before."""
    before, shown = signal.signal(signal.SIGINT, signal.default_int_handler), sys.unraisablehook
    hear()
    yield
    answered(leaving=True)
    sys.unraisablehook = shown
    signal.signal(signal.SIGINT, before)


def press() -> None:
    signal.raise_signal(signal.SIGINT)


def interrupted(work: Callable[[], object]) -> bool:
    """Whether a Ctrl-C ends ``work``; it is answered."""
    try:
        work()
    except (KeyboardInterrupt, Interrupted):
        answered(leaving=True)
        return True
    except BaseException:  # the test has failed; what follows it must not be interrupted
        answered(leaving=True)
        raise
    return False


def wait() -> NoReturn:
    """Go on as a command would that knows nothing of a Ctrl-C."""
    time.sleep(PATIENCE)
    raise AssertionError("the Ctrl-C did not come back")


@pytest.mark.parametrize(
    "error", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")]
)
def test_an_interrupted_query_is_a_ctrl_c(error: Exception) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise error


@pytest.mark.parametrize("error", [RuntimeError("other"), duckdb.IOException("no disk"), ValueError("x")])
def test_other_errors_stay(error: Exception) -> None:
    with pytest.raises(type(error)), interruptible():
        raise error


@pytest.mark.usefixtures("heard")
def test_one_that_a_library_swallowed_comes_back() -> None:
    def work() -> None:
        with contextlib.suppress(KeyboardInterrupt):  # as C code does that clears errors
            press()
        wait()

    assert interrupted(work)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("finaliser", [True, False])
def test_one_in_a_finaliser_or_a_callback_comes_back_unseen(
    finaliser: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    class Thing:
        def __del__(self) -> None:
            if finaliser:
                press()

    def work() -> None:
        thing = Thing()
        watch = weakref.ref(thing, None if finaliser else lambda _: press())
        del thing
        assert watch() is None
        wait()

    assert interrupted(work)
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("step", ["create_dynamic", "exec_dynamic"])
def test_one_while_an_extension_module_loads_waits(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Raised there it is lost, becomes an ``ImportError``, or ends the process."""
    loaded = []
    some = SimpleNamespace(name="some", origin="some.so")

    def load(*_: object) -> None:
        press()
        loaded.append(step)

    def work() -> None:
        loader: Any = ExtensionFileLoader("some", "some.so")
        (loader.create_module if step == "create_dynamic" else loader.exec_module)(some)
        wait()

    monkeypatch.setattr(_imp, step, load)
    assert interrupted(work)
    assert loaded == [step]


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("error", [KeyboardInterrupt, Interrupted])
def test_what_puts_things_in_order_is_not_disturbed(
    error: type[BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the same one coming back nor by an impatient second."""
    monkeypatch.setattr(interrupts, "ANSWER", PATIENCE)
    tidied = []

    def tidy() -> None:
        press()
        time.sleep(3 * interrupts.AGAIN)
        tidied.append(True)

    def work() -> None:
        try:
            press()
        except KeyboardInterrupt:
            with closing(SimpleNamespace(close=tidy)):
                raise error("interrupted") from None

    assert interrupted(work)
    assert tidied == [True]


@pytest.mark.usefixtures("heard")
def test_an_impatient_second_gets_through_where_tidying_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interrupts, "ANSWER", 0.0)
    tidied = []

    def work() -> None:
        try:
            press()
        finally:
            press()
            tidied.append(True)

    assert interrupted(work)
    assert tidied == []


@pytest.mark.usefixtures("heard")
def test_once_answered_it_stays_away_and_the_next_is_heard_at_once() -> None:
    try:
        press()
    except KeyboardInterrupt:
        assert pressed()
        answered()
        assert interrupted(press)
    time.sleep(3 * interrupts.AGAIN)
    assert not pressed()


@pytest.mark.usefixtures("heard")
def test_a_second_while_the_first_is_answered_has_its_turn_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(interrupts, "ANSWER", PATIENCE)
    told = []

    def work() -> None:
        try:
            press()
        except KeyboardInterrupt:
            press()
            told.append(True)
            answered()
        wait()

    assert interrupted(work)
    assert told == [True]


@pytest.mark.usefixtures("heard")
def test_none_is_taken_once_the_outcome_stands() -> None:
    deafen()
    press()
    assert not pressed()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_other_handlers_are_left_alone() -> None:
    before, shown = signal.signal(signal.SIGINT, signal.SIG_IGN), sys.unraisablehook
    try:
        hear()
        deafen()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        signal.signal(signal.SIGINT, signal.default_int_handler)
        deafen()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert sys.unraisablehook is shown
    finally:
        signal.signal(signal.SIGINT, before)
