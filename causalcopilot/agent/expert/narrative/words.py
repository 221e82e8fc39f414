"""Words that every answer shares: names of columns, counts, and the plain statement that there is no answer."""

from __future__ import annotations

import re

from causalcopilot.agent.expert.state import Done, State
from causalcopilot.domain.run import REFUSED
from causalcopilot.domain.visible import clean
from causalcopilot.report.claims import looks_like_a_number


def paragraphs(*parts: str) -> str:
    """The parts that say something, as paragraphs."""
    return "\n\n".join(p for p in parts if p)


def column(name: str | None) -> str:
    """A column's name as prose shows it; a number for a name is called a column."""
    shown = clean(name) if name else ""
    if looks_like_a_number(shown):
        return f"column `{shown}`"
    return f"`{shown}`" if shown else "the column"


def called(done: Done, key: str) -> str:
    """A reference to a fact that holds a column's name."""
    name = str(done.value(key))
    short = any(c.isdigit() for c in name) and not re.search(r"[^\W\d_]{2}", name)
    return f"column {done.ref(key)}" if short or looks_like_a_number(name) else done.ref(key)


def count(done: Done, key: str, noun: str) -> str:
    """A reference to a count and its noun, in the singular for one."""
    return f"{done.ref(key)} {noun}" + ("" if done.value(key) == 1 else "s")


def failure(state: State) -> str:
    """That there is no answer, and which tools gave none."""
    failed = [d for d in state.done if not d.ok and d.kind not in REFUSED]
    if not failed:
        return "I cannot tell: no step of the analysis gave a result."
    newest = {d.tool: d for d in failed}
    return "I cannot tell. " + " ".join(f"{no_result(d)}" for d in newest.values())


def no_result(done: Done) -> str:
    """That a call which was run gave no result, and why."""
    return f"`{done.tool}` gave no result: {done.ref('why')}."
