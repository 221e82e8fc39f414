"""Opening, typing and profiling tables.

Everything public is found here and imported on first use, so that importing this package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causalcopilot.data.card import draft_card
    from causalcopilot.data.catalogue import Bundled, bundled, bundled_names
    from causalcopilot.data.dataset import DataRef, Dataset
    from causalcopilot.data.knowledge_check import check_knowledge
    from causalcopilot.data.knowledge_file import merge_flags, parse_knowledge, read_knowledge
    from causalcopilot.data.knowledge_source import knowledge_for
    from causalcopilot.data.opening import open_data
    from causalcopilot.data.options import Opened, ReadOptions
    from causalcopilot.data.profiling import profile_dataset

_HOMES = {
    "Bundled": "catalogue",
    "bundled": "catalogue",
    "bundled_names": "catalogue",
    "DataRef": "dataset",
    "Dataset": "dataset",
    "Opened": "options",
    "ReadOptions": "options",
    "check_knowledge": "knowledge_check",
    "draft_card": "card",
    "knowledge_for": "knowledge_source",
    "merge_flags": "knowledge_file",
    "open_data": "opening",
    "parse_knowledge": "knowledge_file",
    "profile_dataset": "profiling",
    "read_knowledge": "knowledge_file",
}

__all__ = [
    "Bundled",
    "DataRef",
    "Dataset",
    "Opened",
    "ReadOptions",
    "bundled",
    "bundled_names",
    "check_knowledge",
    "draft_card",
    "knowledge_for",
    "merge_flags",
    "open_data",
    "parse_knowledge",
    "profile_dataset",
    "read_knowledge",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
