"""Prompt texts: Markdown files with typed keys, ``{{tools}}``; words change without touching code."""

from __future__ import annotations

import re

from causalcopilot.resources import resource_dir

_KEY = re.compile(r"\{\{(\w+)\}\}")


def load_prompt(name: str, **values: str) -> str:
    """The prompt ``name`` with every key filled in.

    Raises:
        ValueError: a key of the text is not given, or a given one does not occur in it.
    """
    text = (resource_dir("prompts") / f"{name}.md").read_text("utf-8").strip()
    wanted = set(_KEY.findall(text))
    if wanted != set(values):
        missing, unknown = sorted(wanted - set(values)), sorted(set(values) - wanted)
        raise ValueError(f"prompt {name}: missing keys {missing}, unknown keys {unknown}")
    return _KEY.sub(lambda m: values[m[1]], text)
