"""The trajectory and difference figures."""

import json
from typing import Any

import numpy as np
import pytest

from pgsicbt.figures.palette import LIGHT
from pgsicbt.figures.trajectories import (
    difference_alt,
    difference_interactive,
    difference_note,
    difference_static,
    trajectories_alt,
    trajectories_interactive,
    trajectories_note,
    trajectories_static,
    value_range,
)
from pgsicbt.figures.trajectory_data import model_lines, observed_points, week_ticks
from tests.figures.example import (
    counts_frame,
    difference_frame,
    observed_frame,
    predicted_frame,
)

FRAMES = (predicted_frame(), observed_frame(), counts_frame())
WORDS: dict[str, Any] = {"title": "Symptoms by week", "unit": "Symptom score, 0-100"}


def _figure(**options: Any) -> dict[str, Any]:
    return json.loads(trajectories_interactive(*FRAMES, **{**WORDS, **options}).to_json())


def test_lines_run_from_light_to_dark() -> None:
    lines = model_lines(FRAMES[0])
    assert [x.label for x in lines] == ["−1 SD", "Average", "+1 SD"]
    drawn = {t["name"]: t for t in _figure()["data"]}
    assert [drawn[x.label]["line"]["color"] for x in lines] == list(LIGHT.levels)


def test_one_line_is_called_average() -> None:
    alone = FRAMES[0][FRAMES[0]["level"] == 0]
    assert [x.label for x in model_lines(alone)] == ["Average"]
    figure = trajectories_interactive(alone, FRAMES[1], FRAMES[2], **WORDS)
    assert len(figure.data) == 1 + 1 + 3 + 1


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_svg_traces_only_and_transparent(narrow: bool, dark: bool) -> None:
    figure = _figure(narrow=narrow, dark=dark)
    assert {t["type"] for t in figure["data"]} == {"scatter", "bar"}
    assert figure["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
    assert figure["layout"]["height"] > 300


def test_suppressed_cells_are_absent_and_said() -> None:
    lowest = next(f for g, _, f in observed_points(FRAMES[1]) if g == "lowest third")
    assert 11.0 not in lowest["week"].tolist()
    assert len(lowest) == 13
    assert "fewer than 8 people are left out" in trajectories_note(*FRAMES)
    few = FRAMES[2].assign(n=[np.nan, *FRAMES[2]["n"][1:]])
    figure = trajectories_interactive(FRAMES[0], FRAMES[1], few, **WORDS)
    bar = next(t for t in figure.data if t.type == "bar")
    assert bar.text[0] == "&lt;8"
    assert "fewer than 8 people observed" in bar.hovertext[0]


def test_thirds_differ_by_symbol_and_stand_apart() -> None:
    groups = [t for t in _figure()["data"] if t["name"].startswith("observed,")]
    assert [t["marker"]["symbol"] for t in groups] == ["triangle-down", "circle", "triangle-up"]
    assert groups[0]["x"][1] < groups[1]["x"][1] < groups[2]["x"][1]


def test_axis_says_unit_and_direction() -> None:
    texts = [a["text"] for a in _figure()["layout"]["annotations"]]
    assert "Symptom score, 0-100 (lower is better)" in texts
    texts = [a["text"] for a in _figure(better="higher")["layout"]["annotations"]]
    assert "Symptom score, 0-100 (higher is better)" in texts
    assert {"<b>−1 SD</b>", "<b>Average</b>", "<b>+1 SD</b>"} <= set(texts)


def test_end_labels_do_not_overlap() -> None:
    layout = _figure()["layout"]
    low, high = layout["yaxis"]["range"]
    at = [
        330 * (a["y"] - low) / (high - low) + a["yshift"]
        for a in layout["annotations"] if a["text"].endswith("SD</b>") or "Average" in a["text"]
    ]  # fmt: skip
    assert (np.diff(sorted(at)) >= 17.9).all()


def test_weeks_are_real_weeks() -> None:
    wide, narrow = _figure()["layout"]["xaxis"], _figure(narrow=True)["layout"]["xaxis"]
    assert wide["ticktext"] == ["−2", *(str(w) for w in range(13))]
    assert narrow["ticktext"] == ["−2", "0", "4", "8", "12"]
    assert week_ticks([], 5) == []
    assert week_ticks([0, 13, 26, 52, 104], 6) == [0, 13, 26, 52, 104]
    assert week_ticks([0.0, 0.5, 1.2, 3.3], 6) == [0, 1, 2, 3]


def test_narrow_strip_labels_have_room() -> None:
    bar = next(t for t in _figure(narrow=True)["data"] if t["type"] == "bar")
    named = [x for x, text in zip(bar["x"], bar["text"], strict=True) if text]
    assert named == [0, 4, 8, 12]
    bar = next(t for t in _figure()["data"] if t["type"] == "bar")
    assert bar["text"][1] == "2,601"


def test_visits_that_are_months_apart() -> None:
    monthly = [f.assign(week=f["week"] * 4.35) for f in FRAMES]
    spread = [f for _, _, f in observed_points(monthly[1])]
    assert spread[1]["x"][3] - spread[0]["x"][3] == pytest.approx(0.16 * 4.35)
    bar = next(
        t for t in trajectories_interactive(*monthly, **WORDS, narrow=True).data if t.type == "bar"
    )
    assert bar.text[-1] == "1,742"
    assert 3 <= sum(bool(text) for text in bar.text) <= 6


def test_value_axis_comes_from_the_data_or_is_given() -> None:
    low, high = value_range(*FRAMES[:2])
    assert 20 < low < FRAMES[0]["conf_low"].min()
    assert high > FRAMES[1]["conf_high"].max()
    assert _figure(value_limits=(0, 100))["layout"]["yaxis"]["range"] == [0, 100]


def test_without_observations_or_counts() -> None:
    empty = FRAMES[1].iloc[:0], FRAMES[2].iloc[:0]
    figure = trajectories_interactive(FRAMES[0], *empty, **WORDS)
    assert {t.type for t in figure.data} == {"scatter"}
    assert trajectories_static(FRAMES[0], *empty, **WORDS).axes
    assert "Points" not in trajectories_note(FRAMES[0], *empty)


def test_alt_and_note() -> None:
    assert trajectories_alt(FRAMES[0], FRAMES[2], **WORDS) == (
        "Symptoms by week. Symptom score, 0-100, lower is better, from week 0 to 12: −1 SD from "
        "44.9 to 28.8; Average from 44.2 to 27.6; +1 SD from 43.5 to 26.4. "
        "People observed per week: 1,730 to 2,601."
    )
    note = trajectories_note(*FRAMES, n_persons=2601, model="adjusted", simulated=True)
    assert note.startswith("2,601 people. Lines: model (adjusted) at −1, 0 and +1 SD")
    assert note.endswith("Simulated data.")


def test_titles_are_escaped() -> None:
    bad = {"title": "<script>x</script>", "unit": "<b>u"}
    figure = trajectories_interactive(*FRAMES, **bad).to_json()
    assert "<script>" not in json.loads(json.dumps(figure)).replace("\\u003c", "<")
    figure = difference_interactive(difference_frame(), **bad).to_json()
    assert "<script>" not in figure.replace("\\u003c", "<")


def test_static_shows_the_same_lines() -> None:
    figure = trajectories_static(*FRAMES, **WORDS)
    main = figure.axes[0]
    assert [line.get_color() for line in main.lines] == list(LIGHT.levels)
    np.testing.assert_allclose(
        main.lines[1].get_ydata(), FRAMES[0][FRAMES[0]["level"] == 0]["estimate"]
    )


def test_difference() -> None:
    frame = difference_frame()
    figure = difference_interactive(frame, title="Difference", unit="points")
    line = next(t for t in figure.data if t.name == "difference")
    np.testing.assert_allclose(line.y, frame["estimate"])
    low, high = figure.layout.yaxis.range
    assert low < frame["conf_low"].min()
    assert high > 0
    assert difference_alt(frame, title="Difference", unit="points") == (
        "Difference (points): −0.69 (−1.34 to −0.04) in week 0, −1.18 (−1.91 to −0.45) in week 12."
    )
    note = difference_note(n_persons=2601, model="adjusted", simulated=True)
    assert note.startswith("2,601 people. Line: adjusted model")
    assert note.endswith("Simulated data.")
    assert difference_static(frame, title="Difference", unit="points").axes
