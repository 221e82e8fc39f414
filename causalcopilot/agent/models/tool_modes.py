"""Which models were found to have no tool calling, so that a later run does not have to find it out again.

A small JSON file in the user's state folder: address and model to the mode.  It holds no key and no data.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from causalcopilot.settings import home

if TYPE_CHECKING:
    from causalcopilot.agent.models.settings import ModelSettings

KEPT = 200
"""Endpoints kept; the oldest go first."""


def modes_file() -> Path:
    """Where the modes are kept."""
    return home("state") / "tool_modes.json"


def endpoint(settings: ModelSettings) -> str:
    """Address and model, without a user name or password that the address may hold."""
    url = urlsplit(settings.base_url)
    port = f":{url.port}" if url.port else ""
    address = f"{url.scheme}://{url.hostname}{port}{url.path}".rstrip("/") if url.hostname else ""
    return f"{address} {settings.name}".strip()


def speaks_text(settings: ModelSettings) -> bool:
    """Whether this model was found to need Thought / Action text."""
    return _read().get(endpoint(settings)) == "text"


def remember(settings: ModelSettings, text: bool) -> None:
    """Keep what was found out; a model that has tools needs no entry.

    A folder that cannot be written is no reason to stop a run: the next one finds out again.
    """
    known, key = _read(), endpoint(settings)
    if (known.pop(key, None) == "text") == text:
        return
    if text:
        known[key] = "text"
    kept = dict(list(known.items())[-KEPT:])
    with contextlib.suppress(OSError):
        _replace(modes_file(), json.dumps(kept, indent=1))


def _read() -> dict[str, str]:
    try:
        found = json.loads(modes_file().read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
