"""Everybody comes in through ``app.py``, and most pages are about the study that is open.

Until a server has run ``app.py`` once, Streamlit takes every file of ``pages/`` for a page of its
own and would run it by itself: without style, without the guard that keeps uploads in memory,
and later without sign-in. Whoever arrives that way is led to the door.
"""

from collections.abc import Callable

import streamlit as st

from pages.common import show, state
from pgsicbt.study import Study

_OPEN = "door"


def open_door() -> None:
    """Called by ``app.py`` before any page is drawn."""
    st.session_state[_OPEN] = True


def come_in() -> None:
    """Called by every page before anything else."""
    if not st.session_state.get(_OPEN):
        st.switch_page("app.py")


def open_study(would: str, otherwise: Callable[[], None] | None = None) -> Study:
    """The study that is open; without one the page says what it would show, and stops.

    ``otherwise`` draws what the page has to show without a study.
    """
    study = state.study()
    if study is None:
        show.answer("Nothing is open yet.")
        show.sentence(would)
        st.page_link("pages/start.py", label="Go to Start")
        if otherwise is not None:
            otherwise()
        st.stop()
    return study
