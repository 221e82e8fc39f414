"""DuckDB's own words for a Ctrl-C become the Ctrl-C again; every other error stays what it was."""

from __future__ import annotations

import duckdb
import pytest

from causalcopilot.interrupts import interruptible


@pytest.mark.parametrize(
    "error", [RuntimeError("Query interrupted"), duckdb.InterruptException("INTERRUPT Error")]
)
def test_an_interrupted_query_is_a_ctrl_c(error: Exception) -> None:
    with pytest.raises(KeyboardInterrupt), interruptible():
        raise error


@pytest.mark.parametrize("error", [RuntimeError("other"), duckdb.IOException("no disk"), ValueError("x")])
def test_other_errors_stay(error: Exception) -> None:
    with pytest.raises(type(error)), interruptible():
        raise error
