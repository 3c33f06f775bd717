"""Start: what is this, and what can I do in a minute?"""

import streamlit as st

from pages.common import show, state
from pages.common.door import come_in
from pgsicbt.words import GLOSSARY

come_in()
st.title("Polygenic scores and symptom change")
show.answer(
    "Do polygenic scores tell how severe symptoms are when treatment starts, or how they change "
    "over its weeks? Load a table of scores and a table of outcomes and see the fitted effects, "
    "with intervals, figures and plain words."
)

left, right = st.columns(2, gap="large")
with left:
    st.subheader("Look around")
    st.write(
        "A simulated cohort of 2,668 people in twelve weeks of internet-delivered CBT, with "
        "eight scores. Nobody in it exists; what was planted is documented."
    )
    if st.button("Open the simulated cohort", type="primary"):
        with st.spinner("Reading the simulated cohort"):
            state.open_sample()
        st.switch_page("pages/associations.py")
with right:
    st.subheader("Bring your own files")
    st.write(
        "De-identified tables: one row per person with scores, and symptom scores over time, "
        "wide or long. Covariates may come in either or in a third."
    )
    if st.button("Load tables"):
        st.switch_page("pages/data.py")

st.divider()
first, second, third = st.columns(3, gap="large")
with first:
    st.subheader("What it does")
    st.write(
        "It fits a linear mixed model per score: symptoms by week, with a random intercept and "
        "slope per person, crude and adjusted. Severity at the start and change over the weeks "
        "are told apart, all scores are shown, and each is challenged: other models, outliers, "
        "missed visits, and what the cohort could have shown at all."
    )
with second:
    st.subheader("What it is not")
    st.write(
        "Not a test, and nothing about one patient: scores describe groups. Without an "
        "untreated group, going with change is prognosis and not an effect of treatment."
    )
with third:
    st.subheader("Where data stay")
    st.write(
        "In the memory of this session on this server, until you close or reload the page. "
        "Nothing of them is written to disk, and nothing is sent anywhere else."
    )
part = show.folded("What the words mean", "glossary")
if part.open:
    with part:
        show.definitions(GLOSSARY)
current = state.study()
if current is not None:
    what = "the simulated cohort" if current.simulated else ", ".join(current.files)
    show.quiet(f"Open now: {what}, {len(current.persons):,} people.")
