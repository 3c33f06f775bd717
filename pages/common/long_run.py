"""Runs that take their time: how far they are, how long still, and what they found kept.

A click on anything else ends the run of the page, and with it what was under way.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import streamlit as st

from pages.common import state
from pgsicbt.study import Study

Progress = Callable[[int, int], None]
Made = TypeVar("Made")

_EVERY = 0.2  # seconds between two messages to the browser, each of which costs time
_KNOWN = 1.0  # seconds before which nothing can be said of the time left


def told(doing: str, done: int, of: int, passed: float) -> str:
    """How far something is: ``"Fitting analyses: 120 of 500, about 9 seconds left; ..."``."""
    left = "" if passed < _KNOWN else f", about {passed * (of - done) / done:,.0f} seconds left"
    return f"{doing}: {done:,} of {of:,}{left}; a click on anything else stops it"


@contextmanager
def bar(doing: str) -> Iterator[Progress]:
    """A bar under what is being done, gone when it is done or refused."""
    shown = st.progress(0.0, f"{doing}; a click on anything else stops it")
    began = last = time.monotonic()

    def advance(done: int, of: int) -> None:
        nonlocal last
        now = time.monotonic()
        if done and (now - last >= _EVERY or done >= of):
            last = now
            shown.progress(min(done / of, 1.0), told(doing, done, of, now - began))

    try:
        yield advance
    finally:
        shown.empty()


def run(study: Study, name: str, key: str, doing: str, make: Callable[[Progress], Made]) -> Made:
    """What ``make`` gives, with a bar while it runs, kept for the session."""
    found: Made | None = state.finished(study, name, key)
    if found is not None:
        return found
    with bar(doing) as advance:
        return state.run_and_keep(study, name, key, lambda: make(advance))
