"""The answer to which mechanisms change between domains."""

from __future__ import annotations

from causalcopilot.agent.expert.narrative.words import called, count, failure, paragraphs
from causalcopilot.agent.expert.state import State


def domains(state: State) -> str:
    """Which mechanisms differ between domains, which are alike, and which stay open."""
    d = state.last("changes")
    if d is None:
        return failure(state)
    title = {
        "changed": "Columns with a mechanism that differs:",
        "open": "Left open:",
        "same": "Alike in all domains, as far as the tests go:",
    }
    parts = []
    for key, words in title.items():
        lines = [
            f"- {called(d, k)}: corrected p-value {d.ref(f'{k}.p_value')}, given {d.ref(f'{k}.causes')}"
            + (f"; what differs: {d.ref(f'{k}.how')}." if key == "changed" else ".")
            for k in d.numbered(key)[:20]
        ]
        parts += [words, "\n".join(lines)] if lines else []
    return paragraphs(
        f"Which mechanisms change with {d.ref('domain')}? Of {count(d, 'tested', 'column')} on {d.ref('n')} rows and"
        f" {d.ref('domains')} domains: {d.ref('changed')} yes, {d.ref('open')} open, {d.ref('same')} no.",
        *parts,
        "A mechanism is how a column depends on its parents in the graph"
        + (f" {d.ref('graph')}" if d.value("graph") else "")
        + ", in straight lines. The answer rests on that graph and on there being no hidden common causes.",
    )
