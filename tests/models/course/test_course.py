"""Trajectories and observed means against hand computation."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, SpecError, fit
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.meaning.simple_slopes import effect_by_week
from pgsicbt.models.course.course import course, course_of, within_level
from pgsicbt.models.course.observed import THIRDS, observed
from pgsicbt.models.course.trajectories import difference, mean_change, predicted
from tests.models.example import example_study, flat

SPEC = AnalysisSpec(scores=("PGS_A",), covariates=("age", "sex"), adjustments=("adjusted",))


def test_the_lines_are_those_of_an_average_person() -> None:
    study = example_study()
    result = fit(study, SPEC)
    b = result.table.set_index("term")["estimate"]
    male = (study.persons["sex"] == "male").mean()
    age = study.persons["age"].mean()
    lines = predicted(result, "PGS_A", "adjusted", [0.0, 12.0]).set_index(["level", "week"])
    for level in (-1.0, 0.0, 1.0):
        for week in (0.0, 12.0):
            want = (
                b["(Intercept)"] + b["age"] * age + b["sex[T.male]"] * male + b["PGS_A"] * level
            ) + week * (
                b["time"]
                + b["time:age"] * age
                + b["time:sex[T.male]"] * male
                + b["time:PGS_A"] * level
            )
            row = lines.loc[(level, week)]
            assert row["estimate"] == pytest.approx(want, abs=1e-9)
            assert row["conf_low"] < want < row["conf_high"]


@pytest.mark.parametrize("scale", ["z", "as_given"])
@pytest.mark.parametrize("unit", ["week", "month"])
def test_the_difference_is_main_plus_weeks_times_interaction(scale, unit) -> None:
    study = example_study()
    reference = fit(study, SPEC).table.set_index("term")
    result = fit(study, SPEC.replace(score_scale=scale, time_unit=unit))
    gap = difference(result, "PGS_A", "adjusted", [0.0, 12.0])
    main, slope = reference.loc["PGS_A", "estimate"], reference.loc["time:PGS_A", "estimate"]
    np.testing.assert_allclose(gap["estimate"], [main, main + 12 * slope], rtol=1e-5)
    assert gap.loc[0, "conf_low"] == pytest.approx(reference.loc["PGS_A", "conf_low"], rel=1e-4)


def test_the_mean_change_is_that_of_the_middle_line() -> None:
    result = fit(example_study(), SPEC)
    lines = predicted(result, "PGS_A", "adjusted", [0.0, 12.0], levels=[0.0])
    want = lines["estimate"].iloc[1] - lines["estimate"].iloc[0]
    assert mean_change(result, "PGS_A", "adjusted", 12.0) == pytest.approx(want)


def test_observed_means_are_plain_means_of_thirds() -> None:
    study = example_study()
    means = observed(study, SPEC, "PGS_A").means.set_index(["group", "week"])
    frame = flat(study)
    low = frame["PGS_A"] <= study.persons["PGS_A"].quantile(1 / 3)
    want = frame.loc[low & (frame["time"] == 4), "value"]
    row = means.loc[(THIRDS[0], 4.0)]
    assert row["mean"] == pytest.approx(want.mean())
    assert row["n"] == len(want)
    counts = observed(study, SPEC).counts.set_index("week")["n"]
    assert counts[4.0] == (frame["time"] == 4).sum()


def test_small_cells_are_not_shown() -> None:
    study = example_study(n=3 * MINIMUM_CELL)
    means = observed(study, SPEC, "PGS_A").means
    hidden = means[means["n"].isna()]
    assert len(hidden)
    assert hidden[["mean", "conf_low", "conf_high"]].isna().all(axis=None)
    assert (means["n"].dropna() >= MINIMUM_CELL).all()


def test_a_course_joins_model_and_observations() -> None:
    study = example_study()
    result = fit(study, SPEC)
    got = course(study, result, "PGS_A", "adjusted")
    assert set(got.predicted["week"]) == set(got.counts["week"])
    assert set(got.observed["group"]) == set(THIRDS)
    with pytest.raises(SpecError, match="no fitted crude"):
        course(study, result, "PGS_A", "crude")


@pytest.mark.parametrize(
    ("changes", "weeks"),
    [
        ({"time_coding": "piecewise", "knot": 5}, [-2, 0, 1, 2, 4, 5, 6, 8, 10, 12]),
        ({"time_coding": "piecewise", "knot": 5, "first_week": 2}, [2, 4, 5, 6, 8, 10, 12]),
        ({"time_coding": "categorical"}, [-2, 0, 1, 2, 4, 6, 8, 10, 12]),
    ],
)
def test_a_course_is_drawn_where_the_coding_bends(changes, weeks) -> None:
    study = example_study()
    result = fit(study, SPEC.replace(**changes))
    got = course(study, result, "PGS_A", "adjusted")
    assert got.difference["week"].tolist() == weeks
    assert sorted(set(got.predicted["week"])) == weeks


@pytest.mark.parametrize("coding", ["log", "spline"])
def test_a_curve_is_drawn_finely_and_between_observed_weeks_only(coding: str) -> None:
    study = example_study()
    result = fit(study, SPEC.replace(time_coding=coding, first_week=0))
    got = course(study, result, "PGS_A", "adjusted")
    weeks = got.difference["week"].to_numpy()
    assert set(got.counts["week"]) <= set(weeks)
    assert weeks.min() == 0 and weeks.max() == 12 and np.diff(weeks).max() < 0.25
    assert np.abs(np.diff(got.predicted["estimate"][got.predicted["level"] == 0])).max() < 2


@pytest.mark.parametrize(
    "changes", [{"time_coding": "categorical"}, {}, {"time_coding": "piecewise", "knot": 6}]
)
def test_visits_on_any_day_are_counted_in_their_planned_week(changes) -> None:
    study = example_study()
    spec = SPEC.replace(**changes)
    plain = observed(study, spec, "PGS_A").means
    rng = np.random.default_rng(4)
    study.visits["time"] += rng.uniform(-0.45, 0.45, len(study.visits))
    np.testing.assert_allclose(observed(study, spec, "PGS_A").means["mean"], plain["mean"])
    seen = observed(study, spec)
    assert seen.counts["week"].tolist() == [-2, 0, 1, 2, 4, 6, 8, 10, 12]
    # Where they are levels of the model, its findings say so.
    assert seen.step == (0 if changes.get("time_coding") == "categorical" else 1)


def test_a_line_reaches_the_end_and_every_counted_week_up_to_it_is_shown() -> None:
    study = example_study()
    rng = np.random.default_rng(4)
    study.visits["time"] += rng.uniform(-0.45, 0.45, len(study.visits))
    result = fit(study, SPEC)
    got, end = course(study, result, "PGS_A", "adjusted"), float(study.visits["time"].max())
    assert got.predicted["week"].max() == got.difference["week"].max() == end
    assert got.counts["week"].max() == 12
    # Sixty weeks count by twos, and the last of them for one after the end.
    rng = np.random.default_rng(1)
    rows = [
        study.visits.iloc[:1].assign(person=p, time=w + 0.2, value=30 + rng.normal(0, 5))
        for p in study.persons.index[:40]
        for w in range(1, 60)
    ]
    long = dataclasses.replace(study, visits=pd.concat(rows, ignore_index=True), digest="long")
    spec = SPEC.replace(covariates=(), adjustments=("crude",))
    got = course(long, fit(long, spec), "PGS_A", "crude")
    assert got.step == 2
    assert got.counts["n"].notna().sum() == len(got.counts) and got.counts["week"].max() == 60
    assert got.predicted["week"].max() == 59.2


def test_a_course_within_one_diagnosis() -> None:
    study = example_study()
    spec = within_level(SPEC.replace(covariates=("age", "diagnosis")), "diagnosis", "MDD")
    result, got = course_of(study, spec, "PGS_A")
    assert spec.covariates == ("age",)
    assert result.n_persons == (study.persons["diagnosis"] == "MDD").sum()
    assert len(got.difference)


@pytest.mark.parametrize("coding", ["linear", "spline"])
def test_nothing_is_drawn_to_one_visit_long_after_all_others(coding: str) -> None:
    study = example_study(n=80)
    stray = study.visits.iloc[[0]].assign(time=40.0)
    visits = pd.concat([study.visits, stray], ignore_index=True)
    spec = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",), time_coding=coding)
    longer = dataclasses.replace(study, visits=visits)
    result = fit(longer, spec)
    shown = course(longer, result, "PGS_A", "crude")
    for frame in (shown.predicted, shown.observed, shown.counts, shown.difference):
        assert frame["week"].max() == 12
    assert effect_by_week(longer, result, "PGS_A", "crude").slopes["at"].max() == 12
