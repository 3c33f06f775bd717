"""Rows of response and remission as a journal prints them."""

from __future__ import annotations

import pandas as pd

from pgsicbt.words.outcomes import status_cells

ROW = {
    "outcome": "PHQ-9", "kind": "reliable improvement", "definition": "better by 6 points or more",
    "population": "self-report", "source": "NHS Talking Therapies (IAPT) manual",
    "n_persons": 1234, "share": 41.6, "conf_low": 38.9, "conf_high": 44.4,
}  # fmt: skip


def test_a_row():
    assert status_cells(ROW) == [
        "PHQ-9", "Reliable improvement",
        "better by 6 points or more; self-report; NHS Talking Therapies (IAPT) manual", "1,234",
        "42 % (39 to 44)",
    ]  # fmt: skip


def test_small_counts_are_left_out():
    hidden = ROW | {"n_persons": pd.NA, "share": float("nan")}
    assert status_cells(hidden)[3:] == ["\N{EN DASH}", "\N{EN DASH}"]


def test_remission_says_of_whom_it_is_told():
    row = ROW | {"kind": "remission", "definition": "below 5 points", "n_already": 128}
    said = status_cells(row)[2]
    assert said.endswith("; of those above it before treatment (128 were not)")
    hidden = status_cells(row | {"n_already": pd.NA})[2]
    assert hidden.endswith("; of those above it before treatment")
