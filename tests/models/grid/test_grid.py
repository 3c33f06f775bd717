"""The grid against the formula interface, one model at a time, and its bookkeeping."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pgsicbt import (
    AnalysisSpec,
    DataError,
    FitError,
    SpecError,
    default_spec,
    fit,
    mixed_model,
)
from pgsicbt.models.course.trajectories import difference
from pgsicbt.result import TABLE_COLUMNS
from pgsicbt.study import CovariateInfo, Study
from pgsicbt.words import method_facts
from tests.models.example import example_study, flat

SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B", "PGS_C"), covariates=("age", "sex", "diagnosis"), components=("PC1",)
)
FORMULAS = {
    "crude": "value ~ time * z",
    "adjusted": "value ~ time * (z + age + sex + diagnosis) + PC1",
    "complete": "value ~ time * (z + age + sex + diagnosis + PC1)",
}


@pytest.mark.parametrize("adjustment", list(FORMULAS))
@pytest.mark.parametrize("score", SPEC.scores)
def test_each_cell_is_the_model_that_its_formula_says(adjustment: str, score: str) -> None:
    study = example_study()
    result = fit(study, SPEC)
    frame = flat(study)
    x = study.persons[score]
    frame["z"] = (frame[score] - x.mean()) / x.std()
    alone = mixed_model(FORMULAS[adjustment], frame, groups="person", random="1 + time")
    rows = result.table.query("score == @score and model == @adjustment").set_index("term")
    for name in alone.coefficients.index:
        ours = rows.loc[name.replace("z", score) if name in ("z", "time:z") else name]
        test = alone.test(name)
        assert ours["estimate"] == pytest.approx(test.estimate, abs=1e-5 * test.std_error)
        assert ours["std_error"] == pytest.approx(test.std_error, rel=1e-6)
        assert ours["df"] == pytest.approx(test.df, rel=1e-4)
        assert ours["p_value"] == pytest.approx(test.p_value, abs=1e-5)
    model = result.fit_of(score, adjustment)
    assert model is not None
    assert model.log_likelihood == pytest.approx(alone.log_likelihood, abs=1e-6)


@pytest.mark.parametrize(
    "changes",
    [
        {"df": "kenward-roger"},
        {"errors": "CR0"},
        {"errors": "CR2"},
        {"errors": "CR2", "df": "normal"},
    ],
    ids=["kenward-roger", "CR0", "CR2", "CR2 normal"],
)
def test_the_errors_asked_for_are_those_of_the_formula_interface(changes) -> None:
    study = example_study(n=80)
    result = fit(study, SPEC.replace(scores=("PGS_A",), adjustments=("adjusted",), **changes))
    frame = flat(study)
    x = study.persons["PGS_A"]
    frame["z"] = (frame["PGS_A"] - x.mean()) / x.std()
    alone = mixed_model(FORMULAS["adjusted"], frame, groups="person", random="1 + time")
    rows = result.table.set_index("term")
    for name in alone.coefficients.index:
        ours = rows.loc[name.replace("z", "PGS_A") if name in ("z", "time:z") else name]
        if changes.get("df") == "kenward-roger":
            test = alone.test(name, df="kenward-roger")
        else:
            test = alone.test_robust(name, changes["errors"])
        assert ours["std_error"] == pytest.approx(test.std_error, rel=1e-6)
        if changes.get("df") == "normal":
            assert np.isinf(ours["df"])
            continue
        assert ours["df"] == pytest.approx(test.df, rel=1e-5)
        assert ours["p_value"] == pytest.approx(test.p_value, abs=1e-7)
        assert ours["conf_low"] == pytest.approx(test.conf_low, abs=1e-4 * test.std_error)
    first, weeks = rows.loc["PGS_A"], [0.0, 12.0]
    gap = difference(result, "PGS_A", "adjusted", weeks)
    assert gap.loc[0, "conf_low"] == pytest.approx(first["conf_low"])
    assert gap.loc[0, "conf_high"] == pytest.approx(first["conf_high"])


def test_robust_errors_of_a_change_are_those_of_a_model_that_has_it_as_a_coefficient() -> None:
    study = example_study(n=60)
    spec = AnalysisSpec(
        scores=("PGS_A",), adjustments=("crude",), time_coding="piecewise", knot=5, errors="CR2"
    )
    rows = fit(study, spec).table.set_index("role")
    frame = flat(study)
    x = study.persons["PGS_A"]
    frame["z"] = (frame["PGS_A"] - x.mean()) / x.std()
    # Shares of the way from week 0 to 12: one for all of it, one beside it.
    frame["way"], frame["late"] = frame["time"] / 12, np.maximum(frame["time"] - 5, 0)
    frame["rest"] = frame["late"] - 7 * frame["way"]
    alone = mixed_model(
        "value ~ (way + rest) * z", frame, groups="person", random="1 + time", reml=True
    )
    test = alone.test_robust("way:z")
    change = rows.loc["interaction"]
    assert change["estimate"] == pytest.approx(test.estimate, rel=1e-5)
    assert change["std_error"] == pytest.approx(test.std_error, rel=1e-5)
    assert change["df"] == pytest.approx(test.df, rel=1e-5)
    # The joint statistic is Wald's, scaled as Hotelling's T^2 is.
    names = ["way:z", "rest:z"]
    v = alone.covariance_robust("CR2").loc[names, names].to_numpy()
    b = alone.coefficients[names].to_numpy()
    wald, df = b @ np.linalg.solve(v, b), rows.loc["joint", "df"]
    assert rows.loc["joint", "statistic"] == pytest.approx(wald * df / (df + 1) / 2, rel=1e-5)
    assert 2 < df < 60


def test_a_joint_test_with_normal_degrees_of_freedom_is_a_chi_square() -> None:
    spec = SPEC.replace(df="normal", time_coding="spline", adjustments=("crude",))
    joint = fit(example_study(), spec).terms("joint")
    want = stats.chi2.sf(3 * joint["statistic"], 3)
    np.testing.assert_allclose(joint["p_value"].to_numpy(float), want)
    assert np.isinf(joint["df"].to_numpy(float)).all()


def test_the_planted_effects_are_found_and_the_table_is_whole() -> None:
    result = fit(example_study(n=800), SPEC)
    assert tuple(result.table.columns) == TABLE_COLUMNS
    found = result.terms("main", "interaction", adjustment="complete").set_index("term")
    assert found.loc["PGS_A", "conf_low"] < -2.0 < found.loc["PGS_A", "conf_high"]
    assert found.loc["time:PGS_A", "conf_low"] < -0.2 < found.loc["time:PGS_A", "conf_high"]
    assert len(found) == 6
    assert (found["status"] == "ok").all()
    assert found["p_adjusted"].equals(found["p_holm"])
    assert result.terms("covariate")["p_adjusted"].isna().all()
    body = json.loads(result.to_json())
    assert len(body["table"]) == len(result.table)
    assert AnalysisSpec.from_json(json.dumps(body["spec"])) == result.spec


def test_a_score_as_given_and_time_in_months_are_the_same_model_in_other_units() -> None:
    study = example_study()
    a = fit(study, SPEC).terms("interaction", adjustment="adjusted").set_index("score")
    other = SPEC.replace(score_scale="as_given", time_unit="month")
    b = fit(study, other).terms("interaction", adjustment="adjusted").set_index("score")
    sd = study.persons["PGS_A"].std()
    months = 365.25 / 84
    assert b.loc["PGS_A", "estimate"] * sd / months == pytest.approx(a.loc["PGS_A", "estimate"])
    assert b.loc["PGS_A", "p_value"] == pytest.approx(a.loc["PGS_A", "p_value"], rel=1e-4)


def test_people_with_a_missing_score_leave_that_score_only() -> None:
    study = example_study()
    study.persons.loc[study.persons.index[:30], "PGS_B"] = np.nan
    study.persons.loc[study.persons.index[5], "age"] = np.nan
    result = fit(study, SPEC)
    n = result.terms("main", adjustment="adjusted").set_index("score")["n_persons"]
    assert n["PGS_A"] == n["PGS_C"] == 299
    assert n["PGS_B"] == 270
    assert [(s.lost_persons, s.reason) for s in result.ledger if s.lost_persons] == [
        (1, "age is missing"),
        (29, "PGS_B is missing"),
    ]


def test_a_constant_score_fails_alone_and_says_so() -> None:
    study = example_study()
    study.persons["PGS_B"] = 1.0
    result = fit(study, SPEC)
    failed = result.table[result.table["status"] == "failed"]
    assert set(failed["score"]) == {"PGS_B"}
    assert result.fit_of("PGS_A", "crude") is not None
    assert "PGS_B is the same for everyone" in result.warnings[0].message


def test_a_score_that_a_component_determines_is_refused_for_that_model() -> None:
    study = example_study()
    study.persons["PGS_C"] = 2 * study.persons["PC1"]
    result = fit(study, SPEC)
    status = result.terms("main").set_index(["score", "model"])["status"]
    assert status["PGS_C", "crude"] == "ok"
    assert status["PGS_C", "complete"] == "failed"
    assert any(w.code == "rank_deficient" and "PGS_C" in w.message for w in result.warnings)


def test_a_score_given_twice_is_named() -> None:
    study = example_study()
    noise = np.random.default_rng(1).normal(0, 1e-3, len(study.persons))
    study.persons["PGS_B"] = -2 * study.persons["PGS_A"] + noise
    result = fit(study, SPEC)
    (found,) = [w for w in result.warnings if w.code == "duplicate_score"]
    assert found.column == "PGS_B"
    assert found.message.startswith("PGS_A and PGS_B are the same score with the sign turned")
    assert np.isfinite(result.terms("main")["estimate"].to_numpy(float)).all()


@pytest.mark.parametrize("bad", [np.inf, -np.inf])
def test_a_score_that_is_not_finite_fails_alone_and_says_so(bad: float) -> None:
    study = example_study()
    study.persons.loc[study.persons.index[3], "PGS_B"] = bad
    result = fit(study, SPEC)
    failed = result.table[result.table["status"] == "failed"]
    assert set(failed["score"]) == {"PGS_B"}
    assert {(w.code, w.column) for w in result.warnings} == {("not_finite", "PGS_B")}


def test_levels_that_cannot_carry_an_effect_are_named_without_a_count() -> None:
    study = example_study()
    site = pd.Series("A", index=study.persons.index, dtype=object)
    site.iloc[:2] = "B"
    panic = study.persons.index[study.persons["diagnosis"] == "panic"]
    site.loc[panic[-20:]] = "C"
    study.persons["site"] = site
    info = CovariateInfo("site", "site", "categorical", "batch", ("A", "B", "C"))
    study = dataclasses.replace(study, covariates=(*study.covariates, info))
    result = fit(study, SPEC.replace(covariates=("site", "diagnosis")))
    found = {w.code: w.message for w in result.warnings}
    assert found["rare_level"].startswith("site: B has fewer than 8 people")
    assert found["nested_level"].startswith("site: C occurs in one group of diagnosis only")
    assert "panic" not in found["nested_level"]
    assert set(result.terms("main")["status"]) == {"ok"}


@pytest.mark.parametrize(
    ("factor", "what"), [(60.0, "more than ten years"), (0.05, "less than one")]
)
def test_times_on_an_absurd_scale_are_named(factor: float, what: str) -> None:
    study = example_study()
    reference = fit(study, SPEC).terms("interaction")
    study.visits["time"] = study.visits["time"] * factor
    result = fit(study, SPEC)
    (found,) = result.warnings
    assert found.code == "time_scale" and what in found.message and "unit" in found.message
    slopes = result.terms("interaction")
    np.testing.assert_allclose(slopes["estimate"] * factor, reference["estimate"], rtol=1e-4)
    np.testing.assert_allclose(slopes["p_value"], reference["p_value"], rtol=1e-3)


def test_one_visit_far_from_all_others_is_named() -> None:
    study = example_study()
    study.visits["time"] = study.visits["time"] / 7
    study.visits.loc[0, "time"] = 500.0
    codes = [w.code for w in fit(study, SPEC.replace(adjustments=("crude",))).warnings]
    assert "time_scale" in codes


def _only(study, people: int, visits: int):
    kept = study.visits["person"].astype(str).isin(study.persons.index[:people])
    rows = study.visits[kept]
    return dataclasses.replace(study, visits=rows[rows.groupby("person").cumcount() < visits])


@pytest.mark.parametrize(
    ("people", "visits", "words"),
    [
        (1, 9, "only one person"),
        (50, 1, "Everybody analysed has one visit"),
        (2, 2, "observations for"),
        (3, 2, "observations for|too few visits"),
    ],
)
def test_what_is_too_little_to_analyse_is_refused(people: int, visits: int, words: str) -> None:
    with pytest.raises(FitError, match=words):
        fit(_only(example_study(), people, visits), SPEC)


@pytest.mark.parametrize("where", ["time", "value"])
def test_outcomes_and_times_that_are_not_finite_are_refused(where: str) -> None:
    study = example_study()
    study.visits.loc[4, where] = np.inf
    with pytest.raises(DataError, match="not finite"):
        fit(study, SPEC)


def test_a_covariate_that_is_not_finite_is_refused_by_name() -> None:
    study = example_study()
    study.persons.loc[study.persons.index[4], "age"] = np.inf
    with pytest.raises(DataError, match="age holds values that are not finite"):
        fit(study, SPEC)


def test_more_covariates_than_people_are_left_out_by_name() -> None:
    study = _only(example_study(), 5, 9)
    result = fit(study, SPEC.replace(adjustments=("crude", "complete")))
    status = result.terms("main").groupby("model")["status"].unique()
    assert set(status["complete"]) == {"failed"}
    assert "failed" not in status["crude"]
    named = [w for w in result.warnings if w.code == "rank_deficient"]
    assert {w.column for w in named} == {"PGS_A", "PGS_B", "PGS_C"}
    fitted = result.table[result.table["status"] != "failed"]
    assert np.isfinite(fitted["estimate"].to_numpy(float)).all()


def test_without_a_random_slope_the_reader_is_warned() -> None:
    result = fit(example_study(), SPEC.replace(random="intercept", adjustments=("crude",)))
    assert [w.code for w in result.warnings] == ["no_random_slope"]


def test_no_scores_is_a_model_of_time_and_covariates() -> None:
    result = fit(example_study(), SPEC.replace(scores=()))
    assert set(result.table["model"]) == {"crude", "adjusted", "complete"}
    assert result.fit_of("", "adjusted") is not None


def test_a_group_is_analysed_alone_and_its_name_drops_out() -> None:
    result = fit(example_study(), SPEC.replace(subset=("diagnosis", "MDD")))
    assert any(w.code == "constant_covariate" for w in result.warnings)
    assert set(result.table["subset"]) == {"diagnosis: MDD"}


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        (SPEC.replace(scores=("PGS_X",)), SpecError, "no score called"),
        (SPEC.replace(covariates=("height",)), SpecError, "no covariate called"),
        (SPEC.replace(outcome="PHQ-9"), SpecError, "no outcome called"),
        (SPEC.replace(subset=("diagnosis", "OCD")), SpecError, "no level called"),
        (SPEC.replace(first_week=50.0), FitError, "Nobody is left"),
        (SPEC.replace(first_week=12.0), FitError, "too few visits"),
    ],
)
def test_what_the_study_cannot_answer_is_refused(spec, error, words) -> None:
    with pytest.raises(error, match=words):
        fit(example_study(), spec)


def test_the_default_is_the_published_adjustment_without_controls() -> None:
    study = example_study(scores=("PGS_A", "PGS_HEIGHT"))
    spec = default_spec(study)
    assert spec.scores == ("PGS_A",)
    assert spec.covariates == ("age", "sex", "diagnosis")
    assert spec.components == ("PC1",)


@pytest.mark.parametrize(("people", "fitted"), [(4, False), (5, False), (6, True)])
def test_as_many_coefficients_between_people_as_people_are_refused(
    people: int, fitted: bool
) -> None:
    """Intercept, score, age, sex and diagnosis: five people leave nothing between people."""
    study = example_study(seed=3, n=people)
    spec = SPEC.replace(scores=("PGS_A",), components=(), adjustments=("crude", "adjusted"))
    result = fit(study, spec)
    assert result.fit_of("PGS_A", "crude") is not None
    assert (result.fit_of("PGS_A", "adjusted") is not None) == fitted
    codes = {w.code for w in result.warnings}
    assert ("too_few_people" in codes) == (people == 5)
    # Four people cannot even tell the five columns apart.
    assert ("rank_deficient" in codes) == (people == 4)


def _with_therapists(n: int = 90) -> Study:
    study = example_study(n=n)
    persons = study.persons.assign(therapist=[f"T{k % 12:02d}" for k in range(n)])
    persons.loc[persons.index[:3], "therapist"] = None
    levels = tuple(f"T{k:02d}" for k in range(12))
    info = CovariateInfo("therapist", "therapist", "categorical", "covariate", levels)
    return dataclasses.replace(study, persons=persons, covariates=(*study.covariates, info))


def test_groups_of_people_can_be_the_clusters_of_robust_errors() -> None:
    study = _with_therapists()
    spec = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",), errors="CR2")
    people, groups = fit(study, spec), fit(study, spec.replace(cluster="therapist"))
    a, b = (r.terms("interaction").iloc[0] for r in (people, groups))
    assert groups.n_persons == people.n_persons - 3  # whose therapist is not known
    assert any(step.reason == "therapist is missing" for step in groups.ledger)
    assert b["df"] < 12 < a["df"]
    assert b["std_error"] != pytest.approx(a["std_error"], rel=1e-3)
    same = fit(study, spec.replace(errors="model", cluster="therapist"))
    assert same.n_persons == people.n_persons  # clusters are those of robust errors only
    assert "therapist as clusters" in dict(method_facts(groups))["Standard errors"]


def test_clusters_other_than_people_are_refused_where_they_are_not_worked_out() -> None:
    with pytest.raises(SpecError, match="this kind of model"):
        AnalysisSpec(errors="CR2", cluster="therapist", family="mmrm")
    with pytest.raises(SpecError, match="a bootstrap"):
        AnalysisSpec(errors="CR2", cluster="therapist", bootstrap=100)


def test_a_straggler_does_not_stretch_the_weeks_that_change_is_told_over() -> None:
    study = example_study(n=60)
    late = study.visits.iloc[[0]].assign(time=40.0)
    longer = dataclasses.replace(study, visits=pd.concat([study.visits, late], ignore_index=True))
    spec = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",))
    plain, stretched = (fit(s, spec).fits[0].time for s in (study, longer))
    assert stretched.last_week == 40.0
    assert stretched.change_weeks == plain.change_weeks == (0.0, 12.0)
    assert fit(study, spec.replace(first_week=4.0)).fits[0].time.change_weeks == (4.0, 12.0)
