"""Run the calls of a stored run again and compare every fact."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from causalcopilot.agent.ending import REFUSED
from causalcopilot.agent.loop import ToolboxLike
from causalcopilot.domain.facts import Scalar

if TYPE_CHECKING:
    from causalcopilot.domain.run import CallRecord

Values = tuple[Scalar, Scalar, Scalar]
"""Value, low and high of a fact."""


@dataclass(frozen=True)
class Difference:
    """One fact that did not come out the same; ``None`` where it exists on one side only."""

    key: str
    before: Values | None
    after: Values | None


@dataclass(frozen=True)
class Replayed:
    """One call run again.

    Attributes:
        call, tool: which.
        same: every fact came out the same (or the call failed again, as it had).
        differences: facts that did not.
        error: what went wrong now.
    """

    call: str
    tool: str
    same: bool
    differences: tuple[Difference, ...] = ()
    error: str = ""


def replay(
    calls: Iterable[CallRecord], toolbox: ToolboxLike, *, tolerance: float = 0.0
) -> Iterator[Replayed]:
    """Run stored calls again in order, under their own ids.

    Args:
        calls: as stored; calls that never ran (refused by the check) are left out.
        toolbox: on the same data and seed; graphs it makes get new versions, which later calls then use.
        tolerance: relative difference that still counts as the same; zero on the same machine.
    """
    renamed: dict[str, str] = {}
    for record in calls:
        args = {k: _renamed(v, renamed) for k, v in record.args.items()}
        kind = (record.error or {}).get("kind")
        if not record.ok and (kind in REFUSED or toolbox.check(record.tool, args)):
            continue
        outcome = toolbox.run(record.id, record.tool, args)
        renamed.update(zip(record.graphs, outcome.graphs, strict=False))
        if outcome.ok and record.ok:
            before = {k: _of(v, renamed) for k, v in stored_facts(record.result or {}).items()}
            found = tuple(_compare(before, fresh_facts(outcome.result), tolerance))
            yield Replayed(record.id, record.tool, not found, found)
        else:
            error = "" if outcome.ok else str(getattr(outcome.error, "message", outcome.error))
            yield Replayed(record.id, record.tool, outcome.ok == record.ok, error=error)


def stored_facts(result: Mapping[str, Any]) -> dict[str, Values]:
    """Facts of a result as the memory holds it."""
    return {f["key"]: (f["value"], f.get("low"), f.get("high")) for f in result.get("facts", ())}


def fresh_facts(result: Any) -> dict[str, Values]:
    """Facts of a result as a tool returned it, with NaN as the memory would hold it."""
    return {f.key: (_stored(f.value), _stored(f.low), _stored(f.high)) for f in result.facts}


def _stored(value: Scalar) -> Scalar:
    finite = not isinstance(value, float) or (value == value and abs(value) != float("inf"))
    return value if finite else None


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, list | tuple):
        return [_renamed(v, names) for v in value]
    return names.get(value, value) if isinstance(value, str) else value


def _of(values: Values, names: Mapping[str, str]) -> Values:
    first, low, high = values
    return _renamed(first, names), low, high


def _compare(
    before: Mapping[str, Values], after: Mapping[str, Values], tolerance: float
) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if (
            old is None
            or new is None
            or not all(_same(a, b, tolerance) for a, b in zip(old, new, strict=True))
        ):
            yield Difference(key, old, new)


def _same(a: Scalar, b: Scalar, tolerance: float) -> bool:
    if isinstance(a, int | float) and isinstance(b, int | float) and not isinstance(a, bool | str):
        return a == b or abs(a - b) <= tolerance * max(abs(a), abs(b))
    return a == b
