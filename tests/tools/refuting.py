"""Tables with a known effect and quick estimates of it, for tests of what tries to break an estimate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from causalcopilot.domain.estimate import Check, Estimate
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult, RefuteResult
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.material import Material, material
from causalcopilot_tools.refutation.refute import refute
from tests.tools.framed import case

CONTROLS = tuple(f"x{i}" for i in range(4))
WEIGHTS = np.array([0.6, 0.3, 0.2, 0.0])


def sigmoid(z: np.ndarray) -> np.ndarray:
    out: np.ndarray = 1.0 / (1.0 + np.exp(-z))
    return out


def draw(
    seed: int, rows: int = 600, effect: float = 1.0, hidden: float = 0.0, steep: float = 1.0
) -> pd.DataFrame:
    """Four controls, a hidden cause of the given strength, and an outcome the treatment cannot change."""
    rng = np.random.default_rng(seed)
    X, u = rng.normal(size=(rows, 4)), rng.normal(size=rows)
    t = (rng.random(rows) < sigmoid(steep * (X @ WEIGHTS) + hidden * u)).astype(int)
    y = effect * t + X @ WEIGHTS + hidden * u + rng.normal(size=rows)
    out = pd.DataFrame(X, columns=list(CONTROLS)).assign(t=t, y=y)
    return out.assign(before=X @ WEIGHTS + hidden * u + rng.normal(size=rows))


def roles(*extra: ColumnKnowledge, **more: object) -> Knowledge:
    controls = tuple(ColumnKnowledge(c, role="pre_treatment") for c in CONTROLS)
    return Knowledge(columns=(*controls, *extra), origin="file", **more)  # type: ignore[arg-type]


NEGATIVE = ColumnKnowledge("before", role="negative_control_outcome")


def estimated(
    frame: pd.DataFrame, knowledge: Knowledge | None = None, **asked: object
) -> tuple[Context, EstimateResult]:
    """An identified effect with a least-squares estimate: quick, and right where the truth is linear."""
    context = case(frame, knowledge or roles())
    found = identify(context, treatment="t", outcome="y", **asked)
    assert isinstance(found, IdentifyResult)
    assert found.identification is not None
    shell = EstimateResult("", identification=found.identification, estimates=(EMPTY,))
    line = material(context, shell).line
    main = spread_of(line.value, line.std_error, quantity=found.identification.quantity, n=len(frame))
    return context, replace(shell, estimates=(main, replace(main, method="aipw_stack")))


EMPTY = Estimate("aipw", "ATE", "all units", None, None, None, None, 0.95, 0, "")


def spread_of(value: float, error: float, quantity: str = "ATE", n: int = 600) -> Estimate:
    half = 1.96 * error
    return replace(
        EMPTY, value=value, std_error=error, low=value - half, high=value + half, quantity=quantity, n_used=n
    )


def built(frame: pd.DataFrame, knowledge: Knowledge | None = None, **asked: object) -> Material:
    return material(*estimated(frame, knowledge, **asked))


def only(checks: tuple[Check, ...]) -> Check:
    assert len(checks) == 1
    return checks[0]


def refuted(context: Context, result: EstimateResult) -> RefuteResult:
    out = refute(context, estimate=result)
    assert isinstance(out, RefuteResult)
    assert out.verdict is not None
    return out
