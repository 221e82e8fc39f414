"""The effects that a graph with open edges allows, as a range."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PossibleEffect:
    """One effect that the class of the graph allows.

    Attributes:
        points: how the open edges at the treatment point there (``t --> x``).
        held: columns held fixed.
        zero: the treatment is no cause of the outcome there, so the effect is zero.
        value, low, high: the linear estimate with its interval; zero without one where the graph says so.
        parts: where several treatments are set together, what each adds, in the order of the treatments.
    """

    points: tuple[str, ...]
    held: tuple[str, ...]
    zero: bool
    value: float
    low: float
    high: float
    parts: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class EffectRange:
    """What the effect may be, as long as nobody settles the open edges.

    Attributes:
        treatment, outcome: column names.
        graph: ``name@version`` of the graph whose class it is.
        low, high: ends of the range: the lowest and the highest end of any interval.
        effect_low, effect_high: lowest and highest estimate.
        level: coverage of each interval.
        unit: unit of the outcome.
        effects: every effect that the class allows, lowest first.
        open: edges at the treatment whose direction decides between them.
        unknown: members of the class (or kinds of them) that no adjustment speaks of; the range leaves them out.
        together: further treatments that are set at the same time.
    """

    treatment: str
    outcome: str
    graph: str
    low: float
    high: float
    effect_low: float
    effect_high: float
    level: float
    unit: str
    effects: tuple[PossibleEffect, ...] = ()
    open: tuple[str, ...] = ()
    unknown: int = 0
    together: tuple[str, ...] = ()
