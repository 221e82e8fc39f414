"""What may leave the machine, and in what shape.

Messages are kept with the names of the table; what an online model sees is a translation of them, made when a
request goes out and undone when the answer comes in (``guarded``).  ``Shown`` is the dictionary of that
translation: cleaned names (mode ``names``) or ``v1`` … ``vn`` (mode ``aliases``), and codes for category labels
that are not shared.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any, Literal

from causalcopilot.domain.visible import clean as clean

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

    from causalcopilot.domain.knowledge import Knowledge
    from causalcopilot.domain.profile import ColumnProfile, Profile

Mode = Literal["names", "aliases"]
MIN_COUNT = 10
"""Rows a label or an aggregate must stand for before it may be told: fewer could point at a person."""

_SECRETS = re.compile(
    r"sk-[A-Za-z0-9_*-]{12,}|lsv2_[A-Za-z0-9_]{10,}|gh[pousr]_[A-Za-z0-9]{20,}|AKIA[0-9A-Z]{16}"
    r"|Bearer\s+[A-Za-z0-9._~+/-]{8,}=*|(?<=//)[^/\s:@]+:[^/\s@]+(?=@)|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
_OWN_WORDS = frozenset(
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


def redact(text: str) -> str:
    """The text without keys, tokens, passwords in addresses and e-mail addresses."""
    return _SECRETS.sub("[redacted]", text)


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
    """Names and labels as a model sees them, both ways.

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
    own = isinstance(value, str) and (key not in _MAY_NAME or value.lower() in _OWN_WORDS)
    return value if own and _ONE_WORD.fullmatch(value) else _walk(value, change, fixed)


@dataclass(frozen=True)
class Privacy:
    """What the user lets out.

    Attributes:
        mode: ``names`` shows column names (cleaned); ``aliases`` shows ``v1`` … ``vn``, hides the table's own name
            too, and leaves out meanings.
        share_levels: show category labels that at least ``MIN_COUNT`` rows share.
    """

    mode: Mode = "names"
    share_levels: bool = False

    def shown(self, profile: Profile, knowledge: Knowledge | None = None) -> Shown:
        """The dictionary for one table."""
        latents = knowledge.latents if knowledge is not None else ()
        names = list(dict.fromkeys([*profile.names, *latents]))
        aliases = {n: f"v{i}" for i, n in enumerate(names, 1)}
        columns = aliases if self.mode == "aliases" else clean_names(names)
        hidden = {
            label: None
            for c in profile.columns
            if c.storage in ("text", "boolean")
            for label, rows in c.levels
            if not self.shares(c, label, rows) and label not in columns and label.lower() not in _OWN_WORDS
        }
        taken = {*columns, *columns.values(), *hidden}
        codes = (code for i in count(1) if (code := f"level{i}") not in taken)
        labels = dict(zip(hidden, codes, strict=False))
        if self.mode == "aliases":
            known = {*columns, *columns.values(), *_OWN_WORDS}
            labels = {k: v for k, v in _table_aliases(profile.name).items() if k not in known} | labels
        return Shown(columns, labels)

    def shares(self, column: ColumnProfile, label: str, rows: int) -> bool:
        """Whether this label may be told."""
        return self.share_levels and rows >= MIN_COUNT and column.type != "identifier"

    def guard(
        self,
        model: BaseChatModel,
        profile: Profile,
        knowledge: Knowledge | None = None,
        private: frozenset[str] = frozenset(),
    ) -> BaseChatModel:
        """An online model that sees only what is shown, and nothing of what ``private`` tools were asked and told
        while the expert drove; the expert needs no guard."""
        shown = self.shown(profile, knowledge)
        if not shown.changes and not private:
            return model
        from causalcopilot.agent.guarded import Guarded

        return Guarded(inner=model, shown=shown, private=private)


def _table_aliases(name: str) -> dict[str, str]:
    """The table's name as graphs carry it, and what an online model sees in its place."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", re.split(r"[/\\]|::|:", name)[-1])
    spellings = dict.fromkeys([stem, re.sub(r"\W", "_", stem).strip("_").lower()])
    return {
        f"{s}{more}": f"data{i}{more}"
        for i, s in enumerate(filter(None, spellings), 1)
        for more in ("", "_given")
    }


def listed_levels(
    column: ColumnProfile, privacy: Privacy, codes: Mapping[str, str]
) -> Sequence[tuple[str, int]]:
    """Labels (or their codes) that enough rows share, with counts; numbers are no labels."""
    if column.type == "identifier" or (column.storage == "number" and not privacy.share_levels):
        return ()
    return [
        (clean(label) if privacy.shares(column, label, rows) else codes[label], rows)
        for label, rows in column.levels
        if rows >= MIN_COUNT and (privacy.shares(column, label, rows) or label in codes)
    ]
