"""How often the intervals of the designs cover: each on simulated tables with a known effect.

Run: ``python tests/benchmarks/designs_coverage.py [repeats] [world,world…]`` (200 repeats by default, some ten
minutes on one core).  Not run by pytest.  With 200 repeats a coverage of .95 has a standard error of .015; a world
is marked where its coverage lies outside .93 to .98 by more than two of them.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from causalcopilot.domain import thresholds
from causalcopilot_tools.effects import survival
from causalcopilot_tools.effects.aipw import aipw
from causalcopilot_tools.effects.designs import did, iv, mediation, panel, rd, sc
from causalcopilot_tools.effects.designs.adoption import degrees
from causalcopilot_tools.effects.designs.synthetic import half_width
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.learners import make_bases
from causalcopilot_tools.effects.nuisance import cross_fit_arms
from causalcopilot_tools.effects.threads import one_thread

Array = NDArray[np.float64]
LEVEL = 0.95
WANTED = (0.93, 0.98)


@dataclass(frozen=True)
class Said:
    """One interval, the truth, and (for instruments) whether the verdict could be ``supported``."""

    low: float
    high: float
    truth: float
    strong: bool | None = None


def around(value: float, error: float, half: float, truth: float) -> Said:
    return Said(value - half * error, value + half * error, truth)


# --- instruments ------------------------------------------------------------------------------------------


def _instrument(g: np.random.Generator, n: int, strength: float, k: int = 1) -> iv.Partialled:
    """A strong hidden cause and unequal noise; the effect is one."""
    Z, u = g.normal(size=(n, k)), g.normal(size=n)
    T = strength * Z.sum(axis=1) + u + 0.5 * g.normal(size=n)
    Y = T + u + g.normal(size=n) * (1 + 0.5 * abs(Z[:, 0]))
    return iv.partial_out(Y, T, Z, np.empty((n, 0)))


def iv_strong(g: np.random.Generator) -> Said:
    """Two-stage least squares, one strong instrument."""
    c = iv.two_stage(_instrument(g, 600, 0.5))
    return around(c.value, c.std_error, t_quantile(LEVEL, c.degrees), 1.0)


def iv_two_strong(g: np.random.Generator) -> Said:
    """Two-stage least squares, two strong instruments."""
    c = iv.two_stage(_instrument(g, 600, 0.5, 2))
    return around(c.value, c.std_error, t_quantile(LEVEL, c.degrees), 1.0)


def iv_weak_anderson_rubin(g: np.random.Generator) -> Said:
    """An instrument with an effective F of about three: the Anderson–Rubin set, whatever its shape."""
    p = _instrument(g, 400, 0.078)
    region = iv.anderson_rubin(p, LEVEL)
    inside = any(a <= 1.0 <= b for a, b in region.pieces)
    strong = iv.effective_f(p) >= thresholds.WEAK_F and region.shape == "bounded"
    return Said(*((0.0, 2.0) if inside else (2.0, 3.0)), 1.0, strong)


def _villages(
    g: np.random.Generator, groups: int = 60, size: int = 10
) -> tuple[Array, Array, Array, Array, NDArray[np.int64]]:
    """An instrument and a hidden cause with a part by village; the effect is one, weights go with the outcome."""
    code = np.repeat(np.arange(groups, dtype=np.int64), size)
    z = g.normal(size=groups)[code] + 0.5 * g.normal(size=groups * size)
    u = g.normal(size=groups)[code] + g.normal(size=groups * size)
    T = 0.8 * z + u + 0.5 * g.normal(size=len(z))
    return T + u + g.normal(size=len(z)), T, z[:, None], g.uniform(0.3, 3, len(z)), code


def iv_clusters(g: np.random.Generator) -> Said:
    """Two-stage least squares, 60 villages of ten rows that resemble each other."""
    Y, T, Z, _, code = _villages(g)
    c = iv.two_stage(iv.partial_out(Y, T, Z, np.empty((len(Y), 0)), None, code))
    return around(c.value, c.std_error, t_quantile(LEVEL, c.degrees), 1.0)


def iv_clusters_anderson_rubin(g: np.random.Generator) -> Said:
    """The same, weighted, by the Anderson–Rubin set."""
    Y, T, Z, w, code = _villages(g, 40)
    region = iv.anderson_rubin(iv.partial_out(Y, T, Z, np.empty((len(Y), 0)), w, code), LEVEL)
    return Said(*((0.0, 2.0) if region.holds(1.0) else (2.0, 3.0)), 1.0)


def kept(g: np.random.Generator, a: Array) -> tuple[NDArray[np.bool_], Array]:
    """Which of a population is drawn, those with a large ``a`` too often, and the weights that make up for it."""
    chance = np.minimum(1.0, np.exp(0.5 * a) / 3)
    drawn = g.random(len(a)) < chance
    return drawn, 1 / chance[drawn]


def iv_weights(g: np.random.Generator) -> Said:
    """Rows drawn with chances that go with their effect: that of the weighted population is one."""
    a = g.normal(size=1600)
    drawn, w = kept(g, a)
    a, n = a[drawn], int(drawn.sum())
    z, u = g.normal(size=n), g.normal(size=n)
    T = 0.8 * z + u
    Y = (1 + 0.5 * a) * T + u + g.normal(size=n)
    c = iv.two_stage(iv.partial_out(Y, T, z[:, None], np.empty((n, 0)), w))
    return around(c.value, c.std_error, t_quantile(LEVEL, c.degrees), 1.0)


# --- panels -----------------------------------------------------------------------------------------------


def _adoption(
    g: np.random.Generator, starts: tuple[int, ...], units: int, periods: int
) -> tuple[did.Panel, float]:
    first = g.choice([*starts, periods], units, p=[0.5 / len(starts)] * len(starts) + [0.5])
    when = np.arange(periods)[None, :]
    on = when >= first[:, None]
    effect = np.where(on, 0.5 + 0.2 * (when - first[:, None]), 0.0)
    Y = g.normal(size=(units, 1)) + 0.3 * when + g.normal(size=(units, periods)).cumsum(axis=1) * 0.5
    return did.Panel(Y + effect, first), float(effect[on].mean())


def did_two_by_two(g: np.random.Generator) -> Said:
    """Two groups, two periods."""
    p, truth = _adoption(g, (1,), 80, 2)
    found = did.overall(p, "never")
    return around(found.value, found.std_error, t_quantile(LEVEL, degrees(p)), truth)


def did_staggered(g: np.random.Generator) -> Said:
    """Three groups that adopt at different times, effects that grow."""
    p, truth = _adoption(g, (2, 3, 5), 120, 7)
    found = did.overall(p, "never")
    return around(found.value, found.std_error, t_quantile(LEVEL, degrees(p)), truth)


def did_covariate(g: np.random.Generator) -> Said:
    """Trends that depend on a covariate which also drives adoption; doubly robust."""
    from causalcopilot_tools.effects.designs import conditional

    p, truth = _adoption(g, (3,), 200, 6)
    w = g.normal(size=200) + 0.8 * (p.first < 6)
    Y = p.Y + 0.3 * w[:, None] * np.arange(6)[None, :]
    X = np.repeat(w[:, None, None], 6, axis=1)
    found = conditional.doubly_robust(did.Panel(Y, p.first), X, "never")
    return around(found.value, found.std_error, t_quantile(LEVEL, degrees(p)), truth)


def did_weights(g: np.random.Generator) -> Said:
    """Units drawn with chances that go with their effect; the weighted adopters' average effect is 0.5."""
    a = g.normal(size=500)
    drawn, w = kept(g, a)
    a, units = a[drawn], int(drawn.sum())
    first = g.choice([2, 4, 6], units, p=[0.3, 0.2, 0.5])
    on = np.arange(6)[None, :] >= first[:, None]
    Y = (
        g.normal(size=(units, 1))
        + g.normal(size=(units, 6)).cumsum(axis=1) * 0.5
        + on * (0.5 + 0.4 * a)[:, None]
    )
    p = did.Panel(Y, first, w / w.mean())
    found = did.overall(p, "never")
    return around(found.value, found.std_error, t_quantile(LEVEL, degrees(p)), 0.5)


def did_clusters(g: np.random.Generator) -> Said:
    """Forty states of six counties adopt as a whole and share shocks."""
    state = np.repeat(np.arange(40), 6)
    first = g.permutation(np.where(np.arange(40) < 20, 3, 6))[state]
    shock = g.normal(size=(40, 6)).cumsum(axis=1)[state]
    on = np.arange(6)[None, :] >= first[:, None]
    p = did.Panel(shock + g.normal(size=(240, 6)) + 0.5 * on, first, None, state.astype(np.int64))
    found = did.overall(p, "never")
    return around(found.value, found.std_error, t_quantile(LEVEL, degrees(p)), 0.5)


def _long(g: np.random.Generator, units: int = 60, periods: int = 6, curve: bool = False) -> panel.Long:
    level = g.normal(size=(units, 1))
    x = g.normal(size=(units, periods)) + level
    part = np.sin(2 * x) if curve else 0.7 * x
    noise = g.normal(size=(units, periods))
    for t in range(1, periods):
        noise[:, t] += 0.5 * noise[:, t - 1]
    T = level + part + g.normal(size=(units, periods))
    Y = 2 * level + 1.5 * T + part + 0.3 * np.arange(periods) + noise
    unit, period = np.meshgrid(np.arange(units), np.arange(periods), indexing="ij")
    return panel.Long(Y.ravel(), T.ravel(), x.reshape(-1, 1), unit.ravel(), period.ravel())


def panel_within(g: np.random.Generator) -> Said:
    """Unit and period effects with a linear control."""
    s = panel.fixed_effects(_long(g))
    return around(float(s.values[0]), s.error(), t_quantile(LEVEL, 59), 1.5)


def panel_first_differences(g: np.random.Generator) -> Said:
    """The same by first differences."""
    s = panel.first_differences(_long(g))
    return around(float(s.values[0]), s.error(), t_quantile(LEVEL, 59), 1.5)


def panel_learned(g: np.random.Generator) -> Said:
    """A control that enters as a wave, learned on other units."""
    s = panel.learned(_long(g, 100, 8, curve=True), int(g.integers(1000)))
    return around(float(s.values[0]), s.error(), t_quantile(LEVEL, 99), 1.5)


def _single(g: np.random.Generator, donors: int = 30) -> sc.Single:
    course = np.cumsum(g.normal(size=(2, 24)), axis=1)
    noise = g.normal(size=(donors + 1, 24))
    for t in range(1, 24):
        noise[:, t] += 0.5 * noise[:, t - 1]
    Y = g.uniform(-3, 3, donors + 1)[:, None] + g.uniform(0, 1, (donors + 1, 2)) @ course + 0.7 * noise
    return sc.Single(Y[0], Y[1:], 16)


def sc_placebo(g: np.random.Generator) -> Said:
    """One treated unit among thirty donors, nothing happening: the synthetic control's placebo interval."""
    s = _single(g)
    return around(sc.synthetic(s).effect, 1.0, half_width(sc.placebos(s), LEVEL), 0.0)


def sdid_placebo(g: np.random.Generator) -> Said:
    """The same by synthetic difference-in-differences."""
    s = _single(g)
    return around(sc.synthetic_did(s).effect, 1.0, half_width(sc.placebos(s, did=True), LEVEL), 0.0)


# --- discontinuities --------------------------------------------------------------------------------------


def _curve(x: Array) -> Array:
    return np.asarray(0.4 + 0.8 * x - 0.9 * x**2 + 0.6 * x**3)


def _sharp(g: np.random.Generator, n: int) -> Said:
    x = 2 * g.beta(2, 3, n) - 1
    fitted = rd.fit(_curve(x) + 0.5 * (x >= 0) + 0.3 * g.normal(size=n), x)
    return Said(fitted.low, fitted.high, 0.5)


def rd_sharp_400(g: np.random.Generator) -> Said:
    """A sharp cutoff, 400 rows of which about 140 lie within the bandwidth."""
    return _sharp(g, 400)


def rd_sharp_1000(g: np.random.Generator) -> Said:
    """A sharp cutoff, 1000 rows."""
    return _sharp(g, 1000)


def lee_curve(x: Array) -> Array:
    """The curve fitted to Lee's (2008) elections by which Calonico, Cattaneo and Titiunik (2014) judge intervals."""
    below = 0.48 + 1.27 * x + 7.18 * x**2 + 20.21 * x**3 + 21.54 * x**4 + 7.33 * x**5
    above = 0.52 + 0.84 * x - 3.0 * x**2 + 7.99 * x**3 - 9.01 * x**4 + 3.56 * x**5
    return np.where(x < 0, below, above)


def rd_lee(g: np.random.Generator) -> Said:
    """The published curve, 1000 rows: bends that the lines at the chosen bandwidth do not follow."""
    x = 2 * g.beta(2, 4, 1000) - 1
    fitted = rd.fit(lee_curve(x) + 0.1295 * g.normal(size=1000), x)
    return Said(fitted.low, fitted.high, 0.04)


def rd_weights(g: np.random.Generator) -> Said:
    """Rows drawn with chances that go with their jump; the weighted population's is 0.5."""
    a = g.normal(size=2500)
    drawn, w = kept(g, a)
    a, n = a[drawn], int(drawn.sum())
    x = 2 * g.beta(2, 3, n) - 1
    fitted = rd.fit(_curve(x) + (0.5 + 0.3 * a) * (x >= 0) + 0.3 * g.normal(size=n), x, weights=w)
    return Said(fitted.low, fitted.high, 0.5)


def rd_fuzzy(g: np.random.Generator) -> Said:
    """Take-up jumps by most of one, with a hidden cause of take-up and outcome."""
    n = 1500
    x, u = 2 * g.beta(2, 3, n) - 1, g.normal(size=n)
    t = (u + 2.0 * (x >= 0) - 1.0 > 0.5 * g.normal(size=n)).astype(float)
    fitted = rd.fit(_curve(x) + 0.5 * t + 0.3 * u + 0.3 * g.normal(size=n), x, t)
    return Said(fitted.low, fitted.high, 0.5)


# --- times that are cut short ------------------------------------------------------------------------------


def survival_adjusted(g: np.random.Generator) -> Said:
    """Confounded exponential times, one arm followed less; adjusted means up to three, plain learners."""
    n = 600
    x, noise = g.normal(size=n), g.exponential(size=n)
    T = (g.random(n) < 1 / (1 + np.exp(-0.8 * x))).astype(float)
    came, lost = noise * np.exp(1 + 0.5 * T - 0.4 * x), g.exponential(8 / (1 + T))
    time, event, Y = np.minimum(came, lost), (came <= lost).astype(float), np.empty(n)
    for arm in (0, 1):
        Y[arm == T] = survival.pseudo_observations(time[arm == T], event[arm == T], 3.0)
    bases = make_bases(x[:, None], ("lasso", "lasso2"), 30)
    fit = cross_fit_arms(bases, Y, T, int(g.integers(1000)), k=5, learners=("lasso", "lasso2"))["stack"]
    e = aipw(Y, T, fit, "ATE")
    return around(e.value, e.std_error, 1.96, SURVIVAL_TRUTH)


def restricted(shift: float, slope: float = -0.4) -> float:
    """Mean up to three of an exponential time of mean exp(1 + shift + slope x), x standard normal (Gauss-Hermite)."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    mean = np.exp(1 + shift + slope * nodes)
    return float((weights * mean * (1 - np.exp(-3.0 / mean))).sum() / weights.sum())


SURVIVAL_TRUTH = restricted(0.5) - restricted(0.0)


# --- mediation --------------------------------------------------------------------------------------------


def _mediated(g: np.random.Generator, n: int) -> tuple[Array, Array, Array, Array]:
    X = g.normal(size=(n, 3))
    T = (g.random(n) < 1 / (1 + np.exp(-0.6 * X[:, 0] + 0.3 * X[:, 1]))).astype(float)
    common = X[:, 0] + 0.5 * X[:, 2]
    M = 0.8 * T + common + g.normal(size=n)
    Y = 0.5 * T + 0.6 * M + 0.3 * T * M + common + g.normal(size=n)
    return Y, T, M, X


def mediation_regression(g: np.random.Generator) -> Said:
    """The indirect effect by two regressions with an interaction."""
    e = mediation.by_regression(*_mediated(g, 600), 0.0, 1.0)
    return around(e.indirect, e.errors()[0], 1.96, 0.72)


def mediation_robust(g: np.random.Generator) -> Said:
    """The indirect effect, multiply robust."""
    e = mediation.multiply_robust(*_mediated(g, 800), int(g.integers(1000)))
    return around(e.indirect, e.errors()[0], 1.96, 0.72)


def mediation_robust_direct(g: np.random.Generator) -> Said:
    """The direct effect, multiply robust."""
    e = mediation.multiply_robust(*_mediated(g, 800), int(g.integers(1000)))
    return around(e.direct, e.errors()[1], 1.96, 0.5)


WORLDS: dict[str, Callable[[np.random.Generator], Said]] = {
    f.__name__: f
    for f in (
        iv_strong,
        iv_two_strong,
        iv_weak_anderson_rubin,
        iv_clusters,
        iv_clusters_anderson_rubin,
        iv_weights,
        did_weights,
        did_clusters,
        did_two_by_two,
        did_staggered,
        did_covariate,
        panel_within,
        panel_first_differences,
        panel_learned,
        sc_placebo,
        sdid_placebo,
        rd_sharp_400,
        rd_sharp_1000,
        rd_fuzzy,
        rd_weights,
        rd_lee,
        survival_adjusted,
        mediation_regression,
        mediation_robust,
        mediation_robust_direct,
    )
}


NOTES = {
    "rd_lee": "rdrobust 2.1, robust, on 1000 such draws: .912, width .170 (equal estimates and bandwidths)",
}
"""What to hold beside a figure."""


def measure(
    worlds: dict[str, Callable[[np.random.Generator], Said]], notes: dict[str, str], arguments: list[str]
) -> None:
    """Print coverage and mean width by world, and whether the coverage is what it should be."""
    repeats = int(arguments[0]) if arguments else 200
    chosen = arguments[1].split(",") if len(arguments) > 1 else list(worlds)
    slack = 2 * math.sqrt(LEVEL * (1 - LEVEL) / repeats)
    print(f"{'world':<26}{'covered':>9}{'width':>9}{'cpu s':>8}  note")
    for name in chosen:
        start = time.process_time()
        with one_thread():
            said = [worlds[name](np.random.default_rng([seed, 41])) for seed in range(repeats)]
        covered = float(np.mean([s.low <= s.truth <= s.high for s in said]))
        width = float(np.mean([s.high - s.low for s in said]))
        each = (time.process_time() - start) / repeats
        top = 1.0 if name == "iv_weak_anderson_rubin" else WANTED[1] + slack
        note = "" if WANTED[0] - slack <= covered <= top else "OUTSIDE .93 to .98"
        note = "  ".join(filter(None, (note, notes.get(name, ""))))
        if said[0].strong is not None:
            could = float(np.mean([bool(s.strong) for s in said]))
            note += f" verdict could be supported in {could:.0%}"
        print(f"{name:<26}{covered:>9.3f}{width:>9.2f}{each:>8.2f}  {note}", flush=True)


if __name__ == "__main__":
    measure(WORLDS, NOTES, sys.argv[1:])
