"""The short answer follows from results, and does not say yes where the learned graph runs the other way."""

from __future__ import annotations

import pytest

from causalcopilot.agent.answer import answer_of
from causalcopilot.domain.estimate import Estimate, Verdict
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult, EstimateResult, NewGraph, Result

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
