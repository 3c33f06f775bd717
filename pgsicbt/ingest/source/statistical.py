"""Files of SPSS, Stata and SAS: values, labels, and codes for missing answers.

They are read from memory. What a file says of its size is held against limits before any value is
read, and values are read a few columns at a time, since each takes some forty bytes on the way.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pandas as pd
import pyreadstat

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.cell_table import table_of_columns
from pgsicbt.ingest.source.cell_text import cell_text, column_text
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import MAX_BYTES, Upload
from pgsicbt.ingest.wording import count
from pgsicbt.study import Finding

_SAS7BDAT = bytes.fromhex("000000000000000000000000c2ea8160b31411cfbd92080009c7318c181f1011")
_XPORT = b"HEADER RECORD*******LIB"
_OLD_STATA = {0x69, 0x6C, 0x6E, 0x6F, 0x71, 0x72, 0x73}
MOST_VALUES = 50_000_000
"""Values, people times columns, that are read from one file at most."""
_AT_ONCE = 8_000_000
_MOST_ROWS = 10_000_000
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

    Values declared as missing by the file's author are empty cells, and a finding names their
    codes. Other codes stay as they are; what they mean is kept in ``labels``.

    Raises
    ------
    DataError
        If the file is damaged or too large.
    """
    kind = statistical_kind(upload.data)
    try:
        _, about = _read(upload, kind, {"metadataonly": True})
        columns: dict[str, pd.Series[str]] = {}
        for name, values in _values(upload, kind, about):
            columns[name] = column_text(values)
    except _DAMAGED:
        raise DataError(
            f"{upload.name} is a damaged or incomplete {kind} file.",
            "Export it again, or save the table as CSV and load that.",
            code="damaged",
            file=upload.name,
        ) from None
    codes, emptied = _without_missing(columns, about.missing_ranges or {})
    table = table_of_columns(upload.name, columns)
    titles = zip(about.column_names, about.column_labels, strict=True)
    return replace(
        table,
        format=kind,
        encoding=str(about.file_encoding or ""),
        titles={name: str(label) for name, label in titles if label},
        labels={
            name: {cell_text(code): str(label) for code, label in labels.items()}
            for name, labels in about.variable_value_labels.items()
            if name in columns
        },
        texts=tuple(str(note) for note in (about.file_label, *(about.notes or ())) if note),
        findings=_said(upload.name, codes, emptied),
    )


def _values(upload: Upload, kind: str, about: Any) -> Iterator[tuple[str, pd.Series[Any]]]:
    """Every column with its values, a few columns read at a time.

    Raises
    ------
    DataError
        If the file says that it holds more than can be read.
    """
    names = [str(name) for name in about.column_names]
    if len(names) > MAX_COLUMNS or len(set(names)) < len(names):
        _require_size(upload, MOST_VALUES + 1)
    rows = int(about.number_rows or -1)
    limit = min(_MOST_ROWS, MOST_VALUES // max(len(names), 1)) + 1
    # Files of some programs do not say how many rows they have.
    known = rows > 0
    _require_size(upload, max(rows, 0) * len(names))
    widths = about.variable_storage_width
    _require_size(upload, max(rows, 0) * len(names), max(rows, 0) * sum(widths.values()))
    at_once = max(1, _AT_ONCE // max(rows, 1)) if known else 1
    for start in range(0, len(names), at_once):
        chosen = names[start : start + at_once]
        how = {"usecols": chosen, "row_limit": limit, "output_format": "dict"}
        try:
            found, _ = _read(upload, kind, how)
        except OverflowError:  # dates beyond the year 9999
            found, _ = _read(upload, kind, {**how, "disable_datetime_conversion": True})
        rows = max((len(values) for values in found.values()), default=0)
        _require_size(upload, rows * len(names), rows * sum(widths.values()))
        for name in chosen:
            yield name, pd.Series(found.pop(name))


def _read(upload: Upload, kind: str, how: dict[str, Any]) -> tuple[Any, Any]:
    # SPSS keeps codes for missing answers as values, and their ranges apart.
    kept = {"user_missing": True} if kind.startswith("SPSS") else {}
    found, about = _READERS[kind](io.BytesIO(upload.data), **how, **kept)
    return found, about


def _require_size(upload: Upload, values: int, size: int = 0) -> None:
    # Each value takes a bit at least, in files that are compressed within.
    if values > min(MOST_VALUES, 1000 * len(upload.data)) or size > MAX_BYTES:
        raise DataError(
            f"{upload.name} says that it holds more values than can be read.",
            "Leave out the columns that the analysis does not need.",
            code="too_large",
            file=upload.name,
        )


def _without_missing(
    columns: dict[str, pd.Series[str]], ranges: dict[str, list[dict[str, Any]]]
) -> tuple[dict[str, tuple[str, ...]], int]:
    """Empty the cells with codes that are declared as missing, in place.

    Returns
    -------
    tuple
        Column to the codes that were emptied, in order; number of cells.
    """
    codes: dict[str, tuple[str, ...]] = {}
    emptied = 0
    for name, declared in ranges.items():
        if name not in columns:
            continue
        cells = columns[name]
        levels = [str(level) for level in cells.unique() if level]
        found = [level for level in levels if any(_within(level, one) for one in declared)]
        if found:
            hit = cells.isin(found)
            emptied += int(hit.sum())
            columns[name] = cells.mask(hit, "")
            codes[name] = tuple(sorted(found))
    return codes, emptied


def _within(level: str, declared: dict[str, Any]) -> bool:
    low, high = declared["lo"], declared["hi"]
    if isinstance(low, str) or isinstance(high, str):
        return level == str(low).strip() == str(high).strip()
    try:
        return bool(float(low) <= float(level) <= float(high))
    except ValueError:
        return False


def _said(file: str, codes: dict[str, tuple[str, ...]], emptied: int) -> tuple[Finding, ...]:
    if not codes:
        return ()
    message = (
        f"{count(emptied, 'cell')} in {count(len(codes), 'column')} of {file} "
        f"{'holds a code' if emptied == 1 else 'hold codes'} that the file declares as missing; "
        f"{'it counts' if emptied == 1 else 'they count'} as empty."
    )
    return (Finding("declared_missing", "info", message, file),)
