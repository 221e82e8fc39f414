"""What ``ccp tools check`` looks at: may these tools be let near a model?"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from causalcopilot.toolkit.registry import GROUPS, Problem, Registry, load_tools
from causalcopilot.toolkit.result import DiscoverResult, EstimateResult, Result
from causalcopilot.toolkit.shape import shape_of
from causalcopilot.toolkit.tool import Parameter, Tool, always

FORBIDDEN = frozenset(
    "path paths file files filename folder directory dir url uri link host sql query code script command "
    "shell expression eval exec template".split()
)
"""Words in a parameter's name that say a model could reach files, networks, databases or code through it."""
CONDITIONAL = ("discovery", "effects", "refutation")
"""Groups whose methods rest on assumptions that a reader must be told."""
NAME = re.compile(r"^[a-z][a-z0-9_]{0,63}$")


def check_plugins(registry: Registry | None = None) -> list[Problem]:
    """Everything wrong with the installed tools: what kept some from loading, and the faults of the rest.

    ``error``: the tool cannot be offered to a model.  ``warning``: it works, but says too little of itself.
    """
    registry = load_tools() if registry is None else registry
    found = list(registry.problems)
    for tool in registry:
        found += check_tool(tool, registry.origins.get(tool.name, tool.name))
    return found


def check_tool(tool: Tool, plugin: str = "") -> list[Problem]:
    """The faults of one tool."""
    plugin = plugin or tool.name
    errors = [Problem(plugin, f"{tool.name}: {text}") for text in _errors(tool)]
    return errors + [Problem(plugin, f"{tool.name}: {text}", "warning") for text in _warnings(tool)]


def _errors(tool: Tool) -> Iterator[str]:
    if not NAME.match(tool.name):
        yield "the name must be lower-case letters, digits and _"
    for p in tool.parameters:
        yield from _parameter_errors(p)
    try:
        inspect.signature(tool.applies).bind(None, None)
    except TypeError:
        yield "applies must take (profile, question)"
    if tool.where not in ("worker", "parent"):
        yield f"where must be 'worker' or 'parent', not {tool.where!r}"
    if tool.deadline <= 0:
        yield "the deadline must be positive"


def _parameter_errors(parameter: Parameter) -> Iterator[str]:
    bad = FORBIDDEN & set(parameter.name.lower().split("_"))
    if bad:
        yield f"argument {parameter.name}: a tool takes no {min(bad)} from a model"
    try:
        shape_of(parameter.annotation)
    except TypeError as error:
        yield f"argument {parameter.name}: {error}"


def _warnings(tool: Tool) -> Iterator[str]:
    if tool.group not in GROUPS:
        yield f"group {tool.group!r} is not one of {', '.join(GROUPS)}"
    if issubclass(tool.returns, DiscoverResult | EstimateResult) and tool.applies is always:
        yield "declares no conditions (applies)"
    if tool.group in CONDITIONAL and not (tool.card.assumes and tool.card.source):
        yield "its card names no assumptions or no source"
    for p in tool.parameters:
        try:
            shape = shape_of(p.annotation)
        except TypeError:
            continue
        if shape.kind in ("integer", "number") and shape.bounds is None:
            yield f"argument {p.name} has no Bounds"


def hello(context: object) -> Result:
    """Answer from the worker: it lives and can import ccp."""
    return Result("ready")
