"""Guess which columns of a table say when and on which scale, and which hold the totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError
from pgsicbt.ingest.content.times import parse_visit
from pgsicbt.ingest.recognise import names
from pgsicbt.ingest.recognise.formats import CHOSEN
from pgsicbt.ingest.recognise.layout import Assigned
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.instruments import find_instrument, simple_name

MOST_SCALES = 20


@dataclass(frozen=True)
class View:
    """A table as its guesser sees it: who the rows belong to and when they were.

    ``person`` has shape (n_rows,); ``over_time`` is True if there are rows per visit.
    """

    table: Table
    fixed: Mapping[str, str]
    id: str
    person: NDArray[np.int64]
    n_persons: int
    repeated: bool
    over_time: bool

    def varies(self, column: Column) -> bool:
        """True if the column differs between rows of one person."""
        return self.repeated and column.varies_within(self.person, self.n_persons).size > 0


def require_time(view: View) -> None:
    """Refuse totals of one person that differ between rows without a time."""
    for name in view.table.columns:
        if name in view.fixed or names.instrument_of(name) is None:
            continue
        column = view.table.column(name)
        if view.varies(column):
            raise DataError(
                f"{view.table.name} has several rows per person with differing entries in column "
                f"{name!r}, but no column that says when they were.",
                "Add a column with the week, the date or the name of the visit.",
                code="no_time",
                file=view.table.name,
                column=name,
            )


def find_instrument_column(view: View) -> dict[str, Assigned]:
    """The column of a long table that names the scale in each row."""
    for name in view.table.columns:
        if view.fixed.get(name) == "instrument":
            return {name: Assigned("instrument", CHOSEN)}
    for name in view.table.columns:
        if name == view.id or name in view.fixed or names.form_status(name):
            continue
        if names.DIAGNOSIS.search(simple_name(name)):
            continue  # GAD is a disorder there, not the scale
        column = view.table.column(name)
        levels = column.present_levels
        if column.numeric or not levels or len(levels) > MOST_SCALES:
            continue
        known = sum(names.instrument_of(level) is not None for level in levels)
        if known >= 0.5 * len(levels):
            return {name: Assigned("instrument", "its entries are names of symptom scales")}
        if (
            simple_name(name) in names.INSTRUMENT
            and view.repeated
            and any(simple_name(other) in names.VALUE for other in view.table.columns)
        ):
            return {name: Assigned("instrument", "named as the scale of each row")}
    return {}


def find_times(view: View, has_instrument: bool) -> dict[str, Assigned]:
    """The numeric time column and the column of visit names."""
    found: dict[str, Assigned] = {}
    table, fixed = view.table, view.fixed
    chosen_time = [n for n in table.columns if fixed.get(n, "").split(":")[0] == "time"]
    if len(chosen_time) > 1 and not view.repeated:
        chosen_time = []  # dates or ages of the waves of a wide table
    chosen_visit = [n for n in table.columns if fixed.get(n) == "visit"]
    found |= {n: Assigned(fixed[n], CHOSEN) for n in chosen_time[:1]}
    found |= {n: Assigned("visit", CHOSEN) for n in chosen_visit[:1]}
    if chosen_time or not (view.repeated or has_instrument or _has_totals(view)):
        return found

    def changes(column: Column) -> bool:
        return not view.repeated or view.varies(column)

    candidates: list[tuple[int, str, str]] = []
    for name in table.columns:
        if name == view.id or name in fixed or table.column(name).empty:
            continue
        column, role = table.column(name), names.time_role(name)
        if role and _counts_time(column, role[1]) and changes(column):
            rank = ("time", "time:day", "time:month", "time:year").index(role[0])
            candidates.append((rank + (0 if role[1] else 10), name, role[0]))
        elif not chosen_visit and "visit" not in {g.role for g in found.values()}:
            reason = _visit_reason(column)
            if reason and changes(column):
                found[name] = Assigned("visit", reason)
    if not chosen_time:
        for i, (rank, name, role_name) in enumerate(sorted(candidates)):
            if i == 0:
                word = "named after a unit of time" if rank < 10 else "numbered visits"
                found[name] = Assigned(role_name, word)
            else:
                found[name] = Assigned("ignore", "a second column of time")
    return found


def _has_totals(view: View) -> bool:
    """True if a column is named after a scale as a whole, without a visit."""
    free = [name for name in view.table.columns if name not in view.fixed]
    return any(names.instrument_of(name) is not None for name in free)


def _counts_time(column: Column, unit_named: bool) -> bool:
    """True for a column of numbers, or of numbers and names such as ``pre`` under ``week``."""
    texts = column.levels[column.level_text]
    named = unit_named and len(column.different_numbers) > 0
    readable = named and all(parse_visit(str(text)) is not None for text in texts)
    return column.mostly_numeric or readable


def _visit_reason(column: Column) -> str:
    if column.mostly_numeric or column.dates or len(column.levels) > 200:
        return ""
    if names.instrument_of(column.name) is not None:
        return ""
    levels = column.present_levels
    if simple_name(column.name) in names.VISIT:
        return "names of visits" if len(levels) <= 60 else ""
    parsed = [parse_visit(level) for level in levels]
    read = sum(one is not None and one.sure for one in parsed)
    every = len(levels) > 1 and all(one is not None for one in parsed)
    return "its entries read as names of visits" if every or read >= 0.8 * len(levels) else ""


def find_value(view: View, taken: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """The column of a long table that holds the number belonging to the scale."""
    fixed = [name for name, role in view.fixed.items() if role == "value"]
    if fixed:
        return {name: Assigned("value", CHOSEN) for name in fixed if name in view.table.positions}
    free = [n for n in view.table.columns if n not in taken and n not in view.fixed]
    for name in free:
        if simple_name(name) in names.VALUE:
            return {name: Assigned("value", "holds the total of the scale in each row")}
    numeric = [
        n for n in free if view.table.column(n).numeric and view.varies(view.table.column(n))
    ]
    if len(numeric) == 1:
        return {numeric[0]: Assigned("value", "the only number that differs between visits")}
    others = [n for n in free if view.table.column(n).numeric]
    if len(others) == 1:
        return {others[0]: Assigned("value", "the only number beside the scale")}
    raise DataError(
        f"{view.table.name} names symptom scales but no column clearly holds their totals.",
        "Name that column total, or give it the role 'value'.",
        code="no_value",
        file=view.table.name,
    )


def find_wide(view: View, taken: Mapping[str, Assigned]) -> dict[str, Assigned]:
    """Outcome columns that carry the visit in their name."""
    found: dict[str, Assigned] = {}
    free = [n for n in view.table.columns if n not in taken and n not in view.fixed]
    numbers: dict[str, list[str]] = {}
    others: dict[str, list[str]] = {}
    for name in free:
        numbered, known = names.numbered(name), names.split_visit(name)
        if numbered:
            numbers.setdefault(simple_name(numbered[0]), []).append(name)
        if known and not names.score_name(name):
            found[name] = wide_outcome(*known)
        elif not names.score_name(name) and not names.COVARIATES.match(simple_name(name)):
            pair = names.split_any(name)
            if pair and view.table.column(name).mostly_numeric:
                others.setdefault(pair[0], []).append(name)
    for group in numbers.values():
        # phq_9 alone is the scale, phq_8, phq_9, phq_10 are its weeks 8, 9 and 10.
        if len(group) > 2:
            for name in group:
                stem, label = names.numbered(name) or (name, "")
                instrument = find_instrument(stem)
                found[name] = wide_outcome(instrument.id if instrument else stem, label)
    for group in others.values():
        if len(group) > 1:
            found |= {name: wide_outcome(*(names.split_any(name) or ("", ""))) for name in group}
    return found


def wide_outcome(name: str, visit: str, reason: str = "") -> Assigned:
    return Assigned("outcome", reason or f"{name} at the visit {visit}", name, visit)
