"""The difference-in-differences design: who adopts when, whom they are compared with, and the estimates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.designs import conditional, did
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.sampling import of_units
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

SWITCHES = "the treatment column must be 0 until a unit adopts and 1 from then on"
FORBIDDEN = 0.05
"""Weight of comparisons with units already treated from which it is said."""
TWFE_NOTE = (
    "for comparison only: with adoption at different times it also compares adopters with earlier adopters"
)


@dataclass(frozen=True)
class Adoption:
    """Who adopts when, read off the treatment column.

    Attributes:
        units, periods: labels in order.
        unit, period: (n,) indices of each row; -1 where unit or time is missing.
        first: (N,) index of the first treated period of each unit; P for those that never adopt.
    """

    units: tuple[object, ...]
    periods: tuple[object, ...]
    unit: NDArray[np.int64]
    period: NDArray[np.int64]
    first: NDArray[np.int64]


def read_adoption(frame: pd.DataFrame, T: NDArray[np.float64], unit: str, time: str) -> Adoption:
    """Read the adoption of each unit; the treatment (n,) is 0, 1 or NaN.

    Raises:
        DataError: a unit has two rows in one period, or fewer than two periods.
        NotApplicable: a unit's treatment switches off again.
    """
    import numpy as np
    import pandas as pd

    who, units = pd.factorize(frame[unit], sort=True)
    when, periods = pd.factorize(frame[time], sort=True)
    rows = (who >= 0) & (when >= 0) & np.isfinite(T)
    if len(periods) < 2:
        raise DataError(f"{time} has a single value", "a panel needs at least two periods")
    if pd.Series(who[rows] * len(periods) + when[rows]).duplicated().any():
        raise DataError(
            f"a value of {unit} has more than one row in one {time}",
            "each unit needs one row a period; aggregate the rows, or name the finer unit",
        )
    first = np.full(len(units), len(periods))
    on = rows & (T == 1)
    np.minimum.at(first, who[on], when[on])
    if (rows & (T == 0) & (when > first[who])).any():
        raise NotApplicable("the treatment switches off again in some units", SWITCHES)
    return Adoption(tuple(units), tuple(periods), who, when, first)


def identify_adoption(posed: Posed) -> Identified:
    """The argument from parallel trends: without adoption, adopters would have changed as the others did."""
    t, y, q = posed.treatment.name, posed.outcome, posed.context.question
    assert q.unit is not None
    assert q.time is not None
    posed.check(q.unit, q.time)
    if len({t, y, q.unit, q.time}) < 4:
        raise UsageError("treatment, outcome, unit and time must be four columns", "name different columns")
    if posed.chosen.type != "binary":
        raise NotApplicable(f"{t} has more than two values", SWITCHES)
    used = tuple(c for c in posed.controls or () if c not in (t, y, q.unit, q.time))
    frame = posed.context.dataset.frame([t, q.unit, q.time])
    seen = read_adoption(frame, code_treatment(frame[t], "binary", posed.chosen.contrast)[0], q.unit, q.time)
    comparison, findings = _comparison(seen, t)
    others = columns.others(posed.context.profile, t, y)
    cohorts = sorted({int(g) for g in seen.first if 0 < g < len(seen.periods)})
    found = Identification(
        "identified",
        "Difference-in-Differences",
        "ATT",
        f"units that adopt {t}, from adoption on",
        (t,),
        (y,),
        "binary",
        posed.chosen.contrast,
        controls=Controls(
            used,
            (),
            tuple(
                Excluded(c.name, "not used by this design; --controls names covariates of the trend")
                for c in others
                if c.name not in (q.unit, q.time, *used)
            ),
        ),
        design=(
            ("unit", q.unit),
            ("time", q.time),
            ("comparison", comparison),
            ("staggered", "yes" if len(cohorts) > 1 else "no"),
            ("adoption", ", ".join(period_text(seen.periods[g]) for g in cohorts)),
        ),
        assumptions=(
            Assumption("parallel_trends", True, "earlier trends are tested; those to come cannot be"),
            Assumption(
                "no_anticipation", False, "not testable here; the period before adoption must be unaffected"
            ),
            *(a for a in standard() if a.name != "positivity"),
        ),
        alternatives=(Alternative("Conditional Exogeneity", "time and unit columns were named"),),
        basis="design",
    )
    return Identified(found, findings)


def _comparison(seen: Adoption, treatment: str) -> tuple[did.Comparison, tuple[str, ...]]:
    """Never-treated units where there are enough, else those not yet treated."""
    P = len(seen.periods)
    never, always = int((seen.first == P).sum()), int((seen.first == 0).sum())
    adopts = len(seen.first) - never - always
    findings: tuple[str, ...] = ()
    if always:
        findings += (
            f"{always} units are treated from the first period on and tell nothing; they are left out.",
        )
    if not adopts and never and always:
        raise DataError(
            f"{treatment} never changes within a unit: it tells who is treated, and not from when",
            "make a column that is 1 for treated units from the change on and 0 otherwise, and ask for its effect",
        )
    if adopts < 2:
        raise DataError(
            f"{adopts} units adopt {treatment} after the first period; two or more are needed",
            SWITCHES if not adopts else "one treated unit calls for synthetic control: --design sc",
        )
    if never >= did.MIN_COMPARISON:
        return "never", (*findings, f"{adopts} units adopt; {never} never do and are compared with them.")
    return "not_yet", (
        *findings,
        f"{adopts} units adopt; they are compared with those that have not adopted yet.",
    )


def period_text(label: object) -> str:
    """A period's label; a date without its midnight."""
    return str(label).removesuffix(" 00:00:00")


# --- estimation -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Arrays:
    """The rows of a difference-in-differences design.

    Attributes:
        prepared: outcome and treatment of the rows used.
        panel: units by periods.
        comparison: whom adopters are compared with.
        periods: labels of the periods.
        X: (N, P, k) covariates, or ``None`` without any.
    """

    prepared: Prepared
    panel: did.Panel
    comparison: did.Comparison
    periods: tuple[object, ...]
    X: NDArray[np.float64] | None = None


def arrays(context: Context, found: Identification) -> Arrays:
    """Read the rows into a panel, units treated from the first period on left out."""
    import numpy as np

    unit, time = design_value(found, "unit"), design_value(found, "time")
    whole = context.dataset.frame([found.treatments[0], unit, time])
    T = code_treatment(whole[found.treatments[0]], "binary", found.contrast)[0]
    seen = read_adoption(whole, T, unit, time)
    p, frame = prepare_with(context, found, (unit, time))
    where = whole.index.get_indexer(frame.index)
    rows = p.in_contrast & (seen.first[seen.unit[where]] > 0)
    p, where = p.take(rows), where[rows]
    Y = np.full((len(seen.units), len(seen.periods)), np.nan)
    Y[seen.unit[where], seen.period[where]] = p.Y
    kept = (seen.first > 0) & np.isfinite(Y).any(axis=1)
    comparison: did.Comparison = "never" if design_value(found, "comparison") == "never" else "not_yet"
    X = None
    if p.X.shape[1]:
        X = np.full((*Y.shape, p.X.shape[1]), np.nan)
        X[seen.unit[where], seen.period[where]] = p.X
        X = X[kept]
    weights, clusters = _drawn(p, seen.unit[where], len(seen.units))
    panel = did.Panel(Y, seen.first, weights, clusters).take(kept)
    return Arrays(p, panel, comparison, seen.periods, X)


def _drawn(
    p: Prepared, unit: NDArray[np.int64], units: int
) -> tuple[NDArray[np.float64] | None, NDArray[np.int64] | None]:
    """Weight (the average over its rows) and cluster of each unit, from those of the rows (n,).

    Raises:
        DataError: a unit belongs to several clusters.
    """
    import numpy as np

    s, weights = p.sampling, None
    if s.weights is not None:
        weights = np.bincount(unit, s.weights, units) / np.maximum(np.bincount(unit, minlength=units), 1)
    return weights, of_units(s, unit, units)


def degrees(panel: did.Panel) -> int:
    """Degrees of freedom of the intervals: the smaller of adopters and others, less one (adopters, if all adopt).

    Where units belong to clusters, clusters are counted.
    """
    adopters, others = panel.counts
    return max(min(adopters, others) - 1 if others >= did.MIN_COMPARISON else adopters - 1, 1)


def estimate_adoption(context: Context, found: Identification, level: float) -> Work:
    """The average effect over treated unit-periods, period by period, and two-way fixed effects beside it."""
    a = arrays(context, found)
    p, panel = a.prepared, a.panel
    half = t_quantile(level, degrees(panel))
    staggered = design_value(found, "staggered") == "yes"
    main = did.overall(panel, a.comparison)
    made = [_estimate(p, "group_time_att", main.value, main.std_error, half, level)]
    given = None
    if a.X is not None:
        given = conditional.doubly_robust(panel, a.X, a.comparison)
        note = "given the covariates at the period before"
        made.insert(
            0,
            _estimate(p, "group_time_att_given_covariates", given.value, given.std_error, half, level, note),
        )
    if a.comparison == "never" and staggered:
        other = did.overall(panel, "not_yet")
        note = "compared with units that have not adopted yet"
        made.append(_estimate(p, "group_time_att_not_yet", other.value, other.std_error, half, level, note))
    value, error = did.two_way(panel)
    made.append(
        _estimate(p, "two_way_fixed_effects", value, error, half, level, TWFE_NOTE if staggered else "")
    )
    made.append(specification.unadjusted(p, level))
    events = did.by_event(panel, a.comparison)
    parts = conditional.decompose(panel) if staggered else None
    told = {e: (v.value, v.std_error) for e, v in events.items()} if given is None else given.events
    tables = (_events(told, half), *_bacon(parts))
    return Work(p, tuple(made), _facts(a, found, told, half), tables, (*_told(a), *_forbidden(parts)))


def _bacon(parts: conditional.Parts | None) -> tuple[Table, ...]:
    """Which comparisons two-way fixed effects average."""
    if parts is None:
        return ()
    rows: tuple[tuple[Scalar, ...], ...] = (
        ("adopters with units that never adopt", *parts.never),
        ("adopters with units that adopt later", *parts.later),
        ("adopters with units that adopted earlier", *parts.earlier),
    )
    title = "What two-way fixed effects average (Goodman-Bacon)"
    return (Table("two_way_parts", title, ("comparison", "weight", "value"), rows),)


def _forbidden(parts: conditional.Parts | None) -> tuple[str, ...]:
    if parts is None or parts.earlier[0] < FORBIDDEN:
        return ()
    return (
        f"{parts.earlier[0]:.0%} of the two-way fixed-effects number compares adopters with units already treated.",
    )


def _told(a: Arrays) -> tuple[str, ...]:
    """Missing cells, and groups too small to show their own spread."""
    import numpy as np

    panel, said = a.panel, list[str]()
    gaps = int(np.isnan(panel.Y).sum())
    if gaps:
        said.append(
            f"{gaps:,d} of {panel.Y.size:,d} unit-periods are missing; each comparison uses units seen in both."
        )
    alone = [period_text(a.periods[g]) for g in panel.groups if int((panel.first == g).sum()) == 1]
    if alone:
        said.append(
            f"Only one unit adopts in {', '.join(alone)}: its own spread cannot be seen, so intervals are too narrow."
        )
    return tuple(said)


def _estimate(
    p: Prepared, method: str, value: float, error: float, half: float, level: float, note: str = ""
) -> Estimate:
    return specification.make(p, method, value, error, half * error, level, note)


def _facts(
    a: Arrays, found: Identification, events: dict[int, tuple[float, float]], half: float
) -> tuple[Fact, ...]:
    p, panel = a.prepared, a.panel
    facts = [
        Fact("units", panel.units, "units", format=",d"),
        Fact("treated_units", panel.treated, f"units that adopt {p.treatment}", format=",d"),
        Fact("periods", panel.periods, "periods", format=",d"),
        Fact("cohorts", len(panel.groups), "groups that adopt together", format=",d"),
        Fact("comparison", a.comparison, "whom adopters are compared with (never or not yet adopting)"),
        Fact("staggered", design_value(found, "staggered"), "whether units adopt at different times"),
    ]
    for i, (e, (value, error)) in enumerate(((e, v) for e, v in events.items() if e >= 0), 1):
        low, high = value - half * error, value + half * error
        label = f"effect on {p.outcome} {e} periods after adoption"
        facts.append(Fact(f"event.{i}", value, label, p.unit, p.outcome, ",.3g", low, high))
        facts.append(Fact(f"event.{i}.after", e, "periods since adoption", format=",d"))
    return tuple(facts)


def _events(events: dict[int, tuple[float, float]], half: float) -> Table:
    rows: list[tuple[Scalar, ...]] = [
        (e, value, value - half * error, value + half * error) for e, (value, error) in events.items()
    ]
    title = "Effect by periods since adoption; before it, the change against the period before"
    return Table("event_study", title, ("periods since adoption", "value", "low", "high"), tuple(rows))
