"""``ccp doctor``: is everything here that should be?"""

from __future__ import annotations

import typer

from causalcopilot.cli.state import Globals


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(context: typer.Context) -> int:
    """Check that everything is in place."""
    import os
    import sys
    import time
    from importlib.metadata import version

    from causalcopilot.cli.output import View
    from causalcopilot.errors import CcpError
    from causalcopilot.memory.memory import Memory
    from causalcopilot.toolkit.registry import load_tools
    from causalcopilot.toolkit.worker import Worker

    options: Globals = context.obj
    sourced = options.settings()
    lines: list[tuple[str, str]] = []
    python = ".".join(map(str, sys.version_info[:3]))
    registry = load_tools()
    lines.append(("ok", f"python {python} · ccp {version('causalcopilot')} · {len(list(registry))} tools"))
    lines += [("bad", f"tools   {p.plugin}: {p.message}") for p in registry.problems]
    try:
        memory = Memory(sourced.memory_path())
        m = memory.doctor()
        told = f"schema {m.schema}, {m.graphs} graphs, {m.runs} runs, {m.bytes / 1e6:.1f} MB"
        state = "writable" if m.writable else "read-only"
        lines.append(
            ("ok" if m.writable else "bad", f"memory  {m.path}  {told if m.exists else 'new'}, {state}")
        )
        lines += [("bad", f"memory  {fault}") for fault in memory.inconsistencies()]
    except CcpError as e:
        lines.append(("bad", f"memory  {e.message}. {e.hint}"))
    worker, started = Worker(memory_mb=sourced.settings.max_memory), time.monotonic()
    try:
        worker.start()
        worker.call("causalcopilot.toolkit.check:hello", None, {}, 60.0)
        lines.append(("ok", f"worker  ready after {time.monotonic() - started:.1f} s"))
    except CcpError as e:
        lines.append(("bad", f"worker  {e.message}. {e.hint}"))
    finally:
        worker.close()
    model = sourced.settings.model
    if model == "expert":
        lines.append(
            ("off", "model   none chosen; the built-in expert answers. Try: ccp models test -m openai:NAME")
        )
        if os.environ.get("OPENAI_API_KEY"):
            lines.append(
                ("ok", "key     OPENAI_API_KEY is set; it is used only when a model is chosen by name")
            )
    else:
        lines.append(("ok", f"model   {model}; try: ccp models test"))
    if os.environ.get("CCP_TRACE", "") == "1":
        lines.append(
            ("warn", "trace   CCP_TRACE=1: what LANGSMITH_* name gets every request, the expert's too")
        )
    view = View(options)
    if options.json:
        view.document({"v": 1, "meta": {"lines": [{"status": s, "text": t} for s, t in lines]}})
    else:
        view.result("\n".join(f"{s:<4}  {t}" for s, t in lines))
    return 1 if any(s == "bad" for s, _ in lines) else 0
