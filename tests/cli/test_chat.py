"""The conversation at the command line, typed lines in and printed lines out, with the built-in expert alone."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.cli.chat.registry import commands, docs
from causalcopilot.memory.memory import Memory
from tests.agent.tables import smoking
from tests.cli.conftest import Ccp, Ran

Chat = Callable[..., Ran]
TESTED = "Are age and quit independent given sex?"
README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
ISSUE = (
    "help data graph edges do why tools run undo forbid require save load report model cost prompt privacy retry"
    " clear quit"
).split()


@pytest.fixture
def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chat:
    """``chat("a question", "/undo")``: what a person types, line by line, in a folder with one small table."""
    table = smoking(tmp_path)

    def talk(*lines: str, words: tuple[str, ...] = ()) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        ran = ccp("chat", *(words or (str(table),)), "--memory", str(tmp_path / "m.duckdb"))
        assert ran.code == 0, ran.err
        return ran

    return talk


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "m.duckdb")


def flat(text: str) -> str:
    return " ".join(text.split())


def test_one_registry_makes_help_completion_and_docs(chat: Chat) -> None:
    known = commands()
    assert set(ISSUE) <= set(known)
    ran = chat("/help")
    for command in known.values():
        assert re.search(rf"^/{command.name}\b", ran.out, re.M), command.name
        assert command.help
        assert "\n" not in command.help
    missing = [row for row in docs() if row not in README]
    assert not missing, "README lacks:\n" + "\n".join(missing)
    listed = re.findall(r"^\| `/(\w+)", README, re.M)
    assert listed == list(known)


def test_a_wrong_command_names_the_nearest_and_ends_nothing(chat: Chat) -> None:
    ran = chat("/grpah", "/data nonsense", "/help forbid", "/nothing at all")
    assert "did you mean /graph?" in ran.err
    assert "no column matches 'nonsense'" in ran.err
    assert "/forbid A B" in ran.out
    assert "no command '/nothing'" in ran.err


def test_looking_changes_nothing(chat: Chat, memory: Memory) -> None:
    looks = (
        "/data",
        "/data age",
        "/tools",
        "/tools discover",
        "/tools pc",
        "/run",
        "/cost",
        "/model",
        "/privacy",
        "/graph list",
    )
    ran = chat(*looks, "/edges", "/why", "/report", "/undo", "/retry")
    assert "600 rows" in ran.out
    assert "discover (discovery)" in ran.out
    assert "pc (method of discover)" in ran.out
    assert "0 tokens" in ran.out
    assert "nothing leaves this machine" in ran.out
    assert ran.err.count("error:") == 6  # nothing to run, show, explain, report, take back or repeat
    assert memory.runs() == []


def test_undo_takes_back_the_turn_and_the_graphs_it_saved(chat: Chat, memory: Memory) -> None:
    ran = chat("draw the causal graph", "/graph", "/edges", "/undo", "/graph list", "/undo", "/graph")
    assert "smoking@1" in ran.out
    assert "learned from the data" in ran.out
    assert "taken back: the question 'draw the causal graph', with smoking@1" in flat(ran.out)
    assert "no graphs yet" in ran.out
    assert "nothing to take back" in ran.err
    assert (memory.graphs(), memory.runs()[0].status) == ([], "undone")
    memory.restore_run("last")
    assert [h.id for h in memory.graphs()] == ["smoking@1"]


def test_an_interrupted_turn_is_kept_and_can_be_taken_back(
    chat: Chat, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("causalcopilot.agent.conversation.Conversation._narrative", stop)
    ran = chat("draw the causal graph of age and gain")
    assert "stopped; what was finished is kept" in ran.err
    assert (memory.runs()[0].status, [h.id for h in memory.graphs()]) == ("interrupted", ["smoking@1"])


def test_a_chat_that_was_stopped_goes_on_and_takes_back(chat: Chat, memory: Memory) -> None:
    chat("draw the causal graph of age and gain")
    run = memory.runs()[0].id
    memory.finish_run(run, "running")  # as a killed process leaves it
    ran = chat("/undo", words=("-c",))
    assert "with smoking@1" in flat(ran.out)
    assert (memory.runs()[0].status, memory.graphs()) == ("undone", [])


def test_no_group_is_told_where_the_effect_is_not_identified(chat: Chat, memory: Memory) -> None:
    hidden = "/graph dag { u [latent] u -> quit u -> gain quit -> gain }"
    ran = chat(hidden, "what is the effect of quit on gain?", "by sex")
    assert "read as: effect of quit on gain, by sex" in flat(ran.err)
    assert {c.tool for r in memory.runs() for c in memory.run(r.id).calls}.isdisjoint(
        {"estimate", "heterogeneity"}
    )


def test_after_undo_a_follow_up_builds_on_the_turn_before(chat: Chat, memory: Memory) -> None:
    chat(TESTED, "and given gain?", "/undo", "and given after?")
    assert [r.status for r in memory.runs()] == ["done", "undone", "done"]
    newest, undone, first = memory.runs()
    assert newest.question.given == ("sex", "after")
    assert undone.question.given == ("sex", "gain")
    assert (newest.parent, undone.parent) == (first.id, first.id)
    assert [c.id for c in memory.run(newest.id).calls] == ["t3"]  # numbers run on and are never used again


def test_forbidden_and_required_edges_reach_the_next_search(chat: Chat, memory: Memory) -> None:
    asked = "draw the causal graph of age, gain and after"
    ran = chat(
        asked, "/forbid gain after", asked, "/require age -> after", asked, "/undo", "/undo", "/undo", asked
    )
    first, second, third, fourth = (memory.graph(f"smoking@{i}", undone=True).graph for i in (1, 2, 3, 4))
    assert first.between("gain", "after")
    assert not any((e.source, e.target) == ("gain", "after") and e.directed for e in second.edges)
    assert any((e.source, e.target, e.origin) == ("age", "after", "required") for e in third.edges)
    assert "taken back: requiring age --> after" in ran.out
    assert not any((e.source, e.target) == ("gain", "after") and e.directed for e in fourth.edges)
    knowledge = memory.runs()[0].knowledge
    assert (knowledge["forbidden"], knowledge["required"]) == ([["gain", "after"]], [])


def test_edges_against_each_other_are_refused(chat: Chat) -> None:
    ran = chat(
        "/forbid age gain", "/require age gain", "/require age quit", "/require quit age", "/forbid age age",
        "/forbid age", "/require age quit", "/forbid age nobody",
    )  # fmt: skip
    for said in (
        "age --> gain is forbidden", "would close a cycle", "cannot cause itself", "two columns are needed",
        "age --> quit is required already", "no column matches 'nobody'",
    ):  # fmt: skip
        assert said in ran.err, said


def test_graphs_are_saved_loaded_and_drawn_by_hand(chat: Chat, memory: Memory) -> None:
    ran = chat(
        "/graph age -> quit, quit -> gain <- age", "/save mine", "/load none", "/graph mine", "/edges mine",
        "/load mine", "Is age a confounder of quit and gain?", "/undo", "/undo", "/undo", "/undo", "/undo",
    )  # fmt: skip
    assert "smoking_drawn@1 saved as mine@1" in ran.out
    assert "given by you" in ran.out
    assert "Answer from the graph mine@1: yes." in flat(ran.out)
    assert "taken back: the graph mine@1" in ran.out
    assert memory.graphs() == []
    assert memory.graph("mine", undone=True).parent == "smoking_drawn@1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("age -> nobody", "no column matches 'nobody'"),
        ("age -> quit, quit -> age", "form a cycle"),
        ("age ->", "is no edge"),
        ("dag { age -> weather }", "'weather', which the table does not have"),
        ("nothing", "no graph 'nothing'"),
    ],
)
def test_a_graph_that_cannot_be_is_refused(chat: Chat, memory: Memory, text: str, said: str) -> None:
    assert said in flat(chat(f"/graph {text}").err)
    assert memory.graphs() == []


def test_dagitty_text_with_a_hidden_cause(chat: Chat) -> None:
    ran = chat(
        "/graph dag { u [latent] u -> quit u -> gain quit -> gain }", "what is the effect of quit on gain?"
    )
    assert "verdict not identified" in flat(ran.out)
    assert "quit <-- u --> gain" in flat(ran.out)


def test_the_same_question_is_answered_from_stored_results(chat: Chat, memory: Memory) -> None:
    ran = chat(TESTED, TESTED, "/retry", "/clear", TESTED)
    assert ran.out.count("From stored results") == 1
    runs = memory.runs()[::-1]
    own = [[c.id for c in memory.run(r.id).calls] for r in runs]
    assert own == [["t1"], ["t1"], ["t2"], ["t1"]]
    assert [r.seed for r in runs] == [0, 0, 1, 1]
    assert runs[3].parent == ""


def test_a_chat_goes_on_where_it_was_left(chat: Chat, memory: Memory) -> None:
    ran = chat(TESTED, "/forbid gain age")
    run = memory.runs()[0].id
    assert f"go on with: ccp chat --resume {run}" in ran.err
    ran = chat("and given gain?", "/undo", "/undo", words=("--resume", run))
    assert "going on after 1 turn of the chat" in flat(ran.err)
    newest = memory.runs()[0]
    assert (newest.parent, newest.question.given) == (run, ("sex", "gain"))
    assert newest.knowledge["forbidden"] == [["gain", "age"]]
    assert [c.id for c in memory.run(newest.id).calls] == ["t2"]
    assert [r.status for r in memory.runs()] == ["undone", "undone"]


def test_the_last_chat_is_found_and_earlier_answers_with_it(chat: Chat, memory: Memory) -> None:
    chat(TESTED)
    ran = chat("why?", "/report", words=("-c",))
    assert "From stored results" in ran.out
    assert "report.html" in ran.out
    assert [c.id for c in memory.run("last").calls] == ["t1"]


def test_what_cannot_be_gone_on_with(ccp: Ccp, tmp_path: Path) -> None:
    table = str(smoking(tmp_path))
    assert "needs a table" in ccp("chat").err
    assert "no chat is remembered" in ccp("chat", "-c").err
    ccp("ask", table, TESTED)
    ran = ccp("chat", "--resume", "last")
    assert (ran.code, "is no turn of a chat" in ran.err) == (2, True)


def test_what_is_not_understood_is_said_with_the_tables_own_columns(chat: Chat) -> None:
    ran = chat("sing me a song", "what about it", "what if the moon were 5?")
    assert ran.out.count("I did not understand the question.") >= 2
    assert "What is the effect of quit on gain?" in ran.out
    assert ran.out.count("Draw the causal graph of") == 1, "later answers hold the nearest examples only"
    assert "no column matches 'moon'" in ran.err


def test_courtesies_are_no_questions(chat: Chat, memory: Memory) -> None:
    ran = chat("hello!", "what can I ask?", "thanks, that helps", "age", "bye", "never read")
    assert ran.out.count("What is the effect of") >= 1
    assert "never read" not in ran.out
    assert [r.question.text for r in memory.runs()] == ["age"], "a column's name is never a courtesy"


@pytest.mark.parametrize(
    ("words", "command"),
    [
        ("how many rows are there?", "/data"),
        ("How many people are in the data?", "/data"),
        ("what columns are there?", "/data"),
        ("can you describe the table", "/data"),
        ("what's in this data set?", "/data"),
        ("what does age mean?", "/data age"),
        ("which tools do you have?", "/tools"),
        ("undo that", "/undo"),
        ("please take it back", "/undo"),
    ],
)
def test_plain_words_for_a_command(chat: Chat, memory: Memory, words: str, command: str) -> None:
    ran = chat(words)
    assert f"read as: {command}" in flat(ran.err + ran.out)
    assert not memory.runs()


@pytest.mark.parametrize(
    "words",
    [
        "write a report on the effect of age on gain",
        "how many people are helped by quit?",
        "how many people did quit help?",
        "how many patients are older than 60?",
    ],
)
def test_a_question_is_no_command_for_beginning_like_one(chat: Chat, words: str) -> None:
    """A report about other columns is not the report of the last answer; a count of some rows is not the table's."""
    ran = chat(words)
    assert "read as: /" not in flat(ran.err + ran.out)


def test_the_report_and_the_assumptions_of_the_last_answer(chat: Chat, tmp_path: Path) -> None:
    ran = chat(
        "what is the effect of quit on gain?", "what did you assume?", "can you write the report for me?"
    )
    assert "It assumes: " in flat(ran.out)
    assert "read as: /report" in flat(ran.err + ran.out)
    assert "report.html" in ran.err + ran.out


def test_another_design_is_another_effect_and_never_answered_from_the_last(
    chat: Chat, memory: Memory
) -> None:
    """Results of one design are stored beside those of another, and each question finds its own again."""
    asked = "what is the effect of quit on gain?"
    ran = chat(asked, "use clinic as the instrument", asked)
    assert "read as: effect of quit on gain with clinic as the instrument" in flat(ran.err + ran.out)
    last, second, first = memory.runs()[:3]
    strategies = [memory.run(r.id).question.instrument for r in (first, second, last)]
    assert strategies == [None, "clinic", None]
    made = [{c.tool: c.id for c in memory.run(r.id).calls if c.ok} for r in (first, second, last)]
    assert made[1]["identify"] != made[0]["identify"]
    assert made[2]["estimate"] == made[0]["estimate"]
    assert ran.out.count("From stored results") == 1


def test_several_lines_are_one_question(chat: Chat, memory: Memory) -> None:
    chat("Are age and quit \\", "independent \\", "given sex?")
    assert [r.question.given for r in memory.runs()] == [("sex",)]


def test_three_quotes_hold_several_lines_together(chat: Chat, memory: Memory) -> None:
    chat('"""', "Are age and quit independent", "given sex?", '"""')
    assert [r.question.given for r in memory.runs()] == [("sex",)]


def test_hints_name_what_can_be_typed_here(chat: Chat) -> None:
    ran = chat("/load nope", "/run nope", "/graph age -> gain", "/load nope", "/help")
    assert "ccp " not in ran.err.replace("ccp chat", "")
    assert "ask: draw the causal graph" in ran.err
    assert "/graph list" in ran.err
    assert "Ctrl-C stops a step" in " ".join(ran.out.split())


def test_the_graph_is_shown_and_not_learned_again(chat: Chat, memory: Memory) -> None:
    ran = chat("draw the causal graph of age, gain and after", "show me the graph", "can I see the graph?")
    assert len(memory.runs()) == 1
    assert ran.out.count("smoking@1: ") == 2


def test_an_outdated_graph_is_learned_anew_and_another_chats_is_not_shown(chat: Chat, memory: Memory) -> None:
    chat("draw the causal graph", "draw the causal graph", "/forbid age gain", "draw the causal graph")
    assert [h.id for h in memory.graphs()] == ["smoking@2", "smoking@1"]
    assert not any((e.source, e.target) == ("age", "gain") for e in memory.graph("smoking@2").graph.edges)
    ran = chat("show the graph")
    assert memory.runs()[0].question.kind == "graph"
    assert "smoking@3" in ran.out


def test_prompt_shows_the_request_and_sends_nothing(chat: Chat, memory: Memory) -> None:
    ran = chat(f"/prompt {TESTED}", "/privacy aliases", "/privacy all")
    assert '"independence"' in ran.out
    assert "privacy aliases" in ran.out
    assert "no privacy 'all'" in ran.err
    assert memory.runs() == []


def test_a_defect_is_told_and_the_talk_goes_on(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("oh no")

    monkeypatch.setattr("causalcopilot.agent.language.intent.parse_question", broken)
    ran = chat("anything", "/data age")
    assert "internal error: RuntimeError: oh no" in ran.err
    assert "years" in ran.out
