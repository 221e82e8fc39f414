"""What the README shows is what ccp does: every console block is run, every line it shows must come out.

``…`` stands for anything: within a line for any characters, as a line of its own for any lines.  Lines that begin
with ``> `` are typed into the program.
"""

from __future__ import annotations

import io
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.cli.app import COMMANDS
from causalcopilot.testing import Loopback
from tests.agent.oracle import LONG, Request, choose
from tests.cli.conftest import Ccp

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.S)


def commands() -> list[tuple[str, list[str]]]:
    """(command line, lines shown) of every console block; a block holds one command."""
    found = []
    for block in BLOCKS:
        first, *shown = block.rstrip("\n").split("\n")
        assert first.startswith("$ ccp "), first
        found.append((first[2:], shown))
    return found


def pattern(shown: list[str]) -> re.Pattern[str]:
    parts = []
    for line in shown:
        if line.strip() == "…" or line.startswith("> "):
            parts.append(r"(?:.*\n)*?")
        else:
            parts.append(re.escape(line.rstrip()).replace("…", ".*").replace(r"\ …", ".*") + r"[ ]*\n")
    return re.compile("".join(parts))


@pytest.fixture(scope="module")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One memory for the whole page: it lists the graphs and runs that earlier blocks made."""
    return tmp_path_factory.mktemp("readme")


@pytest.mark.xdist_group("readme")
@pytest.mark.parametrize(("line", "shown"), commands(), ids=[c for c, _ in commands()])
def test_console_block(
    ccp: Ccp, line: str, shown: list[str], shared_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CCP_HOME", str(shared_home))
    typed = [s[2:] for s in shown if s.startswith("> ")]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(typed) + "\n"))
    if line == "ccp graph list" and not (shared_home / "data").exists():
        ccp("discover", "dataset:simulated_shop", "--no-knowledge", "--name", "shop")
    ran = ccp(*shlex.split(line)[1:])
    assert ran.code in (0, 4), ran.err
    both = ran.err + ran.out
    assert pattern(shown).search(both), both


def test_commands_that_name_a_model(ccp: Ccp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The block with models, against a scripted server that makes the expert's choices."""
    lines = [line for line in README.split("\n") if line.startswith("ccp ") and " -m " in line]
    assert len(lines) == 3
    sales(tmp_path / "sales.csv")
    with Loopback([_ready_or_expert] * LONG) as server:
        monkeypatch.setenv("OPENAI_API_KEY", "sk-test-test-test-test")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        for line in lines:
            words = [server.url if w.startswith("http") else w for w in shlex.split(line)[1:]]
            ran = ccp(*words)
            assert ran.code == 0, (line, ran.err)
            assert ran.out
    assert len(server.requests) > 3
    sent = json.dumps(server.requests)
    assert "price" in sent
    assert "17.531" not in sent


def _ready_or_expert(request: Request) -> Any:
    """A word to ``ccp models test``, which sends no table; the expert's choice to everything else."""
    return choose(request) if "ccp.brief" in json.dumps(request["messages"]) else "ready"


def sales(path: Path) -> None:
    """A table with a price, units, and one canary value."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(2)
    income = rng.normal(50, 10, 600)
    price = 10 + 0.1 * income + rng.normal(0, 1, 600)
    price[7] = 17.531
    pd.DataFrame(
        {"income": income, "price": price, "units": 90 - 4 * price + income + rng.normal(0, 4, 600)}
    ).to_csv(path, index=False)


def test_commands_named_in_the_text_exist(ccp: Ccp) -> None:
    spans = {s.strip() for s in re.findall(r"`(ccp [^`]+)`", README)}
    assert spans
    for span in sorted(spans):
        words = [w for w in shlex.split(span)[1:] if re.fullmatch(r"[a-z]+(\|[a-z]+)*", w)]
        assert words[0] in COMMANDS, span
        for sub in words[1].split("|") if len(words) > 1 else [""]:
            ran = ccp(words[0], *([sub] if sub else []), "--help")
            assert ran.code == 0, (span, ran.err)


def test_the_trimming_rule_is_quoted_as_it_is() -> None:
    from causalcopilot_tools.effects.trimming import TRIM_RULE

    quoted = " ".join(
        line[2:] for line in README.split("\n") if line.startswith("> For an effect") or line[:2] == "> "
    )
    assert TRIM_RULE in re.sub(r"\s+", " ", quoted)


def test_exit_codes_are_those_of_the_errors() -> None:
    from causalcopilot import errors

    told = {int(n) for n in re.findall(r"^\| (\d+) \|", README, re.M)}
    known = {
        c.exit_code for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.CcpError)
    }
    assert known <= told


def test_the_picture_is_there() -> None:
    for path in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", README):
        assert (Path(__file__).resolve().parents[2] / path).stat().st_size > 10_000
