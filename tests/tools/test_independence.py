"""The independence tool on data whose independences are known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.errors import ColumnNotFound, NotApplicable, UsageError
from causalcopilot.toolkit.result import StructureResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.discovery.core.contingency import table_test
from causalcopilot_tools.discovery.core.kernels import gcm, rcot
from causalcopilot_tools.structure.independence import independence
from causalcopilot_tools.structure.independence_rule import GREY
from tests.tools.framed import case

ROWS = 1500
TYPES: dict[str, ColumnType] = {"group": "nominal", "shade": "nominal", "flag": "binary", "left": "binary"}
P_TOLERANCE = 1e-6  # of p-values by the same formula
RUNS = 150
SIZE_TOLERANCE = 3 * np.sqrt(0.05 * 0.95 / RUNS)  # three standard errors of a rejection rate at 5 %
POWER_LEAST = 0.8


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """x <- z -> y; q = x² + noise; f, g curved in z; group -> shade; flag from z; left, right, xor."""
    rng = np.random.default_rng(2)
    e = rng.standard_normal((8, ROWS))
    z = e[0]
    x, y = z + e[1], z + e[2]
    group = rng.integers(0, 3, ROWS)
    shade = (group + (rng.random(ROWS) < 0.5) * rng.integers(0, 3, ROWS)) % 3
    left, right = rng.integers(0, 2, (2, ROWS))
    return pd.DataFrame(
        {
            "z": z,
            "x": x,
            "y": y,
            "q": x**2 + e[3],
            "f": np.tanh(2 * z) + 0.5 * e[4],
            "g": z**2 + 0.5 * e[5],
            "alone": e[6],
            "group": np.array(["a", "b", "c"])[group],
            "shade": np.array(["red", "green", "blue"])[shade],
            "flag": np.where(z + e[7] > 0, "yes", "no"),
            "left": left,
            "right": right,
            "xor": left ^ right,
            "double": 2 * z + 1,
            "fixed": 1.0,
        }
    )


def ask(frame: pd.DataFrame, a: str, b: str, *given: str, **arguments: object) -> StructureResult:
    types: dict[str, ColumnType] = {**TYPES, "right": "binary", "xor": "binary", "fixed": "constant"}
    result = independence(case(frame, types=types), a=a, b=b, given=given, **arguments)
    assert isinstance(result, StructureResult)
    return result


@pytest.mark.parametrize(
    ("question", "answer", "test"),
    [
        (("x", "y"), "no", "fisher_z"),
        (("x", "y", "z"), "yes", ""),
        (("x", "alone"), "yes", ""),
        (("x", "q"), "no", "rcot"),  # a parabola: the linear test sees nothing
        (("f", "g"), "no", "rcot"),
        (("f", "g", "z"), "yes", "rcot"),  # both curved in z: a linear test would reject
        (("q", "z", "x"), "yes", "rcot"),
        (("group", "shade"), "no", "g_square"),
        (("group", "flag"), "yes", "g_square"),
        (("group", "x"), "yes", ""),
        (("flag", "x"), "no", ""),
        (("flag", "x", "z"), "yes", ""),
        (("flag", "x", "group"), "no", ""),
        (("left", "right"), "yes", "g_square"),
        (("left", "right", "xor"), "no", "g_square"),
        (("left", "xor"), "yes", "g_square"),
    ],
)
def test_known_truth(frame: pd.DataFrame, question: tuple[str, ...], answer: str, test: str) -> None:
    r = ask(frame, *question)
    assert r.answer == answer == r.fact("answer").value
    if test:
        assert r.fact("test").value == test
    assert result_from_json(result_to_json(r)) == r


def test_facts(frame: pd.DataFrame) -> None:
    r = ask(frame, "x", "y", "z", alpha=0.01)
    keys = {f.key for f in r.facts}
    assert {"answer", "p_value", "statistic", "test", "n", "alpha", "power", "partial_correlation"} <= keys
    assert (r.fact("n").value, r.fact("alpha").value) == (ROWS, 0.01)
    r = ask(frame, "x", "y")
    share = r.fact("partial_correlation")
    assert share.low is not None
    assert share.high is not None
    assert share.low < 0.5 < share.high  # cov 1, variances 2 and 2
    alone = [
        t for t in (r.fact("test.1.p_value").value, r.fact("test.2.p_value").value) if isinstance(t, float)
    ]
    assert r.fact("p_value").value == pytest.approx(2 * min(alone))
    assert r.fact("tests").value == 2


def test_few_rows_are_uncertain_not_yes(frame: pd.DataFrame) -> None:
    r = ask(frame.head(30), "x", "alone")
    assert r.answer == "uncertain"
    assert any("too few rows" in f for f in r.findings)
    assert ask(frame.head(30), "z", "double").answer == "no"


def test_just_above_the_level_is_uncertain() -> None:
    """The level is set just below the p-value found: inside the grey zone, and then well outside it."""
    rng = np.random.default_rng(8)
    x = rng.standard_normal(400)
    table = pd.DataFrame({"x": x, "y": 0.06 * x + rng.standard_normal(400)})
    p = ask(table, "x", "y", test="fisher_z").fact("p_value").value
    assert isinstance(p, float)
    assert 0.001 < p < 0.4
    assert ask(table, "x", "y", test="fisher_z", alpha=p * 1.01).answer == "no"
    assert ask(table, "x", "y", test="fisher_z", alpha=p / (GREY - 0.05)).answer == "uncertain"
    assert ask(table, "x", "y", test="fisher_z", alpha=p / (GREY + 0.05)).answer == "yes"


def test_nothing_left_to_test_is_uncertain(frame: pd.DataFrame) -> None:
    r = ask(frame, "double", "y", "z")
    assert r.answer == "uncertain"
    assert r.findings[-1] == "double is determined by the given columns: nothing is left to test"


def test_missing_rows_are_counted(frame: pd.DataFrame) -> None:
    r = ask(frame.assign(x=frame["x"].where(frame.index >= 200)), "x", "y")
    assert r.fact("n").value == ROWS - 200
    assert "200 rows with missing cells were left out" in r.findings


def test_wrong_questions_are_refused(frame: pd.DataFrame) -> None:
    with pytest.raises(UsageError, match="column x is named twice"):
        ask(frame, "x", "y", "x")
    with pytest.raises(ColumnNotFound):
        ask(frame, "x", "yy")
    with pytest.raises(NotApplicable, match="fixed cannot be tested: it has a single value"):
        ask(frame, "x", "fixed")
    with pytest.raises(NotApplicable, match="fisher_z takes numbers only"):
        ask(frame, "x", "group", test="fisher_z")
    with pytest.raises(NotApplicable, match=r"chi_square takes categories only \(x is a number\)"):
        ask(frame, "x", "group", test="chi_square")


@pytest.mark.parametrize("test", ["regression", "rcot", "gcm"])
def test_named_tests_agree(frame: pd.DataFrame, test: str) -> None:
    assert ask(frame, "x", "y", "z", test=test).answer == "yes"
    assert ask(frame, "x", "y", test=test).answer == "no"


def test_same_seed_same_answer(frame: pd.DataFrame) -> None:
    assert ask(frame, "f", "g", "z") == ask(frame, "f", "g", "z")


def test_fisher_z_equals_scipys_correlation_test(frame: pd.DataFrame) -> None:
    """scipy's pearsonr is the exact t test; at 1,500 rows Fisher's Z differs in the third digit of p."""
    from scipy.stats import pearsonr

    r = ask(frame, "z", "alone", test="fisher_z")
    assert r.fact("p_value").value == pytest.approx(pearsonr(frame["z"], frame["alone"]).pvalue, rel=0.01)


@pytest.mark.parametrize("kind", ["g_square", "chi_square"])
def test_tables_equal_scipys(frame: pd.DataFrame, kind: str) -> None:
    from scipy.stats import chi2_contingency

    counts = pd.crosstab(frame["group"], frame["flag"])
    reference = chi2_contingency(
        counts, correction=False, lambda_="log-likelihood" if kind == "g_square" else "pearson"
    )
    r = ask(frame, "group", "flag", test=kind)
    assert r.fact("statistic").value == pytest.approx(reference.statistic, rel=P_TOLERANCE)
    assert r.fact("p_value").value == pytest.approx(reference.pvalue, rel=P_TOLERANCE)


def test_strata_equal_the_sum_of_scipys_tables(frame: pd.DataFrame) -> None:
    from scipy.stats import chi2, chi2_contingency

    parts = [
        chi2_contingency(pd.crosstab(part["group"], part["flag"]), correction=False, lambda_="log-likelihood")
        for _, part in frame.groupby("shade")
    ]
    r = ask(frame, "group", "flag", "shade")
    total = sum(p.statistic for p in parts)
    assert r.fact("statistic").value == pytest.approx(total, rel=P_TOLERANCE)
    assert r.fact("p_value").value == pytest.approx(
        chi2.sf(total, sum(p.dof for p in parts)), rel=P_TOLERANCE
    )


def test_small_tables_are_permuted_and_hold_their_level() -> None:
    """30 rows in 3 x 3 x 3 cells: chi-square would be far off; permutations within strata are exact."""
    rejected = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        s = rng.integers(0, 3, 30)
        t = table_test(
            (s + rng.integers(0, 2, 30)) % 3, (s + rng.integers(0, 2, 30)) % 3, s, "g_square", seed
        )
        assert t.exact
        rejected += t.p_value < 0.1
    assert rejected <= 60 * 0.1 + 3 * np.sqrt(60 * 0.1 * 0.9)


def test_strata_with_one_value_carry_no_freedom() -> None:
    a = np.array([0, 0, 1, 1] * 20)
    t = table_test(a, np.arange(80) % 2, a, "g_square", 0)  # a is constant within each stratum
    assert (t.df, t.p_value, t.rows) == (0, 1.0, 0)


@pytest.mark.parametrize("shape", ["straight", "curved", "three_columns", "spread"])
def test_kernel_test_holds_its_level(shape: str) -> None:
    rejected = 0
    for seed in range(RUNS):
        rng = np.random.default_rng([seed, 3])
        a, b, z = null(shape, 400, rng)
        rejected += rcot(a[:, None], b[:, None], z, np.random.default_rng(seed))[1] < 0.05
    assert rejected / RUNS < 0.05 + SIZE_TOLERANCE


def null(shape: str, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs that are independent given z, by several mechanisms."""
    e = rng.standard_normal((2, n))
    z = rng.standard_normal((n, 3 if shape == "three_columns" else 1))
    if shape == "straight":
        return z[:, 0] + e[0], -z[:, 0] + e[1], z
    if shape == "curved":
        return np.tanh(2 * z[:, 0]) + 0.5 * e[0], z[:, 0] ** 2 + 0.5 * e[1], z
    if shape == "spread":
        return np.exp(0.5 * z[:, 0]) * e[0], np.exp(0.5 * z[:, 0]) * e[1], z
    common = np.sin(2 * z[:, 0])
    return common + z[:, 1] + 0.5 * e[0], z[:, 1] ** 2 + common + 0.5 * e[1], z


def test_kernel_test_has_power_where_lines_have_none() -> None:
    seen = 0
    for seed in range(50):
        rng = np.random.default_rng([seed, 4])
        z = rng.standard_normal((300, 1))
        x = z[:, 0] + rng.standard_normal(300)
        y = (x - z[:, 0]) ** 2 + z[:, 0] + rng.standard_normal(300)
        seen += rcot(x[:, None], y[:, None], z, np.random.default_rng(seed))[1] < 0.05
    assert seen / 50 >= POWER_LEAST


def test_gcm_removes_a_curved_common_cause() -> None:
    rng = np.random.default_rng(7)
    z = rng.uniform(-2, 2, (1500, 1))
    common = np.sin(3 * z[:, 0])
    a, b = common + 0.4 * rng.standard_normal(1500), common + 0.4 * rng.standard_normal(1500)
    assert gcm(a[:, None], b[:, None], z, 0)[2] > 0.01
    assert gcm(a[:, None], (b + 0.3 * a)[:, None], z, 0)[2] < 1e-4
