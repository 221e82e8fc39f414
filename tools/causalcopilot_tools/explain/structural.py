"""A structural model along a graph: every cause of an outcome with its mechanism and its noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.errors import NotApplicable, NotIdentified
from causalcopilot.graph.causes import sides
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Table
from causalcopilot_tools.explain.mechanisms import Mechanism, Node, fit, settle
from causalcopilot_tools.structure.structure import measured, present

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

UNFIT = {"identifier": "names the row", "text": "is free text", "date": "is a date"}
MAX_NODES = 40
"""Most columns of a model: the time to fit it again and again grows with every one."""
MIN_ROWS = 30
"""Fewest complete rows a model is fitted on."""


@dataclass(frozen=True)
class Layout:
    """What a graph says about the causes of one outcome, and the rows that tell of all of them.

    Attributes:
        graph: the graph it was read from.
        nodes: the outcome and its causes, causes before effects; the outcome comes last.
        values: (n, p) their values, labels as codes.
        rows: (n,) positions of those rows in the table.
        dropped: rows of the table left out, because a value is missing.
        findings: what a reader must know.
    """

    graph: StoredGraph
    nodes: tuple[Node, ...]
    values: Floats = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)
    dropped: int = 0
    findings: tuple[str, ...] = ()

    def at(self, name: str) -> int:
        """The position of a column; ``KeyError`` where it is no node."""
        for node in self.nodes:
            if node.name == name:
                return node.at
        raise KeyError(name)

    @property
    def outcome(self) -> Node:
        """The last node."""
        return self.nodes[-1]

    def below(self, start: int) -> tuple[int, ...]:
        """Positions of the nodes that ``start`` causes, in causal order, without itself."""
        found = {start}
        for node in self.nodes:
            if found & set(node.parents):
                found.add(node.at)
        return tuple(sorted(found - {start}))


@dataclass(frozen=True)
class Structural:
    """A layout with a fitted mechanism for every node."""

    layout: Layout
    mechanisms: tuple[Mechanism, ...]

    def refitted(self, values: Floats, rng: np.random.Generator) -> Structural:
        """The same model, in the same forms, fitted on other rows."""
        made = tuple(fit(m.node, m.shape, values, rng) for m in self.mechanisms)
        return Structural(replace(self.layout, values=values), made)

    @property
    def noise(self) -> Floats:
        """(n, p) the noise of every node and row."""
        import numpy as np

        return np.column_stack([m.noise for m in self.mechanisms])


def layout_of(context: Context, graph: StoredGraph, outcome: str, without: Sequence[str] = ()) -> Layout:
    """The outcome and its causes in a graph, with the rows that hold them all.

    Args:
        context: the case.
        graph: graph to read.
        outcome: column to explain.
        without: columns to leave out of the model, with their edges.

    Raises:
        NotIdentified: open edges or unmeasured causes: the graph is no structural model of the outcome.
        NotApplicable: a column that cannot be modelled, or too few rows.
    """
    present(graph, outcome)
    parents = _parents(graph, context, outcome, frozenset(without))
    order = _ordered(parents)
    if len(order) > MAX_NODES:
        raise NotApplicable(
            f"{outcome} has {len(order) - 1} causes in {graph.id}, more than {MAX_NODES - 1}",
            "give a smaller graph",
        )
    for name in order:
        why = UNFIT.get(context.dataset.type_of(name), "")
        if why:
            raise NotApplicable(
                f"{name} {why}, so the model of {outcome} cannot hold it", f"take {name} out of the graph"
            )
    frame = context.dataset.frame(order)
    import numpy as np

    whole = frame.notna().all(axis=1).to_numpy(copy=True)
    for name in order:
        if frame[name].dtype.kind == "f":
            whole &= np.isfinite(frame[name].to_numpy())
    rows = np.flatnonzero(whole)
    if len(rows) < MIN_ROWS:
        raise NotApplicable(
            f"only {len(rows)} rows hold {', '.join(order)} without gaps", f"{MIN_ROWS} rows are needed"
        )
    kept = frame.iloc[rows]
    nodes = tuple(_node(name, i, order, parents, kept, context) for i, name in enumerate(order))
    if nodes[-1].kind == "levels":
        raise NotApplicable(
            f"{outcome} is text with {len(nodes[-1].levels)} levels", "name a numeric or two-valued column"
        )
    values = np.column_stack([_codes(node, kept[node.name]) for node in nodes])
    dropped = len(frame) - len(rows)
    were = "row with a missing value was" if dropped == 1 else "rows with a missing value were"
    told = (f"{dropped} {were} left out",) if dropped else ()
    return Layout(graph, nodes, values, rows, dropped, told)


def modelled(
    layout: Layout, seed: int, only: Sequence[int] | None = None, *, straight: bool = False
) -> Structural:
    """The layout with mechanisms fitted; where ``only`` is given, other nodes are taken as they are.

    Args:
        layout: nodes and rows.
        seed: seed of the run.
        only: positions of the nodes to model.
        straight: try straight lines only.

    Raises:
        NotApplicable: a node with parents has more than two labels, or the outcome is not a number.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    needed = set(range(len(layout.nodes))) if only is None else set(only)
    made = []
    for node in layout.nodes:
        if node.at in needed and node.parents and node.kind == "levels":
            raise NotApplicable(
                f"{node.name} has {len(node.levels)} labels and causes of its own: such a mechanism is not modelled",
                f"declare it ordinal (--type {node.name}=ordinal), or leave {node.name} out of the graph",
            )
        bare = node if node.at in needed else replace(node, parents=())
        shape = settle(bare, layout.nodes, layout.values, rng, straight=straight)
        made.append(fit(bare, shape, layout.values, rng))
    return Structural(layout, tuple(made))


def head(layout: Layout, outcome: str) -> list[Fact]:
    """What every answer from a structural model says of the graph it assumes."""
    g = layout.graph
    standing = "learned" if g.learned else "given"
    return [
        Fact("outcome", outcome, "outcome explained", subject=outcome),
        Fact("graph", g.id, "graph assumed", subject=g.id),
        Fact("graph.origin", standing, "whether the graph was given or learned", subject=g.id),
        Fact("n_used", len(layout.rows), "rows used", format=",d"),
        Fact("dropped", layout.dropped, "rows left out for a missing value", format=",d"),
    ]


def mechanisms_table(model: Structural) -> Table:
    """How each column was modelled."""
    names = [n.name for n in model.layout.nodes]
    rows = tuple(
        (m.node.name, ", ".join(names[p] for p in m.node.parents) or "none", m.shape.form, m.r2)
        for m in model.mechanisms
        if m.shape.form != "root"
    )
    return Table("mechanisms", "Mechanisms of the structural model", ("column", "causes", "form", "R2"), rows)


def _parents(
    graph: StoredGraph, context: Context, outcome: str, without: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """The parents of the outcome and of each of its causes; raises where the graph leaves any of it open."""
    g = graph.graph
    if g.kind == "lagged":
        raise NotApplicable(
            f"{graph.id} is a graph over time; such a model of single rows is not built",
            "give a graph of the columns with --graph",
        )
    seen, _ = measured(g, context.dataset.columns)
    if without:
        seen = _left_out(seen, without)
    facing = sides(seen)
    inside = {seen.nodes[v] for v in facing.possible_causes(seen.nodes.index(outcome))}
    _refuse_open(graph, seen, inside, outcome)
    parents: dict[str, tuple[str, ...]] = {n: () for n in seen.nodes if n in inside}
    for e in seen.edges:
        a, b = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
        if a in inside and b in inside:
            parents[b] = (*parents[b], a)
    hidden = [n for n in parents if n in seen.latents]
    for name in hidden:
        touched = [c for c, above in parents.items() if name in above]
        if len(touched) > 1 or parents[name]:
            raise NotIdentified(
                f"{name} is unmeasured and acts on {' and '.join(touched)}, so {graph.id} is no structural model"
                f" of {outcome} that rows could fit",
                f"measure {name}, or ask for an effect: identification knows what else may help",
            )
    return {n: tuple(p for p in above if p not in hidden) for n, above in parents.items() if n not in hidden}


def _left_out(graph: Graph, names: frozenset[str]) -> Graph:
    return replace(
        graph,
        nodes=tuple(n for n in graph.nodes if n not in names),
        edges=tuple(e for e in graph.edges if not {e.source, e.target} & names),
        latents=tuple(n for n in graph.latents if n not in names),
        selected=tuple(n for n in graph.selected if n not in names),
    )


def _refuse_open(graph: StoredGraph, seen: Graph, inside: set[str], outcome: str) -> None:
    edges = [e for e in seen.edges if e.source in inside and e.target in inside]
    bent = [e for e in edges if e.source_mark == e.target_mark == "arrow"]
    still = [e for e in edges if not e.directed and e not in bent]
    if still:
        listed = ", ".join(str(e) for e in still[:6])
        more = f" and {len(still) - 6} more" if len(still) > 6 else ""
        raise NotIdentified(
            f"{graph.id} leaves open {listed}{more}: a class of graphs is no structural model of {outcome}",
            "settle these edges with ccp graph edit, or give a graph with --graph",
        )
    if bent:
        raise NotIdentified(
            f"{graph.id} has a hidden common cause at {', '.join(map(str, bent[:6]))}, so it is no structural model"
            f" of {outcome} that rows could fit",
            "measure the common cause, or ask for an effect: identification knows what else may help",
        )
    if graph.graph.kind == "pag" and edges:
        raise NotIdentified(
            f"{graph.id} is a PAG, which leaves room for hidden common causes: no structural model of {outcome}",
            "give a DAG with --graph",
        )


def _ordered(parents: dict[str, tuple[str, ...]]) -> list[str]:
    """Causes before effects; as in the graph otherwise.  The outcome, which all others cause, comes last."""
    order: list[str] = []
    left = dict(parents)
    while left:
        ready = [n for n, above in left.items() if not set(above) & left.keys()]
        if not ready:
            raise NotApplicable(f"the graph has a cycle among {', '.join(left)}", "correct the graph")
        order += ready
        for n in ready:
            del left[n]
    return order


def _node(
    name: str,
    at: int,
    order: list[str],
    parents: dict[str, tuple[str, ...]],
    frame: pd.DataFrame,
    context: Context,
) -> Node:
    import pandas as pd

    v = frame[name]
    above = tuple(sorted(order.index(p) for p in parents[name]))
    labels = sorted(v.unique().tolist())
    if len(labels) == 2:
        return Node(name, at, "binary", above, tuple(map(_label, labels)))
    if pd.api.types.is_numeric_dtype(v) and context.dataset.type_of(name) != "nominal":
        return Node(name, at, "number", above)
    if len(labels) > 50:
        raise NotApplicable(
            f"{name} has {len(labels)} labels, too many for a mechanism", f"take {name} out of the graph"
        )
    return Node(name, at, "levels", above, tuple(map(_label, labels)))


def _label(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _codes(node: Node, values: pd.Series) -> Floats:
    import numpy as np

    if node.kind == "number":
        return np.asarray(values, dtype=np.float64)
    code = {label: float(i) for i, label in enumerate(node.levels)}
    return np.array([code[_label(v)] for v in values.tolist()])
