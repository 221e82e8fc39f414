"""A second Ctrl-C leaves a chat with its farewell at whatever point it comes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from types import FrameType, SimpleNamespace
from typing import Any

import pytest

from causalcopilot.cli import terminal
from causalcopilot.cli.chat import talk as module
from causalcopilot.cli.chat.talk import Talk

FAREWELL = "go on with: ccp chat --resume r1"
POINTS = 60
"""More lines than lie between the first Ctrl-C and the end of the chat."""


@pytest.fixture(autouse=True)
def heard() -> Iterator[None]:
    """Ctrl-C raises, as it does in a program of its own, and afterwards what it did before."""
    with terminal.hearing():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        yield


def made(monkeypatch: pytest.MonkeyPatch, *read: Any) -> Talk:
    """A chat whose prompt gives these lines: text, an exception, or ``None`` for Ctrl-D."""
    told = iter(read)

    def prompt() -> str | None:
        Second.begun = True
        line = next(told, None)
        if isinstance(line, type) and issubclass(line, BaseException):
            raise line
        assert line is None or isinstance(line, str)
        return line

    monkeypatch.setattr("causalcopilot.cli.chat.editor.editor", lambda _: prompt)
    chat = object.__new__(Talk)
    chat.options = SimpleNamespace(quiet=False)  # type: ignore[assignment]
    chat.conversation = SimpleNamespace(run_id="r1")  # type: ignore[assignment]
    chat.screen = SimpleNamespace(say=lambda text: None)  # type: ignore[assignment]
    chat.leaving, chat._stopped = False, 0.0
    return chat


class Second:
    """Presses Ctrl-C at the n-th line of the chat's own code after the first prompt."""

    begun = False

    def __init__(self, point: int) -> None:
        self.left, self.pressed = point, False
        Second.begun = False

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename not in (module.__file__, terminal.__file__):
            return None
        if event == "line" and Second.begun and not self.pressed:
            self.left -= 1
            if self.left < 0:
                self.pressed = True
                signal.raise_signal(signal.SIGINT)
        return self


@pytest.mark.parametrize("lines", [(KeyboardInterrupt, "hello", None), (KeyboardInterrupt,), (None,)])
def test_a_second_ctrl_c_at_any_line_leaves_with_the_farewell(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: tuple[Any, ...]
) -> None:
    monkeypatch.setattr(Talk, "take", lambda self, line: None)
    reached = 0
    for point in range(POINTS):
        signal.signal(signal.SIGINT, signal.default_int_handler)
        chat, second = made(monkeypatch, *lines), Second(point)
        before = sys.gettrace()
        sys.settrace(second)
        try:
            code = chat.run()
        finally:
            sys.settrace(before)
        reached += second.pressed
        assert code == 0
        assert capsys.readouterr().err.count(FAREWELL) == 1, f"at line {point}"
    assert 5 < reached < POINTS, "every line was tried, and there were no more"


def test_ctrl_c_is_heard_again_after_a_chat(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal.hearing():
        made(monkeypatch, None).run()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
