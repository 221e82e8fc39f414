"""The design for panels whose treatment comes and goes, or is a number: units compared with themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard
from causalcopilot_tools.effects.designs import panel
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.nuisance import FOLDS
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.sampling import of_units
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FEW_UNITS = 30
"""With fewer units, standard errors clustered by unit are said to be somewhat too small."""


def identify_within(posed: Posed) -> Identified:
    """The argument from unit effects: what differs between units for good cannot confound changes within them."""
    t, y, q = posed.treatment.name, posed.outcome, posed.context.question
    assert q.unit is not None
    assert q.time is not None
    posed.check(q.unit, q.time)
    if len({t, y, q.unit, q.time}) < 4:
        raise UsageError("treatment, outcome, unit and time must be four columns", "name different columns")
    if posed.chosen.type == "categorical":
        raise NotApplicable(f"{t} has more than two levels", "compare two levels, or use a number")
    asked = posed.context.question.quantity
    wide = f"units whose {t} changes decide (ATE over changes), not the {asked} asked for"
    found = Identification(
        "identified",
        "Panel Fixed Effects",
        "ATE",
        f"changes of {t} within {q.unit}",
        (t,),
        (y,),
        posed.chosen.type,
        posed.chosen.contrast,
        controls=_controls(posed, (q.unit, q.time)),
        design=(("unit", q.unit), ("time", q.time)),
        assumptions=(
            Assumption(
                "unit_effects", False, "untestable: hidden causes may differ between units, not over time"
            ),
            Assumption("strict_exogeneity", True, "tested by the treatment of the next period"),
            *(a for a in standard() if a.name != "positivity"),
        ),
        alternatives=(
            Alternative("Difference-in-Differences", "the treatment is not one that units adopt and keep"),
            Alternative("Conditional Exogeneity", "time and unit columns were named"),
        ),
        basis="design",
    )
    return Identified(found, (wide,) if asked in ("ATT", "ATC") else ())


def _controls(posed: Posed, own: tuple[str, ...]) -> Controls:
    """Columns that vary over time and come before the treatment: those asked for, else those of the roles."""
    t, y, profile, known = posed.treatment.name, posed.outcome, posed.context.profile, posed.context.knowledge
    others = [c.name for c in columns.others(profile, t, y) if c.name not in own]
    if posed.controls is not None:
        used = tuple(c for c in posed.controls if c in others)
        return Controls(
            used, (), tuple(Excluded(n, "not among the requested controls") for n in others if n not in used)
        )
    if columns.knows_order(known, t):
        told = columns.role_controls(profile, known, t, y)
        return Controls(
            tuple(c for c in told.minimal if c not in own),
            (),
            tuple(e for e in told.forbidden if e.name not in own),
        )
    reason = "not known to come before the treatment; name it with --controls if it does"
    return Controls((), (), tuple(Excluded(n, reason) for n in others))


@dataclass(frozen=True)
class Arrays:
    """The rows of the design.

    Attributes:
        prepared: outcome, treatment and controls of the rows used.
        long: the panel.
        changing: units whose treatment changes.
        alone: rows of units seen once, left out.
    """

    prepared: Prepared
    long: panel.Long
    changing: int
    alone: int

    @property
    def counted(self) -> int:
        """What standard errors rest on: clusters that hold a changing unit, or changing units without clusters."""
        groups = self.long.clusters
        return self.changing if groups is None else _changing(self.long.T, groups, self.long.unit)

    @property
    def counted_by(self) -> str:
        """The word for them."""
        return f"values of {self.prepared.sampling.cluster}" if self.long.clusters is not None else "units"


def arrays(context: Context, found: Identification) -> Arrays:
    """Read the rows; units seen once tell nothing and are left out.

    Raises:
        DataError: a unit has two rows in one period or several clusters, or no unit is seen twice.
    """
    import numpy as np
    import pandas as pd

    unit, time = design_value(found, "unit"), design_value(found, "time")
    p, frame = prepare_with(context, found, (unit, time))
    who, when = pd.factorize(frame[unit], sort=True)[0], pd.factorize(frame[time], sort=True)[0]
    if pd.Series(who * (int(when.max()) + 1) + when).duplicated().any():
        raise DataError(
            f"a value of {unit} has more than one row in one {time}",
            "each unit needs one row a period; aggregate the rows, or name the finer unit",
        )
    rows = p.in_contrast & (np.bincount(who)[who] > 1)
    if not rows.any():
        raise DataError(f"no value of {unit} is seen in two periods", "unit effects need repeated rows")
    alone = int((p.in_contrast & ~rows).sum())
    p, who, when = p.take(rows), who[rows], when[rows]
    _, who = np.unique(who, return_inverse=True)
    _, when = np.unique(when, return_inverse=True)
    whole, groups = of_units(p.sampling, who, int(who.max()) + 1), None
    if whole is not None:
        groups = np.unique(whole, return_inverse=True)[1][who]
    long = panel.Long(p.Y, p.T, p.X, who, when, groups, p.sampling.weights)
    return Arrays(p, long, _changing(p.T, who, who), alone)


def _changing(T: NDArray[np.float64], group: NDArray[np.int64], who: NDArray[np.int64]) -> int:
    """Groups (n,) that hold a unit (n,) whose treatment (n,) changes."""
    import numpy as np

    low, high = np.full(who.max() + 1, np.inf), np.full(who.max() + 1, -np.inf)
    np.minimum.at(low, who, T)
    np.maximum.at(high, who, T)
    return len(np.unique(group[(high > low)[who]]))


def estimate_within(context: Context, found: Identification, level: float) -> Work:
    """Unit and period effects; with controls, learned in folds of whole units; first differences beside it."""
    import numpy as np

    a = arrays(context, found)
    p, long = a.prepared, a.long
    half = t_quantile(level, max(a.counted - 1, 1))
    made = [
        _estimate(p, "fixed_effects", panel.fixed_effects(long), half, level, "a straight line within units")
    ]
    said = list(_told(a))
    if p.X.shape[1] and len(np.unique(long.groups)) >= 2 * FOLDS:
        note = f"controls enter by stacked learners, fitted on other {a.counted_by}"
        made.insert(0, _estimate(p, "panel_dml", panel.learned(long, context.seed), half, level, note))
    try:
        made.append(_estimate(p, "first_differences", panel.first_differences(long), half, level))
    except DataError as error:
        said.append(f"First differences are not shown: {error.message}.")
    made.append(specification.unadjusted(p, level))
    return Work(p, tuple(made), _facts(a), (), tuple(said))


def _estimate(
    p: Prepared, method: str, s: panel.Slopes, half: float, level: float, note: str = ""
) -> Estimate:
    error = s.error() * abs(p.step)
    return specification.make(p, method, float(s.values[0]) * p.step, error, half * error, level, note)


def _facts(a: Arrays) -> tuple[Fact, ...]:
    periods = int(a.long.period.max()) + 1
    return (
        Fact("units", a.long.units, "units", format=",d"),
        Fact("changing_units", a.changing, f"units whose {a.prepared.treatment} changes", format=",d"),
        Fact("periods", periods, "periods", format=",d"),
    )


def _told(a: Arrays) -> tuple[str, ...]:
    t, said = a.prepared.treatment, list[str]()
    if a.alone:
        said.append(f"{a.alone:,d} rows of units seen only once tell nothing of changes and are left out.")
    if a.changing < a.long.units:
        said.append(
            f"{t} changes in {a.changing:,d} of {a.long.units:,d} units; the others only help to tell the periods."
        )
    if a.counted < FEW_UNITS:
        which = "changing units" if a.long.clusters is None else f"{a.counted_by} that hold a changing unit"
        said.append(f"With {a.counted} {which}, standard errors counted by them are somewhat too small.")
    return tuple(said)
