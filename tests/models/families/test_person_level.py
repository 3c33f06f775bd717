"""Models of one outcome per person: numbers against R, refusals in words, rules of the spec."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.miscmodels.ordinal_model import OrderedModel

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models import fit
from pgsicbt.models.families.estimators import least_squares, proportional_hazards
from pgsicbt.models.families.ordinal import ordinal
from pgsicbt.models.families.tobit import tobit
from pgsicbt.result import TABLE_COLUMNS, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study
from tests.models.example import example_study

FOLDER = Path(__file__).parent / "reference"
EXPECTED: dict[str, Any] = json.loads((FOLDER / "person.json").read_text())
ROBUST: dict[str, Any] = json.loads((FOLDER / "robust.json").read_text())


def _study() -> Study:
    d = pd.read_csv(FOLDER / "person.csv")
    persons = d.set_index("id")[["x", "age", "site"]].rename_axis("person")
    first = pd.DataFrame({"person": d["id"], "time": 0.0, "value": d["before"]})
    gone = d[d["gone"] == 1]
    last = pd.DataFrame({"person": gone["id"], "time": gone["week"], "value": gone["before"]})
    done = d[d["gone"] == 0]
    end = pd.DataFrame({"person": done["id"], "time": 12.0, "value": done["after"]})
    visits = pd.concat([first, last, end], ignore_index=True).assign(outcome="PHQ-9")
    visits["person"] = pd.Categorical(visits["person"], categories=persons.index)
    return Study(
        persons=persons,
        visits=visits,
        scores=(ScoreInfo("x", "x"),),
        outcomes=(OutcomeInfo("PHQ-9", "PHQ-9", "PHQ-9", 0.0, 27.0, 1.0),),
        covariates=(
            CovariateInfo("age", "age", "numeric"),
            CovariateInfo("site", "site", "categorical", "stratum", ("A", "B", "C")),
        ),
        ledger=(), findings=(), digest="reference", time_labels={12.0: "post"},
    )  # fmt: skip


STUDY = _study()
BASE = AnalysisSpec(
    outcome="PHQ-9", scores=("x",), covariates=("age", "site"), adjustments=("adjusted",),
    post_window=0.5,
)  # fmt: skip
NAMES = {
    "(Intercept)": "(Intercept)", "before": "baseline", "age": "age", "siteB": "site[T.B]",
    "siteC": "site[T.C]", "z": "x", "prod": "x:age",
}  # fmt: skip
CASES: dict[str, AnalysisSpec] = {
    "ancova": BASE.replace(family="ancova"),
    "ancova_hc0": BASE.replace(family="ancova", errors="CR0"),
    "ancova_hc2": BASE.replace(family="ancova", errors="CR2"),
    "change": BASE.replace(family="change", adjustments=("crude",)),
    "response": BASE.replace(family="logistic", definition="response"),
    "response_hc0": BASE.replace(family="logistic", definition="response", errors="CR0"),
    "moderated": BASE.replace(
        family="logistic", definition="remission", interactions=(("x", "age"),)
    ),
    "ordinal": BASE.replace(family="ordinal"),
    "tobit": BASE.replace(family="tobit"),
    "dropout": BASE.replace(family="dropout"),
    "cox": BASE.replace(family="cox"),
}


def _by_term(result: Result) -> pd.DataFrame:
    return result.table[result.table["score"] == "x"].set_index("term")


@pytest.mark.parametrize("name", CASES)
def test_numbers_are_those_of_r(name: str) -> None:
    expected, result = EXPECTED[name], fit(STUDY, CASES[name])
    rows = _by_term(result)
    for term, b, se in zip(
        expected["terms"], expected["estimate"], expected["std_error"], strict=True
    ):
        row = rows.loc[NAMES[term]]
        assert row["estimate"] == pytest.approx(b, rel=1e-5, abs=1e-5 * se), term
        assert row["std_error"] == pytest.approx(se, rel=1e-5), term
    if "log_likelihood" in expected:
        assert result.fits[0].log_likelihood == pytest.approx(expected["log_likelihood"], abs=1e-6)
    if "df" in expected:
        assert rows.loc["x", "df"] == expected["df"]
        at = expected["terms"].index("z")
        assert rows.loc["x", "p_value"] == pytest.approx(expected["p"][at], rel=1e-5)


def test_thresholds_and_sigma_are_those_of_r() -> None:
    found = fit(STUDY, CASES["ordinal"]).fits[0].details
    cuts = [found[f"threshold {j}"] for j in (1, 2, 3)]
    assert cuts == pytest.approx(EXPECTED["ordinal"]["thresholds"], abs=1e-5)
    found = fit(STUDY, CASES["tobit"]).fits[0].details
    assert found["sigma"] == pytest.approx(EXPECTED["tobit"]["sigma"], rel=1e-6)
    assert found["at_floor"] > 0


def test_our_ordinal_model_is_that_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 2))
    y = np.digitize(x @ [0.8, -0.4] + rng.logistic(size=300), [-1, 0.5, 2]).astype(float)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = OrderedModel(y, x, distr="logit").fit(method="bfgs", disp=0, gtol=1e-9)
    ours = ordinal(y, x)
    assert ours.estimates == pytest.approx(np.asarray(theirs.params)[:2], abs=1e-5)
    assert ours.log_likelihood == pytest.approx(theirs.llf, abs=1e-7)


def test_tobit_without_anybody_at_a_limit_is_least_squares() -> None:
    rng = np.random.default_rng(4)
    x = np.column_stack([np.ones(100), rng.normal(size=100)])
    y = x @ [3.0, 1.0] + rng.normal(size=100)
    assert tobit(y, x, -1e6, 1e6).estimates == pytest.approx(
        least_squares(y, x, "model").estimates, abs=1e-8
    )


def test_tobit_finds_what_least_squares_misses_at_a_floor() -> None:
    rng = np.random.default_rng(5)
    x = np.column_stack([np.ones(4000), rng.normal(size=4000)])
    y = np.maximum(x @ [0.0, 1.0] + rng.normal(size=4000), 0.0)
    assert tobit(y, x, 0.0, 100.0).estimates[1] == pytest.approx(1.0, abs=0.06)
    assert least_squares(y, x, "model").estimates[1] < 0.7


def test_the_check_of_proportional_hazards_goes_with_that_of_r() -> None:
    d = pd.read_csv(FOLDER / "person.csv")
    z = (d["x"] - d["x"].mean()) / d["x"].std()
    site = pd.get_dummies(d["site"], drop_first=True).to_numpy(float)
    x = np.column_stack([d[["before", "age"]].to_numpy(float), site, z])
    p = proportional_hazards(d["week"].to_numpy(float), d["gone"].to_numpy(float), x, 4)
    assert p == pytest.approx(EXPECTED["cox"]["zph_p"], abs=0.03)


@pytest.mark.parametrize("name", CASES)
def test_every_family_returns_the_table_of_the_mixed_model(name: str) -> None:
    result = fit(STUDY, CASES[name])
    assert tuple(result.table.columns) == TABLE_COLUMNS
    assert set(result.table["family"]) == {CASES[name].family}
    rows = result.terms("outcome")
    assert len(rows) == 1
    assert rows["p_adjusted"].iloc[0] == rows["p_value"].iloc[0]  # one score, nothing to correct
    assert result.to_json()


def test_the_ledger_says_who_has_no_value_after_treatment() -> None:
    result = fit(STUDY, CASES["ancova"])
    step = next(s for s in result.ledger if s.step == "seen after treatment")
    gone = int(pd.read_csv(FOLDER / "person.csv")["gone"].sum())
    assert step.lost_persons == gone
    assert result.n_persons == 400 - gone


def test_complete_is_named_as_the_same_model_as_adjusted() -> None:
    spec = BASE.replace(family="ancova", adjustments=("crude", "adjusted", "complete"))
    result = fit(STUDY, spec)
    assert {f.adjustment for f in result.fits} == {"crude", "adjusted"}
    assert any(w.code == "same_model" for w in result.warnings)


def test_crude_ancova_keeps_the_baseline_and_crude_logistic_does_not() -> None:
    terms = _by_term(fit(STUDY, BASE.replace(family="ancova", adjustments=("crude",)))).index
    assert list(terms) == ["(Intercept)", "baseline", "x"]
    spec = BASE.replace(family="logistic", definition="response", adjustments=("crude",))
    assert list(_by_term(fit(STUDY, spec)).index) == ["(Intercept)", "x"]


def test_separation_is_named_and_the_crude_model_still_stands() -> None:
    d = pd.read_csv(FOLDER / "person.csv").set_index("id")
    met = (d["before"] - d["after"]) / d["before"] >= 0.5
    persons = STUDY.persons.assign(site=np.where(met.reindex(STUDY.persons.index), "A", "B"))
    study = replace(STUDY, persons=persons)
    spec = BASE.replace(family="logistic", definition="response", adjustments=("crude", "adjusted"))
    result = fit(study, spec)
    assert result.fit_of("x", "crude") is not None
    assert result.fit_of("x", "adjusted") is None
    assert any("separation" in w.message for w in result.warnings)
    failed = result.table[result.table["status"] == "failed"]
    assert failed["model"].tolist() == ["adjusted"]


def test_too_few_events_are_refused_and_few_are_named() -> None:
    study = example_study(n=60)
    kept = study.visits[study.visits["time"] <= 12]
    everyone = replace(study, visits=kept)
    spec = AnalysisSpec(scores=("PGS_A",), family="dropout", adjustments=("crude",))
    with pytest.raises(FitError, match="fewer than 8 people have the rarer outcome"):
        fit(everyone, spec.replace(post_window=6.0))
    names = ("age", "site")
    spec = BASE.replace(family="logistic", definition="remission", covariates=names)
    index = STUDY.persons.index[:150]
    visits = STUDY.visits[STUDY.visits["person"].isin(index)]
    visits = visits.assign(person=visits["person"].cat.set_categories(index))
    small = replace(STUDY, persons=STUDY.persons.loc[index], visits=visits)
    result = fit(small, spec)
    assert any(w.code == "few_events" for w in result.warnings)


def test_an_outcome_without_definitions_or_bands_says_so() -> None:
    study = example_study(n=80)
    spec = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",))
    with pytest.raises(
        SpecError, match="No instrument of this study has a definition of remission"
    ):
        fit(study, spec.replace(family="logistic", definition="remission"))
    with pytest.raises(SpecError, match="No published severity bands"):
        fit(study, spec.replace(family="ordinal"))
    bare = replace(study, outcomes=(OutcomeInfo("harmonised", "h"),))
    with pytest.raises(SpecError, match="no known floor"):
        fit(bare, spec.replace(family="tobit"))
    with pytest.raises(SpecError, match="needs the definition"):
        AnalysisSpec(family="logistic")


def test_a_definition_that_the_instrument_lacks_lists_those_it_has() -> None:
    spec = BASE.replace(family="logistic", definition="happiness")
    with pytest.raises(SpecError, match="It has: response, remission"):
        fit(STUDY, spec)


def test_a_week_at_which_nobody_was_seen_is_refused() -> None:
    with pytest.raises(FitError, match="Nobody was seen within 0 weeks of week 40"):
        fit(STUDY, BASE.replace(family="ancova", post_week=40, post_window=0))


def test_groups_of_a_score_have_their_joint_test() -> None:
    result = fit(STUDY, BASE.replace(family="ancova", score_groups=3))
    assert set(result.terms("outcome")["term"]) == {"x[3 of 3]"}
    assert len(result.terms("joint")) == 1


def test_together_several_scores_share_one_model() -> None:
    study = example_study(n=200)
    spec = AnalysisSpec(
        scores=("PGS_A", "PGS_B"), family="ancova", adjustments=("crude",), together=True
    )
    result = fit(study, spec)
    a, b = (result.fit_of(s, "crude") for s in ("PGS_A", "PGS_B"))
    assert a is not None
    assert b is not None
    assert a.fixed.names == b.fixed.names
    rows = result.table[result.table["score"] == "PGS_A"].set_index("term")
    assert rows.loc["PGS_B", "role"] == "score"


def test_robust_errors_that_do_not_exist_are_refused_in_words() -> None:
    with pytest.raises(FitError, match="not worked out for this kind of model"):
        fit(STUDY, CASES["cox"].replace(errors="CR2"))


def _few_with_a_level() -> Study:
    """The first 130 with a value after treatment, nine of whom have a level of their own."""
    d = pd.read_csv(FOLDER / "person.csv").dropna(subset="after").head(130)
    index = pd.Index(d["id"])
    visits = STUDY.visits[STUDY.visits["person"].isin(index)]
    visits = visits.assign(person=visits["person"].cat.set_categories(index))
    few = np.where(np.arange(len(index)) < 9, "r", "c")
    info = CovariateInfo("few", "few", "categorical", "covariate", ("c", "r"))
    persons = STUDY.persons.loc[index].assign(few=few)
    covariates = (*STUDY.covariates, info)
    return replace(STUDY, persons=persons, visits=visits, covariates=covariates, digest="few")


@pytest.mark.parametrize("errors", ["CR0", "CR2"])
@pytest.mark.parametrize("name", ["ancova", "change", "groups"])
def test_robust_degrees_of_freedom_are_those_of_clubsandwich(
    name: str, errors: Literal["CR0", "CR2"]
) -> None:
    expected = ROBUST[name]
    spec = BASE.replace(
        family="change" if name == "change" else "ancova", covariates=("age", "few"),
        errors=errors, score_groups=3 if name == "groups" else 0,
    )  # fmt: skip
    names = NAMES | {"fewr": "few[T.r]", "third2": "x[2 of 3]", "third3": "x[3 of 3]"}
    result = fit(_few_with_a_level(), spec)
    rows = _by_term(result)
    for j, term in enumerate(expected["terms"]):
        row = rows.loc[names[term]]
        for column, theirs in (("std_error", "std_error"), ("df", "df"), ("p_value", "p")):
            assert row[column] == pytest.approx(expected[errors][theirs][j], rel=1e-6), term
        reach = stats.t.isf(0.025, expected[errors]["df"][j]) * row["std_error"]
        assert row["conf_high"] - row["estimate"] == pytest.approx(reach, rel=1e-6)
    # Nine people with a level are nine people, however many there are without it.
    assert rows.loc["few[T.r]", "df"] < 10 < expected["residual_df"]
    joint = result.terms("joint")
    if name == "groups":
        row = joint.iloc[0]
        for column, theirs in (("statistic", "F"), ("df", "F_df"), ("p_value", "F_p")):
            assert row[column] == pytest.approx(expected[errors][theirs], rel=1e-6)
    else:
        assert joint.empty
    normal = _by_term(fit(_few_with_a_level(), spec.replace(df="normal")))
    assert np.isinf(normal["df"]).all()


def test_remission_is_told_of_those_who_were_not_in_remission_before() -> None:
    d = pd.read_csv(FOLDER / "person.csv").dropna(subset="after")
    well = int((d["before"] < 5).sum())
    assert well > 0
    result = fit(STUDY, CASES["moderated"])
    assert result.n_persons == len(d) - well
    step = next(s for s in result.ledger if s.step == "not in remission before treatment")
    assert step.lost_persons == well
    said = next(w.message for w in result.warnings if w.code == "already_met")
    assert said.startswith("Fewer than 8 people" if well < 8 else f"{well} people")
    # Response has nobody of that kind.
    response = fit(STUDY, CASES["response"])
    assert response.n_persons == len(d)
    assert not any(w.code == "already_met" for w in response.warnings)


def test_who_is_first_seen_during_treatment_has_no_baseline() -> None:
    moved = STUDY.visits.copy()
    d = pd.read_csv(FOLDER / "person.csv").dropna(subset="after")
    late = d["id"].head(30)
    first = moved["person"].isin(late) & (moved["time"] == 0)
    moved.loc[first, "time"] = 9.0
    study = replace(STUDY, visits=moved, digest="late")
    result = fit(study, CASES["ancova"])
    step = next(s for s in result.ledger if s.step == "seen by week 1")
    assert step.lost_persons == 30
    assert "without a baseline" in step.reason
    assert result.n_persons == len(d) - 30
    # From week 9 on they are the ones with a baseline.
    assert fit(study, CASES["change"].replace(first_week=9.0)).n_persons == 30
    everybody = replace(STUDY, visits=moved[moved["time"] > 1], digest="nobody")
    with pytest.raises(FitError, match="Nobody was seen by week 1"):
        fit(everybody, CASES["ancova"])


@pytest.mark.parametrize("name", CASES)
def test_where_the_value_before_is_a_column(name: str) -> None:
    """As docs/families.md has it."""
    spec = CASES[name].replace(adjustments=("crude", "adjusted"), interactions=())
    result = fit(STUDY, spec)
    for adjustment in ("crude", "adjusted"):
        rows = result.table[result.table["model"] == adjustment]
        wanted = spec.family != "change" and (
            adjustment == "adjusted" or spec.family in ("ancova", "tobit")
        )
        assert ("baseline" in set(rows["term"])) == wanted
