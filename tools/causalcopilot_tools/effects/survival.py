"""Times to an event that are cut short for some: restricted means by pseudo-observations.

A row whose event was not seen (0 in the event column) was last seen at its time.  The mean of the time up to a
horizon follows from the product-limit curve (Kaplan and Meier 1958); each row's pseudo-observation of it, averaged,
gives that mean, and stands in for the row's time in any regression (Andersen and Perme 2010; for causal contrasts
Andersen, Syriopoulou and Parner 2017).  They are taken by the infinitesimal jackknife, arm by arm: being cut short
may depend on the treatment, but within an arm neither on the time to come nor on the controls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.coding import Outcome, code_outcome

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

RISK_ROWS, RISK_SHARE = 10, 0.1
"""Rows, and share of an arm, that must still be followed at the horizon; beyond it the curve hangs on few rows."""
MIN_EVENTS = 10
"""Events seen before the horizon that each arm needs."""
DURATIONS = (
    "time", "duration", "survival", "tenure", "lifetime", "followup", "follow", "days", "weeks", "months", "years",
)  # fmt: skip
EVENTS = (
    "event", "status", "died", "death", "dead", "deceased", "censored", "censor", "failed", "failure", "relapse",
    "relapsed", "churn", "churned", "recidivism", "arrest", "delta",
)  # fmt: skip
"""Words in names that make a number look like a time to an event, and a two-valued column like whether it came."""


def event_of(context: Context, outcome: str) -> str:
    """The column that says whether the event of this outcome was seen; empty where none is named for it."""
    q, known = context.question, context.knowledge
    if q.event:
        return q.event if q.outcome in (None, outcome) else ""
    named = {*known.with_role("outcome"), known.question.outcome} - {None}
    events = known.with_role("event")
    return events[0] if events and (not named or outcome in named) else ""


def code_event(column: pd.Series, levels: tuple[str, ...] = ()) -> NDArray[np.float64]:
    """(n,) 1 where the event was seen, 0 where the time was cut short, NaN where unknown.

    Raises:
        NotApplicable: a column that has not two values (or one, that the event was seen).
    """
    import numpy as np

    seen = column.dropna().unique()
    if len(seen) == 1 and str(seen[0]).strip().lower() in ("1", "1.0", "true", "yes"):
        return np.where(column.isna(), np.nan, 1.0)
    if len(seen) != 2:
        raise NotApplicable(
            f"{column.name} has {len(seen)} values and cannot say whether the event was seen",
            "name a column of 0 (cut short) and 1 (seen) with --event",
        )
    return code_outcome(column, "", "binary", levels).values / 100.0


def curve(
    time: NDArray[np.float64], event: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The product-limit curve: (k,) times at which the event was seen, the curve from there on, rows still
    followed just before, and events there."""
    import numpy as np

    at = np.unique(time[event == 1])
    ordered = np.sort(time)
    followed = (len(time) - np.searchsorted(ordered, at, side="left")).astype(float)
    count = np.bincount(np.searchsorted(at, time[event == 1]), minlength=len(at)).astype(float)
    return at, np.cumprod(1.0 - count / followed), followed, count


def pseudo_observations(
    time: NDArray[np.float64], event: NDArray[np.float64], horizon: float
) -> NDArray[np.float64]:
    """(n,) pseudo-observations of the mean of the time up to the horizon; their average is that mean.

    Args:
        time: (n,) time to the event, or to when the row was last seen.
        event: (n,) 1 where the event was seen.
        horizon: time up to which the mean counts.
    """
    import numpy as np

    at, survival, followed, count = curve(time, event)
    inside = at < horizon
    at, survival, followed, count = at[inside], survival[inside], followed[inside], count[inside]
    edges = np.append(at, horizon)
    pieces = survival * np.diff(edges)
    left = np.cumsum(pieces[::-1])[::-1]  # area under the curve from each event on
    mean = (float(at[0]) if len(at) else horizon) + float(pieces.sum())
    if not len(at):
        return np.full(len(time), mean)
    n, stays = len(time), 1.0 - count / followed
    weight = np.where(stays > 0, left / (followed / n) / np.where(stays > 0, stays, 1.0), 0.0)
    spent = np.cumsum(weight * count / followed)
    before = np.searchsorted(at, np.minimum(time, horizon), side="right")
    compensated = np.where(before > 0, spent[np.maximum(before - 1, 0)], 0.0)
    hit = (event == 1) & (time < horizon)
    jump = np.zeros(n)
    jump[hit] = weight[np.searchsorted(at, time[hit])]
    made: NDArray[np.float64] = mean - jump + compensated
    return made


def horizon_of(time: NDArray[np.float64], arms: NDArray[np.float64]) -> float:
    """The last time at which every arm still has a tenth of its rows, and ten of them, under observation."""
    import numpy as np

    ends = []
    for arm in np.unique(arms[arms >= 0]):
        own = np.sort(time[arms == arm])[::-1]
        ends.append(float(own[min(max(RISK_ROWS, int(np.ceil(RISK_SHARE * len(own)))), len(own)) - 1]))
    return min(ends)


def restricted(
    outcome: Outcome,
    event: NDArray[np.float64],
    arms: NDArray[np.float64],
    names: tuple[str, str],
    asked: float | None = None,
) -> tuple[Outcome, float | None]:
    """The outcome as pseudo-observations up to a horizon, and the horizon; ``None`` where nobody was cut short.

    Args:
        outcome: times of the rows used, (n,), none missing.
        event: (n,) 1 where the event was seen.
        arms: (n,) arm of each row, -1 for one that is not compared; all alike for a treatment without arms.
        names: outcome and event column.
        asked: the horizon that was asked for.

    Raises:
        DataError: negative times, or too few events in an arm.
        NotApplicable: an outcome of two values, or a horizon beyond what was followed.
    """
    from dataclasses import replace

    import numpy as np

    name, column = names
    time = outcome.values
    if outcome.binary:
        raise NotApplicable(f"{name} has two values and is no time to an event", "leave --event out")
    if float(time.min()) < 0:
        raise DataError(f"{name} holds negative times", "a time to an event starts at zero")
    lost = float((event == 0).mean())
    if not lost and asked is None:
        said = f"{column} says that every row's event was seen: {name} is taken as it is."
        return replace(outcome, finding=" ".join(filter(None, (outcome.finding, said)))), None
    furthest = horizon_of(time, arms)
    horizon = furthest if asked is None else asked
    if not 0 < horizon <= furthest:
        raise NotApplicable(
            f"few rows are followed until {name} = {horizon:g}",
            f"ask for a horizon up to {furthest:g}, to which a tenth of each arm is followed",
        )
    made = np.empty(len(time))
    for arm in np.unique(arms):
        own = arms == arm
        events = int(((event == 1) & (time < horizon) & own).sum())
        if events < MIN_EVENTS and arm >= 0:
            raise DataError(
                f"only {events} events are seen before {name} = {horizon:g} in an arm",
                f"{MIN_EVENTS} are needed; follow the rows longer",
            )
        made[own] = pseudo_observations(time[own], event[own], horizon)
    rule = f"to which a tenth of each arm (at least {RISK_ROWS} rows) is followed"
    if asked is not None:
        rule = "the horizon asked for"
    said = (
        f"{name} is a time to an event and was cut short in {lost:.0%} of the rows (by {column}): the effect is on its "
        f"mean up to {horizon:g}, {rule} (restricted mean survival time, by pseudo-observations)."
    )
    return replace(outcome, values=made, finding=" ".join(filter(None, (outcome.finding, said)))), horizon


def looks_cut_short(context: Context, outcome: str) -> str:
    """A two-valued column whose name says that an event came, beside an outcome whose name says time; else empty."""
    kinds = {c.name: c for c in context.profile.columns}
    own = kinds.get(outcome)
    if own is None or own.type not in ("continuous", "count") or not _words(outcome) & set(DURATIONS):
        return ""
    if isinstance(own.minimum, int | float) and own.minimum < 0:
        return ""
    return next((c.name for c in kinds.values() if c.type == "binary" and _words(c.name) & set(EVENTS)), "")


def _words(name: str) -> set[str]:
    import re

    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
