"""FCI: a PAG, which allows for hidden common causes; takes knowledge.

Numbers with enough rows are searched by FCI begun at BOSS (``core.boss_fci``), the rest by plain FCI.  A cause is
claimed (``-->``) only where every graph without it scores clearly worse; elsewhere its end is left open (``o->``).
So are arrowheads that another graph, of a cause in place of a ``<->``, does not share though it fits nearly as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.citests import ON_MOMENTS, citest, depth_of, name_of, notes_of
from causalcopilot_tools.discovery.found import Found, Settings, to_graph
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.order import arranged, restored
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.core.fci import FciResult
    from causalcopilot_tools.discovery.core.moments import Moments
    from causalcopilot_tools.discovery.core.pag_rules import Marks
    from causalcopilot_tools.discovery.core.pc import Limits

CARD = Card(
    assumes=(
        "faithfulness",
        "no cycles",
        "no selection on the columns",
        "linear relations (for these tests)",
    ),
    data="numbers and categories (as indicators); missing cells allowed",
    cost="0.2 s at 10 columns, 2 s at 20, up to 10 s at 30; once per machine about 12 s to compile",
    source="Ogarrio, Spirtes & Ramsey 2016; Andrews et al. 2023; Spirtes, Glymour & Scheines 2000; Zhang 2008",
)
BOSS_COLUMNS = 30
"""Above this FCI begins at all pairs: the score of whole graphs would take tens of seconds."""
COMPILED = 1_000_000
"""Searches BOSS is told of, so that it takes the compiled core, which is loaded here anyway."""
REPAIRS = 30
"""Colliders given up, weakest first, to reach marks that fit some graph."""


def search(data: Prepared, limits: Constraints, settings: Settings) -> Found:
    """Learn a PAG; what is forbidden as a cause gets an arrowhead at its end."""

    from causalcopilot_tools.discovery.core.citest import GaussianTest
    from causalcopilot_tools.discovery.core.fci import fci

    here, order = arranged(data)
    bounds = limits.limits(here.names)
    told = settings.test not in ON_MOMENTS
    begun = (not told) and here.all_numbers and len(order) <= BOSS_COLUMNS and data.rows > 2 * len(order)
    if told:
        test = citest(here, settings.test, settings.seed)
        result = fci(test, settings.alpha, bounds, depth_of(settings.test, settings.max_depth))
        said = notes_of(settings.test, test, here)
    else:
        m = here.moments()
        said = [*m.notes]
        if begun:
            result = _begun_at_boss(m, bounds, settings)
        else:
            result = fci(GaussianTest(m), settings.alpha, bounds, settings.max_depth)
    learned, repaired = _valid(result, bounds, here.names)
    learned, opened = _claimed(learned, result)
    learned, contested = _agreed(learned, result, here.names)
    notes = [*said]
    if repaired:
        notes.append(f"the tests contradicted one another: {repaired}")
    if opened:
        notes.append(
            f"{opened} {'edges are' if opened > 1 else 'edge is'} left open as o->: a hidden common cause explains the"
            " table nearly as well as the cause that fits best"
        )
    if contested:
        notes.append(
            f"{contested} {'ends are' if contested > 1 else 'end is'} left open where a graph with other arrowheads"
            " explains the table nearly as well as the one that fits best"
        )
    if result.skeleton.cut:
        notes.append(
            f"conditioning sets above {result.skeleton.depth} were not tried: they would be too many"
        )
    params = (
        ("alpha", settings.alpha),
        ("test", name_of(settings.test, data)),
        ("depth", result.skeleton.depth),
        ("begun_at", "boss" if begun else "all_pairs"),
    )
    return Found("fci", "pag", restored(learned, order), params, tuple(notes))


def _begun_at_boss(m: Moments, limits: Limits, settings: Settings) -> FciResult:
    """FCI from the graph of BOSS, which draws a pair that cannot cause one another as any other."""
    from causalcopilot_tools.discovery.boss import on_moments
    from causalcopilot_tools.discovery.core.boss_fci import boss_fci
    from causalcopilot_tools.discovery.core.pc import Limits

    one_way = Limits(limits.forbidden & ~limits.forbidden.T, limits.required, limits.ordered)
    dag = on_moments(m, one_way, settings, COMPILED).dag
    return boss_fci(m, dag, settings.alpha, limits, settings.max_depth, settings.penalty)


def _claimed(marks: Marks, result: FciResult) -> tuple[Marks, int]:
    """Tails that are not sure as circles (every graph that fitted still fits), and how many."""
    from causalcopilot_tools.discovery.core.mag_marks import open_tails
    from causalcopilot_tools.discovery.found import ARROW, TAIL

    open_ = [(a, b) for a, b in result.unsure if marks[a, b] == ARROW and marks[b, a] == TAIL]
    return open_tails(marks, open_) if open_ else marks, len(open_)


def _agreed(marks: Marks, result: FciResult, names: tuple[str, ...]) -> tuple[Marks, int]:
    """Arrowheads that a graph which fits nearly as well does not share as circles, and how many.

    Those stay without which no graph could be read from the marks.
    """
    from causalcopilot_tools.discovery.core.mag_marks import open_heads
    from causalcopilot_tools.discovery.found import ARROW

    out = marks
    for ends in result.contested:
        opened = open_heads(out, ends)
        if _fits(opened, names):
            out = opened
    return out, int(((marks == ARROW) & (out != ARROW)).sum())


def _valid(result: FciResult, limits: Limits, names: tuple[str, ...]) -> tuple[Marks, str]:
    """Marks that fit some graph with hidden causes, and what had to be given up for it."""
    from causalcopilot_tools.discovery.core.fci import orient

    marks = result.marks
    evidence = dict(result.evidence)
    given_up = 0
    while not _fits(marks, names):
        weakest = min((t for t, e in evidence.items() if e > 0), key=lambda t: evidence[t], default=None)
        if weakest is None or given_up == REPAIRS:
            return _from_dag(
                result, limits, names
            ), "the directions are those of the closest graph without hidden causes"
        evidence[weakest] = 0.0
        given_up += 1
        marks = orient(result.skeleton, evidence, limits)
    return marks, f"{given_up} weakly supported colliders were given up" if given_up else ""


def _fits(marks: Marks, names: tuple[str, ...]) -> bool:
    from causalcopilot.graph.equivalence import is_valid

    return is_valid(to_graph(Found("fci", "pag", marks), names)).valid


def _from_dag(result: FciResult, limits: Limits, names: tuple[str, ...]) -> Marks:
    """The PAG of the DAG on this skeleton that contradicts the least evidence: always valid."""
    import numpy as np

    from causalcopilot.graph.graph import Graph
    from causalcopilot.graph.pags import pag_of
    from causalcopilot_tools.discovery.core.fci import known_marks
    from causalcopilot_tools.discovery.core.orient import find_cycle, least_contradicted
    from causalcopilot_tools.discovery.found import ARROW, CIRCLE, MARKS

    adjacent = result.skeleton.adjacent
    fixed = adjacent & (limits.required | (limits.forbidden.T & ~limits.forbidden))
    if find_cycle(fixed):
        fixed = adjacent & limits.required
    dag = least_contradicted(adjacent, result.evidence, fixed)
    pag = pag_of(Graph.from_arrows("dag", names, [(names[i], names[j]) for i, j in np.argwhere(dag)]))
    place = {n: i for i, n in enumerate(names)}
    code = {mark: k for k, mark in MARKS.items()}
    marks = np.zeros_like(result.marks)
    for e in pag.edges:
        i, j = place[e.source], place[e.target]
        marks[i, j], marks[j, i] = code[e.target_mark], code[e.source_mark]
    known = known_marks(adjacent, limits)
    marks[(marks == CIRCLE) & (known == ARROW)] = ARROW
    return marks
