"""Data: what did it understand of my files, and whom did I lose?"""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.common import reading, show, state
from pgsicbt.errors import PgsIcbtError
from pgsicbt.ingest import Upload, inspect
from pgsicbt.study import HARMONISED

st.title("Data")
picked = st.session_state.get("uploader") or []
files = tuple(Upload(f.name, f.getvalue()) for f in picked)
if files and files != st.session_state.get("uploaded"):
    # New files are read before anything is drawn, so that the page shows what came of them.
    st.session_state["uploaded"] = files
    with st.spinner("Reading"):
        state.read(files, reading.no_choices())

study = state.study()
problem = state.refusal()
if problem is not None:
    show.error(problem)
    if study is not None:
        show.quiet("What was open before stays open and unchanged.")
        if st.button("Set the refused files aside"):
            state.forget_refused()
            st.rerun()
if study is not None:
    what = "The simulated cohort is open" if study.simulated else "Your files are open"
    steps = (*study.ledger, *state.analysed(study))
    observed = sum(o.n_observations for o in study.outcomes if o.name != HARMONISED)
    n_scores = len(study.scores)
    show.answer(
        f"{what}: {len(study.persons):,} people, {observed:,} observations, "
        f"{n_scores} score{'' if n_scores == 1 else 's'}."
    )
    reading.flow(steps)
    reading.ledger_table(steps)
    show.downloads("ledger", pd.DataFrame([asdict(s) for s in steps]), "ledger")
    for finding in study.findings:
        if not finding.file:
            show.quiet(finding.message)
elif problem is None:
    show.answer("Nothing is open yet. Load one table of scores and one of outcomes to begin.")

st.header("Load files")
st.write(
    "Scores, outcomes and covariates, in one table or several: CSV, TSV, gz, pgsc_calc or "
    "PLINK output. Only de-identified data; files stay in memory and are never written to disk."
)
st.file_uploader("Tables", accept_multiple_files=True, key="uploader", label_visibility="collapsed")

candidates, choices = state.candidates()
if candidates:
    st.header("What each file was taken for")
    read = inspect(candidates, choices)
    new = choices
    for file in read:
        reading.status_line(file)
    for file in read:
        if file.columns:
            new = reading.columns_editor(file, new)
    new = reading.times_and_codes(read, new)
    if new != choices:
        state.read(candidates, new)
        st.rerun()

    st.header("Keep these choices")
    st.write(
        "A recipe holds what was corrected here and no data; the next export of the same shape "
        "then loads in one step, here or on the command line (--recipe)."
    )
    st.download_button(
        "Recipe (JSON)", choices.to_json(), "recipe.json", "application/json", on_click="ignore"
    )
    saved = st.file_uploader("Load a recipe", type="json", key="recipe")
    if saved is not None and saved.file_id != st.session_state.get("recipe-read"):
        st.session_state["recipe-read"] = saved.file_id
        try:
            recipe = reading.from_recipe(saved.getvalue())
        except PgsIcbtError as wrong:
            show.error(wrong)
        else:
            state.read(candidates, recipe)
            st.rerun()
