"""What a Ctrl-C leaves, at moments no signal can be timed to, and what a library made of it on its way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import duckdb
import pytest

from causalcopilot import interrupts
from causalcopilot.data import open_data
from causalcopilot.memory.memory import Memory
from tests.cli.conftest import Ccp
from tests.cli.test_inputs import plain, text

WORDS = ("estimate", "data.csv", "-t", "t", "-y", "y", "--controls", "x,w", "--method", "regression")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a table of known effect."""
    (tmp_path / "data.csv").write_text(text(plain(120)))
    return tmp_path


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Ctrl-C was pressed and nobody has answered it yet."""
    monkeypatch.setattr(interrupts._ctrl_c, "pressed", 1.0)


def stop(*_: object, **__: object) -> NoReturn:
    raise KeyboardInterrupt


def broken(*_: object, **__: object) -> NoReturn:
    """What ``threading`` answers where a Ctrl-C falls between two of its lines."""
    raise RuntimeError("release unlocked lock")


def test_an_error_before_any_run_is_the_ctrl_c_it_came_from(
    ccp: Ccp, folder: Path, waits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("causalcopilot.agent.session.Session.open", broken)
    ran = ccp(*WORDS)
    assert ran.code == 130
    assert ran.err == "error: interrupted\nhint:  no run had begun, so nothing is kept\n"


@pytest.mark.parametrize("place", ["agent.conversation.Conversation._narrative", "cli.output.View.show"])
def test_an_error_in_a_run_is_the_ctrl_c_it_came_from(
    place: str, ccp: Ccp, folder: Path, waits: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"causalcopilot.{place}", broken)
    ran = ccp(*WORDS)
    run = ccp("run", "list", "--json").json["runs"][0]
    assert (ran.code, run["status"]) == (130, "interrupted")
    assert f"error: interrupted; run {run['id']} is kept" in ran.err


def test_an_error_is_one_where_nobody_pressed_ctrl_c(
    ccp: Ccp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("causalcopilot.agent.conversation.Conversation._narrative", broken)
    ran = ccp(*WORDS)
    assert ran.code == 1
    assert "internal error: RuntimeError: release unlocked lock" in ran.err
    assert ccp("run", "list", "--json").json["runs"][0]["status"] == "failed"


def test_a_resumed_run_is_named_and_a_finished_one_is_said_to_be_done(
    ccp: Ccp, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ccp(*WORDS, "--max-steps", "2").code == 7
    run = ccp("run", "list", "--json").json["runs"][0]["id"]
    with monkeypatch.context() as shown:
        shown.setattr("causalcopilot.cli.output.View.show", stop)
        first = ccp("run", "resume", run)
    assert first.code == 130
    assert f"hint:  go on with: ccp run resume {run}" in first.err
    assert ccp("run", "list", "--json").json["runs"][0]["status"] == "interrupted"
    with monkeypatch.context() as shown:
        shown.setattr("causalcopilot.cli.output.View.result", stop)
        second = ccp("run", "resume", run)
    assert second.code == 130
    assert f"error: interrupted; run {run} is done" in second.err
    assert f"hint:  see: ccp run show {run}" in second.err


class Interrupting:
    """A DuckDB connection that a Ctrl-C strikes at the first statement that holds ``sign``."""

    def __init__(self, inner: Any, sign: str) -> None:
        self.inner, self.sign = inner, sign

    def __enter__(self) -> Interrupting:
        return self

    def __exit__(self, *_: object) -> None:
        self.inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def execute(self, sql: str, *more: Any) -> Any:
        if self.sign in sql:
            raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")
        return self.inner.execute(sql, *more)


def csv(path: Path) -> None:
    path.write_text("a,b\n1,2\n3,4\n")


def parquet(path: Path) -> None:
    duckdb.sql(f"COPY (SELECT 1 AS a, 2 AS b) TO '{path}' (FORMAT parquet)")


def lines(path: Path) -> None:
    path.write_text(json.dumps({"a": 1, "b": 2}) + "\n")


def database(path: Path) -> None:
    with duckdb.connect(str(path)) as con:
        con.execute("CREATE TABLE t AS SELECT 1 AS a, 2 AS b")


@pytest.mark.parametrize(
    ("name", "write", "sign"),
    [
        ("t.csv", csv, "CREATE OR REPLACE TEMP TABLE raw"),
        ("t.parquet", parquet, "CREATE OR REPLACE TEMP VIEW raw"),
        ("t.jsonl", lines, "CREATE OR REPLACE TEMP VIEW raw"),
        ("t.duckdb", database, "ATTACH"),
    ],
)
def test_a_read_that_was_interrupted_is_no_broken_file(
    name: str, write: Callable[[Path], None], sign: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / name)
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *a, **k: Interrupting(connect(*a, **k), sign))
    with pytest.raises(KeyboardInterrupt):
        open_data(str(tmp_path / name), scratch=tmp_path)


@pytest.mark.parametrize("there", [True, False])
def test_an_interrupted_opening_of_the_memory_is_no_damage(
    there: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "memory" / "m.duckdb"
    if there:
        file.parent.mkdir()
        database(file)

    def connect(*_: object, **__: object) -> NoReturn:
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    monkeypatch.setattr(duckdb, "connect", connect)
    with pytest.raises(KeyboardInterrupt):
        Memory(file).resume_run("last")
    assert [p.name for p in file.parent.iterdir()] == ["m.duckdb"] * there
