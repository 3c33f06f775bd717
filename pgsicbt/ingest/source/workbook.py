"""Excel workbooks: every sheet, and all text that is not in a cell."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree as SafeTree
import openpyxl
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from pgsicbt.deidentify import Text
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.cell_table import Row, table_of_rows
from pgsicbt.ingest.source.cell_text import cell_text
from pgsicbt.ingest.source.containers import damaged_zip, open_zip, read_member
from pgsicbt.ingest.source.tables import MAX_COLUMNS, Table
from pgsicbt.ingest.uploads import Upload
from pgsicbt.ingest.wording import count
from pgsicbt.study import Finding

MOST_CELLS = 30_000_000
"""Cells of all sheets together that are read at most."""
_WHERE = (
    ("xl/comments", "a comment"),
    ("xl/threadedComments", "a comment"),
    ("xl/persons", "the list of people who commented"),
    ("docProps/", "the document's properties"),
    ("xl/drawings/", "a text box"),
    ("xl/charts/", "a chart"),
    ("customXml/", "the document's properties"),
)
_HIDDEN_ROW = re.compile(rb"<row [^>]*hidden=\"(?:1|true)\"")
_NO_VALUE = re.compile(
    rb"<c r=\"([A-Z]{1,3})\d+\"[^>]*>\s*<f[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v></v>)?\s*</c>"
)
_ZEROS = re.compile(r"0{2,}")
# What openpyxl was seen to raise on damaged workbooks.
_DAMAGED = (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, IndexError,
            AttributeError, ParseError, DefusedXmlException, EOFError, OSError, AssertionError,
            OverflowError, UnicodeError, NotImplementedError, zipfile.LargeZipFile)  # fmt: skip


@dataclass(frozen=True)
class Workbook:
    """Sheets with a table, hidden ones apart, and all text outside cells."""

    tables: tuple[Table, ...]
    unread: tuple[Table, ...]
    texts: tuple[Text, ...]
    findings: tuple[Finding, ...]


def read_workbook(upload: Upload, choices: Mapping[str, TableChoice]) -> Workbook:
    """Read every sheet of an xlsx or xlsm workbook.

    Formulas count with the value that was last computed. Hidden rows and columns are read like
    others; hidden sheets are examined and not used, unless the user says so.

    Raises
    ------
    DataError
        If the workbook is damaged or too large, or no sheet holds a table.
    """
    name = upload.name
    archive = open_zip(name, upload.data)
    texts = list(_texts(name, archive))
    try:
        book = openpyxl.load_workbook(io.BytesIO(upload.data), read_only=True, data_only=True)
        sheets = [(s.title, s.sheet_state != "visible", _rows(name, s)) for s in book.worksheets]
        parts = {s.title: s._worksheet_path for s in book.worksheets}
    except _DAMAGED:
        raise damaged_zip(name) from None
    texts += [Text("the name of a sheet", title) for title, _, _ in sheets]
    tables: list[Table] = []
    unread: list[Table] = []
    findings: list[Finding] = []
    filled = [one for one in sheets if one[2]]
    for title, hidden, rows in filled:
        shown = name if len(filled) == 1 else f"{name} [{title}]"
        choice = choices.get(shown, TableChoice())
        try:
            table = table_of_rows(shown, rows, choice)
        except DataError as error:
            if choice.use or len(filled) == 1:
                raise
            texts += [Text(f"the sheet {title!r}", cell) for _, row in rows for cell in row if cell]
            findings.append(_aside(error.sentence, name))
            continue
        used = choice.use if choice.use is not None else not hidden
        if used:
            xml = read_member(name, archive, parts[title])
            _require_values(shown, xml, rows)
            findings += _hidden_rows(shown, xml)
        (tables if used else unread).append(table)
        texts += [Text(f"a line above or below the table of {title!r}", t) for t in table.texts]
        findings += table.findings
        if not used:
            why = "is hidden" if hidden else "is left out as you chose"
            findings.append(_aside(f"The sheet {title!r} of {name} {why}.", name))
    if not tables:
        raise DataError(
            f"{name} has no sheet with a table that can be read.",
            "Put a table with one row of names above its rows on a visible sheet.",
            code="empty",
            file=name,
        )
    return Workbook(tuple(tables), tuple(unread), tuple(texts), tuple(findings))


def _aside(sentence: str, name: str) -> Finding:
    return Finding("set_aside", "info", f"{sentence} It is set aside.", name)


def _hidden_rows(name: str, xml: bytes) -> list[Finding]:
    hidden = len(_HIDDEN_ROW.findall(xml))
    if not hidden:
        return []
    message = (
        f"{name} has {count(hidden, 'hidden row')}, as a filter leaves them; they are read like "
        "the others."
    )
    return [Finding("hidden_rows", "warning", message, name)]


def _require_values(name: str, xml: bytes, rows: list[Row]) -> None:
    """Refuse formulas that were never computed; their columns would be empty."""
    empty = {_position(ref) for ref in _NO_VALUE.findall(xml)}
    if not empty:
        return
    heads: dict[int, str] = {}
    for _, cells in reversed(rows):
        heads |= {i: cell for i, cell in enumerate(cells) if cell and i in empty}
    column = heads[min(heads)] if heads else ""
    raise DataError(
        f"{name} has formulas without values in column {column!r}.",
        "Open the workbook in a spreadsheet program, save it and load it again.",
        code="formulas",
        file=name,
        column=column,
    )


def _position(reference: bytes) -> int:
    """Position of the column of a cell: 0 for ``A7``, 27 for ``AB1``."""
    position = 0
    for letter in reference.upper():
        position = position * 26 + letter - 64
    return position - 1


def _rows(name: str, sheet: openpyxl.worksheet.worksheet.Worksheet) -> list[Row]:
    """The filled rows of a sheet as text."""
    sheet.reset_dimensions()  # a sheet's own word on its size is not to be trusted
    rows: list[Row] = []
    cells = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        texts = [_text(cell) for cell in row]
        while texts and not texts[-1]:
            texts.pop()
        if not texts:
            continue
        cells += len(texts)
        if cells > MOST_CELLS or len(texts) > MAX_COLUMNS:
            raise DataError(
                f"{name} has more cells than are read from a workbook.",
                "Save the sheet as CSV and load that.",
                code="too_large",
                file=name,
            )
        rows.append((number, texts))
    return rows


def _text(cell: openpyxl.cell.Cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        # 00123 is kept as the number 123 that is shown with five digits.
        digits = cell.number_format if value >= 0 else ""
        return str(value).zfill(len(digits)) if _ZEROS.fullmatch(digits or "") else str(value)
    return " ".join(cell_text(value).split())


def _texts(name: str, archive: zipfile.ZipFile) -> Iterator[Text]:
    """Comments, properties, text boxes, defined names and headers for printing."""
    for member in archive.namelist():
        where = next((what for start, what in _WHERE if member.startswith(start)), "")
        if where and member.endswith(".xml"):
            for text in _strings(name, read_member(name, archive, member)):
                yield Text(where, text)


def _strings(name: str, data: bytes) -> Iterator[str]:
    try:
        root = SafeTree.fromstring(data)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise damaged_zip(name) from None
    for element in root.iter():
        for text in (element.text, element.get("displayName"), element.get("name")):
            if text and text.strip():
                yield text.strip()
