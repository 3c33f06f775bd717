"""The smallest cell that may leave a session."""

import numpy as np
import pandas as pd
import pytest

from pgsicbt.disclosure import MINIMUM_CELL, shown_count, suppress_small
from pgsicbt.errors import DataError


def test_counts_of_seven_and_fewer_go_and_eight_stay() -> None:
    frame = pd.DataFrame({"week": [0, 1, 2], "n": [8, 7, 0], "mean": [1.5, 2.5, 3.5]})
    out = suppress_small(frame, "n", ["mean"])
    assert out["n"].tolist()[0] == 8
    assert out["n"].isna().tolist() == [False, True, True]
    assert out["mean"].isna().tolist() == [False, True, True]
    assert out["week"].tolist() == [0, 1, 2]
    assert MINIMUM_CELL == 8


def test_the_given_frame_is_left_as_it_is_and_missing_counts_stay_missing() -> None:
    frame = pd.DataFrame({"n": [np.nan, 100.0], "mean": [1.0, 2.0]})
    out = suppress_small(frame, "n", ["mean"])
    assert frame["mean"].tolist() == [1.0, 2.0]
    assert out["mean"].isna().tolist() == [True, False]


def test_nullable_integers_are_understood() -> None:
    frame = pd.DataFrame({"n": pd.array([3, None, 20], dtype="Int64")})
    assert suppress_small(frame, "n", [])["n"].isna().tolist() == [True, True, False]


def test_a_column_that_is_missing_or_text_is_refused() -> None:
    with pytest.raises(DataError, match="has no column 'k'"):
        suppress_small(pd.DataFrame({"n": [1]}), "k", [])
    with pytest.raises(DataError, match="not numeric"):
        suppress_small(pd.DataFrame({"n": ["many"]}), "n", [])


@pytest.mark.parametrize(
    ("n", "text"),
    [(412, "412"), (8, "8"), (7, "fewer than 8"), (0, "fewer than 8"), (2668, "2,668"),
     (float("nan"), "fewer than 8")],
)  # fmt: skip
def test_shown_count(n: float, text: str) -> None:
    assert shown_count(n) == text
