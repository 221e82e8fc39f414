"""Small changes to the model and the rows, by least squares: shown, never a reason to trust."""

from __future__ import annotations

from causalcopilot.domain.estimate import Check
from causalcopilot_tools.refutation.material import Material
from causalcopilot_tools.refutation.ols import slope

DRAWS, SHARE = 20, 0.8


def specification(m: Material) -> tuple[Check, ...]:
    """Leave out one control at a time; the share of fits that keep the sign, and their range.

    It does not count: leaving out a real common cause is supposed to change the answer.
    """
    line = m.line
    if not line.names:
        return (Check("specification", "stability", "skipped", None, None, False, "there are no controls"),)
    same = [v for v in line.without if v * line.value > 0]
    share = len(same) / len(line.without)
    low, high = min(line.without), max(line.without)
    turning = [n for n, v in zip(line.names, line.without, strict=True) if v * line.value <= 0]
    detail = f"least squares without one control at a time runs from {low:.3g} to {high:.3g}"
    if turning:
        detail += f"; the sign hangs on {', '.join(turning)}"
    return (Check("specification", "stability", "info", share, None, False, detail),)


def random_common_cause(m: Material) -> tuple[Check, ...]:
    """Add a random column as a control: cannot fail for confounding, so it is only listed."""
    import numpy as np

    p, rows = m.prepared, m.rows
    rng = np.random.default_rng([m.context.seed, 30])
    noise = rng.standard_normal((int(rows.sum()), 1))
    before = slope(p.X[rows], p.T[rows], p.Y[rows])
    after = slope(np.column_stack([p.X[rows], noise]), p.T[rows], p.Y[rows])
    moved = abs(after - before) / abs(before) if before else abs(after)
    detail = (
        "share by which a random extra control moves the least-squares slope; no confounding could show here"
    )
    return (Check("random_common_cause", "stability", "info", moved, None, False, detail),)


def data_subset(m: Material) -> tuple[Check, ...]:
    """Refit on random subsets: tells about stability only, so it is only listed."""
    import numpy as np

    p, rows = m.prepared, np.flatnonzero(m.rows)
    rng = np.random.default_rng([m.context.seed, 31])
    whole = slope(p.X[rows], p.T[rows], p.Y[rows])
    values = []
    for _ in range(DRAWS):
        part = rng.choice(rows, max(int(SHARE * len(rows)), 2), replace=False)
        values.append(slope(p.X[part], p.T[part], p.Y[part]))
    share = float(np.mean(np.array(values) * whole > 0))
    detail = f"share of {DRAWS} random {SHARE:.0%} subsets in which the least-squares slope keeps its sign"
    return (Check("data_subset", "stability", "info", share, None, False, detail),)
