"""Test on the data whether two columns are independent, given others.

The rule for the answer, with level ``alpha``:
- ``no`` when p < alpha;
- ``uncertain`` when alpha <= p < 1.2 alpha, or when the rows that carry the test would miss a moderate association
  (partial correlation or Cramér's w of 0.3) more than one time in five, or when nothing is left to test;
- ``yes`` otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult, Table
from causalcopilot.toolkit.tool import Alpha, Card, Column, Columns, Ok, Refusal, tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.inputs import Prepared

TestName = Literal["auto", "fisher_z", "regression", "g_square", "chi_square", "rcot", "kci", "gcm"]

GREY = 1.2
"""Between alpha and this many times alpha the answer is uncertain."""
MODERATE = 0.3
POWER = 0.8
CURVED = 0.02
"""Share of variance a flexible fit on the given columns must win before straight lines are not trusted."""
KERNEL_ROWS = 10_000
"""Rows the kernel test works on; more are drawn from at random."""
MIN_ROWS = 8

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


@dataclass(frozen=True)
class _Tested:
    """One test done: ``df`` and ``rows`` decide its power."""

    name: str
    statistic: float
    p_value: float
    df: int
    rows: int


@dataclass(frozen=True)
class _Case:
    """The columns in numbers, complete rows only; ``a`` and ``b`` are variables 0 and 1 of ``data``."""

    data: Prepared
    seed: int
    alpha: float
    notes: tuple[str, ...] = ()

    @property
    def categories(self) -> bool:
        """Whether every column is a category."""
        return all(t in ("binary", "nominal") for t in self.data.types)

    def block(self, i: int) -> NDArray[np.float64]:
        """Matrix columns of one variable."""
        return self.data.matrix[:, self.data.blocks[i]]

    @property
    def given(self) -> NDArray[np.float64]:
        """Matrix columns of the conditioning variables."""
        return self.data.matrix[:, len(self.data.blocks[0]) + len(self.data.blocks[1]) :]


@dataclass(frozen=True)
class Tried:
    """One independence tested outside the tool, by the same tests and the same rule.

    Attributes:
        answer: ``yes`` (independent), ``no`` or ``uncertain``.
        p_value: corrected where two tests were run.
        test: the test that decided.
        strength: partial correlation, or its like for categories (0 to 1), of the test that decided.
        rows: rows used.
    """

    answer: str
    p_value: float
    test: str
    strength: float
    rows: int


def tried(data: Prepared, seed: int, alpha: float = 0.05) -> Tried | None:
    """Test the first two variables given the others on complete rows; ``None`` where nothing is left to test."""
    import numpy as np

    complete = ~np.isnan(data.matrix).any(axis=1)
    if complete.sum() < MIN_ROWS:
        return None
    case = _Case(data.resample(np.flatnonzero(complete)), seed, alpha)
    if _determined(case):
        return None
    done, _ = _run(case, "auto")
    best = min(done, key=lambda t: t.p_value)
    p = min(1.0, len(done) * best.p_value)
    answer, _ = _answer(p, alpha, max(_power(t, alpha) for t in done))
    return Tried(answer, p, best.name, _strength(best, case.data.rows), case.data.rows)


def _strength(t: _Tested, rows: int) -> float:
    """Size of the association behind a statistic, 0 to 1."""
    import numpy as np

    if t.name == "fisher_z":
        return float(abs(np.tanh(t.statistic / np.sqrt(max(t.rows - 3, 1)))))
    if t.name == "rcot":
        from scipy.stats import norm

        return float(np.tanh(norm.isf(max(t.p_value, 1e-300) / 2) / np.sqrt(max(rows, 1))))
    return float(np.sqrt(max(1.0 - np.exp(-t.statistic / max(rows, 1)), 0.0)))


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
    case, names = _case(context, a, b, given, alpha)
    fixed = _determined(case)
    if fixed:
        done = [_Tested("none", 0.0, 1.0, 0, 0)]
        findings = [*case.notes, fixed]
    else:
        done, findings = _run(case, test)
        findings = [*case.notes, *findings]
    return _result(case, names, done, findings)


def _case(
    context: Context, a: str, b: str, given: tuple[str, ...], alpha: float
) -> tuple[_Case, tuple[str, ...]]:
    import numpy as np

    from causalcopilot_tools.discovery.inputs import encode

    names = tuple(context.dataset.resolve(n) for n in (a, b, *given))
    if len(set(names)) < len(names):
        twice = next(n for n in names if names.count(n) > 1)
        raise UsageError(f"column {twice} is named twice", "test two different columns, given others")
    data = encode(context, names, asked=names)
    if data.left_out:
        gone = data.left_out[0]
        raise NotApplicable(f"{gone.name} cannot be tested: it {gone.reason}", "choose another column")
    complete = ~np.isnan(data.matrix).any(axis=1)
    rows = int(complete.sum())
    if rows < MIN_ROWS:
        raise NotApplicable(f"only {rows} rows are complete in these columns", "give fewer columns")
    notes: tuple[str, ...] = ()
    if rows < data.rows:
        notes = (f"{data.rows - rows:,} rows with missing cells were left out",)
    return _Case(data.resample(np.flatnonzero(complete)), context.seed, alpha, notes), names


def _determined(case: _Case) -> str:
    """Why nothing is left to test: a column that does not vary, or that the given ones determine."""
    import numpy as np

    z = np.column_stack([np.ones(case.data.rows), case.given])
    for i in (0, 1):
        x = case.block(i)
        x = x - x.mean(axis=0)
        total = float((x**2).sum())
        rest = float(((x - z @ np.linalg.lstsq(z, x, rcond=None)[0]) ** 2).sum()) if total else 0.0
        if rest <= 1e-10 * total:
            why = "is determined by the given columns" if total else "does not vary in the complete rows"
            return f"{case.data.names[i]} {why}: nothing is left to test"
    return ""


def _run(case: _Case, test: str) -> tuple[list[_Tested], list[str]]:
    if test == "auto":
        return _auto(case)
    if test in ("g_square", "chi_square"):
        return [_tables(case, "g_square" if test == "g_square" else "chi_square")], []
    if test in ("fisher_z", "regression"):
        return [_linear(case, test)], []
    if test == "kci":
        return [_kci(case)], _kci_notes(case)
    return [_kernel(case) if test == "rcot" else _covariance(case)], []


def _auto(case: _Case) -> tuple[list[_Tested], list[str]]:
    if case.categories:
        return [_tables(case, "g_square")], []
    curved = _curved(case)
    if curved:
        return [_kernel(case)], [f"{curved}, so the linear test was not used"]
    done = [_linear(case, "auto"), _kernel(case)]
    findings = ["two tests were run; the p-value is twice the smaller one"]
    if done[1].p_value < case.alpha / 2 <= done[0].p_value:
        findings.append("the dependence is not a straight line: the linear test alone would have missed it")
    return done, findings


def _curved(case: _Case) -> str:
    """Which tested column follows the given ones in a curve, or nothing."""
    import numpy as np

    from causalcopilot_tools.discovery.core.kernels import curvature

    if not case.given.shape[1]:
        return ""
    some = _sample(case)
    for i in (0, 1):
        gain = curvature(some.block(i), some.given, np.random.default_rng([case.seed, i]))
        if gain > CURVED:
            return f"{case.data.names[i]} depends on the given columns in a curve"
    return ""


def _sample(case: _Case) -> _Case:
    """At most ``KERNEL_ROWS`` rows, drawn at random."""
    import numpy as np

    if case.data.rows <= KERNEL_ROWS:
        return case
    rows = np.random.default_rng(case.seed).choice(case.data.rows, KERNEL_ROWS, replace=False)
    return replace(case, data=case.data.resample(np.sort(rows)))


def _linear(case: _Case, name: str) -> _Tested:
    """Fisher's Z between numbers, else the likelihood-ratio test of a regression."""
    import numpy as np

    from causalcopilot_tools.discovery.core.citest import GaussianTest

    if name == "fisher_z" and not case.data.all_numbers:
        wide = [n for n, b in zip(case.data.names, case.data.blocks, strict=True) if len(b) > 1]
        raise NotApplicable(
            f"fisher_z takes numbers only ({wide[0]} is a category)", "use regression or auto"
        )
    found = GaussianTest(case.data.moments())
    used, statistic, df, p = found.statistic(0, 1, np.arange(2, len(case.data.blocks)))
    free = case.data.rows - case.given.shape[1]
    return _Tested("fisher_z" if used == "fisher_z" else "regression", statistic, p, df, free)


def _kernel(case: _Case) -> _Tested:
    import numpy as np

    from causalcopilot_tools.discovery.core.kernels import rcot

    some = _sample(case)
    statistic, p = rcot(some.block(0), some.block(1), some.given, np.random.default_rng([case.seed, 2]))
    return _Tested("rcot", statistic, p, 1, some.data.rows - case.given.shape[1])


def _kci_notes(case: _Case) -> list[str]:
    from causalcopilot_tools.discovery.core.rowtests import KCI_ROWS

    rows = case.data.rows
    return [f"kci worked on {KCI_ROWS} of {rows:,} rows, drawn at random"] if rows > KCI_ROWS else []


def _kci(case: _Case) -> _Tested:
    """The kernel test of Zhang et al. 2011 on at most ``KCI_ROWS`` rows."""
    from causalcopilot_tools.discovery.core.rowtests import KCI_ROWS, Kci

    data = case.data
    test = Kci(data.matrix, data.blocks, case.seed, KCI_ROWS)
    statistic, p = test.measured(0, 1, tuple(range(2, len(data.blocks))))
    return _Tested("kci", statistic, p, 1, min(data.rows, KCI_ROWS) - case.given.shape[1])


def _covariance(case: _Case) -> _Tested:
    from causalcopilot_tools.discovery.core.kernels import gcm

    statistic, df, p = gcm(case.block(0), case.block(1), case.given, case.seed)
    return _Tested("gcm", statistic, p, df, case.data.rows)


def _tables(case: _Case, kind: Literal["g_square", "chi_square"]) -> _Tested:
    """Tables of a and b within every combination of the given categories."""
    import numpy as np

    from causalcopilot_tools.discovery.core.contingency import table_test

    if not case.categories:
        numbers = [
            n for n, t in zip(case.data.names, case.data.types, strict=True) if t not in ("binary", "nominal")
        ]
        raise NotApplicable(f"{kind} takes categories only ({numbers[0]} is a number)", "use auto")
    codes = [_codes(case.block(i)) for i in range(len(case.data.blocks))]
    strata = np.zeros(case.data.rows, np.int64)
    for c in codes[2:]:
        strata = np.unique(strata * (c.max() + 1) + c, return_inverse=True)[1].ravel()
    t = table_test(codes[0], codes[1], strata, kind, case.seed)
    return _Tested(kind + ("_permutation" if t.exact else ""), t.statistic, t.p_value, t.df, t.rows)


def _codes(block: NDArray[np.float64]) -> NDArray[np.int64]:
    """Category numbers from indicator columns (0 for the reference level)."""
    import numpy as np

    return np.asarray(block @ np.arange(1, block.shape[1] + 1), dtype=np.int64)


def _power(t: _Tested, alpha: float) -> float:
    """Chance to see a moderate association with these rows."""
    from scipy.stats import chi2, ncx2

    if t.df == 0 or t.rows <= 0:
        return 0.0
    return float(ncx2.sf(chi2.isf(alpha, t.df), t.df, t.rows * MODERATE**2))


def _answer(p: float, alpha: float, power: float) -> tuple[str, str]:
    """The answer by the rule at the top of this file, and why it is uncertain."""
    if p < alpha:
        return "no", ""
    if power < POWER:
        return "uncertain", "too few rows carry this test: it would often miss a moderate association"
    if p < GREY * alpha:
        return "uncertain", "the p-value is just above the level"
    return "yes", ""


def _result(case: _Case, names: tuple[str, ...], done: list[_Tested], findings: list[str]) -> StructureResult:
    best = min(done, key=lambda t: t.p_value)
    p = min(1.0, len(done) * best.p_value)
    power = max(_power(t, case.alpha / len(done)) for t in done)
    answer, why = _answer(p, case.alpha, power)
    if why and best.df:
        findings = [*findings, why]
    given = f" given {', '.join(names[2:])}" if names[2:] else ""
    subject = f"{names[0]}, {names[1]}{given}"
    rows = tuple((t.name, t.statistic, t.df, t.p_value, t.rows) for t in done)
    return StructureResult(
        f"{names[0]} and {names[1]} independent{given}: {answer} (p = {p:.3g})",
        tuple(_facts(case, best, done, answer, p, power, subject)),
        tables=(Table("tests", f"Tests of {subject}", ("test", "statistic", "df", "p", "rows"), rows),),
        findings=tuple(findings),
        answer=answer,
    )


def _facts(
    case: _Case, best: _Tested, done: list[_Tested], answer: str, p: float, power: float, subject: str
) -> Iterator[Fact]:
    yield Fact("answer", answer, f"independent: {subject}", subject=subject)
    yield Fact("p_value", p, "p-value of the independence test", subject=subject, format=".3g")
    yield Fact("statistic", best.statistic, f"statistic of {best.name}", subject=subject, format=".3f")
    yield Fact("test", best.name, "test", subject=subject)
    yield Fact("tests", len(done), "tests made, for which the p-value is corrected (Bonferroni)", format="d")
    yield Fact("n", case.data.rows, "rows used", format=",d")
    yield Fact("alpha", case.alpha, "level of the test", format="g")
    yield Fact("power", power, "chance to see a moderate association", format=".0%")
    for i, t in enumerate(done, 1):
        yield Fact(f"test.{i}", t.name, "test")
        yield Fact(f"test.{i}.p_value", t.p_value, f"p-value of {t.name} alone", format=".3g")
    if case.data.all_numbers and best.df:
        yield _partial(case, subject)


def _partial(case: _Case, subject: str) -> Fact:
    """Partial correlation with its 95 % interval (Fisher's transformation)."""
    import numpy as np

    from causalcopilot_tools.discovery.core.moments import pairwise

    x = case.data.matrix
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    inverse = np.linalg.pinv(pairwise(z, ~np.isnan(z)))
    r = float(-inverse[0, 1] / np.sqrt(inverse[0, 0] * inverse[1, 1]))
    free = max(case.data.rows - case.given.shape[1] - 3, 1)
    half = 1.959963984540054 / np.sqrt(free)
    centre = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
    low, high = float(np.tanh(centre - half)), float(np.tanh(centre + half))
    return Fact("partial_correlation", r, "partial correlation", "", subject, ".3f", low, high)
