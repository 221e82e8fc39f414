"""Domain records to JSON and back, by their type hints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from pydantic import TypeAdapter

T = TypeVar("T")


_ADAPTERS: dict[Any, TypeAdapter[Any]] = {}
"""One adapter per class: making one costs milliseconds, using it microseconds."""


def _adapter(cls: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter

    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(cls)
    return _ADAPTERS[cls]


def to_json(record: object) -> Any:
    """Plain JSON data of a frozen record; NaN and infinities become ``null``."""
    return json.loads(_adapter(type(record)).dump_json(record))


def from_json(cls: type[T], data: Any) -> T:
    """The record again; raises ``pydantic.ValidationError`` where the data do not fit the class."""
    record: T = _adapter(cls).validate_json(json.dumps(data))
    return record


def schema(cls: type[Any]) -> dict[str, Any]:
    """JSON schema of a record."""
    return _adapter(cls).json_schema()
