"""A short sentence after an answer, read as a full question: the last question and the sentence give the next.

"And given age?", "now without region", "what if price were 5?", "why?": each is the last question with one thing
changed, or a question about its answer.  What fits no pattern is left to ``intent.parse_question``; what fits but
could mean two things is an error that names both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from causalcopilot.agent.language import asking, moving, redo
from causalcopilot.agent.language.aspect_phrases import ASPECTS
from causalcopilot.agent.language.beyond import check_possible
from causalcopilot.agent.language.columns import clean_phrase
from causalcopilot.agent.language.followup_phrases import CHANGES
from causalcopilot.agent.language.said import Followup, Said, does_not_go
from causalcopilot.agent.language.unread import check_remade
from causalcopilot.agent.language.whatif import set_to
from causalcopilot.domain.question import ABOUT_ROWS, ABOUT_WHOLE, Contrast, Question, QuestionKind
from causalcopilot.errors import ColumnNotFound, UsageError


def follow(sentence: str, said: Said) -> Followup | None:
    """The question a follow-up asks, or ``None`` where the sentence stands on its own.

    Raises:
        ColumnNotFound: it names something the table does not have.
        UsageError: it could mean two things, or does not go with the last question.
    """
    text = _plain(sentence)
    if said.question.kind not in ("explore", "unclear"):
        check_possible(text, said.words, formed=redo.cut(_LESS.sub("", text), said) is not None)
    aspect = asks_about(sentence) or asking.of_instrument(text, said)
    if aspect and (aspect in _WHATEVER_NAMED or not _names_more(text, said)):
        return _about(aspect, sentence, said)
    alone = said.question.kind in ("explore", "unclear")
    if not alone and (bound := redo.cut(text, said)):
        changed = redo.to_group(bound, said, "")
        return replace(changed, question=replace(changed.question, text=sentence, aspect=""))
    for name, pattern in CHANGES:
        if alone and name not in ("what_if", "moved"):
            continue
        if match := pattern.fullmatch(text):
            found = _CHANGES[name](match, said)
            if found is not None:
                return replace(found, question=replace(found.question, text=sentence, aspect=""))
    return None


_LESS = re.compile(
    r"^(?:(?:and|but|now|then) )*(?:without|exclud\w+|drop\w*|leav\w+ out|remov\w+|omit\w*|except(?: for)?|ignor\w+) ",
    re.I,
)
_WHATEVER_NAMED = ("graph", "controls", "insist", "next", "why")
"""Aspects that are asked about whatever columns a sentence names."""


def _names_more(text: str, said: Said) -> bool:
    """Whether a sentence names a column or a group that the last question is not about: then it asks something else."""
    about = {said.question.treatment, said.question.outcome, *said.question.among[:1]}
    if set(said.words.spoken(text)) - about:
        return True
    groups = (redo.group_named(m[1], said) for m in _GROUP.finditer(text))
    return any(g is not None and g != said.question.among for g in groups)


_GROUP = re.compile(r"\b(?:for|in|among|on|with)(?: the| my| our)? (\w[\w-]*)", re.I)


def asks_about(sentence: str) -> str:
    """The part of an answer that a sentence asks about, or nothing."""
    text = _plain(sentence)
    return next((a for a, patterns in ASPECTS if any(p.fullmatch(text) for p in patterns)), "")


def _plain(sentence: str) -> str:
    text = re.sub(r"\s+", " ", sentence.strip()).replace("’", "'").rstrip("?.! ").strip()
    text = re.sub(r",?\s+please$", "", text, flags=re.I)
    return re.sub(
        r"^(?:(?:ok(?:ay)?|so|hm+|well|right|please|thanks|thank you|sure|fine|great|good|hey|wait|sorry)"
        r"[,.:]?\s+)+(?=\S)",
        "",
        text,
        flags=re.I,
    )


def _about(aspect: str, sentence: str, said: Said) -> Followup | None:
    asked = said.question
    if asked.kind in ("unclear", "explore") and aspect != "graph":
        return None
    if aspect == "graph":
        return Followup(replace(asked, kind="graph", text=sentence, aspect=""), "the graph", graph=True)
    if aspect not in _OF_ANYTHING and asked.kind not in (*ABOUT_WHOLE, *_OF_KINDS.get(aspect, ())):
        raise does_not_go(sentence.strip(), said)
    return Followup(replace(asked, text=sentence, aspect=aspect))  # type: ignore[arg-type]


_OF_ANYTHING = ("why", "controls", "confidence", "robust", "insist", "short")
"""Aspects that every answer has; the others are those of an effect."""
_OF_KINDS: Mapping[str, tuple[QuestionKind, ...]] = {
    "significance": ("independence", "joint"),
    "others": ("graph",),
}


_AFTER = r"\s+(?:fixed|constant|too|as well|instead|also|held|in the model|this time|now|please|in it)$"


def _bare(phrase: str) -> str:
    """A list of columns without the words around it."""
    text = re.sub(r"^(?:also|for)\s+", "", phrase, flags=re.I)
    while (shorter := re.sub(_AFTER, "", text, flags=re.I)) != text:
        text = shorter
    return text


def _held(match: re.Match[str], said: Said) -> Followup | None:
    """The same, with more columns held fixed."""
    phrase = re.sub(
        r"\s+(?:fixed|constant|too|as well|instead|also|held fixed|in the model)$",
        "",
        match["columns"],
        flags=re.I,
    )
    check_remade(phrase, frozenset(said.profile.names))
    names = said.words.several(re.sub(r"^also\s+", "", phrase, flags=re.I))
    asked = said.question
    _may_be_held(names, asked)
    if asked.kind == "independence":
        given = tuple(dict.fromkeys((*asked.given, *names)))
        return Followup(replace(asked, given=given), f"independence given {', '.join(given)}")
    if asked.kind in (*ABOUT_WHOLE, "joint"):
        held = tuple(dict.fromkeys((*said.controls, *names)))
        if set(names) <= set(said.controls):
            return Followup(asked, f"{', '.join(names)} was held fixed already; the answer stands")
        return Followup(
            replace(asked, controls=held),
            f"the same effect with {', '.join(names)} held fixed too{redo.where(asked)}",
        )
    raise does_not_go(f"given {', '.join(names)}", said)


def _may_be_held(names: tuple[str, ...], asked: Question) -> None:
    for name in names:
        if name in (asked.treatment, *asked.together, asked.outcome):
            raise UsageError(
                f"{name!r} is what the question is about and cannot be held fixed", "name another column"
            )


def _without(match: re.Match[str], said: Said) -> Followup | None:
    """The same, with a column no longer held fixed, or out of the graph."""
    phrase = re.sub(
        r"\s+(?:this time|now|instead|please|held fixed|in it|from (?:it|the \w+(?: set)?))$",
        "",
        match["columns"],
        flags=re.I,
    )
    if not _held_by_name(phrase, said) and (found := redo.rest(match, said)):
        return found
    names = _columns_or_rows(phrase, said)
    asked, listed = said.question, ", ".join(names)
    if asked.kind == "independence":
        return _dropped(asked.given, names, listed, lambda kept: replace(asked, given=kept))
    if asked.kind in (*ABOUT_WHOLE, "joint"):
        _may_be_held(names, asked)
        found = _dropped(said.controls, names, listed, lambda kept: replace(asked, controls=kept))
        return replace(found, read_as=found.read_as + redo.where(asked))
    if asked.kind == "graph":
        columns = asked.columns or said.nodes or said.profile.names
        return _dropped(columns, names, listed, lambda kept: replace(asked, columns=kept))
    raise does_not_go(f"without {listed}", said)


def _held_by_name(phrase: str, said: Said) -> bool:
    """Whether a list names, by their own names, columns that are held fixed: then no rows are meant."""
    held = {name.lower() for name in said.controls}
    words = [clean_phrase(w).lower() for w in re.split(r",\s*(?:and |or )?|\s+(?:and|or|nor) ", phrase)]
    return phrase.lower() in held or all(w in held for w in words)


def _columns_or_rows(phrase: str, said: Said) -> tuple[str, ...]:
    """The columns of a list; where it names none, rows may be meant, and how to choose rows is told."""
    try:
        return said.words.several(phrase)
    except ColumnNotFound as e:
        raise ColumnNotFound(
            f"{phrase!r} is neither a column that could be left out nor a group of rows",
            "a column: without COLUMN; one group: only VALUE; other rows: open a table that holds them"
            + (f" ({e.hint})" if e.hint.startswith("did you mean") else ""),
        ) from e


def _dropped(
    held: tuple[str, ...], names: tuple[str, ...], listed: str, make: Callable[[tuple[str, ...]], Question]
) -> Followup:
    absent = [n for n in names if n not in held]
    if absent:
        fixed = ", ".join(held) or "nothing"
        raise UsageError(f"{', '.join(map(repr, absent))} was not in use", f"in use: {fixed}")
    return Followup(make(tuple(h for h in held if h not in names)), f"the same without {listed}")


def _what_if(match: re.Match[str], said: Said) -> Followup | None:
    """A value for a column: its effect on the outcome in question."""
    if (said.question.outcome or said.knowledge.question.outcome) is None:
        return None
    if re.match(r"(?:where|only|among|amongst|in|whose)\b", match["column"], re.I):
        raise UsageError(
            f"{match[0].strip()!r} makes no group: one is made by a label of a column, or by a bound of a number",
            "say: where COLUMN is LABEL, or where COLUMN is above NUMBER",
        )
    it = said.question.treatment if match["column"].lower() in ("it", "that", "this") else None
    column = it or said.words.one(match["column"])
    question = set_to(said, column, match["value"])
    outcome = question.outcome
    if question.kind in ("what_if", "counterfactual"):
        row = f" for row {question.row}" if question.row is not None else ""
        value = question.contrast.treated if question.contrast else None
        return Followup(question, f"{outcome} if {column} were {value}{row}")
    c = question.contrast
    assert c is not None  # set_to gives one
    rows = ", for all rows" if said.question.among else ""
    return Followup(
        redo.for_all(question), f"effect of {column} on {outcome}, from {c.control} to {c.treated}{rows}"
    )


def _row(match: re.Match[str], said: Said) -> Followup | None:
    """The same question about another row, or a supposition for all rows put to one."""
    asked, row = said.question, int(match["row"])
    if asked.kind not in ("what_if", *ABOUT_ROWS):
        raise does_not_go(f"row {row}", said)
    kind: QuestionKind = "counterfactual" if asked.kind == "what_if" else asked.kind
    return Followup(
        replace(asked, kind=kind, row=row, row_column=None, expects=0), f"the same question of row {row}"
    )


def _from_to(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect between two other values."""
    from causalcopilot.agent.language.contrasts import read_value

    if said.question.kind not in ABOUT_WHOLE or not said.question.treatment:
        return None
    contrast = Contrast(read_value(match["low"]), read_value(match["high"]))
    changed = replace(said.question, contrast=contrast)
    values = f", from {contrast.control} to {contrast.treated}"
    return Followup(
        changed, f"effect of {changed.treatment} on {changed.outcome}{values}{redo.chosen(changed)}"
    )


def _turned(match: re.Match[str], said: Said) -> Followup | None:
    """Cause and effect exchanged."""
    q = said.question
    if not (q.treatment and q.outcome):
        return None
    if q.together:
        raise does_not_go(match[0].strip(), said)
    turned = replace(
        q, treatment=q.outcome, outcome=q.treatment, contrast=None, controls=None, expects=0, quantity=None
    )
    return Followup(turned, f"the other way round: {q.outcome} and {q.treatment} exchanged")


def _outcome(match: re.Match[str], said: Said) -> Followup | None:
    return _other(match, said, "outcome")


def _treatment(match: re.Match[str], said: Said) -> Followup | None:
    return _other(match, said, "treatment")


def _other(match: re.Match[str], said: Said, part: str) -> Followup | None:
    q = said.question
    if not (q.treatment and q.outcome):
        return None
    name = said.words.one(match["column"])
    if q.together and (part == "treatment" or name in q.together):
        raise UsageError(
            f"{name!r} does not go with several columns that are set together",
            "ask the whole question: what is the effect of A and B together on C?",
        )
    plain = replace(q, controls=None, quantity=None, columns=())
    changed = (
        replace(plain, treatment=name, contrast=None, expects=0, method="auto")
        if part == "treatment"
        else replace(plain, outcome=name)
    )
    if changed.treatment == changed.outcome:
        raise UsageError(f"{name!r} cannot be both cause and effect", "name another column")
    if changed.kind in (*ABOUT_WHOLE, "joint"):
        return Followup(changed, redo.in_words(changed))
    return Followup(changed, f"{q.kind.replace('_', ' ')} of {changed.treatment} on {changed.outcome}")


def _instrument(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect by the variation that an instrument brings; how good it is shows in that answer."""
    q = said.question
    if q.kind not in ABOUT_WHOLE or not (q.treatment and q.outcome):
        raise does_not_go(match[0].strip(), said)
    name = said.words.one(match["column"])
    if name in (q.treatment, q.outcome):
        raise UsageError(f"{name!r} is what the question is about and no instrument", "name another column")
    rows = ", for all rows" if q.kind == "subgroups" else ""
    return Followup(
        replace(
            redo.for_all(q),
            instrument=name,
            design="auto",
            method="auto",
            controls=None,
            quantity=None,
            closed=False,
        ),
        f"effect of {q.treatment} on {q.outcome} with {name} as the instrument{rows}",
    )


def _also(match: re.Match[str], said: Said) -> Followup | None:
    """The same cause, another outcome, as a question for yes or no."""
    from causalcopilot.agent.language.contrasts import expected_way

    found = _other(match, said, "outcome")
    if found is None or said.question.kind not in ABOUT_WHOLE:
        return None
    expects = expected_way(match["verb"])
    return replace(found, question=replace(found.question, closed=True, expects=expects))


def _either(match: re.Match[str], said: Said) -> Followup | None:
    """A bare column: it could stand for either side, so both are offered and neither is guessed."""
    q = said.question
    if q.kind == "drivers":
        name = said.words.one(match["column"])
        return Followup(replace(q, outcome=name), f"what drives {name}")
    if not (q.treatment and q.outcome):
        return None
    try:
        name = said.words.one(match["column"])
    except ColumnNotFound:
        return None
    raise UsageError(
        f"{match['column']!r} could be a cause, an outcome or held fixed",
        f"say: and on {name}? (outcome), and of {name}? (cause), or: and given {name}?",
    )


def _together(match: re.Match[str], said: Said) -> Followup | None:
    """The last cause with others set at the same time."""
    q = said.question
    if q.kind not in ("effect", "joint") or not (q.treatment and q.outcome):
        raise does_not_go(match[0].strip(), said)
    names = said.words.several(match["columns"])
    before = (q.treatment, *q.together)
    if bad := next((n for n in names if n in (*before, q.outcome)), None):
        raise UsageError(f"{bad!r} is already in the question", "name another column to set with them")
    held = None if q.controls is None else tuple(c for c in q.controls if c not in names)
    changed = Question(
        "joint",
        treatment=q.treatment,
        together=(*q.together, *names),
        outcome=q.outcome,
        controls=held,
        graph=q.graph,
        cluster=q.cluster,
        weights=q.weights,
        closed=q.closed,
        expects=q.expects,
        negated=q.negated,
        assume=q.assume,
    )
    return Followup(changed, redo.in_words(changed))


_CHANGES: Mapping[str, Callable[[re.Match[str], Said], Followup | None]] = {
    "instrument": _instrument,
    "together": _together,
    "moved": moving.moved,
    "bare_move": moving.bare,
    "what_if": _what_if,
    "row": _row,
    "from_to": _from_to,
    "turned": _turned,
    "without": _without,
    "held": _held,
    "method": redo.method,
    "quantity": redo.quantity,
    "group": redo.group,
    "all_rows": redo.all_rows,
    "bare_group": redo.bare_group,
    "by": redo.by,
    "whom": redo.whom,
    "role": redo.role,
    "between": redo.between,
    "uninstrumented": asking.uninstrumented,
    "works": asking.works,
    "signed": asking.signed,
    "related": asking.related,
    "meant": asking.meant,
    "matters": redo.matters,
    "cluster": redo.cluster,
    "again": redo.again,
    "bare": redo.bare,
    "outcome": _outcome,
    "treatment": _treatment,
    "also": _also,
    "either": _either,
}
