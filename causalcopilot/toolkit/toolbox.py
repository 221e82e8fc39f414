"""Everything between "the model asks for a tool" and "here is what came of it"."""

from __future__ import annotations

import contextlib
import re
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any, Protocol

from causalcopilot.domain.run import CallRecord
from causalcopilot.errors import CcpError, GraphNotFound, NotApplicable, ToolFailed
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.outcome import Outcome, jsonable
from causalcopilot.toolkit.registry import Registry
from causalcopilot.toolkit.result import EstimateResult, Result
from causalcopilot.toolkit.schema import Called, Checked, check_arguments, function_spec
from causalcopilot.toolkit.shape import shape_of
from causalcopilot.toolkit.tool import Refusal, Tool
from causalcopilot.toolkit.worker import Worker


class Hooks(Protocol):
    """What the toolbox needs of the memory (see ``hooks.py``)."""

    def keep(self, outcome: Outcome) -> tuple[str, ...]:
        """Store one outcome and its new graphs in one transaction; the ids the graphs got."""

    def graph(self, ref: str) -> StoredGraph:
        """The graph of this name."""

    def graphs(self) -> tuple[GraphHead, ...]:
        """Heads of all remembered graphs, newest first."""


class Toolbox:
    """The tools as one case sees them.

    Args:
        registry: the tools.
        context: the case; the toolbox renews its list of graphs as graphs are made.
        worker: where tools run.
        hooks: the memory.
        results: earlier calls of the conversation by id (``earlier`` reads them from records).
        timeout: ``--timeout`` in seconds; a tool's own deadline holds where it is shorter.
        names: real column name to the name shown to the model, where they differ.
    """

    def __init__(
        self,
        registry: Registry,
        context: Context,
        worker: Worker,
        hooks: Hooks,
        results: MutableMapping[str, Called] | None = None,
        *,
        timeout: float | None = None,
        names: Mapping[str, str] | None = None,
    ) -> None:
        self.registry = registry
        self.context = context
        self.worker = worker
        self.hooks = hooks
        self.results: MutableMapping[str, Called] = {} if results is None else results
        self.timeout = timeout
        self.names = names

    def specs(self) -> list[dict[str, Any]]:
        """All tools as OpenAI functions, as things stand now."""
        return [function_spec(t, self.context, self.results, self.names) for t in self.registry]

    def check(self, name: str, args: object) -> str | None:
        """What is wrong with a call, or ``None``."""
        try:
            return self._checked(self.registry.get(name), args).problem or None
        except CcpError as error:
            return "; ".join(t for t in (error.message, error.hint) if t)

    def run(self, call_id: str, name: str, args: Mapping[str, Any]) -> Outcome:
        """Check, run and store one call.  Errors of call and tool become a failed outcome.

        Raises:
            MemoryBusy, MemoryUnreadable: the outcome could not be stored.
            KeyboardInterrupt: Ctrl-C; the worker is gone, nothing was stored.
        """
        started = time.monotonic()
        given: Mapping[str, Any] = args if isinstance(args, Mapping) else {}
        try:
            tool = self.registry.get(name)
            checked = self._checked(tool, args)
            if checked.error:
                raise checked.error
            given = jsonable(checked.args)
            self._require(tool)
            result = self._execute(tool, self._resolved(tool, checked.args))
        except CcpError as error:
            return self._kept(Outcome.failed(call_id, name, given, error, time.monotonic() - started))
        outcome = Outcome.done(call_id, name, given, self._named(result), time.monotonic() - started)
        return self._kept(outcome)

    def refuse(self, call_id: str, name: str, args: Mapping[str, Any], error: CcpError) -> Outcome:
        """Store a call that was never run (declined by the user, cut-off arguments …) as failed."""
        return self._kept(Outcome.failed(call_id, name, args, error))

    def _checked(self, tool: Tool, args: object) -> Checked:
        return check_arguments(tool, args, self.context, self.results, self.names)

    def _require(self, tool: Tool) -> None:
        """Raise ``NotApplicable`` where the tool's own conditions do not hold."""
        answer = tool.applies(self.context.profile, self.context.question)
        if isinstance(answer, Refusal):
            raise NotApplicable(f"{tool.name} does not apply: {answer.reason}", answer.hint)

    def _resolved(self, tool: Tool, args: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments with graphs and earlier results in place of their names."""
        resolvers: dict[str, Callable[[str], Any]] = {
            "graph": self.hooks.graph,
            "call": lambda call: self.results[call].result,
        }
        kinds = {p.name: shape_of(p.annotation).kind for p in tool.parameters}
        out = {k: resolvers[kinds[k]](v) if v and kinds[k] in resolvers else v for k, v in args.items()}
        return self._with_its_graph(kinds, out)

    def _with_its_graph(self, kinds: Mapping[str, str], args: dict[str, Any]) -> dict[str, Any]:
        """A graph left out beside an estimate is the one that the effect was identified from."""
        missing = [k for k, kind in kinds.items() if kind == "graph" and not args.get(k)]
        told = [v.identification for v in args.values() if isinstance(v, EstimateResult) and v.identification]
        if len(missing) == 1 and len(told) == 1 and told[0].graph:
            with contextlib.suppress(
                GraphNotFound
            ):  # it has been taken back since: the check says it has none
                args[missing[0]] = self.hooks.graph(told[0].graph)
        return args

    def _execute(self, tool: Tool, args: Mapping[str, Any]) -> Result:
        if tool.where == "parent":
            return run_here(tool, self.context, args)
        deadline = tool.deadline if self.timeout is None else min(tool.deadline, self.timeout)
        return self.worker.call(tool.target, self.context, args, deadline)

    def _named(self, result: Result) -> Result:
        """The result with a name for every new graph."""
        if all(g.name for g in result.graphs):
            return result
        name = plain_name(self.context.profile.name)
        return replace(result, graphs=tuple(replace(g, name=g.name or name) for g in result.graphs))

    def _kept(self, outcome: Outcome) -> Outcome:
        """Store the outcome, then let later calls know of it."""
        ids = self.hooks.keep(outcome)
        outcome = outcome.with_graphs(ids)
        if outcome.result is not None:
            self.results[outcome.call] = Called(outcome.tool, outcome.result)
        if ids:
            self.context = replace(self.context, graphs=self.hooks.graphs())
        return outcome


def run_here(tool: Tool, context: Context, args: Mapping[str, Any]) -> Result:
    """Run a tool in this process, with errors as the worker would give them."""
    from causalcopilot.toolkit.serial import plain

    try:
        return plain(tool(context, **args))
    except CcpError:
        raise
    except Exception as error:
        text = f"{type(error).__name__}: {error}".splitlines()[0]
        hint = "this is a bug in the tool; run again with -v for the details"
        raise ToolFailed(f"{tool.name} failed: {text}", hint, traceback.format_exc()) from error


def earlier(calls: Iterable[CallRecord]) -> dict[str, Called]:
    """Successful calls of stored runs, ready to be referred to again."""
    from causalcopilot.toolkit.serial import result_from_json

    return {c.id: Called(c.tool, result_from_json(c.result)) for c in calls if c.ok and c.result is not None}


def plain_name(source: str) -> str:
    """A graph name from the data's name: ``dataset:nhefs`` and ``x/nhefs.csv`` give ``nhefs``.

    It never reads as a number: ``401k.csv`` gives ``data_401k``, ``sales-2024.csv`` gives ``sales_2024``.
    """
    last = re.split(r"[/\\]|::|:", source)[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,8}$", "", last)
    clean = re.sub(r"[^A-Za-z0-9_-]+|-(?=\d)", "_", stem).strip("_-")[:48]
    return f"data_{clean}" if clean[:1].isdigit() else clean or "graph"
