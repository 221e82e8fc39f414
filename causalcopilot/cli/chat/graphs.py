"""Graphs in a chat: which one is meant, how it is shown, and one typed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from causalcopilot.cli.origins import PROPOSED, put_there
from causalcopilot.cli.terminal import width
from causalcopilot.cli.text.numbers import counted
from causalcopilot.errors import KnowledgeError, UsageError

if TYPE_CHECKING:
    from causalcopilot.cli.chat.talk import Talk
    from causalcopilot.graph.graph import Graph
    from causalcopilot.graph.stored import StoredGraph


def current(talk: Talk) -> StoredGraph | None:
    """The graph in force: the one of this chat, else the newest that was learned from these data before."""
    stored = of_this_chat(talk)
    if stored is not None:
        return stored
    memory = talk.session.memory
    own = [h for h in memory.graphs() if h.dataset == talk.case.profile.hash]
    return memory.graph(own[0].id) if own else None


def of_this_chat(talk: Talk) -> StoredGraph | None:
    """The graph given or loaded, else the one the last answer was read from, else the last one learned."""
    memory = talk.session.memory
    if talk.case.graph is not None:
        return talk.case.graph
    turn = talk.conversation.turn
    if turn is not None and turn.answer.graph:
        return memory.graph(turn.answer.graph, undone=True)
    for called in reversed(list(talk.conversation.results.values())):
        made = next((f.value for f in called.result.facts if f.key == "graph"), None)
        if called.tool.startswith("discover") and made:
            return memory.graph(str(made), undone=True)
    return None


def meant(talk: Talk, name: str) -> StoredGraph:
    """The graph called ``name``, or the one in force without a name.

    Raises:
        GraphNotFound: there is none of that name.
        UsageError: no graph is known.
    """
    if name:
        return talk.session.memory.graph(name)
    stored = current(talk)
    if stored is None:
        raise UsageError("no graph yet", "ask: draw the causal graph")
    return stored


def lines(stored: StoredGraph) -> list[str]:
    """A graph for the terminal, with where it comes from."""
    from causalcopilot.graph.layout import text_lines

    g = stored.graph
    origin = " · ".join(p for p in (stored.op, stored.method, stored.parent and f"from {stored.parent}") if p)
    head = f"{stored.id}: {g.kind}, {counted(len(g.nodes), 'column')}, {counted(len(g.edges), 'edge')}"
    return [f"{head} ({origin})" if origin else head, "", *text_lines(g, width=width()), *put_there(g)]


def edge_rows(stored: StoredGraph, origins: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Edge, confidence and origin of every edge; ``origins`` says who an edge of the knowledge came from."""
    words = {
        "data": "learned from the data",
        "user": "given by you",
        "required": "required by knowledge",
        "model": PROPOSED,
    }
    rows = []
    for e in stored.graph.edges:
        share = "" if e.confidence is None else f"{e.confidence:.2f}"
        came = origins.get(str(e)) if e.origin in ("required", "model") else None
        rows.append((str(e), share, came or words.get(e.origin, e.origin)))
    return rows


def is_text(text: str) -> bool:
    """Whether this is a graph written out rather than a name."""
    from causalcopilot.graph.editing import ARROW

    return "{" in text or ARROW.search(text) is not None


def read(text: str, talk: Talk) -> Graph:
    """A graph from dagitty text, or from edges such as ``a -> b, b -> c <- d``.

    Raises:
        UsageError: it cannot be read, names a column the table does not have, or holds a cycle.
    """
    from causalcopilot.graph.editing import drawn, read_edges
    from causalcopilot.graph.equivalence import is_acyclic
    from causalcopilot.graph.formats import from_dagitty

    graph = from_dagitty(text) if "{" in text else drawn(read_edges(text, talk.column))
    unknown = [n for n in graph.observed if n not in talk.case.dataset.columns]
    if unknown:
        raise KnowledgeError(
            f"the graph names {', '.join(map(repr, unknown[:5]))}, which the table does not have",
            "mark unmeasured variables, for example: dag { u [latent] u -> a u -> b }",
        )
    if graph.kind in ("dag", "admg") and not is_acyclic(graph):
        raise KnowledgeError("the edges form a cycle", "a cause cannot be its own effect; leave one edge out")
    return graph
