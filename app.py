"""The door: which pages there are, and nothing else. Start with ``streamlit run app.py``."""

import streamlit as st

from pages.common.door import open_door
from pages.common.memory import keep_uploads_in_memory
from pages.common.speed import answer_quickly
from pages.common.style import apply_style
from pages.common.viewport import watch_width

st.set_page_config(page_title="PGS and symptom change", layout="wide", initial_sidebar_state="auto")
open_door()
apply_style()
keep_uploads_in_memory()
answer_quickly()
watch_width()
st.navigation(
    [
        st.Page("pages/start.py", title="Start", default=True),
        st.Page("pages/data.py", title="Data"),
        st.Page("pages/cohort.py", title="Cohort"),
        st.Page("pages/associations.py", title="Associations"),
        st.Page("pages/trajectories.py", title="Trajectories"),
        st.Page("pages/robustness.py", title="Robustness"),
        st.Page("pages/power.py", title="Power and pooling"),
        st.Page("pages/plans.py", title="Known plans"),
    ]
).run()
