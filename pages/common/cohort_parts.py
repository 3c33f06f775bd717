"""The pieces of the Cohort page."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial
from itertools import combinations

import pandas as pd
import streamlit as st

from pages.common import show, state
from pgsicbt.cohort import Description, components_by_batch, spaghetti
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.cohort_courses import ends_drawing
from pgsicbt.figures.cohort_maps import components_drawing
from pgsicbt.figures.cohort_panels import Drawing
from pgsicbt.figures.cohort_presence import single_people_drawing
from pgsicbt.figures.export import csv_bytes
from pgsicbt.study import HARMONISED, Study
from pgsicbt.words.cohort import checks_note, relatives_rows
from pgsicbt.words.cohort_table import table_one

_PAIRS = 4  # components whose pairs can be chosen


def table_part(
    study: Study, found: Description, tag: str, *, median: bool, differences: bool
) -> None:
    """The table of characteristics with its notes."""
    table = state.kept(
        study, "table 1", f"{tag} {median} {differences}",
        lambda: table_one(study, found, median=median, differences=differences),
    )  # fmt: skip
    show.journal_table(table.rows, table.header, table.caption, numeric=range(1, len(table.header)))
    show.passage(*(("quiet", note) for note in table.notes))
    with st.container(horizontal=True):
        for label, name, frame in (
            ("Table as printed (CSV)", "table1", table.frame()),
            ("Numbers (CSV)", "characteristics", found.characteristics),
        ):
            st.download_button(
                label, partial(csv_bytes, frame), f"{name}.csv", "text/csv",
                on_click="ignore", key=f"{name}-csv",
            )  # fmt: skip


def drawing_part(
    study: Study, name: str, make: Callable[[], Drawing | None], tag: str, frame: pd.DataFrame
) -> None:
    """A figure with note and downloads; nothing where there is nothing to draw."""
    drawing = state.kept(study, f"drawing of {name}", tag, make)
    if drawing is None:
        return
    show.explained(CohortFigure(drawing), name, tag, frame)


def ancestry_part(study: Study, found: Description) -> None:
    """Components by batch, and relatives where a table of kinship was read; folded."""
    names = study.covariate_names("component")
    if len(names) < 2 and found.relatives.empty:
        return
    part = show.folded("Ancestry, batches and relatives", "cohort-ancestry")
    if not part.open:
        return
    with part:
        if len(names) >= 2:
            _components(study, found, names)
        if not found.relatives.empty:
            show.journal_table(
                relatives_rows(found),
                [
                    ("Relatives", "By kinship coefficient (Manichaikul et al. 2010)"),
                    ("Pairs", "Pairs of people"),
                    ("People", "People in such a pair"),
                ],
                "Relatives in the cohort",
                numeric=(1, 2),
            )
            show.downloads("relatives", found.relatives, "relatives")


def _components(study: Study, found: Description, names: Sequence[str]) -> None:
    pairs = list(combinations(names[:_PAIRS], 2))
    pair = pairs[0]
    if len(pairs) > 1:
        pair = st.selectbox(
            "Components",
            pairs,
            format_func=lambda p: " and ".join(study.covariate(n).label for n in p),
            key=f"cohort-components-{study.digest[:12]}",
        )
    frame = found.components
    if pair != pairs[0]:
        frame = state.described(study, components_by_batch, *pair)
    drawing_part(
        study,
        "components",
        lambda: components_drawing(study, found, (*pair, frame)),
        f"{study.digest[:12]} {pair}",
        frame,
    )


def ends_part(study: Study, found: Description, tag: str) -> None:
    """Floor and ceiling of the instruments by visit; folded."""
    part = show.folded("Floor and ceiling of the instruments", "cohort-ends")
    if not part.open:
        return
    with part:
        if found.ends.empty:
            show.quiet("No instrument here has a range that is known, so its ends are not either.")
        drawing_part(study, "floor-ceiling", lambda: ends_drawing(study, found), tag, found.ends)


def single_people_part(study: Study) -> None:
    """Single people, folded away: only for whoever may see individual data."""
    part = show.folded(
        "Single people, one line each (only for who may see individual data)", "single-people"
    )
    if not part.open:
        return
    with part:
        names = [o.name for o in study.outcomes if o.name != HARMONISED] or [HARMONISED]
        outcome = st.selectbox(
            "Instrument",
            names,
            format_func=lambda n: study.outcome(n).label,
            key=f"single-people-{study.digest[:12]}",
        )
        drawing = single_people_drawing(study, state.described(study, spaghetti, outcome), outcome)
        if drawing is None:
            return
        figure = CohortFigure(drawing)
        show.figure(
            figure.interactive, alt=figure.alt, key="single-people-figure",
            stamp=f"single {study.digest} {outcome}", saved=False,
        )  # fmt: skip
        show.quiet(figure.note)


def checks_part(study: Study, found: Description) -> None:
    """Findings with advice, what passed, and what could not be looked at."""
    st.header("Checks, and what to do about them")
    words = {"error": "Mend first", "warning": "Decide", "info": "Know"}
    if found.findings:
        st.html(
            "".join(
                f'<p class="sentence listed"><b>{words[f.severity]}.</b> '
                f"{html.escape(f.message)}</p>"
                for f in found.findings
            )
        )
    show.passage(*(("quiet", text) for text in checks_note(study, found)))
