"""The last question turned to its pair: does it work at all, are the two related, what if the instrument is left aside,
and what "does C matter?" may mean."""

from __future__ import annotations

import re
from dataclasses import replace

from causalcopilot.agent.language.redo import for_all, in_words
from causalcopilot.agent.language.said import Followup, Said, does_not_go
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.question import ABOUT_EFFECTS, ABOUT_WHOLE, Question
from causalcopilot.errors import UsageError

_GOOD = re.compile(r"\b(?:help|work)", re.I)


def works(match: re.Match[str], said: Said) -> Followup | None:
    """Whether the cause has an effect at all, as a question for yes or no; ``None`` after other kinds of question."""
    q = said.question
    if q.kind not in ABOUT_WHOLE or not (q.treatment and q.outcome):
        return None
    asked = replace(q, closed=True, negated=False, expects=0)
    own = " (whether that is good is yours to say)" if _GOOD.search(match[0]) else ""
    where = in_words(q).removeprefix(f"effect of {q.treatment} on {q.outcome}")
    return Followup(asked, f"does {q.treatment} change {q.outcome}{where}{own}")


def signed(match: re.Match[str], said: Said) -> Followup | None:
    """Whether the effect is above or below zero; which of the two it is, where both are named."""
    q = said.question
    if q.kind not in ABOUT_WHOLE or not (q.treatment and q.outcome):
        return None
    where = in_words(q).removeprefix(f"effect of {q.treatment} on {q.outcome}")
    if match["other"]:
        return Followup(
            replace(q, closed=False, negated=False, expects=0),
            f"effect of {q.treatment} on {q.outcome}{where}",
        )
    down = match["sign"].lower() in ("negative", "below zero")
    asked = replace(q, closed=True, negated=False, expects=-1 if down else 1)
    return Followup(asked, f"does {q.treatment} {'lower' if down else 'raise'} {q.outcome}{where}")


def related(match: re.Match[str], said: Said) -> Followup | None:
    """Whether cause and outcome go together: association over all rows, which is no effect."""
    q = said.question
    if not (q.treatment and q.outcome) or q.kind not in (
        *ABOUT_EFFECTS,
        "independence",
        "direction",
        "what_if",
    ):
        return None
    closed = bool(re.match(r"(?:(?:and|but|so|then|now|also) )*(?:are|is) ", match[0], re.I))
    asked = Question("independence", treatment=q.treatment, outcome=q.outcome, negated=True, closed=closed)
    rows = ", over all rows" if q.among else ""
    return Followup(asked, f"how {q.treatment} and {q.outcome} go together (association, no effect){rows}")


def uninstrumented(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect by adjustment, where an instrument identified it."""
    q = said.question
    if q.kind not in ABOUT_WHOLE or not (q.treatment and q.outcome):
        raise does_not_go(match[0].strip(), said)
    if not _instrumented(said):
        raise UsageError(
            "no instrument is in use; the effect was not identified by one",
            "say: use Z as the instrument, or: without COLUMN",
        )
    plain = replace(
        for_all(q), instrument=None, design="adjustment", method="auto", controls=None, closed=False
    )
    return Followup(plain, f"effect of {q.treatment} on {q.outcome} by adjustment, without the instrument")


def _instrumented(said: Said) -> bool:
    q, known = said.question, said.identification
    return (
        bool(instruments_of(q))
        or q.design == "iv"
        or bool(known and known.strategy == "Instrumental Variable")
    )


_Z = r"(?:the |this |that |our |your )?instruments?"
_SOUND = (
    r"(?:really |actually |too )*(?:an? )?(?:valid|weak|strong|good|bad|relevant|credible|any good|exogenous|believable"
    r"|ok(?:ay)?|plausible)(?: enough)?"
)
_STAGE = (
    r"(?:effective )?(?:first[- ]stage(?: (?:f|f[- ]stat\w*|regression|strength))?|f[- ]stat\w*|exclusion restriction"
    r"|instrument strength)"
)
_OF_INSTRUMENT = re.compile(
    rf"(?:(?:and|but|so) )*(?:(?:is|was|are|were) {_Z} {_SOUND}|how {_SOUND} (?:is|was|are) {_Z}"
    rf"|(?:(?:what(?: is|'s|s| was| about)|give me|show(?: me)?|how (?:strong|large) (?:is|was)) )?(?:the )?{_STAGE})",
    re.I,
)


def of_instrument(text: str, said: Said) -> str:
    """The part of the answer that a question about the instrument asks for: the checks, its strength among them.

    Raises:
        UsageError: no instrument is in use.
    """
    if said.question.kind not in ABOUT_WHOLE or not _OF_INSTRUMENT.fullmatch(text):
        return ""
    if not _instrumented(said):
        raise UsageError(
            "no instrument is in use; the effect was not identified by one", "say: use Z as the instrument"
        )
    return "robust"


def meant(match: re.Match[str], said: Said) -> Followup | None:
    """Whether a column "matters": as a cause, as what the effect differs by, or as a control; all are offered."""
    q = said.question
    names = said.words.spoken(match["column"])
    if len(names) != 1 or not (q.treatment and q.outcome):
        return None
    name = names[0]
    if name == q.treatment and q.kind in ABOUT_WHOLE:
        return Followup(replace(q, closed=True, negated=False, expects=0), f"does {name} change {q.outcome}")
    if name in (q.treatment, q.outcome):
        return None
    raise UsageError(
        f"{name} could matter as a cause of {q.outcome}, for how large the effect is, or as what is held fixed",
        f"say: what is the effect of {name}? or: by {name}, or: without {name} (and given {name})",
    )
