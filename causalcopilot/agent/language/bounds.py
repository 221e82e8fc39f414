"""Groups that a number makes: "people over 50", "where income is at least 30"; as ``above 50`` of a column."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from causalcopilot.agent.language.columns import Vocabulary, stems
from causalcopilot.agent.language.contrasts import read_value
from causalcopilot.agent.language.levels import level_named
from causalcopilot.errors import ColumnNotFound, UsageError

if TYPE_CHECKING:
    from causalcopilot.domain.knowledge import Knowledge
    from causalcopilot.domain.profile import ColumnProfile, Profile

_N = r"[€$£]?[-−]?\d[\d,]*(?:\.\d+)?"
_UNIT = r"(?:\s*(?!and\b|or\b|to\b)[a-z€$£%]{1,12}(?:\s+(?:of\s+age|old|per\s+\w+|a\s+\w+))?)?"
_ABOVE = r"(?:above|over|more\s+than|greater\s+than|larger\s+than|higher\s+than|bigger\s+than|beyond|exceeding|past|>)"
_BELOW = r"(?:below|under|less\s+than|fewer\s+than|lower\s+than|smaller\s+than|<)"
_FROM = r"(?:at\s+least|no\s+less\s+than|not\s+below|not\s+under|>=|≥)"
_UP_TO = r"(?:at\s+most|up\s+to|no\s+more\s+than|not\s+above|not\s+over|<=|≤)"
_MORE = r"(?:or|and)\s+(?:above|over|more|older|higher|up|upwards?|beyond)"
_LESS = r"(?:or|and)\s+(?:below|under|less|fewer|younger|lower)"
_IS = r"(?:\s+(?:is|are|was|were|of|being|lies|lay|equals?|measured))*"
_SPAN = rf"(?:between\s+)?(?P<low>{_N}){_UNIT}\s*(?:to|and|-|–|until|through)\s*(?P<high>{_N}){_UNIT}"
_SIDES = (
    ("above", rf"{_ABOVE}\s*(?P<n>{_N})s?{_UNIT}"),
    ("below", rf"{_BELOW}\s*(?P<n>{_N})s?{_UNIT}"),
    ("from", rf"{_FROM}\s*(?P<n>{_N}){_UNIT}"),
    ("up to", rf"{_UP_TO}\s*(?P<n>{_N}){_UNIT}"),
    ("from", rf"(?P<n>{_N}){_UNIT}\s*(?:{_MORE}|\+)"),
    ("up to", rf"(?P<n>{_N}){_UNIT}\s*{_LESS}"),
    ("span", rf"between\s+(?P<low>{_N}){_UNIT}\s+and\s+(?P<high>{_N}){_UNIT}"),
)
_PEOPLE = (
    r"(?:people|persons?|patients?|customers?|users?|rows?|units?|cases?|those|ones?|observations?|records?|everyone"
    r"|everybody|anyone|anybody|individuals|participants|subjects|respondents)"
)
_LEAD = (
    rf"(?:(?:the|all|only|just|for|among|amongst|in|within|on|of|with|who|that|which|are|is|were|was|whose|where|have"
    rf"|having|has|{_PEOPLE})\s+)*"
)
_YEARS = r"(?:\s*-?\s*(?:year\W*olds?|years?(?:\s+(?:old|of\s+age))?))?s?"
_THE_AGE = r"(?:\s+the\s+age\s+of)?"
_AGES = (
    ("above", rf"(?:older\s+than|over{_THE_AGE}|above{_THE_AGE}|past)[\s-]*(?P<n>{_N}){_YEARS}"),
    ("below", rf"(?:younger\s+than|under{_THE_AGE}|below{_THE_AGE})[\s-]*(?P<n>{_N}){_YEARS}"),
    ("from", rf"aged?\s+(?P<n>{_N})(?:\s+years)?(?:\s*\+|\s+{_MORE})"),
    ("from", rf"aged?\s+at\s+least\s+(?P<n>{_N})"),
    ("up to", rf"aged?\s+(?:at\s+most|up\s+to)\s+(?P<n>{_N})"),
    ("up to", rf"aged?\s+(?P<n>{_N})\s+{_LESS}"),
    ("from", rf"(?P<n>{_N})(?:\s*years?)?\s+(?:or|and)\s+older"),
    ("up to", rf"(?P<n>{_N})(?:\s*years?)?\s+(?:or|and)\s+younger"),
    ("above", rf"aged?\s+{_ABOVE}\s*(?P<n>{_N})"),
    ("below", rf"aged?\s+{_BELOW}\s*(?P<n>{_N})"),
    ("span", rf"(?:aged?|ages)\s+{_SPAN}(?:\s+years)?"),
    ("span", rf"(?P<low>{_N})\s*(?:to|-|–)\s*(?P<high>{_N})[\s-]*year\W*olds?"),
)
_OF_AGE = tuple((side, re.compile(f"{_LEAD}(?:{row})(?:\\s+{_PEOPLE})?", re.I)) for side, row in _AGES)
_OF_COLUMN = tuple(
    (side, re.compile(rf"{_LEAD}(?P<column>[^?,;]+?){_IS}\s*{row}", re.I)) for side, row in _SIDES
)
_OF_COUNT = tuple(
    (side, re.compile(rf"{_LEAD}(?:with|having)\s+(?:{row})\s+(?:of\s+)?(?P<column>[^?,;\d]+?)", re.I))
    for side, row in ((side, row.replace(_UNIT, "")) for side, row in _SIDES)
)
"""The number before its column: "customers with more than 50 site visits"."""
_PLAIN = r"-?\d[\d.]*(?:e[-+]?\d+)?"
TURNED = {"above": "up to", "up to": "above", "from": "below", "below": "from"}


_BOTH = re.compile(
    rf"{_LEAD}(?P<who>[\w' -]+?)\s+(?P<rest>(?:who\s+are\s+|that\s+are\s+|with\s+|whose\s+|where\s+|of\s+)?"
    r"(?:over|under|above|below|older|younger|between|aged?|at\s+least|at\s+most)\b.*\d.*)",
    re.I,
)


def bounded(phrase: str, words: Vocabulary, profile: Profile, knowledge: Knowledge) -> tuple[str, str] | None:
    """Column and bound of a group ("older than 50" where a column tells the age), or ``None`` for other words.

    Raises:
        UsageError: no row lies there, or another group is named beside it ("women over 50").
    """
    found = _bound(phrase, words, profile)
    m = None if found else _BOTH.fullmatch(_even(phrase))
    if m and level_named(m["who"], profile, knowledge) and _bound(m["rest"], words, profile):
        raise UsageError(
            f"{_even(phrase)!r} is two conditions, and a group is made by one",
            f"ask for one: {m['who']}, or {m['rest']}; for rows that meet both, open a table that holds them only",
        )
    return found


def _even(phrase: str) -> str:
    return re.sub(r"\s+", " ", phrase.strip().strip("?.!,;() ")).strip()


def _bound(phrase: str, words: Vocabulary, profile: Profile) -> tuple[str, str] | None:
    text = _even(phrase)
    for side, pattern in _OF_AGE:
        if m := pattern.fullmatch(text):
            column = _age(profile)
            return _checked(column, side, m.groupdict(), profile) if column else None
    for side, pattern in (*_OF_COLUMN, *_OF_COUNT):
        m = pattern.fullmatch(text)
        if m is None:
            continue
        column = _numeric(m["column"], words, profile)
        if column:
            return _checked(column, side, m.groupdict(), profile)
    return None


def other_side(bound: str) -> str:
    """The rows that a bound leaves out, as a bound; empty for those on two sides."""
    word, _, number = bound.rpartition(" ")
    return f"{TURNED[word]} {number}" if word in TURNED else ""


def is_bound(label: str) -> bool:
    """Whether a group's label is a bound and not a value."""
    return bool(re.fullmatch(rf"(?:above|up to|from|below) {_PLAIN}|from {_PLAIN} to {_PLAIN}", label))


def _age(profile: Profile) -> str:
    """The one column of numbers that tells the age, or is called so; else nothing."""
    found = [
        c.name
        for c in profile.columns
        if re.search(r"(?:^|[\W_])age(?:$|[\W_\d])", c.name, re.I) and _counts(c)
    ]
    exact = [name for name in found if name.lower() == "age"]
    return found[0] if len(found) == 1 else exact[0] if exact else ""


def _numeric(phrase: str, words: Vocabulary, profile: Profile) -> str:
    """The column of numbers that a phrase means and says nothing beside: "women with income" is two groups."""
    try:
        column = profile.column(words.one(phrase))
    except ColumnNotFound:
        return ""
    own = frozenset().union(*words.words[column.name])
    beside = stems(re.sub(re.escape(column.name), " ", phrase, flags=re.I)) - own
    flat = re.sub(r"[\W_]+", "", column.name.lower())
    return column.name if _counts(column) and all(b in flat for b in beside) else ""


def _counts(column: ColumnProfile) -> bool:
    """Whether a column holds numbers that mean more or less."""
    return column.storage == "number" and column.type in ("continuous", "count", "ordinal")


def _checked(column: str, side: str, parts: dict[str, str | None], profile: Profile) -> tuple[str, str]:
    known = profile.column(column)
    n, low, high = (_number(parts.get(k)) for k in ("n", "low", "high"))
    low, high = min(low, high), max(low, high)
    label = f"from {low:.12g} to {high:.12g}" if side == "span" else f"{side} {n:.12g}"
    least, most = known.minimum, known.maximum
    if isinstance(least, int | float) and isinstance(most, int | float):
        empty = {
            "above": n >= most, "from": n > most, "below": n <= least, "up to": n < least,
            "span": low > most or high < least,
        }[side]  # fmt: skip
        if empty:
            raise UsageError(
                f"no row has {column} {label}", f"{column} goes from {least:g} to {most:g} in this table"
            )
    return column, label


def _number(text: str | None) -> float:
    value = read_value(re.sub(r"[€$£]", "", text)) if text else 0
    return float(value) if isinstance(value, int | float) else 0.0
