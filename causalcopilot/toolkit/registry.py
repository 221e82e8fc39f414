"""Finding tools: ours and third parties' come in by the same door, the entry-point group ``ccp.tools``.

An entry point names a module (every ``Tool`` defined in it is taken) or one ``Tool`` as ``module:attribute``.
A plugin that cannot be loaded is recorded as a problem and skipped; it never stops ccp.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Literal

from causalcopilot.errors import UsageError, nearest
from causalcopilot.toolkit.shape import shape_of
from causalcopilot.toolkit.tool import Tool

GROUP = "ccp.tools"
OURS = "causalcopilot_tools"
GROUPS = ("profiling", "discovery", "structure", "effects", "refutation", "explain")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a plugin; ``error`` when a tool is left out, ``warning`` when it still works."""

    plugin: str
    message: str
    level: Literal["error", "warning"] = "error"

    @property
    def told(self) -> str:
        """One line for whoever would have used it."""
        return f"the tools of {self.plugin!r} are left out: {self.message}; see: ccp tools check"


@dataclass(frozen=True)
class Registry:
    """The tools of this process, in the order a model sees them.

    Attributes:
        tools: tools by name.
        problems: plugins and tools that were left out, and why.
        origins: entry-point name each tool came from.
    """

    tools: dict[str, Tool] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    origins: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, *tools: Tool) -> Registry:
        """A registry of exactly these tools (tests, embedding)."""
        return cls({t.name: t for t in tools})

    @property
    def names(self) -> tuple[str, ...]:
        """Tool names in order."""
        return tuple(self.tools)

    def get(self, name: str) -> Tool:
        """The tool of this name; ``UsageError`` with the nearest names if there is none."""
        if name in self.tools:
            return self.tools[name]
        close = nearest(name, self.names)
        hint = f"did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
        raise UsageError(f"no tool {name!r}", hint or f"tools: {', '.join(self.names)}")

    @property
    def private(self) -> frozenset[str]:
        """Names of the tools that answer with values of single rows."""
        return frozenset(t.name for t in self if t.private)

    def public(self) -> Registry:
        """The tools whose answers an online model may be told."""
        kept = {n: t for n, t in self.tools.items() if not t.private}
        return Registry(kept, self.problems, {n: o for n, o in self.origins.items() if n in kept})

    def __iter__(self) -> Iterator[Tool]:
        return iter(self.tools.values())

    def __len__(self) -> int:
        return len(self.tools)

    def __contains__(self, name: object) -> bool:
        return name in self.tools


def load_tools(plugins: str | None = None, points: Iterable[EntryPoint] | None = None) -> Registry:
    """Load every tool there is.

    Args:
        plugins: which third parties' tools to load, as a comma list of entry-point or package names; empty
            for none.  ``None`` takes ``CCP_PLUGINS``, and where that is not set, all.
        points: entry points to read instead of the installed ones.
    """
    chosen = os.environ.get("CCP_PLUGINS") if plugins is None else plugins
    found = entry_points(group=GROUP) if points is None else points
    ours = [p for p in found if is_ours(p)]
    theirs = sorted((p for p in found if not is_ours(p) and _selected(p, chosen)), key=lambda p: p.name)
    tools: dict[str, Tool] = {}
    origins: dict[str, str] = {}
    problems: list[Problem] = []
    for point in (*ours, *theirs):
        for tool in _tools_of(point, problems):
            fault = _fault(tool, tools.get(tool.name), origins.get(tool.name, ""))
            if fault:
                problems.append(Problem(point.name, fault))
            elif tool.name not in tools:
                tools[tool.name], origins[tool.name] = tool, point.name
    ranked = sorted(tools.values(), key=lambda t: GROUPS.index(t.group) if t.group in GROUPS else len(GROUPS))
    return Registry({t.name: t for t in ranked}, tuple(problems), origins)


def is_ours(point: EntryPoint) -> bool:
    """Whether an entry point belongs to ccp's own tools."""
    return point.module.partition(".")[0] == OURS


def _selected(point: EntryPoint, chosen: str | None) -> bool:
    if chosen is None:
        return True
    wanted = {c.strip() for c in chosen.split(",")}
    return point.name in wanted or (point.dist is not None and point.dist.name in wanted)


def _tools_of(point: EntryPoint, problems: list[Problem]) -> list[Tool]:
    """The tools behind one entry point; whatever goes wrong in foreign code becomes a problem."""
    try:
        loaded = point.load()
    except (Exception, SystemExit) as error:
        problems.append(Problem(point.name, f"cannot be loaded: {type(error).__name__}: {error}"))
        return []
    if isinstance(loaded, Tool):
        return [loaded]
    own = (
        [t for t in vars(loaded).values() if isinstance(t, Tool) and t.function.__module__ == loaded.__name__]
        if isinstance(loaded, ModuleType)
        else []
    )
    if not own:
        problems.append(Problem(point.name, f"{point.value} holds no tool"))
    return own


def _fault(tool: Tool, present: Tool | None, owner: str) -> str:
    """Why a tool cannot be taken, or empty."""
    if present is not None and present.target != tool.target:
        return f"the name {tool.name!r} is already taken by {owner}"
    for p in tool.parameters:
        try:
            shape_of(p.annotation)
        except TypeError as error:
            return f"{tool.name}: argument {p.name}: {error}"
    return ""
