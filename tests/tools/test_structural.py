"""The structural model: which graphs are one, which rows tell of it, and how mechanisms are fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.knowledge import ColumnType
from causalcopilot.errors import CcpError, NotApplicable, NotIdentified
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot_tools.explain.mechanisms import Node, fit, settle
from causalcopilot_tools.explain.shapley import sample, walk
from causalcopilot_tools.explain.structural import layout_of, modelled
from tests.tools.framed import case
from tests.tools.structural_world import GRAPH, world

EXACT = 1e-9  # closed forms, up to rounding
FITTED = 0.1  # four standard errors of a slope of noise of one on 2000 rows, 4 / sqrt(2000)


def graph(text: str, op: str = "imported") -> StoredGraph:
    return StoredGraph("g@1", from_dagitty(text), op=op, method="user")


def test_the_model_holds_the_outcome_and_its_causes_in_causal_order() -> None:
    layout = layout_of(case(world()), GRAPH, "y")
    names = [n.name for n in layout.nodes]
    assert names[-1] == "y"
    assert set(names) == {"c", "z", "q", "t", "m", "y"}  # d follows y
    assert all(p < n.at for n in layout.nodes for p in n.parents)
    assert [layout.nodes[i].name for i in layout.below(layout.at("t"))] == ["m", "y"]


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("pdag { t -- m  m -> y }", NotIdentified, "t --- m"),
        ("dag { u [latent]  u -> {t y}  t -> y }", NotIdentified, "u is unmeasured and acts on t and y"),
        ("dag { t -> y  t <-> y }", NotIdentified, "t <-> y"),
        ("pag { t @-> y  m @-> y }", NotIdentified, "t o-> y"),
        ("dag { who -> y }", NotApplicable, "who names the row"),
    ],
)
def test_what_is_no_structural_model_is_refused_by_name(text: str, error: type[CcpError], words: str) -> None:
    types: dict[str, ColumnType] = {"who": "identifier"}
    with pytest.raises(error) as told:
        layout_of(case(world(), types=types), graph(text), "y")
    assert words in told.value.message
    assert told.value.hint


def test_a_hidden_cause_of_one_column_is_its_noise() -> None:
    layout = layout_of(case(world()), graph("dag { u [latent]  u -> y  t -> y }"), "y")
    assert [n.name for n in layout.nodes] == ["t", "y"]


def test_open_edges_elsewhere_do_not_matter() -> None:
    layout = layout_of(case(world()), graph("pdag { t -> y  c -> y  y -> d  d -- q }"), "y")
    assert {n.name for n in layout.nodes} == {"c", "t", "y"}


def test_rows_with_gaps_are_left_out_and_counted() -> None:
    frame = world()
    frame.loc[3, "c"] = np.nan
    frame.loc[5, "t"] = np.inf
    before = frame.copy()
    layout = layout_of(case(frame), GRAPH, "y")
    assert layout.dropped == 2
    assert not {3, 5} & set(layout.rows.tolist())
    pd.testing.assert_frame_equal(frame, before)
    with pytest.raises(NotApplicable, match="only 19 rows"):
        layout_of(case(frame.head(21)), GRAPH, "y")


def test_straight_mechanisms_are_recovered_and_their_noise_read_back() -> None:
    model = modelled(layout_of(case(world()), GRAPH, "y"), seed=0)
    y = model.mechanisms[-1]
    assert y.shape.form == "linear"
    slopes = {
        model.layout.nodes[block[0]].name: b / block[3]
        for block, b in zip(y.shape.blocks, y.coefficients[1:], strict=True)
    }
    assert slopes == pytest.approx({"c": 0.5, "q": 0.3, "m": 1.0}, abs=FITTED)
    again = y.generate(model.layout.values, y.noise)
    assert again == pytest.approx(model.layout.values[:, -1], abs=EXACT)


def test_bends_and_products_are_seen_and_straight_lines_are_kept_straight() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1500, 4))
    nodes = (Node("a", 0, "number"), Node("b", 1, "number"), Node("y", 2, "number", (0, 1)))
    forms = {}
    for name, f in {
        "linear": x[:, 0] + x[:, 1],
        "curved": np.abs(x[:, 0]) + x[:, 1],
        "interacting": x[:, 0] * x[:, 1],
    }.items():
        values = np.column_stack([x[:, 0], x[:, 1], f + 0.5 * x[:, 2]])
        forms[name] = settle(nodes[2], nodes, values, np.random.default_rng(1)).form
        assert settle(nodes[2], nodes, values[:150], np.random.default_rng(1)).form == "linear"
    assert forms == {"linear": "linear", "curved": "curved", "interacting": "interacting"}


def test_a_column_of_two_values_follows_a_logistic_law_and_its_noise_gives_it_back() -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=4000)
    b = (rng.uniform(size=4000) < 1 / (1 + np.exp(-(0.5 + a)))).astype(float)
    nodes = (Node("a", 0, "number"), Node("b", 1, "binary", (0,), ("no", "yes")))
    values = np.column_stack([a, b])
    made = fit(nodes[1], settle(nodes[1], nodes, values, rng), values, rng)
    assert np.array_equal(made.generate(values, made.noise), b)
    assert made.noise.min() >= 0
    assert made.noise.max() <= 1
    assert abs(float(made.noise.mean()) - 0.5) < 4 * 0.29 / np.sqrt(
        4000
    )  # uniform noise: four standard errors
    assert float(made.mean(np.array([[0.0, 0.0]]))[0]) == pytest.approx(1 / (1 + np.exp(-0.5)), abs=0.05)


def test_labels_with_causes_of_their_own_are_refused() -> None:
    frame = world().assign(kind=np.array(["x", "y", "z"])[np.arange(2000) % 3])
    with pytest.raises(NotApplicable, match="kind has 3 labels"):
        modelled(layout_of(case(frame), graph("dag { t -> kind -> y }"), "y"), 0)
    with pytest.raises(NotApplicable, match="text with 3 levels"):
        layout_of(case(frame), graph("dag { t -> kind }"), "kind")
    assert modelled(layout_of(case(frame), graph("dag { kind -> y  t -> y }"), "y"), 0).mechanisms


def test_shapley_values_add_up_and_are_exact_for_sums() -> None:
    weights = np.array([2.0, -1.0, 0.5])
    found, first, last = walk(
        lambda on: np.asarray((on * weights).sum(axis=1)), 3, 50, np.random.default_rng(0)
    )
    assert found == pytest.approx(weights, abs=EXACT)
    assert (first, last) == pytest.approx((0.0, 1.5), abs=EXACT)
    product, _, all_on = walk(lambda on: np.asarray(6.0 * on.all(axis=1)), 3, 4000, np.random.default_rng(0))
    assert product == pytest.approx([2.0, 2.0, 2.0], abs=0.2)  # each last in a third: 4 * 6 * sqrt(2/9/8000)
    assert product.sum() == pytest.approx(all_on, abs=EXACT)


def test_sampled_noise_keeps_its_mean() -> None:
    noise = np.random.default_rng(0).gamma(1.0, size=333)
    drawn = sample(noise, 1000, np.random.default_rng(1), numeric=True)
    assert drawn.mean() == pytest.approx(noise.mean(), abs=EXACT)
    assert set(sample(np.array([0.0, 0.0, 1.0]), 9, np.random.default_rng(1), numeric=False)) == {0.0, 1.0}


def test_the_same_seed_gives_the_same_model() -> None:
    layout = layout_of(case(world()), GRAPH, "y")
    one, two = modelled(layout, 3), modelled(replace(layout), 3)
    assert np.array_equal(one.noise, two.noise)
