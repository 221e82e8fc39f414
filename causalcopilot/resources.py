"""The only place that knows where shipped files lie."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


def resource_dir(kind: str) -> Traversable:
    """Folder of shipped files (``prompts`` or ``datasets``): inside the wheel, else the repository's own."""
    packaged = files("causalcopilot") / kind
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[1] / kind
