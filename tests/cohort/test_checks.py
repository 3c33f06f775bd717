"""Each check finds what was planted, says what to do, and is silent about a sound cohort."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt.cohort import cohort_checks
from pgsicbt.cohort.checks import CHECKED, not_checked, not_found
from pgsicbt.study import Finding, Study
from tests.cohort.example import make_cohort, with_visits


def _found(study: Study, code: str) -> Finding:
    (one,) = [f for f in cohort_checks(study) if f.code == code]
    return one


def _codes(study: Study) -> set[str]:
    return {f.code for f in cohort_checks(study)}


def test_a_sound_cohort_gives_no_finding() -> None:
    study = make_cohort(500)
    assert cohort_checks(study) == ()
    assert not_checked(study) == ["relatives"]
    assert len(not_found(study, ())) == len(CHECKED) - 1


def _rescaled(values: np.ndarray) -> Study:
    study = make_cohort(500)
    study.persons["EDU"] = values
    return study


Z = np.random.default_rng(0).standard_normal(500)


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        (1e-4 * Z + 3e-3, "score_unscaled", "sums of weights"),
        (0.3 * Z, "score_scale", "twice"),
        (Z + 0.8, "score_shifted", "mean 0.7"),
        (np.argsort(np.argsort(Z)) / 5.0, "score_percentile", "percentile"),
        (np.argsort(np.argsort(Z)) / 500, "score_percentile", "percentile"),
        (np.r_[Z[:-9], np.full(9, 40.0)], "score_outliers", "9 people"),
        (np.r_[Z[:-1], 40.0], "score_outliers", "fewer than 8 people"),
    ],
)
def test_scores_on_an_odd_scale(values: np.ndarray, code: str, words: str) -> None:
    message = _found(_rescaled(values), code).message
    assert "PGS-EDU" in message
    assert words in message


def test_a_reference_score_that_was_standardised_again() -> None:
    study = _rescaled((Z - Z.mean()) / Z.std(ddof=1))
    scores = (replace(study.scores[0], normalisation="Z_norm2"), study.scores[1])
    assert "score_scaled_twice" in _codes(replace(study, scores=scores))
    assert "score_scaled_twice" not in _codes(study)


def test_a_score_that_was_scaled_in_each_batch() -> None:
    study = make_cohort(500)
    by = study.persons.groupby("batch")["EDU"]
    study.persons["EDU"] = (study.persons["EDU"] - by.transform("mean")) / by.transform("std")
    assert "batch" in _found(study, "score_scaled_in_groups").message


def test_a_batch_that_differs() -> None:
    study = make_cohort(500)
    study.persons["EDU"] += np.where(study.persons["batch"] == "B2", 0.6, 0.0)
    finding = _found(study, "score_batch")
    assert finding.severity == "warning"
    assert "Keep batch among the covariates" in finding.message


def test_the_same_score_and_the_same_sample_twice() -> None:
    study = make_cohort(500)
    study.persons["MDD"] = 2 * study.persons["EDU"]
    assert "PGS-EDU with PGS-MDD" in _found(study, "score_same").message
    study = make_cohort(500)
    columns = ["EDU", "MDD", "PC1", "PC2"]
    study.persons.iloc[:2, :][columns].to_numpy()
    for name in columns:
        study.persons.loc[study.persons.index[0], name] = study.persons[name].iloc[1]
    assert _found(study, "same_sample").message.startswith("Fewer than 8 people share")


def test_ancestry() -> None:
    study = make_cohort(500)
    study.persons["EDU"] += 60 * study.persons["PC1"]
    study.persons.loc[study.persons.index[:9], "PC2"] = 0.2
    assert "components of ancestry explain" in _found(study, "score_ancestry").message
    assert _found(study, "ancestry_outliers").message.startswith("9 people")


def test_groups_that_do_not_add_up() -> None:
    study = make_cohort(500)
    study.persons.loc[study.persons.index[:12], "diagnosis"] = None
    assert "12 of 500 people are in none" in _found(study, "groups_add_up").message
    names = np.array(["MDD", "mdd ", "panic", "social"])[np.arange(500) % 4]
    message = _found(make_cohort(500, diagnosis=names), "group_spelling").message
    assert "'MDD' and 'mdd '" in message
    rare = np.array(["a"] * 495 + ["b"] * 5)
    assert (
        "1 group has fewer than 8"
        in _found(make_cohort(500, diagnosis=rare), "small_groups").message
    )


def test_an_instrument_in_the_wrong_group() -> None:
    study = make_cohort(600)
    wrong = np.flatnonzero(study.persons["diagnosis"] == "panic")[:10]
    study.persons.iloc[wrong, list(study.persons).index("diagnosis")] = "depression"
    message = _found(study, "instrument_group").message
    assert message.startswith("PDSS-SR: given to 10 people whose diagnosis")


def test_gaps_and_relatives() -> None:
    age = np.where(np.arange(500) % 9 == 0, np.nan, 40.0 + np.arange(500) % 30)
    assert "age (11 %)" in _found(make_cohort(500, age=age), "covariate_gaps").message
    study = make_cohort(100)
    ids = study.persons.index
    frame = pd.DataFrame(
        [(ids[2 * i], ids[2 * i + 1], 0.25) for i in range(5)],
        columns=["person_1", "person_2", "kinship"],
    )
    assert _found(replace(study, relatives=frame), "relatives").message.startswith("10 people")


def test_a_floor_names_instrument_share_and_week() -> None:
    study = make_cohort(500)
    visits = study.visits.copy()
    here = np.flatnonzero((visits["outcome"] == "PHQ-9") & (visits["time"] == 12))
    visits.loc[visits.index[here[::4]], "value"] = 0.0
    message = _found(with_visits(study, visits), "floor").message
    assert message.startswith("PHQ-9 (2")
    assert "% in week 12)" in message


def test_drop_out_of_the_worse_and_of_a_score() -> None:
    study = make_cohort(800)
    worse = study.visits.query("outcome == 'harmonised' and time == 8")
    limit = worse["value"].quantile(0.7)
    ill = worse.loc[worse["value"] > limit, "person"]
    low = study.persons.index[study.persons["EDU"] < -1.2]
    gone = study.visits["person"].isin([*ill, *low]) & (study.visits["time"] == 12)
    message = _found(with_visits(study, study.visits[~gone]), "leaving").message
    assert "worse than others that week" in message
    assert "PGS-EDU is" in message
    assert "lower" in message


def test_people_seen_once_and_values_carried_forward() -> None:
    study = make_cohort(500)
    once = study.visits["person"].isin(study.persons.index[:150]) & (study.visits["time"] > 0)
    assert "30 %" in _found(with_visits(study, study.visits[~once]), "one_visit_only").message
    visits = study.visits.sort_values(["outcome", "person", "time"])
    frozen = visits["value"].where(visits["time"] <= 4)
    frozen = frozen.groupby([visits["outcome"], visits["person"]], observed=True).ffill()
    half = visits["person"].cat.codes % 2 == 0
    stuck = visits.assign(value=visits["value"].where(~half, frozen))
    assert "PHQ-9 (" in _found(with_visits(study, stuck), "carried_forward").message


def test_findings_name_nobody_and_warnings_come_first() -> None:
    study = make_cohort(500)
    study.persons["EDU"] = np.r_[0.3 * Z[:-2], 31.25, 87.5]
    study.persons.loc[study.persons.index[:12], "diagnosis"] = None
    study.persons["age"] = np.where(np.arange(500) % 9 == 0, np.nan, 40.0)
    found = cohort_checks(study)
    text = " ".join(f.message for f in found)
    assert "31.25" not in text
    assert not any(key in text for key in study.persons.index)
    assert [f.severity for f in found] == sorted((f.severity for f in found), reverse=True)
