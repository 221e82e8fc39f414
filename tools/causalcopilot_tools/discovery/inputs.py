"""From a table to the numbers a search can use; what cannot be used is left out by name, with its reason."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from causalcopilot.domain.identification import Excluded
from causalcopilot.domain.knowledge import Role
from causalcopilot.domain.profile import MadeHow
from causalcopilot.errors import DataError
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.encoding import encode
from causalcopilot_tools.discovery.prepared import Prepared
from causalcopilot_tools.effects.controls import computed

LINEAR: tuple[MadeHow, ...] = ("sum", "difference")
MIN_ROWS = 10
"""Fewer rows carry no conditional test at all."""
LEAST_SHARE = 0.001
"""A share of missing cells below this is not told as a number."""
NOT_SEARCHED: dict[Role, str] = {
    "identifier": "identifies rows",
    "excluded": "excluded by the knowledge",
    "time": "time column",
    "unit": "unit column of a panel",
    "cluster": "names the group that rows belong to",
    "weight": "sampling weight",
    "event": "says whether the event of a time was seen",
    "domain": "tells the domain of a row (used by cd_nod and multi_group_lingam)",
}


def prepare(context: Context, columns: Sequence[str] = ()) -> Prepared:
    """Choose and encode the columns of a search.

    Args:
        context: the case; its question may limit the columns, its knowledge may take some out.
        columns: columns asked for; empty takes those a graph question is limited to, else all.

    Raises:
        DataError: fewer than two usable columns or ten rows.
    """
    dataset = context.dataset
    limited = context.question.columns if context.question.kind == "graph" else ()
    asked = tuple(dict.fromkeys(dataset.resolve(c) for c in columns or limited))
    wanted, left_out = _by_role(context, asked)
    if not asked:
        wanted, made = _not_computed(context, wanted)
        left_out += made
    if dataset.ref.rows < MIN_ROWS:
        raise DataError(
            f"{dataset.ref.rows} rows are too few to learn a graph",
            f"discovery needs at least {MIN_ROWS} rows",
        )
    data = encode(context, wanted, asked)
    left_out += data.left_out
    protected = {context.question.treatment, context.question.outcome}
    data, more = _independent(data, protected)
    if len(data.names) < 2:
        gone = [*left_out, *more]
        mine = [e for e in gone if e.name in asked] or gone
        why = "; ".join(f"{e.name} {e.reason}" for e in mine[:4])
        raise DataError(
            "fewer than two columns can enter a search" + (f" ({why})" if why else ""),
            "give other columns, or fix their types",
        )
    return replace(data, left_out=(*left_out, *more), notes=tuple(_notes(data)))


def _by_role(context: Context, asked: tuple[str, ...]) -> tuple[list[str], list[Excluded]]:
    """Columns wanted, and those the knowledge takes out (never one that was asked for by name)."""
    wanted, out = [], []
    for name in asked or context.dataset.columns:
        known = context.knowledge.column(name)
        if not asked and known is not None and known.role in NOT_SEARCHED:
            out.append(Excluded(name, known.reason or NOT_SEARCHED[known.role]))
        else:
            wanted.append(name)
    return wanted, out


def _not_computed(context: Context, wanted: list[str]) -> tuple[list[str], list[Excluded]]:
    """Leave out what was computed from other columns: a search reads a formula as a mechanism.

    Treatment and outcome stay, and go before what they are computed from or into: of those that follow from one
    another the first stays.  Copies and sums are left to ``redundant``; a time from which on something was so is no
    formula.
    """
    curved = tuple(
        m for m in context.profile.made if m.how not in LINEAR and not context.profile.of_time(m.parts[0])
    )
    profile = replace(context.profile, made=curved)
    q = context.question
    protected = {q.treatment, q.outcome}
    out: dict[str, str] = {}
    if q.treatment and q.outcome:
        out |= {n: why for n, why in computed(profile, q.treatment, q.outcome).items() if n in wanted}
    place = {n: i for i, n in enumerate(wanted)}
    for m in curved:
        if m.name in out or m.name in protected or not all(n in place for n in m.parts):
            continue
        back = any(o.name == m.parts[0] and o.parts == (m.name,) for o in curved)
        first = back and m.parts[0] not in protected and place[m.name] < place[m.parts[0]]
        if not first:
            out[m.name] = "was computed from " + " and ".join(m.parts)
    return [n for n in wanted if n not in out], [Excluded(n, why) for n, why in out.items()]


def _independent(data: Prepared, protected: set[str | None]) -> tuple[Prepared, list[Excluded]]:
    """Drop copies, exact combinations, and columns never known together with another."""
    if len(data.names) < 2:
        return data, []
    from causalcopilot_tools.discovery.redundant import redundant

    out = redundant(data, protected)
    kept = [i for i in range(len(data.names)) if i not in out]
    return data.keep(kept), [Excluded(data.names[i], out[i]) for i in sorted(out)]


def _notes(data: Prepared) -> Iterator[str]:
    import numpy as np

    missing = float(np.isnan(data.matrix).mean())
    if missing:
        complete = int((~np.isnan(data.matrix)).all(axis=1).sum())
        share = f"{missing:.1%}" if missing >= LEAST_SHARE else f"less than {LEAST_SHARE:.1%}"
        yield (
            f"{share} of the cells are missing ({complete:,} of {data.rows:,} rows are complete); nothing is "
            "filled in"
        )
    if data.rows <= 2 * data.matrix.shape[1]:
        yield (
            f"{data.rows} rows for {data.matrix.shape[1]} columns of numbers: only small conditioning sets "
            "can be tested; read this graph as a hint"
        )
