"""What is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from causalcopilot.domain.facts import Scalar

QuestionKind = Literal[
    "explore",
    "effect",
    "independence",
    "direct_cause",
    "confounder",
    "collider",
    "mediator",
    "adjustment",
    "graph",
    "drivers",
    "direction",
    "falsify",
    "domains",
    "mediation",
    "joint",
    "subgroups",
    "what_if",
    "counterfactual",
    "anomaly",
    "change",
    "arrows",
    "unclear",
]
MODELLED: tuple[QuestionKind, ...] = ("what_if", "counterfactual", "anomaly", "change", "arrows")
"""Kinds answered from a structural model: a fully directed graph with a mechanism fitted for every column."""
ABOUT_ROWS: tuple[QuestionKind, ...] = ("counterfactual", "anomaly")
"""Kinds about one named row: their answers are values of that row, which no online model is shown."""
ABOUT_EFFECTS: tuple[QuestionKind, ...] = ("effect", "mediation", "joint", "subgroups")
"""Kinds answered by identifying, estimating and refuting: a whole effect, its part through a mediator, that of several
treatments set together, or for whom it is larger or smaller."""
ABOUT_WHOLE: tuple[QuestionKind, ...] = ("effect", "subgroups")
"""Of those, the kinds about the whole effect, told for all rows or for groups of them."""
Quantity = Literal["ATE", "ATT", "ATC", "LATE", "NIE", "NDE"]
Aspect = Literal[
    "",
    "why",
    "controls",
    "confidence",
    "robust",
    "insist",
    "significance",
    "size",
    "next",
    "design",
    "rows",
    "others",
    "short",
]
Design = Literal["auto", "rct", "adjustment", "iv", "did", "rd", "sc", "panel"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """The two treatment values compared, in the user's units: from ``control`` to ``treated``."""

    control: Scalar
    treated: Scalar


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one table.

    Attributes:
        kind: the kind of question; ``explore`` has neither treatment nor outcome.
        text: the user's own words, if any.
        treatment: column that would be set.
        outcome: column that would respond.
        contrast: treatment values compared; ``None`` lets the data decide and say so.
        given: conditioning columns of an independence question; the domain column of a question about domains.
        columns: columns a graph question is limited to; empty means all.
        modifiers: columns the effect may differ by.
        controls: adjustment set the user insists on; ``None`` leaves it to identification.
        instrument: instrument column, or several with commas between them.
        running: running variable of a discontinuity design.
        cutoff: its cutoff, in the column's unit.
        time: time column.
        unit: unit column of a panel.
        quantity: ATE, ATT or ATC; ``None`` lets the protocol choose.
        design: the design the user asks for.
        method: the estimator or search method the user asks for, ``auto`` for the protocol's choice.
        graph: name of a remembered graph to use.
        assume: take the no-unmeasured-confounding assumption where a graph does not give it.
        negated: the question asks for the opposite of its kind ("are A and B dependent?").
        closed: the question wants yes or no rather than a number ("does A cause B?").
        expects: 1 or -1 where a closed question names a direction ("does A raise B?"), else 0.
        cluster: column whose equal values mark rows that belong together.
        weights: column of sampling weights.
        strata: columns within whose values the treatment was drawn by lot.
        event: column that says whether the event was seen whose time is the outcome (0 where it was cut short).
        horizon: time up to which the mean of such an outcome counts; ``None`` lets the data decide and say so.
        negative_controls: outcomes that the treatment cannot change, kept aside to test the adjustment.
        among: column and value of the one group an effect is asked for; with ``more`` or ``less`` as third, the group
            whose effect is said to be larger or smaller than the others'.  Empty for all rows.
        together: further treatments that are set at the same time as ``treatment``.
        mediator: column through which a part of the effect goes, for a question about that part.
        goal: whether a higher or a lower outcome is better, where the question says so ("who should get it to cut y?").
        shift: what is added to the treatment in a what-if question, or to all that are set together; a question that
            sets it has the value in ``contrast``.
        factor: what the treatment is multiplied by in a what-if question ("doubled", "10 % higher").
        row: the row a question is about: its number, from 1, or its value in ``row_column``.
        row_column: column whose value names the row, or ``None`` for a number.
        passed: words of ``text`` that the reading passed over because they hardly change what is asked; they are told.
        aside: sentences of ``text`` that tell of the study and that nothing was read from; they are told.
        aspect: the part of an earlier answer a follow-up asks about ("why?", "how sure are you?"), or empty.
    """

    kind: QuestionKind = "explore"
    text: str = ""
    treatment: str | None = None
    outcome: str | None = None
    contrast: Contrast | None = None
    given: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()
    controls: tuple[str, ...] | None = None
    instrument: str | None = None
    running: str | None = None
    cutoff: float | None = None
    time: str | None = None
    unit: str | None = None
    quantity: Quantity | None = None
    design: Design = "auto"
    method: str = "auto"
    graph: str | None = None
    assume: bool = False
    negated: bool = False
    closed: bool = False
    expects: Literal[-1, 0, 1] = 0
    cluster: str | None = None
    weights: str | None = None
    strata: tuple[str, ...] = ()
    event: str | None = None
    horizon: float | None = None
    negative_controls: tuple[str, ...] = ()
    aspect: Aspect = ""
    mediator: str | None = None
    together: tuple[str, ...] = ()
    shift: float | None = None
    factor: float | None = None
    row: Scalar = None
    row_column: str | None = None
    among: tuple[str, ...] = ()
    goal: Literal["", "raise", "lower"] = ""
    passed: tuple[str, ...] = ()
    aside: tuple[str, ...] = ()
