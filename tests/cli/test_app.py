"""The command tree: global options anywhere, errors in two lines, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from causalcopilot.cli.app import COMMANDS, hoist
from tests.cli.conftest import Ccp

HEAVY = ("pandas", "numpy", "duckdb", "rich", "langchain", "langchain_core", "openai", "pydantic")


def test_global_options_may_stand_anywhere() -> None:
    assert hoist(["estimate", "x.csv", "--json", "--seed", "3", "-t", "a"]) == [
        "--json", "--seed", "3", "estimate", "x.csv", "-t", "a",
    ]  # fmt: skip
    assert hoist(["ask", "x.csv", "--", "--json"]) == ["ask", "x.csv", "--", "--json"]
    assert hoist(["list", "--memory=m.duckdb"]) == ["--memory=m.duckdb", "list"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["analyze"], "file.duckdb::table"),
        (["chat"], "the table to talk about"),
        (["run", "show"], "any unique prefix, or last"),
        (["ask"], "the question in plain words"),
    ],
)
def test_help_explains_every_argument(ccp: Ccp, words: list[str], told: str) -> None:
    shown = ccp(*words, "--help")
    assert shown.code == 0
    assert " ".join(shown.out.split()).count(told) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask", "x.csv", "--seed"], "--seed needs a value"),
        (["chat", "x.csv", "--base-url", "--json"], "--base-url"),
    ],
)
def test_a_global_option_without_its_value_says_so(ccp: Ccp, words: list[str], told: str) -> None:
    ran = ccp(*words)
    assert ran.code == 2
    assert told in ran.err


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (["analyse", "x.csv"], "no command 'analyse'", "analyze"),
        (["estimate", "x.csv", "--outcom", "y"], "no such option '--outcom'", "--outcome"),
        (["graph", "lst"], "no command 'lst'", "list"),
        (["estimate"], "missing argument 'DATA'", "--help"),
        (["estimate", "x.csv", "--from", "1"], "--from and --to go together", "--to"),
        (["estimate", "x.csv", "--design", "magic"], "--design 'magic'", "adjustment"),
        (["estimate", "x.csv", "--fail-on", "refutd"], "--fail-on has no condition 'refutd'", "refuted"),
        (["analyze", "x.csv", "-f", "pdf"], "no report format 'pdf'", "md"),
        (["estimate", "x.csv", "-t", "a", "-y", "b", "--time", "t"], "needs --time and --unit", "both"),
        (["estimate", "x.csv", "--design", "rct", "--instrument", "z"], "does not use --instrument", "iv"),
    ],
)
def test_usage_errors_name_the_thing_and_the_way_out(
    ccp: Ccp, words: list[str], message: str, hint: str
) -> None:
    ran = ccp(*words)
    assert ran.code == 2
    assert ran.err.startswith("error: ")
    assert message in ran.err.splitlines()[0]
    assert hint in ran.err.splitlines()[1]
    assert ran.out == ""


def test_an_error_in_json(ccp: Ccp) -> None:
    ran = ccp("estimate", "missing.csv", "-t", "a", "-y", "b", "--json")
    assert ran.code == 3
    assert ran.json["error"]["kind"] == "data_unusable"
    assert ran.json["error"]["exit"] == 3


def test_help_of_every_command(ccp: Ccp) -> None:
    for command in COMMANDS:
        ran = ccp(command, "--help")
        assert ran.code == 0, command
        assert "Usage: ccp" in ran.out


def script() -> str:
    return str(Path(sys.executable).with_name("ccp"))


def test_the_installed_script_starts_light() -> None:
    code = (
        "import sys, runpy; sys.argv = ['ccp', '--help']\n"
        "try: runpy.run_path(" + repr(script()) + ", run_name='__main__')\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "analyze" in done.stdout


def test_version(ccp: Ccp) -> None:
    from importlib.metadata import version

    assert ccp("--version").out.strip() == f"ccp {version('causalcopilot')}"


def test_config_shows_sources_and_never_a_key(ccp: Ccp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CCP_API_KEY", "sk-secret-secret-secret")
    monkeypatch.setenv("CCP_SEED", "7")
    ran = ccp("config", "show", "--json", "--max-steps", "5")
    settings = ran.json["settings"]
    assert settings["seed"] == {"value": 7, "source": "CCP_SEED"}
    assert settings["max_steps"]["source"] == "flag"
    assert "sk-secret" not in ran.out


def test_a_project_file_cannot_redirect_data(ccp: Ccp, tmp_path: Path) -> None:
    (tmp_path / "ccp.toml").write_text('base_url = "http://evil.example"\n')
    ran = ccp("config", "show")
    assert ran.code == 78
    assert "base_url" in ran.err
    (tmp_path / "ccp.toml").write_text('memory = "../elsewhere.duckdb"\n')
    assert ccp("config", "show").code == 78
    (tmp_path / "ccp.toml").write_text("seed = 11\n")
    shown = ccp("config", "show", "--json").json["settings"]
    assert shown["seed"]["value"] == 11
    assert shown["memory"]["value"] == str(tmp_path / ".ccp" / "memory.duckdb")


def test_broken_pipe_is_silent() -> None:
    done = subprocess.run(
        f"{script()} --help | head -c 1", shell=True, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""


def test_errors_are_json_serialisable() -> None:
    from causalcopilot.errors import DataError

    assert json.dumps(DataError("x", "y").to_json())
