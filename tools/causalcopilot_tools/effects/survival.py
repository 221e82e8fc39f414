"""Times to an event that are cut short for some: restricted means by pseudo-observations.

A row whose event was not seen (0 in the event column) was last seen at its time.  The mean of the time up to a
horizon follows from the product-limit curve (Kaplan and Meier 1958); each row's pseudo-observation of it, averaged,
gives that mean, and stands in for the row's time in any regression (Andersen and Perme 2010; for causal contrasts
Andersen, Syriopoulou and Parner 2017).  They are taken by the infinitesimal jackknife, arm by arm: being cut short
may depend on the treatment, but within an arm neither on the time to come nor on the controls.  With sampling weights
the curve is that of the weighted rows, which stand for the population (Xie and Liu 2005), and so is each row's
influence on it; rows of one cluster need no curve of their own, as their influences are summed later.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.coding import Outcome, numbers
from causalcopilot_tools.effects.design_matrix import level_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

RISK_ROWS, RISK_SHARE = 10, 0.1
"""Rows, and share of an arm, that must still be followed at the horizon; beyond it the curve hangs on few rows."""
ROUNDING = 1e-12
"""Share of the rows followed below which nobody is left after an event."""
MIN_EVENTS = 10
"""Events seen before the horizon that each arm needs."""
DURATIONS = (
    "time", "duration", "survival", "tenure", "lifetime", "followup", "follow", "days", "weeks", "months", "years",
)  # fmt: skip
EVENTS = (
    "event", "status", "died", "death", "dead", "deceased", "failed", "failure", "relapse", "relapsed", "churn",
    "churned", "recidivism", "arrest", "delta",
)  # fmt: skip
"""Words in names that make a number look like a time to an event, and a two-valued column like whether it came."""
CUT_NAMES = frozenset(
    "censored censor censoring cens alive living survived survivor survival survives surviving lost lfu".split()
)
"""Words in names whose 1 or yes says that the event was *not* seen, at least for some writers of tables."""
PLAIN_YES = frozenset("yes true y t".split())
CAME = PLAIN_YES | frozenset(
    """event died dead death deceased failed failure relapse relapsed recurrence recurred churn churned observed
    occurred seen uncensored positive success""".split()
)
CUT = frozenset(
    "no false n f none alive living censored cens survived survivor lost active withdrawn negative".split()
)
"""Words in labels which say that the event was seen, or that it was not."""


def event_of(context: Context, outcome: str) -> str:
    """The column that says whether the event of this outcome was seen; empty where none is named for it."""
    q, known = context.question, context.knowledge
    if q.event:
        return q.event if q.outcome in (None, outcome) else ""
    named = {*known.with_role("outcome"), known.question.outcome} - {None}
    events = known.with_role("event")
    return events[0] if events and (not named or outcome in named) else ""


def code_event(column: pd.Series, levels: tuple[str, ...] = ()) -> tuple[NDArray[np.float64], str]:
    """(n,) 1 where the event was seen, 0 where the time was cut short, NaN where unknown; and the value seen.

    Args:
        column: numbers of two values, the larger of which says that the event was seen; or two labels, one of
            whose words says so.
        levels: its levels from the knowledge, the one that says the event was seen last; they go before words.

    Raises:
        NotApplicable: a column that has not two values (or one, that the event was seen), or does not say which.
    """
    import numpy as np

    text = np.array([level_text(v) for v in column], dtype=object)
    found = sorted({t for t in text if t is not None})
    single = len(found) == 1 and found[0].strip().lower() in ("1", "1.0", "true", "yes")
    if len(found) != 2 and not single:
        raise NotApplicable(
            f"{column.name} has {len(found)} values and cannot say whether the event was seen",
            "name a column of 0 (cut short) and 1 (seen) with --event",
        )
    if set(levels) == set(found):
        event = levels[-1]
    else:
        values = numbers(column)
        named = "" if values is not None else _came(found)
        if _words(str(column.name)) & CUT_NAMES and (not named or named.strip().lower() in PLAIN_YES):
            raise NotApplicable(
                f"the name {column.name!r} says that a time was cut short, and not that the event was seen",
                "name a column of 0 (cut short) and 1 (seen) with --event",
            )
        if not named and values is not None:
            named = str(level_text(column[values == np.nanmax(values)].iloc[0]))
        if not named:
            raise NotApplicable(
                f"neither {' nor '.join(map(repr, found))} of {column.name} says by its words that the event was seen",
                "name a column of 0 (cut short) and 1 (seen), or give its levels in the knowledge file, the seen last",
            )
        event = named
    return np.array([np.nan if t is None else float(t == event) for t in text], dtype=np.float64), event


def _came(labels: list[str]) -> str:
    """The one label whose words say that the event was seen, or whose fellow says that it was not; else empty."""
    words = {f: re.findall(r"[a-z]+", f.lower()) for f in labels}
    came = [f for f in labels if words[f] and CAME.issuperset(words[f])]
    cut = [f for f in labels if words[f] and words[f][0] in CUT]
    if len(came) == 1 and came != cut:
        return came[0]
    return next(f for f in labels if f not in cut) if len(cut) == 1 and len(labels) == 2 else ""


def curve(
    time: NDArray[np.float64], event: NDArray[np.float64], weights: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The product-limit curve: (k,) times at which the event was seen, the curve from there on, rows still
    followed just before, and events there; each row counts as much as its weight (n,), one by default."""
    import numpy as np

    w = np.ones(len(time)) if weights is None else weights
    at, seen = np.unique(time[event == 1]), event == 1
    order = np.argsort(time, kind="stable")
    left = np.append(np.cumsum(w[order][::-1])[::-1], 0.0)  # what the rows from each place on count together
    followed = left[np.searchsorted(time[order], at, side="left")]
    count = np.bincount(np.searchsorted(at, time[seen]), w[seen], len(at)).astype(float)
    return at, np.cumprod(1.0 - count / followed), followed, count


def pseudo_observations(
    time: NDArray[np.float64],
    event: NDArray[np.float64],
    horizon: float,
    weights: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """(n,) pseudo-observations of the mean of the time up to the horizon; their (weighted) average is that mean.

    Args:
        time: (n,) time to the event, or to when the row was last seen.
        event: (n,) 1 where the event was seen.
        horizon: time up to which the mean counts.
        weights: (n,) what each row stands for, or ``None``.
    """
    import numpy as np

    at, survival, followed, count = curve(time, event, weights)
    inside = at < horizon
    at, survival, followed, count = at[inside], survival[inside], followed[inside], count[inside]
    edges = np.append(at, horizon)
    pieces = survival * np.diff(edges)
    left = np.cumsum(pieces[::-1])[::-1]  # area under the curve from each event on
    mean = (float(at[0]) if len(at) else horizon) + float(pieces.sum())
    if not len(at):
        return np.full(len(time), mean)
    n, stays = len(time), 1.0 - count / followed
    total = float(n) if weights is None else float(weights.sum())
    stays = np.where(
        stays > ROUNDING, stays, 0.0
    )  # the last rows followed, whose weights are summed in two orders
    weight = np.where(stays > 0, left / (followed / total) / np.where(stays > 0, stays, 1.0), 0.0)
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
    names: tuple[str, str, str],
    asked: float | None = None,
    weights: NDArray[np.float64] | None = None,
) -> tuple[Outcome, float | None]:
    """The outcome as pseudo-observations up to a horizon, and the horizon; ``None`` where nobody was cut short.

    Args:
        outcome: times of the rows used, (n,), none missing.
        event: (n,) 1 where the event was seen.
        arms: (n,) arm of each row, -1 for one that is not compared; all alike for a treatment without arms.
        names: outcome, event column, and its value that says the event was seen.
        asked: the horizon that was asked for.
        weights: (n,) what each row stands for, or ``None``.

    Raises:
        DataError: negative times, or too few events in an arm.
        NotApplicable: an outcome of two values, or a horizon beyond what was followed.
    """
    from dataclasses import replace

    import numpy as np

    name, column, value = names
    time = outcome.values
    if outcome.binary:
        raise NotApplicable(f"{name} has two values and is no time to an event", "leave --event out")
    if float(time.min()) < 0:
        raise DataError(f"{name} holds negative times", "a time to an event starts at zero")
    lost = float((event == 0).mean())
    if not lost and asked is None:
        said = f"{column} says that every row's event was seen: {name} is taken as it is."
        return replace(outcome, finding=" ".join(filter(None, (outcome.finding, said)))), None
    if asked is not None and asked <= 0:
        raise NotApplicable(f"the horizon {asked:g} is not after time 0", "ask for a horizon above zero")
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
        counts = None if weights is None else weights[own]
        made[own] = pseudo_observations(time[own], event[own], horizon, counts)
    rule = f"to which a tenth of each arm (at least {RISK_ROWS} rows) is followed"
    if asked is not None:
        rule = "the horizon asked for"
    said = (
        f"{name} is a time to an event and was cut short in {lost:.0%} of the rows ({column} is {value} where "
        f"the event was seen): the effect is on its mean up to {horizon:g}, {rule} "
        "(restricted mean survival time, by pseudo-observations)."
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
    told = {*EVENTS, *CUT_NAMES}
    return next((c.name for c in kinds.values() if c.type == "binary" and _words(c.name) & told), "")


def how_to_name(column: str) -> str:
    """What to do with a column that tells whose time was cut short."""
    if _words(column) & CUT_NAMES:
        return f"Make a column of 0 (cut short) and 1 (seen) from {column} and name that (--event)"
    return f"Name it (--event {column})"


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()))
