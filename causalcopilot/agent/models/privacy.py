"""What may leave the machine, and in what shape.

The names of a table go out cleaned (mode ``names``) or as ``v1`` … ``vn`` (mode ``aliases``), category labels that
are not shared as codes; ``shown`` holds the dictionary of that translation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Literal

from causalcopilot.agent.models.shown import OWN_WORDS, Shown, clean_names
from causalcopilot.domain.visible import clean
from causalcopilot.toolkit.toolbox import plain_name

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


def redact(text: str) -> str:
    """The text without keys, tokens, passwords in addresses and e-mail addresses."""
    return _SECRETS.sub("[redacted]", text)


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
            if not self.shares(c, label, rows) and label not in columns and label.lower() not in OWN_WORDS
        }
        taken = {*columns, *columns.values(), *hidden}
        codes = (code for i in count(1) if (code := f"level{i}") not in taken)
        labels = dict(zip(hidden, codes, strict=False))
        if self.mode == "aliases":
            known = {*columns, *columns.values(), *OWN_WORDS}
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
        from causalcopilot.agent.models.guarded import Guarded

        return Guarded(inner=model, shown=shown, private=private)


DERIVED = ("_given", "_drawn", "_majority")
"""What graphs add to the table's name: given beside the question, drawn in a chat, agreed on by most resamples."""


def _table_aliases(name: str) -> dict[str, str]:
    """The table's name as graphs carry it, and what an online model sees in its place."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", re.split(r"[/\\]|::|:", name)[-1])
    spellings = dict.fromkeys([stem, plain_name(name), re.sub(r"\W", "_", stem).strip("_").lower()])
    return {
        f"{s}{more}": f"data{i}{more}"
        for i, s in enumerate(filter(None, spellings), 1)
        for more in ("", *DERIVED)
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
