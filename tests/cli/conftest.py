"""The command line in this process, over the shared worker."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as one JSON document; fails where it is anything else."""
        return json.loads(self.out)


Ccp = Callable[..., Ran]


@pytest.fixture
def ccp(
    warm_worker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Ccp:
    """``ccp("estimate", "table.csv", "-t", "x")`` in a folder of its own."""
    from causalcopilot.cli.app import run

    class Shared:
        """Hands out the shared worker; a command's own close() leaves it running."""

        def __new__(cls, memory_mb: int = 0, **kwargs: Any) -> Any:
            return Handle()

    class Handle:
        def start(self) -> None:
            warm_worker.start()

        def call(self, *args: Any, **kwargs: Any) -> Any:
            return warm_worker.call(*args, **kwargs)

        def close(self) -> None:
            """The session closes its worker; this one is shared."""

    monkeypatch.setattr("causalcopilot.toolkit.worker.Worker", Shared)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> Ran:
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err, captured.err
        return Ran(code, captured.out, captured.err)

    return call
