"""From an identified effect to what its differences are read from: scores, modifiers, arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects import controls as columns
from causalcopilot_tools.effects import overlap, primary
from causalcopilot_tools.effects.cate import line as lines
from causalcopilot_tools.effects.cate.scores import Scores, doubly_robust
from causalcopilot_tools.effects.design_matrix import encode
from causalcopilot_tools.effects.learners import Learner
from causalcopilot_tools.effects.nuisance import (
    ArmNuisances,
    LineNuisances,
    cross_fit_arms,
    cross_fit_shares,
)
from causalcopilot_tools.effects.refit import Prepared, bases_of, outcome_bounds, prepare_with
from causalcopilot_tools.effects.trimming import keep_rows

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

WIDEST = 30
"""Most encoded modifiers that are looked at together; a joint test of more has little power."""
ROWS_A_TERM = 20
"""Rows that each term of the joint test needs."""
LEARNING: tuple[Learner, ...] = ("lasso", "gam")
LEARNING_FOLDS = 3
COMES_AFTER = (
    columns.ROLE_REASONS["post_treatment"],
    columns.ROLE_REASONS["mediator"],
    "comes after the treatment",
    "effect of treatment",
    "effect of the treatment",
    "has the treatment's place",
    "collider",
    "descendant",
    "nearly restates",
)
"""Beginnings or parts of the reasons for which a column may have been changed by the treatment."""


@dataclass(frozen=True)
class Material:
    """What differing effects are read from.

    Attributes:
        prepared: arrays of the effect, two arms only, trimmed as the estimate is; all rows of a numeric treatment.
        scores: cross-fitted doubly robust scores; those of a line where the treatment is a number.
        fit: the nuisances behind them.
        V: (n, k) encoded modifiers.
        names, sources: k names of the encoded modifiers, and the columns they come from.
        frame: the n rows' values of named modifiers.
        nominal: named modifiers whose numbers are only names.
        named: columns named as modifiers; empty where all controls are.
        among: (column, level) the question is about, or empty texts.
        findings: what a reader must know.
    """

    prepared: Prepared
    scores: Scores
    fit: ArmNuisances | LineNuisances
    V: NDArray[np.float64]
    names: tuple[str, ...]
    sources: tuple[str, ...]
    frame: pd.DataFrame
    nominal: frozenset[str]
    named: tuple[str, ...]
    among: tuple[str, str]
    findings: tuple[str, ...]


def read(context: Context, found: Identification, named: tuple[str, ...]) -> Material:
    """Check the modifiers, read the rows, fit the nuisances.

    Raises:
        NotApplicable: a modifier that the treatment may have changed, or none to look at.
        DataError: as ``prepare``; no overlap at all.
    """
    for name in named:
        _refuse_later(context, found, name)
    held, said = _with_named(found, named)
    full, frame = prepare_with(context, held, named)
    keep, trimmed = _kept(full, context.seed)
    p, frame = full.take(keep), frame.loc[keep]
    kinds = {c.name: c.type for c in context.profile.columns}
    new = tuple(n for n in named if n not in found.controls.used)
    scores, fit, level, told = (
        _by_line(p, context.seed) if p.kind == "continuous" else _by_arms(p, context.seed, new)
    )
    said += trimmed + told
    V, names, sources = p.X, p.names, p.sources
    if named:
        design = encode(frame, named, kinds)
        V, names, sources = design.X, design.names, design.sources
    if not V.shape[1]:
        what = f"{', '.join(named)} never varies here" if named else "there are no controls to look at"
        raise NotApplicable(
            f"nothing the effect could differ by: {what}", "name columns measured before the treatment"
        )
    V, names, sources, left = narrowed(V, names, sources, level, bool(named))
    nominal = frozenset(n for n in named if kinds.get(n) in ("nominal", "text", "identifier"))
    asked = context.question.among
    among = (asked[0], asked[1]) if len(asked) > 1 and asked[0] in named else ("", "")
    return Material(
        p, scores, fit, V, names, sources, frame, nominal, named, among, (*p.findings, *said, *left)
    )


def _by_arms(
    p: Prepared, seed: int, new: tuple[str, ...]
) -> tuple[Scores, ArmNuisances, NDArray[np.float64], tuple[str, ...]]:
    """Scores of two arms, their nuisances, the outcome within the arms, and what overlap says."""
    fits = primary.fit_arms(p, seed, primary.fold_seeds(p))
    fit = primary.mean_arms(fits)
    scores = _mean_scores(p, tuple(f["stack"] for f in fits))
    return scores, fit, within_arms(p.Y, p.T), _support(p, fit, new)


def _by_line(p: Prepared, seed: int) -> tuple[Scores, LineNuisances, NDArray[np.float64], tuple[str, ...]]:
    """The same for a numeric treatment, whose effect is a slope."""
    fit = lines.mean_line(primary.fit_line(p, seed, primary.fold_seeds(p)))
    return lines.straight(p, fit), fit, lines.plain_residual(p.Y, p.T), lines.told(p, lines.left_over(p, fit))


def _mean_scores(p: Prepared, fits: Sequence[ArmNuisances]) -> Scores:
    """Scores averaged over fold seeds."""
    s = p.sampling
    made = [doubly_robust(p.Y, p.T, f, p.quantity, s.weights, s.clusters) for f in fits]
    gain = sum((m.gain for m in made[1:]), made[0].gain) / len(made)
    return replace(made[0], gain=gain)


def learning_scores(m: Material, rows: NDArray[np.bool_], seed: int) -> tuple[Scores, ArmNuisances]:
    """Scores of some rows from nuisances that saw no other row: what is chosen with them owes nothing to the rest."""
    p = m.prepared.take(rows)
    bases = bases_of(p, LEARNING)
    fit = cross_fit_arms(
        bases, p.Y, p.T, seed, k=LEARNING_FOLDS, learners=LEARNING, bounds=outcome_bounds(p)
    )["stack"]
    return _mean_scores(p, (fit,)), fit


def _refuse_later(context: Context, found: Identification, name: str) -> None:
    """Modifiers must come before the treatment: a group that the treatment makes compares different people."""
    if name in (*found.treatments, *found.outcomes):
        what = "treatment" if name in found.treatments else "outcome"
        raise NotApplicable(
            f"{name} is the {what} and cannot be a modifier of the effect", "name another column"
        )
    if why := columns.unusable(context.profile.column(name), allow_dates=True):
        raise NotApplicable(
            f"{name} cannot be a modifier: it {why}", "name a column that groups of rows share"
        )
    reasons = {x.name: x.reason for x in found.controls.forbidden}
    known = context.knowledge.column(name)
    reason = reasons.get(name, "") if name not in found.controls.used else ""
    if known is not None and known.role in ("post_treatment", "mediator", "negative_control_outcome"):
        reason = columns.ROLE_REASONS[known.role]
    if any(part in reason for part in COMES_AFTER):
        raise NotApplicable(
            f"{name} cannot be a modifier: it {reason}"
            if not reason.startswith("measured")
            else f"{name} cannot be a modifier: {reason}",
            "a group that the treatment itself makes compares different people; name a column from before it",
        )


def _with_named(found: Identification, named: tuple[str, ...]) -> tuple[Identification, tuple[str, ...]]:
    """Named modifiers are held too: within a group, the arms are compared at equal controls and equal modifier."""
    new = tuple(n for n in named if n not in found.controls.used)
    if not new:
        return found, ()
    c = found.controls
    kept = tuple(x for x in c.forbidden if x.name not in new)
    held = replace(found, controls=Controls(c.minimal, (*c.optional, *new), kept))
    listed = ", ".join(new)
    return held, (
        f"Held beside the controls, because the effect is told by it: {listed}. Nobody says that this was measured "
        "before the treatment; if the treatment moves it, its groups mean nothing.",
    )


def _kept(p: Prepared, seed: int) -> tuple[NDArray[np.bool_], tuple[str, ...]]:
    """Rows the estimate would use: the same trimming rule."""
    import numpy as np

    if p.quantity == "ATE" or p.kind == "continuous" or p.randomised or not p.X.shape[1]:
        return np.ones(p.n, dtype=bool), ()
    keep = keep_rows(cross_fit_shares(bases_of(p), p.T, seed), p.T, p.quantity)
    lost = int(np.count_nonzero(~keep))
    return keep, (f"The trimming rule left out {lost:,d} rows without counterparts.",) if lost else ()


def _support(p: Prepared, fit: ArmNuisances, new: tuple[str, ...]) -> tuple[str, ...]:
    s = overlap.assess(p.T, fit, p.quantity, p.randomised)
    if s.outside >= overlap.HOPELESS:
        if new:
            raise DataError(
                f"no overlap once {', '.join(new)} is held: it tells the arms apart for practically every row",
                "a copy, a part or a consequence of the treatment is no modifier; name another column",
            )
        raise DataError("no overlap: hardly any row could have been in either arm", "narrow the population")
    if s.supported:
        return ()
    return (
        f"Overlap is poor ({s.outside:.1%} of the rows have no counterparts): differences between groups may be "
        "differences in how much is extrapolated.",
    )


def within_arms(Y: NDArray[np.float64], T: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) outcome less its arm's mean."""
    import numpy as np

    means = [float(Y[arm == T].mean()) for arm in (0, 1)]
    return Y - np.where(T == 1, means[1], means[0])


def narrowed(
    V: NDArray[np.float64],
    names: tuple[str, ...],
    sources: tuple[str, ...],
    level: NDArray[np.float64],
    named: bool,
) -> tuple[NDArray[np.float64], tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """The encoded modifiers that are looked at together: those that go most with the outcome within the arms.

    That sum over both arms has no correlation with the difference between them, so the choice leaves the joint test its
    level; chosen by learned means, whose selection looks at each arm apart, it rejected 10 of 60 equal effects.
    """
    import numpy as np

    most = max(1, min(WIDEST, len(V) // ROWS_A_TERM))
    if V.shape[1] <= most:
        return V, names, sources, ()
    z = (V - V.mean(axis=0)) / np.maximum(V.std(axis=0), 1e-12)
    tie = np.abs(z.T @ (level - level.mean()))
    keep = np.sort(np.argsort(-tie, kind="stable")[:most])
    said = (
        f"Of {V.shape[1]} encoded {'named ' if named else ''}modifiers the {most} that go most with the outcome are "
        "looked at together; name fewer to test the others.",
    )
    return V[:, keep], tuple(names[i] for i in keep), tuple(sources[i] for i in keep), said
