"""PCMCI, PCMCI+ and LPCMCI of tigramite, an optional extra (GPL-3, never installed with ccp by itself)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.found import ARROW, CIRCLE, TAIL, Settings
from causalcopilot_tools.discovery.knowledge import Constraints
from causalcopilot_tools.discovery.series.found import LaggedFound, Material

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CARD = Card(
    assumes=("the same links at every step", "linear relations", "no hidden common causes unless lpcmci"),
    data="a stationary (or treated) series of numbers",
    cost="0.5 s at 10 columns, 10 s at 30; lpcmci more",
    source="Runge et al. 2019 (PCMCI); Runge 2020 (PCMCI+); Gerhardus & Runge 2020 (LPCMCI); tigramite",
)
METHODS = ("pcmci", "pcmci_plus", "lpcmci")
MISSING = 999.0
"""tigramite's mark of an unknown cell; values are standardised, so it cannot be one."""
MARKS = {"-": TAIL, ">": ARROW, "<": ARROW, "o": CIRCLE, "x": CIRCLE}


def available() -> bool:
    """Whether tigramite can be imported."""
    from importlib.util import find_spec

    return find_spec("tigramite") is not None


def search(data: Material, limits: Constraints, settings: Settings, method: str) -> LaggedFound:
    """Learn a lagged graph with partial correlations; takes no knowledge.

    Raises:
        NotApplicable: tigramite is not installed, or there is knowledge.
    """
    if not available():
        raise _absent(method)
    if limits:
        raise NotApplicable(
            f"{method} takes no knowledge here (tiers, forbidden or required edges are given)",
            "use method lagged_boss, or set the knowledge aside",
        )
    try:
        graph = _run(_frames(data), data.stacked.lags, settings, method)
    except ImportError as error:  # tigramite imports six without asking for it
        raise _absent(method, str(error)) from error
    ends, contested = _ends(graph, circles=method == "lpcmci")
    notes = (
        (f"{contested} links within a step have contradictory directions; they are left open",)
        if contested
        else ()
    )
    return LaggedFound(method, ends, (("test", "par_corr"), ("alpha", settings.alpha)), notes)


def _absent(method: str, why: str = "it is not installed") -> NotApplicable:
    return NotApplicable(
        f"{method} needs tigramite, an extra of its own (licence GPL-3): {why}",
        "pip install 'causalcopilot[tigramite]', or use method lagged_boss",
    )


def _frames(data: Material) -> dict[int, NDArray[np.float64]]:
    """The standardised series of each unit."""
    import numpy as np

    known = ~np.isnan(data.x)
    mean, spread = np.nanmean(data.x, axis=0), np.nanstd(data.x, axis=0)
    z = np.where(known, (data.x - mean) / spread, MISSING)
    return {int(u): z[data.units == u] for u in np.unique(data.units)}


def _run(frames: dict[int, NDArray[np.float64]], lags: int, settings: Settings, method: str) -> Any:
    """tigramite's (p, p, L + 1) array of link texts."""
    from causalcopilot_tools.discovery.quiet import quiet

    with quiet():
        from tigramite import data_processing as pp
        from tigramite.independence_tests.parcorr import ParCorr
        from tigramite.lpcmci import LPCMCI
        from tigramite.pcmci import PCMCI

        single = len(frames) == 1
        table = pp.DataFrame(
            next(iter(frames.values())) if single else frames,
            analysis_mode="single" if single else "multiple",
            missing_flag=MISSING,
        )
        if method == "lpcmci":
            learned = LPCMCI(dataframe=table, cond_ind_test=ParCorr(), verbosity=0).run_lpcmci(
                tau_max=lags, pc_alpha=settings.alpha
            )
        elif method == "pcmci_plus":
            learned = PCMCI(dataframe=table, cond_ind_test=ParCorr(), verbosity=0).run_pcmciplus(
                tau_max=lags, pc_alpha=settings.alpha
            )
        else:
            learned = PCMCI(dataframe=table, cond_ind_test=ParCorr(), verbosity=0).run_pcmci(
                tau_min=1, tau_max=lags, pc_alpha=None, alpha_level=0.05, fdr_method="fdr_bh"
            )
    return learned["graph"]


def _ends(graph: Any, circles: bool) -> tuple[NDArray[np.int8], int]:
    """Mark codes, and how many links within a step are contested; an open end is a circle in a PAG only."""
    import numpy as np

    p, lags = graph.shape[0], graph.shape[2] - 1
    ends = np.zeros((2, lags + 1, p, p), np.int8)
    for i, j, lag in np.argwhere(graph != ""):
        left, right = (MARKS[str(graph[i, j, lag])[k]] for k in (0, 2))
        if not circles:
            left, right = (TAIL if m == CIRCLE else m for m in (left, right))
        ends[0, lag, i, j], ends[1, lag, i, j] = left, right
    contested = sum(str(t) == "x-x" for t in graph[:, :, 0].ravel()) // 2
    return ends, contested
