"""For whom an effect differs: known truth by group, an honest joint test, refusals by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.heterogeneity import Heterogeneity
from causalcopilot.domain.identification import Controls, Excluded, Identification
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import HeterogeneityResult, IdentifyResult
from causalcopilot_tools.effects import primary
from causalcopilot_tools.effects.cate import groups, learners, material, policy, projection, ranking
from causalcopilot_tools.effects.cate.candidates import cuts
from causalcopilot_tools.effects.cate.scores import Scores, average, doubly_robust
from causalcopilot_tools.effects.heterogeneity import heterogeneity
from causalcopilot_tools.effects.nuisance import ArmNuisances
from tests.tools.estimating import SIGMAS, Opener, effect, open_in

DRAWS = 300
DRAWN = 0.005
"""Share held at a quantile of 20,000 draws: three simulation errors."""
REJECTED = (0.02, 0.09)
"""A 5 % test rejects 15 of 300 draws; outside 2 % to 9 % it would by chance in less than one run of 500."""
COVERED = 0.91
"""Of 300 joint 95 % tables at least this share holds every truth; a right one fails it once in 700."""
GRID = 0.03
"""Share of the area by which a sum over a thousand shares misses the whole: its tip, one row of 1000."""
BOOTSTRAP = 0.25
"""200 half samples tell a standard error to five percent; the other formula leaves the error of the cuts out."""


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opener:
    monkeypatch.setattr(primary, "MEDIAN_SEEDS", 1)
    return open_in(tmp_path)


def world(n: int = 900, slope: float = 1.0, seed: int = 0) -> pd.DataFrame:
    """The effect is 1 + slope · a, whatever the sex; a and b confound."""
    g = np.random.default_rng(seed)
    x = g.normal(size=(n, 2))
    t = (g.random(n) < 1 / (1 + np.exp(-0.6 * x[:, 0] - 0.5 * x[:, 1]))).astype(float)
    y = (1 + slope * x[:, 0]) * t + x.sum(axis=1) + g.normal(size=n)
    sex = np.where(g.random(n) < 0.5, "female", "male")
    return pd.DataFrame({"t": t, "y": y, "a": x[:, 0], "b": x[:, 1], "sex": sex})


def look(
    context: Context,
    modifiers: tuple[str, ...] = (),
    found: Identification | None = None,
    **arguments: object,
) -> Heterogeneity:
    asked = found or effect(controls=("a", "b", "sex"))
    made = heterogeneity(
        context, identification=IdentifyResult("", identification=asked), modifiers=modifiers, **arguments
    )
    assert isinstance(made, HeterogeneityResult)
    assert made.heterogeneity is not None
    return made.heterogeneity


def near(value: float | None, error: float | None, truth: float) -> bool:
    assert value is not None
    assert error is not None
    return abs(value - truth) < SIGMAS * error


def test_named_modifiers_get_their_slopes_groups_and_tests(opened: Opener) -> None:
    frame = world()
    made = look(opened(frame), ("a", "sex"))
    assert made.found == "detected"
    slopes = {s.modifier: s for s in made.slopes}
    assert near(slopes["a"].value, slopes["a"].std_error, 1.0)
    sex = next(s for name, s in slopes.items() if name.startswith("sex="))
    assert near(sex.value, sex.std_error, 0.0)
    lows = np.quantile(frame.a, [1 / 3, 2 / 3])
    place = np.searchsorted(lows, frame.a, side="left")
    terciles = [s for s in made.groups if s.modifier == "a"]
    assert len(terciles) == 3
    for i, s in enumerate(terciles):
        assert s.n == (place == i).sum()
        assert near(s.value, s.std_error, 1 + frame.a[place == i].mean())
    for s in made.groups:
        if s.modifier == "sex":
            assert near(s.value, s.std_error, 1 + frame.a[frame.sex == s.level].mean())
    by = {t.modifier: t.p_adjusted for t in made.tests}
    assert by["a"] < 1e-6 < by["sex"]


def test_nothing_named_splits_honestly(opened: Opener) -> None:
    made = look(opened(world()))
    assert not made.named
    assert not made.groups
    assert made.found == "detected"
    assert made.split is not None
    assert made.split.rule == "a"
    assert sum(s.n for s in made.split.groups) == 450
    gap = made.split.difference
    assert gap is not None
    assert gap.low > 0


def test_one_group_is_told_and_a_small_one_is_not(opened: Opener) -> None:
    frame = world()
    frame["region"] = np.where(np.arange(len(frame)) < 30, "islet", "mainland")
    context = opened(frame)
    asked = Question("subgroups", treatment="t", outcome="y", among=("region", "islet"))
    made = look(
        Context(context.dataset, context.profile, asked, context.knowledge),
        ("region",),
        effect(controls=("a", "b", "region")),
    )
    assert made.among is not None
    assert made.among.level == "islet"
    assert made.among.value is None
    assert "rows (at least 20 are needed)" in made.among.suppressed
    big = next(s for s in made.groups if s.level == "mainland")
    assert near(big.value, big.std_error, 1 + frame.a[30:].mean())


def test_an_effect_that_is_the_same_for_all_is_not_called_different(opened: Opener) -> None:
    made = look(opened(world(slope=0.0, seed=4)), ("a", "sex"))
    assert made.found == "none_detected"


def test_what_the_treatment_may_have_changed_is_no_modifier(opened: Opener) -> None:
    context = opened(world())
    after = effect(controls=("a", "sex"))
    forbidden = Controls(("a", "sex"), (), (Excluded("b", "measured after the treatment"),))
    asked = Identification(**{**{k: getattr(after, k) for k in after.__slots__}, "controls": forbidden})
    with pytest.raises(NotApplicable, match="b cannot be a modifier"):
        look(context, ("b",), asked)
    with pytest.raises(NotApplicable, match="y is the outcome"):
        look(context, ("y",))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"strategy": "Instrumental Variable"}, "this is Instrumental Variable"),
        ({"treatment_type": "categorical"}, "t has several levels"),
    ],
)
def test_other_designs_are_refused_by_name(opened: Opener, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(NotApplicable, match=words):
        look(opened(world()), ("a",), effect(controls=("a", "b"), **fields))


def oracle(g: np.random.Generator, n: int, slope: float) -> tuple[Scores, np.ndarray, np.ndarray]:
    """Scores with the true nuisances, modifiers, and the true effect of each row."""
    V = np.column_stack([g.normal(size=n), g.integers(0, 2, n), g.normal(size=n)])
    e = 1 / (1 + np.exp(-0.8 * V[:, 0]))
    T = (g.random(n) < e).astype(float)
    tau = 0.5 + slope * V[:, 0]
    m0 = V[:, 0] + V[:, 1]
    Y = m0 + tau * T + g.normal(size=n) * (1 + 0.5 * V[:, 1])
    return doubly_robust(Y, T, ArmNuisances(m0, m0 + tau, 1 - e, e), "ATE"), V, tau


def test_the_joint_test_rejects_as_often_as_it_says() -> None:
    g = np.random.default_rng(8)
    p = []
    for _ in range(DRAWS):
        scores, V, _ = oracle(g, 300, 0.0)
        line = projection.project(scores, V)
        p.append(projection.wald(line.coefficients[1:], line.covariance[1:, 1:], line.degrees)[1])
    rejected = float(np.mean(np.array(p) < 0.05))
    assert REJECTED[0] <= rejected <= REJECTED[1]


def test_joint_intervals_hold_together_and_slopes_are_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "DRAWS", 2000)
    g = np.random.default_rng(9)
    held, slopes = [], []
    for _ in range(DRAWS):
        scores, V, tau = oracle(g, 400, 0.6)
        low = V[:, 0] < 0
        rows = [low, ~low, V[:, 1] == 0, V[:, 1] == 1, V[:, 2] < 0, V[:, 2] >= 0]
        made = groups.effects(scores, rows, 0.95, 0)
        truth = np.array([tau[m].mean() for m in rows])
        held.append((np.abs(made.values - truth) <= made.critical * made.errors).all())
        line = projection.project(scores, V)
        slopes.append(abs(line.coefficients[1] - 0.6) <= 1.96 * line.covariance[1, 1] ** 0.5)
    assert np.mean(held) >= COVERED
    assert np.mean(slopes) >= COVERED


def test_effects_on_the_treated_average_over_the_treated() -> None:
    """With the true nuisances the ATT scores give the treated rows' own mean effect."""
    g = np.random.default_rng(10)
    n = 4000
    x = g.normal(size=n)
    e = 1 / (1 + np.exp(-x))
    T = (g.random(n) < e).astype(float)
    Y = x + (1 + x) * T + g.normal(size=n)
    fit = ArmNuisances(x, 1 + 2 * x, 1 - e, e)
    for quantity, rows in (("ATT", T == 1), ("ATC", T == 0)):
        made = average(doubly_robust(Y, T, fit, quantity))  # type: ignore[arg-type]
        assert near(made.value, made.std_error, float(1 + x[rows].mean()))


def test_holm_matches_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p = [0.04, 0.001, 0.03, 0.5]
    assert groups.holm(p) == pytest.approx(multipletests(p, method="holm")[1])


def test_a_projection_matches_statsmodels_hc3() -> None:
    import statsmodels.api as sm

    g = np.random.default_rng(11)
    V = g.normal(size=(80, 2)) * [1, 50] + [3, 100]
    s = V @ [1, 0.1] + g.normal(size=80) * np.abs(V[:, 0])
    made = projection.project(Scores(s, np.ones(80)), V)
    other = sm.OLS(s, sm.add_constant(V)).fit(cov_type="HC3")
    assert made.coefficients[1:] == pytest.approx(other.params[1:])
    assert made.covariance[1:, 1:] == pytest.approx(other.cov_params()[1:, 1:])


@pytest.mark.parametrize("depth", [1, 2])
def test_a_rule_is_worth_what_it_truly_is(depth: int) -> None:
    """Effect 1 where both answers are yes and -1 elsewhere: two questions find it, one cannot."""
    g = np.random.default_rng(12)
    n = 6000
    V = g.integers(0, 2, size=(n, 3)).astype(float)
    tau = np.where((V[:, 0] == 1) & (V[:, 1] == 1), 1.0, -1.0)
    scores = Scores(tau + g.normal(size=n), np.ones(n))
    learn = np.arange(n) < n // 2
    rule = policy.grow(scores.take(learn), V[learn], cuts(V, ("u", "v", "w")), depth)
    made = policy.value(scores.take(~learn), policy.treated(rule, V[~learn]))
    truth = float((tau * policy.treated(rule, V))[~learn].mean())
    assert abs(made.rule.value - truth) <= SIGMAS * made.rule.std_error
    if depth == 2:
        assert near(made.rule.value, made.rule.std_error, 0.25)
        assert [leaf.text for leaf in rule if leaf.treat] == ["u is 1 and v is 1"] or [
            leaf.text for leaf in rule if leaf.treat
        ] == ["v is 1 and u is 1"]
    else:
        assert made.rule.value < 0.1


def test_the_targeting_curve_has_the_area_of_its_definition() -> None:
    """Effects 4, 2, 0 ranked rightly: the curve is 4-2, 3-2, 2-2, its area 1; ranked in one tie, nothing."""
    scores = Scores(np.array([0.0, 4.0, 2.0]), np.ones(3))
    assert ranking.autoc(scores, np.array([1.0, 3.0, 2.0]), 0)[0] == pytest.approx(1.0)
    assert ranking.autoc(scores, np.array([3.0, 1.0, 2.0]), 0)[0] == pytest.approx(-1.0)
    assert ranking.autoc(scores, np.ones(3), 0)[0] == pytest.approx(0.0)


def test_a_ranking_that_says_nothing_is_seldom_called_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "DRAWS", 60)
    g = np.random.default_rng(13)
    beyond = []
    for seed in range(DRAWS):
        scores, _, _ = oracle(g, 200, 0.6)
        value, error = ranking.autoc(scores, g.normal(size=200), seed)
        beyond.append(abs(value) > 1.96 * error)
    assert REJECTED[0] <= np.mean(beyond) <= REJECTED[1]


def test_the_learner_with_the_least_loss_predicts_best() -> None:
    """A straight effect: a line is chosen before trees, and both before one effect for all."""
    g = np.random.default_rng(14)
    V = g.normal(size=(800, 3))
    e = 1 / (1 + np.exp(-0.5 * V[:, 1]))
    T = (g.random(800) < e).astype(float)
    tau = 1 + V[:, 0]
    Y = V[:, 1] + tau * T + g.normal(size=800)
    fit = ArmNuisances(V[:, 1], V[:, 1] + tau, 1 - e, e)
    loss = learners.losses(learners.Taught(V, Y, T, fit, doubly_robust(Y, T, fit, "ATE")), 0)
    assert loss["constant"] == 0
    assert loss["dr_line"] < loss["dr_boosted"] < 0
    assert all(loss[name] < 0 for name in learners.LEARNERS if name != "constant")


def test_everything_explored_is_judged_on_the_other_half(opened: Opener) -> None:
    frame = world()
    frame["y"] += -1.2 * frame.t  # the effect is now a - 0.2: good for some rows, bad for more
    made = look(opened(frame))
    assert made.ranking is not None
    assert made.ranking.autoc.low > 0
    assert sum(s.n for s in made.ranking.groups) == 450
    assert made.policy is not None
    assert made.policy.advice == "treat_by_rule"
    rule = next(r for r in made.policy.rules if r.chosen)
    assert "a above" in " ".join(rule.treat)
    # Treating where a exceeds 0.2 gains E[max(a - 0.2, 0)] = 0.31 a row; a rule learned cannot truly gain more.
    assert rule.value.value < 0.31 + SIGMAS * rule.value.std_error
    assert rule.value.low > 0
    costly = look(opened(frame), ("a",), cost=5.0).policy
    assert costly is not None
    assert costly.advice == "treat_none"


def test_a_lower_outcome_may_be_the_better_one(opened: Opener) -> None:
    made = look(opened(world(slope=0.0)), ("sex",), goal="lower").policy
    assert made is not None
    assert made.advice == "treat_none"
    assert made.everyone.high < 0


def test_clusters_count_together(opened: Opener) -> None:
    """Rows copied four times in clusters of four tell no more than once."""
    from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge

    once = world(n=400).assign(g=np.arange(400))
    known = Knowledge(columns=(ColumnKnowledge("g", role="cluster"),))
    many = pd.concat([once] * 4, ignore_index=True)
    asked = effect(controls=("a", "b"))
    slopes = [look(opened(f, known), ("a",), asked).slopes[0].std_error for f in (once, many)]
    assert slopes[1] == pytest.approx(slopes[0], rel=0.25)  # unclustered, it would be half as large


@pytest.mark.filterwarnings("ignore:invalid value")  # its curve has no error at a share of one
def test_the_targeting_area_is_that_of_econml() -> None:
    """EconML sums its curve over a grid of shares, here a thousand; the tip that the grid cuts off holds one row."""
    from econml.validate.utils import calc_uplift

    g = np.random.default_rng(15)
    n = 1000
    tau = g.normal(size=n)
    score, predicted = tau + 2 * g.normal(size=n), tau + g.normal(size=n)
    grid = np.linspace(0, 100, n, endpoint=False)
    other, spread, _ = calc_uplift(predicted[:, None], predicted[:, None], score[:, None], grid, "toc", 2)
    value, error = ranking.autoc(Scores(score, np.ones(n)), predicted, 0)
    assert value == pytest.approx(other, rel=GRID)
    assert error == pytest.approx(spread, rel=BOOTSTRAP)


@pytest.mark.parametrize(("quantity", "arm"), [("ATT", 1.0), ("ATC", 0.0)])
def test_effects_on_one_arm_by_group(opened: Opener, quantity: str, arm: float) -> None:
    frame = world()
    made = look(opened(frame), ("a",), effect(controls=("a", "b"), quantity=quantity))
    assert made.quantity == quantity
    cuts_at = np.quantile(frame.a, [1 / 3, 2 / 3])
    place = np.searchsorted(cuts_at, frame.a, side="left")
    for i in (0, 1, 2):
        own = frame.a[(place == i) & (frame.t == arm)]
        assert near(made.groups[i].value, made.groups[i].std_error, 1 + own.mean())


def test_dates_are_cut_into_spans_and_row_names_are_refused(opened: Opener) -> None:
    frame = world(n=300)
    frame["day"] = pd.Timestamp("2020-01-01") + pd.to_timedelta(np.arange(300) % 90, unit="D")
    frame["name"] = [f"row {i}" for i in range(300)]
    made = look(opened(frame), ("day",), effect(controls=("a", "b")))
    assert made.groups[0].level == "2020-01-01 to 2020-01-25"  # the first thirty days hold four rows each
    assert len(made.groups) == 3
    with pytest.raises(NotApplicable, match="name cannot be a modifier"):
        look(opened(frame), ("name",), effect(controls=("a", "b")))


def test_choosing_among_many_modifiers_leaves_the_test_its_level() -> None:
    """Sixty columns of noise and an equal effect: those that go most with the outcome are tested together."""
    g = np.random.default_rng(16)
    names = tuple(map(str, range(60)))
    p = []
    for _ in range(DRAWS):
        V = g.normal(size=(200, 60))
        T = (g.random(200) < 0.4).astype(float)
        Y = T + g.normal(size=200)
        fit = ArmNuisances(np.zeros(200), np.ones(200), np.full(200, 0.6), np.full(200, 0.4))
        kept = material.narrowed(V, names, names, material.within_arms(Y, T), False)[0]
        line = projection.project(doubly_robust(Y, T, fit, "ATE"), kept)
        p.append(projection.wald(line.coefficients[1:], line.covariance[1:, 1:], line.degrees)[1])
    assert kept.shape[1] == 10
    assert REJECTED[0] <= np.mean(np.array(p) < 0.05) <= REJECTED[1]


@pytest.mark.parametrize("degrees", [None, 6.0])
@pytest.mark.parametrize("count", [2, 6])
def test_the_joint_interval_is_the_studentised_maximum_modulus(count: int, degrees: float | None) -> None:
    """Of independent groups, integrated over their common error: Stoline and Ury (1979) tabulate it."""
    from scipy import integrate, stats

    def held(q: float) -> float:
        if degrees is None:
            return float((2 * stats.norm.cdf(q) - 1) ** count)
        error = stats.chi2(degrees)
        return float(
            integrate.quad(
                lambda v: (2 * stats.norm.cdf(q * (v / degrees) ** 0.5) - 1) ** count * error.pdf(v), 0, 80
            )[0]
        )

    found = groups.critical_value(np.eye(count), 0.95, 0, degrees)
    assert held(found) == pytest.approx(0.95, abs=DRAWN)


@pytest.mark.parametrize("degrees", [None, 6.0])
def test_the_widest_difference_is_read_by_the_pairs_there_are(degrees: float | None) -> None:
    """Three groups have three differences: each is read at a third of what is missed."""
    from scipy import stats

    found = groups.Effects(np.array([1.0, 3.0, 2.0]), np.ones(3), np.eye(3), 0.0, degrees)
    at = 1 - 0.05 / 3 / 2
    q = stats.norm.ppf(at) if degrees is None else stats.t.ppf(at, degrees)
    assert groups.widest(found, (0, 1, 2), 0.95) == pytest.approx(2 + q * 2**0.5)
    assert groups.widest(found, (0, 2), 0.95) == pytest.approx(
        1 + (stats.norm.ppf(0.975) if degrees is None else stats.t.ppf(0.975, degrees)) * 2**0.5
    )
