"""What each tool of the protocol is called with; ``None`` leaves an argument out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from causalcopilot.agent.expert.situation import (
    asks_for_hidden,
    given_graph,
    graph_in_force,
    has_authority,
    identified,
    open_class,
    search_columns,
)
from causalcopilot.agent.expert.state import State


def discover_series(state: State) -> Mapping[str, Any]:
    """A search over time: its clock, its units, and what was pinned."""
    q = state.question
    shown = q.kind in ("graph", "explore")
    return {
        "time": q.time,
        "unit": q.unit,
        "method": q.method if shown else None,
        "columns": list(q.columns) if q.columns and q.kind == "graph" else None,
        "bootstrap": state.brief.bootstrap if shown and state.brief.bootstrap else None,
        "name": state.brief.graph_name or None,
        **{k: state.brief.pins.get(k) for k in ("lags", "treat")},
    }


def discover(state: State) -> Mapping[str, Any]:
    """A search: the method asked for or pinned, columns, and resamples where the graph itself is shown."""
    q = state.question
    pins = state.brief.pins
    method = pins.get("method") or (q.method if q.kind in ("graph", "explore") else "auto")
    if (state.brief.latents or asks_for_hidden(q)) and method == "auto":
        method = "fci"
    resamples = state.brief.bootstrap
    return {
        "method": method,
        "columns": search_columns(state),
        "bootstrap": resamples if q.kind in ("graph", "explore") and resamples else None,
        "name": state.brief.graph_name or None,
        **{k: pins.get(k) for k in ("test", "alpha", "domain")},
    }


def changes(state: State) -> Mapping[str, Any]:
    """A comparison of domains: the column that names them, or the order of the rows."""
    q = state.question
    drift = not q.given and bool(re.search(r"\bdrift|\brows?\b", q.text, re.I))
    return {"domain": q.given[0] if q.given else None, "graph": given_graph(state), "drift": drift or None}


def identify(state: State) -> Mapping[str, Any]:
    """The question as it was asked, with the graph in force where nobody said what identifies the effect."""
    q = state.question
    contrast = q.contrast
    return {
        "treatment": q.treatment,
        "outcome": q.outcome,
        "graph": q.graph
        or state.brief.given_graph
        or (None if has_authority(state) else graph_in_force(state)),
        "control_value": contrast.control if contrast else None,
        "treated_value": contrast.treated if contrast else None,
        "quantity": q.quantity,
        "controls": list(q.controls) if q.controls is not None else None,
        "assume": q.assume or None,
    }


def effect_range(state: State) -> Mapping[str, Any]:
    """The class of graphs that leaves the effect open, and the contrast as it was identified."""
    found = state.last("identify")
    return {
        "treatment": state.question.treatment,
        "outcome": state.question.outcome,
        "graph": open_class(state),
        "control_value": found.value("contrast.control") if found else None,
        "treated_value": found.value("contrast.treated") if found else None,
    }


def estimate(state: State) -> Mapping[str, Any]:
    """The identification, and the estimator that was asked for."""
    found = identified(state)
    method = state.question.method
    return {"identification": found.call if found else "", "method": None if method == "auto" else method}


def refute(state: State) -> Mapping[str, Any]:
    """The estimate, and the graph that a person gave."""
    found = state.last("estimate")
    return {"estimate": found.call if found else "", "graph": given_graph(state)}


def heterogeneity(state: State) -> Mapping[str, Any]:
    """The identification, and by which columns the effect may differ."""
    found, q = identified(state), state.question
    return {
        "identification": found.call if found else "",
        "modifiers": list(q.modifiers) or None,
        "goal": q.goal or None,
    }


def supposed(state: State) -> Mapping[str, Any]:
    """What is supposed of a cause: a value, a shift or a factor, for all rows or for one."""
    q = state.question
    return {
        "cause": q.treatment,
        "outcome": q.outcome,
        "graph": graph_in_force(state),
        "value": q.contrast.treated if q.contrast else None,
        "shift": q.shift,
        "factor": q.factor,
        **row(state),
    }


def row(state: State) -> Mapping[str, Any]:
    """The row asked about."""
    return {"row": state.question.row, "row_column": state.question.row_column}


def compared(state: State) -> Mapping[str, Any]:
    """The two groups or periods whose means are compared."""
    q = state.question
    return {
        "outcome": q.outcome,
        "graph": graph_in_force(state),
        "column": q.given[0] if q.given else None,
        "first": q.contrast.control if q.contrast else None,
        "second": q.contrast.treated if q.contrast else None,
    }
