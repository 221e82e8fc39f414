"""What people know, as limits a search must respect, and the check that its answer does."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

from causalcopilot.domain.knowledge import Knowledge, Role
from causalcopilot.errors import KnowledgeError
from causalcopilot.graph.graph import Graph

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.pc import Limits

Pair = tuple[str, str]

ROLE_ORDER: dict[Role, int] = {
    "pre_treatment": 0,
    "instrument": 0,
    "treatment": 1,
    "mediator": 2,
    "outcome": 2,
    "negative_control_outcome": 2,
    "post_treatment": 2,
}
"""Columns of a later role cannot cause those of an earlier one."""


@dataclass(frozen=True)
class Constraints:
    """Limits on the searched columns; a pair is always (cause, effect).

    Attributes:
        forbidden: not a direct cause, the ``ordered`` pairs included.
        ordered: not even an indirect cause (tiers and roles).
        required: a direct cause.
        notes: knowledge that could not be turned into limits, and why.
    """

    forbidden: frozenset[Pair] = frozenset()
    ordered: frozenset[Pair] = frozenset()
    required: frozenset[Pair] = frozenset()
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.forbidden or self.required)

    def limits(self, names: tuple[str, ...]) -> Limits:
        """As boolean matrices over ``names`` (row: cause, column: effect)."""
        from causalcopilot_tools.discovery.core.pc import Limits

        ordered = _matrix(self.ordered, names) if self.ordered else None
        return Limits(_matrix(self.forbidden, names), _matrix(self.required, names), ordered)

    def text(self) -> str:
        """How much there is, in words."""
        direct = len(self.forbidden - self.ordered)
        parts = [
            f"{len(self.ordered)} pairs ordered by tiers and roles" if self.ordered else "",
            f"{direct} forbidden edges" if direct else "",
            f"{len(self.required)} required edges" if self.required else "",
        ]
        return ", ".join(p for p in parts if p)


def constraints(knowledge: Knowledge, names: tuple[str, ...]) -> Constraints:
    """The limits that concern the columns ``names``.

    Raises:
        KnowledgeError: an edge is both required and ruled out, the required edges form a cycle, or a chain of
            them goes against the order.
    """
    known = set(names)
    ordered = {(a, b) for a, b in permutations(names, 2) if _later(knowledge, a, b)}
    direct = {pair for pair in knowledge.forbidden if set(pair) <= known}
    direct |= _instrument_pairs(knowledge, known)
    required = {pair for pair in knowledge.required if set(pair) <= known}
    _check(required, ordered, direct)
    return Constraints(
        frozenset(direct | ordered), frozenset(ordered), frozenset(required), tuple(_unused(knowledge, known))
    )


def _later(knowledge: Knowledge, a: str, b: str) -> bool:
    """Whether ``a`` comes after ``b``, by tier where both have one, else by role."""
    x, y = knowledge.column(a), knowledge.column(b)
    if x is None or y is None:
        return False
    if x.tier is not None and y.tier is not None:
        return x.tier > y.tier
    if x.role is None or y.role is None:
        return False
    if (x.role, y.role) in (("outcome", "mediator"), ("treatment", "negative_control_outcome")):
        return True
    return ROLE_ORDER.get(x.role, -1) > ROLE_ORDER.get(y.role, len(ROLE_ORDER))


def _instrument_pairs(knowledge: Knowledge, known: set[str]) -> set[Pair]:
    """An instrument acts on the outcome through the treatment only."""
    outcomes = knowledge.with_role("outcome")
    return {(z, y) for z in knowledge.with_role("instrument") for y in outcomes if {z, y} <= known}


def _check(required: set[Pair], ordered: set[Pair], direct: set[Pair]) -> None:
    for a, b in sorted(required & (ordered | direct)):
        why = "tiers or roles" if (a, b) in ordered else "a forbidden edge"
        raise KnowledgeError(
            f"the knowledge requires {a} -> {b} and rules it out by {why}", "correct the knowledge file"
        )
    left = set(required)
    while left:
        effects = {b for _, b in left}
        keep = {(a, b) for a, b in left if a in effects}
        if keep == left:
            pairs = ", ".join(f"{a} -> {b}" for a, b in sorted(left))
            raise KnowledgeError(f"the required edges form a cycle ({pairs})", "remove one of them")
        left = keep
    chains = _descendants(required)
    for a, b in sorted(ordered):
        if b in chains.get(a, set()):
            raise KnowledgeError(
                f"the knowledge requires a chain of edges from {a} to {b} and rules it out by tiers or roles",
                "correct the knowledge file",
            )


def _unused(knowledge: Knowledge, known: set[str]) -> list[str]:
    """Notes on knowledge that no search takes."""
    notes = []
    for kind, pairs in (("forbidden", knowledge.forbidden), ("required", knowledge.required)):
        for a, b in pairs:
            gone = ", ".join(n for n in (a, b) if n not in known)
            if gone:
                notes.append(f"{kind} edge {a} -> {b} is not used: {gone} is not searched")
    if knowledge.graph:
        notes.append(
            "the knowledge's graph stands by itself; discovery neither starts from it nor is bound by it"
        )
    return notes


def violations(graph: Graph, limits: Constraints) -> tuple[str, ...]:
    """Every way in which a graph contradicts the limits; empty when it honours them all."""
    out = []
    adjacent: dict[frozenset[str], str] = {}
    arrows: set[Pair] = set()
    for e in graph.edges:
        adjacent[frozenset((e.source, e.target))] = str(e)
        arrow = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
        if e.directed:
            arrows.add(arrow)
    for a, b in sorted(limits.forbidden):
        edge = adjacent.get(frozenset((a, b)))
        if (a, b) in arrows:
            out.append(f"{a} --> {b} is forbidden")
        elif edge and " --- " in edge:
            out.append(f"{edge} leaves the forbidden {a} --> {b} open")
    for a, b in sorted(limits.required):
        if (a, b) not in arrows:
            out.append(f"{a} --> {b} is required; found {adjacent.get(frozenset((a, b)), 'no edge')}")
    reach = _descendants(arrows)
    out += [
        f"{a} causes {b} indirectly, against their order"
        for a, b in sorted(limits.ordered)
        if b in reach.get(a, set()) and (a, b) not in arrows
    ]
    return tuple(out)


def _descendants(arrows: set[Pair]) -> dict[str, set[str]]:
    children: dict[str, set[str]] = {}
    for a, b in arrows:
        children.setdefault(a, set()).add(b)
    out: dict[str, set[str]] = {}
    for a in children:
        seen: set[str] = set()
        queue = list(children[a])
        while queue:
            v = queue.pop()
            if v not in seen:
                seen.add(v)
                queue += children.get(v, ())
        out[a] = seen
    return out


def _matrix(pairs: frozenset[Pair], names: tuple[str, ...]) -> NDArray[np.bool_]:
    import numpy as np

    place = {n: i for i, n in enumerate(names)}
    out = np.zeros((len(names), len(names)), bool)
    for a, b in pairs:
        out[place[a], place[b]] = True
    return out


def lingam_matrix(limits: Constraints, names: tuple[str, ...]) -> NDArray[np.int64]:
    """lingam's prior knowledge: at [effect, cause] 0 for no path, 1 for a path, -1 for unknown.

    Only orders and required edges fit its meaning (it speaks of paths); forbidden direct edges are taken
    out of the regression afterwards.
    """
    import numpy as np

    out = np.full((len(names), len(names)), -1, dtype=np.int64)
    out[_matrix(limits.ordered, names).T] = 0
    out[_matrix(limits.required, names).T] = 1
    return out
