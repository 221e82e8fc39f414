"""Random models: every run ends within its limits, in a sound report or with a clear exit code.

The full size is ``python -m tests.benchmarks.chaos --runs 2000``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.agent.chaos import Chaos, Told
from tests.agent.shared import share

RUNS = 24


@pytest.fixture
def chaos(warm_worker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chaos]:
    monkeypatch.setattr("causalcopilot.toolkit.worker.Worker", share(warm_worker))
    made = Chaos(tmp_path)
    yield made
    made.close()


def test_no_random_model_breaks_anything(chaos: Chaos) -> None:
    played: list[Told] = [chaos.play(seed) for seed in range(RUNS)]
    assert {t.seed: t.faults for t in played if t.faults} == {}
    assert len({t.character for t in played}) > 6
    assert {0, 6, 7} <= {code for t in played for code in t.exits}
    assert {"scripted", "expert"} <= {a for t in played for a in t.authors}
