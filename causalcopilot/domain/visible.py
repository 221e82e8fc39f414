"""Names from a table as they may stand in prose and prompts."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def clean(name: str, limit: int = 64) -> str:
    """A name or label as it may stand in a prompt: one visible line without braces, back-ticks or ``<>``."""
    visible = _HIDDEN.sub("", re.sub(r"\s+", " ", unicodedata.normalize("NFKC", str(name))))
    text = re.sub(r"\s+", " ", re.sub(r"[{}`<>]", "", visible)).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"
