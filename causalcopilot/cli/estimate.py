"""``ccp estimate``: one effect, its interval, its checks and its verdict."""

from __future__ import annotations

import typer

from causalcopilot.cli import options as o


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("estimate")(estimate)


def estimate(
    context: typer.Context,
    data: o.Data,
    treatment: o.Treatment = None,
    outcome: o.Outcome = None,
    start: o.From = None,
    to: o.To = None,
    graph: o.Graph = None,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    controls: o.Controls = None,
    quantity: o.Quantity = None,
    design: o.DesignOption = "auto",
    instrument: o.Instrument = None,
    running: o.Running = None,
    cutoff: o.Cutoff = None,
    mediator: o.Mediator = None,
    time: o.Time = None,
    unit: o.Unit = None,
    cluster: o.Cluster = None,
    weights: o.Weights = None,
    event: o.Event = None,
    horizon: o.Horizon = None,
    negative_control: o.NegativeControl = None,
    by: o.By = None,
    method: o.Method = "auto",
    types: o.Types = None,
    assume: o.Assume = False,
    fail_on: o.FailOn = None,
) -> int:
    """Estimate an effect: identify, estimate, refute.

    Not identified means no estimate and exit code 4; the open path and what would help are named.
    """
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import questions, runs
    from causalcopilot.cli.reports import finish_estimate
    from causalcopilot.domain.comma_list import split_list
    from causalcopilot.domain.designs import design_of

    asked = questions.effect_question(
        treatment,
        outcome,
        start=start,
        to=to,
        controls=controls,
        quantity=quantity,
        design=design,
        method=method,
        assume=assume,
        instrument=instrument,
        running=running,
        cutoff=cutoff,
        mediator=mediator,
        time=time,
        unit=unit,
        cluster=cluster,
        weights=weights,
        event=event,
        horizon=horizon,
        negative_controls=split_list(negative_control or ""),
        modifiers=split_list(by or ""),
    )
    design_of(asked)  # half-named or unknown designs are refused before anything is opened
    given = runs.Given(data, knowledge, not no_knowledge, types, graph, None, fail_on)
    return runs.run(context.obj, given, questions.must_be_effect(asked), Plan("estimate"), finish_estimate)
