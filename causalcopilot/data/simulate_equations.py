"""Structural equations: one per variable, drawn once, then evaluated on as many rows as wanted.

Every variable has noise streams of its own, so the first rows of a long table are the rows of a short one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from causalcopilot.data.simulate_graphs import causal_order

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]
    Links = NDArray[np.bool_]

Noise = Literal["gaussian", "laplace", "uniform", "exponential", "any"]
Scaling = Literal["inside", "after", "none"]
Streams = Sequence[int]

PILOT = 4_000
"""Rows on which centre and spread of each variable are measured before anything is written."""
TABLE_SPREAD, CODE_SPREAD, CURVE = 1.3, 1.0, 1.2
"""Strength of the links from and to categories, and of curved links."""


@dataclass(frozen=True)
class Link:
    """What one cause adds to an effect.

    Attributes:
        cause: its variable.
        weight: slope of a linear link, strength of a curved one.
        form: ``linear``, ``tanh``, ``square``, ``sine`` or ``waves`` (a draw from a smooth Gaussian process).
        table: by level of a categorical cause, else by nothing: (levels,) for a number as effect,
            (levels, k) or (1, k) for an effect with k levels.
        waves: (3, m) frequencies, phases and amplitudes of ``waves``.
    """

    cause: int
    weight: float = 1.0
    form: str = "linear"
    table: Values | None = None
    waves: Values | None = None


@dataclass(frozen=True)
class Equation:
    """One variable as a function of its causes and noise.

    Attributes:
        links: what its causes add.
        levels: number of levels of a category, 0 for a number.
        noise: its distribution (numbers only; categories are chosen by Gumbel noise, hence multinomial logit).
        bias: (levels,) or (1,) constant.
        factors: (domains, links) by which each link is multiplied.
        offsets: (domains, levels or 1) added.
        centre, spread: mean and standard deviation before scaling, measured on the pilot rows.
    """

    links: tuple[Link, ...]
    levels: int
    noise: Noise
    bias: Values
    factors: Values
    offsets: Values
    centre: float = 0.0
    spread: float = 1.0


@dataclass(frozen=True)
class Model:
    """All equations, in node order, and how numbers are scaled (see ``Settings.scaling``)."""

    equations: tuple[Equation, ...]
    order: tuple[int, ...]
    scaling: Scaling

    def linear_weights(self, domain: int = 0) -> Values:
        """(p, p) coefficients in the units of the output; meaningful where all links are linear."""
        import numpy as np

        out = np.zeros((len(self.equations), len(self.equations)))
        for j, equation in enumerate(self.equations):
            for link, factor in zip(equation.links, equation.factors[domain], strict=True):
                unit = self.equations[link.cause].spread if self.scaling == "after" else 1.0
                out[link.cause, j] = link.weight * factor * unit / self._unit(j)
        return out

    def noise_spread(self) -> Values:
        """(p,) standard deviations of the noises in the units of the output."""
        import numpy as np

        return np.array([1.0 / self._unit(j) for j in range(len(self.equations))])

    def _unit(self, j: int) -> float:
        return 1.0 if self.scaling == "none" else self.equations[j].spread


def draw_model(
    links: Links,
    categories: Links,
    *,
    curved: bool,
    noise: Noise,
    weights: tuple[float, float],
    changed: Sequence[int],
    domains: int,
    scaling: Scaling,
    streams: Streams,
) -> Model:
    """Random equations on a graph.

    Args:
        links: (p, p) who causes whom.
        categories: (p,) which variables are categories (2 to 4 levels).
        curved: additive curved links between numbers instead of linear ones.
        noise: distribution of the noises; ``any`` draws Laplace, uniform or exponential for each variable.
        weights: least and greatest size of a linear weight; signs are random.
        changed: variables whose equation differs between domains.
        domains: number of domains, 1 for none.
        scaling: see ``Settings``.
        streams: seed of everything drawn here.
    """
    import numpy as np

    rng = np.random.default_rng([*streams, 1])
    levels = np.where(categories, rng.integers(2, 5, len(links)), 0)
    equations = []
    for j in range(len(links)):
        causes = links[:, j].nonzero()[0]
        drawn = tuple(_link(int(i), int(levels[i]), int(levels[j]), curved, weights, rng) for i in causes)
        size = max(1, int(levels[j]))
        bias = 0.4 * rng.standard_normal(size) if levels[j] else np.zeros(1)
        kind: Noise = noise
        if noise == "any":
            choices: tuple[Noise, ...] = ("laplace", "uniform", "exponential")
            kind = choices[int(rng.integers(3))]
        factors, offsets = np.ones((domains, len(drawn))), np.zeros((domains, size))
        if j in changed:
            factors[1:] = rng.uniform(0.2, 1.8, (domains - 1, len(drawn)))
            offsets[1:] = 1.5 * rng.standard_normal((domains - 1, size))
        equations.append(Equation(drawn, int(levels[j]), kind, bias, factors, offsets))
    model = Model(tuple(equations), causal_order(links), scaling)
    return _calibrated(model, domains, (*streams, 2))


def _link(
    cause: int, levels: int, k: int, curved: bool, weights: tuple[float, float], rng: np.random.Generator
) -> Link:
    import numpy as np

    if levels and k:
        return Link(cause, table=TABLE_SPREAD * rng.standard_normal((levels, k)))
    if levels:
        table = CODE_SPREAD * rng.standard_normal(levels)
        return Link(cause, table=table - table.mean())
    if k:
        return Link(cause, table=TABLE_SPREAD * rng.standard_normal((1, k)))
    if not curved:
        return Link(cause, float(rng.uniform(*weights) * rng.choice([-1.0, 1.0])))
    form = ("tanh", "square", "sine", "waves")[int(rng.integers(4))]
    if form != "waves":
        return Link(cause, CURVE * float(rng.choice([-1.0, 1.0])), form)
    m = 20
    waves = np.array([1.5 * rng.standard_normal(m), rng.uniform(0, 2 * np.pi, m), rng.standard_normal(m)])
    return Link(cause, CURVE, form, waves=waves)


def _added(link: Link, values: Values, from_category: bool) -> Values:
    """What the cause adds: (n, 1) to a number, (n, k) to the logits of a category."""
    import numpy as np

    if link.table is not None:
        if from_category:
            return link.table[values.astype(np.int64)].reshape(len(values), -1)
        return values[:, None] * link.table
    if link.form == "linear":
        out = values
    elif link.form == "tanh":
        out = np.tanh(2 * values)
    elif link.form == "square":
        out = (np.minimum(values**2, 16.0) - 1) / 1.4  # capped: chains of squares have no variance
    elif link.form == "sine":
        out = np.sin(2 * values)
    else:
        assert link.waves is not None
        frequency, phase, size = link.waves
        out = np.cos(np.outer(values, frequency) + phase) @ size * np.sqrt(2 / len(size))
    return (link.weight * out)[:, None]


def noise_of(kind: Noise, rows: int, rng: np.random.Generator) -> Values:
    """Noise of mean zero and variance one."""
    import numpy as np

    if kind == "laplace":
        return rng.laplace(0.0, np.sqrt(0.5), rows)
    if kind == "uniform":
        return rng.uniform(-np.sqrt(3), np.sqrt(3), rows)
    if kind == "exponential":
        return rng.exponential(1.0, rows) - 1
    return rng.standard_normal(rows)


def _raw(
    model: Model, j: int, working: Sequence[Values], domain: NDArray[np.int64], streams: Streams
) -> Values:
    """A variable before scaling, given its causes."""
    import numpy as np

    equation, rows = model.equations[j], len(domain)
    rng = np.random.default_rng([*streams, j])
    total = equation.bias + equation.offsets[domain]
    for n, link in enumerate(equation.links):
        part = _added(link, working[link.cause], bool(model.equations[link.cause].levels))
        total = total + equation.factors[domain, n][:, None] * part
    if equation.levels:
        chosen = np.argmax(total + rng.gumbel(size=(rows, equation.levels)), axis=1)
        return np.asarray(chosen, np.float64)
    return np.asarray(total[:, 0] + noise_of(equation.noise, rows, rng))


def _calibrated(model: Model, domains: int, streams: Streams) -> Model:
    """The model with centre and spread of every number measured, causes before effects."""
    import numpy as np

    domain = np.random.default_rng([*streams, 10**6]).integers(0, domains, PILOT)
    equations = list(model.equations)
    working = [np.empty(0)] * len(equations)
    for j in model.order:
        working[j] = _raw(model, j, working, domain, streams)
        if not equations[j].levels:
            equations[j] = replace(
                equations[j], centre=float(working[j].mean()), spread=float(working[j].std())
            )
            if model.scaling == "inside":
                working[j] = (working[j] - equations[j].centre) / equations[j].spread
    return replace(model, equations=tuple(equations))


def evaluate(
    model: Model,
    domain: NDArray[np.int64],
    streams: Streams,
    forced: Mapping[int, Links] | None = None,
) -> Values:
    """(n, p) rows of the model; categories as codes from 0.

    Args:
        model: the equations.
        domain: (n,) domain of each row.
        streams: seed of the noises.
        forced: rows in which a variable is set at random whatever its causes (a hard intervention): numbers to
            a standard normal in the variable's own scale, categories to any level alike.
    """
    import numpy as np

    rows = len(domain)
    working = [np.empty(0)] * len(model.equations)
    for j in model.order:
        equation = model.equations[j]
        values = _raw(model, j, working, domain, streams)
        if forced and j in forced:
            rng = np.random.default_rng([*streams, j, 1])
            free = equation.centre + equation.spread * rng.standard_normal(rows)
            if equation.levels:
                free = rng.integers(0, equation.levels, rows).astype(np.float64)
            values = np.where(forced[j], free, values)
        inside = model.scaling == "inside" and not equation.levels
        working[j] = (values - equation.centre) / equation.spread if inside else values
    if model.scaling == "after":
        numbers = [(w, e) for w, e in zip(working, model.equations, strict=True)]
        working = [w if e.levels else (w - e.centre) / e.spread for w, e in numbers]
    return np.column_stack(working)
