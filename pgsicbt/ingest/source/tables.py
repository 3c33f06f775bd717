"""From text to a table of text cells that remembers the line of the file each row stood on."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.decode import decode, unpack
from pgsicbt.ingest.source.headers import header_names, stands_for_data
from pgsicbt.ingest.source.separators import SEPARATOR_NAMES, find_separator, spaces_to_tabs
from pgsicbt.ingest.uploads import Upload
from pgsicbt.ingest.wording import lines_text

MAX_COLUMNS = 20_000
_COMMENT = re.compile(r"#(#|\s|\s*[\w .-]+=)")
_SPARE = 3


@dataclass(frozen=True, eq=False)
class Table:
    """A file as rows and columns of text.

    Parameters
    ----------
    columns
        Names from the header, each once.
    cells
        One text column per name, numbered from 0, as they stand in the file.
    lines
        Shape (n_rows,): the line of the file where each row starts, counted from 1.
    comments
        Lines above the header that begin with ``#``.
    """

    name: str
    columns: tuple[str, ...]
    cells: pd.DataFrame
    lines: NDArray[np.int64]
    sha256: str = ""
    separator: str = "comma"
    encoding: str = "UTF-8"
    comments: tuple[str, ...] = ()
    _columns: dict[str, Column] = field(default_factory=dict, repr=False)

    @property
    def n_rows(self) -> int:
        return len(self.lines)

    @cached_property
    def positions(self) -> dict[str, int]:
        return {name: i for i, name in enumerate(self.columns)}

    def column(self, name: str) -> Column:
        """One column, typed; worked out once.

        Raises
        ------
        DataError
            If the table has no such column.
        """
        if name not in self._columns:
            if name not in self.positions:
                raise DataError(
                    f"{self.name} has no column called {name!r}.",
                    "Check the spelling against the file's header.",
                    code="unknown_column",
                    file=self.name,
                    column=name,
                )
            self._columns[name] = Column.read(name, self.cells[self.positions[name]])
        return self._columns[name]

    def without(self, columns: Collection[str]) -> Table:
        """The table without some of its columns."""
        if not columns:
            return self
        kept = [i for i, name in enumerate(self.columns) if name not in columns]
        return replace(
            self,
            columns=tuple(self.columns[i] for i in kept),
            cells=self.cells[kept].set_axis(range(len(kept)), axis=1),
            _columns={},
        )

    def keep(self, rows: NDArray[np.bool_]) -> Table:
        """The table with the marked rows only."""
        return replace(self, cells=self.cells.loc[rows], lines=self.lines[rows], _columns={})


@dataclass(frozen=True)
class _Records:
    """Where the records of a text lie; shapes (n_records,), ``filled`` marks those not blank."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    lines: NDArray[np.int64]
    filled: NDArray[np.bool_]


def read_table(upload: Upload) -> Table:
    """Read a file as a table of text.

    Separator (comma, semicolon, tab, bar, runs of spaces), encoding and gzip are recognised by
    content. Blank lines are passed over; lines above the header that begin with ``#`` are kept
    as comments.

    Raises
    ------
    DataError
        If the file is empty, no text, has no header or no rows, has rows of differing length
        or two columns of the same name.
    """
    name = upload.name
    text, encoding = decode(name, unpack(upload))
    if text.lstrip()[:1] in {"{", "["}:
        raise DataError(
            f"{name} is a JSON file, not a table.",
            "Load tables as CSV; a saved recipe or specification is given in its own place.",
            code="not_a_table",
            file=name,
        )
    comments, text, skipped, declared = _preamble(text)
    if not text:
        raise _no_rows(name)
    separator = declared or find_separator(text)
    if separator == " ":
        text = spaces_to_tabs(text)
    delimiter = "\t" if separator == " " else separator or ","
    data = text.encode("utf-8", "replace")
    records = _scan(name, data, delimiter, skipped)
    head = data[records.starts[0] : records.ends[0]].decode("utf-8")
    titles = next(csv.reader(io.StringIO(head), delimiter=delimiter), [])
    if len(titles) > MAX_COLUMNS:
        raise DataError(
            f"{name} has more than {MAX_COLUMNS:,} columns.",
            "Load only the columns that the analysis needs.",
            code="too_large",
            file=name,
        )
    rows = np.flatnonzero(records.filled)
    has_header = not stands_for_data(titles)
    rows = rows[1:] if has_header else rows
    if rows.size == 0:
        raise _no_rows(name)
    width = _width(name, records, rows, len(titles))
    cells = _cells(name, data, records, rows, delimiter, width)
    one_more = has_header and bool((records.fields[rows] == len(titles) + 1).all())
    if one_more and bool((cells[width - 1].str.strip() != "").any()):
        titles = ["row name", *titles]  # R writes row names without a heading
    spare = range(len(titles), width)
    filled = [i for i in spare if bool((cells[i].str.strip() != "").any())]
    if filled:
        over = (cells[filled].apply(lambda c: c.str.strip()) != "").any(axis=1).to_numpy()
        raise _ragged(name, records.lines[rows][over], len(titles), "more")
    cells = cells.drop(columns=list(spare))
    columns, cells = header_names(name, titles, cells, has_header)
    return Table(
        name=name,
        columns=columns,
        cells=cells,
        lines=records.lines[rows],
        sha256=hashlib.sha256(upload.data).hexdigest(),
        separator=SEPARATOR_NAMES.get(separator, "one column"),
        encoding=encoding,
        comments=comments,
    )


def _preamble(text: str) -> tuple[tuple[str, ...], str, int, str]:
    """Comments, the rest from the header on, lines passed over, and a declared separator."""
    comments: list[str] = []
    position = line = 0
    declared = ""
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        this = text[position:end]
        if re.fullmatch(r'"?sep=.?"?', this.strip(" ")) and line == 0:
            found = this.strip().strip('"')[4:5] or "\t"
            declared = found if found in SEPARATOR_NAMES else ""
        elif this.startswith("#") and (_COMMENT.match(this) or text[end + 1 : end + 2] == "#"):
            comments.append(this)
        elif this.strip():
            break
        position, line = end + 1, line + 1
    return tuple(comments), text[position:], line, declared


def _scan(name: str, data: bytes, delimiter: str, skipped: int) -> _Records:
    """Find records and count their fields; separators within quotation marks do not count."""
    raw = np.frombuffer(data, dtype=np.uint8)
    newline = raw == 10
    every_newline = np.flatnonzero(newline)
    separator = raw == ord(delimiter)
    if b'"' in data:
        quoted = np.bitwise_xor.accumulate((raw == 34).view(np.uint8)).astype(bool)
        if quoted[-1]:
            raise DataError(
                f"{name} opens a quotation mark that it never closes.",
                "Remove stray quotation marks and save the table again.",
                code="quotes",
                file=name,
            )
        newline &= ~quoted
        separator &= ~quoted
    ends = np.flatnonzero(newline)
    if ends.size == 0 or ends[-1] != len(raw) - 1:
        ends = np.append(ends, len(raw))
    starts = np.concatenate([[0], ends[:-1] + 1])
    content = (raw > 32) & (raw != ord(delimiter)) & (raw != 34)
    return _Records(
        starts=starts,
        ends=ends,
        fields=np.add.reduceat(separator, starts, dtype=np.int64) + 1,
        lines=np.searchsorted(every_newline, starts) + 1 + skipped,
        filled=np.add.reduceat(content, starts, dtype=np.int64) > 0,
    )


def _width(name: str, records: _Records, rows: NDArray[np.int64], expected: int) -> int:
    """Number of fields to read; refuses short rows, and long ones unless the excess is small."""
    fields = records.fields[rows]
    short = fields < expected
    if short.any():
        raise _ragged(name, records.lines[rows][short], expected, "fewer")
    if fields.max() > expected + _SPARE:
        raise _ragged(name, records.lines[rows][fields > expected], expected, "more")
    return int(fields.max())


def _ragged(name: str, lines: NDArray[np.int64], expected: int, how: str) -> DataError:
    return DataError(
        f"{name} has {how} cells than the header's {expected} on {lines_text(lines)}.",
        "Check these lines for missing or stray separators, or export the table again.",
        code="ragged",
        file=name,
    )


def _cells(
    name: str,
    data: bytes,
    records: _Records,
    rows: NDArray[np.int64],
    delimiter: str,
    width: int,
) -> pd.DataFrame:
    """The rows as text cells, without the header and blank lines."""
    keep = np.zeros(len(records.starts), dtype=bool)
    keep[rows] = True
    limits = np.append(records.starts, len(data))
    mask = np.repeat(keep, np.diff(limits))
    body = np.frombuffer(data, dtype=np.uint8)[mask].tobytes()
    try:
        cells = pd.read_csv(
            io.BytesIO(body),
            sep=delimiter,
            header=None,
            names=list(range(width)),
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            encoding="utf-8",
            engine="c",
            low_memory=False,
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, ValueError):
        raise _broken(name) from None
    # Fields beyond the names would become an index: pandas saw quotation marks differently.
    if len(cells) != len(rows) or not isinstance(cells.index, pd.RangeIndex):
        raise _broken(name)
    return cells


def _broken(name: str) -> DataError:
    return DataError(
        f"{name} cannot be divided into rows and cells.",
        "Remove stray quotation marks and save the table again as CSV.",
        code="quotes",
        file=name,
    )


def _no_rows(name: str) -> DataError:
    return DataError(
        f"{name} has no rows below its header.",
        "Export the table again and load that.",
        code="empty",
        file=name,
    )
