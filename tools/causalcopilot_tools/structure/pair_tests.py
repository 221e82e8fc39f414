"""The tests of independence for one pair of columns, and the choice among them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.structure.pair import Pair, sample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TestName = Literal["auto", "fisher_z", "regression", "g_square", "chi_square", "rcot", "kci", "gcm"]
CURVED = 0.02
"""Share of variance a flexible fit on the given columns must win before straight lines are not trusted."""


@dataclass(frozen=True)
class Tested:
    """One test done.

    Attributes:
        name: the test.
        statistic, p_value: what it found, on its own.
        df: degrees of freedom; zero where nothing was left to test.
        rows: rows that carry it, less one for every column held fixed by a line.
    """

    name: str
    statistic: float
    p_value: float
    df: int
    rows: int


def run_tests(pair: Pair, test: TestName) -> tuple[list[Tested], list[str]]:
    """The tests done, two where ``auto`` cannot tell which fits, and sentences on the choice.

    Raises ``NotApplicable`` where the test asked for does not fit the columns.
    """
    if test == "auto":
        return _auto(pair)
    if test == "g_square" or test == "chi_square":
        return [_tables(pair, test)], []
    if test in ("fisher_z", "regression"):
        return [_linear(pair, test)], []
    if test == "kci":
        return [_kci(pair)], _kci_notes(pair)
    return [_kernel(pair) if test == "rcot" else _covariance(pair)], []


def _auto(pair: Pair) -> tuple[list[Tested], list[str]]:
    if pair.categories:
        return [_tables(pair, "g_square")], []
    curved = _curved(pair)
    if curved:
        return [_kernel(pair)], [f"{curved}, so the linear test was not used"]
    done = [_linear(pair, "auto"), _kernel(pair)]
    findings = ["two tests were run; the p-value is twice the smaller one"]
    if done[1].p_value < pair.alpha / 2 <= done[0].p_value:
        findings.append("the dependence is not a straight line: the linear test alone would have missed it")
    return done, findings


def _curved(pair: Pair) -> str:
    """Which tested column follows the given ones in a curve, or nothing."""
    import numpy as np

    from causalcopilot_tools.discovery.core.kernels import curvature

    if not pair.given.shape[1]:
        return ""
    some = sample(pair)
    for i in (0, 1):
        gain = curvature(some.block(i), some.given, np.random.default_rng([pair.seed, i]))
        if gain > CURVED:
            return f"{pair.data.names[i]} depends on the given columns in a curve"
    return ""


def _linear(pair: Pair, name: str) -> Tested:
    """Fisher's Z between numbers, else the likelihood-ratio test of a regression."""
    import numpy as np

    from causalcopilot_tools.discovery.core.citest import GaussianTest

    if name == "fisher_z" and not pair.data.all_numbers:
        wide = [n for n, b in zip(pair.data.names, pair.data.blocks, strict=True) if len(b) > 1]
        raise NotApplicable(
            f"fisher_z takes numbers only ({wide[0]} is a category)", "use regression or auto"
        )
    found = GaussianTest(pair.data.moments())
    used, statistic, df, p = found.statistic(0, 1, np.arange(2, len(pair.data.blocks)))
    free = pair.data.rows - pair.given.shape[1]
    return Tested("fisher_z" if used == "fisher_z" else "regression", statistic, p, df, free)


def _kernel(pair: Pair) -> Tested:
    """RCoT, the kernel test by random features, on at most ``KERNEL_ROWS`` rows (Strobl et al. 2019)."""
    import numpy as np

    from causalcopilot_tools.discovery.core.kernels import rcot

    some = sample(pair)
    statistic, p = rcot(some.block(0), some.block(1), some.given, np.random.default_rng([pair.seed, 2]))
    return Tested("rcot", statistic, p, 1, some.data.rows - pair.given.shape[1])


def _kci(pair: Pair) -> Tested:
    """The kernel test of Zhang et al. 2011 on at most ``KCI_ROWS`` rows."""
    from causalcopilot_tools.discovery.core.rowtests import KCI_ROWS, Kci

    data = pair.data
    test = Kci(data.matrix, data.blocks, pair.seed, KCI_ROWS)
    statistic, p = test.measured(0, 1, tuple(range(2, len(data.blocks))))
    return Tested("kci", statistic, p, 1, min(data.rows, KCI_ROWS) - pair.given.shape[1])


def _kci_notes(pair: Pair) -> list[str]:
    from causalcopilot_tools.discovery.core.rowtests import KCI_ROWS

    rows = pair.data.rows
    return [f"kci worked on {KCI_ROWS} of {rows:,} rows, drawn at random"] if rows > KCI_ROWS else []


def _covariance(pair: Pair) -> Tested:
    """The generalised covariance measure (Shah and Peters 2020)."""
    from causalcopilot_tools.discovery.core.kernels import gcm

    statistic, df, p = gcm(pair.block(0), pair.block(1), pair.given, pair.seed)
    return Tested("gcm", statistic, p, df, pair.data.rows)


def _tables(pair: Pair, kind: Literal["g_square", "chi_square"]) -> Tested:
    """Tables of a and b within every combination of the given categories."""
    import numpy as np

    from causalcopilot_tools.discovery.core.contingency import table_test

    if not pair.categories:
        numbers = [
            n for n, t in zip(pair.data.names, pair.data.types, strict=True) if t not in ("binary", "nominal")
        ]
        raise NotApplicable(f"{kind} takes categories only ({numbers[0]} is a number)", "use auto")
    codes = [_codes(pair.block(i)) for i in range(len(pair.data.blocks))]
    strata = np.zeros(pair.data.rows, np.int64)
    for c in codes[2:]:
        strata = np.unique(strata * (c.max() + 1) + c, return_inverse=True)[1].ravel()
    t = table_test(codes[0], codes[1], strata, kind, pair.seed)
    return Tested(kind + ("_permutation" if t.exact else ""), t.statistic, t.p_value, t.df, t.rows)


def _codes(block: NDArray[np.float64]) -> NDArray[np.int64]:
    """Category numbers from indicator columns (0 for the reference level)."""
    import numpy as np

    return np.asarray(block @ np.arange(1, block.shape[1] + 1), dtype=np.int64)
