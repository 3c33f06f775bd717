"""One sheet of an xlsx workbook: its cells as text, and what else stands on it."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field

from pgsicbt.errors import DataError
from pgsicbt.ingest.source.cell_formats import Looks, excel_text
from pgsicbt.ingest.source.cell_table import Row
from pgsicbt.ingest.source.containers import damaged_zip
from pgsicbt.ingest.source.markup import LONGEST_CELL, Budget, local, parse_part, size_of

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_TEXTS = {
    "oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter",
    "formula1", "formula2", "formula",
}  # fmt: skip
_ATTRIBUTES = {
    "dataValidation": ("prompt", "promptTitle", "error", "errorTitle"),
    "hyperlink": ("display", "tooltip", "location"),
    "filter": ("val",),
    "customFilter": ("val",),
    "protectedRange": ("name",),
    "cfRule": ("text",),
}
_REMEMBERED = 100_000


@dataclass
class Sheet:
    """What stands on a sheet.

    Parameters
    ----------
    rows
        The filled rows: their numbers, and the cells up to the last that is filled.
    strings
        Positions of shared strings that were used.
    hidden_rows, hidden_columns
        Filled rows that are hidden, and positions of hidden columns.
    uncomputed
        Positions of columns with formulas whose value was never saved.
    merged
        Cells joined into one: first row, first column, last row, last column; rows from 1,
        columns from 0.
    texts
        Headers for printing, lists of permitted answers, links and the like.
    """

    rows: list[Row] = field(default_factory=list)
    strings: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    hidden_columns: set[int] = field(default_factory=set)
    uncomputed: set[int] = field(default_factory=set)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def read_sheet(
    name: str,
    archive: zipfile.ZipFile,
    member: str,
    strings: list[str],
    looks: Looks,
    budget: Budget,
) -> Sheet:
    """Read the cells of a sheet.

    Raises
    ------
    DataError
        If the sheet is damaged or holds more than is read.
    """
    reader = _Reader(name, strings, looks, budget)
    parse_part(name, archive, member, reader.start, reader.end, reader.letters)
    reader.finish()
    return reader.sheet


class _Reader:
    """Takes the elements of a sheet one after the other."""

    def __init__(self, name: str, strings: list[str], looks: Looks, budget: Budget) -> None:
        self.name, self.strings, self.looks, self.budget = name, strings, looks, budget
        self.sheet = Sheet()
        self.row: list[str] = []
        self.number = 0
        self.hidden = False
        self.column = -1
        self.kind = self.style = ""
        self.pieces: list[str] = []
        self.held = 0
        self.taking = self.formula = self.valued = self.phonetic = False
        self.known: dict[tuple[str, str, str], str] = {}
        self.zeros: dict[int, tuple[int, int]] = {}

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell(attributes)
        elif tag in ("v", "t"):
            self.taking = not self.phonetic
            self.valued = True
        elif tag == "row":
            self._row(attributes)
        elif tag == "f":
            self.formula = True
        elif tag == "rPh":
            self.phonetic = True
        elif tag in _TEXTS:
            self.taking = True
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))
        elif tag == "col":
            self._col(attributes)
        elif tag in _ATTRIBUTES:
            self._keep(*(attributes.get(key, "") for key in _ATTRIBUTES[tag]))

    def end(self, tag: str) -> None:
        if tag == "c":
            self._end_cell()
        elif tag in ("v", "t"):
            self.taking = False
        elif tag == "row":
            self._end_row()
        elif tag == "rPh":
            self.phonetic = False
        elif tag in _TEXTS:
            self._keep("".join(self.pieces))
            self.taking, self.pieces, self.held = False, [], 0

    def letters(self, text: str) -> None:
        if self.taking:
            self.held += len(text)
            if self.held > LONGEST_CELL:
                self.budget.take(0, self.budget.letters + 1)
            self.pieces.append(text)

    def finish(self) -> None:
        """Take zeros that a program without arithmetic left in place of results for none."""
        for column, (formulas, zeros) in self.zeros.items():
            if self.looks.recalculate and formulas == zeros and formulas > 2:
                self.sheet.uncomputed.add(column)

    def _keep(self, *texts: str) -> None:
        for text in filter(None, texts):
            self.budget.take(1, size_of(text))
            self.sheet.texts.append(text)

    def _row(self, attributes: dict[str, str]) -> None:
        given = attributes.get("r", "")
        number = int(given) if given.isascii() and given.isdigit() and len(given) < 8 else 0
        self.number = max(self.number + 1, number) if not given or number else LAST_ROW + 1
        if self.number > LAST_ROW:
            raise damaged_zip(self.name)
        self.hidden = attributes.get("hidden") in ("1", "true")
        self.row, self.column = [], -1

    def _end_row(self) -> None:
        row = self.row
        while row and not row[-1]:
            row.pop()
        if row:
            self.sheet.rows.append((self.number, row))
            self.sheet.hidden_rows += self.hidden
        self.row = []

    def _cell(self, attributes: dict[str, str]) -> None:
        found = _REFERENCE.fullmatch(attributes.get("r", ""))
        column = self.column + 1 if found is None else position(found[1])
        if column >= LAST_COLUMN:
            raise damaged_zip(self.name)
        self.column = column
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.formula = self.valued = False
        self.pieces, self.held = [], 0

    def _end_cell(self) -> None:
        pieces, column, row = self.pieces, self.column, self.row
        raw = pieces[0] if len(pieces) == 1 else "".join(pieces)
        if self.formula:
            self._computed(raw)
        if not raw:
            return
        key = (self.kind, self.style, raw)
        text = self.known.get(key)
        if text is None:
            text = self._text(raw)
            if len(self.known) < _REMEMBERED:
                self.known[key] = text
        if text:
            missing = column - len(row)
            self.budget.take(max(missing, 0) + 1, len(text) if text.isascii() else size_of(text))
            if missing > 0:
                row.extend([""] * missing)
            if missing >= 0:
                row.append(text)
            else:
                row[column] = text
        self.pieces, self.held = [], 0

    def _text(self, raw: str) -> str:
        if self.kind == "s":
            if not (raw.isascii() and raw.isdigit() and len(raw) < 9):
                raise damaged_zip(self.name)
            at = int(raw)
            if at >= len(self.strings):
                raise damaged_zip(self.name)
            self.sheet.strings.add(at)
            return self.strings[at]
        return excel_text(raw, self.kind, self.style, self.looks)

    def _computed(self, raw: str) -> None:
        """Note formulas without a value; an empty text is a value."""
        if not raw and not (self.kind == "str" and self.valued):
            self.sheet.uncomputed.add(self.column)
        formulas, zeros = self.zeros.get(self.column, (0, 0))
        self.zeros[self.column] = (formulas + 1, zeros + (raw == "0"))

    def _merge(self, reference: str) -> None:
        ends = [_REFERENCE.fullmatch(part) for part in reference.split(":")]
        if len(ends) != 2 or ends[0] is None or ends[1] is None:
            return
        self.budget.take(1, 0)
        (a, first), (b, last) = ends[0].groups(), ends[1].groups()
        self.sheet.merged.append((int(first), position(a), int(last), position(b)))

    def _col(self, attributes: dict[str, str]) -> None:
        if local(attributes, "hidden") not in ("1", "true"):
            return
        ends = [attributes.get(key, "") for key in ("min", "max")]
        if all(end.isascii() and end.isdigit() and len(end) < 6 for end in ends):
            first, last = int(ends[0]), min(int(ends[1]), LAST_COLUMN)
            self.sheet.hidden_columns.update(range(first - 1, last))


def position(letters: str) -> int:
    """Position of a column by its letters: 0 for ``A``, 27 for ``AB``."""
    found = 0
    for letter in letters:
        found = found * 26 + ord(letter) - 64
    return found - 1


def letters(column: int) -> str:
    """The letters of a column by its position: ``AB`` for 27."""
    found = ""
    while column >= 0:
        found = chr(65 + column % 26) + found
        column = column // 26 - 1
    return found


def fill_merged(name: str, sheet: Sheet) -> tuple[list[Row], int]:
    """The rows of a sheet with cells that span several rows counted for each of them.

    Returns
    -------
    tuple
        The rows; number of cells that were filled.

    Raises
    ------
    DataError
        If cells are merged over and over.
    """
    tall = [m for m in sheet.merged if m[0] < m[2] and m[1] == m[3]]
    if not tall:
        return sheet.rows, 0
    at = {number: i for i, (number, _) in enumerate(sheet.rows)}
    rows = [(number, list(cells)) for number, cells in sheet.rows]
    filled, left = 0, 4 * len(rows) + 1_000_000
    for first, column, last, _ in tall:
        if first not in at or column >= len(rows[at[first]][1]):
            continue
        text = rows[at[first]][1][column]
        for i in range(at[first] + 1, len(rows)):
            number, cells = rows[i]
            left -= 1
            if number > last:
                break
            if left < 0:
                raise DataError(
                    f"{name} has too many merged cells.",
                    "Take the merged cells apart, or save the sheet as CSV.",
                    code="too_large",
                    file=name,
                )
            if text and column < len(cells) and not cells[column]:
                cells[column] = text
                filled += 1
    return rows, filled
