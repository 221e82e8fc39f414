"""How each kind of run ends: documents for scripts, text for people, files for reports."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.agent.published import folder_of, graphs_of, publish
from causalcopilot.cli.output import View
from causalcopilot.cli.runs import exit_of, show_failure
from causalcopilot.cli.text.ask import ask_text, headline
from causalcopilot.cli.text.discover import discover_text
from causalcopilot.cli.text.estimate import estimate_text, verdict_text
from causalcopilot.cli.text.layout import paragraph
from causalcopilot.errors import UsageError, nearest

if TYPE_CHECKING:
    from causalcopilot.agent.case import Case
    from causalcopilot.agent.session import Session
    from causalcopilot.agent.turn import Turn
    from causalcopilot.graph.stored import StoredGraph

FORMATS = ("md", "html", "json")


def report_formats(listed: str) -> tuple[str, ...]:
    """The ``--format`` list; raises ``UsageError`` on a format that does not exist."""
    wanted = tuple(f.strip() for f in listed.split(",") if f.strip())
    for form in wanted:
        if form not in FORMATS:
            like = nearest(form, FORMATS, 1)
            raise UsageError(
                f"no report format {form!r}",
                f"did you mean {like[0]!r}?" if like else f"formats: {', '.join(FORMATS)}",
            )
    return wanted or FORMATS


def check_folder(folder: Path | None) -> None:
    """Refuse, before anything runs, a folder that a new report cannot be written to.

    Raises:
        UsageError: it is a file, lies in no folder that can be written to, or holds the report of a run.
    """
    if folder is None:
        return
    from causalcopilot.report.write import RECORD

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file, not a folder", "choose another folder with -o")
    if (folder / RECORD).exists():
        raise UsageError(f"{folder} holds the report of another run", "choose another folder with -o")
    there = next(p for p in (folder, *folder.absolute().parents) if p.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(
            f"the report cannot be written to {folder}: {there} cannot be written to",
            "choose another folder with -o",
        )


def finish_estimate(session: Session, case: Case, turn: Turn, view: View) -> int:
    """``estimate`` and ``refute``."""
    from causalcopilot.report.documents import estimate_document

    if turn.error is not None:
        return _failed(turn, view)
    document = estimate_document(turn.run)
    _show(view, document, estimate_text(document), turn)
    return exit_of(turn)


def finish_discover(session: Session, case: Case, turn: Turn, view: View) -> int:
    """``discover``."""
    from causalcopilot.graph.layout import text_lines
    from causalcopilot.report.documents import discover_document

    if turn.error is not None:
        return _failed(turn, view)
    graphs = graphs_of(turn.run, session.memory)
    document = discover_document(turn.run)
    shown = document["graph"] and document["graph"]["name"]
    drawing = next((text_lines(g.graph) for g in graphs if g.id == shown), [])
    _show(view, document, discover_text(document, _lines(drawing)), turn)
    return exit_of(turn)


def finish_ask(session: Session, case: Case, turn: Turn, view: View) -> int:
    """``ask``."""
    if turn.error is not None:
        return _failed(turn, view)
    document = ask(turn)
    _show(view, document, ask_text(document), turn)
    return exit_of(turn)


def ask(turn: Turn) -> dict[str, Any]:
    """The ``ask`` document of a turn."""
    from causalcopilot.report.documents import ask_document

    return ask_document(turn.run, turn.answer)


def finish_analysis(
    session: Session, case: Case, turn: Turn, view: View, output: Path | None, formats: tuple[str, ...]
) -> int:
    """``analyze``: also writes the report."""
    from causalcopilot.report.documents import analyze_document

    if turn.error is not None and not turn.run.calls:
        return _failed(turn, view)
    graphs = graphs_of(turn.run, session.memory)
    folder = output or folder_of(turn.run, session.memory)
    code = exit_of(turn)
    try:
        paths = publish(turn.run, session.memory, folder, formats)
    except UsageError as e:  # the answer is there all the same
        if not view.options.json:
            view.result(_analysis_text(turn, session, graphs, ()))
        raise UsageError(e.message, f"write it elsewhere with: ccp report {turn.run.id} -o FOLDER") from e
    if view.options.json:
        answer = turn.answer if turn.run.question.kind != "explore" else None
        names = {k: p.name for k, p in paths.by_format.items()}
        view.document(analyze_document(turn.run, exit=code, report=names, folder=str(folder), answer=answer))
    else:
        view.result(_analysis_text(turn, session, graphs, paths.all))
    show_failure(turn)
    return code


def _analysis_text(turn: Turn, session: Session, graphs: list[StoredGraph], paths: Sequence[Path]) -> str:
    from causalcopilot.report.documents import estimate_document

    document = ask(turn)
    told = [paragraph(p) for p in document["text"].split("\n\n")]
    head = headline(document) if turn.run.question.kind != "explore" else ""
    lines = ["", "\n\n".join([head, *told] if head else told)]
    if turn.verdict is not None:
        lines += ["", verdict_text(estimate_document(turn.run))]
    lines += ["", *[f"  {p}" for p in paths]]
    names = ", ".join(g.id for g in graphs)
    where = (
        "nothing left this machine"
        if session.settings.model == "expert"
        else f"model {session.settings.model}"
    )
    lines.append(f"  {f'graphs {names} · ' if names else ''}run {turn.run.id} · {where}")
    return "\n".join(lines)


def _failed(turn: Turn, view: View) -> int:
    show_failure(turn)
    if view.options.json and turn.error is not None:
        view.document({"v": 1, "meta": {"run": turn.run.id}, "error": turn.error.to_json()})
    return exit_of(turn)


def _show(view: View, document: dict[str, Any], readable: str, turn: Turn) -> None:
    if view.options.json:
        view.document(document)
    else:
        view.result(readable)
        view.say(f"run {turn.run.id}")


def _lines(drawing: Any) -> list[str]:
    return drawing.splitlines() if isinstance(drawing, str) else list(drawing)
