"""Questions about a word of an answer ("what does fragile mean?"), told from the glossary; nothing is computed."""

from __future__ import annotations

import re
import sys
from textwrap import fill
from typing import TYPE_CHECKING

from causalcopilot.cli.terminal import width
from causalcopilot.domain.glossary import Term, define

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk

_A = r"(?P<article>an? |the |your |this |that )?"
_T = rf"{_A}(?:(?:term|word|verdict|expression|phrase) )?(?P<term>[^?]+?)"
_SHAPES = tuple(
    re.compile(rf"(?:and |so |but |ok |sorry,? |wait,? |please )*(?:(?:can|could) you )?{row}", re.I)
    for row in (
        rf"what(?: is| are|'s|s) (?:meant by |the meaning of |the definition of ){_T}(?: here)?",
        rf"what(?: does| do|'s|s) {_T} (?:even |actually |really )?(?:mean|stand for|say|tell (?:me"
        rf"|us))(?: here| exactly)?",
        rf"what (?:do|did) you mean (?:by|with) {_T}",
        rf"what(?: is| are|'s|s| was) (?:exactly )?{_T}(?: exactly| again| here| in (?:plain|simple)"
        rf" (?:words|english|terms))?",
        rf"(?:please )?(?:define|definition of|meaning of|explain(?: what)?(?: to me)?|describe) {_T}"
        r"(?: means| is| to me| in (?:plain|simple) (?:words|english|terms))?",
        rf"{_T} means(?: what)?",
        rf"how (?:do|should|would|can) (?:i|you|we|one) (?:read|interpret|understand) {_T}",
        rf"i (?:don't|do not) (?:know|understand) (?:what )?{_T}(?: is| means)?",
    )
)
_APART = re.compile(
    r"(?:what(?:'s| is)|explain) the difference between (?:an? |the )?(?P<one>.+?) and (?:an? |the"
    r" )?(?P<two>.+)"
    r"|how (?:does|is) (?:an? |the )?(?P<one2>.+?) (?:differ(?:ent)?) from (?:an? |the )?(?P<two2>.+)",
    re.I,
)


def terms_in(line: str) -> tuple[Term, ...]:
    """The terms whose meaning a line asks for: one, or two to be told apart; empty where it asks no such thing."""
    text = re.sub(r"\s+", " ", line.strip()).replace("’", "'").rstrip("?.! ")
    if m := _APART.fullmatch(text):
        pair = [define(m[k] or m[f"{k}2"]) for k in ("one", "two")]
        return tuple(t for t in pair if t) if all(pair) else ()
    for shape in _SHAPES:
        if (m := shape.fullmatch(text)) and (found := define(m["term"])):
            return (found,)
    return ()


def explain(talk: Talk, line: str) -> bool:
    """Tell what a term means; false where the line asks for no term, or for what the last answer says of it."""
    from causalcopilot.agent.language.followup import asks_about

    asked = terms_in(line)
    if not asked:
        return False
    columns = {n.lower() for n in talk.case.profile.names}
    if any(word in columns for t in asked for word in (t.name.lower(), *t.also)):
        return False
    if talk.said is not None and asks_about(line):
        return False
    told = (fill(_told(talk, t), width(sys.stdout), break_long_words=False) for t in asked)
    talk.screen.result("\n\n".join(told))
    return True


def _told(talk: Talk, term: Term) -> str:
    held = _held(talk, term.fact) if term.fact else ""
    return f"{term.name}: {term.meaning}" + (f" In the last answer: {held}." if held else "")


def _held(talk: Talk, key: str) -> str:
    """The fact of the last answer that the term stands for, as it was printed there."""
    from causalcopilot.report.claims import Untraceable, render, text_of
    from causalcopilot.report.findings import read_run

    turn = talk.answered
    if turn is None:
        return ""
    findings = read_run(turn.run)
    stem = key.partition(".")[0]
    for call, facts in reversed(list(findings.facts.items())):
        if stem in facts and facts[stem].value is not None:
            try:
                return text_of(render("{" + f"{call}.{key}" + "}", findings.facts, frozenset()))
            except Untraceable:
                return ""
    return ""
