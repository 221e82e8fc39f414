"""The argument that a causal quantity follows from data and assumptions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from causalcopilot.domain.question import Contrast, Quantity

Status = Literal["identified", "assumed", "not_identified"]
Strategy = Literal[
    "RCT",
    "Conditional Exogeneity",
    "Instrumental Variable",
    "Regression Discontinuity",
    "Difference-in-Differences",
    "Synthetic Control",
    "Panel Fixed Effects",
    "Mediation",
    "Joint Intervention",
    "Front-Door",
    "General Identification",
]
TreatmentType = Literal["binary", "categorical", "continuous"]


@dataclass(frozen=True, slots=True)
class Excluded:
    """A column that is not a control, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Controls:
    """Who is adjusted for.

    Attributes:
        minimal: needed to block every open non-causal path.
        optional: allowed, and useful for precision.
        forbidden: would bias the answer, or are not known to be safe, each with its reason.
    """

    minimal: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    forbidden: tuple[Excluded, ...] = ()

    @property
    def used(self) -> tuple[str, ...]:
        """The adjustment set that estimators receive: minimal, then optional."""
        return self.minimal + self.optional


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption the identification rests on, whether data can test it, and what they said."""

    name: str
    testable: bool
    evidence: str


@dataclass(frozen=True, slots=True)
class Alternative:
    """A strategy that was considered and not chosen."""

    strategy: str
    why_not: str


@dataclass(frozen=True, slots=True)
class Identification:
    """Whether and how an effect follows from data and assumptions; stored apart from any estimate.

    Attributes:
        status: ``identified`` (from a graph, roles or controls that a person gave, or randomisation),
            ``assumed`` (only under an assumption nobody vouched for), or ``not_identified``.
        strategy: the design, or ``None`` when not identified.
        quantity: the causal quantity, ATE or ATT …
        population: whom it speaks of, in words.
        treatments, outcomes: column names; several treatments where they are set together.
        treatment_type: how the treatment column is read.
        contrast: values compared, in the user's units; of the first treatment where there are several.
        controls: adjustment set, and every excluded column with its reason.
        instruments: instrument columns, if any.
        design: design fields of the strategy (unit, time, cutoff …) as name and value pairs.
        assumptions: what must hold.
        alternatives: strategies not chosen.
        blocking_path: an open non-causal path, node and edge texts alternating (``t``, ``<-``, ``u``, ``->``, ``y``).
        would_help: what would make the effect identified.
        graph: ``name@version`` of the graph used, or ``None``.
        basis: whose word it rests on: ``graph``, ``roles``, ``controls``, ``discovered``, ``design`` or ``none``.
        contrasts: one for each treatment where several are set together, else empty.
        doubts: controls that are used although a learned graph speaks against them, with what it says.
    """

    status: Status
    strategy: Strategy | None
    quantity: Quantity
    population: str
    treatments: tuple[str, ...]
    outcomes: tuple[str, ...]
    treatment_type: TreatmentType
    contrast: Contrast
    controls: Controls = field(default_factory=Controls)
    instruments: tuple[str, ...] = ()
    design: tuple[tuple[str, str], ...] = ()
    assumptions: tuple[Assumption, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    blocking_path: tuple[str, ...] = ()
    would_help: tuple[str, ...] = ()
    graph: str | None = None
    basis: Literal["graph", "roles", "controls", "discovered", "design", "none"] = "none"
    doubts: tuple[Excluded, ...] = ()
    contrasts: tuple[Contrast, ...] = ()

    @property
    def cause(self) -> str:
        """The treatments in words: ``a``, or ``a and b`` where several are set together."""
        *first, last = self.treatments or ("the treatment",)
        return f"{', '.join(first)} and {last}" if first else last
