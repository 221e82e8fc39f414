"""The options commands share, each declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="CSV, TSV, Parquet, JSON lines or Excel file; - for standard input; file.duckdb::table; dataset:NAME",
    ),
]
QuestionText = Annotated[str | None, typer.Option("-q", "--question", help="the question in plain words")]
Treatment = Annotated[str | None, typer.Option("-t", "--treatment", help="column that would be set")]
Outcome = Annotated[str | None, typer.Option("-y", "--outcome", help="column that would respond")]
From = Annotated[str | None, typer.Option("--from", metavar="V0", help="treatment value compared from")]
To = Annotated[str | None, typer.Option("--to", metavar="V1", help="treatment value compared to")]
Graph = Annotated[
    str | None,
    typer.Option("--graph", help="a remembered graph (NAME or NAME@VERSION), a graph file, or dagitty text"),
]
KnowledgeFile = Annotated[
    Path | None,
    typer.Option("--knowledge", metavar="F", help="knowledge file (TOML): roles, tiers, edges, units"),
]
NoKnowledge = Annotated[
    bool, typer.Option("--no-knowledge", help="ignore a knowledge file or card beside the data")
]
Controls = Annotated[
    str | None, typer.Option("--controls", metavar="A,B", help="adjust for exactly these columns")
]
Quantity = Annotated[str | None, typer.Option("--quantity", help="ATE, ATT or ATC")]
DesignOption = Annotated[
    str, typer.Option("--design", help="auto, adjustment, rct, iv, rd, did, sc or panel")
]
Method = Annotated[str, typer.Option("--method", help="method to use; auto lets the protocol choose")]
Assume = Annotated[
    bool,
    typer.Option(
        "--assume", help="take the assumption of no unmeasured confounding; it is recorded and printed"
    ),
]
Instrument = Annotated[str | None, typer.Option("--instrument", help="instrument column, or several: a,b")]
Running = Annotated[str | None, typer.Option("--running", help="running variable")]
Cutoff = Annotated[float | None, typer.Option("--cutoff", help="cutoff of the running variable")]
Time = Annotated[str | None, typer.Option("--time", metavar="COL", help="time column")]
Unit = Annotated[
    str | None,
    typer.Option("--unit", metavar="COL", help="unit of a panel; without --time, the cluster"),
]
Cluster = Annotated[
    str | None,
    typer.Option(
        "--cluster", metavar="COL", help="rows with the same value belong together: clustered errors"
    ),
]
Weights = Annotated[
    str | None, typer.Option("--weights", metavar="COL", help="sampling weights: what each row stands for")
]
Event = Annotated[
    str | None,
    typer.Option(
        "--event",
        metavar="COL",
        help="the outcome is a time to an event, seen where COL is 1, cut short where 0",
    ),
]
Horizon = Annotated[
    float | None,
    typer.Option("--horizon", help="with --event: the mean time up to here (default: the data's)"),
]
NegativeControl = Annotated[
    str | None,
    typer.Option(
        "--negative-control",
        metavar="A,B",
        help="outcomes the treatment cannot change: kept from the controls, used to test the adjustment",
    ),
]
Mediator = Annotated[
    str | None,
    typer.Option("--mediator", metavar="M", help="split the effect: how much of it goes through this column"),
]
By = Annotated[
    str | None,
    typer.Option(
        "--by",
        metavar="COL[,COL]",
        help="columns the effect may differ by: test it, and tell it group by group",
    ),
]
Accept = Annotated[
    bool,
    typer.Option(
        "--accept-proposals", help="take what a model proposes into the knowledge; its origin is recorded"
    ),
]
Model = Annotated[
    str | None,
    typer.Option("-m", "--model", help="expert (default), openai:NAME, ollama:NAME or provider:NAME"),
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="COL=TYPE", help="override a column's type; may be repeated"),
]
FailOn = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        metavar="LIST",
        help="exit 5 if the verdict is one of: refuted, fragile, inconclusive, not_identified",
    ),
]
Out = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="folder for the report")]
Formats = Annotated[str, typer.Option("-f", "--format", help="report formats: md, html, json")]
