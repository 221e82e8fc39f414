"""The short answer follows from results, and does not say yes where the learned graph runs the other way."""

from __future__ import annotations

import pytest

from causalcopilot.agent.answer import answer_of
from causalcopilot.domain.estimate import Check, Estimate, Verdict
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult, EstimateResult, NewGraph, RefuteResult, Result

ASKED = Question("effect", treatment="wage", outcome="background", closed=True)


def results(status: str, arrows: list[tuple[str, str]]) -> dict[str, Result]:
    known = Identification(
        status,  # type: ignore[arg-type]
        "Conditional Exogeneity",
        "ATE",
        "all units in the table",
        ("wage",),
        ("background",),
        "continuous",
        Contrast(1, 2),
    )
    one = Estimate("aipw", "ATE", "all", 0.4, 0.1, 0.2, 0.6, 0.95, 500, "")
    graph = Graph.from_arrows("dag", ("wage", "background"), arrows)
    return {
        "t1": DiscoverResult("found", graphs=(NewGraph(graph),)),
        "t2": EstimateResult("estimated", identification=known, estimates=(one,)),
    }


@pytest.mark.parametrize(
    ("status", "arrows", "said"),
    [
        ("assumed", [("wage", "background")], "yes"),
        ("assumed", [("background", "wage")], "uncertain"),
        ("assumed", [], "uncertain"),
        ("identified", [("background", "wage")], "yes"),
    ],
)
def test_yes_needs_a_way_in_the_learned_graph_where_nobody_vouches(
    status: str, arrows: list[tuple[str, str]], said: str
) -> None:
    verdict = Verdict("fragile", "assumed", direction="increases")
    assert answer_of(ASKED, results(status, arrows), {}, verdict).answer == said


def test_an_open_question_gets_its_number_all_the_same() -> None:
    from dataclasses import replace

    verdict = Verdict("fragile", "assumed")
    found = answer_of(replace(ASKED, closed=False), results("assumed", [("background", "wage")]), {}, verdict)
    assert found.answer == 0.4


@pytest.mark.parametrize(("expects", "said"), [(0, "yes"), (1, "yes"), (-1, "no")])
def test_a_named_direction_decides(expects: int, said: str) -> None:
    from dataclasses import replace

    asked = replace(ASKED, expects=expects)  # type: ignore[arg-type]
    verdict = Verdict("supported", "all passed", direction="increases")
    assert answer_of(asked, results("identified", []), {}, verdict).answer == said


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [(-3.0, "warn", "uncertain"), (-1.5, "warn", "yes"), (3.0, "warn", "yes"), (-3.0, "pass", "yes")],
)
def test_no_yes_where_columns_that_nobody_left_out_knowingly_would_turn_the_sign(
    change: float, status: str, said: str
) -> None:
    """0.4 within 0.2 to 0.6: three half-widths down is -0.2, one and a half is 0.1."""
    check = Check("left_out_columns", "sensitivity", status, change, 1.0, True, "held as well")  # type: ignore[arg-type]
    verdict = Verdict("fragile", "assumed", direction="increases")
    found = results("assumed", [("wage", "background")])
    found["t3"] = RefuteResult("tried", checks=(check,), verdict=verdict)
    assert answer_of(ASKED, found, {}, verdict).answer == said


@pytest.mark.parametrize(
    ("status", "basis", "failed", "said"),
    [
        ("assumed", "design", True, "uncertain"),
        ("assumed", "design", False, "yes"),
        ("identified", "design", True, "yes"),
        ("assumed", "none", True, "yes"),
    ],
)
def test_a_design_that_nobody_named_says_no_yes_against_its_own_checks(
    status: str, basis: str, failed: bool, said: str
) -> None:
    from dataclasses import replace

    check = Check("first_differences", "agreement", "fail" if failed else "pass", 0.001, 0.05, True, "apart")
    verdict = Verdict("fragile", "assumed", direction="increases")
    found = results(status, [("wage", "background")])
    made = found["t2"]
    assert isinstance(made, EstimateResult)
    assert made.identification is not None
    known = replace(made.identification, basis=basis)  # type: ignore[arg-type]
    found["t2"] = replace(made, identification=known)
    found["t3"] = RefuteResult("tried", checks=(check,), verdict=verdict)
    assert answer_of(ASKED, found, {}, verdict).answer == said
