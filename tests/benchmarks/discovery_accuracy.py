"""Accuracy and CPU time of the default searches beside causal-learn's PC, on seeded simulated graphs.

    python -m tests.benchmarks.discovery_accuracy [GRAPHS]

Prints mean skeleton F1, mean SHD to the true CPDAG, the adjustment distance of ``gadjid`` and median CPU seconds
(imports excluded) per setting.  The distance (Henckel, Wuertzen & Weichwald 2024) is the share of pairs for which the
learned graph's parents (``AID pa``) or its optimal set (``AID O``) are no valid adjustment in the true CPDAG: how often
an effect read off the graph would be wrong.  It is defined for CPDAGs only; what is none is counted in the last column,
and the means are over the others.
"""

from __future__ import annotations

import os

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import sys  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from causalcopilot.graph.equivalence import is_cpdag  # noqa: E402
from causalcopilot_tools.discovery.core.boss import boss  # noqa: E402
from causalcopilot_tools.discovery.core.citest import GaussianTest  # noqa: E402
from causalcopilot_tools.discovery.core.moments import Moments, moments  # noqa: E402
from causalcopilot_tools.discovery.core.orient import class_of  # noqa: E402
from causalcopilot_tools.discovery.core.pc import pc  # noqa: E402
from causalcopilot_tools.discovery.found import Found, from_arrows, to_graph  # noqa: E402
from causalcopilot_tools.discovery.rules import starts  # noqa: E402
from tests.tools.simulated import Bools, Floats, linear, random_dag  # noqa: E402

SETTINGS = ((10, 500, 3.0), (10, 5000, 3.0), (20, 1000, 3.0), (30, 5000, 3.0))
ALPHA = 0.01
Learned = tuple[Bools, Bools]
"""Adjacencies, and the arrows among them."""


def numbers(x: Floats) -> Moments:
    """Moments of plain columns."""
    return moments(x, tuple(np.array([i]) for i in range(x.shape[1])))


def our_pc(x: Floats) -> Learned:
    """PC of the core."""
    r = pc(GaussianTest(numbers(x)), ALPHA)
    return r.skeleton.adjacent, r.arrows


def our_boss(x: Floats) -> Learned:
    """BOSS of the core with the default number of starts."""
    r = boss(numbers(x), 0, starts(x.shape[1]))
    return r.dag | r.dag.T, r.arrows


def their_pc(x: Floats) -> Learned:
    """causal-learn's PC with its defaults, at the same level."""
    from causallearn.search.ConstraintBased.PC import pc as reference

    g = reference(x, ALPHA, "fisherz", show_progress=False).G.graph
    return g != 0, (g == -1) & (g.T == 1)


def skeleton_f1(adjacent: Bools, dag: Bools) -> float:
    """F1 of adjacencies."""
    true = dag | dag.T
    return float(2 * (adjacent & true).sum() / max(adjacent.sum() + true.sum(), 1))


def distances(learned: Learned, dag: Bools) -> tuple[float, float]:
    """Adjustment distances to the true CPDAG, by parents and by optimal sets; NaN where the graph is no valid class."""
    import gadjid

    if not is_cpdag(to_graph(Found("", "cpdag", from_arrows(*learned)), tuple(map(str, range(len(dag)))))):
        return np.nan, np.nan
    truth, guess = (coded(a, s) for a, s in ((class_of(dag), dag | dag.T), (learned[1], learned[0])))
    by_parents, _ = gadjid.parent_aid(truth, guess, edge_direction="from row to column")
    by_optimal, _ = gadjid.oset_aid(truth, guess, edge_direction="from row to column")
    return by_parents, by_optimal


def coded(arrows: Bools, adjacent: Bools) -> np.ndarray[Any, np.dtype[np.int8]]:
    """As gadjid reads graphs: 1 for row --> column, 2 (once) for undirected."""
    out = arrows.astype(np.int8)
    out[np.triu(adjacent & ~arrows & ~arrows.T)] = 2
    return out


def shd(learned: Learned, dag: Bools) -> int:
    """Pairs whose edge (none, undirected, either direction) differs from the true CPDAG's."""
    adjacent, arrows = learned
    truth = class_of(dag)
    wrong = (adjacent != (dag | dag.T)) | (arrows != truth)
    return int(np.triu(wrong | wrong.T).sum())


METHODS: dict[str, Callable[[Floats], Learned]] = {
    "our PC": our_pc,
    "our BOSS": our_boss,
    "causal-learn PC": their_pc,
}


def main(graphs: int) -> None:
    """Print the table."""
    their_pc(np.random.default_rng(0).standard_normal((50, 3)))  # imports
    heads = f"{'F1':>6} {'SHD':>6} {'AID pa':>7} {'AID O':>7} {'CPU s':>8} {'invalid':>8}"
    print(f"{'columns':>7} {'rows':>6} {'method':<16} {heads}   ({graphs} graphs)")
    for p, n, degree in SETTINGS:
        rows: dict[str, list[tuple[float, ...]]] = {name: [] for name in METHODS}
        for seed in range(graphs):
            rng = np.random.default_rng([seed, p, n, 2026])
            dag = random_dag(p, degree, rng)
            x = linear(dag, n, rng)
            for name, method in METHODS.items():
                start = time.process_time()
                learned = method(x)
                seconds = time.process_time() - start
                scores = (skeleton_f1(learned[0], dag), shd(learned, dag), seconds, *distances(learned, dag))
                rows[name].append(scores)
        for name, values in rows.items():
            f1, wrong, cpu, parents, optimal = (np.array(v) for v in zip(*values, strict=True))
            valid = ~np.isnan(parents)
            aid = " ".join(
                f"{v[valid].mean():>7.3f}" if valid.any() else f"{'-':>7}" for v in (parents, optimal)
            )
            print(
                f"{p:>7} {n:>6} {name:<16} {f1.mean():>6.3f} {wrong.mean():>6.2f} {aid} {np.median(cpu):>8.4f} "
                f"{int((~valid).sum()):>8}",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10)
