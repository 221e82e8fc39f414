"""The whole curve beside one contrast: adjusted means at every level, or along bins of a numeric treatment.

Each level (or bin) is an arm of its own, estimated by cross-fitted AIPW with the generalised propensity score
(Imbens 2000) and quick nuisances; differences are taken from the level compared with, or from the lowest bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Scalar
from causalcopilot.domain.identification import Identification
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects.aipw import Effect, clipped, normalised, standard_error
from causalcopilot_tools.effects.design_matrix import level_text
from causalcopilot_tools.effects.folds import stratified_folds
from causalcopilot_tools.effects.learners import Learner
from causalcopilot_tools.effects.nuisance import oof_mean, oof_probability, short_stack
from causalcopilot_tools.effects.refit import Prepared, bases_of, outcome_bounds, prepare_with
from causalcopilot_tools.effects.sampling import clustered

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CURVE: tuple[Learner, ...] = ("lasso", "gam")
FOLDS, ROUNDS = 3, 30
BINS = 5
MAX_LEVELS = 8
MIN_ROWS = 30
"""Rows that a level or a bin needs to stand in the table."""
TITLES = {
    "levels": "Adjusted mean of {y} at each level of {t}, and its difference from {first}",
    "dose_response": "Adjusted mean of {y} along {t}, and its difference from the lowest bin",
}


@dataclass(frozen=True)
class Step:
    """One level or bin.

    Attributes:
        name: level, or range of the bin.
        rows: rows in it.
        mean: adjusted mean of the outcome had every row been there.
        difference: its difference from the first step; ``None`` for the first.
    """

    name: str
    rows: int
    mean: Effect
    difference: Effect | None


def levels(context: Context, found: Identification, p: Prepared, level: float) -> tuple[Table, ...]:
    """The table ``levels`` of a treatment with three levels or more; nothing for two, or for too many."""
    import numpy as np

    if p.kind != "categorical" or p.quantity != "ATE":
        return ()
    whole, frame = prepare_with(context, found, (p.treatment,))
    text = np.array([level_text(v) for v in frame[p.treatment]], dtype=object)
    first = level_text(p.contrast.control)
    names = [n for n in sorted({t for t in text if t is not None}) if (text == n).sum() >= MIN_ROWS]
    if not 3 <= len(names) <= MAX_LEVELS or first not in names:
        return ()
    names = [str(first), *(n for n in names if n != first)]
    steps = curve(whole, [(n, text == n) for n in names], context.seed)
    return (_table("levels", p, steps, level, str(first)),)


def dose_response(p: Prepared, seed: int, level: float) -> tuple[Table, ...]:
    """The table ``dose_response`` of a numeric treatment, over bins that hold equally many rows."""
    import numpy as np

    if p.n < 2 * MIN_ROWS:
        return ()
    seen = np.unique(p.T)
    if len(seen) <= BINS + 1:
        masks = [(f"{v:g}", p.T == v) for v in seen]
    else:
        edges = np.unique(np.quantile(p.T, np.linspace(0, 1, BINS + 1)))
        place = np.clip(np.searchsorted(edges, p.T, side="right") - 1, 0, len(edges) - 2)
        masks = [(f"{edges[i]:.4g} to {edges[i + 1]:.4g}", place == i) for i in range(len(edges) - 1)]
    masks = [(name, m) for name, m in masks if m.sum() >= MIN_ROWS]
    if len(masks) < 2:
        return ()
    return (_table("dose_response", p, curve(p, masks, seed), level, masks[0][0]),)


def curve(p: Prepared, steps: Sequence[tuple[str, NDArray[np.bool_]]], seed: int) -> tuple[Step, ...]:
    """Adjusted means of all rows at each step, and their differences from the first.

    Args:
        p: arrays of the effect.
        steps: names and (n,) rows of each step.
        seed: folds derive from it.
    """
    import numpy as np

    bases = bases_of(p, CURVE, ROUNDS)
    place = np.full(p.n, -1.0)
    for i, (_, rows) in enumerate(steps):
        place[rows] = i
    fold = stratified_folds(place, FOLDS, seed, clusters=p.sampling.clusters)
    usable = bases.usable(CURVE) or ("lasso",)
    bounds = outcome_bounds(p)
    w = np.ones(p.n) if p.sampling.weights is None else p.sampling.weights
    out: list[Step] = []
    for name, rows in steps:
        mean = short_stack(oof_mean(bases, p.Y, rows, fold, usable), p.Y, rows, p.sampling.weights)[0]
        mean = mean if bounds is None else np.clip(mean, *bounds)
        d = rows.astype(float)
        share = short_stack(oof_probability(bases, d, fold, usable), d, rows == rows, p.sampling.weights)[0]
        score = mean + normalised(d / clipped(share), w / w.mean()) * (p.Y - mean)
        value = float((w * score).mean())
        here = Effect(value, 0.0, w * (score - value))
        gap = None
        if out:
            start = out[0].mean
            influence = here.influence - start.influence
            gap = clustered(Effect(value - start.value, standard_error(influence), influence), p.sampling)
        here = clustered(Effect(value, standard_error(here.influence), here.influence), p.sampling)
        out.append(Step(name, int(rows.sum()), here, gap))
    return tuple(out)


def _table(name: str, p: Prepared, steps: Sequence[Step], level: float, first: str) -> Table:
    q = p.sampling.quantile(level)

    def ends(e: Effect | None) -> tuple[Scalar, Scalar, Scalar]:
        if e is None:
            return None, None, None
        return e.value, e.value - q * e.std_error, e.value + q * e.std_error

    rows = tuple((s.name, s.rows, *ends(s.mean), *ends(s.difference)) for s in steps)
    heads = (p.treatment, "rows", "mean", "low", "high", "difference", "difference low", "difference high")
    return Table(name, TITLES[name].format(y=p.outcome, t=p.treatment, first=first), heads, rows)
