"""The last outcome where a cause is moved from where it is: doubled, halved, ten percent or two units higher."""

from __future__ import annotations

import re
from dataclasses import replace

from causalcopilot.agent.language.acts import act_of, act_on_all
from causalcopilot.agent.language.redo import for_all
from causalcopilot.agent.language.said import Followup, Said
from causalcopilot.agent.language.supposing import supposition
from causalcopilot.agent.language.whatif import set_to
from causalcopilot.errors import ColumnNotFound, UsageError


def moved(match: re.Match[str], said: Said) -> Followup | None:
    """A cause moved from where it is in every row: added to, or multiplied; ``None`` where it is set to a value."""
    asked = said.question
    outcome = asked.outcome or said.knowledge.question.outcome
    if outcome is None:
        return None
    if every := act_on_all(match["clause"], said.words, said.profile):
        question = set_to(said, every.column, str(every.value))
        c = question.contrast
        assert c is not None  # set_to gives one where nothing was supposed before
        values = f"from {c.control} to {c.treated}" if question.kind == "effect" else f"at {c.treated}"
        return Followup(for_all(question), f"effect of {every.column} on {outcome}, {values}, in all rows")
    try:
        act = act_of(match["clause"], said.words, it=asked.treatment or "")
    except ColumnNotFound:
        return None
    if act is None or isinstance(act.value, str):
        _by_how_much(match["clause"], said)
    if act is None or act.value is not None:
        return None
    _may_be_moved(act.column, outcome, said)
    made = replace(supposition(act, outcome), graph=asked.graph)
    where = "in every row"
    if asked.kind == "counterfactual":
        made = replace(made, kind="counterfactual", row=asked.row, row_column=asked.row_column)
        where = f"in row {asked.row}"
    sign = "−" if (act.shift or 0) < 0 else "+"
    how = f"× {act.factor:g}" if act.factor is not None else f"{sign} {abs(act.shift or 0):g}"
    return Followup(made, f"{outcome} with {act.column} {how} {where}")


def bare(match: re.Match[str], said: Said) -> Followup | None:
    """The last cause moved: "and doubled?", "and 5 more?"."""
    full = re.match(r"(?P<clause>.+)", f"it were {match['clause']}")
    return moved(full, said) if full and said.question.kind not in ("explore", "unclear") else None


_VERB = r"(?:raised?|increased?|lower(?:ed)?|reduced?|cut|chang(?:e|ed))"
_BEEN = r"(?:(?:had|has|were|was|is|are|went|goes|be|been|to) )*"
_GONE = (
    r"(?:higher|lower|larger|smaller|up|down|rose|fell|rises|falls|increase[ds]?|decrease[ds]?|dropp?(?:ed|s)?|changed|longer"
    r"|shorter|older|younger|heavier|lighter)"
)
_MORE_OR_LESS = re.compile(rf"(?:we (?:had )?)?(?:{_VERB} (?P<b>.+)|(?P<a>.+?) {_BEEN}{_GONE})", re.I)


def _by_how_much(clause: str, said: Said) -> None:
    """Ask for the amount where a column is only said to be higher or lower."""
    m = _MORE_OR_LESS.fullmatch(clause.strip())
    named = said.words.spoken((m["a"] or m["b"]) if m else "")
    if len(named) == 1:
        raise UsageError(
            f"by how much {named[0]} would change was not said",
            f"say: what if {named[0]} were 2 higher, were doubled, or were set to a value",
        )


def _may_be_moved(column: str, outcome: str, said: Said) -> None:
    if column == outcome:
        raise UsageError(f"{outcome!r} is the outcome; only a cause can be set", "set another column")
    known = said.profile.column(column)
    if known.type in ("binary", "nominal", "text", "identifier", "constant"):
        values = ", ".join(label for label, _ in known.levels[:4])
        raise UsageError(
            f"{column} is no amount that could be moved or multiplied",
            f"set it to a value: what if {column} were {values.split(', ')[0] if values else 'VALUE'}?",
        )
