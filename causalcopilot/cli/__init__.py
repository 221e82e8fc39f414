"""The ``ccp`` command.  Nothing heavier than the standard library and typer is imported at module level."""

from __future__ import annotations


def main() -> None:
    """Entry point of the installed script."""
    import sys

    try:
        from causalcopilot.interrupts import never_lost

        never_lost()
        from causalcopilot.cli.app import run

        code = run(sys.argv[1:])
        import signal

        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the outcome stands; only the leaving is left
    except KeyboardInterrupt:  # while the first modules load, or again while the first one is answered
        print("error: interrupted", file=sys.stderr)
        code = 130
    sys.exit(code)
