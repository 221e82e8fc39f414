"""What became of one call: the result or the error, and the text a model sees of it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.run import CallRecord
from causalcopilot.errors import CcpError, ToolFailed
from causalcopilot.toolkit.result import Result


@dataclass(frozen=True)
class Outcome:
    """One call and what came of it.

    Attributes:
        call: ``t1``, ``t2`` …
        tool: name of the tool called.
        args: checked arguments as JSON (real column names; graphs and calls as written), or what was given.
        ok: whether it returned a result.
        result: the result, or ``None``.
        error: the error, or ``None``; ``ToolFailed`` carries a ``trace``.
        seconds: wall time.
        content: the text a model sees: JSON of the facts, or of the error.
        graphs: ``name@version`` of the graphs it made.
    """

    call: str
    tool: str
    args: Mapping[str, Any] = field(default_factory=dict)
    ok: bool = False
    result: Result | None = None
    error: CcpError | None = None
    seconds: float = 0.0
    content: str = ""
    graphs: tuple[str, ...] = ()

    @classmethod
    def done(
        cls, call: str, tool: str, args: Mapping[str, Any], result: Result, seconds: float = 0.0
    ) -> Outcome:
        """A call that returned a result."""
        return cls(call, tool, args, True, result, None, seconds, content_of(call, tool, result))

    @classmethod
    def failed(
        cls, call: str, tool: str, args: Mapping[str, Any], error: CcpError, seconds: float = 0.0
    ) -> Outcome:
        """A call that did not."""
        return cls(call, tool, args, False, None, error, seconds, error_content(call, tool, error))

    def with_graphs(self, ids: tuple[str, ...]) -> Outcome:
        """The same outcome once its graphs have names: they become facts (``graph``, ``graph.2`` …)."""
        if not ids or self.result is None:
            return self
        made = tuple(
            Fact(f"graph.{i}" if i > 1 else "graph", name, label="graph", subject=name)
            for i, name in enumerate(ids, 1)
        )
        keys = {f.key for f in made}
        kept = tuple(f for f in self.result.facts if f.key not in keys)
        result = replace(self.result, facts=(*made, *kept))
        return replace(self, result=result, graphs=ids, content=content_of(self.call, self.tool, result))

    def record(self, seed: int = 0) -> CallRecord:
        """The call as the memory stores it."""
        from causalcopilot.toolkit.serial import result_to_json

        return CallRecord(
            self.call,
            self.tool,
            dict(self.args),
            self.ok,
            None if self.result is None else result_to_json(self.result),
            None if self.error is None else error_json(self.error),
            self.content,
            self.seconds,
            seed,
            self.graphs,
        )


def content_of(call: str, tool: str, result: Result) -> str:
    """The facts as JSON; a fact that is nothing but a value is shown bare."""
    facts = {f.key: _shown(f) for f in result.facts}
    return _text({"call": call, "tool": tool, "ok": True, "facts": facts})


def error_content(call: str, tool: str, error: CcpError) -> str:
    """The error as JSON.  A tool's accident is told by its kind only: its text may hold data values."""
    message = f"{tool} failed with an internal error" if isinstance(error, ToolFailed) else error.message
    body = {"call": call, "tool": tool, "ok": False, "kind": error.kind, "error": message}
    return _text({**body, "hint": "" if isinstance(error, ToolFailed) else error.hint})


def error_json(error: CcpError) -> dict[str, Any]:
    """The error as stored: the full message, and the trace where there is one."""
    body: dict[str, Any] = {"kind": error.kind, "message": error.message, "hint": error.hint}
    trace = getattr(error, "trace", "")
    return {**body, "trace": trace} if trace else body


def jsonable(args: Mapping[str, Any]) -> dict[str, Any]:
    """Checked arguments as plain JSON: tuples become lists."""
    return {k: list(v) if isinstance(v, tuple) else v for k, v in args.items()}


def _shown(fact: Fact) -> object:
    value = _finite(fact.value)
    extra: dict[str, object] = {
        "low": _finite(fact.low),
        "high": _finite(fact.high),
        "unit": fact.unit,
        "label": fact.label,
    }
    extra = {k: v for k, v in extra.items() if v not in (None, "")}
    return {"value": value, **extra} if extra else value


def _finite(value: Scalar) -> Scalar:
    """JSON has no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _text(body: Mapping[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
