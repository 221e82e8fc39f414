"""Knowledge goes into the searches that take it, is refused by the others, and is checked in what comes out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import KnowledgeError, NotApplicable
from causalcopilot.graph.equivalence import is_valid
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.discover import discover
from causalcopilot_tools.discovery.knowledge import (
    constraints,
    lingam_matrix,
    violations,
)
from tests.tools.framed import case
from tests.tools.simulated import causal_order, frame_of, linear, random_dag

TAKING = ["auto", "pc", "boss", "fci", "direct_lingam"]


def learn(frame: pd.DataFrame, knowledge: Knowledge, method: str = "auto") -> DiscoverResult:
    result = discover(case(frame, knowledge), method=method)
    assert isinstance(result, DiscoverResult)
    return result


def tiers(**places: int) -> Knowledge:
    return Knowledge(columns=tuple(ColumnKnowledge(n, tier=t) for n, t in places.items()))


def roles(**parts: str) -> Knowledge:
    return Knowledge(columns=tuple(ColumnKnowledge(n, role=r) for n, r in parts.items()))  # type: ignore[arg-type]


def pair(n: int = 2000, seed: int = 0) -> pd.DataFrame:
    """a -> b, Gaussian: direction cannot be seen in the data."""
    rng = np.random.default_rng(seed)
    a = rng.standard_normal(n)
    return pd.DataFrame({"a": a, "b": a + rng.standard_normal(n), "c": rng.standard_normal(n)})


def symbol(result: DiscoverResult, a: str, b: str) -> str:
    edges = result.graphs[0].graph.between(a, b)
    return edges[0].symbol if edges else ""


@pytest.mark.parametrize(
    ("method", "shown"),
    [("auto", "-->"), ("pc", "-->"), ("boss", "-->"), ("fci", "o->"), ("direct_lingam", "-->")],
)
def test_tiers_decide_what_the_data_cannot(method: str, shown: str) -> None:
    """FCI draws only what order implies: b does not cause a; a hidden common cause stays possible."""
    assert symbol(learn(pair(), tiers(a=0, b=1), method), "a", "b") == shown
    assert symbol(learn(pair(), tiers(a=1, b=0), method), "b", "a") == shown


def test_roles_are_an_order() -> None:
    frame = pair().assign(y=lambda d: d.b + np.random.default_rng(1).standard_normal(len(d)))
    r = learn(frame, roles(a="pre_treatment", b="treatment", y="outcome"))
    assert (symbol(r, "a", "b"), symbol(r, "b", "y")) == ("-->", "-->")
    assert r.fact("knowledge.violations").value == 0


def test_method_that_takes_no_knowledge_refuses_by_name() -> None:
    with pytest.raises(NotApplicable, match="grasp takes no knowledge") as refused:
        learn(pair(), tiers(a=0, b=1), "grasp")
    assert "pc" in refused.value.hint


@pytest.mark.parametrize("method", TAKING)
def test_required_edge_is_there_and_says_why(method: str) -> None:
    r = learn(pair(), Knowledge(required=(("c", "b"),)), method)
    assert symbol(r, "c", "b") == "-->"
    edge = r.graphs[0].graph.between("c", "b")[0]
    assert edge.origin == "required"
    assert r.fact("knowledge.violations").value == 0


@pytest.mark.parametrize("method", TAKING)
def test_forbidden_direct_cause_is_not_drawn(method: str) -> None:
    r = learn(pair(), Knowledge(forbidden=(("a", "b"),)), method)
    assert symbol(r, "a", "b") not in ("-->", "---")
    assert r.fact("knowledge.violations").value == 0


def test_pair_forbidden_both_ways_is_a_hidden_cause_to_fci_only() -> None:
    both = Knowledge(forbidden=(("a", "b"), ("b", "a")))
    assert symbol(learn(pair(), both, "pc"), "a", "b") == ""
    assert symbol(learn(pair(), both, "fci"), "a", "b") == "<->"


@pytest.mark.parametrize("method", TAKING)
@pytest.mark.parametrize("seed", range(5))
def test_no_arrow_against_true_tiers_and_a_valid_graph(method: str, seed: int) -> None:
    rng = np.random.default_rng([seed, 9])
    dag = random_dag(8, 3, rng)
    frame = frame_of(linear(dag, 400, rng))
    place = {f"v{v}": i // 3 for i, v in enumerate(causal_order(dag))}
    r = learn(frame, tiers(**place), method)
    graph = r.graphs[0].graph
    late = [e for e in graph.edges if e.directed and place[e.source] > place[e.target]]
    assert late == []
    assert r.fact("knowledge.violations").value == 0
    assert is_valid(graph)


def test_tiers_improve_directions() -> None:
    """Twelve graphs, with and without tiers: more true arrows among those drawn or left open."""
    right = {True: 0, False: 0}
    for seed in range(12):
        rng = np.random.default_rng([seed, 13])
        dag = random_dag(8, 3, rng)
        frame = frame_of(linear(dag, 500, rng))
        place = {f"v{v}": i // 3 for i, v in enumerate(causal_order(dag))}
        for known in (True, False):
            graph = learn(frame, tiers(**place) if known else Knowledge(), "pc").graphs[0].graph
            right[known] += sum(
                e.directed and bool(dag[int(e.source[1:]), int(e.target[1:])]) for e in graph.edges
            )
    assert right[True] > right[False]


def test_named_latents_call_for_fci() -> None:
    hidden = Knowledge(columns=(ColumnKnowledge("u", role="latent"),))
    assert learn(pair(), hidden).method == "fci"
    asked = learn(pair(), hidden, "pc")
    assert any("names hidden causes" in n for n in asked.notes)


def test_excluded_columns_stay_out_unless_asked_for() -> None:
    known = Knowledge(
        columns=(
            ColumnKnowledge("c", role="excluded", reason="measured later"),
            ColumnKnowledge("a", role="unit"),
        )
    )
    frame = pair().assign(d=np.random.default_rng(3).standard_normal(2000))
    r = learn(frame, known)
    assert r.graphs[0].graph.nodes == ("b", "d")
    assert (r.fact("left_out.2").value, r.fact("left_out.2.reason").value) == ("c", "measured later")
    result = discover(case(frame, known), columns=("b", "c"))
    assert result.graphs[0].graph.nodes == ("b", "c")


def test_contradictions_are_refused() -> None:
    with pytest.raises(KnowledgeError, match=r"requires b -> a and rules it out by tiers"):
        learn(pair(), Knowledge(tiers(a=0, b=1).columns, required=(("b", "a"),)))
    with pytest.raises(KnowledgeError, match=r"requires a -> b and rules it out by a forbidden edge"):
        learn(pair(), Knowledge(forbidden=(("a", "b"),), required=(("a", "b"),)))
    with pytest.raises(KnowledgeError, match=r"form a cycle \(a -> b, b -> c, c -> a\)"):
        learn(pair(), Knowledge(required=(("a", "b"), ("b", "c"), ("c", "a"))))
    with pytest.raises(KnowledgeError, match="requires a chain of edges from b to a"):
        learn(pair(), Knowledge(tiers(a=0, b=1).columns, required=(("b", "c"), ("c", "a"))))


def test_unusable_knowledge_is_told() -> None:
    r = learn(pair(), Knowledge(forbidden=(("a", "z"),), graph="dag { a -> b }"))
    assert any("a -> z is not used: z is not searched" in n for n in r.notes)
    assert any("the knowledge's graph stands by itself" in n for n in r.notes)


def test_violations_are_listed_one_by_one() -> None:
    limits = constraints(
        Knowledge(
            tiers(a=0, b=1, c=2).columns,
            forbidden=(("d", "e"), ("e", "f")),
            required=(("d", "f"), ("a", "d")),
        ),
        ("a", "b", "c", "d", "e", "f"),
    )
    edges = (Edge("b", "a"), Edge("c", "d"), Edge("d", "b"), Edge("f", "d"), Edge("e", "f", "tail", "tail"))
    assert violations(Graph("dag", ("a", "b", "c", "d", "e", "f"), edges), limits) == (
        "b --> a is forbidden",
        "e --- f leaves the forbidden e --> f open",
        "a --> d is required; found no edge",
        "d --> f is required; found f --> d",
        "c causes a indirectly, against their order",
        "c causes b indirectly, against their order",
    )


def test_instrument_and_negative_control() -> None:
    known = roles(z="instrument", t="treatment", y="outcome", n="negative_control_outcome", m="mediator")
    limits = constraints(known, ("z", "t", "y", "n", "m"))
    assert ("z", "y") in limits.forbidden - limits.ordered
    assert {("t", "z"), ("t", "n"), ("y", "m"), ("y", "t")} <= limits.ordered
    assert ("t", "y") not in limits.forbidden


def test_lingam_reads_the_matrix_as_meant() -> None:
    """On noise that says a -> b clearly, an order against it must win: lingam's own index convention is used."""
    rng = np.random.default_rng(5)
    a = rng.exponential(1, 3000)
    frame = pd.DataFrame({"a": a, "b": a + rng.exponential(1, 3000)})
    assert symbol(learn(frame, Knowledge(), "direct_lingam"), "a", "b") == "-->"
    assert symbol(learn(frame, tiers(b=0, a=1), "direct_lingam"), "b", "a") == "-->"
    matrix = lingam_matrix(constraints(tiers(b=0, a=1), ("a", "b")), ("a", "b"))
    assert matrix.tolist() == [[-1, -1], [0, -1]]


def test_forbidden_edge_leaves_the_indirect_path_to_lingam() -> None:
    """a -> m -> b with a -> b forbidden: a path-wise reading would break a -> m -> b."""
    rng = np.random.default_rng(6)
    a = rng.exponential(1, 3000)
    m = a + rng.exponential(1, 3000)
    b = m + 0.5 * a + rng.exponential(1, 3000)
    r = learn(pd.DataFrame({"a": a, "m": m, "b": b}), Knowledge(forbidden=(("a", "b"),)), "direct_lingam")
    assert [symbol(r, *p) for p in (("a", "m"), ("m", "b"), ("a", "b"))] == ["-->", "-->", ""]
