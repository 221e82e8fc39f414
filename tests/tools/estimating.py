"""A table opened as users open it, and an effect of it, for tests of estimates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from causalcopilot.data.opening import open_data
from causalcopilot.data.profiling import profile_dataset
from causalcopilot.domain.identification import Controls, Identification
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.question import Contrast
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot_tools.effects.estimate import estimate

SIGMAS = 4.0
"""A correct estimate lies further than four of its standard errors from the truth once in 16,000 seeds."""

Opener = Callable[..., Context]


def open_in(folder: Path) -> Opener:
    """Frames opened as files are, with their snapshot in ``folder``."""

    def build(frame: pd.DataFrame, knowledge: Knowledge | None = None, seed: int = 0) -> Context:
        known = knowledge or Knowledge()
        table = open_data(frame, scratch=folder, knowledge=known)
        profile = profile_dataset(table.dataset, table.notices, known)
        return Context(table.dataset, profile, knowledge=known, seed=seed)

    return build


def effect(
    treatment: str = "t",
    outcome: str = "y",
    controls: tuple[str, ...] = ("a", "b", "c"),
    contrast: Contrast | None = None,
    **fields: object,
) -> Identification:
    base = Identification(
        "identified",
        "Conditional Exogeneity",
        "ATE",
        "all rows",
        (treatment,),
        (outcome,),
        "binary",
        contrast or Contrast(0, 1),
        Controls(minimal=controls),
        basis="controls",
    )
    return replace(base, **fields)  # type: ignore[arg-type]


def run(context: Context, identification: Identification, **arguments: object) -> EstimateResult:
    found = IdentifyResult("", identification=identification)
    result = estimate(context, identification=found, **arguments)
    assert isinstance(result, EstimateResult)
    return result


def world(n: int = 700, seed: int = 0) -> pd.DataFrame:
    """Effect 2 for everyone; a and b confound; a fair share of rows in either arm."""
    g = np.random.default_rng(seed)
    x = g.normal(size=(n, 3))
    t = (g.random(n) < 1 / (1 + np.exp(-0.7 * x[:, 0] - 0.5 * x[:, 1]))).astype(float)
    return pd.DataFrame(
        {"t": t, "y": 2 * t + x.sum(axis=1) + g.normal(size=n), "a": x[:, 0], "b": x[:, 1], "c": x[:, 2]}
    )


def close(result: EstimateResult, truth: float) -> bool:
    main = result.estimates[0]
    assert main.value is not None
    assert main.std_error is not None
    return abs(main.value - truth) < SIGMAS * main.std_error
