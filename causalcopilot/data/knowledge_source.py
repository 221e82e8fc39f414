"""Which knowledge goes with a table: a given file, one beside the table, or the card of a bundled data set."""

from __future__ import annotations

from pathlib import Path

from causalcopilot.data.catalogue import bundled
from causalcopilot.data.knowledge_file import read_knowledge
from causalcopilot.domain.knowledge import Knowledge


def knowledge_for(source: object, file: Path | None = None, use: bool = True) -> Knowledge:
    """The knowledge that goes with a source: the given file, else its sidecar, else its card, else none.

    One of them is taken whole; they are not mixed.  ``sales.csv``, ``sales.csv.gz`` and ``sales.duckdb::t`` have
    the sidecar ``sales.toml``.  ``use=False`` is ``--no-knowledge``.

    Raises:
        KnowledgeError: the file cannot be used.
    """
    if not use:
        return Knowledge()
    if file is not None:
        return read_knowledge(file)
    if not isinstance(source, str) or source == "-":
        return Knowledge()
    if source.startswith("dataset:"):
        return bundled(source.removeprefix("dataset:")).card
    path = sidecar(source)
    return read_knowledge(path) if path.is_file() else Knowledge()


def sidecar(source: str) -> Path:
    """Where the knowledge file of a table file is looked for."""
    path = Path(source.rpartition("::")[0] if "::" in source else source)
    if path.suffix.lower() == ".gz":
        path = path.with_suffix("")
    return path.with_suffix(".toml")
