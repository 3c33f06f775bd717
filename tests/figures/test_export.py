"""Files: the same bytes for the same content, in any thread."""

import io
from concurrent.futures import ThreadPoolExecutor

import matplotlib as mpl
import pandas as pd

from pgsicbt.figures.export import csv_bytes, svg_bytes
from pgsicbt.figures.forest import forest_rows, forest_static
from pgsicbt.figures.trajectories import trajectories_static
from tests.figures.example import (
    counts_frame,
    make_result,
    make_study,
    observed_frame,
    predicted_frame,
)

STUDY = make_study()
RESULT = make_result(STUDY)


def _forest(_: int = 0) -> bytes:
    return svg_bytes(forest_static(forest_rows(RESULT), RESULT, STUDY))


def _course(_: int = 0) -> bytes:
    frames = predicted_frame(), observed_frame(), counts_frame()
    return svg_bytes(trajectories_static(*frames, title="Course", unit="points"))


def test_svg_is_deterministic_with_text_as_text() -> None:
    assert _forest() == _forest()
    text = _forest().decode()
    assert "PGS-EDU" in text
    assert "−0.69 (−1.33 to −0.05)" in text
    assert "'Source Sans 3'" in text
    assert "<dc:date>" not in text


def test_threads_do_not_disturb_one_another() -> None:
    expected = _forest(), _course()
    with ThreadPoolExecutor(4) as pool:
        forests = list(pool.map(_forest, range(4)))
        courses = list(pool.map(_course, range(4)))
    assert set(forests) == {expected[0]}
    assert set(courses) == {expected[1]}


def test_settings_of_matplotlib_are_left_alone() -> None:
    before = dict(mpl.rcParams)
    _forest()
    assert dict(mpl.rcParams) == before


def test_users_of_matplotlib_do_not_change_our_figures() -> None:
    expected = _forest()
    with mpl.rc_context({"font.family": ["serif"], "axes.grid": True, "svg.fonttype": "path"}):
        assert _forest() == expected


def test_csv_keeps_precision_and_leaves_missing_cells_empty() -> None:
    frame = pd.DataFrame({"score": ["a,b", "ö"], "x": [0.1234567890123456, float("nan")]})
    data = csv_bytes(frame)
    assert data == 'score,x\n"a,b",0.1234567890123456\nö,\n'.encode()
    again = pd.read_csv(io.BytesIO(data))
    assert again["x"][0] == frame["x"][0]
