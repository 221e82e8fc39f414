"""Bundled data sets agree with their cards and with the answers they claim."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data import bundled, bundled_names, check_knowledge, open_data
from causalcopilot.data.generate import HIDDEN_EFFECT, SHOP_EFFECT
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.errors import DataError

DOLLAR = 1.0  # published figures are rounded to whole dollars
SHOP_ERROR = 1.2  # three standard errors of a regression on 2,000 simulated customers (about 0.4 dollars)
NINE = {"sex", "race", "age", "education", "smokeintensity", "smokeyrs", "exercise", "active", "wt71"}


@cache
def table(name: str) -> tuple[pd.DataFrame, Knowledge]:
    card = bundled(name).card
    with TemporaryDirectory() as folder:
        opened = open_data(f"dataset:{name}", scratch=Path(folder), knowledge=card)
        check_knowledge(card, opened.dataset.columns)
        return opened.dataset.frame(), card


def slope(y: pd.Series, *x: pd.Series) -> float:
    """Coefficient of the first regressor in a least squares fit with intercept."""
    design = np.column_stack([np.ones(len(y)), *x])
    return float(np.linalg.lstsq(design, y.to_numpy(), rcond=None)[0][1])


@pytest.mark.parametrize("name", bundled_names())
def test_card_and_table_agree(name: str) -> None:
    frame, card = table(name)
    described = {c.name for c in card.columns if c.role != "latent"}
    assert described == set(frame.columns)
    assert card.origin == "card"
    assert card.title
    assert card.licence
    assert card.source
    assert card.accepted.text
    assert card.question.treatment in frame.columns
    assert card.question.outcome in frame.columns
    for column in card.columns:
        assert column.meaning, column.name
        if column.role in ("excluded", "post_treatment", "identifier", "instrument", "mediator"):
            assert column.reason, column.name


@pytest.mark.parametrize("name", bundled_names())
def test_loading_twice_gives_the_same_table(name: str, tmp_path: Path) -> None:
    first, second = (open_data(f"dataset:{name}", scratch=tmp_path).dataset.ref for _ in range(2))
    assert first.hash == second.hash


def test_nhefs_is_the_table_of_the_book() -> None:
    frame, card = table("nhefs")
    assert len(frame) == 1_566
    assert set(card.with_role("pre_treatment")) == NINE
    assert all(c.role for c in card.columns)
    means = frame.groupby("qsmk")["wt82_71"].mean()
    # Hernan and Robins, chapter 12: 4.5 kg among quitters, 2.0 kg among the others, 403 quitters.
    assert means.round(1).to_dict() == {0: 2.0, 1: 4.5}
    assert frame["qsmk"].sum() == 403
    for later in ("wt82", "sbp", "death", "price82", "smkintensity82_71"):
        column = card.column(later)
        assert column is not None
        assert column.role == "post_treatment"


def test_nhefs_types() -> None:
    with TemporaryDirectory() as folder:
        data = open_data("dataset:nhefs", scratch=Path(folder), knowledge=bundled("nhefs").card).dataset
    assert {
        n: data.type_of(n) for n in ("education", "exercise", "active", "sex", "race", "age", "seqn")
    } == {
        "education": "ordinal",
        "exercise": "ordinal",
        "active": "ordinal",
        "sex": "binary",
        "race": "binary",
        "age": "continuous",
        "seqn": "identifier",
    }


def test_nsw_reproduces_the_experiment() -> None:
    frame, card = table("nsw")
    means = frame.groupby("treat")["re78"].mean()
    assert card.accepted.low is not None
    assert means[1] - means[0] == pytest.approx(card.accepted.low, abs=DOLLAR)
    assert card.question.design == "rct"


def test_nsw_cps_is_stacked_from_trained_men_and_the_survey() -> None:
    frame, card = table("nsw_cps")
    assert frame["treat"].value_counts().to_dict() == {0: 15_992, 1: 185}
    assert card.question.quantity == "ATT"
    assert len(card.with_role("pre_treatment")) == 8
    trial, _ = table("nsw")
    treated = trial[trial["treat"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        frame[frame["treat"] == 1].reset_index(drop=True), treated, check_dtype=False
    )


@pytest.mark.parametrize(
    ("name", "source"),
    [("nhefs", "nhefs_complete"), ("nsw", "nsw_mixtape"), ("thornton_hiv", "thornton_hiv")],
)
def test_our_stata_reader_agrees_with_pandas(name: str, source: str) -> None:
    frame, _ = table(name)
    theirs = import_module(f"causaldata.{source}").load_pandas().data
    for column in frame.columns:
        other = pd.to_numeric(theirs[column].astype(str)).to_numpy(float)
        np.testing.assert_allclose(frame[column].to_numpy(float), other, rtol=1e-6, err_msg=column)


def test_shop_has_the_effect_it_claims() -> None:
    frame, card = table("simulated_shop")
    assert card.accepted.low == SHOP_EFFECT
    adjusted = slope(frame["spend"], frame["coupon"], frame["income"], frame["loyalty"])
    assert adjusted == pytest.approx(SHOP_EFFECT, abs=SHOP_ERROR)
    with_mediator = slope(frame["spend"], frame["coupon"], frame["income"], frame["loyalty"], frame["visits"])
    with_collider = slope(frame["spend"], frame["coupon"], frame["income"], frame["loyalty"], frame["review"])
    assert abs(with_mediator - SHOP_EFFECT) > SHOP_ERROR
    assert abs(with_collider - SHOP_EFFECT) > SHOP_ERROR
    assert abs(slope(frame["spend"], frame["coupon"]) - SHOP_EFFECT) > SHOP_ERROR


def test_hidden_confounder_misleads_every_adjustment() -> None:
    frame, card = table("hidden_confounder")
    assert card.latents == ("u",)
    assert "u" not in frame.columns
    assert "u [latent]" in card.graph
    adjusted = slope(frame["y"], frame["t"], frame["age"], frame["region"])
    assert adjusted > 2 * HIDDEN_EFFECT


def test_thornton_agrees_with_the_paper() -> None:
    frame, card = table("thornton_hiv")
    means = frame.groupby("any")["got"].mean()
    assert card.accepted.low is not None
    assert card.accepted.high is not None
    assert card.accepted.low <= means[1] - means[0] <= card.accepted.high


def test_card_of_the_college_table_states_what_two_stage_least_squares_gives() -> None:
    frame, _ = table("close_college")
    frame = frame.dropna()
    controls = [frame[c] for c in ("exper", "black", "south", "married", "smsa")]
    by_hand = slope(frame["lwage"], frame["nearc4"], *controls) / slope(
        frame["educ"], frame["nearc4"], *controls
    )
    assert by_hand == pytest.approx(0.124, abs=0.005)
    assert slope(frame["lwage"], frame["educ"], *controls) == pytest.approx(0.071, abs=0.005)


def test_unknown_name_has_a_hint(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        open_data("dataset:nhef", scratch=tmp_path)
    assert "dataset:nhefs" in caught.value.hint
    with pytest.raises(DataError) as caught:
        open_data("dataset:zzz", scratch=tmp_path)
    assert "dataset:simulated_shop" in caught.value.hint
