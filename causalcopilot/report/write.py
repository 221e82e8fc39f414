"""Write the report of a run into a folder, and check a written one against the stored run."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from causalcopilot.domain.run import RunRecord
from causalcopilot.errors import UsageError
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.report.build import build_view
from causalcopilot.report.claims import text_of
from causalcopilot.report.documents import VERSION, analysis_parts, evidence_of, graph_json, head_meta, number
from causalcopilot.report.findings import read_run
from causalcopilot.report.html import render_html
from causalcopilot.report.markdown import render_markdown
from causalcopilot.report.view import View

Format = Literal["md", "html", "json"]
RECORD = "report.json"
_NAMES: Mapping[str, str] = {"md": "markdown", "html": "html", "json": "json"}


@dataclass(frozen=True)
class ReportPaths:
    """Where a report was written.

    Attributes:
        folder: the folder.
        by_format: file of each format that was asked for (``markdown``, ``html``, ``json``).
        figures: SVG files beside the Markdown.
        all: the files a reader opens, in the order asked for.
    """

    folder: Path
    by_format: Mapping[str, Path]
    figures: tuple[Path, ...]

    @property
    def all(self) -> tuple[Path, ...]:
        """The files a reader opens."""
        return tuple(self.by_format.values())


def write_report(
    run: RunRecord, graphs: Sequence[StoredGraph], folder: Path, formats: Sequence[Format] | Sequence[str]
) -> ReportPaths:
    """Render a run and write it; each file appears whole or not at all.

    ``report.json`` is always written: it tells whose folder this is.

    Args:
        run: the stored run.
        graphs: remembered graphs of the run, in order.
        folder: made when missing; an existing report of the same run is replaced.
        formats: ``md``, ``html``, ``json``.

    Raises:
        UsageError: the folder holds another run's report, or cannot be written.
        Untraceable: the stored narrative does not check.
    """
    folder = Path(folder)
    earlier = _refuse_other(run, folder)
    files = render_files(run, graphs, (*formats, *earlier))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(files, key=lambda n: n == RECORD):
            _write(folder / name, files[name])
    except OSError as e:
        raise UsageError(
            f"the report cannot be written to {folder}: {e.strerror or e}", "choose another folder with -o"
        ) from e
    known = {"md": "report.md", "html": "report.html", "json": RECORD}
    by_format = {_NAMES[f]: folder / known[f] for f in formats}
    figures = tuple(folder / n for n in files if n.endswith(".svg"))
    return ReportPaths(folder, by_format, figures)


def render_files(run: RunRecord, graphs: Sequence[StoredGraph], formats: Sequence[str]) -> dict[str, str]:
    """Every file of a report by name; the same text for the same run, on every machine."""
    view = build_view(run, graphs)
    files: dict[str, str] = {}
    if "md" in formats:
        files |= {f"{f.name}.svg": f.svg + "\n" for f in view.figures}
        files["report.md"] = render_markdown(view)
    if "html" in formats:
        files["report.html"] = render_html(view)
    record = report_document(run, graphs, view, formats)
    files[RECORD] = json.dumps(record, ensure_ascii=False, indent=1, allow_nan=False) + "\n"
    return files


def check_report(run: RunRecord, graphs: Sequence[StoredGraph], folder: Path) -> list[str]:
    """Render again from the stored run and compare byte by byte; the faults found, empty when it all follows."""
    record = Path(folder) / RECORD
    if not record.is_file():
        return [f"{record} is missing"]
    try:
        written = json.loads(record.read_text(encoding="utf-8"))
        formats = [f for f in ("md", "html", "json") if f in written["meta"]["formats"]]
        owner = written["meta"]["run"]
    except (ValueError, KeyError, TypeError):
        return [f"{record} is not a report record"]
    if owner != run.id:
        return [f"{folder} holds the report of run {owner}"]
    faults = []
    for name, text in render_files(run, graphs, formats).items():
        path = Path(folder) / name
        if not path.is_file():
            faults.append(f"{name} is missing")
        elif path.read_bytes() != text.encode("utf-8"):
            faults.append(_difference(name, path.read_text(encoding="utf-8", errors="replace"), text))
    return faults


def report_document(
    run: RunRecord, graphs: Sequence[StoredGraph], view: View, formats: Sequence[str]
) -> dict[str, Any]:
    """``report.json``: every claim with its reference, value and call, and all results that count."""
    from causalcopilot.domain.serial import to_json

    findings = read_run(run)
    parts = [p for b in view.blocks for p in b.parts]
    return {
        "v": VERSION,
        "meta": {**head_meta(run), "formats": [f for f in ("md", "html", "json") if f in formats]},
        "title": view.title,
        "run": {
            "command": run.command,
            "question": to_json(run.question),
            "model": run.model,
            "seed": run.seed,
            "author": run.author,
            "data": {"name": run.dataset, "hash": run.hash, "rows": run.rows, "columns": run.columns},
        },
        "text": "\n\n".join(text_of(b.parts) for s in view.sections if s.id == "summary" for b in s.prose),
        "claims": evidence_of(parts, findings.facts),
        **analysis_parts(findings),
        "calls": [
            {
                "call": c.id,
                "tool": c.tool,
                "args": dict(c.args),
                "ok": c.ok,
                "facts": {k: number(f.value) for k, f in findings.facts.get(c.id, {}).items()},
                "error": dict(c.error) if c.error else None,
            }
            for c in run.calls
        ],
        "graphs": [graph_json(g.graph, g.id) for g in graphs],
        "files": {f.name: f"{f.name}.svg" for f in view.figures} if "md" in formats else {},
    }


def _refuse_other(run: RunRecord, folder: Path) -> list[str]:
    """Formats this run's report already has in ``folder``; raises where the folder is not this run's."""
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder", "choose another folder with -o")
    record = folder / RECORD
    if not record.exists():
        return []
    try:
        meta = json.loads(record.read_text(encoding="utf-8"))["meta"]
        owner, formats = str(meta["run"]), [str(f) for f in meta["formats"]]
    except (ValueError, KeyError, TypeError, OSError):
        owner, formats = "", []
    if owner != run.id:
        whose = f"the report of run {owner}" if owner else f"a {RECORD} that ccp did not write"
        raise UsageError(f"{folder} holds {whose}", "choose another folder with -o")
    return formats


def _write(path: Path, text: str) -> None:
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as f:
            f.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _difference(name: str, written: str, rendered: str) -> str:
    """Where a written file leaves what the run gives."""
    for n, (a, b) in enumerate(zip(written.splitlines(), rendered.splitlines(), strict=False), 1):
        if a != b:
            at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
            return f"{name}, line {n}: has {a[at : at + 40]!r} where the run gives {b[at : at + 40]!r}"
    return f"{name} is longer or shorter than what the run gives"
