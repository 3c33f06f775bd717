"""Files of SPSS, Stata and SAS: values, labels, and codes for missing answers."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyreadstat

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.cell_table import table_of_columns
from pgsicbt.ingest.source.cell_text import cell_text, column_text
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import Upload

_SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_XPORT = b"HEADER RECORD*******LIB"
_OLD_STATA = {0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73}
MOST_VALUES = 100_000_000
"""Values, people times columns, that are read from one file at most."""
# What pyreadstat was seen to raise on damaged files.
_DAMAGED = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, ValueError, OverflowError,
            MemoryError, UnicodeError, KeyError, IndexError, TypeError, OSError)  # fmt: skip
_READERS: dict[str, Callable[..., Any]] = {
    "SPSS": pyreadstat.read_sav,
    "SPSS portable": pyreadstat.read_por,
    "Stata": pyreadstat.read_dta,
    "SAS": pyreadstat.read_sas7bdat,
    "SAS transport": pyreadstat.read_xport,
}


def statistical_kind(data: bytes) -> str:
    """``SPSS``, ``SPSS portable``, ``Stata``, ``SAS``, ``SAS transport``, or '' for others."""
    if data.startswith((b"$FL2", b"$FL3")):
        return "SPSS"
    if data.startswith(b"<stata_dta>"):
        return "Stata"
    if data.startswith(_SAS7BDAT):
        return "SAS"
    if data.startswith(_XPORT):
        return "SAS transport"
    if len(data) > 456 and data[456:464] == b"SPSSPORT":
        return "SPSS portable"
    old = (
        len(data) > 200 and data[0] in _OLD_STATA and data[1] in (1, 2) and data[2:4] == b"\x01\x00"
    )
    return "Stata" if old else ""


def read_statistical(upload: Upload) -> Table:
    """Read a file of SPSS, Stata or SAS from memory.

    Values declared as missing by the file's author are empty cells. Codes stay as they are; what
    they mean is kept in ``labels``.

    Raises
    ------
    DataError
        If the file is damaged or too large.
    """
    kind = statistical_kind(upload.data)
    read = _READERS[kind]
    try:
        _, about = read(io.BytesIO(upload.data), metadataonly=True)
        columns = len(about.column_names)
        _require_size(upload, (about.number_rows or 0) * columns)
        frame, about = read(io.BytesIO(upload.data))
    except _DAMAGED:
        raise DataError(
            f"{upload.name} is a damaged or incomplete {kind} file.",
            "Export it again, or save the table as CSV and load that.",
            code="damaged",
            file=upload.name,
        ) from None
    _require_size(upload, frame.size)
    table = table_of_columns(upload.name, {str(n): column_text(frame[n]) for n in frame.columns})
    titles = zip(about.column_names, about.column_labels, strict=True)
    return replace(
        table,
        format=kind,
        encoding=str(about.file_encoding or ""),
        titles={name: str(label) for name, label in titles if label},
        labels={
            name: {cell_text(code): str(label) for code, label in labels.items()}
            for name, labels in about.variable_value_labels.items()
            if name in frame.columns
        },
        texts=tuple(str(note) for note in (about.file_label, *(about.notes or ())) if note),
    )


def _require_size(upload: Upload, values: int) -> None:
    # Each value takes a bit at least, in files that are compressed within.
    if values > min(MOST_VALUES, 1000 * len(upload.data)):
        raise DataError(
            f"{upload.name} says that it holds more values than can be read.",
            "Leave out the columns that the analysis does not need.",
            code="too_large",
            file=upload.name,
        )
