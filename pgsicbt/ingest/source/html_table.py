"""Tables of web pages, as treatment platforms export them under the name of a spreadsheet.

The page is cut into tags by one pattern that never looks at a letter twice, since parsers that
forgive everything take endless time for pages made to that end.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.cell_table import Row, table_of_rows
from pgsicbt.ingest.source.decode import decode
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.uploads import Upload

MOST_CELLS = 10_000_000
_MOST_TAGS = 30_000_000
_LONGEST_SPAN = 10_000
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)([^<>]*)>|<[!?][^<>]*>")
_SPAN = re.compile(r"\b(row|col)span\s*=\s*[\"']?(\d{1,6})", re.IGNORECASE)
_TELLING = re.compile(
    r"\b(?:title|alt|href|value|content|data-[a-z-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')",
    re.IGNORECASE,
)
_CODE_END = re.compile(r"</(?:script|style)", re.IGNORECASE)
_LONG_NUMBER = re.compile(r"&#x?[0-9a-fA-F]{8,};?")


class _Tables:
    """Rows of cells of every table; tables within tables count as text of their cell."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tables: list[list[Row]] = []
        self.other: list[str] = []
        self.depth = self.cells = self.tags = 0
        self.spans = (1, 1)
        self.cell: list[str] | None = None
        self.row: list[str] | None = None
        # Column to the rows that its last cell still spans, and what stands in it.
        self.below: dict[int, tuple[int, str]] = {}

    def feed(self, text: str) -> None:
        """Read a page without comments."""
        position = 0
        while (found := _TAG.search(text, position)) is not None:
            self._letters(text[position : found.start()])
            position = found.end()
            tag = (found[2] or "").casefold()
            self._take(0)
            if tag in ("script", "style") and not found[1]:
                end = _CODE_END.search(text, position)
                position = len(text) if end is None else end.start()
            elif found[1]:
                self._close(tag)
            elif tag:
                self._open(tag, found[3])
        self._letters(text[position:])
        self._end_row()

    def _take(self, cells: int) -> None:
        self.tags += 1
        self.cells += cells
        if self.tags > _MOST_TAGS or self.cells > MOST_CELLS:
            raise DataError(
                f"{self.name} has more cells than are read from a web page.",
                "Export the table as CSV and load that.",
                code="too_large",
                file=self.name,
            )

    def _open(self, tag: str, attributes: str) -> None:
        if attributes:
            self.other += filter(None, (_plain(a or b) for a, b in _TELLING.findall(attributes)))
        if tag == "table":
            self.depth += 1
            if self.depth == 1:
                self.tables.append([])
                self.below = {}
        elif self.depth == 1 and tag == "tr":
            self._end_row()
            self.row = []
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
            self.cell = []
            spans = {which.casefold(): int(n) for which, n in _SPAN.findall(attributes)}
            self.spans = _span(spans.get("row", 1)), _span(spans.get("col", 1))
        elif self.cell is not None and tag in ("br", "p", "div", "li"):
            self.cell.append(" ")

    def _close(self, tag: str) -> None:
        if tag == "table" and self.depth:
            if self.depth == 1:
                self._end_row()
            self.depth -= 1
        elif self.depth == 1 and tag in ("td", "th"):
            self._end_cell()
        elif self.depth == 1 and tag == "tr":
            self._end_row()

    def _letters(self, text: str) -> None:
        if self.cell is not None:
            self.cell.append(text)
        elif text and not text.isspace():
            self.other.append(_plain(text))

    def _fill_spanned(self, row: list[str]) -> None:
        while len(row) in self.below:
            rows, text = self.below.pop(len(row))
            if rows > 1:
                self.below[len(row)] = (rows - 1, text)
            row.append(text)
            self._take(1)

    def _end_cell(self) -> None:
        if self.cell is not None:
            row = self.row = [] if self.row is None else self.row
            self._fill_spanned(row)
            text = _plain("".join(self.cell))
            rows, columns = self.spans
            self._take(columns)
            if rows > 1:
                self.below[len(row)] = (rows - 1, text)
            row += [text, *[""] * (columns - 1)]
        self.cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self.row is not None:
            self._fill_spanned(self.row)
            if any(self.row):
                self.tables[-1].append((len(self.tables[-1]) + 1, self.row))
        self.row = None


def _span(number: int) -> int:
    return min(max(number, 1), _LONGEST_SPAN)


def _plain(text: str) -> str:
    """Text with marks such as ``&ouml;`` written as letters."""
    if "&" in text:
        text = html.unescape(_LONG_NUMBER.sub("", text))
    return " ".join(text.replace("\x00", "").split())


def _without_comments(text: str) -> tuple[str, list[str]]:
    """The page without comments, and the comments."""
    kept, comments, position = [], [], 0
    while (start := text.find("<!--", position)) >= 0:
        kept.append(text[position:start])
        end = text.find("-->", start)
        end = len(text) if end < 0 else end
        comments.append(text[start + 4 : end])
        position = end + 3
    return "".join([*kept, text[position:]]), comments


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
    text, comments = _without_comments(text)
    parser = _Tables(upload.name)
    parser.feed(text)
    rows = max(parser.tables, key=len, default=[])
    if len(rows) < 2:
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
    notes = [_plain(re.sub(r"<[^<>]*>", " ", one)) for one in comments]
    texts = (*table.texts, *parser.other, *others, *filter(None, notes))
    return replace(table, texts=texts, encoding=encoding, format="web page")
