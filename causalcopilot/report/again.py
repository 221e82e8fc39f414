"""The command that gives a run again: as it was typed, or rebuilt from what was asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from causalcopilot.domain.comma_list import join_list
from causalcopilot.domain.designs import instruments_of
from causalcopilot.domain.question import ABOUT_WHOLE, Question
from causalcopilot.domain.run import RunRecord
from causalcopilot.report.asked import whole


def command_line(run: RunRecord) -> str:
    """The command that gives this run again, on one line that a shell reads."""
    typed = run.settings.get("argv")
    if isinstance(typed, list | tuple) and typed:
        words = ["ccp", *map(str, typed)]
    elif run.command == "refute" and run.parent:
        words = ["ccp", "refute", run.parent]
    else:
        words = ["ccp", *_rebuilt(run)]
    said = any(w == "--seed" or w.startswith("--seed=") for w in words) or (typed and not run.seed)
    seed = [] if said else ["--seed", str(run.seed)]
    end = words.index("--") if "--" in words else len(words)
    return shlex.join([*words[:end], *seed, *words[end:]])


def _rebuilt(run: RunRecord) -> list[str]:
    """The command of a run that no command line began: from Python, or a turn of a chat.

    A turn may build on the turns before it, so that an effect is asked for by its columns, and another question in a
    sentence that needs no other turn.
    """
    q = run.question
    command = run.command
    if command == "chat":
        named = q.kind in ABOUT_WHOLE and q.treatment and q.outcome
        command = "estimate" if named and (q.kind == "effect" or (q.modifiers and not q.among)) else "ask"
    words = [command, run.dataset]
    if command == "ask":
        text = whole(q) if run.command == "chat" else q.text
        return [*words, text, *_pairs(run, q, effect=False)]
    if command == "analyze" and q.text:
        words += ["-q", q.text]
    return [*words, *_pairs(run, q, effect=True)]


def _pairs(run: RunRecord, q: Question, *, effect: bool) -> Iterator[str]:
    kept = run.settings
    graph = str(kept.get("graph") or "") or (q.graph or "")
    pairs: list[tuple[str, object]] = []
    if effect:
        pairs += [("-t", q.treatment), ("-y", q.outcome)]
        if q.contrast is not None:
            pairs += [("--from", q.contrast.control), ("--to", q.contrast.treated)]
        pairs += [("--controls", None if q.controls is None else join_list(q.controls))]
        pairs += [("--quantity", q.quantity), ("--mediator", q.mediator)]
    pairs += [("--graph", graph), ("--knowledge", kept.get("knowledge"))]
    pairs += [("--design", None if q.design == "auto" else q.design)]
    pairs += [("--instrument", ",".join(instruments_of(q)))]
    pairs += [("--running", q.running), ("--cutoff", q.cutoff), ("--time", q.time), ("--unit", q.unit)]
    pairs += [("--cluster", q.cluster), ("--weights", q.weights)]
    pairs += [("--event", q.event), ("--horizon", q.horizon)]
    pairs += [("--negative-control", join_list(q.negative_controls)), ("--by", join_list(q.modifiers))]
    pins = dict(kept.get("pins") or {})
    method = pins.pop("method", "") or ("" if q.method == "auto" else q.method)
    pairs += [("--method", method), *((f"--{k}", v) for k, v in pins.items())]
    pairs += [("--type", t) for t in kept.get("types") or ()]
    for flag, value in pairs:
        if value not in (None, ""):
            yield from (flag, str(value))
    if q.assume:
        yield "--assume"
    if kept.get("use_knowledge") is False:
        yield "--no-knowledge"
