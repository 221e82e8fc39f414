"""Drafting a knowledge file from a profile, for a person to correct."""

from __future__ import annotations

import json
import re

from causalcopilot.domain.profile import ColumnProfile, Profile

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def draft_card(profile: Profile) -> str:
    """A knowledge file in TOML with every column's type and what the data show as comments.

    Roles are left as commented choices, since only people know them; ``parse_knowledge`` accepts the text as
    it stands.
    """
    lines = [
        f"# Knowledge about {_comment(profile.name)}: {profile.rows:,} rows, {len(profile.columns)} columns.",
        "# Fill in what you know and delete the rest; every line may go.",
        f"title = {quoted(profile.name)}",
        '# forbidden = [["effect", "cause"]]   # direct causes that cannot be: (cause, effect)',
        '# required = [["cause", "effect"]]',
        '# graph = "dag { u [latent] u -> t u -> y t -> y }"',
        "",
        "[question]",
        '# text = "What is the effect of ... on ...?"',
        '# treatment = "..."',
        '# outcome = "..."',
        "# from = 0",
        "# to = 1",
    ]
    for column in profile.columns:
        lines += _column(column)
    lines += ["", "# [[latent]]", '# name = "..."', '# meaning = "a common cause that nobody measured"', ""]
    return "\n".join(lines)


def _column(column: ColumnProfile) -> list[str]:
    lines = ["", f"[columns.{key(column.name)}]  # {_comment(_seen(column))}"]
    lines.append(f"meaning = {quoted(column.meaning)}")
    lines.append(f"type = {quoted(column.type)}")
    if column.type in ("continuous", "count") or column.unit:
        lines.append(f"unit = {quoted(column.unit)}")
    if column.type == "identifier":
        return [*lines, 'role = "identifier"']
    if column.type == "constant":
        return [*lines, 'role = "excluded"', 'reason = "the same value in every row"']
    return [*lines, '# role = "pre_treatment"  # or treatment, outcome, post_treatment, excluded …']


def _seen(column: ColumnProfile) -> str:
    gaps = f", {column.missing:,} missing" if column.missing else ""
    if column.low is not None and column.high is not None and column.type not in ("binary", "ordinal"):
        return f"98 % between {column.low:.6g} and {column.high:.6g}{gaps}"
    if column.levels and column.type in ("binary", "ordinal", "nominal"):
        shown = ", ".join(label for label, _ in column.levels[:6])
        return f"{column.distinct} levels: {shown}{gaps}"
    return f"{column.distinct:,} distinct values{gaps}"


def key(name: str) -> str:
    """A column name as a TOML key."""
    return name if _BARE.match(name) else quoted(name)


def quoted(text: str) -> str:
    """A text as a TOML basic string (JSON's escapes are TOML's)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)
