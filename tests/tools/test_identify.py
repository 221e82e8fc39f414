"""``identify``: order of authority, refusals, and every exclusion with its reason."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge, QuestionDefaults
from causalcopilot.domain.profile import Made, Notice
from causalcopilot.domain.question import Question
from causalcopilot.errors import (
    CcpError,
    ColumnNotFound,
    DataError,
    KnowledgeError,
    NotApplicable,
    UsageError,
)
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.identify import identify
from tests.tools.framed import case
from tests.tools.identifying import NAMES, ask, contrast, found, frame, known, reasons, stored

# --- graphs that a person gave ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "needed"),
    [
        ("dag { a -> t a -> y t -> y }", {"a"}),
        ("dag { a -> t a -> b b -> y t -> y }", {"b"}),
        ("dag { t -> m m -> y }", set()),
        ("dag { a -> t b -> y a -> c b -> c t -> y }", set()),
        ("dag { a -> t a -> c b -> c b -> y c -> t c -> y t -> y }", {"b", "c"}),
    ],
    ids=["fork", "blocked nearest the outcome", "chain", "M-bias", "butterfly"],
)
def test_classic_graphs_are_identified(text: str, needed: set[str]) -> None:
    result = ask(known(text))
    assert (found(result).status, found(result).basis) == ("identified", "graph")
    assert set(found(result).controls.minimal) == needed
    assert result.verdict is None


def test_bad_controls_are_named_with_their_reason() -> None:
    result = ask(known("dag { a -> t a -> y t -> m m -> y y -> b t -> c }"))
    told = reasons(result)
    assert told["m"].startswith("mediator")
    assert told["b"] == "descendant of y"
    assert told["c"].startswith("post-treatment")
    assert found(result).controls.used == ("a",)


def test_m_bias_collider_is_not_a_control() -> None:
    result = ask(known("dag { a -> t b -> y a -> c b -> c t -> y }"))
    assert "collider" in reasons(result)["c"]
    assert "c" not in found(result).controls.used


@pytest.mark.parametrize("text", ["dag { u [latent] u -> t u -> y t -> y }", "dag { t <-> y t -> y }"])
def test_hidden_common_cause_is_refused(text: str) -> None:
    result = ask(known(text))
    assert found(result).status == "not_identified"
    assert found(result).strategy is None
    assert result.verdict is not None
    assert result.verdict.value == "not_identified"
    assert result.fact("verdict").value == "not_identified"
    assert result.fact("direction").value == "unclear"
    assert "no_unmeasured_confounding" not in {a.name for a in found(result).assumptions}


def test_refusal_names_the_path_and_what_would_help() -> None:
    result = ask(known("dag { u [latent] u -> t u -> y t -> y }"))
    assert result.fact("blocking_path").value == "t <-- u --> y"
    helps = " ".join(found(result).would_help)
    assert "measure u" in helps
    assert "instrument" in helps
    assert "randomise" in helps
    assert result.verdict is not None
    assert result.verdict.next == "Measure u."


def test_node_that_the_table_lacks_counts_as_unmeasured() -> None:
    result = ask(known("dag { z -> t z -> y t -> y }"))
    assert found(result).blocking_path == ("t", "<--", "z", "-->", "y")
    assert any("z" in f for f in result.findings)


def test_assume_takes_the_assumption_and_records_the_path() -> None:
    result = ask(known("dag { u [latent] u -> t u -> y t -> y a -> y }"), assume=True)
    assert found(result).status == "assumed"
    first = found(result).assumptions[0]
    assert (first.name, first.testable) == ("open_path", False)
    assert "t <-- u --> y" in first.evidence
    assert result.verdict is None


def test_graph_in_the_call_goes_before_the_knowledge() -> None:
    drawn = stored(
        Graph.from_arrows("dag", ("t", "y", "b"), [("b", "t"), ("b", "y"), ("t", "y")]), op="imported"
    )
    result = ask(known("dag { a -> t a -> y t -> y }"), graph=drawn)
    assert found(result).controls.used == ("b",)
    assert found(result).graph == "learned@1"


def test_graph_without_the_outcome_is_an_error() -> None:
    with pytest.raises(KnowledgeError, match="'y'"):
        ask(known("dag { a -> t }"))


# --- roles and tiers ----------------------------------------------------------------------------------------


def test_roles_take_every_pre_treatment_column_and_explain_the_rest() -> None:
    roles = {"a": "pre_treatment", "b": "pre_treatment", "c": "post_treatment"}
    result = ask(known(roles=roles))
    assert (found(result).status, found(result).basis) == ("identified", "roles")
    assert found(result).controls.used == ("a", "b")
    assert "after the treatment" in reasons(result)["c"]
    assert "no role given" in reasons(result)["m"]
    assert any("knowledge file" in a.evidence for a in found(result).assumptions)


def test_roles_keep_instruments_constants_and_negative_controls_out() -> None:
    data = frame().assign(b=1.0)
    roles = {"a": "instrument", "b": "pre_treatment", "c": "pre_treatment", "m": "negative_control_outcome"}
    result = ask(known(roles=roles), data)
    assert found(result).controls.used == ("c",)
    assert reasons(result)["b"] == "never varies"
    assert set(reasons(result)) == {"a", "b", "m"}


def test_tiers_alone_give_an_order() -> None:
    columns = tuple(
        ColumnKnowledge(n, tier=k) for n, k in (("a", 0), ("b", 0), ("t", 1), ("c", 1), ("y", 2), ("m", 3))
    )
    result = ask(Knowledge(columns=columns, origin="file"))
    assert found(result).basis == "roles"
    assert found(result).controls.used == ("a", "b")
    assert set(reasons(result)) == {"c", "m"}


def test_roles_about_another_treatment_name_no_controls() -> None:
    columns = (
        ColumnKnowledge("t", role="treatment"),
        ColumnKnowledge("a", role="pre_treatment"),
        ColumnKnowledge("b", role="pre_treatment"),
        ColumnKnowledge("m", role="post_treatment"),
    )
    data = frame().assign(a=np.arange(60) % 2)
    result = identify(case(data, Knowledge(columns=columns, origin="card")), treatment="a", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert (found(result).status, found(result).basis) == ("assumed", "none")
    assert set(reasons(result)) == {"t", "m"}
    assert any("another treatment" in f for f in result.findings)


def test_outcome_before_the_treatment_is_told() -> None:
    result = ask(known(roles={"a": "pre_treatment", "y": "pre_treatment"}))
    assert any("before t" in f for f in result.findings)


def test_leakage_and_collinear_columns_are_no_default_controls() -> None:
    context = case(frame())
    notices = (Notice("leakage", "a is nearly the outcome", ("a",)),)
    profile = replace(context.profile, notices=notices, collinear=(("b", "t"), ("c", "m")))
    result = identify(replace(context, profile=profile), treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert reasons(result) == {"a": "nearly restates the outcome", "b": "nearly restates the treatment"}


def test_learned_graph_beside_roles_changes_nothing_and_is_told() -> None:
    learned = Graph.from_arrows("dag", ("t", "y", "a"), [("t", "a"), ("a", "y"), ("t", "y")])
    result = ask(known(roles={"a": "pre_treatment"}), graph=stored(learned))
    assert found(result).basis == "roles"
    assert found(result).controls.used == ("a",)
    assert any("would not adjust for a" in f for f in result.findings)
    assert found(result).alternatives


def test_latent_with_required_edges_into_both_is_refused() -> None:
    columns = (ColumnKnowledge("a", role="pre_treatment"), ColumnKnowledge("u", role="latent"))
    edges = (("u", "t"), ("u", "y"))
    result = ask(Knowledge(columns=columns, required=edges, origin="file"))
    assert found(result).blocking_path == ("t", "<--", "u", "-->", "y")
    through = ask(Knowledge(columns=columns, required=(("u", "t"), ("t", "y")), origin="file"))
    assert found(through).status == "assumed"


def test_controls_named_by_hand_do_not_undo_a_declared_hidden_cause() -> None:
    columns = (ColumnKnowledge("a", role="pre_treatment"), ColumnKnowledge("u", role="latent"))
    declared = Knowledge(columns=columns, required=(("u", "t"), ("u", "y")), origin="file")
    result = ask(declared, controls=("a",))
    assert found(result).status == "not_identified"
    assert found(result).blocking_path == ("t", "<--", "u", "-->", "y")
    assert found(ask(declared, controls=("a",), assume=True)).status == "assumed"


# --- a learned graph, or nothing ------------------------------------------------------------------------------


def test_nothing_given_is_an_assumption_nobody_vouches_for() -> None:
    data = frame().assign(fixed=1.0, word=[f"w{i}" for i in range(60)], row=range(60), gone=np.nan)
    data.loc[0, "gone"], data.loc[1, "gone"] = 1.0, 2.0
    context = case(data, types={"word": "text", "row": "identifier", "gone": "continuous"})
    result = identify(context, treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert (found(result).status, found(result).basis) == ("assumed", "none")
    assert set(found(result).controls.used) == {"a", "b", "c", "m"}
    assert set(reasons(result)) == {"fixed", "word", "row", "gone"}
    assert all(reasons(result).values())
    assert any(a.name == "controls_before_treatment" for a in found(result).assumptions)


def test_learned_graph_alone_is_assumed() -> None:
    learned = Graph.from_arrows("dag", NAMES, [("a", "t"), ("a", "y"), ("t", "y"), ("t", "m")])
    result = ask(graph=stored(learned))
    assert (found(result).status, found(result).basis) == ("assumed", "discovered")
    assert found(result).controls.used == ("a",)
    assert {"causal_sufficiency", "faithfulness"} <= {a.name for a in found(result).assumptions}


def test_unsettled_learned_graph_with_nothing_known_leaves_out_definite_effects() -> None:
    edges = (Edge("t", "y", "tail", "tail"), Edge("t", "a", "tail", "tail"), Edge("y", "m"), Edge("c", "m"))
    learned = Graph("cpdag", NAMES, edges)
    result = ask(graph=stored(learned))
    assert (found(result).status, found(result).basis) == ("assumed", "none")
    assert reasons(result) == {"m": "the learned graph says it is an effect of treatment or outcome"}
    assert found(result).alternatives


def test_unsettled_learned_graph_under_knowledge_is_refused_with_the_edge() -> None:
    learned = Graph("cpdag", NAMES, (Edge("t", "y", "tail", "tail"), Edge("t", "a", "tail", "tail")))
    knows = Knowledge(forbidden=(("y", "b"),), origin="file")
    result = ask(knows, graph=stored(learned))
    assert found(result).status == "not_identified"
    assert "t --- " in found(result).would_help[0]
    assert found(ask(knows, graph=stored(learned), assume=True)).status == "assumed"


# --- controls that are insisted on --------------------------------------------------------------------------


def test_chosen_controls_are_used_as_they_are() -> None:
    result = ask(known(roles={"a": "pre_treatment"}), controls=("a",))
    assert (found(result).status, found(result).basis) == ("identified", "controls")
    assert found(result).controls.used == ("a",)
    assert set(reasons(result)) == {"b", "c", "m"}


@pytest.mark.parametrize("how", ["graph", "roles"])
def test_forced_bad_control_is_used_and_flagged(how: str) -> None:
    knows = (
        known("dag { a -> t a -> y t -> m m -> y }")
        if how == "graph"
        else known(roles={"a": "pre_treatment", "m": "post_treatment"})
    )
    result = ask(knows, controls=("a", "m"))
    assert found(result).status == "assumed"
    assert found(result).controls.used == ("a", "m")
    assert ("forced_bad_control", "m") in found(result).design
    assert "because it was asked for" in reasons(result)["m"]
    assert "forced_controls" in {a.name for a in found(result).assumptions}
    assert result.fact("forced.1").value == "m"
    left = [f.value for f in result.facts if f.key.startswith("excluded.") and "reason" not in f.key]
    assert "m" not in left
    assert result.fact("excluded").value == len(left)


def test_chosen_controls_that_leave_a_path_open_are_refused() -> None:
    knows = known("dag { a -> t a -> y b -> t b -> y t -> y }")
    result = ask(knows, controls=("a",))
    assert found(result).status == "not_identified"
    assert found(result).blocking_path == ("t", "<--", "b", "-->", "y")
    assert found(ask(knows, controls=("a",), assume=True)).status == "assumed"
    assert found(ask(knows, controls=("a", "b"))).status == "identified"


def test_question_controls_count_like_the_argument() -> None:
    context = case(frame(), None, Question("effect", controls=("b",)))
    result = identify(context, treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert found(result).controls.used == ("b",)


# --- designs ---------------------------------------------------------------------------------------------------


def test_randomisation_makes_controls_optional() -> None:
    knows = known(
        roles={"a": "pre_treatment", "m": "post_treatment"},
        question=QuestionDefaults(treatment="t", outcome="y", design="rct"),
    )
    result = ask(knows)
    assert (found(result).strategy, found(result).basis, found(result).status) == (
        "RCT",
        "design",
        "identified",
    )
    assert found(result).controls.minimal == ()
    assert found(result).controls.optional == ("a",)
    bare = identify(case(frame(), None, Question("effect", design="rct")), treatment="t", outcome="y")
    assert isinstance(bare, IdentifyResult)
    assert found(bare).controls.used == ()


@pytest.mark.parametrize("design", ["sc", "panel"])
def test_designs_of_a_panel_ask_for_its_columns(design: str) -> None:
    with pytest.raises(UsageError, match="needs --time and --unit"):
        identify(case(frame(), None, Question("effect", design=design)), treatment="t", outcome="y")  # type: ignore[arg-type]


# --- what cannot be asked ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"t": 1}, DataError),
        ({"y": 1.0}, DataError),
        ({"y": [f"w{i % 5}" for i in range(60)]}, NotApplicable),
    ],
)
def test_columns_that_cannot_serve(change: dict[str, object], error: type[CcpError]) -> None:
    with pytest.raises(error) as raised:
        ask(None, frame().assign(**change))
    assert raised.value.hint


@pytest.mark.parametrize("kind", ["identifier", "date", "text"])
def test_treatment_types_that_cannot_be_set(kind: str) -> None:
    with pytest.raises(NotApplicable):
        contrast(np.arange(60), kind=kind)


def test_same_column_unknown_column_and_equal_values() -> None:
    with pytest.raises(NotApplicable, match="same column"):
        identify(case(frame()), treatment="t", outcome="t")
    with pytest.raises(ColumnNotFound) as error:
        identify(case(frame(("t", "y", "weight"))), treatment="t", outcome="wieght")
    assert "weight" in error.value.hint
    with pytest.raises(UsageError, match="both values"):
        contrast(np.arange(60.0), kind="continuous", control_value=3, treated_value=3)


def test_quantity() -> None:
    assert found(ask(quantity="ATT")).quantity == "ATT"
    assert found(ask(known(question=QuestionDefaults(quantity="ATT")))).quantity == "ATT"
    assert found(ask()).quantity == "ATE"
    with pytest.raises(NotApplicable):
        contrast(np.arange(60.0), kind="continuous", quantity="ATT")


def test_facts_are_complete() -> None:
    result = ask(known("dag { a -> t a -> y t -> m m -> y }"))
    assert result.fact("status").value == "identified"
    assert result.fact("control.1").value == "a"
    assert result.fact("controls").value == 1
    count = result.fact("excluded").value
    assert count == len(found(result).controls.forbidden)
    for i in range(1, int(str(count)) + 1):
        assert result.fact(f"excluded.{i}.reason").value
    keys = [f.key for f in result.facts]
    assert len(keys) == len(set(keys))


def test_identify_imports_no_pandas() -> None:
    """It runs in the parent process, whose start-up must stay cheap."""
    code = "import sys, causalcopilot_tools.effects.identify; sys.exit(bool({'pandas', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_columns_computed_from_the_treatment_or_the_outcome_are_no_default_controls() -> None:
    context = case(frame())
    made = (Made("a", ("y",), "function"), Made("b", ("t", "c"), "product"))
    profile = replace(context.profile, made=made)
    result = identify(replace(context, profile=profile), treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert reasons(result) == {"a": "was computed from the outcome", "b": "was computed from the treatment"}


def test_what_the_outcome_was_cut_from_and_its_other_cuts_are_no_default_controls() -> None:
    context = case(frame())
    made = (Made("y", ("a",), "function"), Made("b", ("a",), "function"))
    result = identify(
        replace(context, profile=replace(context.profile, made=made)), treatment="t", outcome="y"
    )
    assert isinstance(result, IdentifyResult)
    assert reasons(result) == {
        "a": "the outcome was computed from it",
        "b": "was computed from a, as the outcome was",
    }


def test_what_a_treatment_was_cut_from_is_no_default_control() -> None:
    context = case(frame())
    made = (Made("t", ("a",), "function"), Made("b", ("a",), "function"))
    result = identify(
        replace(context, profile=replace(context.profile, made=made)), treatment="t", outcome="y"
    )
    assert isinstance(result, IdentifyResult)
    assert reasons(result) == {
        "a": "the treatment was computed from it",
        "b": "was computed from a, as the treatment was",
    }


def test_a_time_from_which_on_something_was_so_is_held() -> None:
    context = case(frame())
    made = (Made("t", ("a",), "function"), Made("b", ("a",), "function"))
    profile = replace(context.profile, made=made, time_columns=("a",))
    result = identify(replace(context, profile=profile), treatment="t", outcome="y")
    assert isinstance(result, IdentifyResult)
    assert reasons(result) == {}
