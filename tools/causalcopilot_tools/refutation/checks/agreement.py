"""Do other sound estimators of the same quantity say the same?"""

from __future__ import annotations

from causalcopilot.domain.estimate import Check, CheckStatus, Estimate
from causalcopilot_tools.effects.specification import WEIGHTED
from causalcopilot_tools.refutation.material import Material

FLEXIBLE = ("aipw", "plr", "dml", "forest")
"""Parts of method names whose nuisances can follow any shape."""


def agreement(m: Material) -> tuple[Check, ...]:
    """Compare centres with the primary interval, signs where both are clear, and zero in each interval.

    The share of agreeing estimators is the statistic.  A straight-line estimator whose centre lies outside
    is told (warn): the flexible ones exist because lines can be wrong.  A flexible one outside, or any
    interval that is clear of zero on the other side, fails.
    """
    asked = m.identification.quantity if m.primary.quantity == WEIGHTED else m.primary.quantity
    rivals = [e for e in m.result.estimates if _comparable(e, m.primary, asked)]
    if not rivals:
        others = any(e is not m.primary and e.quantity == asked for e in m.result.estimates)
        why = "no other estimate is supported by overlap" if others else "there is no second estimate"
        return (Check("agreement", "agreement", "skipped", None, None, True, why),)
    outside = [e for e in rivals if not _inside(e, m.primary)]
    opposed = [e for e in rivals if _opposed(e, m.primary)]
    bad = [e.method for e in rivals if e in opposed or (e in outside and _flexible(e))]
    alone = _one_class_only(m.primary, [e for e in rivals if _flexible(e)])
    status: CheckStatus = "fail" if bad or alone else "warn" if outside else "pass"
    share = 1.0 - len({e.method for e in outside} | set(bad)) / len(rivals)
    return (
        Check("agreement", "agreement", status, share, 1.0, True, _detail(bad, outside, alone, len(rivals))),
    )


def _detail(bad: list[str], outside: list[Estimate], alone: str, count: int) -> str:
    if bad:
        return f"disagrees with the primary interval: {', '.join(bad)}"
    if alone:
        return f"only {alone} is clear of zero"
    if outside:
        return f"centre outside the primary interval: {', '.join(e.method for e in outside)}"
    return f"the centres of all {count} other estimators lie within the primary interval"


def _comparable(e: Estimate, primary: Estimate, asked: str) -> bool:
    complete = e.value is not None and e.low is not None and e.high is not None
    return complete and e is not primary and e.quantity == asked and e.supported


def _flexible(e: Estimate) -> bool:
    return any(part in e.method for part in FLEXIBLE)


def _inside(e: Estimate, primary: Estimate) -> bool:
    assert e.value is not None
    assert primary.low is not None
    assert primary.high is not None
    return primary.low <= e.value <= primary.high


def _side(e: Estimate) -> int:
    assert e.low is not None
    assert e.high is not None
    return 1 if e.low > 0 else -1 if e.high < 0 else 0


def _opposed(e: Estimate, primary: Estimate) -> bool:
    return _side(e) * _side(primary) < 0


def _one_class_only(primary: Estimate, flexible: list[Estimate]) -> str:
    """The one nuisance class whose interval is clear of zero while another's, and so the envelope, is not."""
    clear = [e.method for e in flexible if _side(e)]
    return ", ".join(clear) if clear and not _side(primary) and len(clear) < len(flexible) else ""
