"""Cross-validated predictions against lm and glm on the same folds, and what is refused."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

import pgsicbt
from pgsicbt import AnalysisSpec
from pgsicbt.errors import FitError, SpecError
from pgsicbt.figures.cohort import CohortFigure
from pgsicbt.figures.prediction import classification_drawing, prediction_drawing
from pgsicbt.meaning import classification, prediction
from pgsicbt.meaning.candidates import ALL, CLINICAL
from pgsicbt.meaning.classification import CLASSIFICATION_COLUMNS, held_out, predict_status
from pgsicbt.meaning.folds import corrected_interval, folds
from pgsicbt.meaning.prediction import PREDICTION_COLUMNS, predict_post
from pgsicbt.models.families.endpoints import endpoints
from pgsicbt.models.families.statuses import defined_kinds, status_of
from pgsicbt.study import CovariateInfo, OutcomeInfo, Study
from pgsicbt.words import outcome_scale
from pgsicbt.words.prediction import (
    classification_rows,
    classification_sentence,
    prediction_note,
    prediction_rows,
    prediction_sentence,
)
from tests.models.example import example_study

R = json.loads((Path(__file__).parent / "reference" / "folds.json").read_text())
SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B"), covariates=("age", "sex"))


def madrs(seed: int = 2, n: int = 400) -> Study:
    """The example with a harmonised outcome that comes from MADRS-S and PDSS-SR."""
    study = example_study(seed, n, main=-6.0, slope=-0.5)
    first = study.persons.index[: n // 2]
    mine = study.visits["person"].isin(first)
    own = study.visits.assign(
        outcome=np.where(mine, "MADRS-S", "PDSS-SR"),
        value=np.clip(study.visits["value"] * np.where(mine, 0.54, 0.28), 0, None).round(),
    )
    infos = (
        *study.outcomes,
        OutcomeInfo("MADRS-S", "MADRS-S", "MADRS-S", 0, 54, 1),
        OutcomeInfo("PDSS-SR", "PDSS-SR", "PDSS-SR", 0, 28, 1),
    )
    return Study(
        **{**study.__dict__, "outcomes": infos, "digest": "two instruments",
           "visits": pd.concat([study.visits, own], ignore_index=True)}
    )  # fmt: skip


@pytest.fixture(scope="module")
def study() -> Study:
    return madrs()


def _columns() -> tuple[pd.DataFrame, np.ndarray, dict[str, list[int]], np.ndarray]:
    d = pd.DataFrame(R["data"])
    x = np.column_stack([np.ones(len(d)), d["before"], d["age"], d["score"]])
    return d, x, {CLINICAL: [0, 1, 2], "score": [0, 1, 2, 3]}, np.array([R["fold"]])


def test_least_squares_on_given_folds_is_that_of_lm() -> None:
    d, x, uses, fold = _columns()
    y = d["after"].to_numpy()
    held = {m: np.empty((1, len(y))) for m in uses}
    null = np.empty((1, len(y)))
    prediction._one_repeat(x, uses, y, fold[0], held, null, 0)
    table = prediction._table(y, fold, held, null, list(uses), 0.95).set_index("model")
    for ours, theirs in ((CLINICAL, "small"), ("score", "large")):
        assert table.loc[ours, "r2"] == pytest.approx(R["r2"][theirs], rel=1e-8)
        assert table.loc[ours, "rmse"] == pytest.approx(R["rmse"][theirs], rel=1e-8)
        assert table.loc[ours, "calibration_slope"] == pytest.approx(R["slope"][theirs], rel=1e-8)
    added = table.loc["score", "added_r2"]
    assert added == pytest.approx(R["r2"]["large"] - R["r2"]["small"], rel=1e-8)


def test_logistic_regression_on_given_folds_is_that_of_glm() -> None:
    d, x, uses, fold = _columns()
    y = d["met"].to_numpy(float)
    held = held_out(y, x, uses, fold)
    table = classification._table(y, held, 0.95).set_index("model")
    for ours, theirs in ((CLINICAL, "small"), ("score", "large")):
        again = R["recalibrated"][theirs]
        assert table.loc[ours, "brier"] == pytest.approx(R["brier"][theirs], rel=1e-7)
        assert table.loc[ours, "calibration_slope"] == pytest.approx(again["slope"], rel=1e-6)
        found = table.loc[ours, "calibration_intercept"]
        assert found == pytest.approx(again["intercept"], rel=1e-5, abs=1e-7)


def test_folds_are_even_seeded_and_stratified() -> None:
    y = np.r_[np.ones(23), np.zeros(77)]
    made = folds(100, 5, 3, seed=4, strata=y)
    assert made.shape == (3, 100)
    for row in made:
        assert set(np.bincount(row)) == {20}
        events = np.bincount(row, y)
        assert events.max() - events.min() <= 1
    np.testing.assert_array_equal(made, folds(100, 5, 3, seed=4, strata=y))
    assert not np.array_equal(made[0], made[1])
    for k, repeats in ((1, 3), (200, 1), (5, 0)):
        with pytest.raises(SpecError, match="folds"):
            folds(100, k, repeats, seed=1)


def test_the_corrected_interval_is_nadeau_and_bengio_s() -> None:
    d = np.random.default_rng(1).normal(0.3, 1, 50)
    mean, low, high = corrected_interval(d, 0.1, 0.95)
    se = math.sqrt((1 / 50 + 1 / 9) * d.var(ddof=1))
    assert mean == pytest.approx(d.mean())
    assert high - low == pytest.approx(2 * 2.009575 * se, rel=1e-5)


def test_a_score_with_an_effect_adds_and_one_without_costs(study: Study) -> None:
    steps: list[tuple[int, int]] = []
    found = predict_post(study, SPEC, baseline=False, repeats=4,
                         progress=lambda a, b: steps.append((a, b)))  # fmt: skip
    table = found.table.set_index("model")
    assert list(found.table.columns) == list(PREDICTION_COLUMNS)
    assert list(table.index) == [CLINICAL, "PGS_A", "PGS_B", ALL]
    assert table.loc["PGS_A", "added_r2"] > 0.1 and table.loc["PGS_A", "added_low"] > 0
    assert table.loc["PGS_B", "added_r2"] < 0.01
    assert table.loc["PGS_A", "rmse_saved"] > 0
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert found.by_tenth["n_persons"].min() >= 8
    same = predict_post(study, SPEC, baseline=False, repeats=4).table
    pd.testing.assert_frame_equal(found.table, same)
    with_before = predict_post(study, SPEC, repeats=2)
    assert with_before.predictors[0] == "severity before treatment"
    assert with_before.table["r2"].iloc[0] > found.table["r2"].iloc[0] + 0.2


def test_noise_predicts_nothing_in_new_people() -> None:
    noise = example_study(5, 120, main=0.0, slope=0.0)
    found = predict_post(noise, SPEC.replace(covariates=("sex",)), baseline=False, repeats=3)
    assert found.table["r2"].iloc[-1] < 0.02


def test_remission_is_judged_on_everybody_s_own_instrument(study: Study) -> None:
    kinds = defined_kinds(study, "harmonised")
    assert kinds[:2] == ("remission", "response")
    ends = endpoints(study, SPEC)
    met, already, words = status_of(study, SPEC, ends, "remission")
    assert len(words) == 2
    for name, cut in (("MADRS-S", 10), ("PDSS-SR", 5)):
        own = endpoints(study, SPEC.replace(outcome=name))
        mine = ends.sample.persons.index.isin(own.sample.persons.index)
        told = np.isfinite(own.after) & (own.before > cut)
        np.testing.assert_array_equal(met[mine], np.where(told, own.after <= cut, np.nan))
        left_out = np.isfinite(own.after) & (own.before <= cut)
        np.testing.assert_array_equal(already[mine], left_out)
    one = SPEC.replace(outcome="MADRS-S")
    alone = status_of(study, one, endpoints(study, one), "remission")
    assert np.nanmean(alone.met) > 0
    with pytest.raises(SpecError, match="No instrument of this study has a definition of x"):
        status_of(study, SPEC, ends, "x")


def test_a_pooled_status_is_taken_at_the_visits_of_the_analysis(study: Study) -> None:
    """The chosen weeks, the rule for outliers and the baseline hold on the instrument too."""
    until_10 = SPEC.replace(last_week=10.0)
    ends = endpoints(study, until_10)
    met = status_of(study, until_10, ends, "response").met
    assert np.isfinite(met).any()
    assert not np.isfinite(met[np.isnan(ends.after)]).any()
    from_2 = SPEC.replace(first_week=2.0)
    ends = endpoints(study, from_2)
    met = status_of(study, from_2, ends, "response").met
    one = study.outcome_visits("MADRS-S")
    of = pd.Series(met, ends.sample.persons.index)
    for person, mine in one[one["time"] >= 2].groupby("person", observed=True):
        if person not in of.index or not np.isfinite(of[person]):
            continue
        mine = mine.sort_values("time")
        start = mine["value"].iloc[0]  # at week 2, the first of the window
        away = (mine["time"] - ends.week).abs()
        assert of[person] == ((start - mine["value"][away.idxmin()]) / start >= 0.5)
    # An outlying visit on the harmonised scale is none on the instrument's own.
    person = of.index[0]
    last = (study.visits["person"] == person) & (study.visits["time"] == study.visits.loc[
        study.visits["person"] == person, "time"
    ].max())  # fmt: skip
    wild = study.visits.assign(
        value=study.visits["value"].where(~last, np.where(study.visits["outcome"] == "harmonised",
                                                          400.0, 54.0))
    )  # fmt: skip
    odd = Study(**{**study.__dict__, "visits": wild, "digest": "wild"})
    for rule in ("none", "residual"):
        spec = SPEC.replace(outliers=rule)
        ends = endpoints(odd, spec)
        at = ends.sample.persons.index.get_loc(person)
        status = status_of(odd, spec, ends, "reliable deterioration").met[at]
        worse = ends.after[at] > ends.before[at]
        assert (status == 1) == worse == (rule == "none")


def test_the_logistic_model_of_a_pooled_cohort_is_that_of_statsmodels(study: Study) -> None:
    """Remission by everybody's own instrument, put together here by hand."""
    spec = SPEC.replace(family="logistic", definition="remission", adjustments=("crude",))
    result = pgsicbt.fit(study, spec)
    remitted = []
    for name, cut in (("MADRS-S", 10), ("PDSS-SR", 5)):
        own = endpoints(study, SPEC.replace(outcome=name))
        after = pd.Series(own.after, index=own.sample.persons.index)[own.before > cut].dropna()
        remitted.append(after <= cut)
    y = pd.concat(remitted).astype(float)
    x = study.persons.loc[y.index, "PGS_A"]
    everybody = study.persons["PGS_A"]
    z = (x - everybody.loc[y.index].mean()) / everybody.loc[y.index].std()
    fitted = sm.Logit(y, sm.add_constant(z)).fit(disp=0)
    row = result.terms("outcome").set_index("score").loc["PGS_A"]
    assert row["n_persons"] == len(y)
    assert row["estimate"] == pytest.approx(fitted.params["PGS_A"], rel=1e-5)
    assert row["std_error"] == pytest.approx(fitted.bse["PGS_A"], rel=1e-5)
    said = next(w.message for w in result.warnings if w.code == "definition")
    assert "MADRS-S: 10 points or less; PDSS-SR: 5 points or less" in said


def test_a_status_is_told_apart_in_new_people(study: Study) -> None:
    found = predict_status(study, SPEC, "remission", baseline=False, repeats=3)
    table = found.table.set_index("model")
    assert list(found.table.columns) == list(CLASSIFICATION_COLUMNS)
    assert table.loc["PGS_A", "auc"] > 0.6 > table.loc["PGS_B", "auc"]
    assert table.loc["PGS_A", "added_low"] > 0
    assert (table["auc_low"] < table["auc"]).all() and (table["auc"] < table["auc_high"]).all()
    assert found.n_events == table["n_events"].iloc[0]
    for _, part in found.calibration.groupby("model"):
        met = (part["observed"] * part["n_persons"]).round()
        assert met.min() >= 8 and (part["n_persons"] - met).min() >= 8
    for _, part in found.roc.groupby("model"):
        assert part["true_positive"].is_monotonic_increasing
        assert part["true_positive"].iloc[-1] == 1.0


def test_few_events_are_named_and_too_few_refused(study: Study) -> None:
    persons = study.persons.copy()
    rng = np.random.default_rng(1)
    names = [f"x{j}" for j in range(9)]
    for name in names:
        persons[name] = rng.normal(size=len(persons))
    wide = Study(
        **{**study.__dict__, "persons": persons, "digest": "wide",
           "covariates": (*study.covariates, *(CovariateInfo(n, n, "numeric") for n in names))}
    )  # fmt: skip
    spec = SPEC.replace(covariates=tuple(names))
    events = predict_status(study, SPEC, "remission", repeats=1).n_events
    found = predict_status(wide, spec, "remission", repeats=1)
    assert bool(found.findings) == (events < 10 * 10)
    ill = study.visits.assign(value=study.visits["value"] + 60)
    never = Study(**{**study.__dict__, "visits": ill, "digest": "never"})
    with pytest.raises(FitError, match="rarer status"):
        predict_status(never, SPEC, "remission")


def test_separation_and_constant_outcomes_are_refused(study: Study) -> None:
    ends = endpoints(study, SPEC)
    met = status_of(study, SPEC, ends, "remission").met
    told = pd.Series(np.where(np.isnan(met), 0.0, met), ends.sample.persons.index)
    persons = study.persons.assign(oracle=told.reindex(study.persons.index).fillna(0.0))
    oracle = Study(
        **{**study.__dict__, "persons": persons, "digest": "oracle",
           "covariates": (*study.covariates, CovariateInfo("oracle", "oracle", "numeric"))}
    )  # fmt: skip
    with pytest.raises(FitError, match="separation"):
        predict_status(oracle, SPEC.replace(covariates=("oracle",)), "remission")
    flat = Study(**{**study.__dict__, "visits": study.visits.assign(value=5.0), "digest": "flat"})
    with pytest.raises(FitError, match="same for everybody"):
        predict_post(flat, SPEC)
    with pytest.raises(SpecError, match="no score"):
        predict_post(study, SPEC.replace(scores=()))
    with pytest.raises(FitError, match="too few"):
        predict_post(example_study(n=12), SPEC)


def test_words_and_figures_speak_of_new_people(study: Study) -> None:
    found = predict_post(study, SPEC, repeats=2)
    scale = outcome_scale(study, "harmonised")
    said = prediction_sentence(study, scale, found, "95 %")
    assert said.startswith("In people it was not fitted on, the clinical model explains")
    assert len(prediction_rows(study, found)) == 4
    status = predict_status(study, SPEC, "remission", repeats=2)
    assert "with an AUC of" in classification_sentence(study, status, "95 %")
    assert len(classification_rows(study, status)[0]) == 6
    for drawing in (
        prediction_drawing(study, scale, found, "95 %"),
        classification_drawing(study, status, "95 %"),
    ):
        figure = CohortFigure(drawing)
        figure.static()
        assert figure.interactive(narrow=True).data
        assert "one person" in drawing.note
    assert "MADRS-S: 10 points or less" in prediction_note(status, simulated=True)
