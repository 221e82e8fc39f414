"""A chat in a real terminal: completion, history, Ctrl-C, streamed answers, and how it is left."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from causalcopilot.memory.memory import Memory
from causalcopilot.testing import Loopback, calls
from tests.agent.tables import smoking

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is POSIX")
PATIENCE = 40.0
"""Seconds until something expected must have appeared; only a hang takes that long."""


class Terminal:
    """``ccp`` on a pseudo-terminal: what is typed in and what appears."""

    def __init__(self, words: list[str], environment: dict[str, str]) -> None:
        self.child, self.end = pty.fork()
        if self.child == 0:
            os.execvpe(sys.executable, [sys.executable, "-m", "causalcopilot", *words], environment)
        self.raw = b""
        self._from = 0

    @property
    def text(self) -> str:
        """All that appeared, without escapes."""
        return re.sub(
            r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()=>][A-Z0-9]?", "", self.raw.decode("utf-8", "replace")
        )

    def expect(self, wanted: str) -> str:
        """Wait until something new holds ``wanted``."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            new = self.text[self._from :]
            if wanted in new:
                self._from += new.index(wanted) + len(wanted)
                return new
            self._read()
        raise AssertionError(f"{wanted!r} never appeared in:\n{self.text}")

    def _read(self) -> None:
        if select.select([self.end], [], [], 0.1)[0]:
            try:
                self.raw += os.read(self.end, 65536)
            except OSError:
                time.sleep(0.05)

    def type(self, text: str) -> None:
        os.write(self.end, text.encode())

    def leave(self) -> None:
        """Ctrl-C until it bids farewell: two count as one word only when they come soon after one another, and on a
        busy machine what was shown in time may be read, and answered, too late."""
        end = time.monotonic() + PATIENCE
        while "go on with: ccp chat --resume " not in self.text[self._from :]:
            assert time.monotonic() < end, f"it never said farewell:\n{self.text}"
            told = self.text.count("Ctrl-C again")
            self.type("\x03")
            while self.text.count("Ctrl-C again") == told and time.monotonic() < end:
                self._read()
                if "go on with: ccp chat --resume " in self.text[self._from :]:
                    break

    def left(self) -> int:
        """The exit code, once it has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self._read()
            done, status = os.waitpid(self.child, os.WNOHANG)
            if done:
                self.child = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"it never ended:\n{self.text}")

    def close(self) -> None:
        if self.child:
            os.kill(self.child, signal.SIGKILL)
            os.waitpid(self.child, 0)
        os.close(self.end)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("CCP_")}
    return {
        **kept,
        "CCP_HOME": str(tmp_path / "home"),
        "TERM": "xterm",
        "NO_COLOR": "1",
        "OPENAI_API_KEY": "x",
    }


@pytest.fixture
def terminals(environment: dict[str, str]) -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for t in opened:
        t.close()


def test_typing_stopping_and_leaving(
    environment: dict[str, str], terminals: list[Terminal], tmp_path: Path
) -> None:
    table, memory = smoking(tmp_path), tmp_path / "m.duckdb"
    terminal = Terminal(["chat", str(table), "--memory", str(memory)], environment)
    terminals.append(terminal)
    terminal.expect("ccp>")
    terminal.type("/cos\t")
    terminal.expect("/cost")
    terminal.type("\r")
    terminal.expect("costs nothing")
    terminal.type("/data af\t")
    terminal.expect("after")
    terminal.type("\r")
    terminal.expect("600 rows, 1 column,")
    terminal.type("/nothing with sk-canary\r")
    terminal.expect("no command")
    terminal.type("what is the effect of quit \\\r")
    terminal.expect("...>")
    terminal.type("on gain?\r")
    terminal.expect("estimate")  # its live line
    terminal.type("\x03")
    terminal.expect("stopped; what was finished is kept")
    terminal.type("/run\r")
    terminal.expect("interrupted")
    terminal.expect("ccp>")
    terminal.type("\x04")
    terminal.expect("go on with: ccp chat --resume ")
    assert terminal.left() == 0
    stored = Memory(memory).runs()[0]
    assert stored.status == "interrupted"
    assert [c.tool for c in Memory(memory).run(stored.id).calls][:1] == ["profile"]
    history = tmp_path / "home" / "data" / "chat_history"
    kept = history.read_text("utf-8")
    assert "/cost" in kept
    assert "canary" not in kept
    assert history.stat().st_mode & 0o077 == 0


def test_an_online_answer_streams_with_its_facts_filled_in(
    environment: dict[str, str], terminals: list[Terminal], tmp_path: Path
) -> None:
    table = smoking(tmp_path)
    asked = calls(("independence", {"a": "age", "b": "sex"}))
    said = "The answer is {t1.answer}, by the test {t1.test}."
    with Loopback([asked, said]) as server:
        words = ["chat", str(table), "-m", "scripted", "--base-url", server.url]
        terminal = Terminal([*words, "--memory", str(tmp_path / "m.duckdb")], environment)
        terminals.append(terminal)
        terminal.expect("ccp>")
        terminal.type("Are age and sex independent?\r")
        terminal.expect("The answer is ")
        terminal.expect("by the test ")
        terminal.expect("ccp>")
        terminal.type("\x03")
        terminal.expect("Ctrl-C again, or Ctrl-D, leaves")
        terminal.leave()
        assert terminal.left() == 0
    assert "{t1" not in terminal.text
    assert terminal.text.count("The answer is ") == 1  # streamed, checked, and not printed twice
