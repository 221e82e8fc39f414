"""A column in brackets behind its description: "the effect of travel cost (gc) on choice".

Whoever writes so says what the words before the bracket mean.  How far the description reaches back is not marked, so
the longest one is tried first that leaves a question: in "quitting smoking (qsmk)" the column is the quitting.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from causalcopilot.agent.language.columns import AWAY, Vocabulary, stems
from causalcopilot.agent.language.phrases import AUX, CAUSES

LONGEST = 7
"""Most words of a description."""
TRIES = 60
"""Most readings of one sentence."""
_BRACKET = re.compile(r"\s+\(\s*[`'\"]?(?P<name>[^()`'\"]+?)[`'\"]?\s*\)")
_ENDS = re.compile(
    rf"{AUX}|{CAUSES}|was|were|effects?|impact|influence|on|upon|by|when|if|than|not|no|never|without|given|adjust\w*|controlling"
    r"|holding|and|or|but|compared|versus|vs|with|using|among|only|how|what|which|who|much|many",
    re.I,
)
"""Words that no description holds."""
_LESSENING = re.compile(r"(?:los|lower|reduc|cutt|dropp|decreas|shrink|declin|lessen|prevent)ing", re.I)
"""What is done to the column and turns the direction asked for: "losing weight (bmi)"."""


def shorter(sentence: str, words: Vocabulary) -> Iterator[str]:
    """The sentence with columns in brackets alone, their longest descriptions first."""
    brackets = [m for m in _BRACKET.finditer(sentence) if m["name"].strip() in words.names]
    if not brackets:
        return
    starts = [_starts(sentence[: m.start()], m["name"].strip(), words) for m in brackets]
    choices = sorted(product(*(range(len(s)) for s in starts)), key=lambda c: (-sum(c), c))
    for choice in choices[:TRIES]:
        made, last = [], 0
        for m, places, i in zip(brackets, starts, choice, strict=True):
            if places[i] < last:
                break
            made += [sentence[last : places[i]], f" `{m['name'].strip()}`"]
            last = m.end()
        else:
            yield re.sub(r"\s+", " ", "".join((*made, sentence[last:]))).strip()


def _starts(before: str, name: str, words: Vocabulary) -> list[int]:
    """Where a description may begin: behind the last word, then one word further back each time."""
    places = [len(before)]
    for m in reversed(list(re.finditer(r"\S+", before))):
        word = m[0].strip("\"'`")
        if len(places) > LONGEST or re.search(r"[,;:?!()]$", m[0]) or _ENDS.fullmatch(word):
            break
        if any(n != name for n in words.spoken(before[m.start() :])):
            break
        if _LESSENING.fullmatch(word) or _taken_away(word, before[m.end() :], name, words):
            break
        places.append(m.start())
    return places


def _taken_away(word: str, rest: str, name: str, words: Vocabulary) -> bool:
    """Whether a word takes away what the column is: "removing the tax (tax)", but not "quitting smoking (qsmk)"."""
    return bool(stems(word) & AWAY) and words.find(rest) == [name]
