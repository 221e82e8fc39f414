"""From settings to a table: graph, equations, rows, and what gets into the columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.data import simulate_graphs as graphs
from causalcopilot.data.simulate_equations import PILOT, Model, Noise, draw_model, evaluate
from causalcopilot.data.simulate_observation import (
    SLOPE,
    expit,
    intercept,
    mar,
    mar_drivers,
    mcar,
    with_error,
)
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.data.simulation import Simulation
from causalcopilot.graph.graph import Edge, Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Flags = NDArray[np.bool_]

DOMAIN, REGIME, NOBODY, TIME = "domain", "intervention", "none", "time"
LABELS = "abcd"
_GRAPH, _HIDDEN, _TYPES, _CONTEXT, _NOISE, _ERROR, _GAPS, _SELECTION, _DRIVERS = range(10, 19)
"""Random streams, one per purpose: changing one setting leaves what the others draw alone."""
_TABLE, _PILOT, _POPULATION = range(3)
"""Rows drawn for the table, and others on which rates are set."""


@dataclass(frozen=True)
class _Rows:
    """Rows of all variables, latents last, with the domain of each and the variable set in it (0 for none)."""

    values: Values
    domain: Codes
    regime: Codes


@dataclass(frozen=True)
class _Plan:
    """What is fixed before any row is drawn."""

    settings: Settings
    links: Flags
    model: Model
    changed: tuple[int, ...]
    targets: tuple[int, ...]
    selected_on: tuple[int, ...]
    noisy: tuple[int, ...]
    spread: Values


def draw_table(settings: Settings) -> Simulation:
    """Independent rows; see ``simulate``."""
    plan = _plan(settings)
    rows = _select(plan, settings.rows, _TABLE)
    seen = _recorded(plan, rows.values, _TABLE)
    gaps, drivers = _gaps(
        settings, seen, lambda: _recorded(plan, _select(plan, PILOT, _PILOT).values, _PILOT)
    )
    names = _names(settings.nodes, settings.latents)
    levels = [e.levels for e in plan.model.equations]
    data = {n: _column(seen[:, j], gaps[:, j], levels[j]) for j, n in enumerate(names[: settings.nodes])}
    hidden = {n: rows.values[:, j] for j, n in enumerate(names) if j >= settings.nodes}
    data |= _context(settings, rows, [names[j] for j in plan.targets])
    graph = _graph(plan, names)
    weights, effects = _linear_truth(plan)
    return Simulation(
        data=data,
        graph=graph,
        truth=_class_of(graph),
        weights=weights,
        noise_spread=plan.model.noise_spread() if settings.linear else None,
        effects=effects,
        variables=names,
        latent_values=hidden,
        changed=tuple(names[j] for j in plan.changed),
        targets=tuple(names[j] for j in plan.targets),
        selected_on=tuple(names[j] for j in plan.selected_on),
        drivers={names[a]: names[b] for a, b in drivers.items()},
        settings=settings,
    )


def _plan(s: Settings) -> _Plan:
    import numpy as np

    links = _links(s)
    rng = np.random.default_rng([s.seed, _TYPES])
    size = s.nodes + s.latents
    share = {"discrete": 1.0, "mixed": s.discrete_share}.get(s.kind, 0.0)
    categories = np.zeros(size, bool)
    categories[rng.permutation(s.nodes)[: round(share * s.nodes)]] = True
    if s.kind == "discrete":
        categories[s.nodes :] = True
    context = np.random.default_rng([s.seed, _CONTEXT])
    order = [int(j) for j in context.permutation(s.nodes)]
    changed = tuple(sorted(order[: max(1, s.nodes // 3)])) if s.domains > 1 else ()
    targets = tuple(sorted(int(j) for j in context.permutation(s.nodes)[: s.interventions]))
    selected = tuple(sorted(int(j) for j in context.permutation(s.nodes)[:2])) if s.selection < 1 else ()
    numbers = [int(j) for j in context.permutation(s.nodes) if not categories[j]]
    noisy = tuple(sorted(numbers[: round(s.error_share * len(numbers))])) if s.measurement_error else ()
    model = draw_model(
        links,
        categories,
        curved=s.kind == "nonlinear",
        noise=_noise(s),
        weights=s.weights,
        changed=changed,
        domains=s.domains,
        scaling=s.scaling,
        streams=(s.seed,),
    )
    spread = np.array([e.spread if s.scaling == "none" else 1.0 for e in model.equations])
    return _Plan(s, links, model, changed, targets, selected, noisy, spread)


def _links(s: Settings) -> Flags:
    import numpy as np

    rng = np.random.default_rng([s.seed, _GRAPH])
    if s.graph == "er":
        probability = s.degree / (s.nodes - 1) if s.edge_probability is None else s.edge_probability
        links = graphs.erdos_renyi(s.nodes, probability, rng)
    else:
        links = graphs.scale_free(s.nodes, s.degree, rng)
    return graphs.with_latents(links, s.latents, np.random.default_rng([s.seed, _HIDDEN]))


def _noise(s: Settings) -> Noise:
    return s.noise or ("any" if s.kind == "nongaussian" else "gaussian")


def _names(nodes: int, latents: int) -> tuple[str, ...]:
    return (*(f"X{i + 1}" for i in range(nodes)), *(f"U{i + 1}" for i in range(latents)))


# --- rows ---------------------------------------------------------------------------------------------------------


def _draw(plan: _Plan, rows: int, stream: int) -> _Rows:
    """Rows of the population."""
    import numpy as np

    s = plan.settings
    domain = np.random.default_rng([s.seed, _CONTEXT, stream, 1]).integers(0, s.domains, rows)
    drawn = np.random.default_rng([s.seed, _CONTEXT, stream, 2]).random(rows)
    count = len(plan.targets)
    # half of the rows are left alone, the others are shared out among the targets
    regime = np.where(drawn < 0.5, 0, 1 + np.floor((2 * drawn - 1) * max(1, count))).astype(np.int64)
    regime = regime if count else np.zeros(rows, np.int64)
    forced = {j: regime == k for k, j in enumerate(plan.targets, 1)}
    return _Rows(evaluate(plan.model, domain, (s.seed, _NOISE, stream), forced), domain, regime)


def _select(plan: _Plan, rows: int, stream: int) -> _Rows:
    """Rows that get into the table: the odds rise with both variables of the selection."""
    import numpy as np

    s = plan.settings
    if s.selection == 1:
        return _draw(plan, rows, stream)
    pilot = _drive(plan, _draw(plan, PILOT, _POPULATION))
    constant = intercept(pilot, s.selection)
    size = int(1.1 * rows / s.selection) + 100
    while True:
        drawn = _draw(plan, size, stream)
        chance = expit(constant + _drive(plan, drawn))
        kept = np.flatnonzero(np.random.default_rng([s.seed, _SELECTION, stream]).random(size) < chance)[
            :rows
        ]
        if len(kept) == rows:
            return _Rows(drawn.values[kept], drawn.domain[kept], drawn.regime[kept])
        size *= 2


def _drive(plan: _Plan, rows: _Rows) -> Values:
    import numpy as np

    chosen = list(plan.selected_on)
    return np.asarray(SLOPE * (rows.values[:, chosen] / plan.spread[chosen]).sum(axis=1))


def _recorded(plan: _Plan, values: Values, stream: int) -> Values:
    """(n, nodes) what is written down of the measured variables."""
    s = plan.settings
    streams = (s.seed, _ERROR, stream)
    return with_error(values[:, : s.nodes], plan.noisy, s.measurement_error, plan.spread, streams)


def _gaps(s: Settings, seen: Values, pilot: Any) -> tuple[Flags, dict[int, int]]:
    """(n, nodes) missing cells, and what drives them; ``pilot()`` gives other rows of the same table."""
    import numpy as np

    if not s.missing:
        return np.zeros(seen.shape, bool), {}
    if s.mechanism == "mcar":
        return mcar(len(seen), s.nodes, s.missing, (s.seed, _GAPS)), {}
    drivers = mar_drivers(s.nodes, (s.seed, _DRIVERS))
    return mar(seen, pilot(), drivers, s.missing, (s.seed, _GAPS)), drivers


def _column(values: Values, gaps: Flags, levels: int) -> NDArray[Any]:
    import numpy as np

    if levels <= 2:
        return np.where(gaps, np.nan, values)
    out = np.array(list(LABELS), dtype=object)[values.astype(np.int64)]
    out[gaps] = None
    return out


def _context(s: Settings, rows: _Rows, targets: list[str]) -> dict[str, NDArray[Any]]:
    import numpy as np

    out: dict[str, NDArray[Any]] = {}
    if s.domains > 1:
        out[DOMAIN] = np.array([f"d{k + 1}" for k in range(s.domains)], dtype=object)[rows.domain]
    if targets:
        out[REGIME] = np.array([NOBODY, *targets], dtype=object)[rows.regime]
    return out


# --- truth --------------------------------------------------------------------------------------------------------


def _graph(plan: _Plan, names: tuple[str, ...]) -> Graph:
    import numpy as np

    nodes = plan.settings.nodes
    arrows = [(names[i], names[j]) for i, j in np.argwhere(plan.links)]
    arrows += [(DOMAIN, names[j]) for j in plan.changed]
    arrows += [(REGIME, names[j]) for j in plan.targets]
    context = [DOMAIN] * bool(plan.changed) + [REGIME] * bool(plan.targets)
    return Graph.from_arrows("dag", (*names[:nodes], *context, *names[nodes:]), arrows, names[nodes:])


def _class_of(graph: Graph) -> Graph:
    if graph.latents:
        from causalcopilot.graph.pags import pag_of

        return pag_of(graph)
    from causalcopilot.graph.equivalence import cpdag_of

    return cpdag_of(graph)


def _linear_truth(plan: _Plan) -> tuple[Values | None, Values | None]:
    """Weights of the first domain, and total effects averaged over domains."""
    if not plan.settings.linear:
        return None, None
    domains = range(plan.settings.domains)
    each = [total_effects(plan.model.linear_weights(k)) for k in domains]
    return plan.model.linear_weights(0), sum(each[1:], each[0]) / len(each)


def total_effects(weights: Values) -> Values:
    """(p, p) sums over directed paths of products of weights; zero on the diagonal (Wright 1934)."""
    import numpy as np

    unit = np.eye(len(weights))
    return np.asarray(np.linalg.inv(unit - weights) - unit)


# --- series -------------------------------------------------------------------------------------------------------


def draw_series(settings: Settings) -> Simulation:
    """A time series; see ``simulate``."""
    import numpy as np

    from causalcopilot.data.simulate_series import draw_process, long_run_covariance, run_process

    s = settings
    process = draw_process(_links(s), s.lags, _noise(s), s.scaling == "inside", (s.seed,))
    spread = np.sqrt(np.diag(long_run_covariance(process.weights, process.spread)))
    noisy = range(round(s.error_share * s.nodes)) if s.measurement_error else range(0)

    def recorded(rows: int, stream: int) -> Values:
        values = run_process(process, rows, s.drift, (s.seed, _NOISE, stream))
        return with_error(values, noisy, s.measurement_error, spread, (s.seed, _ERROR, stream))

    seen = recorded(s.rows, _TABLE)
    gaps, drivers = _gaps(s, seen, lambda: recorded(PILOT, _PILOT))
    names = _names(s.nodes, 0)
    data: dict[str, NDArray[Any]] = {TIME: np.arange(s.rows)}
    data |= {n: _column(seen[:, j], gaps[:, j], 0) for j, n in enumerate(names)}
    edges = [Edge(names[i], names[j], lag=int(lag)) for lag, i, j in np.argwhere(process.weights)]
    graph = Graph("lagged", names, tuple(edges))
    return Simulation(
        data=data,
        graph=graph,
        truth=graph,
        weights=process.weights,
        noise_spread=process.spread,
        effects=None,
        variables=names,
        drivers={names[a]: names[b] for a, b in drivers.items()},
        settings=settings,
    )
