"""Learn a causal graph from the table."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from importlib import import_module
from typing import Annotated, Literal, cast, get_args

from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot.toolkit.tool import Alpha, Bounds, Card, Column, Columns, Name, Ok, Refusal, tool
from causalcopilot_tools.discovery import (
    changes,
    citests,
    confidence,
    dependence,
    domains,
    interactions,
    rules,
)
from causalcopilot_tools.discovery.agreement import compare
from causalcopilot_tools.discovery.citests import TestName
from causalcopilot_tools.discovery.confidence import Search
from causalcopilot_tools.discovery.encoding import NOT_NUMBERS
from causalcopilot_tools.discovery.found import Found, Settings, to_graph
from causalcopilot_tools.discovery.inputs import MIN_ROWS, prepare
from causalcopilot_tools.discovery.knowledge import Constraints, constraints, violations
from causalcopilot_tools.discovery.outcome import Report, result
from causalcopilot_tools.discovery.prepared import Prepared

Method = Literal[
    "auto",
    "pc",
    "fci",
    "boss",
    "grasp",
    "direct_lingam",
    "cd_nod",
    "ges",
    "exact",
    "ica_lingam",
    "rcd",
    "multi_group_lingam",
    "dagma",
]
Resamples = Annotated[int, Bounds(0, 500)]

CURVED = 0.25
"""Share of effects with curved relations above which a linear non-Gaussian model is not believed."""
NOISY = 0.8
"""Share of noises that must be clearly non-Gaussian once DirectLiNGAM has run."""

CARD = Card(
    assumes=("no cycles", "faithfulness", "no hidden common causes unless method is fci or rcd"),
    data="one row per independent unit; numbers and categories; missing cells allowed",
    cost="0.1 s at 10 columns, a few seconds at 30; a bootstrap multiplies it",
    source="rule table in rules.py",
)


def method_cards() -> dict[str, Card]:
    """Assumptions, data, cost and source of each search, from its own file."""
    names = [m for m in get_args(Method) if m != "auto"]
    return {m: import_module(f"causalcopilot_tools.discovery.{m}").CARD for m in names}


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_ROWS:
        return Refusal(f"{profile.rows} rows are too few to learn a graph", f"at least {MIN_ROWS} are needed")
    usable = [c for c in profile.columns if c.type not in NOT_NUMBERS]
    if len(usable) < 2 and not question.columns:
        return Refusal("fewer than two columns hold numbers or categories", "check the column types")
    return Ok()


@tool(group="discovery", applies=_applies, card=CARD, methods=method_cards)
def discover(
    context: Context,
    method: Method = "auto",
    columns: Columns = (),
    alpha: Alpha | None = None,
    bootstrap: Resamples = 0,
    name: Name | None = None,
    latents: bool = False,
    test: TestName = "auto",
    domain: Column | None = None,
) -> DiscoverResult:
    """Learn a causal graph from the table, with a mark at each end of every edge.

    The rule table chooses a search that fits the data and runs a second one beside it; the result says on
    which edges the two agree. Knowledge (tiers, roles, forbidden and required edges) goes into the search
    and is verified in its graph. Columns that cannot enter are left out by name.

    Args:
        method: search; auto chooses by the rule table.
        columns: columns to put in the graph; all usable ones when empty.
        alpha: level of independence tests; by number of rows when not given.
        bootstrap: row resamples for a confidence at each edge; 0 for none.
        name: name to remember the graph by.
        latents: whether hidden common causes are possible.
        test: independence test of pc, fci or cd_nod; auto chooses by column types.
        domain: column that tells where or when each row was recorded, for cd_nod and multi_group_lingam.

    Raises:
        NotApplicable: the method does not fit the data, or takes no knowledge where there is some.
        DataError: fewer than two usable columns or ten rows.
        KnowledgeError: the knowledge contradicts itself.
    """
    data = prepare(context, columns)
    cautions = dependence.cautions(context, data)
    place, asked = "", f"{method} was asked for"
    if domain or method in domains.METHODS:
        asked = asked if method != "auto" else "a column that tells the domain of each row was named"
        method, place = domains.method_and_column(context, method, domain)
        data = domains.with_domain(context, data, place)
    else:
        data = changes.within_domains(context, data)
    limits = constraints(context.knowledge, data.names)
    hidden = latents or bool(context.knowledge.latents)
    case = _situation(data, limits, hidden)
    settings = Settings(
        alpha or rules.level(data.rows),
        context.seed,
        rules.starts(len(data.names)),
        max_depth=_depth(case),
        domain=place,
        test=test,
    )
    if test != "auto" and method == "auto":
        method = "fci" if hidden else "pc"  # a named test is a wish for a search that makes tests
        asked = f"{method} makes the independence test that was asked for"
    citests.check(method, test, alpha, data)
    chosen = _choose(method, case, latents, asked)
    found, other, reason = _searches(chosen, data, limits, settings)
    notes = [*data.notes, *limits.notes, *found.notes, *_comparison_notes(other, limits), *cautions]
    graph = _mark_required(to_graph(found, data.names), limits, context.knowledge.proposed)
    if case.categories:
        notes += interactions.note(interactions.interactions(data, graph))
        notes += interactions.only_by_tables(other, graph)
    notes += citests.unused_level(found.method, other.method if other else "", alpha)
    done = 0
    share = dict(found.params).get("measurement_error")
    if isinstance(share, float):
        settings = replace(settings, error_share=share)
    if bootstrap:
        most = min(
            bootstrap, rules.resamples(found.method, case), citests.SLOW_RESAMPLES.get(test, bootstrap)
        )
        quick = moment_search_of(found.method) if test in citests.ON_MOMENTS else None
        shares = confidence.bootstrap(search_of(found.method), data, limits, settings, most, quick)
        graph, done = confidence.with_confidence(graph, data.names, shares), shares.done
        if done < bootstrap:
            notes.append(f"{done} resamples were searched instead of {bootstrap}")
    rival = to_graph(other, data.names) if other else None
    compared = compare(
        found.method, graph, other.method if other else "", rival, not limits or _takes_knowledge(other)
    )
    if method != "auto" and context.knowledge.latents and found.method not in rules.ALLOWS_LATENTS:
        notes.append(
            f"the knowledge names hidden causes; {found.method} assumes there are none (fci does not)"
        )
    params = (*found.params, ("seed", context.seed))
    report = Report(
        graph,
        found.method,
        other.method if other else "",
        reason,
        params,
        compared,
        violations(graph, limits),
        data.left_out,
        tuple(notes),
        done,
    )
    return result(report, name or "")


def search_of(method: str) -> Search:
    """The search function of a method; its library is imported only now."""
    module = import_module(f"causalcopilot_tools.discovery.{method}")
    return cast(Search, module.search)


def moment_search_of(method: str) -> confidence.MomentSearch | None:
    """The form of a search that needs moments only; ``None`` where it needs the rows."""
    module = import_module(f"causalcopilot_tools.discovery.{method}")
    return cast(confidence.MomentSearch | None, getattr(module, "on_moments", None))


def _situation(data: Prepared, limits: Constraints, hidden: bool) -> rules.Situation:
    import numpy as np

    width = data.matrix.shape[1]
    numbers = data.all_numbers
    continuous = all(t == "continuous" for t in data.types)
    complete = data.matrix[~np.isnan(data.matrix).any(axis=1)]
    share = 0.0
    if continuous and len(complete) > 2 * width + MIN_ROWS:
        from causalcopilot_tools.discovery.core.shape import non_gaussian_share, residuals_on_all

        share = non_gaussian_share(residuals_on_all(complete))
    return rules.Situation(
        rows=data.rows,
        columns=len(data.names),
        width=width,
        numbers=numbers,
        continuous=continuous,
        categories=all(t in ("binary", "nominal") for t in data.types),
        missing=data.missing,
        knowledge=bool(limits),
        latents=hidden,
        non_gaussian=share,
    )


def _depth(case: rules.Situation) -> int | None:
    """Largest conditioning set where rows are few: ten rows per member, at most three."""
    return min(3, max(0, (case.rows - 4) // 10)) if case.rows <= 2 * case.width else None


def _choose(method: str, case: rules.Situation, latents: bool, asked: str) -> rules.Rule:
    """The rule's choice, or the user's own."""
    rule = rules.choose(case)
    if method == "auto":
        return rule
    if case.knowledge and method not in rules.TAKES_KNOWLEDGE:
        raise NotApplicable(
            f"{method} takes no knowledge (tiers, roles, forbidden or required edges are given)",
            f"use one of {', '.join(sorted(rules.TAKES_KNOWLEDGE))}, or set the knowledge aside (--no-knowledge)",
        )
    if latents and method not in rules.ALLOWS_LATENTS:
        raise NotApplicable(f"{method} assumes that there are no hidden common causes", "use method fci")
    if method in ("boss", "grasp", "ges", "exact") and case.rows <= 2 * case.width:
        raise NotApplicable(
            f"{method} needs more than {2 * case.width} rows for these columns ({case.rows} given)",
            "use method pc, or fewer columns",
        )
    return replace(
        rule,
        name="asked for",
        method=method,
        runner_up=rules.runner_up(method, case),
        reason=asked,
    )


def _searches(
    rule: rules.Rule, data: Prepared, limits: Constraints, settings: Settings
) -> tuple[Found, Found | None, str]:
    """The primary graph, the runner-up's, and the reason for the first."""
    found = search_of(rule.method)(data, limits, settings)
    tables = rule.runner_up_test != "auto" and data.rows * len(data.names) ** 2 <= rules.TABLE_WORK
    beside = replace(settings, test=rule.runner_up_test) if tables else settings
    other = search_of(rule.runner_up)(data, limits, beside) if rule.runner_up else None
    if rule.method == "direct_lingam" and rule.name != "asked for" and other is not None:
        doubt = _doubt(found, data)
        if doubt:
            return other, found, f"{rule.reason}; but {doubt}, so the score search is preferred"
    return found, other, rule.reason


def _doubt(found: Found, data: Prepared) -> str:
    """Why a linear non-Gaussian model should not be believed, or nothing."""
    import numpy as np

    from causalcopilot_tools.discovery.core import shape
    from causalcopilot_tools.discovery.found import ARROW

    x = data.matrix[~np.isnan(data.matrix).any(axis=1)]
    arrows = found.marks == ARROW
    curved = shape.curved_share(x, arrows)
    if curved > CURVED:
        return f"{curved:.0%} of the relations look curved"
    noisy = shape.non_gaussian_share(shape.residuals_on_causes(x, arrows))
    if noisy < NOISY:
        return f"only {noisy:.0%} of the noises are clearly non-Gaussian in its graph"
    return ""


def _takes_knowledge(found: Found | None) -> bool:
    return found is not None and found.method in rules.TAKES_KNOWLEDGE


def _comparison_notes(other: Found | None, limits: Constraints) -> list[str]:
    if other is None or not limits or _takes_knowledge(other):
        return []
    return [
        f"{other.method} takes no knowledge: it is compared on adjacencies only, its directions are not used"
    ]


def _mark_required(graph: Graph, limits: Constraints, proposed: Collection[tuple[str, str]]) -> Graph:
    """Name the origin of edges that are there because they were required, by a person or by a model's proposal."""

    def marked(e: Edge) -> Edge:
        pair = (e.source, e.target)
        return (
            replace(e, origin="model" if pair in proposed else "required") if pair in limits.required else e
        )

    return replace(graph, edges=tuple(map(marked, graph.edges)))
