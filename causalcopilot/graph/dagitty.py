"""dagitty text both ways: ``dag { u [latent] u -> t u -> y t -> y }``, ``pdag``, ``mag``, ``pag``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from causalcopilot.errors import UsageError
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.graphtext import Reader, assemble, marks_of, quoted

_KINDS = {"dag": "dag", "pdag": "cpdag", "cpdag": "cpdag", "mag": "pag", "pag": "pag", "admg": "admg"}
_LATENT = {"latent", "l", "unobserved", "u"}
_EXPOSURE = {"exposure", "e"}
_OUTCOME = {"outcome", "o"}
_SELECTED = {"selected"}
_TEXT = {"dag": "dag", "admg": "dag", "cpdag": "pdag", "pag": "pag"}


@dataclass(frozen=True)
class Dagitty:
    """A parsed text: the graph, and the nodes marked as exposures and outcomes."""

    graph: Graph
    exposures: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


@dataclass
class _Parts:
    nodes: dict[str, set[str]] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)

    def marked(self, words: set[str]) -> tuple[str, ...]:
        return tuple(n for n, marks in self.nodes.items() if marks & words)


def from_dagitty(text: str) -> Graph:
    """The graph of a dagitty text; ``mag`` becomes a ``pag`` without circles, ``dag`` with ``<->`` an
    ``admg``.

    Raises:
        KnowledgeError: with line, column and what was expected there.
    """
    return read_dagitty(text).graph


def read_dagitty(text: str) -> Dagitty:
    """The graph of a dagitty text, with its exposures and outcomes.

    Raises:
        KnowledgeError: with line, column and what was expected there.
    """
    reader = Reader(text, "dagitty")
    word = reader.token.text.lower() if reader.token.kind == "name" else ""
    if word not in _KINDS:
        reader.refuse("dag, pdag, mag or pag", hint="write for example: dag { u -> t  u -> y  t -> y }")
    reader.take()
    if reader.token.kind in ("name", "string"):
        reader.take()
    reader.need("{")
    parts = _Parts()
    _statements(reader, parts, word)
    reader.need("}")
    if reader.token.kind != "end":
        reader.refuse("nothing after the closing bracket")
    kind = _KINDS[word]
    if kind == "dag" and any(e.symbol == "<->" for e in parts.edges):
        kind = "admg"
    graph = assemble(kind, list(parts.nodes), parts.edges, parts.marked(_LATENT))
    graph = replace(graph, selected=parts.marked(_SELECTED))
    return Dagitty(graph, parts.marked(_EXPOSURE), parts.marked(_OUTCOME))


def _statements(reader: Reader, parts: _Parts, word: str) -> None:
    while not reader.sees("}") and reader.token.kind != "end":
        if reader.skip(";") or reader.skip(","):
            continue
        left = _group(reader, parts)
        if reader.skip("="):  # a setting such as bb="0,0,1,1": layout, not structure
            reader.name("a value")
            for name in left:
                if not parts.nodes[name]:
                    del parts.nodes[name]
            continue
        chained = False
        while reader.token.kind == "edge":
            chained = True
            left = _edge(reader, parts, left, word)
        if reader.sees("["):
            words = _attributes(reader)
            for name in () if chained else left:
                parts.nodes[name] |= words


def _edge(reader: Reader, parts: _Parts, left: list[str], word: str) -> list[str]:
    token = reader.take()
    if token.text == "-":
        reader.refuse("an edge such as -> or <->", token)
    source, target = marks_of(token.text)
    circles = "circle" in (source, target)
    if (word == "dag" and source == target == "tail") or (circles and word != "pag"):
        reader.refuse(
            f"an edge that a {word} may have", token, "undirected edges need pdag, circles need pag"
        )
    right = _group(reader, parts)
    parts.edges += [Edge(a, b, source, target, origin="user") for a in left for b in right]
    return right


def _group(reader: Reader, parts: _Parts) -> list[str]:
    """One node, or ``{a b c}``."""
    if not reader.skip("{"):
        name = reader.name()
        parts.nodes.setdefault(name, set())
        return [name]
    names: list[str] = []
    while not reader.skip("}"):
        if not (reader.skip(";") or reader.skip(",")):
            names.append(reader.name("a node name or '}'"))
            parts.nodes.setdefault(names[-1], set())
    return names


def _attributes(reader: Reader) -> set[str]:
    """The words of ``[latent, pos="0,1"]``; values are layout and are left out."""
    reader.need("[")
    words = set()
    while not reader.skip("]"):
        if reader.skip(",") or reader.skip(";"):
            continue
        word = reader.name("an attribute or ']'")
        if reader.skip("="):
            if reader.token.kind == "edge" and reader.token.text == "-":
                reader.take()  # a negative number
            reader.name("a value")
        else:
            words.add(word.lower())
    return words


def to_dagitty(graph: Graph, exposure: str = "", outcome: str = "") -> str:
    """The graph as dagitty text, one statement a line; confidences are not part of that language.

    Raises:
        UsageError: a lagged graph, which dagitty cannot say.
    """
    if graph.kind == "lagged":
        raise UsageError("dagitty text has no lags", "write the graph as JSON or DOT")
    symbols = {"---": "--", "-->": "->", "<--": "<-", "<->": "<->", "o-o": "@-@", "o->": "@->", "<-o": "<-@"}
    symbols |= {"o--": "@--", "--o": "--@"}
    lines = [f"{_TEXT[graph.kind]} {{"]
    for name in graph.nodes:
        words = ["latent"] if name in graph.latents else []
        words += ["selected"] if name in graph.selected else []
        words += ["exposure"] if name == exposure else ["outcome"] if name == outcome else []
        lines.append(f"  {quoted(name)}" + (f" [{','.join(words)}]" if words else ""))
    lines += [f"  {quoted(e.source)} {symbols[e.symbol]} {quoted(e.target)}" for e in graph.edges]
    return "\n".join([*lines, "}"]) + "\n"
