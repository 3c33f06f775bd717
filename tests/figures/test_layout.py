"""Labels that do not overlap, ticks, escaping."""

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt.figures.cohort_mpl import panels_static
from pgsicbt.figures.cohort_panels import Axis, Panel, Panels
from pgsicbt.figures.cohort_plotly import panels_interactive
from pgsicbt.figures.forest import forest_interactive, forest_rows
from pgsicbt.figures.layout import escape, fit_label, shorten, spread_labels, ticks
from pgsicbt.figures.robustness_missing import odds_axis
from pgsicbt.figures.trajectories import difference_interactive, trajectories_interactive
from tests.figures.example import (
    counts_frame,
    difference_frame,
    make_result,
    make_study,
    observed_frame,
    predicted_frame,
)


@given(st.lists(st.floats(0, 300), min_size=1, max_size=8), st.floats(1, 30))
def test_spread_labels_keep_their_distance_and_order(positions: list[float], gap: float) -> None:
    out = spread_labels(positions, gap)
    order = np.argsort(positions, kind="stable")
    steps = np.diff(np.array(out)[order])
    assert (steps >= gap - 1e-6).all()


def test_labels_that_are_far_apart_stay() -> None:
    assert spread_labels([10, 50, 90], 18) == [10, 50, 90]


def test_close_labels_move_evenly_and_stay_inside() -> None:
    assert spread_labels([50, 50, 50], 10) == [40, 50, 60]
    assert spread_labels([2, 3, 4], 10, low=0) == [0, 10, 20]


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(-1.4, 1.2, ["−1", "0", "1"]), (26, 52, ["30", "40", "50"]),
     (-0.08, 0.055, ["−0.05", "0.00", "0.05"])],
)  # fmt: skip
def test_ticks_are_round_with_a_real_minus(low: float, high: float, expected: list[str]) -> None:
    values, labels = ticks(low, high, 4)
    assert labels == expected
    assert all(low <= v <= high for v in values)


def test_ticks_of_an_empty_range() -> None:
    assert ticks(2.0, 2.0, 4) == ([2.0], ["2.0"])


def test_text_of_users_is_never_markup() -> None:
    assert escape("<b>a & b</b>") == "&lt;b&gt;a &amp; b&lt;/b&gt;"
    assert shorten("abcdefghij", 5) == "abcd…"
    assert shorten("abc", 5) == "abc"


def test_a_label_is_cut_to_the_room_beside_its_panel() -> None:
    assert fit_label("PGS-CROSS", 82) == "PGS-CROSS"
    long = fit_label("PGS001229_hmPOS_GRCh38", 112)
    assert long.startswith("PGS001229_hm") and long.endswith("…") and len(long) < 17
    assert fit_label("agreeableness", 10) == "agree…"
    assert fit_label("100 %", 10) == "100 %"


def test_both_renderers_cut_labels_beside_panels() -> None:
    long = "PGS001229_hmPOS_GRCh38"
    panel = Panel("Effect", Axis(-1, 1), Axis(-0.6, 0.6, [0.0], [long]))
    sheet = Panels("Scores", [panel], 1, 1, 60, left=112)
    cut = fit_label(long, 106)
    assert cut != long
    assert panels_interactive(sheet).layout.yaxis.ticktext == (cut,)
    drawn = panels_static(sheet)
    assert [t.get_text() for t in drawn.axes[0].get_yticklabels()] == [cut]


@pytest.mark.parametrize(
    ("low", "high", "marks"),
    [(0.95, 1.05, ["0.95", "1", "1.05"]), (0.95, 1.67, ["1", "1.1", "1.25", "1.5"]),
     (0.3, 3, ["0.5", "1", "2"]), (0.04, 3, ["0.1", "1"])],
)  # fmt: skip
def test_marks_of_odds_ratios_are_few_and_reach_the_ends(low, high, marks) -> None:
    assert odds_axis(low, high).labels == marks


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_plotly_accepts_every_property_of_every_figure(narrow: bool, dark: bool) -> None:
    """Figures are handed over unchecked, so the check is here."""
    study = make_study()
    result = make_result(study)
    rows = forest_rows(result)
    words = {"title": "Course", "unit": "points", "dark": dark, "narrow": narrow}
    figures = [
        forest_interactive(rows, result, study, dark, narrow, interest={"main": 1.0}),
        trajectories_interactive(predicted_frame(), observed_frame(), counts_frame(), **words),
        difference_interactive(difference_frame(), **words),
    ]
    for figure in figures:
        checked = go.Figure(figure.to_dict())  # raises on what plotly does not know
        assert [t.type for t in checked.data] == [t.type for t in figure.data]
        assert len(checked.layout.annotations) == len(figure.layout.annotations) > 0
