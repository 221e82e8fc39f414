"""What every design beyond adjustment is asked, and what it hands to ``identify``."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.errors import ColumnNotFound, nearest
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.contrast import Chosen


@dataclass(frozen=True)
class Posed:
    """A question to one design.

    Attributes:
        context: the case, whose question holds the design's flags.
        treatment: profile of the treatment.
        outcome: column name.
        chosen: how the treatment is read and compared.
        controls: controls the user insists on, or ``None``.
        graph: the graph a person gave, or ``None``.
        learned: the graph a search found, or ``None``.
    """

    context: Context
    treatment: ColumnProfile
    outcome: str
    chosen: Chosen
    controls: tuple[str, ...] | None
    graph: StoredGraph | None = None
    learned: StoredGraph | None = None

    def check(self, *names: str) -> None:
        """Raise ``ColumnNotFound`` where the table lacks one of these columns."""
        known = self.context.profile.names
        for name in names:
            if name not in known:
                like = nearest(name, known)
                raise ColumnNotFound(
                    f"there is no column {name!r}",
                    f"did you mean {', '.join(like)}?" if like else "see: ccp data show",
                )


@dataclass(frozen=True)
class Identified:
    """An identification by design, with what a reader must be told, and the graph whose open edges leave a range."""

    identification: Identification
    findings: tuple[str, ...] = ()
    open_class: str = ""


def design_value(found: Identification, name: str) -> str:
    """One design field of an identification; empty where it has none."""
    return next((value for key, value in found.design if key == name), "")
