"""Text files as people have them: encoding, line ends, delimiter and header.

Only a sample decides delimiter and header; the encoding is checked over the whole file, because one
accented letter in the last row is enough to break a reader.
"""

from __future__ import annotations

import codecs
import csv
import io
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from causalcopilot.domain.profile import Notice
from causalcopilot.errors import DataError

SAMPLE = 1 << 18  # bytes that decide delimiter and header
CHUNK = 1 << 24
SAMPLE_ROWS = 200
DELIMITERS = ",;\t|"
NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_BINARY_SHARE = 0.01  # more control characters than this is not text


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the cells of a text file are.

    Attributes:
        delimiter, quote, escape: one character each; an empty ``quote`` means cells are never quoted.
        header: raw column names.
        skip: physical lines before the first row of data.
        named: whether the names stood in the file.
    """

    delimiter: str
    quote: str
    escape: str
    header: tuple[str, ...]
    skip: int
    named: bool = True


def to_utf8(path: Path, scratch: Path, encoding: str | None = None) -> tuple[Path, tuple[Notice, ...]]:
    """A UTF-8 file with ``\\n`` line ends: the user's own where it is one, else a copy in ``scratch``.

    Raises:
        DataError: the file is empty, is no text, or does not decode with the encoding asked for.
    """
    with path.open("rb") as f:
        head = f.read(SAMPLE)
    if not head.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        raise DataError(f"{path.name} is empty", "give a table with a header line and at least one row")
    found = encoding or _detect(path, head)
    mac = b"\r" in head and b"\n" not in head
    if found in ("utf-8", "utf-8-sig") and not mac and not encoding:
        return path, ()
    copy = scratch / f"{path.stem}.utf8.txt"
    _transcode(path, copy, found)
    shown = "Windows-1252 (Latin-1)" if found == "cp1252" else found.upper()
    notices = () if found.startswith("utf-8") else (_told(shown),)
    return copy, notices


def normalised(path: Path, scratch: Path) -> Path:
    """A copy of a UTF-8 file with ``\\n`` line ends throughout."""
    copy = scratch / f"{path.stem}.lines.txt"
    _transcode(path, copy, "utf-8")
    return copy


def without_header(path: Path, scratch: Path, lines: int) -> Path:
    """A copy of a UTF-8 file without its first physical lines."""
    copy = scratch / f"{path.stem}.rows.txt"
    with path.open("rb") as source, copy.open("wb") as target:
        for _ in range(lines):
            source.readline()
        shutil.copyfileobj(source, target)
    return copy


def _told(encoding: str) -> Notice:
    return Notice("encoding", f"the file is not UTF-8; read as {encoding}", (), "read")


def _detect(path: Path, head: bytes) -> str:
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if b"\x00" in head:
        return _wide(path, head)
    if _is_utf8(path):
        _refuse_binary(path, head)
        return "utf-8"
    _refuse_binary(path, head)
    return "cp1252"


def _wide(path: Path, head: bytes) -> str:
    """UTF-16 without a mark: in Western text every second byte is zero."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2 or 1
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    raise _binary(path)


def _refuse_binary(path: Path, head: bytes) -> None:
    control = sum(head.count(bytes([b])) for b in range(32) if b not in (9, 10, 11, 12, 13, 27))
    if control > _BINARY_SHARE * len(head):
        raise _binary(path)


def _binary(path: Path) -> DataError:
    return DataError(
        f"{path.name} is not a table: it holds binary data",
        "give CSV, TSV, Parquet, JSON lines, Excel (.xlsx), Stata (.dta) or file.duckdb::table",
    )


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as f:
            while chunk := f.read(CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _transcode(path: Path, copy: Path, encoding: str) -> None:
    try:
        codec = codecs.lookup(encoding)
    except LookupError as e:
        raise DataError(f"unknown encoding {encoding!r}", "try utf-8, latin-1, cp1252 or utf-16") from e
    # Five bytes have no meaning in Windows-1252; Latin-1 gives them one, so the read goes on.
    errors = "ccp_latin1" if encoding == "cp1252" else "strict"
    codecs.register_error("ccp_latin1", _as_latin1)
    try:
        with (
            path.open("r", encoding=codec.name, errors=errors, newline=None) as source,
            copy.open("w", encoding="utf-8", newline="\n") as target,
        ):
            while text := source.read(CHUNK):
                target.write(text.removeprefix("\ufeff"))
    except UnicodeError as e:
        raise DataError(
            f"{path.name} does not decode as {encoding}", "leave the encoding to be detected"
        ) from e


def _as_latin1(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeDecodeError)
    return error.object[error.start : error.end].decode("latin-1"), error.end


def layout(path: Path, delimiter: str | None = None) -> Layout:
    """Delimiter, quoting and header of a UTF-8 file, from its first 256 kB.

    The delimiter is the one whose field count agrees between header and rows most often; a comma inside
    a decimal number therefore does not win over the semicolon between the cells.  Quotes are taken as plain
    characters only where that makes more rows fit (inches, unclosed quotes).

    Raises:
        DataError: no delimiter gives two columns.
    """
    sample, whole = _sample(path)
    escape = "\\" if '\\"' in sample and '""' not in sample else '"'
    best: tuple[tuple[float, bool, int], str, str, list[tuple[list[str], int]]] | None = None
    for d in [delimiter] if delimiter else DELIMITERS:
        for quote in ('"', "") if '"' in sample else ('"',):
            rows = list(_records(sample, d, quote, escape))
            if not whole and len(rows) > 2:
                rows.pop()  # may be cut by the end of the sample
            if not rows or len(rows[0][0]) < 2:
                continue
            width = len(rows[0][0])
            same = sum(len(r) in (width, width + 1) for r, _ in rows[1:]) / max(1, len(rows) - 1)
            score = (same, bool(quote), width)
            if best is None or score > best[0]:
                best = (score, d, quote, rows)
    if best is None:
        raise _one_column(path, sample, delimiter)
    _, d, quote, rows = best
    return _with_header(d, quote, escape, rows)


def _one_column(path: Path, sample: str, delimiter: str | None) -> DataError:
    if delimiter:
        return DataError(f"{path.name} has one column when split at {delimiter!r}", "leave the delimiter out")
    first = sample.lstrip().splitlines()[0]
    if len(first.split()) > 1 and '"' not in first:
        return DataError(f"{path.name} has one column", "separate cells by a comma, semicolon, tab or |")
    return DataError(f"{path.name} has one column", "a causal question needs at least two columns")


def _sample(path: Path) -> tuple[str, bool]:
    with path.open("rb") as f:
        head = f.read(SAMPLE)
        whole = not f.read(1)
        # A header of thousands of names may be longer than the sample.
        while not whole and b"\n" not in head and len(head) < 64 * SAMPLE:
            head += f.read(SAMPLE)
    text = head.decode("utf-8-sig", errors="ignore").replace("\r\n", "\n").replace("\r", "\n")
    return (text if whole else text[: text.rfind("\n") + 1] or text), whole


def _records(sample: str, delimiter: str, quote: str, escape: str) -> Iterator[tuple[list[str], int]]:
    """Non-empty records of the sample with the number of physical lines read so far."""
    csv.field_size_limit(1 << 30)
    backslash = escape == "\\"
    reader = csv.reader(
        io.StringIO(sample, newline=""),
        delimiter=delimiter,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        doublequote=not backslash,
        escapechar="\\" if backslash else None,
    )
    for found, row in enumerate(r for r in reader if any(cell.strip() for cell in r)):
        if found > SAMPLE_ROWS:
            return
        yield row, reader.line_num


def _with_header(d: str, quote: str, escape: str, rows: list[tuple[list[str], int]]) -> Layout:
    (first, skip), body = rows[0], [r for r, _ in rows[1:]]
    longer = bool(body) and all(len(r) == len(first) + 1 for r in body)
    trailing = longer and all(not r[-1].strip() for r in body)
    if longer:  # R writes no name above its row names; some programs end each line with a delimiter
        first = [*first, ""] if trailing else ["", *first]
    if _is_data(first):
        start = skip - 1 if skip else 0
        return Layout(d, quote, escape, tuple(f"column_{i + 1}" for i in range(len(first))), start, False)
    return Layout(d, quote, escape, tuple(first), skip)


def _is_data(first: list[str]) -> bool:
    """Whether the first record is numbers throughout; 0, 1, 2 … and runs of years are names."""
    try:
        values = [float(c.replace(",", ".")) for c in first]
    except ValueError:
        return False
    return any(b - a != 1 for a, b in pairwise(values))
