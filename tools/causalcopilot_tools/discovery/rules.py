"""Which search fits which data: the written rule table.

Every choice was measured on simulated graphs (``tests/benchmarks/discovery_situations.py``, one row per situation);
the first rule whose condition holds decides.  Knowledge needs no rule of its own: all searches named here take it,
and with true tiers BOSS has a fifth of PC's errors on numbers and fewer on mixed columns, DirectLiNGAM fewest where it
fits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from causalcopilot.errors import NotApplicable
from causalcopilot_tools.discovery.citests import TestName

TAKES_KNOWLEDGE = frozenset(
    {"pc", "boss", "fci", "direct_lingam", "cd_nod", "exact", "multi_group_lingam", "dagma"}
)
ALLOWS_LATENTS = frozenset({"fci", "rcd"})
"""Searches that allow for hidden common causes."""
NEEDS_DOMAIN = frozenset({"cd_nod", "multi_group_lingam"})
"""Searches over a domain column, which the others would take for a number."""
BOSS_COLUMNS = 600
"""Above this the searches of ``auto`` together take over ten seconds."""
SEARCH_COLUMNS = 1000
"""Above this nothing was measured."""
LINGAM_COLUMNS = 30
LINGAM_WORK = 2e8
"""Rows times columns cubed at which DirectLiNGAM takes about five seconds."""
TABLE_WORK = 1e7
"""Rows times columns squared up to which PC with tests of tables takes about three seconds."""
NON_GAUSSIAN = 0.6
"""Share of columns with clearly non-Gaussian residuals from which DirectLiNGAM is worth trying."""


@dataclass(frozen=True)
class Situation:
    """What the choice depends on.

    Attributes:
        rows, columns: after columns were left out.
        width: matrix columns, categories counted as indicators.
        numbers: no categories among the columns.
        continuous: every column is of type continuous.
        categories: every column is a category or binary.
        missing: share of missing cells.
        knowledge: tiers, roles, forbidden or required edges limit the search.
        latents: hidden common causes are named or asked for.
        non_gaussian: share of columns with clearly non-Gaussian residuals.
    """

    rows: int
    columns: int
    width: int
    numbers: bool
    continuous: bool
    categories: bool
    missing: float
    knowledge: bool
    latents: bool
    non_gaussian: float


@dataclass(frozen=True)
class Rule:
    """One line of the table.

    Attributes:
        name: the situation.
        when: its condition.
        method: search to run.
        test: its test or score.
        runner_up: search to compare with, or empty.
        reason: why this one, for the report.
        cost: order of CPU time.
        runner_up_test: the runner-up's test, where it is not the one for its columns.
    """

    name: str
    when: Callable[[Situation], bool]
    method: str
    test: str
    runner_up: str
    reason: str
    cost: str
    runner_up_test: TestName = "auto"


RULES: tuple[Rule, ...] = (
    Rule(
        "hidden common causes",
        lambda s: s.latents,
        "fci",
        "fisher_z or likelihood_ratio",
        "boss",
        "hidden common causes are possible: other searches would present half of them as causes",
        "seconds up to 30 columns",
    ),
    Rule(
        "few rows for the columns",
        lambda s: s.rows <= 2 * s.width,
        "pc",
        "fisher_z or likelihood_ratio, small conditioning sets",
        "",
        "there are too few rows for a score over whole parent sets; small tests can still be made",
        "under a second",
    ),
    Rule(
        "many columns",
        lambda s: s.columns > BOSS_COLUMNS,
        "pc",
        "fisher_z or likelihood_ratio",
        "",
        "with this many columns a score search takes too long here",
        "seconds up to 1000 columns",
    ),
    Rule(
        "linear, non-Gaussian",
        lambda s: (
            s.continuous
            and s.non_gaussian >= NON_GAUSSIAN
            and s.columns <= LINGAM_COLUMNS
            and s.rows * s.columns**3 <= LINGAM_WORK
        ),
        "direct_lingam",
        "pairwise likelihood ratios",
        "boss",
        "the noise is clearly non-Gaussian, which tells cause from effect where relations are linear",
        "0.1 s at 10 columns, 4 s at 30",
    ),
    Rule(
        "categories",
        lambda s: s.categories,
        "boss",
        "degenerate Gaussian BIC on indicators",
        "pc",
        "all columns are categories; the score search on indicators erred least in our comparison",
        "seconds up to 30 columns",
        "g_square",
    ),
    Rule(
        "mixed",
        lambda s: not s.numbers,
        "boss",
        "degenerate Gaussian BIC on indicators",
        "pc",
        "numbers and categories together; the score search on indicators erred least in our comparison",
        "seconds up to 30 columns",
    ),
    Rule(
        "numbers",
        lambda s: True,
        "boss",
        "BIC, several starts",
        "pc",
        "the columns are numbers; the score search from several starts erred least in our comparison",
        "0.1 s at 10 columns, 1 s at 100",
    ),
)


def choose(situation: Situation) -> Rule:
    """The first rule that holds.

    Raises:
        NotApplicable: more columns than any search here finishes with.
    """
    if situation.columns > SEARCH_COLUMNS:
        raise NotApplicable(
            f"{situation.columns} columns are too many for a graph search (at most {SEARCH_COLUMNS})",
            "choose columns",
        )
    return next(rule for rule in RULES if rule.when(situation))


def level(rows: int) -> float:
    """Level of the independence tests: stricter where many rows make small associations significant."""
    if rows < 200:
        return 0.05
    return 0.01 if rows < 50_000 else 0.001


def starts(columns: int) -> int:
    """Random starts of a score search: with ten, none of 16 dense graphs of 9 to 12 columns ended below the best."""
    return 10 if columns <= 15 else 5 if columns <= 300 else 2


def runner_up(method: str, situation: Situation) -> str:
    """Whom a method that the user chose is compared with; empty where that is not cheap."""
    if situation.rows <= 2 * situation.width or situation.columns > BOSS_COLUMNS or method in NEEDS_DOMAIN:
        return ""
    return "pc" if method in ("boss", "grasp") else "boss"


def resamples(method: str, situation: Situation) -> int:
    """Most bootstrap resamples a method can finish within its deadline."""
    wide = situation.columns > 15
    if method in ("pc", "boss"):
        return 500 if situation.columns <= BOSS_COLUMNS else 100
    if method in ("ges", "exact", "rcd", "dagma"):
        return 10 if wide else 40
    return 50 if wide else 200
