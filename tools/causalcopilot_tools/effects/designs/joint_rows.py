"""The rows of a question that sets several treatments together, read and coded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.question import Contrast
from causalcopilot.errors import DataError, KnowledgeError, NotApplicable
from causalcopilot.graph.formats import from_dagitty
from causalcopilot.graph.joint import equations
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.coding import as_number, code_treatment
from causalcopilot_tools.effects.contrast import choose_contrast
from causalcopilot_tools.effects.designs import joint
from causalcopilot_tools.effects.designs.posed import design_value
from causalcopilot_tools.effects.intervals import t_quantile
from causalcopilot_tools.effects.refit import Prepared, prepare_with

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MOST_CROSSED = 3
"""Two-valued treatments up to which all their products enter the answer itself."""


@dataclass(frozen=True)
class Arrays:
    """The rows of a joint question.

    Attributes:
        prepared: outcome, first treatment and controls; named for all treatments.
        moves: all treatments and what is done to each.
        chain: the equations between treatments and outcome, or ``None`` where no graph gives them.
        names: the treatments.
        contrasts: the values each is moved between.
        route: ``held`` or ``equations``: which of the two answers.
    """

    prepared: Prepared
    moves: joint.Moves
    chain: tuple[joint.Equation, ...] | None
    names: tuple[str, ...]
    contrasts: tuple[Contrast, ...]
    route: str

    @property
    def crossed(self) -> bool:
        """Whether the answer lets the treatments interact: all have two values, so no shape is assumed of them."""
        return self.route == "held" and bool(self.moves.two_valued.all()) and len(self.names) <= MOST_CROSSED


def arrays(context: Context, found: Identification) -> Arrays:
    """Read and code the rows.

    Raises:
        DataError: a treatment that never varies in the rows left.
        NotApplicable: a column between that is no number.
    """
    import numpy as np

    names, route = found.treatments, design_value(found, "route") or "held"
    text = design_value(found, "graph")
    between = _between(found, text)
    wanted = [n for v, above in between.items() for n in (v, *above) if n not in (names[0], *found.outcomes)]
    needed = list(dict.fromkeys((*names[1:], *(wanted if route == "equations" else ()))))
    p, frame = prepare_with(context, found, needed)
    values, low, high, two = [p.T], [0.0], [1.0], [p.kind != "continuous"]
    if p.kind == "continuous":
        low, high = [as_number(p.contrast.control) or 0.0], [as_number(p.contrast.treated) or 0.0]
    for name, c in zip(names[1:], found.contrasts[1:], strict=True):
        kind = choose_contrast(context.profile.column(name), c.control, c.treated).type
        coded, _ = code_treatment(frame[name], kind, c)
        values.append(coded)
        two.append(kind == "binary")
        low.append(0.0 if kind == "binary" else as_number(c.control) or 0.0)
        high.append(1.0 if kind == "binary" else as_number(c.treated) or 0.0)
    A = np.column_stack(values)
    keep = np.isfinite(A).all(axis=1) & ~((A < 0) & np.array(two)).any(axis=1)
    p, A, frame = p.take(keep), A[keep], frame.loc[keep]
    for name, column in zip(names, A.T, strict=True):
        if np.ptp(column) == 0:
            raise DataError(f"{name} has a single value in the rows that hold all of them", "leave it out")
    p = replace(
        p,
        treatment=found.cause,
        contrast=Contrast(_setting(found, "control"), _setting(found, "treated")),
        dropped=p.dropped + int((~keep).sum()),
    )
    moves = joint.Moves(A, np.array(low), np.array(high), np.array(two))
    chain = _chain(context, found, between, p, moves, frame) if between else None
    if chain is None and route == "equations":
        raise NotApplicable(
            "a column between has several levels without an order, and its equation is no straight line",
            "cut it into two levels, or give a graph without it",
        )
    return Arrays(p, moves, chain, names, found.contrasts, route)


def _setting(found: Identification, side: str) -> str:
    """``a = 0 and b = 0``."""
    from causalcopilot.domain.facts import display

    said = [
        f"{n} = {display(getattr(c, side))}" for n, c in zip(found.treatments, found.contrasts, strict=True)
    ]
    return " and ".join(said)


def _between(found: Identification, text: str) -> dict[str, tuple[str, ...]]:
    """The equations that the graph gives, or nothing where there is no graph or it does not give them all."""
    if not text:
        return {}
    try:
        return equations(from_dagitty(text), found.treatments, found.outcomes[0])
    except KnowledgeError:
        return {}


def _chain(
    context: Context,
    found: Identification,
    between: dict[str, tuple[str, ...]],
    p: Prepared,
    moves: joint.Moves,
    frame: pd.DataFrame,
) -> tuple[joint.Equation, ...] | None:
    """Every equation as arrays; ``None`` where a column between is no number, or was not read."""
    from causalcopilot_tools.effects.design_matrix import encode

    wanted = {n for v, above in between.items() for n in (v, *above)} - {*found.outcomes, found.treatments[0]}
    if not wanted <= set(frame.columns):
        more = context.dataset.frame(sorted(wanted)).loc[frame.index]
        if more.isna().to_numpy().any():
            return None
        frame = more
    types = {c.name: c.type for c in context.profile.columns}
    at = {n: i for i, n in enumerate(found.treatments)}
    coded: dict[str, NDArray[np.float64]] = {found.outcomes[0]: p.Y}
    made = []
    for v, above in between.items():
        if v not in coded:
            column = encode(frame, [v], {v: "continuous" if types[v] in NUMBERS else types[v]}).X
            if column.shape[1] != 1:
                return None
            coded[v] = column[:, 0]
        held = [n for n in above if n not in at]
        X = encode(frame, held, types).X
        made.append(joint.Equation(coded[v], tuple(at[n] for n in above if n in at), X))
        at[v] = len(at)
    return tuple(made)


NUMBERS = ("count", "continuous", "ordinal")


def half_width(p: Prepared, level: float) -> float:
    """Half of an interval in standard errors: a t quantile, of clusters where rows come in them."""
    free = float(max(p.n - p.X.shape[1] - 2, 1))
    return p.sampling.quantile(level) if p.sampling.clusters is not None else t_quantile(level, free)
