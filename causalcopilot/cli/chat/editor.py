"""The line a person types: history, completion, several lines; plain reading where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.chat.registry import ALIASES, commands

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk

PROMPT = "ccp> "
MORE = "...> "
QUOTES = '"""'
SECRET = ("api_key", "api-key", "password", "secret", "token", "sk-")
"""A line with one of these is not kept in the history."""

Read = Callable[[], "str | None"]


def editor(talk: Talk) -> Read:
    """A function that gives the next entry, ``None`` at the end of input; a trailing backslash asks for more lines."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return lambda: _entry(lambda prompt: _piped())
    try:
        line = _prompted(talk)
    except ImportError:
        line = _plain
    return lambda: _entry(line)


def _entry(line: Callable[[str], str | None]) -> str | None:
    """One entry of one or several lines: a trailing backslash goes on, and so do three quotes until the next three."""
    text = line(PROMPT)
    if text is not None and text.strip().startswith(QUOTES):
        return _quoted_lines(text.strip()[3:], line)
    while text is not None and text.endswith("\\"):
        more = line(MORE)
        text = text[:-1].rstrip() + ("" if more is None else "\n" + more)
    return text


def _quoted_lines(text: str, line: Callable[[str], str | None]) -> str:
    """What stands between three quotes and the next three, over as many lines as it takes."""
    while QUOTES not in text:
        more = line(MORE)
        if more is None:
            break
        text += "\n" + more
    return text.partition(QUOTES)[0].strip()


def _piped() -> str | None:
    text = sys.stdin.readline()
    return text.rstrip("\n") if text else None


def _plain(prompt: str) -> str | None:
    import readline  # noqa: F401 - line editing for input()

    try:
        return input(prompt)
    except EOFError:
        return None


def _prompted(talk: Talk) -> Callable[[str], str | None]:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.completion import Completer, Completion
    from prompt_toolkit.history import FileHistory

    class Words(Completer):
        def get_completions(self, document: Any, event: Any) -> Iterator[Any]:
            start, found = completions(document.text_before_cursor, talk)
            done = " " if len(found) == 1 and found[0].startswith("/") else ""
            for word in found:
                yield Completion(word + done, start_position=start - len(document.text_before_cursor))

    class Kept(FileHistory):
        def store_string(self, string: str) -> None:
            if not any(s in string.lower() for s in SECRET):
                super().store_string(string)

    session: Any = PromptSession(
        history=Kept(str(history_file())), completer=Words(), complete_while_typing=False
    )

    def line(prompt: str) -> str | None:
        try:
            return str(session.prompt(prompt))
        except EOFError:
            return None

    return line


def history_file() -> Path:
    """Where what was typed is kept, readable by its owner only."""
    from causalcopilot.settings import home

    file = home("data") / "chat_history"
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)
    return file


def completions(text: str, talk: Talk) -> tuple[int, list[str]]:
    """Where the word that is being typed begins, and what it may become."""
    if text.startswith("/") and " " not in text:
        names = [f"/{n}" for n in (*commands(), *(a for a in ALIASES if a.isalpha()))]
        return 0, _fitting(text, names)
    if not text.startswith("/"):
        start = text.rfind(" ") + 1
        return start, _fitting(text[start:], _quoted(talk.case.dataset.columns)) if text[start:] else []
    word, _, rest = text.partition(" ")
    command = commands().get(ALIASES.get(word[1:], word[1:]).partition(" ")[0])
    start = max(text.rfind(" "), text.rfind(",")) + 1
    return (
        (start, _fitting(text[start:], _arguments(command.completes, rest, talk))) if command else (start, [])
    )


def _arguments(kind: str, rest: str, talk: Talk) -> Iterable[str]:
    columns = _quoted(talk.case.dataset.columns)
    match kind:
        case "columns":
            return columns
        case "setting":
            return [f"{c}=" for c in columns]
        case "graphs":
            return _graphs(talk)
        case "runs":
            return [r.id for r in talk.session.memory.runs(20)]
        case "commands":
            return commands()
        case "models":
            return ("expert", "openai:", "ollama:", "anthropic:")
        case "privacy":
            return ("names", "aliases")
        case "formats":
            return ("md", "html", "json")
    return ()


def _graphs(talk: Talk) -> list[str]:
    heads = talk.session.memory.graphs()
    return list(dict.fromkeys([h.id.rpartition("@")[0] for h in heads] + [h.id for h in heads]))


def _quoted(names: Iterable[str]) -> list[str]:
    return [n if " " not in n else f'"{n}"' for n in names]


def _fitting(start: str, words: Iterable[str]) -> list[str]:
    folded = start.lower()
    return [w for w in words if w.lower().startswith(folded) or w.lower().startswith(f'"{folded}')]
