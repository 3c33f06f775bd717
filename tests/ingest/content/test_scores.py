"""Scores with codes for missing values among them."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.ingest import ReadingChoices, inspect, read_study
from pgsicbt.ingest.answers import answered
from pgsicbt.ingest.content.scores import suspected_codes
from tests.ingest.builders import text

RNG = np.random.default_rng(8)
VALUES = RNG.normal(size=40)


def file(code: str):
    cells = [code if i in (3, 9) else f"{v:.4f}" for i, v in enumerate(VALUES)]
    return text("s.csv", "id,PGS_A", *(f"q{i},{cell}" for i, cell in enumerate(cells)))


def test_minus_nine_is_asked_about_and_taken_out_when_declared():
    outcomes = text("o.csv", "id,week,phq9", *(f"q{i},{w},{w}" for i in range(40) for w in (0, 1)))
    found = inspect([file("-9")])[0]
    assert [f.code for f in found.findings] == ["missing_code"]
    (asked,) = found.questions
    assert (asked.kind, asked.column, asked.proposed) == ("missing_codes", "PGS_A", "-9")
    recipe = answered(ReadingChoices(), asked, asked.proposed)
    study = read_study(file("-9"), outcomes, recipe=recipe)
    assert study.score("PGS_A").n_persons == 38
    assert not [f for f in study.findings if f.code == "missing_code"]


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ([*VALUES, -9.0], [-9.0]),
        ([*VALUES, -9.0, 999.0], [-9.0, 999.0]),
        ([*(VALUES * 1e-4), -9.0], [-9.0]),
        ([*(VALUES * 9), -9.0], []),
        ([*(VALUES + 9), 9.0], []),
        ([0.1, 0.2, -9.0], []),
        ([*VALUES], []),
    ],
)
def test_codes_lie_far_from_everything_else(values, codes):
    assert suspected_codes(np.array([*values, np.nan])) == codes
