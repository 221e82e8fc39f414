"""How people say that rows belong together or stand for more than one: ``clustered by village, weighted by w``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from causalcopilot.agent.language.columns import Vocabulary

_NAME = r"(?P<name>[^,;?!]+?)"
_NEXT = r"(?:and|with|when|if|from|adjust\w*|controlling|given|weight\w*|cluster\w*)"
_END = rf"(?:\s+levels?)?(?=\s*(?:[,;?!.]|$|\s+{_NEXT}\b))"
CLUSTERED = re.compile(
    r"[,;]?\s*\(?(?:\b(?:with|and|using)\s+)?(?:(?:robust\s+)?(?:standard\s+)?errors?\s+|rows\s+)?"
    rf"\bcluster(?:ed|ing)?\s+(?:by|at|on)\s+(?:the\s+)?{_NAME}{_END}\)?",
    re.I,
)
WEIGHTED = re.compile(
    rf"[,;]?\s*\(?(?:\b(?:and|with|using)\s+)?(?:rows\s+)?\bweight(?:ed|ing)\s+(?:by|with|on)\s+(?:the\s+)?{_NAME}{_END}\)?",
    re.I,
)


@dataclass(frozen=True)
class Sampled:
    """A sentence without these clauses, and the columns they name."""

    sentence: str
    cluster: str | None = None
    weights: str | None = None


def split(sentence: str, words: Vocabulary) -> Sampled:
    """Take out the clauses on clusters and weights.

    Raises:
        ColumnNotFound: a clause names no column, or several.
    """
    found: dict[str, str] = {}
    for key, pattern in (("cluster", CLUSTERED), ("weights", WEIGHTED)):
        match = pattern.search(sentence)
        if match is None:
            continue
        found[key] = words.one(match["name"])
        sentence = (sentence[: match.start()] + sentence[match.end() :]).strip()
    return Sampled(sentence, found.get("cluster"), found.get("weights"))
