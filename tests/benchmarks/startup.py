"""How much CPU a command costs before it does anything: whole processes, against a bare interpreter."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

RUNS = 7
CCP = str(Path(sys.executable).with_name("ccp"))
COMMANDS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "ccp --help": [CCP, "--help"],
    "ccp estimate --help": [CCP, "estimate", "--help"],
    "usage error": [CCP, "analyse", "x.csv"],
    "missing file": [CCP, "estimate", "no-such-file.csv", "-t", "a", "-y", "b"],
    "import typer (the library alone)": [sys.executable, "-c", "import typer"],
}


def cpu_seconds(command: list[str]) -> float:
    """CPU time of one whole process, user and system."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print the table."""
    base = 0.0
    print(f"{'command':<36} {'median CPU ms':>14} {'x bare python':>14}")
    for name, command in COMMANDS.items():
        median = statistics.median(cpu_seconds(command) for _ in range(RUNS))
        base = base or median
        print(f"{name:<36} {1000 * median:>14.0f} {median / base:>14.1f}")


if __name__ == "__main__":
    main()
