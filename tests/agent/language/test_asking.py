"""What is typed after an effect: association, groups, controls, instruments, "does it work"; many wordings of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.followup import follow
from causalcopilot.agent.language.intent import parse_question
from causalcopilot.agent.language.said import Said
from causalcopilot.domain.knowledge import ColumnKnowledge
from causalcopilot.domain.question import Contrast, Question
from causalcopilot.errors import ColumnNotFound, UsageError
from tests.agent.language.test_followup import EFFECT, FOUND, KNOWLEDGE, PROFILE, labelled, read

TABLE = replace(
    PROFILE,
    columns=(
        *PROFILE.columns,
        replace(labelled("quit", "0", "1"), minimum=0, maximum=1),
        labelled("died", "0", "1"),
    ),
)
SAID = Said(EFFECT, TABLE, KNOWLEDGE, FOUND)
OF_QUIT = replace(SAID, question=Question("effect", treatment="quit", outcome="sales"), identification=None)
OF_NORTH = replace(
    SAID, question=replace(EFFECT, kind="subgroups", modifiers=("region",), among=("region", "north"))
)
BY_IV = replace(
    SAID,
    question=replace(EFFECT, instrument="income"),
    identification=replace(FOUND, strategy="Instrumental Variable"),
)
SUPPOSED = Said(Question("what_if", treatment="price", outcome="sales", shift=2.0), TABLE, KNOWLEDGE)


@pytest.mark.parametrize(
    "text",
    [
        "how does age relate to sales?", "how are age and sales related?", "how strongly are age and sales correlated?",
        "what is the relationship between age and sales?", "what's the correlation between age and sales?",
        "what is the association of age and sales?", "how closely is age associated with sales?",
        "how much does age correlate with sales?", "correlation between age and sales",
        "how well does age predict sales?", "describe the relationship between age and sales",
    ],
)  # fmt: skip
def test_how_two_columns_go_together_is_association(text: str) -> None:
    q = parse_question(text, TABLE, KNOWLEDGE)
    assert (q.kind, {q.treatment, q.outcome}, q.closed) == ("independence", {"age", "sales"}, False)


@pytest.mark.parametrize(
    "text",
    [
        "does age predict sales?",
        "does age go with sales?",
        "does age correlate with sales?",
        "do age and sales go together?",
    ],
)
def test_whether_they_do_is_a_closed_question_of_association(text: str) -> None:
    q = parse_question(text, TABLE, KNOWLEDGE)
    assert (q.kind, q.closed, q.negated) == ("independence", True, True)


def test_a_causal_relation_and_relations_of_many_stay_what_they_were() -> None:
    assert (
        parse_question("what is the causal relationship between age and sales?", TABLE, KNOWLEDGE).kind
        == "effect"
    )
    drawn = parse_question("what are the relationships between age, price and sales?", TABLE, KNOWLEDGE)
    assert (drawn.kind, drawn.columns) == ("graph", ("age", "price", "sales"))


@pytest.mark.parametrize(
    ("sentence", "closed"),
    [
        ("how are they related?", False), ("what is the correlation?", False),
        ("and the association between them?", False),
        ("how strongly are they correlated?", False), ("are they correlated?", True),
        ("are they related at all?", True),
    ],
)  # fmt: skip
def test_the_pair_of_the_last_answer(sentence: str, closed: bool) -> None:
    found = read(sentence, SAID)
    assert found.question == Question(
        "independence", sentence, treatment="price", outcome="sales", negated=True, closed=closed
    )
    assert "no effect" in found.read_as
    assert "over all rows" in read(sentence, OF_NORTH).read_as


@pytest.mark.parametrize(
    ("sentence", "among"),
    [
        ("what is the effect among men?", ("sex", "0")), ("what is the effect for women?", ("sex", "1")),
        ("how large is it for women?", ("sex", "1")), ("what is it in the north?", ("region", "north")),
        ("what is the effect on women?", ("sex", "1")), ("does it work for women?", ("sex", "1")),
        ("does it also hold in the south?", ("region", "south")), ("is it true for men?", ("sex", "0")),
        ("give me the effect for the north", ("region", "north")), ("and the effect in women?", ("sex", "1")),
    ],
)  # fmt: skip
def test_the_effect_in_a_group(sentence: str, among: tuple[str, str]) -> None:
    q = read(sentence, SAID).question
    assert (q.kind, q.among, q.modifiers) == ("subgroups", among, among[:1])


@pytest.mark.parametrize(
    ("sentence", "columns"),
    [
        ("compare men and women", ("sex",)), ("women versus men", ("sex",)), ("men compared to women", ("sex",)),
        ("is there a difference between men and women?", ("sex",)), ("compare the north with the south", ("region",)),
        ("run it separately for men and women", ("sex",)), ("split the sample by sex", ("sex",)),
        ("split the data by region", ("region",)), ("separately by region", ("region",)),
        ("is there an interaction with age?", ("age",)), ("any interaction with region?", ("region",)),
        ("is there an interaction between it and sex?", ("sex",)), ("repeat the analysis separately by sex", ("sex",)),
    ],
)  # fmt: skip
def test_the_effect_by_groups(sentence: str, columns: tuple[str, ...]) -> None:
    q = read(sentence, SAID).question
    assert (q.kind, q.modifiers, q.among) == ("subgroups", columns, ())


@pytest.mark.parametrize(
    "sentence",
    [
        "add age as a control", "use age as a control", "include age", "add age to the model",
        "include age in the model",
        "add age too", "take age as another covariate", "put age into the regression", "what if we add age?",
        "use age as an additional control variable",
    ],
)  # fmt: skip
def test_one_more_control(sentence: str) -> None:
    assert read(sentence, SAID).question.controls == ("region", "income", "age")


@pytest.mark.parametrize(
    "sentence",
    [
        "what if we did not adjust for region?", "what if you didn't control for region?", "take region out",
        "leave region out of the model", "drop region from the controls", "stop adjusting for region",
        "do not adjust for region", "remove region from the model",
    ],
)  # fmt: skip
def test_one_control_less(sentence: str) -> None:
    assert read(sentence, SAID).question.controls == ("income",)


def test_a_number_is_no_control() -> None:
    assert follow("add 5 to income", SAID) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "without the instrument", "drop the instrument", "now without the IV", "ignore the instrument",
        "not using the instrument",
        "use adjustment instead of the instrument", "by adjustment only", "leave out the instrument", "no instrument",
    ],
)  # fmt: skip
def test_without_the_instrument(sentence: str) -> None:
    found = read(sentence, BY_IV)
    assert (found.question.instrument, found.question.design, found.question.kind) == (
        None,
        "adjustment",
        "effect",
    )
    assert "without the instrument" in found.read_as
    with pytest.raises(UsageError, match="no instrument is in use"):
        follow(sentence, SAID)


@pytest.mark.parametrize(
    "sentence",
    [
        "is the instrument valid?", "is the instrument weak?", "how strong is the instrument?",
        "what is the first stage F?",
        "what's the F-statistic?", "is the instrument strong enough?",
    ],
)  # fmt: skip
def test_an_instrument_is_asked_about_where_there_is_one(sentence: str) -> None:
    assert read(sentence, BY_IV).question.aspect == "robust"
    with pytest.raises(UsageError, match="no instrument is in use"):
        follow(sentence, SAID)


@pytest.mark.parametrize(
    "sentence",
    ["does it work?", "so does it work?", "does it help at all?", "is there an effect?",
    "is there any effect at all?", "so it works?",
     "does it do anything?", "does the treatment work?", "it has an effect then?", "does price matter?"],
)  # fmt: skip
def test_whether_there_is_an_effect_wants_yes_or_no(sentence: str) -> None:
    q = read(sentence, SAID).question
    assert (q.kind, q.treatment, q.outcome, q.closed, q.expects, q.negated) == (
        "effect",
        "price",
        "sales",
        True,
        0,
        False,
    )
    in_north = read(sentence, OF_NORTH)
    assert in_north.question.among == ("region", "north")


@pytest.mark.parametrize(
    ("sentence", "expects", "closed"),
    [
        ("is it negative?", -1, True), ("so is the effect positive", 1, True), ("is that below zero?", -1, True),
        ("is the effect really negative", -1, True), ("and is it positive or negative?", 0, False),
    ],
)  # fmt: skip
def test_the_sign_is_asked_about(sentence: str, expects: int, closed: bool) -> None:
    q = read(sentence, SAID).question
    assert (q.kind, q.treatment, q.outcome, q.expects, q.closed) == (
        "effect",
        "price",
        "sales",
        expects,
        closed,
    )


def test_an_effect_does_not_differ_by_its_own_cause() -> None:
    with pytest.raises(UsageError, match="price"):
        follow("and per extra unit of price", SAID)


@pytest.mark.parametrize("sentence", ["does age matter?", "does age play a role?", "is age important?"])
def test_what_matters_in_several_ways_is_asked_back(sentence: str) -> None:
    with pytest.raises(UsageError, match="age could matter") as e:
        follow(sentence, SAID)
    assert "by age" in e.value.hint


@pytest.mark.parametrize("sentence", ["and died?", "what about died?", "died"])
def test_a_columns_own_name_is_no_group_by_itself(sentence: str) -> None:
    """It may be an outcome: an effect among the dead is another question than an effect on death."""
    with pytest.raises(UsageError, match="could be a group"):
        follow(sentence, SAID)
    assert read("what about the effect on died?", SAID).question.outcome == "died"
    assert read("what about the effect of died?", SAID).question.treatment == "died"


@pytest.mark.parametrize(
    ("sentence", "values"),
    [
        ("what if everyone quit?", (0, 1)), ("what if everybody had quit?", (0, 1)),
        ("suppose all of them quit", (0, 1)),
        ("what if nobody quit?", (1, 0)), ("and if no one had quit?", (1, 0)),
    ],
)  # fmt: skip
def test_everyone_and_nobody(sentence: str, values: tuple[int, int]) -> None:
    q = read(sentence, OF_QUIT).question
    assert q.contrast is not None
    assert (q.treatment, q.contrast.control, q.contrast.treated) == ("quit", *values)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("what would sales be if everyone quit?", 1), ("what would sales be if everybody had quit?", 1),
        ("if nobody had quit, what would sales be?", 0), ("what would sales be if no one quit?", 0),
    ],
)  # fmt: skip
def test_everyone_and_nobody_in_a_whole_question(text: str, value: int) -> None:
    q = parse_question(text, TABLE, KNOWLEDGE)
    assert (q.kind, q.treatment, q.outcome, q.contrast) == ("what_if", "quit", "sales", Contrast(None, value))


def test_a_value_may_be_said_by_its_meaning_when_set() -> None:
    q = read("what if sex were female?", SAID).question
    assert q.contrast is not None
    assert (q.treatment, q.contrast.treated) == ("sex", 1)


@pytest.mark.parametrize(
    ("sentence", "aspect"),
    [
        ("what could be wrong?", "robust"), ("what are the limitations?", "robust"), ("any caveats?", "robust"),
        ("how strong would a confounder have to be?", "robust"), ("what is the E-value?", "robust"),
        ("how many people were treated?", "rows"), ("how many are in each arm?", "rows"),
        ("how many rows is that?", "rows"),
        ("what is the mean in the control group?", "size"), ("compared to what?", "size"),
        ("what is the baseline?", "size"),
    ],
)  # fmt: skip
def test_parts_of_an_answer(sentence: str, aspect: str) -> None:
    assert read(sentence, SAID).question.aspect == aspect


def test_what_groups_can_do_keeps_the_group() -> None:
    q = OF_NORTH.question
    for sentence, changed in (
        ("give me the ATT", replace(q, quantity="ATT")),
        ("and on Ad Spend?", replace(q, outcome="Ad Spend")),
        ("and given age?", replace(q, controls=("region", "income", "age"))),
        ("from 5 to 8", replace(q, contrast=Contrast(5, 8))),
    ):
        found = read(sentence, OF_NORTH)
        assert found.question == replace(changed, text=sentence)
        assert "region = north" in found.read_as


def test_an_average_stays_when_a_group_is_named() -> None:
    treated = replace(SAID, question=replace(EFFECT, quantity="ATT"))
    assert read("and for women?", treated).question.quantity == "ATT"


@pytest.mark.parametrize(
    "sentence", ["and overall?", "for everyone", "for all", "back to all rows", "what about everybody?"]
)
def test_all_rows_again(sentence: str) -> None:
    found = read(sentence, OF_NORTH)
    assert (found.question.kind, found.question.among, found.question.modifiers) == ("effect", (), ())
    assert "for all rows" in found.read_as


@pytest.mark.parametrize("sentence", ["and for women?", "only in the north", "for people over 50"])
def test_a_supposition_has_no_groups_and_the_effect_is_offered(sentence: str) -> None:
    with pytest.raises(UsageError, match="not for a group") as e:
        follow(sentence, SUPPOSED)
    assert "what is the effect of price on sales where" in e.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "what is the effect of price on log sales?", "what is the effect of log price on sales?",
        "effect of price on log(sales)",
        "what is the effect of price^2 on sales?", "effect of logged price on sales",
    ],
)  # fmt: skip
def test_a_function_of_a_column_is_not_the_column(text: str) -> None:
    with pytest.raises(UsageError, match="as they stand"):
        parse_question(text, TABLE, KNOWLEDGE)


@pytest.mark.parametrize(
    "sentence", ["control for age and age^2", "and given age squared?", "add log age as a control"]
)
def test_nor_is_it_a_control(sentence: str) -> None:
    with pytest.raises(UsageError, match="as they stand"):
        follow(sentence, SAID)


def test_a_group_of_one_number_is_not_taken_for_a_setting() -> None:
    with pytest.raises(UsageError, match="makes no group"):
        follow("where income = 0", SAID)
    hisp = replace(labelled("hisp", "0", "1"), minimum=0, maximum=1)
    told = replace(KNOWLEDGE, columns=(*KNOWLEDGE.columns, ColumnKnowledge("hisp", "hispanic")))
    table = replace(TABLE, columns=(*TABLE.columns, hisp))
    assert read("for hispanics?", replace(SAID, profile=table, knowledge=told)).question.among == (
        "hisp",
        "1",
    )


def test_a_word_that_names_nothing_is_still_an_error() -> None:
    with pytest.raises(ColumnNotFound):
        follow("include whales", SAID)
