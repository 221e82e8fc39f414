"""Who should be treated: a tree of one or two questions, learned on some rows and valued on others.

Exhaustive search over trees (Zhou, Athey & Wager 2023) for the largest sum of doubly robust scores net of the cost;
the value of the rule chosen is then an average of scores of rows that had no part in choosing it (Athey & Wager 2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from causalcopilot_tools.effects.aipw import Effect
from causalcopilot_tools.effects.cate.candidates import Cut
from causalcopilot_tools.effects.cate.scores import Scores, error

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAF = 0.05
"""Share of the rows that a leaf needs at least."""


@dataclass(frozen=True)
class Leaf:
    """Rows for which all ``when`` hold (cut and its answer), and whether they are treated."""

    when: tuple[tuple[Cut, bool], ...]
    treat: bool

    @property
    def text(self) -> str:
        """The conditions in words."""
        return " and ".join(c.yes if answer else c.no for c, answer in self.when) or "everybody"

    def rows(self, V: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(n,) rows in the leaf."""
        import numpy as np

        inside = np.ones(len(V), dtype=bool)
        for c, answer in self.when:
            inside &= c.holds(V) == answer
        return inside


@dataclass(frozen=True)
class Value:
    """What a rule is worth a row of the population, net of cost, in the outcome's unit.

    Attributes:
        rule: against treating nobody.
        everyone: treating everybody against treating nobody.
        beyond: the rule against treating everybody.
        share: share of the population that the rule treats.
    """

    rule: Effect
    everyone: Effect
    beyond: Effect
    share: float


def grow(
    scores: Scores, V: NDArray[np.float64], found: Sequence[Cut], depth: int, cost: float = 0.0
) -> tuple[Leaf, ...]:
    """The tree of ``depth`` (1 or 2) questions with the largest net gain on these rows.

    Args:
        scores: of the n rows it learns from.
        V: (n, k) modifiers.
        found: questions to choose from.
        depth: 1 or 2.
        cost: what treating one row costs, in the outcome's unit.
    """
    import numpy as np

    net = scores.gain - cost * scores.mass
    if not found:
        return (Leaf((), bool(net.sum() > 0)),)
    M = np.column_stack([c.holds(V) for c in found]).astype(float)
    fewest = LEAF * len(V)
    if depth == 1:
        return _merged(_stump(net, M, found, fewest, ()) or [Leaf((), bool(net.sum() > 0))])
    worth = _two(net, M, fewest)
    a = int(np.argmax(worth))
    if not np.isfinite(worth[a]):
        return grow(scores, V, found, 1, cost)
    leaves: list[Leaf] = []
    for answer in (True, False):
        inside = (M[:, a] == 1) == answer
        head = ((found[a], answer),)
        below = _stump(net[inside], M[inside], found, fewest, head)
        leaves += below or [Leaf(head, bool(net[inside].sum() > 0))]
    return _merged(leaves)


def _stump(
    net: NDArray[np.float64],
    M: NDArray[np.float64],
    found: Sequence[Cut],
    fewest: float,
    head: tuple[tuple[Cut, bool], ...],
) -> list[Leaf] | None:
    """The best single question on some rows; nothing where none leaves enough rows on both sides."""
    import numpy as np

    rows, yes = M.sum(axis=0), net @ M
    no = net.sum() - yes
    ok = (rows >= fewest) & (len(net) - rows >= fewest)
    if not ok.any():
        return None
    gain = np.where(ok, np.maximum(yes, 0) + np.maximum(no, 0), -np.inf)
    b = int(np.argmax(gain))
    return [
        Leaf((*head, (found[b], True)), bool(yes[b] > 0)),
        Leaf((*head, (found[b], False)), bool(no[b] > 0)),
    ]


def _two(net: NDArray[np.float64], M: NDArray[np.float64], fewest: float) -> NDArray[np.float64]:
    """For each first question the net gain with the best question below it on either side."""
    import numpy as np

    S, N = (M * net[:, None]).T @ M, M.T @ M
    s, n = np.diag(S), np.diag(N)
    total, rows = float(net.sum()), len(net)
    sides = (
        (S, s[:, None] - S, N, n[:, None] - N, s, n),
        (
            s[None, :] - S,
            total - s[:, None] - s[None, :] + S,
            n[None, :] - N,
            rows - n[:, None] - n[None, :] + N,
            total - s,
            rows - n,
        ),
    )
    worth = np.zeros(len(s))
    for yes, no, n_yes, n_no, whole, size in sides:
        ok = (n_yes >= fewest) & (n_no >= fewest)
        split = np.where(ok, np.maximum(yes, 0) + np.maximum(no, 0), -np.inf).max(axis=1)
        worth += np.where(size >= fewest, np.maximum(split, np.maximum(whole, 0)), -np.inf)
    return worth


def _merged(leaves: Sequence[Leaf]) -> tuple[Leaf, ...]:
    """Sister leaves that say the same become one."""
    out = list(leaves)
    while len(out) > 1:
        pair = next(
            (
                (i, i + 1)
                for i in range(len(out) - 1)
                if out[i].treat == out[i + 1].treat and _sisters(out[i], out[i + 1])
            ),
            None,
        )
        if pair is None:
            break
        out[pair[0] : pair[1] + 1] = [Leaf(out[pair[0]].when[:-1], out[pair[0]].treat)]
    return tuple(out)


def _sisters(a: Leaf, b: Leaf) -> bool:
    return bool(a.when and b.when) and a.when[:-1] == b.when[:-1] and a.when[-1][0] == b.when[-1][0]


def treated(leaves: Sequence[Leaf], V: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(n,) whom the tree treats."""
    import numpy as np

    out = np.zeros(len(V), dtype=bool)
    for leaf in leaves:
        if leaf.treat:
            out |= leaf.rows(V)
    return out


def value(scores: Scores, treat: NDArray[np.bool_], cost: float = 0.0) -> Value:
    """The worth of a rule by the scores of rows that it was not learned from."""
    import numpy as np

    net, mass, t = scores.gain - cost * scores.mass, float(scores.mass.mean()), treat.astype(float)

    def mean(g: NDArray[np.float64]) -> Effect:
        v = float(g.mean()) / mass
        influence = (g - scores.mass * v) / mass
        return Effect(v, error(influence, scores), influence)

    share = float((t * scores.mass).sum() / scores.mass.sum())
    return Value(mean(net * t), mean(net), mean(net * (t - 1)), share if np.isfinite(share) else 0.0)
