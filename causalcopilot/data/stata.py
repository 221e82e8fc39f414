"""Stata files, formats 118 and 119, read into arrays without pandas.

Layout after the public description of the ``dta`` format (Stata manual, ``help dta``): tagged sections whose
offsets stand in a map, fixed-width records, and missing values coded above a threshold of each type.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING, Any

from causalcopilot.data.arrays import text_array
from causalcopilot.errors import DataError

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_NUMBERS = {65526: "f8", 65527: "f4", 65528: "i4", 65529: "i2", 65530: "i1"}
_HIGHEST = {65526: 8.9884656743e307, 65527: 1.70141173319e38, 65528: 2147483620, 65529: 32740, 65530: 100}


def read_stata(path: Path) -> tuple[tuple[str, ...], list[Array]]:
    """Names and columns; labelled codes become their labels, missing codes NaN or ``None``.

    Raises:
        DataError: not a Stata file of format 118 or 119.
    """
    raw = path.read_bytes()
    if raw[:27] != b"<stata_dta><header><release" or raw[28:31] not in (b"118", b"119"):
        raise DataError(f"{path.name} is no Stata file of format 118 or 119", "save it as .csv or .parquet")
    return _Reader(raw).columns()


class _Reader:
    """Cursor over the bytes of one file."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        wide = raw[28:31] == b"119"
        self.order = "<" if raw[52:55] == b"LSF" else ">"
        self.k = self._int(self._after(b"<K>"), 4 if wide else 2)
        self.rows = self._int(self._after(b"<N>"), 8)
        start = self._after(b"<map>")
        self.map = struct.unpack_from(f"{self.order}14Q", raw, start)

    def _after(self, tag: bytes) -> int:
        return self.raw.index(tag) + len(tag)

    def _int(self, at: int, size: int) -> int:
        return int.from_bytes(self.raw[at : at + size], "little" if self.order == "<" else "big")

    def _texts(self, section: int, tag: bytes, width: int) -> list[str]:
        start = self.map[section] + len(tag)
        return [_text(self.raw[start + i * width : start + (i + 1) * width]) for i in range(self.k)]

    def columns(self) -> tuple[tuple[str, ...], list[Array]]:
        import numpy as np

        at = self.map[2] + len(b"<variable_types>")
        kinds = struct.unpack_from(f"{self.order}{self.k}H", self.raw, at)
        names = self._texts(3, b"<varnames>", 129)
        label_names = self._texts(6, b"<value_label_names>", 129)
        record = np.dtype([(f"f{i}", self._format(kind)) for i, kind in enumerate(kinds)])
        at = self.map[9] + len(b"<data>")
        table = np.frombuffer(self.raw, record, self.rows, at)
        labels = self._labels()
        arrays = []
        for i, kind in enumerate(kinds):
            values = self._values(table[f"f{i}"], kind)
            arrays.append(_labelled(values, labels.get(label_names[i], {})))
        return tuple(names), arrays

    def _format(self, kind: int) -> str:
        if kind in _NUMBERS:
            return self.order + _NUMBERS[kind]
        if kind <= 2045:
            return f"S{kind}"
        raise DataError("the Stata file holds long strings (strL)", "save it as .csv or .parquet")

    def _values(self, values: Array, kind: int) -> Array:
        import numpy as np

        if kind not in _NUMBERS:
            return text_array([_text(v) for v in values.tolist()])
        native = values.astype(values.dtype.newbyteorder("="))
        missing = native > _HIGHEST[kind]
        if not missing.any():
            return native
        # Single precision stays single: its shortest decimal is what the file's author wrote.
        wide = native.astype(np.float32 if kind == 65527 else np.float64)
        wide[missing] = np.nan
        return wide

    def _labels(self) -> dict[str, dict[int, str]]:
        at, end = self.map[11], self.map[12]
        found: dict[str, dict[int, str]] = {}
        while (at := self.raw.find(b"<lbl>", at, end)) >= 0:
            at += 5
            length = self._int(at, 4)
            name = _text(self.raw[at + 4 : at + 133])
            found[name] = self._label_table(at + 136)
            at += 136 + length
        return found

    def _label_table(self, at: int) -> dict[int, str]:
        n, size = struct.unpack_from(f"{self.order}2i", self.raw, at)
        offsets = struct.unpack_from(f"{self.order}{n}i", self.raw, at + 8)
        codes = struct.unpack_from(f"{self.order}{n}i", self.raw, at + 8 + 4 * n)
        start = at + 8 + 8 * n
        block = self.raw[start : start + size]
        return {code: _text(block[offset:]) for offset, code in zip(offsets, codes, strict=True)}


def _text(raw: bytes) -> str:
    return raw.split(b"\x00", 1)[0].decode("utf-8", errors="replace")


def _labelled(values: Array, labels: dict[int, str]) -> Array:
    """Codes replaced by labels where every code that occurs has one."""
    import numpy as np

    if not labels or values.dtype == object:
        return values
    codes = {float(v) for v in np.unique(values[~np.isnan(values)])}
    if not codes <= {float(c) for c in labels}:
        return values
    return text_array([None if v != v else labels[int(v)] for v in values.tolist()])
