"""The ``ccp`` command.  Nothing heavier than the standard library and typer is imported at module level."""

from __future__ import annotations


def main() -> None:
    """Entry point of the installed script."""
    import sys

    from causalcopilot.cli.app import run

    sys.exit(run(sys.argv[1:]))
