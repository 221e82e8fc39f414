"""What a range of effects over a class is told by, whether of one treatment or of several set together."""

from __future__ import annotations

from causalcopilot.domain.effect_range import EffectRange
from causalcopilot.domain.facts import Fact
from causalcopilot_tools.effects.estimate_report import number_format


def format_of(r: EffectRange) -> str:
    """How its numbers are printed: to a tenth of its width."""
    return number_format((r.high - r.low) / 10 or None)


def range_facts(r: EffectRange, about: str) -> list[Fact]:
    """Ends, estimates, size of the class and the edges that decide.

    Args:
        about: the effect, in words.
    """
    spec = format_of(r)
    return [
        Fact("range.low", r.low, f"lowest value that the {about} may have", r.unit, r.outcome, spec),
        Fact("range.high", r.high, f"highest value that the {about} may have", r.unit, r.outcome, spec),
        Fact("range.effect_low", r.effect_low, f"lowest estimate of the {about}", r.unit, r.outcome, spec),
        Fact("range.effect_high", r.effect_high, f"highest estimate of the {about}", r.unit, r.outcome, spec),
        Fact("range.effects", len(r.effects), "effects that the class allows", format=",d"),
        Fact("range.unknown", r.unknown, "kinds of members that no adjustment speaks of", format=",d"),
        Fact("range.level", r.level, "coverage of each interval", format=".4g"),
        Fact("graph", r.graph, "graph whose class it is"),
        *(Fact(f"range.open.{i}", e, "edge whose direction decides") for i, e in enumerate(r.open, 1)),
    ]
