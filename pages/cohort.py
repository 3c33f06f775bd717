"""Cohort: who is in it, and are scores and outcomes sound?"""

import streamlit as st

from pages.common import show, state
from pages.common.choices import score_box
from pages.common.cohort_parts import (
    ancestry_part,
    checks_part,
    drawing_part,
    ends_part,
    single_people_part,
    table_part,
)
from pages.common.door import come_in, open_study
from pages.common.status_part import status_part
from pgsicbt.cohort import default_groups, describe, groupings, presence
from pgsicbt.figures.cohort_courses import courses_drawing
from pgsicbt.figures.cohort_maps import correlations_drawing
from pgsicbt.figures.cohort_presence import presence_drawing
from pgsicbt.figures.cohort_scores import MOST_PANELS, scores_drawing
from pgsicbt.words.cohort import seen, soundness, who

come_in()
st.title("Cohort")
study = open_study(
    "Here you would see who is in your cohort, how scores and symptoms are distributed, and "
    "what to mend before any model is fitted. Open the simulated cohort or your own files "
    "first."
)
show.simulated_note(study)

top = st.container()
options = ["", *groupings(study)]
with st.container(horizontal=True, vertical_alignment="bottom"):
    by = st.selectbox(
        "Groups",
        options,
        index=options.index(default_groups(study)),
        format_func=lambda name: name or "nobody apart",
        key=f"cohort-groups-{study.digest[:12]}",
        help="Small groups and people of unknown group are put together.",
    )
    median = st.checkbox("Median and quartiles", key="cohort-median")
    differences = st.checkbox(
        "Standardised differences",
        key="cohort-differences",
        help="The largest standardised difference between any two groups, instead of p values.",
    )
found = state.described(study, describe, by)
tag = f"{study.digest[:12]} {by}"
with top:
    show.answer(who(study, found))
    show.sentences(text for text in (seen(found), soundness(study, found)) if text)
table_part(study, found, tag, median=median, differences=differences)

st.header("Scores and instruments")
shown: tuple[str, ...] = ()
if len(study.scores) > MOST_PANELS:
    first = study.score_names[:MOST_PANELS]
    shown = tuple(st.multiselect("Scores drawn", study.score_names, first, max_selections=60))
drawing_part(
    study,
    "scores",
    lambda: scores_drawing(study, found, shown=shown),
    f"{tag} {shown}",
    found.distributions,
)
drawing_part(study, "courses", lambda: courses_drawing(study, found), tag, found.courses)
single_people_part(study)

st.header("Who is seen when")
thirds = score_box(study, study.score_names) if study.scores else ""
attendance = state.described(study, presence, thirds) if thirds else found.seen
drawing_part(
    study,
    "presence",
    lambda: presence_drawing(study, attendance, thirds, found.weeks_note),
    f"{tag} {thirds}",
    attendance,
)

st.header("Looked at more closely")
if len(study.scores) > 1:
    part = show.folded("Scores with one another: correlations", "cohort-correlations-part")
    if part.open:
        with part:
            drawing_part(
                study,
                "correlations",
                lambda: correlations_drawing(study, found),
                tag,
                found.correlations,
            )
ancestry_part(study, found)
ends_part(study, found, tag)
status_part(study)

checks_part(study, found)
