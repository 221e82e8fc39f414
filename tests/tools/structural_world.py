"""A linear structural model whose every answer is known, as a table with one odd row and two periods."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import RankingResult, Result

ROWS = 2000
ODD = 16
"""Position of the odd row: its own noise of ``t`` is moved by ``JUMP``."""
JUMP = 8.0
LIFT = 1.0
"""What the second period adds to the mechanism of ``m``."""
TEXT = "dag { c -> {t y}  t -> m -> y  z -> t  q -> y  y -> d }"
GRAPH = StoredGraph("g@1", from_dagitty(TEXT), op="imported", method="user")
TO_Y = {"c": 0.5 + 0.7 * 0.8, "z": 0.6 * 0.8, "q": 0.3, "t": 0.8, "m": 1.0, "y": 1.0}
"""Total effect of each noise on y."""


def noise() -> dict[str, np.ndarray]:
    """Standard normal noise of every column; the odd row's is zero but for that of t."""
    rng = np.random.default_rng(7)
    e = dict(zip("czqtmyd", rng.normal(size=(7, ROWS)), strict=True))
    for name in e:
        e[name][ODD] = JUMP if name == "t" else 0.0
    return e


def world(lift: float = 0.0) -> pd.DataFrame:
    """t = 0.7 c + 0.6 z, m = 0.8 t (+ lift in the second period), y = m + 0.5 c + 0.3 q, d = 2 y, each plus noise."""
    e = noise()
    period = (np.arange(ROWS) >= ROWS // 2).astype(int)
    t = 0.7 * e["c"] + 0.6 * e["z"] + e["t"]
    m = 0.8 * t + lift * period + e["m"]
    y = m + 0.5 * e["c"] + 0.3 * e["q"] + e["y"]
    return pd.DataFrame(
        {
            "who": [f"A{i + 1:04d}" for i in range(ROWS)],
            "c": e["c"],
            "z": e["z"],
            "q": e["q"],
            "t": t,
            "m": m,
            "y": y,
            "d": 2 * y + e["d"],
            "period": period + 2023,
        }
    )


def told(result: Result, key: str) -> float:
    """A fact that holds a number."""
    value = result.fact(key).value
    assert isinstance(value, int | float)
    return float(value)


def within(result: Result, key: str, truth: float) -> bool:
    """Whether the interval of a fact holds the truth."""
    f = result.fact(key)
    assert f.low is not None
    assert f.high is not None
    return f.low < truth < f.high


def shares(result: Result, key: str) -> dict[str, float]:
    """What a ranking gives every column, first to last."""
    assert isinstance(result, RankingResult)
    return {n: told(result, f"rank.{i}.{key}") for i, n in enumerate(result.ranking, 1)}
