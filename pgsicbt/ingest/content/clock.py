"""The time of every observation of one file, in weeks from the start of treatment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.dated import dated_weeks, wave_clock
from pgsicbt.ingest.content.times import POST_WEEK, TimeUnit, VisitWeeks, parse_visit, place_visits
from pgsicbt.ingest.questions import AskingError, Question
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text, plain
from pgsicbt.study import WEEKS_PER_UNIT, Finding
from pgsicbt.wording import listed

SHOWN_FROM = 8
"""A visit's name is repeated in a message only if at least so many people have it."""
MOST_LABELS = 60
FAR_WEEKS = 522.0


class Clock(Protocol):
    """Gives the weeks of rows, for a column that belongs to a visit or for the rows' own."""

    unit: TimeUnit
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]

    def weeks(self, rows: NDArray[np.int64], visit: str, /) -> NDArray[np.float64]: ...

    def labels(self, times: NDArray[np.float64], /) -> dict[float, str]: ...


@dataclass
class _ColumnClock:
    placed: VisitWeeks
    unit: TimeUnit
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()

    def weeks(self, rows: NDArray[np.int64], visit: str, /) -> NDArray[np.float64]:
        return np.full(rows.size, self.placed.weeks[visit])

    def labels(self, times: NDArray[np.float64]) -> dict[float, str]:
        present = set(np.unique(times).tolist())
        found = {week: label for label, week in reversed(self.placed.weeks.items())}
        return {week: found[week] for week in sorted(found) if week in present}


def column_clock(table: Table, layout: Layout, choices: ReadingChoices) -> Clock:
    """The clock of a wide table, whose columns carry the visit in their names.

    Raises
    ------
    DataError
        If a column mixes visits and none, or a visit cannot be placed.
    """
    waves = wave_clock(table, layout, choices)
    if waves is not None:
        return waves
    outcomes = layout.with_role("outcome", "item")
    placed = place_visits([layout.columns[name].visit for name in outcomes], choices)
    for name in outcomes:
        if layout.columns[name].visit in placed.unknown:
            raise AskingError(
                f"The visit of column {name!r} of {table.name} cannot be placed in time.",
                "Give its week from the start of treatment in the recipe, under times.",
                questions=_which_weeks(table, placed.unknown, placed.proposed),
                code="unknown_visit",
                file=table.name,
                column=name,
            )
    findings: tuple[Finding, ...] = ()
    if placed.unsure:
        message = f"The columns of {table.name} number the visits; the numbers are taken as weeks."
        findings = (Finding("visit_numbers", "warning", message, table.name, outcomes[0]),)
    findings = (*findings, *_later(table, placed, outcomes[0]))
    return _ColumnClock(placed, placed.unit, findings, _assumed(table, placed))


def _assumed(table: Table, placed: VisitWeeks) -> tuple[Question, ...]:
    """Asks for visits whose week nothing in the file speaks for, such as a lone ``post``."""
    weeks = {label: placed.weeks[label] for label in placed.assumed}
    return _which_weeks(table, placed.assumed, weeks)


def _which_weeks(
    table: Table, labels: Iterable[str], proposed: Mapping[str, float]
) -> tuple[Question, ...]:
    """One question for every visit that cannot be placed, or only by assumption."""
    return tuple(
        Question(
            "visit_week",
            table.name,
            label,
            f"In which week from the start of treatment was the visit {label!r} of {table.name}?",
            proposed=f"{proposed[label]:g}" if label in proposed else "",
        )
        for label in labels
    )


def _later(table: Table, placed: VisitWeeks, column: str) -> tuple[Finding, ...]:
    """Says where follow-ups were placed, since their names leave that open."""
    said = [
        Finding(
            "follow_up",
            "warning",
            f"Follow-ups of {table.name} are counted from the {since} of treatment: "
            f"{_placed_in(placed, names)}; correct the weeks if they count from its {other}.",
            table.name,
            column,
        )
        for names, since, other in (
            (placed.later, "end", "start"),
            (placed.from_start, "start", "end"),
        )
        if names
    ]
    return tuple(said)


def _placed_in(placed: VisitWeeks, names: tuple[str, ...]) -> str:
    shown = [f"{name!r} in week {plain(round(placed.weeks[name], 1))}" for name in names[:6]]
    return listed([*shown, *([f"{len(names) - 6} more"] if names[6:] else [])])


@dataclass
class _RowClock:
    table: Table
    column: str
    time: NDArray[np.float64]
    names: Column | None
    unit: TimeUnit
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...] = ()

    def weeks(self, rows: NDArray[np.int64], _visit: str, /) -> NDArray[np.float64]:
        weeks = self.time[rows]
        if np.isnan(weeks).any():
            raise DataError(
                f"{self.table.name} has outcomes without a time in column {self.column!r} on "
                f"{lines_text(self.table.lines[rows[np.isnan(weeks)]])}.",
                "Fill in the time or delete these rows.",
                code="missing_time",
                file=self.table.name,
                column=self.column,
            )
        return weeks

    def labels(self, times: NDArray[np.float64]) -> dict[float, str]:
        present = np.unique(times)
        if present.size > MOST_LABELS:
            return {}
        if self.names is None:
            size = WEEKS_PER_UNIT[self.unit]
            return {float(w): f"{self.unit} {round(w / size, 2):g}" for w in present}
        rows = np.flatnonzero(~np.isnan(self.time) & ~self.names.missing)
        pairs = pd.DataFrame({"time": self.time[rows], "code": self.names.codes[rows]})
        counts = pairs.value_counts(["time", "code"]).reset_index()
        counts = counts.sort_values(["time", "count", "code"], ascending=[True, False, True])
        most = counts.drop_duplicates("time")
        wanted = set(present.tolist())
        return {
            float(week): str(self.names.levels[code])
            for week, code in zip(most["time"], most["code"], strict=True)
            if week in wanted
        }


def row_clock(
    table: Table,
    layout: Layout,
    choices: ReadingChoices,
    unit: TimeUnit,
    observed: NDArray[np.bool_],
) -> Clock:
    """The clock of a long table: a column of time, dates or ages, else one of visit names.

    A name that the user has given a week for takes that week, whatever the numeric column says;
    the other names count only where the numeric column is empty.

    Raises
    ------
    DataError
        If a visit cannot be placed. Names column and lines; the visit's own name only if it is
        shared by at least :data:`SHOWN_FROM` people.
    """
    time_name, visit_name = layout.time, layout.first("visit")
    names = table.column(visit_name) if visit_name else None
    person = table.column(layout.first("id")).codes
    findings: list[Finding] = []
    questions: tuple[Question, ...] = ()
    if time_name:
        column = table.column(time_name)
        if layout.columns[time_name].role in ("time:date", "time:age"):
            dated = dated_weeks(table, layout, choices, person, observed)
            time, questions = dated.weeks, dated.questions
            findings += dated.findings
        else:
            time, questions = _numeric_weeks(table, column, choices, unit, person)
        if names is not None:
            chosen = np.array([_or_nan(choices.week_of(str(lv))) for lv in names.levels])
            by_name = place_visits(names.present_levels, choices).weeks
            named = np.array([by_name.get(str(lv), np.nan) for lv in names.levels])
            given = chosen[names.codes]
            time = np.where(np.isnan(given), time, given)
            time = np.where(np.isnan(time), named[names.codes], time)
    else:
        column = table.column(visit_name)
        placed = place_visits(column.present_levels, choices)
        weeks = np.array([placed.weeks.get(str(lv), np.nan) for lv in column.levels])
        time, unit = weeks[column.codes], placed.unit
        unplaced = np.isnan(time) & ~column.missing
        _refuse_unplaced(table, column, unplaced, person, placed.proposed)
        findings += _later(table, placed, visit_name)
        shared = _shared_names(column, ~column.missing, person) if placed.assumed else []
        questions = tuple(q for q in _assumed(table, placed) if q.column in shared)
        if placed.unsure:
            findings.append(
                Finding(
                    "visit_numbers",
                    "warning",
                    f"{visit_name!r} of {table.name} has no unit of time in its entries; their "
                    "numbers are taken as weeks.",
                    table.name,
                    visit_name,
                )
            )
    if np.nanmax(np.abs(time), initial=0.0) > FAR_WEEKS:
        message = (
            f"Column {time_name or visit_name!r} of {table.name} has times more than ten years "
            "from the start of treatment; check its unit."
        )
        findings.append(
            Finding("far_times", "warning", message, table.name, time_name or visit_name)
        )
    return _RowClock(
        table, time_name or visit_name, np.round(time, 6), names, unit, tuple(findings), questions
    )


def _numeric_weeks(
    table: Table,
    column: Column,
    choices: ReadingChoices,
    unit: TimeUnit,
    person: NDArray[np.int64],
) -> tuple[NDArray[np.float64], tuple[Question, ...]]:
    """Weeks of a column of numbers, in which some visits may have names."""
    assumed: dict[str, float] = {}
    weeks = column.level_numbers * WEEKS_PER_UNIT[unit]
    last = float(np.nanmax(weeks, initial=0.0))
    for code, level in enumerate(column.levels):
        chosen = choices.week_of(str(level))
        if chosen is not None:
            weeks[code] = chosen
        elif column.level_text[code]:
            # Among numbers only names that fix a week by themselves can be placed, and "post"
            # where the numbers are weeks of treatment and end before it.
            parsed = parse_visit(str(level))
            post = parsed is not None and parsed.place == "post"
            if post and unit == "week" and last < POST_WEEK:
                weeks[code] = POST_WEEK
                assumed[str(level)] = POST_WEEK
            else:
                weeks[code] = np.nan if parsed is None else _or_nan(parsed.week)
    time = weeks[column.codes]
    _refuse_unplaced(table, column, np.isnan(time) & ~column.missing, person, {})
    return np.asarray(time), _which_weeks(table, assumed, assumed)


def _refuse_unplaced(
    table: Table,
    column: Column,
    rows: NDArray[np.bool_],
    person: NDArray[np.int64],
    proposed: Mapping[str, float],
) -> None:
    if not rows.any():
        return
    every = _shared_names(column, rows, person)
    shown = every[:3]
    named = f" called {listed(map(repr, shown))}" if shown else ""
    raise AskingError(
        f"Column {column.name!r} of {table.name} has visits{named} that cannot be placed in time, "
        f"on {lines_text(table.lines[rows])}.",
        "Give their week from the start of treatment in the recipe, under times, or delete these "
        "rows.",
        questions=_which_weeks(table, every, proposed),
        code="unknown_visit",
        file=table.name,
        column=column.name,
    )


def _shared_names(column: Column, rows: NDArray[np.bool_], person: NDArray[np.int64]) -> list[str]:
    names = []
    for code in np.unique(column.codes[rows]):
        people = np.unique(person[rows & (column.codes == code)]).size
        if people >= SHOWN_FROM and len(str(column.levels[code])) <= 40:
            names.append(str(column.levels[code]))
        if len(names) == MOST_LABELS:
            break
    return names


def _or_nan(week: float | None) -> float:
    return float("nan") if week is None else week
