"""Runs that take their time: how far they are, how long still, and what they found kept.

A click on anything ends the run of the page, and with it what was under way. Where a button started
it, **Cancel** is such a click; what a page starts by itself it would only start again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import streamlit as st

from pages.common import state
from pgsicbt.study import Study

Progress = Callable[[int, int], None]
Made = TypeVar("Made")

_EVERY = 0.2  # seconds between two messages to the browser, each of which costs time
_KNOWN = 1.0  # seconds before which nothing can be said of the time left


def told(doing: str, done: int, of: int, passed: float) -> str:
    """How far something is: ``"Fitting analyses: 120 of 500, about 9 seconds left"``."""
    left = "" if passed < _KNOWN else f", about {passed * (of - done) / done:,.0f} seconds left"
    return f"{doing}: {done:,} of {of:,}{left}"


@contextmanager
def bar(
    doing: str, *, cancel: bool = True, place: Any = None, unnoticed: float = 0.0
) -> Iterator[Progress]:
    """A bar under what is being done, gone when it is done or refused.

    Parameters
    ----------
    cancel
        Whether a button started it, so that a click on Cancel ends it.
    place
        An ``st.empty`` to stand in; a new one by default.
    unnoticed
        Seconds before which nothing is shown.
    """
    slot = st.empty() if place is None else place
    began = time.monotonic()
    last = began - _EVERY
    shown: Any = None

    def appear() -> Any:
        with slot.container():
            made = st.progress(0.0, doing)
            if cancel:
                st.button("Cancel", key=f"cancel {doing}")
        return made

    def advance(done: int, of: int) -> None:
        nonlocal last, shown
        now = time.monotonic()
        if shown is None and (now - began < unnoticed or done >= of):
            return
        shown = shown or appear()
        if done and (now - last >= _EVERY or done >= of):
            last = now
            shown.progress(min(done / of, 1.0), told(doing, done, of, now - began))

    if not unnoticed:
        shown = appear()
    try:
        yield advance
    finally:
        if shown is not None:
            slot.empty()


def run(
    study: Study,
    name: str,
    key: str,
    doing: str,
    make: Callable[[Progress], Made],
    *,
    cancel: bool = True,
) -> Made:
    """What ``make`` gives, with a :func:`bar` while it runs, kept for the session."""
    found: Made | None = state.finished(study, name, key)
    if found is not None:
        return found
    with bar(doing, cancel=cancel) as advance:
        return state.run_and_keep(study, name, key, lambda: make(advance))
