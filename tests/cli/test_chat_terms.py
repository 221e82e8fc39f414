"""Questions about a word: told from the glossary, with no run; and earlier answers side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from causalcopilot.cli.chat.comparing import _COMPARE
from causalcopilot.cli.chat.terms import terms_in
from causalcopilot.domain.estimate import VerdictValue
from causalcopilot.domain.glossary import GLOSSARY, define
from tests.cli.conftest import Ran
from tests.cli.test_chat import chat, flat, memory  # noqa: F401

Chat = Callable[..., Ran]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("what does fragile mean?", "fragile"), ("what is a robustness value?", "robustness value"),
        ("What's an E-value", "E-value"),
        ("what is the ATT?", "ATT"), ("define confounder", "confounder"), ("meaning of 'supported'?", "supported"),
        ("what do you mean by adjusted?", "adjusting"), ("explain matching to me", "matching"),
        ("what is meant by overlap?", "overlap"),
        ("I don't understand the p-value", "p-value"),
        ("how should I read the confidence interval?", "confidence interval"),
        ("and what is an instrument exactly?", "instrument"),
        ("what does not_identified mean here?", "not identified"),
    ],
)  # fmt: skip
def test_a_word_is_looked_up(line: str, name: str) -> None:
    assert [t.name for t in terms_in(line)] == [name]


def test_two_words_are_told_apart() -> None:
    asked = terms_in("what is the difference between an association and an effect?")
    assert [t.name for t in asked] == ["association", "causal effect"]


@pytest.mark.parametrize(
    "line",
    ["what is the effect of age on gain?", "what does quitting do to weight?", "what is love?",
    "explain the weather", "why?", "what drives age?"],
)  # fmt: skip
def test_other_questions_are_not(line: str) -> None:
    assert terms_in(line) == ()


def test_the_glossary_holds_every_verdict_and_no_word_twice() -> None:
    from typing import get_args

    assert all(define(v) for v in get_args(VerdictValue))
    words = [w.lower() for t in GLOSSARY for w in (t.name, *t.also)]
    assert len(words) == len(set(words))
    assert all(t.meaning.endswith(".") and len(t.meaning) < 300 for t in GLOSSARY)


@pytest.mark.parametrize(
    "line",
    [
        "compare with the previous answer", "compare it to the last result", "what was the first answer",
        "show all answers so far",
        "how does it compare to before", "what did you say before", "compare the two", "compare them",
        "list the earlier results",
        "what is the difference to before", "what changed",
    ],
)  # fmt: skip
def test_earlier_answers_are_asked_for(line: str) -> None:
    assert _COMPARE.fullmatch(line)


def test_words_and_comparisons_compute_nothing_and_read_the_last_answer(chat: Chat, tmp_path: Path) -> None:  # noqa: F811
    lines = (
        "what is a confounder?",
        "compare with the last answer",
        "Are age and quit independent given sex?",
    )
    asked = (
        "what is a p-value?",
        "is that significant?",
        "compare with the previous answer",
        "tell me a joke",
    )
    ran = chat(*lines, *asked)
    assert "confounder: Something that acts on both" in flat(ran.out)
    assert "No answer yet to compare" in flat(ran.err)
    assert "p-value: How often chance alone" in flat(ran.out)
    assert "1. Are age and quit independent given sex?" in ran.out
    assert "no earlier one" in ran.out
    assert "what does a word mean" in flat(ran.out)
    assert ran.err.count("independence ") == 1
    assert ran.err.count("profile ") <= 1
