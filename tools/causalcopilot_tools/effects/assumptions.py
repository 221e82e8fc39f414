"""What an adjustment rests on, in words, and who vouches for it."""

from __future__ import annotations

from collections.abc import Mapping

from causalcopilot.domain.identification import Assumption
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Profile

WORDS: Mapping[str, str] = {
    "no_unmeasured_confounding": "no unmeasured common cause of treatment and outcome, given the controls",
    "positivity": "every kind of unit could have had either treatment value",
    "consistency": "the treatment is one well-defined thing, and one unit's treatment does not touch another's outcome",
    "measurement": "treatment, outcome and controls are measured correctly",
    "controls_before_treatment": "every control was measured before the treatment",
    "graph_correct": "the given graph is right, also in the arrows it leaves out",
    "causal_sufficiency": "no unmeasured common causes among the columns of the learned graph",
    "faithfulness": "the independences in these rows reflect the graph and not a coincidence",
    "randomisation": "the treatment was assigned by chance",
    "open_path": "a non-causal path that the graph leaves open carries no association",
    "relevance": "the instrument moves the treatment",
    "exclusion": "the instrument reaches the outcome through the treatment only",
    "independence": "the instrument shares no unmeasured cause with the outcome, given the controls",
    "monotonicity": "the instrument moves nobody's treatment the other way",
    "continuity": "without the treatment, outcomes would change smoothly where the running variable crosses the cutoff",
    "no_manipulation": "units cannot choose exactly on which side of the cutoff they land",
    "parallel_trends": "without the treatment, adopters would have changed as the units they are compared with",
    "same_composition": "the groups consist of the same kind of rows before and after",
    "no_anticipation": "nobody changed before adopting because of it",
    "full_mediation": "the treatment reaches the outcome through the named mediators only",
    "mediators_unconfounded": "nothing unmeasured causes a mediator and the treatment or the outcome",
    "donors_follow": "untreated, the treated unit would have gone on as the weighted donors did",
    "donors_untouched": "the treatment of one unit does not reach the donors",
    "no_selection": "rows did not get into the table because of treatment and outcome, or of their effects",
    "missing_at_random": "given the controls, whether an outcome is missing has nothing to do with its value",
    "independent_censoring": "within an arm, a time is cut short for reasons that tell nothing of the time to come",
    "unit_effects": "whatever else differs between units does not change over time, given the controls",
    "strict_exogeneity": "past outcomes do not move later treatments, nor the other way before their time",
    "no_confounding_of_treatment": "no unmeasured common cause of treatment and mediator, or treatment and outcome",
    "no_confounding_of_mediator": "no unmeasured common cause of mediator and outcome, given treatment and controls",
    "no_caused_confounder": "no common cause of mediator and outcome is itself an effect of the treatment",
    "mediator_between": "the mediator comes after the treatment and before the outcome",
    "no_joint_confounding": "no unmeasured common cause of any of the treatments and the outcome, given what is held",
    "straight_joint_lines": "the outcome is a straight line in the treatments, in numbers without an interaction",
    "design_named": "the treatment was given out in the way that the table looks like",
    "forced_controls": "the requested controls do no harm, although they are of a kind that biases",
}
"""Every assumption by its stable name."""
OF_DESIGNS = frozenset(
    "exclusion independence continuity no_manipulation parallel_trends same_composition no_anticipation donors_follow"
    " donors_untouched unit_effects strict_exogeneity".split()
)
"""Those that a design beyond adjustment rests on, and that no check grants."""


def voucher(knowledge: Knowledge) -> str:
    """Who stands behind the knowledge, in words."""
    return {
        "card": "the card of this data set",
        "file": "the knowledge file",
        "flags": "the command line",
    }.get(knowledge.origin, "the knowledge given")


def unconfounded(evidence: str) -> Assumption:
    """The assumption every adjustment rests on; data cannot test it."""
    return Assumption("no_unmeasured_confounding", False, evidence)


def of_rows(profile: Profile, outcome: str) -> tuple[Assumption, ...]:
    """What every design assumes of the rows that are in the table, and of those without an outcome."""
    unseen = "not testable here: the table does not show who is not in it"
    taken = (Assumption("no_selection", False, unseen),)
    missing = profile.column(outcome).missing
    if not missing:
        return taken
    told = f"{missing:,d} of {profile.rows:,d} rows lack {outcome}; not testable here"
    return (*taken, Assumption("missing_at_random", False, told))


def standard() -> tuple[Assumption, ...]:
    """Assumptions of every effect estimate, whatever the design."""
    return (
        Assumption("positivity", True, "see the overlap check"),
        Assumption(
            "consistency", False, "not testable here; think of versions of the treatment and of spill-over"
        ),
        Assumption("measurement", False, "not testable here"),
    )
