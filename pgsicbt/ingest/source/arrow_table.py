"""Tables of Parquet, Feather and Arrow files."""

from __future__ import annotations

import io
from dataclasses import replace

import pandas as pd
import pyarrow
import pyarrow.feather
import pyarrow.parquet

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.cell_table import table_of_columns
from pgsicbt.ingest.source.cell_text import cell_text, column_text
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import MAX_BYTES, Upload, too_large

_DAMAGED = (pyarrow.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError,
            OverflowError, NotImplementedError)  # fmt: skip


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
    try:
        if upload.data.startswith(b"PAR1"):
            file = pyarrow.parquet.ParquetFile(io.BytesIO(upload.data))
            about = file.metadata
            groups = [about.row_group(i).total_byte_size for i in range(about.num_row_groups)]
            if sum(groups) > MAX_BYTES or about.num_columns > MAX_COLUMNS:
                raise too_large(name)
            if about.num_rows * max(about.num_columns, 1) > MAX_BYTES:
                raise too_large(name)
            found = file.read()
        else:
            found = pyarrow.feather.read_table(io.BytesIO(upload.data))
        # Reading trusts positions within the file; looking at values without this can crash.
        found.validate(full=True)
        if found.nbytes > MAX_BYTES:
            raise too_large(name)
        nested = [f.name for f in found.schema if pyarrow.types.is_nested(f.type)]
        if not nested:
            columns = {str(n): _text(found.column(i)) for i, n in enumerate(found.column_names)}
    except _DAMAGED:
        raise DataError(
            f"{name} is a damaged or incomplete Parquet or Feather file.",
            "Write it again, or save the table as CSV and load that.",
            code="damaged",
            file=name,
        ) from None
    if nested:
        raise DataError(
            f"{name} has lists or tables within column {nested[0]!r}.",
            "Keep one number or word per cell.",
            code="nested",
            file=name,
            column=nested[0],
        )
    return replace(table_of_columns(name, columns), format="Parquet")


def _text(column: pyarrow.ChunkedArray) -> pd.Series[str]:
    """A column as text; each different value is written once."""
    if pyarrow.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if pyarrow.types.is_string(kind) or pyarrow.types.is_large_string(kind):
        return pd.Series(column.to_pandas().fillna(""), dtype="str")
    if pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind):
        return column_text(column.to_pandas(integer_object_nulls=True))
    values = column.dictionary_encode().combine_chunks()
    if isinstance(values, pyarrow.ChunkedArray):
        values = values.chunk(0)
    texts = [cell_text(value) for value in values.dictionary.to_pylist()]
    codes = values.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return (
        pd.Series(pd.array([*texts, ""], dtype="object"))
        .take(codes)
        .astype("str")
        .reset_index(drop=True)
    )
