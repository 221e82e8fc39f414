"""When a column was recorded, by its name: ``earn96`` before ``earn98``, ``score_pre`` before ``score_post``.

Only names that come in pairs are read so, for a number behind a single name may be anything; but a date in plain words
(``week12``) is one wherever the outcome has it too, and a name may say what it comes after (``bmi after program``).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_YEAR = re.compile(r"^(?P<stem>.*?[^\W\d].*?)_?(?P<year>(?:19|20)\d\d|(?<!\d)\d\d)$")
_TOKEN = re.compile(
    r"(?P<kind>w|wave|t|visit|round|period|month|week|day|year|yr|m)_?(?P<number>\d{1,3})", re.I
)
_FIRST = frozenset("pre before baseline base bl prior previous initial lag lagged lag1 past earlier".split())
_LAST = frozenset("post after endline followup fu final later".split())
_AFTER = frozenset("after post following since".split())
_BORN = frozenset("age sex gender female male race ethnicity birth birthdate birthday birthyear dob".split())
_BESIDE = frozenset("is at of in year years yrs group groups band baseline entry start code cat".split())
LEAST_PAIRS = 3
"""Columns that must come with a second one before a 2 behind a name is read as a second wave."""
CENTURY = 30
"""Two digits up to here are years of this century, from 50 on of the last; between them they are no years."""


@dataclass(frozen=True)
class Dated:
    """A column's name without its date, and the date.

    Attributes:
        stem: what is recorded.
        scale: what kind of date it is; only dates of one kind can be compared.
        order: earlier is smaller.
    """

    stem: str
    scale: str
    order: int


def dates(names: Sequence[str]) -> Mapping[str, Dated]:
    """The date of each column whose name differs from another's by the date alone.

    A name without a date counts as the later one beside its own name marked as earlier (``score``, ``score_pre``).
    """
    read = {n: d for n in names if (d := _read(n)) is not None}
    plain = {n.lower(): n for n in names}
    found: dict[str, Dated] = {}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, d in read.items():
        groups[d.stem, d.scale].append(name)
    for (stem, scale), members in groups.items():
        several = len({read[n].order for n in members}) > 1
        alone = scale == "phase" and stem in plain and plain[stem] not in read
        if several or alone:
            found.update({n: read[n] for n in members})
        if alone and not any(read[n].order > 0 for n in members):
            found[plain[stem]] = Dated(stem, scale, 1)
    return {**_second_waves(names), **found}


def _second_waves(names: Sequence[str]) -> dict[str, Dated]:
    """``emp`` and ``emp2``, ``wage`` and ``wage2``: a second wave where several columns come so, and none a third."""
    known = set(names)
    pairs = [n for n in names if f"{n}2" in known and f"{n}3" not in known and not n[-1:].isdigit()]
    if len(pairs) < LEAST_PAIRS:
        return {}
    return {m: Dated(n.lower(), "wave", order) for n in pairs for order, m in ((1, n), (2, f"{n}2"))}


def earlier_outcomes(names: Sequence[str], outcome: str) -> tuple[str, ...]:
    """Earlier records of the outcome, in table order."""
    known = dates(names)
    own = known.get(outcome)
    if own is None:
        return ()
    return tuple(
        n
        for n in names
        if (d := known.get(n)) and (d.stem, d.scale) == (own.stem, own.scale) and d.order < own.order
    )


def too_late(names: Sequence[str], treatment: str, outcome: str) -> Mapping[str, str]:
    """Columns recorded after the treatment, or no earlier than an outcome that came after it, each with the reason."""
    known = dates(names)
    t, y = known.get(treatment), known.get(outcome)
    found = {n: why for n, why in _at_the_outcome(names, treatment, outcome) if n not in (treatment, outcome)}
    for name, d in known.items():
        if name in (treatment, outcome):
            continue
        if t is not None and d.scale == t.scale and d.order > t.order:
            found[name] = f"by its name it was recorded after {treatment}"
        elif t is None and y is not None and d.scale == y.scale and d.order >= y.order:
            found[name] = f"by its name it was recorded no earlier than {outcome}"
    return found


def given(names: Sequence[str]) -> tuple[str, ...]:
    """Columns that by their name nothing changes that is done to a person: age, sex, race."""
    return tuple(n for n in names if (w := set(_words(n))) & _BORN and w <= _BORN | _BESIDE)


def _words(name: str) -> list[str]:
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [w for w in re.split(r"[\W_]+", spaced.lower()) if w]


def _at_the_outcome(names: Sequence[str], treatment: str, outcome: str) -> Iterator[tuple[str, str]]:
    """Columns whose plain date is no earlier than the outcome's, and those named as coming after the treatment."""
    own, dated, caused = _read(outcome), _read(treatment), set(_words(treatment))
    for name in names:
        words = _words(name)
        told = any(w in _AFTER and caused & set(words[i + 1 :]) for i, w in enumerate(words))
        if told and not set(words) <= caused:
            yield name, f"by its name it was recorded after {treatment}"
        d = _read(name)
        if own is None or d is None or own.scale in ("phase", "year") or dated is not None:
            continue
        if d.scale == own.scale and d.order >= own.order:
            yield name, f"by its name it was recorded no earlier than {outcome}"


def _read(name: str) -> Dated | None:
    tokens = [w for w in re.split(r"[\W_]+", name.lower()) if w]
    for place in (0, len(tokens) - 1) if len(tokens) > 1 else ():
        rest = "_".join(tokens[:place] + tokens[place + 1 :])
        word = tokens[place]
        if word in _FIRST or word in _LAST:
            return Dated(rest, "phase", 0 if word in _FIRST else 1)
        if m := _TOKEN.fullmatch(word):
            return Dated(rest, m["kind"], int(m["number"]))
    if (m := _YEAR.match(name)) and (year := _year(m["year"])) is not None:
        return Dated(m["stem"].lower(), "year", year)
    return None


def _year(digits: str) -> int | None:
    number = int(digits)
    if len(digits) == 4:
        return number
    if number <= CENTURY:
        return 2000 + number
    return 1900 + number if number >= 50 else None
