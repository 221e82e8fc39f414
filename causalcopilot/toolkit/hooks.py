"""How the toolbox keeps what happened: in the memory, or only as long as the process lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import GraphNotFound, nearest
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.toolkit.outcome import Outcome
from causalcopilot.toolkit.result import NewGraph

if TYPE_CHECKING:
    from causalcopilot.memory.memory import Memory


class MemoryHooks:
    """Keeps every outcome of one run in the memory file.

    Args:
        memory: the memory.
        run: id of the run, already started.
        seed: seed the calls receive.
        message: body of the tool message to store with the call, made from its outcome; ``None`` stores
            the memory's own.
    """

    def __init__(
        self,
        memory: Memory,
        run: str,
        seed: int = 0,
        message: Callable[[Outcome], Mapping[str, Any]] | None = None,
    ) -> None:
        self.memory, self.run, self.seed, self.message = memory, run, seed, message

    def keep(self, outcome: Outcome) -> tuple[str, ...]:
        """One transaction: call, facts, graphs and tool message."""
        result = outcome.result

        def complete(ids: tuple[str, ...]) -> Any:
            done = outcome.with_graphs(ids)
            return done.record(self.seed), None if self.message is None else self.message(done)

        return self.memory.save_call(self.run, None, complete, () if result is None else result.graphs)

    def graph(self, ref: str) -> StoredGraph:
        """From the memory."""
        return self.memory.graph(ref)

    def graphs(self) -> tuple[GraphHead, ...]:
        """From the memory."""
        return tuple(self.memory.graphs())


class ScratchHooks:
    """Keeps outcomes and graphs in this object only (tests, a notebook without a memory)."""

    def __init__(self) -> None:
        self.outcomes: list[Outcome] = []
        self.stored: dict[str, StoredGraph] = {}

    def keep(self, outcome: Outcome) -> tuple[str, ...]:
        """Remember the outcome; give its graphs the next versions of their names."""
        ids = (
            () if outcome.result is None else tuple(self._add(g, outcome.call) for g in outcome.result.graphs)
        )
        self.outcomes.append(outcome.with_graphs(ids))
        return ids

    def graph(self, ref: str) -> StoredGraph:
        """By ``name`` (latest) or ``name@version``; ``GraphNotFound`` with the nearest names."""
        found = [g for i, g in self.stored.items() if ref in (i, i.rpartition("@")[0])]
        if found:
            return found[-1]
        close = nearest(ref, tuple(self.stored))
        raise GraphNotFound(f"no graph {ref!r}", f"did you mean {close[0]!r}?" if close else "")

    def graphs(self) -> tuple[GraphHead, ...]:
        """Newest first."""
        return tuple(head_of(g) for g in reversed(self.stored.values()))

    def _add(self, new: NewGraph, call: str) -> str:
        name = new.name or "graph"
        version = 1 + sum(i.rpartition("@")[0] == name for i in self.stored)
        made = datetime.now(UTC).isoformat(timespec="seconds")
        stored = StoredGraph(
            f"{name}@{version}",
            new.graph,
            method=new.method,
            op=new.op,
            parent=new.parent,
            call=call,
            note=new.note,
            made=made,
            params=new.params,
        )
        self.stored[stored.id] = stored
        return stored.id


def head_of(stored: StoredGraph) -> GraphHead:
    """A remembered graph as a line of the list."""
    g = stored.graph
    return GraphHead(
        stored.id,
        g.kind,
        len(g.nodes),
        len(g.edges),
        stored.dataset,
        stored.method,
        stored.op,
        stored.run,
        stored.made,
        stored.note,
    )
