"""Excel workbooks: every sheet, and all text that is not in a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from pgsicbt.deidentify import Text
from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import TableChoice
from pgsicbt.ingest.source.cell_table import Row, plain_table, table_of_rows
from pgsicbt.ingest.source.containers import open_zip
from pgsicbt.ingest.source.markup import Budget
from pgsicbt.ingest.source.sheet_cells import Sheet, fill_merged, letters, read_sheet
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.source.workbook_parts import other_texts, pivot_copies, read_parts
from pgsicbt.ingest.uploads import Upload
from pgsicbt.ingest.wording import count
from pgsicbt.study import Finding

_NOT_LOOKED_AT = (
    ("xl/media/", "pictures"),
    ("xl/embeddings/", "embedded documents"),
    ("xl/vbaProject", "macros"),
    ("Pictures/", "pictures"),
    ("Object ", "embedded objects"),
)


@dataclass(frozen=True)
class SheetRows:
    """A sheet of any program before it is a table: filled rows and what was seen on the way.

    Parameters
    ----------
    hidden_rows, hidden_columns, merged
        Numbers of hidden rows and columns, and of cells filled because they are merged.
    uncomputed
        Positions of columns with formulas whose value was never saved.
    """

    title: str
    hidden: bool
    rows: list[Row]
    hidden_rows: int = 0
    hidden_columns: int = 0
    merged: int = 0
    uncomputed: frozenset[int] = frozenset()


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
    archive = open_zip(name, upload.data, workbook=True)
    budget = Budget(name)
    texts = list(other_texts(name, archive))
    copies = pivot_copies(name, archive, budget)
    parts = read_parts(name, archive, budget)
    used: set[int] = set()
    sheets = []
    for title, hidden, member in parts.sheets:
        sheet = read_sheet(name, archive, member, parts.strings, parts.looks, budget)
        texts += [Text("a note on a sheet", text) for text in sheet.texts]
        used |= sheet.strings
        sheets.append(_sheet_rows(name, title, hidden, sheet))
    left = [text for i, text in enumerate(parts.strings) if text and i not in used]
    texts += [Text("text left over from cells that were cleared", text) for text in left]
    return tables_of_sheets(name, sheets, choices, texts, copies, _unseen(name, archive.namelist()))


def _sheet_rows(name: str, title: str, hidden: bool, sheet: Sheet) -> SheetRows:
    rows, merged = fill_merged(name, sheet)
    width = max((len(cells) for _, cells in rows), default=0)
    columns = sum(column < width for column in sheet.hidden_columns)
    return SheetRows(
        title, hidden, rows, sheet.hidden_rows, columns, merged, frozenset(sheet.uncomputed)
    )


def _unseen(name: str, members: Iterable[str]) -> tuple[Finding, ...]:
    """Say what cannot be examined, and is not kept."""
    every = list(members)
    kinds = [what for start, what in _NOT_LOOKED_AT if any(m.startswith(start) for m in every)]
    return tuple(
        Finding("not_looked_at", "info", f"The {what} in {name} are not read or kept.", name)
        for what in kinds
    )


def tables_of_sheets(
    name: str,
    sheets: Iterable[SheetRows],
    choices: Mapping[str, TableChoice],
    texts: list[Text],
    copies: Iterable[Table] = (),
    findings: Iterable[Finding] = (),
) -> Workbook:
    """The tables among the sheets of a workbook; what is not used is left for the gate.

    Raises
    ------
    DataError
        If no sheet holds a table, or the table that is used has formulas without values.
    """
    texts += [Text("the name of a sheet", sheet.title) for sheet in sheets]
    tables: list[Table] = []
    unread: list[Table] = list(copies)
    said = list(findings)
    filled = [sheet for sheet in sheets if sheet.rows]
    for sheet in filled:
        shown = name if len(filled) == 1 else f"{name} [{sheet.title}]"
        choice = choices.get(shown, TableChoice())
        try:
            table = table_of_rows(shown, sheet.rows, choice)
        except DataError as error:
            if choice.use or len(filled) == 1:
                raise
            unread.append(plain_table(shown, sheet.rows))
            said.append(_aside(error.sentence, name))
            continue
        table = replace(table, format="Excel", sheet=sheet.title)
        if choice.use if choice.use is not None else not sheet.hidden:
            _require_values(table, sheet)
            said += _looks(shown, sheet)
            tables.append(table)
        else:
            unread.append(table)
            why = "is left out as you chose" if choice.use is False else "is hidden"
            said.append(_aside(f"The sheet {sheet.title!r} of {name} {why}.", name))
        where = f"a line above or below the table of {sheet.title!r}"
        texts += [Text(where, text) for text in table.texts]
        said += table.findings
    if not tables:
        raise DataError(
            f"{name} has no sheet with a table that can be read.",
            "Put a table with one row of names above its rows on a visible sheet.",
            code="empty",
            file=name,
        )
    return Workbook(tuple(tables), tuple(unread), tuple(texts), tuple(said))


def _aside(sentence: str, name: str) -> Finding:
    return Finding("set_aside", "info", f"{sentence} It is set aside.", name)


def _looks(name: str, sheet: SheetRows) -> list[Finding]:
    """What a reader of the sheet would not see, or would see otherwise."""
    found = []
    if sheet.merged:
        text = (
            f"Merged cells of {name} count for every row they span ({count(sheet.merged, 'cell')})."
        )
        found.append(Finding("merged_cells", "info", text, name))
    if sheet.hidden_rows:
        text = (
            f"{name} has {count(sheet.hidden_rows, 'hidden row')}, as a filter leaves them; they "
            "are read like the others."
        )
        found.append(Finding("hidden_rows", "warning", text, name))
    if sheet.hidden_columns:
        text = f"{name} has {count(sheet.hidden_columns, 'hidden column')}, read like the others."
        found.append(Finding("hidden_columns", "info", text, name))
    return found


def _require_values(table: Table, sheet: SheetRows) -> None:
    """Refuse formulas that were never computed; their columns would be empty."""
    if not sheet.uncomputed:
        return
    first = min(sheet.uncomputed)
    heads = [cells[first] for _, cells in sheet.rows if first < len(cells) and cells[first]]
    column = next((head for head in heads[:1] if head in table.columns), letters(first))
    raise DataError(
        f"{table.name} has formulas without values in column {column!r}.",
        "Open the workbook in a spreadsheet program, save it and load it again.",
        code="formulas",
        file=table.name,
        column=column if column in table.columns else "",
    )
