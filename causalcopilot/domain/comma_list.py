"""Lists of column names as one text, as options take them: ``a,b``; a name that holds a comma in double quotes."""

from __future__ import annotations

from collections.abc import Iterable


def split_list(text: str) -> tuple[str, ...]:
    """The names of a comma list, each once, in order."""
    from csv import reader

    rows = reader([" ".join(text.splitlines())], skipinitialspace=True)
    return tuple(dict.fromkeys(name.strip() for row in rows for name in row if name.strip()))


def join_list(names: Iterable[str]) -> str:
    """Names as the comma list that ``split_list`` reads back."""
    return ",".join(quoted(name) for name in names)


def quoted(name: str) -> str:
    """A name as it stands in a comma list: in double quotes where it holds a comma or begins with a quote."""
    return '"' + name.replace('"', '""') + '"' if "," in name or name.startswith('"') else name
