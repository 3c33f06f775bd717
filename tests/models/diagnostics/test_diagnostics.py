"""Residual checks against lme4, and each finding on a cohort that has the trouble planted."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt import AnalysisSpec, DataError, SpecError, fit
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.diagnostics.binning import clustered_mean, cut, quantile_plot, share_shown
from pgsicbt.models.diagnostics.diagnostics import Diagnostics, diagnostics, residuals_of
from pgsicbt.models.grid.rebuild import one_cell
from pgsicbt.study import Study
from tests.models.effects.test_effects import reference_study
from tests.models.example import WEEKS, example_study

HERE = Path(__file__).parents[1] / "reference"
REFERENCE: dict[str, Any] = json.loads((HERE / "diagnostics.json").read_text())
SPECS = {
    "sparse": {"covariates": ("age",)},
    "intercept": {"random": "intercept"},
    "dropout": {"covariates": ("age", "sex", "site")},
}


def fitted_reference(case: str) -> tuple[Study, Any]:
    study = reference_study(REFERENCE[case]["data"])
    spec = AnalysisSpec(
        outcome="y", scores=("x",), adjustments=("adjusted",), simplify=False, **SPECS[case]
    )
    return study, fit(study, spec)


def test_residuals_leverage_and_random_effects_are_those_of_lme4() -> None:
    study, result = fitted_reference("sparse")
    ref = REFERENCE["sparse"]
    people, model = one_cell(study, result, "x", "adjusted")
    r = residuals_of(people, model)
    assert r.residual == pytest.approx(np.array(ref["residual"]), abs=2e-6)
    assert r.leverage == pytest.approx(np.array(ref["leverage"]), abs=1e-6)
    # lme4 sorts people by name, the study as they come: here these are the same.
    assert r.random == pytest.approx(np.array(ref["random"]), abs=1e-5)
    assert r.random_sd == pytest.approx(np.array(ref["random_sd"]), rel=1e-5)


@pytest.mark.parametrize("case", SPECS)
def test_the_summary_is_that_of_r(case: str) -> None:
    study, result = fitted_reference(case)
    ref = REFERENCE[case]
    got = diagnostics(study, result, "x", "adjusted").summary.set_index(["part", "quantity"])
    value, expected = got["value"], got["expected"]
    residual = value["residual"]
    assert residual["SD in points"] == pytest.approx(ref["sigma"], rel=1e-6)
    assert residual["skewness"] == pytest.approx(ref["skewness"], abs=1e-6)
    assert residual["excess kurtosis"] == pytest.approx(ref["kurtosis"], abs=1e-6)
    lag = ("residual", "correlation of successive visits")
    assert value[lag] == pytest.approx(ref["lag"], abs=1e-6)
    assert expected[lag] == pytest.approx(ref["lag_expected"], abs=1e-6)
    for j, term in enumerate(["(Intercept)", "time"][: len(np.atleast_1d(ref["random"]).T)]):
        if case == "intercept" and j:
            continue
        skewness, kurtosis = np.atleast_1d(ref["random_skewness"]), ref["random_kurtosis"]
        assert value[term, "skewness"] == pytest.approx(skewness[j], abs=1e-5)
        assert value[term, "excess kurtosis"] == pytest.approx(np.atleast_1d(kurtosis)[j], abs=1e-5)
    if case != "intercept":
        together = value["time", "correlation with the intercept"]
        assert together == pytest.approx(ref["correlation"], abs=1e-5)
    people, model = one_cell(study, result, "x", "adjusted")
    r = residuals_of(people, model)
    squares = np.atleast_1d(ref["residual"])
    if len(squares) == 1:
        assert np.sum(r.residual**2) == pytest.approx(squares[0], rel=1e-6)
        assert r.leverage.sum() == pytest.approx(ref["leverage"], rel=1e-6)
        assert np.sum(r.random**2, axis=0) == pytest.approx(np.atleast_1d(ref["random"]), rel=1e-5)
        assert r.random_sd.sum(axis=0) == pytest.approx(np.atleast_1d(ref["random_sd"]), rel=1e-5)


SPEC = AnalysisSpec(scores=("PGS_A",), adjustments=("crude",), simplify=False)


def cohort(seed: int = 3, n: int = 400, **parts: Any) -> Study:
    """A cohort with straight courses; ``parts`` replace noise, random effects or values.

    ``noise(rng, n, weeks)`` (n, weeks), ``random(rng, n)`` (n, 2), ``course(weeks)``, and
    ``values(y)`` which makes what is seen out of what is there.
    """
    rng = np.random.default_rng(seed)
    study = example_study(seed, n, ("PGS_A",))
    noise = parts.get("noise", lambda r, m, w: r.normal(0, 5, (m, len(w))))(rng, n, WEEKS)
    u = parts.get("random", lambda r, m: r.multivariate_normal([0, 0], [[90, 0], [0, 0.3]], m))(
        rng, n
    )
    course = parts.get("course", lambda w: 50 - 1.5 * w)(WEEKS)
    y = course + u[:, [0]] + u[:, [1]] * WEEKS + noise
    y = parts.get("values", lambda v: v)(y)
    index = study.persons.index
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(np.repeat(index, len(WEEKS)), categories=index),
            "outcome": "harmonised",
            "time": np.tile(WEEKS, n),
            "value": y.ravel(),
        }
    )
    kept = rng.random(len(visits)) < parts.get("seen", 0.9)
    return dataclasses.replace(study, visits=visits[kept].reset_index(drop=True))


def checked(study: Study, **changes: Any) -> Diagnostics:
    return diagnostics(study, fit(study, SPEC.replace(**changes)), "PGS_A", "crude")


def codes(d: Diagnostics) -> set[str]:
    return {f.code for f in d.findings}


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_a_model_that_is_right_is_left_alone(seed: int) -> None:
    d = checked(cohort(seed))
    assert [(f.code, f.severity) for f in d.findings] == [("no_trouble", "info")]
    q = d.residual_quantiles
    assert np.abs(q["observed"] - q["expected"]).max() < 0.35
    assert np.abs(d.by_week["spread"] - 1).max() < 0.15
    for _, rows in d.random_quantiles.groupby("term"):
        assert np.corrcoef(rows["observed"], rows["expected"])[0, 1] > 0.99


def _ar(rng: np.random.Generator, n: int, weeks: np.ndarray) -> np.ndarray:
    e = rng.normal(0, 5, (n, len(weeks)))
    for j in range(1, len(weeks)):
        e[:, j] = 0.6 * e[:, j - 1] + 0.8 * e[:, j]
    return e


def _uneven(rng: np.random.Generator, n: int, weeks: np.ndarray) -> np.ndarray:
    return rng.normal(size=(n, len(weeks))) * np.where(weeks >= 8, 8.0, 4.0)


def _heavy(rng: np.random.Generator, n: int, weeks: np.ndarray) -> np.ndarray:
    return 3 * rng.standard_t(3, (n, len(weeks)))


def _skew(rng: np.random.Generator, n: int, weeks: np.ndarray) -> np.ndarray:
    return 5 * (rng.exponential(size=(n, len(weeks))) - 1)


def _skew_people(rng: np.random.Generator, n: int) -> np.ndarray:
    return np.column_stack([12 * (rng.exponential(size=n) - 1), rng.normal(0, 0.5, n)])


@pytest.mark.parametrize(
    ("parts", "code", "words"),
    [
        ({"noise": _ar}, "autocorrelation", "more alike"),
        ({"noise": _uneven}, "spread_by_week", "MMRM"),
        ({"noise": _heavy}, "residual_tails", "heavy tails"),
        ({"noise": _skew}, "residual_skew", "upwards"),
        ({"random": _skew_people}, "random_not_normal", "(Intercept)"),
        ({"course": lambda w: 50 - 12 * np.sqrt(np.maximum(w, 0))}, "course_misfit", "coding"),
        ({"values": lambda y: np.maximum(y - 40, 0.0)}, "floor", "lowest possible value"),
        ({"values": lambda y: np.minimum(y + 50, 100.0)}, "ceiling", "highest possible value"),
        ({"values": lambda y: np.exp(y / 25)}, "spread_by_level", "high fitted values"),
    ],
)
def test_planted_trouble_is_named_with_what_to_do(
    parts: dict[str, Any], code: str, words: str
) -> None:
    found = {f.code: f for f in checked(cohort(**parts)).findings}
    assert code in found
    assert words in found[code].message
    assert "no_trouble" not in found


def test_level_and_slope_that_go_together_are_named() -> None:
    def tied(rng: np.random.Generator, n: int) -> np.ndarray:
        u = rng.normal(size=n)
        return np.column_stack([10 * u, 0.6 * u])

    assert "random_correlation" in codes(checked(cohort(random=tied)))


def test_no_variance_between_slopes_is_named_and_not_plotted() -> None:
    def level(rng: np.random.Generator, n: int) -> np.ndarray:
        return np.column_stack([rng.normal(0, 10, n), np.zeros(n)])

    for seed in range(20):
        d = checked(cohort(seed, random=level), random="intercept+slope uncorrelated")
        if "random_boundary" in codes(d):
            break
    assert set(d.random_quantiles["term"]) == {"(Intercept)"}
    assert np.isnan(d.summary.set_index(["part", "quantity"])["value"]["time", "skewness"])


def _floors(visits: pd.DataFrame) -> pd.Series:
    low = visits.assign(low=visits["value"] <= 0)
    return low.groupby("time")["low"].agg(["sum", "size"])


def test_floor_by_week_and_its_small_cells() -> None:
    study = cohort(values=lambda y: np.maximum(y - 30, 0.0))
    d = checked(study)
    true = _floors(study.visits)
    small = (true["sum"] > 0) & (true["sum"] < MINIMUM_CELL)
    got = d.by_week.set_index("week")
    assert (got["n_persons"] == true["size"]).all()
    assert got["floor"][small].isna().all()
    shown = got["floor"].notna()
    assert shown.sum() >= 3
    assert got["floor"][shown].to_numpy() == pytest.approx((true["sum"] / true["size"])[shown])


def test_a_small_share_cannot_be_worked_out_from_the_others() -> None:
    study = cohort(values=lambda y: np.maximum(y, 10.0))
    visits = study.visits
    for week, n in ((2.0, 3), (4.0, 12), (6.0, 20)):  # people at the floor
        rows = visits.index[visits["time"] == week][:n]
        visits.loc[rows, "value"] = 0.0
    floor = checked(study).by_week.set_index("week")["floor"]
    assert floor[[2.0, 4.0]].isna().all()
    assert floor[6.0] > 0
    assert (floor.drop([2.0, 4.0, 6.0]) == 0).all()


def test_nothing_rests_on_fewer_people_than_may_be_shown() -> None:
    study = cohort(n=60, seen=0.5)
    d = checked(study)
    for frame in (d.residual_quantiles, d.random_quantiles, d.by_fitted, d.by_week):
        assert (frame["n_persons"] >= MINIMUM_CELL).all()
    people = study.visits["person"].nunique()
    assert len(d.random_quantiles) <= 2 * people / MINIMUM_CELL
    for field in dataclasses.fields(d):
        value = getattr(d, field.name)
        if isinstance(value, pd.DataFrame):
            assert len(value) < 60
        else:
            assert isinstance(value, (str, int, tuple))


def test_very_few_people_give_no_check_at_all() -> None:
    d = checked(cohort(n=MINIMUM_CELL - 1))
    assert codes(d) == {"too_few_people"}
    assert d.summary["value"].isna().all()
    for frame in (d.residual_quantiles, d.random_quantiles, d.by_fitted, d.by_week):
        numbers = frame.select_dtypes("number")
        assert numbers.isna().all(axis=None)


def test_a_visit_that_is_fitted_exactly_is_left_out() -> None:
    study = example_study(n=60)
    study.persons["sex"] = "female"
    only = study.persons.index[0]
    study.persons.loc[only, "sex"] = "male"
    visits = study.visits
    mine = visits["person"] == only
    rest = visits[~mine | (visits["time"] == visits.loc[mine, "time"].iloc[0])]
    study = dataclasses.replace(study, visits=rest.reset_index(drop=True))
    spec = AnalysisSpec(scores=("PGS_A",), covariates=("sex",), adjustments=("adjusted",))
    result = fit(study, spec)
    r = residuals_of(*one_cell(study, result, "PGS_A", "adjusted"))
    assert np.isnan(r.standardised).sum() == 1
    d = diagnostics(study, result, "PGS_A", "adjusted")
    assert d.residual_quantiles.notna().all(axis=None)
    assert d.summary.loc[d.summary["part"] == "residual", "value"].notna().sum() >= 5


def test_what_was_not_fitted_is_refused() -> None:
    study = example_study()
    result = fit(study, SPEC)
    with pytest.raises(SpecError, match="no fitted complete model"):
        diagnostics(study, result, "PGS_A", "complete")
    with pytest.raises(DataError, match="not made from this study"):
        diagnostics(dataclasses.replace(study, digest="other"), result, "PGS_A", "crude")


@pytest.mark.parametrize(
    "changes",
    [
        {"time_coding": "categorical"},
        {"time_coding": "spline", "random": "intercept+slope+second"},
        {"time_coding": "piecewise", "knot": 4.0, "origin": "end", "score_scale": "as_given"},
        {"time_unit": "month"},
    ],
)
def test_every_coding_of_time_can_be_checked(changes: dict[str, Any]) -> None:
    study = cohort()
    d = checked(study, **changes)
    assert not {f.code for f in d.findings if f.severity != "info"}
    assert d.summary.loc[0, "value"] == pytest.approx(5, abs=0.2)


def test_a_slope_left_out_shows_in_successive_residuals() -> None:
    d = checked(cohort(), random="intercept")
    found = {f.code: f.message for f in d.findings}
    assert "random slope" in found["autocorrelation"]
    assert set(d.random_quantiles["term"]) == {"(Intercept)"}


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 120), st.integers(1, 40), st.integers(0, 2**31))
def test_every_bin_holds_enough_people_or_there_is_one(n: int, people: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    key, who = np.round(rng.normal(size=n), 1), rng.integers(0, people, n)
    bins = cut(key, who, np.arange(0.05, 0.96, 0.05))
    found = np.unique(bins)
    assert found.tolist() == list(range(len(found)))
    if len(found) > 1:
        assert min(len(np.unique(who[bins == b])) for b in found) >= MINIMUM_CELL
    tops = [key[bins == b].max() for b in found[:-1]]
    bottoms = [key[bins == b].min() for b in found[1:]]
    assert all(a <= b for a, b in zip(tops, bottoms, strict=True))


def test_normal_values_lie_on_the_line_of_a_quantile_plot() -> None:
    rng = np.random.default_rng(1)
    q = quantile_plot(rng.normal(size=20_000), np.arange(20_000))
    assert q["observed"].to_numpy() == pytest.approx(q["expected"].to_numpy(), abs=0.1)
    assert q["n_values"].sum() == 20_000
    assert q["expected"].is_monotonic_increasing


def test_clustered_mean_and_shares_of_few() -> None:
    values, who = np.array([1.0, 1.0, 0.0, 0.0]), np.array([0, 0, 1, 1])
    assert clustered_mean(values, who) == pytest.approx((0.5, np.sqrt(2) / 4))
    hits = np.zeros(100, dtype=bool)
    assert share_shown(hits, np.arange(100)) == 0
    hits[: MINIMUM_CELL - 1] = True
    assert np.isnan(share_shown(hits, np.arange(100)))
    assert np.isnan(share_shown(~hits, np.arange(100)))
    hits[:MINIMUM_CELL] = True
    assert share_shown(hits, np.arange(100)) == pytest.approx(0.08)
