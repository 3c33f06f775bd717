"""Clocks that count weeks from dates or ages; the dates themselves go no further."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices, TableChoice
from pgsicbt.ingest.content.calendar import day_numbers
from pgsicbt.ingest.content.times import TimeUnit
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text
from pgsicbt.study import Finding
from pgsicbt.wording import listed

_DAYS_PER_YEAR = 365.25
_FAR_DAYS = 40 * _DAYS_PER_YEAR


@dataclass(frozen=True)
class Dated:
    """Weeks from the start, shape (n_rows,), NaN without a date; questions and findings."""

    weeks: NDArray[np.float64]
    questions: tuple[Question, ...] = ()
    findings: tuple[Finding, ...] = ()


def dated_weeks(
    table: Table,
    layout: Layout,
    choices: ReadingChoices,
    person: NDArray[np.int64],
    observed: NDArray[np.bool_],
) -> Dated:
    """Weeks of the rows of a long table from its dates or ages.

    Weeks count from the person's date of start where there is a column of it, otherwise from the
    first row of the person that has an outcome.

    Parameters
    ----------
    person, observed
        Shape (n_rows,): person of each row; whether it has an outcome.

    Raises
    ------
    DataError
        If a cell is no date, or dates of one person lie more than forty years apart.
    """
    name = layout.time
    days, questions = _days(table, layout, choices, name)
    start_name = layout.first("start:date")
    if start_name and layout.columns[name].role == "time:date":
        start, more = _days(table, layout, choices, start_name)
        questions += more
        begin = _first_of(person, start, np.ones(len(start), dtype=bool))
    else:
        start_name = ""
        begin = _first_of(person, days, observed)
    away = days - begin[person]
    _refuse_far(table, name, away)
    return Dated(away / 7, questions, (_said(table, [name], start_name),))


def _days(
    table: Table, layout: Layout, choices: ReadingChoices, name: str
) -> tuple[NDArray[np.float64], tuple[Question, ...]]:
    column = table.column(name)
    if layout.columns[name].role == "time:age":
        if column.text_rows.size:
            raise DataError(
                f"{table.name} has text where ages are due in column {name!r} on "
                f"{lines_text(table.lines[column.text_rows])}.",
                "Correct these cells or leave them empty.",
                code="text_for_number",
                file=table.name,
                column=name,
            )
        return column.numbers * _DAYS_PER_YEAR, ()
    days = day_numbers(table, column, choices.tables.get(table.name, TableChoice()).dates)
    return days.values, days.questions


def _first_of(
    person: NDArray[np.int64], days: NDArray[np.float64], rows: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Shape (n_persons,): the earliest day of each person among some rows, NaN if none."""
    first = np.full(int(person.max(initial=-1)) + 1, np.inf)
    use = rows & ~np.isnan(days)
    np.minimum.at(first, person[use], days[use])
    first[np.isinf(first)] = np.nan
    return first


def _refuse_far(table: Table, name: str, away: NDArray[np.float64]) -> None:
    far = np.abs(np.nan_to_num(away)) > _FAR_DAYS
    if far.any():
        raise DataError(
            f"{table.name} has dates of one person more than forty years apart in column "
            f"{name!r} on {lines_text(table.lines[far])}.",
            "Correct the year.",
            code="far_dates",
            file=table.name,
            column=name,
        )


def _said(table: Table, names: list[str], start: str) -> Finding:
    since = f"the date in {start!r}" if start else "each person's first visit"
    what = f"column {names[0]!r}" if len(names) == 1 else f"columns {listed(map(repr, names[:3]))}"
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    message = (
        f"Weeks of {table.name} are counted from {since}, by {what}{more}; the dates or ages "
        "themselves are not kept."
    )
    return Finding("dated", "warning", message, table.name, names[0])


@dataclass
class WaveClock:
    """Weeks of a wide table that has a column of dates or ages for every visit."""

    table: Table
    by_visit: dict[str, NDArray[np.float64]]
    unit: TimeUnit
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = field(default=())

    def weeks(self, rows: NDArray[np.int64], visit: str, /) -> NDArray[np.float64]:
        weeks: NDArray[np.float64] = self.by_visit[visit][rows]
        lacking = np.isnan(weeks)
        if lacking.any():
            raise DataError(
                f"{self.table.name} has outcomes of the visit {visit!r} without its date or age "
                f"on {lines_text(self.table.lines[rows[lacking]])}.",
                "Fill in the date or age, or leave these columns out.",
                code="missing_time",
                file=self.table.name,
            )
        return weeks

    def labels(self, _times: NDArray[np.float64], /) -> dict[float, str]:
        return {}


def wave_clock(table: Table, layout: Layout, choices: ReadingChoices) -> WaveClock | None:
    """The clock of a wide table with dates or ages for its visits; None if there are none.

    Raises
    ------
    DataError
        If a visit with outcomes has no such column, or a cell is no date or age.
    """
    names = [n for n in layout.with_role("time:date", "time:age") if layout.columns[n].visit]
    if not names:
        return None
    days: dict[str, NDArray[np.float64]] = {}
    questions: tuple[Question, ...] = ()
    for name in names:
        days[layout.columns[name].visit], more = _days(table, layout, choices, name)
        questions += more
    visits = {layout.columns[n].visit for n in layout.with_role("outcome", "item")}
    lacking = sorted(visits - set(days))
    if lacking:
        raise DataError(
            f"{table.name} has no date or age for its visit {lacking[0]!r}.",
            "Give the column of its date the role 'time:date', or leave the other dates out.",
            code="no_time",
            file=table.name,
        )
    start_name = layout.first("start:date")
    if start_name:
        start, more = _days(table, layout, choices, start_name)
        questions += more
    else:
        every = np.column_stack([days[visit] for visit in visits])
        start = np.where(np.isnan(every).all(axis=1), np.nan, np.nanmin(
            np.where(np.isnan(every), np.inf, every), axis=1))  # fmt: skip
    weeks = {}
    for name in names:
        away = days[layout.columns[name].visit] - start
        _refuse_far(table, name, away)
        weeks[layout.columns[name].visit] = np.round(away / 7, 6)
    return WaveClock(table, weeks, "week", (_said(table, names, start_name),), questions)
