"""The session: what is open, what was chosen, and results kept for this session only.

Individual data live in ``st.session_state`` of one browser session and nowhere else. Results
are cached per session under the digest of the data and the canonical text of the spec, never
under a frame: Streamlit hashes large frames from a sample of their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import streamlit as st

import pgsicbt
from pgsicbt.errors import PgsIcbtError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.models.course import Course, course, course_of
from pgsicbt.result import Result
from pgsicbt.sample import sample_files
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import LedgerStep, Study

_KEPT = {"scope": "session", "max_entries": 64, "ttl": "8h", "show_spinner": False}


class Key(StrEnum):
    """Names in the session state that are not widgets."""

    STUDY = "open.study"
    SPEC = "open.spec"
    UPLOADS = "open.uploads"
    CHOICES = "open.choices"
    SCORE = "open.score"
    REFUSED = "refused"


def study() -> Study | None:
    """The open study."""
    found: Study | None = st.session_state.get(Key.STUDY)
    return found


def spec() -> AnalysisSpec:
    """The current analysis; only called where a study is open."""
    found: AnalysisSpec = st.session_state[Key.SPEC]
    return found


def open_study(new: Study, uploads: Sequence[Upload], choices: ReadingChoices) -> None:
    """Replace what is open. Everything that can fail has happened before, so nothing is lost."""
    proposed = pgsicbt.default_spec(new)
    st.session_state[Key.STUDY] = new
    st.session_state[Key.SPEC] = proposed
    st.session_state[Key.UPLOADS] = tuple(uploads)
    st.session_state[Key.CHOICES] = choices
    st.session_state.pop(Key.SCORE, None)
    st.session_state.pop(Key.REFUSED, None)


def read(uploads: Sequence[Upload], choices: ReadingChoices) -> None:
    """Read files and open them; where that fails, what was open stays and the refusal is kept."""
    try:
        open_study(read_study(*uploads, recipe=choices), uploads, choices)
    except PgsIcbtError as problem:
        st.session_state[Key.REFUSED] = (tuple(uploads), choices, problem)


def refusal() -> PgsIcbtError | None:
    """Why the files loaded last were refused; None if they were not."""
    refused = st.session_state.get(Key.REFUSED)
    return None if refused is None else refused[2]


def forget_refused() -> None:
    """Go back to the files that are open."""
    st.session_state.pop(Key.REFUSED, None)


def candidates() -> tuple[tuple[Upload, ...], ReadingChoices]:
    """The files to show and correct: those refused last, else those that are open."""
    refused = st.session_state.get(Key.REFUSED)
    if refused is not None:
        return refused[0], refused[1]
    return (
        st.session_state.get(Key.UPLOADS, ()),
        st.session_state.get(Key.CHOICES, ReadingChoices()),
    )


def open_sample() -> None:
    """Read the simulated cohort through the same door as any other file."""
    files = [Upload(name, data) for name, data in sample_files()]
    open_study(read_study(*files), files, ReadingChoices())


def fit(current: Study, wanted: AnalysisSpec) -> Result:
    """The grid of any analysis of the open study, kept for the session."""
    return _fit(current, current.digest, wanted.canonical(), wanted)


def analysed(current: Study) -> tuple[LedgerStep, ...]:
    """What the current analysis leaves out, after reading; empty where it cannot be fitted."""
    try:
        return fit(current, spec()).ledger[1:]
    except PgsIcbtError:
        return ()


def course_for(current: Study, shown: Result, score: str, adjustment: str) -> Course:
    """The course of one score of a fitted grid."""
    key = shown.spec.canonical()
    return _course(current, shown, current.digest, key, score, adjustment)


def other_course(current: Study, wanted: AnalysisSpec, score: str) -> tuple[Result, Course]:
    """The course of one score in another subset or outcome than the grid's."""
    return _other(current, wanted, current.digest, wanted.canonical(), score)


@st.cache_resource(**_KEPT)
def _fit(_study: Study, digest: str, canonical: str, _spec: AnalysisSpec) -> Result:
    return pgsicbt.fit(_study, _spec)


@st.cache_resource(**_KEPT)
def _course(
    _study: Study, _result: Result, digest: str, canonical: str, score: str, adjustment: str
) -> Course:
    return course(_study, _result, score, adjustment)


@st.cache_resource(**_KEPT)
def _other(
    _study: Study, _spec: AnalysisSpec, digest: str, canonical: str, score: str
) -> tuple[Result, Course]:
    return course_of(_study, _spec, score)


def chosen_score(options: Sequence[str]) -> str:
    """The score last opened, or the first of ``options``."""
    score = st.session_state.get(Key.SCORE)
    return score if score in options else options[0]


def choose_score(score: str) -> None:
    """Remember the score that was opened; it stays open on every page."""
    st.session_state[Key.SCORE] = score
