"""Difference-in-differences of four means: rows of one time are other rows than those of another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

EXACT = 1e-8
"""Floating-point noise of two routes to one number."""
EFFECT = -4.0
ERRORS = 4.0
"""Standard errors within which an estimate lies of what was simulated, but for one draw in ten thousand."""


def sales(rows: int = 1200, drift: float = 0.0, moved: float = 0.0, seed: int = 0) -> pd.DataFrame:
    """Houses sold in six years, some near a plant built in the fourth; ``drift`` moves them apart before that."""
    rng = np.random.default_rng(seed)
    year, near = rng.integers(2000, 2006, rows), rng.integers(0, 2, rows)
    after = (year >= 2003).astype(int)
    size = rng.normal(100, 10, rows) + moved * near * after
    price = (
        60 + 0.5 * size - 8 * near + 2 * (year - 2000) + drift * near * (year - 2000) + EFFECT * near * after
    )
    return pd.DataFrame(
        {
            "year": year,
            "near": near,
            "after": after,
            "size": size,
            "afternear": after * near,
            "price": price + rng.normal(0, 4, rows),
        }
    )


def framed(data: pd.DataFrame, question: Question) -> Context:
    context = case(data, None, question)
    times = tuple(n for n in ("year",) if n in data)
    return replace(context, profile=replace(context.profile, time_columns=times))


def argued(data: pd.DataFrame, treatment: str, **asked: object) -> IdentifyResult:
    question = Question("effect", treatment=treatment, outcome="price", **asked)  # type: ignore[arg-type]
    context = framed(data, question)
    found = identify(context, treatment=treatment, outcome="price")
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    return found


def whole(data: pd.DataFrame, treatment: str, **asked: object) -> tuple[EstimateResult, RefuteResult]:
    question = Question("effect", treatment=treatment, outcome="price", **asked)  # type: ignore[arg-type]
    context = framed(data, question)
    made = estimate(context, identification=argued(data, treatment, **asked))
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    return made, tried


def test_the_product_of_two_marks_is_read_as_four_means_and_said_to_be_an_assumption() -> None:
    found = argued(sales(), "afternear").identification
    assert found is not None
    assert found.strategy == "Difference-in-Differences"
    assert (dict(found.design)["group"], dict(found.design)["time"]) == ("near", "after")
    assert found.status == "assumed"


def test_the_number_is_the_interaction_of_statsmodels() -> None:
    data = sales()
    made, _ = whole(data, "afternear")
    X = sm.add_constant(data[["afternear", "near", "after"]].astype(float))
    reference = sm.OLS(data["price"], X).fit(cov_type="HC2")
    e = made.estimates[0]
    assert e.value is not None
    assert e.std_error is not None
    assert e.value == pytest.approx(reference.params["afternear"], abs=EXACT)
    assert e.std_error == pytest.approx(reference.bse["afternear"], abs=EXACT)
    assert abs(e.value - EFFECT) < ERRORS * e.std_error


def test_controls_named_by_hand_stand_beside_group_and_period() -> None:
    data = sales()
    made, _ = whole(data, "near", design="did", time="after", controls=("size",))
    X = sm.add_constant(data[["afternear", "near", "after", "size"]].astype(float))
    reference = sm.OLS(data["price"], X).fit(cov_type="HC2")
    assert made.estimates[0].value == pytest.approx(reference.params["afternear"], abs=EXACT)


@pytest.mark.parametrize("treatment", ["near", "after", "afternear"])
def test_a_named_design_finds_group_and_period_whichever_of_them_was_named(treatment: str) -> None:
    found = argued(sales(), treatment, design="did").identification
    assert found is not None
    assert found.status == "identified"
    assert (dict(found.design)["group"], dict(found.design)["time"]) == ("near", "after")


def test_without_a_name_the_group_alone_is_not_read_as_four_means() -> None:
    found = argued(sales(), "near").identification
    assert found is not None
    assert found.strategy == "Conditional Exogeneity"


@pytest.mark.parametrize(("group", "period"), [("treated", "post"), ("treatment_group", "after_reform")])
def test_a_group_named_treated_beside_before_and_after_is_read_as_four_means(group: str, period: str) -> None:
    data = sales().drop(columns=["afternear", "year"]).rename(columns={"near": group, "after": period})
    found = argued(data, group).identification
    assert found is not None
    assert (dict(found.design)["group"], dict(found.design)["time"]) == (group, period)
    assert found.status == "assumed"


def test_labels_of_two_times_tell_before_from_after() -> None:
    data = sales().drop(columns=["afternear", "year"]).rename(columns={"near": "treated"})
    data["wave"] = np.where(data.pop("after") == 1, "after", "before")
    made, _ = whole(data, "treated")
    assert made.estimates[0].value == pytest.approx(EFFECT, abs=ERRORS * 0.6)


@pytest.mark.parametrize("period", ["postgrad", "poster", "urban"])
def test_a_treatment_beside_another_mark_is_no_group_before_and_after(period: str) -> None:
    data = sales().drop(columns=["afternear", "year"]).rename(columns={"near": "treated", "after": period})
    found = argued(data, "treated").identification
    assert found is not None
    assert found.strategy == "Conditional Exogeneity"


def test_a_treatment_that_nobody_had_before_is_no_group() -> None:
    data = sales().drop(columns=["afternear", "year"]).rename(columns={"after": "post"})
    data["treated"] = data.pop("near") * data["post"]
    found = argued(data, "treated").identification
    assert found is not None
    assert found.strategy == "Conditional Exogeneity"


def test_an_earlier_trend_and_other_rows_than_before_speak_against_it() -> None:
    calm = {c.name: c.status for c in whole(sales(), "near", design="did", time="after")[1].checks}
    assert (calm["earlier_trends"], calm["composition"]) == ("pass", "pass")
    moved = whole(sales(drift=2.0, moved=8.0), "near", design="did", time="after")[1]
    found = {c.name: c.status for c in moved.checks}
    assert (found["earlier_trends"], found["composition"]) == ("fail", "warn")
    assert moved.verdict is not None
    assert moved.verdict.value == "fragile"


def test_one_time_before_leaves_trends_untested_and_the_answer_fragile() -> None:
    tried = whole(sales().drop(columns="year"), "near", design="did", time="after")[1]
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"


def test_an_empty_cell_is_refused() -> None:
    data = sales(300)
    data = data[~((data.near == 1) & (data.after == 1))]
    with pytest.raises(DataError, match=r"four cells|usable rows"):
        whole(data.reset_index(drop=True), "near", design="did", time="after")
