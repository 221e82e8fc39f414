"""A study told in sentences beside its question: what was drawn by lot, what decided the treatment, what moved it.

"Patients were randomly assigned to drug or placebo. What is the effect on blood pressure?" asks one thing and tells
another.  The telling is read for a design only; whatever of it is not read is told, and never becomes an answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from causalcopilot.agent.language import study_phrases as say
from causalcopilot.agent.language.columns import Vocabulary, stems
from causalcopilot.agent.language.mentions import Mention, arms, labels, labels_said, mentions
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question

SHARED = 5
"""Letters in a row by which a word and a column's name are taken for kin: "coinsurance" and ``lncoins``."""


@dataclass(frozen=True)
class Study:
    """The sentence that asks, and what the others say of how the treatment was given.

    Attributes:
        sentence: the question alone, with the treatment put in where it only says "it".
        randomised: the drawing was of the treatment, or of nobody in particular.
        drawn: column whose value was drawn by lot, or ``None``.
        target: what rows were drawn into, in words that no column holds.
        strata: columns within whose values the lot was drawn.
        cluster: column whose values were drawn as a whole.
        running, cutoff: what decides the treatment, and where.
        mover: column said to move the treatment and nothing else.
        decided: other columns that the cutoff may decide.
        causes: columns that the treatment is said to depend on.
        adopted: units are said to have adopted the treatment over time.
        arms: labels that the sentences name.
        unread: sentences that nothing was taken from.
        told: those that something was taken from.
    """

    sentence: str
    randomised: bool = False
    drawn: str | None = None
    target: str = ""
    strata: tuple[str, ...] = ()
    cluster: str | None = None
    running: str | None = None
    cutoff: float | None = None
    decided: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    mover: str | None = None
    adopted: bool = False
    arms: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    told: tuple[str, ...] = ()

    def upon(self, question: Question, profile: Profile) -> Question:
        """The question with the design that the sentences beside it tell, where it names none itself."""
        q = question
        left = self.unread
        if q.kind not in ("effect", "subgroups") or q.design != "auto" or q.time or not q.treatment:
            return replace(q, aside=left)
        two = profile.column(q.treatment).distinct == 2
        if say.BORN.fullmatch(q.treatment):
            return replace(q, aside=(*left, *self.told))
        if self.mover and self.mover not in (q.treatment, q.outcome):
            return replace(q, design="iv", instrument=self.mover, aside=left)
        cut = not self.decided or any(_alike(n, q.treatment) for n in self.decided)
        if self.running and two and cut and self.running not in (q.treatment, q.outcome):
            return replace(q, design="rd", running=self.running, cutoff=self.cutoff, aside=left)
        if self.drawn and self.drawn not in (q.treatment, q.outcome):
            return replace(q, design="iv", instrument=self.drawn, aside=left)
        if self.drawn == q.treatment or (self.randomised and _kin(self.target, q.treatment)):
            held = tuple(s for s in self.strata if s not in (q.treatment, q.outcome))
            controls = q.controls if q.controls is not None else held or None
            whole = q.cluster or self.cluster
            return replace(q, design="rct", controls=controls, strata=held, cluster=whole, aside=left)
        if self.adopted and two and any(_marks_time(c) for c in profile.columns):
            return replace(q, design="did", aside=left)
        own = q.treatment in self.decided
        if self.causes and own and q.controls is None and not {q.treatment, q.outcome} & set(self.causes):
            return replace(q, controls=self.causes, aside=left)
        return replace(q, aside=(*left, *self.told))


def split(text: str, words: Vocabulary, profile: Profile) -> Study:
    """The question among several sentences, and what the others tell; a single sentence is left as it is."""
    text = say.AS_CONTROL.sub(r"\g<held>", text)
    parts = [p.strip() for p in say.ENDS.split(text.strip()) if p.strip()]
    if len(parts) == 1 and (lead := say.LEAD.match(text.strip())):
        parts = [lead["lead"], lead["asks"]]
    if len(parts) == 1 and (tail := say.TAIL.match(parts[0])):
        parts = [f"{tail['asks']}?", f"It was {tail['told']}"]
    asking = [p for p in parts if p.endswith("?")] or [p for p in parts if say.ASKS.match(p)]
    if len(parts) < 2 or len(asking) != 1 or say.TAG.match(asking[0]):
        return Study(text)
    orders = [p for p in parts if p is not asking[0] and say.ORDERS.match(p)]
    told = [p for p in parts if p is not asking[0] and p not in orders]
    if not told:
        return Study(text if len(parts) > 1 and orders and _is_idle(orders) else _joined(asking[0], orders))
    study = Study(_joined(asking[0], orders), arms=labels_said(" ".join(told), profile))
    for sentence in told:
        study = _read(study, sentence.rstrip(".!;: "), words, profile)
    return _named(study, told, words, profile)


def _is_idle(orders: Sequence[str]) -> bool:
    """Whether the other sentences are courtesies and second thoughts, which are read where they stand."""
    return any(re.match(r"(?:thank|be\s|explain|and\b|but\b|or\b|i\s+mean)", o, re.I) for o in orders)


def _joined(asks: str, orders: Sequence[str]) -> str:
    clauses = [o.rstrip(".! ")[:1].lower() + o.rstrip(".! ")[1:] for o in orders]
    return f"{asks.rstrip('?.! ')}, {', '.join(clauses)}?" if clauses else asks


def _read(study: Study, sentence: str, words: Vocabulary, profile: Profile) -> Study:
    found = _moved(study, sentence, words, profile) or _bounded(study, sentence, words, profile)
    found = found or _by_lot(study, sentence, words, profile)
    found = found or _depends(study, sentence, words, profile)
    if found is None and say.ADOPTS.search(sentence):
        found = replace(study, adopted=True)
    if found is None:
        return replace(study, unread=(*study.unread, sentence))
    return replace(found, told=(*found.told, sentence))


def _moved(study: Study, sentence: str, words: Vocabulary, profile: Profile) -> Study | None:
    m = say.MOVES.match(sentence)
    found = mentions(m["z"], words, profile) if m else []
    return replace(study, mover=found[0].column) if len(found) == 1 else None


def _bounded(study: Study, sentence: str, words: Vocabulary, profile: Profile) -> Study | None:
    m = say.BOUND.search(sentence)
    if m is None or not say.DECIDES.search(sentence):
        return None
    value = float((m["n"] or m["m"]).replace("−", "-").replace(",", ""))
    named = [x.column for x in mentions(sentence, words, profile)]
    found = [n for n in named if _spans(profile.column(n), value)]
    if len(found) != 1:
        return None
    decided = tuple(n for n in named if n != found[0] and arms(profile.column(n)))
    return replace(study, running=found[0], cutoff=value, decided=decided)


def _depends(study: Study, sentence: str, words: Vocabulary, profile: Profile) -> Study | None:
    """What the treatment depends on is a common cause, where the sentence tells of the treatment or its arms first."""
    m = say.DEPENDS.search(sentence)
    if m is None or say.NO.search(sentence[: m.start()]):
        return None
    first, causes = (mentions(part, words, profile) for part in (sentence[: m.start()], m["x"]))
    if not first or not causes or not say.DECIDES.search(sentence):
        return None
    return replace(
        study, causes=(*study.causes, *(x.column for x in causes)), decided=tuple(x.column for x in first)
    )


def _spans(column: ColumnProfile, value: float) -> bool:
    low, high = column.minimum, column.maximum
    numbers = isinstance(low, int | float) and isinstance(high, int | float)
    return numbers and column.storage == "number" and column.distinct >= 2 * 5 and low < value < high  # type: ignore[operator]


def _by_lot(study: Study, sentence: str, words: Vocabulary, profile: Profile) -> Study | None:
    m = say.LOT.search(sentence)
    if (
        m is None
        or say.SAMPLED.search(sentence)
        or say.OBSERVED.search(sentence)
        or say.NO.search(sentence[: m.start()])
    ):
        return None
    bare, strata, cluster = _levels(sentence, words, profile)
    done = say.DONE.search(bare)
    who, rest = (bare[: done.start()].rpartition(",")[2], bare[done.end() :]) if done else ("", bare)
    if lottery := say.LOTTERY.search(bare):
        if ticket := _arm(mentions(lottery[0], words, profile), profile):
            return replace(
                study, randomised=True, drawn=ticket, target=lottery[0], strata=strata, cluster=cluster
            )
        if not done:
            return None
    to = say.TO.search(rest)
    into = rest[to.end() :] if to else ""
    for chunk in (into, who, rest):
        if drawn := _arm(mentions(chunk, words, profile), profile):
            whole = cluster or (_whole(who, drawn, words, profile) if chunk is into else None)
            return replace(study, randomised=True, drawn=drawn, target=chunk, strata=strata, cluster=whole)
    if say.PICKED.search(sentence) or (done and not say.ANYONE.match(who.strip())):
        return None  # something was drawn by lot that is no column: it need not be the treatment
    target = "" if say.ANY_ARM.match(into) else into
    cluster = cluster or _whole(who, "", words, profile)
    return replace(study, randomised=True, target=target, strata=strata, cluster=cluster)


def _levels(sentence: str, words: Vocabulary, profile: Profile) -> tuple[str, tuple[str, ...], str | None]:
    """The sentence without what it says of strata and clusters, and those columns."""
    strata: tuple[str, ...] = ()
    cluster = None
    if m := say.WITHIN.search(sentence):
        strata = tuple(x.column for x in mentions(m["s"], words, profile))[:1]
        sentence = sentence[: m.start()] + sentence[m.end() :]
    if m := say.LEVEL.search(sentence):
        named = mentions(m["l"] or m["o"] or m["b"], words, profile)
        if len(named) == 1 and profile.column(named[0].column).distinct > 2:
            cluster = named[0].column
            sentence = sentence[: m.start()] + sentence[m.end() :]
    return sentence, strata, cluster


def _arm(found: Sequence[Mention], profile: Profile) -> str | None:
    """The first column that could hold what was drawn."""
    return next((m.column for m in found if m.label or arms(profile.column(m.column))), None)


def _whole(who: str, drawn: str, words: Vocabulary, profile: Profile) -> str | None:
    """The column that tells who was drawn as a whole: "villages were assigned to …" where rows share a village."""
    named = [m for m in mentions(who, words, profile) if m.column != drawn]
    if len(named) != 1 or stems(who) - stems(named[0].column):
        return None
    column = profile.column(named[0].column)
    return column.name if 2 < column.distinct <= profile.rows / 2 else None


def _named(study: Study, told: Sequence[str], words: Vocabulary, profile: Profile) -> Study:
    """The study with its treatment put where the question only says "it" or nothing."""
    cause = study.drawn
    if cause is None:
        spoken = [m.column for s in told for m in mentions(s, words, profile)]
        likely = [n for n in dict.fromkeys(spoken) if n != study.running and arms(profile.column(n))]
        cause = likely[0] if len(likely) == 1 else None
    if cause is None:
        return study
    name = f"`{cause}`"
    sentence = say.IT.sub(lambda m: f"{m['head']} {name} ", study.sentence)
    sentence = say.ITS.sub(lambda m: f"the {m['n']} of {name} ", sentence)
    sentence = say.NAMELESS.sub(lambda m: f"{m['head']} of {name} ", sentence)
    return replace(study, sentence=_called(sentence, name, study.target, words, profile))


def _called(sentence: str, name: str, target: str, words: Vocabulary, profile: Profile) -> str:
    """The sentence with the column for what the study calls it: "the training" after "a job training (treat)"."""
    known = stems(target)
    held = [stems(label) for label, _ in labels(profile)]  # an arm of the study is no name for all of them
    for m in re.finditer(
        r"\b(?:the|this|that)\s+(?P<n>[^\W\d_][\w-]*(?:\s+[^\W\d_][\w-]*)?)", sentence, re.I
    ):
        for noun in (m["n"], m["n"].split()[0]):
            if not stems(noun.split()[-1]):
                continue
            wanted = stems(noun)
            generic = re.fullmatch(r"treatment|intervention", noun, re.I)
            if (
                (generic or (wanted and wanted <= known))
                and not words.find(noun)
                and not any(lb & wanted for lb in held)
            ):
                at = m.start("n")
                return f"{sentence[: m.start()]}{name}{sentence[at + len(noun) :]}"
    return sentence


def _kin(target: str, name: str) -> bool:
    """Whether what rows were drawn into can be the column: nothing was said, or a word is like its name."""
    if not target.strip():
        return True
    flat = re.sub(r"[\W_]+", "", name.lower())
    kin = (flat[i : i + SHARED] for i in range(len(flat) - SHARED + 1))
    return any(part in target.lower() for part in kin)


def _alike(a: str, b: str) -> bool:
    """Whether one name holds the other: ``lagdemocrat`` and ``democrat``."""
    one, two = (re.sub(r"[\W_]+", "", n.lower()) for n in (a, b))
    return one in two or two in one


def _marks_time(column: ColumnProfile) -> bool:
    return column.type == "date" or say.TIME.search(column.name) is not None
