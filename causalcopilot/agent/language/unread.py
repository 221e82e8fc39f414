"""What of a sentence its reading leaves out: a column, a label or a restriction that no slot took is an error.

A question that is answered without a part of its words is another question.
"""

from __future__ import annotations

import re

from causalcopilot.agent.language.bounds import is_bound
from causalcopilot.agent.language.columns import Vocabulary
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import ABOUT_WHOLE, Question
from causalcopilot.errors import CcpError, ColumnNotFound, UsageError

_COMMON = frozenset(
    """a an i the it effect effects cause causes change changes impact influence graph graphs test row rows data value
    values level levels mean average time times group groups difference number order unit units yes no other others all
    none any some high low more less most many much before after left right true false true. up down one two three
    independent dependent given event state index name id weight weights cluster sample control controls treatment
    treated outcome case cases site sites domain domains region regions period periods date day month year years
    missing unknown same different men women man woman people age""".split()
)
"""Words of the grammar that may also be a column's name or a label: they are not taken for one unless quoted."""
_OWN = frozenset(("age", "year", "region", "weight"))
"""Of those, the words that hardly stand for anything but a column of that name."""
_PEOPLE = frozenset(("men", "women", "man", "woman"))
"""Of those, the words that are hardly anything but a label where a column has them as labels."""
_OTHER = re.compile(
    r"\b(?P<what>median|variance|standard\s+deviation|spread|(?:\w+\s+)?(?:quantile|percentile|quartile)|log(?:arithm)?"
    r"|square(?:\s+root)?|maximum|minimum)\s+(?:of|in)\s+",
    re.I,
)
"""What an effect may be asked on that is not the mean of the outcome as it stands."""
_REMADE = re.compile(
    r"\b(?P<what>log(?:s|ged|arithm\w*)?|ln|squared?|cubed?|square\s+root|standardi[sz]ed|normali[sz]ed|lagged|detrended)\b"
    r"|\^\s*\d|[²³]",
    re.I,
)
"""What makes another column of one that is named: "log income", "age^2"."""
_SOME = re.compile(
    r"\b(?:in|for|on|over|using|from|with)\s+(?:only\s+)?the\s+(?:first|last|top|bottom|other)\s+"
    r"(?:(?:\d\S*|few|half|quarter|third)(?:\s+of)?(?:\s+the)?(?:\s+(?:rows?|data|table|records|people|patients|units))?)",
    re.I,
)
_RESTRICT = re.compile(
    r"\b(?:(?:among|amongst|unless|except(?:\s+for)?|excluding|restricted\s+to|limited\s+to|only\s+(?:for|in)|provided\s+that"
    r"|whose)\s+[^?.,;]+|(?:only|solely|exclusively|nothing\s+(?:but|other\s+than|except))\b[^?.,;]*"
    r"|for\s+(?:everyone|everybody|all|each|every\s+\w+)\b|(?:older|younger|taller|heavier|richer|poorer|more|less|fewer|greater|higher|lower|larger"
    r"|smaller)\s+than\s+[-−]?\d\S*|(?:over|under|above|below|at\s+least|at\s+most|up\s+to)\s+(?:the\s+age\s+of\s+)?\d\S*)",
    re.I,
)
_SET = re.compile(
    r"(?:\b(?:to|at|were|was|is|be|been|equals?)\s+|=\s*)[€$£]?(?P<n>[-−]?\d[\d.,]*)(?![\w@])", re.I
)
_WHEN = re.compile(
    r"\b(?:in|during|since|after|before|until|between|by)\s+(?P<n>\d{4})\b(?:\s*(?:and|to|-)\s*(?P<m>\d{4})\b)?",
    re.I,
)
_ROLE = re.compile(r"\b(?:confounder|mediator|collider)(?=s?\b)", re.I)
_FREE = ("graph", "domains", "direction", "falsify", "unclear", "explore", "arrows", "change", "anomaly")
"""Kinds whose own wording holds words such as "among"."""


def check(question: Question, whole: str, rest: str, words: Vocabulary, profile: Profile) -> None:
    """Refuse a reading that leaves out a column, a label of a column, or a restriction to some rows.

    Args:
        question: the reading.
        whole: the sentence.
        rest: the sentence without the clauses that name a design or a group.
        words: the table's columns.
        profile: the table.

    Raises:
        UsageError: a part was left out.
    """
    if question.kind in ("unclear", "graph", "falsify"):
        return
    parts = {m[0].lower() for m in _ROLE.finditer(whole)}
    if question.kind in parts and len(parts) > 1:
        raise UsageError(
            f"{' or '.join(sorted(parts))}: that is more than one question", "ask them one by one"
        )
    used = named(question)
    for name in words.spoken(whole):
        if (
            name not in used
            and not _grammar(name, whole)
            and not _around(name, used)
            and not _than(name, question)
        ):
            raise _not_read(name, "is a column", _how(question))
    if question.kind != "domains":
        for label, column in labels_in(whole, profile):
            if column not in used or (column in _plainly(question) and not _compared(question, label)):
                raise _not_read(label, f"is a value of {column!r}", _by_value(column, label))
    if question.kind not in _FREE and question.kind != "subgroups" and (m := _RESTRICT.search(rest)):
        raise UsageError(
            f"how {m[0]!r} comes into the question was not understood",
            "limit rows by one value or bound of a column: where COLUMN is VALUE, where COLUMN is above NUMBER",
        )
    if question.kind in ("effect", "joint", "subgroups"):
        _check_asked(whole, used)
    _check_numbers(question, whole, used, profile)


def _check_asked(whole: str, used: frozenset[str]) -> None:
    """Refuse to tell the mean for another summary, and the whole table for some of its rows."""
    check_remade(whole, used)
    m = _OTHER.search(whole)
    if m and not any(m["what"].lower() in name.lower() for name in used):
        raise UsageError(
            f"an effect on the {m['what']} is not told here, only on the mean of a column as it stands",
            "make a column of what is meant, or ask for the effect on the column itself",
        )
    if m := _SOME.search(whole):
        raise UsageError(
            f"how {m[0]!r} comes into the question was not understood",
            "open a table that holds those rows, or limit them by a value: where COLUMN is VALUE",
        )


def check_remade(words: str, used: frozenset[str]) -> None:
    """Refuse to take a column as it stands where a function of it is asked for.

    Raises:
        UsageError: a logarithm, a power, a lag, which no column's name holds.
    """
    m = _REMADE.search(words)
    if m and not any(m[0].lower() in name.lower() for name in used):
        raise UsageError(
            f"columns are taken as they stand, and {m[0]!r} makes another of one",
            "write the changed column into the file and name that",
        )


def _check_numbers(question: Question, whole: str, used: frozenset[str], profile: Profile) -> None:
    """Refuse to leave out a year that a column holds, or the one value that something is set to."""
    values = (question.contrast.control, question.contrast.treated) if question.contrast else ()
    known = {str(v) for v in (*values, question.shift, question.row, question.cutoff, *question.among)}
    if question.kind not in _FREE:
        for m in _WHEN.finditer(whole):
            column = _of_time(profile, *(int(y) for y in (m["n"], m["m"]) if y))
            if column and column not in used and m["n"] not in known:
                raise UsageError(
                    f"how {m[0]!r} comes into the question was not understood",
                    f"{column} holds it: cut the rows beforehand, or ask for the effect where {column} is {m['n']}",
                )
    if question.kind == "effect" and question.contrast is None and question.cutoff is None:
        for m in _SET.finditer(whole):
            if not any(m["n"] in name for name in profile.names):
                raise UsageError(
                    f"what {m['n']} is compared with was not understood",
                    "name both values: when A goes from 1 to 2; or ask what B would be if A were 2",
                )


def _of_time(profile: Profile, *years: int) -> str:
    """The one column whose whole numbers take in these years, or nothing."""
    found = [
        c.name
        for c in profile.columns
        if re.search(r"year|date|time|period|wave", c.name, re.I)
        and isinstance(c.minimum, int | float)
        and isinstance(c.maximum, int | float)
        and all(c.minimum <= y <= c.maximum for y in years)
    ]
    return found[0] if len(found) == 1 else ""


def explained(error: ColumnNotFound, sentence: str, profile: Profile) -> CcpError:
    """The error, which says so where the words are a label of a column and not a column."""
    found = labels_in(sentence, profile)
    quoted = re.findall(r"'([^']*)'", error.message)[:1]
    for label, column in found:
        if quoted and re.search(rf"(?<!\w){re.escape(label)}(?!\w)", quoted[0], re.I):
            return ColumnNotFound(
                f"{label!r} is not a column but a value of {column!r}", _by_value(column, label)
            )
    return error


def labels_in(sentence: str, profile: Profile) -> list[tuple[str, str]]:
    """Labels of text columns that stand in a sentence as words, with the one column that has them."""
    out = []
    names = {n.lower() for n in profile.names}
    for column in profile.columns:
        if column.storage != "text":
            continue
        for label, _ in column.levels:
            word = label.lower()
            if (
                len(word) < 3
                or word in _COMMON - _PEOPLE
                or word in names
                or any(word in n.split() for n in names)
            ):
                continue
            plural = "s?" if len(word) > 3 and word.isalpha() else ""
            if re.search(rf"(?<!\w){re.escape(word)}{plural}(?!\w)", sentence, re.I):
                out.append((label, column.name))
    holders = {label: [c for lb, c in out if lb == label] for label, _ in out}
    return [(label, c) for label, c in out if len(holders[label]) == 1]


def named(q: Question) -> frozenset[str]:
    """Every column that a question names."""
    single = (
        q.treatment,
        q.outcome,
        q.running,
        q.time,
        q.unit,
        q.cluster,
        q.weights,
        q.mediator,
        q.row_column,
    )
    lists = (q.given, q.columns, q.modifiers, q.controls or (), q.among[:1], q.negative_controls, q.together)
    return frozenset((*(c for c in single if c), *instruments_of(q), *(c for part in lists for c in part)))


def _plainly(q: Question) -> tuple[str, ...]:
    """Columns that a question takes as a whole, although a label of theirs may be named: cause and outcome."""
    return tuple(c for c in (q.treatment, q.outcome) if c) if q.kind in ABOUT_WHOLE else ()


def _compared(q: Question, label: str) -> bool:
    values = (q.contrast.control, q.contrast.treated) if q.contrast else ()
    return label.lower() in {str(v).lower() for v in (*values, *q.among)}


def _around(name: str, used: frozenset[str]) -> bool:
    """Whether a column's name holds one that was read: ``sales_drop`` where it was asked why sales drop."""
    parts = re.split(r"[\s_\-]+", name.lower())
    return any(set(re.split(r"[\s_\-]+", u.lower())) < set(parts) for u in used)


def _than(name: str, question: Question) -> bool:
    """Whether a column's name is a word of the bound that makes the group: "people older than 50"."""
    return name.lower() in ("older", "younger") and len(question.among) > 1 and is_bound(question.among[1])


def _grammar(name: str, sentence: str) -> bool:
    """Whether a column's name is also a word of the grammar, and stands here without quotes."""
    word = name.lower()
    quoted = re.search(rf"[`'\"]{re.escape(name)}[`'\"]", sentence)
    return not quoted and word in _COMMON and word not in _OWN


def _not_read(word: str, what: str, hint: str) -> UsageError:
    return UsageError(f"{word!r} {what}, but how it comes into the question was not understood", hint)


def _how(question: Question) -> str:
    if question.kind == "effect":
        return "ask about one cause and one outcome: does A affect B, controlling for C, where D is VALUE"
    return "ask one thing at a time, with every column in its place: ccp ask --help lists the kinds"


def _by_value(column: str, label: str) -> str:
    return (
        f"ask for the effect of {column} from another value to {label!r}, or of something else where {column} is"
        f" {label!r}"
    )
