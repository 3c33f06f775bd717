"""Workbooks that hide what identifies people."""

from __future__ import annotations

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.worksheet.worksheet import Worksheet

from tests.corpus.messes.tools import (
    Row,
    long,
    wide,
)
from tests.corpus.messes.workbooks import _add, book, fill
from tests.corpus.truth import shuffled

# What must not be kept

NAMES = (
    "Anna Lindqvist",
    "Erik Johansson",
    "Maria Nyström",
    "Lars Hedlund",
    "Karin Åkesson",
    "Johan Sandberg",
)


def _names(rows: int) -> list[Row]:
    return [["Namn"], *([NAMES[i % 6]] for i in range(rows))]


def _hidden_sheet(made: Workbook, _: Worksheet) -> None:
    hidden = made.create_sheet("nyckel")
    fill(hidden, [["kod", "namn"], *([p.code, NAMES[i % 6]] for i, p in enumerate(shuffled(64)))])
    hidden.sheet_state = "hidden"


_add(
    "xlsx_hidden_key",
    "a hidden sheet with the key from codes to names",
    "med_nyckel.xlsx",
    book(long(), change=_hidden_sheet),
    expect="guarded",
    words=("med_nyckel.xlsx", "nyckel"),
    secrets=NAMES,
    owner="GATE",
)


def _very_hidden(made: Workbook, sheet: Worksheet) -> None:
    _hidden_sheet(made, sheet)
    made["nyckel"].sheet_state = "veryHidden"


_add(
    "xlsx_very_hidden_key",
    "the same, very hidden",
    "med_nyckel2.xlsx",
    book(long(), change=_very_hidden),
    expect="guarded",
    words=("med_nyckel2.xlsx", "nyckel"),
    secrets=NAMES,
    owner="GATE",
)


def _hidden_column(_: Workbook, sheet: Worksheet) -> None:
    fill(sheet, _names(sheet.max_row - 1), 1, 4)
    sheet.column_dimensions["D"].hidden = True


_add(
    "xlsx_hidden_column",
    "names in a hidden column",
    "dold_kolumn.xlsx",
    book(long(), change=_hidden_column),
    expect="guarded",
    words=("dold_kolumn.xlsx", "Namn"),
    secrets=NAMES,
    owner="GATE",
)


def _comment(_: Workbook, sheet: Worksheet) -> None:
    sheet["C7"].comment = Comment("Ring tillbaka 070-174 06 35 efter kl 17", "samordnare")


_add(
    "xlsx_comment_phone",
    "a comment with a phone number",
    "kommentar.xlsx",
    book(long(), change=_comment),
    expect="guarded",
    words=("kommentar.xlsx",),
    secrets=("070-174 06 35", "0701740635"),
    owner="GATE",
)


def _properties(made: Workbook, _: Worksheet) -> None:
    made.properties.creator = "anna.lindqvist@example.org"
    made.properties.title = "Patient 19811218-9876"


_add(
    "xlsx_properties",
    "a personal number in the title of the document",
    "egenskaper.xlsx",
    book(long(), change=_properties),
    expect="guarded",
    words=("egenskaper.xlsx",),
    secrets=("19811218-9876", "anna.lindqvist@example.org"),
    owner="GATE",
)


_add(
    "xlsx_email_in_far_cell",
    "an e-mail address typed far below the table",
    "langt_ner.xlsx",
    book([*wide(), *[[""]] * 30, ["", "", "frågor till erik.johansson@example.org"]]),
    expect="guarded",
    words=("langt_ner.xlsx",),
    secrets=("erik.johansson@example.org",),
    owner="GATE",
)
