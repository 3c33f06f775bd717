"""Everybody comes in through ``app.py``.

Until a server has run ``app.py`` once, Streamlit takes every file of ``pages/`` for a page of its
own and would run it by itself: without style, without the guard that keeps uploads in memory,
and later without sign-in. Whoever arrives that way is led to the door.
"""

import streamlit as st

_OPEN = "door"


def open_door() -> None:
    """Called by ``app.py`` before any page is drawn."""
    st.session_state[_OPEN] = True


def come_in() -> None:
    """Called by every page before anything else."""
    if not st.session_state.get(_OPEN):
        st.switch_page("app.py")
