"""The ``ccp`` command.  Nothing heavier than the standard library and typer is imported at module level."""

from __future__ import annotations


def main() -> None:
    """Entry point of the installed script."""
    import sys

    kept = "no run had begun, so nothing is kept"
    try:
        from causalcopilot.interrupts import deafen, hear

        hear()
        from causalcopilot.cli.app import run

        kept = "what was finished is kept; see: ccp run list"
        code = run(sys.argv[1:])
        deafen()
    except KeyboardInterrupt:  # while the first modules load, or again while the first one is answered
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print(f"error: interrupted\nhint:  {kept}", file=sys.stderr)
        code = 130
    sys.exit(code)
