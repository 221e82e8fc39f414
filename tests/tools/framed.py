"""A ``Context`` straight from a data frame, for tests of tools (no file, no DuckDB)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from causalcopilot.data.dataset import DataRef, Dataset
from causalcopilot.data.made import made_columns
from causalcopilot.domain.knowledge import ColumnType, Knowledge
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.domain.question import Question
from causalcopilot.toolkit.context import Context


@dataclass(frozen=True)
class Framed(Dataset):
    """A dataset that holds its frame."""

    held: Any = None

    def frame(self, columns: Sequence[str] | None = None) -> pd.DataFrame:
        return self.held[list(columns) if columns is not None else list(self.held.columns)].copy()


def column_profile(values: pd.Series, kind: ColumnType | None) -> ColumnProfile:
    """Enough of a profile for identification."""
    known = values.dropna()
    number = pd.api.types.is_numeric_dtype(values) and values.dtype != bool
    distinct = int(known.nunique())
    if kind is None:
        kind = (
            "constant"
            if distinct < 2
            else "binary"
            if distinct == 2
            else "continuous"
            if number
            else "nominal"
        )
    levels = known.astype(str).value_counts() if distinct <= 20 else {}
    storage = "number" if number else "boolean" if values.dtype == bool else "text"
    return ColumnProfile(
        str(values.name),
        kind,
        storage,  # type: ignore[arg-type]
        int(values.isna().sum()),
        distinct,
        mean=float(known.mean()) if number else None,
        std=float(known.std()) if number else None,
        low=float(known.quantile(0.01)) if number else None,
        high=float(known.quantile(0.99)) if number else None,
        minimum=float(known.min()) if number else None,
        maximum=float(known.max()) if number else None,
        levels=tuple((str(k), int(v)) for k, v in dict(levels).items()),
        median=float(known.median()) if number else None,
    )


def case(
    frame: pd.DataFrame,
    knowledge: Knowledge | None = None,
    question: Question | None = None,
    types: Mapping[str, ColumnType] | None = None,
    seed: int = 0,
) -> Context:
    """A context around a frame."""
    columns = tuple(column_profile(frame[c], (types or {}).get(c)) for c in frame.columns)
    numbers = [c for c in frame.columns if pd.api.types.is_numeric_dtype(frame[c])]
    made = made_columns(frame[numbers].to_numpy(dtype=float), numbers)
    repeated = int(frame.duplicated().sum())
    profile = Profile("frame", "sha256:0", len(frame), columns, duplicate_rows=repeated, made=made)
    ref = DataRef("", "frame", "sha256:0", len(frame), tuple((c.name, c.type) for c in columns))
    return Context(Framed(ref, frame), profile, question or Question(), knowledge or Knowledge(), (), seed)
