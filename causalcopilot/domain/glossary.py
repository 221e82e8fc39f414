"""What the terms of an answer mean, in plain words: one table, for every place that has to explain one."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its meaning.

    Attributes:
        name: as answers and reports print it.
        meaning: one or two sentences, without other terms that a newcomer would not know.
        also: other spellings, in lower case.
        fact: key of the fact that holds it in an answer, where it has one.
    """

    name: str
    meaning: str
    also: tuple[str, ...] = ()
    fact: str = ""


GLOSSARY: tuple[Term, ...] = (
    Term(
        "supported",
        "A verdict: the effect can be told apart from other explanations by what is known of the table,"
        " and no check "
        "that was run against it failed. It is not a proof.",
    ),
    Term(
        "fragile",
        "A verdict: there is an estimate, but it hangs on something that was not shown, such as an"
        " assumption nobody "
        "vouches for, few comparable rows, or a check that raised a doubt. The answer names which.",
    ),
    Term(
        "refuted",
        "A verdict: a check that a true effect would have passed came out against the estimate, so it"
        " should not be used.",
    ),
    Term(
        "not identified",
        "A verdict: with these columns and what is known of them, no calculation can tell the effect apart"
        " from other "
        "explanations, so no number is given.",
        ("not_identified", "unidentified", "not identifiable"),
    ),
    Term(
        "inconclusive",
        "A verdict: the rows do not tell enough, for or against, so neither yes nor no is said.",
    ),
    Term(
        "none_detected",
        "A direction: the interval holds zero, so the data show neither a rise nor a fall. It does not"
        " show that there is "
        "no effect, unless the interval is also narrow.",
        ("none detected",),
    ),
    Term(
        "direction",
        "Whether the effect raises or lowers the outcome: increases, decreases, none_detected or unclear.",
        ("increases", "decreases", "direction: increases", "direction: decreases"),
        "direction",
    ),
    Term(
        "verdict",
        "How far an estimate may be trusted, decided by fixed rules from the checks: supported, fragile,"
        " refuted, "
        "not identified or inconclusive.",
        fact="verdict",
    ),
    Term(
        "identified",
        "What is known of the columns is enough to turn the question about an effect into a comparison of"
        " rows; the "
        "opposite of guessing from a correlation.",
        ("identification", "identifiable"),
        "status",
    ),
    Term(
        "assumed",
        "The comparison is right only under an assumption that nobody vouched for and that the data cannot"
        " test.",
    ),
    Term(
        "ATE",
        "Average treatment effect: by how much the outcome would change on average if everybody were"
        " treated rather "
        "than nobody.",
        ("average treatment effect", "average effect"),
    ),
    Term(
        "ATT",
        "Average treatment effect on the treated: the same average, over those only who were in fact"
        " treated.",
        ("average treatment effect on the treated", "effect on the treated", "atet"),
    ),
    Term(
        "ATC",
        "Average treatment effect on the controls: the same average, over those only who were not treated.",
        (
            "average treatment effect on the controls",
            "effect on the untreated",
            "effect on the controls",
            "atu",
        ),
    ),
    Term(
        "LATE",
        "Local average treatment effect: the effect for those only whose treatment follows the instrument.",
        ("local average treatment effect", "complier effect"),
    ),
    Term(
        "causal effect",
        "What would happen to the outcome if the cause were set to another value, everything else being"
        " left to run.",
        ("effect", "treatment effect"),
    ),
    Term(
        "association",
        "Two columns go together in the table, for whatever reason: one may act on the other, or something"
        " else on both.",
        ("correlation", "plain difference", "naive difference"),
    ),
    Term(
        "treatment",
        "The column that would be set: the cause in question, whether or not it is a medicine.",
        fact="treatment",
    ),
    Term("outcome", "The column that would respond.", fact="outcome"),
    Term("contrast", "The values of the treatment that are compared."),
    Term(
        "confounder",
        "Something that acts on both the treatment and the outcome and so makes them go together without"
        " an effect. "
        "It has to be held fixed.",
        ("confounding", "common cause"),
    ),
    Term(
        "collider",
        "Something that both columns act on. Holding it fixed makes them go together without an effect, so"
        " it is left alone.",
    ),
    Term(
        "mediator",
        "Something on the way from the cause to the outcome. Holding it fixed takes away a part of the"
        " effect.",
        ("mediation",),
    ),
    Term(
        "joint effect",
        "What several columns do to an outcome when all of them are set at once, so that none of them can follow"
        " another. It is not the sum of what each does alone where one acts through another.",
        ("joint effects", "combined effect", "joint intervention"),
    ),
    Term(
        "controls",
        "Columns that are held fixed, so that like is compared with like.",
        ("control", "covariate", "covariates", "adjustment set", "control variable", "control variables"),
    ),
    Term(
        "adjusting",
        "Comparing only rows that are alike in the controls, by weighting, matching or a model.",
        (
            "adjustment",
            "adjusted",
            "adjust",
            "adjusting for",
            "adjusted for",
            "controlling for",
            "held fixed",
            "conditioning",
        ),
    ),
    Term(
        "instrument",
        "A column that moves the treatment, by chance or nearly so, and reaches the outcome in no other way.",
        ("instrumental variable", "iv"),
    ),
    Term(
        "overlap",
        "For every kind of row the table holds both treated and untreated ones. Without it there is"
        " nothing to compare.",
        ("positivity", "common support"),
    ),
    Term(
        "propensity score",
        "The probability that a row with these controls is treated, as learned from the table.",
        ("propensity", "propensity scores"),
    ),
    Term(
        "balance",
        "How alike treated and untreated rows are in the controls after adjusting; the more alike, the"
        " fairer the comparison.",
        ("covariate balance",),
    ),
    Term(
        "confidence interval",
        "The range of effects that chance in drawing the rows leaves open. A 95% interval is made so that"
        " it holds the "
        "true value in 95 of 100 such tables, if the assumptions hold.",
        ("interval", "ci", "95% interval", "95% ci", "error bars", "margin of error"),
        "effect.interval",
    ),
    Term(
        "standard error",
        "How far the estimate would typically move if other rows of the same kind had been drawn.",
        ("std error", "std_error", "se"),
        "std_error",
    ),
    Term(
        "p-value",
        "How often chance alone would give a result at least this far from none, if there were none. It"
        " says nothing "
        "about how large an effect is, nor whether the adjustment was enough.",
        ("p value", "pvalue", "p"),
    ),
    Term(
        "statistical significance",
        "A p-value below a chosen level, or an interval that leaves out zero: chance alone hardly explains"
        " the result. "
        "It does not mean large, and it does not mean causal.",
        ("significance", "significant", "statistically significant"),
    ),
    Term(
        "robustness value",
        "How much of what is left of both treatment and outcome an unmeasured confounder would have to"
        " explain to bring "
        "the estimate to nothing. The larger, the harder it is to explain the effect away.",
        ("robustness", "rv"),
        "robustness_value",
    ),
    Term(
        "E-value",
        "How strongly an unmeasured confounder would have to go with both treatment and outcome, as a risk"
        " ratio, to "
        "explain the estimate away. 1 means that nothing is needed.",
        ("e value", "evalue", "e_value"),
        "e_value",
    ),
    Term(
        "checks",
        "Attempts to break the estimate: a made-up treatment that must show no effect, parts of the rows,"
        " an added random "
        "cause, other estimators and more.",
        ("refutation", "refutations", "refutation tests", "robustness checks", "check"),
    ),
    Term(
        "placebo",
        "A made-up treatment or an outcome the treatment cannot change: an honest method finds nothing"
        " there.",
        ("placebo test", "placebo treatment", "negative control"),
    ),
    Term(
        "estimator",
        "The calculation that turns the comparison into a number. Several are shown side by side, for they"
        " should agree.",
        ("method", "estimate"),
        "method",
    ),
    Term(
        "AIPW",
        "Augmented inverse-probability weighting: a model of the outcome and a model of who is treated"
        " correct each "
        "other, and one of them being right is enough.",
        ("doubly robust", "doubly robust estimation", "doubly robust estimator"),
    ),
    Term(
        "TMLE",
        "Targeted maximum likelihood estimation: an outcome model, nudged by the propensity score until it"
        " fits the effect.",
        ("targeted maximum likelihood",),
    ),
    Term(
        "IPW",
        "Inverse-probability weighting: rows count the more, the less likely their treatment was, so that"
        " the two arms "
        "become alike.",
        (
            "inverse probability weighting",
            "inverse-probability weighting",
            "propensity weighting",
            "weighting",
        ),
    ),
    Term(
        "matching",
        "Every row is compared with the most similar row that had the other treatment.",
        ("nearest neighbour matching", "nearest-neighbour matching", "nearest neighbor matching"),
    ),
    Term(
        "entropy balancing",
        "Untreated rows are weighted until their controls have the same means as those of the treated.",
    ),
    Term(
        "regression",
        "A straight-line model of the outcome in the treatment and the controls.",
        ("ols", "linear regression"),
    ),
    Term(
        "double machine learning",
        "Treatment and outcome are each predicted from the controls by flexible models; what is left of"
        " the one is held "
        "against what is left of the other.",
        ("dml", "double ml", "plr", "partially linear regression", "linear dml", "debiased machine learning"),
    ),
    Term(
        "heterogeneity",
        "The effect differs between rows: larger for some, smaller for others.",
        ("effect heterogeneity", "heterogeneous effect", "heterogeneous effects", "effect modification"),
    ),
    Term(
        "subgroup", "Rows with the same value of a column, such as one region.", ("subgroups", "group effect")
    ),
    Term(
        "causal graph",
        "Columns as dots and an arrow from each cause to what it acts on directly. It says which"
        " comparison is fair.",
        ("dag", "graph", "causal diagram", "directed acyclic graph"),
    ),
    Term(
        "CPDAG",
        "All causal graphs that the data cannot tell apart, in one picture: an edge without a head may"
        " point either way.",
        ("equivalence class", "undirected edge"),
    ),
    Term(
        "PAG",
        "A picture of all graphs that fit when something may be unmeasured; a circle at an end means that"
        " it is open.",
        ("partial ancestral graph",),
    ),
    Term(
        "independent",
        "Knowing the one says nothing about the other, once the columns after the word given are known.",
        ("independence", "conditional independence", "conditionally independent"),
    ),
    Term("drivers", "Columns that act on another one in a causal graph, strongest first.", ("driver",)),
    Term(
        "backdoor path",
        "A way between cause and outcome that begins with an arrow into the cause. It has to be blocked by"
        " controls.",
        ("backdoor", "back-door path", "open path", "blocking path"),
    ),
    Term(
        "randomised",
        "A draw decided who is treated, so that the arms differ by chance alone.",
        (
            "randomized",
            "randomisation",
            "randomization",
            "rct",
            "randomised trial",
            "randomised controlled trial",
        ),
    ),
    Term(
        "conditional exogeneity",
        "Among rows with equal controls, who is treated has nothing to do with how they would fare.",
        ("ignorability", "conditional ignorability", "unconfoundedness", "exchangeability"),
        "strategy",
    ),
    Term(
        "regression discontinuity",
        "Where a cutoff decides who is treated, rows just below and just above it are compared.",
        ("rdd", "discontinuity"),
    ),
    Term(
        "difference-in-differences",
        "The change over time of those who got the treatment, less the change of those who did not.",
        ("difference in differences", "diff in diff", "diff-in-diff"),
    ),
    Term(
        "counterfactual",
        "What would have happened to one row, had its cause been different.",
        ("counterfactuals",),
    ),
    Term("outlier", "A row far from all others; a few can move a mean a long way.", ("outliers",)),
)


def define(phrase: str) -> Term | None:
    """The term that a phrase names, whatever its case, quotes, hyphens and article; ``None`` where it is none."""
    return _TERMS.get(_key(phrase))


def _key(phrase: str) -> str:
    text = re.sub(r"[`'\"“”‘’]", "", phrase.strip().lower())
    text = re.sub(r"^(?:an?|the|your|this|that|its)\s+(?=\S)", "", text).rstrip("?.!,: ")
    return re.sub(r"[\s_-]+", " ", text)


_TERMS = {_key(word): term for term in GLOSSARY for word in (term.name, *term.also)}
