"""Natural turns of phrase are read as the plain question they ask, and the words that would turn it are not lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from causalcopilot.agent.language.intent import parse_question
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import CcpError


def _number(name: str, **given: object) -> ColumnProfile:
    told = {"type": "continuous", "minimum": 0, "maximum": 90, "mean": 20.0, **given}
    return ColumnProfile(name, told.pop("type"), "number", 0, 90, **told)  # type: ignore[arg-type]


def _labels(name: str, *labels: str) -> ColumnProfile:
    kind = "binary" if len(labels) == 2 else "nominal"
    return ColumnProfile(name, kind, "text", 0, len(labels), levels=tuple((x, 100) for x in labels))  # type: ignore[arg-type]


TABLE = Profile(
    "people.csv",
    "sha256:0",
    500,
    (
        *(_number(n) for n in ("price", "sales", "site_visits", "blood_pressure", "bmi", "study_hours")),
        _number("age", minimum=18),
        _number("mother_age", minimum=15),
        _number("education", unit="years"),
        _number("income", unit="USD"),
        _number("birthweight", unit="g", mean=3200.0, maximum=5000),
        _number("prenatal_visits", type="count"),
        *(
            _number(n, type="binary", maximum=1, levels=(("0", 300), ("1", 200)))
            for n in ("statin", "campaign", "union")
        ),
        _labels("sex", "women", "men"),
        _labels("shift", "day", "night"),
    ),
)


def read(text: str) -> Question:
    return replace(parse_question(text, TABLE, Knowledge()), text="")


SAME: tuple[tuple[str, str], ...] = (
    ("what does price do to sales", "what is the effect of price on sales?"),
    ("What would the campaign do to sales among women?", "what is the effect of campaign on sales among women?"),
    ("how effective is statin at lowering blood pressure?", "how much does statin lower blood_pressure?"),
    ("how effective was the campaign in raising sales", "how much does campaign raise sales?"),
    ("how well does statin lower blood pressure", "how much does statin lower blood_pressure?"),
    ("how many more site visits does the campaign bring?", "how much does campaign change site_visits?"),
    ("how many extra sales did the campaign generate", "how much does campaign change sales?"),
    ("how much additional income does a union bring in", "how much does union change income?"),
    ("how many points does statin add to blood pressure?", "how much does statin change blood_pressure?"),
    ("what is the difference in sales caused by campaign?", "what is the effect of campaign on sales?"),
    ("what was the uplift in sales from the campaign", "what is the effect of campaign on sales?"),
    ("what lift in sales did the campaign give us?", "what is the effect of campaign on sales?"),
    ("the change in income due to union, controlling for age", "effect of union on income, controlling for age"),
    ("estimate how much sales changed due to the campaign", "what is the effect of campaign on sales?"),
    ("by how much has income risen because of education", "what is the effect of education on income?"),
    ("how much lower is birthweight because of bmi", "what is the effect of bmi on birthweight?"),
    ("how does income respond to education?", "what is the effect of education on income?"),
    ("what role does education play in income", "what is the effect of education on income?"),
    ("what difference does education make to income?", "what is the effect of education on income?"),
    ("is bmi bad for blood pressure", "what is the effect of bmi on blood_pressure?"),
    ("does price raise or lower sales", "how does price affect sales?"),
    ("does education play a big role in income?", "does education affect income?"),
    ("does price make any difference to sales", "does price affect sales?"),
    ("is price responsible for sales?", "does price affect sales?"),
    ("is bmi to blame for blood pressure", "does bmi affect blood_pressure?"),
    ("did our campaign bring in more sales?", "did campaign increase sales?"),
    ("is bmi a risk factor for high blood pressure?", "does bmi increase blood_pressure?"),
    ("is statin effective at lowering blood pressure", "does statin lower blood_pressure?"),
    ("does statin work to reduce blood pressure", "does statin reduce blood_pressure?"),
    ("is the link between bmi and blood pressure causal?", "is there an effect of bmi on blood_pressure?"),
    (
        "is the association between bmi and blood pressure causal or just correlation",
        "is there an effect of bmi on blood_pressure?",
    ),
    ("does price have any effect whatsoever on sales", "does price have any effect on sales?"),
    ("did the increase in price reduce sales", "did raising price reduce sales?"),
    ("did the drop in price increase sales?", "did lowering price increase sales?"),
    ("does an increase in price reduce sales", "does raising price reduce sales?"),
    ("does a 10% increase in price reduce sales?", "does raising price by 10% reduce sales?"),
    ("for a 2 point increase in price how do sales change", "how do sales change when raising price by 2?"),
    ("if we drop the price by 1 euro what happens to sales", "if we drop the price by 1 euro, what happens to sales"),
    ("does campaign act through site visits on sales", "does campaign affect sales through site_visits?"),
    ("does campaign increase sales by raising site visits?", "does campaign increase sales through site_visits?"),
    ("could age explain the link between bmi and blood pressure", "is age a confounder of bmi and blood_pressure?"),
    ("risk factors for blood pressure", "what are the causes of blood_pressure?"),
    ("what are the main risk factors for high blood pressure?", "what are the causes of blood_pressure?"),
    ("reasons for sales", "what are the causes of sales?"),
    ("root cause analysis of sales", "what are the causes of sales?"),
    ("whats driving sales", "what causes sales?"),
    ("what's behind the high blood pressure?", "what causes blood_pressure?"),
    ("what limits sales?", "what causes sales?"),
    ("what controls sales?", "what causes sales?"),
    ("what has the biggest effect on sales?", "what causes sales?"),
    ("how can we increase sales?", "what causes sales?"),
    ("what should i do to reduce blood pressure", "what causes blood_pressure?"),
    ("why are sales so low", "why are sales low?"),
    ("rank the drivers of sales", "what are the drivers of sales?"),
    ("does statin improve income", "how does statin affect income?"),
    ("are site visits hurting sales", "how does site_visits affect sales?"),
    ("does study hours help students get better income", "how does study_hours affect income?"),
    ("does statin help to reduce blood pressure", "does statin reduce blood_pressure?"),
    ("does statin protect against high blood pressure?", "does statin reduce blood_pressure?"),
    ("does raising price bring down sales", "does raising price lower sales?"),
    ("does campaign push up sales?", "does campaign raise sales?"),
    ("does price suppress sales", "does price lower sales?"),
    ("does campaign enhance sales", "does campaign raise sales?"),
    ("what effects does price have on sales", "what effect does price have on sales?"),
    ("to what extent is income determined by education", "how much does education affect income?"),
    ("for a given age, does price affect sales?", "does price affect sales given age?"),
    ("does price affect sales with age as a control", "does price affect sales given age?"),
    ("does price affect sales independently of age?", "does price affect sales given age?"),
    ("what would sales be at a price of 7", "what would sales be if price were 7?"),
    ("what would sales be if price was set to 7 dollars", "what would sales be if price were 7?"),
    ("how do sales change when price rises by 2 dollars", "how do sales change when price rises by 2?"),
    ("by how many grams does bmi lower birthweight", "by how much does bmi lower birthweight?"),
    ("how many grams of birthweight does bmi cost", "how much does bmi change birthweight?"),
    ("in people younger than 50 does price raise sales", "does price raise sales for people younger than 50?"),
    ("does price affect sales volume", "does price affect sales?"),
    ("does union membership raise income", "does union raise income?"),
    ("which came first, price or sales", "which comes first, price or sales?"),
    ("effect of an extra prenatal visit on birthweight", "effect of raising prenatal_visits by 1 on birthweight"),
    ("does every additional prenatal visit raise birthweight?", "does raising prenatal_visits by 1 raise birthweight?"),
    ("how much does income rise per year of education", "how much does income rise when raising education by 1?"),
    ("how much does income change per extra year of education", "how does income change when education rises by 1?"),
    ("for each extra year of education, how does income change", "how does income change when education rises by 1?"),
    ("effect of going from 12 to 16 years of education on income", "effect of education on income from 12 to 16"),
    ("effect of switching from day to night shift on sales", "effect of shift on sales from day to night"),
    ("how much does income go up if education goes up by 2", "how does income change when education rises by 2?"),
    ("effect of bmi on birth weight", "effect of bmi on birthweight"),
    ("impact of body mass index on blood pressure", "impact of bmi on blood_pressure"),
    ("is the price effect on sales larger for women", "is the effect of price on sales larger for women?"),
    ("did sales fall because of the price?", "is sales affected by price?"),
    ("in what way does age influence sales", "how does age influence sales?"),
    ("in which direction does age affect sales", "how does age affect sales?"),
    ("to what degree do prices drive sales", "how much do prices drive sales?"),
    ("could you tell me by how much statin lowers blood pressure?", "how much does statin lower blood_pressure?"),
    ("what is the expected change in sales if price increases by 2", "how do sales change if price increases by 2?"),
    ("what happens with sales when the price rises", "what happens to sales when the price rises?"),
    ("impact analysis: campaign on sales", "effect of campaign on sales"),
    ("statin has no effect on blood pressure", "does statin have no effect on blood_pressure?"),
    ("does price make sales go down?", "does price lower sales?"),
    ("does price negatively affect sales", "does price lower sales?"),
    ("income effect of an education increase", "effect of education on income"),
    ("is price the root cause of sales?", "does price affect sales?"),
    ("do bmi values mediate the effect of age on sales", "does bmi mediate the effect of age on sales"),
    ("what would be the effect of price on sales once we adjust for age", "effect of price on sales adjusting for age"),
    ("does price raise sales when you take age into account", "does price raise sales given age?"),
    ("what is responsible for sales", "what causes sales?"),
    ("what factors contribute to higher sales", "what causes sales?"),
    ("biggest driver of sales", "what are the drivers of sales?"),
    ("which variables confound price and sales", "what are the confounders of price and sales?"),
    (
        "which covariates should be included when estimating the effect of price on sales",
        "what should i adjust for to find the effect of price on sales?",
    ),
    ("would skipping campaign lower sales", "would stopping campaign lower sales?"),
    ("is there any causal link from price to sales?", "is there any causal link between price and sales?"),
    ("statin improves income, right?", "how does statin affect income?"),
    ("statin improves income", "how does statin affect income?"),
    ("does statin not improve income?", "how does statin affect income?"),
    ("is it true that statin improves income", "how does statin affect income?"),
    ("would blood pressure be higher without statin", "does stopping statin raise blood_pressure?"),
    ("is the effect of price on sales negative", "does price lower sales?"),
    ("is the effect of price on sales positive, given age?", "does price raise sales given age?"),
    ("is the effect of price on sales positive or negative?", "how does price affect sales?"),
    ("is the effect of price on sales zero", "is there no effect of price on sales?"),
    ("is the effect of price on sales different from zero?", "is there an effect of price on sales?"),
    ("is the effect of price on sales statistically significant", "is there an effect of price on sales?"),
    ("effect of age 60 vs 40 on blood pressure", "effect of age on blood_pressure from 40 to 60"),
    ("effect of 16 vs 12 years of education on income", "effect of education on income from 12 to 16"),
    ("why does price lower sales", "through what does price lower sales?"),
    ("how come price lowers sales", "through what does price lower sales?"),
    ("what happens to blood pressure if bmi is halved", "what would happen to blood_pressure if bmi were halved?"),
    ("what happens to sales if price doubles?", "what would happen to sales if price were doubled?"),
    ("does price raise sales for those with over 50 site visits", "does price raise sales where site_visits > 50?"),
    ("did price changes cause the drop in sales", "does changing price cause a drop in sales?"),
    ("would income improve with education", "how much would income change when changing education?"),
    ("would income improve if education went up", "how would income change if education went up?"),
    ("how would sales respond to a 10 dollar increase in price?", "how do sales change when raising price by 10?"),
    ("what could be causing high blood pressure", "what causes blood_pressure?"),
    ("find out if price lowers sales", "does price lower sales?"),
    ("true or false: price lowers sales", "does price lower sales?"),
    ("quick q - does price cut sales", "does price cut sales?"),
    ("suppose price rises by 1 dollar; what happens to sales?", "if price rises by 1, what happens to sales?"),
    ("does the mother's age affect sales", "does mother_age affect sales?"),
    ("does price have a bigger effect on sales in women?", "is the effect of price on sales larger in women?"),
    ("how does price affect sales by shift", "what is the effect of price on sales by shift?"),
    ("is there a negative correlation between price and sales?", "what is the correlation between price and sales?"),
    ("is price inversely related to sales", "how strongly is price related to sales?"),
    ("is higher price associated with lower sales", "how strongly is price related to sales?"),
    ("effect of 10 extra site visits on sales", "effect of raising site_visits by 10 on sales"),
    ("what is the effect of two more site visits on sales", "effect of raising site_visits by 2 on sales"),
    ("does each extra 5 dollars of income raise sales", "does raising income by 5 raise sales?"),
    ("does an increase in price of 2 reduce sales", "does raising price by 2 reduce sales?"),
    ("does an increase in the price of 2 EUR reduce sales?", "does raising price by 2 reduce sales?"),
    ("is price good or bad for sales", "what is the effect of price on sales?"),
    ("whats the effect of price on sales pls", "what is the effect of price on sales?"),
    ("effect price sales", "effect of price on sales"),
    ("price -> sales, controlling for age", "effect of price on sales, controlling for age"),
    ("education effect on income", "effect of education on income"),
    ("the income effect of education", "effect of education on income"),
    ("income response to education", "effect of education on income"),
    ("correlation bmi blood pressure", "correlation between bmi and blood_pressure"),
    ("effect of bmi on blood pressure adj. for age", "effect of bmi on blood_pressure adjusting for age"),
    ("does price affect sales even after controlling for age", "does price affect sales after controlling for age"),
    ("holding age constant how does price change sales", "holding age constant, how does price change sales"),
)  # fmt: skip


@pytest.mark.parametrize(("text", "plain"), SAME, ids=[t for t, _ in SAME])
def test_a_turn_of_phrase_is_read_as_the_plain_question(text: str, plain: str) -> None:
    assert read(text) == read(plain)
    assert read(plain).kind != "unclear"


TOLD = (
    ("does price affect monthly sales", "monthly"),
    ("does price affect total sales?", "total"),
    ("effect of past price on sales", "past"),
)


@pytest.mark.parametrize(("text", "word"), TOLD)
def test_a_word_before_a_column_that_may_narrow_it_is_told(text: str, word: str) -> None:
    found = read(text)
    assert (found.treatment, found.outcome, found.passed) == ("price", "sales", (word,))


REFUSED = (
    ("how many percent does bmi lower birthweight", "percent"),
    ("by how many percent does bmi lower birthweight?", "percent"),
    ("how many times does bmi lower birthweight", "times"),
    ("does price affect sales revenue", "sales"),
    ("does price affect the sales team?", "sales"),
    ("does price affect sales monthly", "monthly"),
    ("does price affect age consumption", "consumption"),
    ("what influences sales the least?", "least"),
    ("does zero price increase sales", "zero"),
    ("effect of doubling bmi on blood pressure", "if A were doubled"),
    ("reject the null that price has no effect on sales", "reject"),
    ("null hypothesis: price has no effect on sales", "null"),
    ("nonlinear effect of price on sales", "nonlinear"),
    ("best price to reduce sales", "best"),
    ("does price affect sales growth?", "growth"),
    ("does price reduce sales among mothers older than 35 controlling for bmi", "mothers"),
    ("is the effect of price on sales bigger for older mothers?", "older mothers"),
    ("what would sales be if price were 5 for women", "a group of rows"),
    ("what would sales be for women if price were 5?", "a group of rows"),
)
"""Another number, another thing or another order than any that is told, and a word of the error."""


@pytest.mark.parametrize(("text", "told"), REFUSED, ids=[t for t, _ in REFUSED])
def test_what_asks_for_something_else_is_refused(text: str, told: str) -> None:
    with pytest.raises(CcpError) as caught:
        read(text)
    assert told in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize(
    "text",
    [
        "what is the difference in sales by shift",
        "are sales lower when prices are higher",
        "the yearly income impact of education",
    ],
)
def test_what_names_no_cause_is_not_turned_round(text: str) -> None:
    try:
        found = read(text)
    except CcpError:
        return
    assert found.kind == "unclear" or (found.treatment, found.outcome) in (
        ("price", "sales"),
        ("education", "income"),
    )


RIVALS = (
    "is income caused by education or by age", "what affects income more, education or age?",
    "which matters more for income, education or age", "does education affect income more than age?",
    "is education more important than age for income?", "does education or age affect income more",
    "which has a bigger effect on income, education or age?", "was income driven by age or education",
)  # fmt: skip


@pytest.mark.parametrize("text", RIVALS)
def test_two_causes_held_against_each_other_are_refused_with_what_to_ask(text: str) -> None:
    with pytest.raises(CcpError, match="held against each other") as caught:
        read(text)
    assert "what drives income?" in caught.value.hint


SIGNED: tuple[tuple[str, int, tuple[object, object] | None], ...] = (
    ("does stopping statin raise blood pressure", 1, (1, 0)),
    ("does giving up statin lower income?", -1, (1, 0)),
    ("does statin raise blood pressure", 1, None),
    ("does bmi cause high blood pressure", 1, None),
    ("does bmi reduce high blood pressure", -1, None),
    ("does price affect weight_gain", 0, None),
    ("does price raise weight_gain", 1, None),
    ("does fall_risk raise income", 1, None),
    ("does lowering price raise income", -1, None),
    ("will losing weight (bmi) reduce blood pressure", 1, None),
)


@pytest.mark.parametrize(("text", "expects", "contrast"), SIGNED)
def test_the_direction_asked_for_is_of_the_sentence_and_of_no_name(
    text: str, expects: int, contrast: tuple[object, object] | None
) -> None:
    table = replace(TABLE, columns=(*TABLE.columns, _number("weight_gain"), _number("fall_risk")))
    found = parse_question(text, table, Knowledge())
    told = (found.contrast.control, found.contrast.treated) if found.contrast else None
    assert (found.kind, found.expects, told) == ("effect", expects, contrast)


@pytest.mark.parametrize(
    ("text", "kind", "word"),
    [
        ("for whom is the effect of campaign on sales smallest?", "subgroups", "smallest"),
        ("which customers benefit least from campaign in terms of sales", "subgroups", "least"),
        ("is there a strong confounder of price and sales?", "confounder", "strong"),
    ],
)
def test_a_size_that_nothing_is_sorted_by_is_told(text: str, kind: str, word: str) -> None:
    found = read(text)
    assert (found.kind, found.passed) == (kind, (word,))


@pytest.mark.parametrize(
    "text",
    [
        "how strong must a confounder be to explain away the effect of campaign on sales?",
        "could a strong confounder explain away the effect of campaign on sales?",
        "how sensitive is the effect of campaign on sales to hidden confounding?",
        "how robust is the effect of campaign on sales",
    ],
)
def test_how_strong_a_hidden_cause_must_be_is_told_with_the_effect(text: str) -> None:
    assert read(text) == read("what is the effect of campaign on sales?")


@pytest.mark.parametrize(
    "text",
    [
        "at most how much does statin lower blood pressure?",
        "by at least how much does statin lower blood pressure",
        "how quickly does statin lower blood pressure",
        "how often does statin lower blood pressure?",
    ],
)
def test_a_bound_or_a_time_is_no_effect(text: str) -> None:
    try:
        found = read(text)
    except CcpError:
        return
    assert found.kind == "unclear"
