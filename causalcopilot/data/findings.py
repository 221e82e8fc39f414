"""What the reader saw and repaired, collected over all columns and told once."""

from __future__ import annotations

from dataclasses import dataclass, field

from causalcopilot.data.names import counted, listed
from causalcopilot.domain.profile import Notice


@dataclass(slots=True)
class Findings:
    """Filled while columns are planned; see :meth:`notices`.

    Attributes:
        tokens: null token to number of cells.
        token_columns: columns that hold one.
        infinite: columns with values that are infinite, or too large to compute with.
        odd: number columns with other cells: name, how many, first row (from 1).
        comma, thousands: columns with decimal comma, with thousands separators.
        signs: number columns whose every cell carries a percent or currency sign: name, the sign.
        dates: date columns in another format than ISO: name, how they were read.
        nested: columns of lists, structures or bytes.
        mixed: text columns of which many cells are numbers.
    """

    tokens: dict[str, int] = field(default_factory=dict)
    token_columns: list[str] = field(default_factory=list)
    infinite: list[str] = field(default_factory=list)
    odd: list[tuple[str, int, int]] = field(default_factory=list)
    comma: list[str] = field(default_factory=list)
    thousands: list[str] = field(default_factory=list)
    signs: list[tuple[str, str]] = field(default_factory=list)
    dates: list[tuple[str, str]] = field(default_factory=list)
    nested: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)

    def notices(self) -> tuple[Notice, ...]:
        """One notice per kind of finding; cells' contents are never quoted, except null tokens."""
        out = []
        if self.tokens:
            shown = listed([f"{t} ({n:,})" for t, n in sorted(self.tokens.items())])
            out.append(_read("null_tokens", f"read as missing: {shown}", self.token_columns))
        for name, count, row in self.odd:
            cells = f"{counted(count, 'cell')} without a number"
            out.append(_read("odd_cells", f"{name}: {cells} (first in row {row:,}); read as missing", [name]))
        for name, sign in self.signs:
            out.append(_read("signs", f"{name}: read as numbers, each written with {sign}", [name]))
        for name, form in self.dates:
            out.append(_read("date_format", f"{name}: dates read as {form}", [name]))
        groups = (
            ("infinite", "infinite values, or beyond 1e30, read as missing in", self.infinite),
            ("decimal_comma", "decimal comma in", self.comma),
            ("thousands", "thousands separators in", self.thousands),
            ("mixed", "numbers and text mixed, read as text:", self.mixed),
            ("nested", "lists, structures or bytes read as text in", self.nested),
        )
        out += [
            _read(code, f"{text} {listed(columns)}", columns) for code, text, columns in groups if columns
        ]
        return tuple(out)


def _read(code: str, text: str, columns: list[str]) -> Notice:
    return Notice(code, text, tuple(columns), "read")
