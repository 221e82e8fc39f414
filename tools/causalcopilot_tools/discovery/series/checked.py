"""What was found out about one variable of a series before the search, and done about it."""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot_tools.discovery.core.breaks import Break
from causalcopilot_tools.discovery.core.seasonality import Seasonality
from causalcopilot_tools.discovery.core.stationarity import Stationarity, Treatment


@dataclass(frozen=True)
class Checked:
    """One variable: what the tests found and what was done.

    Attributes:
        name: the variable.
        season: its seasonal pattern, if any.
        tests: unit root and stationarity tests after the season is gone; ``None`` where too short.
        treatment: what was done about them.
        break_: break test of the treated series; ``None`` where too short.
        broke: whether a break is clear.
        break_at: time of the break, as the table writes it, where there is one.
    """

    name: str
    season: Seasonality | None
    tests: Stationarity | None
    treatment: Treatment
    break_: Break | None = None
    broke: bool = False
    break_at: str = ""

    @property
    def stationary(self) -> bool | None:
        """Whether the untreated mean is constant; ``None`` where it was not tested."""
        return None if self.tests is None else not self.tests.drifts

    def done(self) -> str:
        """What was done to the variable, in words; empty for nothing."""
        words = []
        if self.season:
            way = "seasonal means removed" if self.season.how == "means" else "differenced over a period"
            words.append(f"{way} (period {self.season.period})")
        if self.treatment != "none":
            words.append(
                {"difference": "differenced once", "detrend": "slow movements removed"}[self.treatment]
            )
        return ", ".join(words)
