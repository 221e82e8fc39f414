"""``ccp ask``: one question in plain words, one answer."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o


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
    types: o.Types = None,
    model: o.Model = None,
    assume: o.Assume = False,
    cluster: o.Cluster = None,
    weights: o.Weights = None,
    negative_control: o.NegativeControl = None,
) -> int:
    """Answer one question in plain words.

    Effects, independence, direct causes, confounders, colliders, mediators, adjustment sets, graphs, drivers.
    """
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import questions, runs
    from causalcopilot.cli.reports import finish_ask
    from causalcopilot.domain.question import Question

    given = runs.Given(data, knowledge, not no_knowledge, types, graph, model)
    kept = questions.names_of(negative_control or "")
    asked = Question(
        text=question,
        method=method,
        assume=assume,
        cluster=cluster,
        weights=weights,
        negative_controls=kept,
    )
    return runs.run(context.obj, given, questions.with_text(asked), Plan("ask"), finish_ask)
