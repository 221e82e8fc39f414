"""The ranking of drivers on data with known coefficients."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import RankingResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.explain.drivers import drivers
from causalcopilot_tools.explain.strength import strength
from tests.tools.framed import case

ROWS = 4000
NOISE = 0.06  # four standard errors of a standardised coefficient at 4000 rows, 4 / sqrt(4000)
TEXT = "dag { c -> {t y} t -> m -> y -> d  z -> t  q -> y  lone }"


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Known effects on y: t 0.8 (through m), m 1.0, c 0.5 + 0.7 * 0.8, z 0.6 * 0.8, q 0.3; d is an effect of y."""
    rng = np.random.default_rng(7)
    e = rng.normal(size=(8, ROWS))
    c, z, q, lone = e[0], e[1], e[2], e[3]
    t = 0.7 * c + 0.6 * z + e[4]
    m = 0.8 * t + e[5]
    y = 1.0 * m + 0.5 * c + 0.3 * q + e[6]
    return pd.DataFrame({"c": c, "t": t, "m": m, "y": y, "d": 5 * y + e[7], "z": z, "q": q, "lone": lone})


def ranked(frame: pd.DataFrame, text: str = TEXT, outcome: str = "y") -> RankingResult:
    found = drivers(case(frame), outcome=outcome, graph=StoredGraph("g@1", from_dagitty(text)))
    assert isinstance(found, RankingResult)
    assert found.fact("count").value == len(found.ranking)
    assert [found.fact(f"rank.{i}").value for i in range(1, len(found.ranking) + 1)] == list(found.ranking)
    return found


def test_total_effects_are_recovered_and_ordered(frame: pd.DataFrame) -> None:
    found = ranked(frame)
    effects = {"m": 1.0, "t": 0.8, "c": 0.5 + 0.7 * 0.8, "z": 0.6 * 0.8, "q": 0.3}
    truth = {name: b * frame[name].std() / frame["y"].std() for name, b in effects.items()}
    assert found.ranking == tuple(sorted(truth, key=lambda n: -truth[n]))
    for i, name in enumerate(found.ranking, 1):
        assert found.fact(f"rank.{i}.strength").value == pytest.approx(truth[name], abs=NOISE)
        effect = found.fact(f"rank.{i}.effect")
        assert effect.low is not None
        assert effect.high is not None
        assert effect.low < truth[name] < effect.high
        assert found.fact(f"rank.{i}.certain").value == "yes"
    paths = {found.fact(f"rank.{i}").value: found.fact(f"rank.{i}.path").value for i in range(1, 6)}
    assert paths["z"] == "z --> t --> m --> y"


def test_units_do_not_matter_and_signs_are_kept(frame: pd.DataFrame) -> None:
    changed = frame.assign(m=-1000 * frame["m"] + 3, y=0.001 * frame["y"])
    first, second = ranked(frame), ranked(changed)
    assert second.ranking == first.ranking
    place = first.ranking.index("m") + 1
    one, two = first.fact(f"rank.{place}.effect"), second.fact(f"rank.{place}.effect")
    assert two.value == pytest.approx(-one.value)  # type: ignore[operator]
    assert two.low == pytest.approx(-one.high)  # type: ignore[operator]


def test_an_undirected_edge_makes_a_cause_uncertain(frame: pd.DataFrame) -> None:
    """m --- y: half of the orientations have no effect, so the mean is half the strength of the other half."""
    found = ranked(frame[["m", "y", "d"]], "pdag { m -- y  d }")
    strength_ = found.fact("rank.1.strength")
    full = abs(np.corrcoef(frame["m"], frame["y"])[0, 1])
    assert found.ranking == ("m",)
    assert found.fact("rank.1.certain").value == "uncertain"
    assert strength_.low == 0.0
    assert strength_.high == pytest.approx(full)
    assert strength_.value == pytest.approx(full / 2)


def test_an_effect_that_is_not_identified_has_no_strength(frame: pd.DataFrame) -> None:
    found = ranked(frame, "dag { t -> y  t <-> y  q -> y }")
    assert found.ranking == ("q", "t")
    assert found.fact("rank.2.strength").value is None
    assert "t <-> y" in str(found.fact("rank.2.basis").value)
    with pytest.raises(KeyError):
        found.fact("rank.2.effect")


def test_an_unmeasured_node_counts_as_latent(frame: pd.DataFrame) -> None:
    found = ranked(frame, "dag { income -> {t y} t -> y  q -> y }")
    assert found.ranking == ("q", "t")
    assert found.fact("rank.2.strength").value is None
    assert any("income" in f for f in found.findings)


def test_levels_missing_values_and_text_outcomes(frame: pd.DataFrame) -> None:
    rng = np.random.default_rng(1)
    level = rng.choice(["low", "mid", "high"], ROWS)
    y = frame["q"] + pd.Series(level).map({"low": 0.0, "mid": 1.0, "high": 4.0})
    table = pd.DataFrame({"level": level, "q": frame["q"].mask(rng.random(ROWS) < 0.1), "y": y})
    found = ranked(table, "dag { {level q} -> y }")
    assert found.ranking == ("level", "q")
    spread = pd.Series(level).map({"low": 0.0, "mid": 1.0, "high": 4.0}).std() / y.std()
    assert found.fact("rank.1.strength").value == pytest.approx(spread, abs=NOISE)
    said = table.assign(y=np.where(y > y.median(), "ja", "nein"))
    assert ranked(said, "dag { {level q} -> y }").ranking == ("level", "q")


def test_nothing_to_rank_and_refusals(frame: pd.DataFrame) -> None:
    assert ranked(frame, outcome="lone").ranking == ()
    with pytest.raises(NotApplicable, match="no node 'y'"):
        ranked(frame, "dag { a -> b }")
    words = frame.assign(y=np.resize(["a", "b", "c"], ROWS))
    with pytest.raises(NotApplicable, match="3 levels"):
        ranked(words)
    with pytest.raises(NotApplicable, match="no outcome"):
        ranked(frame.assign(y=1.0))


def test_the_result_survives_storage_and_repeats(frame: pd.DataFrame) -> None:
    found = ranked(frame)
    assert result_from_json(result_to_json(found)) == found
    assert ranked(frame) == found


def test_strength_is_the_textbook_regression(frame: pd.DataFrame) -> None:
    """Against statsmodels: coefficient and HC1 interval of the standardised regression."""
    import statsmodels.api as sm

    scaled = (frame - frame.mean()) / frame.std(ddof=0)
    found = strength(frame["y"].to_numpy(), frame[["t"]].to_numpy(), frame[["c", "q"]].to_numpy())
    fit = sm.OLS(scaled["y"], sm.add_constant(scaled[["t", "c", "q"]])).fit(cov_type="HC1")
    assert found is not None
    assert found.signed == pytest.approx(fit.params["t"], rel=1e-9)
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int().loc["t"]), rel=1e-6)


def test_strength_refuses_what_cannot_be_told() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(50, 1)), rng.normal(size=50)
    none = np.empty((50, 0))
    assert strength(y, x, none) is not None
    assert strength(y, x, 2 * x + 1) is None
    assert strength(y, np.ones((50, 1)), none) is None
    assert strength(np.ones(50), x, none) is None
    assert strength(y[:10], x[:10], none[:10]) is None
