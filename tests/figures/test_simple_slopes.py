"""Figures and words of simple slopes and of symptom burden."""

from __future__ import annotations

import dataclasses

import plotly.graph_objects as go
import pytest

from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.simple_slopes import slopes_drawing
from pgsicbt.meaning.burden import burden
from pgsicbt.meaning.simple_slopes import (
    SimpleSlopes,
    change_by_score,
    effect_by_week,
    simple_slopes,
)
from pgsicbt.models.fit import fit
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.words.slopes import (
    burden_note,
    burden_rows,
    burden_sentence,
    level_name,
    region_sentence,
    slopes_rows,
    slopes_sentence,
)
from tests.models.example import example_study

STUDY = example_study(n=160)
SPEC = AnalysisSpec(
    outcome="harmonised",
    scores=("PGS_A", "PGS_B"),
    covariates=("age", "diagnosis"),
    adjustments=("adjusted",),
)
PLAIN = fit(STUDY, SPEC)
WEEKS = fit(STUDY, SPEC.replace(family="mmrm"))


def found(kind: str) -> tuple[Result, SimpleSlopes]:
    if kind in ("week", "planned"):
        result = PLAIN if kind == "week" else WEEKS
        return result, effect_by_week(STUDY, result, "PGS_A", "adjusted")
    if kind == "change":
        return PLAIN, change_by_score(STUDY, PLAIN, "PGS_A", "adjusted")
    result = fit(STUDY, SPEC.replace(interactions=(("PGS_A", kind),)))
    return result, simple_slopes(STUDY, result, "PGS_A", kind, "adjusted")


@pytest.mark.parametrize("kind", ["week", "planned", "change", "age", "diagnosis", "PGS_B"])
def test_every_kind_is_drawn_for_screen_and_paper_with_words(kind: str) -> None:
    result, slopes = found(kind)
    drawing = slopes_drawing(STUDY, result, slopes)
    figure = CohortFigure(drawing)
    for dark in (False, True):
        go.Figure(figure.interactive(dark=dark, narrow=dark).to_dict())  # checked by plotly
    assert figure.static().axes
    sentence = slopes_sentence(STUDY, result, slopes)
    assert sentence in drawing.alt
    assert "lower" in drawing.panels.lines[0] or "improvement" in drawing.panels.lines[0]
    assert "at each value by itself" in drawing.note
    assert "-" not in "".join(
        cell for row in slopes_rows(STUDY, result, slopes) for cell in row[1:]
    )
    assert sentence.count(";") <= 2


def test_regions_are_told_with_their_side() -> None:
    result, slopes = found("week")
    text = region_sentence(STUDY, slopes)
    assert "(below zero)" in text or "At every value shown" in text
    none = dataclasses.replace(slopes, regions=())
    assert region_sentence(STUDY, none) == "At no value shown does the interval leave zero out."
    assert slopes_sentence(STUDY, result, none).endswith("leave zero out.")


def test_burden_in_words() -> None:
    for result in (PLAIN, WEEKS):
        area = burden(result, "PGS_A", "adjusted")
        text = burden_sentence(STUDY, result, area)
        assert text.startswith("Over the course from week 0 to week 12, people with PGS-A")
        assert "95 % interval" in text
        rows = burden_rows(STUDY, result, area)
        assert [row[0] for row in rows][:2] == ["Average, week 0 to 12", "Area, points × weeks"]
        assert all(len(row) == 6 for row in rows)
        assert "not corrected" in burden_note(result, area)
    clda = burden(fit(STUDY, SPEC.replace(family="clda")), "PGS_A", "adjusted")
    assert burden_rows(STUDY, PLAIN, clda)[2][-2:] == ["–", "–"]  # one mean at the start
    assert [level_name(x) for x in (-1.0, 0.0, 1.5)] == ["−1 SD", "mean", "+1.5 SD"]
