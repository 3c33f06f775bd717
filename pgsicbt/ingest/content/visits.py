"""What the visits of a file were taken for, so that a person can correct their weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.clock import SHOWN_FROM
from pgsicbt.ingest.content.times import parse_visit, place_visits
from pgsicbt.ingest.recognise.layout import Layout
from pgsicbt.ingest.source.tables import Table


@dataclass(frozen=True)
class VisitReading:
    """One visit: its name in the file, its week (None if it cannot be placed), its rows."""

    label: str
    week: float | None
    n_rows: int


def describe_visits(
    table: Table, layout: Layout, choices: ReadingChoices
) -> tuple[VisitReading, ...]:
    """The named visits of a file, by week, those without a week last.

    A name that says nothing about time is listed only if enough people share it; it might be
    anything else. Visits that are plain numbers in a column of time are not listed, nor are dates.
    """
    wide = [name for name in layout.with_role("outcome") if layout.columns[name].visit]
    counts: dict[str, int] = {}
    for name in wide:
        filled = table.n_rows - table.column(name).n_missing
        visit = layout.columns[name].visit
        counts[visit] = counts.get(visit, 0) + filled
    source = layout.first("visit") if not layout.time else layout.time
    dated = bool(source) and layout.columns[source].role in ("time:date", "time:age")
    if source and not wide and not dated:
        column, person = table.column(source), table.column(layout.first("id")).codes
        listed = column.level_text if layout.time else ~column.level_missing
        for code in np.flatnonzero(listed):
            label, rows = str(column.levels[code]), column.codes == code
            shared = len(label) <= 40 and np.unique(person[rows]).size >= SHOWN_FROM
            if shared or parse_visit(label) is not None or choices.week_of(label) is not None:
                counts[label] = int(rows.sum())
            if len(counts) >= 200:
                break
    weeks = dict(place_visits(counts, choices).weeks)
    if layout.time:
        # Among numbers a name such as "post" has no week of its own; see clock.row_clock.
        weeks = {label: w for label, w in weeks.items() if _fixed(label, choices)}
    readings = [VisitReading(label, weeks.get(label), n) for label, n in counts.items()]
    return tuple(sorted(readings, key=lambda r: (r.week is None, r.week or 0.0, r.label)))


def _fixed(label: str, choices: ReadingChoices) -> bool:
    parsed = parse_visit(label)
    return choices.week_of(label) is not None or (parsed is not None and parsed.week is not None)
