"""Helpers of the data tests."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pandas as pd

from causalcopilot.data import Dataset, Opened, open_data


def to_parquet(frame: pd.DataFrame, path: Path) -> str:
    """Write a frame as Parquet through DuckDB (the project needs no pyarrow)."""
    with duckdb.connect() as con:
        con.register("frame", frame)
        con.execute(f"COPY frame TO '{path}'")
    return str(path)


def opened(source: str | pd.DataFrame, folder: Path) -> Dataset:
    """The dataset of a source, its snapshot in ``folder/scratch``."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    return open_data(source, scratch=scratch).dataset


def codes(opened: Opened) -> set[str]:
    return {n.code for n in opened.notices}


def message(opened: Opened, code: str) -> str:
    return next(n.message for n in opened.notices if n.code == code)
