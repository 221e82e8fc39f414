"""The last effect done another way or told for other rows: by another estimator, as another average, for a group, for
whom it is largest, or simply once more."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.agent.language.averages import quantity_named
from causalcopilot.agent.language.bounds import bounded, is_bound, other_side
from causalcopilot.agent.language.columns import clean_phrase
from causalcopilot.agent.language.estimators import DESIGNS, OFFERED, method_named
from causalcopilot.agent.language.levels import level_named
from causalcopilot.agent.language.said import Followup, Said, does_not_go
from causalcopilot.domain.question import ABOUT_EFFECTS, ABOUT_WHOLE, Question, QuestionKind
from causalcopilot.errors import UsageError

if TYPE_CHECKING:
    from causalcopilot.domain.profile import ColumnProfile


_BY_DESIGN = (
    "effect of A on B using Z as the instrument; at the cutoff of 0 in R; or in a panel of UNITS over TIME"
)


def in_words(q: Question) -> str:
    """An effect as it is read: cause, outcome, and what was chosen of average, estimator and rows."""
    *first, last = (str(q.treatment), *q.together)
    cause = f"{', '.join(first)} and {last} together" if first else last
    return f"effect of {cause} on {q.outcome}{chosen(q)}"


def chosen(q: Question) -> str:
    """What was chosen of average, estimator, controls and rows, in words after the effect; empty where nothing was."""
    text = ""
    if q.quantity and q.quantity != "ATE":
        text += f", as {q.quantity}"
    if q.method != "auto":
        text += f", by {q.method}"
    if q.controls is not None:
        text += f", with {', '.join(q.controls[:8]) or 'nothing'} held fixed"
    return text + where(q)


def where(q: Question) -> str:
    """The rows that an effect is asked for, or the columns it may differ by, in words; empty for all rows."""
    if len(q.among) == 2:
        return f", where {q.among[0]} {'is' if is_bound(q.among[1]) else '='} {q.among[1]}"
    return f", by {', '.join(q.modifiers)}" if q.modifiers else ""


def all_rows(match: re.Match[str], said: Said) -> Followup | None:
    """The last effect over all rows again."""
    if said.question.kind not in ABOUT_WHOLE:
        return None
    changed = for_all(said.question)
    return Followup(changed, f"{in_words(changed)}, for all rows")


def for_all(q: Question) -> Question:
    """The question over all rows."""
    kind = "effect" if q.kind == "subgroups" else q.kind
    return replace(q, kind=kind, among=(), modifiers=(), goal="")


def method(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect by another estimator."""
    words = match["method"]
    name = method_named(words)
    if name is None and said.words.spoken(words):
        return None  # it speaks of a column
    if said.question.kind not in ABOUT_WHOLE:
        raise does_not_go(f"by {words}", said)
    if re.fullmatch(DESIGNS, words, re.I):
        raise UsageError(
            f"{words!r} is a design, and needs columns of its own", f"ask the whole question: {_BY_DESIGN}"
        )
    if name is None:
        raise UsageError(f"there is no estimator {words!r} here", f"say: {OFFERED}")
    return _over_all(said, replace(for_all(said.question), method=name))


def quantity(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect averaged over other rows, all, the treated, or the untreated; in the same group, if any."""
    if said.words.spoken(match["quantity"]):
        return None
    name = quantity_named(match["quantity"])
    if said.question.kind not in ABOUT_WHOLE:
        raise does_not_go(str(name), said)
    changed = replace(said.question, quantity=name)
    if re.search(r"\b(?:every|all\b|whole|population|overall)", match["quantity"], re.I):
        return _over_all(said, for_all(changed))
    return Followup(changed, in_words(changed))


def _over_all(said: Said, changed: Question) -> Followup:
    """A change that groups do not know: it is made for all rows, and that is said where groups were asked for."""
    rows = ", for all rows" if said.question.kind == "subgroups" else ""
    return Followup(changed, in_words(changed) + rows)


def _of_groups(q: Question) -> Question:
    """The question about groups, which have an estimator of their own; an average over one arm stays."""
    return replace(q, kind="subgroups", modifiers=(), among=(), goal="", method="auto")


_AND_FOR = re.compile(
    r"^(?:(?:and|but|now|then|or|so|what about|how about|what (?:is|was) (?:it|the effect|that)|the same|same|show it"
    r"|run it|do it|only|just|look(?:ing)? (?:only )?at|focus(?:ing)? on|consider(?: only)?|keep(?:ing)? only"
    r"|take only|use only|(?:restrict|limit|narrow|confine|cut)(?:ed)?(?: (?:it|this|that|the \w+))?(?: down)? to"
    r")[,:]? )+",
    re.I,
)


def cut(text: str, said: Said) -> tuple[str, str] | None:
    """The group that a whole sentence names by a number: "only for the over 50s", "what about people under 30"."""
    bare = re.sub(r" (?:only|alone|instead|please|too)$", "", _AND_FOR.sub("", text), flags=re.I)
    return bounded(bare, said.words, said.profile, said.knowledge) if re.search(r"\d", bare) else None


def group(match: re.Match[str], said: Said) -> Followup | None:
    """The effect in a group: rows with one label of a column, or on one side of a number."""
    phrase = match["group"].strip()
    if match.groupdict().get("on") and clean_phrase(phrase).lower() in (
        n.lower() for n in said.profile.names
    ):
        return None  # an effect on a column
    found = group_named(phrase, said)
    return None if found is None else to_group(found, said, phrase)


def bare_group(match: re.Match[str], said: Said) -> Followup | None:
    """A group said in a word or two; a column's own name could also be a cause, an outcome, or held fixed."""
    own = next((n for n in said.profile.names if n.lower() == clean_phrase(match["group"]).lower()), "")
    if (
        own
        and group_named(match["group"], said)
        and own not in (said.question.treatment, said.question.outcome)
    ):
        raise UsageError(
            f"{own!r} could be a group, a cause, an outcome or held fixed",
            f"say: only where {own} is 1, and on {own}? (outcome), and of {own}? (cause), or: and given {own}?",
        )
    return group(match, said)


def to_group(found: tuple[str, str], said: Said, label: str) -> Followup:
    """The last effect in a group that was named in some words."""
    if said.question.kind in ("what_if", "counterfactual"):
        q, rows = said.question, f"{found[0]} is {found[1]}"
        raise UsageError(
            f"what would happen is told for all rows or for one, not for a group ({rows})",
            f"ask for the effect there: what is the effect of {q.treatment} on {q.outcome} where {rows}?",
        )
    if said.question.kind not in ABOUT_WHOLE:
        raise does_not_go(label or " ".join(found), said)
    _may_be_chosen(found[0], said.question)
    changed = replace(_of_groups(said.question), modifiers=(found[0],), among=found)
    same = label in ("", found[1]) or is_bound(found[1])
    return Followup(changed, in_words(changed) + ("" if same else f" ({label})"))


def rest(match: re.Match[str], said: Said) -> Followup | None:
    """Without a group: the effect in the other one, where the column has two; ``None`` where no group is named.

    Raises:
        UsageError: several groups are left, and no tool takes them together.
    """
    if said.question.kind not in ABOUT_WHOLE:
        return None
    found = group_named(match["columns"], said)
    if found is None:
        return None
    column, label = found
    _may_be_chosen(column, said.question)
    others = [name for name, _ in said.profile.column(column).levels if name != label]
    if is_bound(label):
        others = [left] if (left := other_side(label)) else []
    if not others and label in ("0", "1"):
        others = ["1" if label == "0" else "0"]
    if len(others) != 1:
        raise UsageError(
            f"rows are not left out in a chat, and without {label!r} several values of {column!r} are left",
            f"say: only {others[0] if others else 'VALUE'}, or: by {column}; or open a table without those"
            f" rows",
        )
    changed = replace(_of_groups(said.question), modifiers=(column,), among=(column, others[0]))
    return Followup(changed, f"{in_words(changed)} (the rows that are left)")


_NOT = re.compile(r"^(?:non-?|not |un-?)(?=\w)", re.I)
_ALL_OF = re.compile(
    r"^(?:(?:people|persons?|patients|rows|units|those|customers|users|cases|ones|the|all|everyone"
    r"|everybody) )+"
    r"(?:(?:with|where|who are|that are|who have|in|of|from|whose) )?(?=\S)|^(?:where|with|who are|in"
    r"|from) (?=\S)",
    re.I,
)


def group_named(phrase: str, said: Said) -> tuple[str, str] | None:
    """Column and label of a group, however it is said: "the south", "region north", "members", "non-members"."""
    if cut := bounded(phrase, said.words, said.profile, said.knowledge):
        return cut
    bare = clean_phrase(phrase)
    for words in dict.fromkeys((bare, clean_phrase(_ALL_OF.sub("", bare)))):
        found = (
            level_named(words, said.profile, said.knowledge) or _labelled(words, said) or _owned(words, said)
        )
        if found:
            return found
    return None


def _labelled(words: str, said: Said) -> tuple[str, str] | None:
    """A column and one of its labels side by side: "region north", "north region", "Region = North"."""
    names = said.words.spoken(words)
    if len(names) != 1:
        return None
    name = names[0]
    left = re.sub(re.escape(name), " ", words, flags=re.I)
    left = re.sub(r"^\W*(?:is|are|was|equals?|being)\b|[=:]+", " ", left.strip(), flags=re.I).strip(" `'\"")
    labels = {label.lower(): label for label, _ in said.profile.column(name).levels}
    return (name, labels[left.lower()]) if left.lower() in labels else None


_YES, _NO = ("1", "true", "yes", "y"), ("0", "false", "no", "n")


def _owned(words: str, said: Said) -> tuple[str, str] | None:
    """The rows that have what a yes-or-no column says: "members" where ``Is Member`` is Yes."""
    wanted = _NO if _NOT.search(words) else _YES
    meant = _plain(_NOT.sub("", words))
    found = []
    for column in said.profile.columns:
        own = _plain(re.sub(r"^(?:is|has|was|had|ever)[ _]", "", column.name, flags=re.I))
        labels = [label for label, _ in column.levels] or (
            ["0", "1"] if (column.minimum, column.maximum) == (0, 1) else []
        )
        hit = [label for label in labels if label.lower() in wanted]
        if column.type == "binary" and meant and meant == own and len(hit) == 1:
            found.append((column.name, hit[0]))
    if (
        not found
        and words.lower().endswith("s")
        and words.lower() not in (n.lower() for n in said.profile.names)
    ):
        found = [
            (c.name, "1") for c in said.profile.columns if said.words.find(words) == [c.name] and _codes(c)
        ]
    return found[0] if len(found) == 1 else None


def _codes(column: ColumnProfile) -> bool:
    """Whether a column says yes and no by ones and noughts."""
    labels = {label for label, _ in column.levels}
    return column.type == "binary" and (labels == {"0", "1"} or (column.minimum, column.maximum) == (0, 1))


def _plain(words: str) -> str:
    return re.sub(r"[\W_]+", " ", words).strip().lower().removesuffix("s")


def _may_be_chosen(column: str, q: Question) -> None:
    if column in (q.treatment, q.outcome):
        raise UsageError(f"{column!r} is what the question is about and no group", "name another column")


def by(match: re.Match[str], said: Said) -> Followup | None:
    """Whether the effect differs by some columns."""
    phrase = match["columns"]
    if said.question.kind not in ABOUT_WHOLE:
        raise does_not_go(f"by {phrase}", said)
    pair = [
        level_named(clean_phrase(p), said.profile, said.knowledge)
        for p in re.split(r" (?:and|or|than) ", phrase)
    ]
    same = {p[0] for p in pair if p is not None}
    names = tuple(same) if all(pair) and len(same) == 1 else said.words.several(phrase)
    for name in names:
        _may_be_chosen(name, said.question)
    changed = replace(_of_groups(said.question), modifiers=names, closed=False, expects=0)
    return Followup(changed, in_words(changed))


def between(match: re.Match[str], said: Said) -> Followup | None:
    """Whether the effect differs between two groups of one column; ``None`` where the words name no such two."""
    if said.question.kind not in ABOUT_WHOLE:
        return None
    pair = [group_named(match[k], said) for k in ("a", "b")]
    columns = {p[0] for p in pair if p is not None}
    if not all(pair) or len(columns) != 1 or pair[0] == pair[1]:
        return None
    column = columns.pop()
    _may_be_chosen(column, said.question)
    changed = replace(_of_groups(said.question), modifiers=(column,), closed=False, expects=0)
    return Followup(changed, in_words(changed))


def whom(match: re.Match[str], said: Said) -> Followup | None:
    """For whom the effect is largest, or whether it is the same for all."""
    q = said.question
    if q.kind not in ABOUT_WHOLE or not (q.treatment and q.outcome):
        raise does_not_go(match[0].strip(), said)
    changed = replace(_of_groups(q), closed=False, expects=0)
    return Followup(changed, f"for whom the {in_words(changed)} is larger or smaller")


def role(match: re.Match[str], said: Said) -> Followup | None:
    """Whether a column is a confounder, mediator or collider of the two in question."""
    q, word = said.question, match["role"].lower()
    if match["column"].lower() in ("there", "something", "anything"):
        return None
    kind: QuestionKind = (
        "mediator" if word == "mediator" else "collider" if word == "collider" else "confounder"
    )
    name = said.words.one(match["column"])
    if not (q.treatment and q.outcome) or name in (q.treatment, q.outcome):
        raise does_not_go(f"{name} as {kind}", said)
    asked = Question(kind, treatment=q.treatment, outcome=q.outcome, columns=(name,), closed=True)
    return Followup(asked, f"is {name} a {kind} of {q.treatment} and {q.outcome}")


def matters(match: re.Match[str], said: Said) -> Followup | None:
    """Which of several columns acts more on the outcome: its drivers, strongest first."""
    outcome = said.question.outcome or said.knowledge.question.outcome
    if outcome is None:
        return None
    named = [said.words.one(match[k]) for k in ("a", "b") if k in match.groupdict() and match[k]]
    if outcome in named:
        raise UsageError(
            f"{outcome!r} is the outcome; only others can matter for it", "ask: what drives COLUMN?"
        )
    told = f"; look for {' and '.join(named)} in it" if named else ""
    return Followup(Question("drivers", outcome=outcome), f"what drives {outcome}, strongest first{told}")


def bare(match: re.Match[str], said: Said) -> Followup | None:
    """The same with nothing held fixed."""
    if said.question.kind not in ABOUT_WHOLE:
        return None
    return Followup(replace(said.question, controls=()), "the same with nothing held fixed")


def cluster(match: re.Match[str], said: Said) -> Followup | None:
    """The same effect with rows that belong together counted together."""
    if said.question.kind not in ABOUT_EFFECTS:
        return None
    name = said.words.one(match["column"])
    return Followup(
        replace(said.question, cluster=name), f"{in_words(said.question)}, rows together by {name}"
    )


def again(match: re.Match[str], said: Said) -> Followup | None:
    """The last question once more."""
    if said.question.kind in ("unclear", "explore"):
        return None
    return Followup(said.question, "the last question once more")
