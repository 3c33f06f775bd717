"""Symptom burden, scores at chosen weeks and simple slopes of the opened score."""

from __future__ import annotations

import math

import streamlit as st

from pages.common import show, state
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.simple_slopes import slopes_drawing
from pgsicbt.meaning.burden import burden
from pgsicbt.meaning.simple_slopes import (
    About,
    SimpleSlopes,
    change_by_score,
    effect_by_week,
    simple_slopes,
)
from pgsicbt.result import Result
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.scale import outcome_scale
from pgsicbt.words.slopes import (
    burden_note,
    burden_rows,
    burden_sentence,
    level_name,
    other_label,
    slopes_rows,
    slopes_sentence,
)

_WEEK, _CHANGE = "by week", "change by level of the score"


def burden_part(study: Study, result: Result, score: str, lead: str) -> None:
    """Model scores at chosen weeks, and the area under the course, by level of the score."""
    scale = outcome_scale(study, result.spec.outcome)
    weeks = _weeks(result, score, lead)
    found = state.kept(
        study, "burden", f"{result.spec.canonical()} {score} {lead} {weeks}",
        lambda: burden(result, score, lead, weeks=weeks or None),
    )  # fmt: skip
    show.sentence(burden_sentence(study, result, found))
    levels = [
        (level_name(level), f"Model line of an average person at {level_name(level)} of the score")
        for level in found.levels
    ]
    show.journal_table(
        burden_rows(study, result, found),
        [
            ("", f"In {scale.unit}; {scale.better} is better"),
            *levels,
            ("Difference (interval)", f"{level_name(found.levels[-1])} less the lowest level"),
            ("p", "Not corrected"),
        ],
        "Severity by level of the score: chosen weeks and all of them (symptom burden)",
        numeric=range(1, 3 + len(levels)),
    )
    show.quiet(burden_note(result, found))
    frame = found.weeks.merge(found.week_gaps, on="week", suffixes=("", "_gap"))
    show.downloads(f"burden-{score}", frame, "burden")


def _weeks(result: Result, score: str, lead: str) -> tuple[float, ...]:
    """Weeks to tell the score at; none for the start, the middle and the end."""
    model = result.fit_of(score, lead)
    if model is None or model.time is None:
        return ()
    first, last = math.ceil(model.time.first_week), math.floor(model.time.end_week)
    chosen = st.multiselect(
        "Weeks", range(first, last + 1), format_func=numbers.week, max_selections=8,
        placeholder="the start, the middle and the end", key="burden-weeks",
    )  # fmt: skip
    return tuple(float(week) for week in sorted(chosen))


def slopes_part(study: Study, result: Result, score: str, lead: str) -> None:
    """Simple slopes along the weeks, the score, or what it interacts with."""
    others = [other for one, other in result.spec.interactions if one == score]
    choices: list[tuple[str, About]] = [(_WEEK, "severity"), (_CHANGE, "change")]
    if result.spec.interactions:
        choices = [(o, about) for o in others for about in ("change", "severity")]
    if not choices:
        show.quiet("This score interacts with nothing in this analysis.")
        return

    def named(choice: tuple[str, About]) -> str:
        if choice[0] in (_WEEK, _CHANGE):
            return choice[0]
        return f"{choice[1]}, by {other_label(study, choice[0])}"

    picked = st.selectbox("Slopes", choices, format_func=named, key="slopes-along")
    key = f"{result.spec.canonical()} {score} {lead} {picked}"

    def make() -> SimpleSlopes:
        if picked[0] == _WEEK:
            return effect_by_week(study, result, score, lead)
        if picked[0] == _CHANGE:
            return change_by_score(study, result, score, lead)
        return simple_slopes(study, result, score, picked[0], lead, picked[1])

    found = state.kept(study, "slopes", key, make)
    show.sentence(slopes_sentence(study, result, found))
    figure = CohortFigure(slopes_drawing(study, result, found))
    show.explained(figure, "slopes", f"{study.digest} {key}", found.slopes)
    show.journal_table(
        slopes_rows(study, result, found),
        [
            ("At", "Where along the axis"),
            ("Effect", "In points"),
            ("Interval", f"{numbers.percent(result.spec.confidence)}, at each value by itself"),
            ("p", "Not corrected"),
        ],
        "Simple slopes",
        numeric=range(1, 4),
    )
