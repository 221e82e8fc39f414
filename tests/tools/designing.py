"""A design from its question to its verdict, for tests of designs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case


def steps(frame: pd.DataFrame, **asked: Any) -> tuple[EstimateResult, RefuteResult]:
    """Identify, estimate and refute the effect of ``t`` on ``y``."""
    context = case(frame, None, Question("effect", treatment="t", outcome="y", **asked))
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    return made, tried


def interval(made: EstimateResult) -> tuple[float, float]:
    """Bounds of the first estimate."""
    e = made.estimates[0]
    assert e.low is not None
    assert e.high is not None
    return e.low, e.high
