"""What ``auto`` learns in one data situation after another, beside causal-learn's PC and GES on the same tables.

    python -m tests.benchmarks.discovery_situations            # 20 graphs a row, 60 where latents are told
    python -m tests.benchmarks.discovery_situations --quick    # 3 graphs a row
    python -m tests.benchmarks.discovery_situations --only latents

Tables come from the simulator with seeds that no rule was tuned on, go through ``open_data`` as a user's would
(column types are guessed, not told), and into the ``discover`` tool.  CPU seconds are those of the search alone, one
process, runner-up included for ccp.

Scores hold the graph against the CPDAG of the truth; against its DAG where the noise is non-Gaussian (there the
data tell every direction); against its PAG where there are latents; against the maximally oriented graph where tiers
are told.  ``claims`` is the share of claimed causes (``a --> b``) that are true of the graph with its latents.  F1 are
medians; precision, recall and claims pool all graphs, ``prec ~`` and ``claims ~`` are medians over the graphs that have
some; SHD is a mean.  A search that did not finish within its CPU limit is counted in the last column and scores
nothing.  The row of 100 columns takes about 20 minutes, nearly all of it causal-learn's.

Scale-free graphs of 10 columns close most of their triangles: of 17 edges the class directs one or two, and one edge
whose paths nearly cancel, so that every score is better without it, directs most of the others.  There ``claims`` says
how many directions are right; precision of so few arrowheads says little.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import signal
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from causalcopilot.data import open_data, profile_dataset
from causalcopilot.data.simulate import simulate
from causalcopilot.data.simulate_settings import Settings
from causalcopilot.data.simulation import Simulation
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.graph.compare import compare, shd
from causalcopilot.graph.equivalence import meek_closure
from causalcopilot.graph.graph import Edge, Graph, Mark
from causalcopilot.graph.mixed import closure, mixed_of
from causalcopilot.toolkit.context import Context

if TYPE_CHECKING:
    from causalcopilot_tools.discovery.knowledge import Constraints

Array = np.ndarray[Any, Any]
Search = Callable[[Simulation], Graph]
SEED = 7_000
CPU_LIMIT, QUICK_LIMIT = 120.0, 40.0


@dataclass(frozen=True)
class Situation:
    """One row of the table.

    Attributes:
        name: as printed.
        settings: of the simulator.
        target: least skeleton F1 asked for, or nothing.
        latents: tell ``ccp`` that hidden common causes are possible, and compare with FCI instead of GES.
        tiers: so many tiers, cut from the true causal order, are told to ``ccp`` and to causal-learn's PC.
        lower_than: a search whose mean SHD ccp's must be below.
        above: another row, above whose mean SHD ccp's may rise by ``GAP`` at most.
        graphs: how many; more where a share of some hundred arrowheads is the target.
    """

    name: str
    settings: Settings
    target: float | None = None
    latents: bool = False
    tiers: int = 0
    lower_than: str = ""
    above: str = ""
    graphs: int = 20


GAP = 1.5
BASE = Settings(rows=1000, weights=(0.5, 2.0), scaling="after")
HIDDEN = Settings(nodes=20, rows=5000, latents=6)
GAPS = Settings(rows=2000)
SITUATIONS = (
    Situation("p 10, edges .2", replace(BASE, edge_probability=0.2), 0.94),
    Situation("p 10, edges .5", replace(BASE, edge_probability=0.5), 0.85),
    Situation("p 10, edges .1", replace(BASE, edge_probability=0.1), 0.95),
    Situation("non-Gaussian", replace(BASE, edge_probability=0.2, kind="nongaussian"), 0.98),
    Situation(
        "discrete share .2", replace(BASE, edge_probability=0.2, kind="mixed", discrete_share=0.2), 0.90
    ),
    Situation("error, 1 % of variance", replace(BASE, edge_probability=0.2, measurement_error=0.01), 0.90),
    Situation("error, 10 % of variance", replace(BASE, edge_probability=0.2, measurement_error=0.1), 0.90),
    Situation("missing 10 %", replace(BASE, edge_probability=0.2, missing=0.1), 0.92),
    Situation("3 domains", replace(BASE, edge_probability=0.2, domains=3), 0.80),
    Situation("p 50, degree 2.5", replace(BASE, nodes=50, degree=2.5), 0.97),
    Situation("p 100, degree 2.5", replace(BASE, nodes=100, degree=2.5), 0.98),
    Situation("p 20, latents, told", HIDDEN, latents=True, graphs=60),
    Situation("p 20, latents, not told", HIDDEN),
    Situation("complete, n 2000", GAPS),
    Situation("MCAR 20 %", replace(GAPS, missing=0.2), above="complete, n 2000"),
    Situation("MAR 20 %", replace(GAPS, missing=0.2, mechanism="mar"), above="complete, n 2000"),
    Situation("mixed, n 500", Settings(rows=500, kind="mixed"), lower_than="causal-learn PC"),
    Situation(
        "discrete, n 5000", Settings(rows=5000, kind="discrete"), lower_than="causal-learn PC, chi-square"
    ),
    Situation("scale-free, p 10", replace(BASE, graph="scale-free")),
    Situation("scale-free, p 30, inside", Settings(nodes=30, rows=5000, graph="scale-free")),
    Situation("3 tiers, p 10, n 500", Settings(rows=500), tiers=3),
    Situation("3 tiers, p 30, n 5000", Settings(nodes=30, rows=5000), tiers=3),
    Situation("3 tiers, mixed, n 500", Settings(rows=500, kind="mixed"), tiers=3),
    Situation("p 10, edges .2, inside", replace(BASE, edge_probability=0.2, scaling="inside")),
    Situation("p 10, edges .5, inside", replace(BASE, edge_probability=0.5, scaling="inside")),
)


# --- searches -------------------------------------------------------------------------------------------------------


def ccp(told: bool, context: Context) -> Graph:
    """The tool itself, with the rule table's choice."""
    from causalcopilot_tools.discovery.discover import discover

    return discover(context, latents=told).graphs[0].graph


def codes(made: Simulation) -> tuple[tuple[str, ...], Array]:
    """The table as causal-learn takes it: labels as codes in alphabetical order, NaN where missing."""
    names = made.truth.nodes
    columns = []
    for name in names:
        values = made.data[name]
        if values.dtype == object:
            labels = sorted({v for v in values.tolist() if v is not None})
            values = np.array([np.nan if v is None else labels.index(v) for v in values.tolist()])
        columns.append(values.astype(np.float64))
    return names, np.column_stack(columns)


def tiers_of(made: Simulation, tiers: int) -> dict[str, int]:
    """Tiers of equal size along the true causal order."""
    left, order = list(made.truth.nodes), []
    causes: dict[str, set[str]] = {n: set() for n in left}
    for source, target in heads(made.graph):
        causes[target].add(source)
    while left:
        order.append(next(n for n in left if not causes[n] & set(left)))
        left.remove(order[-1])
    return {n: i * tiers // len(order) for i, n in enumerate(order)}


def told(made: Simulation, tiers: int) -> Knowledge:
    """The tiers as a user's knowledge."""
    columns = tiers_of(made, tiers).items() if tiers else ()
    return Knowledge(columns=tuple(ColumnKnowledge(n, tier=t) for n, t in columns))


def with_tiers(made: Simulation, tiers: int) -> Simulation:
    """The same table, its truth oriented by the tiers too."""
    if not tiers:
        return made
    place = tiers_of(made, tiers)
    late = [(a, b) for a in place for b in place if place[a] > place[b]]
    return replace(made, truth=meek_closure(made.truth, forbidden=late))


def causal_learn_knowledge(limits: Constraints, names: tuple[str, ...]) -> Any:
    """causal-learn's ``BackgroundKnowledge`` over nodes called ``names``."""
    from causallearn.graph.GraphNode import GraphNode
    from causallearn.utils.PCUtils.BackgroundKnowledge import BackgroundKnowledge

    nodes = {n: GraphNode(n) for n in names}
    out = BackgroundKnowledge()
    for a, b in sorted(limits.forbidden):
        out.add_forbidden_by_node(nodes[a], nodes[b])
    for a, b in sorted(limits.required):
        out.add_required_by_node(nodes[a], nodes[b])
    return out


def learned_tiers(tiers: int, made: Simulation) -> Graph:
    """causal-learn's PC, told the tiers."""
    from causallearn.search.ConstraintBased.PC import pc

    from causalcopilot_tools.discovery.knowledge import constraints

    names, x = codes(made)
    known = causal_learn_knowledge(constraints(told(made, tiers), names), names)
    found = pc(x, 0.05, "fisherz", background_knowledge=known, show_progress=False, node_names=list(names))
    return from_endpoints(found.G.graph, names, "cpdag")


def learned_pc(made: Simulation) -> Graph:
    """causal-learn's PC at its default level; test-wise deletion where cells are missing."""
    from causallearn.search.ConstraintBased.PC import pc

    names, x = codes(made)
    gaps = bool(np.isnan(x).any())
    found = pc(x, 0.05, "mv_fisherz" if gaps else "fisherz", show_progress=False)
    return from_endpoints(found.G.graph, names, "cpdag")


def learned_chi_square(made: Simulation) -> Graph:
    """causal-learn's PC with its chi-square test of counts."""
    from causallearn.search.ConstraintBased.PC import pc

    names, x = codes(made)
    return from_endpoints(pc(x.astype(int), 0.05, "chisq", show_progress=False).G.graph, names, "cpdag")


def learned_direct(made: Simulation) -> Graph:
    """lingam's DirectLiNGAM."""
    from lingam import DirectLiNGAM

    names, x = codes(made)
    return from_weights(DirectLiNGAM(random_state=0).fit(x).adjacency_matrix_, names)


def learned_ica(made: Simulation) -> Graph:
    """lingam's ICA-LiNGAM."""
    from lingam import ICALiNGAM

    names, x = codes(made)
    return from_weights(ICALiNGAM(random_state=0).fit(x).adjacency_matrix_, names)


def by_tool(method: str, made: Simulation) -> Graph:
    """One method of the ``discover`` tool, asked for by name."""
    from causalcopilot_tools.discovery.discover import discover

    with tempfile.TemporaryDirectory() as scratch:
        return discover(context_of(made, Path(scratch), 0), method=method).graphs[0].graph


def from_weights(weights: Array, names: tuple[str, ...]) -> Graph:
    """A graph from lingam's matrix, whose ``[i, j]`` is the effect of ``j`` on ``i``."""
    return Graph("dag", names, tuple(Edge(names[j], names[i]) for i, j in np.argwhere(weights != 0)))


def learned_ges(made: Simulation) -> Graph:
    """causal-learn's GES with its default score; on complete rows where cells are missing."""
    from causallearn.search.ScoreBased.GES import ges

    names, x = codes(made)
    found = ges(x[~np.isnan(x).any(axis=1)], score_func="local_score_BIC_from_cov")
    return from_endpoints(found["G"].graph, names, "cpdag")


def learned_fci(made: Simulation) -> Graph:
    """causal-learn's FCI at its default level."""
    from causallearn.search.ConstraintBased.FCI import fci

    names, x = codes(made)
    found, _ = fci(x, alpha=0.05, verbose=False, show_progress=False)
    return from_endpoints(found.graph, names, "pag")


MARKS: dict[int, Mark] = {-1: "tail", 1: "arrow", 2: "circle"}


def from_endpoints(matrix: Array, names: tuple[str, ...], kind: Any) -> Graph:
    """A graph from causal-learn's matrix, whose ``[i, j]`` is the mark at ``i``."""
    edges = []
    for i in range(len(names)):
        for j in range(i + 1, len(names)):
            if matrix[i, j]:
                e = Edge(names[i], names[j], MARKS[int(matrix[i, j])], MARKS[int(matrix[j, i])])
                edges.append(e.flipped() if e.symbol in ("<--", "<-o") else e)
    return Graph(kind, names, tuple(edges))


# --- scores ---------------------------------------------------------------------------------------------------------


@dataclass
class Scores:
    """What one search did in one situation."""

    skeleton: list[float] = field(default_factory=list)
    arrows: list[float] = field(default_factory=list)
    hits: int = 0
    found: int = 0
    there: int = 0
    shd: list[int] = field(default_factory=list)
    claims: int = 0
    true_claims: int = 0
    precisions: list[float] = field(default_factory=list)
    claim_precisions: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def add(self, made: Simulation, graph: Graph, seconds: float) -> None:
        """Count one graph."""
        target = made.truth
        if made.settings.kind == "nongaussian":
            target = made.graph
        known = only(graph, target.nodes)
        diff = compare(target, known)
        self.skeleton.append(1.0 if diff.skeleton_f1 is None else diff.skeleton_f1)
        true, found = heads(target), heads(known)
        hits = len(true & found)
        self.hits, self.there, self.found = self.hits + hits, self.there + len(true), self.found + len(found)
        if found:
            self.precisions.append(hits / len(found))
        self.arrows.append(2 * hits / (len(true) + len(found)) if true or found else 1.0)
        self.shd.append(shd(made.truth, known))
        self._count_claims(made, known)
        self.seconds.append(seconds)

    def _count_claims(self, made: Simulation, graph: Graph) -> None:
        at = {n: i for i, n in enumerate(made.graph.nodes)}
        parents = mixed_of(made.graph).parents
        said = []
        for e in graph.edges:
            if e.directed:
                cause, effect = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
                said.append(at[cause] in closure(parents, (at[effect],)))
        self.claims, self.true_claims = self.claims + len(said), self.true_claims + sum(said)
        if said:
            self.claim_precisions.append(sum(said) / len(said))

    def row(self) -> str:
        """The scores in columns."""
        if not self.seconds:
            return f"{'did not finish: ' + self.failed[0]:<60}"
        share = (
            f"{statistics.median(self.skeleton):8.2f} {statistics.median(self.arrows):8.2f} "
            f"{ratio(self.hits, self.found):>6} {middle(self.precisions):>6} {ratio(self.hits, self.there):>6} "
            f"{statistics.fmean(self.shd):7.1f} {ratio(self.true_claims, self.claims):>7} "
            f"{middle(self.claim_precisions):>8} "
            f"{statistics.median(self.seconds):8.2f}"
        )
        return share + (f"  {len(self.failed)} not finished: {self.failed[0]}" if self.failed else "")


def only(graph: Graph, names: tuple[str, ...]) -> Graph:
    """The graph on these nodes; columns a search left out come back without edges."""
    kept = tuple(e for e in graph.edges if e.source in names and e.target in names)
    return Graph(graph.kind, names, kept)


def heads(graph: Graph) -> set[tuple[str, str]]:
    """(from, at) of every arrowhead."""
    forward = {(e.source, e.target) for e in graph.edges if e.target_mark == "arrow"}
    return forward | {(e.target, e.source) for e in graph.edges if e.source_mark == "arrow"}


def ratio(part: int, whole: int) -> str:
    """A share with two digits, or a dash."""
    return f"{part / whole:.2f}" if whole else "-"


def middle(shares: list[float]) -> str:
    """Their median, or a dash."""
    return f"{statistics.median(shares):.2f}" if shares else "-"


# --- running --------------------------------------------------------------------------------------------------------


class TooSlowError(Exception):
    """The CPU limit of one search is used up."""


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise after so many CPU seconds of this process."""

    def stop(*_: object) -> None:
        raise TooSlowError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def context_of(made: Simulation, scratch: Path, tiers: int) -> Context:
    """The table as a user would give it."""
    import pandas as pd

    opened = open_data(pd.DataFrame(dict(made.data)), scratch=scratch)
    profile = profile_dataset(opened.dataset, opened.notices)
    return Context(opened.dataset, profile, knowledge=told(made, tiers))


def timed(scores: Scores, made: Simulation, search: Callable[[], Graph], limit: float) -> None:
    """Run one search, quietly, and count what it found."""
    try:
        with limited(limit), contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            start = time.process_time()
            graph = search()
            seconds = time.process_time() - start
    except TooSlowError:
        scores.failed.append(f"over {limit:g} CPU s")
        return
    except Exception as e:  # another library's failure is a result here, and is printed
        scores.failed.append(f"{type(e).__name__}: {e}"[:60])
        return
    scores.add(made, graph, seconds)


def run(situation: Situation, graphs: int, limit: float) -> dict[str, Scores]:
    """All searches on the graphs of one situation; one that ran out of time is not tried again."""
    third = ("causal-learn FCI", learned_fci) if situation.latents else ("causal-learn GES", learned_ges)
    others: dict[str, Search] = {"causal-learn PC": learned_pc, third[0]: third[1]}
    if situation.settings.kind == "discrete":
        others["causal-learn PC, chi-square"] = learned_chi_square
    if situation.settings.kind == "nongaussian":
        others |= {f"ccp {m}": partial(by_tool, m) for m in ("direct_lingam", "ica_lingam")}
        others |= {"lingam DirectLiNGAM": learned_direct, "lingam ICALiNGAM": learned_ica}
    if situation.tiers:
        others["causal-learn PC"] = partial(learned_tiers, situation.tiers)
    table = {"ccp auto": Scores(), **{name: Scores() for name in others}}
    for k in range(graphs):
        made = with_tiers(simulate(replace(situation.settings, seed=SEED + k)), situation.tiers)
        with tempfile.TemporaryDirectory() as scratch:
            context = context_of(made, Path(scratch), situation.tiers)
            timed(table["ccp auto"], made, lambda c=context: ccp(situation.latents, c), limit)  # type: ignore[misc]
        for name, search in others.items():
            if not any(f.startswith("over") for f in table[name].failed):
                timed(table[name], made, lambda s=search, m=made: s(m), limit)  # type: ignore[misc]
    return table


def verdict(situation: Situation, table: dict[str, Scores], before: dict[str, Scores]) -> str:
    """Whether ``auto`` reaches the row's targets, and who beats it where.

    Args:
        situation: the row.
        table: its searches.
        before: ccp's scores in the rows before it.
    """
    ours = table["ccp auto"]
    if not ours.seconds:
        return "ccp did not finish"
    said = []
    if situation.target is not None:
        reached = statistics.median(ours.skeleton) >= situation.target - 0.005
        said.append(f"skeleton {situation.target:g} {'reached' if reached else 'MISSED'}")
    if situation.lower_than and table[situation.lower_than].shd:
        gap = statistics.fmean(table[situation.lower_than].shd) - statistics.fmean(ours.shd)
        said.append(f"SHD {'lower by' if gap > 0 else 'NOT lower:'} {gap:.2f} than {situation.lower_than}")
    if situation.above in before:
        rise = statistics.fmean(ours.shd) - statistics.fmean(before[situation.above].shd)
        said.append(
            f"SHD {rise:+.2f} above {situation.above}, {'at most' if rise <= GAP else 'MORE THAN'} {GAP}"
        )
    for name, theirs in table.items():
        if name.startswith("ccp") or not theirs.seconds:
            continue
        if statistics.median(theirs.arrows) > statistics.median(ours.arrows):
            said.append(f"arrowheads: {name} is better")
        if statistics.median(theirs.skeleton) > statistics.median(ours.skeleton):
            said.append(f"skeleton: {name} is better")
    return "; ".join(said)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="3 graphs a row")
    parser.add_argument("--graphs", type=int, default=0, help="graphs of every row")
    parser.add_argument(
        "--only",
        default="",
        help="situations whose name holds this text, or one of several with | between them",
    )
    options = parser.parse_args()
    wanted = options.graphs or (3 if options.quick else 0)
    head = f"{'skel F1':>8} {'arrow F1':>8} {'prec':>6} {'prec ~':>6} {'rec':>6} {'SHD':>7} {'claims':>7} "
    head += f"{'claims ~':>8} {'CPU s':>8}"
    print(f"{'situation':<30}{'search':<28}{head}")
    before: dict[str, Scores] = {}
    for situation in SITUATIONS:
        if not any(text in situation.name for text in options.only.split("|")):
            continue
        graphs = wanted or situation.graphs
        table = run(situation, graphs, QUICK_LIMIT if options.quick else CPU_LIMIT)
        for name, scores in table.items():
            label = f"{situation.name} ({graphs})" if name == "ccp auto" else ""
            print(f"{label:<30}{name:<28}{scores.row()}".rstrip())
        print(f"{'':<30}-> {verdict(situation, table, before) or 'no worse anywhere'}", flush=True)
        before[situation.name] = table["ccp auto"]


if __name__ == "__main__":
    main()
