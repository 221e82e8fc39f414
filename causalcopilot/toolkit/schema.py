"""From a tool's signature to the function schema a model sees, and back from its arguments.

The schema is plain JSON (no pydantic), so that reading it costs nothing.  Columns, graphs and earlier calls
are enumerations of what exists now; ``check_arguments`` is at least as strict as the schema says.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from causalcopilot.domain.facts import Scalar
from causalcopilot.errors import ColumnNotFound, GraphNotFound, UsageError, nearest
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.shape import Shape, shape_of
from causalcopilot.toolkit.tool import Parameter, Tool

NAME_PATTERN = r"^[A-Za-z_][A-Za-z0-9_-]{0,63}$"
"""Names given in a call are printed as they are: none may be read as a number (nor, in the check, a part after -)."""
MAX_ENUM = 300
"""Longer enumerations are left out of the schema (the check still knows every name)."""

_shape = lru_cache(maxsize=512)(shape_of)


@dataclass(frozen=True, slots=True)
class Called:
    """An earlier call of this conversation that returned a result."""

    tool: str
    result: Result


@dataclass(frozen=True, slots=True)
class Checked:
    """Arguments that fit, or what is wrong with them.

    Attributes:
        args: normalised arguments by parameter name: real column names, tuples for lists, whole floats as
            integers where an integer is asked; graphs and calls still as the caller wrote them.
        error: the error to report, or ``None``.
    """

    args: dict[str, Any] = field(default_factory=dict)
    error: UsageError | None = None

    @property
    def problem(self) -> str:
        """What is wrong, with its hint, or empty."""
        if self.error is None:
            return ""
        return "; ".join(t for t in (self.error.message, self.error.hint) if t)


@dataclass(frozen=True, slots=True)
class _Case:
    """What names mean right now; ``columns`` maps the name shown to the model to the real one."""

    columns: Mapping[str, str]
    graphs: tuple[str, ...]
    calls: Mapping[str, Called]


def function_spec(
    tool: Tool,
    context: Context,
    calls: Mapping[str, Called] | None = None,
    names: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The tool as an OpenAI function.

    Args:
        tool: the tool.
        context: the case; gives columns and remembered graphs.
        calls: earlier successful calls by id.
        names: real column name to the name shown, where the two differ (cleaned or aliased names).
    """
    case = _case(context, calls, names)
    parameters = {
        "type": "object",
        "properties": {p.name: _property(p, case) for p in tool.parameters},
        "required": [p.name for p in tool.parameters if p.required],
        "additionalProperties": False,
    }
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": parameters},
    }


def check_arguments(
    tool: Tool,
    args: object,
    context: Context,
    calls: Mapping[str, Called] | None = None,
    names: Mapping[str, str] | None = None,
) -> Checked:
    """Check what a model (or a person) wants to call a tool with; every fault is told at once.

    An explicit ``null`` for an optional parameter that cannot be null counts as not given.
    """
    if not isinstance(args, Mapping):
        return Checked(error=UsageError(f"the arguments of {tool.name} must be one JSON object"))
    case = _case(context, calls, names)
    known = {p.name: p for p in tool.parameters}
    faults: list[UsageError] = [_unknown(tool, str(a), tuple(known)) for a in args if a not in known]
    checked: dict[str, Any] = {}
    for p in tool.parameters:
        if p.name not in args:
            if p.required:
                faults.append(UsageError(f"{p.name} is missing", f"{p.name}: {p.description}"))
            continue
        shape = _shape(p.annotation)
        given = args[p.name]
        if given is None and (shape.nullable or not p.required):
            if shape.nullable:
                checked[p.name] = None
            continue
        try:
            checked[p.name] = _read(shape, given, case)
        except UsageError as fault:
            faults.append(type(fault)(f"{p.name}: {fault.message}", fault.hint))
    return Checked(checked) if not faults else Checked(error=_joined(faults))


def shown_columns(context: Context, names: Mapping[str, str] | None = None) -> dict[str, str]:
    """Columns of the table in order: name shown to the model to real name."""
    shown = names or {}
    return {shown.get(c, c): c for c, _ in context.dataset.ref.columns}


def graph_refs(context: Context) -> tuple[str, ...]:
    """Everything a graph may be called now: plain names (the latest version) and ``name@version``."""
    ids = [g.id for g in context.graphs]
    plain = dict.fromkeys(i.rpartition("@")[0] for i in ids)
    return (*plain, *ids)


def _case(context: Context, calls: Mapping[str, Called] | None, names: Mapping[str, str] | None) -> _Case:
    return _Case(shown_columns(context, names), graph_refs(context), calls or {})


def _property(parameter: Parameter, case: _Case) -> dict[str, Any]:
    """The JSON schema of one parameter, its description first."""
    shape = _shape(parameter.annotation)
    body, note = _body(shape, case)
    text = parameter.description.rstrip(".")
    spec = {"description": f"{text} ({note})." if note else f"{text}.", **body}
    if parameter.default is not None:
        default = parameter.default
        spec["default"] = list(default) if isinstance(default, tuple) else default
    return spec


def _body(shape: Shape, case: _Case) -> tuple[dict[str, Any], str]:
    """Schema of a shape without its description, and a note for the description."""
    match shape.kind:
        case "column":
            return _enumeration(tuple(case.columns), "column")
        case "columns":
            items, note = _enumeration(tuple(case.columns), "column")
            return {"type": "array", "items": items}, note
        case "graph":
            none = "no graph is remembered yet; call discover first"
            body, note = _enumeration(case.graphs, "graph")
            return body, note if case.graphs else none
        case "call":
            ids = _fitting(shape, case)
            none = f"there is none yet; call {shape.of} first"
            body, note = _enumeration(ids, "call")
            return body, note if ids else none
        case "list" if shape.item is not None:
            items, note = _body(shape.item, case)
            return {"type": "array", "items": items}, note
        case _:
            return _plain_body(shape), ""


def _plain_body(shape: Shape) -> dict[str, Any]:
    """Schema of a shape that does not depend on the case."""
    match shape.kind:
        case "name":
            return {"type": "string", "pattern": NAME_PATTERN}
        case "value":
            return {"anyOf": [{"type": "number"}, {"type": "string"}, {"type": "boolean"}]}
        case "choice":
            kinds = {type(c) for c in shape.choices}
            body: dict[str, Any] = {"type": "string"} if kinds == {str} else {}
            return {**body, "enum": list(shape.choices)}
        case "integer" | "number":
            limits = {"minimum": shape.bounds.low, "maximum": shape.bounds.high} if shape.bounds else {}
            return {"type": shape.kind, **limits}
        case _:
            return {"type": shape.kind}


def _enumeration(names: Sequence[str], noun: str) -> tuple[dict[str, Any], str]:
    if 0 < len(names) <= MAX_ENUM:
        return {"type": "string", "enum": list(names)}, ""
    return {"type": "string"}, f"one of {len(names):,} {noun}s" if names else ""


def _fitting(shape: Shape, case: _Case) -> tuple[str, ...]:
    """Ids of the earlier calls whose result a ``call`` parameter takes."""
    wanted = shape.result or Result
    return tuple(i for i, c in case.calls.items() if isinstance(c.result, wanted))


def _read(shape: Shape, given: object, case: _Case) -> Any:
    """One argument, normalised; raises ``UsageError`` or a subclass."""
    match shape.kind:
        case "column":
            return _column(given, case)
        case "columns":
            return _distinct(tuple(_column(g, case) for g in _sequence(given, "column names")))
        case "list" if shape.item is not None:
            return tuple(_read(shape.item, g, case) for g in _sequence(given, "values"))
        case "graph":
            return _graph(given, case)
        case "call":
            return _call(shape, given, case)
        case "name":
            return checked_name(given)
        case "value":
            return _scalar(given)
        case "choice":
            return _choice(shape, given)
        case "boolean":
            if not isinstance(given, bool):
                raise UsageError(f"must be true or false, not {given!r}")
            return given
        case _:
            return _number(shape, given)


def _column(given: object, case: _Case) -> str:
    if isinstance(given, str) and given in case.columns:
        return case.columns[given]
    raise ColumnNotFound(f"no column {given!r}", _instead(given, tuple(case.columns), "columns"))


def _graph(given: object, case: _Case) -> str:
    if isinstance(given, str) and given in case.graphs:
        return given
    hint = _instead(given, case.graphs, "graphs") if case.graphs else "call discover first"
    raise GraphNotFound(f"no graph {given!r} is remembered", hint)


def _call(shape: Shape, given: object, case: _Case) -> str:
    fitting = _fitting(shape, case)
    if isinstance(given, str) and given in fitting:
        return given
    if isinstance(given, str) and given in case.calls:
        what = f"{given} is a call of {case.calls[given].tool}, not of {shape.of}"
    else:
        what = f"no successful call {given!r} of {shape.of}"
    raise UsageError(what, f"calls: {', '.join(fitting)}" if fitting else f"call {shape.of} first")


def checked_name(given: object) -> str:
    """The name a new graph can be saved under; ``UsageError`` where it cannot be one."""
    if isinstance(given, str) and re.fullmatch(NAME_PATTERN, given) and not re.search(r"-\d", given):
        return given
    raise UsageError(
        f"{given!r} is not a name",
        "use letters, digits, _ and -, beginning with a letter, at most 64 of them",
    )


def _scalar(given: object) -> Scalar:
    if isinstance(given, bool | int | str):
        return given
    if isinstance(given, float) and math.isfinite(given):
        return given
    raise UsageError(f"must be a number, a text or true or false, not {given!r}")


def _choice(shape: Shape, given: object) -> str | int | bool:
    for choice in shape.choices:
        if type(choice) is type(given) and choice == given:
            return choice
    words = tuple(str(c) for c in shape.choices)
    raise UsageError(f"{given!r} is not one of {', '.join(words)}", _instead(given, words, ""))


def _number(shape: Shape, given: object) -> float | int:
    whole = shape.kind == "integer"
    if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
        raise UsageError(f"must be {'a whole number' if whole else 'a number'}, not {given!r}")
    if whole and given != int(given):
        raise UsageError(f"must be a whole number, not {given!r}")
    if shape.bounds and not shape.bounds.low <= given <= shape.bounds.high:
        raise UsageError(f"must lie between {shape.bounds.low:g} and {shape.bounds.high:g}, not {given!r}")
    return int(given) if whole else given


def _sequence(given: object, what: str) -> Sequence[object]:
    if isinstance(given, list | tuple):
        return given
    raise UsageError(f"must be a list of {what}, not {given!r}")


def _distinct(columns: tuple[str, ...]) -> tuple[str, ...]:
    twice = next((c for i, c in enumerate(columns) if c in columns[:i]), None)
    if twice is not None:
        raise UsageError(f"names {twice!r} twice")
    return columns


def _instead(given: object, known: tuple[str, ...], noun: str) -> str:
    """A hint with the nearest names, else with what there is."""
    close = nearest(str(given), known)
    if close:
        return f"did you mean {' or '.join(repr(c) for c in close)}?"
    more = f", … ({len(known) - 8} more)" if len(known) > 8 else ""
    return f"{noun}: {', '.join(known[:8])}{more}" if noun else ""


def _unknown(tool: Tool, name: str, known: tuple[str, ...]) -> UsageError:
    hint = _instead(name, known, "arguments") if known else f"{tool.name} takes no arguments"
    return UsageError(f"{tool.name} has no argument {name!r}", hint)


def _joined(faults: list[UsageError]) -> UsageError:
    """All faults as one error; a single fault keeps its class."""
    if len(faults) == 1:
        return faults[0]
    return UsageError("; ".join(f.message for f in faults), " ".join(f.hint for f in faults if f.hint))
