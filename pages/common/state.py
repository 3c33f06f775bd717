"""The session: what is open, what was chosen, and results kept for this session only.

Individual data live in ``st.session_state`` of one browser session and nowhere else. Results
are cached per session under the digest of the data and the canonical text of the spec, never
under a frame: Streamlit hashes large frames from a sample of their rows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import pandas as pd
import streamlit as st

import pgsicbt
from pgsicbt.errors import PgsIcbtError
from pgsicbt.ingest import ReadingChoices, Upload, read_study
from pgsicbt.models.course.course import Course, course, course_of
from pgsicbt.models.diagnostics.diagnostics import Diagnostics, diagnostics
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.resampling.influence import influence
from pgsicbt.result import Result
from pgsicbt.sample import sample_files
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import LedgerStep, Study

Progress = Callable[[int, int], None]
Made = TypeVar("Made")
_KEPT = {"scope": "session", "max_entries": 64, "ttl": "8h", "show_spinner": False}


class Key(StrEnum):
    """Names in the session state that are not widgets."""

    STUDY = "open.study"
    SPEC = "open.spec"
    UPLOADS = "open.uploads"
    CHOICES = "open.choices"
    SCORE = "open.score"
    REFUSED = "refused"
    FITTED = "fitted"
    RESAMPLED = "open.resampled"


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
    for key in (Key.SCORE, Key.REFUSED, Key.RESAMPLED):
        st.session_state.pop(key, None)


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


def fit(current: Study, wanted: AnalysisSpec, progress: Progress | None = None) -> Result:
    """The grid of any analysis of the open study, kept for the session.

    A cached function cannot show its progress, so where that is wanted the grid is fitted before
    the cache is asked.
    """
    known = st.session_state.setdefault(Key.FITTED, set())
    key = (current.digest, wanted.canonical())
    made = None if progress is None or key in known else pgsicbt.fit(current, wanted, progress)
    found = _fit(current, *key, wanted, made)
    known.add(key)
    return found


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


def effects(current: Study, shown: Result) -> pd.DataFrame:
    """Effect sizes of a fitted grid; shares have intervals once they were resampled."""
    stamp, resampled = st.session_state.get(Key.RESAMPLED, ("", None))
    if stamp == _stamp(current, shown):
        return resampled
    return _effects(current, shown, current.digest, shown.spec.canonical())


def resample(current: Study, shown: Result, replicates: int, progress: Progress) -> None:
    """Effect sizes with intervals by resampling people, kept until others are asked for.

    Not in the cache, since a cached function cannot show its progress.
    """
    found = effect_sizes(
        current, shown, replicates=replicates, seed=shown.spec.seed, progress=progress
    )
    st.session_state[Key.RESAMPLED] = (_stamp(current, shown), found)


def resampled(current: Study, shown: Result) -> bool:
    """Whether the effect sizes of this grid were resampled."""
    return bool(st.session_state.get(Key.RESAMPLED, ("",))[0] == _stamp(current, shown))


def _stamp(current: Study, shown: Result) -> str:
    return f"{current.digest} {shown.spec.canonical()}"


def checks(
    current: Study, shown: Result, score: str, adjustment: str
) -> tuple[Diagnostics, pd.DataFrame]:
    """Residual checks of one cell, and what people beyond the rules of influence do to it."""
    key = shown.spec.canonical()
    return _checks(current, shown, current.digest, key, score, adjustment)


def described(current: Study, make: Callable[..., Made], *what: str | None) -> Made:
    """What a function of :mod:`pgsicbt.cohort` makes of the open study, kept for the session."""
    made: Made = _described(current, make, current.digest, make.__name__, what)
    return made


def other_course(current: Study, wanted: AnalysisSpec, score: str) -> tuple[Result, Course]:
    """The course of one score in another subset or outcome than the grid's."""
    return _other(current, wanted, current.digest, wanted.canonical(), score)


@st.cache_resource(**_KEPT)
def _fit(
    _study: Study, digest: str, canonical: str, _spec: AnalysisSpec, _made: Result | None
) -> Result:
    return pgsicbt.fit(_study, _spec) if _made is None else _made


@st.cache_resource(**_KEPT)
def _course(
    _study: Study, _result: Result, digest: str, canonical: str, score: str, adjustment: str
) -> Course:
    return course(_study, _result, score, adjustment)


@st.cache_resource(**_KEPT)
def _effects(_study: Study, _result: Result, digest: str, canonical: str) -> pd.DataFrame:
    return effect_sizes(_study, _result)


@st.cache_resource(**_KEPT)
def _checks(
    _study: Study, _result: Result, digest: str, canonical: str, score: str, adjustment: str
) -> tuple[Diagnostics, pd.DataFrame]:
    # Only the summary is kept: what leaving out one person does is nobody's to look at.
    summary = influence(_study, _result, score, adjustment).summary()
    return diagnostics(_study, _result, score, adjustment), summary


@st.cache_resource(**_KEPT)
def _described(
    _study: Study, _make: Callable[..., Any], digest: str, name: str, what: tuple[str | None, ...]
) -> Any:
    return _make(_study, *what)


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
