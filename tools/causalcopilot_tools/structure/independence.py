"""The tool ``independence``: test on the data whether two columns are independent, given others."""

from __future__ import annotations

from collections.abc import Iterator

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult, Table
from causalcopilot.toolkit.tool import Alpha, Card, Column, Columns, Ok, Refusal, tool
from causalcopilot_tools.structure.independence_rule import answer_of, power_of
from causalcopilot_tools.structure.pair import MIN_ROWS, Pair, determined, read_pair
from causalcopilot_tools.structure.pair_tests import Tested, TestName, run_tests

CARD = Card(
    assumes=("rows are independent of one another",),
    data="numbers or categories; rows with a missing cell in the tested columns are left out",
    cost="under a second",
    source="Fisher 1924; Shah & Peters 2020 (GCM); Strobl et al. 2019 (RCoT); Zhang et al. 2011 (KCI)",
)


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_ROWS:
        return Refusal(f"{profile.rows} rows are too few for a test", f"at least {MIN_ROWS} are needed")
    return Ok()


@tool(group="structure", applies=_applies, card=CARD)
def independence(
    context: Context,
    a: Column,
    b: Column,
    given: Columns = (),
    alpha: Alpha = 0.05,
    test: TestName = "auto",
) -> StructureResult:
    """Test whether two columns are independent, given others: yes, no or uncertain.

    With numbers, auto runs a linear test and a test that sees curved relations, and corrects for running two;
    where the given columns act in curves, only the second counts. With categories it compares tables
    within the strata of the given columns.

    Args:
        a: first column.
        b: second column.
        given: columns held fixed.
        alpha: level of the test.
        test: which test; auto chooses by column types.

    Raises:
        UsageError: a column is named twice.
        NotApplicable: a column cannot be tested, or the test does not fit the columns.
    """
    pair, names = read_pair(context, a, b, given, alpha)
    fixed = determined(pair)
    if fixed:
        done = [Tested("none", 0.0, 1.0, 0, 0)]
        findings = [*pair.notes, fixed]
    else:
        done, findings = run_tests(pair, test)
        findings = [*pair.notes, *findings]
    return _result(pair, names, done, findings)


def _result(pair: Pair, names: tuple[str, ...], done: list[Tested], findings: list[str]) -> StructureResult:
    best = min(done, key=lambda t: t.p_value)
    p = min(1.0, len(done) * best.p_value)
    power = max(power_of(t, pair.alpha / len(done)) for t in done)
    answer, why = answer_of(p, pair.alpha, power)
    if why and best.df:
        findings = [*findings, why]
    given = f" given {', '.join(names[2:])}" if names[2:] else ""
    subject = f"{names[0]}, {names[1]}{given}"
    rows = tuple((t.name, t.statistic, t.df, t.p_value, t.rows) for t in done)
    return StructureResult(
        f"{names[0]} and {names[1]} independent{given}: {answer} (p = {p:.3g})",
        tuple(_facts(pair, best, done, answer, p, power, subject)),
        tables=(Table("tests", f"Tests of {subject}", ("test", "statistic", "df", "p", "rows"), rows),),
        findings=tuple(findings),
        answer=answer,
    )


def _facts(
    pair: Pair, best: Tested, done: list[Tested], answer: str, p: float, power: float, subject: str
) -> Iterator[Fact]:
    yield Fact("answer", answer, f"independent: {subject}", subject=subject)
    yield Fact("p_value", p, "p-value of the independence test", subject=subject, format=".3g")
    yield Fact("statistic", best.statistic, f"statistic of {best.name}", subject=subject, format=".3f")
    yield Fact("test", best.name, "test", subject=subject)
    yield Fact("tests", len(done), "tests made, for which the p-value is corrected (Bonferroni)", format="d")
    yield Fact("n", pair.data.rows, "rows used", format=",d")
    yield Fact("alpha", pair.alpha, "level of the test", format="g")
    yield Fact("power", power, "chance to see a moderate association", format=".0%")
    for i, t in enumerate(done, 1):
        yield Fact(f"test.{i}", t.name, "test")
        yield Fact(f"test.{i}.p_value", t.p_value, f"p-value of {t.name} alone", format=".3g")
    if pair.data.all_numbers and best.df:
        yield _partial(pair, subject)


def _partial(pair: Pair, subject: str) -> Fact:
    """Partial correlation with its 95 % interval (Fisher's transformation)."""
    import numpy as np

    from causalcopilot_tools.discovery.core.moments import pairwise

    x = pair.data.matrix
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    inverse = np.linalg.pinv(pairwise(z, ~np.isnan(z)))
    r = float(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))
    free = max(pair.data.rows - pair.given.shape[1] - 3, 1)
    half = 1.959963984540054 / np.sqrt(free)
    centre = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return Fact("partial_correlation", r, "partial correlation", "", subject, ".3f", low, high)
