"""The recorded chat in the docs is one that this ccp still understands, and the recorder still types it."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.language.said import Said
from causalcopilot.cli.chat.registry import find
from causalcopilot.data import knowledge_for, open_data, profile_dataset
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.domain.question import Contrast, Question

ROOT = Path(__file__).resolve().parents[2]
TRANSCRIPT = (ROOT / "docs" / "chat.txt").read_text("utf-8")
TYPED = re.findall(r"^ccp> (.+)$", TRANSCRIPT, re.M)
REFUSED = ("will it rain tomorrow?",)
"""Typed to show what is said of a question that cannot be answered."""
FOUND = Identification(
    "assumed", "Conditional Exogeneity", "ATE", "all", ("smokeintensity",), ("wt82_71",), "continuous",
    Contrast(20, 10), Controls(("sex", "exercise")),
)  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Said:
    knowledge = knowledge_for("dataset:nhefs", None, True)
    opened = open_data("dataset:nhefs", scratch=tmp_path_factory.mktemp("nhefs"), knowledge=knowledge)
    profile = profile_dataset(opened.dataset, (), knowledge)
    asked = Question("effect", treatment="smokeintensity", outcome="wt82_71")
    return Said(asked, profile, knowledge, FOUND)


def recorder() -> Any:
    spec = importlib.util.spec_from_file_location("record_chat", ROOT / "docs" / "record_chat.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_transcript_is_what_the_recorder_types() -> None:
    assert tuple(TYPED) == recorder().LINES
    assert "](docs/chat.txt)" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("line", [t for t in TYPED if t.startswith("/")])
def test_every_command_still_exists(line: str) -> None:
    command, _ = find(line.split()[0])
    assert bool(command.hint) or " " not in line


@pytest.mark.parametrize("line", [t for t in TYPED if not t.startswith("/")])
def test_every_question_is_still_understood(line: str, said: Said) -> None:
    found = follow(line, said)
    question = found.question if found else parse_question(line, said.profile, said.knowledge)
    assert (question.kind == "unclear") == (line in REFUSED)


def test_it_shows_what_it_promises_and_nothing_of_who_recorded_it() -> None:
    assert sum(not t.startswith("/") for t in TYPED) + sum(t.startswith("/do") for t in TYPED) >= 10
    for shown in (
        "taken back: the question", "with nhefs@2", "forbidden: ", "verdict: not_identified", "I keep to the facts",
        "I did not understand the question.", "effect of smokeintensity on wt82_71, from", "report.md",
        "From stored results", "go on with: ccp chat --resume",
    ):  # fmt: skip
        assert shown in TRANSCRIPT, shown
    assert "error:" not in TRANSCRIPT
    assert not re.search(r"(?:^|\s)/(?:home|root|tmp|work|Users|private)/", TRANSCRIPT)
    assert "\x1b" not in TRANSCRIPT
