"""DOT (Graphviz) text both ways: what we write, and the usual hand-written forms."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import get_args

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Edge, Graph, GraphKind, Mark
from causalcopilot.graph.graphtext import Reader, assemble

_HEADS: dict[str, Mark] = {"none": "tail", "normal": "arrow", "odot": "circle", "dot": "circle"}
_ARROWS = {"empty", "onormal", "open", "vee", "halfopen", "inv", "diamond"}
"""Other shapes of Graphviz, which people choose for their looks: each is an arrowhead."""
_SHAPES = {"tail": "none", "arrow": "normal", "circle": "odot"}
_KINDS: tuple[GraphKind, ...] = get_args(GraphKind)


@dataclass
class _Parts:
    """What has been read; ``usual`` holds the defaults that ``edge [...]`` sets."""

    directed: bool
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    usual: dict[str, str] = field(default_factory=dict)


def from_dot(text: str) -> Graph:
    """The graph of a DOT text.

    Marks come from ``dir``, ``arrowhead`` and ``arrowtail`` (``odot`` is a circle, ``none`` a tail), a latent
    from ``latent=true``, the kind from ``kind=...`` or else from the marks: circles make a PAG, two
    arrowheads an ADMG, undirected edges a CPDAG, lags a lagged graph.

    Raises:
        KnowledgeError: with line, column and what was expected there.
    """
    reader = Reader(text, "DOT")
    word = reader.name("digraph or graph").lower()
    if word == "strict":
        word = reader.name("digraph or graph").lower()
    if word not in ("digraph", "graph"):
        reader.refuse("digraph or graph", reader.tokens[max(0, reader.next - 1)], "write: digraph { a -> b }")
    if not reader.sees("{"):
        reader.name("a name or '{'")
    parts = _Parts(word == "digraph")
    _block(reader, parts)
    if reader.token.kind != "end":
        reader.refuse("nothing after the closing bracket")
    latents = [n for n, a in parts.nodes.items() if a.get("latent", "").lower() in ("true", "1", "yes")]
    return assemble(_kind(parts), list(parts.nodes), parts.edges, latents)


def _kind(parts: _Parts) -> str:
    stated = parts.settings.get("kind", "")
    if stated:
        if stated not in _KINDS:
            raise KnowledgeError(f"graph kind {stated!r} is unknown", f"one of {', '.join(_KINDS)}")
        return stated
    symbols = {e.symbol for e in parts.edges}
    if any(e.lag for e in parts.edges):
        return "lagged"
    if any("o" in s for s in symbols):
        return "pag"
    if "---" in symbols:
        return "cpdag"
    return "admg" if "<->" in symbols else "dag"


def _block(reader: Reader, parts: _Parts) -> list[str]:
    """``{ ... }``; the nodes named in it."""
    reader.need("{")
    named: list[str] = []
    while not reader.skip("}"):
        if not (reader.skip(";") or reader.skip(",")):
            named += _statement(reader, parts)
    return named


def _statement(reader: Reader, parts: _Parts) -> list[str]:
    token = reader.token
    word = token.text.lower() if token.kind == "name" else ""
    if word in ("node", "edge", "graph"):
        reader.take()
        attributes = _attributes(reader)
        if word == "edge":
            parts.usual.update(attributes)
        elif word == "graph":
            parts.settings.update(attributes)
        return []
    left, single = _operand(reader, parts)
    if single and reader.skip("="):
        parts.settings[left[0]] = _value(reader)
        return []
    groups = [left]
    while reader.token.kind == "edge":
        if reader.token.text not in ("->", "--"):
            reader.refuse("-> or --")
        if (reader.token.text == "->") != parts.directed:
            reader.refuse("'->' in a digraph, '--' in a graph")
        reader.take()
        groups.append(_operand(reader, parts)[0])
    for name in (n for g in groups for n in g):
        parts.nodes.setdefault(name, {})
    attributes = _attributes(reader) if reader.sees("[") else {}
    if len(groups) == 1 and single:
        parts.nodes[left[0]].update(attributes)
    for sources, targets in pairwise(groups):
        parts.edges += [_edge(a, b, parts, attributes) for a in sources for b in targets]
    return [n for g in groups for n in g]


def _operand(reader: Reader, parts: _Parts) -> tuple[list[str], bool]:
    """A node, or a block (``subgraph x { ... }`` or ``{ ... }``); whether it is a plain node."""
    if reader.token.kind == "name" and reader.token.text.lower() == "subgraph":
        reader.take()
        if not reader.sees("{"):
            reader.name("a name or '{'")
    if reader.sees("{"):
        return list(dict.fromkeys(_block(reader, parts))), False
    bare = reader.token.kind == "name"
    name = reader.name()
    return [name.split(":")[0] if bare else name], True


def _attributes(reader: Reader) -> dict[str, str]:
    found: dict[str, str] = {}
    while reader.skip("["):
        while not reader.skip("]"):
            if reader.skip(",") or reader.skip(";"):
                continue
            key = reader.name("an attribute or ']'").lower()
            found[key] = _value(reader) if reader.skip("=") else "true"
    return found


def _value(reader: Reader) -> str:
    sign = ""
    if reader.token.kind == "edge" and reader.token.text == "-":
        sign = reader.take().text
    return sign + reader.name("a value")


def _edge(a: str, b: str, parts: _Parts, own: dict[str, str]) -> Edge:
    given = {**parts.usual, **own}
    way = given.get("dir", "forward" if parts.directed else "none").lower()
    if way not in ("forward", "back", "both", "none"):
        raise KnowledgeError(f"edge {a} -> {b}: dir is {way!r}", "one of forward, back, both, none")
    head = _mark(given.get("arrowhead", "normal"), f"{a} -> {b}") if way in ("forward", "both") else "tail"
    tail = _mark(given.get("arrowtail", "normal"), f"{a} -> {b}") if way in ("back", "both") else "tail"
    lag = given.get("lag", "0")
    if not lag.isdigit():
        raise KnowledgeError(f"edge {a} -> {b}: lag is {lag!r}", "a whole number of steps")
    whole, here, there = (
        _share(given.get(k), f"{a} -> {b}") for k in ("confidence", "source_confidence", "target_confidence")
    )
    return Edge(a, b, tail, head, int(lag), whole, here, there, given.get("origin", "user"))


def _mark(shape: str, edge: str) -> Mark:
    if shape.lower() in _ARROWS:
        return "arrow"
    if shape.lower() not in _HEADS:
        raise KnowledgeError(
            f"edge {edge}: arrow shape {shape!r} has no meaning here", "normal, none or odot"
        )
    return _HEADS[shape.lower()]


def _share(text: str | None, edge: str) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise KnowledgeError(f"edge {edge}: confidence is {text!r}", "a share from 0 to 1")
    return value


def to_dot(graph: Graph, name: str = "") -> str:
    """The graph as DOT text that Graphviz draws and ``from_dot`` reads back without loss."""
    lines = [f"digraph {_quote(name)} {{" if name else "digraph {", f"  graph [kind={graph.kind}];"]
    for n in graph.nodes:
        lines.append(f"  {_quote(n)}" + (" [latent=true, style=dashed];" if n in graph.latents else ";"))
    for e in graph.edges:
        lines.append(f"  {_quote(e.source)} -> {_quote(e.target)}{_drawn(e)};")
    return "\n".join([*lines, "}"]) + "\n"


def _quote(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _drawn(e: Edge) -> str:
    parts = []
    if (e.source_mark, e.target_mark) == ("tail", "tail"):
        parts.append("dir=none")
    elif (e.source_mark, e.target_mark) != ("tail", "arrow"):
        parts += ["dir=both", f"arrowtail={_SHAPES[e.source_mark]}", f"arrowhead={_SHAPES[e.target_mark]}"]
    if e.lag:
        parts += [f"lag={e.lag}", f'label="t-{e.lag}"']
    shares = {k: getattr(e, k) for k in ("confidence", "source_confidence", "target_confidence")}
    parts += [f"{k}={v!r}" for k, v in shares.items() if v is not None]
    if e.origin != "user":
        parts.append(f"origin={_quote(e.origin)}")
    return f" [{', '.join(parts)}]" if parts else ""
