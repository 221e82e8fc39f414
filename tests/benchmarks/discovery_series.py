"""What ``discover_series`` learns from simulated systems over time, beside other searches on the same series.

    python -m tests.benchmarks.discovery_series                  # 4 systems a row
    python -m tests.benchmarks.discovery_series --systems 20     # as many as one likes

Systems come from the simulator: 10 variables, 500 steps, lags up to 2, links within a step (3 neighbours a variable),
with seeds that no rule was tuned on.  The lag is told to no search: each gets what ``discover_series`` chose.

Scores.  ``lagged``: F1 of lagged links (cause, effect and lag all right), a variable's own past included.  ``now``: F1
of directed links within a step, against the true DAG; an edge without direction counts as missing.  ``now, class``: the
same against those directions only that the past makes identifiable for Gaussian noise.  Medians.  CPU seconds are means
of one call of the tool: checks, lag choice, the search and the one it is compared with.  Precision and recall of
bagging pool all links.

The drifting rows hold three ways to lose a constant mean: ``innovations`` (the simulator's own: the noises' means
wander, and links pass that on), ``added`` (a random walk plus a trend on top of each series), ``summed`` (each series
is the running sum of a stationary one).  ``as they are`` leaves the series alone, ``differenced`` differences all, ``by
the rule`` is the tool's own written rule.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from statistics import mean, median
from typing import Any

import numpy as np
import pandas as pd

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.data.simulation import Simulation
from causalcopilot.graph.graph import Graph
from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.core import compiled_orient, lagged
from causalcopilot_tools.discovery.series import tigramite
from causalcopilot_tools.discovery.series.discover_series import discover_series
from tests.tools.framed import case

Array = np.ndarray[Any, Any]
Link = tuple[str, str, int]
SEED = 9_000
BASE = Settings(nodes=10, rows=500, lags=2, degree=3.0)
RESAMPLES = 100
TARGET = 0.9


def links(graph: Graph) -> set[Link]:
    """Directed links."""
    out = set()
    for e in graph.edges:
        if e.directed:
            pair = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
            out.add((*pair, e.lag))
    return out


def f1(true: set[Link], found: set[Link]) -> float:
    """One where there is nothing to find and nothing was found."""
    return 2 * len(true & found) / (len(true) + len(found)) if true or found else 1.0


def now(of: Iterable[Link]) -> set[Link]:
    """Those within a step."""
    return {k for k in of if not k[2]}


def identifiable(made: Simulation) -> set[Link]:
    """True directions within a step that the class of the stacked graph, with time order, holds."""
    if made.weights is None:
        raise ValueError("a series has weights")
    steps, p = made.weights.shape[:2]
    dag = np.zeros((steps * p, steps * p), bool)
    dag[:, :p] = made.weights.reshape(steps * p, p) != 0
    limits = lagged.limits(p, steps - 1)
    arrows = compiled_orient.class_of(dag, limits.fixed(dag | dag.T))
    names = made.variables
    return {(names[int(i)], names[int(j)], 0) for i, j in np.argwhere(arrows[:p, :p])}


def frame_of(made: Simulation, change: Callable[[Array, int], Array] | None, seed: int) -> pd.DataFrame:
    """The table, with its variables changed."""
    frame = pd.DataFrame(dict(made.data))
    if change is not None:
        frame[list(made.variables)] = change(frame[list(made.variables)].to_numpy(), seed)
    return frame


def learn(frame: pd.DataFrame, **arguments: Any) -> tuple[DiscoverResult, float]:
    """The tool's result, and CPU seconds."""
    started = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = discover_series(case(frame), **{"time": "time", **arguments})
    if not isinstance(found, DiscoverResult):
        raise TypeError("discover_series returns a DiscoverResult")
    return found, time.process_time() - started


def head(title: str, columns: str) -> None:
    print(f"\n{title}\n{columns}\n{'-' * len(columns)}")


def stationary(systems: int) -> None:
    """Methods side by side."""
    methods = ["lagged_boss", "var", "var_lingam"] + (["pcmci_plus"] if tigramite.available() else [])
    for kind in ("linear", "nongaussian"):
        name = "Gaussian" if kind == "linear" else "non-Gaussian"
        columns = f"{'method':<14}{'lagged':>8}{'now':>8}{'now, class':>12}"
        columns += f"{'worst lagged':>14}{'worst now':>11}{'CPU s':>8}"
        head(f"stationary, {name}, {systems} systems (asked: lagged and now at least {TARGET})", columns)
        rows: dict[str, list[tuple[float, ...]]] = {m: [] for m in methods}
        for k in range(systems):
            made = simulate(replace(BASE, kind=kind, seed=SEED + k))
            true, sure = links(made.graph), identifiable(made)
            for method in methods:
                found, seconds = learn(frame_of(made, None, k), method=method)
                mine = links(found.graphs[0].graph)
                past = f1(true - now(true), mine - now(mine))
                rows[method].append((past, f1(now(true), now(mine)), f1(sure, now(mine)), seconds))
        for method, scores in rows.items():
            pasts, heres, knowns, used = (list(c) for c in zip(*scores, strict=True))
            print(
                f"{method:<14}{median(pasts):>8.2f}{median(heres):>8.2f}{median(knowns):>12.2f}"
                f"{min(pasts):>14.2f}{min(heres):>11.2f}{mean(used):>8.2f}"
            )
    if not tigramite.available():
        print("pcmci_plus is left out: tigramite is not installed")


def bagging(systems: int) -> None:
    """One run beside the vote of resamples."""
    columns = f"{'noise':<14}{'graph':<12}{'precision':>10}{'recall':>8}"
    head(f"one run and {RESAMPLES} moving-block resamples, {systems} systems (asked: neither lower)", columns)
    for kind in ("linear", "nongaussian"):
        count = {"one run": [0, 0, 0], "majority": [0, 0, 0]}
        for k in range(systems):
            made = simulate(replace(BASE, kind=kind, seed=SEED + 100 + k))
            true = links(made.graph)
            found, _ = learn(frame_of(made, None, k), bootstrap=RESAMPLES)
            for name, new in zip(count, found.graphs, strict=True):
                mine = links(new.graph)
                count[name] = [
                    a + b for a, b in zip(count[name], (len(mine & true), len(mine), len(true)), strict=True)
                ]
        for name, (hits, mine_all, there) in count.items():
            print(f"{kind:<14}{name:<12}{hits / mine_all:>10.4f}{hits / there:>8.4f}")


def added(x: Array, seed: int) -> Array:
    """A random walk and a trend on top, as large as in the study of other tools."""
    rng = np.random.default_rng([seed, 1])
    walk = np.cumsum(0.15 * rng.standard_normal(x.shape), axis=0)
    trend = np.linspace(0, 3, len(x))[:, None] * rng.standard_normal(x.shape[1])
    return np.asarray(x + x.std(axis=0) * (walk + trend))


def summed(x: Array, seed: int) -> Array:
    """Running sums."""
    return np.asarray(np.cumsum(x, axis=0))


def drifting(systems: int) -> None:
    """With and without treatment."""
    columns = (
        f"{'mean':<14}{'series':<14}{'lagged':>8}{'now':>8}{'called fragile':>16}{'what was done most':>32}"
    )
    head(f"drifting, Gaussian, {systems} systems", columns)
    ways = {"as they are": "none", "differenced": "difference", "by the rule": "auto"}
    cases: tuple[tuple[str, bool, Callable[[Array, int], Array] | None], ...] = (
        ("constant", False, None),
        ("innovations", True, None),
        ("added", False, added),
        ("summed", False, summed),
    )
    for name, drift, change in cases:
        for said, treat in ways.items():
            past: list[float] = []
            here: list[float] = []
            done: list[str] = []
            fragile = 0
            for k in range(systems):
                made = simulate(replace(BASE, drift=drift, seed=SEED + 200 + k))
                found, _ = learn(frame_of(made, change, k), treat=treat)
                true, mine = links(made.graph), links(found.graphs[0].graph)
                past.append(f1(true - now(true), mine - now(mine)))
                here.append(f1(now(true), now(mine)))
                facts = {f.key: f.value for f in found.facts}
                fragile += facts["fragile"] == "yes"
                done.append(str(facts.get("changed.1.how", "nothing")))
            most = max(sorted(set(done)), key=done.count)
            print(
                f"{name:<14}{said:<14}{median(past):>8.2f}{median(here):>8.2f}{f'{fragile}/{systems}':>16}{most:>32}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--systems", type=int, default=4, help="systems of every row")
    parser.add_argument("--only", default="", help="one table: stationary, bagging or drifting")
    options = parser.parse_args()
    for table in (stationary, bagging, drifting):
        if options.only in table.__name__:
            table(options.systems)


if __name__ == "__main__":
    main()
