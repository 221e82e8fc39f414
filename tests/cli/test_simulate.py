"""``ccp datasets simulate``: three files, nothing given away, nothing overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from causalcopilot.data import check_knowledge, open_data, read_knowledge
from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.graph.formats import from_dagitty, from_dot
from causalcopilot.graph.graph import Graph

PRINTED = 1e-7
"""The table is written with eight significant digits."""


def ends(graph: Graph) -> set[tuple[str, str, int]]:
    return {(e.source, e.target, e.lag) for e in graph.edges}


def test_the_files_hold_what_was_simulated(ccp: Any, tmp_path: Path) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "300", "--latents", "2", "--seed", "3")
    assert ran.code == 0, ran.err
    assert sorted(p.name for p in tmp_path.glob("made*")) == ["made.csv", "made.toml", "made.truth.txt"]
    made = simulate(Settings(rows=300, latents=2, seed=3))
    read = open_data("made.csv", scratch=tmp_path).dataset.frame()
    assert list(read.columns) == list(made.data)
    for name, values in made.data.items():
        np.testing.assert_allclose(read[name].to_numpy(), values, rtol=PRINTED)
    truth = from_dagitty(Path("made.truth.txt").read_text())
    assert ends(truth) == ends(made.graph)
    assert truth.latents == ("U1", "U2")


def test_missing_cells_and_labels_come_back(ccp: Any, tmp_path: Path) -> None:
    options = "--kind mixed --missing 0.2 --mechanism mar --domains 3 --rows 400".split()
    ran = ccp("datasets", "simulate", "-o", "made.csv", *options)
    assert ran.code == 0, ran.err
    made = simulate(Settings(rows=400, kind="mixed", missing=0.2, mechanism="mar", domains=3))
    opened = open_data("made.csv", scratch=tmp_path).dataset
    read = opened.frame()
    for name, values in made.data.items():
        gone = np.array([v is None or v != v for v in values.tolist()])
        assert read[name].isna().to_numpy().tolist() == gone.tolist()
        if values.dtype == object:
            assert opened.type_of(name) == "nominal"
            assert read[name][~gone].tolist() == values[~gone].tolist()


def test_the_knowledge_gives_nothing_away(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "200")
    assert ran.code == 0, ran.err
    knowledge = read_knowledge(Path("made.toml"))
    assert knowledge.title
    assert not knowledge.graph
    assert not knowledge.columns
    assert not knowledge.has_order
    assert knowledge.question.treatment is None
    shown = ccp("data", "show", "made.csv", "--json")
    assert "->" not in shown.out
    assert "truth" not in shown.out


def test_a_question_comes_with_its_true_answer(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "200", "--ask", "--seed", "2", "--json")
    assert ran.code == 0, ran.err
    asked = ran.json["simulation"]["question"]
    made = simulate(Settings(rows=200, seed=2))
    assert asked["effect"] == made.effect(asked["treatment"], asked["outcome"]) != 0
    knowledge = read_knowledge(Path("made.toml"))
    check_knowledge(knowledge, list(made.data))
    question = knowledge.question
    assert (question.treatment, question.outcome) == (asked["treatment"], asked["outcome"])
    assert (question.control_value, question.treated_value) == (0, 1)
    assert knowledge.accepted.low == pytest.approx(asked["effect"], rel=1e-5)
    # the accepted answer is for people: it is not in what a model would be sent
    assert f"{asked['effect']:.4g}" not in ccp("data", "show", "made.csv", "--json").out


def test_a_question_of_ones_own(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made", "--rows", "50", "-t", "X3", "-y", "X1", "--json")
    asked = ran.json["simulation"]["question"]
    assert (asked["treatment"], asked["outcome"]) == ("X3", "X1")
    assert Path("made/simulated.csv").is_file()
    ran = ccp("datasets", "simulate", "-o", "other.csv", "--rows", "50", "-t", "X99")
    assert ran.code == 2
    assert not list(Path().glob("other*"))


def test_the_graph_is_given_away_only_on_request(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "50", "--with-graph")
    assert ran.code == 0, ran.err
    graph = from_dagitty(read_knowledge(Path("made.toml")).graph)
    assert ends(graph) == ends(simulate(Settings(rows=50)).graph)


def test_a_series_keeps_its_lags_in_dot(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "60", "--lags", "2")
    assert ran.code == 0, ran.err
    made = simulate(Settings(rows=60, lags=2, degree=1))
    assert ends(from_dot(Path("made.truth.txt").read_text())) == ends(made.graph)
    assert Path("made.csv").read_text().startswith("time,X1,")


@pytest.mark.parametrize("there", ["made.csv", "made.toml", "made.truth.txt"])
def test_nothing_is_overwritten(ccp: Any, there: str) -> None:
    Path(there).write_text("mine")
    ran = ccp("datasets", "simulate", "-o", "made.csv", "--rows", "50")
    assert ran.code == 2
    assert f"{there} exists already" in ran.err
    assert [p.name for p in Path().glob("made*")] == [there]
    assert Path(there).read_text() == "mine"


def test_the_summary_names_what_happened(ccp: Any) -> None:
    ran = ccp(
        *"datasets simulate -o made.csv --rows 60 --domains 2 --interventions 1 --selection 0.5 --json".split()
    )
    said = ran.json["simulation"]
    made = simulate(Settings(rows=60, domains=2, interventions=1, selection=0.5))
    assert said["columns"] == list(made.data)
    assert tuple(said["changed"]) == made.changed
    assert tuple(said["targets"]) == made.targets
    assert tuple(said["selected_on"]) == made.selected_on
    assert said["edges"] == len(made.graph.edges)
    assert said["settings"]["seed"] == 0


@pytest.mark.parametrize(
    ("options", "hint"),
    [
        ("--kind liner", "did you mean 'linear'?"),
        ("--mechanism mnar", "did you mean 'mar'?"),
        ("--weights big", "0.5:2"),
        ("--missing 2", "0.1"),
        ("--nodes 1", "2 nodes"),
        ("--kind discrete --ask", "linear"),
        ("--kind nonlinear --weights 1:2", "--weights"),
        ("--lags 1 --latents 1", "drop"),
    ],
)
def test_refusals_name_the_way_out(ccp: Any, options: str, hint: str) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.csv", *options.split())
    assert ran.code == 2
    assert hint in ran.err.split("hint:")[1]
    assert not list(Path().glob("made*"))


def test_another_kind_of_file_is_refused(ccp: Any) -> None:
    ran = ccp("datasets", "simulate", "-o", "made.xlsx")
    assert ran.code == 2
    assert "CSV" in ran.err
