"""The simulated cohort that is shipped, in each of its forms."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.ingest import Upload, inspect, read_study
from tests.ingest.builders import content
from tests.serving import ROOT

FOLDER = ROOT / "sample_data"


@pytest.fixture(scope="module")
def study():
    return read_study(
        FOLDER / "scores.csv", FOLDER / "outcomes_long.csv", FOLDER / "covariates.csv"
    )


def test_the_cohort(study):
    assert len(study.persons) == 2668
    assert study.simulated
    assert len(study.scores) == 9
    assert set(study.outcome_names) == {"MADRS-S", "PDSS-SR", "LSAS-SR", "harmonised"}
    assert study.covariate_names("component") == tuple(f"PC{i}" for i in range(1, 11))
    assert study.covariate("therapist").kind == "categorical"
    assert study.covariate("education").kind == "numeric"
    assert sorted(study.time_labels) == [-2, *range(13)]


def test_long_and_wide_outcomes_are_the_same(study):
    wide = read_study(
        FOLDER / "scores.csv", FOLDER / "outcomes_wide.csv", FOLDER / "covariates.csv"
    )
    for ours, theirs in zip(content(wide), content(study), strict=True):
        pd.testing.assert_frame_equal(ours[theirs.columns], theirs)


def test_the_pgsc_calc_file_holds_the_same_people(study):
    other = read_study(FOLDER / "scores_pgsc_calc.txt.gz", FOLDER / "outcomes_long.csv")
    assert other.score_names == study.score_names
    assert len(other.persons) == len(study.persons)


def test_all_files_are_recognised():
    kinds = {r.name: r.kind for r in inspect(sorted(FOLDER.glob("*.csv")))}
    assert kinds == {
        "covariates.csv": "covariates",
        "dictionary.csv": "dictionary",
        "outcomes_long.csv": "outcomes_long",
        "outcomes_wide.csv": "outcomes_wide",
        "scores.csv": "scores",
    }


def test_a_long_file_is_read_whole():
    people, visits = 4_000, 25
    rng = np.random.default_rng(4)
    frame = pd.DataFrame(
        {
            "id": np.repeat([f"Q{i:06d}" for i in range(people)], visits),
            "week": np.tile(range(visits), people),
            "phq9": rng.integers(0, 28, people * visits),
        }
    )
    upload = Upload("l.csv", frame.to_csv(index=False).encode())
    assert len(read_study(upload).persons) == people
