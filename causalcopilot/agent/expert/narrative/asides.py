"""The expert's answers to short questions about an effect it told: is it a lot, could it be chance, what next, was it
drawn by lot, how many rows, what do other estimators say."""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.agent.expert.narrative.effect import basis, beside
from causalcopilot.agent.expert.narrative.words import column, count
from causalcopilot.agent.expert.state import Done, State


def told(state: State, i: Done, e: Done) -> tuple[str, ...]:
    """The paragraphs beside the answer itself, for the part of it that is asked about."""
    match state.question.aspect:
        case "significance":
            return _chance(e), _UNMEASURED
        case "size":
            return _yardsticks(state, e), _WEIGHING
        case "next":
            return (_next(state),)
        case "design":
            return _drawn(state, i), basis(i)
        case "rows":
            return (_rows(e),)
        case "others":
            return beside(e), _ANOTHER
        case _:
            return ()


def group(state: State) -> str:
    """What was found for the group, or for the groups, that the last answer was about; then all rows are spoken of."""
    h = state.last("heterogeneity")
    if h is None:
        asked = state.question.among
        return (
            "The group that was asked for could not be told. What follows is about all rows." if asked else ""
        )
    if "among" in h.facts and h.value("among") is not None:
        where = f"where {h.ref('among.modifier')} is {h.ref('among.level')}"
        told = f"**{h.ref('among.with_unit')}** (interval {h.ref('among.interval')})"
        own = _of_group(state, h)
        return f"The effect {where} is {told}.{own} What follows is about all rows."
    if "heterogeneity" in h.facts:
        return f"Whether the effect differs between rows: **{h.ref('heterogeneity')}**. What follows is about all rows."
    return ""


def _of_group(state: State, h: Done) -> str:
    """The part of the answer that is asked about, for the group."""
    match state.question.aspect:
        case "significance":
            return f" {_says(_ends(h, 'among'))}"
        case "confidence":
            return (
                f" That interval holds what chance alone can do with its {h.ref('among.rows')} rows, and holds together"
                " with those of the other groups, which makes it wider."
            )
        case "rows":
            return f" It rests on {h.ref('among.rows')} rows."
        case "others":
            return " Groups have this estimate alone; other estimators are for all rows."
        case _:
            return ""


def _says(ends: tuple[float, float] | None) -> str:
    """What an interval says of chance."""
    if ends is None:
        return "The data set no bounds on it, so chance cannot be weighed."
    if ends[0] > 0 or ends[1] < 0:
        return "That interval leaves out that nothing happens there: chance in drawing the rows is an unlikely reason."
    return "That interval leaves room for nothing at all: chance in drawing the rows may be the whole reason."


def _ends(e: Done, key: str = "effect") -> tuple[float, float] | None:
    raw = e.facts.get(key)
    ends = (raw.get("low"), raw.get("high")) if isinstance(raw, Mapping) else (None, None)
    low, high = ends
    return (float(low), float(high)) if low is not None and high is not None else None


def _chance(e: Done) -> str:
    ends = _ends(e)
    if ends is None:
        return "The data set no bounds on the answer, so chance cannot be weighed."
    at = f", at the level {e.ref('level')}," if e.value("level") is not None else ""
    if ends[0] > 0 or ends[1] < 0:
        says = "leaves out that nothing happens: chance in drawing the rows is an unlikely reason."
    else:
        says = "leaves room for nothing at all: chance in drawing the rows may be the whole reason."
    after = "I print no p value for an effect, because an interval says the same and the size besides."
    return f"The interval {e.ref('effect.interval')}{at} {says} {after}"


_UNMEASURED = "What no test of chance sees is a column that nobody measured; the verdict weighs that."
_ANOTHER = (
    "To have the answer by another, say for example: use matching, use ipw, use tmle, use entropy"
    " balancing, use regression."
)
_WEIGHING = (
    "Whether that is much, and whether it is worth acting on, is for you to weigh against costs and aims"
    " that are in no"
    " column of this table."
)


def _yardsticks(state: State, e: Done) -> str:
    """What the size can be held against: the mean without the treatment, the ratio, the plain difference."""
    said = []
    if e.value("control_mean") is not None:
        said.append(
            f"To hold it against: the mean of {column(state.question.outcome)} where"
            f" {column(state.question.treatment)}"
            f" is {e.ref('contrast.control')} is {e.ref('control_mean')}."
        )
    if e.value("ratio") is not None:
        said.append(
            f"As a {e.ref('ratio.name')} it is {e.ref('ratio')} (interval {e.ref('ratio.interval')})."
        )
    else:
        said.append("It is told in the unit of the outcome and not as a share of anything.")
    if e.value("difference_in_means") is not None:
        said.append(
            f"The plain difference, adjusted for nothing, is {e.ref('difference_in_means.with_unit')}."
        )
    return " ".join(said)


def _next(state: State) -> str:
    r = state.last("refute")
    first = f"What to do: {r.ref('next')} " if r is not None and r.value("next") else ""
    return (
        f"{first}Things to ask next: for whom is it strongest; does it hold up; the same with another"
        f" column held fixed;"
        " what do other estimators say. The whole account is written by /report."
    )


def _drawn(state: State, i: Done) -> str:
    if i.value("strategy") == "RCT":
        return f"By what was declared of the table, {column(state.question.treatment)} was drawn at random."
    return (
        f"Nobody told me that {column(state.question.treatment)} was drawn at random, and a table cannot"
        f" show it. If it"
        " was, say so in the question: in a randomised trial."
    )


def _rows(e: Done) -> str:
    text = f"It rests on {count(e, 'n_used', 'row')}."
    if e.value("control_rows") is not None and e.value("treated_rows") is not None:
        text += (
            f" Of these {e.ref('treated_rows')} have {e.ref('treatment')} at {e.ref('contrast.treated')} and"
            f" {e.ref('control_rows')} at {e.ref('contrast.control')}."
        )
    if e.value("rows_dropped") is not None:
        text += f" {count(e, 'rows_dropped', 'row')} had no treatment or no outcome and did not count."
    if e.value("rows_imputed"):
        text += f" In {count(e, 'rows_imputed', 'row')} a missing control was filled in."
    if e.value("rows_trimmed"):
        text += f" {count(e, 'rows_trimmed', 'row')} without counterparts were left out."
    ends = _ends(e)
    if ends is not None:
        text += " Whether these are enough shows in the width of the interval."
    return text
