"""The sections about one effect: estimates, checks, what would overturn it, assumptions, controls, refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from causalcopilot.domain.estimate import Check, Estimate
from causalcopilot.domain.facts import Scalar, display, display_level, plain
from causalcopilot.domain.identification import Identification
from causalcopilot.report import curve_section, design_section, subgroup_section
from causalcopilot.report.figures import (
    CheckMark,
    ForestRow,
    Tone,
    balance_figure,
    checks_figure,
    forest_figure,
    overlap_figure,
)
from causalcopilot.report.findings import Findings, Found
from causalcopilot.report.prose import Block, say
from causalcopilot.report.view import Figure, Grid, Section
from causalcopilot.toolkit.result import EstimateResult, RefuteResult, Table

_NONE = "–"
ONE_EFFECT = (
    "Only the effect that was asked for is read as causal. What the controls themselves do is not: they are held to"
    " answer one question, and another column's effect needs controls of its own."
)
"""The note against reading a table of coefficients as effects (Westreich and Greenland 2013)."""
BASES = {
    "graph": "a graph that was given",
    "roles": "the declared roles of the columns",
    "controls": "controls that were named by hand",
    "discovered": "a learned graph",
    "design": "the declared design",
    "none": "nobody's word: no graph, roles or controls were given",
}


def sections(findings: Findings) -> Iterator[Section]:
    """Sections in the order of a report; empty ones are left out by the caller."""
    known = findings.identification
    if findings.estimated is not None:
        yield _estimates(findings.estimated)
        yield design_section.section(findings.estimated)
        yield curve_section.section(findings.estimated)
        yield subgroup_section.section(findings.varied, findings.failed)
    if findings.refuted is not None:
        yield _checks(findings.refuted)
        yield _reversal(findings.refuted)
        yield Section("overturn", "What would overturn it", _overturn(findings, findings.refuted))
    if known is not None and known.status == "not_identified":
        yield _refusal(findings, known)
        yield _range(findings)
    else:
        yield _range(findings)
        yield _next(findings)
    if known is not None:
        yield _assumptions(findings, known)
        yield _controls(findings, known)
    if findings.estimated is not None:
        yield _support(findings, findings.estimated, known)


def spec_of(found: Found[EstimateResult], index: int) -> str:
    """How the numbers of one estimate are printed: as its fact says, else as the effect's fact says."""
    for key in (f"estimate.{index + 1}", "effect"):
        fact = found.fact(key)
        if fact is not None and fact.format:
            return fact.format
    return ",.3g"


def _interval(e: Estimate, spec: str) -> str:
    if e.low is None or e.high is None:
        return _NONE
    return f"{display(e.low, spec)} to {display(e.high, spec)}"


def _reading(e: Estimate) -> str:
    if e.quantity == "association":
        return "association, not an effect"
    return e.quantity if e.supported else f"{e.quantity}, not supported by overlap"


def _meaning(e: Estimate, primary: Estimate) -> str:
    """What an estimate is of, of whom where that differs from the primary's, and its note."""
    if e.quantity == "association":
        return e.note if e.note.startswith("association") else ": ".join(filter(None, (_reading(e), e.note)))
    whom = f"{e.quantity} ({e.population})" if e.population != primary.population else e.quantity
    told = [] if e.supported or "not supported" in e.note else ["not supported by overlap"]
    told += [e.note] if e.note else []
    return f"{whom}: {'; '.join(told)}" if told else whom


def _tone(e: Estimate, primary: bool) -> Tone:
    if e.quantity == "association":
        return "association"
    if not e.supported:
        return "unsupported"
    return "primary" if primary else "plain"


def _estimates(found: Found[EstimateResult]) -> Section:
    result = found.result
    forest, rows = [], []
    for i, e in enumerate(result.estimates):
        spec = spec_of(found, i)
        value = display(e.value, spec) if e.value is not None else _NONE
        named = found.fact(f"estimate.{i + 1}.method")
        label = named.label if named is not None and named.label else e.method
        primary = i == result.primary
        short = e.method.replace("_", " ")
        text = f"{value} ({_interval(e, spec)})" if e.low is not None else value
        note = _reading(e) + (", primary" if primary else "")
        forest.append(ForestRow(short, note, text, e.value, e.low, e.high, _tone(e, primary)))
        spread = display(e.std_error, spec) if e.std_error is not None else _NONE
        words = label + (" (primary)" if primary else "")
        reads = _meaning(e, result.estimates[result.primary])
        rows.append((words, reads, value, _interval(e, spec), spread, f"{e.n_used:,d}"))
    unit = result.estimates[0].unit if result.estimates else ""
    grid = Grid(
        f"Every estimate made{f', in {unit}' if unit else ''} (call {found.call.id})",
        ("method", "reads as", "value", "interval", "std. error", "rows"),
        tuple(rows),
        numeric=(2, 3, 4, 5),
        strong=(result.primary,),
        faint=tuple(
            i for i, e in enumerate(result.estimates) if e.quantity == "association" or not e.supported
        ),
    )
    drawn = forest_figure(forest, unit, "Estimates with their intervals")
    caption = "Square: the primary estimate. Hollow and dashed: not to be read as an effect."
    figures = (Figure("estimates", "Estimates with their intervals", drawn, caption),) if drawn else ()
    return Section(
        "estimates", "Estimates", notes=result.findings, figures=figures, grids=(grid,) if rows else ()
    )


def _shown(value: Scalar) -> str:
    if value is None:
        return _NONE
    large = isinstance(value, int | float) and abs(value) >= 1000
    return display(value, ",.0f" if large else ".3g")


def _compared(c: Check) -> str:
    if c.statistic is None:
        return ""
    return _shown(c.statistic) + (f" against {_shown(c.threshold)}" if c.threshold is not None else "")


def _checks(found: Found[RefuteResult]) -> Section:
    checks = found.result.checks
    if not checks:
        return Section("checks", "Checks")
    tried = [c for c in checks if c.status != "skipped"]
    marks = [
        CheckMark(c.name.replace("_", " "), c.status, _compared(c), c.statistic, c.threshold) for c in tried
    ]
    counted = [c for c in tried if c.can_lower_verdict]
    listed = [c for c in tried if not c.can_lower_verdict]
    grids = [_check_grid(f"Checks that can fail (call {found.call.id})", counted)]
    if listed:
        grids.append(
            _check_grid("Listed only: these cannot fail, so they are never counted as passed", listed)
        )
    if len(tried) < len(checks):
        grids.append(_skipped(checks))
    caption = "Dot: the statistic. Bar: what it is compared with. Each row has its own scale."
    figure = Figure(
        "checks", "Checks and their outcome", checks_figure(marks, "Checks and their outcome"), caption
    )
    return Section(
        "checks", "Attempts to break it", notes=found.result.findings, figures=(figure,), grids=tuple(grids)
    )


def _outcome(c: Check) -> str:
    """The status; a check that cannot lower the verdict never reads as passed."""
    return c.status if c.can_lower_verdict or c.status in ("skipped", "error") else "info"


def _check_grid(caption: str, checks: list[Check]) -> Grid:
    rows = []
    for c in checks:
        numbers = (_shown(c.statistic), _shown(c.threshold), _shown(c.p_value))
        rows.append((c.name.replace("_", " "), _outcome(c), *numbers, plain(c.detail)))
    heads = ("check", "outcome", "statistic", "threshold", "p-value", "what it says")
    trouble = tuple(i for i, c in enumerate(checks) if c.status in ("fail", "error") and c.can_lower_verdict)
    return Grid(caption, heads, tuple(rows), numeric=(2, 3, 4), strong=trouble).compact()


def _skipped(checks: Sequence[Check]) -> Grid:
    """Checks that were not tried, those with one reason in one row."""
    reasons: dict[str, list[str]] = {}
    for c in checks:
        if c.status == "skipped":
            reasons.setdefault(c.detail, []).append(c.name.replace("_", " "))
    rows = tuple((", ".join(names), reason) for reason, names in reasons.items())
    return Grid("Not tried, because they do not apply here", ("checks", "why"), rows)


def _has(found: Found[RefuteResult], key: str) -> bool:
    fact = found.fact(key)
    return fact is not None and fact.value is not None


def _overturn(findings: Findings, found: Found[RefuteResult]) -> tuple[Block, ...]:
    """Sensitivity in words, from facts only."""
    r = found.call.id
    text = []
    if _has(found, "robustness_value"):
        text.append(
            "An unmeasured confounder would bring the estimate to nothing if it explained"
            f" {{{r}.robustness_value}} of what the controls leave unexplained, of treatment and outcome alike."
        )
        if _has(found, "robustness_value_alpha"):
            text[-1] += (
                f" For the nearer end of the interval, {{{r}.robustness_value_alpha}} would be enough."
            )
    if _has(found, "benchmark") and _has(found, "benchmark.strength"):
        text.append(f"The strongest measured control, {{{r}.benchmark}}, reaches {{{r}.benchmark.strength}}.")
    if _has(found, "e_value"):
        text.append(f"On the scale of risk ratios, the E-value is {{{r}.e_value}}")
        if _has(found, "e_value_limit"):
            text[-1] += f", and {{{r}.e_value_limit}} for the nearer end of the interval"
        text[-1] += ": a confounder tied that closely to treatment and outcome would do it."
    return say("\n\n".join(text), findings) if text else ()


def _refusal(findings: Findings, known: Identification) -> Section:
    grids = []
    if known.blocking_path:
        row = (" ".join(known.blocking_path),)
        grids.append(Grid("The path that stays open whatever is adjusted for", ("path",), (row,), names=(0,)))
    if known.would_help:
        grids.append(Grid("What would help", ("what",), tuple((h,) for h in known.would_help)))
    prose = say("No number is given, because none could be read as causal.", findings)
    return Section("refusal", "Why there is no estimate", prose, grids=tuple(grids))


def _reversal(found: Found[RefuteResult]) -> Section:
    """Means by strata where adjustment turns the sign of the plain difference (Simpson's paradox)."""
    table = next((t for t in found.result.tables if t.name == "simpson"), None)
    if table is None:
        return Section("reversal", "Why the plain difference points the other way")
    rows = tuple(
        tuple(_NONE if c is None else display(c, "" if isinstance(c, int | str) else ".3g") for c in r)
        for r in table.rows
    )
    grid = Grid(
        table.title, table.columns, rows, tuple(range(1, len(table.columns))), strong=(len(rows) - 1,)
    )
    return Section("reversal", "Why the plain difference points the other way", grids=(grid,))


def _range(findings: Findings) -> Section:
    """The effects that the open edges of a graph allow."""
    found = findings.ranged
    r = found.result.range if found else None
    if found is None or r is None:
        return Section("range", "What the effect may be")
    call = found.call.id
    text = (
        f"Over the graphs that {{{call}.graph}} stands for, the effect lies between {{{call}.range.low.with_unit}} and"
        f" {{{call}.range.high.with_unit}}, sampling error included. This is a range of what may be; settling"
        " an edge narrows it."
    )
    ends = found.fact("range.low")
    spec = (ends.format if ends else "") or ",.3g"
    rows = tuple(
        (
            ", ".join(e.points) or "as it stands",
            ", ".join(e.held) or "nothing",
            *(display(v, spec) for v in (e.value, e.low, e.high)),
        )
        for e in r.effects
    )
    heads = ("if", "held", "effect", "low", "high")
    grid = Grid("Effects that the open edges allow", heads, rows, (2, 3, 4)).compact()
    return Section("range", "What the effect may be", say(text, findings), grids=(grid,))


def _assumptions(findings: Findings, known: Identification) -> Section:
    rows = []
    for i, a in enumerate(known.assumptions, 1):
        fact = findings.identified.fact(f"assumption.{i}") if findings.identified else None
        words = str(fact.value) if fact is not None and isinstance(fact.value, str) else ""
        rows.append((a.name.replace("_", " "), words, "yes" if a.testable else "no", a.evidence))
    head = f"{known.status.replace('_', ' ').capitalize()}"
    head += f", by {known.strategy}" if known.strategy else ""
    head += f"; this rests on {BASES[known.basis]}" + (f" ({known.graph})" if known.graph else "")
    heads = ("assumption", "in words", "testable here", "evidence")
    other = tuple((a.strategy, a.why_not) for a in known.alternatives)
    grids = (
        Grid("What must hold for the number to be causal", heads, tuple(rows)),
        Grid("Strategies not chosen", ("strategy", "why not"), other),
    )
    notes = (f"{head}.",)
    return Section("assumptions", "What was assumed", notes=notes, grids=tuple(g for g in grids if g.rows))


def _controls(findings: Findings, known: Identification) -> Section:
    """Every column considered; those with the same use and reason share a row."""
    used = set(known.controls.used)
    uses = [(c, "control", "") for c in known.controls.minimal]
    uses += [(c, "control, for precision", "") for c in known.controls.optional]
    uses += [(z, "instrument", "") for z in known.instruments]
    for x in known.controls.forbidden:
        uses.append((x.name, "control by request" if x.name in used else "left out", x.reason))
    shared: dict[tuple[str, str], list[str]] = {}
    for name, use, reason in uses:
        shared.setdefault((use, reason), []).append(name)
    rows = tuple((use, ", ".join(names), reason) for (use, reason), names in shared.items())
    found = findings.estimated or findings.identified
    caption = f"Every column considered, and why{f' (call {found.call.id})' if found else ''}"
    grid = Grid(caption, ("use", "columns", "reason"), rows, names=(1,)).compact()
    notes = (ONE_EFFECT,) if used else ()
    return Section(
        "controls", "Who is adjusted for, and who is not", notes=notes, grids=(grid,) if rows else ()
    )


def _support(findings: Findings, found: Found[EstimateResult], known: Identification | None) -> Section:
    figures = []
    overlap, balance = _table(found, "overlap"), _table(found, "balance")
    name = known.treatments[0] if known and known.treatments else "treatment"
    contrast = known.contrast if known else None
    treated = f"{name} = {display_level(contrast.treated)}" if contrast else "treated"
    control = f"{name} = {display_level(contrast.control)}" if contrast else "control"
    if overlap is not None:
        bins = [_bin(r) for r in overlap.rows]
        drawn = overlap_figure(bins, treated, control, "Overlap of the two groups")
        caption = "Where one side has rows and the other has none, the estimate extrapolates."
        figures += [Figure("overlap", "Overlap of the two groups", drawn, caption)] if drawn else []
    if balance is not None:
        rows = [(str(r[0]), _number(r[1]), _number(r[2])) for r in balance.rows]
        limit = _balance_limit(findings)
        drawn = balance_figure(rows, (limit,) if limit else (), "Balance of the controls")
        caption = "Dashed: the limit of the balance check." if limit else ""
        figures += [Figure("balance", "Balance of the controls", drawn, caption)] if drawn else []
    return Section("support", "Are the groups comparable?", figures=tuple(figures))


def _balance_limit(findings: Findings) -> float | None:
    """What the balance check compared the largest difference with."""
    checks = findings.refuted.result.checks if findings.refuted else ()
    return next((c.threshold for c in checks if c.name == "balance"), None)


def _table(found: Found[EstimateResult], name: str) -> Table | None:
    return next((t for t in found.result.tables if t.name == name), None)


def _number(value: Scalar) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _bin(row: tuple[Scalar, ...]) -> tuple[float, float, float, float]:
    low, high, treated, control = (_number(v) or 0.0 for v in row[:4])
    return low, high, treated, control


def _next(findings: Findings) -> Section:
    verdict = findings.verdict
    notes = [verdict.next] if verdict and verdict.next else []
    known = findings.identification
    if known is not None and known.status != "not_identified":
        notes += known.would_help
    return Section("next", "What to do next", notes=tuple(dict.fromkeys(n for n in notes if n)))
