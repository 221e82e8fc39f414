"""Selected rows: a graph that names what rows were selected by refuses where that joins treatment and outcome."""

from __future__ import annotations

import pytest

from causalcopilot.graph.formats import from_dagitty, from_json, to_dagitty, to_json
from tests.tools.identifying import ask, found, known

COLLIDER = "dag { a -> t a -> y t -> y t -> m y -> m m [selected] }"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (COLLIDER, "t --> m <-- y"),
        ("dag { t -> m u [latent] u -> m u -> y t -> y m [selected] }", "t --> m <-- u --> y"),
        ("dag { t -> y y -> m m [selected] }", "m <-- y"),
        ("dag { a -> t a -> y t -> y y -> s s [latent,selected] }", "s <-- y"),
    ],
    ids=["collider", "M", "survivors", "outside the table"],
)
def test_selection_that_depends_on_the_outcome_is_refused_with_its_path(text: str, path: str) -> None:
    result = ask(known(text))
    assert found(result).status == "not_identified"
    assert " ".join(found(result).blocking_path) == path
    assert any("not selected this way" in h for h in found(result).would_help)
    assert found(ask(known(text), assume=True)).status == "assumed"


@pytest.mark.parametrize(
    "text",
    [
        "dag { a -> t a -> y t -> y a -> m m [selected] }",
        "dag { t -> m t -> y m [selected] }",
        "dag { a -> t a -> y t -> y }",
    ],
    ids=["by a control", "by the treatment", "none"],
)
def test_harmless_selection_is_let_through(text: str) -> None:
    assert found(ask(known(text))).status == "identified"


def test_chosen_controls_do_not_undo_selection() -> None:
    result = ask(known(COLLIDER), controls=("a",))
    assert found(result).status == "not_identified"


def test_the_mark_survives_every_text() -> None:
    graph = from_dagitty(COLLIDER)
    assert graph.selected == ("m",)
    assert from_dagitty(to_dagitty(graph)).selected == ("m",)
    assert from_json(to_json(graph)).selected == ("m",)
