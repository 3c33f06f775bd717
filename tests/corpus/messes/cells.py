"""Cells of workbooks: formulas, errors, dates, two tables on a sheet, damage."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.messes.tools import (
    long,
    wide,
)
from tests.corpus.messes.workbooks import _add, book, fill, save
from tests.corpus.truth import WEEKS, shuffled


def _formulas() -> bytes:
    made = Workbook()
    sheet = made.active
    fill(sheet, [["ID", "week", *(f"q{i}" for i in range(1, 10)), "PHQ-9"]])
    row = 1
    for p in shuffled(62):
        for w in WEEKS:
            if ("PHQ-9", w) in p.answers:
                row += 1
                for column, value in enumerate((p.code, w, *p.answers["PHQ-9", w]), 1):
                    sheet.cell(row, column, value)
                sheet.cell(row, 12, f"=SUM(C{row}:K{row})")
    return save(made)


_add(
    "xlsx_formulas_without_values",
    "totals are formulas whose values were never saved (made by a script)",
    "formler.xlsx",
    _formulas(),
    expect="refused",
    words=("formler.xlsx", "PHQ-9"),
)


def _cached(data: bytes) -> bytes:
    """The same with the values that Excel would have saved beside the formulas."""
    answers = [(p, w) for p in shuffled(62) for w in WEEKS if ("PHQ-9", w) in p.answers]
    totals = iter(sum(p.answers["PHQ-9", w]) for p, w in answers)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            if name.endswith("sheet1.xml"):
                text = re.sub(
                    rb"</f><v\s*/>|</f><v></v>",
                    lambda _: f"</f><v>{next(totals)}</v>".encode(),
                    text,
                )
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, text)
    return out.getvalue()


_add(
    "xlsx_formulas_with_values",
    "totals are formulas with saved values; the questions have names that say nothing",
    "formler_ok.xlsx",
    _cached(_formulas()),
    extra=True,
)


def _errors(_: Workbook, sheet: Worksheet) -> None:
    for row in range(2, sheet.max_row + 1):
        for column in range(2, 11):
            if sheet.cell(row, column).value is None:
                one = sheet.cell(row, column, "#DIV/0!" if column % 2 else "#N/A")
                one.data_type = "e"


_add(
    "xlsx_error_cells",
    "error cells where a total could not be computed",
    "felceller.xlsx",
    book(wide(), change=_errors),
)


def _two_tables(_: Workbook, sheet: Worksheet) -> None:
    fill(
        sheet,
        [["ID", "Gammal PHQ-9"], *([p.code, str((p.number * 7) % 28)] for p in shuffled(63)[:30])],
        1,
        14,
    )


_add(
    "xlsx_two_tables_beside",
    "a second, older table to the right, after an empty column",
    "tva_tabeller.xlsx",
    book(wide(), change=_two_tables),
    expect="asked",
    words=("tva_tabeller.xlsx",),
)


def _below() -> bytes:
    return book(
        [*wide(), [""], [""], ["ID", *(f"GAD-7_week{w}" for w in WEEKS)], *wide(("GAD-7",))[1:]]
    )


_add(
    "xlsx_two_tables_below",
    "GAD-7 as a second table below the first: its totals must not pass for PHQ-9",
    "under.xlsx",
    _below(),
    expect="refused",
    words=("under.xlsx",),
)
_add(
    "xlsx_empty",
    "a workbook with an empty sheet",
    "tom.xlsx",
    book([]),
    expect="refused",
    words=("tom.xlsx",),
)
_add(
    "xlsx_header_only",
    "a header and nothing below",
    "bara_rubrik.xlsx",
    book(wide()[:1]),
    expect="refused",
    words=("bara_rubrik.xlsx",),
)
_add(
    "xlsx_truncated",
    "the workbook stopped half-way",
    "halv.xlsx",
    book(long())[:5000],
    expect="refused",
    words=("halv.xlsx",),
)
_add(
    "xlsx_word_in_total",
    "a remark in a cell of totals",
    "anm.xlsx",
    book(
        [
            [("se journal" if (i, j) == (44, 2) else c) for j, c in enumerate(r)]
            for i, r in enumerate(long())
        ]
    ),
    expect="refused",
    words=("anm.xlsx", "PHQ-9", "45"),
    owner="OUTCOMES",
)


def _date_total(_: Workbook, sheet: Worksheet) -> None:
    sheet.cell(51, 3).value = datetime(2023, 3, 2)
    sheet.cell(51, 3).number_format = "d-mmm"


_add(
    "xlsx_total_became_date",
    "a total that Excel turned into a date: not 44987 points",
    "blev_datum.xlsx",
    book(long(), change=_date_total),
    expect="refused",
    words=("blev_datum.xlsx", "PHQ-9", "51"),
    owner="OUTCOMES",
)


def _bomb() -> bytes:
    """Entities that multiply, in the workbook's own XML."""
    plain = book(long()[:5])
    out = io.BytesIO()
    lol = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10 if i else "lol"}">' for i in range(9))
    with (
        zipfile.ZipFile(io.BytesIO(plain)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("sheet1.xml"):
                data = f'<?xml version="1.0"?><!DOCTYPE x [{lol}]>'.encode() + data.replace(
                    b"</sheetData>", b"<row><c t='str'><v>&l8;</v></c></row></sheetData>"
                )
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)
    return out.getvalue()


_add(
    "xlsx_entities",
    "a workbook whose XML would unfold to gigabytes",
    "lol.xlsx",
    _bomb(),
    expect="refused",
    words=("lol.xlsx",),
)
