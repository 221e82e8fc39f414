"""Commands used wrongly: one error line that names the thing, a hint that helps, the right code, nothing lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from causalcopilot.cli.app import COMMANDS
from causalcopilot.domain.comma_list import join_list, split_list
from tests.cli.conftest import Ccp, Ran

USAGE, LIMIT, CONFIG = 2, 7, 78
ROWS = 120


@pytest.fixture
def table(tmp_path: Path) -> str:
    """A file with a treatment, an outcome and two other columns, one with a comma in its name."""
    r = np.random.default_rng(5)
    t, g = r.integers(0, 2, ROWS), r.normal(size=ROWS)
    y = t + g + r.normal(size=ROWS)
    lines = [f"{a},{b:.3f},{c:.3f},{d:.3f}" for a, b, c, d in zip(t, y, g, r.normal(size=ROWS), strict=True)]
    path = tmp_path / "table.csv"
    path.write_text("\n".join(['t,y,g,"naive, cafe"', *lines]) + "\n", "utf-8")
    return str(path)


def one_error(ran: Ran, code: int) -> tuple[str, str]:
    """The error and its hint, of a command that says nothing else."""
    assert ran.code == code, ran.err
    lines = ran.err.splitlines()
    errors = [n for n, line in enumerate(lines) if line.startswith("error:")]
    assert len(errors) == 1
    assert "internal error" not in ran.err
    told = lines[errors[0] :]
    assert len(told) == 2, told
    assert told[1].startswith("hint:")
    return told[0], told[1]


GROUPS = ("graph", "run", "data", "datasets", "tools", "models", "config")


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_without_a_command_names_its_commands(ccp: Ccp, group: str) -> None:
    assert group in COMMANDS
    error, hint = one_error(ccp(group), USAGE)
    assert error == f"error: ccp {group} needs a command"
    assert "show" in hint or "list" in hint


@pytest.mark.parametrize("column", ["t", "y"])
def test_what_is_asked_about_is_no_control(ccp: Ccp, table: str, column: str) -> None:
    error, _ = one_error(ccp("estimate", table, "-t", "t", "-y", "y", "--controls", f"g,{column}"), USAGE)
    assert column in error
    assert "control" in error


def test_a_name_with_a_comma_can_stand_in_a_list(ccp: Ccp, table: str) -> None:
    ran = ccp("data", "show", table)
    assert "naive, cafe" in ran.out
    _, hint = one_error(ccp("estimate", table, "-t", "t", "-y", "y", "--controls", "g,naive, cafe"), USAGE)
    assert '"naive, cafe"' in hint
    ran = ccp("discover", table, "--columns", 'g,"naive, cafe"', "--json")
    assert ran.json["graph"]["nodes"] == ["g", "naive, cafe"]


@pytest.mark.parametrize("names", [("a",), ("a", "b, c"), ('he "x"', '"y" z'), ()])
def test_a_comma_list_comes_back(names: tuple[str, ...]) -> None:
    assert split_list(join_list(names)) == names
    assert split_list(join_list((*names, *names))) == names


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("estimate", "-t", "t", "-y", "y", "--seed", "99999999999999999999"), CONFIG),
        (("estimate", "-t", "t", "-y", "y", "--base-url", "notaurl"), CONFIG),
        (("discover", "--name", "two words"), USAGE),
        (("discover", "--bootstrap", "-3"), USAGE),
        (("discover", "--events", "/nowhere/at/all"), USAGE),
        (("analyze", "-t", "t"), USAGE),
        (("ask", " "), USAGE),
        (("analyze", "-y", "y"), USAGE),
        (("analyze", "-o", "table.csv"), USAGE),
        (("analyze", "-o", "table.csv/below"), USAGE),
        (("data", "card", "-o", "/nowhere/at/all.toml"), USAGE),
    ],
)
def test_a_flag_that_does_not_fit_stops_before_anything_runs(
    ccp: Ccp, table: str, words: tuple[str, ...], code: int
) -> None:
    place = 2 if words[0] == "data" else 1
    ran = ccp(*words[:place], table, *words[place:])
    one_error(ran, code)
    assert "profile" not in ran.err
    assert not ran.out


def test_simulating_into_a_place_that_cannot_be_written_is_a_wrong_use(ccp: Ccp, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    one_error(ccp("datasets", "simulate", "-o", "file/x.csv", "--nodes", "3", "--rows", "50"), USAGE)


def test_graphs_say_what_became_of_them(ccp: Ccp, tmp_path: Path) -> None:
    (tmp_path / "g.txt").write_text("dag { a -> b }")
    assert ccp("graph", "import", "g.txt", "--name", "g").code == 0
    error, _ = one_error(ccp("graph", "export", "g", "-o", "/nowhere/g.dot"), USAGE)
    assert "/nowhere/g.dot" in error
    error, _ = one_error(ccp("graph", "import", str(tmp_path)), USAGE)
    assert "folder" in error
    _, hint = one_error(ccp("graph", "edit", "g", "--remove", "a zzz"), USAGE)
    assert "a, b" in hint
    assert ccp("graph", "undo", "g").code == 0
    _, hint = one_error(ccp("graph", "show", "g"), USAGE)
    assert "ccp graph undo g --restore" in hint
    assert ccp("graph", "undo", "g", "--restore").code == 0
    ran = ccp("graph", "rm", "g")
    assert (ran.code, ran.out) == (0, "g@1 forgotten\n")


def test_an_answer_is_not_lost_with_its_report(
    ccp: Ccp, table: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from causalcopilot.errors import UsageError

    def full(*_: object) -> None:
        raise UsageError("the report cannot be written to rep: No space left on device", "")

    monkeypatch.setattr("causalcopilot.cli.reports.publish", full)
    ran = ccp("analyze", table, "-t", "t", "-y", "y", "--controls", "g", "-o", "rep")
    assert ran.code == USAGE
    assert "verdict" in ran.out
    assert "No space left" in ran.err
    assert "ccp report r" in ran.err


def test_a_run_that_failed_at_once_says_so_and_lists_in_one_line(ccp: Ccp, table: str) -> None:
    name = Path(table).name
    assert ccp("estimate", name, "-t", "t", "-y", "y", "--cluster", "y").code == USAGE
    assert "before its first call" in ccp("run", "show", "last").out
    listed = ccp("run", "list").out.splitlines()
    assert len(listed) == 2
    assert "failed" in listed[1]


def test_one_row_is_told_as_one(ccp: Ccp, tmp_path: Path) -> None:
    (tmp_path / "one.csv").write_text("a,b\n1,2\n")
    ran = ccp("discover", "one.csv")
    assert ran.code != 0
    assert "one.csv: 1 row, 2 columns" in ran.err
    assert "  profile      1 row, 2 columns, 1 row complete" in ran.err


def test_every_command_that_says_something_says_it_in_json_when_asked(ccp: Ccp, table: str) -> None:
    Path("g.txt").write_text("dag { a -> b }")
    assert ccp("estimate", table, "-t", "t", "-y", "y", "--max-steps", "1").code == LIMIT
    commands = (
        ("graph import g.txt --name g", "graph"), ("graph edit g --remove a,b", "parent"),
        ("graph export g -f dagitty", "text"), ("graph undo g", "undone"), ("graph undo g --restore", "graph"),
        ("graph rm g", "forgotten"), ("report last", "report"), ("report last --check", "check"),
        ("run undo last", "graphs"), ("run restore last", "graphs"), ("tools show pc", "text"),
        ("tools show estimate", "text"), ("tools check", "problems"), ("models list", "models"),
    )  # fmt: skip
    for words, key in (*commands, (f"data card {table}", "card")):
        ran = ccp(*words.split(), "--json")
        assert ran.code == 0, (words, ran.err)
        assert {"v", "meta", key} <= set(ran.json), words


def test_a_card_is_told_without_the_marks_of_its_source(ccp: Ccp) -> None:
    ran = ccp("tools", "show", "estimate")
    assert "auto takes" in ran.out
    assert "``" not in ran.out
    assert "TRIM_RULE" not in ran.out
