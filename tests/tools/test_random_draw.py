"""A treatment that is said to be drawn by lot, held against the columns that a lot leaves even."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.intervals import two_sided_p
from causalcopilot_tools.refutation.checks.random_draw import random_draw, score_tests
from causalcopilot_tools.refutation.material import Material, material
from tests.tools.framed import case
from tests.tools.refuting import EMPTY, only

ROWS = 1000
DRAWS = 400
LIMIT = 0.03
"""False alarms of 400 honest draws at the level of 1 % stay below this in all but one case of ten thousand."""


def drawn(tilt: float, controls: tuple[str, ...] | None, roles: dict[str, str], seed: int = 0) -> Material:
    """``x`` decides the treatment by ``tilt``; ``later`` is moved by the treatment."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=ROWS)
    t = (rng.random(ROWS) < 1 / (1 + np.exp(-tilt * x))).astype(int)
    later = 0.5 * t + rng.normal(size=ROWS)
    data = pd.DataFrame({"x": x, "t": t, "later": later, "y": t + x + later + rng.normal(size=ROWS)})
    known = Knowledge(
        columns=tuple(ColumnKnowledge(c, role=r) for c, r in roles.items()),  # type: ignore[arg-type]
        origin="file",
    )
    context = replace(case(data, known), question=Question("effect", "t", "y", design="rct"))
    found = identify(context, treatment="t", outcome="y", controls=controls)
    assert isinstance(found, IdentifyResult)
    return material(context, EstimateResult("", identification=found.identification, estimates=(EMPTY,)))


@pytest.mark.parametrize(
    ("tilt", "controls", "roles", "status", "said"),
    [
        (0.0, None, {"x": "pre_treatment", "later": "post_treatment"}, "pass", "moves most with t"),
        (0.6, None, {"x": "pre_treatment", "later": "post_treatment"}, "fail", "not by lot"),
        (0.6, ("x",), {"x": "pre_treatment"}, "fail", "it came first"),
        (0.0, ("later",), {}, "fail", "takes away a part of the effect"),
        (0.0, None, {}, "fail", "either it came after"),
    ],
)
def test_a_column_that_a_lot_would_leave_even(
    tilt: float, controls: tuple[str, ...] | None, roles: dict[str, str], status: str, said: str
) -> None:
    check = only(random_draw(drawn(tilt, controls, roles)))
    assert check.status == status
    assert said in check.detail


def test_a_lot_drawn_within_strata_is_judged_within_them() -> None:
    """Chances of 0.3 and 0.7 by stratum move every column that goes with the stratum; within it none is moved."""
    rng = np.random.default_rng(5)
    stratum = rng.choice(["rural", "urban"], ROWS)
    t = (rng.random(ROWS) < np.where(stratum == "urban", 0.7, 0.3)).astype(int)
    x = (stratum == "urban") + rng.normal(size=ROWS)
    data = pd.DataFrame({"stratum": stratum, "x": x, "t": t, "y": t + x + rng.normal(size=ROWS)})
    for strata, status in (((), "fail"), (("stratum",), "pass")):
        question = Question("effect", "t", "y", design="rct", controls=("stratum",), strata=strata)
        context = replace(case(data, Knowledge()), question=question)
        found = identify(context, treatment="t", outcome="y", controls=("stratum",))
        assert isinstance(found, IdentifyResult)
        made = material(context, EstimateResult("", identification=found.identification, estimates=(EMPTY,)))
        assert only(random_draw(made)).status == status


def test_honest_draws_rarely_fail_and_clusters_are_counted() -> None:
    rng = np.random.default_rng(3)
    X, T = rng.normal(size=(DRAWS, 300)), rng.integers(0, 2, (DRAWS, 300)).astype(float)
    alone = [abs(score_tests(x[:, None], t)[0]) > 2.576 for x, t in zip(X, T, strict=True)]
    assert np.mean(alone) < LIMIT
    school = np.repeat(np.arange(30), 10)
    level, lot = rng.normal(size=(DRAWS, 30)), rng.integers(0, 2, (DRAWS, 30)).astype(float)
    pairs = [((a[school] + 0.1 * x)[:, None], b[school]) for a, b, x in zip(level, lot, X, strict=True)]
    assert np.mean([abs(score_tests(x, t, school)[0]) > 2.576 for x, t in pairs]) < LIMIT
    assert np.mean([abs(score_tests(x, t)[0]) > 2.576 for x, t in pairs]) > 10 * LIMIT


def test_the_column_that_moves_most_is_judged_as_the_most_of_many() -> None:
    """Twenty columns beside an honest draw: two in three times one of them alone would be called uneven."""
    columns = tuple(f"c{i}" for i in range(20))
    alarms, count = 0, 30
    for seed in range(count):
        rng = np.random.default_rng(seed)
        data = pd.DataFrame(rng.normal(size=(200, 20)), columns=list(columns))
        data = data.assign(t=rng.integers(0, 2, 200), y=rng.normal(size=200))
        known = Knowledge(tuple(ColumnKnowledge(c, role="pre_treatment") for c in columns), origin="file")
        context = replace(case(data, known), question=Question("effect", "t", "y", design="rct"))
        found = identify(context, treatment="t", outcome="y")
        assert isinstance(found, IdentifyResult)
        shell = EstimateResult("", identification=found.identification, estimates=(EMPTY,))
        check = only(random_draw(material(context, shell)))
        assert check.statistic is not None
        assert check.p_value == pytest.approx(min(1.0, 20 * two_sided_p(check.statistic)))
        alarms += check.status != "pass"
    assert alarms / count < 0.05 + 0.12  # three simulation errors


def test_a_mild_sign_is_not_called_a_failed_draw() -> None:
    """Some honest draw of two hundred falls between one case in twenty and one in a hundred."""
    roles = {"x": "pre_treatment", "later": "post_treatment"}
    found = (only(random_draw(drawn(0.0, None, roles, seed))) for seed in range(200))
    mild = next(check for check in found if check.status == "warn")
    assert "one honest draw in twenty" in mild.detail
    assert "not by lot" not in mild.detail
