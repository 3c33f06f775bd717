"""What a Parquet, Arrow or Feather file would take in memory, told before anything is unpacked.

Both formats pack blocks of data and write beside each how large it becomes; a small file can ask
for any amount. These are the few fields that say so: the page headers of Parquet (Thrift's compact
protocol) and the messages of Arrow's file format (flatbuffers). The readers of pyarrow take their
sizes from the same fields.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

_MOST_PAGES = 1_000_000
_DEEPEST = 12
_MOST_ENTRIES = 100_000
_DELTA_BYTE_ARRAY = 7


class GuardError(ValueError):
    """The file does not have the form it should have, or uses a form that is not read."""


# Parquet ------------------------------------------------------------------------------------------


class _Compact:
    """Reads structures of Thrift's compact protocol from a position on."""

    def __init__(self, data: bytes, position: int) -> None:
        self.data, self.position = data, position

    def byte(self) -> int:
        if not 0 <= self.position < len(self.data):
            raise GuardError
        self.position += 1
        return self.data[self.position - 1]

    def whole(self) -> int:
        """An unsigned number of variable length."""
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise GuardError

    def signed(self) -> int:
        value = self.whole()
        return (value >> 1) ^ -(value & 1)

    def struct(self, depth: int = 0) -> dict[int, Any]:
        """Field numbers to values; texts, lists and maps are passed over."""
        fields: dict[int, Any] = {}
        number = 0
        while (head := self.byte()) != 0:
            step = head >> 4
            number = number + step if step else self.signed()
            fields[number] = self._value(head & 15, depth)
            if len(fields) > _MOST_ENTRIES or depth > _DEEPEST:
                raise GuardError
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        if kind in (1, 2):
            return kind == 1
        if kind == 3:
            return self.byte()
        if kind in (4, 5, 6):
            return self.signed()
        if kind == 7:
            self.position += 8
        elif kind == 8:
            length = self.whole()
            self.position += length
        elif kind in (9, 10):
            head = self.byte()
            for _ in range(self._many(head >> 4 if head >> 4 < 15 else self.whole())):
                self._element(head & 15, depth)
        elif kind == 12:
            return self.struct(depth + 1)
        else:  # maps do not occur in page headers
            raise GuardError
        return None

    def _element(self, kind: int, depth: int) -> None:
        if kind in (1, 2):
            self.byte()
        else:
            self._value(kind, depth + 1)

    def _many(self, number: int) -> int:
        if number > _MOST_ENTRIES:
            raise GuardError
        return number


def parquet_size(data: bytes, chunks: Iterator[tuple[int, int, int]]) -> int:
    """Bytes that the pages of a Parquet file become when they are unpacked.

    Parameters
    ----------
    chunks
        Of each chunk of a column: where it begins, its length, and its number of values.

    Raises
    ------
    GuardError
        If a page header is damaged, or values are written as endings of the value before, from
        which a few bytes can become any number.
    """
    size = pages = 0
    for start, length, values in chunks:
        reader = _Compact(data, start)
        seen = 0
        while reader.position < start + length and seen < max(values, 1):
            header = reader.struct()
            packed, unpacked = header.get(3), header.get(2)
            if not isinstance(packed, int) or not isinstance(unpacked, int):
                raise GuardError
            if packed < 0 or unpacked < 0:
                raise GuardError
            first, second = header.get(5) or {}, header.get(8) or {}
            if _DELTA_BYTE_ARRAY in (first.get(2), second.get(4)):
                raise GuardError
            held = first.get(1) or second.get(1) or 0
            seen += max(int(held), 0)
            size += unpacked
            pages += 1
            if pages > _MOST_PAGES:
                raise GuardError
            reader.position += packed
    return size


# Arrow and Feather --------------------------------------------------------------------------------


class _Flat:
    """Reads tables of flatbuffers; every position is checked by ``struct``."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def number(self, form: str, position: int) -> int:
        if position < 0:
            raise GuardError
        value: int = struct.unpack_from(form, self.data, position)[0]
        return value

    def root(self) -> int:
        return self.number("<I", 0)

    def field(self, table: int, slot: int) -> int:
        """Position of a field, 0 where the table lacks it."""
        names = table - self.number("<i", table)
        if 4 + 2 * slot + 2 > self.number("<H", names):
            return 0
        offset = self.number("<H", names + 4 + 2 * slot)
        return table + offset if offset else 0

    def follow(self, position: int) -> int:
        return position + self.number("<I", position)

    def vector(self, table: int, slot: int, size: int) -> tuple[int, int]:
        """Where the entries of a list begin, and how many of ``size`` bytes there are."""
        position = self.field(table, slot)
        if not position:
            return 0, 0
        position = self.follow(position)
        number = self.number("<I", position)
        if position + 4 + number * size > len(self.data):
            raise GuardError
        return position + 4, number


def arrow_size(data: bytes) -> tuple[int, int]:
    """Bytes that an Arrow file becomes when it is unpacked, and its number of rows.

    Raises
    ------
    GuardError
        If the file is damaged.
    """
    try:
        return _arrow_size(data)
    except struct.error:
        raise GuardError from None


def _arrow_size(data: bytes) -> tuple[int, int]:
    length = struct.unpack_from("<i", data, len(data) - 10)[0]
    if not 0 < length < len(data) - 10:
        raise GuardError
    footer = _Flat(data[-10 - length : -10])
    size = rows = 0
    for slot in (2, 3):  # dictionaries, batches of rows
        start, number = footer.vector(footer.root(), slot, 24)
        for i in range(number):
            offset = footer.number("<q", start + 24 * i)
            about = footer.number("<i", start + 24 * i + 8)
            taken, length = _message_size(data, offset, about)
            size += taken
            rows += length if slot == 3 else 0
    return size, rows


def _message_size(data: bytes, offset: int, about: int) -> tuple[int, int]:
    if offset < 0 or about < 8 or offset + about > len(data):
        raise GuardError
    marked = struct.unpack_from("<I", data, offset)[0] == 0xFFFFFFFF
    message = _Flat(data[offset + (8 if marked else 4) : offset + about])
    root = message.root()
    kind_at, header_at = message.field(root, 1), message.field(root, 2)
    if not kind_at or not header_at:
        raise GuardError
    batch = message.follow(header_at)
    if message.number("<B", kind_at) == 2:  # a dictionary holds a batch
        inner = message.field(batch, 1)
        if not inner:
            raise GuardError
        batch = message.follow(inner)
    packed = message.field(batch, 3) != 0
    rows_at = message.field(batch, 0)
    rows = message.number("<q", rows_at) if rows_at else 0
    nodes, fields = message.vector(batch, 1, 16)
    longest = max((message.number("<q", nodes + 16 * i) for i in range(fields)), default=0)
    start, number = message.vector(batch, 2, 16)
    size = 0
    for i in range(number):
        at = message.number("<q", start + 16 * i)
        length = message.number("<q", start + 16 * i + 8)
        if at < 0 or length < 0:
            raise GuardError
        if packed and length >= 8:
            unpacked = struct.unpack_from("<q", data, offset + about + at)[0]
            length = max(length, unpacked)
        size += length
    return size, max(rows, longest)
