"""Scores together, in groups, scaled otherwise and in interactions, against lmerTest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models import fit
from pgsicbt.models.course.course import course
from pgsicbt.models.effects.effects import effect_sizes
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study
from pgsicbt.words import coefficient, pretty_term
from tests.models.example import example_study

FOLDER = Path(__file__).parents[1] / "reference"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "exposures.json").read_text())


def _study() -> Study:
    d = pd.read_csv(FOLDER / "data" / "dropout.csv", dtype={"id": str})
    persons = d.drop_duplicates("id").set_index("id")[["x", "age", "sex", "site"]]
    persons.index.name = "person"
    persons["age_score"] = persons["age"]
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(d["id"], categories=persons.index),
            "outcome": "y", "time": d["time"], "value": d["y"],
        }
    )  # fmt: skip
    return Study(
        persons=persons,
        visits=visits,
        scores=(ScoreInfo("x", "x"), ScoreInfo("age_score", "age_score")),
        outcomes=(OutcomeInfo("y", "y"),),
        covariates=(
            CovariateInfo("age", "age", "numeric", "component"),
            CovariateInfo("sex", "sex", "categorical", "covariate",
                          tuple(sorted(persons["sex"].unique()))),
            CovariateInfo("site", "site", "categorical", "stratum",
                          tuple(sorted(persons["site"].unique()))),
        ),
        ledger=(), findings=(), digest="reference",
    )  # fmt: skip


STUDY = _study()
BASE = AnalysisSpec(outcome="y", scores=("x",), covariates=("sex",), adjustments=("adjusted",))
BOTH = BASE.replace(scores=("x", "age_score"))
CASES: dict[str, tuple[AnalysisSpec, dict[str, str]]] = {
    "together": (
        BOTH.replace(together=True),
        {"zx": "x", "za": "age_score", "time:zx": "time:x", "time:za": "time:age_score"},
    ),
    "scores": (
        BOTH.replace(together=True, interactions=(("x", "age_score"),)),
        {"zx": "x", "za": "age_score", "I(zx * za)": "x:age_score",
         "time:I(zx * za)": "time:x:age_score", "time:zx": "time:x"},
    ),
    "site": (
        BASE.replace(covariates=(), interactions=(("x", "site"),)),
        {"zx": "x", "time:zx": "time:x", "zx:c_B": "x:site[T.B]", "zx:c_C": "x:site[T.C]",
         "time:zx:c_B": "time:x:site[T.B]", "time:zx:c_C": "time:x:site[T.C]",
         "site_B": "site[T.B]", "time:site_C": "time:site[T.C]"},
    ),
    "numeric": (
        BASE.replace(covariates=(), interactions=(("x", "age"),)),
        {"zx": "x", "I(zx * za)": "x:age", "time:zx": "time:x",
         "time:I(zx * za)": "time:x:age", "age": "age", "time:age": "time:age"},
    ),
    "groups": (
        BASE.replace(score_groups=3),
        {"g1": "x[2 of 3]", "g2": "x[3 of 3]", "time:g1": "time:x[2 of 3]",
         "time:g2": "time:x[3 of 3]"},
    ),
    "residual": (
        BASE.replace(score_scale="residual", components=("age",)),
        {"rx": "x", "time:rx": "time:x", "age": "age"},
    ),
    "within": (
        BASE.replace(score_scale="within", ancestry="sex"),
        {"wx": "x", "time:wx": "time:x"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_lmertest(name: str) -> None:
    spec, terms = CASES[name]
    expected, result = EXPECTED[name], fit(STUDY, spec)
    rows = result.table[result.table["score"] == "x"].set_index("term")
    at = {t: i for i, t in enumerate(expected["terms"])}
    assert result.fits[0].log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    for theirs, ours in terms.items():
        i, row = at[theirs], rows.loc[ours]
        se = expected["std_error"][i]
        assert row["estimate"] == pytest.approx(expected["estimate"][i], abs=1e-4 * se)
        assert row["std_error"] == pytest.approx(se, rel=1e-4)
        assert row["df"] == pytest.approx(expected["df"][i], rel=2e-3)
        assert row["p_value"] == pytest.approx(expected["p"][i], abs=1e-4)


def test_the_joint_test_over_several_groups_is_that_of_lmertest() -> None:
    table = fit(STUDY, CASES["site"][0]).table
    row = table[table["role"] == "moderation_joint"].iloc[0]
    expected = EXPECTED["site"]["joint"]
    assert row["statistic"] == pytest.approx(expected["f"], rel=1e-4)
    assert row["p_value"] == pytest.approx(expected["p"], abs=1e-4)
    assert row["term"] == "any change:x:site"


def _rows(result: Result, score: str, role: str) -> pd.DataFrame:
    t = result.table
    return t[(t["score"] == score) & (t["role"] == role)]


def test_together_every_score_has_its_rows_and_the_others_are_named_as_such() -> None:
    result = fit(STUDY, BOTH.replace(together=True))
    for score, other in (("x", "age_score"), ("age_score", "x")):
        assert _rows(result, score, "main")["term"].tolist() == [score]
        assert _rows(result, score, "score")["term"].tolist() == [other]
    # Holm over two scores, as if they had been fitted one by one.
    p = result.terms("interaction")["p_value"].to_numpy()
    assert result.terms("interaction")["p_adjusted"].min() == pytest.approx(min(1, 2 * p.min()))


def test_a_score_that_an_interaction_needs_must_be_known() -> None:
    persons = STUDY.persons.copy()
    persons.loc[persons.index[:40], "age_score"] = np.nan
    from dataclasses import replace

    study = replace(STUDY, persons=persons)
    result = fit(study, BASE.replace(interactions=(("x", "age_score"),)))
    assert result.n_persons == len(persons) - 40
    assert any("x, age_score known" in step.step for step in result.ledger)


def test_negative_controls_are_fitted_and_counted_in_no_family() -> None:
    result = fit(STUDY, BOTH.replace(controls=("age_score",)))
    rows = result.terms("interaction").set_index("score")
    assert np.isfinite(rows.loc["age_score", "p_value"])
    assert np.isnan(rows.loc["age_score", "p_adjusted"])
    assert rows.loc["x", "p_adjusted"] == rows.loc["x", "p_value"]


def test_scaling_within_groups_has_mean_zero_and_sd_one_in_each() -> None:
    spec = BASE.replace(score_scale="within", ancestry="site")
    made = pd.Series(scaled(spec, STUDY.persons, "x").values, index=STUDY.persons.index)
    by = made.groupby(STUDY.persons["site"])
    assert np.allclose(by.mean(), 0)
    assert np.allclose(by.std(), 1)


def test_a_residual_score_has_nothing_left_of_the_components() -> None:
    spec = BASE.replace(score_scale="residual", components=("age",))
    made = scaled(spec, STUDY.persons, "x").values
    assert abs(np.corrcoef(made, STUDY.persons["age"])[0, 1]) < 1e-10


def test_a_score_made_of_a_component_is_named() -> None:
    spec = BASE.replace(scores=("age_score",), components=("age",), score_scale="residual")
    with pytest.raises(FitError, match="age_score is a sum of the principal components"):
        fit(STUDY, spec)


def test_more_groups_than_people_allow_are_refused_in_words() -> None:
    study = example_study(n=60)
    with pytest.raises(FitError, match="does not make 10 groups of at least 8 people"):
        fit(study, AnalysisSpec(scores=("PGS_A",), score_groups=10))


def test_too_small_an_ancestry_group_is_refused_in_words() -> None:
    from dataclasses import replace

    persons = STUDY.persons.copy()
    persons["anc"] = np.where(np.arange(len(persons)) < 5, "AFR", "EUR")
    info = CovariateInfo("anc", "ancestry", "categorical", "covariate", ("AFR", "EUR"))
    study = replace(STUDY, persons=persons, covariates=(*STUDY.covariates, info))
    with pytest.raises(FitError, match="ancestry group of fewer than 8 people"):
        fit(study, BASE.replace(score_scale="within", ancestry="anc"))


def test_few_people_in_a_level_are_named_where_a_score_interacts_with_it() -> None:
    study = example_study(n=200)
    persons = study.persons.copy()
    persons["diagnosis"] = np.where(np.arange(200) < 10, "panic", "MDD")
    from dataclasses import replace

    result = fit(
        replace(study, persons=persons),
        AnalysisSpec(scores=("PGS_A",), interactions=(("PGS_A", "diagnosis"),)),
    )
    text = next(w.message for w in result.warnings if w.code == "few_in_level")
    assert "panic has 10 people" in text


@pytest.mark.parametrize("name", [*CASES, "spline"])
def test_every_row_has_a_sentence_and_a_name(name: str) -> None:
    spec = (
        BASE.replace(interactions=(("x", "site"),), time_coding="spline")
        if name == "spline"
        else CASES[name][0]
    )
    result = fit(STUDY, spec)
    for _, row in result.table.iterrows():
        assert coefficient(row, result, STUDY).endswith(".")
        assert pretty_term(row, result, STUDY)


@pytest.mark.parametrize("name", ["site", "groups", "together"])
def test_what_is_not_worked_out_for_such_models_is_refused_in_words(name: str) -> None:
    spec = CASES[name][0]
    result = fit(STUDY, spec)
    with pytest.raises(SpecError, match="one score at a time"):
        effect_sizes(STUDY, result)
    if name != "together":
        with pytest.raises(SpecError, match="Trajectories by level"):
            course(STUDY, result, "x", "adjusted")
    else:
        assert len(course(STUDY, result, "x", "adjusted").predicted)


def test_effect_sizes_follow_the_scaling() -> None:
    for name in ("within", "residual"):
        spec = CASES[name][0]
        result = fit(STUDY, spec)
        sizes = effect_sizes(STUDY, result).set_index("quantity")
        assert np.isfinite(sizes.loc["points_at_post", "estimate"])
