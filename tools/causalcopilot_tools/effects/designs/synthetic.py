"""The design for one treated unit: who it is, which donors it is compared with, and its estimates."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.designs import sc
from causalcopilot_tools.effects.designs.adoption import Adoption, period_text, read_adoption
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHOWN = 0.001
"""Smallest weight of a donor that is listed."""
MISFIT = 2.0
"""Times the usual donor's gap before the treatment from which placebos are said to understate the spread."""


def single_adopter(seen: Adoption) -> int | None:
    """The index of the one unit that adopts after the first period, or ``None`` where it is not one."""
    import numpy as np

    some = np.flatnonzero((seen.first > 0) & (seen.first < len(seen.periods)))
    return int(some[0]) if len(some) == 1 else None


def identify_single(posed: Posed) -> Identified:
    """The argument for one treated unit: weighted donors that followed it before go on as it would have."""
    t, y, q = posed.treatment.name, posed.outcome, posed.context.question
    assert q.unit is not None
    assert q.time is not None
    posed.check(q.unit, q.time)
    if len({t, y, q.unit, q.time}) < 4:
        raise UsageError("treatment, outcome, unit and time must be four columns", "name different columns")
    if posed.chosen.type != "binary":
        raise NotApplicable(f"{t} has more than two values", "synthetic control needs a treatment of 0 and 1")
    if posed.controls:
        raise NotApplicable("synthetic control is offered without controls only", "leave out --controls")
    _refuse_sampling(q)
    frame = posed.context.dataset.frame([t, q.unit, q.time])
    seen = read_adoption(frame, code_treatment(frame[t], "binary", posed.chosen.contrast)[0], q.unit, q.time)
    one = single_adopter(seen)
    if one is None:
        count = int(((seen.first > 0) & (seen.first < len(seen.periods))).sum())
        raise NotApplicable(
            f"{count} units adopt {t} after the first period, and synthetic control is for one",
            "use --design did" if count else "the treated unit must be untreated in the first period",
        )
    never = int((seen.first == len(seen.periods)).sum())
    unit, start = str(seen.units[one]), period_text(seen.periods[seen.first[one]])
    others = columns.others(posed.context.profile, t, y)
    found = Identification(
        "identified",
        "Synthetic Control",
        "ATT",
        f"{q.unit} {unit}, from {q.time} {start} on",
        (t,),
        (y,),
        "binary",
        posed.chosen.contrast,
        controls=Controls(
            (),
            (),
            tuple(
                Excluded(c.name, "not used by this design") for c in others if c.name not in (q.unit, q.time)
            ),
        ),
        design=(("unit", q.unit), ("time", q.time), ("treated_unit", unit), ("start", start)),
        assumptions=(
            Assumption(
                "donors_follow", True, "the fit before the treatment shows it; what comes after cannot"
            ),
            Assumption("no_anticipation", False, "a placebo date looks for it; it cannot be ruled out"),
            Assumption("donors_untouched", False, "untestable: the treatment must not spill over to donors"),
            *(a for a in standard() if a.name != "positivity"),
        ),
        alternatives=(
            Alternative("Difference-in-Differences", "one treated unit gives no standard error by clusters"),
            Alternative("Conditional Exogeneity", "time and unit columns were named"),
        ),
        basis="design",
    )
    return Identified(found, (f"One unit adopts, {unit}; {never} never do and are its possible donors.",))


def _refuse_sampling(q: Question) -> None:
    """One treated unit: nothing to count by, and nothing that its own weight could change."""
    if q.cluster and q.cluster != q.unit:
        raise NotApplicable(
            f"one treated {q.unit} leaves nothing to count by {q.cluster}: a synthetic control's interval comes from "
            f"putting each donor in its place",
            f"leave --cluster out; if the treatment came to a whole {q.cluster}, aggregate the rows to one for each "
            f"{q.cluster} and {q.time}, and name it as the unit (--unit {q.cluster})",
        )
    if q.weights:
        raise NotApplicable(
            f"a synthetic control finds the weights of its donors itself, and cannot weigh them by {q.weights}",
            f"leave --weights out; if {q.weights} weighs people within each {q.unit}, make the outcome its weighted "
            f"mean for each {q.unit} and {q.time} first",
        )


@dataclass(frozen=True)
class Arrays:
    """The rows of the design.

    Attributes:
        prepared: outcome and treatment of the rows used.
        panel: the treated unit and its donors.
        periods: labels of the periods kept.
        donors: labels of the donors kept.
        left_out: donors and periods that were left out because of missing values.
    """

    prepared: Prepared
    panel: sc.Single
    periods: tuple[object, ...]
    donors: tuple[object, ...]
    left_out: tuple[int, int]


def arrays(context: Context, found: Identification) -> Arrays:
    """Read the rows; donors must be seen in every period in which the treated unit is.

    Raises:
        DataError: too few donors or periods are left.
    """
    import numpy as np

    unit, time = design_value(found, "unit"), design_value(found, "time")
    whole = context.dataset.frame([found.treatments[0], unit, time])
    T = code_treatment(whole[found.treatments[0]], "binary", found.contrast)[0]
    seen = read_adoption(whole, T, unit, time)
    one = single_adopter(seen)
    if one is None:
        raise DataError("the table no longer has one treated unit", "identify again")
    p, frame = prepare_with(context, found, (unit, time), fewest=1)
    where = whole.index.get_indexer(frame.index)
    Y = np.full((len(seen.units), len(seen.periods)), np.nan)
    Y[seen.unit[where], seen.period[where]] = p.Y
    kept = np.isfinite(Y[one])
    never = seen.first == len(seen.periods)
    whole_seen = never & np.isfinite(Y[:, kept]).all(axis=1)
    start = int(kept[: int(seen.first[one])].sum())
    panel = sc.Single(Y[one, kept], Y[whole_seen][:, kept], start)
    sc.check(panel)
    member = whole_seen.copy()
    member[one] = True
    rows = member[seen.unit[where]] & kept[seen.period[where]]
    labels = tuple(u for u, k in zip(seen.units, whole_seen, strict=True) if k)
    periods = tuple(x for x, k in zip(seen.periods, kept, strict=True) if k)
    return Arrays(
        p.take(rows), panel, periods, labels, (int(never.sum() - whole_seen.sum()), int((~kept).sum()))
    )


def estimate_single(context: Context, found: Identification, level: float) -> Work:
    """Synthetic control with its placebo interval; synthetic difference-in-differences and plain averages beside it."""
    a = arrays(context, found)
    p, panel = a.prepared, a.panel
    main, tried = sc.synthetic(panel), sc.placebos(panel)
    smooth, again = sc.synthetic_did(panel), sc.placebos(panel, did=True)
    half = half_width(tried, level)
    error = half / t_quantile(level, len(tried) - 1)
    made = [
        specification.make(
            p, "synthetic_control", main.effect, error, half, level, "interval from placebo donors"
        ),
        specification.make(
            p,
            "synthetic_did",
            smooth.effect,
            half_width(again, level) / t_quantile(level, len(again) - 1),
            half_width(again, level),
            level,
            "allows a level of its own, and weighs periods as well",
        ),
        _equal(p, panel, level),
    ]
    if int((p.T == 1).sum()) > 1:
        made.append(specification.unadjusted(p, level))
    told = (*_told(a), *_misfit(main, tried))
    return Work(p, tuple(made), _facts(a, found, main, tried), _tables(a, main, tried), told)


def half_width(tried: tuple[sc.Fitted, ...], level: float) -> float:
    """Half the interval: the placebos' root mean square effect, with a t quantile for how few they are."""
    count = len(tried)
    small = math.sqrt(count / (count - 1))
    return t_quantile(level, count - 1) * small * sc.placebo_error(tried)


def _equal(p: Prepared, s: sc.Single, level: float) -> Estimate:
    """Every donor with the same weight: difference-in-differences with one treated unit."""
    import numpy as np

    every = np.vstack([s.treated, s.donors])
    change = every[:, s.start :].mean(axis=1) - every[:, : s.start].mean(axis=1)
    others = change[1:]
    error = float(others.std(ddof=1)) * (1 + 1 / len(others)) ** 0.5
    half = t_quantile(level, len(others) - 1) * error
    value = float(change[0] - others.mean())
    return specification.make(
        p, "equal_donors", value, error, half, level, "every donor with the same weight"
    )


def _misfit(main: sc.Fitted, tried: tuple[sc.Fitted, ...]) -> tuple[str, ...]:
    """Placebos that fit far better than the treated unit cannot show its spread."""
    usual = sorted(f.before for f in tried)[len(tried) // 2]
    if main.before <= MISFIT * usual:
        return ()
    return (
        f"Before the treatment the gap is {main.before:.3g}, in the usual donor {usual:.3g}: the interval, which is "
        "made of the donors' gaps, is too narrow for such a unit.",
    )


def _told(a: Arrays) -> tuple[str, ...]:
    donors, periods = a.left_out
    said: tuple[str, ...] = ()
    if donors:
        said += (f"{donors} donors lack a value in some period and were left out.",)
    if periods:
        said += (f"{periods} periods without a value of the treated unit were left out.",)
    return said


def _facts(
    a: Arrays, found: Identification, main: sc.Fitted, tried: tuple[sc.Fitted, ...]
) -> tuple[Fact, ...]:
    p, s = a.prepared, a.panel
    facts = [
        Fact("treated_unit", design_value(found, "treated_unit"), "treated unit"),
        Fact("start", design_value(found, "start"), "first treated period"),
        Fact("donors", s.count, "donors", format=",d"),
        Fact("periods_before", s.start, "periods before the treatment", format=",d"),
        Fact("periods_after", len(s.treated) - s.start, "periods from the treatment on", format=",d"),
        Fact("fit_before", main.before, "root mean square gap before the treatment", p.unit, format=",.3g"),
        Fact("rank_p_value", rank_of(main, tried), "rank p value among placebo donors", format=".3f"),
    ]
    for i, (name, weight) in enumerate(_ordered(a, main)[:5], 1):
        facts.append(Fact(f"donor.{i}", name, "donor", subject=name))
        facts.append(Fact(f"donor.{i}.weight", weight, f"weight of {name}", format=".0%"))
    for i, gap in enumerate(main.gap[s.start :], 1):
        label = f"gap of {p.outcome} in {period_text(a.periods[s.start + i - 1])}"
        facts.append(Fact(f"event.{i}", float(gap), label, p.unit, p.outcome, ",.3g"))
    return tuple(facts)


def rank_of(main: sc.Fitted, tried: tuple[sc.Fitted, ...]) -> float:
    """Rank p value of the treated unit's ratio of gaps after to before (Abadie et al. 2010)."""
    return sc.rank_p(main.ratio, [f.ratio for f in tried])


def _ordered(a: Arrays, main: sc.Fitted) -> list[tuple[str, float]]:
    pairs = [(str(n), float(w)) for n, w in zip(a.donors, main.weights, strict=True) if w > SHOWN]
    return sorted(pairs, key=lambda pair: -pair[1])


def _tables(a: Arrays, main: sc.Fitted, tried: tuple[sc.Fitted, ...]) -> tuple[Table, ...]:
    s = a.panel
    made = s.treated - main.gap
    band = _band(tried)
    course: list[tuple[Scalar, ...]] = [
        (
            period_text(label),
            float(s.treated[i]),
            float(made[i]),
            float(main.gap[i]),
            float(band[i]),
            i >= s.start,
        )
        for i, label in enumerate(a.periods)
    ]
    heads = ("period", "treated", "synthetic", "gap", "placebo spread", "treated by then")
    ranked: list[tuple[Scalar, ...]] = sorted(
        ((str(n), f.effect, f.before, f.ratio) for n, f in zip(a.donors, tried, strict=True)),
        key=lambda row: -float(row[3] or 0.0),
    )
    return (
        Table("synthetic", "The treated unit and its synthetic control", heads, tuple(course)),
        Table("donors", "Weights of the donors", ("donor", "weight"), tuple(_ordered(a, main))),
        Table(
            "placebos",
            "Each donor in the treated unit's place",
            ("donor", "effect", "gap before", "gap after over before"),
            tuple(ranked),
        ),
    )


def _band(tried: tuple[sc.Fitted, ...]) -> NDArray[np.float64]:
    """Root mean square gap of the placebos in each period."""
    import numpy as np

    gaps = np.array([f.gap for f in tried])
    band: NDArray[np.float64] = np.sqrt((gaps**2).mean(axis=0))
    return band


def with_donor_left_out(s: sc.Single, main: sc.Fitted) -> dict[int, float]:
    """Effect without each donor that carries weight, by its index."""
    return {j: sc.synthetic(s.without(j)).effect for j in range(s.count) if main.weights[j] > SHOWN}
