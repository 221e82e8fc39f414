"""What estimating an effect hands on, whatever the design."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects.nuisance import ArmNuisances
from causalcopilot_tools.effects.overlap import Overlap
from causalcopilot_tools.effects.refit import Prepared


@dataclass(frozen=True)
class Work:
    """Everything that was estimated.

    Attributes:
        prepared: the rows that were used.
        estimates: the first answers the question, the others stand beside it.
        facts, tables, findings: what the way of estimating tells of itself.
        nuisances: fits of the two arms behind the answer, or ``None`` where no arms were fitted.
        overlap: what the arms have in common, or ``None`` likewise.
        trimmed: rows that the trimming rule left out.
        seeds: fold seeds of which the median is taken; zero where the design cross-fits in a way of its own.
    """

    prepared: Prepared
    estimates: tuple[Estimate, ...]
    facts: tuple[Fact, ...] = ()
    tables: tuple[Table, ...] = ()
    findings: tuple[str, ...] = ()
    nuisances: ArmNuisances | None = None
    overlap: Overlap | None = None
    trimmed: int = 0
    seeds: int = 0
