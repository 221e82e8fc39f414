"""How often the verdict is right, over designs whose truth is known.

Run: ``python -m tests.benchmarks.verdicts [--repeats N] [--designs a,b] [--save FILE]`` (2 repeats by default; the
targets are measured with 200, at four to eight CPU seconds each).  Identification, default estimate and the full
refutation are run as a user's would be.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from causalcopilot.data.opening import open_data
from causalcopilot.data.profiling import profile_dataset
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.refute import refute

ROWS = 1000
CONTROLS = tuple(f"x{j}" for j in range(5))
STRENGTH = np.array([0.5, 0.4, 0.3, 0.2, 0.0])


@dataclass(frozen=True)
class Design:
    """One kind of study.

    Attributes:
        draw: a table from a generator.
        asked: what counts, as a predicate of the verdict and the codes that applied.
        target: share of repeats in which it must hold, at least (``floor``) or at most.
        floor: whether the target is a least or a most.
        forced: controls the user insists on, beyond the declared ones.
    """

    draw: Callable[[np.random.Generator], pd.DataFrame]
    says: str
    asked: Callable[[str, tuple[str, ...]], bool]
    target: float
    floor: bool = True
    forced: tuple[str, ...] = ()


def table(
    g: np.random.Generator, effect: float, hidden: float = 0.0, steep: float = 1.0, scale: float = 1.0
) -> pd.DataFrame:
    """Five controls, a hidden cause, and a column that the treatment changes."""
    X, u = g.normal(size=(ROWS, 5)), g.normal(size=ROWS)
    t = (g.random(ROWS) < 1 / (1 + np.exp(-steep * (scale * (X @ STRENGTH) + hidden * u)))).astype(int)
    y = effect * t + scale * (X @ STRENGTH) + hidden * u + g.normal(size=ROWS)
    after = y + t + g.normal(size=ROWS)
    return pd.DataFrame(X, columns=list(CONTROLS)).assign(t=t, after=after, y=y)


def _supported(verdict: str, codes: tuple[str, ...]) -> bool:
    return verdict == "supported"


DESIGNS: dict[str, Design] = {
    "unconfounded, strong": Design(
        lambda g: table(g, 1.2, scale=0.6), "supported", _supported, 0.70
    ),  # its robustness value is above twice the strongest benchmark
    "unconfounded, weaker": Design(lambda g: table(g, 0.5), "not refuted", lambda v, _: v != "refuted", 0.95),
    "hidden cause, no effect": Design(
        lambda g: table(g, 0.0, hidden=0.5), "supported", _supported, 0.10, floor=False
    ),
    "post-treatment forced": Design(
        lambda g: table(g, 1.0),
        "flagged",
        lambda v, codes: "forced_bad_control" in codes,
        0.95,
        forced=("after",),
    ),
    "overlap broken": Design(lambda g: table(g, 1.0, steep=8.0), "supported", _supported, 0.10, floor=False),
}


def judged(design: Design, g: np.random.Generator, seed: int) -> tuple[str, tuple[str, ...]]:
    """Verdict and the codes of every rule that applied; an estimate that is refused is ``refused``."""
    frame = design.draw(g)
    roles = [ColumnKnowledge(c, role="pre_treatment") for c in CONTROLS]
    known = Knowledge((*roles, ColumnKnowledge("after", role="post_treatment")), origin="file")
    with TemporaryDirectory() as folder:
        opened = open_data(frame, scratch=Path(folder), knowledge=known)
        profile = profile_dataset(opened.dataset, opened.notices, known)
        context = Context(opened.dataset, profile, knowledge=known, seed=seed)
        controls = (*CONTROLS, *design.forced) if design.forced else None
        found = identify(context, treatment="t", outcome="y", controls=controls)
        assert isinstance(found, IdentifyResult)
        try:
            made = estimate(context, identification=found)
        except DataError as error:
            return "refused", (error.message,)
        assert isinstance(made, EstimateResult)
        tried = refute(context, estimate=made)
    assert isinstance(tried, RefuteResult)
    assert tried.verdict is not None
    codes = [str(f.value) for f in tried.facts if f.key == "reason" or f.key.startswith("also.")]
    return tried.verdict.value, tuple(codes)


def main(arguments: list[str] | None = None) -> None:
    """Draw, judge and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--designs", default="")
    parser.add_argument("--save", type=Path, default=None)
    given = parser.parse_args(arguments)
    seen: dict[str, dict[int, tuple[str, tuple[str, ...]]]] = defaultdict(dict)
    if given.save is not None and given.save.exists():
        for line in given.save.read_text().splitlines():
            name, repeat, verdict, codes = json.loads(line)
            seen[name][repeat] = (verdict, tuple(codes))
    chosen = given.designs.split(";") if given.designs else list(DESIGNS)
    start, made = time.process_time(), 0
    for repeat in range(given.repeats):
        for number, name in enumerate(DESIGNS):
            if name not in chosen or repeat in seen[name]:
                continue
            seen[name][repeat] = judged(DESIGNS[name], np.random.default_rng([77, number, repeat]), repeat)
            made += 1
            if given.save is not None:
                with given.save.open("a") as out:
                    out.write(json.dumps([name, repeat, *seen[name][repeat]]) + "\n")
    print(f"{'design':<26}{'n':>5}{'share':>8}  {'target':<24}verdicts")
    for name in chosen:
        d, rows = DESIGNS[name], list(seen[name].values())
        share = float(np.mean([d.asked(v, codes) for v, codes in rows]))
        met = share >= d.target if d.floor else share <= d.target
        target = f"{d.says} {'>=' if d.floor else '<='} {d.target:.2f}"
        told = ", ".join(f"{v} {k}" for v, k in Counter(v for v, _ in rows).most_common())
        print(f"{name:<26}{len(rows):>5}{share:>8.2f}  {target:<24}{told}{'' if met else '  MISSED'}")
    if made:
        print(f"CPU seconds each: {(time.process_time() - start) / made:.1f}")


if __name__ == "__main__":
    main()
