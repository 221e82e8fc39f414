"""Random models at full size: ``python -m tests.benchmarks.chaos [--runs N] [--first SEED] [--all-tools]``.

Each run is a conversation of one to three turns with a model drawn from its seed (``tests/agent/chaos_model.py``).
Printed are how the runs ended and every rule that was broken, with the seed that shows it again.  The default is
the full size, a matter of half an hour; ``--all-tools`` lets models call the slow tools freely too.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.agent.chaos import Chaos, Told
from tests.agent.shared import share

RUNS = 2000


def main(arguments: list[str] | None = None) -> int:
    """Play the runs; one on the exit code where a rule was broken."""
    import causalcopilot.toolkit.worker as workers

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--runs", type=int, default=RUNS)
    parser.add_argument("--first", type=int, default=0, help="seed of the first run")
    parser.add_argument("--all-tools", action="store_true")
    given = parser.parse_args(arguments)
    worker = workers.Worker()
    worker.start()
    workers.Worker = share(worker)  # type: ignore[assignment,misc]
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            told = _played(Path(folder), range(given.first, given.first + given.runs), given.all_tools)
    finally:
        worker.close()
    _summary(told, time.monotonic() - began)
    return 1 if any(t.faults for t in told) else 0


PER_MEMORY = 50
"""Conversations that share a memory, as one user's would."""


def _played(folder: Path, seeds: range, all_tools: bool) -> list[Told]:
    told: list[Told] = []
    for start in range(0, len(seeds), PER_MEMORY):
        place = folder / str(start)
        place.mkdir()
        chaos = Chaos(place, heavy=all_tools)
        for seed in seeds[start : start + PER_MEMORY]:
            played = chaos.play(seed)
            told.append(played)
            for fault in played.faults:
                print(f"seed {seed} ({played.character}, {played.way}): {fault}", flush=True)
        chaos.close()
        print(
            f"{len(told)} runs, {sum(bool(t.faults) for t in told)} broke a rule", file=sys.stderr, flush=True
        )
    return told


def _summary(told: list[Told], seconds: float) -> None:
    exits = Counter(code for t in told for code in t.exits)
    steps = Counter(step for t in told for step in t.steps)
    rows = (
        ("runs", len(told)),
        ("turns", sum(exits.values())),
        ("answers of models", sum(steps.values())),
        ("seconds", round(seconds)),
        ("runs that broke a rule", sum(bool(t.faults) for t in told)),
        ("exit codes", ", ".join(f"{c}: {n}" for c, n in sorted(exits.items()))),
        ("authors", ", ".join(f"{a}: {n}" for a, n in Counter(a for t in told for a in t.authors).items())),
        ("what models did", ", ".join(f"{s}: {n}" for s, n in steps.most_common())),
        ("reached", ", ".join(f"{w}: {n}" for w, n in Counter(t.way for t in told).items())),
    )
    for name, value in rows:
        print(f"{name:<24} {value}")


if __name__ == "__main__":
    sys.exit(main())
