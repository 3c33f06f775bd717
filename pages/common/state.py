"""The session: what is open, what was chosen, and results kept for this session only.

Individual data live in ``st.session_state`` of one browser session and nowhere else. Results
are cached per session under the digest of the data and the canonical text of the spec, never
under a frame: Streamlit hashes large frames from a sample of their rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ParamSpec, TypeVar

import pandas as pd
import streamlit as st

import pgsicbt
from pgsicbt.errors import DataError, PgsIcbtError
from pgsicbt.ingest import Reading, ReadingChoices, Upload, read_files
from pgsicbt.ledger import Ledger
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
P = ParamSpec("P")
_FITTED_AT_ONCE = 200_000
"""Rows of visits up to which the Data page fits the proposed analysis for its last step."""
_RUNS_KEPT = 24
_ENTRIES, _SECONDS = 64, 8 * 3600


class Key(StrEnum):
    """Names in the session state that are not widgets."""

    STUDY = "open.study"
    SPEC = "open.spec"
    FILES = "open.files"
    SCORE = "open.score"
    REFUSED = "refused"
    FITTED = "fitted"
    RESAMPLED = "open.resampled"
    RUNS = "open.runs"
    LEDGER = "sitting.ledger"


def study() -> Study | None:
    """The open study."""
    found: Study | None = st.session_state.get(Key.STUDY)
    return found


def spec() -> AnalysisSpec:
    """The current analysis; only called where a study is open."""
    found: AnalysisSpec = st.session_state[Key.SPEC]
    return found


@dataclass(frozen=True)
class Loaded:
    """Files with what came of reading them; without ``uploads`` the originals are forgotten."""

    uploads: tuple[Upload, ...]
    reading: Reading


@dataclass(frozen=True)
class Refused(Loaded):
    """Files that could not be opened, and why; what the gate refused is not among them.

    ``sound`` are those that can be read by themselves, where others cannot.
    """

    problem: PgsIcbtError
    sound: tuple[Upload, ...] = ()


def open_files(loaded: Loaded) -> None:
    """Replace what is open. Everything that can fail has happened before, so nothing is lost.

    Raises
    ------
    PgsIcbtError
        If nothing can be analysed in the study.
    """
    new = loaded.reading.study
    if new is None:
        raise loaded.reading.error or DataError("There is nothing in these files.")
    proposed = pgsicbt.default_spec(new)
    st.session_state[Key.STUDY] = new
    st.session_state[Key.SPEC] = proposed
    st.session_state[Key.FILES] = loaded
    for key in (Key.SCORE, Key.REFUSED, Key.RESAMPLED, Key.RUNS):
        st.session_state.pop(key, None)


def read(
    uploads: Sequence[Upload],
    choices: ReadingChoices,
    progress: Callable[[str, float], None] | None = None,
) -> None:
    """Read files and open them; where that fails, what was open stays and the refusal is kept.

    The bytes of a file that the gate refuses are not kept.
    """
    reading = read_files(uploads, choices, progress)
    try:
        open_files(Loaded(tuple(uploads), reading))
    except PgsIcbtError as problem:
        problem.__traceback__ = problem.__context__ = None  # it would hold on to every table
        barred = {file.position for file in reading.files if file.identifying}
        wrong = {file.position for file in reading.files if file.error is not None}
        kept = tuple(upload for i, upload in enumerate(uploads) if i not in barred)
        sound = tuple(u for i, u in enumerate(uploads) if wrong and i not in wrong)
        st.session_state[Key.REFUSED] = Refused(kept, replace(reading, study=None), problem, sound)


def refusal() -> Refused | None:
    """The files loaded last if they were refused."""
    refused: Refused | None = st.session_state.get(Key.REFUSED)
    return refused


def forget_refused() -> None:
    """Go back to the files that are open."""
    st.session_state.pop(Key.REFUSED, None)


def keep_choices(refused: Refused, choices: ReadingChoices) -> None:
    """Remember answers about files that were refused, for when they are loaded again."""
    recipe = replace(choices, tables=refused.reading.recipe.tables)
    reading = replace(refused.reading, choices=choices, recipe=recipe)
    st.session_state[Key.REFUSED] = replace(refused, reading=reading)


def loaded() -> Loaded | None:
    """The files to show and correct: those refused last, else those that are open."""
    opened: Loaded | None = st.session_state.get(Key.FILES)
    return refusal() or opened


def forget_originals() -> None:
    """Let go of the files that are open; the study stays, and can no longer be corrected."""
    opened: Loaded = st.session_state[Key.FILES]
    st.session_state[Key.FILES] = replace(opened, uploads=())


def open_sample() -> None:
    """Read the simulated cohort through the same door as any other file."""
    uploads = tuple(Upload(name, data) for name, data in sample_files())
    open_files(Loaded(uploads, read_files(uploads)))


def ledger() -> Ledger:
    """What was declared and looked at in this sitting, on whatever data."""
    kept_so_far: Ledger = st.session_state.get(Key.LEDGER, Ledger())
    return kept_so_far


def look(
    current: Study, shown: AnalysisSpec, what: str = "analysis", models: int | None = None
) -> None:
    """Enter into the ledger that the result of an analysis is shown."""
    st.session_state[Key.LEDGER] = ledger().look(shown, current.digest, what, models=models)


def fit(current: Study, wanted: AnalysisSpec, progress: Progress | None = None) -> Result:
    """The grid of any analysis of the open study, kept for the session.

    A cached function cannot show its progress, so where that is wanted the grid is fitted before
    the cache is asked.
    """
    key = (current.digest, wanted.canonical())
    known = _is_kept(key)
    made = None if progress is None or known else pgsicbt.fit(current, wanted, progress)
    found = _fit(current, *key, wanted, made)
    fitted: dict[tuple[str, str], float] = st.session_state.setdefault(Key.FITTED, {})
    # The one used last goes to the end, and keeps its age, as in the cache.
    fitted[key] = fitted.pop(key) if known else time.monotonic()
    while len(fitted) > _ENTRIES:
        fitted.pop(next(iter(fitted)))
    return found


def _is_kept(key: tuple[str, str]) -> bool:
    """Whether the cache still holds a fit, which it does not tell by itself."""
    made = st.session_state.get(Key.FITTED, {}).get(key)
    return made is not None and time.monotonic() - made < _SECONDS


def analysed(current: Study) -> tuple[LedgerStep, ...]:
    """What the current analysis leaves out, after reading; empty where it cannot be fitted.

    A large cohort is not fitted only for that; once it was fitted, the steps are shown.
    """
    known = _is_kept((current.digest, spec().canonical()))
    if len(current.visits) > _FITTED_AT_ONCE and not known:
        return ()
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
    found: tuple[str, pd.DataFrame] | None = st.session_state.get(Key.RESAMPLED)
    if found is not None and found[0] == _stamp(current, shown):
        return found[1]
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


def _kept(make: Callable[P, Made]) -> Callable[P, Made]:
    """``make`` with a cache of what it gave that belongs to the session of one user."""
    cache = st.cache_resource(
        scope="session", max_entries=_ENTRIES, ttl=_SECONDS, show_spinner=False
    )
    return cache(make)


@_kept
def _fit(
    _study: Study, digest: str, canonical: str, _spec: AnalysisSpec, _made: Result | None
) -> Result:
    return pgsicbt.fit(_study, _spec) if _made is None else _made


@_kept
def _course(
    _study: Study, _result: Result, digest: str, canonical: str, score: str, adjustment: str
) -> Course:
    return course(_study, _result, score, adjustment)


@_kept
def _effects(_study: Study, _result: Result, digest: str, canonical: str) -> pd.DataFrame:
    return effect_sizes(_study, _result)


@_kept
def _checks(
    _study: Study, _result: Result, digest: str, canonical: str, score: str, adjustment: str
) -> tuple[Diagnostics, pd.DataFrame]:
    # Only the summary is kept: what leaving out one person does is nobody's to look at.
    summary = influence(_study, _result, score, adjustment).summary()
    return diagnostics(_study, _result, score, adjustment), summary


@_kept
def _described(
    _study: Study, _make: Callable[..., Any], digest: str, name: str, what: tuple[str | None, ...]
) -> Any:
    return _make(_study, *what)


@_kept
def _other(
    _study: Study, _spec: AnalysisSpec, digest: str, canonical: str, score: str
) -> tuple[Result, Course]:
    return course_of(_study, _spec, score)


def chosen_score(options: Sequence[str]) -> str:
    """The score last opened, or the first of ``options``."""
    score: str = st.session_state.get(Key.SCORE, "")
    return score if score in options else options[0]


def choose_score(score: str) -> None:
    """Remember the score that was opened; it stays open on every page."""
    st.session_state[Key.SCORE] = score


def kept(current: Study, name: str, key: str, make: Callable[[], Made]) -> Made:
    """What ``make`` gives for the open study, kept for the session under its name and key.

    ``key`` says all that it depends on beyond the study, such as the canonical text of the spec.
    """
    made: Made = _kept_by(make, current.digest, name, key)
    return made


def run_and_keep(current: Study, name: str, key: str, make: Callable[[], Made]) -> Made:
    """Like :func:`kept` for what shows its progress, which a cached function cannot."""
    store: dict[tuple[str, str, str], Any] = st.session_state.setdefault(Key.RUNS, {})
    place = (current.digest, name, key)
    if place not in store:
        store[place] = make()
        while len(store) > _RUNS_KEPT:
            store.pop(next(iter(store)))
    made: Made = store[place]
    return made


def finished(current: Study, name: str, key: str) -> Any:
    """What :func:`run_and_keep` has kept, or None where it has not run."""
    return st.session_state.get(Key.RUNS, {}).get((current.digest, name, key))


@_kept
def _kept_by(_make: Callable[[], Any], digest: str, name: str, key: str) -> Any:
    return _make()
