"""General identification: does an effect follow from a graph with hidden causes, and by which expression?

Tian & Pearl (2002) decompose the observed distribution into factors of districts (nodes joined by ``<->`` paths);
Huang & Valtorta (2006) and Shpitser & Pearl (2006) show that what this cannot identify nothing can, and that a
hedge then stands in the way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from causalcopilot.graph.expressions import Conditional, Expression, Product, Ratio, Sum, text
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.mixed import Mixed, closure, mixed, order
from causalcopilot.graph.separation import position, positions, reading

KINDS = ("dag", "admg")


@dataclass(frozen=True, slots=True)
class General:
    """Whether an effect is identified by the graph alone.

    Attributes:
        identified: whether it is.
        expression: the distribution of the outcome under the intervention, or ``None``.
        formula: the same as text.
        hedge: two nested sets of columns, the larger with the treatment, that cannot be told apart by any data;
            empty where the effect is identified.
    """

    identified: bool
    expression: Expression | None = None
    formula: str = ""
    hedge: tuple[tuple[str, ...], ...] = ()


def general_identification(graph: Graph, treatment: str, outcome: str) -> General | None:
    """Whether P(outcome | do(treatment)) follows from the observed distribution; ``None`` for classes of graphs.

    Raises:
        UsageError: an unknown node.
        KnowledgeError: the graph is not of its declared kind.
    """
    t, y = position(graph, treatment), position(graph, outcome)
    if graph.kind not in KINDS:
        return None
    seen = projection(reading(graph), positions(graph, graph.observed))
    above = closure(seen.parents, (y,))
    if t not in above:
        return General(True, *_said(graph, Conditional((outcome,))))
    district = _Districts(seen, above, graph.nodes)
    needed = closure(seen.parents, (y,), (t,))
    factors = []
    for part in district.split(needed):
        whole = next(d for d in district.split(above) if part <= d)
        made = district.factor(part, whole)
        if made is None:
            return General(False, hedge=tuple(_named(graph, s) for s in (district.stuck, part)))
        factors.append(made)
    over = tuple(graph.nodes[v] for v in district.order if v in needed - {y})
    joined = factors[0] if len(factors) == 1 else Product(tuple(factors))
    return General(True, *_said(graph, Sum(over, joined) if over else joined))


def _said(graph: Graph, e: Expression) -> tuple[Expression, str]:
    return e, text(e)


def _named(graph: Graph, nodes: Iterable[int]) -> tuple[str, ...]:
    return tuple(graph.nodes[v] for v in sorted(nodes))


def projection(full: Mixed, seen: set[int]) -> Mixed:
    """The same nodes with edges among the measured ones only: an arrow for each directed path through hidden
    nodes, ``<->`` for each pair that hidden nodes or ``<->`` edges of theirs join (Verma & Pearl 1990)."""
    arrows, arcs = [], set()
    below: dict[int, set[int]] = {}
    for v in range(full.size):
        reached, stack = set[int](), list(full.children[v])
        passed = set(stack)
        while stack:
            w = stack.pop()
            if w in seen:
                reached.add(w)
                continue
            new = set(full.children[w]) - passed
            passed |= new
            stack += new
        below[v] = reached
        if v in seen:
            arrows += [(v, w) for w in reached]
    for v in range(full.size):
        first = {v} if v in seen else below[v]
        if v not in seen:
            arcs |= {(a, b) for a in first for b in first if a < b}
        for w in full.siblings[v]:
            second = {w} if w in seen else below[w]
            arcs |= {(min(a, b), max(a, b)) for a in first for b in second if a != b}
    return mixed(full.size, arrows, sorted(arcs))


class _Districts:
    """Factors of districts, worked out within the causes of the outcome."""

    def __init__(self, graph: Mixed, above: set[int], names: tuple[str, ...]) -> None:
        self.graph, self.names = graph, names
        self.order = [v for v in order(graph.children) or () if v in above]
        self.stuck: set[int] = set()

    def split(self, nodes: set[int]) -> list[set[int]]:
        """Districts of the subgraph over ``nodes``, in causal order of their first nodes."""
        left, found = set(nodes), []
        outside = set(range(self.graph.size)) - nodes
        for v in self.order:
            if v in left:
                part = closure(self.graph.siblings, (v,), outside)
                left -= part
                found.append(part)
        return found

    def factor(self, part: set[int], whole: set[int]) -> Expression | None:
        """The factor of a district from that of one that holds it; ``None`` where no way leads there."""
        before: list[int] = []
        terms: list[Expression] = []
        for v in self.order:
            if v in whole:
                terms.append(Conditional((self.names[v],), tuple(self.names[u] for u in before)))
            before.append(v)
        return self._descend(part, whole, terms[0] if len(terms) == 1 else Product(tuple(terms)))

    def _descend(self, part: set[int], whole: set[int], factor: Expression) -> Expression | None:
        """Tian & Pearl's recursion: first to the causes of ``part`` within ``whole``, then to its district there."""
        outside = set(range(self.graph.size)) - whole
        above = closure(self.graph.parents, part, outside)
        if above == part:
            return self._summed(whole - part, factor)
        if above == whole:
            self.stuck = whole
            return None
        inner = self._summed(whole - above, factor)
        district = next(d for d in self.split(above) if part <= d)
        if district == above:
            return self._descend(part, above, inner)
        terms: list[Expression] = []
        later = [v for v in self.order if v in above]
        while later:
            v = later.pop(0)
            if v in district:
                bottom = self._summed({v, *later}, inner)
                terms.append(Ratio(self._summed(set(later), inner), bottom))
        return self._descend(part, district, terms[0] if len(terms) == 1 else Product(tuple(terms)))

    def _summed(self, gone: set[int], e: Expression) -> Expression:
        over = tuple(self.names[v] for v in self.order if v in gone)
        return Sum(over, e) if over else e
