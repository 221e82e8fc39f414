"""Identification that a graph gives without a valid adjustment set: the front door, or a general expression."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.estimate import Estimate
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.errors import DataError, NotApplicable
from causalcopilot.graph.expressions import Expression, columns_of, value
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.id import General, general_identification
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects import specification
from causalcopilot_tools.effects.coding import code_outcome, code_treatment
from causalcopilot_tools.effects.designs.front_door import front_door, product_of_slopes
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.nuisance import cross_fit_arms
from causalcopilot_tools.effects.refit import Prepared, bases_of, outcome_bounds, prepare, prepare_with
from causalcopilot_tools.effects.sampling import Sampling, clustered
from causalcopilot_tools.effects.work import Work

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MOST_LEVELS, MOST_CELLS = 12, 20_000
DRAWS = 300
"""Bootstrap samples of the plug-in estimate."""


# --- the front door -------------------------------------------------------------------------------------------


def mediators_of(found: Identification) -> tuple[str, ...]:
    """The mediators that the front door goes through."""
    return tuple(n for n in design_value(found, "mediators").split(", ") if n)


def front_door_rows(context: Context, found: Identification) -> Prepared:
    """The arrays of a front-door effect, with the mediators where controls would stand."""
    held = Controls(mediators_of(found))
    return prepare(context, replace(found, controls=held, strategy="Conditional Exogeneity"))


def estimate_front_door(context: Context, found: Identification, level: float) -> Work:
    """Cross-fitted one-step estimate beside the product of slopes; for a number the product of slopes.

    Raises:
        NotApplicable: a treatment of more than two levels.
    """
    p = front_door_rows(context, found)
    if p.kind == "categorical":
        raise NotApplicable(
            f"{p.treatment} has several levels, and the front door is estimated for two values or a number",
            "keep the rows of two levels, or read the treatment as a number",
        )
    s = p.sampling
    lines = clustered(product_of_slopes(p.Y, p.T, p.X, p.step, s.weights), s)
    straight = _made(
        p, "front_door_lines", lines.value, lines.std_error, level, "straight lines, no interactions"
    )
    if p.kind == "continuous":
        return Work(p, (straight, specification.unadjusted(p, level)))
    fits = cross_fit_arms(bases_of(p), p.Y, p.T, context.seed, bounds=outcome_bounds(p))
    e = clustered(front_door(p.Y, p.T, fits["stack"], s.weights), s)
    main = _made(p, "front_door", e.value, e.std_error, level, "through the mediators only; cross-fitted")
    return Work(p, (main, straight, specification.unadjusted(p, level)))


def _made(p: Prepared, method: str, point: float, error: float, level: float, note: str) -> Estimate:
    return specification.make(p, method, point, error, p.sampling.quantile(level) * error, level, note)


# --- a general expression ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cells:
    """A table of counts over the expression's columns.

    Attributes:
        names: columns, in order.
        treatment, outcome: two of them.
        counts: array with one axis a column, weighed where rows are.
        cell: (n,) number of each row's cell.
        sampling: clusters and weights of these rows.
        at: position of the control and the treated value on the treatment's axis.
        scores: the outcome's value at each of its levels.
    """

    names: tuple[str, ...]
    treatment: str
    outcome: str
    counts: NDArray[np.float64]
    cell: NDArray[np.int64]
    sampling: Sampling
    at: tuple[int, int]
    scores: NDArray[np.float64]

    def drawn(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """The counts of a bootstrap sample: of rows, or of whole clusters."""
        import numpy as np

        s, shape = self.sampling, self.counts.shape
        if s.plain:
            n = int(self.counts.sum())
            return rng.multinomial(n, (self.counts / n).ravel()).reshape(shape).astype(float)
        code = (
            np.arange(len(self.cell)) if s.clusters is None else np.unique(s.clusters, return_inverse=True)[1]
        )
        G = int(code.max()) + 1
        times = rng.multinomial(G, np.full(G, 1.0 / G))[code] * (1.0 if s.weights is None else s.weights)
        made: NDArray[np.float64] = np.bincount(self.cell, times, self.counts.size).astype(float)
        return made.reshape(shape)


def general_rows(context: Context, found: Identification) -> Prepared:
    """Treatment and outcome of the rows whose cells are counted, without controls."""
    return _general(context, found)[1]


def _general(context: Context, found: Identification) -> tuple[General, Prepared, pd.DataFrame]:
    """The expression, its rows, and their values in its columns."""
    t, y = found.treatments[0], found.outcomes[0]
    general = general_identification(from_dagitty(design_value(found, "graph")), t, y)
    if general is None or general.expression is None:
        raise NotApplicable("the graph gives no expression for this effect", "identify it again")
    names = sorted(columns_of(general.expression) | {t, y})
    return general, *prepare_with(context, replace(found, controls=Controls()), names)


def estimate_general(context: Context, found: Identification, level: float) -> Work:
    """Plug the observed shares into the expression; the standard error by the bootstrap.

    Raises:
        NotApplicable: a column of the expression has too many values, or the cells are too many.
    """
    import numpy as np

    general, p, frame = _general(context, found)
    assert general.expression is not None
    cells = _cells(context, found, p, frame)
    point = _plug_in(general.expression, cells, cells.counts)
    rng = np.random.default_rng([context.seed, 71])
    draws = [_plug_in(general.expression, cells, cells.drawn(rng)) for _ in range(DRAWS)]
    error = float(np.std(draws, ddof=1))
    main = _made(
        p, "plug_in", point, error, level, f"shares plugged into {general.formula}; bootstrap errors"
    )
    return Work(p, (main, specification.unadjusted(p, level)))


def _cells(context: Context, found: Identification, p: Prepared, frame: pd.DataFrame) -> Cells:
    import numpy as np

    names = tuple(str(n) for n in frame.columns)
    t, y = found.treatments[0], found.outcomes[0]
    codes, sizes = [], []
    for name in names:
        values, found_levels = frame[name].factorize(sort=True)
        if len(found_levels) > MOST_LEVELS:
            raise NotApplicable(
                f"the effect is identified by an expression, but {name} has {len(found_levels)} values and ccp"
                f" estimates such expressions for columns of {MOST_LEVELS} or fewer",
                "cut the column into levels",
            )
        codes.append(values)
        sizes.append(len(found_levels))
    if int(np.prod(sizes)) > MOST_CELLS:
        raise NotApplicable(
            f"the effect is identified by an expression over {int(np.prod(sizes)):,d} cells, too many to estimate",
            "cut its columns into fewer levels",
        )
    cell = np.ravel_multi_index(tuple(codes), tuple(sizes)).astype(np.int64)
    counts = np.bincount(cell, p.sampling.weights, int(np.prod(sizes))).reshape(sizes).astype(float)
    places, scores = _places(frame, found, t), _scores(context, p, frame, y)
    return Cells(names, t, y, counts, cell, p.sampling, places, scores)


def _places(frame: pd.DataFrame, found: Identification, t: str) -> tuple[int, int]:
    """Where the two compared values stand among the treatment's sorted levels."""
    import numpy as np

    T, _ = code_treatment(
        frame[t], "binary" if found.treatment_type == "binary" else "categorical", found.contrast
    )
    codes = frame[t].factorize(sort=True)[0]
    if not ((T == 0).any() and (T == 1).any()):
        raise DataError(f"a compared value of {t} does not occur", "compare values that the table holds")
    return int(codes[np.flatnonzero(T == 0)[0]]), int(codes[np.flatnonzero(T == 1)[0]])


def _scores(context: Context, p: Prepared, frame: pd.DataFrame, y: str) -> NDArray[np.float64]:
    """The outcome's value, as estimates report it, at each of its sorted levels."""
    import numpy as np

    profile = next((c for c in context.profile.columns if c.name == y), None)
    coded = code_outcome(frame[y], p.unit, profile.type if profile else None, ()).values
    codes, levels = frame[y].factorize(sort=True)
    return np.array([coded[np.flatnonzero(codes == k)[0]] for k in range(len(levels))], dtype=float)


def _plug_in(expression: Expression, cells: Cells, counts: NDArray[np.float64]) -> float:
    """Mean outcome under the treated value less that under the control value."""
    joint = counts / counts.sum()
    axes, array = value(expression, (cells.names, joint))
    low, high = (_mean(axes, array, cells, joint, at) for at in cells.at)
    return high - low


def _mean(
    axes: tuple[str, ...], array: NDArray[np.float64], cells: Cells, joint: NDArray[np.float64], at: int
) -> float:
    """Mean outcome at one treatment value; columns the answer need not depend on are averaged by their shares."""
    import numpy as np

    if cells.treatment in axes:
        array = np.asarray(np.take(array, at, axis=axes.index(cells.treatment)))
        axes = tuple(n for n in axes if n != cells.treatment)
    array = np.moveaxis(array, axes.index(cells.outcome), -1)
    rest = tuple(n for n in axes if n != cells.outcome)
    gone = tuple(i for i, n in enumerate(cells.names) if n not in rest)
    weights = joint.sum(axis=gone)[..., None]
    shares: NDArray[np.float64] = (array * weights).reshape(-1, array.shape[-1]).sum(axis=0)
    return float(shares @ cells.scores / shares.sum())
