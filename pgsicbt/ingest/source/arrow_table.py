"""Tables of Parquet, Feather and Arrow files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.feather
import pyarrow.parquet
from pyarrow import types

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.arrow_check import survives
from pgsicbt.ingest.source.arrow_guard import GuardError, arrow_size, parquet_size
from pgsicbt.ingest.source.cell_table import table_of_columns
from pgsicbt.ingest.source.cell_text import cell_text, column_text
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import MAX_BYTES, Upload, too_large

MOST_ROWS = 10_000_000
MOST_VALUES = 50_000_000
"""Rows times columns that are read from one file at most."""
_DAMAGED = (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError,
            IndexError, OverflowError, NotImplementedError, AttributeError)  # fmt: skip


def is_arrow(data: bytes) -> bool:
    """True for Parquet, Arrow and Feather files, old Feather included."""
    return data.startswith((b"PAR1", b"ARROW1", b"FEA1"))


def read_arrow(upload: Upload) -> Table:
    """Read a Parquet, Arrow or Feather file from memory.

    Raises
    ------
    DataError
        If the file is damaged or too large, or a column holds lists or other tables.
    """
    name = upload.name
    if upload.data.startswith(b"FEA1"):
        raise DataError(
            f"{name} is a Feather file of the first version, which is not read.",
            "Write it again with a newer program, or save the table as CSV and load that.",
            code="not_a_table",
            file=name,
        )
    parquet = upload.data.startswith(b"PAR1")
    try:
        if not survives(upload.data):
            raise GuardError
        found = _parquet(upload) if parquet else _arrow(upload)
        # Reading trusts positions within the file; looking at values without this can crash.
        found.validate(full=True)
        columns = {
            str(title): _text(name, found.column(i)) for i, title in enumerate(found.column_names)
        }
    except _DAMAGED:
        raise DataError(
            f"{name} is a damaged or incomplete Parquet or Feather file.",
            "Write it again, or save the table as CSV and load that.",
            code="damaged",
            file=name,
        ) from None
    return replace(table_of_columns(name, columns), format="Parquet" if parquet else "Feather")


def _parquet(upload: Upload) -> pyarrow.Table:
    source = pyarrow.BufferReader(upload.data)
    about = pyarrow.parquet.read_metadata(source)
    schema = about.schema.to_arrow_schema()
    _require(upload.name, schema, about.num_rows)
    if parquet_size(upload.data, _chunks(about)) > MAX_BYTES:
        raise too_large(upload.name)
    # A text that is repeated in the file must not be repeated in memory.
    words = [field.name for field in schema if _is_text(field.type)]
    file = pyarrow.parquet.ParquetFile(pyarrow.BufferReader(upload.data), read_dictionary=words)
    return file.read(use_threads=False)


def _chunks(about: Any) -> Iterator[tuple[int, int, int]]:
    """Where each chunk of a column begins, its length, and its number of values."""
    for i in range(about.num_row_groups):
        group = about.row_group(i)
        for j in range(group.num_columns):
            chunk = group.column(j)
            starts = (chunk.dictionary_page_offset, chunk.data_page_offset)
            start = min((at for at in starts if at is not None and at > 0), default=-1)
            yield start, chunk.total_compressed_size, chunk.num_values


def _arrow(upload: Upload) -> pyarrow.Table:
    size, rows = arrow_size(upload.data)
    if size > MAX_BYTES:
        raise too_large(upload.name)
    with pyarrow.ipc.open_file(pyarrow.BufferReader(upload.data)) as file:
        _require(upload.name, file.schema, rows)
        return file.read_all()


def _is_text(kind: pyarrow.DataType) -> bool:
    return bool(
        types.is_string(kind)
        or types.is_large_string(kind)
        or types.is_binary(kind)
        or types.is_large_binary(kind)
        or _is_view(kind)
    )


def _is_view(kind: pyarrow.DataType) -> bool:
    return bool(types.is_string_view(kind) or types.is_binary_view(kind))


def _is_read(kind: pyarrow.DataType) -> bool:
    """Kinds of cells whose size in memory is known from the size in the file."""
    return bool(
        _is_text(kind)
        or types.is_integer(kind)
        or types.is_floating(kind)
        or types.is_boolean(kind)
        or types.is_temporal(kind)
        or types.is_decimal(kind)
        or types.is_null(kind)
    )


def _require(name: str, schema: pyarrow.Schema, rows: int) -> None:
    """Refuse tables too large and cells that hold more than a number or a word."""
    if len(schema) > MAX_COLUMNS or rows > MOST_ROWS or rows * len(schema) > MOST_VALUES:
        raise DataError(
            f"{name} says that it holds more values than can be read.",
            "Leave out the rows and columns that the analysis does not need.",
            code="too_large",
            file=name,
        )
    if len(set(schema.names)) < len(schema.names):
        raise GuardError
    for field in schema:
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        if not _is_read(kind):
            raise DataError(
                f"{name} has lists or tables within column {field.name!r}.",
                "Keep one number or word per cell.",
                code="nested",
                file=name,
                column=field.name,
            )


def _text(name: str, column: pyarrow.ChunkedArray) -> pd.Series[str]:
    """A column as text; each different value is written once."""
    kind = column.type
    if types.is_null(kind):
        return pd.Series([""] * len(column), dtype="str")
    if types.is_integer(kind) or types.is_floating(kind):
        return column_text(column.to_pandas(integer_object_nulls=True))
    if _is_view(kind) and sum(map(_size_of_views, column.chunks)) > MAX_BYTES:
        raise too_large(name)
    coded = column.unify_dictionaries() if types.is_dictionary(kind) else column.dictionary_encode()
    if not len(coded):
        return pd.Series([], dtype="str")
    texts = [_cell(value) for value in coded.chunk(0).dictionary.to_pylist()]
    codes = np.concatenate(
        [c.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False) for c in coded.chunks]
    ).astype(np.int64)
    texts.append("")
    lengths = np.array([len(text.encode("utf-8", "replace")) for text in texts])
    if int(np.bincount(codes, minlength=len(texts)) @ lengths) > MAX_BYTES:
        raise too_large(name)
    levels = np.array(texts, dtype=object)
    return pd.Series(levels[codes], dtype="str")


def _size_of_views(chunk: pyarrow.Array) -> int:
    """Bytes of texts of which many may point to the same place; each begins with its length."""
    lengths = np.frombuffer(chunk.buffers()[1], dtype="<i4")[::4]
    valid = chunk.is_valid().to_numpy(zero_copy_only=False)
    return int(lengths[chunk.offset : chunk.offset + len(chunk)][valid].sum(dtype=np.int64))


def _cell(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace").strip()
    return cell_text(value)
