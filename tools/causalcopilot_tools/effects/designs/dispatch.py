"""From a question or an identification to the design that answers it."""

from __future__ import annotations

from collections.abc import Callable

from causalcopilot.domain.designs import Beyond
from causalcopilot.domain.identification import Identification, Strategy
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.effects.designs.adoption import arrays as adoption_arrays
from causalcopilot_tools.effects.designs.adoption import estimate_adoption
from causalcopilot_tools.effects.designs.crossed import cells, estimate_crossed, is_crossed
from causalcopilot_tools.effects.designs.discontinuity import arrays as discontinuity_arrays
from causalcopilot_tools.effects.designs.discontinuity import estimate_discontinuity, identify_discontinuity
from causalcopilot_tools.effects.designs.instrument import arrays as instrument_arrays
from causalcopilot_tools.effects.designs.instrument import estimate_instrument, identify_instrument
from causalcopilot_tools.effects.designs.joint_argument import identify_joint
from causalcopilot_tools.effects.designs.joint_rows import arrays as joint_arrays
from causalcopilot_tools.effects.designs.jointly import estimate_joint
from causalcopilot_tools.effects.designs.mediated import arrays as mediation_arrays
from causalcopilot_tools.effects.designs.mediated import estimate_mediation, identify_mediation
from causalcopilot_tools.effects.designs.posed import Identified, Posed
from causalcopilot_tools.effects.designs.shape import identify_panel_by_shape
from causalcopilot_tools.effects.designs.synthetic import arrays as synthetic_arrays
from causalcopilot_tools.effects.designs.synthetic import estimate_single, identify_single
from causalcopilot_tools.effects.designs.through import (
    estimate_front_door,
    estimate_general,
    front_door_rows,
    general_rows,
)
from causalcopilot_tools.effects.designs.unit_effects import arrays as unit_arrays
from causalcopilot_tools.effects.designs.unit_effects import estimate_within, identify_within
from causalcopilot_tools.effects.refit import Prepared
from causalcopilot_tools.effects.work import Work

IDENTIFY: dict[Beyond, Callable[[Posed], Identified]] = {
    "iv": identify_instrument,
    "rd": identify_discontinuity,
    "did": identify_panel_by_shape,
    "sc": identify_single,
    "panel": identify_within,
    "mediation": identify_mediation,
    "joint": identify_joint,
}
"""How each design argues."""
ESTIMATE: dict[Strategy, Callable[[Context, Identification, float], Work]] = {
    "Instrumental Variable": estimate_instrument,
    "Regression Discontinuity": estimate_discontinuity,
    "Difference-in-Differences": lambda context, found, level: (
        estimate_crossed if is_crossed(found) else estimate_adoption
    )(context, found, level),
    "Synthetic Control": estimate_single,
    "Panel Fixed Effects": estimate_within,
    "Mediation": estimate_mediation,
    "Joint Intervention": estimate_joint,
    "Front-Door": estimate_front_door,
    "General Identification": estimate_general,
}
"""How each strategy beyond adjustment estimates."""
ROWS: dict[Strategy | None, Callable[[Context, Identification], Prepared]] = {
    "Instrumental Variable": lambda context, found: instrument_arrays(context, found).prepared,
    "Regression Discontinuity": lambda context, found: discontinuity_arrays(context, found).prepared,
    "Difference-in-Differences": lambda context, found: (
        cells(context, found).prepared if is_crossed(found) else adoption_arrays(context, found).prepared
    ),
    "Synthetic Control": lambda context, found: synthetic_arrays(context, found).prepared,
    "Panel Fixed Effects": lambda context, found: unit_arrays(context, found).prepared,
    "Mediation": lambda context, found: mediation_arrays(context, found).prepared,
    "Joint Intervention": lambda context, found: joint_arrays(context, found).prepared,
    "Front-Door": front_door_rows,
    "General Identification": general_rows,
}
"""The rows that each of them uses."""


def beyond_adjustment(found: Identification) -> bool:
    """Whether an identification rests on one of these designs."""
    return found.strategy in ESTIMATE
