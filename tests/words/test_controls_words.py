"""Words on negative controls."""

from __future__ import annotations

import pandas as pd

from pgsicbt.models import fit
from pgsicbt.spec import AnalysisSpec
from pgsicbt.words.controls import control_rows, control_sentence, named_controls
from tests.models.example import example_study

COLUMNS = ["model", "role", "tests", "below", "conf_low", "conf_high", "inflation"]


def test_a_sound_grid_is_called_so() -> None:
    found = pd.DataFrame([("adjusted", "main", 800, 0.055, 0.04, 0.07, 1.02)], columns=COLUMNS)
    assert "no more often than they should" in control_sentence(found, 100)
    assert control_rows(found) == [["Adjusted", "severity", "5.5 %", "4.0 % to 7.0 %", "1.02"]]


def test_an_inflated_one_is_named_with_its_rate() -> None:
    found = pd.DataFrame(
        [("adjusted", "main", 800, 0.05, 0.04, 0.07, 1.0),
         ("adjusted", "interaction", 800, 0.21, 0.18, 0.24, 2.5)],
        columns=COLUMNS,
    )  # fmt: skip
    text = control_sentence(found, 100)
    assert "21 % of the tests of change" in text
    assert "random part" in text


def test_named_controls_say_what_they_show() -> None:
    study = example_study(n=200)
    spec = AnalysisSpec(scores=("PGS_A", "PGS_C"), controls=("PGS_A", "PGS_C"))
    said = named_controls(fit(study, spec.replace(adjustments=("crude",))), study)
    assert "PGS-A is named as a negative control and goes with" in said[0]
    assert len(said) == 2
