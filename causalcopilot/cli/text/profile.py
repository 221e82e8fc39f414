"""A profile for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from causalcopilot.cli.text.layout import table, wrap
from causalcopilot.cli.text.numbers import counted, number

if TYPE_CHECKING:
    from causalcopilot.domain.profile import Profile


def profile_text(profile: Profile, sent: Mapping[str, Any] | None = None) -> str:
    """A profile for people, and what would leave the machine."""
    import json

    heads: tuple[str, ...] = ("column", "type", "unit", "missing", "distinct", "mean or most frequent")
    rows: list[tuple[str, ...]] = [
        (c.name, c.type, c.unit, str(c.missing), str(c.distinct), _centre(c)) for c in profile.columns
    ]
    if not any(c.unit for c in profile.columns):  # a column less is easier to read in a narrow terminal
        heads, rows = (*heads[:2], *heads[3:]), [(*r[:2], *r[3:]) for r in rows]
    share = 1 - profile.complete_rows / profile.rows if profile.rows else 0.0
    lines = [
        wrap(
            f"{profile.name}: {counted(profile.rows, 'row')}, {counted(len(profile.columns), 'column')}, "
            f"{share:.1%} of rows with a missing value, {counted(profile.duplicate_rows, 'duplicate row')}",
            hang="  ",
        ),
        "",
        table(heads, rows),
    ]
    if profile.notices:
        lines += ["", *[wrap(f"note: {n.message}", "", "  ") for n in profile.notices]]
    if sent is None:
        return "\n".join(lines)
    lines += [
        "",
        "Sent to a model only if one is chosen by name (ccp -m …); nothing is sent otherwise:",
        json.dumps(sent, ensure_ascii=False, indent=1),
    ]
    return "\n".join(lines)


def _centre(c: Any) -> str:
    if c.mean is not None and c.type in ("continuous", "count", "ordinal", "binary"):
        return number(c.mean)
    return f"{c.levels[0][0]} ({c.levels[0][1]:,})" if c.levels else ""
