"""The report's section on groups: every group or the reason why not, and no more than the joint test allows."""

from __future__ import annotations

from causalcopilot.domain.heterogeneity import Heterogeneity
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast
from causalcopilot.domain.run import CallRecord
from causalcopilot.report.findings import Found
from causalcopilot.report.subgroup_section import section
from causalcopilot.report.view import Section
from causalcopilot.toolkit.result import HeterogeneityResult
from causalcopilot.toolkit.serial import result_from_json, result_to_json
from causalcopilot_tools.effects import heterogeneity_report
from tests.agent.groups import ALIKE, EXPLORED, NAMED

KNOWN = Identification(
    "identified", "Conditional Exogeneity", "ATE", "all rows", ("a",), ("b",), "binary", Contrast(0, 1)
)


def shown(look: Heterogeneity) -> Section:
    facts = heterogeneity_report.facts(look, KNOWN)
    result = HeterogeneityResult("", facts, tables=heterogeneity_report.tables(look), heterogeneity=look)
    stored = result_from_json(result_to_json(result))
    assert isinstance(stored, HeterogeneityResult)
    assert stored.heterogeneity == look
    return section(Found(CallRecord("t9", "heterogeneity", {}, True), stored))


def test_nothing_asked_shows_nothing() -> None:
    assert section(None).empty


def test_named_groups_stand_with_their_reasons() -> None:
    made = shown(NAMED)
    groups = made.grids[0]
    assert [r[0] for r in groups.rows] == ["all rows", "sex: f", "sex: m", "sex: x"]
    assert groups.rows[-1][-1] == "only 3 treated rows (at least 20 are needed)"
    assert "differs between rows" in made.notes[0]
    assert "Hollow" not in made.figures[0].caption


def test_groups_that_are_not_told_apart_stand_back() -> None:
    made = shown(ALIKE)
    assert "is not found to differ" in made.notes[0]
    assert "Hollow" in made.figures[0].caption


def test_what_was_explored_says_that_it_was_judged_on_other_rows() -> None:
    made = shown(EXPLORED)
    captions = " ".join(g.caption for g in made.grids)
    assert any("judged on the other" in n for n in made.notes)
    for words in ("would split (age)", "dr_line predicts", "Learners", "treat by the rule", "cost of 0.5"):
        assert words in captions
