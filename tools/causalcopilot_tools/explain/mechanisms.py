"""Mechanisms of a structural model: each column as a function of its parents, plus noise of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NodeKind = Literal["number", "binary", "levels"]
Form = Literal["root", "linear", "curved", "interacting"]

KNOTS = (0.2, 0.4, 0.6, 0.8)
"""Quantiles at which a curved mechanism may bend; beyond the outer ones it runs on straight."""
MAX_PRODUCTS = 28
"""Products of two parents an interacting mechanism may have: all pairs of eight."""
ROWS_TO_BEND = 200
"""Fewer rows than this fit straight lines only."""
FOLDS = 5
RIDGE = 1e-8
"""Share of the rows added to the diagonal: keeps equations solvable where parents determine one another."""


@dataclass(frozen=True)
class Node:
    """One column of the model.

    Attributes:
        name: column.
        at: its position among the nodes, causes before effects.
        kind: ``number``; ``binary`` for two values, coded 0 and 1; ``levels`` for more labels, coded from 0.
        parents: positions of its parents, all before its own.
        levels: the values behind the codes, in order; empty for numbers.
    """

    name: str
    at: int
    kind: NodeKind
    parents: tuple[int, ...] = ()
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shape:
    """How parents enter a mechanism; settled on all rows once, and kept when it is fitted again.

    Attributes:
        form: ``root`` without parents, else ``linear``, ``curved`` (linear splines) or ``interacting``
            (splines and products of two parents).
        blocks: for each parent its position, its number of levels (0 for a number), centre, scale and knots.
    """

    form: Form
    blocks: tuple[tuple[int, int, float, float, tuple[float, ...]], ...] = ()

    def features(self, values: Floats) -> Floats:
        """(n, k) features of (n, p) node values, the first of them 1."""
        import numpy as np

        straight: list[Floats] = []
        bent: list[Floats] = []
        for at, levels, centre, scale, knots in self.blocks:
            v = values[:, at]
            if levels:
                straight += [(v == i).astype(float) for i in range(1, levels)]
                continue
            z = (v - centre) / scale
            straight.append(z)
            bent += [np.maximum(z - k, 0.0) for k in knots]
        out = [np.ones(len(values)), *straight]
        if self.form in ("curved", "interacting"):
            out += bent
        if self.form == "interacting":
            pairs = [(a, b) for i, a in enumerate(straight) for b in straight[i + 1 :]]
            out += [a * b for a, b in pairs[:MAX_PRODUCTS]]
        return np.column_stack(out)


@dataclass(frozen=True)
class Mechanism:
    """A fitted mechanism.

    A number is its function plus noise; a binary column is 1 where noise, uniform on 0 to 1, falls below
    its (logistic) function; a root is its own noise.

    Attributes:
        node: the column.
        shape: how its parents enter.
        coefficients: of the features.
        noise: (n,) noise of the rows it was fitted on.
        r2: share of the column's variance that its parents explain on those rows.
    """

    node: Node
    shape: Shape
    coefficients: Floats = field(repr=False)
    noise: Floats = field(repr=False)
    r2: float = 0.0

    def mean(self, values: Floats) -> Floats:
        """The function at (m, p) node values: expectation of a number, probability of 1 of a binary column."""
        import numpy as np

        eta = self.shape.features(values) @ self.coefficients
        if self.node.kind != "binary":
            return np.asarray(eta)
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(eta, -30.0, 30.0))))

    def generate(self, values: Floats, noise: Floats) -> Floats:
        """(m,) values of the column from its parents in ``values`` and its noise."""
        if self.shape.form == "root":
            return noise
        mean = self.mean(values)
        return (noise < mean).astype(float) if self.node.kind == "binary" else mean + noise

    def abduct(self, values: Floats, rng: np.random.Generator) -> Floats:
        """(m,) noise that gives rows their value; of a binary column a draw among what would give it."""
        import numpy as np

        at = values[:, self.node.at]
        if self.shape.form == "root":
            return at
        mean = self.mean(values)
        if self.node.kind == "number":
            return at - mean
        u = rng.uniform(size=len(values))
        return np.where(at == 1, u * mean, mean + u * (1.0 - mean))


def fit(node: Node, shape: Shape, values: Floats, rng: np.random.Generator) -> Mechanism:
    """Fit one mechanism on (n, p) node values: least squares, or logistic regression of a binary column."""
    import numpy as np

    own = values[:, node.at]
    if shape.form == "root":
        return Mechanism(node, shape, np.empty(0), own)
    x = shape.features(values)
    coefficients = _logistic(x, own) if node.kind == "binary" else _least_squares(x, own)
    bare = Mechanism(node, shape, coefficients, own)
    total = float(own.var())
    r2 = 1.0 - float(np.mean((own - bare.mean(values)) ** 2)) / total if total > 0 else 0.0
    return Mechanism(node, shape, coefficients, bare.abduct(values, rng), max(0.0, r2))


def settle(
    node: Node,
    nodes: tuple[Node, ...],
    values: Floats,
    rng: np.random.Generator,
    *,
    straight: bool = False,
) -> Shape:
    """How the parents of a node enter: the plainest form that predicts nearly as well as the best.

    A richer form is taken where five-fold cross-validation finds its squared error smaller by more than one
    standard error of the difference (Breiman et al. 1984); with few rows, or where asked, only straight lines are
    tried.
    """
    import numpy as np

    if not node.parents:
        return Shape("root")
    blocks = tuple(_block(nodes[p], values[:, p]) for p in node.parents)
    chosen = Shape("linear", blocks)
    bends = any(not levels for _, levels, *_ in blocks)
    if straight or len(values) < ROWS_TO_BEND:
        return chosen
    folds = rng.permutation(len(values)) % FOLDS
    loss = _held_out(chosen, node, values, folds)
    forms: list[Form] = ["curved"] if bends else []
    forms += ["interacting"] if len(blocks) > 1 else []
    for form in forms:
        richer = Shape(form, blocks)
        other = _held_out(richer, node, values, folds)
        gain = loss - other
        if gain.mean() > gain.std() / np.sqrt(len(gain)) and gain.mean() > 0:
            chosen, loss = richer, other
    return chosen


def _held_out(shape: Shape, node: Node, values: Floats, folds: NDArray[np.int64]) -> Floats:
    """(n,) squared errors of rows that a fit has not seen; a straight fit stands in for the logistic one."""
    import numpy as np

    x, y = shape.features(values), values[:, node.at]
    out = np.empty(len(y))
    for k in range(FOLDS):
        kept = folds != k
        out[~kept] = (y[~kept] - x[~kept] @ _least_squares(x[kept], y[kept])) ** 2
    return out


def _block(node: Node, v: Floats) -> tuple[int, int, float, float, tuple[float, ...]]:
    import numpy as np

    if node.kind != "number":
        return node.at, len(node.levels), 0.0, 1.0, ()
    centre, scale = float(v.mean()), float(v.std()) or 1.0
    cut = np.unique(np.quantile((v - centre) / scale, KNOTS))
    inside = cut[(cut > (v.min() - centre) / scale) & (cut < (v.max() - centre) / scale)]
    return node.at, 0, centre, scale, tuple(float(c) for c in inside)


def _least_squares(x: Floats, y: Floats) -> Floats:
    import numpy as np

    gram = x.T @ x
    gram[np.diag_indices_from(gram)] += RIDGE * len(x)
    return np.asarray(np.linalg.solve(gram, x.T @ y))


def _logistic(x: Floats, y: Floats, rounds: int = 25) -> Floats:
    """Logistic regression by Newton steps, with a ridge of one thousandth of a row against separation."""
    import numpy as np

    b = np.zeros(x.shape[1])
    ridge = 1e-3 * np.eye(x.shape[1])
    for _ in range(rounds):
        p = 1.0 / (1.0 + np.exp(-np.clip(x @ b, -30.0, 30.0)))
        w = np.maximum(p * (1.0 - p), 1e-6)
        step = np.linalg.solve((x * w[:, None]).T @ x + ridge, x.T @ (y - p) - ridge @ b)
        b = b + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return np.asarray(b)
