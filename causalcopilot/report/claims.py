"""No number without a source.

A narrative is text with references: ``quitting {t4.direction} `wt82_71` by {t4.effect.with_unit}``.  ``t4``
is a tool call, the rest names exactly one of its facts; format and unit come from the fact, and nothing is
computed.  Names of columns, methods and graphs stand in back-ticks.  The plain text between them may hold no
numeral, no number word and no word that makes a claim of its own (``wording``), so every digit a reader sees
is part of a name or was printed here from a stored fact.  What breaks a rule is sent back to the writer with
its position.

After the key of a fact may follow ``.low``, ``.high`` or ``.interval`` (``2.5 to 4.4``), then ``.with_unit``,
then ``:.1f`` or another format that changes only the number of digits.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from causalcopilot.domain.facts import Fact, Scalar, display, display_level
from causalcopilot.errors import nearest
from causalcopilot.report.quoted import unsourced
from causalcopilot.report.wording import FACT_MASK, NAME_MASK, TEXT_FACT_MASK, Fault, plain_faults

__all__ = ["Facts", "Fault", "Part", "Untraceable", "find_faults", "quote", "render", "text_of", "unsourced"]

Facts = Mapping[str, Mapping[str, Fact]]

_TOKEN = re.compile(r"\{([^{}\n]*)\}|`([^`{}\n]+)`")
_REFERENCE = re.compile(r"\s*([a-z][a-z0-9]*)\.([a-z0-9_]+(?:\.[a-z0-9_]+)*)(?::([^:{}]*))?\s*", re.ASCII)
_NUMBER_FORMAT = re.compile(r"\+?,?\.[0-4][fge]|\+?,?d|\+?\.[0-2]%", re.ASCII)
_BEFORE = re.compile(r"(?:^|[\s(\"“‘'])\**$")
_AFTER = re.compile(r"\**(?:$|[\s)\"”’']|[.,;:!?](?:[\s)\"”’'*]|$))")
_BETWEEN_NUMBERS = re.compile(r"[^\W\d_]|[,;:)]\s|\s\(|\n")
_BARE_NUMBER = re.compile(r"[\s\d.,+\-−–%/]*\d[\s\d.,+\-−–%/]*")
_LINK = re.compile(r"(?:^|\s)[<o-]-[>o-](?:\s|$)")
_CODE_WORD = re.compile(r"verdict|direction|heterogeneity|status|reason|check\.\d+")
_INTERVAL = re.compile(r"[\s\d.,+\-−–%]+ to [\s\d.,+\-−–%]+")
_SUFFIXES = ("low", "high", "interval", "with_unit")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a finished narrative.

    Attributes:
        text: what the reader sees.
        kind: ``text``, ``name`` (a known column, method or graph) or ``fact``.
        reference: the reference as written (``t4.effect:.2f``), for a fact.
        call, key: the call and the key of the fact.
        value: the stored value that was printed (for an interval, its text).
    """

    text: str
    kind: Literal["text", "name", "fact"] = "text"
    reference: str = ""
    call: str = ""
    key: str = ""
    value: Scalar = None


class Untraceable(ValueError):
    """A narrative that breaks a rule; ``faults`` holds every fault found, in order of position."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(f) for f in faults))
        self.faults = faults


def render(text: str, facts: Facts, names: Collection[str] = ()) -> list[Part]:
    """The finished narrative as parts; raises ``Untraceable`` with every fault found.

    Args:
        text: narrative with ``{call.key}`` references and `` `names` ``.
        facts: facts by call id and key.
        names: what may stand in back-ticks.
    """
    parts, faults = _read(text.replace("\r\n", "\n"), facts, names)
    if faults:
        raise Untraceable(tuple(faults))
    return parts


def find_faults(text: str, facts: Facts, names: Collection[str] = ()) -> tuple[Fault, ...]:
    """Every fault of a narrative, empty when it may be shown."""
    return tuple(_read(text.replace("\r\n", "\n"), facts, names)[1])


def text_of(parts: Collection[Part]) -> str:
    """The narrative as plain text."""
    return "".join(p.text for p in parts)


def looks_like_a_number(name: str) -> bool:
    """Whether a name (a column called ``2019``) reads as a number, so that ``column`` must stand before it."""
    return bool(_BARE_NUMBER.fullmatch(name))


def quote(name: str) -> str:
    """A name as a narrative writes it; a name that back-ticks cannot hold is written as ``'a column'``."""
    return f"`{name}`" if re.fullmatch(r"[^`{}\n]+", name) else "a column"


def _read(text: str, facts: Facts, names: Collection[str]) -> tuple[list[Part], list[Fault]]:
    parts: list[Part] = []
    faults: list[Fault] = []
    masked: list[str] = []
    spans: list[tuple[int, int]] = []
    at = 0
    for m in _TOKEN.finditer(text):
        part, problem = _token(m, facts, names)
        problem = problem or _neighbours(text, m, part)
        if problem:
            faults.append(Fault(m.start(), m.end(), m[0], problem))
        parts += [Part(text[at : m.start()]), part]
        masked += [text[at : m.start()], _mask(part) * len(m[0])]
        spans.append(m.span())
        at = m.end()
    parts.append(Part(text[at:]))
    masked.append(text[at:])
    faults += plain_faults("".join(_no_masks(s, i) for i, s in enumerate(masked)))
    faults += _number_runs(parts, spans, text)
    return [p for p in parts if p.text], sorted(faults, key=lambda f: (f.start, f.end))


def _no_masks(segment: str, index: int) -> str:
    """Mask characters that the writer typed become something the character rule refuses."""
    if index % 2:
        return segment
    return re.sub(f"[{FACT_MASK}{TEXT_FACT_MASK}{NAME_MASK}]", "\x00", segment)


def _mask(part: Part) -> str:
    if part.kind == "name":
        return NAME_MASK
    return FACT_MASK if _is_number(part) else TEXT_FACT_MASK


def _is_number(part: Part) -> bool:
    return (
        part.kind == "fact"
        and any(c.isdigit() for c in part.text)
        and not _LINK.search(part.text)
        and not re.search(r"[^\W\d_]{2}", part.text)
    )


def _prints_number(part: Part) -> bool:
    """Whether a fact prints a number or an interval; a name such as ``X6`` is neither."""
    if part.kind != "fact" or isinstance(part.value, bool):
        return False
    return isinstance(part.value, int | float) or bool(_INTERVAL.fullmatch(str(part.value)))


def _token(m: re.Match[str], facts: Facts, names: Collection[str]) -> tuple[Part, str]:
    if m[2] is not None:
        known = m[2] in names
        return Part(m[2], "name"), "" if known else _unknown("name", m[2], sorted(names))
    try:
        return _fact_part(m[1], facts), ""
    except ValueError as e:
        return Part(m[0], "fact"), str(e)


def _unknown(what: str, word: str, known: Collection[str]) -> str:
    close = nearest(word, list(known))
    listed = ", ".join(close) if close else ", ".join(list(known)[:12]) or "none"
    return f"no {what} {word!r}; there {'is' if close else 'are'} {listed}"


def _fact_part(inside: str, facts: Facts) -> Part:
    m = _REFERENCE.fullmatch(inside)
    if not m:
        raise ValueError(
            "a reference is {call.key} or {call.key:format}; it names one fact and computes nothing"
        )
    call, path, spec = m[1], m[2], m[3]
    if call not in facts:
        raise ValueError(_unknown("call", call, list(facts)))
    fact, suffixes = _find(path, facts[call], call)
    text, value = _printed(fact, suffixes, spec)
    return Part(text, "fact", inside.strip(), call, fact.key, value)


def _find(path: str, facts: Mapping[str, Fact], call: str) -> tuple[Fact, tuple[str, ...]]:
    """The fact a path names, and the suffixes after its key; the longest key wins."""
    words = path.split(".")
    for cut in range(len(words), 0, -1):
        key, rest = ".".join(words[:cut]), tuple(words[cut:])
        if key in facts and all(r in _SUFFIXES for r in rest):
            return facts[key], rest
    raise ValueError(_unknown(f"fact in {call} called", path, list(facts)))


def _printed(fact: Fact, suffixes: tuple[str, ...], spec: str | None) -> tuple[str, Scalar]:
    which, unit = _suffix(fact, suffixes)
    _check_format(fact, spec)
    if which == "interval":
        if fact.low is None or fact.high is None:
            raise ValueError(f"{fact.key} has no interval")
        text = f"{_shown(fact, fact.low, spec)} to {_shown(fact, fact.high, spec)}"
        value: Scalar = text
    else:
        value = {"low": fact.low, "high": fact.high, "": fact.value}[which]
        if which and value is None:
            raise ValueError(f"{fact.key} has no interval")
        text = _shown(fact, value, spec)
    return (f"{text} {fact.unit}" if unit and fact.unit and value is not None else text), value


def _suffix(fact: Fact, suffixes: tuple[str, ...]) -> tuple[str, bool]:
    if suffixes in ((), ("with_unit",)):
        return "", bool(suffixes)
    if suffixes[0] in ("low", "high", "interval") and suffixes[1:] in ((), ("with_unit",)):
        return suffixes[0], len(suffixes) == 2
    raise ValueError(f"{'.'.join(suffixes)} does not follow {fact.key}")


def _check_format(fact: Fact, spec: str | None) -> None:
    """A format may change the number of digits; it may not change what the number is."""
    if spec is None:
        return
    if not _NUMBER_FORMAT.fullmatch(spec):
        raise ValueError(f"format {spec!r} is not allowed; use .2f, .3g, .1e, ,d or .1%")
    if isinstance(fact.value, str | bool) or (fact.value is None and fact.low is None):
        raise ValueError(f"{fact.key} is not a number and takes no format")
    if spec.endswith("%") and not fact.format.endswith("%"):
        raise ValueError(f"{fact.key} is not a share and cannot be shown with %")
    if spec.endswith("d") and any(v is not None and v != round(v) for v in _numbers(fact)):
        raise ValueError(f"{fact.key} is not a whole number; use .1f")


def _numbers(fact: Fact) -> list[float]:
    return [
        float(v)
        for v in (fact.value, fact.low, fact.high)
        if isinstance(v, int | float) and v == v and abs(v) != float("inf")
    ]


def _shown(fact: Fact, value: Scalar, spec: str | None) -> str:
    if isinstance(value, str) and _CODE_WORD.fullmatch(fact.key):
        return value.replace("_", " ")
    if isinstance(value, bool) and fact.key.startswith("contrast."):
        return display_level(value)
    text = display(value, fact.format if spec is None else spec)
    if spec is not None and value and not isinstance(value, str) and not re.search(r"[1-9]", text):
        raise ValueError(f"with this format {fact.key} would look like nothing; show more digits")
    return text


def _neighbours(text: str, m: re.Match[str], part: Part) -> str:
    """References and names stand apart from letters, digits and signs, which could change what is read."""
    if not _BEFORE.search(text[max(0, m.start() - 8) : m.start()]):
        return "put a space before it"
    if not _AFTER.match(text[m.end() : m.end() + 8]):
        return "put a space or punctuation and a space after it"
    if part.kind == "name" and looks_like_a_number(part.text):
        before = text[: m.start()].rstrip().lower()
        if not before.endswith(("column", "variable", "graph", "node")):
            return "a name that is a number needs the word column before it"
    return ""


def _number_runs(parts: list[Part], spans: list[tuple[int, int]], text: str) -> list[Fault]:
    """Two printed numbers with nothing but space or a stop between them would read as one."""
    faults = []
    for i, (left, gap, right) in enumerate(zip(parts[1::2], parts[2::2], parts[3::2], strict=False)):
        start, end = spans[i][0], spans[i + 1][1]
        meet = (
            _prints_number(left)
            and _prints_number(right)
            and left.text[-1:].isdigit()
            and re.match(r"[−+.,]?\d", right.text)
        )
        if meet and not _BETWEEN_NUMBERS.search(gap.text):
            faults.append(Fault(start, end, text[start:end], "two numbers need a word between them"))
    return faults
