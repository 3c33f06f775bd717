"""Codings and origins of time against lme4, lmerTest, pbkrtest and splines::ns in R."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pgsicbt import AnalysisSpec, FitError, SpecError, fit
from pgsicbt.models.course.course import course
from pgsicbt.models.course.trajectories import difference, mean_change, predicted
from pgsicbt.models.grid.design import build_design
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.time_coding import spline_knots, time_basis, time_columns
from pgsicbt.result import TABLE_COLUMNS, Result
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study
from tests.models.example import example_study

HERE = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((HERE / "time_codings.json").read_text())
SPEC = AnalysisSpec(
    outcome="y",
    scores=("x",),
    covariates=("age", "sex"),
    adjustments=("adjusted",),
    score_scale="as_given",
    simplify=False,
)
SPECS = {
    "linear": SPEC,
    "log": SPEC.replace(time_coding="log", first_week=0),
    "piecewise": SPEC.replace(time_coding="piecewise", knot=5),
    "second": SPEC.replace(time_coding="piecewise", knot=5, random="intercept+slope+second"),
    "uncorrelated": SPEC.replace(
        time_coding="piecewise", knot=5, random="intercept+slope uncorrelated"
    ),
    "spline": SPEC.replace(time_coding="spline"),
    "spline4": SPEC.replace(time_coding="spline", spline_df=4),
    "categorical": SPEC.replace(time_coding="categorical"),
}
CURVED = [name for name in SPECS if name != "linear"]


def dropout_study() -> Study:
    """The drop-out data of the references."""
    frame = pd.read_csv(HERE / "data" / "dropout.csv")
    persons = frame.drop_duplicates("id").set_index("id")[["x", "age", "sex"]]
    persons.index.name = "person"
    person = pd.Categorical(frame["id"], categories=persons.index)
    return Study(
        persons=persons,
        visits=pd.DataFrame(
            {"person": person, "outcome": "y", "time": frame["time"], "value": frame["y"]}
        ),
        scores=(ScoreInfo("x", "x"),),
        outcomes=(OutcomeInfo("y", "y"),),
        covariates=(
            CovariateInfo("age", "age", "numeric"),
            CovariateInfo("sex", "sex", "categorical", "covariate", ("female", "male")),
        ),
        ledger=(),
        findings=(),
        digest="dropout",
    )


STUDY = dropout_study()
RESULTS: dict[str, Result] = {name: fit(STUDY, spec) for name, spec in SPECS.items()}


def _row(result: Result, role: str) -> pd.Series:
    rows = result.terms(role)
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("name", list(SPECS))
def test_the_likelihood_is_that_of_lme4(name: str) -> None:
    want = REFERENCE[name]
    result = RESULTS[name]
    assert result.n_observations == want["n"]
    assert result.fits[0].residual_variance == pytest.approx(want["sigma2"], rel=1e-5)
    ml = fit(STUDY, SPECS[name].replace(reml=False)).fits[0]
    assert ml.log_likelihood == pytest.approx(want["log_likelihood_ml"], abs=1e-6)
    assert result.fits[0].log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-6)


@pytest.mark.parametrize("name", list(SPECS))
def test_lines_and_differences_are_those_of_lme4(name: str) -> None:
    want, result = REFERENCE[name], RESULTS[name]
    weeks = want["weeks"]
    lines = predicted(result, "x", "adjusted", weeks)
    for level, reference in zip((-1.0, 0.0, 1.0), want["lines"], strict=True):
        ours = lines[lines["level"] == level]["estimate"]
        np.testing.assert_allclose(ours, reference["estimate"], rtol=1e-6)
    gap = difference(result, "x", "adjusted", weeks)
    se = np.array(want["difference"]["std_error"])
    assert (np.abs(gap["estimate"] - want["difference"]["estimate"]) < 1e-5 * se).all()
    reach = stats.t.ppf(0.975, want["difference"]["df"]) * se
    np.testing.assert_allclose((gap["conf_high"] - gap["conf_low"]) / 2, reach, rtol=1e-4)
    assert mean_change(result, "x", "adjusted", 12.0) == pytest.approx(
        want["mean_change"], rel=1e-5
    )


@pytest.mark.parametrize("name", CURVED)
@pytest.mark.parametrize("df", ["satterthwaite", "kenward-roger"])
def test_change_and_joint_test_are_those_of_lmertest_and_pbkrtest(name: str, df: str) -> None:
    key = "" if df == "satterthwaite" else "_kr"
    result = RESULTS[name] if not key else fit(STUDY, SPECS[name].replace(df=df))
    want, row = REFERENCE[name][f"change{key}"], _row(result, "interaction")
    assert row["term"] == "change:x"
    assert row["estimate"] == pytest.approx(want["estimate"], abs=1e-5 * want["std_error"])
    assert row["std_error"] == pytest.approx(want["std_error"], rel=1e-6)
    assert row["df"] == pytest.approx(want["df"], rel=1e-5)
    assert row["p_value"] == pytest.approx(want["p"], abs=1e-6)
    assert np.isfinite(row["p_adjusted"])
    want, row = REFERENCE[name][f"joint{key}"], _row(result, "joint")
    assert row["statistic"] == pytest.approx(want["F"], rel=1e-5)
    assert row["df"] == pytest.approx(want["df"], rel=1e-5)
    assert row["p_value"] == pytest.approx(want["p"], abs=1e-6)
    assert np.isnan(row["estimate"])
    parts = result.terms("interaction_part")
    assert len(parts) == len(result.fits[0].time.names)
    assert parts["p_adjusted"].isna().all()
    assert tuple(result.table.columns) == TABLE_COLUMNS


@pytest.mark.parametrize("entry", REFERENCE["basis"], ids=lambda e: f"df{e['df']}")
def test_the_spline_spans_what_ns_spans(entry) -> None:
    weeks = pd.read_csv(HERE / "data" / "dropout.csv")["time"].to_numpy()
    basis, notes = time_basis(
        SPEC.replace(time_coding="spline", spline_df=entry["df"]), weeks, np.arange(len(weeks))
    )
    assert not notes
    np.testing.assert_allclose(basis.knots[1:-1], np.atleast_1d(entry["inner"]))
    np.testing.assert_allclose([basis.knots[0], basis.knots[-1]], entry["outer"])
    at = np.array(entry["weeks"])
    ours = np.column_stack([np.ones(len(at)), time_columns(basis, at)])
    theirs = np.column_stack([np.ones(len(at)), np.array(entry["values"])])
    for a, b in ((ours, theirs), (theirs, ours)):
        left = b - a @ np.linalg.lstsq(a, b, rcond=None)[0]
        assert np.abs(left).max() < 1e-9
    np.testing.assert_allclose(ours[:, 1], at)


@pytest.mark.parametrize("name", list(SPECS))
@pytest.mark.parametrize("origin", ["start", "middle", "end"])
def test_the_main_effect_is_the_effect_at_the_origin(name: str, origin: str) -> None:
    here = fit(STUDY, SPECS[name].replace(origin=origin))
    basis = here.fits[0].time
    assert basis is not None
    first = 0 if name == "log" else -2
    assert basis.origin == {"start": 0, "middle": (first + 12) / 2, "end": 12}[origin]
    np.testing.assert_allclose(time_columns(basis, [basis.origin]), 0.0)
    gap = difference(RESULTS[name], "x", "adjusted", [basis.origin]).iloc[0]
    sd = here.fits[0].score_sd
    main = _row(here, "main")
    if name != "uncorrelated":  # without the correlation the origin is part of the model
        for column in ("estimate", "conf_low", "conf_high"):
            assert main[column] * sd == pytest.approx(gap[column], rel=1e-4, abs=1e-5)
        a, b = _row(here, "interaction"), _row(RESULTS[name], "interaction")
        for column in ("estimate", "std_error", "df", "p_value"):
            assert a[column] == pytest.approx(b[column], rel=1e-3)


def test_a_standardised_score_counts_in_standard_deviations() -> None:
    z = fit(STUDY, SPECS["spline"].replace(score_scale="z"))
    a, b = _row(z, "interaction"), _row(RESULTS["spline"], "interaction")
    assert a["estimate"] == pytest.approx(b["estimate"] * z.fits[0].score_sd, rel=1e-4)
    assert a["p_value"] == pytest.approx(b["p_value"], rel=1e-4)


def test_the_unit_of_time_changes_no_change() -> None:
    for name in ("piecewise", "spline"):
        months = fit(STUDY, SPECS[name].replace(time_unit="month"))
        a, b = _row(months, "interaction"), _row(RESULTS[name], "interaction")
        assert a["estimate"] == pytest.approx(b["estimate"], rel=1e-4)
        weeks = [0.0, 7.0]
        np.testing.assert_allclose(
            difference(months, "x", "adjusted", weeks)["estimate"],
            difference(RESULTS[name], "x", "adjusted", weeks)["estimate"],
            rtol=1e-4,
        )


def test_beyond_the_weeks_straight_lines_go_on_and_splines_are_straight() -> None:
    weeks = np.arange(13.0)
    for coding, more in (("piecewise", {"knot": 6}), ("spline", {})):
        basis = time_basis(SPEC.replace(time_coding=coding, **more), weeks, np.arange(13))[0]
        beyond = time_columns(basis, [12.0, 13.0, 14.0, 20.0])
        steps = np.diff(beyond, axis=0) / np.array([[1.0], [1.0], [6.0]])
        np.testing.assert_allclose(steps, steps[:1].repeat(3, axis=0), atol=1e-12)


def test_knots_that_coincide_give_way_to_those_of_the_distinct_weeks() -> None:
    weeks = np.r_[np.zeros(90), np.arange(1.0, 11.0)]
    assert spline_knots(weeks, 2) == (0.0, 5.0, 10.0)
    np.testing.assert_allclose(spline_knots(np.arange(11.0), 4), [0, 2.5, 5, 7.5, 10])


def _study_with(weeks_of: dict[float, int]) -> Study:
    """A cohort of 40 with ``weeks_of[week]`` people seen in each week."""
    study = example_study(n=40)
    rng = np.random.default_rng(3)
    rows = [
        (person, week, 50 + rng.normal())
        for week, n in weeks_of.items()
        for person in study.persons.index[:n]
    ]
    visits = pd.DataFrame(rows, columns=["person", "time", "value"])
    visits["person"] = pd.Categorical(visits["person"], categories=study.persons.index)
    visits["outcome"] = "harmonised"
    return dataclasses.replace(study, visits=visits)


CATEGORICAL = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",), time_coding="categorical")


def test_a_week_with_too_few_people_is_joined_with_the_nearest_and_named() -> None:
    study = _study_with({0.0: 40, 1.0: 38, 2.0: 36, 3.0: 7, 4.0: 30})
    result = fit(study, CATEGORICAL)
    basis = result.fits[0].time
    assert basis is not None and basis.levels == (0.0, 1.0, 2.0, 4.0)
    assert basis.names == ("week[T.1]", "week[T.2]", "week[T.4]")
    merged = [w.message for w in result.warnings if w.code == "merged_weeks"]
    assert merged == ["Week 3 has fewer than 8 people, so its visits count for week 2."]
    sample = analysis_sample(study, CATEGORICAL)
    design = build_design(study, CATEGORICAL, sample)
    assert design.columns[:, 2].sum() == 36 + 7


def test_a_small_week_far_from_all_others_is_left_out_and_named() -> None:
    study = _study_with({0.0: 40, 1.0: 38, 2.0: 36, 3.0: 33, 52.0: 5})
    result = fit(study, CATEGORICAL)
    said = [w.message for w in result.warnings if w.code == "unplanned_weeks"]
    assert said == [
        "Left out: visits in week 52, which fewer than 8 people were seen in and no planned week "
        "is near to."
    ]
    step = next(s for s in result.ledger if s.step == "in the planned weeks")
    assert (step.lost_observations, step.observations) == (5, 147)
    short = fit(study, CATEGORICAL.replace(last_week=3.0))
    pd.testing.assert_frame_equal(result.table, short.table)


def test_visits_on_any_day_count_for_whole_weeks() -> None:
    study = example_study(n=60)
    rng = np.random.default_rng(8)
    study.visits["time"] = study.visits["time"] + rng.uniform(-0.4, 0.4, len(study.visits))
    result = fit(study, CATEGORICAL)
    assert any(w.code == "whole_weeks" for w in result.warnings)
    basis = result.fits[0].time
    assert basis is not None and basis.levels == (-2, 0, 1, 2, 4, 6, 8, 10, 12)


@pytest.mark.parametrize(
    ("changes", "error", "words"),
    [
        ({"time_coding": "log"}, SpecError, "log.week . 1. cannot describe visits at week -2"),
        ({"time_coding": "piecewise", "knot": 12}, SpecError, "not inside the weeks observed"),
        ({"time_coding": "piecewise", "knot": -2}, SpecError, "not inside the weeks observed"),
        (
            {"time_coding": "spline", "spline_df": 4, "first_week": 8},
            SpecError,
            "needs visits in at least 5 different weeks, and there are 3",
        ),
        ({"time_coding": "spline", "first_week": 12}, FitError, "too few visits"),
    ],
)
def test_a_coding_that_the_weeks_forbid_is_refused(changes, error, words) -> None:
    with pytest.raises(error, match=words):
        fit(example_study(), CATEGORICAL.replace(**{"time_coding": "linear"} | changes))


def test_an_origin_outside_the_weeks_is_named() -> None:
    spec = CATEGORICAL.replace(time_coding="piecewise", knot=6, first_week=2)
    result = fit(example_study(), spec)
    assert [w.code for w in result.warnings] == ["origin_outside"]
    assert not fit(example_study(), spec.replace(origin="end")).warnings


def test_a_straight_line_before_the_first_week_analysed_is_named() -> None:
    line = CATEGORICAL.replace(time_coding="linear", first_week=4)
    (found,) = fit(example_study(), line).warnings
    assert found.message == (
        "Week 0 lies before the first week analysed (4), so main effects there are extrapolated; "
        "let them stand at the middle or the end, or choose a window of weeks that holds it."
    )
    for other in ({"origin": "middle"}, {"origin": "end"}, {"first_week": 0}, {"first_week": None}):
        assert not fit(example_study(), line.replace(**other)).warnings
    # A first visit some days after the start is not worth a warning.
    study = example_study()
    study.visits["time"] = study.visits["time"].clip(lower=0.0) + 0.3
    assert not fit(study, line.replace(first_week=None)).warnings
    # Planned weeks take the nearest, so nothing is extrapolated.
    assert not fit(example_study(), CATEGORICAL.replace(first_week=4)).warnings


def with_a_straggler(study: Study, week: float = 40.0) -> Study:
    """One visit of one person long after all the others."""
    late = study.visits.iloc[[0]].assign(time=week)
    visits = pd.concat([study.visits, late], ignore_index=True)
    return dataclasses.replace(study, visits=visits, digest=f"{study.digest} late")


@pytest.mark.parametrize(
    "coding",
    [{}, {"time_coding": "piecewise", "knot": 6}, {"time_coding": "log", "first_week": 0}],
)
@pytest.mark.parametrize(("origin", "week"), [("middle", 5.0), ("end", 12.0)])
def test_a_straggler_moves_no_origin(coding: dict, origin: str, week: float) -> None:
    study = with_a_straggler(example_study(n=100))
    spec = CATEGORICAL.replace(**{"time_coding": "linear", "origin": origin, **coding})
    basis = fit(study, spec).fits[0].time
    assert basis is not None and basis.last_week == 40.0 and basis.end_week == 12.0
    assert basis.origin == (6.0 if "first_week" in coding and origin == "middle" else week)


def test_an_end_between_whole_weeks_is_told_and_drawn_to() -> None:
    months = example_study(n=100)
    visits = months.visits.assign(time=months.visits["time"] * 52 / 36)  # week 12 is at 17.33
    study = dataclasses.replace(months, visits=visits, digest="months")
    last = float(visits["time"].max())
    late = with_a_straggler(study, 60.0)
    spec = CATEGORICAL.replace(time_coding="linear")
    for cohort, end in ((study, last), (late, 17.0)):
        result = fit(cohort, spec)
        basis = result.fits[0].time
        assert basis is not None and basis.end_week == end
        lines = course(cohort, result, result.spec.scores[0], "crude").predicted
        assert lines["week"].max() == pytest.approx(last, abs=0.01)


def test_a_straggler_moves_no_origin_of_planned_weeks() -> None:
    study = with_a_straggler(example_study(n=100), 13.0)  # near enough to count for week 12
    for origin, week in (("middle", 4.0), ("end", 12.0)):
        basis = fit(study, CATEGORICAL.replace(origin=origin)).fits[0].time
        assert basis is not None and basis.origin == week and basis.change_weeks == (0.0, 12.0)


@pytest.mark.parametrize(
    ("weeks", "told"),
    [
        ((-4.0, -2.0, 0.0), (-4.0, 0.0)),
        ((-4.0, -2.0), (-4.0, -2.0)),
        ((-2.0, 0.0, 6.0), (0.0, 6.0)),
        ((-4.0, -2.0, 6.0), (-2.0, 6.0)),
        ((2.0, 6.0), (2.0, 6.0)),
    ],
)
def test_change_in_planned_weeks_is_told_from_before_treatment_or_from_the_first(
    weeks: tuple[float, ...], told: tuple[float, float]
) -> None:
    visits = np.repeat(weeks, 40)
    people = np.tile(np.arange(40), len(weeks))
    for coding in ("categorical", "linear"):
        basis = time_basis(CATEGORICAL.replace(time_coding=coding), visits, people)[0]
        if coding == "linear" and weeks == (-4.0, -2.0, 6.0):
            told = (0.0, 6.0)  # a line knows the week that nobody was seen in
        assert basis.change_weeks == told
