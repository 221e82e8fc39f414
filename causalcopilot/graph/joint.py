"""Adjustment for several treatments that are set together, in DAGs, ADMGs, CPDAGs and PAGs.

The generalised adjustment criterion for sets (Perkovic, Textor, Kalisch & Maathuis 2018): every proper possibly
causal path begins with a (visible) edge out of the treatments, no control comes after one of the other nodes on such
paths, and the controls separate treatments and outcome once the first edges of those paths are removed.  A path is
proper when only its first node is a treatment: the others are held by being set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from causalcopilot.errors import KnowledgeError, UsageError
from causalcopilot.graph.causes import Sides, sides
from causalcopilot.graph.connect import connected, open_trail
from causalcopilot.graph.ends import possible_path, visible
from causalcopilot.graph.graph import Edge, Graph
from causalcopilot.graph.mixed import Mixed, closure, without
from causalcopilot.graph.separation import position, positions, reading, spelled

Status = Literal["valid", "not_amenable", "no_valid_set"]


@dataclass(frozen=True, slots=True)
class JointAdjustment:
    """Who is held fixed to read what several treatments do together.

    Attributes:
        treatments, outcome: node names.
        status: as of ``adjustment``.
        acting: treatments with a (possibly) directed path to the outcome that meets no other treatment.
        minimal: a valid set of which no column can be dropped; empty unless valid.
        all_allowed: every measured cause of treatments or outcome that may be held; valid as a whole.
        forbidden: measured nodes that (possibly) come after something the treatments move.
        blocking_path: where the status is not ``valid``, a path that stays open or that is in doubt.
    """

    treatments: tuple[str, ...]
    outcome: str
    status: Status
    acting: tuple[str, ...]
    minimal: tuple[str, ...] = ()
    all_allowed: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    blocking_path: tuple[str, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether a valid set exists."""
        return self.status == "valid"


@dataclass(frozen=True)
class _Case:
    facing: Sides
    xs: frozenset[int]
    y: int
    forbidden: set[int]
    allowed: set[int]
    back: Mixed
    doubt: list[int]


def joint_adjustment(graph: Graph, treatments: Iterable[str], outcome: str) -> JointAdjustment:
    """Whether adjustment identifies what the treatments, set together, do to the outcome, and by which columns.

    Raises:
        UsageError: fewer than two treatments, an unknown or latent node, or the outcome among the treatments.
        KnowledgeError: the graph is not of its declared kind.
    """
    names = tuple(dict.fromkeys(treatments))
    c = _case(graph, names, outcome)
    acting = tuple(n for n in names if _acts(c, position(graph, n)))
    forbidden = _named(graph, c.forbidden & positions(graph, graph.observed) - {c.y})
    if c.doubt:
        path = spelled(graph, [(v, "") for v in c.doubt])
        return JointAdjustment(
            names, outcome, "not_amenable", acting, forbidden=forbidden, blocking_path=path
        )
    useful = closure(c.back.parents, (*c.xs, c.y)) & c.allowed
    trail = next((t for x in sorted(c.xs) if (t := open_trail(c.back, x, c.y, useful))), None)
    if trail is not None:
        path = spelled(graph, trail)
        return JointAdjustment(
            names, outcome, "no_valid_set", acting, forbidden=forbidden, blocking_path=path
        )
    kept = set(useful)
    for v in sorted(useful):
        if not _open(c, kept - {v}):
            kept.discard(v)
    return JointAdjustment(
        names,
        outcome,
        "valid",
        acting,
        _named(graph, kept),
        _named(graph, _sharp(c, useful, kept)),
        forbidden,
    )


def is_valid_joint_adjustment(
    graph: Graph, treatments: Iterable[str], outcome: str, columns: Iterable[str]
) -> bool:
    """Whether this very set is valid.  Raises as ``joint_adjustment`` does."""
    c = _case(graph, tuple(dict.fromkeys(treatments)), outcome)
    z = positions(graph, columns)
    return not c.doubt and z <= c.allowed and not _open(c, z)


def _case(graph: Graph, names: tuple[str, ...], outcome: str) -> _Case:
    if not names or outcome in names:
        raise UsageError("the outcome cannot be among the columns that are set", "name another outcome")
    for name in (*names, outcome):
        if name in graph.latents:
            raise UsageError(f"{name} is latent in the graph", "name measured treatments and outcome")
    xs, y = frozenset(positions(graph, names)), position(graph, outcome)
    facing, member = sides(graph), reading(graph)
    forward = facing.possible_effects(*xs, avoid=xs)
    causal = forward & facing.possible_causes(y, avoid=xs) - xs if y in forward else set()
    forbidden = facing.possible_effects(*causal) if causal else set()
    sure = closure(member.children, xs, xs) & closure(member.parents, (y,), xs) - xs
    back = without(member, ((x, v) for x in xs for v in sure))
    allowed = positions(graph, graph.observed) - forbidden - xs - {y}
    return _Case(facing, xs, y, forbidden, allowed, back, _doubt(facing, xs, y))


def _doubt(facing: Sides, xs: frozenset[int], y: int) -> list[int]:
    """A proper possibly causal path whose first edge some member does not direct (visibly) out of a treatment."""
    ends = facing.ends
    if ends is None:
        return []
    pag = facing.graph.kind == "pag"
    for x in sorted(xs):
        causes = {v for v, mark in ends[x].items() if mark == "arrow"}
        for v, mark in sorted(ends[x].items()):
            out = mark == "tail" and ends[v][x] == "arrow"
            if v in xs or mark == "arrow" or (out and (not pag or visible(ends, x, v))):
                continue
            path = possible_path(ends, v, y, xs if pag else xs | causes, covered=pag)
            if path:
                return [x, *path]
    return []


def _acts(c: _Case, x: int) -> bool:
    others = c.xs - {x}
    return c.y in c.facing.possible_effects(x, avoid=others)


def _open(c: _Case, held: set[int]) -> bool:
    return any(connected(c.back, x, c.y, held) for x in c.xs)


def _sharp(c: _Case, useful: set[int], kept: set[int]) -> set[int]:
    """The useful columns less those that move the treatments alone: holding them only costs precision."""
    out = set(useful)
    for v in sorted(useful - kept):
        out.discard(v)
        if connected(c.back, v, c.y, out) or connected(c.back, v, c.y, ()) or _open(c, out):
            out.add(v)
    return out


def _named(graph: Graph, nodes: Iterable[int]) -> tuple[str, ...]:
    return tuple(graph.nodes[v] for v in sorted(nodes))


# --- when nothing has to be held, since every equation is known -------------------------------------------------


def equations(graph: Graph, treatments: Iterable[str], outcome: str) -> dict[str, tuple[str, ...]]:
    """The columns between the treatments and the outcome, causes first, each with its parents; the outcome last.

    In a linear DAG these equations alone give what the treatments do together, their own being cut (Nandy,
    Maathuis & Richardson 2017).  Empty where the treatments do not reach the outcome.

    Raises:
        KnowledgeError: the graph is no DAG, or an unmeasured column stands in an equation that is needed and is not
            its own noise.
    """
    if graph.kind != "dag":
        raise KnowledgeError(
            f"a {graph.kind} does not say who causes whom in every equation", "give a graph of --> edges"
        )
    from causalcopilot.graph.mixed import order

    m = reading(graph)
    xs, y = positions(graph, treatments), position(graph, outcome)
    between = closure(m.children, xs, xs) & closure(m.parents, (y,), xs) - xs
    hidden = positions(graph, graph.latents)
    made: dict[str, tuple[str, ...]] = {}
    for v in order(m.children) or ():
        if v not in between:
            continue
        above = set(m.parents[v])
        own_noise = {u for u in above & hidden if not m.parents[u] and len(m.children[u]) == 1}
        if v in hidden or above & hidden - own_noise:
            name = graph.nodes[v if v in hidden else min(above & hidden - own_noise)]
            raise KnowledgeError(
                f"{name} is unmeasured and stands in an equation that is needed", f"measure {name}"
            )
        made[graph.nodes[v]] = _named(graph, above - own_noise)
    return made


# --- every member of a class -------------------------------------------------------------------------------------

MOST_MEMBERS = 500
"""Members of a class that are looked at, one by one; with more the class is too wide to be of use."""


@dataclass(frozen=True, slots=True)
class JointWay:
    """What one member of the class says of treatments that are set together.

    Attributes:
        points: the open edges at the treatments as they point there.
        held: columns to hold; ``None`` where none can be held for all of them at once.
        equations: then the equations between, each with its parents; empty where those do not help either.
        graph: the member that they are read from.
        zero: none of the treatments reaches the outcome there.
    """

    points: tuple[str, ...]
    held: tuple[str, ...] | None
    equations: tuple[tuple[str, tuple[str, ...]], ...]
    graph: Graph
    zero: bool

    @property
    def unknown(self) -> bool:
        """Whether neither adjustment nor equations speak of it."""
        return not self.zero and self.held is None and not self.equations


def joint_ways(
    graph: Graph, treatments: Iterable[str], outcome: str
) -> tuple[tuple[JointWay, ...], tuple[str, ...]]:
    """Every effect that the class of a CPDAG or PAG allows of treatments set together, and the open edges at them.

    Joint IDA (Nandy, Maathuis & Richardson 2017) by listing the class; in a PAG its MAGs, by adjustment only.  Members
    that hold the same columns with the same directions at the treatments are one way.  No ways where there are too many
    members.

    Raises:
        UsageError, KnowledgeError: as ``joint_adjustment``.
    """
    from causalcopilot.graph.equivalence import members
    from causalcopilot.graph.mags import mags

    names = tuple(dict.fromkeys(treatments))
    _case(graph, names, outcome)  # refuses bad names
    pairs = [(e.source, e.target) for e in graph.edges if {e.source, e.target} & set(names) and _left_open(e)]
    open_edges = tuple(str(graph.between(a, b)[0]) for a, b in pairs)
    listed = mags(graph) if graph.kind == "pag" else members(graph, MOST_MEMBERS + 1)
    if not listed or len(listed) > MOST_MEMBERS:
        return (), open_edges
    ways: dict[tuple[object, ...], JointWay] = {}
    for member in listed:
        points = tuple(str(member.between(a, b)[0]) for a, b in pairs)
        way = _way(member, names, outcome, points)
        ways.setdefault((points, way.held, way.equations, way.zero), way)
    return tuple(ways.values()), open_edges


def _left_open(e: Edge) -> bool:
    return "circle" in (e.source_mark, e.target_mark) or e.source_mark == e.target_mark == "tail"


def _way(member: Graph, names: tuple[str, ...], outcome: str, points: tuple[str, ...]) -> JointWay:
    found = joint_adjustment(member, names, outcome)
    zero, held = not found.acting, found.minimal if found.valid else None
    made: dict[str, tuple[str, ...]] = {}
    if found.valid and member.kind == "dag":  # parents, where they do: members that share them are one way
        m = reading(member)
        above = {u for n in names for u in m.parents[position(member, n)]} - positions(member, names)
        parents = _named(member, above)
        if is_valid_joint_adjustment(member, names, outcome, parents):
            held = parents
    if held is None and member.kind == "dag":
        try:
            made = equations(member, names, outcome)
        except KnowledgeError:
            made = {}
    return JointWay(points, None if zero else held, () if zero else tuple(made.items()), member, zero)
