"""The structure tool: questions about known graphs, and refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.errors import NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.structure.structure import structure
from tests.tools.framed import case

TEXT = "dag { u [latent] c -> {t y} u -> {t y} t -> m -> y -> d  t -> d  z -> t }"


def stored(text: str) -> StoredGraph:
    return StoredGraph("g@1", from_dagitty(text))


@pytest.fixture(scope="module")
def context() -> Context:
    rng = np.random.default_rng(0)
    return case(pd.DataFrame(rng.normal(size=(20, 6)), columns=list("ctymdz")))


def ask(context: Context, question: str, a: str, b: str, text: str = TEXT) -> StructureResult:
    found = structure(context, question=question, a=a, b=b, graph=stored(text))
    assert isinstance(found, StructureResult)
    assert found.fact("answer").value == found.answer
    assert found.fact("path").value == " ".join(found.path)
    assert found.fact("names").value == len(found.names)
    assert found.fact("graph").value == found.graph == "g@1"
    assert [found.fact(f"name.{i}").value for i in range(1, len(found.names) + 1)] == list(found.names)
    return found


@pytest.mark.parametrize(
    ("question", "a", "b", "answer", "names", "path"),
    [
        ("direct_cause", "t", "m", "yes", (), "t --> m"),
        ("direct_cause", "t", "y", "no", (), "t --> m --> y"),
        ("confounder", "t", "y", "yes", ("u", "c"), "t <-- u --> y"),
        ("mediator", "t", "y", "yes", ("m",), "t --> m --> y"),
        ("collider", "t", "y", "yes", ("d",), "t --> d <-- y"),
        ("collider", "z", "c", "yes", ("t", "y", "d"), "z --> t <-- c"),
        ("adjustment", "t", "y", "no", (), "t <-- u --> y"),
        ("adjustment", "m", "y", "yes", ("t",), "m --> y"),
    ],
)
def test_answers_from_a_dag(
    context: Context, question: str, a: str, b: str, answer: str, names: tuple[str, ...], path: str
) -> None:
    found = ask(context, question, a, b)
    assert (found.answer, set(found.names), " ".join(found.path)) == (answer, set(names), path)


@pytest.mark.parametrize(
    ("text", "question", "answer", "path"),
    [
        ("pdag { t -- y  c }", "direct_cause", "uncertain", "t --- y"),
        ("pdag { t -- c -- y }", "confounder", "uncertain", "t --- c --- y"),
        ("pdag { t -- c -- y }", "mediator", "uncertain", "t --- c --- y"),
        ("pag { t @-> y }", "direct_cause", "uncertain", "t o-> y"),
        ("pag { c @-> t <-> y <-@ z }", "direct_cause", "no", "t <-> y"),
        ("pag { c @-> t <-> y <-@ z }", "confounder", "yes", "t <-> y"),
        ("pag { t @-> y }", "adjustment", "uncertain", "t o-> y"),
        ("pdag { t -- y  c }", "adjustment", "uncertain", "t --- y"),
    ],
)
def test_open_marks_are_uncertain(context: Context, text: str, question: str, answer: str, path: str) -> None:
    found = ask(context, question, "t", "y", text)
    assert (found.answer, " ".join(found.path)) == (answer, path)


def test_possible_names_are_told_apart(context: Context) -> None:
    found = ask(context, "confounder", "t", "y", "pdag { t -- c -- y }")
    assert found.names == ()
    assert found.fact("possible.1").value == "c"


def test_reasons_of_an_adjustment_set(context: Context) -> None:
    text = "dag { c -> {t y} t -> m -> y -> d  z -> t }"
    found = ask(context, "adjustment", "t", "y", text)
    assert found.names == ("c",)
    reasons = {
        found.fact(f"excluded.{i}").value: found.fact(f"excluded.{i}.reason").value for i in range(1, 4)
    }
    assert reasons == {"z": "instrument", "m": "mediator", "d": "descendant of y"}


def test_a_node_without_a_column_cannot_be_adjusted_for(context: Context) -> None:
    found = ask(context, "adjustment", "t", "y", "dag { income -> {t y} t -> y }")
    assert found.answer == "no"
    assert found.path == ("t", "<--", "income", "-->", "y")
    assert any("income" in f for f in found.findings)


def test_no_causal_path_is_said(context: Context) -> None:
    found = ask(context, "adjustment", "t", "y", "dag { c -> {t y} }")
    assert found.answer == "yes"
    assert any("zero" in f for f in found.findings)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("dag { t -> weight }", "no node 'y'", "learn a graph"),
        ("dag { t -> Y }", "no node 'y'", "Y"),
        ("dag { y [latent] y -> t }", "latent", "measures"),
    ],
)
def test_a_missing_node_is_refused_with_a_hint(context: Context, text: str, words: str, hint: str) -> None:
    with pytest.raises(NotApplicable, match=words) as caught:
        ask(context, "confounder", "t", "y", text)
    assert hint in caught.value.hint


def test_an_invalid_graph_is_refused(context: Context) -> None:
    with pytest.raises(NotApplicable, match="no DAG"):
        ask(context, "adjustment", "t", "y", "pdag { t -- c -- y -- d -- t }")


def test_the_result_survives_storage(context: Context) -> None:
    found = ask(context, "confounder", "t", "y")
    assert result_from_json(result_to_json(found)) == found


ROWS = 800
CHAIN = "dag { a -> b -> c  a -> d }"


def chained(seed: int = 0) -> Context:
    """a --> b --> c, and a strong way from a to c that the learned graph below lacks when ``d`` carries it."""
    rng = np.random.default_rng(seed)
    a, d = rng.normal(size=(2, ROWS))
    b = a + rng.normal(size=ROWS)
    c = b + rng.normal(size=ROWS)
    return case(pd.DataFrame({"a": a, "b": b, "c": c, "d": a + d}))


def denied(context: Context, a: str, b: str, text: str, op: str = "discovered") -> StructureResult:
    graph = StoredGraph("table@1", from_dagitty(text), op=op)
    found = structure(context, question="direct_cause", a=a, b=b, graph=graph)
    assert isinstance(found, StructureResult)
    return found


def test_a_learned_graph_denies_only_what_the_rows_deny() -> None:
    context = chained()
    backed = denied(context, "a", "c", CHAIN)
    assert backed.answer == "no"
    assert backed.fact("test.given.1").value == "b"
    assert "independence given b" in str(backed.fact("rests_on").value)
    missing = denied(context, "a", "d", "dag { a -> b -> c d -> c }")
    assert missing.answer == "uncertain"
    assert "show a relation" in str(missing.fact("rests_on").value)


def test_a_reversed_arrow_of_a_learned_graph_is_no_proof() -> None:
    found = denied(chained(), "b", "a", CHAIN)
    assert found.answer == "uncertain"
    assert "no test of these rows" in str(found.fact("rests_on").value)
    given = denied(chained(), "b", "a", CHAIN, op="imported")
    assert given.answer == "no"
    assert all(f.key != "rests_on" for f in given.facts)
