"""What is shown about the columns of a file: aggregates only, never one person's entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pgsicbt.ingest.content.parts import Part
from pgsicbt.ingest.recognise.layout import KIND_NAMES, Layout
from pgsicbt.ingest.source.columns import Column
from pgsicbt.ingest.source.tables import Table
from pgsicbt.ingest.wording import count, people, percent, plain
from pgsicbt.wording import listed

SHOWN_FROM = 8
_NUMBER_ROLES = ("score", "outcome", "value", "covariate", "component", "batch", "stratum",
                 "time", "time:day", "time:month", "time:year", "id", "ignore")  # fmt: skip
_TEXT_ROLES = ("id", "covariate", "batch", "stratum", "visit", "instrument", "ignore")


@dataclass(frozen=True)
class ColumnReading:
    """One column: its role, why, what it holds in the aggregate, and what else it could be.

    ``name`` is what it is called in the study, '' where that is its own name or does not apply.
    """

    column: str
    role: str
    reason: str
    detail: str
    choices: tuple[str, ...]
    name: str = ""


def describe_columns(table: Table, layout: Layout) -> tuple[ColumnReading, ...]:
    """A reading of every column, in file order."""
    readings = []
    for name, given in layout.columns.items():
        column = table.column(name)
        choices = _NUMBER_ROLES if column.mostly_numeric else _TEXT_ROLES
        if given.role not in choices:
            choices = (given.role, *choices)
        readings.append(
            ColumnReading(
                name, given.role, given.reason, _detail(column, given.role), choices, given.name
            )
        )
    return tuple(readings)


def _detail(column: Column, role: str) -> str:
    """An aggregate description, such as "whole numbers 0 to 54, 3 % missing"."""
    rows = len(column.codes)
    missing = f", {percent(column.n_missing, rows)} missing" if column.n_missing else ""
    if column.empty:
        return "empty"
    if role == "id":
        return f"{people(len(column.present_levels))}{missing}"
    if column.numeric:
        kind = "whole numbers" if column.whole else "numbers"
        return f"{kind}{_between(column)}{missing}"
    if column.dates:
        return f"dates{missing}"
    if column.mostly_numeric:
        return f"numbers, and text in {count(column.text_rows.size, 'row')}{missing}"
    levels = len(column.present_levels)
    counts = np.bincount(column.codes, minlength=len(column.levels))[~column.level_missing]
    if levels <= 6 and (counts >= SHOWN_FROM).all() and max(map(len, column.present_levels)) <= 40:
        return f"{count(levels, 'group')}: {listed(sorted(column.present_levels))}{missing}"
    return f"{count(levels, 'different entry', 'different entries')}{missing}"


def _between(column: Column) -> str:
    """Between what numbers lie, without the few at either end that may be single people's."""
    values = column.numbers
    values = values[np.isfinite(values)]
    if values.size < 2 * SHOWN_FROM:
        return ""
    ends = np.partition(values, (SHOWN_FROM - 1, values.size - SHOWN_FROM))
    low, high = ends[SHOWN_FROM - 1], ends[-SHOWN_FROM]
    if low >= high:
        return ""
    whole = low == values.min() and high == values.max()
    return f"{'' if whole else ', nearly all'} {_short(low)} to {_short(high)}"


def _short(number: float) -> str:
    return plain(number) if number == int(number) else plain(float(f"{number:.3g}"))


def summary(part: Part) -> str:
    """One sentence on what a file is and how much of it there is."""
    if part.kind == "dictionary":
        return "Data dictionary, set aside."
    holds: list[str] = []
    if part.scores:
        norms = {s.normalisation for s in part.scores if s.normalisation}
        used = f" ({listed(sorted(norms))})" if norms else ""
        holds.append(f"{count(len(part.scores), 'score')}{used}")
    if part.visits is not None:
        holds.append(
            f"{count(len(part.visits.frame), 'observation')} of {_first(part.visits.outcomes)}"
        )
    components = sum(c.role == "component" for c in part.covariates)
    others = len(part.covariates) - components
    if others:
        holds.append(count(others, "covariate"))
    if components:
        holds.append(count(components, "principal component"))
    text = listed(holds) if holds else "nothing that an analysis uses"
    apart = f" {count(part.n_reference, 'row')} of a reference panel set apart."
    return f"{KIND_NAMES[part.kind]}: {people(len(part.ids))}, {text}." + (
        apart if part.n_reference else ""
    )


def _first(names: Iterable[str]) -> str:
    items = list(names)
    return listed(items if len(items) <= 4 else [*items[:3], f"{len(items) - 3} more"])
