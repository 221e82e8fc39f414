"""``ccp graph edit`` and ``undo``, and ``ccp config set``: by hand, as new versions, in one's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Ccp


@pytest.fixture
def drawn(ccp: Ccp, tmp_path: Path) -> Ccp:
    (tmp_path / "g.dagitty").write_text("dag { a -> b  b -> c }")
    assert ccp("graph", "import", str(tmp_path / "g.dagitty"), "--name", "g").out == "g@1\n"
    return ccp


def test_editing_makes_a_new_version_with_origin_user(drawn: Ccp) -> None:
    ran = drawn("graph", "edit", "g", "--add", "a -> c", "--reverse", "b c")
    assert ran.out.startswith("g@2 (from g@1)")
    shown = drawn("graph", "show", "g", "--json").json
    assert shown["graph"]["name"] == "g@2"
    assert {(e["source"], e["target"], e["origin"]) for e in shown["graph"]["edges"]} >= {
        ("a", "c", "user"),
        ("c", "b", "user"),
    }
    assert "edited · user · from g@1" in drawn("graph", "show", "g").out
    assert drawn("graph", "edit", "g@1", "--text", "dag { a -> c }").out.startswith("g@3 (from g@1)")


def test_undo_goes_back_a_version_and_restore_forward(drawn: Ccp) -> None:
    drawn("graph", "edit", "g", "--remove", "a b")
    assert drawn("graph", "undo", "g").out == "g@2 taken back; g@1 is in force\n"
    assert drawn("graph", "show", "g@2").code == 2
    assert drawn("graph", "undo", "g", "--restore").out == "g@2 is back\n"
    assert drawn("graph", "edit", "g", "--add", "a -> b").out.startswith("g@3 ")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("edit", "g"), "say what to change"),
        (("edit", "g", "--add", "c -> a"), "form a cycle"),
        (("edit", "g", "--add", "a -> b"), "is so already"),
        (("edit", "h", "--add", "a -> b"), "no graph 'h'"),
        (("undo", "h"), "no graph 'h'"),
        (("undo", "g", "--restore"), "no version of 'g' was taken back"),
        (("edit", "g", "--add", "a -> z"), "no node 'z'"),
    ],
)
def test_bad_input_is_refused_and_nothing_saved(drawn: Ccp, words: tuple[str, ...], said: str) -> None:
    drawn("graph", "import", "g.dagitty", "--name", "g2")
    ran = drawn("graph", *words)
    assert ran.code == 2
    assert said in ran.err
    assert drawn("graph", "show", "g").out.startswith("g@1:")


def test_settings_are_kept_in_ones_own_file(
    ccp: Ccp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCP_HOME", str(tmp_path / "home"))
    assert ccp("config", "set", "seed", "7").code == 0
    said = ccp("config", "set", "api_key", "sk-canary-1").out
    assert "sk-canary" not in said
    said = ccp("config", "set", "base_url", "http://ada:hunter22@host/v1").out
    for told in (said, ccp("config", "show").out, ccp("config", "show", "--json").out):
        assert "hunter22" not in told
        assert "@host/v1" in told
    assert ccp("config", "set", "privacy", "aliases").code == 0
    file = tmp_path / "home" / "config" / "config.toml"
    assert file.stat().st_mode & 0o077 == 0
    shown = ccp("config", "show", "--json")
    assert shown.json["settings"]["seed"] == {"value": 7, "source": str(file)}
    assert "sk-canary" not in shown.out
    assert ccp("config", "set", "seed", "").code == 0
    assert ccp("config", "show", "--json").json["settings"]["seed"]["source"] == "default"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("sed", "7"), "did you mean 'seed'?"),
        (("seed", "often"), "does not fit"),
        (("privacy", "none"), "does not fit"),
        (("timeout", "0"), "more than zero"),
    ],
)
def test_settings_that_cannot_be_are_refused(ccp: Ccp, words: tuple[str, ...], said: str) -> None:
    ran = ccp("config", "set", *words)
    assert ran.code == 78
    assert said in ran.err
