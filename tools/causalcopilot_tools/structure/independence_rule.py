"""From tests of one pair to an answer: are the two columns independent?

The rule for the answer, with level ``alpha``:
- ``no`` when p < alpha;
- ``uncertain`` when alpha <= p < 1.2 alpha, or when the rows that carry the test would miss a moderate association
  (partial correlation or Cramér's w of 0.3) more than one time in five, or when nothing is left to test;
- ``yes`` otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.structure.pair import MIN_ROWS, Pair, determined
from causalcopilot_tools.structure.pair_tests import Tested, run_tests

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.prepared import Prepared

GREY = 1.2
"""Between alpha and this many times alpha the answer is uncertain."""
MODERATE, POWER = 0.3, 0.8
"""The association a test must be able to see, and the chance with which, for its silence to mean ``yes``."""


@dataclass(frozen=True)
class Tried:
    """One independence tested outside the tool, by the same tests and the same rule.

    Attributes:
        answer: ``yes`` (independent), ``no`` or ``uncertain``.
        p_value: corrected where two tests were run.
        test: the test that decided.
        strength: partial correlation, or its like for categories (0 to 1), of the test that decided.
        rows: rows used.
    """

    answer: str
    p_value: float
    test: str
    strength: float
    rows: int


def tried(data: Prepared, seed: int, alpha: float = 0.05) -> Tried | None:
    """Test the first two variables given the others on complete rows; ``None`` where nothing is left to test."""
    import numpy as np

    complete = ~np.isnan(data.matrix).any(axis=1)
    if complete.sum() < MIN_ROWS:
        return None
    pair = Pair(data.resample(np.flatnonzero(complete)), seed, alpha)
    if determined(pair):
        return None
    done, _ = run_tests(pair, "auto")
    best = min(done, key=lambda t: t.p_value)
    p = min(1.0, len(done) * best.p_value)
    answer, _ = answer_of(p, alpha, max(power_of(t, alpha / len(done)) for t in done))
    return Tried(answer, p, best.name, strength_of(best, pair.data.rows), pair.data.rows)


def answer_of(p: float, alpha: float, power: float) -> tuple[str, str]:
    """The answer by the rule at the top of this file, and why it is uncertain."""
    if p < alpha:
        return "no", ""
    if power < POWER:
        return "uncertain", "too few rows carry this test: it would often miss a moderate association"
    if p < GREY * alpha:
        return "uncertain", "the p-value is just above the level"
    return "yes", ""


def power_of(t: Tested, alpha: float) -> float:
    """Chance to see a moderate association with these rows."""
    from scipy.stats import chi2, ncx2

    if t.df == 0 or t.rows <= 0:
        return 0.0
    return float(ncx2.sf(chi2.isf(alpha, t.df), t.df, t.rows * MODERATE**2))


def strength_of(t: Tested, rows: int) -> float:
    """Size of the association behind a statistic, 0 to 1."""
    import numpy as np

    if t.name == "fisher_z":
        return float(abs(np.tanh(t.statistic / np.sqrt(max(t.rows - 3, 1)))))
    if t.name == "rcot":
        from scipy.stats import norm

        return float(np.tanh(norm.isf(max(t.p_value, 1e-300) / 2) / np.sqrt(max(rows, 1))))
    return float(np.sqrt(max(1.0 - np.exp(-t.statistic / max(rows, 1)), 0.0)))
