"""Columns of calendar dates and ages as days, so that weeks can be counted; nothing is kept."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text

ORDERS = ("day", "month")
"""What can come first in dates such as 03/04/2021."""
_FIRST_YEAR, _LAST_YEAR = 1950, 2060
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", re.ASCII)
_DAY_WORD = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[-. /]*([^\W\d_]{3,})\.?,?[-. /]*(\d{4}|\d{2})")
_WORD_DAY = re.compile(r"([^\W\d_]{3,})\.?[-. ]*(\d{1,2})(?:st|nd|rd|th)?,?[-. ]+(\d{4})")
_CLOCK = re.compile(r"(?:[T ,]+|:)\d{1,2}[:.]\d{2}.*$")
_WEEKDAY = re.compile(r"^[^\W\d_]+,\s+(?=\d|[^\W\d_]+ \d)")
_MONTHS = {
    word: month
    for month, words in enumerate(
        ("jan", "feb fév fev helmi", "mar mär mrt maalis maa", "apr avr abr huhti",
         "maj may mai mei touko", "jun juin kesä", "jul juil heinä", "aug aoû ago elo", "sep syys",
         "okt oct loka", "nov marras", "dec dez des dic joulu déc"),
        start=1,
    )
    for word in words.split()
}  # fmt: skip


@dataclass(frozen=True)
class Days:
    """Days of a column, shape (n_rows,), NaN where there is none; questions on their order."""

    values: NDArray[np.float64]
    questions: tuple[Question, ...] = ()


def dates_in(column: Column) -> bool:
    """True if nearly all cells that are present can be read as calendar dates."""
    present = column.present_levels[:200]
    if not present or all(_SERIAL.fullmatch(one) for one in present):
        return False
    day_first = "month" not in _orders(present)
    return sum(_day(one, day_first) is not None for one in present) >= 0.9 * len(present)


def day_numbers(table: Table, column: Column, answer: str = "") -> Days:
    """The days of a column of dates.

    Dates with the year first, with names of months, as one number of eight digits or as serial
    numbers of a spreadsheet are beyond doubt. Where days and months are both numbers, one day
    beyond the twelfth settles the whole column.

    Parameters
    ----------
    answer
        One of :data:`ORDERS`, if the user has said it.

    Raises
    ------
    DataError
        If a cell is no date. Names the lines, never the cell.
    """
    orders = _orders(column.present_levels)
    questions: tuple[Question, ...] = ()
    if answer in ORDERS:
        day_first = answer == "day"
    elif len(orders) == 1:
        day_first = "day" in orders
    else:
        day_first = not any("/" in one for one in column.present_levels) or not orders
        if orders == set(ORDERS):
            text = (
                f"In the dates of column {column.name!r} of {table.name}, does the day or the "
                "month come first? No date settles it."
            )
            proposed = "day" if day_first else "month"
            questions = (Question("date_order", table.name, column.name, text, ORDERS, proposed),)
    found = [
        None if missing else _day(str(level), day_first)
        for level, missing in zip(column.levels, column.level_missing, strict=True)
    ]
    bad = np.array(
        [day is None and not m for day, m in zip(found, column.level_missing, strict=True)]
    )
    if bad.any():
        raise DataError(
            f"{table.name} has entries that are no dates, or impossible ones, in column "
            f"{column.name!r} on {lines_text(table.lines[bad[column.codes]])}.",
            "Correct them or leave them empty.",
            code="no_date",
            file=table.name,
            column=column.name,
        )
    days = np.array([np.nan if day is None else float(day) for day in found])
    return Days(days[column.codes], questions)


def _orders(present: list[str]) -> set[str]:
    """Which of :data:`ORDERS` are possible for all dates; both where nothing speaks of it."""
    possible: set[str] = set()
    seen = False
    first = second = 0
    for one in present:
        found = _NUMBERS.fullmatch(_without_clock(one))
        if found:
            seen = True
            first, second = max(first, int(found[1])), max(second, int(found[2]))
    if not seen:
        return possible
    if second <= 12:
        possible.add("day")
    if first <= 12:
        possible.add("month")
    return possible or {"day"}


def _without_clock(text: str) -> str:
    return _WEEKDAY.sub("", _CLOCK.sub("", text.strip()))


def _day(text: str, day_first: bool) -> int | None:
    """A date as its number of days; None for anything else."""
    text = _without_clock(text)
    if _SERIAL.fullmatch(text):
        return int(float(text.replace(",", "."))) + _EXCEL
    for pattern in (_ISO, _COMPACT):
        found = pattern.fullmatch(text)
        if found:
            return _number(int(found[1]), int(found[2]), int(found[3]))
    found = _NUMBERS.fullmatch(text)
    if found:
        a, b = int(found[1]), int(found[2])
        return _number(_year(found[3]), *((b, a) if day_first else (a, b)))
    found = _DAY_WORD.fullmatch(text)
    if found:
        return _number(_year(found[3]), _month(found[2]), int(found[1]))
    found = _WORD_DAY.fullmatch(text)
    if found:
        return _number(int(found[3]), _month(found[1]), int(found[2]))
    return None


_EXCEL = dt.date(1899, 12, 30).toordinal()


def _year(text: str) -> int:
    year = int(text)
    return year + (1900 if year > 60 else 2000) if len(text) == 2 else year


def _month(word: str) -> int:
    folded = word.casefold()
    return next((month for start, month in _MONTHS.items() if folded.startswith(start)), 0)


def _number(year: int, month: int, day: int) -> int | None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return None
    try:
        return dt.date(year, month, day).toordinal()
    except ValueError:
        return None
