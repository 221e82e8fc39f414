"""Names and labels as an online model sees them, both ways.

Messages are kept with the names of the table; what a model sees is a translation of them, made when a request goes
out and undone when the answer comes in (``guarded``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from causalcopilot.domain.visible import clean

OWN_WORDS = frozenset(
    """yes no true false none uncertain ate att atc passed failed warned supported fragile refuted
    not_identified inconclusive increases decreases none_detected unclear""".split()
)
"""Words that results hold anyway; as a label they tell nothing and are left as they are."""
_FIXED_KEYS = frozenset(
    """call tool ok kind type role storage quantity design status method command tools v code strategy basis
    answer verdict direction""".split()
)
"""Keys whose values come from ccp's own vocabulary, never from the table."""
_MAY_NAME = frozenset(("answer", "direction"))
"""Of these, the keys under which some tools give the name of a column."""
_ONE_WORD = re.compile(r"[\w.@:+-]+")


def clean_names(names: Iterable[str]) -> dict[str, str]:
    """Each name and its cleaned form, no two alike; names that are clean already stay as they are."""
    names = list(names)
    taken = {n for n in names if clean(n) == n and n}
    out = {}
    for name in names:
        if name in taken:
            out[name] = name
            continue
        base = clean(name) or "column"
        shown, k = base, 2
        while shown in taken:
            shown, k = f"{base}_{k}", k + 1
        taken.add(shown)
        out[name] = shown
    return out


class Words:
    """Replace whole words and phrases of a text by others, all at once; a lone value is replaced as a whole."""

    def __init__(self, table: Mapping[str, str], in_text: Callable[[str], bool] = bool) -> None:
        self.table = {k: v for k, v in table.items() if k != v}
        self._inside = {k: v for k, v in self.table.items() if in_text(k)}
        phrases = sorted((k for k in self._inside if not re.fullmatch(r"\w+", k)), key=len, reverse=True)
        self._pattern = re.compile("|".join([rf"(?<!\w){re.escape(p)}(?!\w)" for p in phrases] + [r"\w+"]))

    def __call__(self, text: str) -> str:
        """The text with its words replaced."""
        if text in self.table:
            return self.table[text]
        return self._pattern.sub(lambda m: self._inside.get(m[0], m[0]), text) if self._inside else text


class Shown:
    """The dictionary of the translation: every name and label with what is shown in its place.

    Args:
        columns: real column (or latent) name to the name shown.
        labels: category label to its code.

    Attributes:
        out: a text for the model.
        home: a value from the model, under real names again.
        prose: text from the model, under real names again, cleaned so that each can stand in back-ticks.
    """

    def __init__(self, columns: Mapping[str, str], labels: Mapping[str, str] | None = None) -> None:
        self.columns, self.labels = dict(columns), dict(labels or {})
        columns = {**{clean(k): v for k, v in self.columns.items()}, **self.columns}  # prose says the cleaned
        away = {**{clean(k): v for k, v in self.labels.items()}, **self.labels, **columns}
        back = {v: k for k, v in (self.labels | self.columns).items()}
        self.out = Words(away, lambda word: word in columns or len(word) > 2)
        self.home = Words(back)
        self.prose = Words({v: clean(k) for v, k in back.items()})

    @property
    def changes(self) -> bool:
        """Whether anything is shown under another name."""
        return bool(self.out.table)

    def out_data(self, value: Any) -> Any:
        """JSON data for the model; keys and ccp's own words stay."""
        return _walk(value, self.out)

    def home_data(self, value: Any) -> Any:
        """JSON data from the model (the arguments of a call)."""
        return _walk(value, self.home, frozenset())

    def out_content(self, content: str) -> str:
        """The content of a message: JSON is translated value by value, anything else as text."""
        try:
            data = json.loads(content) if content.lstrip().startswith("{") else None
        except ValueError:
            data = None
        return self.out(content) if data is None else json.dumps(self.out_data(data), ensure_ascii=False)

    def out_spec(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """A function schema: the values a model may choose from are translated, words about them are not."""
        return {k: self._spec(v, False) for k, v in spec.items()}

    def _spec(self, value: Any, choices: bool) -> Any:
        if isinstance(value, Mapping):
            return {k: self._spec(v, k in ("enum", "default", "const", "examples")) for k, v in value.items()}
        if isinstance(value, list):
            return [self._spec(v, choices) for v in value]
        return self.out(value) if choices and isinstance(value, str) else value


def _walk(value: Any, change: Callable[[str], str], fixed: frozenset[str] = _FIXED_KEYS) -> Any:
    if isinstance(value, Mapping):
        return {k: _at(k, v, change, fixed) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(v, change, fixed) for v in value]
    return change(value) if isinstance(value, str) else value


def _at(key: str, value: Any, change: Callable[[str], str], fixed: frozenset[str]) -> Any:
    """A value under a fixed key stays; of a fact under it the value stays, its label does not.

    Only one word of ccp's own is such a value: what says ``a --> b`` names columns, whatever key it stands under.
    """
    if key not in fixed:
        return _walk(value, change, fixed)
    if isinstance(value, Mapping):
        return _walk(value, change, fixed | {"value"})
    own = isinstance(value, str) and (key not in _MAY_NAME or value.lower() in OWN_WORDS)
    return value if own and _ONE_WORD.fullmatch(value) else _walk(value, change, fixed)
