"""How outcomes on other scales than their own are spoken of."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.words import analysis_line, interaction, main_effect, outcome_scale
from pgsicbt.words.method import method_facts

N, WEEKS = 120, (0, 4, 8, 12)


@pytest.fixture(scope="module")
def study() -> Study:
    rng = np.random.default_rng(8)
    score = rng.standard_normal(N)
    level = 18 - 2 * score + rng.normal(0, 2, N)
    slope = -0.5 - 0.3 * score + rng.normal(0, 0.1, N)
    rows = [
        (f"k{i}", week, float(np.clip(round(level[i] + slope[i] * week + e), 1, 27)))
        for i in range(N)
        for week, e in zip(WEEKS, rng.normal(0, 1, len(WEEKS)), strict=True)
    ]
    outcomes = pd.DataFrame(rows, columns=["person_id", "week", "PHQ-9"])
    scores = pd.DataFrame({"person_id": [f"k{i}" for i in range(N)], "PGS_EDU": score})
    return pgsicbt.read_study(
        *(
            pgsicbt.Upload(f"{name}.csv", frame.to_csv(index=False).encode())
            for name, frame in (("scores", scores), ("outcomes", outcomes))
        )
    )


@pytest.mark.parametrize(
    ("outcome", "unit", "axis"),
    [
        ("PHQ-9:pomp", "points", "PHQ-9, percent of maximum, 0-100"),
        ("PHQ-9:z", "SD", "PHQ-9, z at baseline, SD"),
        ("PHQ-9:t", "T points", "PHQ-9, T score, 50 at baseline"),
        ("PHQ-9:change", "percentage points", "PHQ-9, change from baseline, %"),
        ("harmonised:z", "SD", "Harmonised symptom score, z at baseline, SD"),
    ],
)
def test_units_and_axes(study: Study, outcome: str, unit: str, axis: str) -> None:
    scale = outcome_scale(study, outcome)
    assert (scale.unit, scale.axis, scale.noun) == (unit, axis, "symptoms")
    assert scale.better == "lower"


@pytest.mark.parametrize(
    ("scale", "level", "course"),
    [
        ("pomp", "points lower", "points a week more"),
        ("z", "SD lower", "SD a week more"),
        ("t", "T points lower", "T points a week more"),
        ("change", "", "percentage points a week more"),
    ],
)
def test_sentences_name_the_unit_of_the_scale(
    study: Study, scale: str, level: str, course: str
) -> None:
    spec = AnalysisSpec(outcome=f"PHQ-9:{scale}", scores=("PGS_EDU",), adjustments=("crude",))
    result = pgsicbt.fit(study, spec)
    said = main_effect(result, study, "PGS_EDU", "crude")
    assert level in said
    assert outcome_scale(study, spec.outcome).on in said
    text = interaction(result, study, "PGS_EDU", "crude")
    assert course in text
    assert "symptoms fell" in text
    # Per cent of change begins with the first visit after the baseline.
    end = "from week 4 to week 12" if scale == "change" else "by week 12"
    assert f"{outcome_scale(study, spec.outcome).unit} {end}" in text
    assert method_facts(result)[0][0] == "Outcome on another scale"


def test_the_line_of_an_analysis_names_the_scale() -> None:
    spec = AnalysisSpec(outcome="harmonised:z", scores=("PGS_EDU",))
    assert "harmonised score as z at baseline" in analysis_line(spec, 9)
    assert ", PHQ-9," in analysis_line(spec.replace(outcome="PHQ-9"), 9)
