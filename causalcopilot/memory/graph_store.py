"""Named graphs in the memory: remembered as versions, found, listed, removed, taken back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from causalcopilot.errors import MemoryBusy
from causalcopilot.graph.stored import GraphHead, StoredGraph
from causalcopilot.memory import graphs, undoing
from causalcopilot.memory.database import NotWritable
from causalcopilot.memory.store import Store, raiser, stamp
from causalcopilot.toolkit.result import NewGraph

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class GraphStore(Store):
    """What the memory does with named graphs."""

    def save_graph(self, new: NewGraph, dataset: str = "", run: str = "", call: str = "") -> str:
        """Remember a graph as the next version of its name; its ``name@version``."""
        from causalcopilot.memory.operations import apply, graph_operation, stored_graph

        name, now = graphs.graph_name(new.name or "graph"), stamp()

        def work(connection: DuckDBPyConnection) -> str:
            stored = stored_graph(new, graphs.next_id(connection, name), dataset, run, call, now)
            apply(connection, graph_operation(stored))
            return stored.id

        try:
            return self._transact(work)
        except (MemoryBusy, NotWritable) as error:
            if not run:
                raise
            stored = stored_graph(new, self._private_ids([name])[0], dataset, run, call, now)
            self._put_aside(graph_operation(stored), error)
            self._remember([stored])
            return stored.id

    def graph(self, ref: str, *, undone: bool = False) -> StoredGraph:
        """A graph by ``name`` (latest version) or ``name@version``; ``GraphNotFound`` with the nearest names.

        With ``undone`` versions that were taken back are found too, as the records of old runs need them.
        """
        missing: Callable[[], StoredGraph] = raiser(graphs.not_found(ref, ()))
        try:
            stored = self._read(lambda c: graphs.read_graph(c, ref, undone=undone), missing)
        except MemoryBusy:
            latest = (i for i in reversed(self._known) if ref in (i, i.rpartition("@")[0]))
            found = next(latest, None)
            if not self.spooling or found is None:
                raise
            return self._known[found]
        self._known[stored.id] = stored
        return stored

    def graphs(self) -> list[GraphHead]:
        """All versions of all graphs, newest first."""
        try:
            self._heads = self._read(graphs.read_heads, list)
        except MemoryBusy:
            if not self.spooling:
                raise
            listed = {h.id for h in self._heads}
            mine = [_head(g) for i, g in reversed(self._known.items()) if i not in listed]
            return mine + self._heads
        return list(self._heads)

    def delete_graph(self, ref: str) -> tuple[str, ...]:
        """Remove one version (``name@version``) or all of a name; what was removed.

        The versions are only marked: their numbers are never given again, and parent links keep their meaning.
        """
        return self._change(lambda c: graphs.remove_graph(c, ref, stamp()), raiser(graphs.not_found(ref, ())))

    def undo_graph(self, name: str) -> tuple[str, str]:
        """Take back the newest version of a graph; its id and that of the version in force now, or empty."""
        return self._change(
            lambda c: undoing.undo_graph(c, name, stamp()), raiser(graphs.not_found(name, ()))
        )

    def restore_graph(self, name: str) -> str:
        """Bring back the version of a graph that was taken back last, or this very one; its id."""
        return self._change(lambda c: undoing.restore_graph(c, name), raiser(graphs.not_found(name, ())))


def _head(stored: StoredGraph) -> GraphHead:
    g = stored.graph
    provenance = (stored.dataset, stored.method, stored.op, stored.run, stored.made, stored.note)
    return GraphHead(stored.id, g.kind, len(g.nodes), len(g.edges), *provenance)
