"""For whom an effect is larger or smaller: what was tested, group by group, and what a rule for treating is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Found = Literal["detected", "none_detected"]
Advice = Literal["treat_by_rule", "treat_all", "treat_none", "undecided"]


@dataclass(frozen=True, slots=True)
class Subgroup:
    """The effect in some rows.

    Attributes:
        modifier: column or rule that makes the group.
        level: which rows, in words.
        n, n_treated: rows, and how many of them are treated; ``None`` where the treatment is a number.
        value, std_error, low, high: effect with its interval, ``None`` where it is suppressed.
        suppressed: why no number is given, or empty.
    """

    modifier: str
    level: str
    n: int
    n_treated: int | None
    value: float | None
    std_error: float | None
    low: float | None
    high: float | None
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class ModifierTest:
    """Whether the effects in a modifier's groups are all the same.

    Attributes:
        modifier: column.
        statistic, p_value: F statistic and its p value.
        p_adjusted: by Holm over all modifiers of the table.
    """

    modifier: str
    statistic: float
    p_value: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Slope:
    """How the effect changes with a modifier, the others held: outcome units a unit of the modifier."""

    modifier: str
    value: float
    std_error: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference of two effects with its interval."""

    value: float
    std_error: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True, slots=True)
class HonestSplit:
    """Two groups chosen on one half of the rows and estimated on the other.

    Attributes:
        rule: the question that splits the rows.
        groups: both groups, on the half that had no part in the choice.
        difference: second group minus first, on that half.
    """

    rule: str
    groups: tuple[Subgroup, ...]
    difference: Difference | None


@dataclass(frozen=True, slots=True)
class LearnerLoss:
    """A learner of the effect by row, and its cross-validated loss beyond that of one effect for all.

    ``loss`` is in squared outcome units; below zero the learner predicts better than one effect for all.
    """

    learner: str
    loss: float
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Ranking:
    """Whether the chosen learner ranks rows by their effect, judged on rows it has not seen.

    Attributes:
        learner: the learner.
        groups: effects by quarter of the predicted effect, lowest first.
        calibration: slope of the effect on its prediction: one when right, zero when the prediction says nothing.
        autoc: area under the targeting operator characteristic, outcome units; zero when the ranking says nothing.
    """

    learner: str
    groups: tuple[Subgroup, ...]
    calibration: Difference | None
    autoc: Difference


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule for whom to treat, learned on one half of the rows and valued on the other, outcome units a row.

    Attributes:
        depth: questions asked at most.
        treat: whom it treats, in words; empty where it treats nobody.
        share: share of the population that it treats.
        value: its gain over treating nobody.
        beyond_all: its gain over treating everybody.
        chosen: whether this depth was chosen, on the half it was learned from.
    """

    depth: int
    treat: tuple[str, ...]
    share: float
    value: Difference
    beyond_all: Difference
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """Whom to treat.

    Attributes:
        goal: whether a higher (``raise``) or a lower (``lower``) outcome counts as better.
        cost: of treating one row, outcome units.
        rules: rules of one and two questions.
        everyone: gain of treating everybody over treating nobody, same rows.
        advice: what the held-out rows support.
    """

    goal: Literal["raise", "lower"]
    cost: float
    rules: tuple[Rule, ...]
    everyone: Difference
    advice: Advice


@dataclass(frozen=True, slots=True)
class Heterogeneity:
    """How an effect differs between rows.

    Attributes:
        treatment, outcome, unit: of the effect.
        quantity: ATE, ATT or ATC; what every group's effect is of.
        named: whether the modifiers were named beforehand, so that their groups may be read one by one.
        modifiers: columns by which it may differ.
        level: coverage of the intervals and one minus the level of the joint test.
        found: whether the joint test rejects that the effect is the same for all.
        statistic, p_value, tested: F statistic and p value of the joint test, and how many terms it holds.
        negligible: every difference between named groups is shown to be small; ``None`` where nothing was named.
        average: effect in all rows, by the same scores.
        slopes: best linear projection of the effect on the modifiers.
        groups, tests: groups of named modifiers, and whether each one's groups differ.
        among: the one group asked about, or ``None``.
        split: groups found by an honest split, where nothing was named.
        learners, ranking: learners of the effect by row, where nothing was named.
        policy: whom to treat.
    """

    treatment: str
    outcome: str
    unit: str
    quantity: str
    named: bool
    modifiers: tuple[str, ...]
    level: float
    found: Found
    statistic: float
    p_value: float
    tested: int
    negligible: bool | None
    average: Subgroup
    slopes: tuple[Slope, ...] = ()
    groups: tuple[Subgroup, ...] = ()
    tests: tuple[ModifierTest, ...] = ()
    among: Subgroup | None = None
    split: HonestSplit | None = None
    learners: tuple[LearnerLoss, ...] = ()
    ranking: Ranking | None = None
    policy: Policy | None = None
