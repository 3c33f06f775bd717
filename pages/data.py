"""Data: what did it understand of my files, and whom did I lose?"""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.common import reading, show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.ingest import FileReading, Upload, inspect, read_study
from pgsicbt.study import HARMONISED

st.title("Data")
study = state.study()
if study is not None:
    what = "The simulated cohort is open" if study.simulated else "Your files are open"
    analysed = state.analysed(study)
    observed = sum(o.n_observations for o in study.outcomes if o.name != HARMONISED)
    show.answer(
        f"{what}: {len(study.persons):,} people, {observed:,} observations, "
        f"{len(study.scores)} scores."
    )
    reading.flow([*study.ledger, *analysed])
    reading.ledger_table([*study.ledger, *analysed])
    show.downloads(
        "ledger", pd.DataFrame([asdict(s) for s in (*study.ledger, *analysed)]), "ledger"
    )
else:
    show.answer("Nothing is open yet. Load one table of scores and one of outcomes to begin.")

st.header("Load files")
st.write(
    "Scores, outcomes and covariates, in one table or several: CSV, TSV, gz, pgsc_calc or "
    "PLINK output. Only de-identified data; files stay in memory and are never written to disk."
)
picked = st.file_uploader(
    "Tables", accept_multiple_files=True, key="uploader", label_visibility="collapsed"
)
if picked:
    found = tuple(Upload(f.name, f.getvalue()) for f in picked)
    if found != st.session_state.get("candidates"):
        st.session_state["candidates"] = found
        st.session_state["candidate-choices"] = reading.no_choices()
candidates = st.session_state.get("candidates") or st.session_state.get(state.Key.UPLOADS, ())
choices = st.session_state.get("candidate-choices") or st.session_state.get(
    state.Key.CHOICES, reading.no_choices()
)
if not candidates:
    st.stop()

if st.session_state.get("read") != (candidates, choices):
    try:
        with st.spinner("Reading"):
            opened = read_study(*candidates, recipe=choices)
            if study is None or opened.digest != study.digest:
                state.open_study(opened, candidates, choices)
        st.session_state["read"] = (candidates, choices)
        st.session_state.pop("refusal", None)
        st.rerun()
    except PgsIcbtError as problem:
        st.session_state["read"] = (candidates, choices)
        st.session_state["refusal"] = problem
refusal = st.session_state.get("refusal")
if refusal is not None:
    show.error(refusal)
    if study is not None:
        show.quiet("What was open before stays open and unchanged.")

st.header("What each file was taken for")
files: tuple[FileReading, ...] = inspect(candidates, choices)
for file in files:
    reading.status_line(file)
new = choices
for file in files:
    if file.columns:
        new = reading.columns_editor(file, new)
new = reading.times_and_codes(study, new)
if new != choices:
    st.session_state["candidates"] = tuple(candidates)
    st.session_state["candidate-choices"] = new
    st.rerun()

st.header("Keep these choices")
st.write(
    "A recipe holds what was corrected here and no data; the next export of the same shape "
    "then loads in one step, here or on the command line (--recipe)."
)
with st.container(horizontal=True):
    st.download_button(
        "Recipe (JSON)", choices.to_json(), "recipe.json", "application/json", on_click="ignore"
    )
saved = st.file_uploader("Load a recipe", type="json", key="recipe")
if saved is not None and st.session_state.get("recipe-read") != saved.file_id:
    st.session_state["recipe-read"] = saved.file_id
    try:
        st.session_state["candidate-choices"] = reading.from_recipe(saved.getvalue())
        st.session_state["candidates"] = tuple(candidates)
        st.rerun()
    except PgsIcbtError as problem:
        show.error(problem)
