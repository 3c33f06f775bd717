"""Data: what did it understand of my files, and whom did I lose?"""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.common import (
    reading,
    reading_answers,
    reading_columns,
    reading_files,
    reading_preview,
    reading_questions,
    show,
    sitting,
    state,
)
from pages.common.door import come_in
from pgsicbt.errors import PgsIcbtError
from pgsicbt.ingest import ReadingChoices
from pgsicbt.study import HARMONISED

come_in()
st.title("Data")
# New files are read before anything is drawn, so that the page shows what came of them.
reading_files.take_up()

study, refused, loaded = state.study(), state.refusal(), state.loaded()
choices = new = ReadingChoices() if loaded is None else loaded.reading.choices
if refused is not None:
    show.error(reading_questions.told(refused.problem))
    new = reading_questions.after_gate(refused, new)
    if study is not None:
        show.quiet("What was open before stays open and unchanged.")
    if st.button("Set the refused files aside"):
        reading_files.set_refused_aside(refused)
        st.rerun()
if study is not None:
    what = "The simulated cohort is open" if study.simulated else "Your files are open"
    observed = sum(o.n_observations for o in study.outcomes if o.name != HARMONISED)
    n_scores = len(study.scores)
    show.answer(
        f"{what}: {len(study.persons):,} people, {observed:,} observations, "
        f"{n_scores} score{'' if n_scores == 1 else 's'}."
    )
    steps = (*study.ledger, *state.analysed(study))
    reading.flow(steps)
    reading.ledger_table(steps)
    show.downloads("ledger", pd.DataFrame([asdict(s) for s in steps]), "ledger")
elif refused is None:
    show.answer("Nothing is open yet. Load one table of scores and one of outcomes to begin.")

if loaded is not None:
    asked = loaded.reading.questions
    if asked and loaded.uploads:
        st.header("Questions" if len(asked) > 1 else "A question")
        new = reading_questions.questions(asked, new)
    st.header("What each file was taken for")
    reading.lines(loaded.reading, None if refused is None else refused.problem)
    if loaded.uploads:
        new = reading_questions.gate(loaded, new)

st.header("Load files")
st.write(
    "Scores, outcomes and covariates, in one table or several: CSV and other text, Excel, SPSS, "
    "Stata, SAS, Parquet, REDCap exports, pgsc_calc, PLINK, PRSice and the like, also compressed. "
    "Only de-identified data: a file that seems to identify somebody is refused. Files stay in "
    "memory and are never written to disk."
)
st.file_uploader(
    "Tables",
    accept_multiple_files=True,
    key=reading_files.uploader_key(),
    label_visibility="collapsed",
)

if loaded is not None:
    st.header("Look closer, and correct")
    if not loaded.uploads:
        show.quiet("The originals are forgotten, so nothing can be corrected any more.")
    new = reading_columns.tables(loaded, new)
    new = reading_answers.times(loaded, new)
    new = reading_answers.answers(loaded, new)
    if loaded.reading.study is not None:
        reading_preview.preview(loaded.reading.study)
    if new != choices:
        reading_files.correct(loaded, new)
        st.rerun()

if study is not None:
    sitting.declare_part(study)

st.header("Keep these choices" if loaded is not None else "Or begin with a recipe")
st.write(
    "A recipe holds what was answered and corrected here, the names of columns, and no data. The "
    "next export of the same shape then loads in one step, here or on the command line "
    "(--recipe), also under another name."
)
if loaded is not None:
    st.download_button(
        "Recipe (JSON)", loaded.reading.recipe.to_json(), "recipe.json", "application/json",
        on_click="ignore",
    )  # fmt: skip
saved = st.file_uploader("Load a recipe", type="json", key="recipe")
if saved is not None and saved.file_id != st.session_state.get("recipe-read"):
    st.session_state["recipe-read"] = saved.file_id
    try:
        recipe = ReadingChoices.from_json(saved.getvalue().decode("utf-8", errors="replace"))
    except PgsIcbtError as wrong:
        show.error(wrong)
    else:
        reading_files.take_recipe(recipe)
        st.rerun()
if reading_files.recipe_waits():
    show.quiet("The recipe is taken up. It is used for the files that you load now.")

if loaded is not None and loaded.uploads and study is not None and not study.simulated:
    st.header("Forget the originals")
    st.write(
        "Once the reading is right, the files themselves are no longer needed: the study stays "
        "open until you close the page, and can then no longer be corrected."
    )
    if st.button("Forget the originals", disabled=refused is not None):
        reading_files.forget_originals()
        st.rerun()
