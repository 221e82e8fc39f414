"""Tokens of graph languages, and a reader that says where a text stops making sense."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Edge, Graph, Mark

_TOKEN = re.compile(
    r"""
      (?P<space>   (?:\s | //[^\n]* | \#[^\n]* | /\*.*?\*/)+ )
    | (?P<string>  "(?:[^"\\]|\\.)*" )
    | (?P<edge>    (?:[<@] | o(?=-))? -{1,3} (?:[>@] | o(?=[\s"{]))? )
    | (?P<mark>    [{}\[\];,=] )
    | (?P<name>    [^\s"{}\[\];,=<>@-]+ (?:-(?![->@])[^\s"{}\[\];,=<>@-]+)* )
    """,
    re.X | re.S,
)
_MARKS: dict[str, Mark] = {"": "tail", "<": "arrow", ">": "arrow", "@": "circle", "o": "circle"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token: its kind (``string``, ``edge``, ``mark``, ``name``, ``end``), text and offset."""

    kind: str
    text: str
    at: int


class Reader:
    """Reads tokens in order; a refusal is a ``KnowledgeError`` with line, column and what was expected."""

    def __init__(self, text: str, language: str) -> None:
        self.text, self.language = text, language
        self.tokens = list(self._split())
        self.next = 0

    def _split(self) -> Iterable[Token]:
        at = 0
        while at < len(self.text):
            match = _TOKEN.match(self.text, at)
            if match is None:
                self.refuse("a name, an edge or a bracket", Token("end", self.text[at], at))
            kind, word = str(match.lastgroup), match.group()
            if kind == "string":
                word = re.sub(r"\\(.)", r"\1", word[1:-1])
            if kind != "space":
                yield Token(kind, word, at)
            at = match.end()
        yield Token("end", "the end", at)

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.next]

    def take(self) -> Token:
        """The next token, consumed."""
        token = self.token
        self.next += token.kind != "end"
        return token

    def sees(self, *marks: str) -> bool:
        """Whether the next token is one of these brackets or separators."""
        return self.token.kind == "mark" and self.token.text in marks

    def skip(self, mark: str) -> bool:
        """Consume a bracket or separator if it comes next."""
        found = self.sees(mark)
        self.next += found
        return found

    def need(self, mark: str) -> None:
        """Consume a bracket or separator that must come next."""
        if not self.skip(mark):
            self.refuse(f"'{mark}'")

    def name(self, what: str = "a node name") -> str:
        """Consume a name, quoted or not."""
        if self.token.kind not in ("name", "string"):
            self.refuse(what)
        return self.take().text

    def refuse(self, expected: str, token: Token | None = None, hint: str = "") -> NoReturn:
        """Raise ``KnowledgeError`` at a token."""
        found = token or self.token
        line = self.text.count("\n", 0, found.at) + 1
        column = found.at - self.text.rfind("\n", 0, found.at)
        shown = found.text if found.kind == "end" and found.at >= len(self.text) else repr(found.text)
        raise KnowledgeError(
            f"{self.language} text, line {line}, column {column}: expected {expected}, found {shown}",
            hint or "names with spaces or signs go in double quotes",
        )


def marks_of(edge: str) -> tuple[Mark, Mark]:
    """The marks at both ends of an edge token such as ``->``, ``<->`` or ``@-o``."""
    left = edge[0] if edge[0] != "-" else ""
    right = edge[-1] if edge[-1] != "-" else ""
    return _MARKS[left], _MARKS[right]


def quoted(name: str) -> str:
    """A name as graph languages take it: bare where it is a plain word, else in double quotes."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.]*", name) and name.lower() not in _RESERVED:
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_RESERVED = {"o", "node", "edge", "graph", "digraph", "subgraph", "strict", "dag", "pdag", "mag", "pag", "bb"}


def assemble(kind: str, nodes: Sequence[str], edges: Sequence[Edge], latents: Sequence[str]) -> Graph:
    """A graph from parsed parts: equal edges are merged, edges point right, and the kind must fit.

    Raises:
        KnowledgeError: two different edges on one pair where the kind allows one, a self-loop, or a cycle.
    """
    from causalcopilot.graph.equivalence import is_valid

    kept: dict[tuple[object, ...], Edge] = {}
    for e in edges:
        if e.source == e.target and not e.lag:
            raise KnowledgeError(f"edge {e} joins a node with itself", "drop it")
        right = e.flipped() if e.symbol in ("<--", "<-o") and not e.lag else e
        ends = (right.source, right.target, right.symbol, right.lag)
        if right.symbol in ("<->", "---", "o-o") and (right.target, right.source, *ends[2:]) in kept:
            continue
        kept.setdefault(ends, right)
    try:
        graph = Graph(kind, tuple(nodes), tuple(kept.values()), tuple(latents))  # type: ignore[arg-type]
    except ValueError as error:
        raise KnowledgeError(str(error), "every edge needs two named nodes") from None
    if kind in ("dag", "admg"):
        valid = is_valid(graph)
        if not valid:
            raise KnowledgeError(valid.reason, "correct the graph text")
    return graph
