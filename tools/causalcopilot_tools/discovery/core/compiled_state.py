"""The arrays that the kernels of BOSS work on, as named tuples that numba understands."""

from __future__ import annotations

from typing import NamedTuple

from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, IntArray


class Problem(NamedTuple):
    """What is searched: ``q`` matrix columns of ``p`` variables.

    Attributes:
        r: (q, q) correlations.
        at: (p + 1,) where each variable's columns begin.
        forbidden: (p, p) pairs that cannot be cause and effect.
        required: (p, p) pairs that are.
        before: (p, p) pairs of which the first stands before the second in every order.
        rows: number of rows.
        penalty: of one coefficient.
    """

    r: FloatArray
    at: IntArray
    forbidden: BoolArray
    required: BoolArray
    before: BoolArray
    rows: float
    penalty: float


class Trees(NamedTuple):
    """Nodes (the first p are the roots) and their children, in two pools.

    Attributes:
        first: where a node's children begin, -1 before they are known.
        children: how many there are.
        grown, shrunk: score with all additions of the path, and after the best removals.
        done: whether ``shrunk`` is known.
        child: variable that a child adds.
        gain: score with it.
        node: its node, -1 before it is visited.
        used: (2,) nodes and children in use.
    """

    first: IntArray
    children: IntArray
    grown: FloatArray
    shrunk: FloatArray
    done: BoolArray
    child: IntArray
    gain: FloatArray
    node: IntArray
    used: IntArray


class Room(NamedTuple):
    """Space to work in, so that nothing is allocated on the way.

    Attributes:
        z: (q, q) rows of the factored parents.
        path: (p,) parents added so far.
        columns: (q,) matrix columns of the parents.
    """

    z: FloatArray
    path: IntArray
    columns: IntArray
