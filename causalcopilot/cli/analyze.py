"""``ccp analyze``: a table in, a report out."""

from __future__ import annotations

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("analyze")(analyze)


def analyze(
    context: typer.Context,
    data: o.Data,
    question: o.QuestionText = None,
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
    time: o.Time = None,
    unit: o.Unit = None,
    cluster: o.Cluster = None,
    weights: o.Weights = None,
    event: o.Event = None,
    horizon: o.Horizon = None,
    negative_control: o.NegativeControl = None,
    by: o.By = None,
    types: o.Types = None,
    model: o.Model = None,
    assume: o.Assume = False,
    output: o.Out = None,
    formats: o.Formats = "md,html,json",
    fail_on: o.FailOn = None,
    accept: o.Accept = False,
) -> int:
    """Analyse a table and write a report.

    Profile, identification, estimate, refutation, verdict, and a learned graph beside them.

    Without a question, treatment or outcome the analysis is exploratory and claims no effect.
    """
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import questions, runs
    from causalcopilot.cli.reports import check_folder, finish_analysis, report_formats
    from causalcopilot.domain.comma_list import split_list

    globals_: Globals = context.obj
    wanted = report_formats(formats)
    check_folder(output)
    asked = questions.effect_question(
        treatment,
        outcome,
        start=start,
        to=to,
        controls=controls,
        quantity=quantity,
        design=design,
        instrument=instrument,
        running=running,
        cutoff=cutoff,
        assume=assume,
        time=time,
        unit=unit,
        cluster=cluster,
        weights=weights,
        event=event,
        horizon=horizon,
        negative_controls=split_list(negative_control or ""),
        modifiers=split_list(by or ""),
        text=question or "",
    )
    given = runs.Given(data, knowledge, not no_knowledge, types, graph, model, fail_on, accept)
    plan = Plan("analyze", thorough=True, bootstrap=30)
    build = (
        questions.with_text(asked) if question else questions.no_half_effect(questions.not_over_time(asked))
    )
    return runs.run(
        globals_, given, build, plan, lambda s, c, t, v: finish_analysis(s, c, t, v, output, wanted)
    )
