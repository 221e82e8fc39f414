"""Was the treatment drawn by lot, as was said?  A random draw leaves no column that came before it uneven."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from causalcopilot.domain import thresholds
from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot_tools.effects.controls import default_controls, earlier_columns, knows_order
from causalcopilot_tools.effects.grouped import grouping_columns
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.effects.refit import prepare
from causalcopilot_tools.refutation.material import Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAME = "random_draw"
NOT_DRAWN = "nobody says that the treatment was drawn by lot"


def needless(m: Material) -> str:
    """Why the check does not apply; empty for a treatment that is said to be randomised."""
    return "" if m.prepared.randomised else NOT_DRAWN


def random_draw(m: Material) -> tuple[Check, ...]:
    """Does a column move with the treatment more than a lot lets it?

    Held columns and those known to come first are tried; where no order is known, every usable column is.  Then
    an uneven one may be an effect of the treatment, which is harmless as long as it is not held, but the table
    cannot tell it from a failed draw.  A column by whose values the treatment was handed out moves with it by
    design and is not tried: ``repeated_units`` speaks of it.  Score test of no association, by cluster where rows
    are counted so, with Bonferroni's correction.  Where the lot was drawn within strata, columns and treatment are
    compared within them.
    """
    p, used = m.prepared, m.identification.controls.used
    strata = tuple(s for s in m.context.question.strata if s in m.context.profile.names)
    groups = grouping_columns(m.context, p.treatment, p.outcome, used)
    tried = tuple(c for c in dict.fromkeys((*used, *_first(m))) if c not in (*groups, *strata))
    if not tried:
        return (_said("skipped", None, None, "no column could show it"),)
    controls = replace(m.identification.controls, minimal=strata, optional=tried)
    wide = prepare(m.context, replace(m.identification, controls=controls))
    held = [s in strata for s in wide.sources]
    if all(held):
        return (_said("skipped", None, None, "no column could show it"),)
    rows, clusters = wide.in_contrast, wide.sampling.clusters
    X, T, sources = within(wide.X[rows], wide.T[rows], held, wide.sources)
    scores = score_tests(X, T, None if clusters is None else clusters[rows])
    worst = int(abs(scores).argmax())
    chance, column = two_sided_p(float(scores[worst])) * len(scores), sources[worst]
    status: CheckStatus = "pass"
    if chance < thresholds.DRAW_WARN:
        status = "fail" if chance < thresholds.DRAW_FAIL else "warn"
    told = f"of {len(tried)} {'column' if len(tried) == 1 else 'columns'}, {column} moves most with {p.treatment}"
    told += f" (p {_shown(min(chance, 1.0))}, corrected for their number)"
    if status == "warn":
        told += "; one honest draw in twenty shows as much"
    elif status == "fail":
        before = column in earlier_columns(m.context.knowledge, p.treatment)
        told += f"; {_readings(column, column in used, before)}"
    return (_said(status, abs(float(scores[worst])), min(chance, 1.0), told),)


def _first(m: Material) -> tuple[str, ...]:
    t, y = m.identification.treatments[0], m.identification.outcomes[0]
    known, profile = m.context.knowledge, m.context.profile
    could = default_controls(profile, known, t, y).used
    before = earlier_columns(known, t)
    return tuple(c for c in could if c in before) if knows_order(known, t) else could


def _readings(column: str, held: bool, before: bool) -> str:
    if before:
        return "it came first, so the draw was not by lot, or its chances differed by this column"
    if held:
        return f"it is held: if it came after, holding {column} takes away a part of the effect"
    return "either it came after (its role in a knowledge file says so), or the draw was not by lot"


def _shown(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else f"{p:.2g}"


def within(
    X: NDArray[np.float64], T: NDArray[np.float64], held: Sequence[bool], sources: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str]]:
    """Columns (n, p) and treatment (n,) less what the held columns tell of them, and the sources of those left."""
    import numpy as np

    kept = ~np.asarray(held, dtype=bool)
    if kept.all():
        return X, T, list(sources)
    Z = np.column_stack([np.ones(len(T)), X[:, ~kept]])
    both = np.column_stack([T, X[:, kept]])
    rest = both - Z @ np.linalg.lstsq(Z, both, rcond=None)[0]
    return rest[:, 1:], rest[:, 0], [s for s, k in zip(sources, kept, strict=True) if k]


def score_tests(
    X: NDArray[np.float64], T: NDArray[np.float64], clusters: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """(p,) z values of no association between the treatment and each column, summed by cluster where given.

    Args:
        X: (n, p) columns.
        T: (n,) treatment.
        clusters: (n,) whole numbers from 0.
    """
    import numpy as np

    parts = (T - T.mean())[:, None] * (X - X.mean(axis=0))
    if clusters is not None:
        codes = np.unique(clusters, return_inverse=True)[1]
        parts = np.column_stack([np.bincount(codes, parts[:, j]) for j in range(X.shape[1])])
    scale = np.sqrt((parts**2).sum(axis=0))
    out: NDArray[np.float64] = parts.sum(axis=0) / np.where(scale > 0, scale, 1.0)
    return out


def _said(status: CheckStatus, z: float | None, p: float | None, detail: str) -> Check:
    return Check(NAME, "falsification", status, z, thresholds.DRAW_FAIL, True, detail, p)
