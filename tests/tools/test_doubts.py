"""Controls that nobody vouches for, and what a learned graph says against them."""

from __future__ import annotations

import numpy as np
import pytest

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark
from causalcopilot.graph.stored import StoredGraph
from tests.tools.identifying import NAMES, ask, found, frame, known, reasons, stored


@pytest.mark.parametrize(
    ("knows", "chosen"),
    [(None, ("a",)), (None, ()), (known(roles={"a": "pre_treatment"}), ("a", "b"))],
    ids=["nothing known", "no controls", "one without a role"],
)
def test_controls_chosen_by_hand_are_an_assumption_until_somebody_knows_the_order(
    knows: Knowledge | None, chosen: tuple[str, ...]
) -> None:
    result = ask(knows, controls=chosen)
    assert (found(result).status, found(result).basis) == ("assumed", "controls")
    assert found(result).controls.used == chosen
    assert "controls_before_treatment" in {a.name for a in found(result).assumptions}
    assert any("knowledge file" in h for h in found(result).would_help)


LEARNED_EDGES = {
    "mediator": ((Edge("t", "m"), Edge("m", "y"), Edge("a", "t")), "lies on the way from t to y"),
    "effect": ((Edge("t", "m"), Edge("t", "y"), Edge("a", "t")), "an effect of t"),
    "effect of the outcome": ((Edge("t", "y"), Edge("y", "m"), Edge("a", "t")), "an effect of y"),
    "collider": ((Edge("t", "y"), Edge("t", "m"), Edge("y", "m"), Edge("a", "t")), "an effect of y"),
}


@pytest.mark.parametrize("kind", LEARNED_EDGES)
def test_a_learned_graph_says_which_chosen_control_it_contradicts(kind: str) -> None:
    edges, told = LEARNED_EDGES[kind]
    result = ask(graph=stored(Graph("dag", NAMES, edges)), controls=("a", "m"))
    assert found(result).status == "assumed"
    assert [d.name for d in found(result).doubts] == ["m"]
    assert found(result).doubts[0].reason.startswith("the learned graph says it")
    assert found(result).doubts[0].reason.endswith(told)
    assert (result.fact("doubted.1").value, result.fact("doubted.1.reason").value) == (
        "m",
        found(result).doubts[0].reason,
    )


@pytest.mark.parametrize("mark", ["tail", "circle"])
def test_an_edge_without_a_direction_between_treatment_and_control_is_told(mark: Mark) -> None:
    other: Mark = "tail" if mark == "tail" else "circle"
    edges = (Edge("t", "m", mark, other), Edge("t", "y", mark, other))
    kind: GraphKind = "cpdag" if mark == "tail" else "pag"
    drawn = stored(Graph(kind, NAMES, edges))
    for result in (ask(graph=drawn), ask(graph=drawn, controls=("a", "m"))):
        doubts = found(result).doubts
        assert [d.name for d in doubts] == ["m"]
        assert "leaves open whether t causes it" in doubts[0].reason


def test_a_learned_graph_only_says_so() -> None:
    edges = [("a", "t"), ("a", "y"), ("t", "m"), ("m", "y"), ("t", "c"), ("y", "b")]
    learned = reasons(ask(graph=stored(Graph.from_arrows("dag", NAMES, edges))))
    assert set(learned) == {"m", "c", "b"}
    assert all(r.startswith("the learned graph says") for r in learned.values())
    given = reasons(ask(graph=stored(Graph.from_arrows("dag", NAMES, edges), op="imported")))
    assert not any("learned" in r for r in given.values())


def test_what_is_assumed_of_the_rows_is_listed() -> None:
    whole = found(ask())
    assert "no_selection" in {a.name for a in whole.assumptions}
    assert "missing_at_random" not in {a.name for a in whole.assumptions}
    data = frame()
    data.loc[:5, "y"] = np.nan
    gaps = {a.name: a for a in found(ask(None, data)).assumptions}
    assert "6 of 60 rows lack y" in gaps["missing_at_random"].evidence
    assert not gaps["missing_at_random"].testable


def test_a_learned_graph_under_a_new_name_is_still_learned() -> None:
    graph = Graph.from_arrows("dag", NAMES, [("a", "t"), ("a", "y"), ("t", "y")])
    copied = StoredGraph("mine@1", graph, op="copied", method="boss")
    assert found(ask(graph=copied)).status == "assumed"
    drawn = StoredGraph("mine@1", graph, op="copied", method="user")
    assert found(ask(graph=drawn)).status == "identified"


def test_an_instrument_that_the_knowledge_names_is_offered() -> None:
    argued = found(ask(known(roles={"a": "pre_treatment", "b": "instrument"})))
    other = next(a for a in argued.alternatives if a.strategy == "Instrumental Variable")
    assert "--instrument b" in other.why_not
