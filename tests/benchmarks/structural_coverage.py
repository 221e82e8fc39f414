"""How often the intervals of structural-model answers cover: each on simulated tables whose answer is known.

Run: ``python -m tests.benchmarks.structural_coverage [repeats] [world,world…]`` (200 repeats by default, some fifteen
minutes on one core).  Not run by pytest.  With 200 repeats a coverage of .95 has a standard error of .015; a world
is marked where its coverage lies below .93 by more than two of them.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import RankingResult, Result
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.explain.arrow_strength import arrow_strength
from causalcopilot_tools.explain.attribute_change import attribute_change
from causalcopilot_tools.explain.counterfactual import counterfactual
from causalcopilot_tools.explain.intervene import intervene
from tests.tools.framed import case

Array = NDArray[np.float64]
LEVEL, WANTED = 0.95, 0.93
GRAPH = StoredGraph("g@1", from_dagitty("dag { c -> {t y}  t -> m -> y }"), op="imported", method="user")
ROWS = 300


@dataclass(frozen=True)
class Said:
    """One interval and the truth."""

    low: float
    high: float
    truth: float


def _noise(g: np.random.Generator, n: int, skewed: bool = False) -> dict[str, Array]:
    return {name: g.exponential(size=n) - 1.0 if skewed else g.normal(size=n) for name in "ctmy"}


def _linear(e: dict[str, Array], lift: float = 0.0, slope: float = 0.8) -> pd.DataFrame:
    """t = 0.7 c, m = 0.8 t + lift, y = m + 0.5 c, each plus its noise."""
    t = 0.7 * e["c"] + e["t"]
    m = slope * t + lift + e["m"]
    return pd.DataFrame({"c": e["c"], "t": t, "m": m, "y": m + 0.5 * e["c"] + e["y"]})


def _bent(e: dict[str, Array]) -> pd.DataFrame:
    """m bends where t is zero."""
    t = 0.7 * e["c"] + e["t"]
    m = np.where(t > 0, 1.5 * t, 0.3 * t) + e["m"]
    return pd.DataFrame({"c": e["c"], "t": t, "m": m, "y": m + 0.5 * e["c"] + e["y"]})


def _said(result: Result, key: str, truth: float) -> Said:
    f = result.fact(key)
    assert f.low is not None
    assert f.high is not None
    return Said(f.low, f.high, truth)


def intervene_set(g: np.random.Generator) -> Said:
    """Mean of y with t set to one, straight lines."""
    made = intervene(case(_linear(_noise(g, ROWS))), cause="t", outcome="y", graph=GRAPH, value=1.0)
    return _said(made, "mean", 0.8)


def intervene_shift(g: np.random.Generator) -> Said:
    """Difference of the means when t is shifted by one, straight lines and skewed noise."""
    made = intervene(case(_linear(_noise(g, ROWS, True))), cause="t", outcome="y", graph=GRAPH, shift=1.0)
    return _said(made, "difference", 0.8)


def intervene_bent(g: np.random.Generator) -> Said:
    """Mean of y with t set to one where a mechanism bends."""
    made = intervene(case(_bent(_noise(g, 2 * ROWS))), cause="t", outcome="y", graph=GRAPH, value=1.0)
    return _said(made, "mean", 1.5)


def counterfactual_row(g: np.random.Generator) -> Said:
    """y of the first row had t been two."""
    e = _noise(g, ROWS)
    table = _linear(e)
    truth = 0.8 * 2.0 + float(e["m"][0] + 0.5 * e["c"][0] + e["y"][0])
    made = counterfactual(case(table), cause="t", outcome="y", graph=GRAPH, row=1, value=2.0)
    return _said(made, "counterfactual", truth)


def counterfactual_bent(g: np.random.Generator) -> Said:
    """The same where a mechanism bends."""
    e = _noise(g, 2 * ROWS)
    truth = 1.5 * 2.0 + float(e["m"][0] + 0.5 * e["c"][0] + e["y"][0])
    made = counterfactual(case(_bent(e)), cause="t", outcome="y", graph=GRAPH, row=1, value=2.0)
    return _said(made, "counterfactual", truth)


def _change(g: np.random.Generator, lift: float, slope: float, raised: float) -> Result:
    one, two = _noise(g, ROWS), _noise(g, ROWS)
    two["c"] = two["c"] + raised
    table = pd.concat([_linear(one), _linear(two, lift, slope)], ignore_index=True)
    table["period"] = np.repeat([2023, 2024], ROWS)
    return attribute_change(case(table), outcome="y", graph=GRAPH, column="period", first=2023, second=2024)


def _part(made: Result, name: str, truth: float, key: str = "share") -> Said:
    assert isinstance(made, RankingResult)
    return _said(made, f"rank.{made.ranking.index(name) + 1}.{key}", truth)


def change_level(g: np.random.Generator) -> Said:
    """What a lifted mechanism adds to the difference of two means."""
    return _part(_change(g, 0.6, 0.8, 0.5), "m", 0.6)


def change_cause(g: np.random.Generator) -> Said:
    """What a raised cause adds, straight lines: all its ways to y."""
    return _part(_change(g, 0.6, 0.8, 0.5), "c", 0.5 * (0.7 * 0.8 + 0.5))


def change_slope(g: np.random.Generator) -> Said:
    """What a steeper mechanism adds while its cause is raised too: half of the product by Shapley's rule."""
    return _part(_change(g, 0.0, 1.3, 0.5), "m", 0.5 * (1.3 - 0.8) * 0.7 * 0.5)


def arrow(g: np.random.Generator) -> Said:
    """Strength of the arrow from m to y: the slope times the spread of m."""
    spread = math.sqrt(0.8**2 * (0.7**2 + 1) + 1)
    made = arrow_strength(case(_linear(_noise(g, ROWS))), outcome="y", graph=GRAPH)
    return _part(made, "m", spread, "strength")


WORLDS: dict[str, Callable[[np.random.Generator], Said]] = {
    f.__name__: f
    for f in (
        intervene_set,
        intervene_shift,
        intervene_bent,
        counterfactual_row,
        counterfactual_bent,
        change_level,
        change_cause,
        change_slope,
        arrow,
    )
}


def main(arguments: list[str]) -> None:
    """Print coverage and mean width by world, and whether it is enough."""
    repeats = int(arguments[0]) if arguments else 200
    chosen = arguments[1].split(",") if len(arguments) > 1 else list(WORLDS)
    slack = 2 * math.sqrt(LEVEL * (1 - LEVEL) / repeats)
    print(f"{'world':<24}{'covered':>9}{'below':>7}{'above':>7}{'width':>9}{'cpu s':>8}  note")
    for name in chosen:
        start = time.process_time()
        with one_thread():
            said = [WORLDS[name](np.random.default_rng([seed, 43])) for seed in range(repeats)]
        below, above = (
            float(np.mean([x.truth < x.low for x in said])),
            float(np.mean([x.truth > x.high for x in said])),
        )
        width = float(np.mean([s.high - s.low for s in said]))
        each = (time.process_time() - start) / repeats
        note = "" if 1 - below - above >= WANTED - slack else "BELOW .93"
        print(
            f"{name:<24}{1 - below - above:>9.3f}{below:>7.3f}{above:>7.3f}{width:>9.3f}{each:>8.2f}  {note}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
