"""A small case and one warm worker shared by the tests of this room."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from causalcopilot.data.dataset import DataRef, Dataset
from causalcopilot.domain.profile import ColumnProfile, Profile
from causalcopilot.graph.stored import GraphHead
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.worker import Worker

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def plugin() -> Any:
    """The module of misbehaving tools, under the name the worker knows it by."""
    if str(HERE) not in sys.path:
        sys.path.insert(0, str(HERE))
    return importlib.import_module("plugin_tools")


@pytest.fixture
def context() -> Context:
    columns = ("age", "Income", "t", "y")
    ref = DataRef("/nowhere.parquet", "people.csv", "sha256:0", 10, tuple((c, "continuous") for c in columns))
    profile = Profile(
        "people.csv", "sha256:0", 10, tuple(ColumnProfile(c, "continuous", "number", 0, 10) for c in columns)
    )
    heads = (GraphHead("people@2", "dag", 4, 3), GraphHead("people@1", "dag", 4, 2))
    return Context(Dataset(ref), profile, graphs=heads)


@pytest.fixture(scope="session")
def worker() -> Iterator[Worker]:
    with Worker(extra_path=[HERE], warm=("numpy",)) as worker:
        yield worker
