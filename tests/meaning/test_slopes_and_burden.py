"""Simple slopes, Johnson-Neyman regions and symptom burden: against emmeans and by hand."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from pgsicbt.errors import SpecError
from pgsicbt.meaning.burden import burden
from pgsicbt.meaning.simple_slopes import change_by_score, effect_by_week, simple_slopes
from pgsicbt.models.course.trajectories import difference, predicted
from pgsicbt.models.fit import fit
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, Study
from tests.models.example import example_study
from tests.serving import ROOT

FOLDER = ROOT / "tests/models/reference"
STORED = json.loads((FOLDER / "slopes.json").read_text())
VISITS = json.loads((FOLDER / "long.json").read_text())
SPEC = AnalysisSpec(
    outcome="harmonised",
    scores=("PGS_A",),
    covariates=("age", "diagnosis"),
    adjustments=("adjusted",),
)


def study() -> Study:
    made = example_study(seed=5, n=140)
    return dataclasses.replace(made, visits=made.visits[made.visits["time"].isin([0, 2, 4, 8])])


FOUR = study()


def same(frame: Any, stored: dict[str, Any], tolerance: float = 1e-5) -> None:
    error = np.atleast_1d(stored["std_error"])
    assert np.abs((frame["estimate"] - stored["estimate"]) / error).max() < tolerance
    assert frame["std_error"].to_numpy() == pytest.approx(error, rel=tolerance)
    assert frame["df"].to_numpy() == pytest.approx(np.atleast_1d(stored["df"]), rel=1e-3)


@pytest.mark.parametrize("about", ["severity", "change"])
def test_slopes_by_a_covariate_are_those_of_emmeans(about: Any) -> None:
    result = fit(FOUR, SPEC.replace(interactions=(("PGS_A", "age"),)))
    found = simple_slopes(FOUR, result, "PGS_A", "age", "adjusted", about)
    same(found.slopes, STORED["by_age"][about])
    assert found.slopes["at"].tolist() == pytest.approx(
        [STORED["age"][0] + k * STORED["age"][1] for k in (-1, 0, 1)]
    )


def test_bounds_of_the_region_are_where_emmeans_has_them() -> None:
    result = fit(FOUR, SPEC.replace(interactions=(("PGS_A", "age"),)))
    found = simple_slopes(FOUR, result, "PGS_A", "age", "adjusted")
    (region,) = found.regions
    assert not region.positive
    # The other bound lies below every age observed.
    assert region.low == pytest.approx(found.line["at"].iloc[0])
    assert region.high == pytest.approx(STORED["bounds"][1], abs=1e-3)
    assert found.people["n"].sum() == 140


@pytest.mark.parametrize("about", ["severity", "change"])
def test_slopes_by_diagnosis_are_those_of_emmeans(about: Any) -> None:
    result = fit(FOUR, SPEC.replace(interactions=(("PGS_A", "diagnosis"),)))
    found = simple_slopes(FOUR, result, "PGS_A", "diagnosis", "adjusted", about)
    assert found.kind == "levels" and found.slopes["label"].tolist() == ["MDD", "panic"]
    same(found.slopes, STORED["by_diagnosis"][about])
    assert found.line.empty and not found.regions


def test_slopes_by_another_score_do_not_depend_on_its_scale() -> None:
    spec = SPEC.replace(scores=("PGS_A", "PGS_B"), interactions=(("PGS_A", "PGS_B"),))
    one = simple_slopes(FOUR, fit(FOUR, spec), "PGS_A", "PGS_B", "adjusted")
    raw = fit(FOUR, spec.replace(score_scale="as_given"))
    other = simple_slopes(FOUR, raw, "PGS_A", "PGS_B", "adjusted")
    for name in ("estimate", "conf_low", "conf_high"):
        assert other.slopes[name].to_numpy() == pytest.approx(one.slopes[name].to_numpy(), rel=1e-4)
        assert other.line[name].to_numpy() == pytest.approx(one.line[name].to_numpy(), rel=1e-3)


@pytest.mark.parametrize("family", ["mmrm", "gee"])
def test_slopes_of_other_families_agree_with_the_mixed_model(family: Any) -> None:
    spec = SPEC.replace(interactions=(("PGS_A", "age"),))
    lmm = simple_slopes(FOUR, fit(FOUR, spec), "PGS_A", "age", "adjusted").slopes
    found = fit(FOUR, spec.replace(family=family))
    other = simple_slopes(FOUR, found, "PGS_A", "age", "adjusted").slopes
    off = (other["estimate"] - lmm["estimate"]) / lmm["std_error"]
    assert np.abs(off).max() < 0.7


def test_effect_by_week_is_the_difference_of_the_lines() -> None:
    result = fit(FOUR, SPEC)
    found = effect_by_week(FOUR, result, "PGS_A", "adjusted")
    gap = difference(result, "PGS_A", "adjusted", [0, 4, 8])
    assert found.slopes["estimate"].to_numpy() == pytest.approx(gap["estimate"].to_numpy())
    (region,) = found.regions
    edge = difference(result, "PGS_A", "adjusted", [region.low]).iloc[0]
    assert 0 < region.low < 8 and edge["conf_high"] == pytest.approx(0, abs=1e-6)
    assert found.people["n"].max() <= 140
    planned = effect_by_week(FOUR, fit(FOUR, SPEC.replace(family="mmrm")), "PGS_A", "adjusted")
    assert planned.line["at"].tolist() == [0, 2, 4, 8]


def test_change_by_level_of_the_score() -> None:
    result = fit(FOUR, SPEC)
    found = change_by_score(FOUR, result, "PGS_A", "adjusted")
    lines = predicted(result, "PGS_A", "adjusted", [0, 8]).set_index(["level", "week"])["estimate"]
    wanted = [lines[k, 8.0] - lines[k, 0.0] for k in (-1.0, 0.0, 1.0)]
    assert found.slopes["estimate"].to_numpy() == pytest.approx(wanted)


def test_people_by_level_are_of_the_score_as_it_was_analysed() -> None:
    group = FOUR.persons.index.isin(FOUR.persons.index[::2])
    x = FOUR.persons["PGS_A"] + np.where(group, 50.0, 0.0)
    persons = FOUR.persons.assign(PGS_A=x, where=np.where(group, "a", "b"))
    infos = (
        *FOUR.covariates,
        CovariateInfo("where", "where", "categorical", "stratum", ("a", "b")),
    )
    study = dataclasses.replace(FOUR, persons=persons, covariates=infos, digest="two")
    result = fit(study, SPEC.replace(score_scale="within", ancestry="where"))
    people = change_by_score(study, result, "PGS_A", "adjusted").people
    z = x.groupby(persons["where"]).transform(lambda v: (v - v.mean()) / v.std())
    for row in people.dropna(subset="n").to_dict("records"):
        assert row["n"] == ((z >= row["low"]) & (z < row["high"])).sum()
    assert len(people.dropna(subset="n")) > 5  # raw, all would be in two heaps


def test_area_of_the_mixed_model_is_that_of_emmeans() -> None:
    found = burden(fit(FOUR, SPEC), "PGS_A", "adjusted", levels=(1, -1))
    same(found.area_gap, STORED["area"]["gap"])
    assert found.areas["level"].tolist() == [-1, 1]
    assert found.areas["area"].tolist() == pytest.approx(
        [STORED["area"][k]["estimate"] for k in ("low", "high")], rel=1e-7
    )
    assert found.areas["mean"].to_numpy() == pytest.approx(found.areas["area"].to_numpy() / 8)
    assert found.weeks["week"].unique().tolist() == [0, 4, 8]
    gap = difference(fit(FOUR, SPEC), "PGS_A", "adjusted", [0, 4, 8])
    assert found.week_gaps["estimate"].to_numpy() == pytest.approx(2 * gap["estimate"].to_numpy())


def test_area_of_mmrm_is_that_of_emmeans() -> None:
    found = burden(fit(FOUR, SPEC.replace(family="mmrm")), "PGS_A", "adjusted", levels=(-1, 1))
    stored = VISITS["area"]  # a mean over the weeks, with the degrees of freedom of the residual
    row = found.area_gap.iloc[0]
    assert row["mean"] == pytest.approx(stored["gap"], rel=1e-7)
    assert row["std_error"] / 8 == pytest.approx(stored["gap_se"], rel=1e-7)
    assert found.areas["mean"].tolist() == pytest.approx([stored["low"], stored["high"]], rel=1e-8)


@pytest.mark.parametrize(
    "coding",
    [{"time_coding": "spline"}, {"time_coding": "log"}, {"time_coding": "piecewise", "knot": 3.0}],
)
def test_area_under_a_curve_is_its_integral(coding: dict[str, Any]) -> None:
    made = example_study(n=80)
    result = fit(made, SPEC.replace(first_week=0.0, random="intercept", **coding))
    found = burden(result, "PGS_A", "adjusted", window=(1.0, 11.0))
    weeks = np.linspace(1.0, 11.0, 4001)
    line = predicted(result, "PGS_A", "adjusted", weeks.tolist(), [1.0])
    assert found.areas["area"].iloc[-1] == pytest.approx(
        float(np.trapezoid(line["estimate"], weeks)), rel=1e-6
    )


def test_what_has_no_slope_or_area_is_refused() -> None:
    result = fit(FOUR, SPEC)
    with pytest.raises(SpecError, match="no interaction of PGS_A and age"):
        simple_slopes(FOUR, result, "PGS_A", "age", "adjusted")
    with pytest.raises(SpecError, match="The weeks of the area are empty"):
        burden(result, "PGS_A", "adjusted", window=(8, 8))
    with pytest.raises(SpecError, match="two levels"):
        burden(result, "PGS_A", "adjusted", levels=(1,))
    weeks = fit(FOUR, SPEC.replace(family="mmrm"))
    with pytest.raises(SpecError, match="not both planned weeks"):
        burden(weeks, "PGS_A", "adjusted", window=(0, 5))
    with pytest.raises(SpecError, match="without interactions"):
        burden(fit(FOUR, SPEC.replace(interactions=(("PGS_A", "age"),))), "PGS_A", "adjusted")
    one = fit(FOUR, SPEC.replace(family="change", post_week=8.0))
    with pytest.raises(SpecError, match="model of all visits"):
        burden(one, "PGS_A", "adjusted")
    clda = fit(FOUR, SPEC.replace(family="clda", interactions=(("PGS_A", "age"),)))
    with pytest.raises(SpecError, match="no slope to tell"):
        simple_slopes(FOUR, clda, "PGS_A", "age", "adjusted", "severity")
    assert len(simple_slopes(FOUR, clda, "PGS_A", "age", "adjusted").slopes) == 3
