"""A stored run, and its repetition, for people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.text.layout import wrap
from causalcopilot.cli.text.numbers import counted

if TYPE_CHECKING:
    from causalcopilot.agent.replay import Replayed
    from causalcopilot.domain.run import RunRecord


def run_text(run: RunRecord, full: bool = False) -> str:
    """A stored run for people."""
    q = run.question
    asked = q.text or (f"effect of {q.treatment} on {q.outcome}" if q.treatment else q.kind)
    lines = [
        f"{run.id}: ccp {run.command} {run.dataset}",
        f"  {asked} · {run.model} · seed {run.seed} · {run.status}"
        + (f" · {run.verdict}" if run.verdict else ""),
        f"  {counted(run.rows, 'row')}, {counted(run.columns, 'column')} · {run.hash[:23]}…",
        "",
    ]
    for c in run.calls:
        args = ", ".join(f"{k}={v}" for k, v in c.args.items())
        said = (c.result or {}).get("summary", "") if c.ok else (c.error or {}).get("message", "")
        lines.append(wrap(f"{c.id} {c.tool}({args})", "  ", "       "))
        lines.append(wrap(f"{'' if c.ok else 'failed: '}{said} ({c.seconds:.1f} s)", "     ", "     "))
        if full:
            lines.append(wrap(c.content, "     ", "     "))
    if not run.calls:
        lines.append("  it ended before its first call")
    return "\n".join(lines)


def replay_text(run: RunRecord, done: Sequence[Replayed], same_data: bool) -> str:
    """What came out differently when a run was repeated."""
    lines = [
        f"{run.id}: {counted(len(done), 'call')} run again on {'the same' if same_data else 'other'} data"
    ]
    for d in done:
        lines.append(f"  {d.call} {d.tool}: {'same' if d.same else f'{len(d.differences)} facts differ'}")
        if d.error:
            lines.append(wrap(d.error, "    ", "    "))
        lines += [f"    {x.key}: {_values(x.before)} -> {_values(x.after)}" for x in d.differences[:12]]
        if len(d.differences) > 12:
            lines.append(f"    and {len(d.differences) - 12} more")
    return "\n".join(lines)


def _values(values: tuple[Any, Any, Any] | None) -> str:
    if values is None:
        return "none"
    value, low, high = (v if isinstance(v, str | bool) or v is None else f"{v:.6g}" for v in values)
    return str(value) if low is None else f"{value} ({low} to {high})"
