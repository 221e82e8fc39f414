"""The cheap, repeatable fit: arrays of one identified effect, and a quick estimate on them.

``refute`` builds on this: ``prepare`` once, then ``fit_effect`` on altered copies
(``dataclasses.replace(prepared, T=permuted)`` for a placebo, ``prepared.take(rows)`` for a subset).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Identification, TreatmentType
from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.domain.question import Contrast, Quantity
from causalcopilot.errors import DataError, NotApplicable, NotIdentified
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.aipw import aipw
from causalcopilot_tools.effects.coding import code_outcome, code_treatment
from causalcopilot_tools.effects.design_matrix import encode
from causalcopilot_tools.effects.learners import STACK, Bases, Learner, make_bases
from causalcopilot_tools.effects.nuisance import (
    ArmNuisances,
    LineNuisances,
    cross_fit_arms,
    cross_fit_line,
)
from causalcopilot_tools.effects.plr import plr_slope
from causalcopilot_tools.effects.sampling import PLAIN, Sampling, clustered, said, settle
from causalcopilot_tools.effects.sampling import columns as sampling_columns
from causalcopilot_tools.effects.sampling import read as read_sampling
from causalcopilot_tools.effects.survival import code_event, event_of, restricted
from causalcopilot_tools.effects.threads import one_thread

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MIN_ARM = 10
"""Rows an arm needs; cross-fitting leaves too little to learn from below this."""
MIN_ROWS = 30
FAST_LEARNERS: tuple[Learner, ...] = ("lasso", "boosting")
FAST_FOLDS, FAST_ROUNDS = 2, 30
ROUNDS = 70
"""Trees of the boosted learner."""
BY_ADJUSTMENT = ("RCT", "Conditional Exogeneity")
"""Strategies that compare rows as they are, given controls."""
DRAWN = (
    *BY_ADJUSTMENT,
    "Instrumental Variable",
    "Regression Discontinuity",
    "Difference-in-Differences",
    "Panel Fixed Effects",
    "Mediation",
    "Joint Intervention",
    "General Identification",
)
"""Strategies whose estimators take the clusters and weights that the knowledge names."""
COPY = 1e-12
"""Distance of a correlation from one at which two columns say the same: rounding of stored numbers leaves less."""
FAST_TREE_COLUMNS = 60
"""Beyond this many encoded controls the fast fit leaves out boosting, whose time grows with them."""


@dataclass(frozen=True)
class Prepared:
    """One identified effect as arrays; never altered in place.

    Attributes:
        treatment, outcome: column names.
        kind: how the treatment is read.
        contrast: values compared, in the user's units.
        quantity: ATE, ATT or ATC.
        population: whom the quantity speaks of.
        randomised: whether the design says the treatment was randomised.
        X: (n, p) encoded controls.
        names: p encoded names.
        sources: p names of the table's columns they come from.
        T: (n,) binary or categorical: 1 treated, 0 control, -1 any other level; continuous: the values.
        Y: (n,) outcome in ``unit`` (0 or 100 for a two-level outcome).
        step: what the contrast is worth on T's scale (1, or treated minus control).
        unit: unit of Y and of the effect.
        binary_outcome: whether Y has two levels.
        rows: rows of the table.
        dropped: rows without treatment or outcome.
        imputed: rows with an imputed control.
        duplicates: repeated rows of the table, from the profile.
        findings: what a reader must know about coding and missing values.
        event: level of a two-level outcome that is counted, where it is not simply 1.
        sampling: clusters and weights of the rows.
        horizon: time up to which a cut-short outcome is averaged; Y then holds pseudo-observations.
    """

    treatment: str
    outcome: str
    kind: TreatmentType
    contrast: Contrast
    quantity: Quantity
    population: str
    randomised: bool
    X: NDArray[np.float64]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    T: NDArray[np.float64]
    Y: NDArray[np.float64]
    step: float
    unit: str
    binary_outcome: bool
    rows: int
    dropped: int
    imputed: int = 0
    duplicates: int = 0
    findings: tuple[str, ...] = ()
    event: str = ""
    sampling: Sampling = PLAIN
    horizon: float | None = None

    @property
    def n(self) -> int:
        """Rows used."""
        return len(self.Y)

    @property
    def in_contrast(self) -> NDArray[np.bool_]:
        """(n,) rows of the two arms compared; every row of a continuous treatment."""
        import numpy as np

        return np.ones(self.n, bool) if self.kind == "continuous" else self.T >= 0

    def take(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> Prepared:
        """The same effect on some rows (indices or mask)."""
        return replace(
            self, X=self.X[rows], T=self.T[rows], Y=self.Y[rows], sampling=self.sampling.take(rows)
        )

    def without(self, source: str) -> Prepared:
        """The same effect without one control column of the table."""
        keep = [i for i, s in enumerate(self.sources) if s != source]
        return replace(
            self,
            X=self.X[:, keep],
            names=tuple(self.names[i] for i in keep),
            sources=tuple(self.sources[i] for i in keep),
        )


@dataclass(frozen=True)
class Refit:
    """A quick estimate for the contrast, in the outcome's unit.

    Attributes:
        value, std_error: effect of the contrast and its standard error.
        nuisances: out-of-fold predictions it used (``ArmNuisances``, or ``LineNuisances`` when continuous).
    """

    value: float
    std_error: float
    nuisances: ArmNuisances | LineNuisances


def prepare(context: Context, identification: Identification) -> Prepared:
    """Read the columns an identified effect needs and code them as arrays.

    Raises:
        NotIdentified: the identification refuses.
        DataError: an empty arm, a constant outcome, too few rows.
        NotApplicable: a treatment or outcome that cannot be compared as asked.
    """
    return prepare_with(context, identification, ())[0]


def prepare_with(
    context: Context, identification: Identification, needed: Sequence[str], fewest: int = MIN_ARM
) -> tuple[Prepared, pd.DataFrame]:
    """``prepare``, and the rows' values in further columns, none of them missing (the table's
    own row index kept); raises as ``prepare`` does, an arm needing ``fewest`` rows."""
    import numpy as np

    if identification.status == "not_identified" or not (
        identification.treatments and identification.outcomes
    ):
        raise NotIdentified("the effect is not identified, so there is nothing to estimate", "see identify")
    t, y = identification.treatments[0], identification.outcomes[0]
    controls = [c for c in dict.fromkeys(identification.controls.used) if c not in (t, y)]
    drawn = sampling_columns(context, (t, y, *needed)) if identification.strategy in DRAWN else ("", "")
    event = event_of(context, y)
    _refuse_event(identification, event)
    names = [t, y, *controls, *needed, *filter(None, (*drawn, event))]
    frame = context.dataset.frame(list(dict.fromkeys(names)))
    kind, unit, levels = _outcome_facts(context, y)
    outcome = code_outcome(frame[y], unit, kind, levels)
    T, step = code_treatment(frame[t], identification.treatment_type, identification.contrast)
    present = frame[list(needed)].notna().all(axis=1).to_numpy(dtype=bool)
    sampling, whole = read_sampling(frame, *drawn)
    keep: NDArray[np.bool_] = np.isfinite(T) & np.isfinite(outcome.values) & present & whole
    horizon = None
    if event:
        seen, came = code_event(frame[event], _outcome_facts(context, event)[2])
        keep &= np.isfinite(seen)
        flat = identification.treatment_type == "continuous"
        outcome, horizon = restricted(
            outcome.take(keep),
            seen[keep],
            np.zeros(int(keep.sum())) if flat else T[keep],
            (y, event, came),
            context.question.horizon,
            sampling.take(keep).weights,
        )
    else:
        outcome = outcome.take(keep)
    arms = None if identification.treatment_type == "continuous" else T[keep]
    sampling = settle(sampling.take(keep), arms, t)
    types = {c.name: c.type for c in context.profile.columns}
    design = encode(frame.loc[keep], controls, types)
    prepared = Prepared(
        treatment=t,
        outcome=y,
        kind=identification.treatment_type,
        contrast=identification.contrast,
        quantity=identification.quantity,
        population=identification.population,
        randomised=identification.strategy == "RCT",
        X=design.X,
        names=design.names,
        sources=design.sources,
        T=T[keep],
        Y=outcome.values,
        step=step,
        unit=outcome.unit,
        binary_outcome=outcome.binary,
        rows=len(frame),
        dropped=int(np.count_nonzero(~keep)),
        imputed=design.imputed,
        duplicates=context.profile.duplicate_rows,
        findings=tuple(
            f for f in (outcome.finding, *said(sampling, identification.strategy), *design.findings) if f
        ),
        event=outcome.event,
        sampling=sampling,
        horizon=horizon,
    )
    check(prepared, fewest)
    _refuse_copy(prepared)
    return prepared, frame.loc[keep, list(needed)]


def _refuse_event(found: Identification, event: str) -> None:
    if event and found.strategy not in BY_ADJUSTMENT:
        raise NotApplicable(
            f"{found.strategy} does not take --event {event} here",
            "leave --event out; adjustment and randomised comparisons take it",
        )


def _outcome_facts(context: Context, name: str) -> tuple[ColumnType | None, str, tuple[str, ...]]:
    """Type, unit and level order of the outcome; the knowledge goes before the profile."""
    known = context.knowledge.column(name)
    seen = next((c for c in context.profile.columns if c.name == name), None)
    kind = (known.type if known else None) or (seen.type if seen else None)
    unit = (known.unit if known else "") or (seen.unit if seen else "")
    return kind, unit, known.levels if known else ()


def check(prepared: Prepared, fewest: int = MIN_ARM) -> None:
    """Raise ``DataError`` where no estimator can work: too few rows, an empty arm, nothing varies."""
    import numpy as np

    p = prepared
    if p.n < MIN_ROWS:
        raise DataError(
            f"only {p.n} rows have both {p.treatment} and {p.outcome}", f"at least {MIN_ROWS} are needed"
        )
    if np.ptp(p.Y) == 0:
        raise DataError(f"outcome {p.outcome!r} has a single value", "choose an outcome that varies")
    if p.kind == "continuous":
        if np.ptp(p.T) == 0:
            raise DataError(f"treatment {p.treatment!r} has a single value", "choose one that varies")
        return
    for code, level in ((1, p.contrast.treated), (0, p.contrast.control)):
        rows = int(np.count_nonzero(code == p.T))
        if rows < fewest:
            raise DataError(
                f"only {rows} usable rows have {p.treatment} = {level}",
                f"an arm needs at least {fewest} rows",
            )


def _refuse_copy(p: Prepared) -> None:
    """Raise ``DataError`` where the outcome is the treatment in other words: nothing but the treatment moves it."""
    import numpy as np

    if p.kind == "continuous":
        copied = abs(float(np.corrcoef(p.T, p.Y)[0, 1])) > 1.0 - COPY
    else:
        copied = all(float(np.ptp(p.Y[arm == p.T])) == 0.0 for arm in (0, 1))
    if copied:
        raise DataError(
            f"{p.outcome} follows exactly from {p.treatment} in every row: one is a copy of the other or made from it",
            "there is no effect to estimate; name another outcome",
        )


def fit_effect(prepared: Prepared, seed: int, fast: bool = True) -> Refit:
    """Estimate the contrast's effect once: cross-fitted AIPW, or a partially linear slope when continuous.

    Args:
        prepared: the arrays; altered copies are welcome.
        seed: folds derive from it.
        fast: two folds with lasso and small boosting; otherwise five folds with the whole stack.

    Raises:
        DataError: the (altered) arrays leave an arm without rows, or nothing that varies.
    """
    check(prepared)
    with one_thread():
        return _fit(prepared, seed, fast)


def _fit(prepared: Prepared, seed: int, fast: bool) -> Refit:
    learners = FAST_LEARNERS if fast else STACK
    if fast and prepared.X.shape[1] > FAST_TREE_COLUMNS:
        learners = FAST_LEARNERS[:1]
    k = FAST_FOLDS if fast else 5
    bases = bases_of(prepared, learners, FAST_ROUNDS if fast else ROUNDS)
    if prepared.kind == "continuous":
        line = cross_fit_line(bases, prepared.Y, prepared.T, seed, k=k, learners=learners)["stack"]
        slope = plr_slope(prepared.Y, prepared.T, line, prepared.sampling)
        if slope.value != slope.value:
            raise NotApplicable(
                f"the controls determine {prepared.treatment} completely", "leave out copies of the treatment"
            )
        return Refit(slope.value * prepared.step, slope.std_error * abs(prepared.step), line)
    arms = cross_fit_arms(
        bases, prepared.Y, prepared.T, seed, k=k, learners=learners, bounds=outcome_bounds(prepared)
    )["stack"]
    effect = aipw(prepared.Y, prepared.T, arms, prepared.quantity, weights=prepared.sampling.weights)
    return Refit(effect.value, clustered(effect, prepared.sampling).std_error, arms)


def bases_of(prepared: Prepared, learners: tuple[Learner, ...] = STACK, rounds: int = ROUNDS) -> Bases:
    """Feature matrices of the covariates, with the weights and clusters of the rows."""
    s = prepared.sampling
    return make_bases(prepared.X, learners, rounds, s.weights, s.clusters)


def outcome_bounds(prepared: Prepared) -> tuple[float, float] | None:
    """Bounds a predicted mean cannot leave: 0 to 100 for a two-level outcome."""
    return (0.0, 100.0) if prepared.binary_outcome else None
