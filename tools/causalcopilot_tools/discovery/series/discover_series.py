"""Learn a causal graph over time from a table with a time column."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, Literal

from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot.toolkit.tool import Alpha, Bounds, Card, Column, Columns, Name, Ok, Refusal, tool
from causalcopilot_tools.discovery import outcome
from causalcopilot_tools.discovery.found import Settings
from causalcopilot_tools.discovery.knowledge import Constraints, constraints, violations
from causalcopilot_tools.discovery.series import (
    bagging,
    checks,
    lag_choice,
    prepared,
    rules,
    tigramite,
    var_lingam,
)
from causalcopilot_tools.discovery.series.agreement import compare
from causalcopilot_tools.discovery.series.found import LaggedFound, Material, to_graph
from causalcopilot_tools.discovery.series.outcome import Lags, SeriesReport, changed, result
from causalcopilot_tools.discovery.series.prepared import MIN_STEPS, Series, Treat

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.lagged import Stacked

Method = Literal["auto", "lagged_boss", "var", "var_lingam", "pcmci", "pcmci_plus", "lpcmci"]
Resamples = Annotated[int, Bounds(0, 500)]
Steps = Annotated[int, Bounds(1, 24)]

ALPHA = 0.01
GAPPY = 0.2
"""Share of steps without a complete past from which the gaps make a graph fragile."""
SHORT_UNITS = 20
"""Steps per unit below which taking out each unit's mean biases lagged links (Nickell 1981)."""
CARD = Card(
    assumes=(
        "the same links at every step",
        "linear relations",
        "no hidden common causes unless method is lpcmci",
    ),
    data="one row per time (and unit); numbers; even steps, gaps allowed; moving means are differenced or detrended",
    cost="1 s at 10 columns; a bootstrap of 100 adds 2 s",
    source="rule table in series/rules.py; treatment rule in core/stationarity.py",
)


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_STEPS:
        return Refusal(
            f"{profile.rows} rows are too few to learn a graph over time", f"at least {MIN_STEPS} are needed"
        )
    return Ok()


@tool(group="discovery", applies=_applies, card=CARD)
def discover_series(
    context: Context,
    time: Column,
    unit: Column | None = None,
    method: Method = "auto",
    columns: Columns = (),
    lags: Steps | None = None,
    treat: Treat = "auto",
    alpha: Alpha | None = None,
    bootstrap: Resamples = 0,
    name: Name | None = None,
) -> DiscoverResult:
    """Learn a causal graph over time: links across steps, with their lag, and links within a step.

    The series are checked first: even spacing, seasons, unit roots, drifts, breaks.  What had to be differenced,
    detrended or deseasonalised is done by a written rule and stated, and a graph of such series is called fragile.

    Args:
        time: time column; rows are sorted by it.
        unit: unit column of a panel; lags never cross units.
        method: search; auto chooses by the rule table.
        columns: columns to put in the graph; all usable ones when empty.
        lags: longest lag; by AIC and a check of the residuals when not given.
        treat: what to do about means that move; auto follows the rule, none leaves the series as they are.
        alpha: level of independence tests.
        bootstrap: moving-block resamples for a confidence at each edge; 0 for none.
        name: name to remember the graph by.

    Raises:
        DataError: the time column cannot be used, or fewer than two usable columns.
        NotApplicable: the method does not fit the data, is not installed, or takes no knowledge where there is some.
        KnowledgeError: the knowledge contradicts itself.
    """
    time, unit = context.dataset.resolve(time), context.dataset.resolve(unit) if unit else None
    s = checks.treated(prepared.read(context, time, unit, columns), treat)
    limits = constraints(without_roles(context.knowledge), s.names)
    settings = Settings(alpha or ALPHA, context.seed, starts=5)
    chosen = lag_choice.choose(s, limits, settings, lags)
    data = chosen.data
    choice = _choose(method, data, limits)
    found = search(choice.method, data, limits, settings)
    other = search(choice.runner_up, data, limits, settings) if choice.runner_up else None
    graph = to_graph(found, s.names)
    votes, majority = None, None
    if bootstrap:
        votes = bagging.bootstrap(_bagged(choice.method), data, limits, settings, bootstrap)
        graph = bagging.with_confidence(graph, s.names, votes)
        majority = to_graph(bagging.majority(votes, found.ends), s.names)
        majority = bagging.with_confidence(majority, s.names, votes)
    fragile = tuple(_fragile(s, data.stacked, chosen.lags, treat))
    compared = compare(
        found.method, graph, other.method if other else "", to_graph(other, s.names) if other else None
    )
    report = outcome.Report(
        graph=graph,
        method=found.method,
        runner_up=other.method if other else "",
        reason=choice.reason,
        params=(*found.params, ("lags", chosen.lags.used), ("treat", treat), ("seed", context.seed)),
        compared=compared,
        violations=against(graph, limits),
        left_out=s.left_out,
        notes=(*_notes(context, s, chosen.lags, fragile), *limits.notes, *found.notes),
        resamples=votes.done if votes else 0,
    )
    over = SeriesReport(
        s, time, unit, len(data.stacked.z), chosen.lags, fragile, majority, votes.block if votes else 0
    )
    return result(report, over, name or "")


def search(method: str, data: Material, limits: Constraints, settings: Settings) -> LaggedFound:
    """Run one search; its library is imported only now."""
    if method in tigramite.METHODS:
        return tigramite.search(data, limits, settings, method)
    module = import_module(f"causalcopilot_tools.discovery.series.{method}")
    found: LaggedFound = module.search(data, limits, settings)
    return found


def without_roles(knowledge: Knowledge) -> Knowledge:
    """Roles order columns within one moment; an outcome may well act on tomorrow's treatment."""
    return replace(knowledge, columns=tuple(replace(c, role=None) for c in knowledge.columns))


def against(graph: Graph, limits: Constraints) -> tuple[str, ...]:
    """Every way in which a lagged graph contradicts the limits, within a step and across steps."""
    now = replace(graph, edges=tuple(e for e in graph.edges if not e.lag))
    past = replace(graph, edges=tuple(e for e in graph.edges if e.lag))
    free = replace(limits, required=frozenset())
    found = (*violations(now, free), *violations(past, free), *violations(graph, limits))
    return tuple(dict.fromkeys(found))


def _choose(method: str, data: Material, limits: Constraints) -> rules.Choice:
    case = _situation(data, limits)
    if method == "auto":
        return rules.choose(case)
    return rules.Choice(method, rules.runner_up(method, case), f"{method} was asked for")


def _situation(data: Material, limits: Constraints) -> rules.Situation:
    from causalcopilot_tools.discovery.core import granger
    from causalcopilot_tools.discovery.core.shape import non_gaussian_share

    s = data.stacked
    share, exact = 0.0, determined(s)
    if len(s.z) > s.z.shape[1] + 10 and not exact:
        share = non_gaussian_share(granger.fit(s).residuals)
    return rules.Situation(
        s.p, len(s.z), s.lags, share, var_lingam.gapless(data), bool(limits), bool(limits.required), exact
    )


def determined(s: Stacked) -> bool:
    """Whether columns, or their pasts, determine one another."""
    import numpy as np

    from causalcopilot_tools.discovery.core.lagged import exact

    return exact(np.asarray(np.corrcoef(s.z.T), np.float64))


def _bagged(method: str) -> str:
    if method not in bagging.BAGGED:
        raise NotApplicable(
            f"{method} is not resampled here", f"leave --bootstrap out, or use method {bagging.BAGGED[0]}"
        )
    return method


def _fragile(s: Series, stacked: Stacked, lags: Lags, treat: Treat) -> list[str]:
    """Why a reader should trust the graph less than its method deserves."""
    import numpy as np

    out = []
    moving = [c.name for c in s.checks if c.tests is not None and c.tests.drifts]
    if moving:
        left = treat == "none"
        done = "left as it is" if left else "differenced or detrended away before the search"
        out.append(f"the mean moves over time in {_listed(moving)}, {done}")
    if untested := [c.name for c in s.checks if c.tests is None]:
        out.append(f"{_listed(untested)}: too short to test for a constant mean")
    if broken := [f"{c.name} (at {c.break_at})" for c in s.checks if c.broke]:
        out.append(f"there is a break in {_listed(broken)}; one graph for all times may fit neither part")
    if determined(stacked):
        out.append(
            "columns, or their pasts, determine one another exactly; which of them is the cause is arbitrary"
        )
    if not s.index.regular:
        out.append("the times are unevenly spaced")
    possible = len(s.x) - len(s.index.units) * stacked.lags
    if possible > 0 and len(stacked.z) < (1 - GAPPY) * possible:
        out.append(f"{1 - len(stacked.z) / possible:.0%} of the steps lack a complete past")
    if lags.left_over:
        out.append(f"the residuals of {_listed(lags.left_over)} still hold autocorrelation")
    if s.panel and len(s.x) / len(np.unique(s.units)) < SHORT_UNITS:
        out.append("the units have few steps each, which biases links of a column with its own past")
    return out


def _notes(context: Context, s: Series, lags: Lags, fragile: tuple[str, ...]) -> list[str]:
    notes = list(s.notes)
    if groups := changed(s):
        done = [f"{how} in {_listed(names)}" for how, names in groups.items()]
        notes.append("before the search: " + "; ".join(_shortened(done)))
        notes.append(_units(s))
    if s.panel:
        notes.append(
            f"{len(s.index.units)} units: each one's own mean is taken out, and no lag crosses units"
        )
    notes.append(f"longest lag {lags.used} ({s.index.step}): {lags.reason}")
    notes += [f"fragile: {why}" for why in fragile]
    if context.knowledge.latents:
        notes.append(
            "the knowledge names hidden causes; only lpcmci allows for them, other searches assume none"
        )
    if any(c.role for c in context.knowledge.columns if c.name in s.names):
        notes.append("roles order columns within one moment and are not used over time; tiers and edges are")
    return notes


def _units(s: Series) -> str:
    """What a node now stands for."""
    differenced = [c.name for c in s.checks if c.treatment == "difference"]
    detrended = [c.name for c in s.checks if c.treatment == "detrend"]
    parts = []
    if differenced:
        parts.append(f"its change from one step to the next ({_listed(differenced)})")
    if detrended:
        parts.append(f"its distance from a slowly moving mean ({_listed(detrended)})")
    if seasonal := [c.name for c in s.checks if c.season]:
        parts.append(f"without its season ({_listed(seasonal)})")
    return "in the graph, a column means " + "; ".join(parts)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(_shortened(list(names)))


def _shortened(items: list[str], most: int = 12) -> list[str]:
    return items if len(items) <= most else [*items[:most], f"and {len(items) - most} more"]
