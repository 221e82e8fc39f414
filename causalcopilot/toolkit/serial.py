"""Results to JSON and back, and numpy scalars to plain Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

from causalcopilot.toolkit.result import RESULT_TYPES, Result

T = TypeVar("T")


def result_to_json(result: Result) -> dict[str, Any]:
    """The full result as JSON: ``type`` is its class, ``base`` the nearest core class of a plugin's own."""
    from causalcopilot.domain.serial import to_json

    cls = type(result)
    body = to_json(plain(result))
    if RESULT_TYPES.get(cls.__name__) is cls:
        return {"type": cls.__name__, **body}
    return {"type": cls.__name__, "base": core_type(cls).__name__, **body}


def result_from_json(data: Mapping[str, Any]) -> Result:
    """The result again; a plugin's own class comes back as its nearest core class.

    Raises:
        pydantic.ValidationError: the data do not fit the class.
    """
    from causalcopilot.domain.serial import from_json

    name = data.get("base", data.get("type", "Result"))
    cls = RESULT_TYPES.get(str(name), Result)
    own = {f.name for f in fields(cls)}
    return from_json(cls, {k: v for k, v in data.items() if k in own})


def core_type(cls: type[Result]) -> type[Result]:
    """The nearest class of the core that ``cls`` derives from."""
    return next((c for c in cls.__mro__ if RESULT_TYPES.get(c.__name__) is c), Result)


def plain(record: T) -> T:
    """The same record without numpy: scalars become Python's, arrays tuples; unchanged parts are shared."""
    made: Any = _plain(record)
    return made  # type: ignore[no-any-return]


def _plain(value: Any) -> Any:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        changed = {f.name: _changed(getattr(value, f.name)) for f in fields(value) if f.init}
        changed = {k: v[0] for k, v in changed.items() if v}
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple | list):
        members = [_plain(v) for v in value]
        same = isinstance(value, tuple) and all(a is b for a, b in zip(members, value, strict=True))
        return value if same else tuple(members)
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        return _plain(value.tolist())
    return value


def _changed(value: Any) -> tuple[Any] | tuple[()]:
    made = _plain(value)
    return () if made is value else (made,)
