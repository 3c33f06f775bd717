"""What makes the server process answer a click quickly; set once for all sessions."""

from __future__ import annotations

import gc
import sys
from functools import cache

# Loaded before the first click and not by it.
import pgsicbt.figures.cohort
import pgsicbt.figures.course
import pgsicbt.figures.forest  # noqa: F401

_SWITCH_SECONDS = 0.0005


@cache
def answer_quickly() -> None:
    """Let the sending thread take turns, and keep the program itself out of collections.

    A page is some sixty small messages. They are sent by another thread than the one that makes
    them, which by Python's default would wait five milliseconds for its turn at each. Streamlit
    collects garbage after every run, so that a session's data go when they are no longer used;
    without the modules, which never go, that takes a few milliseconds.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
