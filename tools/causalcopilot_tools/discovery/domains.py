"""The column that tells where or when a row was recorded, as numbered domains."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from causalcopilot.errors import NotApplicable
from causalcopilot.toolkit.context import Context
from causalcopilot_tools.discovery.prepared import Prepared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEVELS = 20
"""A number or date with more values is time, cut into parts; a category with more is refused."""
PART_ROWS = 200
"""Rows a part of time should hold."""
PARTS = (3, 8)
"""Fewest and most parts of time."""
DOMAIN_ROWS = 20
"""Rows of a smaller domain are left out: they cannot tell whether anything changed."""
METHODS = ("cd_nod", "multi_group_lingam")
"""Searches that need a domain column."""


@dataclass(frozen=True)
class Domains:
    """Domains of the rows.

    Attributes:
        codes: (n,) number of each row's domain, NaN where it is unknown or too small to use.
        labels: name of each domain.
        notes: what was cut or left out.
    """

    codes: NDArray[np.float64]
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()


def domain_column(context: Context, asked: str | None) -> str | None:
    """The domain column: the one asked for, else by role ``domain``, else by role ``time``."""
    if asked:
        return context.dataset.resolve(asked)
    named = context.knowledge.with_role("domain") or context.knowledge.with_role("time")
    return next((c for c in context.dataset.columns if c in named), None)


def method_and_column(context: Context, method: Any, asked: str | None) -> tuple[Any, str]:
    """The search and its domain column; a domain column named without a method asks for CD-NOD.

    Raises:
        NotApplicable: the method needs a domain column and nobody named one, or it cannot use the one named.
    """
    if method == "auto":
        method = METHODS[0]
    if method not in METHODS:
        raise NotApplicable(
            f"{method} does not use a domain column ({asked} given)",
            f"use method {' or '.join(METHODS)}, or leave the domain out",
        )
    found = domain_column(context, asked)
    if found is None:
        raise NotApplicable(
            f"{method} needs a column that tells the domain or time of each row",
            "name it with --domain COL, or give a column the role domain in the knowledge file",
        )
    return method, found


def with_domain(context: Context, data: Prepared, name: str) -> Prepared:
    """The columns with the domain as one more variable, a single column of codes; rows without one go.

    Raises:
        NotApplicable: the column is a text of many levels, or leaves fewer than two domains.
    """
    import numpy as np

    kept = [i for i, n in enumerate(data.names) if n != name]
    data = data.keep(kept)
    domains = domains_of(name, context.dataset.frame([name])[name])
    rows = np.flatnonzero(~np.isnan(domains.codes))
    data = data.resample(rows)
    q = data.matrix.shape[1]
    return replace(
        data,
        names=(*data.names, name),
        types=(*data.types, "nominal"),
        matrix=np.column_stack([data.matrix, domains.codes[rows]]),
        blocks=(*data.blocks, np.array([q])),
        left_out=tuple(e for e in data.left_out if e.name != name),
        notes=(*data.notes, *domains.notes),
        start=None,
    )


def domains_of(name: str, values: Any) -> Domains:
    """Number the domains of a column (a pandas Series): its values, or parts of time where there are many.

    Raises:
        NotApplicable: a text of many levels, or fewer than two domains with enough rows.
    """
    import numpy as np
    import pandas as pd

    notes: list[str] = []
    known = values.notna().to_numpy()
    timed = pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values)
    if values.nunique(dropna=True) > LEVELS:
        if not timed:
            raise NotApplicable(
                f"{name} has {values.nunique()} values, too many for domains (at most {LEVELS})",
                "name a column with few values, or a number or date that grows with time",
            )
        parts = int(np.clip(known.sum() // PART_ROWS, *PARTS))
        values = pd.qcut(values, parts, duplicates="drop").astype(str).where(values.notna())
        notes.append(f"{name} was cut into {parts} parts of about equal size, in its order")
    counts = values.value_counts()
    small = [level for level in counts.index if counts[level] < DOMAIN_ROWS]
    if small:
        notes.append(f"{len(small)} values of {name} with fewer than {DOMAIN_ROWS} rows were left out")
    levels = sorted((level for level in counts.index if level not in small), key=str)
    if len(levels) < 2:
        raise NotApplicable(
            f"{name} tells fewer than two domains of {DOMAIN_ROWS} rows", "name another column with --domain"
        )
    codes = values.map({level: float(i) for i, level in enumerate(levels)}).to_numpy(dtype=np.float64)
    if (~known).any():
        notes.append(f"{int((~known).sum()):,} rows without a value of {name} were left out")
    return Domains(codes, tuple(str(level) for level in levels), tuple(notes))
