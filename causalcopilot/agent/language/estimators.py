"""How people name an estimator: "use matching", "by IPW"; and what is no choice here."""

from __future__ import annotations

import re

_BOOSTED = r"(?:causal |honest |generali[sz]ed random )"
METHODS: tuple[tuple[str, str], ...] = (
    (
        "matching",
        r"(?:(?:nearest[- ]neighbou?r|propensity(?:[- ]score)?|ps|bias[- ]corrected|covariate"
        r"|knn)[- ])?matching|psm",
    ),
    (
        "ipw",
        r"iptw|ipw|inverse[- ]probability(?:[- ]of[- ]treatment)?[- ]weight(?:ing|s)|inverse[- ]propensity"
        r" weighting"
        r"|propensity(?:[- ]score)? weight(?:ing|s)|(?:inverse )?weighting",
    ),
    (
        "aipw",
        r"aipw|augmented (?:ipw|inverse[- ]probability weighting)|doubly[- ]robust(?: estimation)?|dr",
    ),
    ("tmle", r"tmle|targeted (?:maximum likelihood|learning|mle)(?: estimation)?"),
    ("entropy_balancing", r"entropy[- _]balanc(?:ing|e)|ebal"),
    (
        "regression",
        r"(?:(?:plain|simple|linear|ordinary|multiple|ols|just) )*regression|ols|ordinary least squares"
        r"|least squares"
        r"|(?:a )?linear model|ancova",
    ),
    (
        "linear_dml",
        r"(?:linear[- _])?(?:dml|double ml)|(?:double|debiased|orthogonal)(?: |-|/)(?:machine learning|ml)",
    ),
    ("sparse_linear_dml", r"sparse[- _](?:linear[- _])?dml"),
    ("causal_forest_dml", rf"{_BOOSTED}forests?|grf|causal_forest_dml"),
    ("dr_learner", r"dr[- _]learner"),
    ("s_learner", r"s[- _]learner"),
    ("t_learner", r"t[- _]learner"),
    ("x_learner", r"x[- _]learner"),
)
"""Estimators by adjustment, each with how people spell it."""
OFFERED = (
    "use matching, use ipw, use aipw, use tmle, use entropy balancing, use regression, "
    "use double machine learning"
)
NAMED = "|".join(f"(?:{spelled})" for _, spelled in METHODS)
_EXACT = tuple((name, re.compile(spelled, re.I)) for name, spelled in METHODS)


def method_named(words: str) -> str | None:
    """The estimator that words mean, as the estimate tool calls it."""
    return next((name for name, spelled in _EXACT if spelled.fullmatch(words.strip())), None)


FOREIGN = (
    r"(?:the )?(?:lasso|ridge|elastic[- ]net|bayesian? \w+|bayes|bart|random forests?|xg-?boost"
    r"|(?:gradient )?boosting|neural net(?:work)?s?|deep learning|logistic regression"
    r"|logit|probit|cox(?: regression| model)?|anova|t-?tests?|chi-?squared?(?: test)?|poisson regression"
    r"|quantile regression|stratification|sub-?classification"
    r"|g-?computation|g-?formula|standardi[sz]ation|bootstrap|mixed models?|multilevel models?|gam|sem"
    r"|structural equations?|chatgpt|gpt|excel|r|stata|dowhy|econml)"
)
"""Methods people ask for that are no choice here."""
DESIGNS = (
    r"(?:(?:an? |the )?(?:diff(?:erences?)?[- ]in[- ]diff(?:erence)?s?|did|synthetic controls?|regression"
    r" discontinuity|rdd|instrumental variables?|iv|2sls"
    r"|two[- ]stage least squares|fixed effects|panel(?: regression| model)?|event study))"
)
"""Designs, which need columns of their own to be named."""


_USING = re.compile(
    rf"\s*,?\s+(?:(?:estimated|computed)\s+)?(?:using|with|via|by)\s+(?P<method>{NAMED})(?=\s*[?.!]*$|\s*,?\s+(?:controlling|adjust\w+|given)\b)",
    re.I,
)


def split(sentence: str) -> tuple[str, str]:
    """The sentence without the words that name an estimator, and that estimator; ``auto`` where none is named."""
    match = _USING.search(sentence)
    named = method_named(match["method"]) if match else None
    if match is None or named is None:
        return sentence, "auto"
    return sentence[: match.start()] + sentence[match.end() :], named
