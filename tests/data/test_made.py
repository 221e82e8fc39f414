"""Columns computed from others are found without exception, and only those."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.data.made import made_columns
from causalcopilot.domain.profile import Made, Profile


def table(n: int = 300) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    wage, near, late = draw.gamma(4, 3, n), draw.integers(0, 2, n), draw.integers(0, 2, n)
    school = draw.integers(6, 18, n)
    return pd.DataFrame(
        {
            "wage": wage,
            "near": near,
            "late": late,
            "school": school,
            "other": draw.normal(size=n),
            "lwage": np.log(wage).astype(np.float32),
            "rich": wage > 12,
            "latenear": late * near,
            "near_school": near * school,
            "school12": school == 12,
            "rest": (wage - school).astype(np.float32),
            "noisy": np.log(wage) + draw.normal(0, 0.01, n),
        }
    )


def made(frame: pd.DataFrame) -> set[tuple[str, tuple[str, ...], str]]:
    return {(m.name, m.parts, m.how) for m in made_columns(frame.to_numpy(dtype=float), list(frame.columns))}


def test_logarithm_cut_level_product_and_difference_are_found() -> None:
    found = made(table())
    assert ("lwage", ("wage",), "function") in found
    assert ("wage", ("lwage",), "function") in found
    assert ("rich", ("wage",), "function") in found
    assert ("school12", ("school",), "function") in found
    assert ("latenear", ("near", "late"), "product") in found
    assert ("near_school", ("near", "school"), "product") in found
    assert ("rest", ("wage", "school"), "difference") in found


def test_what_was_not_computed_is_not_told() -> None:
    names = {name for name, _, _ in made(table())}
    assert names == {"wage", "lwage", "rich", "latenear", "near_school", "school12", "rest"}


def test_missing_cells_and_few_rows() -> None:
    frame = table()
    frame.loc[::3, "lwage"] = np.nan
    assert ("lwage", ("wage",), "function") in made(frame)
    assert not made_columns(frame.to_numpy(dtype=float)[:20], list(frame.columns))
    assert not made_columns(np.empty((0, 0)), [])


def test_made_from_follows_the_chain() -> None:
    chain = (Made("b", ("a",), "function"), Made("c", ("b", "x"), "product"), Made("d", ("x",), "function"))
    assert Profile("t", "h", 9, (), made=chain).made_from("a") == {"b", "c"}


def test_a_change_against_the_row_before_within_units() -> None:
    draw = np.random.default_rng(7)
    crime = draw.normal(size=(40, 3))
    change = np.column_stack([np.full(40, np.nan), np.diff(crime, axis=1)])
    frame = pd.DataFrame({"crime": crime.ravel(), "ccrime": change.ravel(), "other": draw.normal(size=120)})
    assert made(frame) == {("ccrime", ("crime",), "difference")}
