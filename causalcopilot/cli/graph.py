"""``ccp graph``: remembered graphs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from causalcopilot.cli.state import Globals

if TYPE_CHECKING:
    from causalcopilot.graph.compare import GraphDiff
    from causalcopilot.memory.memory import Memory

app = typer.Typer(
    help="Remembered graphs.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="NAME (latest) or NAME@VERSION")]


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="graph")


def _memory(options: Globals) -> Memory:
    from causalcopilot.memory.memory import Memory

    return Memory(options.settings().memory_path())


@app.command("list")
def list_(context: typer.Context) -> int:
    """All remembered graphs, newest first."""
    from dataclasses import asdict

    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.layout import table

    options: Globals = context.obj
    heads = _memory(options).graphs()
    view = View(options)
    if options.json:
        view.document({"v": 1, "meta": {}, "graphs": [asdict(h) for h in heads]})
    elif not heads:
        view.result("no graphs yet; learn one with: ccp discover DATA")
    else:
        rows = [(h.id, h.kind, str(h.nodes), str(h.edges), h.method, h.op, h.made[:10]) for h in heads]
        view.result(table(("graph", "kind", "nodes", "edges", "method", "how", "made"), rows))
    return 0


@app.command("show")
def show(context: typer.Context, name: Name) -> int:
    """One graph: its edges with their marks and confidences, and where it came from."""
    from causalcopilot.cli.origins import put_there
    from causalcopilot.cli.output import View
    from causalcopilot.cli.text.numbers import counted
    from causalcopilot.graph.formats import to_json
    from causalcopilot.graph.layout import text_lines

    options: Globals = context.obj
    stored = _memory(options).graph(name)
    view = View(options)
    if options.json:
        meta = {"run": stored.run, "call": stored.call, "made": stored.made}
        view.document(
            {"v": 1, "meta": meta, "graph": to_json(stored.graph, stored.id), "method": stored.method}
        )
        return 0
    origin = " · ".join(p for p in (stored.op, stored.method, stored.parent and f"from {stored.parent}") if p)
    head = (
        f"{stored.id}: {stored.graph.kind}, {counted(len(stored.graph.nodes), 'node')},"
        f" {counted(len(stored.graph.edges), 'edge')}"
    )
    lines = text_lines(stored.graph)
    view.result(
        "\n".join([head, f"  {origin}" if origin else "", "", *_as_lines(lines), *put_there(stored.graph)])
    )
    return 0


@app.command("diff")
def diff(context: typer.Context, first: Name, second: Name) -> int:
    """What differs between two graphs."""
    from causalcopilot.cli.output import View
    from causalcopilot.graph.compare import compare

    options: Globals = context.obj
    memory = _memory(options)
    a, b = memory.graph(first), memory.graph(second)
    found = compare(a.graph, b.graph)
    view = View(options)
    if options.json:
        from causalcopilot.domain.serial import to_json

        view.document({"v": 1, "meta": {}, "first": a.id, "second": b.id, "diff": to_json(found)})
    else:
        view.result("\n".join(_told(found, a.id, b.id)))
    return 0


def _told(found: GraphDiff, first: str, second: str) -> list[str]:
    """A comparison as lines: what is shared, then one line for each pair joined differently."""
    lines = [f"{first} and {second}: {found.shared} of their edges are the same"]
    parts = (
        (f"only in {first}", found.nodes_only_first, [e.first for e in found.differences if not e.second]),
        (f"only in {second}", found.nodes_only_second, [e.second for e in found.differences if not e.first]),
    )
    for title, nodes, edges in parts:
        if nodes or edges:
            lines += ["", f"{title}:"]
            lines += [f"  columns {', '.join(nodes)}"] if nodes else []
            lines += [f"  {e}" for e in edges]
    marks = [f"  {e.first}  |  {e.second}" for e in found.differences if e.first and e.second]
    if marks:
        lines += ["", f"joined in both, with other marks ({first} | {second}):", *marks]
    return [*lines, "", f"structural Hamming distance {found.shd}"]


@app.command("export")
def export(
    context: typer.Context,
    name: Name,
    form: Annotated[str, typer.Option("-f", "--format", help="dot, dagitty, json, mermaid or svg")] = "dot",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="file; standard output if absent")
    ] = None,
) -> int:
    """Write a graph in another format."""
    from causalcopilot.cli.output import View, write_file

    options: Globals = context.obj
    stored = _memory(options).graph(name)
    text = _written(stored.graph, stored.id, form)
    if output is None and options.json:
        View(options).document({"v": 1, "meta": {}, "graph": stored.id, "format": form, "text": text})
    elif output is None:
        print(text)
    else:
        write_file(output, text + "\n")
    return 0


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="DOT, dagitty or JSON file")],
    name: Annotated[str | None, typer.Option("--name", help="name to save it under")] = None,
) -> int:
    """Remember a graph from a file."""
    from causalcopilot.cli.output import View
    from causalcopilot.graph.formats import read_graph_file
    from causalcopilot.toolkit.result import NewGraph
    from causalcopilot.toolkit.toolbox import plain_name

    graph = read_graph_file(file)
    saved = _memory(context.obj).save_graph(
        NewGraph(graph, name or plain_name(file.name), method="user", op="imported")
    )
    View(context.obj).told(saved, graph=saved)
    return 0


Edges = Annotated[list[str] | None, typer.Option("--add", metavar="'A -> B'", help="add or replace an edge")]
Pairs = Annotated[list[str] | None, typer.Option("--remove", metavar="'A B'", help="remove an edge")]
Turned = Annotated[list[str] | None, typer.Option("--reverse", metavar="'A B'", help="turn an edge round")]
Nodes = Annotated[list[str] | None, typer.Option("--node", metavar="A", help="add a node")]
Text = Annotated[
    str | None, typer.Option("--text", metavar="DAGITTY", help="the whole new graph as dagitty text")
]


@app.command("edit")
def edit(
    context: typer.Context,
    name: Name,
    add: Edges = None,
    remove: Pairs = None,
    reverse: Turned = None,
    node: Nodes = None,
    text: Text = None,
) -> int:
    """Change a graph by hand, as a new version; the old one stays.

    What is removed goes first, then what is turned round, then what is added.
    """
    from causalcopilot.cli.output import View
    from causalcopilot.errors import UsageError
    from causalcopilot.graph.editing import edited
    from causalcopilot.graph.formats import from_dagitty
    from causalcopilot.graph.layout import text_lines
    from causalcopilot.toolkit.result import NewGraph

    changes = (add, remove, reverse, node)
    if bool(text) == any(changes):
        raise UsageError(
            "say what to change, in one of two ways",
            "--add 'a -> b', --remove 'a b', --reverse 'a b' and --node c; or --text 'dag { … }' alone",
        )
    memory = _memory(context.obj)
    stored = memory.graph(name)
    made = (
        _by_hand(from_dagitty(text))
        if text
        else edited(stored.graph, add=add or (), remove=remove or (), reverse=reverse or (), nodes=node or ())
    )
    if made == stored.graph:
        raise UsageError(f"{stored.id} is so already", "nothing was saved")
    new = NewGraph(
        made, stored.id.rpartition("@")[0], "user", op="edited", parent=stored.id, note=stored.note
    )
    saved = memory.save_graph(new, dataset=stored.dataset)
    told = "\n".join([f"{saved} (from {stored.id})", "", *_as_lines(text_lines(made))])
    View(context.obj).told(told, graph=saved, parent=stored.id)
    return 0


def _by_hand(graph: Any) -> Any:
    """A graph whose every edge a person wrote."""
    from dataclasses import replace

    return replace(graph, edges=tuple(replace(e, origin="user") for e in graph.edges))


@app.command("undo")
def undo(
    context: typer.Context,
    name: Name,
    restore: Annotated[
        bool, typer.Option("--restore", help="bring back the version that was taken back last")
    ] = False,
) -> int:
    """Take back the newest version of a graph; the one before it is in force again."""
    from causalcopilot.cli.output import View

    memory, view = _memory(context.obj), View(context.obj)
    if restore:
        back = memory.restore_graph(name)
        view.told(f"{back} is back", graph=back)
        return 0
    taken, now = memory.undo_graph(name)
    text = f"{taken} taken back; " + (f"{now} is in force" if now else "no version is left")
    view.told(text, undone=taken, graph=now or None)
    return 0


@app.command("rm")
def remove(context: typer.Context, name: Name) -> int:
    """Forget a graph; its version numbers are never used again."""
    from causalcopilot.cli.output import View

    gone = _memory(context.obj).delete_graph(name)
    View(context.obj).told(f"{', '.join(gone)} forgotten", forgotten=list(gone))
    return 0


def _as_lines(lines: Any) -> list[str]:
    return lines.splitlines() if isinstance(lines, str) else list(lines)


def _written(graph: Any, name: str, form: str) -> str:
    import json

    from causalcopilot.errors import UsageError, nearest
    from causalcopilot.graph import formats

    if form == "svg":
        from causalcopilot.report.graph_figure import graph_figure

        return str(graph_figure(graph, title=name))
    writers: dict[str, Any] = {
        "dot": formats.to_dot,
        "dagitty": formats.to_dagitty,
        "mermaid": formats.to_mermaid,
        "json": lambda g: json.dumps(formats.to_json(g, name), indent=1),
    }
    if form not in writers:
        like = nearest(form, [*writers, "svg"], 1)
        raise UsageError(
            f"no graph format {form!r}",
            f"did you mean {like[0]!r}?" if like else f"formats: {', '.join(writers)}, svg",
        )
    return str(writers[form](graph))
