"""``ccp ask``: one question in plain words, one answer."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli import pins as p


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask")(ask)


def ask(
    context: typer.Context,
    data: o.Data,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="the question in plain words")],
    method: o.Method = "auto",
    graph: o.Graph = None,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    design: o.DesignOption = "auto",
    instrument: o.Instrument = None,
    running: o.Running = None,
    cutoff: o.Cutoff = None,
    time: o.Time = None,
    unit: o.Unit = None,
    types: o.Types = None,
    model: o.Model = None,
    assume: o.Assume = False,
    cluster: o.Cluster = None,
    weights: o.Weights = None,
    event: o.Event = None,
    horizon: o.Horizon = None,
    negative_control: o.NegativeControl = None,
    by: o.By = None,
    test: p.Test = None,
    alpha: p.Alpha = None,
    domain: p.Domain = None,
    accept: o.Accept = False,
) -> int:
    """Answer one question in plain words.

    Effects, independence, direct causes, confounders, colliders, mediators, adjustment sets, graphs, drivers; which of
    two columns is the cause, whether a graph fits the data, what differs between domains; for whom an effect is larger;
    what several columns do when all are set together.
    From a fully directed graph: what y would be if x were 5, for all rows or for row 12; why y is so high in row 17;
    why y dropped between 2023 and 2024; how strong the arrows into y are.
    A search as --method, --test, --alpha and --domain pin how the graph behind the answer is learned.
    """
    from causalcopilot.agent.language.pinning import read_pins, split, with_pins
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import questions, runs
    from causalcopilot.cli.reports import finish_ask
    from causalcopilot.domain.comma_list import split_list
    from causalcopilot.domain.question import Question
    from causalcopilot.errors import UsageError

    if not question.strip():
        raise UsageError("the question is empty", "for example: ccp ask DATA 'Does x cause y?'")
    given = runs.Given(data, knowledge, not no_knowledge, types, graph, model, accept=accept)
    search, estimator = split(method)
    wanted = read_pins(search, test, alpha, domain)
    plan = Plan("ask", settings={"pins": wanted.block()} if wanted else None, pins=wanted)
    kept = split_list(negative_control or "")
    asked = Question(
        text=question,
        design=questions.design_named(design),
        instrument=instrument,
        running=running,
        cutoff=cutoff,
        method=estimator,
        assume=assume,
        time=time,
        unit=unit,
        cluster=cluster,
        weights=weights,
        event=event,
        horizon=horizon,
        negative_controls=kept,
        modifiers=split_list(by or ""),
    )
    question_of = with_pins(questions.with_text(asked), wanted, estimator)
    return runs.run(context.obj, given, question_of, plan, finish_ask)
