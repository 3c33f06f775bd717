"""From text to a table of cells: separator, header, records and notes below."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

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
from pgsicbt.ingest.source.records import Records, ragged, scan
from pgsicbt.ingest.source.separators import SEPARATOR_NAMES, find_separator, spaces_to_tabs
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import Upload
from pgsicbt.ingest.wording import count, lines_text
from pgsicbt.study import Finding

_COMMENT = re.compile(r"#(#|\s|\s*[\w .-]+=)|\s*#eigvals:")
_MOST_COMMENTS = 100_000


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
    comments, text, skipped, declared = _preamble(name, text)
    if not text:
        raise _no_rows(name)
    separator, above = (declared, 0) if declared else find_separator(text)
    if separator == " ":
        text = spaces_to_tabs(text)
    delimiter = "\t" if separator == " " else separator or ","
    data = text.encode("utf-8", "replace")
    del text
    records = scan(name, data, delimiter, skipped)
    if choice.header_row is not None:
        above = _record_of(records, choice.header_row)
    first = records.parsed(above, MOST_ABOVE + 5)
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
    rows, below = _without_footers(records, rows, len(titles))
    if rows.size == 0:
        raise _no_rows(name)
    width = records.width(rows, len(titles))
    cells = records.cells(rows, width)
    titles = joined_names(titles, header.upper)
    one_more = has_header and bool((records.fields[rows] == len(titles) + 1).all())
    if one_more and bool((cells[width - 1].str.strip() != "").any()):
        titles = ["row name", *titles]  # R writes row names without a heading
    spare = range(len(titles), width)
    filled = [i for i in spare if bool((cells[i].str.strip() != "").any())]
    if filled:
        over = (cells[filled].apply(lambda c: c.str.strip()) != "").any(axis=1).to_numpy()
        raise ragged(name, records.lines[rows][over], len(titles), "more")
    cells = cells.drop(columns=list(spare))
    again = _repeats(cells, titles) if has_header else np.zeros(len(cells), dtype=bool)
    if again.any():
        cells, repeated = cells.loc[~again].reset_index(drop=True), rows[again]
        rows = rows[~again]
        if not rows.size:
            raise _no_rows(name)
    columns, cells = header_names(name, titles, cells, has_header)
    over = [cell for row in records.parsed(0, above + header.row) for cell in row]
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


def _record_of(records: Records, line: int) -> int:
    name = records.name
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
    records: Records, rows: NDArray[np.int64], width: int
) -> tuple[NDArray[np.int64], list[list[str]]]:
    """The rows without notes and totals below the table, and the cells of those."""
    notes: list[list[str]] = []
    while rows.size > 1 and len(notes) < MOST_BELOW:
        row = records.parsed(int(rows[-1]), 1)[0]
        if not is_footer(row, width):
            break
        notes.append(row)
        rows = rows[:-1]
    return rows, notes


def _set_aside(name: str, records: Records, below: int) -> tuple[Finding, ...]:
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


def _preamble(name: str, text: str) -> tuple[tuple[str, ...], str, int, str]:
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
            if len(comments) > _MOST_COMMENTS:
                raise DataError(
                    f"{name} begins with more than {_MOST_COMMENTS:,} lines of comments.",
                    "Load a table with one row per person or visit.",
                    code="not_a_table",
                    file=name,
                )
        elif this.strip():
            break
        position, line = end + 1, line + 1
    return tuple(comments), text[position:], line, declared


def _no_rows(name: str) -> DataError:
    return DataError(
        f"{name} has no rows below its header.",
        "Export the table again and load that.",
        code="empty",
        file=name,
    )
