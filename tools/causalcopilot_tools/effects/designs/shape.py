"""Which design a panel calls for: read off how the treatment runs through units and periods."""

from __future__ import annotations

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.effects.coding import code_treatment
from causalcopilot_tools.effects.designs import sc
from causalcopilot_tools.effects.designs.adoption import identify_adoption, read_adoption
from causalcopilot_tools.effects.designs.crossed import identify_crossed
from causalcopilot_tools.effects.designs.posed import Identified, Posed
from causalcopilot_tools.effects.designs.synthetic import identify_single, single_adopter
from causalcopilot_tools.effects.designs.unit_effects import identify_within


def identify_panel_by_shape(posed: Posed) -> Identified:
    """One adopter among enough donors: synthetic control; a treatment that comes and goes, or is a number: unit
    effects; otherwise difference-in-differences.  A design that was named is taken as it is."""
    q = posed.context.question
    if _each_row_once(posed):
        return identify_crossed(posed)
    if q.design != "auto" or q.unit is None or q.time is None:
        return identify_adoption(posed)
    t = posed.treatment.name
    posed.check(q.unit, q.time)
    if len({t, posed.outcome, q.unit, q.time}) < 4:
        return identify_adoption(posed)
    if posed.chosen.type == "continuous":
        return identify_within(posed)
    if posed.chosen.type != "binary":
        return identify_adoption(posed)
    frame = posed.context.dataset.frame([t, q.unit, q.time])
    T = code_treatment(frame[t], "binary", posed.chosen.contrast)[0]
    try:
        seen = read_adoption(frame, T, q.unit, q.time)
    except NotApplicable:  # it switches off again
        return identify_within(posed)
    one = single_adopter(seen)
    if one is not None and not posed.controls:
        donors = int((seen.first == len(seen.periods)).sum())
        if donors >= sc.MIN_DONORS and int(seen.first[one]) >= sc.MIN_BEFORE:
            return identify_single(posed)
    return identify_adoption(posed)


def _each_row_once(posed: Posed) -> bool:
    """Whether a group and a period were named, and not a unit that is seen again and again."""
    q, profile = posed.context.question, posed.context.profile
    if q.unit not in profile.names or q.time not in profile.names:
        return False
    return all(profile.column(n).type == "binary" for n in (q.unit, q.time) if n)
