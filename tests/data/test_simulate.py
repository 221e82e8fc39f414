"""The simulator: the table obeys the graph and the equations it says it was made by."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import erfc, log, sqrt
from typing import Any

import numpy as np
import pytest

from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_observation import COMPLETE, SLOPE
from causalcopilot.data.simulate_series import long_run_covariance
from causalcopilot.data.simulate_settings import Kind, Settings
from causalcopilot.data.simulation import Simulation
from causalcopilot.errors import UsageError
from causalcopilot.graph.equivalence import is_acyclic, is_cpdag, is_valid
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.separation import d_separated, separator

ROWS = 40_000
COVARIANCE = 0.05
"""Sampling error of a covariance of unit variables at 40,000 rows is about .005 to .01 (heavy tails, weak spots in
the pilot included); .05 is five of the larger."""
UNIT = 0.1
"""Centre and spread come from 4,000 pilot rows: their error is about .02, and .1 is five of it."""
LEVEL = 1e-5
"""Each implied independence is tested at this level: over the some 200 tests here, a false alarm has odds of 1 in 500
and the seeds are fixed."""
SHARE = 0.015
"""Standard error of a share of 40,000 cells is at most .0025; rates set on pilot rows add about .003."""


def matrix(simulation: Simulation) -> np.ndarray[Any, Any]:
    return np.column_stack([simulation.data[n] for n in simulation.variables if n in simulation.data])


def p_value(x: np.ndarray[Any, Any], i: int, j: int, given: list[int]) -> float:
    """Fisher's z on the partial correlation."""
    keep = [i, j, *given]
    precision = np.linalg.inv(np.corrcoef(x[:, keep], rowvar=False))
    r = -precision[0, 1] / sqrt(precision[0, 0] * precision[1, 1])
    z = 0.5 * log((1 + r) / (1 - r)) * sqrt(len(x) - len(given) - 3)
    return erfc(abs(z) / sqrt(2))


def separations(graph: Graph) -> list[tuple[str, str, tuple[str, ...]]]:
    """One separating set of measured variables for each pair that has one."""
    out = []
    for a, b in combinations(graph.observed, 2):
        given = separator(graph, a, b)
        if given is not None:
            assert d_separated(graph, a, b, given)
            out.append((a, b, given))
    return out


# --- linear truth ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scaling", ["inside", "after", "none"])
@pytest.mark.parametrize("kind", ["linear", "nongaussian"])
def test_the_covariance_is_the_one_the_weights_imply(kind: Kind, scaling: Any) -> None:
    made = simulate(Settings(nodes=8, rows=ROWS, kind=kind, scaling=scaling, seed=5))
    assert made.weights is not None
    assert made.noise_spread is not None
    paths = np.linalg.inv(np.eye(8) - made.weights)
    implied = paths.T @ np.diag(made.noise_spread**2) @ paths
    size = np.sqrt(np.diag(implied))
    scaled = (np.cov(matrix(made), rowvar=False) - implied) / np.outer(size, size)
    assert np.abs(scaled).max() < COVARIANCE


def test_latents_are_part_of_the_implied_covariance() -> None:
    made = simulate(Settings(nodes=6, rows=ROWS, latents=2, seed=2))
    assert made.weights is not None
    assert made.noise_spread is not None
    assert list(made.latent_values) == ["U1", "U2"]
    assert not set(made.data) & {"U1", "U2"}
    paths = np.linalg.inv(np.eye(8) - made.weights)
    implied = paths.T @ np.diag(made.noise_spread**2) @ paths
    assert np.abs(np.cov(matrix(made), rowvar=False) - implied[:6, :6]).max() < COVARIANCE


@pytest.mark.parametrize("kind", ["linear", "nongaussian", "nonlinear", "mixed"])
def test_numbers_are_standardised_inside(kind: Kind) -> None:
    made = simulate(Settings(rows=ROWS, kind=kind, seed=3))
    numbers = [v for v in made.data.values() if v.dtype.kind == "f" and len(np.unique(v)) > 10]
    assert len(numbers) == (5 if kind == "mixed" else 10)
    for values in numbers:
        assert abs(values.mean()) < UNIT
        assert abs(values.std() - 1) < UNIT


def test_raw_variances_grow_along_the_order_and_standardised_ones_do_not() -> None:
    """Reisach et al. (2021): in raw linear models effects vary more than causes."""

    def share_growing(scaling: Any) -> float:
        grows = []
        for seed in range(20):
            made = simulate(Settings(rows=500, scaling=scaling, weights=(0.5, 2.0), seed=seed))
            spread = {n: v.std() for n, v in made.data.items()}
            grows += [spread[e.target] > spread[e.source] for e in made.graph.edges]
        return float(np.mean(grows))

    assert share_growing("none") > 0.85
    assert abs(share_growing("inside") - 0.5) < 0.12  # some 300 edges: three standard errors are .09


def test_a_total_effect_is_what_setting_the_cause_does() -> None:
    """The regression on cause and its parents gives the total effect (back door, Pearl 2009)."""
    made = simulate(Settings(rows=ROWS, seed=1))
    tried = 0
    for cause in made.variables:
        parents = [e.source for e in made.graph.edges if e.target == cause]
        for effect in set(made.variables) - {cause, *parents}:
            design = np.column_stack([made.data[c] for c in (cause, *parents)] + [np.ones(ROWS)])
            slope = np.linalg.lstsq(design, made.data[effect], rcond=None)[0][0]
            truth = made.effect(cause, effect)
            assert truth is not None
            assert abs(slope - truth) < COVARIANCE
            tried += truth != 0
    assert tried > 10


def test_there_are_no_single_effects_in_curved_or_categorical_models() -> None:
    for kind in ("nonlinear", "discrete", "mixed"):
        made = simulate(Settings(rows=50, kind=kind))
        assert made.effects is None
        assert made.weights is None
        assert made.effect("X1", "X2") is None


# --- graphs ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("graph", ["er", "scale-free"])
def test_graphs_are_acyclic_with_the_degree_asked_for(graph: Any) -> None:
    edges = []
    for seed in range(60):
        made = simulate(Settings(nodes=20, rows=2, graph=graph, degree=4, seed=seed))
        assert is_acyclic(made.graph)
        assert is_cpdag(made.truth)
        edges.append(len(made.graph.edges))
    expected = 40 if graph == "er" else 37  # two causes each for all but the first two nodes
    assert abs(np.mean(edges) - expected) < 2.5  # standard error .7


def test_scale_free_graphs_have_hubs() -> None:
    def busiest(graph: Any) -> float:
        most = []
        for seed in range(20):
            made = simulate(Settings(nodes=40, rows=2, graph=graph, degree=4, seed=seed))
            ends = [n for e in made.graph.edges for n in (e.source, e.target)]
            most.append(max(ends.count(n) for n in made.graph.nodes))
        return float(np.mean(most))

    assert busiest("scale-free") > 1.3 * busiest("er")


def test_place_tells_nothing_of_order() -> None:
    forward = []
    for seed in range(60):
        made = simulate(Settings(rows=2, seed=seed))
        forward += [int(e.source[1:]) < int(e.target[1:]) for e in made.graph.edges]
    assert abs(np.mean(forward) - 0.5) < 0.06  # some 900 edges: three standard errors are .05


def test_latents_make_the_truth_a_pag() -> None:
    made = simulate(Settings(nodes=12, rows=20, latents=3, seed=1))
    assert made.graph.latents == ("U1", "U2", "U3")
    for latent in made.graph.latents:
        assert 2 <= sum(e.source == latent for e in made.graph.edges) <= 3
        assert not any(e.target == latent for e in made.graph.edges)
    assert made.truth.kind == "pag"
    assert made.truth.nodes == made.graph.observed
    assert is_valid(made.truth)


# --- independences --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(kind="nongaussian"),
        Settings(weights=(0.5, 2.0), scaling="after"),
        Settings(latents=3),
        Settings(missing=0.2),
    ],
    ids=["linear", "nongaussian", "raw", "latents", "missing"],
)
def test_separations_of_the_graph_hold_in_the_data(settings: Settings) -> None:
    made = simulate(replace(settings, rows=10_000, seed=6))
    x = matrix(made)
    x = x[~np.isnan(x).any(axis=1)]
    at = {n: i for i, n in enumerate(made.variables)}
    found = separations(made.graph)
    assert len(found) > 10
    for a, b, given in found:
        assert p_value(x, at[a], at[b], [at[g] for g in given]) > LEVEL, (a, b, given)


def test_links_show_in_the_data() -> None:
    """Given its other parents, every effect depends on each of its causes."""
    made = simulate(Settings(rows=10_000, seed=6))
    x = matrix(made)
    at = {n: i for i, n in enumerate(made.variables)}
    for e in made.graph.edges:
        others = [at[o.source] for o in made.graph.edges if o.target == e.target and o.source != e.source]
        assert p_value(x, at[e.source], at[e.target], others) < LEVEL, e


def cells(made: Simulation, names: tuple[str, ...]) -> np.ndarray[Any, Any]:
    """One number per combination of levels."""
    code = np.zeros(len(next(iter(made.data.values()))), np.int64)
    for name in names:
        code = code * 4 + np.unique(made.data[name], return_inverse=True)[1]
    return code


def test_separations_hold_between_categories() -> None:
    """G squared within the levels of the separating set (Spirtes et al. 2000)."""
    from scipy.stats import chi2

    made = simulate(Settings(rows=20_000, kind="discrete", seed=4))
    tested = 0
    for a, b, given in separations(made.graph):
        if len(given) > 2:
            continue  # too few rows per cell
        g, freedom = 0.0, 0
        stratum = cells(made, given)
        for s in np.unique(stratum):
            here = np.zeros((4, 4))
            np.add.at(here, (cells(made, (a,))[stratum == s], cells(made, (b,))[stratum == s]), 1)
            here = here[here.sum(1) > 0][:, here.sum(0) > 0]
            expected = np.outer(here.sum(1), here.sum(0)) / here.sum()
            g += 2 * float((here[here > 0] * np.log(here[here > 0] / expected[here > 0])).sum())
            freedom += (here.shape[0] - 1) * (here.shape[1] - 1)
        assert chi2.sf(g, freedom) > LEVEL, (a, b, given)
        tested += 1
    assert tested > 3


def test_curved_links_are_additive_in_the_parents() -> None:
    """A linear model of an effect in a curved table leaves more than the noise; categories have 2 to 4 levels."""
    made = simulate(Settings(rows=5_000, kind="nonlinear", seed=7))
    assert made.graph == simulate(Settings(rows=5_000, kind="linear", seed=7)).graph
    curved = 0
    for node in made.variables:
        parents = [e.source for e in made.graph.edges if e.target == node]
        if parents:
            y = made.data[node]
            lines = np.column_stack([made.data[q] for q in parents] + [np.ones(len(y))])
            bends = np.column_stack([lines, *(made.data[q] ** k for q in parents for k in (2, 3))])
            left = [np.linalg.lstsq(d, y, rcond=None)[1][0] for d in (lines, bends)]
            curved += left[1] < 0.95 * left[0]
    assert curved >= 4


def test_categories_have_two_to_four_levels() -> None:
    made = simulate(Settings(rows=2_000, kind="discrete", nodes=20, seed=2))
    levels = {len(set(v.tolist())) for v in made.data.values()}
    assert levels == {2, 3, 4}


# --- what happens to rows -------------------------------------------------------------------------------------------


def test_measurement_error_has_the_share_asked_for() -> None:
    clean = matrix(simulate(Settings(rows=ROWS, seed=1)))
    noisy = matrix(simulate(Settings(rows=ROWS, seed=1, measurement_error=0.2)))
    share = (noisy - clean).var(axis=0) / noisy.var(axis=0)
    assert np.abs(share - 0.2).max() < SHARE
    some = matrix(simulate(Settings(rows=ROWS, seed=1, measurement_error=0.2, error_share=0.3)))
    assert ((some != clean).any(axis=0)).sum() == 3


def gap_rates(made: Simulation, column: str, by: np.ndarray[Any, Any]) -> tuple[float, float]:
    """Share of gaps where a variable is below, and above, its median."""
    gaps = np.isnan(made.data[column])
    low = by < np.median(by)
    return float(gaps[low].mean()), float(gaps[~low].mean())


def test_mcar_gaps_depend_on_nothing() -> None:
    made = simulate(Settings(rows=ROWS, missing=0.2, seed=1))
    full = simulate(Settings(rows=ROWS, seed=1))
    for column in made.data:
        assert abs(np.isnan(made.data[column]).mean() - 0.2) < SHARE
        for other in full.data:
            low, high = gap_rates(made, column, full.data[other])
            assert abs(low - high) < 0.025  # standard error .004; 100 comparisons


def test_mar_gaps_depend_on_their_driver_alone() -> None:
    """Given the driver, neither the hidden value itself nor any other column moves the odds of a gap."""
    made = simulate(Settings(rows=ROWS, missing=0.2, mechanism="mar", seed=1))
    full = simulate(Settings(rows=ROWS, seed=1))
    assert abs(np.isnan(matrix(made)).mean() - 0.2) < SHARE
    assert len(made.drivers) == 10 - round(COMPLETE * 10)
    for column, driver in made.drivers.items():
        assert not np.isnan(made.data[driver]).any()
        gaps = np.isnan(made.data[column])
        z = made.data[driver]
        bend = logit_slopes(gaps, np.column_stack([z, *(full.data[n] for n in full.data if n != driver)]))
        assert abs(bend[0] - SLOPE) < 0.2  # standard error about .03 with nine covariates
        assert np.abs(bend[1:]).max() < 0.15


def logit_slopes(y: np.ndarray[Any, Any], x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Logistic regression by Newton's method."""
    x = np.column_stack([np.ones(len(x)), x])
    b = np.zeros(x.shape[1])
    for _ in range(12):
        mean = 1 / (1 + np.exp(-x @ b))
        b += np.linalg.solve((x * (mean * (1 - mean))[:, None]).T @ x, x.T @ (y - mean))
    return b[1:]


def test_selection_keeps_the_share_and_moves_what_it_depends_on() -> None:
    whole = simulate(Settings(rows=ROWS, seed=1))
    part = simulate(Settings(rows=ROWS, seed=1, selection=0.3))
    assert len(part.selected_on) == 2
    assert len(part.data["X1"]) == ROWS
    assert part.truth == whole.truth
    for name in part.selected_on:
        assert part.data[name].mean() > whole.data[name].mean() + 0.3


def test_domains_change_a_third_of_the_mechanisms_and_no_other() -> None:
    made = simulate(Settings(rows=ROWS, domains=3, seed=2))
    domain = made.data["domain"]
    assert set(domain.tolist()) == {"d1", "d2", "d3"}
    assert len(made.changed) == 3
    assert {e.target for e in made.graph.edges if e.source == "domain"} == set(made.changed)
    for node in made.variables:
        parents = [e.source for e in made.graph.edges if e.target == node and e.source != "domain"]
        fits = []
        for d in ("d1", "d2", "d3"):
            design = np.column_stack(
                [made.data[q][domain == d] for q in parents] + [np.ones((domain == d).sum())]
            )
            fits.append(np.linalg.lstsq(design, made.data[node][domain == d], rcond=None)[0])
        apart = float(np.abs(np.array(fits) - fits[0]).max())
        assert (apart > COVARIANCE) == (node in made.changed), node


def test_an_intervention_cuts_its_target_off() -> None:
    made = simulate(Settings(rows=ROWS, interventions=2, seed=3))
    regime = made.data["intervention"]
    assert set(regime.tolist()) == {"none", *made.targets}
    assert abs((regime == "none").mean() - 0.5) < SHARE
    ancestors = simulate(Settings(rows=ROWS, seed=3))
    for target in made.targets:
        rows = regime == target
        causes = [e.source for e in made.graph.edges if e.target == target and e.source != "intervention"]
        effects = [e.target for e in made.graph.edges if e.source == target]
        for cause in causes:
            forced = np.corrcoef(made.data[cause][rows], made.data[target][rows])[0, 1]
            assert abs(forced) < 4.5 / sqrt(rows.sum())
        assert causes or effects
    assert ancestors.weights is not None
    assert np.array_equal(ancestors.weights, made.weights)  # type: ignore[arg-type]


# --- series ---------------------------------------------------------------------------------------------------------


def test_a_series_obeys_its_equations_and_its_long_run_covariance() -> None:
    made = simulate(Settings(nodes=5, rows=30_000, lags=2, degree=1, seed=1))
    assert made.weights is not None
    assert made.noise_spread is not None
    x = matrix(made)
    expected = long_run_covariance(made.weights, made.noise_spread)
    assert np.abs(np.diag(expected) - 1).max() < 1e-9
    assert np.abs(np.cov(x, rowvar=False) - expected).max() < 2 * COVARIANCE  # rows are not independent
    noise = x[2:] - sum(x[2 - lag : len(x) - lag] @ made.weights[lag] for lag in range(3))
    assert np.abs(np.corrcoef(noise, rowvar=False) - np.eye(5)).max() < 5 / sqrt(len(x))
    assert np.abs(noise.std(axis=0) / made.noise_spread - 1).max() < COVARIANCE
    edges = {(e.lag, e.source, e.target) for e in made.truth.edges}
    assert edges == {(lag, f"X{i + 1}", f"X{j + 1}") for lag, i, j in np.argwhere(made.weights)}


def test_a_drifting_series_has_no_constant_mean() -> None:
    def wander(drift: bool) -> float:
        x = matrix(simulate(Settings(nodes=5, rows=2_000, lags=1, degree=1, drift=drift, seed=2)))
        return float(np.abs(x[:500].mean(axis=0) - x[-500:].mean(axis=0)).max())

    assert wander(False) < 0.8  # standard error with roots of .9 is below .2
    assert wander(True) > 2


# --- seeds ----------------------------------------------------------------------------------------------------------

EVERYTHING = (
    Settings(kind="mixed", missing=0.1, mechanism="mar", domains=2, latents=2),
    Settings(kind="discrete", missing=0.1),
    Settings(kind="nonlinear", measurement_error=0.1, interventions=2),
    Settings(kind="nongaussian", selection=0.5),
    Settings(lags=2, degree=1, missing=0.1),
)


@pytest.mark.parametrize("settings", EVERYTHING, ids=lambda s: s.kind + ("-series" if s.lags else ""))
def test_the_seed_decides_and_more_rows_keep_the_first(settings: Settings) -> None:
    first, again = simulate(replace(settings, rows=300)), simulate(replace(settings, rows=300))
    longer = simulate(replace(settings, rows=700))
    other = simulate(replace(settings, rows=300, seed=1))
    assert first.graph == longer.graph == again.graph
    for name, values in first.data.items():
        np.testing.assert_array_equal(values, again.data[name])
        np.testing.assert_array_equal(values, longer.data[name][:300])
    assert other.graph != first.graph


@pytest.mark.parametrize(
    "wrong",
    [
        {"nodes": 1},
        {"rows": 0},
        {"degree": 10},
        {"edge_probability": 1.5},
        {"graph": "scale-free", "edge_probability": 0.2},
        {"weights": (2.0, 1.0)},
        {"missing": 0.9},
        {"measurement_error": 1.0},
        {"selection": 0.0},
        {"domains": 0},
        {"latents": -1},
        {"drift": True},
        {"lags": 1, "kind": "discrete"},
        {"lags": 1, "latents": 1},
        {"rows": 10**9},
    ],
    ids=str,
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError) as told:
        simulate(Settings(**wrong))
    assert told.value.hint
