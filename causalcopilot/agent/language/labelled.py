"""A label as the cause: "does the drug lower pain?", "the effect of surgery rather than medication".

People name the arms of a study and not the column that holds them.  A label that stands where a cause stands, and that
one text column alone has, means that column, from the label it is compared with to this one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.agent.language.mentions import labels, plain, spelled_out
from causalcopilot.agent.language.phrases import AUX, CAUSES
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Contrast, Question

_BEING = r"being\s+(?:in\s+|given\s+|on\s+)?(?:the\s+)?|(?:receiving|getting|taking|having)\s+(?:the\s+)?"
_THE = rf"(?:the\s+|an?\s+|our\s+|{_BEING})*"
_AGAINST = (
    r"(?:,?\s*(?:as\s+)?(?:compared\s+(?:to|with|against)|in\s+comparison\s+(?:to|with)|relative\s+to|versus|vs\.?|rather\s+than"
    r"|instead\s+of|as\s+opposed\s+to|against|over))\s+"
)
_NOUNS = (
    r"groups?|arms?|conditions?|treatments?|therap(?:y|ies)|variants?|versions?|class(?:es)?|campaigns?|program(?:me)?s?|polic(?:y|ies)"
    r"|plans?|pages?|designs?|messages?|interventions?|methods?|ones?"
)

_NOTHING = re.compile(r"(?:no|none|non|not|never|without|control|placebo|untreated|usual|standard)\b", re.I)
"""How labels begin that stand for nothing done."""


@dataclass(frozen=True)
class Labelled:
    """A sentence with the column where its labels stood, and what they compare."""

    sentence: str
    column: str = ""
    contrast: Contrast | None = None

    def upon(self, question: Question) -> Question:
        """The question with the labels compared, where it asks for an effect of their column."""
        if self.contrast is None or question.treatment != self.column or question.contrast is not None:
            return question
        return replace(question, contrast=self.contrast)


def split(sentence: str, words: Vocabulary, profile: Profile, told: Sequence[str] = ()) -> Labelled:
    """The sentence with a column in place of its labels that stand as the cause; as it is where none does.

    Args:
        sentence: the question.
        words: the table's columns.
        profile: the table.
        told: labels that the study beside the question names: two of them are its arms.
    """
    held: dict[str, list[str]] = defaultdict(list)
    for label, column in labels(profile):
        if plain(label) not in {plain(n) for n in words.names}:
            held[column].append(label)
    for column, known in held.items():
        found = _caused(sentence, column, known, [k for k in known if k in told])
        if found is not None:
            return found
    return Labelled(sentence)


def _caused(sentence: str, column: str, known: list[str], told: list[str]) -> Labelled | None:
    own = "|".join(re.escape(w) for w in re.split(r"[\W_]+", column) if len(w) > 1)
    noun = rf"(?:\s+(?:{own or '(?!)'}|{_NOUNS}))?"
    one = "|".join(spelled_out(label) for label in sorted(known, key=len, reverse=True))
    arm = rf"(?P<arm>{one}){noun}"
    base = rf"(?P<base>{one}){noun}"
    after = rf"(?:{_AGAINST}{_THE}{base.replace('base', 'near')})?"
    heads = (
        rf"\b(?P<head>(?:effects?|impact|influence|benefits?|lift)\s+(?:of|from)\s+){_THE}{arm}{after}(?=\s+(?:up)?on\b)",
        rf"^(?P<head>(?:(?:by\s+)?how\s+(?:much\s+|strongly\s+)?)?{AUX}\s+){_THE}{arm}{after}(?=\s+(?:\w+ly\s+)?{CAUSES}\b)",
    )
    for head in heads:
        m = re.search(head, sentence, re.I)
        if m is None:
            continue
        rest = sentence[m.end() :]
        far = re.search(rf"{_AGAINST}{_THE}{base}(?![\w-])", rest, re.I)
        if far is not None and m["near"] is None:
            rest = rest[: far.start()] + rest[far.end() :]
        other = m["near"] or (far["base"] if far else None)
        treated, control = _label(m["arm"], known), _label(other, known) if other else None
        if control is None and len(told) == 2 and treated in told:
            control = next(k for k in told if k != treated)
        if treated == control or (control is None and not _compared_with_one(known, treated)):
            return None
        bare = f"{sentence[: m.start()]}{m['head']}`{column}`{rest}"
        return Labelled(re.sub(r"\s+([?.!,])", r"\1", bare), column, Contrast(control, treated))
    return None


def _compared_with_one(known: list[str], treated: str | None) -> bool:
    """Whether a label named alone has one other to be compared with: the only other, or the one for nothing done."""
    return len(known) == 2 or sum(bool(_NOTHING.match(k)) for k in known if k != treated) == 1


def _label(said: str, known: list[str]) -> str | None:
    return next((k for k in known if re.fullmatch(spelled_out(k), said, re.I)), None)
