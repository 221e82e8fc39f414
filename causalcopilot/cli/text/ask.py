"""The ``ask`` document for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from causalcopilot.cli.text.layout import paragraph
from causalcopilot.cli.text.numbers import ranged


def ask_text(document: Mapping[str, Any]) -> str:
    """The ``ask`` document for people."""
    head, body = headline(document), [paragraph(p) for p in document["text"].split("\n\n")]
    return "\n\n".join([head, *body] if head else body)


def headline(document: Mapping[str, Any]) -> str:
    """The answer in one line: yes or no, the number with its interval, the verdict; empty where there is none."""
    head = []
    if isinstance(document["answer"], str):
        head.append(document["answer"])
    if document["value"] is not None:
        unit = document.get("unit") or ""
        told, ends = ranged(document["value"], document["low"], document["high"], unit)
        head.append(f"{told} ({ends})" if ends else told)
    if document["verdict"]:
        head.append(f"verdict: {document['verdict']}")
    return " · ".join(head)
