"""Power and pooling: what could this cohort have shown, and what do several say together?"""

import streamlit as st

from pages.common import show, sitting
from pages.common.choices import score_box, study_and_result
from pages.common.door import come_in, open_study
from pages.common.pooling_parts import own_summary_part, pooling_part
from pages.common.power_parts import bar, detectable_part, planned_part, replication_part, table_of
from pgsicbt.errors import PgsIcbtError
from pgsicbt.words import lead_adjustment

come_in()
st.title("Power and pooling")
study = open_study(
    "Here you would see how small an effect your cohort could have found, and how large a "
    "replication must be. Open the simulated cohort or your own files first; summaries of "
    "other sites can be pooled without.",
    otherwise=lambda: pooling_part(None),
)

study, result = study_and_result()
lead = lead_adjustment(result)
table = table_of(study, result)
if not result.spec.scores:
    show.answer("No score was analysed, so there is no test to speak of.")
elif isinstance(table, PgsIcbtError):
    show.error(table)
else:
    detectable_part(study, result, table, lead)
    fitted = [s for s in result.spec.scores if result.fit_of(s, lead)]
    if fitted:
        st.header("One score opened")
        score = score_box(study, fitted)
        interest = bar(study, result, score, lead)
        known = planned_part(study, result, table, score, lead, interest)
        if known is not None:
            replication_part(study, result, known, interest)
    own_summary_part(study, result)
pooling_part(study)
show.quiet(sitting.purpose_line(study))
