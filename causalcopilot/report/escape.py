"""Names and texts from data made harmless for each place they are shown in."""

from __future__ import annotations

import html
import re
import unicodedata

_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_MARKDOWN = re.compile(r"[\\`*\[\]<>|&~$]|(?<!\w)_|_(?!\w)|(?<=\w)@(?=[\w-]+\.\w)")
_LINE_START = re.compile(r"\s*(?:[-+](?=\s|$)|-{2,}|={2,}|#+(?=\s|$)|\d+(?=[.)](?:\s|$)))")
_AUTOLINK = re.compile(r"(?<=:)//|(?<=www)\.", re.I)


def clean(text: str) -> str:
    """One line without control, direction, zero-width, private or unassigned characters (ANSI included)."""
    spaced = re.sub(r"[\t\r\n\v\f\x85\u2028\u2029]+", " ", text)
    return "".join("\ufffd" if unicodedata.category(c) in _HIDDEN else c for c in spaced)


def html_text(text: str) -> str:
    """Text for HTML and SVG, inside elements and attributes."""
    return html.escape(clean(text), quote=True)


def markdown_text(text: str) -> str:
    """Text for Markdown outside code: nothing in it is markup, a link or HTML."""
    escaped = _MARKDOWN.sub(lambda m: "\\" + m[0], clean(text))
    escaped = _AUTOLINK.sub(lambda m: "\\" + m[0], escaped)
    start = _LINE_START.match(escaped)
    if not start:
        return escaped
    at = start.end() if start[0][-1].isdigit() else len(start[0]) - len(start[0].lstrip())
    return escaped[:at] + "\\" + escaped[at:]


def markdown_code(text: str) -> str:
    """Text as Markdown code, whatever back-ticks and bars it holds."""
    inner = clean(text).replace("|", "\u2223")
    run = max((len(r) for r in re.findall(r"`+", inner)), default=0)
    fence = "`" * (run + 1)
    pad = " " if inner.startswith("`") or inner.endswith("`") or not inner.strip() else ""
    return f"{fence}{pad}{inner}{pad}{fence}"
