"""A study told beside its question: its design is read, its sentences never refused, and nothing made up."""

from __future__ import annotations

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import ColumnType, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import ColumnNotFound, UsageError

ROWS = 600


def number(name: str, low: float = 0, high: float = 100, distinct: int = 90) -> ColumnProfile:
    return ColumnProfile(name, "continuous", "number", 0, distinct, mean=50.0, minimum=low, maximum=high)


def flag(name: str) -> ColumnProfile:
    return ColumnProfile(name, "binary", "number", 0, 2, mean=0.5, minimum=0, maximum=1)


def text(name: str, *labels: str) -> ColumnProfile:
    kind: ColumnType = "binary" if len(labels) == 2 else "nominal"
    return ColumnProfile(
        name, kind, "text", 0, len(labels), levels=tuple((v, ROWS // len(labels)) for v in labels)
    )


COLUMNS = (
    text("arm", "drug", "placebo"), number("pressure", 90, 190), flag("letter_sent"), flag("attended_program"),
    flag("tutoring"), number("exam_score"), flag("scholarship"), number("gpa", 0, 4),
    text("village", *(f"V{i}" for i in range(40))), text("stratum", "rural", "urban"), flag("law"),
    number("crime"), number("year", 2000, 2020, 21), number("distance"), number("educ_years", 0, 20, 21),
    number("wage"), flag("female"), text("size", "small", "regular", "large"), flag("lottery_winner"),
    flag("enrolled_charter"),
)  # fmt: skip


def asked(words: str) -> Question:
    return parse_question(words, Profile("table", "sha256:0", ROWS, COLUMNS), Knowledge())


def design(q: Question) -> tuple[object, ...]:
    return q.kind, q.treatment, q.outcome, q.design


@pytest.mark.parametrize(
    "words",
    [
        "Patients were randomly assigned to drug or placebo. What is the effect on pressure?",
        "Patients were randomised to arms. What is the effect of arm on pressure?",
        "We ran an RCT. What is the effect of arm on pressure?",
        "What is the effect of arm on pressure? Patients were randomised.",
        "A/B test: what is the effect of arm on pressure?",
    ],
)
def test_a_treatment_drawn_by_lot_is_a_trial(words: str) -> None:
    assert design(asked(words)) == ("effect", "arm", "pressure", "rct")


def test_strata_and_clusters_of_the_draw_are_kept() -> None:
    q = asked(
        "Tutoring was randomly assigned within strata (stratum). What is the effect of tutoring on gpa?"
    )
    assert (q.design, q.controls, q.strata) == ("rct", ("stratum",), ("stratum",))
    q = asked("Villages were randomly assigned to tutoring. What is the effect of tutoring on gpa?")
    assert (q.design, q.cluster) == ("rct", "village")


@pytest.mark.parametrize(
    ("words", "treatment", "instrument"),
    [
        (
            "A letter was sent at random to get people to come. What is the effect of attending the program on gpa?",
            "attended_program",
            "letter_sent",
        ),
        (
            "Does attended_program raise gpa? letter_sent was randomly assigned.",
            "attended_program",
            "letter_sent",
        ),
        (
            "Students applied to a charter school by lottery. What is the effect of enrolled_charter on gpa?",
            "enrolled_charter",
            "lottery_winner",
        ),
        (
            "Distance shifts schooling but has no other effect on wages. What is the effect of educ_years on wage?",
            "educ_years",
            "distance",
        ),
        (
            "What is the effect of educ_years on wage? Use distance as the instrument.",
            "educ_years",
            "distance",
        ),
    ],
)
def test_what_was_drawn_and_is_not_the_treatment_is_its_instrument(
    words: str, treatment: str, instrument: str
) -> None:
    q = asked(words)
    assert (q.treatment, q.design, q.instrument) == (treatment, "iv", instrument)


@pytest.mark.parametrize(
    "words",
    [
        "Students with an exam score of 65 or more received a scholarship. What is the effect of scholarship on gpa?",
        "Scholarships were awarded to students who scored at least 65 on the exam. Did the scholarship raise gpa?",
        "What is the effect of scholarship on gpa? It is decided by exam_score crossing 65.",
    ],
)
def test_a_bound_that_decides_the_treatment_is_a_cutoff(words: str) -> None:
    q = asked(words)
    assert (q.design, q.running, q.cutoff) == ("rd", "exam_score", 65.0)


def test_adoption_over_time_is_a_difference_in_differences() -> None:
    q = asked("States adopted the law in different years. What is the effect of the law on crime?")
    assert design(q) == ("effect", "law", "crime", "did")


@pytest.mark.parametrize(
    "words",
    [
        "People chose whether to attend. What is the effect of tutoring on gpa?",
        "Tutoring was not randomly assigned. What is the effect of tutoring on gpa?",
        "This is a random sample of students. What is the effect of tutoring on gpa?",
        "Vouchers were handed out at random. What is the effect of tutoring on gpa?",
        "Students were randomly assigned to dormitories. What is the effect of tutoring on gpa?",
        "Students who scored above 65 were interviewed. What is the effect of tutoring on gpa?",
        "Students who scored at least 65 on the exam received a scholarship. What is the effect of tutoring on gpa?",
        "Only girls were enrolled. What is the effect of tutoring on gpa?",
        "Tutoring was self-selected and not by lottery. What is the effect of tutoring on gpa?",
    ],
)
def test_what_says_nothing_of_the_treatment_makes_no_design_and_is_told(words: str) -> None:
    q = asked(words)
    assert design(q) == ("effect", "tutoring", "gpa", "auto")
    assert q.aside


def test_it_is_what_was_told_of() -> None:
    q = asked("Students chose whether to get tutoring. Did it raise gpa?")
    assert design(q) == ("effect", "tutoring", "gpa", "auto")


def test_orders_stay_part_of_the_question() -> None:
    q = asked("What is the effect of tutoring on gpa given exam_score as the baseline?")
    assert q.controls == ("exam_score",)
    q = asked("What is the effect of tutoring on gpa? Adjust for stratum.")
    assert q.controls == ("stratum",)


def test_within_what_the_lot_was_drawn_is_no_question_about_groups() -> None:
    q = asked("What is the effect of tutoring on gpa, randomised by village?")
    assert (*design(q), q.cluster, q.modifiers) == ("effect", "tutoring", "gpa", "rct", "village", ())
    q = asked("What is the effect of tutoring on gpa, randomised within stratum?")
    assert (*design(q), q.controls) == ("effect", "tutoring", "gpa", "rct", ("stratum",))
    q = asked("Users were randomly assigned to arms. What is the effect of arm on pressure?")
    assert design(q) == ("effect", "arm", "pressure", "rct")  # "users" is no order to use something


@pytest.mark.parametrize(
    "words",
    [
        "Use difference-in-differences to estimate the effect of law on crime.",
        "What is the effect of law on crime, applying diff-in-diff?",
    ],
)
def test_a_design_that_is_named_is_never_passed_over(words: str) -> None:
    assert design(asked(words)) == ("effect", "law", "crime", "did")


def test_an_experiment_may_be_called_by_its_kind() -> None:
    assert design(asked("In this survey experiment, does arm change pressure?")) == (
        "effect",
        "arm",
        "pressure",
        "rct",
    )
    with pytest.raises(UsageError):
        asked("In this natural experiment, does arm change pressure?")


@pytest.mark.parametrize(
    ("words", "contrast"),
    [
        ("Does the drug lower pressure?", (None, "drug")),
        ("Does the drug lower pressure compared with placebo?", ("placebo", "drug")),
        ("What is the effect of drug rather than placebo on pressure?", ("placebo", "drug")),
        ("What is the effect of the placebo arm versus the drug arm on pressure?", ("drug", "placebo")),
        ("How much does the drug change pressure relative to placebo?", ("placebo", "drug")),
    ],
)
def test_a_label_in_the_place_of_the_cause_means_its_column(
    words: str, contrast: tuple[str | None, str]
) -> None:
    q = asked(words)
    assert q.contrast is not None
    assert (q.treatment, q.outcome) == ("arm", "pressure")
    assert (q.contrast.control, q.contrast.treated) == contrast


def test_a_label_of_people_elsewhere_is_no_cause() -> None:
    with pytest.raises((UsageError, ColumnNotFound)):
        asked("What is the effect of drug prices on pressure?")


def test_arms_that_the_study_names_are_compared() -> None:
    q = asked(
        "Children were randomly assigned to small or regular classes. What is the effect of small classes on gpa?"
    )
    assert q.contrast is not None
    assert (q.treatment, q.contrast.control, q.contrast.treated, q.design) == (
        "size",
        "regular",
        "small",
        "rct",
    )
    with pytest.raises(ColumnNotFound):
        asked("What is the effect of small classes on gpa?")


def test_who_was_drawn_as_a_whole_is_a_cluster() -> None:
    q = asked("In this cluster-randomised trial, villages were randomised. Did tutoring raise gpa?")
    assert (q.design, q.cluster) == ("rct", "village")


@pytest.mark.parametrize(
    "words",
    [
        "Letters were randomly sent. What is the effect of female on gpa?",
        "Students who score above 65 on the exam get a scholarship. What is the effect of female on gpa?",
    ],
)
def test_what_no_lot_gives_anyone_has_neither_instrument_nor_cutoff(words: str) -> None:
    q = asked(words)
    assert design(q) == ("effect", "female", "gpa", "auto")
    assert q.aside


@pytest.mark.parametrize(
    "words",
    [
        "I have data from an RCT. arm is the treatment. What is its effect on pressure?",
        "We gave the drug to a random half of the patients. What is the effect of arm on pressure?",
        "The trial was randomised by village. What is the effect of arm on pressure?",
    ],
)
def test_other_ways_to_tell_of_a_trial(words: str) -> None:
    assert design(asked(words)) == ("effect", "arm", "pressure", "rct")


@pytest.mark.parametrize(
    ("words", "treatment", "outcome"),
    [
        ("What is the return to educ_years on wage?", "educ_years", "wage"),
        (
            "What is the return to schooling (educ_years) on wage, using distance as an instrument?",
            "educ_years",
            "wage",
        ),
        ("What is the lift in gpa from tutoring?", "tutoring", "gpa"),
    ],
)
def test_returns_and_lifts_are_effects(words: str, treatment: str, outcome: str) -> None:
    q = asked(words)
    assert (q.kind, q.treatment, q.outcome) == ("effect", treatment, outcome)


def test_what_decided_the_treatment_is_held() -> None:
    q = asked(
        "Patients received the drug or placebo depending on gpa and distance. What is the effect of arm on pressure?"
    )
    assert (*design(q), q.controls) == ("effect", "arm", "pressure", "auto", ("gpa", "distance"))
    q = asked("Patients received the drug depending on gpa. What is the effect of tutoring on pressure?")
    assert (*design(q), q.controls) == ("effect", "tutoring", "pressure", "auto", None)
    q = asked("Tutoring was given not depending on gpa. What is the effect of tutoring on pressure?")
    assert q.controls is None
