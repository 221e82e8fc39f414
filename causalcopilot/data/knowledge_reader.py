"""Strict reading of TOML sections: every key is typed, and keys nobody asked for are refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn, TypeVar

from causalcopilot.domain.facts import Scalar
from causalcopilot.errors import KnowledgeError, nearest

T = TypeVar("T", bound=str)


class Section:
    """One TOML table; each accessor takes its key out, :meth:`finish` refuses what is left."""

    def __init__(self, path: str, values: dict[str, Any]) -> None:
        self.path = path
        self.values = dict(values)
        self.known: list[str] = []

    def _take(self, key: str) -> Any:
        self.known.append(key)
        return self.values.pop(key, None)

    def fail(self, message: str, hint: str = "") -> NoReturn:
        """Raise ``KnowledgeError`` that names this section."""
        shown = f"{self.path}: {message}" if self.path else message
        raise KnowledgeError(shown, hint or "ccp data card DATA drafts a file in the right form")

    def _expect(self, key: str, value: Any, good: bool, what: str) -> None:
        if value is not None and not good:
            self.fail(f"{key} must be {what}")

    def text(self, key: str) -> str:
        """A text, empty where the key is absent."""
        value = self._take(key)
        self._expect(key, value, isinstance(value, str), "a text in quotes")
        return value or ""

    def number(self, key: str) -> float | None:
        """A number, or ``None``."""
        value = self._take(key)
        self._expect(key, value, isinstance(value, int | float) and not isinstance(value, bool), "a number")
        return None if value is None else float(value)

    def whole(self, key: str) -> int | None:
        """A whole number, or ``None``."""
        value = self._take(key)
        self._expect(key, value, isinstance(value, int) and not isinstance(value, bool), "a whole number")
        return value if isinstance(value, int) else None

    def scalar(self, key: str) -> Scalar:
        """A number, text or boolean, or ``None``."""
        value = self._take(key)
        self._expect(key, value, isinstance(value, int | float | str | bool), "a number or a text")
        return value if isinstance(value, int | float | str | bool) else None

    def choice(self, key: str, allowed: Sequence[T]) -> T | None:
        """One of the allowed words, or ``None``."""
        value = self._take(key)
        chosen = next((word for word in allowed if value == word), None)
        if value is not None and chosen is None:
            near = nearest(str(value), list(allowed), 1)
            hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(allowed)}"
            self.fail(f"unknown {key} {value!r}", hint)
        return chosen

    def scalars(self, key: str) -> list[Any]:
        """A list of numbers or texts, empty where the key is absent."""
        value = self._take(key)
        good = isinstance(value, list) and all(isinstance(v, int | float | str) for v in value)
        self._expect(key, value, good, "a list of numbers or texts")
        return list(value or [])

    def texts(self, key: str) -> list[str]:
        """A list of texts, empty where the key is absent."""
        value = self._take(key)
        good = isinstance(value, list) and all(isinstance(v, str) for v in value)
        self._expect(key, value, good, 'a list of names, such as ["a", "b"]')
        return list(value or [])

    def lists(self, key: str) -> list[list[str]]:
        """A list of lists of names."""
        value = self._take(key)
        good = isinstance(value, list) and all(
            isinstance(g, list) and all(isinstance(n, str) for n in g) for g in value
        )
        self._expect(key, value, good, 'a list of lists of names, such as [["a"], ["b", "c"]]')
        return [list(g) for g in value or []]

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Ordered pairs (cause, effect)."""
        out = []
        for group in self.lists(key):
            if len(group) != 2 or group[0] == group[1]:
                self.fail(
                    f"{key} holds {group}, which is no pair of two columns", 'write [["cause", "effect"]]'
                )
            out.append((group[0], group[1]))
        return tuple(out)

    def section(self, key: str) -> Section:
        """A sub-table, empty where the key is absent."""
        value = self._take(key)
        self._expect(key, value, isinstance(value, dict), f"a section, [{key}]")
        return Section(self._below(key), value or {})

    def sections(self, key: str) -> list[tuple[str, Section]]:
        """The named tables below a key, in file order."""
        outer = self.section(key)
        for name, value in outer.values.items():
            outer._expect(name, value, isinstance(value, dict), f"a section, [{key}.{name}]")
        return [(name, Section(outer._below(name), value)) for name, value in outer.values.items()]

    def list_of_sections(self, key: str) -> list[Section]:
        """The tables of an array ``[[key]]``."""
        value = self._take(key)
        good = isinstance(value, list) and all(isinstance(v, dict) for v in value)
        self._expect(key, value, good, f"sections, [[{key}]]")
        return [Section(f"[[{key}]]", v) for v in value or []]

    def _below(self, key: str) -> str:
        return f"[{key}]" if not self.path else f"{self.path[:-1]}.{key}]"

    def finish(self) -> None:
        """Refuse keys that nobody asked for, with the nearest known one."""
        for key in self.values:
            near = nearest(key, self.known, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"known keys: {', '.join(self.known)}"
            if key in ("forbidden", "required", "tiers", "graph", "title") and self.path:
                hint = f"{key} belongs above the first [section]"
            self.fail(f"unknown key {key!r}", hint)
