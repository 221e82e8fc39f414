"""Which average a sentence asks for: over all rows, over the treated, or over the untreated."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.domain.question import Quantity, Question
from causalcopilot.errors import UsageError

_TREATED = r"(?:the )?(?:treated|treatment group|exposed|takers)"
_UNTREATED = r"(?:the )?(?:un-?treated|non-?treated|controls|control group|unexposed|not treated)"
_AVERAGE = r"(?:(?:average |mean )?(?:treatment |causal )?effect (?:on|for|among|in) )"
QUANTITIES: tuple[tuple[Quantity, str], ...] = (
    (
        "ATT",
        rf"(?:atet|att)|{_AVERAGE}{_TREATED}(?: only)?|(?:(?:what about|for|among|just|only)"
        rf" )+{_TREATED}(?: only)?",
    ),
    ("ATC", rf"(?:atc|atu)|{_AVERAGE}{_UNTREATED}"),
    (
        "ATE",
        r"ate|average (?:treatment|causal) effect|(?:average |overall )?(?:effect )?(?:on|for|over) everyone"
        r"|population average",
    ),
)
AVERAGES = "|".join(f"(?:{spelled})" for _, spelled in QUANTITIES)
_WHICH = tuple((name, re.compile(spelled, re.I)) for name, spelled in QUANTITIES)

_WHO = (
    r"(?:group|arm|ones?|units?|people|persons?|patients?|subjects?|participants?|individuals?|rows?|cases?)"
)
_CLAUSE = re.compile(
    r"[,;]?\s*\b(?:(?:only|just)\s+)?(?:for|among|amongst|in|within)\s+(?:(?:only|just)\s+)?"
    rf"(?:(?:the|those|all|{_WHO})\s+)?(?:{_WHO}\s+)?(?:(?:who|that)\s+(?:are|were|got|had\s+been|actually\s+got)\s+)?"
    rf"(?:actually\s+)?(?:(?P<out>un-?treated|non-?treated|not\s+treated|unexposed|controls?(?=\s+{_WHO})|controls)"
    rf"|(?P<in>treated|treatment(?=\s+(?:group|arm))|exposed))(?:\s+{_WHO})?(?:\s+(?:only|alone|themselves))?"
    r"(?=\s*(?:[,;?!.)]|$)|\s+(?:of|on|in|when|if|given|adjust\w*|controlling|with|using|from)\b)",
    re.I,
)
_NAMED = re.compile(r"\b(?P<short>at[etcu]|atet)\b|\beffect\s+on\s+the\s+(?P<out>un|non-?)?treated\b", re.I)


@dataclass(frozen=True)
class Averaged:
    """A sentence without the clause that names an arm, the average it asks for, and the words that named it."""

    sentence: str
    quantity: Quantity | None = None
    clause: str = ""
    word: str = ""

    def upon(self, question: Question, words: Vocabulary) -> Question:
        """The question with this average.

        Raises:
            UsageError: it is asked of no effect, or the word names another column than the treatment.
        """
        if self.quantity is None:
            return question
        if question.kind != "effect" and not self.clause:
            return question
        if question.kind != "effect":
            raise UsageError(
                f"{self.clause!r} names an average of an effect, and this asks for something else",
                "ask it of all rows, or name the group by a column: where COLUMN is VALUE",
            )
        if self.word in words.names and self.word != question.treatment:
            raise UsageError(
                f"{self.clause!r} can mean the rows where {self.word} holds, or those that got {question.treatment}",
                f"say: where {self.word} is VALUE; or: the ATT of {question.treatment} on {question.outcome}",
            )
        return replace(question, quantity=self.quantity)


def split(sentence: str, words: Vocabulary) -> Averaged:
    """Take out the clause on the treated or the untreated: ``for the treated``, ``among those who were exposed``."""
    named = _named(sentence)
    match = _CLAUSE.search(sentence)
    if match is None or named is not None:
        return Averaged(sentence, named)
    rest = (sentence[: match.start()] + sentence[match.end() :]).strip(" ,;")
    said = match["in"] or match["out"]
    word = next((n for n in words.names if n.lower() == said.lower()), said)
    return Averaged(rest, "ATT" if match["in"] else "ATC", match[0].strip(" ,;"), word)


def quantity_named(words: str) -> Quantity | None:
    """The average that words mean, where they are nothing else."""
    return next((name for name, spelled in _WHICH if spelled.fullmatch(words.strip())), None)


def _named(sentence: str) -> Quantity | None:
    match = _NAMED.search(sentence)
    if match is None:
        return None
    if match["short"] is None:
        return "ATC" if match["out"] else "ATT"
    return {"ate": "ATE", "att": "ATT", "atet": "ATT", "atc": "ATC", "atu": "ATC"}[match["short"].lower()]  # type: ignore[return-value]
