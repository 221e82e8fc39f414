"""Which columns do these words mean?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from causalcopilot.agent.language.initials import by_initials
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import ColumnNotFound, nearest

STOP = frozenset(
    """a an the of on in at to for by with and or is are was were be been do does did how much many what which who
    whom any some this that these those my our your their its it level levels value values amount variable
    variables column columns between from per each effect change changes rise increase drop cut""".split()
)

HARMLESS = re.compile(
    r"(?:an?|the|to|of|in|on|at|by|for|from|with|per|over|across|between|when|if|as|is|are|was|were|be|been|being"
    r"|will|would|can|could|should|do|does|did|has|have|had|not|then|than|it|itself|alone|too|also|really"
    r"|actually|directly|overall|ultimately|statistically|at|all|still|much|more|less|most|each|both|either|fixed|constant"
    r"|held|equal|kg|g|mg|cm|mm|m|km|eur|euros?|usd|dollars?|percent|units?|points?|years?|months?|weeks?|days?|hours?"
    r"|minutes?|seconds?|levels?|values?|amounts?|numbers?|variables?|columns?|scores?|rates?|status|change[sd]?|changing"
    r"|go(?:es|ing)?|went|gone|up|down|set|increas\w*|decreas\w*|ris\w*|rose|fall\w*|fell|drop\w*|gains?|gained|loss(?:es)?"
    r"|los[et]\w*|grow(?:s|n|ing)?|grew|declin\w*|reduc\w*|rais\w*|lower\w*|cuts?|hikes?|higher|boost\w*|respond\w*|react\w*"
    r"|differ\w*|look\w*|behav\w*|mov\w*|var(?:y|ies)|shift\w*|shr[aiu]nk\w*|jump\w*|improv\w*|worsen\w*|instead)",
    re.I,
)
"""Words after a column's name that leave it the same column: how it moves, how it is measured, and small words."""
MEASURES = re.compile(
    r"volumes?|figures?|totals?|counts?|quantit(?:y|ies)|readings?|measurements?|use|usage|intake|consumption|exposure"
    r"|membership|program(?:me)?s?|schemes?|polic(?:y|ies)|therap(?:y|ies)|supplement(?:s|ation)?|applications?|additions?"
    r"|sessions?|sold|bought|produced|earned|paid|spent|made",
    re.I,
)
"""Words after a column's name that say how it is counted or had, where no other column can be meant."""
_NOBODY = re.compile(
    rf"{HARMLESS.pattern}|rows?|people|persons?|individuals?|observations?|records?|me|us|you|example|instance|now|sure|real",
    re.I,
)
"""Words after "for" that leave out no row."""
_FOR_SOME = re.compile(r"(?<=\S)\s+(?:for|among|amongst)\s+(?P<who>\S.*)$", re.I)
ENDINGS = tuple(
    (ending, least)
    for endings, least in (
        ("ations ation", 3), ("ated ating ments ment", 4), ("ances ance ions ion", 5),
        ("ings ing edly ied ies ed es s ly", 3),
    )
    for ending in endings.split()
)  # fmt: skip
"""Endings that leave the same thing or deed, with the letters that must stay: "enrolment", "infection"."""
ONE_SENSE = {
    "convers": "convert",
    "expend": "spend",
    "expenditur": "spend",
    "stop": "quit",
    "ceas": "quit",
    "cessat": "quit",
    "programm": "program",
}
"""Stems that mean the same here."""
AWAY = frozenset(
    "quit end without remov withdrew avoid lack absenc absent mis skip lost drop dropout declin refus refusal".split()
)
"""Stems that turn the sense of what they stand beside: who asks about smoking does not mean having stopped."""


class Unsure(ColumnNotFound):
    """Words that could be several columns, or are hardly the one that is nearest.

    Attributes:
        phrase: the words.
        candidates: the columns they could be.
    """

    def __init__(self, message: str, hint: str, phrase: str, candidates: tuple[str, ...]) -> None:
        super().__init__(message, hint)
        self.phrase, self.candidates = phrase, candidates


@dataclass(frozen=True)
class Vocabulary:
    """The words a table's columns answer to.

    Attributes:
        names: column names in table order.
        words: for each name, the stems of its own words and of its meaning.
        preferred: names that win a tie (treatment and outcome of the knowledge).
    """

    names: tuple[str, ...]
    words: dict[str, tuple[frozenset[str], frozenset[str]]]
    preferred: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: Sequence[str], knowledge: Knowledge) -> Vocabulary:
        """Names from the table, meanings from the knowledge."""
        words = {}
        for name in names:
            known = knowledge.column(name)
            words[name] = (stems(name), stems(known.meaning if known else ""))
        asked = knowledge.question
        return cls(tuple(names), words, tuple(n for n in (asked.treatment, asked.outcome) if n))

    def one(self, phrase: str) -> str:
        """The column a phrase means; ``ColumnNotFound`` names the candidates where it is unclear."""
        found = self.find(phrase)
        words = phrase.strip()
        if len(found) == 1:
            if who := self._people(words, found[0]):
                raise ColumnNotFound(
                    f"how {who!r} comes into the question was not understood",
                    "limit rows by one value or bound of a column: where COLUMN is VALUE, where COLUMN is above NUMBER",
                )
            if head := self._headed(words, found[0]):
                raise Unsure(
                    f"no column matches {words!r}: {head!r} is not part of {found[0]!r}",
                    f"did you mean {found[0]!r}?",
                    words,
                    (found[0],),
                )
            return found[0]
        if found:
            raise Unsure(
                f"{words!r} could be {' or '.join(map(repr, found[:4]))}",
                "use the column's own name",
                words,
                tuple(found),
            )
        close = nearest(words, self.names)
        raise ColumnNotFound(
            f"no column matches {words!r}",
            f"did you mean {close[0]!r}?" if close else f"columns: {', '.join(self.names[:12])}",
        )

    def find(self, phrase: str) -> list[str]:
        """Columns a phrase may mean, best only; empty when none fits."""
        bare = clean_phrase(phrase)
        for text in (phrase.strip(), bare):
            if text in self.names:
                return [text]
            folded = [n for n in self.names if n.lower() == text.lower()]
            if folded:
                return folded
        spoken = self.spoken(bare)
        if spoken:
            return spoken
        return self._by_words(stems(bare)) or by_initials(bare, self.names) or self._typo(bare)

    def spoken(self, text: str) -> list[str]:
        """Column names that stand in the text as words, in order of appearance; longest match wins."""
        hits: list[tuple[int, int, str]] = []
        for name in sorted(self.names, key=len, reverse=True):
            if len(name) == 1 and name.lower() in ("a", "i"):
                pattern = rf"[`'\"]{re.escape(name)}[`'\"]"
            else:
                pattern = spelled(name)
            flags = 0 if len(name) == 1 else re.I
            for m in re.finditer(pattern, text, flags):
                if not any(m.start() < e and s < m.end() for s, e, _ in hits):
                    hits.append((m.start(), m.end(), name))
        ordered = [name for *_, name in sorted(hits)]
        return list(dict.fromkeys(ordered))

    def _headed(self, phrase: str, name: str) -> str:
        """The word that makes something else of a column's name: "list" in "price list", nothing in "price rise"."""
        bare = clean_phrase(phrase)
        if name.lower() in (bare.lower(), phrase.strip().lower()):
            return ""
        if self.spoken(bare) == [name]:
            after = re.search(rf"{spelled(name)}(?:'s?)?[`'\"”’]?\s*(?P<rest>.*)$", bare, re.I)
            m = re.match(r"[^\W\d_][\w-]*", after["rest"] if after else "")
        else:
            m = re.search(r"[^\W\d_][\w-]*$", bare)
        if m is None or HARMLESS.fullmatch(m[0]):
            return ""
        if m[0].lower() in ("and", "or", "but", "nor"):
            return bare[bare.rindex(m[0]) :]
        if MEASURES.fullmatch(m[0]) and self._alone(bare, name):
            return ""
        known = frozenset().union(*self.words[name])
        return "" if stems(m[0]) <= known or self._squashed(stems(m[0]), name) else m[0]

    def _alone(self, phrase: str, name: str) -> bool:
        """Whether no other column's name shares a word with a phrase: "sales volume" where only ``sales`` is there."""
        said = stems(phrase)
        return not any(said & own for n, (own, _) in self.words.items() if n != name)

    def _people(self, phrase: str, name: str) -> str:
        """The words that limit a column to some rows, "for those who moved", where they are no part of its meaning."""
        m = _FOR_SOME.search(clean_phrase(phrase))
        if m is None:
            return ""
        told = [w for w in re.findall(r"[^\W\d_][\w-]*", m["who"]) if not _NOBODY.fullmatch(w)]
        known = frozenset().union(*self.words[name])
        left = [w for w in told if not stems(w) <= known or w.lower() in ("who", "whom", "whose", "those")]
        return m[0].strip() if left else ""

    @staticmethod
    def _squashed(wanted: frozenset[str], name: str) -> bool:
        """Whether all words stand in a name that is written in one: "smoking intensity" in ``smokeintensity``."""
        flat = re.sub(r"[\W_]+", "", name.lower())
        return bool(wanted) and all(len(w) > 2 and w in flat for w in wanted)

    def _by_words(self, wanted: frozenset[str]) -> list[str]:
        if not wanted:
            return []
        if len(wanted) > 1 and (flat := [n for n in self.names if self._squashed(wanted, n)]):
            return flat
        scores = {
            name: 2 * len(wanted & own) / max(1, len(own))
            + (
                len(wanted & meaning - own) / len(wanted)
                if bool(AWAY & meaning) <= bool(AWAY & wanted)
                else 0
            )
            for name, (own, meaning) in self.words.items()
        }
        best = max(scores.values(), default=0.0)
        if best < 0.5:
            return []
        tied = [n for n, s in scores.items() if s > best - 1e-9]
        favoured = [n for n in tied if n in self.preferred]
        return favoured or tied

    def _typo(self, text: str) -> list[str]:
        from difflib import get_close_matches

        folded = {n.lower(): n for n in self.names}
        hit = get_close_matches(text.lower(), list(folded), n=2, cutoff=0.84)
        return [folded[h] for h in hit[:1]]

    def several(self, phrase: str) -> tuple[str, ...]:
        """All columns of a list such as ``age, sex and income``."""
        found = self.find_exact(phrase)
        if len(found) == 1:
            return (found[0],)
        pieces = re.split(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*&\s*|\s*;\s*", phrase)
        parts = [p for p in pieces if clean_phrase(p)]
        return tuple(dict.fromkeys(self.one(p) for p in parts))

    def find_exact(self, phrase: str) -> list[str]:
        """The column of exactly this name, if any."""
        bare = clean_phrase(phrase)
        return [n for n in self.names if n in (phrase.strip(), bare)]


def spelled(name: str) -> str:
    """A pattern for a column's name as words, however its parts are joined."""
    parts = [re.escape(w) for w in re.split(r"[\s_\-]+", name) if w]
    body = r"(?:['’]s)?[\s_\-]*".join(parts) or re.escape(name)
    return rf"(?<![\w]){body}(?![\w])"


def clean_phrase(phrase: str) -> str:
    """A phrase without quotes, articles and trailing punctuation."""
    text = phrase.strip().strip("?.!,;:").strip()
    text = re.sub(r"^[`'\"“”‘’]+|[`'\"“”‘’]+$", "", text)
    return re.sub(r"^(?:the|an|a|my|our|its|their)\s+(?=\S)", "", text, flags=re.I).strip()


def stems(text: str) -> frozenset[str]:
    """Lower-case word stems of a name or sentence, without function words."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    words: Iterable[str] = re.findall(r"[^\W_]+", spaced.lower())
    return frozenset(ONE_SENSE.get(stem := _stem(w), stem) for w in words if w not in STOP)


def _stem(word: str) -> str:
    if word.endswith(("ival", "ivals")):
        word = word.removesuffix("s")[:-2]
    for ending, least in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= least:
            word = word[: -len(ending)]
            break
    if len(word) > 3 and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word[-1] in "ey" else word
