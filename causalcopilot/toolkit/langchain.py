"""The tools as LangChain tools, so that they work in any LangChain agent (``create_agent(model, tools)``)."""

from __future__ import annotations

import itertools
import threading
from typing import TYPE_CHECKING, Any

from causalcopilot.toolkit.toolbox import Toolbox

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool


def as_langchain_tools(toolbox: Toolbox) -> list[StructuredTool]:
    """One ``StructuredTool`` per tool; its content is the outcome's JSON, its artifact the ``Outcome``.

    A failed call comes back as content too, because an agent that meets an exception ends its run.  Calls
    take their turn: agents call tools from several threads, the worker runs one at a time.  The schemas show
    columns, graphs and calls as they are now; the check behind them always knows the latest.
    """
    from langchain_core.tools import StructuredTool

    turn, numbers = threading.Lock(), itertools.count(1)

    def bound(name: str) -> Any:
        def run(**arguments: Any) -> tuple[str, Any]:
            with turn:
                call = next(f"t{n}" for n in numbers if f"t{n}" not in toolbox.results)
                outcome = toolbox.run(call, name, arguments)
            return outcome.content, outcome

        return run

    return [
        StructuredTool(
            name=f["name"],
            description=f["description"],
            args_schema=f["parameters"],
            func=bound(f["name"]),
            response_format="content_and_artifact",
        )
        for f in (spec["function"] for spec in toolbox.specs())
    ]
