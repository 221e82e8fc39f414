"""Which columns' mechanisms differ between domains (or drift), each tested given its causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import NewGraph, StructureResult, Table
from causalcopilot.toolkit.tool import Alpha, Card, Column, Columns, GraphRef, Name, Ok, Refusal, tool

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.prepared import Prepared

MIN_ROWS = 60
"""Rows without which two domains cannot be compared."""
ROW_ORDER = "row order"
PARTS = 4
"""Parts the rows are cut into where drift along their order is asked for."""

CARD = Card(
    assumes=(
        "the graph behind the test is right, and no hidden cause acts on two columns",
        "relations are linear within a domain",
        "rows are independent of one another within a domain",
    ),
    data="numbers and categories, and a column that tells the domain or time of each row",
    cost="under a second at 10 columns",
    source="Huang et al. 2020 (CD-NOD); Chow 1960; Brown & Forsythe 1974; Benjamini & Hochberg 1995",
)


@dataclass(frozen=True)
class Mechanism:
    """One column and whether its dependence on its causes differs between domains.

    Attributes:
        name: column.
        changes: ``yes``, ``no`` or ``uncertain``.
        p_value: corrected p-value of no difference, the larger one over the sets of causes the graph allows.
        least: the smaller one.
        causes: causes that were held fixed; with the open ones where the graph leaves edges open.
        level, spread: plain p-values of the same intercept and slopes, and of the same spread of what is left.
    """

    name: str
    changes: str
    p_value: float
    least: float
    causes: tuple[str, ...]
    level: float
    spread: float | None


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_ROWS:
        return Refusal(
            f"{profile.rows} rows are too few to compare domains", f"at least {MIN_ROWS} are needed"
        )
    return Ok()


@tool(group="discovery", deadline=120.0, applies=_applies, card=CARD)
def changes(
    context: Context,
    domain: Column | None = None,
    columns: Columns = (),
    graph: GraphRef | None = None,
    alpha: Alpha = 0.05,
    drift: bool = False,
    name: Name | None = None,
) -> StructureResult:
    """Test which columns' mechanisms differ between domains (regions, sites, periods): yes, no or uncertain each.

    A mechanism is how a column depends on its causes in the graph: intercept, slopes, and the spread of what is
    left, all compared between domains and corrected for the number of columns. Without a graph, one is
    learned from rows from which each domain's mean has been taken out, and remembered. A column whose
    own causes change need not change itself.

    Args:
        domain: column that tells the domain or time; by role domain or time in the knowledge when not given.
        columns: columns to test; all usable ones when empty.
        graph: graph that says what causes what; learned when not given.
        alpha: level, after correction.
        drift: compare parts of the table in the order of its rows instead of domains.
        name: name to remember a learned graph by.

    Raises:
        NotApplicable: no domain column is known, or it does not tell at least two domains apart.
    """
    from causalcopilot_tools.discovery.inputs import prepare

    data = prepare(context, columns)
    data, place = _placed(context, data, domain, drift)
    kept = [i for i, n in enumerate(data.names) if n != place]
    inside = centred(data, place).keep(kept)
    if graph is not None:
        found = mechanisms(data, place, graph.graph, alpha)
        return _result(data, place, graph, found, alpha, ())
    learned, new = _learn(context, inside, name)
    found = mechanisms(data, place, learned, alpha, _by_cd_nod(context, data, place))
    return _result(data, place, StoredGraph("", learned), found, alpha, new)


def _placed(context: Context, data: Prepared, asked: str | None, drift: bool) -> tuple[Prepared, str]:
    """The columns with the domain of each row as one more, complete rows only, and its name."""
    import numpy as np

    from causalcopilot_tools.discovery import domains

    if drift:
        codes = np.floor(np.arange(data.rows) * PARTS / data.rows)
        q = data.matrix.shape[1]
        data = replace(
            data,
            names=(*data.names, ROW_ORDER),
            types=(*data.types, "nominal"),
            matrix=np.column_stack([data.matrix, codes]),
            blocks=(*data.blocks, np.array([q])),
            notes=(*data.notes, f"the rows were cut into {PARTS} parts in their order"),
            start=None,
        )
        place = ROW_ORDER
    else:
        found = domains.domain_column(context, asked)
        if found is None:
            raise NotApplicable(
                "nobody said which column tells the domain or time of each row",
                'name it ("which mechanisms change between COL?"), or give it the role domain in a knowledge file',
            )
        data, place = domains.with_domain(context, data, found), found
    complete = np.flatnonzero(~np.isnan(data.matrix).any(axis=1))
    if len(complete) < MIN_ROWS:
        raise NotApplicable(
            f"only {len(complete)} rows are complete", f"at least {MIN_ROWS} are needed: give fewer columns"
        )
    lost = data.rows - len(complete)
    notes = (*data.notes, *((f"{lost:,} rows with missing cells were left out",) if lost else ()))
    return replace(data.resample(complete), notes=notes), place


def centred(data: Prepared, place: str) -> Prepared:
    """The numbers with each domain's mean taken out and the overall mean put back; categories as they are."""
    import numpy as np

    x = data.matrix.copy()
    codes = x[:, data.blocks[data.names.index(place)][0]]
    for block, kind in zip(data.blocks, data.types, strict=True):
        if kind in ("binary", "nominal"):
            continue
        for code in np.unique(codes[~np.isnan(codes)]):
            rows = codes == code
            x[np.ix_(rows, block)] -= np.nanmean(x[np.ix_(rows, block)], axis=0) - np.nanmean(
                data.matrix[:, block], axis=0
            )
    return replace(data, matrix=x, start=None)


def within_domains(context: Context, data: Prepared) -> Prepared:
    """What a search within domains sees: where the knowledge names a domain column, its means are taken out.

    The means that domains add to several columns at once would look like dependence (measured on the
    simulator with three domains: graphs of pooled rows hold four times as many errors).
    """
    from causalcopilot_tools.discovery.domains import with_domain

    named = context.knowledge.with_role("domain")
    place = next((c for c in context.dataset.columns if c in named), None)
    if place is None or place in data.names:
        return data
    try:
        placed = with_domain(context, data, place)
    except NotApplicable as e:
        return replace(data, notes=(*data.notes, f"the domain column was not used: {e}"))
    others = [i for i, n in enumerate(placed.names) if n != place]
    note = (
        f"each domain's mean was taken out of every column of numbers ({place}); ask which mechanisms change"
        f" between the values of {place} to see what differs"
    )
    inside = centred(placed, place).keep(others)
    return replace(inside, left_out=data.left_out, notes=(*inside.notes, note))


def _learn(context: Context, inside: Prepared, name: str | None) -> tuple[Graph, tuple[NewGraph, ...]]:
    """A graph of the columns within domains, and the same to be remembered."""
    from causalcopilot_tools.discovery import boss, rules
    from causalcopilot_tools.discovery.found import Settings, to_graph
    from causalcopilot_tools.discovery.knowledge import constraints

    limits = constraints(context.knowledge, inside.names)
    settings = Settings(rules.level(inside.rows), context.seed, rules.starts(len(inside.names)))
    found = boss.search(inside, limits, settings)
    graph = to_graph(found, inside.names)
    note = "learned within domains: each domain's mean was taken out"
    params = (*found.params, ("seed", context.seed))
    return graph, (NewGraph(graph, name or "", found.method, params, "discovered", note=note),)


def _by_cd_nod(context: Context, data: Prepared, place: str) -> frozenset[str] | None:
    """Columns whose mechanism changes by CD-NOD, or ``None`` where there are too few rows for it."""
    from causalcopilot_tools.discovery import cd_nod, rules
    from causalcopilot_tools.discovery.found import Settings
    from causalcopilot_tools.discovery.knowledge import constraints

    limits = constraints(context.knowledge, data.names)
    settings = Settings(rules.level(data.rows), context.seed, domain=place)
    try:
        found = cd_nod.search(data, limits, settings)
    except NotApplicable:
        return None
    return frozenset(cd_nod.changing(found, data.names, place))


def _agreed(said: str, second: bool | None) -> str:
    """The tests' word beside CD-NOD's, which settles what open edges leave uncertain and casts doubt elsewhere."""
    if second is None:
        return said
    if said == "uncertain":
        return "yes" if second else "no"
    return said if (said == "yes") == second else "uncertain"


def mechanisms(
    data: Prepared, place: str, graph: Graph, alpha: float, second: frozenset[str] | None = None
) -> tuple[Mechanism, ...]:
    """Test every column of ``data`` but the domain ``place`` given its causes in ``graph``.

    Edges without a direction are tried both ways: as causes, and not.  A change needs both to say so.

    Args:
        data: complete rows; the domain is a column of codes.
        place: name of the domain.
        graph: says what causes what.
        alpha: level, after Benjamini and Hochberg's correction.
        second: columns that change by another method, which must not disagree.
    """
    from causalcopilot_tools.discovery.core.change import DomainTest
    from causalcopilot_tools.structure.examination import benjamini_hochberg

    test = DomainTest(data.matrix, data.blocks, data.names.index(place))
    names = [n for n in data.names if n != place]
    sets = {n: _causes(graph, n, data.names) for n in names}
    tried = {n: [test.change(data.names.index(n), s) for s in sets[n]] for n in names}
    high = benjamini_hochberg([max(tried[n]) for n in names])
    low = benjamini_hochberg([min(tried[n]) for n in names])
    out = []
    for n, most, least in zip(names, high, low, strict=True):
        said = "yes" if most < alpha else "no" if least >= alpha else "uncertain"
        said = _agreed(said, None if second is None else n in second)
        most_causes = sets[n][-1]
        level, spread = test.parts(data.names.index(n), most_causes)
        causes = tuple(data.names[i] for i in most_causes)
        out.append(Mechanism(n, said, most, least, causes, level, spread))
    return tuple(out)


def _result(
    data: Prepared,
    place: str,
    stored: StoredGraph,
    found: tuple[Mechanism, ...],
    alpha: float,
    new: tuple[NewGraph, ...],
) -> StructureResult:
    changed = tuple(m.name for m in found if m.changes == "yes")
    open_ = [m.name for m in found if m.changes == "uncertain"]
    answer = "yes" if changed else "uncertain" if open_ else "no"
    listed = ", ".join(changed) or "none"
    notes = [
        *data.notes,
        f"a change is tested in straight lines: curved relations that {place} shifts can look like one",
    ]
    if new:
        notes.append(
            "the graph was learned from the same rows; where CD-NOD disagrees with the test, it is uncertain"
        )
    return StructureResult(
        f"mechanisms that change with {place}: {listed}",
        tuple(_facts(data, place, stored, found, alpha, answer)),
        new,
        (_table(place, found),),
        tuple(notes),
        answer=answer,
        names=changed,
        graph=stored.id or None,
    )


def _facts(
    data: Prepared,
    place: str,
    stored: StoredGraph,
    found: tuple[Mechanism, ...],
    alpha: float,
    answer: str,
) -> Iterator[Fact]:
    import numpy as np

    codes = data.matrix[:, data.blocks[data.names.index(place)][0]]
    yield Fact("answer", answer, f"some mechanism changes with {place}", subject=place)
    yield Fact("domain", place, "what tells the domains", subject=place)
    yield Fact("domains", len(np.unique(codes)), "domains compared", format="d")
    yield Fact("tested", len(found), "columns tested", format="d")
    for key in ("yes", "uncertain", "no"):
        names = [m.name for m in found if m.changes == key]
        word = {"yes": "changed", "uncertain": "open", "no": "same"}[key]
        yield Fact(word, len(names), f"columns whose mechanism changes: {key}", format="d")
        for i, name in enumerate(names, 1):
            yield Fact(f"{word}.{i}", name, f"mechanism changes: {key}", subject=name)
            m = next(m for m in found if m.name == name)
            yield Fact(f"{word}.{i}.p_value", m.p_value, f"corrected p-value of {name}", format=".3g")
            yield Fact(f"{word}.{i}.causes", ", ".join(m.causes) or "nothing", f"held fixed for {name}")
            yield Fact(f"{word}.{i}.how", _how(m, alpha), f"what differs in {name}")
    if stored.id:
        yield Fact("graph", stored.id, "graph that says what causes what", subject=stored.id)
    yield Fact("n", data.rows, "rows used", format=",d")
    yield Fact("alpha", alpha, "level after correction", format="g")


def _how(m: Mechanism, alpha: float) -> str:
    parts = ["level or slopes"] if m.level < alpha else []
    if m.spread is not None and m.spread < alpha:
        parts.append("spread of what is left")
    return " and ".join(parts) or "nothing clear"


def _table(place: str, found: tuple[Mechanism, ...]) -> Table:
    heads = ("column", "changes", "corrected p-value", "level and slopes", "spread", "causes held fixed")
    order = {"yes": 0, "uncertain": 1, "no": 2}
    rows = tuple(
        (m.name, m.changes, m.p_value, m.level, m.spread, ", ".join(m.causes))
        for m in sorted(found, key=lambda m: (order[m.changes], m.p_value))
    )
    return Table("changes", f"Does the mechanism of a column change with {place}?", heads, rows)


def _causes(graph: Graph, node: str, names: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Places of the sure causes of a node, and of the sure and possible ones where there are more."""
    sure, possible = [], []
    for edge in graph.edges if node in graph.nodes else ():
        if node not in (edge.source, edge.target):
            continue
        e = edge if edge.target == node else edge.flipped()
        if e.source in names and e.target_mark == "arrow" and e.source_mark != "arrow":
            sure.append(names.index(e.source))
        elif e.source in names and e.target_mark != "arrow" and e.source_mark != "arrow":
            possible.append(names.index(e.source))
    first, both = tuple(sorted(sure)), tuple(sorted(sure + possible))
    return [first] if first == both else [first, both]
