"""The tidy result of a reading: aggregates by outcome and week, and a few rows of nobody's name."""

from __future__ import annotations

import math

import pandas as pd

from pages.common import show, state
from pgsicbt.cohort import observed_by_week
from pgsicbt.cohort.weeks import visit_arrays
from pgsicbt.disclosure import shown_count
from pgsicbt.study import HARMONISED, Study
from pgsicbt.words import numbers

PEOPLE = 3
ROWS = 4
_MOST = 80


def preview(study: Study) -> None:
    """What came out: observations by outcome and week, and some rows as analyses see them."""
    part = show.folded("Preview of the tidy result", "preview")
    if part.open:
        with part:
            _by_week(study)
    single = show.folded(
        "A few rows as analyses see them (only for who may see individual data)", "preview-rows"
    )
    if single.open:
        with single:
            _rows(study)


def _by_week(study: Study) -> None:
    table = state.described(study, observed_by_week)
    cells: list[list[str]] = []
    for outcome, rows in table.groupby("outcome", sort=False):
        cells.append([study.outcome(str(outcome)).label])
        for row in rows.to_dict("records"):
            few = math.isnan(row["n"])
            cells.append(
                [
                    numbers.week(row["week"]),
                    row["called"],
                    shown_count(row["n"]),
                    "" if few else numbers.estimate(row["mean"]),
                    "" if few else numbers.estimate(row["sd"]),
                ]
            )
    if len(cells) > _MOST:
        cells = [*cells[:_MOST], [f"and {len(cells) - _MOST:,} more rows"]]
    show.journal_table(
        cells,
        [
            ("Week", "Weeks from the start of treatment"),
            ("Called", "What the visit is called in the files"),
            ("People", "People with a value"),
            ("Mean", "Missing where fewer than eight"),
            ("SD", "Missing where fewer than eight"),
        ],
        "Observations by outcome and week",
        numeric=(0, 2, 3, 4),
    )
    note = visit_arrays(study).note
    if note:
        show.quiet(note)


def _rows(study: Study) -> None:
    """Some people's rows, numbered anew; which of the files' people they are is not known."""
    # In the order of their hashes, which are drawn anew for every reading.
    chosen = sorted(study.persons.index)[:PEOPLE]
    number = {person: i for i, person in enumerate(chosen, start=1)}
    rows = study.visits[study.visits["person"].isin(chosen)]
    rows = rows[rows["outcome"] != HARMONISED]
    rows = rows.assign(person=rows["person"].astype("str").map(number))
    rows = rows.sort_values(["person", "outcome", "time"]).groupby("person").head(ROWS)
    scores = list(study.score_names[:3])
    decimals = [(name, numbers.decimals(study.score(name).sd)) for name in scores]
    of_person = study.persons.loc[chosen, scores].set_axis(pd.Index(number.values()))
    show.journal_table(
        [
            [
                str(row["person"]),
                str(row["outcome"]),
                numbers.week(row["time"]),
                f"{row['value']:g}",
                *(numbers.estimate(of_person.loc[row["person"], s], d) for s, d in decimals),
            ]
            for row in rows.to_dict("records")
        ],
        [
            ("Person", "A number made up for this table"),
            ("Outcome", "Symptom scale"),
            ("Week", "Weeks from the start of treatment"),
            ("Value", "On the scale's own range"),
            *((study.score(name).label, "Polygenic score, as given") for name in scores),
        ],
        "A few rows as analyses see them; the numbers of people are made up for this table",
        numeric=range(2, 4 + len(scores)),
    )
