"""``ccp discover``: learn a graph."""

from __future__ import annotations

from typing import Annotated

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli import pins as p

MAX_BOOTSTRAP = 500
"""As many resamples as the searches take."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("discover")(discover)


def discover(
    context: typer.Context,
    data: o.Data,
    method: o.Method = "auto",
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="A,B", help="only these columns")
    ] = None,
    knowledge: o.KnowledgeFile = None,
    no_knowledge: o.NoKnowledge = False,
    time: o.Time = None,
    unit: o.Unit = None,
    name: Annotated[str | None, typer.Option("--name", help="name to save the graph under")] = None,
    bootstrap: Annotated[int, typer.Option("--bootstrap", metavar="B", help="resamples for confidences")] = 0,
    types: o.Types = None,
    test: p.Test = None,
    alpha: p.Alpha = None,
    domain: p.Domain = None,
    lags: p.Lags = None,
    treat: p.Treat = None,
) -> int:
    """Learn a causal graph and save it under a name."""
    from causalcopilot.agent.language.pinning import check_time, over_time, read_pins, with_pins
    from causalcopilot.agent.plan import Plan
    from causalcopilot.cli import runs
    from causalcopilot.cli.reports import finish_discover
    from causalcopilot.domain.comma_list import split_list
    from causalcopilot.domain.question import Question
    from causalcopilot.errors import UsageError
    from causalcopilot.toolkit.schema import checked_name

    if unit and not time:
        raise UsageError("--unit needs --time", "name the time column too, for example: --time date")
    listed = split_list(columns or "")
    if name:
        checked_name(name)
    if not 0 <= bootstrap <= MAX_BOOTSTRAP:
        raise UsageError(
            f"--bootstrap {bootstrap} does not fit", f"give a number of resamples from 0 to {MAX_BOOTSTRAP}"
        )
    given = runs.Given(data, knowledge, not no_knowledge, types)
    wanted = over_time(read_pins("", test, alpha, domain), lags, treat)
    if time:
        check_time(wanted, time)
    told = {"pins": wanted.block()} if wanted else None
    plan = Plan("discover", bootstrap=bootstrap, graph_name=name or "", settings=told, pins=wanted)
    asked = Question("graph", columns=listed, method=method, time=time, unit=unit)
    question = with_pins(asked, wanted, method) if wanted else asked
    return runs.run(context.obj, given, question, plan, finish_discover)
