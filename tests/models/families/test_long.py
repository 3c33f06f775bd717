"""MMRM, cLDA and GEE behind the spec: against other ways to the same numbers, and bad input."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.course.course import course
from pgsicbt.models.fit import fit
from pgsicbt.models.mmrm.mmrm import mmrm
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, Study
from tests.models.example import example_study, flat

STUDY = example_study(n=120)
SPEC = AnalysisSpec(
    outcome="harmonised",
    scores=("PGS_A", "PGS_B"),
    covariates=("age", "sex", "diagnosis"),
    components=("PC1",),
)


def weeks(study: Study, *wanted: float) -> Study:
    return dataclasses.replace(study, visits=study.visits[study.visits["time"].isin(wanted)])


@pytest.mark.parametrize("residuals", ["unstructured", "heterogeneous_ar1", "toeplitz"])
@pytest.mark.parametrize("reml", [True, False])
def test_a_cell_is_the_same_model_as_the_formula_has(residuals: Any, reml: bool) -> None:
    study = weeks(STUDY, 0, 2, 4, 6, 8)
    spec = SPEC.replace(family="mmrm", residuals=residuals, reml=reml, scores=("PGS_A",))
    result = fit(study, spec)
    frame = flat(study)
    x = study.persons["PGS_A"]
    frame["z"] = (frame["PGS_A"] - x.mean()) / x.std()
    frame["week"] = frame["time"].astype(int)
    other = mmrm(
        "value ~ C(week) * (z + age + sex + diagnosis) + PC1",
        frame, subject="person", visit="week", structure=residuals, reml=reml,
    )  # fmt: skip
    model = result.fit_of("PGS_A", "adjusted")
    assert model is not None
    assert model.log_likelihood == pytest.approx(other.log_likelihood, abs=1e-8)
    for mine, theirs in (("PGS_A", "z"), ("week[T.8]:PGS_A", "C(week)[T.8]:z"), ("PC1", "PC1")):
        row = result.table[result.table["model"] == "adjusted"].set_index("term").loc[mine]
        test = other.test(theirs)
        for name in ("estimate", "std_error", "df", "p_value"):
            assert row[name] == pytest.approx(getattr(test, name), rel=1e-6, abs=1e-9)
    parts = [f"C(week)[T.{w}]:z" for w in (2, 4, 6, 8)]
    joint = result.terms("joint", adjustment="adjusted").iloc[0]
    assert joint["statistic"] == pytest.approx(other.f_test(parts, "satterthwaite").statistic)
    if reml:
        small = fit(study, spec.replace(df="kenward-roger"))
        row = small.table.query("model == 'adjusted' and term == 'PGS_A'").iloc[0]
        test = other.test("z", "kenward-roger")
        assert row["std_error"] == pytest.approx(test.std_error, rel=1e-7)
        assert row["df"] == pytest.approx(test.df, rel=1e-6)
        joint = small.terms("joint", adjustment="adjusted").iloc[0]
        assert joint["statistic"] == pytest.approx(other.f_test(parts).statistic, rel=1e-6)


def test_the_order_of_scores_does_not_matter() -> None:
    one = fit(STUDY, SPEC.replace(family="mmrm", scores=("PGS_B",))).table
    both = fit(STUDY, SPEC.replace(family="mmrm")).table
    there = both[both["score"] == "PGS_B"]
    for name in ("estimate", "std_error", "df"):
        assert there[name].to_numpy() == pytest.approx(one[name].to_numpy(), rel=1e-6, nan_ok=True)


def test_a_shift_of_the_outcome_changes_no_score_row() -> None:
    moved = STUDY.visits.assign(value=STUDY.visits["value"] * 3 + 1e4)
    for family in ("mmrm", "gee"):
        a = fit(STUDY, SPEC.replace(family=family)).terms("main", "interaction")  # type: ignore[arg-type]
        b = fit(
            dataclasses.replace(STUDY, visits=moved), SPEC.replace(family=family)
        ).terms("main", "interaction")  # fmt: skip
        assert b["estimate"].to_numpy() == pytest.approx(3 * a["estimate"].to_numpy(), rel=1e-6)
        assert b["p_value"].to_numpy() == pytest.approx(a["p_value"].to_numpy(), rel=1e-5)


def test_change_is_that_from_the_start_of_treatment_to_the_last_week() -> None:
    result = fit(STUDY, SPEC.replace(family="mmrm"))
    rows = result.table[result.table["model"] == "complete"].set_index("term")["estimate"]
    change = rows["change:PGS_A"]
    assert change == pytest.approx(rows["week[T.12]:PGS_A"])
    drawn = course(STUDY, result, "PGS_A", "complete").difference.set_index("week")["estimate"]
    assert change == pytest.approx(drawn[12.0] - drawn[0.0])


def test_a_covariance_that_is_assumed_is_named() -> None:
    spec = SPEC.replace(family="mmrm", residuals="ar1", adjustments=("crude",))
    codes = [w.code for w in fit(STUDY, spec).warnings]
    assert "assumed_covariance" in codes
    robust = fit(STUDY, spec.replace(errors="CR2")).warnings
    assert "assumed_covariance" not in [w.code for w in robust]


def test_joint_tests_with_few_people_for_the_covariance_are_named() -> None:
    spec = SPEC.replace(family="mmrm", adjustments=("crude",))
    people = fit(STUDY, spec).n_persons
    said = [w.message for w in fit(STUDY, spec).warnings if w.code == "few_for_joint"]
    assert people < 450 and len(said) == 1
    assert f"a covariance of 45 numbers from {people:,} people" in said[0]
    others = ({"errors": "CR2"}, {"df": "kenward-roger"}, {"residuals": "ar1"}, {"first_week": 8})
    for changes in others:  # the last leaves a covariance of six numbers
        codes = [w.code for w in fit(STUDY, spec.replace(**changes)).warnings]
        assert "few_for_joint" not in codes


def test_clda_has_one_mean_before_treatment() -> None:
    result = fit(STUDY, SPEC.replace(family="clda", origin="end"))
    assert result.spec.origin == "start"
    assert result.terms("main").empty
    assert result.fits[0].formula.endswith("over 9 weeks, one mean up to week 0")
    assert any(w.code == "one_mean_before" for w in result.warnings)
    gap = course(STUDY, result, "PGS_A", "complete").difference.set_index("week")
    assert gap.loc[[-2.0, 0.0], "estimate"].tolist() == [0.0, 0.0]
    change = result.terms("interaction", adjustment="complete").iloc[0]
    assert change["estimate"] == pytest.approx(gap.loc[12.0, "estimate"])
    assert change["std_error"] < fit(STUDY, SPEC.replace(family="mmrm")).terms(
        "interaction", adjustment="complete"
    ).iloc[0]["std_error"]  # fmt: skip


def test_clda_with_two_complete_visits_is_ancova() -> None:
    study = weeks(example_study(n=200), 0, 12)
    counts = study.visits.groupby("person", observed=True)["time"].nunique()
    both = counts.index[counts == 2]
    study = dataclasses.replace(study, visits=study.visits[study.visits["person"].isin(both)])
    crude = AnalysisSpec(outcome="harmonised", scores=("PGS_A",), adjustments=("crude",))
    row = fit(study, crude.replace(family="clda", reml=False)).terms("interaction").iloc[0]
    wide = flat(study).pivot_table(index="person", columns="time", values="value")
    x = study.persons.loc[wide.index, "PGS_A"]
    x = (x - x.mean()) / x.std()
    other = sm.OLS(wide[12.0], sm.add_constant(np.column_stack([x, wide[0.0]]))).fit()
    # Means before treatment differ by chance between scores; only then the two part.
    assert row["estimate"] == pytest.approx(other.params.iloc[1], abs=0.05)
    assert row["std_error"] == pytest.approx(other.bse.iloc[1], rel=0.05)


def test_gee_is_that_of_statsmodels() -> None:
    spec = SPEC.replace(family="gee", scores=("PGS_A",), errors="CR0", df="normal")
    row = fit(STUDY, spec).terms("interaction", adjustment="crude").iloc[0]
    frame = flat(STUDY).sort_values(["person", "time"])
    x = STUDY.persons["PGS_A"]
    z = (frame["PGS_A"] - x.mean()) / x.std()
    design = np.column_stack([np.ones(len(z)), frame["time"], z, z * frame["time"]])
    fitted = sm.GEE(
        frame["value"], design, groups=frame["person"], cov_struct=sm.cov_struct.Exchangeable()
    ).fit(maxiter=200, ctol=1e-10)
    # statsmodels takes p and pairs off the denominators of its alpha, so digits differ.
    assert row["estimate"] == pytest.approx(fitted.params.iloc[3], abs=2e-4)
    assert row["std_error"] == pytest.approx(fitted.bse.iloc[3], rel=2e-3)


def test_everything_that_the_spec_asks_of_scores_works() -> None:
    for family in ("mmrm", "clda", "gee"):
        spec = SPEC.replace(family=family, adjustments=("adjusted",))  # type: ignore[arg-type]
        joint = fit(STUDY, spec.replace(together=True))
        assert len(joint.terms("interaction")) == 2
        inter = fit(STUDY, spec.replace(interactions=(("PGS_A", "diagnosis"),)))
        assert not inter.terms("moderation_change").empty
        groups = fit(STUDY, spec.replace(score_groups=3))
        assert len(groups.terms("interaction")) == 2
        seen: list[tuple[int, int]] = []
        fit(STUDY, spec, lambda done, of: seen.append((done, of)))  # noqa: B023
        assert seen == [(1, 2), (2, 2)]


def test_a_score_that_cannot_be_fitted_leaves_the_rest_standing() -> None:
    persons = STUDY.persons.assign(PGS_B=1.0)
    study = dataclasses.replace(STUDY, persons=persons)
    for family in ("mmrm", "gee"):
        result = fit(study, SPEC.replace(family=family))  # type: ignore[arg-type]
        rows = result.terms("main", adjustment="crude").set_index("score")
        assert rows.loc["PGS_A", "status"] == "ok"
        assert rows.loc["PGS_B", "status"] == "failed"
        assert any(w.code == "constant_score" for w in result.warnings)
        same = dataclasses.replace(STUDY, persons=STUDY.persons.assign(PGS_B=STUDY.persons["PC1"]))
        again = fit(same, SPEC.replace(family=family))  # type: ignore[arg-type]
        failed = again.terms("main", adjustment="complete").set_index("score")
        assert failed.loc["PGS_B", "status"] == "failed"
        assert any("determined by the other columns" in w.message for w in again.warnings)


def test_two_values_in_one_week_count_with_their_mean() -> None:
    study = weeks(STUDY, 0, 4, 8)
    twice = study.visits[study.visits["time"] == 4].assign(value=lambda v: v["value"] + 2.0)
    half = study.visits.assign(
        value=study.visits["value"].where(study.visits["time"] != 4, study.visits["value"] + 1.0)
    )
    doubled = dataclasses.replace(study, visits=pd.concat([study.visits, twice]))
    a = fit(doubled, SPEC.replace(family="mmrm"))
    b = fit(dataclasses.replace(study, visits=half), SPEC.replace(family="mmrm"))
    assert a.terms("interaction")["estimate"].to_numpy() == pytest.approx(
        b.terms("interaction")["estimate"].to_numpy()
    )
    assert any(w.code == "values_joined" for w in a.warnings)
    with pytest.raises(SpecError, match="two values in one week"):
        fit(doubled, SPEC.replace(family="gee", working="ar1"))


def test_what_cannot_be_done_is_refused_with_a_sentence() -> None:
    with pytest.raises(SpecError, match="Kenward-Roger belongs to models with a likelihood"):
        fit(STUDY, SPEC.replace(family="gee", df="kenward-roger"))
    with pytest.raises(SpecError, match="needs a visit before treatment"):
        fit(weeks(STUDY, 2, 4, 8), SPEC.replace(family="clda"))
    with pytest.raises(SpecError, match="before treatment"):
        fit(weeks(STUDY, -2, 0), SPEC.replace(family="clda"))
    few = weeks(example_study(n=14), 0, 4, 8)
    extra = [f"x{j}" for j in range(12)]
    rng = np.random.default_rng(2)
    many = few.persons.assign(**{name: rng.normal(size=len(few.persons)) for name in extra})
    infos = tuple(CovariateInfo(name, name, "numeric") for name in extra)
    few = dataclasses.replace(few, persons=many, covariates=infos)
    spec = AnalysisSpec(
        outcome="harmonised", scores=("PGS_A",), covariates=tuple(extra), adjustments=("adjusted",)
    )
    with pytest.raises(FitError, match="people are too few for 14 columns that compare people"):
        fit(few, spec.replace(family="mmrm", residuals="ar1"))
    with pytest.raises(FitError, match="observations for"):
        fit(few, spec.replace(family="mmrm", covariates=tuple(extra[:10])))
    with pytest.raises(FitError, match="people for 26 coefficients"):
        fit(few, spec.replace(family="gee", covariates=tuple(extra[:11])))


def test_large_models_keep_degrees_of_freedom_instead_of_derivatives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    full = fit(STUDY, SPEC.replace(family="mmrm"))
    monkeypatch.setattr("pgsicbt.models.families.long_tests._KEPT", 0)
    small = fit(STUDY, SPEC.replace(family="mmrm"))
    assert small.table.equals(full.table)
    assert small.fits[0].fixed.covariance_gradient.size == 0
    one = course(STUDY, full, "PGS_A", "adjusted").difference
    other = course(STUDY, small, "PGS_A", "adjusted").difference
    assert other["estimate"].to_numpy() == pytest.approx(one["estimate"].to_numpy())
    assert other["conf_low"].to_numpy() == pytest.approx(one["conf_low"].to_numpy(), abs=0.02)
