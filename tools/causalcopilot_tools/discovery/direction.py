"""Which of two columns is the cause, by the asymmetry of their noise; allowed to say that it cannot be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from causalcopilot.domain.facts import Fact
from causalcopilot.domain.profile import Profile
from causalcopilot.domain.question import Question
from causalcopilot.errors import NotApplicable, UsageError
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import StructureResult, Table
from causalcopilot.toolkit.tool import Card, Column, Ok, Refusal, tool

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from causalcopilot_tools.discovery.core.direction_rules import Decision, ModelName

NoiseModel = Literal["auto", "additive", "location_scale", "post_nonlinear"]

MIN_ROWS = 100
"""With fewer rows the tests reject next to nothing, and every pair would be left undecided."""
MIN_DISTINCT = 20
"""A column with fewer values has no noise that could be told from its steps."""
PILED = 0.2
"""Share of rows at one value above which a column is no continuous measurement."""
ROUNDED = 0.5
"""Share of distinct values below which a column counts as rounded: its steps are filled evenly, seeded."""
SAYS = {
    "decided": "that way round the noise is independent of the cause, the other way round it is not",
    "independent": "no dependence was found between the two, so neither direction has anything to explain",
    "both_fit": "the noise model fits in both directions, as it does for straight lines with Gaussian noise",
    "none_fits": "no noise model fits in either direction, as happens where a hidden cause acts on both",
}
ASSUMES = (
    "no hidden column is a cause of both, and neither acts back on the other",
    "the effect is a function of the cause plus noise whose spread may depend on the cause, and the noise is"
    " independent of the cause otherwise",
)

CARD = Card(
    assumes=(
        *ASSUMES,
        "rows are independent of one another",
        "no hidden cause bends both, which goes unnoticed (a third of such simulated pairs got a direction)",
    ),
    data=f"two columns of numbers with at least {MIN_DISTINCT} values each, in at least {MIN_ROWS} complete rows",
    cost="under a second",
    source="Hoyer et al. 2009 (additive noise); Strobl & Lasko 2023, Immer et al. 2023 (location-scale noise); "
    "Zhang & Hyvärinen 2009 (post-nonlinear); Gretton et al. 2008 (HSIC); tests/benchmarks/direction.py",
)


def _applies(profile: Profile, question: Question) -> Ok | Refusal:
    if profile.rows < MIN_ROWS:
        return Refusal(
            f"{profile.rows} rows are too few to tell a direction", f"at least {MIN_ROWS} are needed"
        )
    return Ok()


@tool(group="discovery", applies=_applies, card=CARD)
def direction(context: Context, a: Column, b: Column, model: NoiseModel = "auto") -> StructureResult:
    """Tell from the two columns alone whether a causes b or b causes a, or that the data do not say.

    Fits the effect as a function of the cause plus noise, both ways round, and tests whether the noise is
    independent of the cause. One direction must fit and the other be rejected; otherwise the answer is
    undecided. Straight lines with Gaussian noise cannot be decided. A hidden common cause can mislead it.

    Args:
        a: first column.
        b: second column.
        model: noise model; auto asks additive, then location-scale noise.

    Raises:
        UsageError: one column is named twice.
        NotApplicable: a column is a category, takes few values, or too few rows are complete.
    """
    pair, notes = _pair(context, a, b)
    from causalcopilot_tools.discovery.core.direction_rules import AUTO, decide_direction

    models: tuple[ModelName, ...] = AUTO if model == "auto" else (model,)
    found = decide_direction(pair.a, pair.b, context.seed, models)
    return _result(context, pair, found, notes)


@dataclass(frozen=True)
class _Pair:
    """Names and (n,) numbers of the two columns, complete rows only; ``left_out`` rows had a missing cell."""

    names: tuple[str, str]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    left_out: int


def _pair(context: Context, a: str, b: str) -> tuple[_Pair, list[str]]:
    import numpy as np

    first, second = context.dataset.resolve(a), context.dataset.resolve(b)
    if first == second:
        raise UsageError(f"column {first} is named twice", "name two different columns")
    frame = context.dataset.frame([first, second])
    for name in (first, second):
        _continuous(context, name, frame[name])
    values = frame.to_numpy(dtype=np.float64, na_value=np.nan)
    complete = np.isfinite(values).all(axis=1)
    left_out = int((~complete).sum())
    if complete.sum() < MIN_ROWS:
        raise NotApplicable(
            f"only {int(complete.sum())} rows hold finite values of both {first} and {second}",
            f"at least {MIN_ROWS} are needed to tell a direction",
        )
    notes = [f"{left_out:,} rows with missing or infinite cells were left out"] if left_out else []
    rng = np.random.default_rng(context.seed)
    columns = []
    for j, name in enumerate((first, second)):
        column = values[complete, j]
        if len(np.unique(column)) < ROUNDED * len(column):
            column = _filled(column, rng)
            notes.append(f"{name} looks rounded: its values were spread evenly over their steps for the test")
        columns.append(column)
    return _Pair((first, second), columns[0], columns[1], left_out), notes


def _continuous(context: Context, name: str, values: object) -> None:
    """Raise ``NotApplicable`` where the column is no measurement on a fine scale."""
    import pandas as pd

    assert isinstance(values, pd.Series)
    hint = "noise models need two numeric columns; ask `ccp discover` with knowledge of the order instead"
    kind = context.dataset.type_of(name)
    if kind in ("binary", "nominal", "date", "text", "constant", "ordinal") or not (
        pd.api.types.is_numeric_dtype(values)
    ):
        raise NotApplicable(f"{name} is {kind}: no direction can be told from the shape of its noise", hint)
    counts = values.replace([float("inf"), float("-inf")], float("nan")).dropna().value_counts()
    if len(counts) < MIN_DISTINCT:
        raise NotApplicable(f"{name} takes only {len(counts)} values ({MIN_DISTINCT} are needed)", hint)
    share = float(counts.iloc[0] / counts.sum())
    if share > PILED:
        raise NotApplicable(f"{share:.0%} of the values of {name} are {counts.index[0]:g}", hint)


def _filled(x: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Values moved at random within half the distance to their nearest neighbour: undoes rounding."""
    import numpy as np

    levels, place = np.unique(x, return_inverse=True)
    gaps = np.diff(levels)
    near = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    moved: NDArray[np.float64] = x + near[place] * rng.uniform(-0.5, 0.5, len(x))
    return moved


def _result(context: Context, pair: _Pair, found: Decision, notes: list[str]) -> StructureResult:
    a, b = pair.names
    ends = {"a_to_b": (a, b), "b_to_a": (b, a)}.get(found.answer)
    known = _known(context, a, b)
    if ends in known:
        notes.append(f"the data's asymmetry says {ends[0]} --> {ends[1]}, but {known[ends]}: left undecided")
        ends = None
    elif ends is None and (ruled_out := next((p for p in ((a, b), (b, a)) if p in known), None)):
        notes.append(
            f"{known[ruled_out]}, so a direct link without a hidden cause could only run the other way"
        )
    said = f"{ends[0]} --> {ends[1]}" if ends else "undecided"
    answer = "uncertain" if ends is None else "yes" if ends == (a, b) else "no"
    why = SAYS[found.reason] if ends or found.answer == "undecided" else "the knowledge says otherwise"
    return StructureResult(
        f"direction: {said} ({why})",
        (*_facts(pair, found, ends, said, answer), Fact("why", why, "why it is so")),
        tables=_tables(pair, found),
        findings=(*notes, *(f"assumed: {line}" for line in ASSUMES)),
        answer=answer,
        path=(ends[0], "-->", ends[1]) if ends else (),
        names=ends[:1] if ends else (),
    )


def _known(context: Context, a: str, b: str) -> dict[tuple[str, str], str]:
    """Directions the knowledge rules out (cause, effect), with the reason."""
    from causalcopilot_tools.discovery.knowledge import constraints

    limits = constraints(context.knowledge, (a, b))
    out = {(x, y): f"the knowledge says that {x} does not cause {y}" for x, y in limits.forbidden}
    out |= {(y, x): f"the knowledge requires {x} --> {y}" for x, y in limits.required}
    return out


def _facts(pair: _Pair, found: Decision, ends: tuple[str, str] | None, said: str, answer: str) -> list[Fact]:
    a, b = pair.names
    facts = [
        Fact("direction", said, f"direction between {a} and {b}", subject=f"{a}, {b}"),
        Fact("answer", answer, f"{a} causes {b} rather than the other way round", subject=f"{a}, {b}"),
        Fact("reason", found.reason, "what decided"),
        Fact("p_value", found.dependence, f"p-value of {a} and {b} being independent", format=".3g"),
        Fact("n", found.rows, "rows used", format=",d"),
        Fact("rows_dropped", pair.left_out, "rows with a missing or infinite cell", format=",d"),
    ]
    if ends:
        facts += [
            Fact("cause", ends[0], "column that the data say is the cause", subject=ends[0]),
            Fact("effect", ends[1], "column that the data say is the effect", subject=ends[1]),
        ]
    if found.model:
        facts.append(Fact("model", found.model, "noise model that decided or fits both ways"))
    for i, fit in enumerate(found.fits, 1):
        facts += [
            Fact(f"model.{i}", fit.model, "noise model"),
            Fact(f"model.{i}.forward", fit.a_to_b, f"p-value of {a} --> {b} with this noise", format=".3g"),
            Fact(f"model.{i}.backward", fit.b_to_a, f"p-value of {b} --> {a} with this noise", format=".3g"),
        ]
    return [*facts, *(Fact(f"assumption.{i}", line, "assumed") for i, line in enumerate(ASSUMES, 1))]


def _tables(pair: _Pair, found: Decision) -> tuple[Table, ...]:
    if not found.fits:
        return ()
    a, b = pair.names
    rows = tuple((f.model, f.a_to_b, f.b_to_a) for f in found.fits)
    title = "Noise models in both directions: p-values of noise independent of the cause"
    return (Table("directions", title, ("noise model", f"{a} --> {b}", f"{b} --> {a}"), rows),)
