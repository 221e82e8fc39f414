"""A look into differences as the tool makes it, for tests of prose, answers and report."""

from __future__ import annotations

from dataclasses import replace

from causalcopilot.domain.heterogeneity import (
    Difference,
    Heterogeneity,
    HonestSplit,
    LearnerLoss,
    ModifierTest,
    Policy,
    Ranking,
    Rule,
    Slope,
    Subgroup,
)


def group(level: str, value: float | None, modifier: str = "sex", why: str = "") -> Subgroup:
    if value is None:
        return Subgroup(modifier, level, 100, 40, None, None, None, None, why)
    return Subgroup(modifier, level, 100, 40, value, 0.5, value - 1.0, value + 1.0, why)


GAP = Difference(1.5, 0.5, 0.5, 2.5, 0.003)
NAMED = Heterogeneity(
    "a", "b", "kg", "ATE", True, ("sex",), 0.95, "detected", 9.0, 0.003, 1, False, group("all", 2.0, "all"),
    slopes=(Slope("sex=m", 1.5, 0.5, 0.5, 2.5, 0.003),),
    groups=(group("f", 1.2), group("m", 2.7), group("x", None, why="only 3 treated rows (at least 20 are needed)")),
    tests=(ModifierTest("sex", 9.0, 0.003, 0.003),),
)  # fmt: skip
ALIKE = replace(NAMED, found="none_detected", p_value=0.4, tests=(ModifierTest("sex", 0.8, 0.4, 0.4),))
SMALL = replace(ALIKE, negligible=True)
AMONG = replace(NAMED, among=NAMED.groups[0])
RULES = (
    Rule(1, ("age above 40",), 0.6, GAP, GAP, chosen=True),
    Rule(2, ("age above 40 and sex is 1",), 0.3, GAP, GAP),
)
EXPLORED = replace(
    NAMED,
    named=False,
    modifiers=("age", "sex"),
    negligible=None,
    groups=(),
    tests=(),
    split=HonestSplit("age", (group("age up to 40", 1.0, "age"), group("age above 40", 2.5, "age")), GAP),
    learners=(LearnerLoss("dr_line", -1.2, chosen=True), LearnerLoss("constant", 0.0)),
    ranking=Ranking("dr_line", (group("lowest quarter", 0.5), group("highest quarter", 3.0)), GAP, GAP),
    policy=Policy("raise", 0.5, RULES, GAP, "treat_by_rule"),
)
