"""Whether the names that knowledge uses are those of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from causalcopilot.data.names import listed, resolve
from causalcopilot.domain.knowledge import Knowledge
from causalcopilot.domain.profile import Notice
from causalcopilot.errors import ColumnNotFound, KnowledgeError


def check_knowledge(knowledge: Knowledge, columns: Sequence[str]) -> tuple[Notice, ...]:
    """Every name the knowledge uses must be a column or a latent; what is merely unusual is told.

    Raises:
        KnowledgeError: a name is neither; the hint names the nearest.
    """
    latents = set(knowledge.latents)
    for name in _names(knowledge):
        if name not in latents:
            _require(name, columns)
    _check_graph(knowledge, columns)
    hidden = [n for n in knowledge.latents if n in columns]
    if hidden:
        text = f"called latent, yet the table has {listed(hidden)}; not used"
        return (Notice("latent_in_table", text, tuple(hidden), "knowledge"),)
    return ()


def _names(knowledge: Knowledge) -> list[str]:
    question = knowledge.question
    names = [c.name for c in knowledge.columns]
    names += [name for pair in (*knowledge.forbidden, *knowledge.required) for name in pair]
    names += [name for name in (question.treatment, question.outcome) if name]
    return list(dict.fromkeys(names))


def _require(name: str, columns: Sequence[str]) -> None:
    try:
        found = resolve(name, columns)
    except ColumnNotFound as e:
        raise KnowledgeError(f"the knowledge names {name!r}, which the table does not have", e.hint) from e
    if found != name:
        raise KnowledgeError(
            f"the knowledge names {name!r}, but the column is {found!r}", "spell it the same way"
        )


def _check_graph(knowledge: Knowledge, columns: Sequence[str]) -> None:
    if not knowledge.graph:
        return
    from causalcopilot.graph.formats import from_dagitty

    graph = from_dagitty(knowledge.graph)
    hidden: Mapping[str, None] = dict.fromkeys((*graph.latents, *knowledge.latents))
    for node in graph.nodes:
        if node not in hidden:
            _require(node, columns)
