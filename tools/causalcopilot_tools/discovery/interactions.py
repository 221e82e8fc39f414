"""Categories that depend on one another only together: no score over pairs, and no search by tests, sees these.

Where one column is the exclusive-or of two others, every two of the three are independent, so any search leaves all
three apart (faithfulness fails).  What the learned graph says of a triple is therefore checked against the table:
two columns that are independent, but not at each level of a third, though the graph separates them given it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from causalcopilot.graph.graph import Graph
from causalcopilot_tools.discovery.citests import level_codes
from causalcopilot_tools.discovery.found import Found, to_graph
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVEL = 0.001
"""Level of the conditional tests, divided by how many there are."""
ALONE = 0.01
"""p-value of the marginal test above which two columns count as independent."""
MOST_COLUMNS = 25
"""Above this the tests (6900 at 25) take more than two seconds."""
ROWS = 20_000
"""Most rows used, drawn at random from more."""
SHOWN = 5


@dataclass(frozen=True)
class Interaction:
    """Two columns that are independent by themselves and dependent given a third.

    Attributes:
        pair: the two, by name.
        given: the third.
        p_value: of G² within the levels of the third.
    """

    pair: tuple[str, str]
    given: str
    p_value: float

    @property
    def columns(self) -> frozenset[str]:
        """All three."""
        return frozenset((*self.pair, self.given))


def interactions(data: Prepared, graph: Graph) -> tuple[Interaction, ...]:
    """What the graph leaves unexplained, one entry per three columns, the clearest first.

    Args:
        data: categories only.
        graph: what a search learned on them.
    """
    if len(data.names) > MOST_COLUMNS:
        return ()
    from causalcopilot.graph.separation import d_separated

    best: dict[frozenset[str], Interaction] = {}
    for found in sorted(_unexpected(data), key=lambda i: (i.p_value, i.pair, i.given)):
        if found.columns not in best and d_separated(graph, *found.pair, [found.given]):
            best[found.columns] = found
    return tuple(best.values())


def _unexpected(data: Prepared) -> list[Interaction]:
    """Pairs that are independent, but clearly not given some third column."""
    import numpy as np

    codes = level_codes(data, "g_square")
    if len(codes) > ROWS:
        codes = codes[np.sort(np.random.default_rng(0).choice(len(codes), ROWS, replace=False))]
    p = len(data.names)
    bound = LEVEL / max(p * (p - 1) * (p - 2) / 2, 1)
    out = []
    for a, b in combinations(range(p), 2):
        if _p_value(codes, a, b) <= ALONE:
            continue
        for c in range(p):
            value = _p_value(codes, a, b, c) if c not in (a, b) else 1.0
            if value <= bound:
                out.append(Interaction((data.names[a], data.names[b]), data.names[c], value))
    return out


def _p_value(codes: NDArray[np.int64], a: int, b: int, *given: int) -> float:
    """G² on the rows known in these columns; 1 where they are too few to tell."""
    from causalcopilot_tools.discovery.core.contingency import asymptotic
    from causalcopilot_tools.discovery.core.rowtests import ROWS_PER_FREE

    part = codes[:, [a, b, *given]]
    part = part[(part >= 0).all(axis=1)]
    strata = part[:, 2] if given else part[:, 0] * 0
    t = asymptotic(part[:, 0], part[:, 1], strata, "g_square")
    return t.p_value if t.df and t.rows >= ROWS_PER_FREE * t.df else 1.0


def only_by_tables(other: Found | None, graph: Graph) -> tuple[str, ...]:
    """Adjacencies that a second search finds by tests of tables, and the score does not."""
    if other is None or dict(other.params).get("test") not in ("g_square", "chi_square"):
        return ()
    theirs = to_graph(other, graph.nodes).edges
    missed = [f"{e.source} and {e.target}" for e in theirs if not graph.between(e.source, e.target)]
    if not missed:
        return ()
    shown = ", ".join(missed[:SHOWN]) + (f" and {len(missed) - SHOWN} more" if len(missed) > SHOWN else "")
    return (
        f"{other.method} finds an edge by tests of tables that the score does not: {shown}; "
        "an effect that differs between groups can look like none on average",
    )


def note(found: tuple[Interaction, ...]) -> tuple[str, ...]:
    """The same for a reader."""
    out = [
        f"{i.pair[0]} and {i.pair[1]} are independent, but not at each level of {i.given} (G² p = {i.p_value:.1g}), and"
        " the graph does not show why: the three act together (an interaction), which no search"
        " that begins with pairs can show"
        for i in found[:SHOWN]
    ]
    if len(found) > SHOWN:
        out.append(f"{len(found) - SHOWN} more sets of three columns depend on one another only together")
    return tuple(out)
