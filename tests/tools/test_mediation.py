"""Mediation: exact algebra, known truth, coverage, graphs that forbid the split, and what lowers the verdict."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable, UsageError
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.designs import mediation
from causalcopilot_tools.effects.designs.mediated import split_in_graph
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

EXACT = 1e-9
"""Two routes to one number."""
COVERED = (0.92, 0.98)
"""Coverage of a 95 % interval with DRAWS draws: three simulation errors to either side."""
DRAWS = 500
DIRECT, INDIRECT = 0.5, 0.72
"""Truth of ``draw``: the mediator averages zero without treatment; (0.6 + 0.3) times 0.8 goes through it."""
OPEN = "dag { t -> m m -> y t -> y w -> t w -> m w -> y }"
CAUSED = "dag { t -> m m -> y t -> y t -> w w -> m w -> y }"
HIDDEN = "dag { u [latent] t -> m m -> y t -> y u -> m u -> y }"


def draw(rng: np.random.Generator, n: int = 600, number: bool = False) -> pd.DataFrame:
    """A treatment, a mediator with an interaction, and a common cause of all."""
    w, v = rng.normal(size=n), rng.normal(size=n)
    t = 0.5 * w + rng.normal(size=n)
    if not number:
        t = (t > 0).astype(float)
    m = 0.8 * t + 0.4 * w + 0.2 * v + rng.normal(size=n)
    y = 0.5 * t + 0.6 * m + 0.3 * t * m + 0.4 * w + 0.2 * v + rng.normal(size=n)
    return pd.DataFrame({"t": t if number else t.astype(int), "m": m, "y": y, "w": w, "v": v})


def asked(frame: pd.DataFrame, graph: str = "", **more: Any) -> Any:
    question = Question("mediation", **{"treatment": "t", "outcome": "y", "mediator": "m", **more})
    return case(frame, Knowledge(graph=graph), question)


def steps(frame: pd.DataFrame, **more: Any) -> tuple[EstimateResult, RefuteResult]:
    context = asked(frame, **more)
    made = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(made, EstimateResult)
    tested = refute(context, estimate=made)
    assert isinstance(tested, RefuteResult)
    return made, tested


def test_without_interaction_the_indirect_effect_is_the_product_of_slopes() -> None:
    import statsmodels.api as sm

    f = draw(np.random.default_rng(1))
    X = f[["w"]].to_numpy()
    Y = f["y"].to_numpy() - 0.3 * f["t"].to_numpy() * f["m"].to_numpy()
    T, M = f["t"].to_numpy(float), f["m"].to_numpy()
    a = sm.OLS(M, sm.add_constant(np.column_stack([T, X]))).fit().params[1]
    fit = sm.OLS(Y, sm.add_constant(np.column_stack([T, M, T * M, X]))).fit().params
    mine = mediation.by_regression(Y, T, M, X, 0.0, 1.0)
    assert mine.indirect == pytest.approx((fit[2] + fit[3]) * a, abs=EXACT)
    whole = mine.indirect + mine.direct
    assert mine.total == pytest.approx(whole, abs=EXACT)


def test_intervals_by_regression_cover_both_parts() -> None:
    inside = np.zeros(3)
    for seed in range(DRAWS):
        f = draw(np.random.default_rng(seed), 400)
        e = mediation.by_regression(
            f["y"].to_numpy(), f["t"].to_numpy(float), f["m"].to_numpy(), f[["w", "v"]].to_numpy(), 0.0, 1.0
        )
        indirect, direct, total = e.errors()
        inside += (
            abs(e.indirect - INDIRECT) <= 1.96 * indirect,
            abs(e.direct - DIRECT) <= 1.96 * direct,
            abs(e.total - DIRECT - INDIRECT) <= 1.96 * total,
        )
    assert (inside / DRAWS >= COVERED[0]).all()
    assert (inside / DRAWS <= COVERED[1]).all()


def test_the_robust_split_finds_the_truth_and_says_what_it_assumes() -> None:
    made, tested = steps(draw(np.random.default_rng(4), 1500), controls=("w", "v"))
    assert [e.quantity for e in made.estimates[:3]] == ["NIE", "NDE", "ATE"]
    for e, truth in zip(made.estimates, (INDIRECT, DIRECT, DIRECT + INDIRECT), strict=False):
        assert e.low is not None
        assert e.high is not None
        assert e.low < truth < e.high
    assert made.identification is not None
    names = {a.name for a in made.identification.assumptions}
    assert {"no_caused_confounder", "no_confounding_of_mediator"} <= names
    status = {c.name: c.status for c in tested.checks}
    assert status["mediation_overlap"] == "pass"
    assert status["mediation_agreement"] == "pass"
    assert tested.verdict is not None
    assert (tested.verdict.value, tested.fact("reason").value) == ("fragile", "assumed")  # nobody vouches


def test_uneven_weights_are_told_as_too_narrow_and_even_ones_are_not() -> None:
    f = draw(np.random.default_rng(6), 400)
    even, uneven = 1 + 0.1 * (f.index % 2), 1 + 6.0 * (f.index % 2)
    known = Knowledge(columns=(ColumnKnowledge("s", role="weight"),), origin="file")
    for weights, told in ((even, False), (uneven, True)):
        question = Question("mediation", "t", "y", mediator="m", controls=("w", "v"))
        context = case(f.assign(s=weights), known, question)
        made = estimate(context, identification=identify(context, treatment="t", outcome="y"))
        assert isinstance(made, EstimateResult)
        assert any("the truth in about 92% of the draws" in n for n in made.findings) is told
        facts = {x.key: x for x in made.facts}
        assert ("weights_leave" in facts) is told
        if told:
            line = next(
                e for e in made.estimates if (e.method, e.quantity) == ("mediation_by_regression", "NIE")
            )
            beside = facts["indirect_by_regression"]
            assert (beside.value, beside.low, beside.high) == pytest.approx((line.value, line.low, line.high))
            assert facts["weights_leave"].value == pytest.approx(
                4**2 / 25
            )  # halves weighed 1 and 7: mean 4, squares 25


def test_a_treatment_that_is_a_number_is_split_by_regression() -> None:
    made, _ = steps(draw(np.random.default_rng(5), 1500, number=True), controls=("w", "v"))
    assert made.estimates[0].method == "mediation_by_regression"
    assert made.estimates[0].quantity == "NIE"


def test_graphs_that_allow_the_split_and_graphs_that_do_not() -> None:
    usable = ("w", "v")
    assert split_in_graph(from_dagitty(OPEN), "t", "m", "y", usable).controls == ("w",)
    caused = split_in_graph(from_dagitty(CAUSED), "t", "m", "y", usable)
    assert caused.controls is None
    assert "w is caused by t" in caused.why
    hidden = split_in_graph(from_dagitty(HIDDEN), "t", "m", "y", usable)
    assert hidden.controls is None
    assert hidden.why == "measure u"
    unmeasured = split_in_graph(from_dagitty(OPEN), "t", "m", "y", ("v",))
    assert unmeasured.controls is None
    with pytest.raises(NotApplicable, match="does not lie between"):
        split_in_graph(from_dagitty("dag { t -> y m -> y }"), "t", "m", "y", usable)


def test_a_forbidden_split_is_refused_with_its_path() -> None:
    context = asked(draw(np.random.default_rng(6)), graph=CAUSED)
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    assert found.identification.status == "not_identified"
    assert found.identification.blocking_path
    assert found.verdict is not None
    assert found.verdict.value == "not_identified"


def test_a_hidden_common_cause_as_strong_as_a_control_is_told() -> None:
    rng = np.random.default_rng(7)
    f = draw(rng, 1500)
    f["m"] = 0.3 * f["t"] + 1.5 * f["w"] + rng.normal(size=1500)
    f["y"] = 0.5 * f["t"] + 0.1 * f["m"] + 1.5 * f["w"] + rng.normal(size=1500)
    status = {c.name: c.status for c in steps(f, controls=("w",))[1].checks}
    assert status["mediation_sensitivity"] in ("fail", "info")
    assert {c.name: c.status for c in steps(f, controls=())[1].checks}["mediation_sensitivity"] == "skipped"


def test_what_cannot_be_split_is_refused_in_a_line() -> None:
    f = draw(np.random.default_rng(8))
    with pytest.raises(UsageError, match="cannot be the mediator"):
        steps(f, mediator="y")
    with pytest.raises(NotApplicable, match="more than two levels"):
        steps(f.assign(m=np.where(f["m"] > 1, "c", np.where(f["m"] > 0, "b", "a"))), controls=())
    with pytest.raises(DataError, match="m tells t"):
        steps(f.assign(m=f["t"] + 0.0), controls=("w",))
    with pytest.raises(DataError, match="never varies"):
        steps(f.assign(m=1.0), controls=())


def test_a_mediator_of_three_levels_in_order_is_a_number() -> None:
    f = draw(np.random.default_rng(4), 1500)
    f["m"] = np.clip(np.round(f["m"]), -1, 1).astype(int)
    context = asked(f)
    made = estimate(context, identification=identify(context, treatment="t", outcome="y"))
    assert isinstance(made, EstimateResult)
    assert {e.quantity for e in made.estimates} >= {"NIE", "NDE", "ATE"}
    line = next(e for e in made.estimates if e.method == "mediation_by_regression")
    main = made.estimates[0]
    assert main.low is not None
    assert main.high is not None
    assert line.value is not None
    assert main.low < line.value < main.high


def test_a_mediator_must_come_after_the_treatment_and_somebody_must_say_so() -> None:
    f = draw(np.random.default_rng(5))
    early = Knowledge(
        columns=(ColumnKnowledge("m", role="pre_treatment"), ColumnKnowledge("w", role="pre_treatment")),
        origin="file",
    )
    question = Question("mediation", "t", "y", mediator="m")
    with pytest.raises(NotApplicable, match="m comes before t"):
        identify(case(f, early, question), treatment="t", outcome="y")
    before = ColumnKnowledge("w", role="pre_treatment")
    for columns, controls, status in (
        ((before,), None, "assumed"),
        ((before, ColumnKnowledge("m", role="mediator")), None, "identified"),
        ((before, ColumnKnowledge("m", role="mediator")), ("w",), "identified"),
        ((), ("w",), "assumed"),
    ):
        context = case(f, Knowledge(columns=columns, origin="file"), question)
        result = identify(context, treatment="t", outcome="y", controls=controls)
        assert isinstance(result, IdentifyResult)
        assert result.identification is not None
        assert result.identification.status == status


def test_errors_by_regression_are_hc3_with_few_rows() -> None:
    """What the delta rule is fed with: with twenty rows HC0 would be a quarter smaller."""
    import statsmodels.api as sm

    rng = np.random.default_rng(5)
    A = np.column_stack([np.ones(20), rng.normal(size=(20, 3))])
    y = A @ [1.0, 0.5, -0.5, 0.0] + rng.normal(size=20) * (1 + A[:, 1] ** 2)
    value, influence = mediation.least_squares(A, y, np.ones(20))
    theirs = sm.OLS(y, A).fit(cov_type="HC3")
    assert value == pytest.approx(theirs.params)
    assert np.sqrt((influence**2).sum(axis=0)) / 20 == pytest.approx(theirs.bse)
