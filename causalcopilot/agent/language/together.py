"""What several columns do when they are set together: "the joint effect of A and B on C", "if A and B both rose by 2".

The sentence tells the outcome and a clause; the clause tells the columns and what is done to all of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from causalcopilot.agent.language.columns import Vocabulary, spelled
from causalcopilot.agent.language.contrasts import expected_way, read_value
from causalcopilot.agent.language.phrases import CAUSES, GIVEN, UP
from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import ColumnNotFound, UsageError

_END = (
    rf"(?:\s*,?\s*(?:while\s+|and\s+|when\s+)?{GIVEN}\s+(?P<given>.+?)(?:\s+(?:fixed|constant))?)?\s*[?.!]*$"
)
_LEAD = (
    r"^(?:and\s+)?(?:(?:what(?:'s|\s+is|\s+are|\s+was|\s+would\s+be)|estimate|compute|calculate|give(?:\s+me)?|tell\s+me|show(?:\s+me)?"
    r"|how\s+(?:large|big|strong|great|high)\s+(?:is|are|would\s+be))\s+)?(?:the\s+|an?\s+)?"
)
_EFFECT = r"(?:(?:causal|average|total|overall|net|treatment)\s+)*(?:effects?|impacts?|influence)"
_JOINT = r"(?:(?:total|causal|average|overall)\s+)?(?:joint|combined|simultaneous|common)"
_AT_ONCE = (
    r"(?:\s*,?\s*(?:(?:both|all|when|if)\s+)?(?:taken\s+|set\s+|put\s+|used\s+|applied\s+)?(?:together|jointly|combined|in\s+combination"
    r"|at\s+(?:the\s+same\s+time|once)|simultaneously|in\s+tandem)\s*,?)"
)
_MOVING = (
    r"(?:changing|raising|increasing|lowering|reducing|cutting|decreasing|setting|moving|switching|turning|having|giving|using"
    r"|boosting)"
)
_MARKED = rf"(?:(?:{_MOVING}\s+)?(?:both|all\s+of)\s+.+?|(?:{_MOVING}\s+)?(?:the|an?)\s+combination\s+of\s+.+?|combining\s+.+?|.+?\s+(?:plus|combined\s+with|together\s+with)\s+.+?|{_MOVING}\s+.+?\s+and\s+.+?)"
_DO = r"(?:do|does|did|would|will|can|could)"
_Y = r"(?P<b>[^,;?!]+?)"
_GOES = (
    r"(?:change|respond|react|differ|move|shift|go\s+up|go\s+down|rise|fall|increase|decrease|grow|drop|vary)"
)


@dataclass(frozen=True)
class _Way:
    """One way of asking; ``sure`` where nothing but several columns can be meant."""

    regex: re.Pattern[str]
    closed: bool = False
    sure: bool = True


def _w(regex: str, *, closed: bool = False, sure: bool = True) -> _Way:
    return _Way(re.compile(regex, re.I), closed, sure)


WAYS: tuple[_Way, ...] = (
    _w(rf"^(?:is|was)\s+there\s+(?:an?|any)\s+{_JOINT}\s+{_EFFECT}\s+of\s+(?P<set>.+?)\s+(?:up)?on\s+{_Y}{_END}", closed=True),
    _w(rf"^(?:do|does|did)\s+(?P<set>.+?)\s+have\s+(?:an?|any)\s+{_JOINT}\s+{_EFFECT}\s+(?:up)?on\s+{_Y}{_END}", closed=True),
    _w(rf"{_LEAD}{_JOINT}\s+{_EFFECT}\s+(?:of|from)\s+(?P<set>.+?)\s+(?:up)?on\s+{_Y}{_END}"),
    _w(rf"{_LEAD}{_JOINT}\s+{_EFFECT}\s+(?:up)?on\s+{_Y}\s+of\s+(?P<set>.+?){_END}"),
    _w(rf"^(?:what\s+(?:is|was)\s+|estimate\s+)?(?P<set>.+?)(?:'s|s')\s+{_JOINT}\s+{_EFFECT}\s+(?:up)?on\s+{_Y}{_END}"),
    _w(rf"{_LEAD}{_EFFECT}\s+of\s+(?P<set>.+?){_AT_ONCE}\s+(?:up)?on\s+{_Y}{_END}"),
    _w(rf"{_LEAD}{_EFFECT}\s+of\s+(?P<set>{_MARKED})\s+(?:up)?on\s+{_Y}{_END}"),
    _w(rf"{_LEAD}{_EFFECT}\s+(?:up)?on\s+{_Y}\s+(?:of|from)\s+(?P<set>.+?){_AT_ONCE}\s*[?.!]*$"),
    _w(rf"{_LEAD}{_EFFECT}\s+(?:up)?on\s+{_Y}\s+(?:of|from)\s+(?P<set>{_MARKED}){_END}"),
    _w(rf"^(?:by\s+)?how\s+(?:(?:much|strongly|far)\s+)?{_DO}\s+(?P<set>.+?){_AT_ONCE}\s+{CAUSES}\s+(?:the\s+)?{_Y}{_END}"),
    _w(rf"^(?:by\s+)?how\s+(?:(?:much|strongly|far)\s+)?{_DO}\s+(?P<set>{_MARKED})\s+{CAUSES}\s+(?:the\s+)?{_Y}{_END}"),
    _w(rf"^(?:by\s+)?how\s+(?:(?:much|strongly|far)\s+)?{_DO}\s+(?P<set>.+?\s+(?:and|plus)\s+.+?)\s+{CAUSES}\s+(?:the\s+)?{_Y}{_AT_ONCE}\s*[?.!]*$"),
    _w(rf"^what\s+{_DO}\s+(?P<set>.+?){_AT_ONCE}\s+(?:do|does)\s+to\s+{_Y}{_END}"),
    _w(rf"^{_DO}\s+(?P<set>.+?){_AT_ONCE}\s+{CAUSES}\s+(?:the\s+)?{_Y}{_END}", closed=True),
    _w(rf"^{_DO}\s+(?P<set>.+?\s+(?:and|plus)\s+.+?)\s+{CAUSES}\s+(?:the\s+)?{_Y}{_AT_ONCE}\s*[?.!]*$", closed=True),
    _w(rf"^{_DO}\s+(?P<set>(?:the|an?)\s+combination\s+of\s+.+?|{_MOVING}\s+both\s+.+?)\s+{CAUSES}\s+(?:the\s+)?{_Y}{_END}", closed=True),
    _w(rf"^what\s+(?:happens|would\s+happen|will\s+happen)\s+to\s+{_Y}\s*,?\s+(?:if|when|once)\s+(?P<set>.+?){_END}", sure=False),
    _w(rf"^(?:by\s+)?how\s+(?:much\s+)?(?:more\s+)?{_DO}\s+{_Y}\s+{_GOES}(?:\s+on\s+average)?\s*,?\s+(?:if|when|once)\s+(?P<set>.+?){_END}", sure=False),
    _w(rf"^(?:what\s+)?(?:if|when|suppose|assuming)\s+(?P<set>.+?)\s*,\s*(?:then\s+)?(?:what\s+(?:happens|would\s+happen|will\s+happen)\s+to|(?:by\s+)?how\s+(?:much\s+)?{_DO})\s+{_Y}(?:\s+{_GOES})?\s*[?.!]*$", sure=False),
)  # fmt: skip
_LEVEL = re.compile(
    r"^what\s+(?:would|will|should)\s+(?P<b>[^,;?!]+?)\s+(?:be|have\s+been|become)\s*,?\s+(?:if|when|with|had)\s+(?P<set>.+?)\s*[?.!]*$"
    r"|^what\s+if\s+(?P<set2>.+?)\s*,\s*what\s+(?:would|will)\s+(?P<b2>[^,;?!]+?)\s+be\s*[?.!]*$",
    re.I,
)
"""The level under a setting of several columns, which no model here tells."""
_PLAIN = re.compile(rf"{_LEAD}{_EFFECT}\s+of\s+(?P<set>.+?)\s+(?:up)?on\s+{_Y}{_END}", re.I)
_BOTH = re.compile(
    rf"^(?:do|does|did|can)\s+(?P<set>.+?)\s+both\s+{CAUSES}\s+(?P<b>[^,;?!]+?)\s*[?.!]*$", re.I
)


def moves_several(sentence: str, words: Vocabulary) -> bool:
    """Whether a clause of the sentence does something to several columns: then no model of one cause is asked."""
    return any(
        len(_listed_in(m, words)) > 1
        for m in (*(w.regex.match(sentence) for w in WAYS if not w.sure), _LEVEL.match(sentence))
        if m is not None
    )


def _listed_in(m: re.Match[str], words: Vocabulary) -> tuple[str, ...]:
    clause = m["set"] if m["set"] else m["set2"]
    try:
        return _read_clause(clause, words).columns
    except (ColumnNotFound, UsageError):
        return tuple(words.spoken(clause)) if re.search(r"\band\b|,", clause) else ()


def read(sentence: str, words: Vocabulary, profile: Profile) -> Question | None:
    """The question what several columns, set together, do to another; ``None`` where another kind is asked.

    Raises:
        ColumnNotFound: words fit no column, or several.
        UsageError: the columns are moved in different ways, by an amount that is not said, or by a share; or it is not
            said whether each alone is meant or all together.
    """
    if re.search(r"\bjoint(?:ly)?\s+(?:independen|distribut|normal)", sentence, re.I):
        return None
    for way in WAYS:
        m = way.regex.match(sentence)
        if m is None:
            continue
        try:
            question = _question(m, way, words, profile)
        except ColumnNotFound:
            if way.sure:
                raise
            continue
        if question is not None:
            return question
    _refuse_unclear(sentence, words)
    return None


def _question(m: re.Match[str], way: _Way, words: Vocabulary, profile: Profile) -> Question | None:
    made = _read_clause(m["set"], words)
    if len(made.columns) < 2:
        return None
    outcome = words.one(m["b"])
    if outcome in made.columns:
        raise UsageError(f"{outcome!r} cannot be both what is set and what responds", "name another outcome")
    contrast = made.settle(profile)
    given = m.groupdict().get("given")
    question = Question(
        "joint",
        treatment=made.columns[0],
        together=made.columns[1:],
        outcome=outcome,
        contrast=contrast,
        shift=made.shift,
        controls=words.several(given) if given else None,
        closed=way.closed,
    )
    if not way.closed:
        return question
    verb = m.string[m.end("set") : m.start("b")] if m.start("b") >= m.end("set") else ""
    return replace(question, expects=expected_way(verb))


# --- what is done to them ----------------------------------------------------------------------------------------

_COUNT = {"one": 1.0, "a": 1.0, "an": 1.0, "two": 2.0, "three": 3.0, "five": 5.0, "ten": 10.0}
_NUMBER = r"(?:[-−+]?\d+(?:[.,]\d+)?|one|two|three|five|ten|an?(?=\s+(?:single\s+)?unit))"
_DOWN = re.compile(
    r"\b(?:lower|reduc|cut|decreas|drop|fall|fell|less|smaller|shrink|declin)\w*|\bgo(?:es)?\s+down", re.I
)
_VERB = (
    r"(?:raise[ds]?|raising|increas(?:e[ds]?|ing)|lower(?:ed|s|ing)?|reduc(?:e[ds]?|ing)|cut(?:s|ting)?|decreas(?:e[ds]?|ing)"
    r"|sets?|setting|chang(?:e[ds]?|ing)|mov(?:e[ds]?|ing)|switch(?:ed|es|ing)?|turn(?:ed|s|ing)?|boost(?:ed|s|ing)?|go(?:es)?|went"
    r"|r[io]se[sn]?|f[ae]lls?|grow|grew|gr[eo]wn?|drop(?:ped|s)?|having|giving|using|combining|held|put|shift(?:ed|s)?)"
)
_IS = r"(?:is|are|was|were|be|been|had\s+been|have\s+been|got|get|both\s+are|each\s+are)"
_EACH = (
    r"(?:both|each|all|together|jointly|simultaneously|at\s+(?:the\s+same\s+time|once)|in\s+tandem|of\s+them)"
)
_UNIT = r"(?:\s+(?:single\s+|more\s+)?units?)?"
_ENDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(regex, re.I))
    for name, regex in (
        ("from", r"\s+from\s+(?P<low>\S+)\s+to\s+(?P<high>\S+)(?:\s+each)?$"),
        ("by", rf"\s+(?:each\s+)?by\s+(?P<by>{_NUMBER}){_UNIT}(?:\s+each|\s+both)?$"),
        ("more", rf"\s+{_IS}\s+(?:{_EACH}\s+)?(?P<by>{_NUMBER}){_UNIT}\s+(?P<way>higher|lower|larger|smaller|more|less|bigger|greater)(?:\s+each)?$"),
        ("more", rf"\s+(?P<by>{_NUMBER}){_UNIT}\s+(?P<way>higher|lower|up|down)(?:\s+each)?$"),
        ("step", rf"\s+(?P<by>{_NUMBER})\s+units?(?:\s+each)?$"),
        ("on", r"\s+(?P<on>on|off)$"),
        ("to", rf"\s+(?:(?:{_IS}\s+)?(?:{_EACH}\s+)?(?:set\s+)?(?:to|at|equal\s+to)|=|{_IS}(?:\s+{_EACH})?)\s+(?P<to>[-−+]?[\w.]+)$"),
    )
)  # fmt: skip
_SHARE = re.compile(r"%|\bper\s?cent\b|\b(?:doubl|tripl|halv|quadrupl|twice)\w*", re.I)
_SEVERAL = re.compile(r"\s+(?:plus|as\s+well\s+as|along\s+with|together\s+with|combined\s+with)\s+", re.I)


@dataclass(frozen=True)
class _Clause:
    """Columns, and what is done to all of them."""

    columns: tuple[str, ...]
    low: Scalar = None
    high: Scalar = None
    shift: float | None = None
    lowered: bool = False

    def settle(self, profile: Profile) -> Contrast | None:
        """The values all of them are moved between, where some were named.

        Raises:
            UsageError: a number that is set to one value, or lowered without a word by how much.
        """
        known = [profile.column(c) for c in self.columns]
        two = all(c.type == "binary" for c in known)
        if two and not all((c.minimum, c.maximum) == (0, 1) for c in known):
            return self._labelled()
        if self.high is None:
            if self.lowered and self.shift is None and not two:
                raise UsageError(
                    "by how much they would all be lowered was not said",
                    "say: if A and B were both lowered by 2",
                )
            if self.lowered and self.shift is None:
                return Contrast(1, 0)
            return None
        if self.low is None and not two:
            raise UsageError(
                f"what {self.high} is compared with was not said",
                f"name both values: if {' and '.join(self.columns)} both went from 1 to {self.high}; or a step:"
                " if both were raised by 1",
            )
        return Contrast(self.low, self.high)

    def _labelled(self) -> Contrast | None:
        """What is done to columns of two labels: on, from "no" to "yes", is what comes first to mind; off is not."""
        if self.lowered or (self.low, self.high) == (1, 0):
            raise UsageError(
                f"which values of {' and '.join(self.columns)} are meant was not said",
                "name both: if A and B both went from yes to no",
            )
        if self.high is None or (self.low, self.high) == (0, 1):
            return None
        return Contrast(self.low, self.high)


def _read_clause(text: str, words: Vocabulary) -> _Clause:
    """The columns of a clause, and what is done to them.

    Raises:
        ColumnNotFound: words fit no column.
        UsageError: a share, or different things are done to different columns.
    """
    if _SHARE.search(text) and len(words.spoken(text)) > 1:
        raise UsageError(
            "several columns are moved together by a step or between two values, not by a share of what they are",
            "say: if A and B were both raised by 2; or: if both went from 1 to 2",
        )
    rest, lowered = text.strip(" ,?.!"), bool(_DOWN.search(_without_names(text, words)))
    if lowered and re.search(rf"{UP.pattern}|\bgo(?:es)?\s+up", _without_names(text, words), re.I):
        raise UsageError(
            "columns that are set together are all moved the same way",
            "ask for each: the effect of A on C; or say: if A and B were both raised by 1",
        )
    low: Scalar = None
    high: Scalar = None
    shift: float | None = None
    if same := _one_by_one(rest, words):
        return same
    for kind, regex in _ENDS:
        m = regex.search(rest)
        if m is None:
            continue
        if kind == "from":
            low, high = read_value(m["low"]), read_value(m["high"])
        elif kind == "on":
            low, high = (0, 1) if m["on"].lower() == "on" else (1, 0)
        elif kind == "to":
            if re.fullmatch(rf"{_VERB}|{_EACH}|higher|lower|changed", m["to"], re.I):
                continue
            high = read_value(m["to"])
        else:
            size = _COUNT.get(m["by"].lower())
            shift = float(m["by"].replace("−", "-").replace(",", ".")) if size is None else size
            down = (
                _DOWN.search(m.groupdict().get("way") or text)
                or (m.groupdict().get("way") or "").lower() == "down"
            )
            shift = -shift if down else shift
        rest = rest[: m.start()]
        break
    return _Clause(_columns(rest, words), low, high, shift, lowered and high is None)


def _without_names(text: str, words: Vocabulary) -> str:
    """The text without the columns' names, which may hold a word for a direction."""
    for name in words.spoken(text):
        text = re.sub(spelled(name), " ", text, flags=re.I)
    return text


def _columns(rest: str, words: Vocabulary) -> tuple[str, ...]:
    """The columns that are left once everything is taken away that is done to them."""
    rest = re.sub(
        r"^(?:we|i|you|one|they|people)\s+(?:were\s+to\s+|would\s+|had\s+|could\s+)?", "", rest, flags=re.I
    )
    rest = re.sub(rf"^{_EACH}\s+(?={_VERB}\b)", "", rest, flags=re.I)
    rest = re.sub(rf"^{_VERB}\s+(?:on\s+)?(?=\S)", "", rest, flags=re.I)
    tail = rf"(?:\s*,?\s+(?:{_IS}|{_EACH}|{_VERB}|higher|lower|on|up|down|taken|to\s+be))+$"
    rest = re.sub(tail, "", rest, flags=re.I)
    rest = re.sub(
        r"^(?:both|all(?:\s+of)?|each\s+of|(?:the|an?)\s+combination\s+of)\s+(?:of\s+)?", "", rest, flags=re.I
    )
    rest = re.sub(r"^the\s+(?:variables|columns)\s+", "", rest, flags=re.I)
    exact = words.find_exact(rest)
    if len(exact) == 1:
        return tuple(exact)
    return words.several(_SEVERAL.sub(" and ", rest)) if rest else ()


_ONE_BY_ONE = re.compile(r"^(?P<x>.+?)\s*(?:=|\b(?:is|was|were|are|to|at)\b)\s*(?P<v>[-−+]?[\w.]+)$", re.I)


def _one_by_one(text: str, words: Vocabulary) -> _Clause | None:
    """ "A is 1 and B is 1": each column with its value, which must be the same.

    Raises:
        UsageError: different values.
    """
    text = re.sub(r"^(?:we|i|you|one|they)\s+|^(?:set|had)\s+", "", text, flags=re.I)
    pieces = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+", text)
    found = [_ONE_BY_ONE.match(p.strip()) for p in pieces]
    if len(pieces) < 2 or any(m is None for m in found):
        return None
    columns = tuple(words.one(m["x"]) for m in found if m)
    values = [read_value(m["v"]) for m in found if m]
    if len(set(columns)) < 2:
        return None
    if len(set(map(str, values))) > 1:
        raise UsageError(
            "columns that are set together are all moved between the same two values, or by the same step",
            "say: if A and B both went from 1 to 2; or ask for each: the effect of A on C when A goes from 1 to 2",
        )
    return _Clause(columns, None, values[0])


# --- what is not said --------------------------------------------------------------------------------------------


def _refuse_unclear(sentence: str, words: Vocabulary) -> None:
    """Say what to ask instead where two causes are named and not how they belong together."""
    if (m := _LEVEL.match(sentence)) and len(columns := _listed_in(m, words)) > 1:
        y = words.one(m["b"] or m["b2"])
        named = " and ".join(columns)
        raise UsageError(
            f"what {y} would be with several columns set is not told, only by how much it changes",
            f"ask: what happens to {y} if {named} both go from 0 to 1?",
        )
    for pattern in (_BOTH, _PLAIN):
        if not (m := pattern.match(sentence)):
            continue
        try:
            columns, y = _read_clause(m["set"], words).columns, words.one(m["b"])
        except (ColumnNotFound, UsageError):
            continue
        if len(columns) > 1 and y not in columns:
            named = " and ".join(columns)
            raise UsageError(
                f"whether {named} are set together, or one at a time, was not said",
                f"ask: what is the effect of {named} together on {y}? or one by one: what is the effect of {columns[0]}"
                f" on {y}?",
            )
