"""What of a command line a report keeps, so that it can be typed again: all that changes what is found."""

from __future__ import annotations

from collections.abc import Sequence

TYPED = ("analyze", "ask", "discover", "estimate")
"""Commands that their own words give again; others go back to a run of this memory, or are turns of a chat."""
_SHOWN = frozenset("--json --quiet --yes --verbose -v --show-prompt --no-stream".split())
_SHOWN_WITH = frozenset(
    "--events --color --memory --timeout --max-memory -o --output -f --format --fail-on --base-url".split()
)


def spoken(words: Sequence[str]) -> list[str]:
    """The words without the options that only say how and where a result is shown and kept.

    An address of a server is left out too: it may hold a password.
    """
    kept: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return [*kept, word, *rest]
        name = word.split("=", 1)[0]
        if word in _SHOWN or (name in _SHOWN_WITH and "=" in word):
            continue
        if word in _SHOWN_WITH:
            next(rest, None)
            continue
        kept.append(word)
    return kept
