"""What a learned graph leaves out is tried as controls, and what it doubts is told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from causalcopilot.domain.estimate import Check
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import EstimateResult
from causalcopilot_tools.effects.estimate import estimate
from causalcopilot_tools.effects.identify import identify
from causalcopilot_tools.refutation.checks import argument, left_out
from causalcopilot_tools.refutation.material import Material, material
from tests.tools.framed import case

ROWS = 1500
EFFECT = 1.0


def cancelling(seed: int = 0) -> pd.DataFrame:
    """A common cause ``c`` that is nearly independent of ``y``, because its two ways cancel; ``a`` is harmless."""
    rng = np.random.default_rng(seed)
    a, c = rng.normal(size=(2, ROWS))
    t = (rng.random(ROWS) < 1 / (1 + np.exp(-1.2 * c - 0.5 * a))).astype(int)
    y = EFFECT * t - 0.24 * c + 0.5 * a + rng.normal(size=ROWS)
    return pd.DataFrame({"t": t, "y": y, "a": a, "c": c})


def learned(*arrows: tuple[str, str]) -> StoredGraph:
    return StoredGraph("table@1", Graph.from_arrows("dag", ("t", "y", "a", "c"), arrows), op="discovered")


def estimated(
    data: pd.DataFrame,
    graph: StoredGraph | None = None,
    known: Knowledge | None = None,
    controls: tuple[str, ...] | None = None,
) -> Material:
    context: Context = case(data, known)
    found = identify(context, treatment="t", outcome="y", graph=graph, controls=controls)
    result = estimate(context, identification=found)
    assert isinstance(result, EstimateResult)
    return material(context, result)


def only(checks: tuple[Check, ...]) -> Check:
    assert len(checks) == 1
    return checks[0]


def test_a_dropped_common_cause_shows() -> None:
    m = estimated(cancelling(), learned(("a", "t"), ("a", "y"), ("t", "y")))
    assert m.identification.controls.used == ("a",)
    assert m.primary.high is not None
    assert m.primary.high < EFFECT  # what the learned graph gives is wrong
    check = only(left_out.left_out_columns(m))
    assert check.status == "warn"
    assert "with c held as well" in check.detail
    assert "only knowledge can tell" in check.detail


def test_nothing_left_out_and_nothing_changed() -> None:
    data = cancelling()
    every = learned(("a", "t"), ("a", "y"), ("c", "t"), ("c", "y"), ("t", "y"))
    assert only(left_out.left_out_columns(estimated(data, every))).status == "skipped"
    data["c"] = np.random.default_rng(1).normal(size=ROWS)
    idle = only(left_out.left_out_columns(estimated(data, learned(("a", "t"), ("a", "y"), ("t", "y")))))
    assert idle.status == "pass"


@pytest.mark.parametrize("controls", [None, ("a",)])
def test_where_somebody_knows_the_check_is_needless(controls: tuple[str, ...] | None) -> None:
    known = Knowledge(columns=(ColumnKnowledge("a", role="pre_treatment"),), origin="file")
    assert left_out.needless(estimated(cancelling(), None, known, controls))
    assert not left_out.needless(estimated(cancelling(), controls=("a",)))


def test_columns_known_to_come_later_are_never_held() -> None:
    order = tuple(ColumnKnowledge(n, tier=k) for n, k in (("t", 1), ("y", 2), ("c", 3)))
    m = estimated(
        cancelling(), learned(("a", "t"), ("a", "y"), ("t", "y")), Knowledge(columns=order, origin="file")
    )
    assert only(left_out.left_out_columns(m)).status == "skipped"


def test_a_control_that_the_learned_graph_doubts_is_flagged() -> None:
    graph = learned(("a", "t"), ("a", "y"), ("t", "y"), ("t", "c"), ("y", "c"))
    check = only(argument.forced_bad_controls(estimated(cancelling(), graph, controls=("a", "c"))))
    assert check.status == "warn"
    assert "the learned graph says it is an effect of y" in check.detail
