"""Outcome visits of one file: values, times, and every check on them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.clock import Clock, column_clock, row_clock
from pgsicbt.ingest.content.items import ItemGroup, against_total, item_groups, totals
from pgsicbt.ingest.content.ranges import check_range
from pgsicbt.ingest.content.times import TimeUnit, parse_visit
from pgsicbt.ingest.content.two_totals import same_totals
from pgsicbt.ingest.questions import Question
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import lines_text
from pgsicbt.instruments import Instrument, find_instrument
from pgsicbt.study import Finding

_UNIT: dict[str, TimeUnit] = {
    "time": "week",
    "time:day": "day",
    "time:month": "month",
    "time:year": "year",
}


@dataclass(frozen=True)
class Visits:
    """Observations of one file.

    ``frame`` has one row per value that is not missing: ``person`` (number within the file),
    ``outcome`` (number within ``outcomes``), ``time`` (weeks), ``value``, ``line``.
    ``n_missing`` counts cells without a value, ``labels`` names visits by week.
    """

    frame: pd.DataFrame
    outcomes: tuple[str, ...]
    n_missing: int
    labels: dict[float, str]
    unit: TimeUnit
    findings: tuple[Finding, ...] = ()
    questions: tuple[Question, ...] = ()


def read_visits(
    table: Table, layout: Layout, choices: ReadingChoices, person: NDArray[np.int64]
) -> Visits | None:
    """The observations of a table, or None if it holds no outcome.

    Parameters
    ----------
    person
        Shape (n_rows,): person of each row.

    Raises
    ------
    DataError
        If a value is text or outside its instrument's range, a visit cannot be placed in time,
        or columns that belong together are missing.
    """
    value, instrument = layout.first("value"), layout.first("instrument")
    outcomes, items = layout.with_role("outcome"), item_groups(layout)
    if not outcomes and not value and not items:
        return None
    if value and not instrument:
        raise _lacks(table, value, "a column that names the scale", "instrument")
    visits = [layout.columns[name].visit for name in layout.with_role("outcome", "item")]
    wide = bool(visits) and not value and all(visits)
    findings: list[Finding] = []
    if wide:
        clock = column_clock(table, layout, choices)
    elif layout.time or layout.first("visit"):
        unit = _UNIT.get(_role(layout, layout.time), "week")
        observed = _observed(table, layout)
        clock = row_clock(table, layout, choices, unit, observed)
    else:
        column = next(iter([*outcomes, *([value] if value else []), *layout.with_role("item")]))
        raise _lacks(table, column, "a time or visit column", "time")
    dated = bool(layout.with_role("time:date", "time:age"))
    collected = _Collector(table, choices, person, clock, findings, dated)
    if value:
        collected.add_long(table.column(value), table.column(instrument))
    for name in outcomes:
        given = layout.columns[name]
        collected.add(table.column(name), given.name or name, given.visit)
    for group in items:
        collected.add_items(group)
    return collected.visits()


def _observed(table: Table, layout: Layout) -> NDArray[np.bool_]:
    """Shape (n_rows,): rows with an outcome."""
    filled = np.zeros(table.n_rows, dtype=bool)
    for name in layout.with_role("outcome", "value", "item"):
        filled |= ~table.column(name).missing
    return filled


def _role(layout: Layout, column: str) -> str:
    return layout.columns[column].role if column else ""


def _lacks(table: Table, column: str, what: str, role: str) -> DataError:
    return DataError(
        f"{table.name} has outcomes in column {column!r} but lacks {what}.",
        f"Give one of its columns the role {role!r}.",
        code=f"no_{role}",
        file=table.name,
        column=column,
    )


@dataclass
class _Collector:
    """Gathers the observations of one table, column by column."""

    table: Table
    choices: ReadingChoices
    person: NDArray[np.int64]
    clock: Clock
    findings: list[Finding]
    dated: bool

    def __post_init__(self) -> None:
        self.outcomes: list[str] = []
        self.blocks: list[pd.DataFrame] = []
        self.n_missing = 0
        self.questions: list[Question] = []
        self.totals: dict[tuple[str, float | str], Column] = {}
        self.doubted: set[str] = set()

    def add_long(self, value: Column, instrument: Column) -> None:
        """One column of values whose outcome another column names."""
        self._numeric(value)
        if instrument.n_missing and (~value.missing & instrument.missing).any():
            lines = self.table.lines[~value.missing & instrument.missing]
            raise DataError(
                f"{self.table.name} has a value without the name of its scale in column "
                f"{instrument.name!r} on {lines_text(lines)}.",
                "Fill in the scale.",
                code="missing_instrument",
                file=self.table.name,
                column=instrument.name,
            )
        known = [names.instrument_of(str(level)) for level in instrument.levels]
        labels = [
            found.id if found else str(level)
            for found, level in zip(known, instrument.levels, strict=True)
        ]
        for label in dict.fromkeys(labels):
            if not label or label.casefold() in {"na", "nan"}:
                continue
            codes = [code for code, name in enumerate(labels) if name == label]
            self._doubt_level(instrument, [str(instrument.levels[code]) for code in codes], label)
            rows = np.flatnonzero(np.isin(instrument.codes, codes))
            self._block(value.name, value.numbers[rows], label, rows, "")

    def add(self, column: Column, outcome: str, visit: str) -> None:
        """One column of values of one outcome."""
        self._numeric(column)
        self._doubt(column.name, outcome)
        first = self.totals.setdefault((outcome, self._at(visit)), column)
        rows = np.arange(self.table.n_rows)
        if first is not column and self.choices.repeats == "refuse":
            codes = self.choices.missing_of(outcome, first.name, column.name)
            self.findings.append(same_totals(self.table, first, column, outcome, codes))
            rows = rows[first.missing | np.isin(first.numbers, codes)]
        self._block(column.name, column.numbers[rows], outcome, rows, visit)

    def add_items(self, group: ItemGroup) -> None:
        """The questions of one instrument; a total in the file is used and held against them."""
        found = totals(self.table, group, self.choices)
        self.findings += found.findings
        own = self.totals.get((group.instrument.id, self._at(group.visit)))
        if own is not None:
            self.findings += against_total(
                self.table, own.name, own.numbers, found.values, group.columns
            )
            return
        self.questions += found.questions
        rows = np.arange(self.table.n_rows)
        self._block(group.columns[0], found.values, group.instrument.id, rows, group.visit)

    def _at(self, visit: str) -> float | str:
        """What tells a visit of a wide table: its week, unless dates or ages tell the times."""
        parsed = None if self.dated or not visit else parse_visit(visit)
        given = self.choices.week_of(visit) if visit else None
        week = given if given is not None or parsed is None else parsed.week
        return visit.casefold() if week is None else week

    def _doubt(self, column: str, outcome: str) -> None:
        """Says which of two instruments of one name was taken."""
        instrument = find_instrument(outcome)
        if instrument is None or not names.doubtful(column, instrument):
            return
        if outcome in self.doubted or self._settled(column, instrument):
            return
        self.doubted.add(outcome)
        taken = f"is taken for {instrument.id}, {instrument.name}"
        message = f"Column {column!r} of {self.table.name} {taken}. {instrument.note}".rstrip()
        self.findings.append(Finding("doubtful_name", "warning", message, self.table.name, column))
        if find_instrument(instrument.other) is not None:
            text = (
                f"Column {column!r} of {self.table.name} {taken}, but could be "
                f"{instrument.other}. Which is it?"
            )
            options = (instrument.id, instrument.other)
            asked = Question("scale", self.table.name, column, text, options, instrument.id)
            self.questions.append(asked)

    def _doubt_level(self, column: Column, levels: Sequence[str], outcome: str) -> None:
        """The same for a scale named in the rows, where no column can be given another name."""
        instrument = find_instrument(outcome)
        if instrument is None or not any(names.doubtful(one, instrument) for one in levels):
            return
        message = (
            f"Rows of {self.table.name} with the scale {instrument.doubtful[0].upper()} in column "
            f"{column.name!r} are taken for {instrument.id}, {instrument.name}. "
            f"{instrument.note}".rstrip()
        )
        self.findings.append(
            Finding("doubtful_name", "info", message, self.table.name, column.name)
        )

    def _settled(self, column: str, instrument: Instrument) -> bool:
        """True if the user has named this column, or another after the same instrument."""
        return any(
            file == self.table.name and (one == column or find_instrument(name) == instrument)
            for (file, one), name in self.choices.names.items()
        )

    def _numeric(self, column: Column) -> None:
        if column.text_rows.size:
            raise DataError(
                f"{self.table.name} has text where numbers are due in column {column.name!r}, "
                f"which is an outcome, on {lines_text(self.table.lines[column.text_rows])}.",
                "Correct these cells, leave them empty if the value is missing, or give the "
                "column another role.",
                code="text_for_number",
                file=self.table.name,
                column=column.name,
            )
        if column.ambiguous_comma:
            self.findings.append(
                Finding(
                    "decimal_comma",
                    "warning",
                    f"{column.name!r} of {self.table.name} holds commas, read as decimal marks.",
                    self.table.name,
                    column.name,
                )
            )

    def _block(
        self,
        column: str,
        values: NDArray[np.float64],
        outcome: str,
        rows: NDArray[np.int64],
        visit: str,
    ) -> None:
        codes = self.choices.missing_of(outcome, column)
        missing = np.isnan(values) | (np.isin(values, codes) if codes else False)
        self.n_missing += int(missing.sum())
        rows, values = rows[~missing], values[~missing]
        if rows.size == 0:
            return
        self.findings += check_range(self.table, column, outcome, rows, values)
        if outcome not in self.outcomes:
            self.outcomes.append(outcome)
        self.blocks.append(
            pd.DataFrame(
                {
                    "person": self.person[rows],
                    "outcome": np.full(rows.size, self.outcomes.index(outcome), dtype=np.int64),
                    "time": self.clock.weeks(rows, visit),
                    "value": values,
                    "line": self.table.lines[rows],
                }
            )
        )

    def visits(self) -> Visits:
        if not self.blocks:
            raise DataError(
                f"{self.table.name} has outcome columns without a single value.",
                "Export the table again.",
                code="no_values",
                file=self.table.name,
            )
        frame = pd.concat(self.blocks, ignore_index=True)
        return Visits(
            frame=frame,
            outcomes=tuple(self.outcomes),
            n_missing=self.n_missing,
            labels=self.clock.labels(frame["time"].to_numpy()),
            unit=self.clock.unit,
            findings=(*self.clock.findings, *_once(self.findings)),
            questions=(*self.clock.questions, *self.questions),
        )


def _once(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(dict.fromkeys(findings))
