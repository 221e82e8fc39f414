"""What the global options say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from causalcopilot.settings import Sourced


@dataclass(frozen=True)
class Globals:
    """Global options as given.

    Attributes:
        flags: settings given as flags; ``None`` where not given.
        json: print one JSON document.
        events: where the NDJSON stream goes, ``-`` for standard output.
        quiet, yes, verbose, show_prompt: as the flags say.
        words: the command line as it was typed.
    """

    flags: Mapping[str, Any] = field(default_factory=dict)
    json: bool = False
    events: str | None = None
    quiet: bool = False
    yes: bool = False
    verbose: bool = False
    show_prompt: bool = False
    words: tuple[str, ...] = ()

    def settings(self, **more: Any) -> Sourced:
        """All settings with their sources; ``more`` are flags of the command itself."""
        from causalcopilot.settings import load_settings

        return load_settings({**self.flags, **more})
