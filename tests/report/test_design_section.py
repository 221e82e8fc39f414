"""The section of a design: its tables are shown, its course is drawn, and the drawing is well-formed."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from causalcopilot.domain.run import CallRecord
from causalcopilot.report import design_section
from causalcopilot.report.course_figure import Course, Point, course_figure
from causalcopilot.report.findings import Found
from causalcopilot.toolkit.result import EstimateResult, Table

EVENTS = Table(
    "event_study",
    "Effect by periods",
    ("periods since adoption", "value", "low", "high"),
    ((-2, 0.1, -0.2, 0.4), (-1, 0.0, -0.3, 0.3), (0, 1.0, 0.7, 1.3), (1, 1.2, 0.8, 1.6)),
)
COURSE = Table(
    "synthetic",
    "The unit and its synthetic control",
    ("period", "treated", "synthetic", "gap", "placebo spread", "treated by then"),
    (("1988", 10.0, 10.1, -0.1, 0.5, False), ("<1989>", 8.0, 10.0, -2.0, 0.6, True)),
)


def found(*tables: Table) -> Found[EstimateResult]:
    result = EstimateResult("", (), tables=tables)
    return Found(CallRecord("t3", "estimate", {}, True), result)


def test_tables_of_the_design_are_shown_and_drawn() -> None:
    made = design_section.section(found(EVENTS, COURSE, Table("overlap", "", ("a",), ((1,),))))
    assert [f.name for f in made.figures] == ["event_study", "synthetic"]
    assert [g.heads[0] for g in made.grids] == ["periods since adoption", "period"]
    for figure in made.figures:
        root = ET.fromstring(figure.svg)
        assert root.tag.endswith("svg")
    assert "<1989>" not in made.figures[1].svg
    assert made.figures[0].svg.count("<circle") == 4


def test_adjustment_has_no_such_section() -> None:
    assert design_section.section(found()).empty


def test_nothing_to_draw_is_no_figure() -> None:
    assert course_figure((Course("a", ()),), "t", "x", "y") == ""
    drawn = course_figure((Course("a", (Point(0, 1.0),)),), "t", "x", "y", zero=True)
    assert ET.fromstring(drawn).tag.endswith("svg")
