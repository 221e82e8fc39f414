"""Clusters and weights in instruments, cutoffs and panels: against other implementations, and through the tools."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Question
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.designs import conditional, did, iv, rd
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

Array = NDArray[np.float64]
SAME_ALGEBRA = 1e-9
"""Relative: two routes to one closed form."""
OTHER_FACTOR = 0.01
"""Share by which another implementation's small-sample factor moves a standard error here."""
LINEARMODELS = {
    (1, False): (0.7145011096339805, 0.4278155649632845, 0.2918537351951491),
    (1, True): (0.7865332553340052, 0.48405638722309713, 0.331491137525836),
    (2, False): (0.7859091286975733, 0.24460334558254052, 0.14601921833243772),
    (2, True): (0.8654288178975477, 0.2472835171692887, 0.15626717051854894),
}
"""linearmodels 7.1 ``IV2SLS`` on ``instrumented``: coefficient, clustered and robust error (``debiased=True``), by
number of instruments and whether rows are weighted."""
RDROBUST = {
    False: (0.496018596419388, 0.476757467601444, 0.058176612022006816),
    True: (0.489191174262956, 0.4669213144026802, 0.08321878727738022),
}
"""rdrobust 2.1 with ``weights``, ``h=0.4, b=0.6, vce="hc2"`` on ``cut``: conventional and bias-corrected estimate and
robust error, by fuzzy."""


def instrumented(k: int) -> tuple[Array, Array, Array, Array, Array, NDArray[np.int64]]:
    g = np.random.default_rng(11)
    n, G = 400, 40
    c = np.repeat(np.arange(G), n // G)
    Z = g.normal(size=(n, k)) + g.normal(size=(G, k))[c]
    u = g.normal(size=n) + g.normal(size=G)[c]
    x, w = g.normal(size=n), g.uniform(0.2, 3, n)
    T = 0.4 * Z.sum(axis=1) + u + 0.5 * x + g.normal(size=n)
    return T + u + x + g.normal(size=n), T, Z, x, w, c


@pytest.mark.parametrize(("k", "weighed"), LINEARMODELS)
def test_two_stages_count_and_weigh_as_linearmodels_does(k: int, weighed: bool) -> None:
    Y, T, Z, x, w, c = instrumented(k)
    weights = w if weighed else None
    counted = iv.two_stage(iv.partial_out(Y, T, Z, x[:, None], weights, c))
    plain = iv.two_stage(iv.partial_out(Y, T, Z, x[:, None], weights))
    value, clustered, robust = LINEARMODELS[(k, weighed)]
    assert (counted.value, counted.std_error) == pytest.approx((value, clustered), rel=SAME_ALGEBRA)
    assert plain.std_error == pytest.approx(robust, rel=SAME_ALGEBRA)
    assert (counted.degrees, plain.degrees) == (39, 400 - 3)


def test_first_stage_f_and_anderson_rubin_are_those_of_a_clustered_weighted_regression() -> None:
    import statsmodels.api as sm

    Y, T, Z, x, w, c = instrumented(1)
    p = iv.partial_out(Y, T, Z, x[:, None], w, c)
    columns = sm.add_constant(np.column_stack([Z, x]))

    def fit(values: Array) -> Any:
        return sm.WLS(values, columns, weights=w).fit(cov_type="cluster", cov_kwds={"groups": c}, use_t=True)

    assert iv.effective_f(p) == pytest.approx(fit(T).tvalues[1] ** 2, rel=SAME_ALGEBRA)
    assert iv.reduced_form(p).p_value == pytest.approx(fit(Y).pvalues[1], rel=SAME_ALGEBRA)
    region = iv.anderson_rubin(p, 0.95)
    for b in np.linspace(-4, 6, 41):
        assert region.holds(float(b)) == (fit(Y - b * T).pvalues[1] >= 0.05)


def test_several_clustered_instruments_are_tested_together() -> None:
    import statsmodels.api as sm

    Y, T, Z, x, w, c = instrumented(2)
    p = iv.partial_out(Y, T, Z, x[:, None], w, c)
    columns = sm.add_constant(np.column_stack([Z, x]))
    region = iv.anderson_rubin(p, 0.95)
    for b in np.linspace(-1, 3, 21):
        fit = sm.WLS(Y - b * T, columns, weights=w).fit(
            cov_type="cluster", cov_kwds={"groups": c}, use_t=True
        )
        test = fit.f_test(np.eye(4)[1:3])
        assert region.holds(float(b)) == (float(test.pvalue) >= 0.05)


def cut() -> tuple[Array, Array, Array, Array, Array]:
    g = np.random.default_rng(12)
    n = 1200
    x = 2 * g.beta(2, 3, n) - 1
    w, u = g.uniform(0.2, 3, n), g.normal(size=n)
    y = 0.5 * x + 0.8 * x**2 + 0.5 * (x >= 0) + 0.3 * u
    t = (u + 2.0 * (x >= 0) - 1.0 > 0.5 * g.normal(size=n)).astype(float)
    return y, 0.5 * x + 0.5 * t + 0.3 * u, x, t, w


@pytest.mark.parametrize("fuzzy", [False, True])
def test_a_weighted_jump_is_that_of_rdrobust(fuzzy: bool) -> None:
    y, under, x, t, w = cut()
    made = rd.fit(under if fuzzy else y, x, t if fuzzy else None, 0.95, (0.4, 0.6), weights=w)
    assert (made.value, made.corrected, made.std_error) == pytest.approx(RDROBUST[fuzzy], rel=SAME_ALGEBRA)


def test_equal_weights_change_no_jump() -> None:
    y, _, x, _, _ = cut()
    plain, weighed = (rd.fit(y, x, None, 0.95, (0.4, 0.6), weights=w) for w in (None, np.full(len(x), 2.0)))
    assert weighed.value == pytest.approx(plain.value, rel=SAME_ALGEBRA)
    assert weighed.corrected == pytest.approx(plain.corrected, rel=SAME_ALGEBRA)


def adopters(units: int = 240, periods: int = 6) -> did.Panel:
    g = np.random.default_rng(13)
    first = g.choice([2, 4, periods], units, p=[0.3, 0.2, 0.5])
    w = g.uniform(0.2, 3, units)
    on = np.arange(periods)[None, :] >= first[:, None]
    group = np.arange(units) % 30
    Y = w[:, None] * on + g.normal(size=(units, periods)).cumsum(axis=1) + g.normal(size=30)[group][:, None]
    return did.Panel(Y, first, w / w.mean())


def test_weighted_group_time_effects_are_those_of_diff_diff() -> None:
    from diff_diff import CallawaySantAnna, SurveyDesign

    panel = adopters()
    mine = did.overall(panel, "never")
    theirs = CallawaySantAnna("never_treated", estimation_method="reg").fit(
        conditional.long_frame(panel),
        "y",
        "unit",
        "time",
        "first",
        survey_design=SurveyDesign(weights="weight"),
    )
    assert mine.value == pytest.approx(theirs.overall_att, rel=SAME_ALGEBRA)
    assert mine.std_error == pytest.approx(theirs.overall_se, rel=OTHER_FACTOR)
    assert mine.value != pytest.approx(did.overall(did.Panel(panel.Y, panel.first), "never").value, rel=0.01)


def test_two_by_two_weighted_and_clustered_is_a_weighted_regression_of_changes() -> None:
    import statsmodels.api as sm

    panel = adopters(periods=6)
    kept = panel.first != 4
    group = (np.arange(240) % 30)[kept]
    assert panel.weights is not None
    w, first = panel.weights[kept], np.where(panel.first[kept] == 2, 1, 2)
    two = did.Panel(panel.Y[kept][:, 1:3], first, w, group)
    change = two.Y[:, 1] - two.Y[:, 0]
    fit = sm.WLS(change, sm.add_constant((first == 1).astype(float)), weights=w).fit(
        cov_type="cluster", cov_kwds={"groups": group}
    )
    mine = did.overall(two, "never")
    assert mine.value == pytest.approx(fit.params[1], rel=SAME_ALGEBRA)
    assert mine.std_error == pytest.approx(fit.bse[1], rel=OTHER_FACTOR)
    assert did.two_way(two) == pytest.approx((fit.params[1], fit.bse[1]), rel=OTHER_FACTOR)


# --- the tools ------------------------------------------------------------------------------------------------


def known(**roles: str) -> Knowledge:
    return Knowledge(columns=tuple(ColumnKnowledge(n, role=r) for n, r in roles.items()), origin="file")  # type: ignore[arg-type]


def run(frame: pd.DataFrame, knowledge: Knowledge, **question: Any) -> tuple[EstimateResult, RefuteResult]:
    context = case(frame, knowledge, Question("effect", treatment="t", outcome="y", **question))
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    made = estimate(context, identification=found)
    tried = refute(context, estimate=made)
    assert isinstance(made, EstimateResult)
    assert isinstance(tried, RefuteResult)
    return made, tried


def test_an_instrument_by_cluster_and_weight_from_the_table_to_the_checks() -> None:
    Y, T, Z, _, w, c = instrumented(1)
    frame = pd.DataFrame({"y": Y, "t": T, "z": Z[:, 0], "w": w, "village": [f"v{i}" for i in c]})
    made, tried = run(frame, known(village="cluster", w="weight"), instrument="z")
    reference = iv.two_stage(iv.partial_out(Y, T, Z, np.empty((400, 0)), w, c))
    wald = next(e for e in made.estimates if e.method == "two_stage_least_squares")
    assert (wald.value, wald.std_error) == pytest.approx(
        (reference.value, reference.std_error), rel=SAME_ALGEBRA
    )
    assert made.estimates[0].note.startswith("counted by village (40 clusters) and weighed by w")
    assert any("Anderson–Rubin set are clustered" in f for f in made.findings)
    assert {"cluster", "clusters", "weights"} <= {f.key for f in made.facts}
    assert "repeated_units" in {c.name for c in tried.checks} or tried.verdict is not None
    few = frame.assign(village=np.where(np.arange(400) < 200, "a", "b"))
    with pytest.raises(DataError, match="too few"):
        run(few, known(village="cluster"), instrument="z")


def test_a_cutoff_and_a_panel_take_their_weights() -> None:
    y, _, x, _, w = cut()
    frame = pd.DataFrame({"y": y, "t": (x >= 0).astype(int), "x": x, "w": w})
    made, tried = run(frame, known(w="weight"), running="x", cutoff=0.0)
    plain, _ = run(frame.drop(columns="w"), known(), running="x", cutoff=0.0)
    assert made.estimates[0].value != pytest.approx(plain.estimates[0].value)
    assert made.estimates[0].note.startswith("weighed by w")
    assert {c.name: c.status for c in tried.checks}["bandwidth"] in ("pass", "warn")

    panel = adopters()
    long = conditional.long_frame(panel)
    long["t"] = ((long["first"] > 0) & (long["time"] >= long["first"])).astype(int)
    long["state"] = [f"s{u % 30}" for u in long["unit"]]
    told = known(weight="weight", state="cluster")
    long = long.drop(columns="first")
    made, _ = run(long, told, unit="unit", time="time", design="did")
    counted = did.overall(did.Panel(panel.Y, panel.first, panel.weights, np.arange(240) % 30), "never")
    first = made.estimates[0]
    assert (first.value, first.std_error) == pytest.approx(
        (counted.value, counted.std_error), rel=SAME_ALGEBRA
    )
    moving = long.assign(state=[f"s{i % 30}" for i in range(len(long))])
    with pytest.raises(DataError, match="several values of state"):
        run(moving, told, unit="unit", time="time", design="did")


@pytest.mark.parametrize(
    ("drawn", "says", "hint"),
    [
        ({"cluster": "area"}, "nothing to count by area", "--unit area"),
        ({"weights": "w"}, "cannot weigh them by w", "weighted mean for each unit and time"),
    ],
)
def test_a_synthetic_control_says_why_it_neither_counts_nor_weighs(
    drawn: dict[str, str], says: str, hint: str
) -> None:
    g = np.random.default_rng(14)
    unit, time = (a.ravel() for a in np.meshgrid(range(16), range(12), indexing="ij"))
    frame = pd.DataFrame({"unit": unit, "time": time, "t": ((unit == 3) & (time >= 8)).astype(int)})
    frame["y"] = g.normal(size=16)[unit] + g.normal(size=12)[time] + 0.1 * g.normal(size=192)
    frame["area"], frame["w"] = frame["unit"] % 4, g.uniform(1, 2, 192)
    with pytest.raises(NotApplicable, match=says) as caught:
        run(frame, known(), unit="unit", time="time", **drawn)
    assert hint in caught.value.hint
    made, _ = run(frame, known(), unit="unit", time="time", cluster="unit")
    assert made.estimates[0].method == "synthetic_control"
