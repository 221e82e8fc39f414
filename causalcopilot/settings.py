"""Settings and where each value comes from.

Precedence: flag > ``CCP_*`` variable > project ``ccp.toml`` > user file > built-in default.

A project file (the nearest ``ccp.toml`` in a parent folder, the search stops at a ``.git``) comes with a
repository somebody else may have written, so it cannot set what would redirect data or run code: model,
base URL, key, plugins, approval, or a memory outside its own folder.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from causalcopilot.errors import ConfigError, nearest

LARGEST = 2**31 - 1
"""Of a whole number: what every library's seed and the memory's columns hold."""
FORBIDDEN_IN_PROJECT = ("model", "base_url", "api_key", "plugins", "approve", "tool_mode")


@dataclass(frozen=True)
class Settings:
    """Every setting of a run.

    Attributes:
        model: ``expert`` (built in) or a model name such as ``openai:NAME``.
        base_url: address of an OpenAI-compatible server.
        api_key: its key; never printed.
        tool_mode: how an online model calls tools.
        stream: whether answers are streamed.
        memory: the memory file; ``None`` is the project's or the user's own.
        seed: seed of all randomness.
        timeout: seconds one tool may take, or ``None`` for the tool's own deadline.
        max_seconds: seconds a whole run may take.
        max_memory: megabytes a tool may take, 0 for no ceiling.
        max_steps: turns of the loop.
        max_tokens: tokens of a run, 0 for no limit.
        offline: refuse any online model.
        privacy: ``names`` sends column names, ``aliases`` sends v1 … vn.
        share_levels: send category labels that at least ten rows share.
        strict: hold back answers that do not check; raise on internal errors.
        color: ``auto``, ``always`` or ``never``.
        price_in, price_out: money per million tokens sent and received; without both no costs are shown.
    """

    model: str = "expert"
    base_url: str = ""
    api_key: str = field(default="", repr=False)
    tool_mode: Literal["auto", "native", "text"] = "auto"
    stream: bool = True
    memory: Path | None = None
    seed: int = 0
    timeout: float | None = None
    max_seconds: float = 1800.0
    max_memory: int = 0
    max_steps: int = 24
    max_tokens: int = 0
    offline: bool = False
    privacy: Literal["names", "aliases"] = "names"
    share_levels: bool = False
    strict: bool = False
    color: Literal["auto", "always", "never"] = "auto"
    price_in: float | None = None
    price_out: float | None = None


@dataclass(frozen=True)
class Sourced:
    """Settings with the source of each value: ``flag``, ``CCP_…``, a file path, or ``default``."""

    settings: Settings
    sources: Mapping[str, str]
    project: Path | None = None

    def memory_path(self) -> Path:
        """The memory file in force: ``--memory``, the project's ``.ccp/``, or the user's data folder."""
        if self.settings.memory is not None:
            return self.settings.memory
        if self.project is not None:
            return self.project.parent / ".ccp" / "memory.duckdb"
        return home("data") / "memory.duckdb"


def home(kind: Literal["config", "data", "state"]) -> Path:
    """The user's folder of that kind; ``CCP_HOME`` moves all of them."""
    if root := os.environ.get("CCP_HOME"):
        return Path(root) / kind
    import platformdirs

    return Path(getattr(platformdirs, f"user_{kind}_dir")("ccp", appauthor=False))


def load_settings(flags: Mapping[str, Any] | None = None, *, start: Path | None = None) -> Sourced:
    """Read all sources; raises ``ConfigError`` naming the key and the source that is wrong."""
    settings, sources = Settings(), {f.name: "default" for f in fields(Settings)}
    project = find_project(start or Path.cwd())
    layers: list[tuple[str, Mapping[str, Any]]] = []
    user = home("config") / "config.toml"
    if user.is_file():
        layers.append((str(user), read_toml(user)))
    if project is not None:
        layers.append((str(project), _project_values(project)))
    layers.append(("", {k[4:].lower(): v for k, v in os.environ.items() if k.startswith("CCP_")}))
    layers.append(("flag", {k: v for k, v in (flags or {}).items() if v is not None}))
    for source, values in layers:
        for key, raw in values.items():
            if key not in sources:
                if source in ("", "flag"):
                    continue  # CCP_HOME, CCP_PLUGINS and the like are read elsewhere
                close = nearest(key, list(sources))
                raise ConfigError(
                    f"{source} has no setting {key!r}",
                    f"did you mean {close[0]!r}?" if close else f"settings: {', '.join(sources)}",
                )
            name = source or f"CCP_{key.upper()}"
            settings = replace(settings, **{key: read_setting(key, raw, name)})
            sources[key] = name
    return Sourced(settings, sources, project)


def find_project(start: Path) -> Path | None:
    """The nearest ``ccp.toml`` upwards from ``start``; a ``.git`` ends the search."""
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / "ccp.toml").is_file():
            return folder / "ccp.toml"
        if (folder / ".git").exists():
            return None
    return None


def read_toml(path: Path) -> Mapping[str, Any]:
    """The values of a configuration file; ``ConfigError`` where it cannot be read."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as e:
        raise ConfigError(f"{path} cannot be read: {e}", "fix the file or move it away") from e


def _project_values(project: Path) -> Mapping[str, Any]:
    values = dict(read_toml(project))
    for key in FORBIDDEN_IN_PROJECT:
        if key in values:
            raise ConfigError(
                f"{project} may not set {key!r}: a project file must not redirect data",
                "set it with a flag, a CCP_ variable or your own config file",
            )
    if "memory" in values:
        memory = (project.parent / str(values["memory"])).resolve()
        if not memory.is_relative_to(project.parent):
            raise ConfigError(
                f"{project} puts the memory outside its folder: {memory}", "use a path inside the project"
            )
        values["memory"] = memory
    return values


def read_setting(key: str, raw: Any, source: str) -> Any:
    """A setting's value from what a source says; ``ConfigError`` where it does not fit."""
    hint = get_type_hints(Settings)[key]
    options = [a for a in get_args(hint) if a is not type(None)] if get_origin(hint) is not Literal else []
    kind = options[0] if options else hint
    try:
        if get_origin(kind) is Literal:
            if raw not in get_args(kind):
                raise ValueError(f"one of {', '.join(get_args(kind))}")
            return raw
        if kind is bool:
            return _boolean(raw)
        if kind is Path:
            return Path(raw).expanduser()
        try:
            value = kind(raw)
        except (TypeError, ValueError):
            raise ValueError(f"give a {'whole number' if kind is int else 'number'}") from None
    except (TypeError, ValueError) as e:
        raise ConfigError(f"{key} from {source} is {raw!r}, which does not fit", str(e)) from e
    if kind in (int, float) and not 0 <= value < math.inf:
        raise ConfigError(f"{key} from {source} is {raw!r}; it cannot be negative", "use zero or more")
    if kind is int and value > LARGEST:
        raise ConfigError(f"{key} from {source} is {raw!r}; it is too large", f"use at most {LARGEST}")
    if key == "base_url" and value and not value.startswith(("http://", "https://")):
        raise ConfigError(
            f"base_url from {source} is {raw!r}, which is no address", "for example: http://localhost:8000/v1"
        )
    if key == "timeout" and value == 0:
        raise ConfigError(f"{key} from {source} is {raw!r}", "use more than zero seconds, or leave it out")
    return value


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    text = str(raw).lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off", ""):
        return False
    raise ValueError("true or false")
