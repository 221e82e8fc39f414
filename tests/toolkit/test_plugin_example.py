"""The plugin in the docs is installed as a user would install it, keeps the contract, and gives the right number."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causalcopilot.data import open_data, profile_dataset
from causalcopilot.toolkit.check import check_plugins
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.hooks import ScratchHooks
from causalcopilot.toolkit.registry import load_tools
from causalcopilot.toolkit.toolbox import Toolbox
from causalcopilot.toolkit.worker import Worker

EXAMPLE = Path(__file__).parents[2] / "docs" / "plugin"
AMOUNTS = (1.0, 1.0, 2.0, 4.0, 12.0)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example, installed into a folder of its own without a network."""
    place = tmp_path_factory.mktemp("site")
    told = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index",
         "--disable-pip-version-check", "--target", str(place), str(EXAMPLE)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    sys.path.insert(0, str(place))
    importlib.invalidate_caches()
    yield place
    sys.path.remove(str(place))
    sys.modules.pop("ccp_gini", None)


def test_it_is_found_beside_our_own_tools(installed: Path) -> None:
    registry = load_tools()
    assert registry.origins["gini"] == "gini"
    assert [p for p in check_plugins(registry) if "gini" in (p.plugin, p.message)] == []
    assert [p for p in check_plugins(registry) if p.level == "error"] == []
    assert "gini" not in load_tools(plugins="").names
    assert "gini" in load_tools(plugins="ccp-gini").names


def test_it_runs_in_the_worker_and_agrees_with_the_definition(installed: Path, tmp_path: Path) -> None:
    table = tmp_path / "shares.csv"
    table.write_text("name,amount,change\n" + "".join(f"p{i},{a},{-a}\n" for i, a in enumerate(AMOUNTS)))
    opened = open_data(str(table), scratch=tmp_path)
    context = Context(opened.dataset, profile_dataset(opened.dataset, opened.notices))
    with Worker(extra_path=[installed]) as worker:
        box = Toolbox(load_tools(), context, worker, ScratchHooks())
        outcome = box.run("t1", "gini", {"column": "amount"})
        assert outcome.ok, outcome.content
        assert outcome.result is not None
        gaps: Any = np.abs(np.subtract.outer(AMOUNTS, AMOUNTS)).mean()
        facts = {f.key: f.value for f in outcome.result.facts}
        assert facts["gini"] == pytest.approx(
            gaps / 2 / np.mean(AMOUNTS)
        )  # half the relative mean difference
        assert facts["rows"] == len(AMOUNTS)
        refused = box.run("t2", "gini", {"column": "change"})
        assert (refused.ok, refused.error.kind if refused.error else "") == (False, "not_applicable")
        assert box.check("gini", {"column": "amont"}) is not None
