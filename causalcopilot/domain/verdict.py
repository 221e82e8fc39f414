"""The verdict: may the stated interval be read as causal?

One tuple of declared rules decides, in order of severity; the first that applies gives the verdict, its code,
its sentence and the next step.  No model takes part.  A passing check never raises a verdict: every rule
lowers it, and ``supported`` is what is left when none applies.  The rules stand in ``severe_rules``,
``design_rules`` and ``fragile_rules``; what the checks compare with, in ``thresholds``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from causalcopilot.domain.design_rules import DESIGN_RULES
from causalcopilot.domain.estimate import Check, Direction, Estimate, Sensitivity, Verdict
from causalcopilot.domain.fragile_rules import FRAGILE_RULES
from causalcopilot.domain.identification import Identification
from causalcopilot.domain.rule import Case, Rule
from causalcopilot.domain.severe_rules import SEVERE_RULES

UNTOLD = "; none of them could have shown a hidden cause or a wrong graph: that there is none rests on someone's word"
"""What a supported verdict owes its reader where nothing but someone's word speaks against hidden causes."""
CANNOT_SHOW = ("placebo_treatment", "omitted_variable_bound")
"""Of the checks that falsify or measure sensitivity, those that fail for other reasons, or warn at most."""
ALL_PASSED = Rule(
    "all_passed",
    "supported",
    lambda c: True,
    "Identified, and no check that could have failed has failed; warnings, where there are any, are listed{untold}.",
    "Report the interval together with its assumptions.",
    "Nothing lowered the verdict.",
)
RULES: tuple[Rule, ...] = (*SEVERE_RULES, *DESIGN_RULES, *FRAGILE_RULES, ALL_PASSED)
"""Every rule, worst verdict first."""


@dataclass(frozen=True)
class Decision:
    """The verdict, the code of the rule that decided, and codes and sentences of later rules that also applied."""

    verdict: Verdict
    code: str
    also: tuple[str, ...] = ()
    also_said: tuple[str, ...] = ()


def decide(
    identification: Identification | None,
    estimate: Estimate | None,
    checks: Sequence[Check],
    sensitivity: Sensitivity | None = None,
) -> Decision:
    """Apply the rules in order; total (every case gets a verdict) and monotone (a failed check never raises it)."""
    case = Case(identification, estimate, tuple(checks), sensitivity)
    hits = [rule for rule in RULES if rule.applies(case)]
    first, words = hits[0], _words(case)
    sure = first.lowers_to in ("supported", "fragile", "inconclusive")
    verdict = Verdict(
        first.lowers_to,
        first.reason.format_map(words),
        first.next.format_map(words),
        direction(estimate) if sure else "unclear",
    )
    later = tuple(r for r in hits[1:] if r.lowers_to != "supported")
    said = tuple(r.reason.format_map(words) for r in later)
    return Decision(verdict, first.code, tuple(r.code for r in later), said)


def direction(estimate: Estimate | None) -> Direction:
    """Which way the interval points; ``none_detected`` where it holds zero, ``unclear`` where there is none."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return "unclear"
    if estimate.low > 0:
        return "increases"
    return "decreases" if estimate.high < 0 else "none_detected"


def shows_hidden_causes(check: Check) -> bool:
    """Whether a hidden cause, or a wrong graph or design, could have made this check fail."""
    tells = check.kind in ("falsification", "sensitivity") and check.name not in CANNOT_SHOW
    return tells and check.can_lower_verdict and check.status in ("pass", "warn", "fail")


def _words(case: Case) -> dict[str, str]:
    """What the templates of reasons and next steps may name."""
    found, sens = case.identification, case.sensitivity
    failed = [c.name for c in case.checks if c.can_lower_verdict and c.status in ("fail", "error")]
    helps = found.would_help if found else ()
    return {
        "treatment": found.cause if found else "the treatment",
        "outcome": found.outcomes[0] if found and found.outcomes else "the outcome",
        "benchmark": (sens.benchmark if sens else None) or "the strongest measured control",
        "check": failed[0] if failed else "a check",
        "untold": "" if _randomised(found) or any(map(shows_hidden_causes, case.checks)) else UNTOLD,
        "help": _sentence(
            helps[0] if helps else "say which columns come before the treatment, or give a graph"
        ),
    }


def _randomised(found: Identification | None) -> bool:
    return found is not None and found.strategy == "RCT"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
