"""CPU seconds of identification, default estimate and full refutation, beside EconML and DoWhy called directly.

Run: ``python -m tests.benchmarks.effects_speed [rows] [columns]`` (2000 rows and 10 controls by default).  The
target is 12 CPU seconds warm.  The libraries answer a smaller question each: one estimate, or one estimate and
three refuters; both get the learners they bring or are usually given.
"""

from __future__ import annotations

import os
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")

import numpy as np
import pandas as pd

from causalcopilot.data.opening import open_data
from causalcopilot.data.profiling import profile_dataset
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult, IdentifyResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.effects.threads import one_thread
from causalcopilot_tools.refutation.refute import refute

TARGET = 12.0
REFITS = 20


def table(rows: int, columns: int) -> pd.DataFrame:
    """Effect 1, two controls that confound."""
    g = np.random.default_rng(0)
    X = g.normal(size=(rows, columns))
    t = (g.random(rows) < 1 / (1 + np.exp(-0.6 * X[:, 0] + 0.4 * X[:, 1]))).astype(int)
    y = t + X[:, 0] + 0.5 * X[:, 1] ** 2 + g.normal(size=rows)
    return pd.DataFrame(X, columns=[f"x{j}" for j in range(columns)]).assign(t=t, y=y)


def ours(frame: pd.DataFrame, folder: str) -> dict[str, float]:
    """CPU seconds of each part."""
    controls = [c for c in frame.columns if c.startswith("x")]
    known = Knowledge(tuple(ColumnKnowledge(c, role="pre_treatment") for c in controls), origin="file")
    opened = open_data(frame, scratch=Path(folder), knowledge=known)
    context = Context(opened.dataset, profile_dataset(opened.dataset, opened.notices, known), knowledge=known)
    parts = {}
    start = time.process_time()
    found = identify(context, treatment="t", outcome="y")
    assert isinstance(found, IdentifyResult)
    parts["identify"] = time.process_time() - start
    start = time.process_time()
    made = estimate(context, identification=found)
    assert isinstance(made, EstimateResult)
    parts["estimate (default and curve)"] = time.process_time() - start
    start = time.process_time()
    refute(context, estimate=made)
    parts["refute (every check)"] = time.process_time() - start
    return parts


def linear_dml(frame: pd.DataFrame) -> None:
    """EconML's LinearDML with random forests, and its average effect."""
    from econml.dml import LinearDML
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

    X = frame[[c for c in frame.columns if c.startswith("x")]].to_numpy()
    model = LinearDML(
        model_y=RandomForestRegressor(100, min_samples_leaf=10, n_jobs=1, random_state=0),
        model_t=RandomForestClassifier(100, min_samples_leaf=10, n_jobs=1, random_state=0),
        discrete_treatment=True,
        cv=5,
        random_state=0,
    )
    model.fit(frame.y.to_numpy(), frame.t.to_numpy(), X=X)
    model.ate_inference(X=X)


def causal_forest(frame: pd.DataFrame) -> None:
    """EconML's CausalForestDML with its default nuisances and 400 trees."""
    from econml.dml import CausalForestDML

    X = frame[[c for c in frame.columns if c.startswith("x")]].to_numpy()
    model = CausalForestDML(discrete_treatment=True, n_estimators=400, cv=5, n_jobs=1, random_state=0)
    model.fit(frame.y.to_numpy(), frame.t.to_numpy(), X=X)
    model.ate_inference(X=X)


def dowhy_refuted(frame: pd.DataFrame) -> None:
    """DoWhy: one LinearDML through its interface, then placebo, random cause and subset, 20 refits each."""
    from dowhy import CausalModel
    from sklearn.linear_model import LassoCV, LogisticRegressionCV

    controls = [c for c in frame.columns if c.startswith("x")]
    model = CausalModel(frame.copy(), "t", "y", common_causes=controls, effect_modifiers=controls)
    found = model.identify_effect(proceed_when_unidentifiable=True, method_name="default")
    nuisances = {"model_y": LassoCV(cv=3), "model_t": LogisticRegressionCV(cv=3), "discrete_treatment": True}
    made = model.estimate_effect(
        found,
        method_name="backdoor.econml.dml.LinearDML",
        method_params={"init_params": {**nuisances, "cv": 3}, "fit_params": {}},
    )
    for name in ("placebo_treatment_refuter", "random_common_cause", "data_subset_refuter"):
        model.refute_estimate(found, made, method_name=name, num_simulations=REFITS, n_jobs=1, random_seed=0)


def timed(run: Callable[[pd.DataFrame], None], frame: pd.DataFrame) -> float:
    """CPU seconds of a second call, after a first on few rows that loads what has to be loaded."""
    with warnings.catch_warnings(), one_thread():
        warnings.simplefilter("ignore")
        if run is not dowhy_refuted:
            run(frame.head(200).copy())
        else:
            import dowhy  # noqa: F401
            import econml.dml  # noqa: F401
        start = time.process_time()
        run(frame.copy())
        return time.process_time() - start


def main(arguments: list[str]) -> None:
    """Print the parts, their sum against the target, and the libraries beside it."""
    rows = int(arguments[0]) if arguments else 2000
    columns = int(arguments[1]) if len(arguments) > 1 else 10
    frame = table(rows, columns)
    with TemporaryDirectory() as folder, one_thread():
        ours(frame.head(300).copy(), folder)
        parts = ours(frame, folder)
    total = sum(parts.values())
    print(f"{rows} rows, {columns} controls; CPU seconds, warm")
    for name, seconds in parts.items():
        print(f"  {name:<44}{seconds:>7.2f}")
    print(f"  {'all of it':<44}{total:>7.2f}  target {TARGET:g}: {'met' if total <= TARGET else 'MISSED'}")
    for run in (linear_dml, causal_forest, dowhy_refuted):
        name = (run.__doc__ or "").split(".")[0].replace("\n", " ")
        try:
            seconds = timed(run, frame)
        except Exception as error:  # a library that fails here is told and does not stop the others
            print(f"  {name[:60]}: failed: {type(error).__name__}: {error}")
            continue
        print(f"  {name:<64}{seconds:>7.2f}  ccp / it: {total / seconds:.2f}")


if __name__ == "__main__":
    import logging

    logging.disable(logging.WARNING)
    main(sys.argv[1:])
