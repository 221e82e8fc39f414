"""Every format there and back, hand-written texts, and errors that point at the place."""

from __future__ import annotations

import json
import random
from itertools import combinations
from pathlib import Path

import networkx as nx
import pytest

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.formats import (
    from_dagitty,
    from_dot,
    from_json,
    from_networkx,
    parse_graph,
    read_dagitty,
    read_graph_file,
    to_dagitty,
    to_dot,
    to_json,
    to_mermaid,
    to_networkx,
)
from causalcopilot.graph.graph import Edge, Graph, GraphKind

NAMES = (
    "a",
    "b c",
    'say "hi"',
    "back\\slash",
    "o",
    "node",
    "blood-pressure",
    "日本",
    "x{y}",
    "a;b",
    "1",
    "#no",
    "u",
)
SYMBOLS: dict[GraphKind, list[tuple[str, str]]] = {
    "dag": [("tail", "arrow")],
    "cpdag": [("tail", "arrow"), ("tail", "tail")],
    "admg": [("tail", "arrow"), ("arrow", "arrow")],
    "pag": [("tail", "arrow"), ("circle", "arrow"), ("arrow", "arrow"), ("circle", "circle")],
}


def random_graph(seed: int, kind: GraphKind) -> Graph:
    rng = random.Random(seed)
    pairs = rng.sample(list(combinations(NAMES, 2)), 14)
    edges = tuple(Edge(a, b, *rng.choice(SYMBOLS[kind]), origin="user") for a, b in pairs)  # type: ignore[arg-type]
    return Graph(kind, NAMES, edges, ("u",) if kind == "dag" else ())


def same(a: Graph, b: Graph) -> bool:
    """networkx groups edges by their source, so their order is not kept."""
    return (a.kind, a.nodes, a.latents, set(a.edges)) == (b.kind, b.nodes, b.latents, set(b.edges))


@pytest.mark.parametrize("kind", list(SYMBOLS))
@pytest.mark.parametrize("seed", range(8))
def test_there_and_back(seed: int, kind: GraphKind) -> None:
    graph = random_graph(seed, kind)
    assert from_dagitty(to_dagitty(graph)) == graph
    assert from_dot(to_dot(graph, "my graph")) == graph
    assert from_json(json.dumps(to_json(graph, "g"))) == graph
    assert same(from_networkx(to_networkx(graph)), graph)
    for text in (to_dagitty(graph), to_dot(graph), json.dumps(to_json(graph))):
        assert parse_graph(text) == graph


def test_lag_confidence_and_origin_survive() -> None:
    graph = Graph(
        "lagged",
        ("a", "b"),
        (
            Edge(
                "a", "b", lag=2, confidence=0.25, source_confidence=1.0, target_confidence=0.1, origin="model"
            ),
            Edge("b", "b", lag=1, confidence=1e-05),
        ),
    )
    assert from_json(to_json(graph)) == graph
    assert from_dot(to_dot(graph)) == graph
    assert same(from_networkx(to_networkx(graph)), graph)
    with pytest.raises(UsageError, match="lags"):
        to_dagitty(graph)


def test_json_has_the_promised_shape() -> None:
    graph = from_dagitty("dag { u [latent] u -> t }")
    assert to_json(graph, "g@1") == {
        "name": "g@1",
        "kind": "dag",
        "nodes": ["u", "t"],
        "edges": [
            {
                "source": "u",
                "target": "t",
                "source_mark": "tail",
                "target_mark": "arrow",
                "lag": 0,
                "confidence": None,
                "origin": "user",
            }
        ],
        "latents": ["u"],
    }
    short = from_json({"edges": [{"source": "a", "target": "b"}]})
    assert short == Graph("dag", ("a", "b"), (Edge("a", "b"),))
    assert from_json({"v": 1, "graph": {"kind": "dag", "nodes": ["a"], "edges": []}}).nodes == ("a",)


def edges_of(graph: Graph) -> list[str]:
    return [str(e) for e in graph.edges]


@pytest.mark.parametrize(
    ("text", "kind", "edges"),
    [
        ("dag{a->b<-c}", "dag", ["a --> b", "c --> b"]),
        ("dag G { a -> {b c} -> d; }", "dag", ["a --> b", "a --> c", "b --> d", "c --> d"]),
        ("dag { a <-> b\n a -> b }", "admg", ["a <-> b", "a --> b"]),
        ("pdag { a -- b b -> c }", "cpdag", ["a --- b", "b --> c"]),
        ("pag { a @-@ b @-> c <-@ d o-> e o-o f }", "pag", None),
        ("mag { a -> b <-> c }", "pag", ["a --> b", "b <-> c"]),
        (
            'dag { bb="0,0,1,1" a [pos="0.1,-0.2"] "b c" [pos="1,1",exposure] a -> "b c" [beta=-0.3] }',
            "dag",
            ["a --> b c"],
        ),
        ("// note\ndag { # why\n a --> b /* long\n note */ b --> c }", "dag", ["a --> b", "b --> c"]),
        ("DAG { blood-pressure -> b.2 }", "dag", ["blood-pressure --> b.2"]),
    ],
)
def test_dagitty_as_people_write_it(text: str, kind: str, edges: list[str] | None) -> None:
    graph = parse_graph(text)
    assert graph.kind == kind
    assert edges is None or edges_of(graph) == edges


def test_dagitty_roles() -> None:
    text = 'dag { u [unobserved] x [exposure,pos="0,0"] y [o] u -> x -> y <- u }'
    found = read_dagitty(text)
    assert (found.graph.latents, found.exposures, found.outcomes) == (("u",), ("x",), ("y",))
    again = read_dagitty(to_dagitty(found.graph, "x", "y"))
    assert again == found


@pytest.mark.parametrize(
    ("text", "kind", "edges"),
    [
        ("digraph { a -> b -> c }", "dag", ["a --> b", "b --> c"]),
        ('strict digraph "G" {\n rankdir=LR; node [shape=box];\n a -> "b c"; }', "dag", ["a --> b c"]),
        ("digraph { a -> b [dir=both]; a -> c }", "admg", ["a <-> b", "a --> c"]),
        ("digraph { a -> b [dir=back] }", "dag", ["b --> a"]),
        ("digraph { a -> b [dir=none] b -> c [arrowhead=none] }", "cpdag", ["a --- b", "b --- c"]),
        (
            "digraph { a -> b [dir=both arrowtail=odot]; b -> c [dir=both, arrowtail=odot, arrowhead=odot] }",
            "pag",
            ["a o-> b", "b o-o c"],
        ),
        ("graph { a -- b }", "cpdag", ["a --- b"]),
        (
            "digraph { {a b} -> c; subgraph cluster_1 { label=x; d -> e } }",
            "dag",
            ["a --> c", "b --> c", "d --> e"],
        ),
        ("digraph { edge [dir=none]; a -> b; b -> c [dir=forward] }", "cpdag", ["a --- b", "b --> c"]),
        ("digraph { a:n -> b:s }", "dag", ["a --> b"]),
        ("digraph { graph [kind=pag]; a -> b }", "pag", ["a --> b"]),
        ("digraph { a -> b [lag=1, weight=2.5] }", "lagged", ["a[t-1] --> b"]),
        ("digraph { u [latent=true]; u -> a }", "dag", ["u --> a"]),
    ],
)
def test_dot_as_people_write_it(text: str, kind: str, edges: list[str]) -> None:
    graph = parse_graph(text)
    assert graph.kind == kind
    assert edges_of(graph) == edges
    assert not set(graph.nodes) & {"rankdir", "label", "kind"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dag { a -> }", "line 1, column 12: expected a node name, found '}'"),
        ("dag {\n a -> b\n b -> @ }", "line 3, column 7"),
        ("dag { a -- b }", "column 9: expected an edge that a dag may have, found '--'"),
        ("dag { a @-> b }", "expected an edge that a dag may have"),
        ("dag { a -> b", "expected '}', found the end"),
        ("dag { a -> b } c", "nothing after the closing bracket"),
        ("dag { a -> b b -> a }", "directed cycle: a --> b --> a"),
        ("dag { a -> a }", "joins a node with itself"),
        ("dag { a [latent }", "expected an attribute or ']'"),
        ("digraph { a -- b }", "'->' in a digraph"),
        ("digraph { a -> b [arrowhead=teapot] }", "'teapot'"),
        ("digraph { a -> b [confidence=7] }", "'7'"),
        ("digraph { a -> b [label=<b>] }", "column 25"),
        ("digraph { graph [kind=tree]; a -> b }", "'tree'"),
        ("digraph a b { }", "expected '{'"),
        ("hello", "begins with 'hello'"),
        ("", "begins with ''"),
        ("{", "graph JSON, line 1"),
        ("[1]", "list of edges"),
        ('{"edges": [{"source": "a"}]}', "edge 1 needs a source and a target"),
        ('{"edges": [{"source": "a", "target": "b", "target_mark": "barb"}]}', "'barb'"),
        ('{"edges": [{"source": "a", "target": "b", "lag": -1}]}', "lag is -1"),
        ('{"edges": [{"source": "a", "target": "b", "confidence": 2}]}', "confidence is 2"),
        ('{"kind": "tree", "edges": []}', "'tree'"),
        ('{"nodes": ["a"], "edges": [{"source": "a", "target": "b"}]}', "names a node"),
        ('{"nodes": "ab", "edges": []}', "list of names"),
    ],
)
def test_refusals_point_at_the_place(text: str, words: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_graph(text)
    assert words in caught.value.message
    assert "\n" not in caught.value.message


def test_repeated_edges_are_one() -> None:
    assert edges_of(from_dagitty("dag { a -> b  b <- a  a <-> b  b <-> a }")) == ["a --> b", "a <-> b"]


def test_networkx_without_marks() -> None:
    assert edges_of(from_networkx(nx.DiGraph([("a", "b"), (1, "b")]))) == ["a --> b", "1 --> b"]
    undirected = from_networkx(nx.Graph([("a", "b")]))
    assert (undirected.kind, edges_of(undirected)) == ("cpdag", ["a --- b"])
    with pytest.raises(KnowledgeError, match="cycle"):
        from_networkx(nx.DiGraph([("a", "b"), ("b", "a")]))


def test_mermaid_shows_every_mark() -> None:
    text = to_mermaid(from_dagitty('pag { a @-> "b \\"<i>" <-> c @-@ d  d -> a }'))
    assert text.splitlines() == [
        "flowchart TD",
        '  n0["a"]',
        '  n1["b &quot;&lt;i>&quot;"]'.replace('&quot;"]', '"]'),
        '  n2["c"]',
        '  n3["d"]',
        '  n0 -->|"o-&gt;"| n1',
        "  n1 <--> n2",
        "  n2 o--o n3",
        "  n3 --> n0",
    ]


def test_files(tmp_path: Path) -> None:
    graph = from_dagitty("dag { u [latent] u -> a -> b }")
    texts = {
        "g.json": json.dumps(to_json(graph)),
        "g.dot": to_dot(graph),
        "g.gv": to_dot(graph),
        "g.txt": to_dagitty(graph),
    }
    for name, text in texts.items():
        (tmp_path / name).write_text("\ufeff" + text, encoding="utf-8")
        assert read_graph_file(tmp_path / name) == graph
    with pytest.raises(UsageError, match="no graph file"):
        read_graph_file(tmp_path / "none.dot")
    (tmp_path / "bad.dot").write_text("digraph { a -> }")
    with pytest.raises(KnowledgeError, match=r"bad\.dot: DOT text, line 1"):
        read_graph_file(tmp_path / "bad.dot")
    (tmp_path / "data.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(KnowledgeError, match="UTF-8"):
        read_graph_file(tmp_path / "data.txt")
