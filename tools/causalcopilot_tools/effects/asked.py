"""What identification is asked, and the argument it answers with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Status, Strategy
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.graph.stored import StoredGraph

Basis = Literal["graph", "roles", "controls", "discovered", "design", "none"]


@dataclass(frozen=True)
class Asked:
    """What identification is asked and told.

    Attributes:
        profile, knowledge: the table and what is known of it.
        treatment, outcome: column names.
        controls: adjustment set the user insists on, or ``None``.
        given: graph a person gave, or ``None``.
        learned: graph a search found, or ``None``.
        assume: the user takes the assumption that a graph withholds.
        randomised: the treatment was assigned by chance.
    """

    profile: Profile
    knowledge: Knowledge
    treatment: str
    outcome: str
    controls: tuple[str, ...] | None = None
    given: StoredGraph | None = None
    learned: StoredGraph | None = None
    assume: bool = False
    randomised: bool = False


@dataclass(frozen=True)
class Argument:
    """Status, strategy and controls with everything a reader must be told about them.

    ``open_class`` names a graph whose open edges alone keep the effect from being identified, so that a range can be
    given.
    """

    status: Status
    basis: Basis
    controls: Controls = field(default_factory=Controls)
    strategy: Strategy | None = "Conditional Exogeneity"
    assumptions: tuple[Assumption, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    blocking_path: tuple[str, ...] = ()
    would_help: tuple[str, ...] = ()
    graph: str | None = None
    design: tuple[tuple[str, str], ...] = ()
    findings: tuple[str, ...] = ()
    doubts: tuple[Excluded, ...] = ()
    open_class: str = ""


def against_graph(base: Argument, path: tuple[str, ...]) -> Argument:
    """The user takes the assumption against the graph: recorded with the path it overrides."""
    told = " ".join(path) or "the graph gives no valid adjustment set"
    taken = Assumption("open_path", False, f"taken by request against the graph: {told}")
    others = tuple(a for a in base.assumptions if a.name != "no_unmeasured_confounding")
    return replace(
        base,
        status="assumed",
        assumptions=(taken, *others),
        blocking_path=path,
        design=(*base.design, ("assumed_against_graph", told)),
    )


def refuse(base: Argument, path: tuple[str, ...], would_help: tuple[str, ...]) -> Argument:
    """The same argument, given up: the open path, what would help, and no claim that nothing is unmeasured."""
    return replace(
        base,
        status="not_identified",
        strategy=None,
        assumptions=tuple(a for a in base.assumptions if a.name != "no_unmeasured_confounding"),
        blocking_path=path,
        would_help=would_help,
    )
