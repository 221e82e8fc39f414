"""How alike rows of one group are, against scipy's F-test and a population's own correlation."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import f_oneway

from causalcopilot_tools.discovery.core.intraclass import intraclass

P_TOLERANCE = 1e-9  # the same F-test, in double precision
TOLERANCE = (
    0.06  # two and a half standard errors of the correlation at 400 groups of 5, (1 - r) r 5 / sqrt(5 400)
)


@pytest.mark.parametrize("share", [0.0, 0.2, 0.6])
def test_correlation_is_the_populations_and_the_test_is_scipys(share: float) -> None:
    rng = np.random.default_rng(3)
    groups = rng.permutation(np.repeat(np.arange(400), 5))
    x = np.sqrt(share) * rng.standard_normal(400)[groups] + np.sqrt(1 - share) * rng.standard_normal(2000)
    x[::17] = np.nan
    correlation, p = intraclass(x, groups)
    assert correlation == pytest.approx(share, abs=TOLERANCE)
    known = np.isfinite(x)
    reference = f_oneway(*(x[known & (groups == g)] for g in range(400) if (known & (groups == g)).any()))
    assert p == pytest.approx(reference.pvalue, abs=P_TOLERANCE)


@pytest.mark.parametrize("groups", [[0, 0, 0, 0], [0, 1, 2, 3], [-1, -1, 0, 0]])
def test_nothing_to_compare_says_nothing(groups: list[int]) -> None:
    assert intraclass(np.array([1.0, 2.0, 4.0, 3.0]), np.array(groups)) == (0.0, 1.0)


def test_groups_without_spread_are_alike_entirely() -> None:
    assert intraclass(np.array([1.0, 1.0, 2.0, 2.0]), np.array([7, 7, 9, 9])) == (1.0, 0.0)
