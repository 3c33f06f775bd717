"""Effect sizes against performance, emmeans and lmerTest, and their own rules."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec, DataError, SpecError, fit
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.effects.effect_rows import baseline_sd, fieller
from pgsicbt.models.effects.effects import DEFINITIONS, EFFECT_COLUMNS, UNITS, effect_sizes
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.grid.rebuild import people_of
from pgsicbt.models.resampling.bootstrap import resample
from pgsicbt.models.resampling.effect_bootstrap import bootstrap_shares
from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study
from tests.models.example import example_study

HERE = Path(__file__).parents[1] / "reference"
REFERENCE: dict[str, Any] = json.loads((HERE / "effects.json").read_text())
ALL = ("age", "sex", "site")
SPECS = {
    "linear": {"covariates": ALL},
    "small": {},
    "ml": {"covariates": ("age",), "reml": False},
    "intercept": {"random": "intercept"},
    "uncorrelated": {"random": "intercept+slope uncorrelated"},
    "end": {"origin": "end"},
    "log": {"covariates": ("sex",), "time_coding": "log", "first_week": 0.0},
    "piecewise": {"covariates": ("age",), "time_coding": "piecewise", "knot": 4.0},
    "second": {"time_coding": "piecewise", "knot": 4.0, "random": "intercept+slope+second"},
    "categorical": {"time_coding": "categorical"},
}


@cache
def reference_study(name: str) -> Study:
    """A data set of make_data.py as a study; other columns of people are kept."""
    frame = pd.read_csv(HERE / "data" / f"{name}.csv")
    persons = frame.drop_duplicates("id").set_index("id")[["x", *ALL]]
    persons.index.name = "person"
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(frame["id"], categories=persons.index),
            "outcome": "y",
            "time": frame["time"].astype(float),
            "value": frame["y"],
        }
    )
    levels = {"sex": ("female", "male"), "site": ("A", "B", "C")}
    covariates = [CovariateInfo("age", "age", "numeric")]
    covariates += [CovariateInfo(n, n, "categorical", levels=v) for n, v in levels.items()]
    outcomes = (OutcomeInfo("y", "y"),)
    scores = (ScoreInfo("x", "x"),)
    return Study(persons, visits, scores, outcomes, tuple(covariates), (), (), digest=name)


@cache
def ours(case: str) -> pd.DataFrame:
    spec = AnalysisSpec(
        outcome="y", scores=("x",), adjustments=("adjusted",), simplify=False, **SPECS[case]
    )
    return effect_sizes(reference_study(REFERENCE[case]["data"]), spec).set_index("quantity")


@pytest.mark.parametrize("case", SPECS)
def test_variance_explained_is_that_of_r(case: str) -> None:
    ref, got = REFERENCE[case], ours(case)["estimate"]
    close = {"rel": 2e-6}
    with_score, without = np.array(ref["r2"]), np.array(ref["r2_base"])
    assert got["r2_marginal"] == pytest.approx(with_score[0], **close)
    assert got["r2_conditional"] == pytest.approx(with_score[1], **close)
    assert got["r2_incremental"] == pytest.approx(with_score[0] - without[0], abs=1e-6)
    partial = (with_score[0] - without[0]) / (1 - without[0])
    assert got["r2_partial"] == pytest.approx(partial, abs=1e-6)
    if isinstance(ref["nakagawa"], list):  # what performance itself reports
        assert got["r2_marginal"] == pytest.approx(ref["nakagawa"][0], **close)
        assert got["r2_conditional"] == pytest.approx(ref["nakagawa"][1], **close)
    after, before = np.atleast_1d(ref["variance"]), np.atleast_1d(ref["variance_base"])
    explained = 1 - after / before
    assert got["level_variance_explained"] == pytest.approx(explained[0], abs=1e-5)
    if case != "intercept":  # the slope's variance of the small data set is nearly nothing
        close = {"rel": 1e-4} if case == "small" else {"abs": 1e-5}
        assert got["slope_variance_explained"] == pytest.approx(explained[1], **close)


@pytest.mark.parametrize("case", SPECS)
def test_points_are_those_of_lmertest_and_emmeans(case: str) -> None:
    ref, got = REFERENCE[case], ours(case)
    wanted = {"points_at_post": "post", "change": "change", "mean_change": "average"}
    for name, theirs in wanted.items():
        estimate, se, df, low, high = ref[theirs]
        row = got.loc[name]
        assert row["estimate"] == pytest.approx(estimate, abs=1e-6 * se)
        assert [row["conf_low"], row["conf_high"]] == pytest.approx([low, high], abs=1e-5 * se)
        assert (row["unit"], row["interval"]) == ("points", "t")
        assert df > 1
    if isinstance(ref["emmeans_post"], list):
        assert ref["emmeans_post"] == pytest.approx(ref["post"], rel=1e-6)
    ratio = got.loc["share_of_mean_change"]
    numbers = [ratio["estimate"], ratio["conf_low"], ratio["conf_high"]]
    assert numbers == pytest.approx(ref["ratio"], abs=1e-6)


def test_standardised_effects_divide_by_what_they_say() -> None:
    ref, got = REFERENCE["linear"], ours("linear")["estimate"]
    sd = ref["baseline_sd"]
    assert got["main_standardised"] == pytest.approx(ref["main"][0] / sd, rel=1e-6)
    assert got["change_standardised"] == pytest.approx(ref["change"][0] / sd, rel=1e-6)
    level, slope = np.sqrt(ref["variance_base"])
    assert got["main_between"] == pytest.approx(ref["main"][0] / level, rel=1e-6)
    weeks = ref["last"] - ref["first"]
    assert got["change_between"] == pytest.approx(ref["change"][0] / (slope * weeks), rel=1e-6)


SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"), covariates=("age", "sex"), components=("PC1",), simplify=False
)


def wide(frame: pd.DataFrame, value: str = "estimate") -> pd.DataFrame:
    return frame.set_index(["score", "model", "quantity"])[value].unstack("quantity")  # noqa: PD010


def test_one_row_per_score_model_and_quantity_and_every_one_is_defined() -> None:
    frame = effect_sizes(example_study(), SPEC)
    assert tuple(frame.columns) == EFFECT_COLUMNS
    assert len(frame) == 2 * 3 * len(DEFINITIONS)
    assert set(frame["quantity"]) == set(DEFINITIONS) == set(UNITS)
    assert (frame["unit"] == frame["quantity"].map(UNITS)).all()
    assert not frame.duplicated(["score", "model", "quantity"]).any()
    assert frame["estimate"].notna().all()
    inside = frame["conf_low"].isna() | frame["estimate"].between(
        frame["conf_low"], frame["conf_high"]
    )
    assert inside.all()


def test_the_planted_effects_are_found() -> None:
    """Level -2 and -0.2 a week per SD, mean change -1.5 a week, over 12 weeks."""
    frame = effect_sizes(example_study(seed=5, n=2000), SPEC.replace(scores=("PGS_A",)))
    got = frame.query("model == 'adjusted'").set_index("quantity")
    truth = {"points_at_post": -2 - 0.2 * 12, "change": -2.4, "mean_change": -18.0}
    truth |= {"share_of_mean_change": 2.4 / 18, "change_between": -0.2 / np.sqrt(0.3 + 0.04)}
    truth |= {"main_between": -2 / np.sqrt(150 + 4)}
    for name, value in truth.items():
        row = got.loc[name]
        assert row["conf_low"] < value < row["conf_high"], name
    assert got.loc["slope_variance_explained", "estimate"] == pytest.approx(0.04 / 0.34, abs=0.04)
    assert got.loc["level_variance_explained", "estimate"] == pytest.approx(4 / 154, abs=0.02)


@pytest.mark.parametrize(
    "other",
    [
        {"origin": "end"},
        {"score_scale": "as_given"},
        {"time_unit": "month"},
        {"origin": "middle", "time_unit": "day", "score_scale": "as_given"},
    ],
)
def test_what_does_not_depend_on_origin_and_units_stays(other: dict[str, Any]) -> None:
    study = example_study()
    a = wide(effect_sizes(study, SPEC))
    b = wide(effect_sizes(study, SPEC.replace(**other)))
    kept = [
        "r2_marginal", "r2_conditional", "r2_incremental", "r2_partial", "change", "mean_change",
        "points_at_post", "share_of_mean_change", "change_between", "slope_variance_explained",
    ]  # fmt: skip
    if "origin" not in other:
        kept = list(a.columns)
    else:  # a component without x time stands at the origin in adjusted models
        a, b = a.drop(index="adjusted", level="model"), b.drop(index="adjusted", level="model")
    pd.testing.assert_frame_equal(a[kept], b[kept], rtol=2e-5, atol=1e-7)


def test_shares_add_up() -> None:
    study = example_study()
    result = fit(study, SPEC)
    got = wide(effect_sizes(study, result))
    for people in people_of(study, result):
        for model in people.models:
            row = got.loc[(model.score, model.adjustment)]
            visits = people.columns(model) @ model.fixed.estimates
            z = people.design.basis[:, :2]
            random = np.einsum("ni,ij,nj->n", z, model.random_covariance, z).mean()
            total = visits.var(ddof=1) + random + model.residual_variance
            assert row["r2_marginal"] == pytest.approx(visits.var(ddof=1) / total, rel=1e-10)
            assert row["r2_conditional"] == pytest.approx(1 - model.residual_variance / total)
            without = fit_lmm(people.base(model), q=2)
            less = 1 - model.random_covariance[1, 1] / without.random_covariance[1, 1]
            assert row["slope_variance_explained"] == pytest.approx(less, abs=1e-7)


def test_a_score_known_for_some_is_compared_on_those_alone() -> None:
    study = example_study()
    study.persons.loc[study.persons.index[:60], "PGS_B"] = np.nan
    frame = effect_sizes(study, SPEC)
    rest = dataclasses.replace(
        study,
        persons=study.persons.iloc[60:],
        visits=study.visits[~study.visits["person"].isin(study.persons.index[:60])],
    )
    alone = effect_sizes(rest, SPEC.replace(scores=("PGS_B",)))
    mine = wide(frame).loc[["PGS_B"]]
    pd.testing.assert_frame_equal(mine, wide(alone), rtol=1e-6)
    assert set(frame.loc[frame["score"] == "PGS_B", "n_persons"]) == {240}


def test_no_share_of_a_change_that_is_not_there() -> None:
    study = example_study()
    study.visits["value"] += 1.5 * study.visits["time"]  # takes the mean change away
    frame = effect_sizes(study, SPEC.replace(adjustments=("crude",)))
    share = frame[frame["quantity"] == "share_of_mean_change"]
    assert share["estimate"].isna().all()
    assert share["conf_low"].isna().all()
    assert (share["reason"] == "the average person's change cannot be told from zero").all()
    assert frame.loc[frame["quantity"] == "change", "estimate"].notna().all()


def test_without_a_random_slope_its_quantities_say_why_they_are_missing() -> None:
    frame = effect_sizes(example_study(), SPEC.replace(random="intercept"))
    gone = frame[frame["estimate"].isna()]
    assert set(gone["quantity"]) == {"slope_variance_explained", "change_between"}
    assert (gone["reason"] == "people do not differ in this in the model without the score").all()


def test_a_cell_that_failed_keeps_its_place() -> None:
    study = example_study()
    study.persons["PGS_B"] = 2 * study.persons["PC1"]
    frame = effect_sizes(study, SPEC)
    failed = frame.query("score == 'PGS_B' and model != 'crude'")
    assert len(failed) == 2 * len(DEFINITIONS)
    assert failed["estimate"].isna().all()
    assert set(failed["reason"]) == {"the model could not be fitted"}


def test_a_model_without_a_score_has_its_own_quantities() -> None:
    frame = effect_sizes(example_study(), SPEC.replace(scores=(), adjustments=("crude",)))
    assert list(frame["quantity"]) == ["r2_marginal", "r2_conditional", "mean_change"]


def test_too_few_baselines_give_no_standardised_effect_and_first_visits_stand_in() -> None:
    study = example_study()
    late = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",), first_week=1.0)
    frame = effect_sizes(study, late).set_index("quantity")
    visits = study.visits[study.visits["time"] >= 1].sort_values("time")
    sd = visits.groupby("person", observed=True)["value"].first().std()
    ratio = frame.loc["change", "estimate"] / frame.loc["change_standardised", "estimate"]
    assert ratio == pytest.approx(sd)
    sample = next(people_of(study, fit(study, late))).sample
    few = sample.keep(np.arange(len(sample.persons)) < MINIMUM_CELL - 1, "few", "few")
    assert np.isnan(baseline_sd(few))


def test_a_result_of_another_study_is_refused() -> None:
    result = fit(example_study(), SPEC.replace(adjustments=("crude",)))
    other = dataclasses.replace(example_study(seed=2), digest="another")
    with pytest.raises(DataError, match="not made from this study"):
        effect_sizes(other, result)


def test_fieller_limits_are_where_the_test_is_just_significant() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        root = rng.normal(size=(2, 2))
        cov, top, bottom, t = root @ root.T, rng.normal(), 6.0 + rng.normal(), 2.1
        limits = fieller(top, bottom, cov, t)
        if limits is None:
            assert bottom**2 <= t**2 * cov[1, 1]
            continue
        assert limits[0] <= top / bottom <= limits[1]
        for r in limits:
            row = np.array([1.0, -r])
            assert (top - r * bottom) ** 2 == pytest.approx(t**2 * row @ cov @ row)
    assert fieller(1.0, 1.0, np.eye(2), 2.0) is None


BOOT = SPEC.replace(adjustments=("crude", "adjusted"))
BOOTSTRAPPED = (
    "r2_marginal", "r2_conditional", "r2_incremental", "r2_partial", "level_variance_explained",
    "slope_variance_explained",
)  # fmt: skip


@pytest.mark.parametrize("changes", [{}, {"time_coding": "categorical"}, {"reml": False}])
def test_bootstrap_replicates_are_refits_of_the_people_drawn(changes: dict[str, Any]) -> None:
    """Each replicate against the whole way anew on a study that holds people twice."""
    study, spec = example_study(n=120), BOOT.replace(score_scale="as_given", **changes)
    result = fit(study, spec)
    drawn = bootstrap_shares(study, result, replicates=3, seed=4)
    weights = resample(np.random.default_rng(4), 120, 3)
    for b in range(3):
        again = effect_sizes(_drawn(study, weights[b].astype(int)), spec)
        for key, row in wide(again).iterrows():
            for name in BOOTSTRAPPED:
                close = 1e-3 if name == "slope_variance_explained" else 5e-5
                assert drawn[key][name][b] == pytest.approx(row[name], abs=close), (key, name)


def _drawn(study: Study, times: np.ndarray) -> Study:
    """The study with person i in it ``times[i]`` times."""
    parts, visits = [], []
    frame = study.visits.assign(person=study.visits["person"].astype(str))
    for copy in range(times.max()):
        here = study.persons[times > copy]
        names = {name: f"{name}-{copy}" for name in here.index}
        parts.append(here.rename(index=names))
        mine = frame[frame["person"].isin(names)]
        visits.append(mine.assign(person=mine["person"].map(names)))
    persons, seen = pd.concat(parts), pd.concat(visits, ignore_index=True)
    seen["person"] = pd.Categorical(seen["person"], categories=persons.index)
    return dataclasses.replace(study, persons=persons, visits=seen)


def test_bootstrap_intervals_hold_the_estimates_and_repeat_with_the_seed() -> None:
    study, calls = example_study(n=200), []
    result = fit(study, BOOT)
    one = effect_sizes(
        study, result, replicates=60, progress=lambda done, of: calls.append((done, of))
    )
    two = effect_sizes(study, result, replicates=60)
    pd.testing.assert_frame_equal(one, two)
    other = effect_sizes(study, result, replicates=60, seed=2)
    shares = one[one["quantity"].isin(BOOTSTRAPPED)]
    basic = shares["quantity"] == "r2_marginal"
    assert (shares["interval"] == np.where(basic, "basic", "percentile")).all()
    assert (shares["conf_low"] < shares["conf_high"]).all()
    drawn = bootstrap_shares(study, result, replicates=60, seed=1)["PGS_A", "crude"]
    row = shares.query("score == 'PGS_A' and model == 'crude'").set_index("quantity")
    for name, draws in drawn.items():
        limits = np.quantile(draws, [0.025, 0.975])
        if name == "r2_marginal":
            limits = 2 * row.loc[name, "estimate"] - limits[::-1]
        assert row.loc[name, ["conf_low", "conf_high"]].tolist() == pytest.approx(limits)
    assert not shares["conf_low"].equals(other.loc[shares.index, "conf_low"])
    assert calls[-1][0] == calls[-1][1] == 60 * (4 + 2)
    assert [c[0] for c in calls] == sorted(c[0] for c in calls)
    plain = effect_sizes(study, result)
    pd.testing.assert_series_equal(plain["estimate"], one["estimate"])
    rest = ~one["quantity"].isin(BOOTSTRAPPED)
    pd.testing.assert_frame_equal(plain[rest], one[rest])


def test_too_few_replicates_give_no_interval_and_negative_ones_are_refused() -> None:
    study = example_study(n=100)
    result = fit(study, BOOT.replace(adjustments=("crude",)))
    frame = effect_sizes(study, result, replicates=5)
    assert frame.loc[frame["unit"] == "share", "interval"].isin(["", "Fieller"]).all()
    with pytest.raises(SpecError, match="negative"):
        effect_sizes(study, result, replicates=-1)


def test_people_of_one_score_are_drawn_with_everybody() -> None:
    study = example_study(n=150)
    study.persons.loc[study.persons.index[:40], "PGS_B"] = np.nan
    frame = effect_sizes(study, BOOT.replace(adjustments=("crude",)), replicates=30)
    shares = frame[frame["quantity"].isin(BOOTSTRAPPED)]
    assert shares["interval"].isin(["percentile", "basic"]).all()
    empty = effect_sizes(study, BOOT.replace(scores=()), replicates=30)
    assert list(empty["interval"]) == ["basic", "percentile", "t"] * 2


@pytest.mark.parametrize("changes", [{"errors": "CR2"}, {"df": "kenward-roger"}, {"df": "normal"}])
def test_differences_use_the_errors_that_were_asked_for(changes: dict[str, Any]) -> None:
    """Change over the window is weeks times the interaction, and so are its limits."""
    result = fit(example_study(), SPEC.replace(adjustments=("crude",), **changes))
    table = result.terms("interaction").set_index("score")
    frame = effect_sizes(example_study(), result)
    change = frame[frame["quantity"] == "change"].set_index("score")
    for name in ("estimate", "conf_low", "conf_high"):
        assert change[name].to_numpy() == pytest.approx(12 * table[name].to_numpy(), rel=1e-6)
