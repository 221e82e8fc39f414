"""A small table with a known answer, its knowledge beside it, and cells that must never leave the machine."""

from __future__ import annotations

from pathlib import Path

import numpy as np

ROWS = 600
EFFECT = 2.0
"""Kilograms: what the treatment adds in the equation the rows are made with."""
COLUMNS = ("age", "sex", "quit", "gain", "after", "clinic")
CANARIES = ("zanzibar-clinic", "mortimer")
"""Labels of a text column: none of them may be in a request."""
EXTREME = "98.7654"
"""An age nobody else has: the largest cell of its column."""

_KNOWLEDGE = """
[question]
treatment = "quit"
outcome = "gain"

[columns.age]
role = "pre_treatment"
unit = "years"
[columns.sex]
role = "pre_treatment"
[columns.quit]
role = "treatment"
[columns.gain]
role = "outcome"
unit = "kg"
[columns.after]
role = "post_treatment"
"""


def smoking(folder: Path, seed: int = 7) -> Path:
    """Write ``smoking.csv`` and ``smoking.toml`` into ``folder``; the effect of ``quit`` on ``gain`` is ``EFFECT``."""
    random = np.random.default_rng(seed)
    age = random.normal(45, 12, ROWS).round(1).astype(str)
    age[5] = EXTREME
    years = age.astype(float)
    sex = random.integers(0, 2, ROWS)
    quit_ = (random.random(ROWS) < 1 / (1 + np.exp(-(0.04 * (years - 45) + 0.5 * (sex - 0.5))))).astype(int)
    gain = (EFFECT * quit_ + 0.1 * years - sex + random.normal(0, 1, ROWS)).round(3)
    after = (0.5 * gain + random.normal(0, 1, ROWS)).round(3)
    clinic = random.choice(["north", *CANARIES], ROWS)
    lines = [",".join(COLUMNS)]
    lines += [",".join(map(str, row)) for row in zip(age, sex, quit_, gain, after, clinic, strict=True)]
    path = folder / "smoking.csv"
    path.write_text("\n".join(lines) + "\n")
    path.with_suffix(".toml").write_text(_KNOWLEDGE)
    return path
