"""An instrument that goes with other columns, and one that was drawn by lot."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.domain.estimate import Check
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case


def offers(rows: int = 3000, by_lot: bool = False, seed: int = 1) -> pd.DataFrame:
    """Savings by taking up a plan that an employer offers; well-paid jobs offer it more often, unless by lot."""
    rng = np.random.default_rng(seed)
    income, u = rng.normal(size=rows), rng.normal(size=rows)
    z = (rng.normal(size=rows) + (0.0 if by_lot else 0.8 * income) > 0).astype(int)
    t = ((z == 1) & (u + rng.normal(size=rows) > -0.5)).astype(int)
    y = 1.0 * t + 2.0 * income + u + rng.normal(size=rows)
    return pd.DataFrame({"t": t, "z": z, "y": y, "income": income, "age": rng.normal(size=rows)})


def found(data: pd.DataFrame, known: Knowledge | None = None) -> tuple[Check, RefuteResult]:
    context = case(data, known, Question("effect", treatment="t", outcome="y", instrument="z"))
    argued = identify(context, treatment="t", outcome="y")
    assert isinstance(argued, IdentifyResult)
    made = estimate(context, identification=argued)
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    return next(c for c in tried.checks if c.name == "instrument_columns"), tried


def test_an_instrument_that_goes_with_a_cause_of_the_outcome_is_not_supported() -> None:
    check, tried = found(offers())
    assert check.status == "fail"
    assert "outside the interval" in check.detail
    assert tried.verdict is not None
    assert tried.verdict.value == "fragile"


def test_a_column_that_says_the_treatment_over_again_does_not_hide_it() -> None:
    data = offers()
    data["years"] = data["t"] * np.random.default_rng(3).integers(1, 5, len(data))
    check = found(data)[0]
    assert check.status == "fail"
    assert "outside the interval" in check.detail


def test_an_instrument_drawn_by_lot_passes() -> None:
    check, tried = found(offers(by_lot=True))
    assert check.status == "pass"
    assert tried.verdict is not None
    assert tried.verdict.value == "supported"


def test_a_column_closer_to_the_instrument_than_the_treatment_is_named() -> None:
    rng = np.random.default_rng(2)
    data = offers(seed=2)
    data["city"] = ((data["z"] == 1) ^ (rng.random(len(data)) < 0.02)).astype(int)
    assert "goes with city more closely than t does" in found(data)[0].detail


def test_who_is_held_by_somebodys_word_is_not_questioned() -> None:
    roles = Knowledge(
        columns=(
            ColumnKnowledge("t", role="treatment"),
            ColumnKnowledge("income", role="pre_treatment"),
        ),
        origin="file",
    )
    assert found(offers(), roles)[0].status == "skipped"
