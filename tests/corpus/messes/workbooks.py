"""Excel workbooks: sheets, titles, merged cells, dates, formulas, hidden things."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.messes.tools import (
    ALL_SCORES,
    Row,
    add,
    background_rows,
    long,
    outcome_mess,
    padded,
    score_rows,
    wide,
)
from tests.corpus.truth import WEEKLY, WEEKS, shuffled

CREATED = datetime(2024, 1, 1)


def cell(value: str) -> object:
    """A number where the text is one, as a person typing into Excel gets it."""
    if re.fullmatch(r"-?(0|[1-9]\d*)", value):
        return int(value)
    if re.fullmatch(r"-?\d+\.\d+", value):
        return float(value)
    return value or None


def fill(sheet: Worksheet, rows: Sequence[Sequence[str]], top: int = 1, left: int = 1) -> None:
    """Put rows into a sheet."""
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            if cell(value) is not None:
                sheet.cell(top + i, left + j, cell(value))


def save(book: Workbook) -> bytes:
    """The workbook with fixed dates inside and outside."""
    book.properties.created = book.properties.modified = CREATED
    buffer = io.BytesIO()
    book.save(buffer)
    out = io.BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2024-01-01T00:00:00Z", data
                )
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return out.getvalue()


def book(
    rows: list[Row],
    name: str = "Blad1",
    change: Callable[[Workbook, Worksheet], None] | None = None,
    *,
    top: int = 1,
    left: int = 1,
) -> bytes:
    """A workbook with one sheet."""
    made = Workbook()
    sheet = made.active
    sheet.title = name
    fill(sheet, rows, top, left)
    if change:
        change(made, sheet)
    return save(made)


def _add(name: str, about: str, file: str, data: bytes, **rest: object) -> None:
    outcome_mess(name, about, {file: data}, **rest)


_add("xlsx_plain", "a plain workbook", "utfall.xlsx", book(long()))
_add("xlsx_as_csv", "a workbook called .csv", "utfall.csv", book(long()))
_add("xlsx_without_suffix_xls", "a workbook called .xls", "utfall.xls", book(long()))


def _titles(_: Workbook, sheet: Worksheet) -> None:
    sheet["A1"] = "Internetbehandling, skattningar"
    sheet["A1"].font = Font(bold=True, size=16)
    sheet.merge_cells("A1:J1")
    sheet["A2"] = "Uttag för forskning"


_add(
    "xlsx_title_rows",
    "a title over merged cells, an empty row, then the header",
    "rapport.xlsx",
    book(wide(), change=_titles, top=4),
)
_add("xlsx_offset", "the table starts in C5", "forskjuten.xlsx", book(wide(), top=5, left=3))


def _merged_header() -> bytes:
    made = Workbook()
    sheet = made.active
    sheet["B1"], sheet["K1"] = "PHQ-9", "GAD-7"
    sheet.merge_cells("B1:J1")
    sheet.merge_cells("K1:S1")
    fill(
        sheet,
        [
            ["ID", *(f"Vecka {w}" for w in WEEKS), *(f"Vecka {w}" for w in WEEKS)],
            *wide(("PHQ-9", "GAD-7"))[1:],
        ],
        2,
    )
    return save(made)


_add(
    "xlsx_merged_header",
    "PHQ-9 and GAD-7 in merged cells over the weeks",
    "sammanslagna.xlsx",
    _merged_header(),
    outcomes=("PHQ-9", "GAD-7"),
)


def _sheets() -> bytes:
    made = Workbook()
    sheet = made.active
    sheet.title = "Läs mig"
    fill(
        sheet,
        [["Export av studien"], ["Frågor: studiens samordnare"], [""], ["Poäng: se fliken PGS"]],
    )
    for name, rows in (("PGS", score_rows()), ("Utfall", long()), ("Bakgrund", background_rows())):
        fill(made.create_sheet(name), rows)
    made.create_sheet("Blad5")
    return save(made)


add(
    "xlsx_three_sheets",
    "scores, outcomes and background on three sheets, a read-me before and an empty one after",
    {"studie.xlsx": _sheets()},
    scores=ALL_SCORES,
    covariates=("age", "sex", "diagnosis", "batch"),
)


def _chart_sheet(made: Workbook, _: Worksheet) -> None:
    fill(
        made.create_sheet("Sammanfattning"),
        [["Mått", "N", "Medel"], ["PHQ-9 före", "58", "14.9"], ["PHQ-9 efter", "41", "9.2"]],
    )
    fill(
        made.create_sheet("Kodbok"),
        [["Variabel", "Betydelse"], ["week", "vecka från start"], ["PHQ-9", "summa 0-27"]],
    )


_add(
    "xlsx_summary_and_codebook",
    "a summary of means and a codebook on further sheets: not people",
    "med_kodbok.xlsx",
    book(long(), change=_chart_sheet),
)


def _sheet_per_week() -> bytes:
    made = Workbook()
    made.remove(made.active)
    for w in WEEKLY:
        fill(
            made.create_sheet(f"Vecka {w}"),
            [
                ["ID", "PHQ-9"],
                *(
                    [p.code, str(t)]
                    for p in shuffled(60 + w)
                    if (t := p.total("PHQ-9", w)) is not None
                ),
            ],
        )
    return save(made)


_add(
    "xlsx_sheet_per_week",
    "a sheet per week; the week stands only in the name of the sheet",
    "flikar.xlsx",
    _sheet_per_week(),
    weeks=WEEKLY,
    expect="either",
    words=("flikar.xlsx",),
    owner="OUTCOMES",
)


def _zero_format(_: Workbook, sheet: Worksheet) -> None:
    for row in range(2, sheet.max_row + 1):
        one = sheet.cell(row, 1)
        one.value = int(str(one.value))
        one.number_format = "0000"


_add(
    "xlsx_zeros_by_format",
    "ids are numbers shown with leading zeros by their format 0000",
    "format.xlsx",
    book(long(ident=padded), change=_zero_format),
    beside=("scores_padded.csv",),
)


def _text_numbers(_: Workbook, sheet: Worksheet) -> None:
    for row in range(2, sheet.max_row + 1):
        for column in (2, 3):
            one = sheet.cell(row, column)
            one.value = str(one.value) if one.value is not None else None


_add(
    "xlsx_numbers_as_text",
    "numbers stored as text (green corners)",
    "text.xlsx",
    book(long(), change=_text_numbers),
)


def _dates(number_format: str) -> bytes:
    made = Workbook()
    sheet = made.active
    fill(sheet, [["ID", "Start", "Datum", "PHQ-9"]])
    row = 1
    for p in shuffled(61):
        for w in WEEKS:
            if (t := p.total("PHQ-9", w)) is not None:
                row += 1
                sheet.cell(row, 1, p.code)
                for column, day in ((2, p.start), (3, p.date(w))):
                    sheet.cell(
                        row, column, datetime(day.year, day.month, day.day)
                    ).number_format = number_format
                sheet.cell(row, 4, t)
    return save(made)


for _n, _format in enumerate(("yyyy-mm-dd", "dd/mm/yyyy", "mmm yy", "General")):
    _add(
        f"xlsx_date_cells_{_n}",
        f"date cells shown as {_format}",
        "datumceller.xlsx",
        _dates(_format),
        within=1e-3,
        owner="OUTCOMES",
        recipe={"roles": {"datumceller.xlsx": {"Start": "start:date", "Datum": "time:date"}}},
    )


def _colours(_: Workbook, sheet: Worksheet) -> None:
    for row in (3, 9, 27):
        for column in range(1, 11):
            sheet.cell(row, column).fill = PatternFill("solid", fgColor="FFFF00")
            sheet.cell(row, column).font = Font(strike=row == 27)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = "A1:J61"


_add(
    "xlsx_colours",
    "yellow rows, a struck-out one, a filter and frozen panes: colours are not read",
    "gult.xlsx",
    book(wide(), change=_colours),
)


def _filtered(_: Workbook, sheet: Worksheet) -> None:
    sheet.auto_filter.ref = "A1:C300"
    for row in range(100, 140):
        sheet.row_dimensions[row].hidden = True


_add(
    "xlsx_filtered_rows",
    "rows hidden by a filter are rows",
    "filtrerad.xlsx",
    book(long(), change=_filtered),
    noticed=("hidden",),
)


def _totals(_: Workbook, sheet: Worksheet) -> None:
    last = sheet.max_row
    sheet.cell(last + 1, 1, "Medel")
    sheet.cell(last + 2, 1, "Antal")
    for column in range(2, 11):
        sheet.cell(last + 1, column, 11.37)
        sheet.cell(last + 2, column, 50)
    sheet.cell(last + 4, 1, "* efter vecka 8: telefonuppföljning")


_add(
    "xlsx_totals_below",
    "means, counts and a footnote below the table",
    "medel.xlsx",
    book(wide(), change=_totals),
)
