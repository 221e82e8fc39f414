"""Writing the user's own configuration file, one value at a time."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

from causalcopilot.errors import ConfigError, nearest
from causalcopilot.settings import Settings, home, read_setting, read_toml


def set_user_setting(name: str, value: str) -> Path:
    """Write one setting; empty ``value`` takes it away.  The file is replaced at once and readable by its owner only.

    Comments in the file are not kept.

    Returns:
        the file.

    Raises:
        ConfigError: no such setting, a value that does not fit it, or a file that cannot be written.
    """
    known = [f.name for f in fields(Settings)]
    if name not in known:
        close = nearest(name, known)
        raise ConfigError(
            f"there is no setting {name!r}",
            f"did you mean {close[0]!r}?" if close else f"settings: {', '.join(known)}",
        )
    path = home("config") / "config.toml"
    values = dict(read_toml(path)) if path.is_file() else {}
    if value:
        checked: Any = read_setting(name, value, "ccp config set")
        values[name] = str(checked) if isinstance(checked, Path) else checked
    else:
        values.pop(name, None)
    try:
        _replace(path, "".join(f"{k} = {_toml(v)}\n" for k, v in values.items()))
    except OSError as e:
        raise ConfigError(
            f"{path} cannot be written: {e.strerror}", "look at its folder's permissions"
        ) from e
    return path


def _toml(value: Any) -> str:
    """A scalar as TOML: its strings are JSON's, its booleans and numbers too."""
    return json.dumps(value, ensure_ascii=False)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent)  # made with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
