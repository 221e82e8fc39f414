"""Where output goes: results to standard output, progress and diagnostics to standard error.

On a terminal a running tool has one live line with its elapsed time; elsewhere there are no bars, no escapes and
no questions.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from causalcopilot.cli.state import Globals
from causalcopilot.cli.terminal import width
from causalcopilot.cli.text.numbers import counted
from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from rich.progress import Progress

    from causalcopilot.agent.case import Case
    from causalcopilot.agent.events import Event

CONTROL = re.compile(
    "\x1b\\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
)


def clean(text: str) -> str:
    """Text from data or a model without control characters, so that it cannot steer a terminal."""
    return CONTROL.sub("", text.replace("\r", " "))


def coloured(stream: IO[str], choice: str) -> bool:
    """Whether to colour: ``--color``, then ``NO_COLOR``, ``FORCE_COLOR``, ``TERM=dumb``, then the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def unwritable(path: Path | str, error: OSError, option: str = "-o") -> UsageError:
    """The error of a file that cannot be written."""
    return UsageError(f"cannot write {path}: {error.strerror}", f"choose another place with {option}")


def write_file(path: Path, text: str) -> None:
    """Write a text file that was asked for with ``-o``; ``UsageError`` where it cannot be written."""
    try:
        path.write_text(text, "utf-8")
    except OSError as e:
        raise unwritable(path, e) from e


class View:
    """Shows the event stream; use as a context manager so that a live line never outlives its run."""

    def __init__(self, options: Globals, color: str = "auto", answers: bool = False) -> None:
        self.options = options
        self.answers = answers
        self.live = (
            sys.stderr.isatty() and not (options.quiet or options.json) and os.environ.get("TERM") != "dumb"
        )
        self.colour = coloured(sys.stderr, color)
        self.steps = not (options.quiet or options.json)
        self.stream: IO[str] | None = None
        self._progress: Progress | None = None

    def __enter__(self) -> Self:
        if self.options.events == "-":
            self.stream = sys.stdout
        elif self.options.events:
            try:
                self.stream = open(self.options.events, "w", encoding="utf-8")
            except OSError as e:
                raise unwritable(self.options.events, e, "--events") from e
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
        if self.stream is not None and self.stream is not sys.stdout:
            self.stream.close()

    def show(self, event: Event) -> None:
        """One event, to the stream and to the eye."""
        if self.stream is not None:
            self.stream.write(json.dumps(event.to_json(), default=str) + "\n")
            self.stream.flush()
        if self.steps:
            getattr(self, "_" + event.type.replace(".", "_"), lambda e: None)(event)

    def data_line(self, case: Case) -> None:
        """The first line of a run: what was read."""
        if self.steps:
            p = case.profile
            size = f"{counted(p.rows, 'row')}, {counted(len(p.columns), 'column')}"
            self._line("data", f"{p.name}: {size}", time.process_time())

    def _tool_started(self, event: Any) -> None:
        if not self.live:
            return
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        self._stop()
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            console=Console(stderr=True, no_color=not self.colour),
            transient=True,
        )
        self._progress.add_task(event.tool)
        self._progress.start()

    def _tool_finished(self, event: Any) -> None:
        self._stop()
        text = event.summary if event.ok else f"{event.kind}: {event.error}"
        self._line(event.tool, text, event.seconds, bad=not event.ok)

    def _notice(self, event: Any) -> None:
        self.say(f"note: {event.message}")

    def _retry(self, event: Any) -> None:
        self.say(f"note: {event.why}; asking again")

    def _token(self, event: Any) -> None:
        if self.answers:
            sys.stderr.write(clean(event.text))
            sys.stderr.flush()

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _line(self, name: str, text: str, seconds: float, *, bad: bool = False) -> None:
        took = f"{seconds:6.1f} s"
        room = width(sys.stderr) - 2 - 13 - len(took) - 1
        over = max(0, len(name) - 12)  # a long name takes its room from the first line only
        first, *rest = _wrap(clean(text), room - over)
        lines = [first, *_wrap(" ".join(rest), room)] if rest else [first]
        head = f"  {name:<12} {lines[0]:<{room - over}} {took}"
        if self.colour:
            head = f"\x1b[31m{head}\x1b[0m" if bad else head
        print(head, file=sys.stderr)
        for more in lines[1:]:
            print(" " * 15 + more, file=sys.stderr)

    def say(self, text: str) -> None:
        """One diagnostic line, wrapped as wide as the terminal."""
        if self.steps:
            self._stop()
            print("\n".join(_wrap("  " + clean(text), width(sys.stderr), "    ")), file=sys.stderr)

    def waiting(self, text: str) -> None:
        """Why the running step takes longer than usual, above its live line."""
        if self._progress is not None:
            self._progress.console.print(f"  note: {clean(text)}", highlight=False, markup=False)
        else:
            self.say(f"note: {text}")

    def result(self, text: str) -> None:
        """The result, for people."""
        print(clean_lines(text))

    def document(self, document: dict[str, Any]) -> None:
        """The result, for scripts."""
        print(harmless_json(document))

    def told(self, text: str, /, **fields: Any) -> None:
        """The result in one line or a few for people; the same as fields of a document for scripts."""
        if self.options.json:
            self.document({"v": 1, "meta": {}, **fields})
        else:
            self.result(text)


def harmless_json(document: Any) -> str:
    """One line of JSON that a terminal may show: control and direction characters in it are escaped, not lost."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False)
    return CONTROL.sub(lambda m: "".join(f"\\u{ord(c):04x}" for c in m[0]), text)


def clean_lines(text: str) -> str:
    """``clean`` for text of several lines."""
    return "\n".join(clean(line) for line in text.split("\n"))


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(text, width, subsequent_indent=indent, replace_whitespace=False) or [""]
