"""Do the data contradict the graph that the effect was identified from?"""

from __future__ import annotations

from causalcopilot.domain.estimate import Check, CheckStatus
from causalcopilot.domain.thresholds import GRAPH_FAIL, GRAPH_WARN
from causalcopilot_tools.refutation.material import Material

NAME = "implied_independences"


def needless(m: Material) -> str:
    """Why there is no graph to hold against the data."""
    found = m.identification
    if found.graph is None:
        return "no graph was given"
    if found.basis == "discovered":
        return "the graph was learned from the same rows"
    if m.graph is None:
        return "the graph was not given to this check"
    return "" if m.graph.id == found.graph else f"another graph than {found.graph} was given to this check"


def implied_independences(m: Material) -> tuple[Check, ...]:
    """Test every independence the graph implies; the least corrected p-value of a contradiction decides."""
    from causalcopilot_tools.structure.falsify import examined

    assert m.graph is not None
    found, _ = examined(m.context, m.graph)
    if not found.independent:
        detail = "the graph implies no independence that the data could contradict"
        return (Check(NAME, "falsification", "info", None, None, True, detail),)
    worst = found.contradicted[0] if found.contradicted else found.independent[0]
    status: CheckStatus = (
        "fail" if worst.contradicts(GRAPH_FAIL) else "warn" if worst.contradicts(GRAPH_WARN) else "pass"
    )
    count = f"{len(found.contradicted)} of {len(found.independent)} implied independences are contradicted"
    detail = f"{count}; first {worst.claim}" if found.contradicted else count
    bad = float(len(found.contradicted))
    return (Check(NAME, "falsification", status, bad, 0.0, True, detail, worst.adjusted),)
