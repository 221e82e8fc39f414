"""Knowledge files: what is read, and what is refused with a useful word."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from causalcopilot.data import (
    check_knowledge,
    draft_card,
    knowledge_for,
    merge_flags,
    parse_knowledge,
    profile_dataset,
    read_knowledge,
)
from causalcopilot.domain.knowledge import Accepted, Knowledge
from causalcopilot.errors import KnowledgeError
from tests.data.tables import opened

FULL = """
title = "Shop"
forbidden = [["spend", "age"]]
required = [["coupon", "visits"]]
tiers = [["age"], ["coupon"], ["visits", "spend"]]
graph = "dag { u [latent] u -> coupon u -> spend coupon -> spend }"

[question]
text = "Does a coupon raise spend?"
treatment = "coupon"
outcome = "spend"
from = 0
to = 1
quantity = "ATT"
design = "adjustment"

[roles]
pre_treatment = ["age", "size"]

[columns.spend]
meaning = "money spent"
type = "continuous"
unit = "dollars"
role = "outcome"

[columns.size]
type = "ordinal"
levels = ["S", "M", "L"]

[columns."odd \\"name\\" {x}"]
role = "excluded"
reason = "free text"

[[latent]]
name = "u"
meaning = "thrift"

[source]
text = "our records"
url = "https://example.org"
licence = "internal"

[accepted]
text = "18 dollars"
low = 17
high = 19.5
source = "equations"
"""


def test_every_key_is_read() -> None:
    k = parse_knowledge(FULL, "file")
    assert k.forbidden == (("spend", "age"),)
    assert k.required == (("coupon", "visits"),)
    assert (k.question.treatment, k.question.outcome) == ("coupon", "spend")
    assert (k.question.control_value, k.question.treated_value) == (0, 1)
    assert (k.question.quantity, k.question.design) == ("ATT", "adjustment")
    assert k.with_role("pre_treatment") == ("size", "age")
    spend, size = k.column("spend"), k.column("size")
    assert spend is not None
    assert size is not None
    assert (spend.unit, spend.type, spend.tier) == ("dollars", "continuous", 3)
    assert (size.levels, size.tier) == (("S", "M", "L"), None)
    assert k.column('odd "name" {x}') is not None
    assert k.latents == ("u",)
    assert k.source == "our records https://example.org"
    assert k.accepted == Accepted("18 dollars", 17.0, 19.5, "equations")
    assert (k.title, k.licence, k.origin) == ("Shop", "internal", "file")
    assert k.has_roles
    assert k.has_order


def test_an_empty_file_is_empty_knowledge() -> None:
    assert parse_knowledge("", "file") == Knowledge(origin="file")


def test_treatment_and_outcome_may_come_from_roles() -> None:
    k = parse_knowledge('[columns]\nt = { role = "treatment" }\ny = { role = "outcome" }', "file")
    assert (k.question.treatment, k.question.outcome) == ("t", "y")


REFUSED = {
    "no TOML": ("title = ", "not valid TOML"),
    "key": ('titel = "x"', "'titel'"),
    "section": ("[questions]\n", "'questions'"),
    "key in a section": ('[question]\ntreatmnt = "a"', "[question]: unknown key 'treatmnt'"),
    "key in a column": ('[columns.a]\nrolle = "outcome"', "[columns.a]: unknown key 'rolle'"),
    "role": ('[columns.a]\nrole = "pretreatment"', "unknown role 'pretreatment'"),
    "role list": ('[roles]\npretreatment = ["a"]', "'pretreatment'"),
    "type": ('[columns.a]\ntype = "numeric"', "unknown type 'numeric'"),
    "quantity": ('[question]\nquantity = "ate"', "unknown quantity 'ate'"),
    "kind of value": ("[columns.a]\ntier = 1.5", "tier must be a whole number"),
    "pair": ('forbidden = [["a"]]', "no pair"),
    "loop": ('required = [["a", "a"]]', "no pair"),
    "list": ('forbidden = "a -> b"', "list of lists"),
    "contradiction": ('forbidden = [["a","b"]]\nrequired = [["a","b"]]', "both required and forbidden"),
    "tier contradiction": ('tiers = [["a"],["b"]]\nrequired = [["b","a"]]', "later tier"),
    "two roles": ('[roles]\nexcluded = ["a"]\n[columns.a]\nrole = "outcome"', "two roles"),
    "same column twice": ('[question]\ntreatment = "a"\noutcome = "a"', "both treatment and outcome"),
    "role and question": ('[question]\ntreatment = "a"\n[columns.a]\nrole = "excluded"', "has role excluded"),
    "latent column": ('[columns.u]\nunit = "kg"\n[[latent]]\nname = "u"', "both as a column and as latent"),
    "latent without name": ('[[latent]]\nmeaning = "x"', "needs a name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str) -> None:
    text, expected = REFUSED[case]
    with pytest.raises(KnowledgeError) as caught:
        parse_knowledge(text, "file")
    assert expected in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('titel = "x"', "'title'"),
        ('[columns.a]\nrole = "pretreatment"', "'pre_treatment'"),
        ('[question]\ntreatmnt = "a"', "'treatment'"),
        ('[columns.a]\nforbidden = [["a","b"]]', "above the first [section]"),
    ],
)
def test_the_nearest_word_is_named(text: str, near: str) -> None:
    with pytest.raises(KnowledgeError) as caught:
        parse_knowledge(text, "file")
    assert near in caught.value.hint


def test_names_are_checked_against_the_table() -> None:
    columns = ["age", "coupon", "visits", "spend", "size", 'odd "name" {x}']
    known = parse_knowledge(FULL, "file")
    assert check_knowledge(known, columns) == ()
    with pytest.raises(KnowledgeError) as caught:
        check_knowledge(known, [c.replace("visits", "visit") for c in columns])
    assert "'visits'" in caught.value.message
    assert "visit" in caught.value.hint
    with pytest.raises(KnowledgeError, match="the column is 'Spend'"):
        check_knowledge(known, [c.replace("spend", "Spend") for c in columns])


def test_graph_nodes_are_checked_too() -> None:
    known = parse_knowledge('graph = "dag { t -> y z -> y }"', "file")
    with pytest.raises(KnowledgeError, match="'z'"):
        check_knowledge(known, ["t", "y"])


def test_a_latent_that_the_table_has_is_told() -> None:
    known = parse_knowledge('[[latent]]\nname = "u"', "file")
    assert [n.code for n in check_knowledge(known, ["u", "t"])] == ["latent_in_table"]


def test_which_file_wins(tmp_path: Path) -> None:
    data, side, given = tmp_path / "sales.csv", tmp_path / "sales.toml", tmp_path / "other.toml"
    data.write_text("a,b\n1,2\n")
    assert knowledge_for(str(data)) == Knowledge()
    side.write_text('title = "side"')
    given.write_text('title = "given"')
    assert knowledge_for(str(data)).title == "side"
    assert knowledge_for(str(tmp_path / "sales.csv.gz")).title == "side"
    assert knowledge_for(f"{tmp_path / 'sales.duckdb'}::t").title == "side"
    assert knowledge_for(str(data), given).title == "given"
    assert knowledge_for(str(data), given, use=False) == Knowledge()
    assert knowledge_for("dataset:nhefs").origin == "card"
    assert knowledge_for("dataset:nhefs", given).title == "given"
    assert knowledge_for("-") == Knowledge()
    assert knowledge_for(pd.DataFrame()) == Knowledge()


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="cannot read"):
        read_knowledge(tmp_path / "none.toml")
    (tmp_path / "latin.toml").write_bytes('title = "Größe"'.encode("latin-1"))
    assert read_knowledge(tmp_path / "latin.toml").title == "Größe"
    (tmp_path / "bad.toml").write_text("x = 1")
    with pytest.raises(KnowledgeError, match=r"^bad\.toml: "):
        read_knowledge(tmp_path / "bad.toml")


def test_flags_go_over_the_file() -> None:
    known = parse_knowledge(FULL, "file")
    same = merge_flags(known, treated_value=3)
    assert (same.question.text, same.question.treated_value) == (known.question.text, 3)
    other = merge_flags(known, treatment="visits", graph="dag { a -> b }")
    assert (other.question.treatment, other.question.outcome) == ("visits", "spend")
    assert (other.question.control_value, other.question.quantity, other.question.text) == (None, None, "")
    assert other.graph == "dag { a -> b }"
    assert merge_flags(Knowledge(), treatment="t").origin == "flags"


def test_a_drafted_card_is_a_knowledge_file(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": range(30),
            'odd "x" {y}': [i * 1.5 for i in range(30)],
            "grüße \x7f": ["a\tb", "c", "d"] * 10,
            "same": 1,
            "day": pd.date_range("2020-01-01", periods=30),
        }
    )
    data = opened(frame, tmp_path)
    text = draft_card(profile_dataset(data))
    known = parse_knowledge(text, "file")
    assert check_knowledge(known, data.columns) == ()
    assert {c.name: c.type for c in known.columns} == dict(data.ref.columns)
    assert known.with_role("identifier") == ("id",)
    assert known.with_role("excluded") == ("same",)
