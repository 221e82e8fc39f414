"""Which search over time fits which series: the written rule table.

Every figure behind it was measured on simulated series (``tests/benchmarks/discovery_series.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from causalcopilot_tools.discovery.rules import NON_GAUSSIAN
from causalcopilot_tools.discovery.series.var_lingam import MAX_COLUMNS


@dataclass(frozen=True)
class Situation:
    """What the choice depends on.

    Attributes:
        columns: variables.
        rows: steps with a complete past.
        lags: longest lag.
        non_gaussian: share of variables whose innovations are clearly not Gaussian.
        gapless: one series without gaps.
        knowledge: tiers, forbidden or required edges limit the search.
        required: some edge must be there.
        exact: columns, or their pasts, determine one another.
    """

    columns: int
    rows: int
    lags: int
    non_gaussian: float
    gapless: bool
    knowledge: bool
    required: bool
    exact: bool = False


@dataclass(frozen=True)
class Choice:
    """One search and the one it is compared with.

    Attributes:
        method, runner_up: searches; ``runner_up`` may be empty.
        reason: why, for the report.
    """

    method: str
    runner_up: str
    reason: str


def choose(s: Situation) -> Choice:
    """The default search and its runner-up."""
    reason = (
        "a score search over columns beside their own past found lagged and same-step links best in our measurements, "
        "and time order decides most directions within a step"
    )
    if runner := runner_up("lagged_boss", s):
        return Choice("lagged_boss", runner, reason)
    return Choice("lagged_boss", "", reason)


def runner_up(method: str, s: Situation) -> str:
    """The search to compare ``method`` with, or nothing where none fits."""
    other = "lagged_boss" if method != "lagged_boss" else ""
    if other:
        return other
    if s.exact:
        return ""
    told = s.gapless and not s.knowledge and s.columns <= MAX_COLUMNS
    if told and s.non_gaussian >= NON_GAUSSIAN:
        return "var_lingam"
    if not s.required and s.rows > s.columns * (s.lags + 1) + 10:
        return "var"
    return ""
