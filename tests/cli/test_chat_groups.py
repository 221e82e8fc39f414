"""A conversation about groups: each answer is of the group that was asked for, and a refused turn leaves no trace."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from causalcopilot.memory.memory import Memory
from tests.cli.conftest import Ccp, Ran

Chat = Callable[..., Ran]
ASKED = "what is the effect of dose on gain, controlling for age?"
KNOWN = '[columns]\nwoman = { meaning = "0 male, 1 female", type = "binary" }\n'


@pytest.fixture
def chat(ccp: Ccp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Chat:
    """``chat("a question", …)`` on a table where a unit of dose adds 1 to the gain of men and 3 to that of women."""
    dice = np.random.default_rng(2)
    age, woman = dice.integers(20, 80, 400), dice.integers(0, 2, 400)
    dose = 5 + 0.05 * age + dice.normal(size=400)
    gain = (1 + 2 * woman) * dose + 0.1 * age + dice.normal(size=400)
    rows = zip(age, woman, dose.round(3), gain.round(3), strict=True)
    table = tmp_path / "doses.csv"
    table.write_text("age,woman,dose,gain\n" + "\n".join(",".join(map(str, r)) for r in rows) + "\n")
    (tmp_path / "doses.toml").write_text(KNOWN)

    def talk(*lines: str) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(lines) + "\n"))
        ran = ccp("chat", str(table), "--memory", str(tmp_path / "m.duckdb"))
        assert ran.code == 0, ran.err
        return ran

    return talk


def flat(text: str) -> str:
    return " ".join(text.split())


def test_each_group_is_told_its_own_effect(chat: Chat, tmp_path: Path) -> None:
    ran = chat(
        ASKED,
        "and for women?",
        "and for men?",
        "only for the over 50s",
        "how many rows is that?",
        "and overall?",
    )
    asked = [run.question.among for run in reversed(Memory(tmp_path / "m.duckdb").runs())]
    assert asked == [(), ("woman", "1"), ("woman", "0"), ("age", "above 50"), ("age", "above 50"), ()]
    out = flat(ran.out)
    heads = [out.index(f"The effect where {g}") for g in ("woman is 1", "woman is 0", "age is above 50")]
    assert heads == sorted(heads)
    women, men = (float(out[i:].split(" is ", 2)[2].split()[0]) for i in heads[:2])
    assert women > 2 > men
    assert "It rests on" in out


def test_a_refused_turn_is_not_built_upon(chat: Chat, tmp_path: Path) -> None:
    ran = chat(ASKED, "give me the ATT", "from 5 to 7")
    assert "ATT needs a treatment with groups" in flat(ran.err)
    last = Memory(tmp_path / "m.duckdb").runs()[0].question
    assert (last.quantity, last.contrast is not None) == (None, True)
    assert Memory(tmp_path / "m.duckdb").runs()[0].status == "done"


def test_after_an_aside_words_go_with_the_effect_before_it(chat: Chat, tmp_path: Path) -> None:
    ran = chat(ASKED, "how are they related?", "and for women?")
    kinds = [run.question.kind for run in reversed(Memory(tmp_path / "m.duckdb").runs())]
    assert kinds == ["effect", "independence", "subgroups"]
    assert "speaks of association" in flat(ran.out)
    assert "what is the effect of `dose` on `gain`" in flat(ran.out).replace(
        "dose on gain", "`dose` on `gain`"
    )


def test_twice_the_dose_is_a_supposition_for_all_rows(chat: Chat, tmp_path: Path) -> None:
    ran = chat("what would gain be if dose were doubled?", "and for women?")
    asked = Memory(tmp_path / "m.duckdb").runs()[0].question
    assert (asked.kind, asked.factor) == ("what_if", 2.0)
    assert "not for a group" in flat(ran.err)
