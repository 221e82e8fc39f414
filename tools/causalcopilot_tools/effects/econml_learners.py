"""Further learners of EconML, on request, with our nuisances: DRLearner, SparseLinearDML, S-, T- and X-learner.

The doubly robust ones tell their average with its own inference.  S-, T- and X-learners have none in EconML: they
give a point, and an answer that rests on a point alone is judged as one without an interval.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any, Literal

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.econml_dml import MODIFIER_LIMIT, arrays, common, scaled, target_rows
from causalcopilot_tools.effects.envelope import Point
from causalcopilot_tools.effects.refit import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MetaLearner = Literal["s_learner", "t_learner", "x_learner"]


def dr_learner(p: Prepared, seed: int) -> Point:
    """LinearDRLearner without modifiers: the average effect of its doubly robust scores (Kennedy 2023)."""
    import numpy as np
    from econml.dr import LinearDRLearner

    p.sampling.refuse("dr_learner")
    _two_arms(p, "dr_learner")
    if p.quantity != "ATE":
        raise NotApplicable(f"dr_learner tells the ATE, and {p.quantity} is asked", "use auto or tmle")
    Y, T, X = arrays(p)
    given = common(p, T, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = LinearDRLearner(
            model_propensity=given["model_t"],
            model_regression=given["model_y"],
            cv=given["cv"],
            random_state=given["random_state"],
        )
        model.fit(Y, T, X=None, W=X if X.shape[1] else None, inference="statsmodels")
    one = model.effect_inference(T0=0, T1=1)
    return Point(float(np.ravel(one.point_estimate)[0]), float(np.ravel(one.stderr)[0]))


def sparse_linear_dml(p: Prepared, seed: int) -> Point:
    """SparseLinearDML: a debiased lasso of the effect on the controls, averaged (Semenova et al. 2023)."""
    import numpy as np
    from econml.dml import SparseLinearDML

    p.sampling.refuse("sparse_linear_dml")
    Y, T, X = arrays(p)
    if not 0 < X.shape[1] <= MODIFIER_LIMIT:
        raise NotApplicable(
            f"sparse_linear_dml needs controls, at most {MODIFIER_LIMIT} encoded ones", "use linear_dml"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model = SparseLinearDML(**common(p, T, seed))
        model.fit(Y, T, X=X, inference="debiasedlasso")
        average = model.ate_inference(X=X[target_rows(p, T)], T0=0, T1=1)
        effects = np.ravel(model.effect(X[target_rows(p, T)], T0=0, T1=1))
    variance = float(np.ravel(average.stderr_mean)[0]) ** 2 + effects.var(ddof=1) / len(effects)
    return scaled(p, float(np.ravel(average.mean_point)[0]), variance**0.5)


def meta_learner(p: Prepared, seed: int, name: MetaLearner) -> float:
    """Average of an S-, T- or X-learner's effects (Künzel et al. 2019): a point without an interval."""
    import numpy as np

    p.sampling.refuse(name)
    _two_arms(p, name)
    Y, T, X = arrays(p)
    if not X.shape[1]:
        raise NotApplicable(f"{name} needs at least one control", "use regression")
    model = _meta(name, seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        model.fit(Y, T, X=X)
        effects: NDArray[np.float64] = np.ravel(model.effect(X[target_rows(p, T)], T0=0, T1=1))
    return float(effects.mean())


def _meta(name: MetaLearner, seed: int) -> Any:
    from econml.metalearners import SLearner, TLearner, XLearner

    from causalcopilot_tools.effects.stack_model import StackClassifier, StackRegressor

    if name == "s_learner":
        return SLearner(overall_model=StackRegressor(seed))
    if name == "t_learner":
        return TLearner(models=StackRegressor(seed))
    return XLearner(models=StackRegressor(seed), propensity_model=StackClassifier(seed))


def _two_arms(p: Prepared, name: str) -> None:
    if p.kind == "continuous":
        raise NotApplicable(
            f"{name} compares two treatment values, and {p.treatment} is continuous", "use auto or linear_dml"
        )
