"""Categories that depend on one another only together are told to the reader, whatever the search made of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.toolkit.result import DiscoverResult
from causalcopilot_tools.discovery.discover import discover
from tests.tools.framed import case

ROWS = 3000


def labels(codes: np.ndarray) -> list[str]:
    return [f"l{v}" for v in codes]


def coins(seed: int, levels: int = 2, flipped: float = 0.1) -> pd.DataFrame:
    """z is the sum of two fair dice modulo their sides, with errors; w follows v, by themselves."""
    rng = np.random.default_rng(seed)
    x, y, v = rng.integers(0, levels, (3, ROWS))
    z = np.where(rng.random(ROWS) < flipped, rng.integers(0, levels, ROWS), (x + y) % levels)
    w = np.where(rng.random(ROWS) < 0.5, v, rng.integers(0, levels, ROWS))
    return pd.DataFrame({n: labels(c) for n, c in {"x": x, "y": y, "z": z, "v": v, "w": w}.items()})


def learn(frame: pd.DataFrame) -> DiscoverResult:
    result = discover(case(frame))
    assert isinstance(result, DiscoverResult)
    return result


def together(result: DiscoverResult) -> list[str]:
    return [n for n in result.notes if "act together" in n]


def test_exclusive_or_is_told() -> None:
    for levels in (2, 3):
        result = learn(coins(levels, levels))
        said = together(result)
        assert len(said) == 1
        assert set("xyz") == {w for w in said[0].replace("(", " ").split() if w in ("x", "y", "z", "v", "w")}
        assert [(e.source, e.target) for e in result.graphs[0].graph.edges] in ([("v", "w")], [("w", "v")])


def test_ordinary_categories_are_not_called_interactions() -> None:
    """Chains, forks and colliders with main effects: twenty tables, none with a note."""
    for seed in range(20):
        rng = np.random.default_rng([seed, 3])
        a, b = rng.integers(0, 3, (2, ROWS))
        c = (rng.random(ROWS) < 0.15 + 0.2 * a + 0.15 * b).astype(int)
        d = np.where(rng.random(ROWS) < 0.6, c, rng.integers(0, 2, ROWS))
        frame = pd.DataFrame({n: labels(v) for n, v in {"a": a, "b": b, "c": c, "d": d}.items()})
        assert together(learn(frame)) == []


def test_runner_up_shows_an_effect_that_changes_sign() -> None:
    """u confounds x and y, and turns the effect of x around: on average there is none, which is all a score sees."""
    rng = np.random.default_rng(4)
    u = rng.integers(0, 2, ROWS)
    x = (rng.random(ROWS) < 0.3 + 0.4 * u).astype(int)
    y = (rng.random(ROWS) < 0.3 + 0.3 * u + 0.2 * np.where(u == 1, x - 0.7, 0.3 - x)).astype(int)
    result = learn(pd.DataFrame({"x": labels(x), "y": labels(y), "u": labels(u)}))
    assert result.method == "boss"
    assert not result.graphs[0].graph.between("x", "y")
    only = [a for a in result.agreement if [m for m, _ in a.symbols] == ["pc"]]
    assert [{a.source, a.target} for a in only] == [{"x", "y"}]
    assert any("pc finds" in n and "x" in n and "y" in n for n in result.notes)
