"""For whom the effect is larger or smaller: the joint test, groups, a split, a ranking, a rule for treating."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from causalcopilot.domain.facts import Fact, display
from causalcopilot.domain.heterogeneity import Difference, Heterogeneity, Subgroup
from causalcopilot.domain.run import CallRecord
from causalcopilot.report.figures import ForestRow, Tone, forest_figure
from causalcopilot.report.findings import Found, reason_of
from causalcopilot.report.view import Figure, Grid, Section
from causalcopilot.toolkit.result import HeterogeneityResult

TITLE = "For whom is the effect larger?"
_NONE = "–"
_HEADS = ("group", "rows", "treated", "effect", "interval", "remark")
ADVICE = {
    "treat_by_rule": "treat by the rule",
    "treat_all": "treat everybody",
    "treat_none": "treat nobody",
    "undecided": "undecided: the rule, everybody and nobody cannot be told apart",
}


def section(found: Found[HeterogeneityResult] | None, failed: Sequence[CallRecord] = ()) -> Section:
    """The section; empty where the question was not asked, the reason alone where it has no answer."""
    h = found.result.heterogeneity if found is not None else None
    if found is None or h is None:
        why = [f"Not told: {reason_of(c).value}." for c in failed if c.tool == "heterogeneity"]
        return Section("subgroups", TITLE, notes=tuple(why[-1:]))
    spec = _spec(found)
    grids = [
        g
        for g in (
            _groups(h, spec, found.call.id),
            _split(h, spec),
            _slopes(h),
            _ranked(h, spec),
            _learners(h),
            _rules(h, spec),
        )
        if g.rows
    ]
    return Section(
        "subgroups", TITLE, notes=tuple(_notes(h, found)), figures=_figures(h, spec), grids=tuple(grids)
    )


def _spec(found: Found[HeterogeneityResult]) -> str:
    fact: Fact | None = found.fact("subgroup.1") or found.fact("overall")
    return (fact.format if fact else "") or ",.3g"


def _notes(h: Heterogeneity, found: Found[HeterogeneityResult]) -> Iterable[str]:
    by = ", ".join(h.modifiers)
    told = "differs between rows" if h.found == "detected" else "is not found to differ between rows"
    yield (
        f"The effect {told}, by the joint test of {h.tested} term{'s' * (h.tested != 1)} on {by}:"
        f" p = {display(h.p_value, '.2g')}, F = {display(h.statistic, '.3g')}."
    )
    if h.found == "none_detected":
        small = "Every difference between the groups is shown to be small." if h.negligible else ""
        yield (
            small
            or "That does not show the effect to be the same for all; the groups below are not to be told apart."
        )
    if not h.named:
        yield (
            "Nothing was named beforehand: groups, learner and rule were chosen on one half of the rows and judged on"
            " the other."
        )
    yield (
        "No group's effect may be read as causal further than the average effect; the columns describe groups, they do"
        " not make the difference."
    )
    yield from found.result.findings


def _interval(low: float | None, high: float | None, spec: str) -> str:
    return _NONE if low is None or high is None else f"{display(low, spec)} to {display(high, spec)}"


def _row(s: Subgroup, name: str, spec: str) -> tuple[str, ...]:
    value = _NONE if s.value is None else display(s.value, spec)
    treated = "" if s.n_treated is None else f"{s.n_treated:,d}"
    return (name, f"{s.n:,d}", treated, value, _interval(s.low, s.high, spec), s.suppressed)


def _name(s: Subgroup) -> str:
    return f"{s.modifier}: {s.level}"


def _groups(h: Heterogeneity, spec: str, call: str) -> Grid:
    rows = [_row(h.average, "all rows", spec)] if h.groups else []
    rows += [_row(s, _name(s), spec) for s in h.groups]
    unit = f", {h.unit}" if h.unit else ""
    title = f"Effect by group{unit}; the groups' intervals hold for all of them together (call {call})"
    faint = tuple(i for i, r in enumerate(rows) if r[-1])
    return Grid(
        title, _HEADS, tuple(rows), numeric=(1, 2, 3, 4), strong=(0,) if rows else (), faint=faint
    ).compact()


def _split(h: Heterogeneity, spec: str) -> Grid:
    if h.split is None:
        return Grid("", _HEADS, ())
    rows = [_row(s, s.level, spec) for s in h.split.groups]
    if h.split.difference is not None:
        d = h.split.difference
        rows.append(("second less first", "", "", display(d.value, spec), _interval(d.low, d.high, spec), ""))
    title = f"Where one half of the rows would split ({h.split.rule}), as the other half tells it"
    return Grid(title, _HEADS, tuple(rows), numeric=(1, 2, 3, 4)).compact()


def _slopes(h: Heterogeneity) -> Grid:
    rows = tuple(
        (s.modifier, display(s.value, ".3g"), _interval(s.low, s.high, ".3g"), display(s.p_value, ".2g"))
        for s in sorted(h.slopes, key=lambda s: s.p_value)[:15]
    )
    title = "Best linear projection: change of the effect a unit of the modifier, the others held"
    return Grid(title, ("modifier", "slope", "interval", "p-value"), rows, numeric=(1, 2, 3), names=(0,))


def _ranked(h: Heterogeneity, spec: str) -> Grid:
    if h.ranking is None:
        return Grid("", _HEADS, ())
    rows = [_row(s, s.level, spec) for s in h.ranking.groups]
    for name, d in (("targeting (AUTOC)", h.ranking.autoc), ("calibration slope", h.ranking.calibration)):
        if d is not None:
            form = spec if name.startswith("targeting") else ".2f"
            rows.append((name, "", "", display(d.value, form), _interval(d.low, d.high, form), ""))
    title = f"Rows by the effect that {h.ranking.learner} predicts, on rows it has not seen"
    return Grid(title, _HEADS, tuple(rows), numeric=(1, 2, 3, 4)).compact()


def _learners(h: Heterogeneity) -> Grid:
    rows = tuple((x.learner, display(x.loss, ".3g"), "chosen" if x.chosen else "") for x in h.learners)
    title = "Learners of the effect by row: cross-validated loss beyond one effect for all (squared units)"
    return Grid(title, ("learner", "loss", ""), rows, numeric=(1,), strong=(0,) if rows else ())


def _rules(h: Heterogeneity, spec: str) -> Grid:
    p = h.policy
    if p is None:
        return Grid("", (), ())

    def ends(d: Difference) -> tuple[str, str]:
        return display(d.value, spec), _interval(d.low, d.high, spec)

    rows = [("everybody", "100%", *ends(p.everyone), _NONE, _NONE)]
    rows += [
        ("; or ".join(r.treat) or "nobody", display(r.share, ".0%"), *ends(r.value), *ends(r.beyond_all))
        for r in p.rules
    ]
    cost = f" at a cost of {display(p.cost, '.4g')} a row treated" if p.cost else ""
    better = "lower" if p.goal == "lower" else "higher"
    title = f"Whom to treat if {better} {h.outcome} is wanted{cost}, on rows held out: {ADVICE[p.advice]}"
    heads = ("treats", "share", "against nobody", "interval", "against everybody", "interval ")
    chosen = tuple(i for i, r in enumerate(p.rules, 1) if r.chosen)
    return Grid(title, heads, tuple(rows), numeric=(1, 2, 3, 4, 5), strong=chosen)


def _figures(h: Heterogeneity, spec: str) -> tuple[Figure, ...]:
    groups: Sequence[Subgroup] = h.groups or (h.split.groups if h.split else ())
    shown = [s for s in groups if s.value is not None]
    if not shown:
        return ()
    rows = [_forest(h.average, "all rows", "primary", spec)]
    tone: Tone = "plain" if h.found == "detected" else "unsupported"
    rows += [_forest(s, s.modifier, tone, spec) for s in shown]
    drawn = forest_figure(rows, h.unit, "Effect by group")
    caption = "Square: all rows." + (
        " Hollow: groups that the joint test does not tell apart." if tone != "plain" else ""
    )
    return (Figure("subgroups", "Effect by group", drawn, caption),) if drawn else ()


def _forest(s: Subgroup, name: str, tone: Tone, spec: str) -> ForestRow:
    text = f"{display(s.value, spec)} ({_interval(s.low, s.high, spec)})"
    return ForestRow(name, f"{s.level}, {s.n:,d} rows", text, s.value, s.low, s.high, tone)
