"""Robustness: does it hold if I had chosen otherwise?"""

import streamlit as st

from pages.common import show, state
from pages.common.choices import mixed_model_instead, score_box, study_and_result
from pages.common.door import come_in
from pages.common.missing_parts import missing_line, missing_part
from pages.common.robustness_parts import (
    agreement_part,
    challenge_part,
    challenges_of,
    contest_part,
    curve_part,
    verdicts_part,
)
from pgsicbt.errors import PgsIcbtError
from pgsicbt.words import lead_adjustment
from pgsicbt.words.robustness import robustness_headline

come_in()
st.title("Robustness")
study, result = study_and_result()
lead = lead_adjustment(result)
scores = [s for s in result.spec.scores if any(f.score == s for f in result.fits)]
if not scores:
    show.answer("No score was analysed, so there is no effect that could be challenged.")
    st.stop()

mixed_model_instead(result.spec)
score = score_box(study, scores)
try:
    found = challenges_of(study, result.spec, lead)
except PgsIcbtError as problem:
    show.error(problem)
    st.stop()
state.look(study, found.spec, "challenges", models=found.models)
show.answer(robustness_headline(study, found, score))
verdicts_part(study, found, score)
missed = missing_line(study, result, score, lead)
if missed is not None:
    show.sentence(f"Missed visits: change {missed[0]}; {missed[1]}.")

st.header("Each challenge opened")
for challenge in found.challenges:
    challenge_part(study, found, challenge, score)

st.header("Other questions")
agreement_part(study, result.spec, lead, score)
contest_part(study, result.spec, lead, score)
curve_part(study, result.spec, lead, score)

st.header("Missed visits")
missing_part(study, result, score, lead)
