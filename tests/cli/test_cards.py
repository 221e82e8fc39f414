"""Cards of methods: every method a tool can be told to use is shown with what it assumes."""

from __future__ import annotations

from typing import get_args

from causalcopilot.cli.cards import method_lines, method_text, methods_text, owner_of
from causalcopilot.toolkit.registry import load_tools
from causalcopilot.toolkit.tool import Card
from causalcopilot_tools.discovery.discover import Method


def test_discover_shows_a_card_for_every_method() -> None:
    discover = load_tools().get("discover")
    assert set(discover.methods()) == set(get_args(Method)) - {"auto"}
    text = "\n".join(methods_text(discover))
    for name, card in discover.methods().items():
        assert f"\n  {name}\n" in text
        assert isinstance(card, Card)
    assert text.count("Assumes:") == text.count("Source:") == len(discover.methods())


def test_a_method_is_shown_by_its_own_name() -> None:
    tools = load_tools()
    owner = owner_of("ges", tools)
    assert owner is not None
    assert owner.name == "discover"
    text = method_text("ges", owner)
    assert text.startswith("ges (method of discover)")
    assert text.endswith("--method ges")
    assert owner_of("no_such_method", tools) is None


def test_tools_without_methods_add_no_line() -> None:
    tools = load_tools()
    assert not list(method_lines([tools.get("profile")]))
    assert list(methods_text(tools.get("profile"))) == []
    assert any("methods of discover" in line for line in method_lines(tools))
