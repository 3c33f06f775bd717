"""Who is analysed: groups left out, outliers by a named rule, covariates without time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models import fit
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.spec import AnalysisSpec
from tests.models.example import example_study

STUDY = example_study(n=200)
SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), covariates=("age", "sex"), components=("PC1",))


def test_a_group_is_left_out_and_the_ledger_says_so():
    sample = analysis_sample(STUDY, SPEC.replace(without=("diagnosis", "panic")))
    assert set(sample.persons["diagnosis"]) == {"MDD"}
    step = sample.ledger[-1]
    assert step.step == "diagnosis: without panic"
    assert step.lost_persons == (STUDY.persons["diagnosis"] == "panic").sum()
    same = fit(STUDY, SPEC.replace(without=("diagnosis", "panic")))
    only = fit(STUDY, SPEC.replace(subset=("diagnosis", "MDD")))
    assert np.allclose(same.table["estimate"], only.table["estimate"])


def test_a_level_that_is_not_there_is_named():
    with pytest.raises(SpecError, match="no level called 'OCD'"):
        analysis_sample(STUDY, SPEC.replace(without=("diagnosis", "OCD")))


def test_people_of_unknown_group_stay_when_another_group_is_left_out():
    persons = STUDY.persons.copy()
    persons.loc[persons.index[:5], "diagnosis"] = None
    sample = analysis_sample(
        replace(STUDY, persons=persons), SPEC.replace(without=("diagnosis", "panic"))
    )
    assert sample.persons["diagnosis"].isna().sum() == 5


def test_planted_outlying_visits_are_found_and_counted():
    visits = STUDY.visits.copy()
    wrong = [10, 400, 900]
    visits.loc[wrong, "value"] += np.array([80.0, -90.0, 100.0])
    study = replace(STUDY, visits=visits)
    sample = analysis_sample(study, SPEC.replace(outliers="residual"))
    full = analysis_sample(study, SPEC)
    lost = sample.ledger[-1]
    assert "beyond 3 SD" in lost.reason
    assert len(wrong) <= lost.lost_observations <= 12
    kept = set(zip(sample.persons.index[sample.code], sample.time, strict=True))
    for i in wrong:
        assert (visits.loc[i, "person"], visits.loc[i, "time"]) not in kept
    assert len(full.time) - len(sample.time) == lost.lost_observations


def test_a_planted_outlying_course_is_found():
    visits = STUDY.visits.copy()
    who = STUDY.persons.index[7]
    mine = visits["person"] == who
    visits.loc[mine, "value"] = 50 + 12.0 * visits.loc[mine, "time"]
    sample = analysis_sample(replace(STUDY, visits=visits), SPEC.replace(outliers="person"))
    assert who not in sample.persons.index
    assert sample.ledger[-1].lost_persons <= 5


def test_people_far_out_on_a_score_are_left_out():
    persons = STUDY.persons.copy()
    persons.iloc[3, persons.columns.get_loc("PGS_B")] = 60.0
    study = replace(STUDY, persons=persons)
    sample = analysis_sample(study, SPEC.replace(outliers="score"))
    assert persons.index[3] not in sample.persons.index
    # A score that is not analysed leaves nobody out.
    one = analysis_sample(study, SPEC.replace(outliers="score", scores=("PGS_A",)))
    assert persons.index[3] in one.persons.index


def test_people_far_from_most_in_ancestry_are_left_out():
    persons = STUDY.persons.copy()
    persons.iloc[3, persons.columns.get_loc("PC1")] = 500.0
    persons.iloc[4, persons.columns.get_loc("PC1")] = np.nan
    sample = analysis_sample(replace(STUDY, persons=persons), SPEC.replace(outliers="ancestry"))
    assert persons.index[3] not in sample.persons.index
    assert any(step.step == "no outlying ancestry" for step in sample.ledger)
    none = replace(STUDY, covariates=tuple(c for c in STUDY.covariates if c.role != "component"))
    with pytest.raises(FitError, match="No principal component"):
        analysis_sample(none, SPEC.replace(outliers="ancestry", components=()))


def test_outliers_do_not_depend_on_the_scores_that_are_asked_about():
    a, b = (
        analysis_sample(STUDY, SPEC.replace(outliers="residual", scores=(s,)))
        for s in ("PGS_A", "PGS_C")
    )
    assert len(a.time) == len(b.time)


def test_without_covariate_x_time_the_models_have_main_effects_only():
    result = fit(STUDY, SPEC.replace(covariate_time=False))
    assert "covariate_time" not in set(result.table["role"])
    assert "covariate" in set(result.table["role"])
    assert {f.adjustment for f in result.fits} == {"crude", "adjusted"}  # complete is the same
    formula = result.fit_of("PGS_A", "adjusted").formula
    assert formula == "harmonised ~ time * (PGS_A) + age + sex + PC1 + (1 + time | person)"


def test_outliers_left_out_reach_the_grid_and_its_ledger():
    result = fit(STUDY, SPEC.replace(outliers="residual"))
    assert result.n_observations < fit(STUDY, SPEC).n_observations
    assert any("outlying" in step.step for step in result.ledger)
