"""What the tests of ``identify`` share: a small table, knowledge about it, and asking."""

from __future__ import annotations

import numpy as np
import pandas as pd

from causalcopilot.domain.identification import Identification
from causalcopilot.domain.knowledge import ColumnKnowledge, Knowledge
from causalcopilot.domain.question import Contrast
from causalcopilot.graph.graph import Graph
from causalcopilot.graph.stored import StoredGraph
from causalcopilot.toolkit.result import IdentifyResult
from causalcopilot_tools.effects.identify import identify
from tests.tools.framed import case

NAMES = ("t", "y", "a", "b", "c", "m")


def frame(names: tuple[str, ...] = NAMES, rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    out = pd.DataFrame({n: rng.normal(size=rows) for n in names})
    if "t" in out:
        out["t"] = (np.arange(rows) % 2).astype(int)
    return out


def known(graph: str = "", roles: dict[str, str] | None = None, **more: object) -> Knowledge:
    columns = tuple(ColumnKnowledge(n, role=r, reason="") for n, r in (roles or {}).items())  # type: ignore[arg-type]
    return Knowledge(columns=columns, graph=graph, origin="file", **more)  # type: ignore[arg-type]


def found(result: IdentifyResult) -> Identification:
    assert result.identification is not None
    return result.identification


def reasons(result: IdentifyResult) -> dict[str, str]:
    return {e.name: e.reason for e in found(result).controls.forbidden}


def stored(graph: Graph, op: str = "discovered") -> StoredGraph:
    return StoredGraph("learned@1", graph, op=op)


def ask(
    knowledge: Knowledge | None = None, data: pd.DataFrame | None = None, **arguments: object
) -> IdentifyResult:
    context = case(frame() if data is None else data, knowledge)
    result = identify(context, treatment="t", outcome="y", **arguments)
    assert isinstance(result, IdentifyResult)
    return result


def contrast(values: object, kind: str | None = None, **arguments: object) -> tuple[str, Contrast, str]:
    data = frame()
    data["t"] = values
    context = case(data, types={"t": kind} if kind else None)  # type: ignore[dict-item]
    result = identify(context, treatment="t", outcome="y", **arguments)
    assert isinstance(result, IdentifyResult)
    return found(result).treatment_type, found(result).contrast, " ".join(result.findings)
