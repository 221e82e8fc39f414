"""A question as one whole sentence, for a turn of a chat whose own words may need the turns before it."""

from __future__ import annotations

import re

from causalcopilot.domain.facts import display
from causalcopilot.domain.question import ABOUT_WHOLE, Question


def whole(q: Question) -> str:
    """The question in words that need no other turn; its own text for kinds that are asked in many forms."""
    if q.kind in ABOUT_WHOLE and q.treatment and q.outcome:
        return _effect(q)
    if q.kind == "joint" and q.together and q.outcome:
        return _joint(q)
    if q.kind in ("what_if", "counterfactual") and q.treatment and q.outcome:
        return f"What would {_name(q.outcome)} be if {_setting(q)}{_row(q)}?"
    if q.kind == "drivers" and q.outcome:
        return f"What drives {_name(q.outcome)}?"
    if q.kind == "arrows" and q.outcome:
        return f"How strong are the direct causes of {_name(q.outcome)}?"
    if q.kind == "graph" and q.columns:
        return f"Draw the causal graph of {_names(q.columns)}"
    return _pair(q) or q.text


def _pair(q: Question) -> str:
    """A question about two columns, and perhaps a third."""
    if not (q.treatment and q.outcome):
        return ""
    a, b = _name(q.treatment), _name(q.outcome)
    given = f" given {_names(q.given)}" if q.given else ""
    if q.kind == "independence":
        if not q.closed:
            return f"How are {a} and {b} related{given}?"
        return f"Are {a} and {b} {'associated' if q.negated else 'independent'}{given}?"
    if q.kind in ("confounder", "mediator", "collider") and len(q.columns) == 1 and not q.negated:
        return f"Is {_name(q.columns[0])} a {q.kind} of {a} and {b}?"
    if q.kind == "direct_cause" and not q.negated:
        return f"Is {a} a direct cause of {b}?"
    return ""


def _effect(q: Question) -> str:
    """An effect in a group: what only words can ask for."""
    of = f"of {_name(q.treatment)} on {_name(q.outcome)}"
    if q.kind == "subgroups" and not q.modifiers:
        return f"For whom is the effect {of} larger?"
    text = f"What is the {q.quantity if q.quantity in ('ATT', 'ATC') else 'effect'} {of}"
    if q.contrast is not None:
        text += f" from {_value(q.contrast.control)} to {_value(q.contrast.treated)}"
    if len(q.among) == 2:
        text += f" where {_name(q.among[0])} is {q.among[1]}"
    if q.controls:
        text += f" given {_names(q.controls)}"
    return f"{text}?"


def _joint(q: Question) -> str:
    """Several columns set together, with what is done to them."""
    *first, last = (_name(n) for n in (q.treatment, *q.together))
    named, y = f"{', '.join(first)} and {last}", _name(q.outcome)
    all_ = "both" if len(first) == 1 else "all"
    given = f" given {_names(q.controls)}" if q.controls else ""
    if q.shift is not None:
        way = "raised" if q.shift > 0 else "lowered"
        return f"What happens to {y} if {named} are {all_} {way} by {abs(q.shift):.12g}{given}?"
    if q.contrast is not None and q.contrast.control is not None:
        c = q.contrast
        return f"What happens to {y} if {named} {all_} go from {_value(c.control)} to {_value(c.treated)}{given}?"
    if q.contrast is not None:
        return f"What happens to {y} if {named} are {all_} set to {_value(q.contrast.treated)}{given}?"
    return f"What is the effect of {named} together on {y}{given}?"


def _setting(q: Question) -> str:
    x = _name(q.treatment)
    if q.factor is not None:
        return f"{x} were {q.factor:.12g} times as high"
    if q.shift is not None:
        return f"{x} were {abs(q.shift):.12g} {'lower' if q.shift < 0 else 'higher'}"
    return f"{x} were {_value(q.contrast.treated) if q.contrast else ''}"


def _row(q: Question) -> str:
    if q.row is None:
        return ""
    return f" for row {q.row}" if q.row_column is None else f" for {_name(q.row_column)} = {_value(q.row)}"


def _value(value: object) -> str:
    return (
        f"{value:.12g}"
        if isinstance(value, float)
        else display(value)
        if isinstance(value, bool)
        else str(value)
    )


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(map(_name, names))


def _name(name: str | None) -> str:
    """A column's name, in quotes where it is not one plain word."""
    return str(name) if re.fullmatch(r"[^\W\d]\w+", str(name)) else f"`{name}`"
