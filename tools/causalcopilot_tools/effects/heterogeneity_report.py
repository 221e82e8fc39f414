"""Facts and tables of the tool ``heterogeneity``."""

from __future__ import annotations

from collections.abc import Iterable

from causalcopilot.domain.facts import Fact, Scalar
from causalcopilot.domain.heterogeneity import Difference, Heterogeneity, Subgroup
from causalcopilot.domain.identification import Identification
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.effects.estimate_report import number_format

P_VALUE = ".2g"
ADVICE = {
    "treat_by_rule": "treat by the rule",
    "treat_all": "treat everybody",
    "treat_none": "treat nobody",
    "undecided": "undecided between the rule, everybody and nobody",
}


def summary(h: Heterogeneity) -> str:
    """One line for the progress view."""
    what = ", ".join(h.modifiers[:4]) + (" …" if len(h.modifiers) > 4 else "")
    return f"{h.found} by {what} (joint test p = {h.p_value:.2g})"


def facts(h: Heterogeneity, known: Identification) -> tuple[Fact, ...]:
    """Every value that may be referred to."""
    about = f"effect of {h.treatment} on {h.outcome}"
    out = [
        Fact("heterogeneity", h.found, f"whether the {about} is found to differ between rows"),
        Fact(
            "joint.p_value",
            h.p_value,
            "p value of the joint test that the effect is the same for all",
            format=P_VALUE,
        ),
        Fact("joint.statistic", h.statistic, "F statistic of the joint test", format=".3g"),
        Fact("joint.tested", h.tested, "terms of the joint test", format=",d"),
        Fact("joint.level", 1 - h.level, "level of the joint test", format=".2g"),
        Fact("named", "yes" if h.named else "no", "whether the modifiers were named beforehand"),
        Fact("status", known.status, "identification that any group's effect rests on"),
        Fact("quantity", h.quantity, "quantity that is told by group"),
        *_line(h, known),
        Fact("modifiers", len(h.modifiers), "columns by which the effect may differ", format=",d"),
        *(Fact(f"modifier.{i}", c, "modifier", subject=c) for i, c in enumerate(h.modifiers, 1)),
        _group("overall", h, h.average, f"{about} in all rows, by the same scores"),
    ]
    if h.negligible is not None:
        out.append(
            Fact(
                "negligible", "yes" if h.negligible else "no", "whether every difference is shown to be small"
            )
        )
    for i, s in enumerate(h.groups, 1):
        out += _subgroup(f"subgroup.{i}", h, s)
    if h.among is not None:
        out += _subgroup("among", h, h.among)
    for i, t in enumerate(h.tests, 1):
        words = f"p value that the effect is the same by {t.modifier}, by Holm's correction"
        out += [
            Fact(f"test.{i}", t.modifier, "modifier tested"),
            Fact(f"test.{i}.p_value", t.p_adjusted, words, format=P_VALUE),
        ]
    for i, line in enumerate(sorted(h.slopes, key=lambda s: s.p_value)[:8], 1):
        words = f"change of the {about} a unit of {line.modifier}, other modifiers held"
        spec = number_format(line.std_error)
        out += [
            Fact(f"slope.{i}", line.value, words, h.unit, h.outcome, spec, line.low, line.high),
            Fact(f"slope.{i}.modifier", line.modifier, "modifier of this slope"),
            Fact(f"slope.{i}.p_value", line.p_value, "p value of this slope, uncorrected", format=P_VALUE),
        ]
    return (*out, *_split(h), *_ranking(h), *_policy(h))


def _line(h: Heterogeneity, known: Identification) -> list[Fact]:
    """That effects are slopes of a line, and the step they are told for."""
    if known.treatment_type != "continuous":
        return []
    c, t = known.contrast, h.treatment
    return [
        Fact(
            "line", "yes", f"whether a group's effect is the slope of a straight line in {t}, times the step"
        ),
        Fact("step.from", c.control, f"value of {t} compared with", subject=t),
        Fact("step.to", c.treated, f"value of {t}", subject=t),
    ]


def _group(key: str, h: Heterogeneity, s: Subgroup, label: str) -> Fact:
    return Fact(key, s.value, label, h.unit, h.outcome, number_format(s.std_error), s.low, s.high)


def _subgroup(key: str, h: Heterogeneity, s: Subgroup) -> list[Fact]:
    where = f"effect of {h.treatment} on {h.outcome} where {s.modifier} is {s.level}"
    out = [
        _group(key, h, s, where),
        Fact(f"{key}.modifier", s.modifier, "modifier", subject=s.modifier),
        Fact(f"{key}.level", s.level, f"value of {s.modifier}", subject=s.modifier),
        Fact(f"{key}.rows", s.n, "rows in this group", format=",d"),
    ]
    return (
        [*out, Fact(f"{key}.suppressed", s.suppressed, "why no effect is told here")] if s.suppressed else out
    )


def _difference(key: str, h: Heterogeneity, d: Difference, label: str) -> list[Fact]:
    return [
        Fact(key, d.value, label, h.unit, h.outcome, number_format(d.std_error), d.low, d.high),
        Fact(f"{key}.p_value", d.p_value, f"p value: {label}", format=P_VALUE),
    ]


def _split(h: Heterogeneity) -> Iterable[Fact]:
    if h.split is None:
        return
    yield Fact("split.rule", h.split.rule, "column that splits the rows best, chosen on one half of them")
    for i, s in enumerate(h.split.groups, 1):
        yield _group(f"split.{i}", h, s, f"effect where {s.level}, on the other half")
        yield Fact(f"split.{i}.level", s.level, "group of the split")
        yield Fact(f"split.{i}.rows", s.n, "rows in it", format=",d")
    if h.split.difference is not None:
        yield from _difference("split.difference", h, h.split.difference, "difference between the two groups")


def _ranking(h: Heterogeneity) -> Iterable[Fact]:
    best = next((x for x in h.learners if x.chosen), None)
    if best is not None:
        yield Fact(
            "learner", best.learner, "learner of the effect by row with the least cross-validated loss"
        )
    r = h.ranking
    if r is None:
        return
    yield Fact("ranking.learner", r.learner, "learner whose ranking is judged")
    yield from _difference(
        "ranking.autoc", h, r.autoc, "area under the targeting curve, on rows it has not seen"
    )
    if r.calibration is not None:
        d = r.calibration
        yield Fact(
            "ranking.calibration",
            d.value,
            "slope of the effect on its prediction",
            "",
            "",
            ".2f",
            d.low,
            d.high,
        )
    for i, s in enumerate(r.groups, 1):
        yield _group(f"quarter.{i}", h, s, f"effect in the {s.level} of the predicted effects")


def _policy(h: Heterogeneity) -> Iterable[Fact]:
    p = h.policy
    if p is None:
        return
    yield Fact("policy.advice", ADVICE[p.advice], "what the rows held out support")
    yield Fact(
        "policy.goal", "lower" if p.goal == "lower" else "higher", f"values of {h.outcome} that are wanted"
    )
    yield Fact("policy.cost", p.cost, "cost of treating one row", h.unit, format=".4g")
    yield from _difference(
        "policy.everyone", h, p.everyone, "gain a row of treating everybody over treating nobody"
    )
    rule = next((r for r in p.rules if r.chosen), None)
    if rule is None:
        return
    yield Fact("policy.rule", "; or ".join(rule.treat) or "nobody", "whom the rule treats")
    yield Fact("policy.share", rule.share, "share of the population that the rule treats", format=".0%")
    yield from _difference("policy.value", h, rule.value, "gain a row of the rule over treating nobody")
    yield from _difference(
        "policy.beyond_all", h, rule.beyond_all, "gain a row of the rule over treating everybody"
    )


def tables(h: Heterogeneity) -> tuple[Table, ...]:
    """``subgroups`` and ``projection``, for the report and for people who read results."""
    rows: tuple[tuple[Scalar, ...], ...] = tuple(
        (s.modifier, s.level, s.n, s.n_treated, s.value, s.low, s.high, s.suppressed) for s in h.groups
    )
    heads = ("modifier", "level", "rows", "treated", "effect", "low", "high", "suppressed")
    lines: tuple[tuple[Scalar, ...], ...] = tuple(
        (s.modifier, s.value, s.low, s.high, s.p_value) for s in h.slopes
    )
    title = "Best linear projection of the effect: change a unit of each modifier, the others held"
    projection = Table("projection", title, ("modifier", "slope", "low", "high", "p value"), lines)
    if not rows:
        return (projection,)
    joint = "Effects by group; the intervals hold for all rows of the table together"
    return (Table("subgroups", joint, heads, rows), projection)
