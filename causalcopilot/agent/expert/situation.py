"""What a question and the results so far amount to: the conditions of the protocol's rules."""

from __future__ import annotations

import re

from causalcopilot.agent.expert.state import Done, State
from causalcopilot.domain.designs import asks_for_design
from causalcopilot.domain.question import ABOUT_EFFECTS, Question

STRUCTURE = ("direct_cause", "confounder", "collider", "mediator", "adjustment")
HIDDEN = re.compile(r"\b(?:hidden|latent|un(?:measured|observed|recorded|seen)|omitted)\b", re.IGNORECASE)
SEARCHES = ("discover", "discover_series")
WIDE = 40
"""Most columns a graph is learned over unasked: search time grows fast, and so do false edges."""


def is_effect(state: State) -> bool:
    """The question asks for an effect and names both columns."""
    q = state.question
    return q.kind in ABOUT_EFFECTS and bool(q.treatment and q.outcome)


def has_authority(state: State) -> bool:
    """Somebody said what identifies the effect: a graph, roles, or a design.

    Controls named by hand are a choice and not knowledge: a graph is learned beside them, to speak against them.
    """
    q, b = state.question, state.brief
    if (
        asks_for_design(q) and q.kind != "joint"
    ):  # to set several columns together is no argument for reading it so
        return True
    return bool(q.graph or b.has_roles or b.given_graph or b.randomised)


def search_columns(state: State) -> list[str] | None:
    """The columns a graph is learned over; ``None`` for all."""
    q, b = state.question, state.brief
    if q.columns and q.kind == "graph":
        return list(q.columns)
    if q.kind == "effect" and b.has_roles:
        kept = [c for c in (q.treatment, q.outcome, *b.controls) if c]
        return list(dict.fromkeys(kept))
    return None


def searchable(state: State) -> bool:
    """Whether they are few enough to learn a graph over unasked."""
    columns = search_columns(state)
    return (len(columns) if columns else len(state.brief.columns)) <= WIDE


def given_graph(state: State) -> str | None:
    """The graph that a person gave or named, if any."""
    return state.question.graph or state.brief.given_graph or None


def graph_in_force(state: State) -> str | None:
    """The graph a question is read from: the one asked for, the one given, else the one learned."""
    q = state.question
    if q.graph or state.brief.given_graph:
        return q.graph or state.brief.given_graph
    learned = next((d for d in reversed(state.done) if d.tool in SEARCHES and d.ok), None) or next(
        (d for d in reversed(state.before) if d.tool in SEARCHES and d.ok and not d.args.get("columns")),
        None,
    )
    return str(learned.value("graph")) if learned else None


def over_time(state: State) -> bool:
    """The rows are steps in time, and no effect by a design is asked for."""
    return bool(state.question.time) and state.question.kind != "effect"


def asks_for_hidden(question: Question) -> bool:
    """Whether it is asked for a hidden common cause: a search that assumes there is none cannot answer."""
    return question.kind == "confounder" and HIDDEN.search(question.text) is not None


def asks_for_groups(state: State) -> bool:
    """Whether it is asked for whom an effect differs, or columns are named that it may differ by."""
    return is_effect(state) and (state.question.kind == "subgroups" or bool(state.question.modifiers))


def identified(state: State) -> Done | None:
    """The identification that gives something to estimate, if any."""
    found = state.last("identify")
    return found if found and found.value("status") in ("identified", "assumed") else None


def open_class(state: State) -> str:
    """The graph whose open edges alone leave the effect unidentified, or empty."""
    found = state.last("identify")
    return str(found.value("range.graph") or "") if found else ""


def modelled(state: State, kind: str) -> bool:
    """Whether a structural model answers this kind of question, and there is a graph to fit it in."""
    return state.question.kind == kind and graph_in_force(state) is not None
