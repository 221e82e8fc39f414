"""Figures are well-formed, self-contained, escaped, and no text leaves the page or meets another text."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET

import pytest

from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.report.figures import (
    CheckMark,
    ForestRow,
    balance_figure,
    checks_figure,
    forest_figure,
    overlap_figure,
)
from causalcopilot.report.graph_figure import graph_figure
from causalcopilot.report.placing import ranks
from causalcopilot.report.svg import SMALL, fit, ticks, width_of
from tests.report import refused, sampled_effect, sampled_table

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    'a"<b>&',
    "'><script>alert(1)</script>",
    "x\x1b[31mred\u202e",
    "日本語の列名",
    "{t4.effect} `x` | y",
    "a" * 300,
]


def rows() -> list[ForestRow]:
    return [
        ForestRow("aipw", "ATE, primary", "3.44 (2.48 to 4.40)", 3.44, 2.48, 4.4, "primary"),
        ForestRow("ipw", "ATC, not supported by overlap", "3.6 (1.1 to 6.2)", 3.6, 1.1, 6.2, "unsupported"),
        ForestRow("difference in means", "association, not an effect", "2.5", 2.5, None, None, "association"),
        ForestRow("none", "ATE", "–", None, None, None),
    ]


def marks() -> list[CheckMark]:
    return [
        CheckMark(c.name, c.status, "0.1 against 0.2", c.statistic, c.threshold)
        for c in sampled_effect.CHECKS
    ]


def many(count: int, density: float, seed: int) -> Graph:
    rng = random.Random(seed)
    names = tuple(f"variable {i}" for i in range(count))
    ends: list[tuple[Mark, Mark]] = [
        ("tail", "arrow"),
        ("circle", "arrow"),
        ("arrow", "arrow"),
        ("tail", "tail"),
        ("circle", "circle"),
    ]
    edges = tuple(
        Edge(names[i], names[j], *rng.choice(ends), confidence=rng.random())
        for i in range(count)
        for j in range(i + 1, count)
        if rng.random() < density
    )
    return Graph("pag", names, edges)


LAGGED = Graph(
    "lagged",
    ("price", "ads", "sales"),
    (Edge("sales", "sales", lag=1), Edge("price", "sales", lag=2, confidence=0.9), Edge("ads", "price")),
)
FIGURES = {
    "graph": graph_figure(sampled_table.LEARNED, treatment="qsmk", outcome="wt82_71"),
    "refused": graph_figure(
        refused.REFUSED_GRAPH, treatment="t", outcome="y", path=refused.REFUSED.blocking_path
    ),
    "big": graph_figure(many(25, 0.1, 3)),
    "empty": graph_figure(Graph("dag", ("a", "b"))),
    "lagged": graph_figure(LAGGED, treatment="price", outcome="sales"),
    "forest": forest_figure(rows(), "kg"),
    "balance": balance_figure(
        [(str(a), float(b or 0), float(c or 0)) for a, b, c in sampled_effect.BALANCE.rows]
    ),
    "overlap": overlap_figure(sampled_effect.OVERLAP.rows, "qsmk = 1", "qsmk = 0"),  # type: ignore[arg-type]
    "checks": checks_figure(marks()),
}


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_well_formed_and_self_contained(name: str) -> None:
    text = FIGURES[name]
    root = ET.fromstring(text)
    assert root.get("role") == "img"
    assert root.get("aria-label")
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert tags <= {"svg", "style", "g", "title", "text", "rect", "circle", "path", "line"}
    assert not any(k.startswith("on") or "href" in k for e in root.iter() for k in e.attrib)
    assert "url(" not in text
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize("name", FIGURES)
def test_texts_stay_inside_and_apart(name: str) -> None:
    root = ET.fromstring(FIGURES[name])
    wide, high = float(root.get("width", 0)), float(root.get("height", 0))
    boxes = []
    for t in root.iter(f"{SVG}text"):
        cls = (t.get("class") or "").split()
        size = SMALL if "s" in cls else 13
        words = "".join(s for s in t.itertext() if s)
        words = words.removeprefix(t.findtext(f"{SVG}title") or "")
        w = width_of(words, size) * 0.9
        x = float(t.get("x", 0)) - (w / 2 if "m" in cls else w if "e" in cls else 0)
        y = float(t.get("y", 0))
        boxes.append((x, y - size * 0.75, x + w, y + size * 0.2, words))
    for a in boxes:
        assert a[0] >= -2
        assert a[2] <= wide + 2
        assert a[1] >= 0
        assert a[3] <= high
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)


@pytest.mark.parametrize("seed", range(6))
def test_nodes_never_cover_one_another(seed: int) -> None:
    root = ET.fromstring(graph_figure(many(18, 0.14, seed)))
    boxes = [
        [float(r.get(k, 0)) for k in ("x", "y", "width", "height")]
        for r in root.iter(f"{SVG}rect")
        if (r.get("class") or "") == "node"
    ]
    assert len(boxes) >= 18
    for i, (x, y, w, h) in enumerate(boxes):
        for x2, y2, w2, h2 in boxes[i + 1 :]:
            assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_every_end_mark_is_drawn() -> None:
    ends: list[Mark] = ["tail", "arrow", "circle"]
    for a in ends:
        for b in ends:
            root = ET.fromstring(graph_figure(Graph("pag", ("x", "y"), (Edge("x", "y", a, b),))))
            edge = next(
                g for g in root.iter(f"{SVG}g") if g.findtext(f"{SVG}title") == str(Edge("x", "y", a, b))
            )
            assert len(edge.findall(f"{SVG}path[@class='head']")) == [a, b].count("arrow")
            assert len(edge.findall(f"{SVG}circle")) == [a, b].count("circle")


def test_confidence_is_opacity_and_words() -> None:
    edges = (Edge("a", "b", confidence=0.2, target_confidence=0.1), Edge("b", "c", confidence=1.0))
    root = ET.fromstring(graph_figure(Graph("dag", ("a", "b", "c"), edges)))
    faint, sure = (g for g in root.iter(f"{SVG}g") if " --> " in (g.findtext(f"{SVG}title") or ""))
    assert faint.findtext(f"{SVG}title") == "a --> b (adjacent in 20% of resamples, mark at b in 10%)"
    assert float(faint.get("opacity", 1)) < float(sure.get("opacity", 0)) == 1.0


def test_latents_are_dashed_and_the_open_path_stands_out() -> None:
    assert FIGURES["refused"].count('class="latent"') == 2
    root = ET.fromstring(FIGURES["refused"])
    on_path = {g.findtext(f"{SVG}title") for g in root.iter(f"{SVG}g") if g.get("class") == "path"}
    assert on_path == {"u --> t", "u --> y", None}


def test_causes_stand_before_effects_and_cycles_do_not_hang() -> None:
    g = Graph.from_arrows("dag", "abc", [("c", "b"), ("b", "a")])
    assert [ranks(g, g.nodes)[n] for n in "cba"] == [0, 1, 2]
    loop = Graph.from_arrows("admg", "abc", [("a", "b"), ("b", "c"), ("c", "a")])
    ET.fromstring(graph_figure(loop))


def test_hostile_names_are_text() -> None:
    g = Graph.from_arrows("dag", HOSTILE, [(HOSTILE[0], n) for n in HOSTILE[1:]])
    for text in (
        graph_figure(g, treatment=HOSTILE[0], outcome=HOSTILE[1]),
        forest_figure([ForestRow(n, n, n, 1.0, 0.0, 2.0) for n in HOSTILE], HOSTILE[1]),
        balance_figure([(n, 0.1, 0.2) for n in HOSTILE]),
        overlap_figure([(0, 0.5, 3, 4), (0.5, 1, 0, 2)], HOSTILE[1], HOSTILE[0]),
        checks_figure([CheckMark(n, n, n, 0.1, 0.2) for n in HOSTILE]),
    ):
        root = ET.fromstring(text)
        assert not any(e.tag.endswith("script") for e in root.iter())
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_figures_without_numbers_are_left_out() -> None:
    assert forest_figure([rows()[3]], "kg") == ""
    assert balance_figure([("a", None, None)]) == ""
    assert overlap_figure([(0, 1, 0, 0)]) == ""
    assert checks_figure([]) == ""


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert graph_figure(many(25, 0.1, 3)) == FIGURES["big"]


def test_ticks_are_round_and_cuts_are_marked() -> None:
    assert ticks(-0.3, 6.3) == [0, 2, 4, 6]
    assert ticks(0, 0.0031) == [0, 0.001, 0.002, 0.003]
    assert ticks(1, 1) == [1]
    assert fit("a long name", 40).endswith("…")
    assert fit("ab", 40) == "ab"
