"""Earnings before the programme as negative control: the survey comparison fails where the experiment passes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.estimate import Check, Estimate
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.domain.thresholds import NEGATIVE_CONTROL_FAIL
from causalcopilot.domain.told import told
from causalcopilot.domain.verdict import decide
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks.negative_control import negative_control_outcome
from causalcopilot_tools.refutation.material import material
from tests.tools.framed import case
from tests.tools.refuting import NEGATIVE, built, draw, only, roles

BEFORE = ("age", "educ", "black", "hisp", "marr", "nodegree", "re74", "re75")
SURVEY_GAP = (-1900.0, -700.0)
"""Dollars of 1975 that an adjusted comparison finds where the programme can have done nothing: own measurement
with other learners -1,225 (standard error 301), two standard errors on either side."""


def tried(frame: pd.DataFrame, quantity: str) -> tuple[Check, str]:
    """The check on re75, and the verdict it leads to."""
    known = Knowledge(tuple(ColumnKnowledge(c, role="pre_treatment") for c in BEFORE), origin="file")
    asked = Question("effect", treatment="treat", outcome="re78", negative_controls=("re75",))
    context = replace(case(frame, told(known, asked)), question=asked)
    found = identify(context, treatment="treat", outcome="re78", quantity=quantity)
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    assert "re75" not in found.identification.controls.used
    whole = Estimate("aipw", quantity, "", 1000.0, 500.0, 10.0, 2000.0, 0.95, len(frame), "dollars")
    result = EstimateResult("", identification=found.identification, estimates=(whole,))
    (check,) = negative_control_outcome(material(context, result))
    return check, decide(found.identification, whole, (check,)).verdict.value


def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    from causaldata import cps_mixtape, nsw_mixtape

    nsw, cps = nsw_mixtape.load_pandas().data, cps_mixtape.load_pandas().data
    survey = pd.concat([nsw[nsw.treat == 1], cps], ignore_index=True)
    return nsw.drop(columns="data_id"), survey.drop(columns="data_id")


def test_survey_controls_are_rejected_and_the_verdict_falls() -> None:
    check, verdict = tried(tables()[1], "ATT")
    assert check.status == "fail"
    assert check.p_value is not None
    assert check.p_value < NEGATIVE_CONTROL_FAIL
    assert check.statistic == pytest.approx(sum(SURVEY_GAP) / 2, abs=(SURVEY_GAP[1] - SURVEY_GAP[0]) / 2)
    assert verdict == "refuted"


def test_each_of_several_negative_controls_is_one_try_of_many() -> None:
    """Named beside two others, the same outcome must be three times as far from chance."""
    frame = draw(2, rows=400, hidden=0.7)
    rng = np.random.default_rng(1)
    frame[["sham", "other"]] = rng.normal(size=(400, 2))
    also = tuple(ColumnKnowledge(c, role="negative_control_outcome") for c in ("sham", "other"))
    alone = only(negative_control_outcome(built(frame, roles(NEGATIVE))))
    among = {c.name: c for c in negative_control_outcome(built(frame, roles(NEGATIVE, *also)))}
    assert len(among) == 3
    p = among["negative_control_outcome:before"].p_value
    assert alone.p_value is not None
    assert p == pytest.approx(3 * alone.p_value)
    assert 0 < 3 * alone.p_value < 1


def test_the_experiment_is_not() -> None:
    check, verdict = tried(tables()[0], "ATE")
    assert check.status == "pass"
    assert verdict != "refuted"
