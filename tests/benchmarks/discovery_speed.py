"""Speed of the compiled searches against causal-learn on the same data in the same run, and what it buys.

    python -m tests.benchmarks.discovery_speed [--quick]

Prints one line per target: CPU seconds of one thread (``time.process_time``), medians, imports and first
compilation excluded (they are printed by themselves).  About a quarter of an hour; ``--quick`` a few minutes.
"""

from __future__ import annotations

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[threads] = "1"

import argparse  # noqa: E402
import contextlib  # noqa: E402
import io  # noqa: E402
import random  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402
import warnings  # noqa: E402
from collections.abc import Callable  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from functools import partial  # noqa: E402
from typing import Any, TypeVar  # noqa: E402

import numpy as np  # noqa: E402

from causalcopilot.data.simulate import simulate  # noqa: E402
from causalcopilot.data.simulate_settings import Settings as Asked  # noqa: E402
from causalcopilot_tools.discovery import boss as boss_search  # noqa: E402
from causalcopilot_tools.discovery import confidence  # noqa: E402
from causalcopilot_tools.discovery import pc as pc_search  # noqa: E402
from causalcopilot_tools.discovery.core.boss import bic  # noqa: E402
from causalcopilot_tools.discovery.core.moments import BoolArray, FloatArray, Moments, moments  # noqa: E402
from causalcopilot_tools.discovery.core.orient import class_of, is_acyclic, least_contradicted, unshielded  # noqa: E402
from causalcopilot_tools.discovery.found import ARROW, Settings  # noqa: E402
from causalcopilot_tools.discovery.knowledge import Constraints  # noqa: E402
from causalcopilot_tools.discovery.prepared import Prepared  # noqa: E402

T = TypeVar("T")
FRESH = 7000
"""First seed; no setting was chosen on these graphs."""
SCORE = 1e-6


@dataclass(frozen=True)
class Case:
    """Rows as numbers (categories as codes), and the DAG behind them."""

    x: FloatArray
    dag: BoolArray

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self.x)

    def moments(self) -> Moments:
        """Correlations, as the searches get them."""
        return moments(self.x, tuple(np.array([i]) for i in range(self.x.shape[1])))


def case(seed: int, nodes: int, rows: int, **more: Any) -> Case:
    """A simulated table."""
    made = simulate(Asked(nodes=nodes, rows=rows, seed=seed, **more))
    place = {v: i for i, v in enumerate(made.variables)}
    dag = np.zeros((nodes, nodes), bool)
    for e in made.graph.edges:
        a, b = (e.source, e.target) if e.target_mark == "arrow" else (e.target, e.source)
        dag[place[a], place[b]] = True
    columns = [made.data[v] for v in made.variables]
    x = np.column_stack(
        [c if c.dtype.kind == "f" else np.unique(c, return_inverse=True)[1].astype(float) for c in columns]
    )
    return Case(np.ascontiguousarray(x), dag)


def cpu(work: Callable[[], T], repeats: int = 1) -> tuple[float, T]:
    """Median CPU seconds, and the last answer; what the library prints is dropped."""
    seconds = []
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        for _ in range(repeats):
            start = time.process_time()
            answer = work()
            seconds.append(time.process_time() - start)
    return statistics.median(seconds), answer


def their_pc(x: FloatArray) -> Any:
    """causal-learn's PC with its defaults: its endpoint matrix."""
    from causallearn.search.ConstraintBased.PC import pc

    return pc(x, 0.05, "fisherz", show_progress=False).G.graph


def their_boss(x: FloatArray, seed: int) -> Any:
    """causal-learn's BOSS with the penalty that ours has by default."""
    from causallearn.search.PermutationBased.BOSS import boss

    random.seed(seed)
    np.random.seed(seed)
    return boss(
        x, score_func="local_score_BIC_from_cov", parameters={"lambda_value": 1.0}, verbose=False
    ).graph


def arrows_of(matrix: Any) -> tuple[BoolArray, BoolArray]:
    """Adjacencies and arrows of causal-learn's endpoint matrix."""
    return matrix != 0, (matrix == -1) & (matrix.T == 1)


def member(adjacent: BoolArray, arrows: BoolArray) -> BoolArray:
    """A DAG of a class (the closest one, where the graph is no valid class)."""
    evidence = {(a, m, c): 1.0 if arrows[a, m] and arrows[c, m] else -1.0 for a, m, c in unshielded(adjacent)}
    return least_contradicted(adjacent, evidence, np.zeros_like(adjacent))


def shd(adjacent: BoolArray, arrows: BoolArray, dag: BoolArray) -> int:
    """Pairs whose edge differs from the true CPDAG's."""
    wrong = (adjacent != (dag | dag.T)) | (arrows != class_of(dag))
    return int(np.triu(wrong | wrong.T).sum())


def f1(found: BoolArray, true: BoolArray) -> float:
    """F1 of two sets of entries."""
    return float(2 * (found & true).sum() / max(found.sum() + true.sum(), 1))


def line(what: str, figure: str, target: str) -> None:
    """One row of the table."""
    print(f"{what:<58}{figure:<52}{target}", flush=True)


def loading() -> None:
    """Import, and compiled code from disk or from scratch; the first run on a machine compiles."""
    small = case(0, 21, 200)
    spent, _ = cpu(partial(_boss, small))
    line("first compiled BOSS in this process (import, load)", f"{spent:.2f} s", "")
    spent, _ = cpu(partial(_pc, small))
    line("first compiled PC in this process (load)", f"{spent:.2f} s", "")
    spent, _ = cpu(partial(_compat, small))
    line("first compat matrix in this process (load)", f"{spent:.2f} s", "")


def _compat(data: Case) -> Any:
    from tests.tools.causal_learn_pc import endpoints

    return endpoints(np.asarray(np.corrcoef(data.x.T)), data.rows)


def _free(p: int) -> Any:
    from causalcopilot_tools.discovery.core.pc import Limits

    return Limits.none(p)


SMALL = ((8, 200), (10, 1000), (15, 500), (20, 2000), (30, 1000))
"""Columns and rows; three fifths of the sets."""
MIDDLE = ((60, 1000), (60, 500), (60, 2000))
"""Three tenths of them."""
LARGE = ((100, 1000), (100, 5000))
"""A tenth: causal-learn takes up to ten CPU seconds for one."""


def identity_sizes(sets: int) -> list[tuple[int, int]]:
    """Columns and rows of each data set, the largest last."""
    middle, large = sets * 3 // 10, sets // 10
    kinds = ((SMALL, sets - middle - large), (MIDDLE, middle), (LARGE, large))
    return [sizes[i % len(sizes)] for sizes, count in kinds for i in range(count)]


def identity(sets: int) -> None:
    """The endpoint matrix of causal-learn, on all kinds and sizes; sets that differ are named."""
    kinds = ("linear", "nongaussian", "nonlinear", "discrete", "mixed")
    differ = []
    for i, (nodes, rows) in enumerate(identity_sizes(sets)):
        data = case(FRESH + i, nodes, rows, kind=kinds[i % 5], graph=("er", "scale-free")[i % 2])
        theirs = cpu(partial(their_pc, data.x))[1]
        if not (_compat(data) == theirs).all():
            differ.append(f"{kinds[i % 5]} p={nodes} n={rows} seed {FRESH + i}")
    figure = f"{sets - len(differ)} of {sets} data sets" + (f" (not: {'; '.join(differ)})" if differ else "")
    line("compat: causal-learn's endpoint matrix exactly", figure, "all of >= 50")


def pc_speed(graphs: int) -> None:
    """PC by size."""
    for nodes, target in ((20, 50), (60, 200), (100, 300)):
        compat: list[float] = []
        default: list[float] = []
        alone: list[float] = []
        for g in range(graphs):
            data = case(FRESH + g, nodes, 5000)
            theirs = cpu(partial(their_pc, data.x))[0]
            mine = cpu(partial(_compat, data), 5)[0]
            own = cpu(partial(_pc, data), 5)[0]
            compat.append(theirs / mine)
            default.append(theirs / own)
            alone.append(own)
        m = statistics.median
        figure = f"compat {m(compat):.0f}x, default {m(default):.0f}x ({m(alone) * 1e3:.1f} ms)"
        line(f"PC p={nodes} n=5000 against causal-learn", figure, f">= {target}x")
    data = case(FRESH, 300, 5000)
    compat_s = cpu(partial(_compat, data), 3)[0]
    line(
        "PC p=300 n=5000", f"compat {compat_s:.2f} s, default {cpu(partial(_pc, data), 3)[0]:.2f} s", "<= 1 s"
    )


def _pc(data: Case, alpha: float = 0.05) -> Any:
    return pc_search.on_moments(data.moments(), _free(data.x.shape[1]), Settings(alpha=alpha), 100)


def _boss(data: Case, starts: int = 1, seed: int = 0) -> Any:
    settings = Settings(starts=starts, seed=seed)
    return boss_search.on_moments(data.moments(), _free(data.x.shape[1]), settings, 100)


def boss_speed(graphs: int) -> None:
    """One start, same penalty: time and score."""
    for nodes, target in ((30, 60), (60, 100)):
        ratios: list[float] = []
        no_worse = five = 0
        for g in range(graphs):
            data = case(FRESH + g, nodes, 5000)
            spent, theirs = cpu(partial(their_boss, data.x, g))
            own, ours = cpu(partial(_boss, data, 1, g), 3)
            ratios.append(spent / own)
            reference = bic(data.moments(), member(*arrows_of(theirs)))
            no_worse += ours.score >= reference - SCORE
            five += _boss(data, 5, g).score >= reference - SCORE
        share = f"score no worse on {no_worse} (5 starts: {five}) of {graphs}"
        figure = f"{statistics.median(ratios):.0f}x, {share}"
        line(f"BOSS one start p={nodes} n=5000 against causal-learn", figure, f">= {target}x, >= 95 %")


def accuracy(graphs: int) -> None:
    """Several starts against causal-learn's PC."""
    ours, theirs, heads, causes, seconds = [], [], [], [], []
    for g in range(graphs):
        data = case(FRESH + 500 + g, 30, 5000)
        spent, found = cpu(partial(_boss, data, 5))
        seconds.append(spent)
        ours.append(shd(found.adjacent, found.arrows, data.dag))
        heads.append(f1(found.arrows, class_of(data.dag)))
        causes.append(f1(found.arrows, data.dag))
        theirs.append(shd(*arrows_of(cpu(partial(their_pc, data.x))[1]), data.dag))
    mean = statistics.mean
    figure = f"SHD {mean(ours):.2f} against {mean(theirs):.2f}"
    line(
        f"BOSS 5 starts p=30 n=5000, {graphs} graphs, {statistics.median(seconds) * 1e3:.0f} ms",
        figure,
        "<= 1/5",
    )
    line(
        "  arrowhead F1 (against the true CPDAG; the true DAG)",
        f"{mean(heads):.3f}; {mean(causes):.3f}",
        ">= .90",
    )


def wide() -> None:
    """A thousand columns."""
    data = case(FRESH, 1000, 10_000)
    for starts in (1, 2):
        spent, found = cpu(partial(_boss, data, starts))
        skeleton = f1(found.adjacent, data.dag | data.dag.T)
        line(
            f"BOSS p=1000 n=10000, starts {starts}",
            f"{spent:.1f} s, skeleton F1 {skeleton:.3f}",
            "<= 20 s, >= .98",
        )
    spent, found = cpu(partial(_pc, data, 0.001))
    skeleton = f1(found.adjacent, data.dag | data.dag.T)
    line("PC p=1000 n=10000, alpha .001", f"{spent:.1f} s, skeleton F1 {skeleton:.3f}", "<= 20 s, >= .98")


def bootstrap() -> None:
    """One hundred row resamples."""
    data = case(FRESH, 30, 5000)
    names = tuple(f"v{i}" for i in range(30))
    table = Prepared(names, ("continuous",) * 30, data.x, tuple(np.array([i]) for i in range(30)))
    rng = np.random.default_rng(0)
    theirs = 10 * sum(cpu(partial(their_pc, data.x[rng.integers(0, 5000, 5000)]))[0] for _ in range(10))
    searches: tuple[Any, ...] = (pc_search, boss_search)
    for search in searches:
        settings = Settings(alpha=0.05)
        work = partial(
            confidence.bootstrap, search.search, table, Constraints(), settings, 100, search.on_moments
        )
        spent = cpu(work, 3)[0]
        name = search.__name__.rsplit(".", 1)[-1]
        line(f"100 row bootstraps p=30 n=5000, {name}", f"{theirs / spent:.0f}x ({spent:.2f} s)", ">= 100x")


def validity(graphs: int) -> None:
    """Outputs that are no valid class, or change when columns are permuted and renamed."""
    kinds = ("linear", "nongaussian", "nonlinear")
    searches: tuple[Any, ...] = (pc_search, boss_search)
    for search in searches:
        invalid = changed = 0
        for g in range(graphs):
            data = case(FRESH + 2000 + g, 30, (500, 5000)[g % 2], kind=kinds[g % 3])
            order = np.random.default_rng(g).permutation(30)
            blocks = tuple(np.array([i]) for i in range(30))
            first = Prepared(tuple(f"v{i}" for i in range(30)), ("continuous",) * 30, data.x, blocks)
            names = tuple(f"w{(i * 7 + 3) % 30}" for i in range(30))
            again = Prepared(names, ("continuous",) * 30, np.ascontiguousarray(data.x[:, order]), blocks)
            marks = search.search(first, Constraints(), Settings(alpha=0.05)).marks
            other = search.search(again, Constraints(), Settings(alpha=0.05)).marks
            changed += not bool((other == marks[np.ix_(order, order)]).all())
            dag = member(marks > 0, marks == ARROW)
            invalid += not (is_acyclic(dag) and bool((class_of(dag) == (marks == ARROW)).all()))
        name = search.__name__.rsplit(".", 1)[-1]
        line(
            f"{name}, {graphs} graphs p=30",
            f"invalid {invalid}, changed when permuted and renamed {changed}",
            "0; 0",
        )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer graphs")
    parser.add_argument("--identity", type=int, default=0, metavar="SETS", help="that check alone")
    options = parser.parse_args()
    quick = options.quick
    line("what", "measured", "target")
    if options.identity:
        identity(options.identity)
        return
    loading()
    identity(16 if quick else 50)
    pc_speed(1 if quick else 5)
    boss_speed(3 if quick else 20)
    accuracy(10 if quick else 40)
    wide()
    bootstrap()
    validity(20 if quick else 100)


if __name__ == "__main__":
    main()
