"""The style sheets that ship beside this file: ``page`` for the HTML report, ``figure`` for drawings."""

from __future__ import annotations

from functools import cache
from importlib.resources import files


@cache
def stylesheet(name: str) -> str:
    """A style sheet on one line, ready to be put into a file."""
    text = (files("causalcopilot") / "report" / f"{name}.css").read_text(encoding="utf-8")
    return "".join(line.strip() for line in text.splitlines())
