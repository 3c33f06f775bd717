"""What is named before anything is fitted: entangled scores, small groups, few people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, fit
from pgsicbt.robustness.people import only
from pgsicbt.study import Study
from tests.models.example import example_study

SPEC = AnalysisSpec(scores=("PGS_A",), covariates=("age", "diagnosis"), components=("PC1",))


def _with_score(study: Study, noise: float) -> Study:
    """PGS_A made of PC1 and noise."""
    persons = study.persons.copy()
    rng = np.random.default_rng(5)
    persons["PGS_A"] = 2 * persons["PC1"] + noise * rng.normal(size=len(persons)) + 3
    return replace(study, persons=persons)


def _said(study: Study, spec: AnalysisSpec = SPEC) -> dict[str, str]:
    return {w.code: w.message for w in fit(study, spec).warnings}


def test_a_score_that_is_a_component_stands_in_the_crude_model_only() -> None:
    result = fit(_with_score(example_study(), 0.0), SPEC)
    said = {w.code: w.message for w in result.warnings}
    assert (
        "follows entirely from what models allow for, above all from PC1"
        in (said["entangled_score"])
    )
    assert "PGS_A is determined" in next(
        w.message for w in result.warnings if "(adjusted)" in w.message
    )
    by = result.terms("interaction").set_index("model")["status"]
    assert by["crude"] == "ok"
    assert set(by.drop("crude")) == {"failed"}


def test_a_score_that_nearly_follows_from_components_has_its_wider_intervals_named() -> None:
    study = _with_score(example_study(), 0.5)
    text = _said(study)["entangled_score"]
    x = study.persons[["PC1", "age"]].to_numpy(float)
    x = x - x.mean(axis=0)
    y = study.persons["PGS_A"].to_numpy(float) - study.persons["PGS_A"].mean()
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    share = 1 - (rest @ rest) / (y @ y)
    assert f"{100 * share:.0f} % of the differences in PGS_A" in text
    assert f"{np.sqrt(1 / (1 - share)):.1f} times as wide" in text
    # The promise in the sentence is that of the fits themselves.
    rows = fit(study, SPEC).terms("main").set_index("model")["std_error"]
    assert rows["adjusted"] / rows["crude"] == pytest.approx(np.sqrt(1 / (1 - share)), rel=0.1)
    assert "entangled_score" not in _said(study, SPEC.replace(score_scale="residual"))
    assert "entangled_score" not in _said(example_study())


def _diagnosed(study: Study, n: int) -> Study:
    """The first ``n`` people have a third diagnosis."""
    persons = study.persons.copy()
    persons["diagnosis"] = pd.Series(
        ["OCD" if i < n else d for i, d in enumerate(persons["diagnosis"])], index=persons.index
    )
    return replace(study, persons=persons)


@pytest.mark.parametrize(
    ("n", "who"), [(10, "OCD has 10 people"), (5, "OCD has fewer than 8 people")]
)
def test_a_diagnosis_with_ten_people_is_named_and_the_model_stands(n: int, who: str) -> None:
    result = fit(_diagnosed(example_study(), n), SPEC)
    said = {w.code: w.message for w in result.warnings}
    assert who in said["small_level"]
    assert set(result.terms("interaction")["status"]) == {"ok"}


def test_an_analysis_of_a_few_people_is_called_a_pilot() -> None:
    study = example_study()
    assert "few_people" not in _said(study)
    small = only(study, study.persons.index[:20], "twenty")
    spec = SPEC.replace(covariates=(), components=())
    assert "Analysed are 20 people" in _said(small, spec)["few_people"]
    few = only(study, study.persons.index[:6], "six")
    text = _said(few, spec)["few_people"]
    assert "fewer than 8 people" in text
    assert "6" not in text
