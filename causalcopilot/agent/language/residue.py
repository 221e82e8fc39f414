"""Words of a sentence that neither the grammar nor a column of its reading holds: they would change what is asked.

``unread`` knows what must not be left out; this knows what may be, and refuses the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from causalcopilot.agent.language.columns import HARMLESS, MEASURES, Vocabulary, spelled, stems
from causalcopilot.agent.language.initials import spelled_out
from causalcopilot.agent.language.levels import level_named
from causalcopilot.agent.language.phrases import AWAY, VERBS
from causalcopilot.agent.language.residue_words import GRAMMAR, OF_KIND
from causalcopilot.agent.language.units import UNITS
from causalcopilot.agent.language.unread import named
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import UsageError

_HARMLESS_TURNS = re.compile(
    r"\ball\s+else(?:\s+being)?(?:\s+(?:equal|constant))?|\bother\s+things(?:\s+being)?\s+equal|\bceteris\s+paribus"
    r"|\bat\s+all\b|\bon\s+(?:the\s+)?(?:average|whole)\b|\bin\s+(?:general|total|fact|the\s+end|any\s+way)\b"
    r"|\b(?:in|from|with|using|given|according\s+to|over)\s+(?:all\s+(?:of\s+)?)?(?:the|this|these|my|our|your)\s+"
    r"(?:data(?:\s*set)?|table|sample|rows|file|csv|study|cohort|survey|whole\s+(?:table|sample|data))\b"
    r"|\bin\s+terms\s+of\b|\bmore\s+or\s+less\b|\bif\s+any\b|\b(?:or|and\s+if)\s+(?:so|not)\b"
    r"|\b(?:by\s+)?how\s+many\s+(?!times\b|per\s|percent|standard\b|sds?\b|fold\b)\S+|\bby\s+how\s+much\b|,?\s*\b(?:(?:which|that)\s+)?(?:was|were|is)\s+not\s+randomi[sz]ed\b"
    r"|\bin\s+(?:an?|this|the|our)\s+(?:non-?randomi[sz]ed|observational)\s+(?:study|trial)\b"
    r"|\b(?:over|across|of|for|on)\s+(?:all|the\s+whole)\s+(?:rows|people|units|patients|table|sample|population)\b",
    re.I,
)
"""Turns of phrase that change nothing in what is asked."""
_UNITS = re.compile(rf"{UNITS}|percent", re.I)
_PER = re.compile(
    r"\bper\s+(?P<of>[\w-]+)"
    r"|\b(?:an?|each|every)\s+(?P<time>year|month|week|day|hour)\b(?!\s+(?:of|more|longer|older))",
    re.I,
)
_TURNS = re.compile(
    r"\b(?:at|around)\s+(?:the\s+|its\s+|their\s+)?(?:mean|average)\b|\bcontrolled\s+direct\b"
    r"|\btotal\s+(?!(?:causal\s+|average\s+)?(?:effect|impact|influence)|§)\S+|\bat\s+(?:best|worst|most|least)$"
    r"|\bfor\s+(?:most|some|half|many|few|several|certain|at\s+least|my|our|your)\b(?:\s+(?!§)\w+)*"
    r"|\bfor\s+(?:me|us|him|her|you)$|\band\s+(?:how|why|when|where|what|which|who|whom)\b.*|\bas\s+treated\b|\bnot$"
    r"|\b(?:an?|the)\s+\d\S*\s+(?:significance\s+)?level\b",
    re.I,
)
"""Plain words that, put together so, ask for another number, for one person, or for two answers."""
_AROUND = re.compile(
    r"\b(?:(?:does|do|did|is)\s+)?not\b(?:\s+\w+)*|\bdirect\s+(?:\w+\s+)?(?:effect|impact|influence)", re.I
)
"""The part of an effect that is not the one through the mediator."""
_OVER = re.compile(r"hourly|daily|weekly|monthly|quarterly|yearly|annual|total|cumulative", re.I)
_MARK = "§"
_COUNTS = {w: float(i) for i, w in enumerate("zero one two three four five six seven eight nine ten".split())}
_COUNTS |= {"twice": 2.0, "half": 0.5, "halved": 0.5, "doubled": 2.0, "double": 2.0, "tripled": 3.0}
_SMALL = frozenset(
    "a an the in at on for with within after by to over under per as of from during among amongst if when where who"
    " that than using via every each".split()
)
_PLACES = frozenset(
    "in at for within after before by under over per during among amongst if when where who than via".split()
)
_TOLD = (
    "effect",
    "direct_cause",
    "independence",
    "confounder",
    "collider",
    "mediator",
    "adjustment",
    "direction",
)
"""Kinds of questions about named columns, where a frame or an adverb is passed over and told."""
_SIZES = {
    "confounder": re.compile(
        r"\b(?P<word>strong|powerful|weak|important|major|serious)\s+(?:\w+\s+)?(?:confound|common)", re.I
    ),
    "subgroups": re.compile(r"\b(?P<word>least|smallest|weakest|lowest|fewest)\b", re.I),
}
"""Words for a size that no answer of this kind is sorted or chosen by: it lists all, and the word is told."""
_FAMILIES = (
    (
        re.compile(r"^for\b.*\b(?:me|us|him|her|you|my|our|your|person|patient)\b", re.I),
        "no effect is told for one person; name a group by a column: where COLUMN is VALUE",
    ),
    (re.compile(r"^and\b", re.I), "ask one thing at a time"),
    (
        re.compile(r"\b(?:doubl|halv|tripl|trebl|quadrupl)\w*", re.I),
        "ask: what would B be if A were doubled? or name the values: when A goes from 1 to 2",
    ),
    (re.compile(r"^(?:of\s+)?per\b", re.I), "name the values compared: when A goes from 1 to 2"),
    (
        re.compile(r"\b(?:bigg|larg|strong|small|weak|great)est\b", re.I),
        "ask: how strong are the arrows into B?",
    ),
    (
        re.compile(
            r"\b(?:algorithm|method|pc|ges|fci|lingam|notears|forests?|networks?|lasso|matching|regression|ipw)\b",
            re.I,
        ),
        "name a method with --method; ccp tools lists what there is",
    ),
    (
        re.compile(r"\bnot\b.*\bthrough\b|\bdirect\s+(?:\w+\s+)?(?:effect|impact|influence)", re.I),
        "ask how much of the effect of A on B goes through M; the answer tells both parts",
    ),
    (
        re.compile(r"\bdirect", re.I),
        "ask: does A directly cause B? or: how much of the effect of A on B goes through M?",
    ),
    (
        re.compile(
            r"\b(?:ratio|relative|odds|hazard|percent\w*|fold|nnt|times|twice|half|double\w*|risk)\b", re.I
        ),
        "an effect is told as a difference of means in the outcome's own unit; of a binary outcome, of shares",
    ),
    (
        re.compile(
            r"\b(?:after|later|long|short|run|term|(?:year|month|week|day|hour|decade)s?|yearly|monthly|weekly|daily|next|last"
            r"|lag\w*|baseline|follow-up|soon|immediately|eventually|permanently|temporarily|delay\w*|over\s+time)\b",
            re.I,
        ),
        "time comes in only by columns: name the outcome measured then, or a panel with its unit and time",
    ),
    (
        re.compile(
            r"\b(?:unadjusted|crude|raw|adjustment|controls|confounding|confounders|covariates)\b", re.I
        ),
        "name what is held fixed: controlling for A and B; or ask how strongly the two are related",
    ),
    (
        re.compile(
            r"\b(?:confidence|interval|significance|alpha|bootstrap\w*|errors?|outliers?|imput\w*|missing)\b",
            re.I,
        ),
        "ask the plain question; the answer tells its interval, and ccp ask --help lists what can be set",
    ),
)
_CHANGES = re.compile(
    r"^(?:in|at|on|for|with|within|after|by|to|under|over|per|as|of|from|during|among|amongst|if|when|where|who|that|than"
    r"|using|via|each|every)\b|\d|\b(?:not|no|non|never|without|unless|except|but|only|rather|instead|versus|vs|than|against|log|squared?"
    r"|reject\w*|null|zero|non-?linear\w*|best|worst|optimal|ideal|median|variance|everybody|everyone|nobody|first|second|third|both|either|neither)\b"
    r"|\b(?:randomi[sz]\w*|randomly|rct|instrument\w*|discontinuity|diff\w*-in-diff\w*|synthetic)\b",
    re.I,
)
"""Words passed over that may limit the rows, set a value, name a design or turn the sense, whatever they are."""
_DEFAULT = "leave it out, or limit rows by one value or bound of a column: where COLUMN is VALUE"


def passed(
    question: Question, sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge
) -> tuple[str, ...]:
    """What a reading passes over that is none of its grammar, its columns or its values, to be told with the answer.

    Args:
        question: the reading.
        sentence: the sentence, without the clauses that name a design, an arm or a group.
        words: the table's columns.
        profile: the table.
        knowledge: what the columns mean.

    Raises:
        UsageError: what was passed over would change what is asked: a number, a place or a time, another summary.
    """
    if question.kind not in OF_KIND and question.kind != "effect":
        return ()
    found = _Sentence.of(question, _HARMLESS_TURNS.sub(" ", sentence), words, profile, knowledge)
    told = [found.tokens[i] for i in found.counted()]
    if (size := _SIZES.get(question.kind)) and (m := size.search(sentence)):
        told.append(m["word"])
    for words_left, limits in found.passed_over():
        hint = next((h for family, h in _FAMILIES if family.search(words_left)), "")
        if hint or limits or question.kind not in _TOLD or _CHANGES.search(words_left):
            raise _not_read(words_left, hint)
        told.append(words_left)
    if turn := found.turned():
        raise _not_read(turn, next((h for family, h in _FAMILIES if family.search(turn)), ""))
    return tuple(told)


def _not_read(words: str, hint: str) -> UsageError:
    return UsageError(f"how {words!r} comes into the question was not understood", hint or _DEFAULT)


@dataclass(frozen=True)
class _Sentence:
    """A sentence's words beside what its reading holds.

    Attributes:
        tokens: words and numbers, with a mark for every column that stands there by its name.
        text: the same with spaces between.
        beside: stems that may stand next to a mark: a column's meaning beside its name.
        anywhere: stems of columns that stand there by their meaning only.
        names: such columns in one word, for what is written with spaces or wrongly.
        grammar: further words that this kind of question is asked in.
        numbers: numbers that the reading holds.
        levels: words for labels that the reading holds.
        question: the reading.
        binary: whether the outcome has two values, so that its mean is a risk.
    """

    tokens: tuple[str, ...]
    beside: frozenset[str]
    anywhere: frozenset[str]
    names: tuple[str, ...]
    grammar: frozenset[str]
    numbers: tuple[float, ...]
    levels: frozenset[str]
    question: Question
    binary: bool

    @classmethod
    def of(
        cls, question: Question, sentence: str, words: Vocabulary, profile: Profile, knowledge: Knowledge
    ) -> _Sentence:
        used = sorted(named(question), key=len, reverse=True)
        unspoken, beside, anywhere = [], set[str](), set[str]()
        sentence = re.sub(r"(?<=\d)'s\b", "", sentence.replace(question.graph or "\0", " "))
        text = re.sub(r"\b(what|who|which|it|that|there)'s\b", r"\1 is", sentence, flags=re.I)
        for name in used:
            text, count = re.subn(
                rf"{spelled(name)}(?:[`'\"”’]?s?['’]s?)?",
                f" {_MARK} ",
                text,
                flags=0 if len(name) == 1 else re.I,
            )
            unit = profile.column(name).unit if name in profile.names else ""
            own = frozenset().union(*words.words.get(name, ())) | stems(unit)
            (beside if count else anywhere).update(own)
            if not count:
                unspoken.append(name)
        tokens = tuple(re.findall(rf"{_MARK}|\d[\d.,]*|[^\W\d_](?:[\w'-]*\w)?", text))
        return cls(
            tokens,
            frozenset(beside),
            frozenset(anywhere),
            tuple(unspoken),
            GRAMMAR | frozenset(OF_KIND.get(question.kind, ())),
            _numbers(question),
            _levels(question, used, tokens, profile, knowledge),
            question,
            question.outcome in profile.names and profile.column(question.outcome or "").type == "binary",
        )

    def passed_over(self) -> Iterator[tuple[str, bool]]:
        """The words that nothing reads, each stretch with the small words before it, and whether it may limit rows.

        What stands behind the last column, or close behind a preposition, may; a frame or an adverb before may not.
        """
        read = [self._read(i) for i in range(len(self.tokens))]
        for i in (*self._around_marks(), *self.counted(), *spelled_out(self.tokens, self.names)):
            read[i] = True
        last = -1
        while False in read[last + 1 :]:
            first = last = read.index(False, last + 1)
            while first and self.tokens[first - 1].lower() in _SMALL:
                first -= 1
            while last + 1 < len(read) and not read[last + 1]:
                last += 1
            if self.tokens[first].lower() in ("of", "on", "upon") and last > first and self._column(last + 1):
                first += 1  # "the effect of maternal smoking": what stands before a column's name
            before = [t.lower() for t in self.tokens[max(0, first - 3) : first]]
            near = before[len(before) - before[::-1].index(_MARK) :] if _MARK in before else before
            limits = first > self._last_column() or bool(_PLACES & {*near, self.tokens[first].lower()})
            yield " ".join(self.tokens[first : last + 1]), limits

    def _column(self, i: int) -> bool:
        """Whether a column stands there, by its name or by its meaning."""
        return i < len(self.tokens) and (
            self.tokens[i] == _MARK or bool(stems(self.tokens[i]) & self.anywhere)
        )

    def _last_column(self) -> int:
        """Where the last column stands, by name or by meaning."""
        return max(
            (i for i, t in enumerate(self.tokens) if t == _MARK or stems(t) & self.anywhere), default=-1
        )

    def turned(self) -> str:
        """A turn of plain words that asks for another number: "per unit", "at the mean", "for me"."""
        kind, text = self.question.kind, " ".join(self.tokens)
        if m := _TURNS.search(text):
            return m[0].replace(_MARK, "").strip()
        if kind != "direct_cause" and (m := re.search(r"\bdirectly\b", text, re.I)):
            return m[0]
        if kind == "effect" and (m := re.search(rf"\blow\s+{_MARK}", text, re.I)):
            return m[0].replace(_MARK, "").strip()
        if kind == "drivers" and (
            m := re.search(r"\b(?:the\s+)?(?:least|weakest|smallest|minor)\b", text, re.I)
        ):
            return m[0]
        if kind == "graph" and (m := re.search(rf"\b(?:given|without|not|no)\s+(?:{_MARK}|\w+)", text, re.I)):
            return m[0].replace(_MARK, "").strip()
        if kind == "effect" and (m := re.search(r"\bdirect\b", text, re.I)):
            return m[0]
        for m in _PER.finditer(text):
            if not stems(m["of"] or m["time"] or "") <= self.beside | self.anywhere:
                return m[0]
        if kind == "mediation" and (m := _AROUND.search(text)):
            return m[0]
        return self._after_mediator() if kind == "mediation" else ""

    def _after_mediator(self) -> str:
        """What a question about a part of an effect says after its last column, or by naming one twice."""
        marks = [i for i, token in enumerate(self.tokens) if token == _MARK]
        if not marks:
            return ""
        rest = " ".join(self.tokens[marks[-1] + 1 :])
        return rest or (" ".join(self.tokens[marks[2] + 1 : marks[-1]]) if len(marks) > 3 else "")

    def _read(self, i: int) -> bool:
        word = self.tokens[i].lower()
        if word == _MARK or stems(word) & self.anywhere:
            return True
        if word[0].isdigit():
            return self._holds(word)
        if word in self.levels or word.removesuffix("'s") in self.levels:
            return True
        if word in ("risk", "risks", "probability", "chance", "likelihood"):
            return self.binary
        if word in _COUNTS and any(abs(_COUNTS[word] - abs(n)) < 1e-9 for n in self.numbers):
            return True
        if AWAY.match(" ".join(self.tokens[i : i + 2])):  # taken away is the column that comes next
            return any(t == _MARK or stems(t) & self.anywhere for t in self.tokens[i + 1 : i + 4])
        if _UNITS.fullmatch(word):
            return self._measured(i) or word.rstrip("s") == "unit" or word in self.grammar
        known = word in self.grammar or VERBS.fullmatch(word) is not None
        return known or self._harmless(word) or self._alike(word)

    def _measured(self, i: int) -> bool:
        """Whether a unit stands behind its number: "2 kg", "180 degrees celsius"."""
        before = self.tokens[i - 1].lower() if i else ""
        numeral = before[:1].isdigit() or before in _COUNTS
        return numeral or (_UNITS.fullmatch(before) is not None and self._measured(i - 1))

    def _harmless(self, word: str) -> bool:
        return word not in ("not", "than", "per") and HARMLESS.fullmatch(word) is not None

    def _alike(self, word: str) -> bool:
        """Whether a word is one of a column's that was written in another way."""
        for name in self.names:
            flat = re.sub(r"[\W_]+", "", name.lower())
            parts = [p for p in re.split(r"[\W_]+", name.lower()) if p]
            if len(word) > 2 and word in flat:
                return True
            if get_close_matches(word, [flat, *parts], n=1, cutoff=0.75):
                return True
        return bool(get_close_matches(word, list(self.anywhere), n=1, cutoff=0.85))

    def _holds(self, number: str) -> bool:
        try:
            value = float(number.rstrip(".,").replace(",", ""))
        except ValueError:
            return False
        return any(abs(abs(n) - value) <= 1e-6 * max(1.0, value) for n in self.numbers)

    def _around_marks(self) -> Iterator[int]:
        """Where a column's meaning stands beside its name: "weight change wt82_71", "quitting (qsmk)"."""
        for i, token in enumerate(self.tokens):
            if token != _MARK:
                continue
            for step in (-1, 1):
                j = i + step
                while 0 <= j < len(self.tokens) and (
                    self._means(self.tokens[j]) or self._means_between(j, step)
                ):
                    yield j
                    j += step
            if i + 1 < len(self.tokens) and MEASURES.fullmatch(self.tokens[i + 1]):
                yield i + 1

    def _means_between(self, j: int, step: int) -> bool:
        """Whether a small word joins a column's name to its meaning: "smoking during pregnancy"."""
        near = j + step
        inside = 0 <= near < len(self.tokens) and self._means(self.tokens[near])
        return inside and bool(stems(self.tokens[j])) and stems(self.tokens[j]) <= self.beside

    def counted(self) -> Iterator[int]:
        """Where a word before a column's name says over what it is counted: "monthly sales", "total sales"."""
        for i, token in enumerate(self.tokens[1:]):
            if (
                token == _MARK
                and _OVER.fullmatch(self.tokens[i])
                and not stems(self.tokens[i]) <= self.beside
            ):
                yield i

    def _means(self, token: str) -> bool:
        return token.lower() not in _SMALL and stems(token) <= self.beside


def _numbers(q: Question) -> tuple[float, ...]:
    """Every number a reading holds, and the step between values that a contrast may have been told by."""
    out: list[float] = []
    contrast = (q.contrast.control, q.contrast.treated) if q.contrast else ()
    told = " ".join(str(v) for v in (*contrast, q.row, *q.among))
    out += [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", told)]
    out += [v for v in (q.shift, q.factor, q.cutoff, q.horizon) if v is not None]
    if q.factor is not None:
        out += [abs(q.factor - 1) * 100, 1 / q.factor if q.factor else 0.0]
    if len(contrast) == 2 and all(isinstance(v, int | float) for v in contrast):
        low, high = float(contrast[0]), float(contrast[1])  # type: ignore[arg-type]
        out += [high - low, round(abs(high - low) / abs(low) * 100, 6) if low else 0.0]
    return tuple(out)


def _levels(
    q: Question, used: Iterable[str], tokens: Iterable[str], profile: Profile, knowledge: Knowledge
) -> frozenset[str]:
    """Words for labels: of the values compared, of the group, and of the columns an effect may differ by."""
    contrast = (q.contrast.control, q.contrast.treated) if q.contrast else ()
    told = " ".join(str(v) for v in (*contrast, *q.among, q.row, q.row_column or "", q.graph or ""))
    out = set(re.findall(r"[^\W\d_](?:[\w'-]*\w)?", told.lower()))
    if q.contrast:
        out |= {"extra", "additional", "further", "single", "one-unit", "switching", "passing"}
    if q.quantity:
        out |= {"treated", "untreated", "non-treated", "nontreated", "atet"}
    held = frozenset((*q.modifiers, *q.given)) if q.kind in ("subgroups", "domains") else frozenset()
    for column in profile.columns:
        if column.name in held:
            out.update(w for label, _ in column.levels for w in re.findall(r"[^\W\d_][\w'-]*", label.lower()))
    for token in tokens:
        level = level_named(token, profile, knowledge) if token[0].isalpha() else None
        if level and level[0] in held:
            out.add(token.lower())
    return frozenset(out)
