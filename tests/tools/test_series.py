"""``discover_series`` on tables with a time column: what it reads, what it refuses, what it finds and says."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.series import bagging
from causalcopilot_tools.discovery.series.discover_series import discover_series
from causalcopilot_tools.discovery.series.index import build
from tests.tools.framed import case

FOUND = 0.9
"""F1 of directed links on one small system; the benchmark's medians over many are near 1."""
SYSTEM = Settings(nodes=5, rows=300, lags=2, degree=1.5, seed=2)


def learned(frame: pd.DataFrame, knowledge: Knowledge | None = None, **arguments: Any) -> DiscoverResult:
    found = discover_series(case(frame, knowledge), **{"time": "time", **arguments})
    assert isinstance(found, DiscoverResult)
    return found


def system(**changes: Any) -> tuple[pd.DataFrame, Graph]:
    from dataclasses import replace

    made = simulate(replace(SYSTEM, **changes))
    return pd.DataFrame(dict(made.data)), made.graph


def f1(graph: Graph, truth: Graph) -> float:
    found = {(e.source, e.target, e.lag) for e in graph.edges if e.directed}
    true = {(e.source, e.target, e.lag) for e in truth.edges}
    return 2 * len(found & true) / (len(found) + len(true))


def facts(result: DiscoverResult) -> dict[str, Any]:
    return {f.key: f.value for f in result.facts}


def told(result: DiscoverResult, words: str) -> bool:
    return any(words in n for n in result.notes)


# --- the time column ------------------------------------------------------------------------------------------------


def index_of(times: Any, units: Any = None) -> Any:
    return build(pd.Series(times), None if units is None else pd.Series(units), "when", units and "firm")


@pytest.mark.parametrize(
    ("times", "step", "periods"),
    [
        ([f"{y}Q{q}" for y in (1990, 1991) for q in range(1, 5)], "quarter", (4,)),
        ([f"2001-{m:02d}" for m in range(1, 9)], "month", (12,)),
        (pd.date_range("2020-01-31", periods=8, freq="ME"), "month", (12,)),
        (pd.date_range("2020-01-01", periods=8, freq="D"), "day", (7,)),
        (pd.date_range("2024-01-01", periods=12, freq="B"), "business day", (5,)),
        (pd.date_range("2020-01-05", periods=8, freq="W"), "week", (52,)),
        (pd.date_range("2020-01-01", periods=8, freq="h"), "hour", (24,)),
        ([1959.0, 1959.25, 1959.5, 1959.75], "1/4 of the unit of time", (4,)),
        (pd.date_range("2000-01-01", periods=5, freq="YS"), "year", ()),
    ],
)
def test_a_step_is_named_and_its_calendar_known(times: Any, step: str, periods: tuple[int, ...]) -> None:
    found = index_of(times)
    assert (found.step, found.periods, found.regular, found.gaps) == (step, periods, True, 0)


def test_rows_are_sorted_and_gaps_named() -> None:
    found = index_of([5, 1, 2, 8, 4])
    assert found.order.tolist() == [1, 2, 4, 0, 3]
    assert found.position.tolist() == [0, 1, 3, 4, 7]
    assert found.gaps == 3
    assert "the first after 2, and 1 more gaps" in found.notes[0]


def test_uneven_times_are_counted_in_rows_and_said_so() -> None:
    found = index_of([0.0, 1.0, 2.3, 3.1, 7.77])
    assert not found.regular
    assert found.position.tolist() == [0, 1, 2, 3, 4]
    assert "unevenly spaced" in found.notes[0]


def test_a_time_that_stands_twice_is_refused_with_the_way_out() -> None:
    with pytest.raises(DataError, match=r"1 rows repeat a time of when \(the first is 2\)") as refused:
        index_of([1, 2, 2, 3])
    assert "--unit" in (refused.value.hint or "")
    with pytest.raises(DataError, match="within a unit of firm"):
        index_of([1, 2, 2, 3], ["a", "a", "a", "b"])
    assert index_of([1, 2, 1, 2], ["a", "a", "b", "b"]).units == ("a", "b")


def test_a_time_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="'soon', which is no time"):
        index_of(["2001-01-01", "soon"])
    with pytest.raises(DataError, match="missing in 1 rows"):
        index_of([1.0, np.nan])


# --- the graph ------------------------------------------------------------------------------------------------------


def test_a_stationary_system_is_found_and_not_called_fragile() -> None:
    frame, truth = system()
    found = learned(frame.sample(frac=1, random_state=0))
    graph = found.graphs[0].graph
    assert graph.kind == "lagged"
    assert f1(graph, truth) >= FOUND
    said = facts(found)
    assert (said["fragile"], said["changed"], said["regular"]) == ("no", 0, "yes")
    assert said["lags"] == said["lags.aic"] + 1
    assert said["runner_up"] == "var"


def test_columns_moved_and_renamed_change_nothing() -> None:
    frame, _ = system()
    names = {f"X{i}": f"Z{9 - i}" for i in range(1, 6)}
    back = {v: k for k, v in names.items()}
    other = learned(frame[["X4", "time", "X1", "X5", "X3", "X2"]].rename(columns=names)).graphs[0].graph

    def ends(edges: Any, name: Any) -> set[Any]:
        return {
            (e.lag, frozenset([(name(e.source), e.source_mark), (name(e.target), e.target_mark)]))
            for e in edges
        }

    mine = learned(frame).graphs[0].graph
    assert ends(mine.edges, str) == ends(other.edges, lambda n: back[n])


def test_drift_is_taken_out_stated_and_called_fragile() -> None:
    frame, truth = system(drift=True, rows=500)
    found, raw = learned(frame), learned(frame, treat="none")
    assert f1(found.graphs[0].graph, truth) >= FOUND > f1(raw.graphs[0].graph, truth) - 0.1
    said = facts(found)
    assert said["fragile"] == "yes"
    assert said["changed"] == 5
    assert said["changed.1.how"] == "slow movements removed"
    assert told(found, "its distance from a slowly moving mean (X1, X2")
    assert told(found, "fragile: the mean moves over time in")
    assert told(raw, "left as it is")
    assert facts(raw)["changed"] == 0


def test_sums_of_a_system_are_differenced_back() -> None:
    frame, truth = system(rows=500)
    sums = frame.set_index("time").cumsum().reset_index()
    found = learned(sums)
    assert facts(found)["changed.1.how"] == "differenced once"
    assert f1(found.graphs[0].graph, truth) >= FOUND
    assert f1(found.graphs[0].graph, truth) > f1(learned(sums, treat="none").graphs[0].graph, truth)
    assert told(found, "its change from one step to the next (X1")


def test_lags_never_cross_units() -> None:
    frame, truth = system(rows=500)
    first, second = frame[:250], frame[250:].drop(columns="time") + 50.0
    second["time"] = first["time"].to_numpy()
    panel = pd.concat([first.assign(firm="a"), second.assign(firm="b")]).sort_values("time")
    found = learned(panel, unit="firm")
    said = facts(found)
    assert said["units"] == 2
    assert said["steps"] == 2 * (250 - said["lags"])
    assert f1(found.graphs[0].graph, truth) >= FOUND
    assert told(found, "no lag crosses units")


def test_gaps_cost_rows_and_are_told() -> None:
    frame, truth = system(rows=500)
    found = learned(frame.drop(index=[100, 101, 250]))
    said = facts(found)
    assert said["gaps"] == 3
    assert said["steps"] == 500 - 3 - 3 * said["lags"]
    assert f1(found.graphs[0].graph, truth) >= FOUND


def test_a_break_is_named_with_its_time() -> None:
    frame, _ = system(rows=400)
    frame["X2"] += np.where(frame["time"] >= 250, 6.0, 0.0)
    found = learned(frame, treat="none")
    said = facts(found)
    assert said["break.1"] == "X2"
    assert abs(int(said["break.1.at"]) - 250) <= 20
    assert told(found, "there is a break in X2 (at 2")


def test_resamples_give_a_confidence_to_every_mark_and_a_second_graph() -> None:
    frame, _ = system()
    found = learned(frame, bootstrap=20, name="mine")
    graph, voted = (g.graph for g in found.graphs)
    assert [g.name for g in found.graphs] == ["mine", "mine_majority"]
    for e in graph.edges:
        assert e.confidence is not None
        assert e.source_confidence is not None
        assert 0 <= e.source_confidence <= e.confidence <= 1
    assert all((e.confidence or 0) > 0.4 for e in voted.edges)
    assert facts(found)["bootstrap"] == 20


def votes_for(kinds: dict[tuple[int, int, int, int, int], float]) -> bagging.Votes:
    shares = np.zeros((len(bagging.KINDS), 2, 3, 3))
    for (a, b, lag, i, j), share in kinds.items():
        shares[bagging.KINDS.index((a, b)), lag, i, j] = share
        if not lag:
            shares[bagging.KINDS.index((b, a)), 0, j, i] = share
    return bagging.Votes(10, 5, shares)


def test_two_thirds_must_vote_to_overturn_the_learned_graph() -> None:
    """Three links across a step: learned with 0.4 and 0.3 of the votes, not learned with 0.6."""
    votes = votes_for({(1, 2, 1, 0, 1): 0.4, (1, 2, 1, 1, 2): 0.3, (1, 2, 1, 2, 0): 0.6})
    learned = np.zeros((2, 2, 3, 3), np.int8)
    for i, j in ((0, 1), (1, 2)):
        learned[:, 1, i, j] = 1, 2
    alone, together = bagging.majority(votes), bagging.majority(votes, learned)
    assert [tuple(map(int, e)) for e in np.argwhere(alone.ends[1])] == [(1, 2, 0)]
    assert [tuple(map(int, e)) for e in np.argwhere(together.ends[1])] == [(1, 0, 1)]


def test_the_majority_is_careful_with_ties_and_closes_no_cycle() -> None:
    tie = bagging.majority(votes_for({(1, 2, 0, 0, 1): 0.4, (2, 1, 0, 0, 1): 0.4, (1, 2, 1, 2, 2): 0.5}))
    assert tie.ends[:, 0, 0, 1].tolist() == [1, 1]  # an edge, its direction open
    assert not tie.ends[:, 1, 2, 2].any()  # as often absent as present
    ring = bagging.majority(votes_for({(1, 2, 0, 0, 1): 0.9, (1, 2, 0, 1, 2): 0.8, (1, 2, 0, 2, 0): 0.6}))
    assert ring.ends[:, 0, 2, 0].tolist() == [1, 1]
    assert ring.ends[:, 0, 0, 1].tolist() == [1, 2]


# --- knowledge, methods, refusals -----------------------------------------------------------------------------------


def test_knowledge_holds_at_every_lag() -> None:
    frame, truth = system()
    cause = next(e for e in truth.edges if e.lag and e.source != e.target)
    absent = next(
        (a, b)
        for a in truth.nodes
        for b in truth.nodes
        if a != b and not truth.between(a, b) and (a, b) != (cause.source, cause.target)
    )
    known = Knowledge(forbidden=((cause.source, cause.target),), required=(absent,))
    found = learned(frame, known)
    pairs = {(e.source, e.target) for e in found.graphs[0].graph.edges if e.directed}
    assert facts(found)["knowledge.violations"] == 0
    assert (cause.source, cause.target) not in pairs
    assert absent in pairs


def test_a_later_tier_causes_nothing_earlier_at_any_lag() -> None:
    frame, _ = system()
    tiers = tuple(ColumnKnowledge(f"X{i}", tier=i % 2, role="treatment") for i in range(1, 6))
    found = learned(frame, Knowledge(tiers))
    assert facts(found)["knowledge.violations"] == 0
    for e in found.graphs[0].graph.edges:
        if e.lag:
            assert int(e.source[1]) % 2 <= int(e.target[1]) % 2
    assert told(found, "roles order columns within one moment")


def test_non_gaussian_noise_is_compared_with_var_lingam() -> None:
    frame, truth = system(kind="nongaussian", rows=500)
    found = learned(frame)
    assert facts(found)["runner_up"] == "var_lingam"
    assert f1(found.graphs[0].graph, truth) >= FOUND
    assert facts(found)["agreement"] > 0.8
    alone = learned(frame, method="var_lingam")
    assert f1(alone.graphs[0].graph, truth) >= FOUND
    assert all(e.directed for e in alone.graphs[0].graph.edges)


def test_methods_refuse_what_they_cannot_take() -> None:
    frame, _ = system()
    known = Knowledge(required=(("X1", "X2"),))
    for method, why in (("var", "takes no required edges"), ("var_lingam", "takes no knowledge")):
        with pytest.raises(NotApplicable, match=why):
            learned(frame, known, method=method)
    with pytest.raises(NotApplicable, match="is not resampled"):
        learned(frame, method="var_lingam", bootstrap=5)
    with pytest.raises(NotApplicable, match="without gaps"):
        learned(frame.drop(index=[50]), method="var_lingam")
    with pytest.raises(NotApplicable, match="complete past"):
        learned(frame.head(31), lags=5)


def test_columns_that_cannot_enter_are_named() -> None:
    frame, _ = system()
    frame["twice"] = 2 * frame["X1"]
    frame["row"] = np.arange(len(frame))
    frame["still"] = 1.0
    frame["colour"] = np.tile(["red", "green", "blue"], 100)
    out = {k: v for k, v in facts(learned(frame)).items() if k.startswith("left_out.")}
    assert {v for k, v in out.items() if not k.endswith("reason")} >= {"row", "still", "colour"}
    assert {"X1", "twice"} & set(out.values())


@pytest.mark.skipif(find_spec("tigramite") is not None, reason="tigramite is installed")
@pytest.mark.parametrize("method", ["pcmci", "pcmci_plus", "lpcmci"])
def test_tigramite_is_refused_with_the_way_to_get_it(method: str) -> None:
    frame, _ = system()
    with pytest.raises(NotApplicable, match=f"{method} needs tigramite") as refused:
        learned(frame, method=method)
    assert "causalcopilot[tigramite]" in (refused.value.hint or "")


@pytest.mark.skipif(find_spec("tigramite") is None, reason="tigramite is an optional extra")
@pytest.mark.parametrize("method", ["pcmci", "pcmci_plus", "lpcmci"])
def test_tigramite_speaks_our_marks(method: str) -> None:
    frame, truth = system()
    found = learned(frame, method=method, lags=2)
    graph = found.graphs[0].graph
    own = {(e.source, e.lag) for e in truth.edges if e.source == e.target}
    assert own <= {(e.source, e.lag) for e in graph.edges if e.source == e.target}
    assert all(e.target_mark != "tail" for e in graph.edges if e.lag)
    circles = any("circle" in (e.source_mark, e.target_mark) for e in graph.edges)
    assert not circles or method == "lpcmci"


def noise(rows: int, columns: int) -> pd.DataFrame:
    x = np.random.default_rng(0).standard_normal((rows, columns))
    return pd.DataFrame(x, columns=[f"c{i}" for i in range(columns)]).assign(time=np.arange(rows))


def test_columns_that_determine_one_another_are_told_and_not_stumbled_over() -> None:
    frame = noise(300, 2)
    frame["c1"] = frame["c0"].shift(1).fillna(0.0)
    found = learned(frame)
    assert [str(e) for e in found.graphs[0].graph.edges] == ["c0[t-1] --> c1"]
    assert told(found, "determine one another exactly")
    with pytest.raises(NotApplicable, match="do not determine one another"):
        learned(frame, method="var")


def test_a_column_that_is_nothing_but_season_is_left_out() -> None:
    frame = noise(240, 3).assign(month=np.tile(np.arange(12.0), 20))
    said = facts(learned(frame))
    assert said["left_out.1"] == "month"
    assert "nothing left (seasonal means removed (period 12)" in str(said["left_out.1.reason"])
    with pytest.raises(DataError, match="fewer than two columns vary over time"):
        learned(frame[["time", "c0", "month"]])


def test_times_with_a_zone_and_tables_too_short_or_narrow() -> None:
    frame = noise(100, 2)
    frame["time"] = pd.date_range(
        "2024-03-20", periods=100, freq="h", tz="Europe/Berlin"
    )  # summer time begins in it
    assert (facts(learned(frame))["step"], facts(learned(frame))["gaps"]) == ("hour", 0)
    with pytest.raises(DataError, match="needs two columns of numbers"):
        learned(noise(100, 1))
    with pytest.raises(NotApplicable, match="needs 183"):
        learned(noise(100, 60))
