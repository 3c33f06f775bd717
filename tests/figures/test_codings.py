"""Figures of analyses in every coding and origin of time; plotly checks each of them."""

import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from pgsicbt.figures.course import CourseFigure, DifferenceFigure
from pgsicbt.figures.export import svg_bytes
from pgsicbt.figures.forest import (
    forest_alt,
    forest_interactive,
    forest_note,
    forest_rows,
    forest_static,
)
from pgsicbt.models.course.course import course
from pgsicbt.models.course.trajectories import difference, predicted
from tests.words.codings import CODINGS, STUDY, fitted

A = "PGS_A"
CURVED = [c for c in CODINGS if c != "linear"]


def _checked(figure: go.Figure) -> dict[str, Any]:
    """The figure as the browser gets it, after plotly has looked at every property."""
    plain: dict[str, Any] = json.loads(figure.to_json())
    go.Figure(plain, skip_invalid=False)
    return plain


@pytest.mark.parametrize("coding", list(CODINGS))
@pytest.mark.parametrize("narrow", [False, True])
def test_the_forest_says_what_its_panels_hold(coding: str, narrow: bool) -> None:
    result = fitted(coding, "end")
    rows = forest_rows(result)
    figure = _checked(forest_interactive(rows, result, STUDY, narrow=narrow))
    layout = figure["layout"]
    words = " ".join(a["text"] for a in layout["annotations"])
    assert "Severity at week 12" in words
    assert ("Change per week" in words) == (coding == "linear")
    assert ("Change, week 0 to 12" in words) == (coding != "linear")
    axis = "points a week per SD" if coding == "linear" else "points per SD"
    assert layout["xaxis2"]["title"]["text"].startswith(f"{axis} (")
    hover = [t for trace in figure["data"] if trace.get("hovertext") for t in trace["hovertext"]]
    assert any("points at week 12<br>" in t for t in hover)
    over = "a week" if coding == "linear" else "from week 0 to week 12"
    assert any(f"points {over}<br>" in t for t in hover)
    assert over.replace("a week", "per week") in forest_alt(rows, result, STUDY)
    svg = svg_bytes(forest_static(rows, result, STUDY)).decode()
    assert svg.startswith("<?xml")


@pytest.mark.parametrize("coding", CURVED)
def test_the_forest_shows_change_over_all_weeks(coding: str) -> None:
    result = fitted(coding)
    rows = forest_rows(result)
    shown = rows[(rows["role"] == "interaction") & (rows["score"] == A)]["estimate"].iloc[0]
    gap = difference(result, A, "adjusted", [0.0, 12.0])["estimate"]
    assert shown == pytest.approx(gap[1] - gap[0])
    assert "joint" not in set(rows["role"])
    note = forest_note(rows, result, STUDY)
    assert "Change is that from the start of treatment to the last week" in note
    month = forest_rows(fitted(coding, time_unit="month"))
    np.testing.assert_allclose(month["estimate"], rows["estimate"], rtol=1e-4, atol=1e-5)


def test_notes_name_errors_degrees_of_freedom_and_random_part() -> None:
    result = fitted("spline", errors="CR2")
    note = forest_note(forest_rows(result), result, STUDY)
    assert "with robust standard errors (CR2, people as clusters)" in note
    assert "time is a natural cubic spline; random intercept and slope per person" in note
    result = fitted("linear", df="kenward-roger", random="intercept+slope uncorrelated")
    note = forest_note(forest_rows(result), result, STUDY)
    assert "with Kenward-Roger standard errors and degrees of freedom" in note
    assert "uncorrelated random intercept and slope per person" in note


@pytest.mark.parametrize("coding", list(CODINGS))
def test_lines_are_drawn_where_the_model_bends(coding: str) -> None:
    result = fitted(coding, "middle")
    shown = course(STUDY, result, A, "adjusted")
    figure = CourseFigure(shown, result, STUDY)
    plain = _checked(figure.interactive())
    line = next(t for t in plain["data"] if t.get("name") == "+1 SD")
    weeks = list(line["x"])
    expected = predicted(result, A, "adjusted", weeks, [1.0])["estimate"]
    np.testing.assert_allclose(line["y"], expected)
    if coding in ("log", "spline"):
        assert np.diff(weeks).max() <= 0.25 + 1e-9
    if coding == "piecewise":
        assert 6.0 in weeks
    if coding == "categorical":
        assert weeks == [-2, 0, 1, 2, 4, 6, 8, 10, 12]
        assert "the lines between them only join" in figure.note
    assert ("Form over the weeks: " in figure.note) == (coding != "linear")
    assert f"from week {'0' if coding == 'log' else '−2'} to 12" in figure.alt
    assert figure.static().axes


@pytest.mark.parametrize("coding", list(CODINGS))
def test_the_difference_figure_follows_the_coding(coding: str) -> None:
    result = fitted(coding)
    figure = DifferenceFigure(course(STUDY, result, A, "adjusted"), result, STUDY)
    plain = _checked(figure.interactive(narrow=True))
    line = next(t for t in plain["data"] if t.get("name") == "difference")
    expected = difference(result, A, "adjusted", line["x"])["estimate"]
    np.testing.assert_allclose(line["y"], expected)
    # Marks where the model says nothing between the weeks.
    assert ("markers" in line["mode"]) == (coding == "categorical")
    lines = [artist for ax in figure.static().axes for artist in ax.lines]
    assert any(artist.get_marker() == "o" for artist in lines) == (coding == "categorical")
    assert ("Form over the weeks: " in figure.note) == (coding != "linear")
