"""The contrast of ``identify``: which two treatment values are compared, and who says so."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.domain.knowledge import QuestionDefaults
from causalcopilot.domain.profile import ColumnProfile
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import UsageError
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.identify import identify
from tests.tools.framed import case
from tests.tools.identifying import ask, contrast, found, frame, known

HALF = np.arange(60) % 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (HALF, Contrast(0, 1)),
        (HALF + 1, Contrast(1, 2)),
        (HALF == 1, Contrast(False, True)),
        (np.where(HALF, "yes", "no"), Contrast("no", "yes")),
        (np.where(HALF, "placebo", "drug"), Contrast("placebo", "drug")),
    ],
)
def test_binary_contrast(values: object, expected: Contrast) -> None:
    assert contrast(values)[:2] == ("binary", expected)


def test_guessed_binary_order_is_told_and_can_be_turned() -> None:
    kind, pair, told = contrast(np.where(HALF, "red", "blue"))
    assert (kind, pair) == ("binary", Contrast("blue", "red"))
    assert "alphabetical" in told
    assert contrast(HALF, control_value=1)[1] == Contrast(1, 0)
    assert contrast(HALF, treated_value=0)[1] == Contrast(1, 0)


def test_levels_are_compared_upwards_and_from_the_untreated() -> None:
    levels = (("8", 30), ("5", 20), ("1", 10))
    score = ColumnProfile("score", "ordinal", "number", 0, 3, levels=levels)
    assert choose_contrast(score, None, None).contrast == Contrast(5, 8)
    assert choose_contrast(score, 8, 5).contrast == Contrast(8, 5)
    arms = ["high dose"] * 30 + ["low dose"] * 20 + ["placebo"] * 10
    kind, pair, told = contrast(arms)
    assert (kind, pair) == ("categorical", Contrast("placebo", "high dose"))
    assert "most frequent" not in told
    mails = ["Womens E-Mail"] * 30 + ["Mens E-Mail"] * 20 + ["No E-Mail"] * 10
    assert contrast(mails)[1] == Contrast("No E-Mail", "Womens E-Mail")


def test_nominal_contrast_takes_the_most_frequent_and_says_so() -> None:
    values = ["low"] * 30 + ["mid"] * 20 + ["high"] * 10
    kind, pair, told = contrast(values)
    assert (kind, pair) == ("categorical", Contrast("low", "mid"))
    assert "most frequent" in told
    assert contrast(values, control_value="low", treated_value="HIGH")[1] == Contrast("low", "high")
    with pytest.raises(UsageError, match="'hihg'") as error:
        contrast(values, control_value="low", treated_value="hihg")
    assert "high" in error.value.hint


def test_numeric_contrast_is_one_unit_up_from_the_median() -> None:
    values = np.arange(60.0)
    kind, pair, told = contrast(values, kind="continuous")
    assert kind == "continuous"
    assert float(str(pair.treated)) - float(str(pair.control)) == pytest.approx(1.0)
    assert float(str(pair.control)) == pytest.approx(30.0, abs=0.51)
    assert "middle" in told
    assert contrast(values, kind="count", control_value=5, treated_value=10)[1] == Contrast(5, 10)
    assert "extrapolation" in contrast(values, kind="count", control_value=5, treated_value=100)[2]
    narrow = contrast(values / 600.0, kind="continuous")[1]
    assert 0 < float(str(narrow.treated)) - float(str(narrow.control)) < 0.1


def test_a_median_at_the_top_is_compared_from_below() -> None:
    """A law in force for a part of the first year and wholly after it: nobody has half a year more than a whole."""
    share = np.r_[np.zeros(20), np.linspace(0.1, 0.9, 8), np.ones(32)]
    pair, told = contrast(share, kind="continuous")[1:]
    assert float(str(pair.treated)) == 1.0
    assert 0 < float(str(pair.control)) < 1
    assert "top of its values" in told
    assert "extrapolation" not in told


def test_contrast_by_authority() -> None:
    knows = known(question=QuestionDefaults(treatment="t", outcome="y", control_value=1, treated_value=0))
    assert found(ask(knows)).contrast == Contrast(1, 0)
    context = case(frame(), knows, Question("effect", contrast=Contrast(0, 1)))
    result = identify(context, treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert found(result).contrast == Contrast(0, 1)
