"""The options that pin how a graph is learned (``agent.language.pinning`` reads them)."""

from __future__ import annotations

from typing import Annotated

import typer

Alpha = Annotated[
    float | None,
    typer.Option(
        "--alpha", metavar="A", help="level of the independence tests; by number of rows when not given"
    ),
]
Test = Annotated[
    str | None,
    typer.Option(
        "--test",
        help="independence test of pc, fci or cd_nod: fisherz, mv_fisherz, chisq, gsq, rcot, kci, likelihood_ratio",
    ),
]
Domain = Annotated[
    str | None,
    typer.Option(
        "--domain", metavar="COL", help="column that tells the site or period of a row (cd_nod, groups)"
    ),
]
Lags = Annotated[
    int | None,
    typer.Option("--lags", metavar="N", help="with --time: longest lag; chosen from the data when not given"),
]
Treat = Annotated[
    str | None,
    typer.Option(
        "--treat",
        help="with --time: what to do about means that move: auto, none, difference, detrend",
    ),
]
