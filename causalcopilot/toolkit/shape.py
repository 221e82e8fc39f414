"""What an annotated parameter of a tool may hold, read once from its type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from causalcopilot.toolkit.tool import Bounds, Kind

ShapeKind = Literal[
    "column",
    "columns",
    "graph",
    "call",
    "name",
    "value",
    "choice",
    "integer",
    "number",
    "boolean",
    "list",
]

_PLAIN: dict[Any, ShapeKind] = {bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class Shape:
    """One parameter's type, as the schema writes it and as arguments are checked against it.

    Attributes:
        kind: family of the type.
        nullable: whether ``None`` is a value of its own.
        choices: the words of a ``Literal``.
        bounds: inclusive bounds of a number, or ``None``.
        of: tool whose earlier call a ``call`` refers to.
        result: result class such a call must have returned.
        item: shape of the members of a ``list``.
    """

    kind: ShapeKind
    nullable: bool = False
    choices: tuple[str | int | bool, ...] = ()
    bounds: Bounds | None = None
    of: str = ""
    result: type[Any] | None = None
    item: Shape | None = None


def shape_of(annotation: Any) -> Shape:
    """The shape of a parameter's annotation; ``TypeError`` for a type no tool may take."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        rest = [a for a in inner if a is not NoneType]
        if len(rest) != 1:
            raise TypeError(f"a parameter cannot be one of several types ({annotation})")
        return replace(shape_of(rest[0]), nullable=len(rest) < len(inner))
    if origin is Annotated:
        return _annotated(inner[0], inner[1:])
    if origin is Literal:
        return Shape("choice", choices=inner)
    if origin is tuple and len(inner) == 2 and inner[1] is Ellipsis:
        return Shape("list", item=shape_of(inner[0]))
    if annotation in _PLAIN:
        return Shape(_PLAIN[annotation])
    if annotation is str:
        raise TypeError("free text is not allowed: use Literal[...], Name, Column or Value")
    raise TypeError(f"{getattr(annotation, '__name__', annotation)} is not a type a tool may take")


def _annotated(base: Any, marks: tuple[Any, ...]) -> Shape:
    """The shape of ``Annotated[base, ...]``: a ``Kind`` decides alone, ``Bounds`` narrow a number."""
    kind = next((m for m in marks if isinstance(m, Kind)), None)
    if kind is not None:
        return Shape(kind.name, of=kind.of, result=base if kind.name == "call" else None)
    bounds = next((m for m in marks if isinstance(m, Bounds)), None)
    return replace(shape_of(base), bounds=bounds)
