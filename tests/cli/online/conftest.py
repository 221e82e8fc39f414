"""A table, the expert's answer about it, and tools that work each call out once."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.agent.tables import smoking
from tests.cli.conftest import Ccp
from tests.cli.online.asking import ASKED, plain

_RESULTS: dict[bytes, Any] = {}


@pytest.fixture(autouse=True)
def compute_once(warm_worker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tools are pure: a call with equal arguments on equal data is worked out once for all these tests."""
    real = warm_worker.call

    def call(target: str, context: Any, kwargs: Any, deadline: float) -> Any:
        asked = replace(context.question, text="", closed=False)
        key = pickle.dumps((target, context.profile.hash, asked, context.knowledge, kwargs))
        if key not in _RESULTS:
            _RESULTS[key] = real(target, context, kwargs, deadline)
        return _RESULTS[key]

    monkeypatch.setattr(warm_worker, "call", call)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return smoking(tmp_path)


_EXPERT: list[Any] = []


@pytest.fixture
def expert(ccp: Ccp, table: Path) -> Any:
    """The expert's answer, without meta; worked out once."""
    if not _EXPERT:
        ran = ccp("ask", str(table), ASKED, "--json", "--memory", "expert.duckdb")
        assert ran.code == 0, ran.err
        assert (ran.json["answer"], ran.json["verdict"]) == ("yes", "supported")
        _EXPERT.append(plain(ran.json))
    return _EXPERT[0]
