"""For tests of agents and plugins: a scripted server (``Loopback``) and a scripted model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from causalcopilot.testing.loopback import Fault, Loopback, Reply, calls

if TYPE_CHECKING:
    from causalcopilot.testing.scripted import ScriptedModel

__all__ = ["Fault", "Loopback", "Reply", "ScriptedModel", "calls"]


def __getattr__(name: str) -> Any:
    """``ScriptedModel`` on demand: it imports langchain-core, the server does not."""
    if name == "ScriptedModel":
        from causalcopilot.testing.scripted import ScriptedModel

        return ScriptedModel
    raise AttributeError(name)
