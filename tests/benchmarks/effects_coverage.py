"""How often the default interval covers, how wide it is and how far its centre lies, in worlds with known effects.

Run: ``python -m tests.benchmarks.effects_coverage [--repeats N] [--first N] [--worlds a,b] [--fits FOLDER]`` (5
repeats by default: a look only; a coverage of .95 takes 400 to measure within .01).  Worlds are visited in turn.
``--fits`` keeps the nuisances of every draw, the part that takes the time: a stopped run goes on where it stopped,
several may fill one folder, and a changed rule for the interval is judged on all of them in a minute.

Beside the default stand the cheap estimators of the design study, made from the same nuisances, and AIPW with the
true ones.  Errors are absolute and, like widths, in standard deviations of the outcome.
"""

from __future__ import annotations

import argparse
import time
import zlib
from collections import defaultdict
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import numpy as np

from causalcopilot.domain.question import Contrast
from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects import primary, specification
from causalcopilot_tools.effects.aipw import CLIP, aipw
from causalcopilot_tools.effects.difference import difference_in_means
from causalcopilot_tools.effects.nuisance import ArmNuisances, LineNuisances
from causalcopilot_tools.effects.plr import plr_slope
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.effects.tmle import tmle
from tests.benchmarks.effects_worlds import FRESH, LIMITS, NINE, WORLDS, Drawn

LEVEL, Z95 = 0.95, 1.959964
SURE = 0.99
"""Level of the bound on the miss rate: a world fails only when its misses clearly exceed one in twenty."""
TARGET = 0.05
WIDEST, WORST = 1.8, 1.3
"""Median width against AIPW with the true nuisances; mean error against the best of the design study's estimators."""
SMALL = ("many_columns", "infants_a", "infants_b")
"""Worlds of fewer than 1000 rows, for which no width is promised."""
Triple = tuple[float, float, float]


def prepared(d: Drawn) -> Prepared:
    """The arrays an estimate would read from the table."""
    names = tuple(f"x{j}" for j in range(d.X.shape[1]))
    scale = 100.0 if d.binary else 1.0
    who, n = "all rows", len(d.Y)
    return Prepared(
        "t", "y", "binary", Contrast(0, 1), "ATE", who, False, d.X, names, names, d.T, d.Y * scale, 1.0, "",
        d.binary, n, 0,
    )  # fmt: skip


def fitted(p: Prepared, seed: int, kept: Path | None) -> primary.ArmFits:
    """Nuisances of every fold seed, from ``kept`` where an earlier run left them there."""
    if kept is not None and kept.exists():
        stored = np.load(kept)
        return tuple(
            {str(name): ArmNuisances(*stored[f"{name}.{r}"]) for name in stored["classes"]}
            for r in range(int(stored["repeats"]))
        )
    fits = primary.fit_arms(p, seed, primary.fold_seeds(p))
    if kept is not None:
        arrays = {
            f"{name}.{r}": np.stack([f.mean0, f.mean1, f.share0, f.share1])
            for r, fit in enumerate(fits)
            for name, f in fit.items()
        }
        with NamedTemporaryFile(dir=kept.parent, suffix=".part", delete=False) as half:
            np.savez(half, classes=np.array(list(fits[0])), repeats=len(fits), **arrays)  # type: ignore[arg-type]
        Path(half.name).rename(kept)
    return fits


def intervals(d: Drawn, seed: int, kept: Path | None = None) -> dict[str, Triple]:
    """Value, low and high of the default, its parts, its rivals and the oracle, in the outcome's unit."""
    p = prepared(d)
    scale = 100.0 if d.binary else 1.0
    fits = fitted(p, seed, kept)
    own = primary.arms_primary(p, fits, "ATE", LEVEL)
    out = {"default": (own.interval.value, own.interval.low, own.interval.high)}
    for name, point in (("aipw_stack", own.stack), ("aipw_boosting", own.boosting)):
        if point is not None:
            out[name] = _around(point.value, point.std_error)
    out |= _rivals(p, fits[0]["stack"], seed)
    out = {name: (v / scale, a / scale, b / scale) for name, (v, a, b) in out.items()}
    if d.share is not None:
        oracle = aipw(d.Y, d.T, ArmNuisances(d.mean0, d.mean1, 1 - d.share, d.share), "ATE", CLIP)
        out["oracle"] = _around(oracle.value, oracle.std_error)
    return out


def _around(value: float, error: float) -> Triple:
    return value, value - Z95 * error, value + Z95 * error


def _rivals(p: Prepared, fit: ArmNuisances, seed: int) -> dict[str, Triple]:
    """TMLE and PLR on the same nuisances, the specification curve, and the plain difference."""
    t = tmle(p.Y, p.T, fit, "ATE")
    mean = fit.share1 * fit.mean1 + fit.share0 * fit.mean0
    s = plr_slope(p.Y, p.T, LineNuisances(mean, fit.share1))
    plain = difference_in_means(p.Y, p.T)
    out = {"tmle": _around(t.value, t.std_error), "plr_stack": _around(s.value, s.std_error)}
    out["naive"] = _around(plain.value, plain.std_error)
    try:
        made = specification.curve(p, LEVEL, seed).estimates
    except NotApplicable:
        made = ()
    for e in made:
        out[e.method] = (e.value or 0.0, e.low or 0.0, e.high or 0.0)
    return out


def one(name: str, repeat: int, folder: Path | None = None) -> dict[str, Any]:
    """One draw of one world: error, whether it covers, and width of every estimator."""
    d = WORLDS[name](np.random.default_rng([zlib.crc32(name.encode()), repeat]))
    start, spread = time.process_time(), float(d.Y.std())
    with one_thread():
        made = intervals(d, repeat, folder / f"{name}-{repeat}.npz" if folder else None)
    rows = {
        k: (abs(v - d.effect) / spread, bool(low <= d.effect <= high), (high - low) / spread)
        for k, (v, low, high) in made.items()
    }
    return {"world": name, "repeat": repeat, "seconds": time.process_time() - start, "rows": rows}


def miss_bounds(misses: int, n: int) -> tuple[float, float]:
    """Exact (Clopper-Pearson) two-sided bounds on the miss rate at ``SURE``."""
    from scipy.stats import beta

    half = (1 - SURE) / 2
    low = float(beta.ppf(half, misses, n - misses + 1)) if misses else 0.0
    high = float(beta.ppf(1 - half, misses + 1, n - misses)) if misses < n else 1.0
    return low, high


def table(draws: list[dict[str, Any]]) -> str:
    """One line a world: coverage with its bound, width against the oracle, error against the best estimator."""
    worlds: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    for draw in draws:
        for method, row in draw["rows"].items():
            worlds[draw["world"]][method].append(row)
    lines = [
        f"{'world':<19}{'n':>5}{'covered':>9}{'miss >=':>9}{'width':>7}{'/oracle':>9}{'error':>8}"
        f"{'/best':>7}  best estimator"
    ]
    limits = {w.__name__ for w in LIMITS}
    for world in (w.__name__ for w in (*NINE, *FRESH, *LIMITS)):
        if world not in worlds:
            continue
        seen = {m: np.array(r, dtype=float) for m, r in worlds[world].items()}
        own = seen["default"]
        misses = int((own[:, 1] == 0).sum())
        floor = miss_bounds(misses, len(own))[0]
        width = float(np.median(own[:, 2]))
        wide = width / float(np.median(seen["oracle"][:, 2])) if "oracle" in seen else float("nan")
        errors = {m: r[:, 0].mean() for m, r in seen.items() if m not in ("oracle", "default")}
        best = min(errors, key=lambda m: errors[m])
        ratio = own[:, 0].mean() / errors[best]
        flags = "".join(
            mark
            for mark, bad in (
                ("C", floor > TARGET),
                ("W", wide > WIDEST and world not in SMALL),
                ("E", ratio > WORST),
            )
            if bad
        )
        note = f"  misses its target: {flags}" if flags else ""
        lines.append(
            f"{world:<19}{len(own):>5}{1 - misses / len(own):>9.3f}{floor:>9.3f}{width:>7.2f}{wide:>9.2f}"
            f"{own[:, 0].mean():>8.3f}{ratio:>7.2f}  {best}{note}{' (a stated limit)' if world in limits else ''}"
        )
    seconds = [draw["seconds"] for draw in draws]
    return "\n".join((*lines, f"CPU seconds a draw: {np.mean(seconds):.2f}"))


def main(arguments: list[str] | None = None) -> None:
    """Draw, fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--worlds", default="")
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--fits", type=Path, default=None)
    given = parser.parse_args(arguments)
    chosen = given.worlds.split(",") if given.worlds else list(WORLDS)
    if given.fits is not None:
        given.fits.mkdir(parents=True, exist_ok=True)
    repeats = range(given.first, given.first + given.repeats)
    draws = [one(name, repeat, given.fits) for repeat in repeats for name in chosen]
    print(table(draws))


if __name__ == "__main__":
    main()
