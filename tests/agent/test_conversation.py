"""Conversations with a scripted model in process: what is kept, what counts as an answer, what a limit leaves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from causalcopilot.agent import ending
from causalcopilot.agent.case import Case, complete
from causalcopilot.agent.citing import earlier_calls
from causalcopilot.agent.conversation import Conversation
from causalcopilot.agent.events import Event, Noted, Retried, RunFinished
from causalcopilot.agent.plan import Plan
from causalcopilot.agent.replay import replay
from causalcopilot.agent.session import Session, spoken_hint
from causalcopilot.agent.topic import carries_over, on_topic
from causalcopilot.agent.turn import Turn
from causalcopilot.domain.question import Question
from causalcopilot.domain.run import CallRecord, RunRecord
from causalcopilot.errors import ColumnNotFound, Interrupted, ModelError, ToolTimeout
from causalcopilot.report.findings import read_run
from causalcopilot.settings import load_settings
from causalcopilot.testing import Reply, ScriptedModel, calls
from causalcopilot.toolkit.registry import Problem
from tests.agent.tables import smoking

INDEPENDENT = Question("independence", treatment="age", outcome="sex", closed=True)
TEST = calls(("independence", {"a": "age", "b": "sex"}))
OTHER = calls(("independence", {"a": "gain", "b": "quit"}))
SAID = "Answer: {t1.answer}, with a p-value of {t1.p_value}."


@pytest.fixture
def open_session(warm_worker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """``open_session(max_steps=3)``: a session and a case over the shared worker, with a model of one's own."""

    class Handle:
        def start(self) -> None:
            warm_worker.start()

        def call(self, *args: Any) -> Any:
            return warm_worker.call(*args)

        def close(self) -> None:
            """It is shared."""

    monkeypatch.setattr("causalcopilot.toolkit.worker.Worker", lambda **given: Handle())
    sessions: list[Session] = []

    def make(**flags: Any) -> tuple[Session, Case]:
        session = Session(
            load_settings({"model": "scripted", "memory": tmp_path / "m.duckdb", **flags}, start=tmp_path)
        )
        sessions.append(session)
        return session, session.open(str(smoking(tmp_path)))

    yield make
    for session in sessions:
        session.close()


def ask(conversation: Conversation, question: Question) -> tuple[Turn, list[Event]]:
    plan = Plan("ask")
    events = list(conversation.ask(complete(question, conversation.case), plan))
    assert conversation.turn is not None
    return conversation.turn, events


def scripted(open_session: Any, *script: Any, **flags: Any) -> tuple[Conversation, ScriptedModel]:
    model = ScriptedModel(script=list(script))
    session, case = open_session(**flags)
    return Conversation(session, case, model), model


def test_an_answer_that_checks(open_session: Any) -> None:
    conversation, _ = scripted(open_session, TEST, SAID)
    turn, events = ask(conversation, INDEPENDENT)
    assert turn.error is None
    assert turn.answer.answer in ("yes", "no")
    assert turn.answer.evidence == ("t1",)
    assert (turn.run.author, turn.run.status, turn.run.narrative) == ("scripted", "done", SAID)
    assert turn.run.tokens == 240
    last = events[-1]
    assert isinstance(last, RunFinished)
    assert last.exit == 0


def test_tools_that_cannot_be_loaded_are_told_before_anything_runs(open_session: Any) -> None:
    conversation, _ = scripted(open_session, TEST, SAID)
    session = conversation.session
    broken = Problem("scores", "cannot be loaded: ImportError: no module named 'scores'")
    session.registry = replace(session.registry, problems=(broken,))
    _, events = ask(conversation, INDEPENDENT)
    told = [e.message for e in events if isinstance(e, Noted) and e.code == "tools"]
    assert told == [broken.told]
    assert "'scores' are left out" in told[0]


def test_a_test_of_other_columns_is_no_answer(open_session: Any) -> None:
    conversation, model = scripted(open_session, OTHER, SAID, TEST, "Answer: {t2.answer}.")
    turn, events = ask(conversation, INDEPENDENT)
    assert turn.answer.evidence == ("t2",)
    assert [e.why for e in events if isinstance(e, Retried)] == ["the model stopped before independence"]
    assert "independence" in model.seen[2][-1].text


def test_without_the_test_there_is_no_answer_but_an_error(open_session: Any) -> None:
    conversation, _ = scripted(open_session, OTHER, SAID, SAID)
    turn, events = ask(conversation, INDEPENDENT)
    assert turn.answer.answer is None
    assert isinstance(turn.error, ModelError)
    assert turn.run.status == "failed"
    assert isinstance(events[-1], RunFinished)
    assert events[-1].exit == 6


def test_a_question_nobody_understood_is_the_models_to_answer(open_session: Any) -> None:
    conversation, _ = scripted(open_session, "Which columns do you mean?")
    turn, _ = ask(conversation, Question("unclear", text="hm?"))
    assert (turn.error, turn.run.author) == (None, "scripted")


def test_refused_calls_are_kept_and_not_replayed(open_session: Any) -> None:
    wrong = [
        calls(("nonsense", {})),
        calls(("independence", {"a": "agee", "b": "sex"})),
        calls(("independence", '{"a": "age"')),
    ]
    conversation, _ = scripted(open_session, *wrong, TEST, TEST, TEST, "Answer: {t4.answer}.")
    turn, _ = ask(conversation, INDEPENDENT)
    kinds = [(c.error or {}).get("kind") for c in turn.run.calls]
    assert kinds == ["unknown_tool", "invalid_call", "malformed", None, None, "repeated"]
    assert kinds[0] in ending.REFUSED
    stored = conversation.session.memory.messages(turn.run.id)
    assert sum(m["type"] == "tool" for m in stored) == len(turn.run.calls)  # each is stored once
    ran: list[str] = []

    class Box:
        def specs(self) -> list[dict[str, Any]]:
            return []

        def check(self, name: str, args: Mapping[str, Any]) -> str | None:
            return None

        def run(self, call_id: str, name: str, args: Mapping[str, Any]) -> Any:
            ran.append(call_id)
            return turn_outcome(turn, call_id)

    assert all(r.same for r in replay(turn.run.calls, Box()))
    assert ran == ["t4", "t5"]


def turn_outcome(turn: Turn, call: str) -> Any:
    from types import SimpleNamespace

    result = next(f.result for f in read_run(turn.run).found if f.call.id == call)
    return SimpleNamespace(ok=True, result=result, graphs=(), error=None)


def test_the_next_turn_closes_what_an_interrupt_left_open(open_session: Any) -> None:
    def interrupt(messages: Any) -> Any:
        raise KeyboardInterrupt

    conversation, model = scripted(open_session, TEST, SAID, TEST, "Answer: {t3.answer}.")
    ask(conversation, INDEPENDENT)
    conversation.messages.append(
        AIMessage(
            "", tool_calls=[{"name": "independence", "args": {}, "id": "t00000002", "type": "tool_call"}]
        )
    )
    conversation.calls = 2
    turn, _ = ask(conversation, INDEPENDENT)
    assert turn.error is None
    sent = model.seen[2]
    assert isinstance(sent[-2], ToolMessage)
    assert sent[-2].tool_call_id == "t00000002"
    assert isinstance(sent[-1], HumanMessage)


def test_an_interrupt_keeps_the_run(open_session: Any) -> None:
    def stop(messages: Any) -> Any:
        raise KeyboardInterrupt

    conversation, _ = scripted(open_session, TEST, stop)
    with pytest.raises(Interrupted):
        ask(conversation, INDEPENDENT)
    run = conversation.session.memory.run("last")
    assert run.status == "interrupted"
    assert [c.id for c in run.calls] == ["t1"]


def test_a_later_turn_holds_what_it_cites(open_session: Any) -> None:
    conversation, _ = scripted(
        open_session, TEST, SAID, "As before: {t1.answer}.", OTHER, "Answer: {t2.answer}, {t1.answer}."
    )
    ask(conversation, INDEPENDENT)
    second, _ = ask(conversation, INDEPENDENT)
    assert [c.id for c in second.run.calls] == ["t1"]
    assert second.answer.evidence == ("t1",)
    third, _ = ask(conversation, Question("independence", treatment="quit", outcome="gain"))
    assert [c.id for c in third.run.calls] == ["t1", "t2"]
    assert third.answer.evidence == ("t2",)
    stored = conversation.session.memory.messages(third.run.id)
    assert sum(m["type"] == "tool" for m in stored) == 1  # the cited call's message stays where it was


def test_limits_are_for_the_whole_question(open_session: Any) -> None:
    """Mending an answer starts no new allowance of steps."""
    invented = "It is 7."
    conversation, model = scripted(open_session, TEST, invented, TEST, OTHER, OTHER, max_steps=3)
    turn, events = ask(conversation, INDEPENDENT)
    assert len(model.seen) == 3
    assert (turn.run.author, turn.run.status) == ("expert", "done")
    assert "{t2.answer}" in turn.narrative
    assert [e.code for e in events if isinstance(e, Noted)][-1] == "narrative"


def test_a_limit_is_told(open_session: Any) -> None:
    conversation, _ = scripted(open_session, TEST, OTHER, max_steps=2)
    turn, events = ask(conversation, INDEPENDENT)
    assert (turn.reason, turn.run.status, turn.error) == ("step_limit", "limit", None)
    assert turn.answer.evidence == ("t1",)
    assert [e.message for e in events if isinstance(e, Noted)][-1] == ending.STOPPED["step_limit"]


def test_a_prompt_that_is_only_shown_leaves_nothing(open_session: Any) -> None:
    session, case = open_session(model="expert")
    conversation = Conversation(session, case)
    body = conversation.request(complete(INDEPENDENT, case), Plan("ask"))
    assert body["model"] == "expert"
    assert [m["role"] for m in body["messages"]] == ["system", "user"]
    assert len(body["tools"]) == len(list(session.registry))
    assert conversation.messages == []
    assert session.memory.runs() == []


def test_odd_column_names_pass_the_check(open_session: Any, tmp_path: Path) -> None:
    """A model is shown cleaned names and may write them; so does the expert."""
    odd = tmp_path / "odd.csv"
    lines = smoking(tmp_path).read_text().splitlines()
    odd.write_text("\n".join(["age {y},`sex`,quit,gain,after,clinic", *lines[1:]]))
    for model in ("scripted", "expert"):
        session, _ = open_session(model=model, memory=tmp_path / f"{model}.duckdb")
        case = session.open(str(odd))
        asked = complete(Question("independence", treatment="age {y}", outcome="`sex`"), case)
        script = [
            calls(("independence", {"a": "age {y}", "b": "`sex`"})),
            "Of `age y` and `sex`: {t1.answer}.",
        ]
        own = ScriptedModel(script=script) if model == "scripted" else None
        conversation = Conversation(session, case, own)
        turn, _ = ask(conversation, asked)
        assert turn.run.author == model
        assert "`age y`" in turn.narrative


# --- parts


def call(name: str, tool: str, ok: bool = True, kind: str = "", **args: Any) -> CallRecord:
    error = None if ok else {"kind": kind, "message": "it went wrong", "hint": "do this"}
    return CallRecord(name, tool, args, ok, error=error)


PAST = {
    c.id: c
    for c in (
        call("t1", "profile"),
        call("t2", "identify", treatment="x", outcome="y"),
        call("t3", "estimate", identification="t2"),
        call("t4", "refute", estimate="t3"),
        call("t5", "estimate", identification="t2", method="ipw"),
    )
}


@pytest.mark.parametrize(
    ("text", "own", "found"),
    [
        ("nothing", (), []),
        ("{t1.rows} rows", (), ["t1"]),
        ("{ t3.effect.interval:.2f}", (), ["t2", "t3", "t4"]),
        ("{t5.effect}", (), ["t2", "t5"]),
        ("{t4.verdict}", (), ["t2", "t3", "t4"]),
        ("{t9.effect}", (), []),
        ("", (call("t9", "estimate", identification="t2"),), ["t2"]),
    ],
)
def test_what_a_turn_stands_on(text: str, own: tuple[CallRecord, ...], found: list[str]) -> None:
    assert [c.id for c in earlier_calls(text, own, PAST)] == found


def test_which_calls_are_about_an_effect() -> None:
    done = [
        ("t1", "profile", {}),
        ("t2", "identify", {"treatment": "x", "outcome": "y"}),
        ("t3", "identify", {"treatment": "y", "outcome": "x"}),
        ("t4", "estimate", {"identification": "t2"}),
        ("t5", "estimate", {"identification": "t3"}),
        ("t6", "refute", {"estimate": "t4"}),
        ("t7", "refute", {"estimate": "t5"}),
        ("t8", "structure", {"question": "adjustment", "a": "x", "b": "y"}),
        ("t9", "structure", {"question": "confounder", "a": "x", "b": "y"}),
    ]
    asked = Question("effect", treatment="x", outcome="y")
    assert on_topic(asked, done) == {"t1", "t2", "t4", "t6", "t8"}
    assert on_topic(Question("explore"), done) >= {"t2", "t3", "t4", "t5"}


@pytest.mark.parametrize("odd", [{"t1": 1}, ["t1", {}], 5, None, True])
def test_arguments_of_any_shape_are_about_nothing(odd: Any) -> None:
    keys = ("treatment", "identification", "estimate", "modifiers", "a", "b", "given", "question", "cause")
    tools = ("identify", "estimate", "refute", "heterogeneity", "structure", "independence", "intervene")
    for kind in ("effect", "subgroups", "independence", "confounder", "intervention"):
        asked = Question(kind, treatment="x", outcome="y")  # type: ignore[arg-type]
        done = [(f"t{i}", tool, dict.fromkeys(keys, odd)) for i, tool in enumerate(tools, 2)]
        assert {"t2", "t3"}.isdisjoint(on_topic(asked, done))


@pytest.mark.parametrize(
    ("kind", "args", "counts"),
    [
        ("confounder", {"question": "confounder", "a": "y", "b": "x"}, True),
        ("mediator", {"question": "mediator", "a": "y", "b": "x"}, False),
        ("mediator", {"question": "mediator", "a": "x", "b": "y"}, True),
        ("collider", {"question": "confounder", "a": "x", "b": "y"}, False),
    ],
)
def test_which_calls_are_about_a_structure(kind: Any, args: dict[str, str], counts: bool) -> None:
    asked = Question(kind, treatment="x", outcome="y")
    assert ("t1" in on_topic(asked, [("t1", "structure", args)])) == counts


def test_which_calls_are_about_an_independence() -> None:
    asked = Question("independence", treatment="x", outcome="y", given=("z", "w"))
    same, less = {"a": "y", "b": "x", "given": ["w", "z"]}, {"a": "x", "b": "y", "given": ["z"]}
    assert on_topic(asked, [("t1", "independence", same), ("t2", "independence", less)]) == {"t1"}


def test_a_look_into_differences_is_about_its_columns_and_its_group() -> None:
    asked = Question("subgroups", treatment="x", outcome="y", modifiers=("sex",), among=("sex", "1"))
    done: list[tuple[str, str, dict[str, Any]]] = [
        ("t1", "identify", {"treatment": "x", "outcome": "y"}),
        ("t2", "heterogeneity", {"identification": "t1", "modifiers": ["sex"]}),
        ("t3", "heterogeneity", {"identification": "t1", "modifiers": ["age"]}),
    ]
    assert on_topic(asked, done) == {"t1", "t2"}
    assert carries_over("heterogeneity", asked, replace(asked, aspect="size"))
    for other in (("sex", "0"), ("sex", "1 or more"), ()):
        assert not carries_over("heterogeneity", asked, replace(asked, among=other))
    assert carries_over("estimate", asked, replace(asked, among=("sex", "0")))


def run_of(*made: CallRecord, model: str = "scripted") -> Any:
    asked = Question("effect", treatment="x", outcome="y")
    return read_run(RunRecord("r1", "ask", asked, "d", "h", 1, 1, model=model, calls=made))


@pytest.mark.parametrize(
    ("made", "reason", "model", "error"),
    [
        ((), "answer", "scripted", ModelError),
        ((), "repeating", "scripted", ModelError),
        ((), "step_limit", "scripted", type(None)),
        ((), "answer", "expert", type(None)),
        ((call("t1", "identify", False, "column_not_found"),), "answer", "expert", ColumnNotFound),
        ((call("t1", "identify", False, "invalid_call"),), "answer", "scripted", ModelError),
        ((call("t1", "estimate", False, "tool_timeout"),), "step_limit", "scripted", ToolTimeout),
    ],
)
def test_what_kept_a_question_from_being_answered(
    made: tuple[CallRecord, ...], reason: str, model: str, error: type
) -> None:
    findings = run_of(*made, model=model)
    assert ending.missing(findings.run.question, findings) == "identify"
    found = ending.failure(findings.run.question, findings, reason)
    assert type(found) is error
    if found is not None:
        assert found.hint


@pytest.mark.parametrize(
    ("environment", "model", "spoken"),
    [
        ({"OPENAI_API_KEY": "sk-x"}, "expert", True),
        ({"CCP_API_KEY": "sk-x"}, "expert", True),
        ({"OPENAI_API_KEY": "sk-x"}, "openai:m", False),
        ({}, "expert", False),
    ],
)
def test_a_key_that_is_not_used_is_spoken_of(environment: dict[str, str], model: str, spoken: bool) -> None:
    assert bool(spoken_hint(environment, model)) == spoken


def test_an_empty_reply_twice_is_no_answer(open_session: Any) -> None:
    conversation, _ = scripted(open_session, TEST, Reply(""), Reply(""))
    turn, _ = ask(conversation, INDEPENDENT)
    assert (turn.reason, turn.run.status, turn.run.author) == ("no_answer", "limit", "expert")
    assert turn.answer.evidence == ("t1",)
