"""The grid against the formula interface, one model at a time, and its bookkeeping."""

from __future__ import annotations

import json

import numpy as np
import pytest

from pgsicbt import AnalysisSpec, FitError, SpecError, default_spec, fit, mixed_model
from pgsicbt.result import TABLE_COLUMNS
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
