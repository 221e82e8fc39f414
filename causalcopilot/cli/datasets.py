"""``ccp datasets``: the tables that come with ccp, and simulated ones whose causal graph is known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from causalcopilot.cli import options as o
from causalcopilot.cli.state import Globals

if TYPE_CHECKING:
    from causalcopilot.data.simulate_files import Asked, Files
    from causalcopilot.data.simulation import Simulation

app = typer.Typer(help="Bundled data sets, and simulated ones.", rich_markup_mode=None, no_args_is_help=True)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="datasets")


@app.command("list")
def list_(context: typer.Context) -> int:
    """Names and titles; use one as DATA with dataset:NAME."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table
    from causalcopilot.data import bundled, bundled_names

    options: Globals = context.obj
    cards = [(name, bundled(name).card) for name in bundled_names()]
    view = View(options)
    if options.json:
        listed = [{"name": n, "title": c.title, "source": c.source, "licence": c.licence} for n, c in cards]
        view.document({"v": 1, "meta": {}, "datasets": listed})
    else:
        view.result(table(("name", "title"), [(f"dataset:{n}", c.title) for n, c in cards]))
    return 0


@app.command("show")
def show(
    context: typer.Context, name: Annotated[str, typer.Argument(help="NAME, with or without dataset:")]
) -> int:
    """One card: the question, the columns with their roles, source, licence and accepted answer."""
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.cards import card_text
    from causalcopilot.data import bundled
    from causalcopilot.domain.serial import to_json

    options: Globals = context.obj
    found = bundled(name.removeprefix("dataset:"))
    view = View(options)
    if options.json:
        view.document({"v": 1, "meta": {}, "name": found.name, "card": to_json(found.card)})
    else:
        view.result(card_text(found.name, found.card))
    return 0


@app.command("simulate")
def simulate(
    context: typer.Context,
    output: Annotated[
        Path,
        typer.Option(
            "-o", "--output", metavar="FOLDER|FILE.csv", help="where to write; nothing is overwritten"
        ),
    ],
    nodes: Annotated[int, typer.Option("--nodes", help="measured variables, X1, X2 …")] = 10,
    rows: Annotated[int, typer.Option("--rows", help="rows")] = 2000,
    shape: Annotated[
        str, typer.Option("--shape", help="of the graph: er (Erdős-Rényi) or scale-free")
    ] = "er",
    degree: Annotated[
        float | None,
        typer.Option("--degree", help="expected neighbours of a variable (default 3; series: 1)"),
    ] = None,
    kind: Annotated[
        str, typer.Option("--kind", help="linear, nongaussian, nonlinear, discrete or mixed")
    ] = "linear",
    weights: Annotated[
        str, typer.Option("--weights", metavar="LOW:HIGH", help="sizes of linear weights")
    ] = "0.4:1.2",
    scaling: Annotated[
        str,
        typer.Option("--scaling", help="standardise numbers inside the equations, after them, or none"),
    ] = "inside",
    latents: Annotated[int, typer.Option("--latents", help="unmeasured common causes")] = 0,
    domains: Annotated[
        int, typer.Option("--domains", help="domains between which a third of the mechanisms differ")
    ] = 1,
    interventions: Annotated[
        int, typer.Option("--interventions", help="variables set at random in part of the rows")
    ] = 0,
    selection: Annotated[
        float, typer.Option("--selection", help="share of the population that gets into the table")
    ] = 1.0,
    measurement_error: Annotated[
        float, typer.Option("--measurement-error", help="share of the variance of a number that is error")
    ] = 0.0,
    missing: Annotated[float, typer.Option("--missing", help="share of missing cells")] = 0.0,
    mechanism: Annotated[
        str, typer.Option("--mechanism", help="of missing cells: mcar, or mar (driven by complete columns)")
    ] = "mcar",
    lags: Annotated[
        int, typer.Option("--lags", help="longest lag of a time series; 0 for independent rows")
    ] = 0,
    drift: Annotated[bool, typer.Option("--drift", help="a series without a constant mean")] = False,
    ask: Annotated[
        bool, typer.Option("--ask", help="put a question, and its true answer for people, beside the table")
    ] = False,
    treatment: o.Treatment = None,
    outcome: o.Outcome = None,
    with_graph: Annotated[
        bool, typer.Option("--with-graph", help="give the true graph away in the knowledge file")
    ] = False,
) -> int:
    """Simulate a table whose causal graph is known; the global --seed chooses which.

    Writes NAME.csv, NAME.toml (title and, with --ask, a question whose true answer only people are shown) and
    NAME.truth.txt with the true graph, which no analysis of NAME.csv reads.
    """
    from causalcopilot.cli.output import View
    from causalcopilot.data import simulate_files
    from causalcopilot.data.simulate import simulate
    from causalcopilot.data.simulate_settings import Settings
    from causalcopilot.errors import UsageError

    options: Globals = context.obj
    files = simulate_files.files_at(output)
    if weights != "0.4:1.2" and kind not in ("linear", "nongaussian", "mixed"):
        raise UsageError(f"links of kind {kind} have no weights", "leave --weights out")
    settings = Settings(
        nodes=nodes,
        rows=rows,
        graph=_one_of("--shape", shape, ("er", "scale-free")),
        degree=degree if degree is not None else min(1.0 if lags else 3.0, float(nodes - 1)),
        kind=_one_of("--kind", kind, ("linear", "nongaussian", "nonlinear", "discrete", "mixed")),
        weights=_sizes(weights),
        scaling=_one_of("--scaling", scaling, ("inside", "after", "none")),
        latents=latents,
        domains=domains,
        interventions=interventions,
        selection=selection,
        measurement_error=measurement_error,
        missing=missing,
        mechanism=_one_of("--mechanism", mechanism, ("mcar", "mar")),
        lags=lags,
        drift=drift,
        seed=options.settings().settings.seed,
    )
    simulation = simulate(settings)
    asked = simulate_files.ask(simulation, treatment, outcome) if ask or treatment or outcome else None
    simulate_files.write(simulation, files, asked, with_graph)
    view = View(options)
    if options.json:
        view.document({"v": 1, "meta": {}, "simulation": _document(simulation, files, asked)})
    else:
        view.result(_text(simulation, files, asked))
    return 0


def _one_of(option: str, value: str, known: tuple[str, ...]) -> Any:
    """The value, if it is one of the known ones."""
    from causalcopilot.errors import UsageError, nearest

    if value in known:
        return value
    like = nearest(value, known, 1)
    hint = f"did you mean {like[0]!r}?" if like else f"one of: {', '.join(known)}"
    raise UsageError(f"{option} cannot be {value!r}", hint)


def _sizes(text: str) -> tuple[float, float]:
    """``0.5:2`` as two numbers."""
    from causalcopilot.errors import UsageError

    low, _, high = text.partition(":")
    try:
        return float(low), float(high)
    except ValueError:
        raise UsageError(f"--weights cannot be {text!r}", "two sizes, such as 0.5:2") from None


def _document(simulation: Simulation, files: Files, asked: Asked | None) -> dict[str, Any]:
    """The summary for scripts; the graph itself is in the truth file."""
    from dataclasses import asdict

    graph = simulation.graph
    return {
        "table": str(files.table),
        "knowledge": str(files.knowledge),
        "truth": str(files.truth),
        "rows": simulation.settings.rows,
        "columns": list(simulation.data),
        "latents": list(graph.latents),
        "edges": len(graph.edges),
        "learnable": simulation.truth.kind,
        "changed": list(simulation.changed),
        "targets": list(simulation.targets),
        "selected_on": list(simulation.selected_on),
        "missing_driven_by": dict(simulation.drivers),
        "question": asdict(asked) if asked else None,
        "settings": asdict(simulation.settings),
    }


def _text(simulation: Simulation, files: Files, asked: Asked | None) -> str:
    """The summary for people."""
    graph, rows = simulation.graph, simulation.settings.rows
    hidden = f", {len(graph.latents)} unmeasured" if graph.latents else ""
    lines = [
        f"{files.table}: {rows:,} rows, {len(simulation.data)} columns",
        f"{files.knowledge}: " + ("a question" if asked else "a title, no question"),
        f"{files.truth}: the true graph, {len(graph.edges)} edges{hidden}",
    ]
    if asked:
        lines.append(
            f"true effect of {asked.treatment} on {asked.outcome}: {asked.effect:.4g} for a rise by one"
        )
    return "\n".join(lines)
