"""How wide output is, text that streams in, and keys typed while a step runs."""

from __future__ import annotations

import contextlib
import io
import os

import pytest

from causalcopilot.cli import terminal
from causalcopilot.cli.text.layout import table
from causalcopilot.cli.text.numbers import counted


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("columns", "wide"), [(20, 40), (66, 66), (80, 80), (300, 100)])
def test_output_is_as_wide_as_the_terminal_within_reason(
    monkeypatch: pytest.MonkeyPatch, columns: int, wide: int
) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda fallback: os.terminal_size((columns, 24)))
    assert terminal.width(Tty()) == wide
    assert terminal.width(io.StringIO()) == terminal.WIDTH


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_streamed_text_breaks_between_words_however_it_is_cut(size: int) -> None:
    text = "one two three four\n\nfive sixteen-letters seven"
    flow = terminal.Flow(12)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    shown = "".join(map(flow.feed, pieces)) + flow.end()
    assert shown == "one two\nthree four\n\nfive\nsixteen-letters\nseven"


def test_a_table_keeps_to_eighty_columns_where_its_head_is_long() -> None:
    shown = table(("a" * 30, "b" * 30, "mean or most frequent"), [("x", "y", "z")])
    assert max(map(len, shown.splitlines())) <= terminal.WIDTH


def test_one_is_no_plural() -> None:
    assert [counted(n, "row") for n in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]


def test_keys_are_silent_while_a_step_runs_and_the_terminal_is_put_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    termios = pytest.importorskip("termios")
    import pty

    _, end = pty.openpty()
    monkeypatch.setattr("sys.stdin", os.fdopen(end, "r"))

    def echo() -> bool:
        return bool(termios.tcgetattr(end)[3] & termios.ECHO)

    assert echo()
    with contextlib.suppress(KeyboardInterrupt), terminal.unechoed():
        assert not echo()
        raise KeyboardInterrupt
    assert echo()


def test_without_a_terminal_nothing_is_silenced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("typed\n"))
    with terminal.unechoed():
        pass


def test_the_last_column_of_a_table_takes_what_is_left_of_a_narrow_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("causalcopilot.cli.text.layout.width", lambda: 60)
    told = table(("name", "mean or most frequent"), [("x" * 48, "−0.0463"), ("y", "0.257")])
    assert max(map(len, told.splitlines())) <= 60


@pytest.mark.parametrize("name", ["profile", "attribute_change"])
def test_a_step_keeps_to_its_line_however_long_its_name(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from causalcopilot.cli.output import View
    from causalcopilot.cli.state import Globals

    monkeypatch.setattr("causalcopilot.cli.output.width", lambda stream=None: 60)
    View(Globals())._line(name, "a step that has much to say of what it found " * 3, 12.3)
    lines = capsys.readouterr().err.splitlines()
    assert max(map(len, lines)) <= 60
    assert lines[0].endswith("12.3 s")
    assert " ".join(" ".join(lines).split()).count("a step that") == 3
