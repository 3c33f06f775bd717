"""Associations: which scores go with severity, and which with change?"""

import streamlit as st

from pages.common import show, sitting, state
from pages.common.choices import score_box, study_and_result
from pages.common.door import come_in
from pages.common.meaning_more import meaning_part
from pages.common.meaning_parts import band, verdict_of_score, verdicts_part
from pages.common.opened import checks_part, effect_sizes_part
from pages.common.score_parts import controls_part, provenance_part, stated
from pages.common.tables import coefficient_table, grid_table, model_description
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import (
    forest_alt,
    forest_interactive,
    forest_note,
    forest_rows,
    forest_static,
)
from pgsicbt.figures.forest_data import Sort
from pgsicbt.models.grid.rebuild import one_score_at_a_time
from pgsicbt.report import html_report
from pgsicbt.words import (
    coefficient,
    headline,
    lead_adjustment,
)
from pgsicbt.words.exposures import interaction_answers
from pgsicbt.words.families import one_per_person
from pgsicbt.words.passages import passages

come_in()
_FEW = 32  # coefficients that are shown at once; more of them are folded
_SORTS: dict[Sort, str] = {"effect": "by effect", "file": "as in the file"}

st.title("Associations")
study, result = study_and_result()
lead = lead_adjustment(result)


if result.spec.scores:
    show.answer(headline(result, study, lead))
    show.sentences(interaction_answers(result, study, lead))
    order = st.segmented_control(
        "Order of the scores", list(_SORTS), default="effect", format_func=_SORTS.__getitem__
    )
    rows = forest_rows(result, sort=order or "effect")
    interest, shaded = band(study, result)
    clicked = show.figure(
        lambda dark, narrow: forest_interactive(
            rows, result, study, dark=dark, narrow=narrow, interest=interest
        ),
        alt=forest_alt(rows, result, study),
        key=f"forest-{study.digest[:12]}",
        stamp=f"forest {study.digest} {result.spec.canonical()} {order}",
        select=True,
    )
    show.quiet(f"{forest_note(rows, result, study)} {shaded}".strip())
    show.downloads(
        "forest", rows, "forest",
        lambda: svg_bytes(forest_static(rows, result, study, interest=interest)),
    )  # fmt: skip

    st.header("All scores, all models")
    grid_table(study, result, lead)
    show.downloads("grid", result.table, "grid")
    verdicts_part(study, result, lead)
    if one_score_at_a_time(result.spec):
        controls_part(study, result)

    st.header("One score opened")
    fitted = [s for s in result.spec.scores if result.fit_of(s, lead)]
    if clicked in fitted and clicked != st.session_state.get("last-click"):
        state.choose_score(clicked)
    st.session_state["last-click"] = clicked
    score = score_box(study, fitted, help="Or click a score in the forest plot.")
    show.passage(
        *passages(result, study, score, lead),
        *(("sentence", text) for text in verdict_of_score(study, result, score, lead)),
    )
    provenance_part(study, score)
    if not one_per_person(result):
        st.page_link("pages/trajectories.py", label="See what that looks like over the weeks")
else:
    score = ""
    show.answer("No score was analysed; this is the course of symptoms by covariates alone.")

model = result.fit_of(score, lead)
coefficients = result.table[(result.table["score"] == score) & (result.table["model"] == lead)]
heading = f"Every coefficient of the {lead} model"
if len(coefficients) <= _FEW:
    st.subheader(heading)
    coefficient_table(study, result, coefficients)
    show.downloads(f"coefficients-{score or 'model'}", coefficients, "coefficients")
else:
    every = show.folded(f"{heading} ({len(coefficients)})", "every-coefficient")
    if every.open:
        with every:
            coefficient_table(study, result, coefficients)
            show.downloads(f"coefficients-{score or 'model'}", coefficients, "coefficients")
meanings = show.folded("What each coefficient means", "meanings")
if meanings.open:
    with meanings:
        show.sentences(coefficient(row, result, study) for _, row in coefficients.iterrows())
if model is not None:
    if score:
        meaning_part(study, result, score, lead)
    if one_score_at_a_time(result.spec):
        if score:
            effect_sizes_part(study, result, score, lead)
        checks_part(study, result, score, lead)
    described = show.folded("The model", "described")
    if described.open:
        with described:
            model_description(study, result, model)
show.quiet(sitting.purpose_line(study))
ledger, origins = state.ledger(), stated(study)  # read here: a download is made in another thread
st.download_button(
    "Report (HTML)",
    lambda: html_report(
        result, study, score=score or None, ledger=ledger, provenance=origins
    ).encode(),
    "report.html",
    "text/html",
    on_click="ignore",
    help="Everything of this analysis on one page that prints well, and what else was looked at.",
)
sitting.ledger_part()
if result.warnings:
    notes = show.folded(f"Notes on this analysis ({len(result.warnings)})", "notes")
    if notes.open:
        with notes:
            show.sentences(warning.message for warning in result.warnings)
