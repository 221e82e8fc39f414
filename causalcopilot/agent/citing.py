"""Earlier calls of a conversation that a later turn stands on.

Call numbers run on through a conversation, so a follow-up may refer to a fact of an earlier turn.  The record of
the turn then holds that call too, with all it rests on: every run can be read, checked and replayed by itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from causalcopilot.domain.run import CallRecord

_REFERENCE = re.compile(r"\{\s*(t\d+)\.")


def earlier_calls(
    text: str, own: Iterable[CallRecord], past: Mapping[str, CallRecord]
) -> tuple[CallRecord, ...]:
    """The calls of earlier turns that ``text`` and the turn's ``own`` calls stand on, in order.

    An estimate that is cited comes with its refutations: it is never told without them.
    """
    wanted = {*_REFERENCE.findall(text)} & past.keys()
    wanted |= {c.id for c in past.values() if c.tool == "refute" and _builds_on(c, wanted)}
    for call in own:
        wanted |= _built_on(call, past)
    todo = list(wanted)
    while todo:
        below = _built_on(past[todo.pop()], past) - wanted
        wanted |= below
        todo += below
    return tuple(c for c in past.values() if c.id in wanted)


def _builds_on(call: CallRecord, ids: Collection[str]) -> bool:
    return any(isinstance(v, str) and v in ids for v in call.args.values())


def _built_on(call: CallRecord, past: Mapping[str, Any]) -> set[str]:
    return {v for v in call.args.values() if isinstance(v, str) and v in past}
