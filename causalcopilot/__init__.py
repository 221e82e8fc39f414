"""ccp: a causal analyst in the terminal, in a script, in a notebook.

``analyze`` and ``ask`` are imported on first use, so that ``import causalcopilot`` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # read as true by type checkers; importing ``typing`` would be most of what this costs
if TYPE_CHECKING:
    from typing import Any

    from causalcopilot.api import Analysis, analyze, ask

__version__ = "0.1.0"
__all__ = ["Analysis", "__version__", "analyze", "ask"]


def __getattr__(name: str) -> Any:
    if name in ("Analysis", "analyze", "ask"):
        from causalcopilot import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
