"""The files of a run: its report written, noted in the memory by path and hash, and found again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from causalcopilot.domain.run import RunRecord
    from causalcopilot.graph.stored import StoredGraph
    from causalcopilot.memory.memory import Memory
    from causalcopilot.report.write import ReportPaths


def graphs_of(run: RunRecord, memory: Memory) -> list[StoredGraph]:
    """The graphs a run was given or made, in order."""
    ids = [g for c in run.calls for g in c.graphs]
    if run.question.graph:
        ids.insert(0, run.question.graph)
    return [memory.graph(i, undone=True) for i in dict.fromkeys(ids)]


def publish(run: RunRecord, memory: Memory, folder: Path, formats: Sequence[str]) -> ReportPaths:
    """Write the report of a run and note its files in the memory."""
    from causalcopilot.report.write import write_report

    paths = write_report(run, graphs_of(run, memory), folder, formats)
    for kind, path in paths.by_format.items():
        memory.add_artifact(run.id, kind, path.resolve())
    return paths


def folder_of(run: RunRecord, memory: Memory) -> Path:
    """Where the newest report of a run was written, else ``./ccp-report/RUN``."""
    written = [Path(path) for _, path, _, _ in memory.artifacts(run.id)]
    return written[-1].parent if written else Path("ccp-report") / run.id
