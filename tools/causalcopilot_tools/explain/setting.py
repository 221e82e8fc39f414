"""One cause set to a value, shifted or multiplied, and what follows from it row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from causalcopilot.domain.facts import Scalar, display
from causalcopilot.errors import NotApplicable, nearest
from causalcopilot.toolkit.tool import Bounds
from causalcopilot_tools.explain.mechanisms import Node
from causalcopilot_tools.explain.structural import Layout, Structural

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Shift = Annotated[float, Bounds(-1e15, 1e15)]
"""An amount added to a cause, in its unit."""
Factor = Annotated[float, Bounds(0.0, 1e6)]
"""A number that a cause is multiplied by: 2 doubles it, 1.1 makes it ten percent higher."""
EDGES = (0.01, 0.99)
"""Quantiles between which a cause counts as seen; never the extremes, which are values of rows."""
MOVED = 0.1
"""Where a shift moves a larger share of the rows beyond those edges, it is an extrapolation."""
FEW = 10
"""A label that fewer rows have counts as hardly seen."""


@dataclass(frozen=True)
class Setting:
    """What is done to a cause.

    Attributes:
        at: its position.
        value: value it is set to, as coded; ``None`` where it is moved from where it is.
        shift: what is added to it, or ``None``.
        says: ``price = 5``, ``price + 2`` or ``price × 2``.
        factor: what it is multiplied by, or ``None``.
    """

    at: int
    value: float | None
    shift: float | None
    says: str
    factor: float | None = None

    def of(self, own: Floats) -> Floats:
        """(n,) values of the cause after it."""
        import numpy as np

        if self.value is not None:
            return np.full(len(own), self.value)
        if self.factor is not None:
            return own * self.factor
        return own + (self.shift or 0.0)


def read_setting(
    layout: Layout, cause: str, value: Scalar, shift: float | None, factor: float | None = None
) -> Setting:
    """What is to be done to a cause.

    Raises:
        NotApplicable: none or several are given, the cause is no cause of the outcome in the graph, it has no
            such value, it has labels and cannot be moved, or it has values below zero and cannot be multiplied.
    """
    outcome = layout.outcome.name
    if sum(x is not None for x in (value, shift, factor)) != 1:
        raise NotApplicable(
            "give one of the value to set, the shift and the factor", f"value of {cause}, shift, or factor"
        )
    try:
        node = layout.nodes[layout.at(cause)]
    except KeyError:
        node = None
    if node is None or node.name == outcome:
        raise NotApplicable(
            f"{cause} is no cause of {outcome} in {layout.graph.id}, so setting it would leave {outcome} as it is",
            f"causes there: {', '.join(n.name for n in layout.nodes[:-1]) or 'none'}",
        )
    if value is None and node.kind != "number":
        raise NotApplicable(
            f"{cause} has labels and cannot be shifted or multiplied", f"values: {', '.join(node.levels[:8])}"
        )
    if factor is not None:
        if float(layout.values[:, node.at].min()) < 0:
            raise NotApplicable(
                f"{cause} has values below zero, and a multiple of those is not more of it",
                f"say by how much in its unit: if {cause} were 2 higher",
            )
        return Setting(node.at, None, None, f"{cause} × {display(factor)}", float(factor))
    if shift is not None:
        return Setting(
            node.at, None, float(shift), f"{cause} {'−' if shift < 0 else '+'} {display(abs(shift))}"
        )
    return Setting(node.at, _coded(node, value), None, f"{cause} = {display(value)}")


def _coded(node: Node, value: Scalar) -> float:
    if node.kind == "number":
        try:
            return float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise NotApplicable(f"{node.name} is a number, and {value!r} is none", "give a number") from None
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    if set(node.levels) == {"0", "1"}:
        text = {"true": "1", "yes": "1", "false": "0", "no": "0"}.get(text.lower(), text)
    folded = {label.lower(): i for i, label in enumerate(node.levels)}
    if text.lower() not in folded:
        near = nearest(text, node.levels, 1)
        meant = f"did you mean {near[0]!r}? " if near else ""
        raise NotApplicable(
            f"{node.name} has no value {text!r}", f"{meant}values: {', '.join(node.levels[:8])}"
        )
    return float(folded[text.lower()])


def after(model: Structural, setting: Setting, values: Floats, noise: Floats) -> Floats:
    """(m, p) values once the cause is set: what it causes is made anew from each row's own noise."""
    out = values.copy()
    out[:, setting.at] = setting.of(values[:, setting.at])
    for j in model.layout.below(setting.at):
        out[:, j] = model.mechanisms[j].generate(out, noise[:, j])
    return out


def unseen(layout: Layout, setting: Setting) -> tuple[float, str]:
    """The share of rows that would be put where hardly any row is, and in words what is seen; empty words if all is."""
    import numpy as np

    node, own = layout.nodes[setting.at], layout.values[:, setting.at]
    if node.kind != "number":
        rows = int((own == setting.value).sum())
        said = f"only {rows} rows have {setting.says}" if rows < FEW else ""
        return (1.0 if said else 0.0), said
    low, high = np.quantile(own, EDGES)
    moved = setting.of(own)
    beyond = float(((moved < low) | (moved > high)).mean())
    before = float(((own < low) | (own > high)).mean())
    if beyond <= max(MOVED, 2 * before):
        return 0.0, ""
    return beyond, f"the middle {EDGES[1] - EDGES[0]:.0%} of {node.name} lies from {low:.4g} to {high:.4g}"
