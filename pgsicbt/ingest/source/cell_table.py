"""A table out of rows of cells, as sheets have them, or out of named columns."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.header_row import (
    MOST_ABOVE,
    MOST_BELOW,
    Header,
    find_header,
    is_footer,
    joined_names,
)
from pgsicbt.ingest.source.headers import header_names, stands_for_data
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import MAX_BYTES
from pgsicbt.ingest.wording import count
from pgsicbt.instruments import simple_name
from pgsicbt.study import Finding
from pgsicbt.wording import listed

MOST_CELLS = 40_000_000
"""Cells of one sheet, empty ones included."""
Row = tuple[int, list[str]]
"""A row of a sheet: its number from 1, and its cells up to the last that is filled."""


def table_of_rows(name: str, rows: Sequence[Row], choice: TableChoice) -> Table:
    """A table out of the filled rows of a sheet.

    Raises
    ------
    DataError
        If there is no header, no row below it, or two columns of the same name.
    """
    filled = [row for row in rows if any(row[1])]
    header, start = _header(name, filled, choice)
    titles = filled[start + header.row][1] if filled else []
    has_header = choice.header_row is not None or not stands_for_data(titles)
    data = filled[start + (header.data if has_header else header.row) :]
    notes: list[Row] = []
    while len(data) > 1 and len(notes) < MOST_BELOW and is_footer(data[-1][1], len(titles)):
        notes.append(data.pop())
    if not data or len(titles) < 1:
        raise no_rows(name)
    width = max(len(titles), max(len(cells) for _, cells in data))
    if width > MAX_COLUMNS:
        raise DataError(
            f"{name} has more than {MAX_COLUMNS:,} columns.",
            "Load only the columns that the analysis needs.",
            code="too_large",
            file=name,
        )
    _require_size(name, data, width)
    width, beside = _without_second(titles, data, width)
    titles = [*titles, *[""] * (width - len(titles))][:width]
    names = joined_names(titles, header.upper[:width])
    cells = _frame(data, width)
    columns, cells = header_names(name, names, cells, has_header)
    above = [cell for _, row in filled[: start + header.row] for cell in row if cell]
    below = [cell for _, row in notes for cell in row if cell]
    findings: tuple[Finding, ...] = ()
    if beside:
        text = f"{name} has a second table to the right of an empty column; it is set aside."
        findings = (Finding("second_table", "warning", text, name),)
    if notes:
        text = (
            f"{name} has {count(len(notes), 'row')} of notes or totals below the table, row"
            f"{'s' if len(notes) > 1 else ''} {listed(str(n) for n, _ in notes[::-1])}; set aside."
        )
        findings = (*findings, Finding("footer", "info", text, name))
    return Table(
        name=name,
        columns=columns,
        cells=cells,
        lines=np.array([number for number, _ in data], dtype=np.int64),
        separator="cells",
        texts=(*above, *below, *header.titles),
        decimal=choice.decimal,
        findings=findings,
    )


def plain_table(name: str, rows: Sequence[Row]) -> Table:
    """Rows as they are, with numbers for names: what is no table and must be examined all the same.

    Raises
    ------
    DataError
        If there are too many cells.
    """
    width = min(max((len(cells) for _, cells in rows), default=0), MAX_COLUMNS)
    _require_size(name, rows, width)
    return Table(
        name=name,
        columns=tuple(f"column {i + 1}" for i in range(width)),
        cells=_frame(rows, width),
        lines=np.array([number for number, _ in rows], dtype=np.int64),
        separator="cells",
    )


def _frame(rows: Sequence[Row], width: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            i: pd.array([row[i] if i < len(row) else "" for _, row in rows], dtype="str")
            for i in range(width)
        }
    )


def _require_size(name: str, rows: Sequence[Row], width: int) -> None:
    """Refuse tables that become large only by empty cells or by one text that fills many."""
    if len(rows) * width > MOST_CELLS or sum(len(c) for _, row in rows for c in row) > MAX_BYTES:
        raise DataError(
            f"{name} spans more cells than are read.",
            "Save the rows and columns of the table as CSV and load that.",
            code="too_large",
            file=name,
        )


def _without_second(titles: Sequence[str], data: Sequence[Row], width: int) -> tuple[int, bool]:
    """The table's width up to an empty column that parts it from a second table.

    What stands to the right is a second table if it has names and fills other rows than the first
    or names its rows anew.
    """
    used = [bool(title) for title in titles] + [False] * (width - len(titles))
    for _, row in data:
        for i, cell in enumerate(row):
            used[i] = used[i] or bool(cell)
    start = next((i for i in range(width) if used[i]), width)
    gap = next((i for i in range(start, width) if not used[i]), width)
    right = [title for title in titles[gap:] if title]
    if gap == width or len(right) < 2:
        return width, False
    first = next(i for i in range(gap, len(titles)) if titles[i])
    ids = [row[first] for _, row in data if first < len(row) and row[first]]
    anew = len(set(ids)) > 0.5 * len(ids) and simple_name(titles[first]).endswith(("id", "nr"))
    fewer = len(ids) < 0.8 * len(data)
    return (gap, True) if anew or fewer else (width, False)


def _header(name: str, filled: Sequence[Row], choice: TableChoice) -> tuple[Header, int]:
    if choice.header_row is None:
        return find_header([cells for _, cells in filled[: MOST_ABOVE + 200]]), 0
    at = [i for i, (number, _) in enumerate(filled) if number == choice.header_row]
    if not at:
        raise DataError(
            f"{name} has nothing in row {choice.header_row:,}, which was chosen for its header.",
            "Choose the row with the names of the columns.",
            code="no_header",
            file=name,
        )
    return Header(0, 1), at[0]


def no_rows(name: str) -> DataError:
    """The error for a table without a row."""
    return DataError(
        f"{name} has no rows below its header.",
        "Export the table again and load that.",
        code="empty",
        file=name,
    )


def table_of_columns(name: str, columns: dict[str, pd.Series[str]]) -> Table:
    """A table out of named columns of text, with the record's number plus one as line.

    Raises
    ------
    DataError
        If there is no row or there are too many columns.
    """
    if not columns or not len(next(iter(columns.values()))):
        raise no_rows(name)
    if len(columns) > MAX_COLUMNS:
        raise DataError(
            f"{name} has more than {MAX_COLUMNS:,} columns.",
            "Load only the columns that the analysis needs.",
            code="too_large",
            file=name,
        )
    cells = pd.DataFrame(dict(enumerate(columns.values())))
    return Table(
        name=name,
        columns=tuple(columns),
        cells=cells,
        lines=np.arange(2, len(cells) + 2, dtype=np.int64),
        separator="columns",
    )
