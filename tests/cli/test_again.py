"""Coming back to a run: nothing finished is repeated, and every fact comes out again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Ccp


@pytest.fixture
def table(tmp_path: Path) -> Path:
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(8)
    age = rng.normal(50, 10, 400)
    dose = (rng.random(400) < 1 / (1 + np.exp(-(age - 50) / 10))).astype(int)
    frame = pd.DataFrame({"age": age, "dose": dose, "score": 3 * dose + 0.1 * age + rng.normal(0, 1, 400)})
    frame.to_csv(tmp_path / "t.csv", index=False)
    return tmp_path / "t.csv"


WORDS = ("estimate", "t.csv", "-t", "dose", "-y", "score", "--controls", "age", "--json")


def calls(ccp: Ccp, run: str) -> list[Any]:
    shown: list[Any] = ccp("run", "show", run, "--json").json["run"]["calls"]
    return shown


def test_resume_goes_on_where_a_run_stopped(ccp: Ccp, table: Path) -> None:
    whole = ccp(*WORDS)
    assert ccp(*WORDS, "--max-steps", "3").code == 7
    before = calls(ccp, "last")
    assert [c["tool"] for c in before] == ["profile", "discover", "identify"]
    done = ccp("run", "resume", "last", "--json")
    assert done.code == 0, done.err
    after = calls(ccp, "last")
    assert after[:3] == before
    assert [c["tool"] for c in after[3:]] == ["estimate", "refute"]
    without = {k: v for k, v in done.json.items() if k != "meta"}
    assert without == {k: v for k, v in whole.json.items() if k != "meta"}


def test_resume_refuses_what_is_done_and_data_that_changed(ccp: Ccp, table: Path) -> None:
    ccp(*WORDS)
    again = ccp("run", "resume", "last")
    assert again.code == 2
    assert "is done" in again.err
    ccp(*WORDS, "--max-steps", "2")
    table.write_text(table.read_text().replace("\n", "\n", 1) + "51,1,9.5\n")
    changed = ccp("run", "resume", "last")
    assert changed.code == 3
    assert "has changed" in changed.err


def test_a_run_is_taken_up_from_any_folder(
    ccp: Ccp, table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ccp(*WORDS)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    again = ccp("refute", "last", "--json")
    assert again.code == 0, again.err
    assert str(tmp_path) not in str({k: v for k, v in again.json.items() if k != "meta"})
    assert again.json["estimates"][0]["value"] == first.json["estimates"][0]["value"]
    shown = ccp("run", "show", "last", "--json").json
    assert shown["meta"]["path"] == str(table)
    assert shown["run"]["dataset"] == "t.csv"
    assert str(tmp_path) not in str(shown["run"])
    assert ccp("run", "replay", "last").code == 0


def test_replay_compares_every_fact(ccp: Ccp, table: Path, tmp_path: Path) -> None:
    ccp(*WORDS)
    same = ccp("run", "replay", "last", "--json")
    assert same.code == 0, same.err
    assert same.json["same_data"]
    assert all(c["same"] for c in same.json["calls"])
    tools = ["profile", "discover", "identify", "estimate", "refute"]
    assert [c["tool"] for c in same.json["calls"]] == tools
    (tmp_path / "other.csv").write_text("\n".join(table.read_text().split("\n")[:301]) + "\n")
    other = ccp("run", "replay", "last", "--data", "other.csv")
    assert other.code == 0, other.err
    assert "facts differ" in other.out
    assert "rows: 400 -> 300" in other.out
