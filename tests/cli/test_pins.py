"""Pins on how a graph is learned: accepted in every spelling, shown in the answer, never without effect."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from causalcopilot.agent.language.pinning import SPELLINGS, choices, read_pins, split
from causalcopilot.agent.pins import Pins, independence_pins, pins_of
from causalcopilot.errors import UsageError
from tests.cli.conftest import Ccp


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """dose -> bp -> pulse with noise that makes weak tests differ by level."""
    rng = np.random.default_rng(0)
    dose = rng.standard_normal(400)
    bp = dose + rng.standard_normal(400)
    frame = pd.DataFrame({"dose": dose, "bp": bp, "pulse": bp + rng.standard_normal(400)})
    frame["site"] = rng.integers(0, 3, 400)
    frame.to_csv(tmp_path / "chain.csv", index=False)
    return tmp_path / "chain.csv"


def test_every_spelling_names_a_test_that_discover_has() -> None:
    known = choices("test")
    assert set(SPELLINGS.values()) <= set(known)
    for spelled, name in SPELLINGS.items():
        assert read_pins(test=spelled).test == read_pins(test=spelled.upper()).test == name
    assert read_pins(test="mv-fisher-z").test == "mv_fisher_z"
    assert not read_pins(test="auto")


def test_bad_pins_are_usage_errors() -> None:
    with pytest.raises(UsageError, match="no independence test 'fish'") as wrong:
        read_pins(test="fish")
    assert "fisherz" in str(wrong.value.hint)
    with pytest.raises(UsageError, match="is not a level of a test"):
        read_pins(alpha=2.0)


def test_method_is_a_search_or_an_estimator() -> None:
    assert split("pc") == ("pc", "auto")
    assert split("aipw") == ("", "aipw")
    assert split("auto") == ("", "auto")


def test_pins_survive_the_memory() -> None:
    wanted = Pins("pc", "fisher_z", 0.05)
    assert pins_of(wanted.block()) == wanted
    assert pins_of(None) == Pins()
    assert independence_pins({"test": "mv_fisher_z", "alpha": 0.1}) == {"alpha": 0.1, "test": "fisher_z"}
    assert independence_pins({}) == {"alpha": None, "test": None}


def test_ask_learns_as_pinned_and_says_so(ccp: Ccp, chain: Path) -> None:
    done = ccp(
        "ask",
        str(chain),
        "Does dose directly cause bp?",
        "--method",
        "pc",
        "--alpha",
        "0.05",
        "--test",
        "fisherz",
    )
    assert done.code == 0, done.err
    assert "learned from the data with pc (test fisher_z, level 0.05)" in " ".join(done.out.split())


def test_discover_learns_as_pinned(ccp: Ccp, chain: Path) -> None:
    done = ccp("discover", str(chain), "--method", "pc", "--test", "fisherz", "--alpha", "0.2", "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["method"] == "pc"
    assert document["settings"]["test"] == "fisher_z"
    assert document["settings"]["alpha"] == 0.2


def test_discover_by_domain(ccp: Ccp, chain: Path) -> None:
    done = ccp("discover", str(chain), "--domain", "site", "--json")
    assert done.code == 0, done.err
    document = done.json
    assert document["method"] == "cd_nod"
    assert "no mechanism was seen to change with site" in document["notes"]


def test_independence_takes_test_and_level(ccp: Ccp, chain: Path) -> None:
    done = ccp(
        "ask",
        str(chain),
        "Is dose independent of pulse given bp?",
        "--alpha",
        "0.1",
        "--test",
        "fisherz",
        "--json",
    )
    assert done.code == 0, done.err
    text = done.json["text"]
    assert "fisher_z" in text
    assert "level 0.1" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Is dose independent of pulse?", "--method", "pc"), "answered by a test"),
        (("Does dose directly cause bp?", "--method", "nothing"), "there is no search 'nothing'"),
        (
            ("Does dose directly cause bp?", "--method", "pc", "--graph", "dag { dose -> bp -> pulse }"),
            "is given",
        ),
        (("Does dose directly cause bp?", "--domain", "nowhere"), "nowhere"),
        (("Does dose directly cause bp?", "--alpha", "0.1"), "a level alone"),
        (("Does dose directly cause bp?", "--method", "ges", "--alpha", "0.1"), "takes no level"),
    ],
)
def test_pins_that_would_change_nothing_are_refused(
    ccp: Ccp, chain: Path, arguments: tuple[str, ...], said: str
) -> None:
    done = ccp("ask", str(chain), *arguments)
    assert done.code == 2
    assert said in done.err
