"""The expert: each rule on a hand-made history, its prose against the claim check, streamed and not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, HumanMessage, ToolMessage

from causalcopilot.agent import loop, narrative
from causalcopilot.agent.brief import BRIEF, QUESTION, Brief
from causalcopilot.agent.expert import Expert
from causalcopilot.agent.protocol import RULES, STRUCTURE, WIDE, next_calls, protocol_text
from causalcopilot.agent.state import Done, State, read_state
from causalcopilot.domain.facts import Fact
from causalcopilot.domain.question import Contrast, Question, QuestionKind
from causalcopilot.report.claims import find_faults, render, text_of
from tests.agent.conftest import FakeToolbox

TOOLS = tuple(dict.fromkeys(r.tool for r in RULES))
COLUMNS = ("age", "quit", "gain")


def history(
    question: Mapping[str, Any],
    *done: tuple[str, Mapping[str, Any], Mapping[str, Any] | None],
    knowledge: Mapping[str, Any] | None = None,
    columns: Sequence[str] = COLUMNS,
    tools: Sequence[str] = TOOLS,
    **plan: Any,
) -> list[BaseMessage]:
    """A conversation that asked ``question`` and got these facts (``None``: the call failed), in order."""
    column = {"type": "continuous", "storage": "number", "missing": 0, "distinct": 50}
    block = {
        "type": BRIEF,
        "v": 1,
        "question": question,
        "knowledge": knowledge or {},
        "profile": {"rows": 100, "columns": [{"name": c, **column} for c in columns]},
        "tools": list(tools),
        **plan,
    }
    messages: list[BaseMessage] = [HumanMessage(json.dumps(block))]
    for i, (tool, args, facts) in enumerate(done, 1):
        messages += answered(i, tool, args, facts)
    return messages


def answered(
    number: int, tool: str, args: Mapping[str, Any], facts: Mapping[str, Any] | None
) -> list[BaseMessage]:
    told: dict[str, Any] = {"call": f"t{number}", "tool": tool, "ok": facts is not None}
    told |= {"facts": facts} if facts is not None else {"kind": "tool_failed", "error": "it broke"}
    call = {"name": tool, "args": dict(args), "id": f"t{number:08d}", "type": "tool_call"}
    return [AIMessage("", tool_calls=[call]), ToolMessage(json.dumps(told), tool_call_id=f"t{number:08d}")]


Step = tuple[str, dict[str, Any], dict[str, Any]]
"""A call that is done: tool, arguments, facts."""


def chosen(*args: Any, **kwargs: Any) -> list[tuple[str, dict[str, Any]]]:
    return [(tool, dict(given)) for tool, given in next_calls(read_state(history(*args, **kwargs)))]


EFFECT = {"kind": "effect", "treatment": "quit", "outcome": "gain"}
PAIR = {"treatment": "quit", "outcome": "gain"}
ROLES = {"columns": [{"name": "age", "role": "pre_treatment"}]}
PROFILE: Step = ("profile", {}, {"rows": 100})
IDENTIFIED = ("identify", PAIR, {"status": "identified"})
REFUSED = ("identify", PAIR, {"status": "not_identified", "verdict": "not_identified"})
HELD: Step = ("falsify", {}, {"answer": "yes"})
LEARNED = ("discover", {"method": "auto"}, {"graph": "table@1"})


def test_a_question_of_effect_with_roles_goes_step_by_step() -> None:
    assert chosen(EFFECT, knowledge=ROLES) == [("profile", {})]
    assert chosen(EFFECT, PROFILE, knowledge=ROLES) == [("identify", PAIR)]
    assert chosen(EFFECT, PROFILE, IDENTIFIED, knowledge=ROLES) == [("estimate", {"identification": "t2"})]
    estimated = (PROFILE, IDENTIFIED, ("estimate", {"identification": "t2"}, {"effect": 1.5}))
    assert chosen(EFFECT, *estimated, knowledge=ROLES) == [("refute", {"estimate": "t3"})]
    refuted = (*estimated, ("refute", {"estimate": "t3"}, {"verdict": "supported"}))
    assert chosen(EFFECT, *refuted, knowledge=ROLES) == []


def test_what_is_not_identified_is_not_estimated() -> None:
    assert chosen(EFFECT, PROFILE, REFUSED, knowledge=ROLES) == []


def test_a_step_that_failed_is_not_tried_again() -> None:
    assert chosen(EFFECT, PROFILE, ("identify", PAIR, None), knowledge=ROLES) == []
    failed = (PROFILE, IDENTIFIED, ("estimate", {"identification": "t2"}, None))
    assert chosen(EFFECT, *failed, knowledge=ROLES) == []


def test_a_graph_is_learned_only_where_nobody_spoke() -> None:
    assert chosen(EFFECT, PROFILE) == [("discover", {"method": "auto"})]
    assert chosen(EFFECT, PROFILE, LEARNED) == [("identify", {**PAIR, "graph": "table@1"})]
    for spoken in (
        {"knowledge": ROLES},
        {"given_graph": "mine@1"},
        {"randomised": True},
    ):
        assert chosen(EFFECT, PROFILE, HELD, **spoken)[0][0] == "identify"
    by_hand = {**EFFECT, "controls": ["age"]}
    assert (
        chosen(by_hand, PROFILE)[0][0] == "discover"
    )  # a choice is not knowledge: let a graph speak against it
    assert chosen(by_hand, PROFILE, LEARNED)[0][1] == {**PAIR, "graph": "table@1", "controls": ["age"]}
    assert chosen(by_hand, PROFILE, knowledge=ROLES) == [("identify", {**PAIR, "controls": ["age"]})]
    assert chosen({**EFFECT, "graph": "mine@2"}, PROFILE, HELD) == [("identify", {**PAIR, "graph": "mine@2"})]
    assert chosen(EFFECT, PROFILE, HELD, given_graph="mine@1")[0][1]["graph"] == "mine@1"


def test_a_given_graph_is_held_against_the_data_first_and_named_to_the_refutation() -> None:
    assert chosen(EFFECT, PROFILE, given_graph="mine@1") == [("falsify", {"graph": "mine@1"})]
    assert chosen({"kind": "falsify", "graph": "mine@2"}) == [("falsify", {"graph": "mine@2"})]
    assert chosen({"kind": "falsify"}) == [("discover", {"method": "auto"})]
    made: Step = ("estimate", {}, {"effect": {"value": 1.0}})
    known: Step = ("identify", {}, {"status": "identified"})
    last = chosen(EFFECT, PROFILE, HELD, known, made, given_graph="mine@1")
    assert last[0][0] == "refute"
    assert last[0][1]["graph"] == "mine@1"


def test_no_graph_is_learned_over_a_very_wide_table() -> None:
    wide = [*COLUMNS, *(f"c{i}" for i in range(WIDE))]
    assert chosen(EFFECT, PROFILE, columns=wide)[0][0] == "identify"


def test_unmeasured_variables_call_for_a_search_that_allows_them() -> None:
    knowledge = {"columns": [{"name": "u", "role": "latent"}]}
    state = read_state(history({"kind": "graph"}, PROFILE, knowledge=knowledge))
    assert state.brief.latents == ("u",)
    assert next_calls(state)[0][1]["method"] == "fci"


def test_a_hidden_common_cause_is_not_looked_for_by_a_search_that_assumes_none() -> None:
    for text, method in (
        ("Is there a hidden common cause of a and b?", "fci"),
        ("Is there an unmeasured confounder of a and b?", "fci"),
        ("Is there a common cause of a and b?", "auto"),
    ):
        asked = {"kind": "confounder", "treatment": "a", "outcome": "b", "text": text}
        assert next_calls(read_state(history(asked, PROFILE)))[0][1].get("method", "auto") == method


def test_the_contrast_and_the_quantity_are_handed_on() -> None:
    asked = {
        **EFFECT,
        "contrast": {"control": 1, "treated": 3},
        "quantity": "ATT",
        "assume": True,
        "method": "ipw",
    }
    given = chosen(asked, PROFILE, knowledge=ROLES)[0][1]
    assert given == {**PAIR, "control_value": 1, "treated_value": 3, "quantity": "ATT", "assume": True}
    assert chosen(asked, PROFILE, IDENTIFIED, knowledge=ROLES)[0][1]["method"] == "ipw"


def test_a_thorough_analysis_learns_a_graph_beside_the_roles() -> None:
    done = (
        PROFILE,
        IDENTIFIED,
        ("estimate", {"identification": "t2"}, {"effect": 1.5}),
        ("refute", {"estimate": "t3"}, {"verdict": "supported"}),
    )
    asked = chosen(EFFECT, *done, knowledge=ROLES, thorough=True)
    assert asked == [("discover", {"method": "auto", "columns": ["quit", "gain", "age"]})]
    then = chosen(EFFECT, *done, LEARNED, knowledge=ROLES, thorough=True)
    assert then == [("structure", {"question": "adjustment", "a": "quit", "b": "gain", "graph": "table@1"})]


def test_independence_is_tested_on_the_data() -> None:
    asked = {"kind": "independence", "treatment": "quit", "outcome": "gain", "given": ["age"]}
    assert chosen(asked) == [("independence", {"a": "quit", "b": "gain", "given": ["age"]})]
    assert chosen(asked, ("independence", {}, {"answer": "no"})) == []


@pytest.mark.parametrize("kind", STRUCTURE)
def test_structure_is_read_from_the_graph_in_force(kind: str) -> None:
    asked = {"kind": kind, "treatment": "quit", "outcome": "gain"}
    assert chosen(asked)[0][0] == "discover"
    call = ("structure", {"question": kind, "a": "quit", "b": "gain", "graph": "table@1"})
    assert chosen(asked, LEARNED) == [call]
    assert chosen(asked, given_graph="mine@1")[0][1]["graph"] == "mine@1"


def test_a_later_question_reads_the_graph_learned_before() -> None:
    messages = history({"kind": "graph"}, PROFILE, LEARNED)
    asked = {"kind": "confounder", "treatment": "quit", "outcome": "gain"}
    messages += [AIMessage("done"), HumanMessage(json.dumps({"type": QUESTION, "v": 1, "question": asked}))]
    tool, args = next_calls(read_state(messages))[0]
    assert (tool, args["graph"]) == ("structure", "table@1")


def test_drivers_and_exploration() -> None:
    drivers = {"kind": "drivers", "outcome": "gain"}
    assert chosen(drivers, LEARNED) == [("drivers", {"outcome": "gain", "graph": "table@1"})]
    assert chosen({"kind": "explore"}, PROFILE, bootstrap=30)[0] == (
        "discover", {"method": "auto", "bootstrap": 30},
    )  # fmt: skip
    assert chosen({"kind": "explore"}, PROFILE, LEARNED) == [("survey", {"graph": "table@1"})]


def test_a_tool_that_is_not_there_is_not_called() -> None:
    assert chosen(EFFECT, knowledge=ROLES, tools=["identify"])[0][0] == "identify"


def test_every_rule_is_told_to_models() -> None:
    text = protocol_text()
    assert text.count("\n") == len(RULES) - 1
    assert all(r.says in text and r.reason in text for r in RULES)


# --- prose

_VALUES: dict[str, dict[str, Any]] = {
    "t1": {
        "status": "identified", "strategy": "Conditional Exogeneity", "controls": 2, "control.1": "age",
        "control.2": "sex", "excluded": 5, "verdict": "not_identified", "blocking_path": "a <-- u --> b",
        "would_help.1": "measure `u`", "would_help.2": "randomise a", "basis": "roles",
    },
    "t2": {
        "effect": 3.4, "direction": "increases", "quantity": "ATE", "population": "all rows", "n_used": 1566,
        "contrast.control": 0, "contrast.treated": 1, "difference_in_means": 2.5,
        "estimate.1": 3.4, "estimate.1.method": "aipw", "estimate.1.quantity": "ATE",
        "estimate.2": 3.3, "estimate.2.method": "regression", "estimate.2.quantity": "ATE",
        "estimate.3": 2.3, "estimate.3.method": "ipw", "estimate.3.quantity": "ATT", "estimate.3.supported": False,
    },
    "t3": {
        "verdict": "supported", "checks": 10, "passed": 7, "warned": 1, "failed": 0, "check.1": "overlap",
        "check.1.status": "warn", "robustness_value": 0.12, "benchmark": "age", "benchmark.strength": 0.03,
        "e_value": 1.9,
    },
    "t4": {
        "method": "pc", "edges": 9, "graph": "x@1", "nodes": 10, "directed": 3, "undirected": 6,
        "runner_up": "boss", "agreement": 0.8, "edge.1": "a --> b",
    },
    "t5": {
        "answer": "yes", "name.1": "age", "graph": "x@1", "path": "a <-- c --> b", "test": "fisher_z",
        "statistic": 2.3, "p_value": 0.01, "n": 100, "alpha": 0.05,
    },
    "t6": {"graph": "x@1", "rank.1": "a", "rank.1.strength": 0.3, "rank.1.path": "a --> b", "count": 1},
    "t7": {"effect.1": "a → b given c"},
    "t9": {
        "answer": "yes", "graph": "x@1", "implied": 4, "tested": 4, "n": 100, "contradicted": 1, "alpha": 0.05,
        "contradiction.1": "a and b given c", "contradiction.1.strength": 0.3, "contradiction.1.p_value": 0.01,
        "needless.1": "a --> c", "needless.1.p_value": 0.4, "relabelings": 5, "share": 0.2, "violations": 1,
        "usual": 2.5,
    },
    "t10": {
        "domain": "c", "domains": 3, "tested": 2, "n": 100, "changed": 1, "open": 0, "same": 1, "graph": "x@1",
        "changed.1": "a", "changed.1.p_value": 0.01, "changed.1.causes": "b", "changed.1.how": "spread",
        "same.1": "b", "same.1.p_value": 0.6, "same.1.causes": "nothing",
    },
    "t8": {
        "direction": "a --> b", "cause": "a", "effect": "b", "model": "additive", "why": "it fits", "n": 100,
        "assumption.1": "no hidden column",
        "model.1": "additive", "model.1.forward": 0.4, "model.1.backward": 0.001,
    },
}  # fmt: skip
_TOOL = dict(
    zip(
        _VALUES,
        (
            "identify",
            "estimate",
            "refute",
            "discover",
            "structure",
            "drivers",
            "survey",
            "falsify",
            "changes",
            "direction",
        ),
        strict=True,
    )
)


def _fact(key: str, value: Any) -> Fact:
    number = isinstance(value, float)
    return Fact(
        key, value, unit="kg" if key == "effect" else "", format=".2f" if number else "",
        low=1.0 if number else None, high=5.0 if number else None,
    )  # fmt: skip


FACTS = {call: {k: _fact(k, v) for k, v in values.items()} for call, values in _VALUES.items()}
FACTS["t2"]["event"] = _fact("event", "dead")
FACTS["t1"]["forced.1"] = _fact("forced.1", "age")
NAMES = {"a", "b", "c", "age", *TOOLS}


def made(call: str, tool: str = "", **changes: Any) -> Done:
    return Done(call, tool or _TOOL[call], {}, True, {**_VALUES[call], **changes})


def stood(kind: QuestionKind, *done: Done, **question: Any) -> State:
    asked = Question(kind, treatment="a", outcome="b", **question)
    brief = Brief(asked, read_state(history({"kind": "unclear"}, columns=("a", "b"))).brief.knowledge,
                  read_state(history({"kind": "unclear"}, columns=("a", "b"))).brief.profile, TOOLS)  # fmt: skip
    return State(brief, asked, done)


BROKEN = Done("t1", "identify", {}, False, kind="tool_failed", error="7 of 9 broke")
STATES = {
    "effect": stood("effect", *(made(f"t{i}") for i in range(1, 6)), contrast=Contrast(0, 1)),
    "no adjustment in the learned graph": stood(
        "effect", *(made(f"t{i}") for i in range(1, 5)), made("t5", answer="uncertain")
    ),
    "refused": stood("effect", made("t1", status="not_identified"), made("t4")),
    "assumed, untested": stood("effect", made("t1", status="assumed", basis="none", controls=0), made("t2")),
    "assumed against the graph": stood(
        "effect", made("t1", status="assumed", basis="graph", blocking_path="t <-- u --> y"), made("t2")
    ),
    "forced": stood(
        "effect",
        made("t1", status="assumed", blocking_path="", **{"forced.1": "age"}),
        made("t2"),
        made("t3"),
    ),
    "two levels": stood("effect", made("t1"), made("t2", event="dead"), made("t3")),
    "estimate failed": stood("effect", made("t1"), Done("t2", "estimate", {}, False)),
    "nothing worked": stood("effect", BROKEN),
    "nothing done": stood("effect"),
    "independence": stood("independence", made("t5", "independence"), given=("c",)),
    **{k: stood(k, made("t5"), made("t4")) for k in STRUCTURE},  # type: ignore[arg-type]
    "domains": stood("domains", made("t10")),
    "falsify": stood("falsify", made("t9")),
    "falsify, learned": stood("falsify", made("t4"), made("t9")),
    "effect, graph held against the data": stood("effect", made("t9"), *(made(f"t{i}") for i in range(1, 4))),
    "direction": stood("direction", made("t8")),
    "direction beside a graph": stood("direction", made("t8"), made("t5")),
    "no direction": stood(
        "direction",
        Done(
            "t8",
            "direction",
            {},
            True,
            {k: _VALUES["t8"][k] for k in ("direction", "why", "n", "assumption.1")},
        ),
    ),
    "drivers": stood("drivers", made("t6")),
    "no drivers": stood("drivers", Done("t6", "drivers", {}, True, {"graph": "x@1"})),
    "graph": stood("graph", made("t4")),
    "survey": stood("explore", made("t4"), made("t7")),
    "empty survey": stood("explore", made("t4")),
    "unclear": stood("unclear"),
}


@pytest.mark.parametrize("state", STATES.values(), ids=STATES.keys())
def test_prose_holds_no_claim_without_a_source(state: State) -> None:
    text = narrative.write(state)
    assert find_faults(text, FACTS, NAMES) == ()
    assert text_of(render(text, FACTS, NAMES)).strip()


def test_an_estimate_is_never_told_where_the_effect_is_not_identified() -> None:
    text = narrative.write(stood("effect", made("t1", status="not_identified"), made("t2"), made("t3")))
    assert "{t2." not in text
    assert "{t1.verdict}" in text


def test_one_of_a_thing_is_told_in_the_singular() -> None:
    text = narrative.write(
        stood("effect", made("t1", controls=1, excluded=1), made("t2"), made("t3"), made("t4", edges=1))
    )
    assert "{t1.controls} control:" in text
    assert "{t1.excluded} column is left out, with its reason" in text
    assert "{t4.edges} edge)" in text


def test_a_stated_number_that_is_not_supported_is_not_said_to_carry_no_verdict() -> None:
    beside = narrative.write(stood("effect", made("t1"), made("t2"), made("t3")))
    assert "{t2.estimate.3.quantity} would need rows" in beside
    stated = narrative.write(
        stood("effect", made("t1"), made("t2", "estimate", **{"estimate.1.supported": False}), made("t3"))
    )
    assert "carries no verdict" not in stated
    assert "rests in part on a model" in stated


def test_a_corrected_p_value_says_so() -> None:
    several = stood("independence", made("t5", "independence", tests=2))
    assert "{t5.p_value} after correction for {t5.tests} tests" in narrative.write(several)
    assert "correction" not in narrative.write(stood("independence", made("t5", "independence", tests=1)))


@pytest.mark.parametrize(
    ("name", "told"),
    [("age", "`age` is such"), ("c", "Whether `c` is such"), ("d", "`d` is no such column in this graph")],
)
def test_a_candidate_is_spoken_of(name: str, told: str) -> None:
    read = made("t5", "structure", **{"possible.1": "c"})
    assert told in narrative.write(stood("mediator", read, columns=(name,)))


def test_prose_tells_which_level_is_counted() -> None:
    assert "is the value {t2.event}." in narrative.write(STATES["two levels"])
    assert "t2.event" not in narrative.write(STATES["effect"])


def test_prose_tells_what_was_assumed_away_and_what_was_forced() -> None:
    against, forced = (narrative.write(STATES[name]) for name in ("assumed against the graph", "forced"))
    assert "{t1.blocking_path}" in against
    assert "by request" in against
    assert "{t1.forced.1}" in forced
    assert "measured before the treatment" not in against + forced


def test_prose_is_only_about_the_question() -> None:
    """What a model looked at beside the question, and earlier turns that this one repeats, stay out."""
    aside = ("identify", {"treatment": "age", "outcome": "gain"}, _VALUES["t1"])
    own = ("identify", PAIR, _VALUES["t1"])
    state = read_state(history(EFFECT, own, ("estimate", {"identification": "t1"}, _VALUES["t2"]), aside,
                               ("estimate", {"identification": "t3"}, _VALUES["t2"])))  # fmt: skip
    text = narrative.write(state.for_narrative())
    assert "{t2.effect.with_unit}" in text
    assert "{t3." not in text
    assert "{t4." not in text


def test_an_earlier_turn_speaks_where_this_one_has_nothing() -> None:
    messages = history(
        EFFECT, ("identify", PAIR, _VALUES["t1"]), ("estimate", {"identification": "t1"}, _VALUES["t2"])
    )
    again = HumanMessage(json.dumps({"type": QUESTION, "v": 1, "question": EFFECT}))
    state = read_state([*messages, AIMessage("done"), again])
    assert state.done == ()
    assert "{t2.effect.with_unit}" in narrative.write(state.for_narrative())


def test_names_that_prose_cannot_hold_are_written_as_models_are_shown_them() -> None:
    asked = Question("effect", treatment="do`se {x}", outcome="b\u200b <i>")
    text = narrative.write(State(STATES["effect"].brief, asked, (made("t1"), made("t2"))))
    assert find_faults(text, FACTS, {"dose x", "b i"}) == ()


# --- in a loop


def dialogue(streamed: bool) -> list[BaseMessage]:
    """The expert in the loop, over tools that are made up."""
    facts = {
        "identify": {"status": "identified"},
        "estimate": {"effect": 1.5},
        "refute": {"verdict": "supported"},
    }

    def act(call: str, name: str, args: Mapping[str, Any]) -> Any:
        from types import SimpleNamespace

        from causalcopilot.toolkit.result import Result

        content = json.dumps({"call": call, "tool": name, "ok": True, "facts": facts.get(name, {})})
        return SimpleNamespace(
            ok=True, result=Result("done"), error=None, seconds=0.0, content=content, graphs=()
        )

    offered = [
        {"type": "function", "function": {"name": n, "description": "", "parameters": {
            "type": "object", "required": [],
            "properties": {k: {} for k in ("treatment", "outcome", "identification", "estimate")}}}}
        for n in TOOLS
    ]  # fmt: skip
    messages = history(EFFECT, knowledge=ROLES)
    numbers = iter(range(1, 100))
    expert = Expert(disable_streaming=not streamed)
    list(
        loop.run(
            expert, messages, FakeToolbox(act=act, offered=offered), next_call=lambda: f"t{next(numbers)}"
        )
    )
    return messages


def test_the_loop_is_the_same_streamed_and_not() -> None:
    streamed, whole = dialogue(True), dialogue(False)
    assert [m.model_dump() for m in streamed] == [m.model_dump() for m in whole]
    called = [c["name"] for m in whole if isinstance(m, AIMessage) for c in m.tool_calls]
    assert called == ["profile", "identify", "estimate", "refute"]
    assert whole[-1].text.startswith("The estimated effect of `quit` on `gain`")


def test_an_answer_is_a_function_of_the_history_alone() -> None:
    messages = history(EFFECT, PROFILE, knowledge=ROLES)
    once, again = Expert().invoke(messages), Expert().invoke(messages)
    assert (once.content, once.tool_calls) == (again.content, again.tool_calls)
    whole: Any = None
    for chunk in Expert().stream(messages):
        whole = chunk if whole is None else whole + chunk
    assert isinstance(whole, AIMessageChunk)
    assert [(c["name"], c["args"]) for c in whole.tool_calls] == [
        (c["name"], c["args"]) for c in once.tool_calls
    ]
    assert once.usage_metadata is not None
    assert once.usage_metadata["total_tokens"] == 0
