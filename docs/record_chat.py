"""Record docs/chat.txt: a chat about NHEFS with the built-in expert, typed into the real program in a terminal.

    python docs/record_chat.py [FILE]

Drives ``ccp chat`` in tmux, or in a plain pseudo-terminal where there is no tmux.  The program runs in a folder of its
own with an empty memory, so nothing of the person who records appears in the transcript.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

DATA = "dataset:nhefs"
LINES = (
    "Does quitting smoking cause weight gain?",
    "what did you adjust for?",
    "no, you are wrong, it lowers weight",
    "Draw the causal graph of qsmk, wt82_71, age, sex and exercise",
    "/forbid age exercise",
    "Draw the causal graph of qsmk, wt82_71, age, sex and exercise",
    "/edges",
    "/undo",
    "/graph list",
    "/graph dag { u [latent] u -> qsmk u -> wt82_71 qsmk -> wt82_71 }",
    "What is the effect of qsmk on wt82_71?",
    "/undo",
    "/undo",
    "will it rain tomorrow?",
    "/do smokeintensity=10",
    "now without exercise",
    "how sure are you?",
    "/report md",
    "/quit",
)
"""What is typed: an undo, a forbidden edge, a what-if, questions that must be refused, and a report among it."""

PROMPT = "ccp> "
PATIENCE = 180
"""Seconds an answer may take."""
COLUMNS, ROWS = 80, 50


def in_tmux(command: str, folder: Path, environment: dict[str, str]) -> str:
    """Type the lines into a tmux session; the whole scrollback."""
    socket = ["tmux", "-L", f"ccp-{os.getpid()}"]

    def tmux(*words: str) -> str:
        return subprocess.run(
            [*socket, *words], check=True, capture_output=True, text=True, env=environment
        ).stdout

    settings = folder / "tmux.conf"
    settings.write_text("set -g history-limit 20000\nset -g status off\n")
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    shell = f"cd {folder} && clear && {command}; echo left; sleep 600"
    tmux("-f", str(settings), "new-session", "-d", "-s", "chat", *size, shell)
    try:
        wait(lambda: tmux("capture-pane", "-p", "-t", "chat"))
        for line in LINES:
            tmux("send-keys", "-t", "chat", "-l", line)
            tmux("send-keys", "-t", "chat", "Enter")
            time.sleep(1)
            wait(lambda: tmux("capture-pane", "-p", "-t", "chat"))
        return tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "chat")
    finally:
        subprocess.run([*socket, "kill-server"], check=False, env=environment)


def in_pty(command: str, folder: Path, environment: dict[str, str]) -> str:
    """The same in a pseudo-terminal of our own, for machines without tmux."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("/bin/sh", ["sh", "-c", f"{command}; echo left"], {**environment, "TERM": "dumb"})
    seen = bytearray()

    def read() -> str:
        while select.select([terminal], [], [], 0.2)[0]:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:
                break
            if not chunk:
                break
            seen.extend(chunk)
        return plain(seen.decode("utf-8", "replace"))

    wait(read)
    for line in LINES:
        os.write(terminal, f"{line}\r".encode())
        time.sleep(1)
        wait(read)
    os.close(terminal)
    os.waitpid(child, 0)
    return plain(seen.decode("utf-8", "replace"))


def wait(screen: Callable[[], str]) -> None:
    """Wait until the program asks for the next line, or has left."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        text = screen().rstrip("\n").rstrip()
        last = text.splitlines()[-1] if text else ""
        if last.strip() in (PROMPT.strip(), "left"):
            return
        time.sleep(0.3)
    raise SystemExit(f"no prompt within {PATIENCE} seconds; the screen:\n{screen()}")


def plain(text: str) -> str:
    """Text without escapes and spinners."""
    text = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>]", "", text.replace("\r\n", "\n"))
    return "\n".join(line.rsplit("\r", 1)[-1] for line in text.split("\n"))


def main() -> None:
    """Record, and write the transcript."""
    here = Path(__file__).resolve().parent
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "chat.txt"
    program = Path(sys.executable).with_name("ccp")
    with tempfile.TemporaryDirectory(prefix="ccp-record-") as name:
        folder = Path(name)
        keep = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "TMPDIR") if k in os.environ}
        environment = {
            **keep,
            "CCP_HOME": str(folder / "home"),
            "LC_ALL": "C.UTF-8",
            "NO_COLOR": "1",
            "TERM": "xterm",
        }
        assigned = " ".join(f"{k}={v}" for k, v in environment.items() if k in ("CCP_HOME", "NO_COLOR"))
        record = in_tmux if shutil.which("tmux") else in_pty
        text = record(f"env {assigned} {program} chat {DATA}", folder, environment)
    body = "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")
    body = body.removesuffix("left").rstrip("\n")
    target.write_text(f"$ ccp chat {DATA}\n{body}\n", "utf-8")
    print(target)


if __name__ == "__main__":
    main()
