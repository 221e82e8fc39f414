"""Expressions in the observed distribution: as text, and evaluated on a table of probabilities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Conditional:
    """``P(of | given)`` of the observed columns."""

    of: tuple[str, ...]
    given: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sum:
    """A sum over the values of some columns."""

    over: tuple[str, ...]
    inner: Expression


@dataclass(frozen=True)
class Product:
    """A product; empty it is one."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True)
class Ratio:
    """A quotient."""

    top: Expression
    bottom: Expression


Expression = Conditional | Sum | Product | Ratio
Named = tuple[tuple[str, ...], "NDArray[np.float64]"]
"""Axes by name, and the array."""


def columns_of(e: Expression) -> frozenset[str]:
    """Every column an expression names."""
    if isinstance(e, Conditional):
        return frozenset((*e.of, *e.given))
    if isinstance(e, Sum):
        return columns_of(e.inner) | frozenset(e.over)
    if isinstance(e, Ratio):
        return columns_of(e.top) | columns_of(e.bottom)
    return frozenset().union(*(columns_of(f) for f in e.factors))


def free(e: Expression) -> frozenset[str]:
    """Columns whose values the expression depends on, those that are summed away left out."""
    if isinstance(e, Conditional):
        return frozenset((*e.of, *e.given))
    if isinstance(e, Sum):
        return free(e.inner) - frozenset(e.over)
    if isinstance(e, Ratio):
        return free(e.top) | free(e.bottom)
    return frozenset().union(*(free(f) for f in e.factors))


def text(e: Expression) -> str:
    """The expression for people; a summed column whose name is in use outside gets a prime."""
    return _text(e, {}, free(e))


def _text(e: Expression, names: Mapping[str, str], used: frozenset[str]) -> str:
    if isinstance(e, Conditional):
        of, given = (", ".join(names.get(n, n) for n in side) for side in (e.of, e.given))
        return f"P({of} | {given})" if given else f"P({of})"
    if isinstance(e, Sum):
        inner = dict(names)
        for n in e.over:
            inner[n] = n + "'" * (names.get(n, n).count("'") + 1) if n in used else n
        within = used | frozenset(e.over)
        return f"Σ_{{{', '.join(inner[n] for n in e.over)}}} {_text(e.inner, inner, within)}"
    if isinstance(e, Ratio):
        return f"[{_text(e.top, names, used)}] / [{_text(e.bottom, names, used)}]"
    parts = [_text(f, names, used) for f in e.factors]
    last = len(parts) - 1
    return " ".join(
        f"({p})" if isinstance(f, Sum) and k < last else p
        for k, (f, p) in enumerate(zip(e.factors, parts, strict=True))
    )


def value(e: Expression, joint: Named) -> Named:
    """The expression for every value of its free columns.

    Args:
        e: the expression.
        joint: probabilities of the observed columns; axes named.

    Returns:
        The free columns in the order of ``joint``, and the array; 0/0 counts as 0.
    """
    if isinstance(e, Conditional):
        top = _keep(joint, (*e.of, *e.given))
        return _over(top, _keep(joint, e.given), joint[0]) if e.given else top
    if isinstance(e, Sum):
        axes, array = value(e.inner, joint)
        gone = tuple(axes.index(n) for n in e.over if n in axes)
        return tuple(n for n in axes if n not in e.over), array.sum(axis=gone)
    if isinstance(e, Ratio):
        return _over(value(e.top, joint), value(e.bottom, joint), joint[0])
    import numpy as np

    made: Named = ((), np.ones(()))
    for f in e.factors:
        made = _times(made, value(f, joint), joint[0])
    return made


def _keep(joint: Named, names: tuple[str, ...]) -> Named:
    axes, array = joint
    gone = tuple(i for i, n in enumerate(axes) if n not in names)
    return tuple(n for n in axes if n in names), array.sum(axis=gone)


def _aligned(a: Named, axes: tuple[str, ...]) -> NDArray[np.float64]:
    """The array with a length-one axis for every name it lacks; both in the joint's order."""
    import numpy as np

    return (
        a[1].reshape([a[1].shape[a[0].index(n)] if n in a[0] else 1 for n in axes])
        if axes
        else np.asarray(a[1])
    )


def _times(a: Named, b: Named, order: tuple[str, ...]) -> Named:
    axes = tuple(n for n in order if n in a[0] or n in b[0])
    return axes, _aligned(a, axes) * _aligned(b, axes)


def _over(a: Named, b: Named, order: tuple[str, ...]) -> Named:
    import numpy as np

    axes = tuple(n for n in order if n in a[0] or n in b[0])
    top, bottom = np.broadcast_arrays(_aligned(a, axes), _aligned(b, axes))
    return axes, np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
