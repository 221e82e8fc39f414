"""Columns under the names of a codebook: ``near the incinerator`` for ``nearinc``, ``prenatal visits`` where the
meaning reads "total number of prenatal vis.".

Codebooks abbreviate.  A run of words stands for a column where every word that says something is found in the column's
meaning, in full or abbreviated, or where the column's name is put together from beginnings of them, and where no other
column fits as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from causalcopilot.agent.language.columns import HARMLESS, STOP, stems
from causalcopilot.agent.language.phrases import CAUSES
from causalcopilot.domain.knowledge import Knowledge

LIGHT = frozenset(
    """being having owning getting receiving attending taking using going doing living more less fewer larger higher
    lower greater longer smaller additional extra each another any some number amount quantity level levels share
    people persons individuals person women men during while all every one a an the of in on at by for to with from per
    and or if than as is are was were been had have has own their his her its year years""".split()
)
"""Words that name no column by themselves: how it is had, how much of it, and small words."""
OPENING = LIGHT - frozenset("year years share number amount level levels".split())
"""Words that no description ends with."""
SMALL = frozenset("if as at in of to or on is it by no so do be he we us am an".split())
"""Words of two letters that are no initials."""
MEASURED = frozenset("measure index score rate total average avg mean annual state own self".split())
"""Words of a meaning that tell how something is measured; what is measured is said without them."""
CLOSED = frozenset(
    """effect effects impact impacts influence is are was were be been using use used with without compared versus vs
    after before since when if because between but so then than not no do does did will would can could how what which
    who whom whose that this these those it they we you i men women""".split()
)
"""Words that no description holds: what is asked, and how sentences are joined."""
INNER = frozenset("a an the of in on at by for to with per and during from than all".split())
"""Words that may stand within a column's description."""
NUMBERS = {w: str(i) for i, w in enumerate("zero one two three four five six seven eight nine ten".split())} | {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th"
}  # fmt: skip
"""Numbers are compared as digits."""
_QUALIFIED = re.compile(r"[,;(].*$", re.S)
"""What stands behind a comma or in brackets tells the unit or the year of a column, and need not be said."""
MOST_WORDS = 9
LEAST_PIECE, LEAST_PREFIX = 3, 4
"""Letters a piece of a name needs, and a beginning that stands for a whole word without a full stop behind it."""
_WORD = re.compile(r"[^\W_]+(?:\([^\W_]+\))?(?:'s)?|[^\w\s]")
_SHARED = re.compile(r"\b(\w+'s)\s+and\s+(\w+'s)\s+(\w+)", re.I)
"""One noun for two owners: "father's and mother's schooling"."""
_TOKEN = re.compile(r"[^\W_]+\.?")
_MEASURE = re.compile(r"rates?|scores?|levels?|values?", re.I)
"""How something is told, which a meaning may leave out."""
_LOG = re.compile(r"\b(?:log(?:arithm)?s?|ln|natural\s+log)\b", re.I)
_VERB = re.compile(rf"{CAUSES}|(?:does|do|did|will|would|can|could|what|how|which|who)", re.I)


@dataclass(frozen=True)
class Entry:
    """One column as a codebook describes it.

    Attributes:
        name: the column.
        tokens: words of its meaning, each with its full stop where it has one.
        core: those of them that a description should say.
        logarithm: whether it is a logarithm.
    """

    name: str
    tokens: tuple[str, ...]
    core: tuple[str, ...]
    logarithm: bool


def entries(names: Sequence[str], knowledge: Knowledge) -> tuple[Entry, ...]:
    """Every column with the words of its meaning; a logarithm of a column has that column's words too."""
    told = {n: (known.meaning if (known := knowledge.column(n)) else "") for n in names}
    made = []
    for name, meaning in told.items():
        log = bool(_LOG.search(meaning))
        inner = [told[n] for n in re.findall(r"\w+", meaning) if log and n in told and n != name]
        core = _LOG.sub(" ", " ".join(inner or (_QUALIFIED.sub("", meaning),)))
        made.append(Entry(name, _tokens(_LOG.sub(" ", " ".join((meaning, *inner)))), _tokens(core), log))
    return tuple(made)


def _tokens(text: str) -> tuple[str, ...]:
    return tuple(NUMBERS.get(t.lower(), t.lower()) for t in _TOKEN.findall(text))


def named(sentence: str, names: Sequence[str], knowledge: Knowledge) -> str:
    """The sentence with columns in the place of their descriptions; the same sentence where there are none."""
    book = entries(names, knowledge)
    sentence = _SHARED.sub(r"\1 \3 and \2 \3", sentence.replace("’", "'"))
    spans = [(m.start(), m.end(), m[0]) for m in _WORD.finditer(sentence)]
    exact = {n.lower() for n in names}
    taken: list[tuple[int, int, str]] = []
    for first, last in _runs(spans):
        start, end = spans[first][0], spans[last][1]
        if not _bounded([w for *_, w in spans], first, last):
            continue
        if any(start < e and s < end for s, e, _ in taken):
            continue
        run = [w for *_, w in spans[first : last + 1]]
        found = fitting(run, book)
        spoken = {w.lower() for w in run} & exact
        if len(found) == 1 and (not spoken or found[0].lower() in spoken):
            taken.append((start, end, found[0]))
    for start, end, name in sorted(taken, reverse=True):
        sentence = sentence[:start] + name + sentence[end:]
    return sentence


def _bounded(words: Sequence[str], first: int, last: int) -> bool:
    """Whether no further noun stands beside the run: "computer" alone is not what "personal computer" says."""
    beside = [words[i] for i in (first - 1, last + 1) if 0 <= i < len(words)]
    return all(_is_closed(w) or w.lower() in LIGHT or w.lower() in STOP for w in beside)


def _is_closed(word: str) -> bool:
    return not word[0].isalnum() or word.lower() in CLOSED or _VERB.fullmatch(word) is not None


def _runs(spans: Sequence[tuple[int, int, str]]) -> Iterator[tuple[int, int]]:
    """Runs of words that may describe a column, the longest first; no verb and no punctuation within."""
    words = [w for *_, w in spans]
    closed = [_is_closed(w) for w in words]
    for size in range(min(MOST_WORDS, len(words)), 0, -1):
        for first in range(len(words) - size + 1):
            run = range(first, first + size)
            if any(closed[i] for i in run):
                continue
            if words[first].lower() not in INNER and words[first + size - 1].lower() not in OPENING:
                yield first, first + size - 1


def fitting(run: Sequence[str], book: Sequence[Entry]) -> list[str]:
    """The columns that a run of words describes best: all of its words, and the fewest words of their own besides."""
    log = _LOG.search(" ".join(run)) is not None
    words = [w for word in run for w in re.findall(r"[^\W_]+", word.lower().removesuffix("'s"))]
    content = [NUMBERS.get(w, w) for w in words if w not in LIGHT and w not in STOP and not _LOG.fullmatch(w)]
    alone = len(content) == 1 and (
        len(content[0]) < LEAST_PREFIX or HARMLESS.fullmatch(content[0]) is not None
    )
    if alone or not any(w[0].isalpha() for w in content):
        return []
    plain = [w for w in content if not _MEASURE.fullmatch(w)]
    for wanted in (content, plain) if 1 < len(plain) < len(content) else (content,):
        for kind in (log,) if log else (False, True):
            if found := _best(wanted, [e for e in book if e.logarithm == kind]):
                return found
    return []


def _best(content: Sequence[str], book: Sequence[Entry]) -> list[str]:
    scores: dict[str, int] = {}
    for entry in book:
        if len(content) > 1 and _put_together(entry.name.lower(), content):
            scores[entry.name] = -1
        elif all(
            any(_same(w, t) for t in entry.tokens) or w in _initials(content, entry.tokens) for w in content
        ):
            said = [t for t in entry.core if t.strip(".") not in LIGHT and t.strip(".") not in STOP]
            rest = [t for t in said if not any(_same(w, t) for w in content)]
            open_ones = [t for t in rest if t.strip(".") not in MEASURED]
            if len(open_ones) <= (len(content) if len(content) > 1 else 0):
                scores[entry.name] = len(rest)
    best = min(scores.values(), default=0)
    return [n for n, s in scores.items() if s == best]


def _initials(content: Sequence[str], tokens: Sequence[str]) -> set[str]:
    """Words of the run whose initials, side by side, are a token: "high school" and ``HS``."""
    found: set[str] = set()
    for size in (2, 3, 4):
        for i in range(len(content) - size + 1):
            short = "".join(w[0] for w in content[i : i + size])
            if short in tokens and short not in SMALL:
                found.update(content[i : i + size])
    return found


def _put_together(name: str, content: Sequence[str]) -> bool:
    """Whether a name is beginnings of all these words, one behind the other: ``nearinc``, ``totfatrte``."""
    flat = re.sub(r"[\W\d_]+", "", name)

    def rest(at: int, left: Sequence[str]) -> bool:
        if not left:
            return at == len(flat)
        for end in range(len(flat), at + LEAST_PIECE - 1, -1):
            if _begins(left[0], flat[at:end]) and rest(end, left[1:]):
                return True
        return False

    return rest(0, content)


def _same(word: str, token: str) -> bool:
    """Whether a token of a codebook is the word: the same, its beginning, or its consonants."""
    stopped, bare = token.endswith("."), token.strip(".")
    if word == bare or (stems(word) and stems(word) == stems(bare)):
        return True
    if word.isdigit() or bare.isdigit():
        return len(word) == 4 and len(bare) == 2 and word.endswith(bare) and word.isdigit()
    least = LEAST_PIECE if stopped else LEAST_PREFIX
    for short in (bare, next(iter(stems(bare)), bare)):
        if len(short) >= least and (
            word.startswith(short) or (len(word) > LEAST_PREFIX and short.startswith(word))
        ):
            return True
    return len(bare) >= LEAST_PIECE and _skeleton_of(word, bare)


def _begins(word: str, piece: str) -> bool:
    return word.startswith(piece) or _skeleton_of(word, piece)


def _skeleton_of(word: str, piece: str) -> bool:
    """Whether a piece is the word's first letters without its vowels: "prg" and "program", "wge" and "wage"."""
    body = piece[:-1] if piece[-1] in "ey" and len(piece) > LEAST_PIECE - 1 else piece
    if len(body) < 2 or re.search(r"[aeiou]", body[1:]) or body[0] != word[0]:
        return False
    bones = word[0] + re.sub(r"[aeiou]", "", word[1:])
    return bones.startswith(body) and len(body) >= 2 and (len(piece) >= LEAST_PIECE)
