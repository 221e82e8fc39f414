"""Several treatments set together: exact algebra, an outside regression, coverage, refusals, ranges and verdicts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import CcpError, NotApplicable, UsageError
from causalcopilot.graph.equivalence import cpdag_of
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.pags import pag_of
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RangeResult, RefuteResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.effects.designs import joint
from causalcopilot_tools.effects.effect_range import effect_range
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.sampling import Sampling
from causalcopilot_tools.refutation.refute import refute
from tests.graph.brute import random_dag
from tests.tools.framed import case

EXACT = 1e-8
"""Two routes to one number."""
DRAWS = 400
COVERED = (0.92, 0.98)
"""Coverage of a 95 % interval with DRAWS draws: nearly three simulation errors to either side."""
CLASSES, IN_RANGE = 40, 34
"""With a coverage of .95 in each class, fewer than 34 of 40 happen three times in a thousand."""
BACK_DOOR = "dag { c -> a c -> b c -> y a -> b a -> y b -> y }"
FOLLOWED = "dag { c -> a c -> z c -> b c -> y a -> z z -> b z -> y a -> y b -> y }"
HIDDEN = "dag { u [latent] c -> a c -> b c -> y a -> b a -> y b -> y u -> b u -> y }"
LINE_TRUTH, FOLLOWED_TRUTH = 3.0, 3.4
"""In ``followed`` a adds 1 itself and .5 times .8 through z; b adds 2."""


def line(rng: np.random.Generator, n: int = 400, cross: float = 0.0) -> pd.DataFrame:
    """Numbers a and b, with a common cause: a adds 1, b adds 2."""
    c = rng.normal(size=n)
    a = 0.7 * c + rng.normal(size=n)
    b = 0.4 * a + 0.5 * c + rng.normal(size=n)
    y = a + 2 * b + cross * a * b + 0.5 * c + rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": b, "c": c, "y": y})


def switches(rng: np.random.Generator, n: int = 400, extra: float = 1.0) -> pd.DataFrame:
    """Two-valued a and b: 1 each, and ``extra`` when both are on."""
    c = rng.normal(size=n)
    a = (0.5 * c + rng.normal(size=n) > 0).astype(int)
    b = (0.4 * c + rng.normal(size=n) > 0.3).astype(int)
    y = a + b + extra * a * b + 0.7 * c + rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": b, "c": c, "y": y})


def followed(rng: np.random.Generator, n: int = 400) -> pd.DataFrame:
    """a moves z, z decides b, and z moves y too: no column can be held for both."""
    c = rng.normal(size=n)
    a = 0.7 * c + rng.normal(size=n)
    z = 0.5 * a + 0.4 * c + rng.normal(size=n)
    b = 0.6 * z + 0.3 * c + rng.normal(size=n)
    y = a + 2 * b + 0.8 * z + c + rng.normal(size=n)
    return pd.DataFrame({"a": a, "b": b, "c": c, "z": z, "y": y})


def asked(frame: pd.DataFrame, graph: str = "", known: Knowledge | None = None, **more: Any) -> Any:
    question = Question("joint", **{"treatment": "a", "outcome": "y", "together": ("b",), **more})
    return case(frame, known or Knowledge(graph=graph), question)


def found(context: Any, **more: Any) -> IdentifyResult:
    made = identify(context, treatment="a", outcome="y", **more)
    assert isinstance(made, IdentifyResult)
    return made


def steps(frame: pd.DataFrame, graph: str = "", **more: Any) -> tuple[EstimateResult, RefuteResult]:
    context = asked(frame, graph, **more)
    made = estimate(context, identification=found(context))
    assert isinstance(made, EstimateResult)
    tested = refute(context, estimate=made)
    assert isinstance(tested, RefuteResult)
    return made, tested


def checks(tested: RefuteResult) -> dict[str, str]:
    return {c.name: c.status for c in tested.checks if c.status != "skipped"}


def moves(frame: pd.DataFrame, two: bool = False) -> joint.Moves:
    A = frame[["a", "b"]].to_numpy(float)
    return joint.Moves(A, np.zeros(2), np.ones(2), np.array([two, two]))


# --- numbers -----------------------------------------------------------------------------------------------------


def test_one_regression_is_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    frame = line(np.random.default_rng(0))
    made = joint.by_line(frame["y"].to_numpy(), moves(frame), frame[["c"]].to_numpy())
    fit = sm.OLS(frame["y"], sm.add_constant(frame[["a", "b", "c"]])).fit(cov_type="HC3")
    theirs = fit.t_test("a + b = 0")
    assert made.value == pytest.approx(float(theirs.effect[0]), abs=EXACT)
    assert made.std_error == pytest.approx(float(theirs.sd[0, 0]), rel=1e-3)  # leverages are kept below .9
    assert made.parts == pytest.approx(fit.params[["a", "b"]].to_numpy(), abs=EXACT)


def test_without_interaction_in_the_rows_the_product_changes_nothing() -> None:
    """A full two by two table without noise: means tell everything."""
    frame = pd.DataFrame([(a, b, 1 + 2 * a + 3 * b + 4 * a * b) for a in (0, 1) for b in (0, 1)] * 10)
    frame.columns = ["a", "b", "y"]
    none = np.zeros((len(frame), 0))
    made = joint.by_line(frame["y"].to_numpy(float), moves(frame, True), none, crossed=True)
    assert made.value == pytest.approx(9.0, abs=EXACT)
    assert made.parts == pytest.approx([2.0, 3.0], abs=EXACT)
    apart = joint.by_line(frame["y"].to_numpy(float), moves(frame, True), none)
    assert apart.parts == pytest.approx([4.0, 5.0], abs=EXACT)


def test_three_switches_have_a_mean_for_every_combination() -> None:
    cells = [(a, b, c, a + b + c + 5 * a * b * c) for a in (0, 1) for b in (0, 1) for c in (0, 1)] * 10
    table = np.array(cells, dtype=float)
    three = joint.Moves(table[:, :3], np.zeros(3), np.ones(3), np.array([True] * 3))
    made = joint.by_line(table[:, 3], three, np.zeros((len(table), 0)), crossed=True)
    assert made.value == pytest.approx(8.0, abs=EXACT)
    assert made.parts == pytest.approx([1.0, 1.0, 1.0], abs=EXACT)


def test_units_change_no_effect() -> None:
    """Incomes beside rates: columns whose squares differ by twenty orders of magnitude."""
    frame = followed(np.random.default_rng(20))
    y, c, z = (frame[n].to_numpy() for n in ("y", "c", "z"))
    plain, size = moves(frame), np.array([1e6, 1e-4])
    A = plain.values * size + np.array([4e6, 0.0])
    other = joint.Moves(A, np.array([4e6, 0.0]), np.array([5e6, 1e-4]), plain.two_valued)
    X = c[:, None]
    for fit in (joint.by_line, joint.by_wide_line):
        one, two = fit(y, plain, X), fit(y, other, 1e5 * X)
        assert two.value == pytest.approx(one.value, rel=1e-6)
        assert two.std_error == pytest.approx(one.std_error, rel=1e-6)
    one_e = joint.by_equations(plain, [joint.Equation(z, (0,), X), joint.Equation(y, (0, 1, 2), X)])
    two_e = joint.by_equations(
        other, [joint.Equation(1e7 * z, (0,), X), joint.Equation(y, (0, 1, 2), 1e5 * X)]
    )
    assert two_e.parts == pytest.approx(one_e.parts, rel=1e-6)
    assert two_e.part_errors == pytest.approx(one_e.part_errors, rel=1e-6)
    (own,), p_own = joint.interactions(y, plain, X)
    (scaled,), p_scaled = joint.interactions(y, other, X)
    assert scaled.value * float(size.prod()) == pytest.approx(own.value, rel=1e-6)
    assert p_scaled == pytest.approx(p_own, rel=1e-6)


def test_equations_are_the_recursion_of_single_effects() -> None:
    """What a adds with b set is its total effect less what it does to b times what b does (RRC, Nandy et al.)."""
    frame = followed(np.random.default_rng(1))
    y, c, z = (frame[n].to_numpy() for n in ("y", "c", "z"))
    chain = [joint.Equation(z, (0,), c[:, None]), joint.Equation(y, (0, 1, 2), c[:, None])]
    made = joint.by_equations(moves(frame), chain)

    def slope(of: str, on: list[str]) -> float:
        D = np.column_stack([np.ones(len(frame)), frame[on]])
        return float(np.linalg.lstsq(D, frame[of].to_numpy(), rcond=None)[0][1])

    through = slope("z", ["a", "c"]) * slope("y", ["z", "b", "a", "c"])
    assert made.parts[0] == pytest.approx(slope("y", ["a", "b", "z", "c"]) + through, abs=EXACT)
    assert made.parts[1] == pytest.approx(slope("y", ["b", "a", "z", "c"]), abs=EXACT)


@pytest.mark.parametrize("kind", ["line", "switches", "followed", "clustered"])
def test_intervals_cover(kind: str) -> None:
    rng, hits, part_hits = np.random.default_rng(7), 0, 0
    draws = DRAWS if kind != "clustered" else DRAWS // 2
    for _ in range(draws):
        if kind == "line":
            frame, true, part = line(rng, 150), LINE_TRUTH, 1.0
            made = joint.by_line(frame["y"].to_numpy(), moves(frame), frame[["c"]].to_numpy())
        elif kind == "switches":
            frame, true, part = switches(rng, 250), 3.0, 1.0
            made = joint.by_line(
                frame["y"].to_numpy(), moves(frame, True), frame[["c"]].to_numpy(), crossed=True
            )
        elif kind == "followed":
            frame, true, part = followed(rng, 150), FOLLOWED_TRUTH, 1.4
            c = frame[["c"]].to_numpy()
            chain = [
                joint.Equation(frame["z"].to_numpy(), (0,), c),
                joint.Equation(frame["y"].to_numpy(), (0, 1, 2), c),
            ]
            made = joint.by_equations(moves(frame), chain)
        else:
            frame, true, part = line(rng, 60), LINE_TRUTH, 1.0
            frame = frame.loc[frame.index.repeat(4)].reset_index(drop=True)
            groups = np.repeat(np.arange(60), 4)
            y = frame["y"].to_numpy() + 0.3 * rng.normal(size=len(frame))
            made = joint.by_line(y, moves(frame), frame[["c"]].to_numpy(), Sampling("g", "", clusters=groups))
        half = 1.96 if kind != "clustered" else Sampling("g", "", clusters=groups).quantile(0.95)
        hits += abs(made.value - true) <= half * made.std_error
        part_hits += abs(made.parts[0] - part) <= half * made.part_errors[0]
    low = COVERED[0] if kind != "clustered" else 0.90  # sixty clusters
    assert low <= hits / draws <= COVERED[1]
    assert low <= part_hits / draws <= COVERED[1]


# --- the argument ------------------------------------------------------------------------------------------------


def test_a_graph_tells_who_is_held_and_the_parts_add_up() -> None:
    made, tested = steps(line(np.random.default_rng(2), 800), BACK_DOOR, contrast=Contrast(0, 1))
    main = made.estimates[0]
    assert main.method == "joint_line"
    assert made.identification is not None
    assert made.identification.controls.used == ("c",)
    assert made.identification.treatments == ("a", "b")
    assert main.low is not None
    assert main.high is not None
    assert main.low < LINE_TRUTH < main.high
    parts = [made.fact(f"part.{i}.effect").value for i in (1, 2)]
    assert sum(parts) == pytest.approx(main.value, abs=EXACT)  # type: ignore[arg-type]
    assert [made.fact(f"part.{i}").value for i in (1, 2)] == ["a", "b"]
    assert checks(tested)["joint_support"] == "pass"
    assert checks(tested)["joint_lines"] == "pass"
    assert result_from_json(result_to_json(made)) == made


def test_where_nobody_can_be_held_the_equations_answer_and_are_called_fragile() -> None:
    made, tested = steps(followed(np.random.default_rng(3), 800), FOLLOWED, contrast=Contrast(0, 1))
    main = made.estimates[0]
    assert main.method == "joint_equations"
    assert main.low is not None
    assert main.high is not None
    assert main.low < FOLLOWED_TRUTH < main.high
    assert tested.verdict is not None
    assert tested.verdict.value == "fragile"
    assert "equation" in tested.verdict.reason


def test_a_hidden_cause_of_one_of_them_leaves_no_answer() -> None:
    made = found(asked(line(np.random.default_rng(4)), HIDDEN))
    assert made.identification is not None
    assert made.identification.status == "not_identified"
    assert made.identification.blocking_path == ("b", "<--", "u", "-->", "y")
    assert made.identification.would_help[0] == "measure u"
    assert made.verdict is not None
    assert made.verdict.value == "not_identified"
    taken = found(asked(line(np.random.default_rng(4)), HIDDEN, assume=True))
    assert taken.identification is not None
    assert taken.identification.status == "assumed"
    assert "assumed_against_graph" in dict(taken.identification.design)


def test_an_order_names_what_is_held_and_doubts_what_comes_between() -> None:
    rng = np.random.default_rng(5)
    tiers = {"c": 0, "a": 1, "b": 3, "y": 4}
    known = Knowledge(columns=tuple(ColumnKnowledge(n, tier=t) for n, t in tiers.items()))
    made = found(asked(line(rng), known=known)).identification
    assert made is not None
    assert (made.status, made.controls.used) == ("identified", ("c",))
    between = Knowledge(columns=tuple(ColumnKnowledge(n, tier=t) for n, t in {**tiers, "z": 2}.items()))
    doubted = found(asked(followed(rng), known=between))
    assert doubted.identification is not None
    assert doubted.identification.status == "assumed"
    assert any("z comes between" in f for f in doubted.findings)


def test_named_controls_are_held_against_the_graph() -> None:
    frame = followed(np.random.default_rng(6))
    right = found(asked(frame.drop(columns="z"), BACK_DOOR), controls=["c"]).identification
    assert right is not None
    assert right.status == "identified"
    context = asked(frame, FOLLOWED, controls=("z", "c"))
    made = estimate(context, identification=found(context))
    assert isinstance(made, EstimateResult)
    tested = refute(context, estimate=made)
    assert isinstance(tested, RefuteResult)
    assert checks(tested)["forced_bad_controls"] == "fail"
    assert tested.verdict is not None
    assert tested.verdict.value == "fragile"


def test_bad_questions_are_refused() -> None:
    frame = line(np.random.default_rng(8))
    frame["kind"] = np.random.default_rng(8).choice(["p", "q", "r"], len(frame))
    with pytest.raises(UsageError, match="outcome"):
        found(asked(frame, BACK_DOOR, together=("y",)))
    with pytest.raises(UsageError, match="two to"):
        found(asked(frame, BACK_DOOR, together=("a",)))
    with pytest.raises(NotApplicable, match="several levels"):
        found(asked(frame, together=("kind",)))
    with pytest.raises(CcpError, match="no column"):
        found(asked(frame, together=("nobody",)))
    copied = frame.assign(b=2 * frame["a"])
    context = asked(copied, known=Knowledge(), controls=("c",))
    with pytest.raises(NotApplicable, match="determine"):
        estimate(context, identification=found(context))


def test_another_average_is_not_told_in_silence() -> None:
    made = found(asked(line(np.random.default_rng(21)), BACK_DOOR, quantity="ATT"))
    assert made.identification is not None
    assert made.identification.quantity == "ATE"
    assert any("The ATT was asked for" in f for f in made.findings)


def test_the_callers_frame_is_not_changed() -> None:
    frame = switches(np.random.default_rng(9))
    before = frame.copy()
    steps(frame, "dag { c -> a c -> b c -> y a -> y b -> y }")
    pd.testing.assert_frame_equal(frame, before)


# --- what is tried against it ------------------------------------------------------------------------------------


def test_an_interaction_of_numbers_is_found_told_and_lowers_the_verdict() -> None:
    made, tested = steps(line(np.random.default_rng(10), 800, cross=0.6), BACK_DOOR, contrast=Contrast(0, 1))
    assert made.fact("interacting").value == "yes"
    more = made.fact("interaction.1.more")
    assert isinstance(more.value, float)
    assert abs(more.value - 0.6) < 0.15
    assert checks(tested)["joint_interaction"] == "fail"
    assert tested.verdict is not None
    assert tested.verdict.value == "fragile"
    assert any("differs by" in f for f in made.findings)


def test_switches_that_interact_are_answered_and_not_only_summed() -> None:
    made, tested = steps(
        switches(np.random.default_rng(11), 1500, extra=2.0), "dag { c -> a c -> b c -> y a -> y b -> y }"
    )
    main = made.estimates[0]
    assert main.method == "joint_crossed"
    assert main.low is not None
    assert main.high is not None
    assert main.low < 4.0 < main.high
    extra = made.fact("extra").value
    assert isinstance(extra, float)
    assert abs(extra - 2.0) < 0.5
    assert checks(tested)["joint_interaction"] == "info"


def test_a_setting_that_no_row_shows_is_an_extrapolation() -> None:
    rng = np.random.default_rng(12)
    frame = line(rng, 600)
    frame["b"] = -frame["a"] + 0.3 * rng.normal(size=600)
    frame["y"] = frame["a"] + 2 * frame["b"] + rng.normal(size=600)
    _, tested = steps(frame, "dag { a -> b a -> y b -> y }", contrast=Contrast(0, 2))
    assert checks(tested)["joint_support"] == "fail"
    rare = switches(rng, 600)
    rare.loc[rare["a"] == 1, "b"] = 0
    rare.loc[rare.index[:4], ["a", "b"]] = 1
    _, few = steps(rare, "dag { c -> a c -> b c -> y a -> y b -> y }")
    assert checks(few)["joint_support"] == "fail"
    assert few.verdict is not None
    assert few.verdict.value != "supported"


def test_a_curve_speaks_against_the_line() -> None:
    frame = line(np.random.default_rng(13), 900)
    frame["y"] += 1.5 * frame["a"] ** 2
    made, tested = steps(frame, BACK_DOOR, contrast=Contrast(0, 2))
    assert checks(tested)["joint_lines"] == "fail"
    wide = next(e for e in made.estimates if e.method == "joint_wide")
    assert wide.value == pytest.approx(6.0 + 6.0, abs=1.0)
    bent = followed(np.random.default_rng(14), 900)
    bent["z"] += 0.6 * bent["a"] ** 2
    _, told = steps(bent, FOLLOWED, contrast=Contrast(0, 1))
    assert checks(told)["joint_lines"] == "fail"


def test_two_routes_of_a_wrong_graph_disagree() -> None:
    """The graph leaves out that w moves y itself: equation by equation that way is lost."""
    rng = np.random.default_rng(15)
    n = 900
    a, b = rng.normal(size=n), rng.normal(size=n)
    w = a + rng.normal(size=n)
    v = w + 0.3 * b + 2 * rng.normal(size=n)
    y = v + 2 * w + rng.normal(size=n)
    frame = pd.DataFrame({"a": a, "b": b, "w": w, "v": v, "y": y})
    wrong = "dag { a -> w w -> v b -> v v -> y }"
    _, tested = steps(frame, wrong, contrast=Contrast(0, 1))
    assert checks(tested)["joint_routes"] == "fail"
    _, right = steps(frame, "dag { a -> w w -> v w -> y b -> v v -> y }", contrast=Contrast(0, 1))
    assert checks(right)["joint_routes"] == "pass"


def test_a_strong_hidden_cause_would_overturn_and_a_weak_one_not() -> None:
    rng = np.random.default_rng(16)
    weak = line(rng, 2000)
    c = rng.normal(size=2000)
    a, b = 0.2 * c + rng.normal(size=2000), 0.2 * c + rng.normal(size=2000)
    weak = pd.DataFrame({"a": a, "b": b, "c": c, "y": a + b + 0.2 * c + rng.normal(size=2000)})
    _, tested = steps(weak, "dag { c -> a c -> b c -> y a -> y b -> y }", contrast=Contrast(0, 1))
    assert checks(tested)["joint_sensitivity"] == "pass"
    assert tested.verdict is not None
    assert tested.verdict.value == "supported"
    strong = weak.assign(y=0.1 * a + 0.1 * b + 3 * c + rng.normal(size=2000))
    _, told = steps(strong, "dag { c -> a c -> b c -> y a -> y b -> y }", contrast=Contrast(0, 1))
    assert checks(told)["joint_sensitivity"] == "fail"


def test_an_outcome_that_nothing_can_move_rejects() -> None:
    frame = line(np.random.default_rng(17), 800)
    hidden = frame["a"] + np.random.default_rng(18).normal(size=800)
    known = Knowledge(graph=BACK_DOOR, columns=(ColumnKnowledge("before", role="negative_control_outcome"),))
    _, tested = steps(frame.assign(before=hidden), known=known)
    assert checks(tested)["negative_control_outcome:before"] == "fail"
    assert tested.verdict is not None
    assert tested.verdict.value == "refuted"


# --- ranges ------------------------------------------------------------------------------------------------------


def drawn(dag: Graph, seed: int, rows: int) -> tuple[pd.DataFrame, float]:
    """Rows of a linear model, and what one unit more of the first two nodes, both set, does to the third."""
    rng = np.random.default_rng(seed)
    size = len(dag.nodes)
    B = np.zeros((size, size))
    for e in dag.edges:
        B[dag.nodes.index(e.target), dag.nodes.index(e.source)] = rng.uniform(0.4, 1.2) * rng.choice([-1, 1])
    values = rng.normal(size=(rows, size)) @ np.linalg.inv(np.eye(size) - B).T
    cut = B.copy()
    cut[:2] = 0.0
    total = np.linalg.inv(np.eye(size) - cut)
    return pd.DataFrame(values, columns=list(dag.nodes)), float(total[2, 0] + total[2, 1])


def ranged(frame: pd.DataFrame, graph: Graph) -> RangeResult:
    t, b, y = (str(n) for n in graph.nodes[:3])
    context = case(
        frame, Knowledge(), Question("joint", treatment=t, outcome=y, together=(b,), contrast=Contrast(0, 1))
    )
    made = effect_range(context, treatment=t, outcome=y, graph=StoredGraph("g@1", graph, op="discovered"))
    assert isinstance(made, RangeResult)
    assert result_from_json(result_to_json(made)) == made
    return made


def test_the_range_covers_the_true_joint_effect() -> None:
    covered = tried = 0
    for seed in range(2 * CLASSES):
        dag = random_dag(seed + 300, 5, 0.5)
        cpdag = cpdag_of(dag)
        if all(e.directed for e in cpdag.edges) or tried == CLASSES:
            continue
        tried += 1
        frame, true = drawn(dag, seed, 300)
        made = ranged(frame, cpdag).range
        assert made is not None
        covered += made.low <= true <= made.high
    assert tried == CLASSES
    assert covered >= IN_RANGE


def test_a_pag_with_a_hidden_cause_says_what_it_cannot_tell() -> None:
    dag = Graph.from_arrows("dag", ("a", "b", "y"), [("a", "y"), ("b", "y")])
    frame, _ = drawn(dag, 0, 400)
    made = ranged(frame, pag_of(dag))
    assert made.range is not None
    assert made.range.unknown >= 1
    assert made.range.together == ("b",)
    refused = found(
        case(frame, Knowledge(), Question("joint", treatment="a", outcome="y", together=("b",))),
        graph=StoredGraph("g@1", pag_of(dag), op="discovered"),
    )
    assert refused.identification is not None
    assert refused.identification.status == "not_identified"
    assert refused.fact("range.graph").value == "g@1"
