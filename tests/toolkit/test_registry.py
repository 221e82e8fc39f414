"""Loading tools by entry point: ours first, broken ones named and skipped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from causalcopilot.errors import UsageError
from causalcopilot.toolkit.check import check_plugins, check_tool
from causalcopilot.toolkit.context import Context
from causalcopilot.toolkit.registry import GROUP, Registry, load_tools
from causalcopilot.toolkit.result import Result
from causalcopilot.toolkit.tool import Column, tool


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, GROUP)


@pytest.fixture
def modules(plugin: Any) -> Iterator[dict[str, ModuleType]]:
    """A clashing and a raising plugin module."""
    clash = ModuleType("clash_plugin")

    @tool(group="effects")
    def measure(context: Context) -> Result:
        """Another measure."""
        return Result("")

    object.__setattr__(measure.function, "__module__", "clash_plugin")
    clash.measure = measure  # type: ignore[attr-defined]
    clash.learn = plugin.learn  # type: ignore[attr-defined]  # imported, hence not its own
    sys.modules["clash_plugin"] = clash
    yield {"clash": clash}
    del sys.modules["clash_plugin"]


def test_a_module_gives_all_its_tools(plugin: Any) -> None:
    registry = load_tools(points=[point("p", "plugin_tools")])
    assert set(registry.names) == {
        "picky",
        "everything",
        "learn",
        "measure",
        "here",
        "stumble_here",
        "nap",
        "fall",
    }
    assert registry.names[0] == "picky"
    assert registry.get("learn").target == "plugin_tools:learn"
    assert registry.problems == ()
    assert len(load_tools(points=[point("p", "plugin_tools:learn")])) == 1


def test_an_unknown_tool_is_told_with_the_nearest(plugin: Any) -> None:
    with pytest.raises(UsageError, match="no tool 'lern'") as caught:
        Registry.of(plugin.learn, plugin.measure).get("lern")
    assert caught.value.hint == "did you mean 'learn'?"


def test_broken_plugins_are_named_and_skipped(modules: object, tmp_path: Path, plugin: Any) -> None:
    registry = load_tools(
        points=[
            point("a_good", "plugin_tools"),
            point("b_clash", "clash_plugin"),
            point("c_missing", "no_such_module_here"),
            point("d_empty", "json"),
            point("e_attribute", "plugin_tools:nothing"),
        ]
    )
    assert registry.origins["measure"] == "a_good"
    said = {p.plugin: p.message for p in registry.problems}
    assert said["b_clash"] == "the name 'measure' is already taken by a_good"
    assert "ModuleNotFoundError" in said["c_missing"]
    assert said["d_empty"] == "json holds no tool"
    assert "AttributeError" in said["e_attribute"]


def test_third_parties_can_be_switched_off(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [point("one", "plugin_tools:learn"), point("two", "plugin_tools:measure")]
    assert load_tools("", points).names == ()
    assert load_tools("two,three", points).names == ("measure",)
    monkeypatch.setenv("CCP_PLUGINS", "one")
    assert load_tools(points=points).names == ("learn",)


def test_ours_come_first_whatever_the_selection(plugin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "causalcopilot_tools.fake", plugin)
    registry = load_tools("other", [point("fake", "causalcopilot_tools.fake:learn")])
    assert registry.names == ("learn",)


def test_a_tool_with_an_impossible_parameter_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    @tool(group="effects")
    def read(context: Context, path: str) -> Result:
        """Read a file.

        Args:
            path: where.
        """
        return Result("")

    module = ModuleType("reader")
    module.read = read  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "reader", module)
    registry = load_tools(points=[point("reader", "reader:read")])
    assert registry.names == ()
    assert "argument path: free text is not allowed" in registry.problems[0].message
    messages = [p.message for p in check_tool(read)]
    assert "read: argument path: a tool takes no path from a model" in messages


def test_check_tells_errors_and_warnings(plugin: Any) -> None:
    @tool(group="witchcraft", applies=lambda profile: None)  # type: ignore[arg-type,misc]
    def Divine(context: Context, sql_text: Column, depth: int = 1) -> Result:
        """Divine.

        Args:
            sql_text: a column.
            depth: how deep.
        """
        return Result("")

    told = {p.message: p.level for p in check_tool(Divine)}
    assert told == {
        "Divine: the name must be lower-case letters, digits and _": "error",
        "Divine: argument sql_text: a tool takes no sql from a model": "error",
        "Divine: applies must take (profile, question)": "error",
        "Divine: group 'witchcraft' is not one of profiling, discovery, structure, effects, refutation, "
        "explain": "warning",
        "Divine: argument depth has no Bounds": "warning",
    }
    assert [p.level for p in check_plugins(Registry.of(plugin.everything))] == []
    assert [(p.level, p.message) for p in check_plugins(Registry.of(plugin.measure))] == [
        ("warning", "measure: declares no conditions (applies)"),
        ("warning", "measure: its card names no assumptions or no source"),
    ]


def test_the_installed_tools_pass_their_own_check() -> None:
    """S8 over everything that is installed: no tool lets a model name a path, URL, SQL or code."""
    registry = load_tools("")
    faults = [p for tool in registry for p in check_tool(tool) if p.level == "error"]
    assert faults == []
