"""Known plans: what does a published plan find in this cohort?"""

import streamlit as st

from pages.common import long_run, show, sitting, state
from pages.common.door import come_in, open_study
from pages.common.meaning_parts import band
from pgsicbt.errors import PgsIcbtError
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import (
    forest_alt,
    forest_interactive,
    forest_note,
    forest_rows,
    forest_static,
)
from pgsicbt.presets import PRESETS, plan_looks, preset, run_plan
from pgsicbt.report import course_figure, leading_score
from pgsicbt.report.plan import PREDICTION_HEADER, plan_report, prediction_figure
from pgsicbt.words.plans import (
    paper_rows,
    paper_table,
    plan_words,
    step_rows,
)
from pgsicbt.words.prediction import classification_rows

_TITLES = {
    "published-study": "The published study (2025)",
    "plan-2019": "The 2019 plan",
    "remission": "Prediction of remission",
}

come_in()
st.title("Known plans")
study = open_study(
    "Here you would carry out the plan of a published study on your own cohort, in one click, "
    "and see finding by finding whether it is found again. Open the simulated cohort or your "
    "own files first."
)

name = st.segmented_control(
    "Plan", PRESETS, default=PRESETS[0], format_func=_TITLES.__getitem__, key="plan-name"
)
try:
    plan = preset(study, name or PRESETS[0])
except PgsIcbtError as problem:
    show.error(problem)
    st.stop()
show.simulated_note(study)
found = state.finished(study, "plan", plan.name)
if found is None:
    show.answer("Not carried out yet.")
    show.sentence(plan.about)
    show.sentences(plan.left_out)
    if not st.button(f"Carry out the plan ({len(plan.steps)} steps)", type="primary"):
        st.stop()
    found = long_run.run(
        study, "plan", plan.name, "Carrying out the plan", lambda told: run_plan(study, plan, told)
    )
    st.rerun()

said, (header, rows), steps = state.kept(
    study,
    "plan-words",
    plan.name,
    lambda: (plan_words(found, study), paper_table(found, study), step_rows(found, study)),
)
show.answer(said.answer)
for look in plan_looks(found, study):
    state.look(study, look.spec, look.title, look.models)
show.sentence(plan.about)
show.sentences((*plan.left_out, *found.failed.values()))
if said.findings:
    show.journal_table(
        [[a.question, a.verdict, a.sentence] for a in said.findings],
        [
            ("Finding of the paper", ""),
            ("Here", "As published: same direction, and the interval excludes zero"),
            ("In numbers", ""),
        ],
        "What the paper found, and what this cohort says",
    )
    show.quiet(said.corrected)

lead = found.lead
if lead is None:
    st.stop()
st.header("The result in the form of the paper's table")
show.journal_table(rows, [(h, "") for h in header], "Per standard deviation of the score")
show.downloads("paper-table", paper_rows(found), "paper")
shown = forest_rows(lead)
interest, shaded = band(study, lead)
show.figure(
    lambda dark, narrow: forest_interactive(
        shown, lead, study, dark=dark, narrow=narrow, interest=interest
    ),
    alt=forest_alt(shown, lead, study),
    key=f"plan-forest-{plan.name}-{study.digest[:12]}",
    stamp=f"forest {study.digest} {lead.spec.canonical()} plan",
)
show.quiet(f"{forest_note(shown, lead, study)} {shaded}".strip())
show.downloads(
    "plan-forest", shown, "plan-forest",
    lambda: svg_bytes(forest_static(shown, lead, study, interest=interest)),
)  # fmt: skip
adjustment = lead.spec.adjustments[-1]
score = plan.lead_score or leading_score(lead, adjustment)
figure = course_figure(lead, study, score, adjustment)
if figure is not None:
    show.figure(
        figure.interactive,
        alt=figure.alt,
        key=f"plan-course-{plan.name}-{study.digest[:12]}",
        stamp=f"course {study.digest} {lead.spec.canonical()} {score} plan",
    )
    show.quiet(figure.note)
predicted = prediction_figure(found, study)
if predicted is not None and found.predicted is not None:
    st.header("What the scores add to a prediction by clinical predictors")
    show.journal_table(
        classification_rows(study, found.predicted),
        [(h, "") for h in PREDICTION_HEADER],
        "Cross-validated; slope and intercept are those of calibration",
        numeric=range(1, len(PREDICTION_HEADER)),
    )
    show.figure(
        predicted.interactive,
        alt=predicted.alt,
        key=f"plan-prediction-{study.digest[:12]}",
        stamp=f"prediction {study.digest} {lead.spec.canonical()} plan",
    )
    show.quiet(predicted.note)
    show.downloads("prediction", found.predicted.table, "plan-prediction")
if steps and plan.lead_score:
    st.header("Every step of the plan")
    show.journal_table(
        steps,
        [("Step", ""), ("Severity", "Points"), ("Change", "Points a week"), ("People", "Analysed")],
        f"{study.score(plan.lead_score).label}, adjusted, per standard deviation",
        numeric=(3,),
    )
ledger = state.ledger()  # read here: a download is made in another thread
with st.container(horizontal=True):
    st.download_button(
        "Report (HTML)",
        lambda: plan_report(found, study, ledger).encode(),
        f"{plan.name}.html",
        "text/html",
        on_click="ignore",
    )
    if st.button("Take this plan as the current analysis"):
        st.session_state[state.Key.SPEC] = plan.steps[0].spec
        st.switch_page("pages/associations.py")
sitting.ledger_part()
