"""The independence tests a constraint-based search may be told to use, and which columns each can take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.discovery.encoding import MAX_LEVELS
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.citest import Test

TestName = Literal[
    "auto", "fisher_z", "likelihood_ratio", "mv_fisher_z", "chi_square", "g_square", "rcot", "kci"
]
TAKES_TEST = ("pc", "fci", "cd_nod")
"""Searches that make independence tests."""
TAKES_LEVEL = (*TAKES_TEST, "rcd")
"""Searches that use a level."""
ON_MOMENTS = ("auto", "fisher_z", "likelihood_ratio")
"""Tests on correlations (with expectation-maximisation where cells are missing)."""
SLOW_COLUMNS = {"kci": 10, "rcot": 25}
"""Above this the kernel tests of one search take minutes."""
SLOW_DEPTH = 3
"""Largest conditioning set of a kernel test: the tests grow many, and blind, beyond it."""
SLOW_RESAMPLES = {"kci": 0, "rcot": 10}
"""Most resamples of a search whose single tests are slow."""


def check(method: str, test: str, alpha: float | None, data: Prepared) -> None:
    """Refuse a test or level that the method does not use, or a test that the columns cannot take.

    Raises:
        NotApplicable: which, and what to use.
    """
    if alpha is not None and method not in (*TAKES_LEVEL, "auto"):
        raise NotApplicable(
            f"{method} makes no independence tests, so it takes no level ({alpha:g} given)",
            f"use method {', '.join(TAKES_LEVEL)}, or leave the level out",
        )
    if test == "auto":
        return
    if method not in TAKES_TEST:
        raise NotApplicable(
            f"{method} makes no independence tests, so it takes no test ({test} given)",
            f"use method {', '.join(TAKES_TEST)}, or leave the test out",
        )
    if method == "cd_nod" and test not in SLOW_COLUMNS:
        raise NotApplicable(
            f"cd_nod does not take {test}: it cannot see a mechanism change", "use test rcot or kci, or auto"
        )
    wide = [n for n, b in zip(data.names, data.blocks, strict=True) if len(b) > 1]
    if test in ("fisher_z", "mv_fisher_z") and wide:
        raise NotApplicable(
            f"{test} takes numbers only ({wide[0]} is a category)",
            "use test likelihood_ratio, or auto"
            if test == "fisher_z"
            else "use auto, which fills nothing in either",
        )
    if test in ("chi_square", "g_square"):
        level_codes(data, test)
    if len(data.names) > SLOW_COLUMNS.get(test, len(data.names)):
        raise NotApplicable(
            f"{test} takes at most {SLOW_COLUMNS[test]} columns here ({len(data.names)} given): it would take minutes",
            "choose columns, or use test rcot or auto"
            if test == "kci"
            else "choose columns, or use test auto",
        )


def unused_level(method: str, runner_up: str, alpha: float | None) -> list[str]:
    """What became of a level that was asked for where the search makes no tests."""
    if alpha is None or method in TAKES_LEVEL:
        return []
    where = f"only the runner-up {runner_up} used it" if runner_up in TAKES_TEST else "it was not used"
    return [
        f"{method} makes no independence tests, so the level {alpha:g} changes nothing in its graph: {where}"
    ]


def citest(data: Prepared, test: str, seed: int) -> Test:
    """The test on these columns, which stand in the order the search uses."""
    from causalcopilot_tools.discovery.core import rowtests
    from causalcopilot_tools.discovery.core.citest import GaussianTest

    if test in ("chi_square", "g_square"):
        codes = level_codes(data, test)
        return rowtests.Tables(codes, "g_square" if test == "g_square" else "chi_square")
    if test == "mv_fisher_z":
        return rowtests.MissingFisherZ(data.matrix, data.blocks)
    if test == "rcot":
        return rowtests.Rcot(data.matrix, data.blocks, seed, rowtests.RCOT_ROWS)
    if test == "kci":
        return rowtests.Kci(data.matrix, data.blocks, seed, rowtests.KCI_ROWS)
    return GaussianTest(data.moments())


def name_of(test: str, data: Prepared) -> str:
    """The name of the test that is used, where it is chosen by column types too."""
    if test in ON_MOMENTS:
        return "fisher_z" if data.all_numbers else "likelihood_ratio"
    return test


def depth_of(test: str, asked: int | None) -> int | None:
    """Largest conditioning set with this test."""
    if test not in SLOW_COLUMNS:
        return asked
    return SLOW_DEPTH if asked is None else min(asked, SLOW_DEPTH)


def notes_of(test: str, made: Test, data: Prepared) -> list[str]:
    """What a reader must know of how this test was made."""
    from causalcopilot_tools.discovery.core import rowtests

    notes = []
    limit = {"kci": rowtests.KCI_ROWS, "rcot": rowtests.RCOT_ROWS}.get(test)
    if limit is not None and data.rows > limit:
        notes.append(f"{test} worked on {limit:,} of {data.rows:,} rows, drawn at random")
    untested = getattr(made, "untested", 0)
    if untested:
        notes.append(
            f"{untested:,} tests of {test} had too few rows to tell anything and separated no pair; "
            "some adjacencies may be indirect"
        )
    if test in ("mv_fisher_z", "rcot", "kci", "chi_square", "g_square") and data.missing:
        notes.append(f"{test} used the rows that are complete in the columns it tests")
    return notes


def level_codes(data: Prepared, test: str) -> NDArray[np.int64]:
    """(n, p) level numbers, -1 where missing; every column must have at most ``MAX_LEVELS`` values.

    Raises:
        NotApplicable: the first column with more.
    """
    import numpy as np

    out = np.empty((data.rows, len(data.names)), np.int64)
    for j, (name, block) in enumerate(zip(data.names, data.blocks, strict=True)):
        cells = data.matrix[:, block]
        value = cells @ np.arange(1, len(block) + 1) if len(block) > 1 else cells[:, 0]
        known = ~np.isnan(value)
        levels, codes = np.unique(value[known], return_inverse=True)
        if len(levels) > MAX_LEVELS:
            raise NotApplicable(
                f"{test} takes categories only ({name} is a number with {len(levels):,} values)",
                "use test auto, rcot or kci",
            )
        out[:, j] = -1
        out[known, j] = codes.ravel()
    return out
