"""Difference-in-differences where every row is seen once: a group that the treatment reached and one that it did not,
before and after it began.

Rows of one time are other rows than those of another (repeated cross-sections), so no unit is compared with itself;
the four means are.  The estimate is the coefficient of group times period beside both (Card and Krueger 1994; Lechner
2011); with controls, the same beside a straight line in them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import Alternative, Assumption, Controls, Excluded, Identification
from causalcopilot.domain.profile import Profile
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.assumptions import standard
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.designs.posed import Identified, Posed, design_value
from causalcopilot_tools.effects.refit import MIN_ARM, Prepared, prepare_with
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

ALONE = (
    "Rows are taken as independent: a shock that met one group at one time as a whole would look like the effect, "
    "and no standard error of two groups in two periods can tell them apart."
)


def is_crossed(found: Identification) -> bool:
    """Whether a difference-in-differences compares groups of rows and not units."""
    return bool(design_value(found, "group"))


def product_of(profile: Profile, name: str) -> tuple[str, str] | None:
    """The two marks whose product a column is, or ``None``."""
    two = {c.name for c in profile.columns if c.type == "binary" and c.storage in ("number", "boolean")}
    for m in profile.made:
        if m.name == name and m.how == "product" and {name, *m.parts} <= two:
            return m.parts[0], m.parts[1]
    return None


def products_with(profile: Profile, name: str) -> tuple[tuple[str, str], ...]:
    """Each mark that a column was multiplied with, and the product; only columns of two values."""
    found = []
    for m in profile.made:
        parts = product_of(profile, m.name)
        if parts is not None and name in parts:
            found.append((parts[1] if parts[0] == name else parts[0], m.name))
    return tuple(found)


def identify_crossed(posed: Posed) -> Identified:
    """The argument from parallel trends for a group and a period, both columns of two values."""
    t, y, q = posed.treatment.name, posed.outcome, posed.context.question
    assert q.unit is not None
    assert q.time is not None
    group, period = q.unit, q.time
    posed.check(group, period)
    if len({y, group, period}) < 3:
        raise UsageError("outcome, group and period must be three columns", "name different columns")
    for name in (group, period):
        if posed.context.profile.column(name).type != "binary":
            raise NotApplicable(
                f"{name} has more than two values",
                "name a column that is 1 in the group reached, and one that is 1 from the start of the treatment on",
            )
    if t not in (group, period) and set(product_of(posed.context.profile, t) or ()) != {group, period}:
        raise NotApplicable(
            f"{t} is neither the group, nor the period, nor their product",
            f"ask for the effect of {group}, with {period} as the period",
        )
    used = tuple(c for c in posed.controls or () if c not in (t, y, group, period))
    after = choose_contrast(posed.context.profile.column(period), None, None).contrast.treated
    others = columns.others(posed.context.profile, t, y)
    made = columns.computed(posed.context.profile, t, y)
    left = tuple(
        Excluded(
            c.name,
            made.get(c.name)
            or "not used by this design; --controls names what changed between the rows compared",
        )
        for c in others
        if c.name not in (group, period, *used)
    )
    found = Identification(
        "identified",
        "Difference-in-Differences",
        "ATT",
        f"rows of the group {group} once {period} is {after}",
        (t,),
        (y,),
        "binary",
        posed.chosen.contrast,
        controls=Controls(used, (), left),
        design=(
            ("group", group),
            ("time", period),
            ("comparison", "never"),
            ("staggered", "no"),
            ("adoption", str(after)),
        ),
        assumptions=(
            Assumption("parallel_trends", True, "earlier trends are tested where there are any"),
            Assumption("no_anticipation", False, "not testable here; the time before must be unaffected"),
            Assumption("same_composition", True, "what else is known of the rows is compared"),
            *(a for a in standard() if a.name != "positivity"),
        ),
        alternatives=(Alternative("Conditional Exogeneity", "a group and a period were named"),),
        basis="design",
    )
    return Identified(found, (ALONE,))


@dataclass(frozen=True)
class Cells:
    """The rows of the design.

    Attributes:
        prepared: treated are the group's rows once the treatment began; the controls begin with group and period.
        group, period: (n,) 0 or 1.
        frame: group and period as they stand, by the table's own row index.
    """

    prepared: Prepared
    group: NDArray[np.float64]
    period: NDArray[np.float64]
    frame: pd.DataFrame

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """Rows of the group after and before, and of the others after and before."""
        return tuple(  # type: ignore[return-value]
            int(((self.group == g) & (self.period == p)).sum()) for g in (1, 0) for p in (1, 0)
        )


def cells(context: Context, found: Identification) -> Cells:
    """Read the rows, and code group times period as the treatment.

    Raises:
        DataError: one of the four cells is nearly empty.
    """
    import numpy as np

    group, period = design_value(found, "group"), design_value(found, "time")
    whole, frame = prepare_with(context, found, (group, period))
    coded = []
    for name in (group, period):
        contrast = choose_contrast(context.profile.column(name), None, None).contrast
        coded.append(code_treatment(frame[name], "binary", contrast)[0])
    rows = whole.in_contrast & np.isfinite(coded[0]) & np.isfinite(coded[1])
    whole, frame = whole.take(rows), frame.loc[rows]
    G, P = coded[0][rows], coded[1][rows]
    p = replace(
        whole,
        T=G * P,
        X=np.column_stack([G, P, whole.X]),
        names=(group, period, *whole.names),
        sources=(group, period, *whole.sources),
    )
    made = Cells(p, G, P, frame)
    if min(made.counts) < MIN_ARM:
        raise DataError(
            f"one of the four cells of {group} and {period} has {min(made.counts)} rows",
            f"each needs at least {MIN_ARM}",
        )
    return made


def estimate_crossed(context: Context, found: Identification, level: float) -> Work:
    """The difference of differences of four means, and beside a line in the controls where there are any."""
    c = cells(context, found)
    p = c.prepared
    plain = replace(p, X=p.X[:, :2], names=p.names[:2], sources=p.sources[:2])
    made = [_named(plain, "four_means", level)]
    if p.X.shape[1] > 2:
        made.insert(0, _named(p, "four_means_given_controls", level))
    made.append(specification.unadjusted(p, level))
    return Work(p, tuple(made), (), (_table(c, found),), ())


def _named(p: Prepared, method: str, level: float) -> Estimate:
    e = specification.regression(p, level)
    return replace(e, method=method, quantity=p.quantity, population=p.population, note="")


def _table(c: Cells, found: Identification) -> Table:
    group, period = design_value(found, "group"), design_value(found, "time")
    Y, rows = c.prepared.Y, []
    for g in (1, 0):
        for t in (0, 1):
            here = (c.group == g) & (c.period == t)
            rows.append((g, t, int(here.sum()), float(Y[here].mean())))
    title = "The four means whose differences are compared"
    return Table("four_means", title, (group, period, "rows", f"mean {c.prepared.outcome}"), tuple(rows))
