"""Tables of web pages, as treatment platforms export them under the name of a spreadsheet."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.cell_table import Row, table_of_rows
from pgsicbt.ingest.source.decode import decode
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import Upload

MOST_CELLS = 10_000_000


class _Tables(HTMLParser):
    """Rows of cells of every table; tables within tables are passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Row]] = []
        self.other: list[str] = []
        self.depth = self.cells = 0
        self.span = 1
        self.cell: list[str] | None = None
        self.row: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append([])
        elif self.depth == 1 and tag == "tr":
            self._end_row()
            self.row = []
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self.cell = []
            span = dict(attrs).get("colspan") or "1"
            self.span = min(int(span), 100) if span.isascii() and span.isdigit() else 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "table" and self.depth:
            if self.depth == 1:
                self._end_row()
            self.depth -= 1
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self.depth == 1 and tag == "tr":
            self._end_row()

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell.append(data)
        elif data.strip():
            self.other.append(data.strip())

    def _end_cell(self) -> None:
        if self.cell is not None:
            self.row = [] if self.row is None else self.row
            self.row += [" ".join("".join(self.cell).split()), *[""] * (self.span - 1)]
            self.cells += self.span
        self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.row is not None and any(self.row) and self.cells <= MOST_CELLS:
            rows = self.tables[-1]
            rows.append((len(rows) + 1, self.row))
        self.row = None


def is_html(data: bytes) -> bool:
    """True for a web page with a table in it."""
    head = data[:4096].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    page = head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head"))
    return page and b"<table" in data.replace(b"\x00", b"").lower()


def read_html(upload: Upload, choice: TableChoice) -> Table:
    """The largest table of a web page; lines count its filled rows.

    Raises
    ------
    DataError
        If there is no table of people in the page.
    """
    text, encoding = decode(upload.name, upload.data)
    parser = _Tables()
    parser.feed(text)
    parser.close()
    rows = max(parser.tables, key=len, default=[])
    if len(rows) < 2 or parser.cells > MOST_CELLS:
        raise DataError(
            f"{upload.name} is a web page without a table of people.",
            "Export the table as xlsx or CSV and load that.",
            code="not_a_table",
            file=upload.name,
        )
    table = table_of_rows(upload.name, rows, choice)
    others = [
        cell for one in parser.tables if one is not rows for _, row in one for cell in row if cell
    ]
    texts = (*table.texts, *parser.other, *others)
    return replace(table, texts=texts, encoding=encoding, format="web page")
