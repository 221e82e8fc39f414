"""Every error ccp raises on purpose.

CcpError                      1   something went wrong in an analysis
├── UsageError                2   the command or an argument is wrong
│   ├── ColumnNotFound        2   a named column is not in the table
│   ├── GraphNotFound         2   a named graph is not in the memory
│   ├── RunNotFound           2   a run id is unknown or ambiguous
│   ├── KnowledgeError        2   a knowledge file or graph text cannot be used
│   └── NotApplicable         2   a tool does not apply to this data or question
├── DataError                 3   the table cannot be read or used
├── NotIdentified             4   the effect does not follow from data and assumptions
├── GateFailed                5   a --fail-on condition holds
├── ModelError                6   the language model or the network failed
├── LimitReached              7   steps, tokens, seconds or memory ran out
│   ├── ToolTimeout           7   one tool ran past its deadline
│   └── ToolOutOfMemory       7   one tool needed more than its ceiling
├── MemoryBusy                8   another program holds the memory file
├── MemoryUnreadable          1   the memory file is damaged or from a newer ccp
├── ToolFailed                1   a tool raised an error of its own (our bug)
├── ToolCrashed               1   a tool ended its process
├── ConfigError              78   a setting is missing or wrong
└── Interrupted             130   the user stopped the run

An error says what is wrong in one line (``message``) and what to do next in one line (``hint``).
``kind`` is the stable name that ``--json`` prints.
"""

from __future__ import annotations

from typing import ClassVar


class CcpError(Exception):
    """Base of all deliberate errors: message, hint, kind and exit code."""

    kind: ClassVar[str] = "analysis_failed"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __reduce__(self) -> tuple[type[CcpError], tuple[str, str]]:
        return type(self), (self.message, self.hint)

    def to_json(self) -> dict[str, object]:
        """The error as ``--json`` prints it."""
        return {"kind": self.kind, "message": self.message, "hint": self.hint, "exit": self.exit_code}


class UsageError(CcpError):
    """The command or an argument is wrong."""

    kind, exit_code = "usage", 2


class ColumnNotFound(UsageError):
    """A named column is not in the table, or the name is ambiguous."""

    kind = "column_not_found"


class GraphNotFound(UsageError):
    """A named graph is not in the memory."""

    kind = "graph_not_found"


class RunNotFound(UsageError):
    """A run id is unknown, or its prefix fits several runs."""

    kind = "run_not_found"


class KnowledgeError(UsageError):
    """A knowledge file, graph file or graph text cannot be used."""

    kind = "knowledge"


class NotApplicable(UsageError):
    """A tool's declared conditions do not hold for this data or question."""

    kind = "not_applicable"


class DataError(CcpError):
    """The table cannot be read or used."""

    kind, exit_code = "data_unusable", 3


class NotIdentified(CcpError):
    """The causal quantity does not follow from the data and the stated assumptions."""

    kind, exit_code = "not_identified", 4


class GateFailed(CcpError):
    """A ``--fail-on`` condition holds."""

    kind, exit_code = "gate_failed", 5


class ModelError(CcpError):
    """The language model or the network failed."""

    kind, exit_code = "model", 6


class LimitReached(CcpError):
    """Steps, tokens, seconds or memory ran out."""

    kind, exit_code = "limit", 7


class ToolTimeout(LimitReached):
    """One tool ran past its deadline."""

    kind = "tool_timeout"


class ToolOutOfMemory(LimitReached):
    """One tool needed more memory than its ceiling."""

    kind = "tool_memory"


class MemoryBusy(CcpError):
    """Another program holds the memory file."""

    kind, exit_code = "memory_busy", 8


class MemoryUnreadable(CcpError):
    """The memory file is damaged or was written by a newer ccp."""

    kind = "memory_unreadable"


class ToolFailed(CcpError):
    """A tool raised an error that it did not mean to raise: our bug, or a library's."""

    kind = "tool_failed"

    def __init__(self, message: str, hint: str = "", trace: str = "") -> None:
        super().__init__(message, hint)
        self.trace = trace

    def __reduce__(self) -> tuple[type[ToolFailed], tuple[str, str, str]]:  # type: ignore[override]
        return type(self), (self.message, self.hint, self.trace)


class ToolCrashed(CcpError):
    """A tool ended its process."""

    kind = "tool_crashed"


class ConfigError(CcpError):
    """A setting is missing or wrong."""

    kind, exit_code = "config", 78


class Interrupted(CcpError):
    """The user stopped the run; what was finished is kept."""

    kind, exit_code = "interrupted", 130


def nearest(word: str, known: list[str] | tuple[str, ...], count: int = 3) -> list[str]:
    """The known words most like ``word``, best first; case differences cost nothing."""
    from difflib import get_close_matches

    lower: dict[str, list[str]] = {}
    for k in known:
        lower.setdefault(k.lower(), []).append(k)
    hits = get_close_matches(word.lower(), list(lower), n=count, cutoff=0.6)
    return [k for h in hits for k in lower[h]][:count]
