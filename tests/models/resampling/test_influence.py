"""Influence of people against lme4 leaving each of them out, and what may be shown of it."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, DataError, SpecError, Study, fit
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.resampling.bootstrap import cluster_bootstrap
from pgsicbt.models.resampling.influence import Influence, influence
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo
from tests.models.example import example_study

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = json.loads((REFERENCE / "influence.json").read_text(encoding="utf-8"))
SPEC = AnalysisSpec(
    outcome="y",
    scores=("x",),
    components=("age", "sex"),
    adjustments=("adjusted",),
    score_scale="as_given",
    simplify=False,
)


def _study(name: str) -> Study:
    """A stored data set as a study; age and sex as components have main effects only."""
    frame = pd.read_csv(REFERENCE / "data" / f"{name}.csv")
    persons = frame.groupby("id", sort=False)[["x", "age", "sex"]].first()
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(frame["id"], categories=persons.index),
            "outcome": "y",
            "time": frame["time"].astype(float),
            "value": frame["y"],
        }
    )
    return Study(
        persons=persons,
        visits=visits,
        scores=(ScoreInfo("x", "x"),),
        outcomes=(OutcomeInfo("y", "y"),),
        covariates=(
            CovariateInfo("age", "age", "numeric"),
            CovariateInfo("sex", "sex", "categorical", "covariate", ("female", "male")),
        ),
        ledger=(),
        findings=(),
        digest=name,
    )


def _both(name: str, method: str) -> tuple[Influence, dict]:
    study = _study(name)
    made = influence(study, fit(study, SPEC), "x", "adjusted", method=method)  # type: ignore[arg-type]
    assert list(study.persons.index) == CASES[name]["people"]
    return made, CASES[name]


@pytest.mark.parametrize("name", ["small", "balanced", "sparse"])
@pytest.mark.parametrize(
    ("method", "change", "cooks"), [("refit", 3e-4, 5e-4), ("engine", 1e-6, 2e-6)]
)
def test_leaving_each_person_out_equals_lme4(
    name: str, method: str, change: float, cooks: float
) -> None:
    made, want = _both(name, method)
    at = [want["terms"].index(t) for t in made.terms]
    se = np.array(want["std_error"])[at]
    assert np.abs(made.change - np.array(want["dfbeta"])[:, at] / se).max() < change
    largest = max(want["cooks"])
    assert np.abs(made.cooks - want["cooks"]).max() < cooks * largest


@pytest.mark.parametrize("name", ["small", "balanced", "sparse"])
def test_influence_of_lme4_as_it_is_agrees_to_its_own_precision(name: str) -> None:
    made, want = _both(name, "engine")
    at = [want["terms"].index(t) for t in made.terms]
    se = np.array(want["std_error"])[at]
    assert np.abs(made.change - np.array(want["influence_dfbeta"])[:, at] / se).max() < 0.02
    np.testing.assert_allclose(made.cooks, want["influence_cooks"], rtol=0.02, atol=1e-3)


@pytest.mark.parametrize("name", ["small", "balanced", "sparse"])
def test_one_step_tells_the_same_people(name: str) -> None:
    quick, _ = _both(name, "one-step")
    full, _ = _both(name, "engine")
    for k in range(2):
        assert np.corrcoef(quick.change[:, k], full.change[:, k])[0, 1] > 0.98
    assert np.abs(quick.change - full.change).max() < 0.15 * np.abs(full.change).max() + 0.02


@pytest.fixture(scope="module")
def study():
    return example_study(n=300)


@pytest.fixture(scope="module")
def result(study):
    spec = AnalysisSpec(scores=("PGS_A",), covariates=("age", "sex"), adjustments=("adjusted",))
    return fit(study, spec)


@pytest.fixture(scope="module")
def made(study, result):
    return influence(study, result, "PGS_A", "adjusted")


def test_the_summary_says_what_leaving_them_out_does(study, result, made) -> None:
    rows = made.summary()
    assert list(rows["rule"]) == ["cook", "cook", "change", "change"]
    want = result.terms("main", "interaction")
    np.testing.assert_allclose(rows["estimate"][:2], want["estimate"], rtol=1e-8)
    np.testing.assert_allclose(rows["p_value"][2:], want["p_value"], rtol=1e-6)
    assert rows["threshold"][0] == 4 / 300
    assert rows["threshold"][2] == 2 / np.sqrt(300)
    beyond = made.cooks > 4 / 300
    assert rows["people_beyond"][0] == beyond.sum() >= MINIMUM_CELL
    # Without those people from the start; the score stays in units of everybody's SD.
    kept = study.persons.index[~beyond]
    sd = study.persons["PGS_A"].std()
    some = dataclasses.replace(
        study,
        persons=study.persons.loc[kept],
        visits=study.visits[study.visits["person"].isin(kept)],
    )
    again = fit(some, result.spec.replace(score_scale="as_given", simplify=False))
    again_rows = again.terms("main", "interaction")
    np.testing.assert_allclose(rows["estimate_without"][:2], again_rows["estimate"] * sd, rtol=0.02)
    np.testing.assert_allclose(rows["p_value_without"][1:2], again_rows["p_value"][1:], rtol=1e-4)
    assert rows["largest_change"].between(0.05, 1.5).all()
    np.testing.assert_allclose(rows["largest_change"] * 20, (rows["largest_change"] * 20).round())


def test_a_planted_outlier_is_found(study, result) -> None:
    visits = study.visits.copy()
    z = study.persons["PGS_A"]
    who = z.idxmax()
    visits.loc[visits["person"] == who, "value"] += 80.0
    odd = dataclasses.replace(study, visits=visits)
    made = influence(odd, fit(odd, result.spec), "PGS_A", "adjusted")
    assert study.persons.index[int(np.argmax(made.cooks))] == who
    assert study.persons.index[int(np.argmax(np.abs(made.change[:, 0])))] == who
    assert made.change[int(np.argmax(made.cooks)), 0] < 0  # the estimate falls without them


def test_what_may_be_shown_rests_on_enough_people(made) -> None:
    bins = made.aggregates()
    assert (bins["people"] >= MINIMUM_CELL).all()
    sums = bins.groupby("measure")["people"].sum()
    assert (sums == made.n_persons).all()
    assert set(sums.index) == {"cook", *made.terms}
    assert (bins["low"] < bins["high"]).all()
    assert str(made.cooks[0]) not in repr(made)


def test_few_people_beyond_are_not_counted() -> None:
    made, _ = _both("small", "refit")
    rows = made.summary()
    few = ~(rows["people_beyond"] >= MINIMUM_CELL)
    assert few.any()
    assert (
        rows.loc[few, ["people_beyond", "estimate_without", "p_value_without"]]
        .isna()
        .all(axis=None)
    )
    assert rows["estimate"].notna().all()
    assert (made.aggregates()["people"].dropna() >= MINIMUM_CELL).all()


def test_the_model_without_a_score_has_all_coefficients(study, result) -> None:
    plain = fit(study, result.spec.replace(scores=()))
    made = influence(study, plain, "", "adjusted", method="one-step")
    assert made.terms == plain.fits[0].fixed.names
    assert made.change.shape == (300, len(made.terms))


def test_other_codings_have_the_change_over_the_window(study, result) -> None:
    curved = fit(study, result.spec.replace(time_coding="log", first_week=0.0))
    made = influence(study, curved, "PGS_A", "adjusted")
    assert made.terms[-1] == "change:PGS_A"
    want = curved.table.set_index("term").loc["change:PGS_A", "p_value"]
    assert made.p_values[-1] == pytest.approx(want, rel=1e-6)


def test_a_level_of_one_person_makes_them_beyond_any_rule(study, result) -> None:
    persons = study.persons.copy()
    persons["sex"] = "female"
    persons.loc[persons.index[:1], "sex"] = "male"
    odd = dataclasses.replace(study, persons=persons)
    made = influence(odd, fit(odd, result.spec), "PGS_A", "adjusted")
    assert np.isinf(made.cooks[0])
    assert np.isfinite(made.change).all()
    assert np.isfinite(made.cooks[1:]).all()
    drawn = cluster_bootstrap(odd, fit(odd, result.spec), replicates=30)
    assert (drawn.table["replicates"] == 30).all()


def test_progress_is_told_and_the_wrong_cell_or_study_is_refused(study, result) -> None:
    seen: list[tuple[int, int]] = []
    influence(study, result, "PGS_A", "adjusted", progress=lambda *at: seen.append(at))
    assert seen[-1] == (300, 300)
    with pytest.raises(SpecError, match="no fitted crude model"):
        influence(study, result, "PGS_A", "crude")
    with pytest.raises(DataError, match="not made from this study"):
        influence(dataclasses.replace(study, digest="x"), result, "PGS_A", "adjusted")
