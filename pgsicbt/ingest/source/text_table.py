"""From text to a table of cells: separator, header, records and notes below."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.decode import decode
from pgsicbt.ingest.source.genetic_text import refuse_program_text
from pgsicbt.ingest.source.header_row import (
    MOST_ABOVE,
    MOST_BELOW,
    Header,
    find_header,
    is_footer,
    joined_names,
)
from pgsicbt.ingest.source.headers import header_names, stands_for_data
from pgsicbt.ingest.source.separators import SEPARATOR_NAMES, find_separator, spaces_to_tabs
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import Upload
from pgsicbt.ingest.wording import count, lines_text
from pgsicbt.study import Finding

_COMMENT = re.compile(r"#(#|\s|\s*[\w .-]+=)|\s*#eigvals:")
_SPARE = 3
_LONGEST_LINE = 2_000_000


@dataclass(frozen=True)
class _Records:
    """Where the records of a text lie; shapes (n_records,), ``filled`` marks those not blank."""

    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    fields: NDArray[np.int64]
    lines: NDArray[np.int64]
    filled: NDArray[np.bool_]

    def parsed(self, data: bytes, delimiter: str, start: int, number: int) -> list[list[str]]:
        """The cells of some records, from the one numbered ``start`` on."""
        parts = [
            data[a:b].decode("utf-8")
            for a, b in zip(
                self.starts[start : start + number], self.ends[start : start + number], strict=True
            )
        ]
        return [next(csv.reader(io.StringIO(part), delimiter=delimiter), []) for part in parts]


def read_table(upload: Upload, choice: TableChoice | None = None) -> Table:
    """Read a text file as a table of text.

    Separator (comma, semicolon, tab, bar, runs of spaces), encoding and the line of the header
    are recognised by content. Blank lines are passed over; lines above the header that begin with
    ``#`` are kept as comments, titles above and notes below the table as texts.

    Parameters
    ----------
    choice
        The header's line and the decimal mark, where the user has said them.

    Raises
    ------
    DataError
        If the file is empty, no text, has no header or no rows, has rows of differing length
        or two columns of the same name.
    """
    name, choice = upload.name, choice or TableChoice()
    text, encoding = decode(name, upload.data)
    _refuse_other_text(name, text)
    refuse_program_text(name, text)
    comments, text, skipped, declared = _preamble(text)
    if not text:
        raise _no_rows(name)
    separator, above = (declared, 0) if declared else find_separator(text)
    if separator == " ":
        text = spaces_to_tabs(text)
    delimiter = "\t" if separator == " " else separator or ","
    data = text.encode("utf-8", "replace")
    records = _scan(name, data, delimiter, skipped)
    if choice.header_row is not None:
        above = _record_of(name, records, choice.header_row)
    first = _first_records(name, records, data, delimiter, above)
    header = find_header(first) if choice.header_row is None else Header(0, 1)
    titles = first[header.row]
    if len(titles) > MAX_COLUMNS:
        raise DataError(
            f"{name} has more than {MAX_COLUMNS:,} columns.",
            "Load only the columns that the analysis needs.",
            code="too_large",
            file=name,
        )
    has_header = choice.header_row is not None or not stands_for_data(titles)
    start = above + (header.data if has_header else header.row)
    rows = np.flatnonzero(records.filled)
    rows = rows[rows >= start]
    rows, below = _without_footers(records, data, delimiter, rows, len(titles))
    if rows.size == 0:
        raise _no_rows(name)
    width = _width(name, records, rows, len(titles))
    cells = _cells(name, data, records, rows, delimiter, width)
    titles = joined_names(titles, header.upper)
    one_more = has_header and bool((records.fields[rows] == len(titles) + 1).all())
    if one_more and bool((cells[width - 1].str.strip() != "").any()):
        titles = ["row name", *titles]  # R writes row names without a heading
    spare = range(len(titles), width)
    filled = [i for i in spare if bool((cells[i].str.strip() != "").any())]
    if filled:
        over = (cells[filled].apply(lambda c: c.str.strip()) != "").any(axis=1).to_numpy()
        raise _ragged(name, records.lines[rows][over], len(titles), "more")
    cells = cells.drop(columns=list(spare))
    again = _repeats(cells, titles) if has_header else np.zeros(len(cells), dtype=bool)
    if again.any():
        cells, repeated = cells.loc[~again].reset_index(drop=True), rows[again]
        rows = rows[~again]
        if not rows.size:
            raise _no_rows(name)
    columns, cells = header_names(name, titles, cells, has_header)
    over = [cell for row in records.parsed(data, delimiter, 0, above + header.row) for cell in row]
    notes = [cell for row in below for cell in row if cell.strip()]
    return Table(
        name=name,
        columns=columns,
        cells=cells,
        lines=records.lines[rows],
        sha256=hashlib.sha256(upload.data).hexdigest(),
        separator=SEPARATOR_NAMES.get(separator, "one column"),
        encoding=encoding,
        comments=comments,
        texts=(*filter(None, over), *notes, *header.titles),
        titles=_titles(columns, titles, header),
        decimal=choice.decimal,
        findings=(
            *_set_aside(name, records, len(below)),
            *(_header_again(name, records.lines[repeated]) if again.any() else ()),
        ),
    )


def _first_records(
    name: str, records: _Records, data: bytes, delimiter: str, start: int
) -> list[list[str]]:
    """The first rows as cells; a table has no line of a million letters."""
    chosen = slice(start, start + MOST_ABOVE + 5)
    if int((records.ends[chosen] - records.starts[chosen]).max(initial=0)) > _LONGEST_LINE:
        raise DataError(
            f"{name} has lines too long for a table.",
            "Load a table with one row per person or visit.",
            code="not_a_table",
            file=name,
        )
    try:
        return records.parsed(data, delimiter, start, MOST_ABOVE + 5)
    except csv.Error:
        raise _broken(name) from None


def _refuse_other_text(name: str, text: str) -> None:
    """Refuse text that is no table: JSON, web pages, XML, R scripts and the like."""
    begins = text.lstrip()[:200].casefold()
    what, hint = "", "Load tables as CSV or xlsx."
    if begins[:1] in {"{", "["}:
        what = "a JSON file"
        hint = "Load tables as CSV; a saved recipe or specification is given in its own place."
    elif begins.startswith(("<html", "<!doctype html", "<table", "<meta", "<head")):
        what = "a web page"
        hint = "Open it in a spreadsheet program, save it as xlsx or CSV and load that."
    elif begins.startswith(("<?xml", "<!doctype", "<office")):
        what, hint = "an XML file", "Open it in its program, save it as xlsx or CSV and load that."
    if what:
        raise DataError(f"{name} is {what}, not a table.", hint,
                        code="not_a_table", file=name)  # fmt: skip


def _record_of(name: str, records: _Records, line: int) -> int:
    at = np.flatnonzero((records.lines == line) & records.filled)
    if not at.size:
        raise DataError(
            f"{name} has nothing on line {line:,}, which was chosen for its header.",
            "Choose the line with the names of the columns.",
            code="no_header",
            file=name,
        )
    return int(at[0])


def _without_footers(
    records: _Records, data: bytes, delimiter: str, rows: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The rows without notes and totals below the table, and the cells of those."""
    notes: list[list[str]] = []
    while rows.size > 1 and len(notes) < MOST_BELOW:
        row = records.parsed(data, delimiter, int(rows[-1]), 1)[0]
        if not is_footer(row, width):
            break
        notes.append(row)
        rows = rows[:-1]
    return rows, notes


def _set_aside(name: str, records: _Records, below: int) -> tuple[Finding, ...]:
    if not below:
        return ()
    last = np.flatnonzero(records.filled)[-below:]
    where = lines_text(records.lines[last])
    message = (
        f"{name} has {count(below, 'line')} of notes or totals below the table, {where}; "
        f"{'it is' if below == 1 else 'they are'} set aside."
    )
    return (Finding("footer", "info", message, name),)


def _repeats(cells: pd.DataFrame, titles: Sequence[str]) -> NDArray[np.bool_]:
    """Shape (n_rows,): rows that repeat the header, as in files put together end to end."""
    names = [title.strip() for title in titles]
    again = (cells[0].str.strip() == names[0]).to_numpy(copy=True)
    if len(names) < 2 or not again.any():
        return np.zeros(len(cells), dtype=bool)
    for i, name in enumerate(names[1:], start=1):
        again &= (cells[i].str.strip() == name).to_numpy()
    return np.asarray(again)


def _header_again(name: str, lines: NDArray[np.int64]) -> tuple[Finding, ...]:
    message = (
        f"{name} repeats its header on {lines_text(lines)}, as files do that were put together; "
        f"{'it is' if lines.size == 1 else 'they are'} passed over."
    )
    return (Finding("header_again", "info", message, name),)


def _titles(columns: Sequence[str], names: Sequence[str], header: Header) -> dict[str, str]:
    if len(header.titles) != len(names):
        return {}
    plain = [" ".join(name.split()) for name in names]
    return {column: header.titles[plain.index(column)] for column in columns if column in plain}


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
        elif _COMMENT.match(this) or (this.startswith("#") and text[end + 1 : end + 2] == "#"):
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
