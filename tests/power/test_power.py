"""Detectable effects, other visits, sizes of replications, and the check by simulation."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt import AnalysisSpec, FitError, SpecError
from pgsicbt.models.grid.rebuild import one_cell
from pgsicbt.power import (
    Precision,
    Visits,
    check_power,
    detectable,
    power_curve,
    precision,
    relative_variance,
    replication_curves,
    replication_sizes,
    size_curve,
)
from pgsicbt.power.visits import _information, _variances, change_row, seen_weeks
from pgsicbt.result import Result
from pgsicbt.study import Study
from tests.models.example import WEEKS, example_study

SPEC = AnalysisSpec(scores=("PGS_A", "PGS_B", "PGS_C"), covariates=("age", "diagnosis"))


@pytest.fixture(scope="module")
def study() -> Study:
    return example_study(n=240)


@pytest.fixture(scope="module")
def result(study: Study) -> Result:
    return pgsicbt.fit(study, SPEC)


@pytest.fixture(scope="module")
def change(study: Study, result: Result) -> Precision:
    return precision(study, result, "PGS_B", "adjusted", "change")


def test_every_test_has_a_smallest_effect(study: Study, result: Result) -> None:
    table = detectable(study, result)
    assert len(table) == 3 * 2 * 2
    assert (table["tests"] == 3).all()
    np.testing.assert_allclose(table["alpha_family"], 0.05 / 3)
    assert (table["smallest_80"] < table["smallest_90"]).all()
    assert (table["smallest_80"] < table["family_80"]).all()
    # (1.96 + 0.8416) standard errors where degrees of freedom are many
    np.testing.assert_allclose(table["smallest_80"] / table["std_error"], 2.80, atol=0.03)


def test_the_estimate_has_no_say_in_what_was_detectable(study: Study, result: Result) -> None:
    table = result.table.assign(estimate=0.0)
    moved = detectable(study, dataclasses.replace(result, table=table))
    pd.testing.assert_series_equal(moved["family_90"], detectable(study, result)["family_90"])


def test_negative_controls_are_no_part_of_the_family(study: Study) -> None:
    found = pgsicbt.fit(study, SPEC.replace(controls=("PGS_C",), adjustments=("crude",)))
    tests = detectable(study, found).set_index(["score", "about"])["tests"]
    assert tests["PGS_A", "change"] == 2
    assert tests["PGS_C", "change"] == 1


def test_the_family_asks_what_its_correction_asks(study: Study, result: Result) -> None:
    def level(method: str) -> float:
        found = dataclasses.replace(result, spec=SPEC.replace(multiplicity=method))
        return float(detectable(study, found)["alpha_family"].iloc[0])

    assert level("none") == 0.05
    assert level("holm") == level("bh") == pytest.approx(0.05 / 3)
    assert level("by") == pytest.approx(0.05 / 3 / (1 + 1 / 2 + 1 / 3))
    tests = result.effective_tests["galwey"]
    assert level("galwey") == pytest.approx(1 - 0.95 ** (1 / tests))
    assert level("galwey") > level("holm") * 0.99


def test_scores_as_given_are_told_per_standard_deviation(study: Study, result: Result) -> None:
    raw = pgsicbt.fit(study, SPEC.replace(score_scale="as_given"))
    for column in ("estimate", "std_error", "family_80"):
        np.testing.assert_allclose(
            detectable(study, raw)[column], detectable(study, result)[column], rtol=1e-6
        )


@pytest.mark.parametrize("coding", ["linear", "piecewise", "categorical"])
def test_information_is_that_of_the_whole_covariance_matrix(study: Study, coding: str) -> None:
    knot = 4.0 if coding == "piecewise" else None
    spec = SPEC.replace(time_coding=coding, knot=knot, adjustments=("crude",), scores=("PGS_A",))
    found = pgsicbt.fit(study, spec)
    people, fit = one_cell(study, found, "PGS_A", "crude")
    assert fit.time is not None
    n, q = len(people.sample.persons), len(fit.random_covariance)
    total = np.zeros((1 + len(fit.time.names),) * 2)
    for i in range(n):
        mine = people.sample.code == i
        z = people.design.basis[mine, :q]
        t = people.design.basis[mine][:, list(people.design.scored)]
        v = z @ fit.random_covariance @ z.T + fit.residual_variance * np.eye(int(mine.sum()))
        total += t.T @ np.linalg.solve(v, t)
    covariance = np.linalg.inv(total / n) / (n - 1)
    row = change_row(fit.time)
    variances = _variances(_information(people, fit), fit)
    errors = {about: np.sqrt(variance / (n - 1)) for about, variance in variances.items()}
    assert errors["severity"] == pytest.approx(np.sqrt(covariance[0, 0]), rel=1e-8)
    assert errors["change"] == pytest.approx(np.sqrt(row @ covariance[1:, 1:] @ row), rel=1e-8)
    table = detectable(study, found).set_index("about")["std_error"]
    for about, error in errors.items():  # a score that nothing predicts: nearly the fitted one
        assert error == pytest.approx(table[about], rel=0.05)


def test_fewer_visits_tell_less_and_complete_ones_more(study: Study, result: Result) -> None:
    assert seen_weeks(study, result) == tuple(WEEKS)

    def change(visits: Visits) -> float:
        return relative_variance(study, result, "PGS_A", "adjusted", visits)["change"]

    assert change(Visits()) == pytest.approx(1.0)
    assert change(Visits(tuple(WEEKS))) == pytest.approx(1.0)
    assert (
        change(Visits(leavers=-1)) < 1 < change(Visits(leavers=0.3)) < change(Visits(leavers=0.6))
    )
    assert change(Visits((0.0, 12.0))) > change(Visits((0.0, 6.0, 12.0))) > 1


def test_visits_that_cannot_be_planned_are_refused(study: Study, result: Result) -> None:
    for visits, error in (
        (Visits((0.0, 5.0)), SpecError),
        (Visits(()), SpecError),
        (Visits(leavers=1.5), SpecError),
        (Visits((0.0,)), FitError),
    ):
        with pytest.raises(error):
            relative_variance(study, result, "PGS_A", "adjusted", visits)


def test_people_needed_are_the_fewest(change: Precision) -> None:
    effect = change.smallest(0.8)
    assert change.people(effect, 0.8) == pytest.approx(change.n_persons, abs=1)
    n = change.people(2.0, 0.9)
    assert change.power(2.0, people=n) >= 0.9 > change.power(2.0, people=n - 1)
    assert change.people(effect / 2, 0.8) == pytest.approx(4 * change.n_persons, rel=0.01)
    assert change.people(0.0, 0.8) == np.inf
    assert change.people(1e-9, 0.8) == np.inf


def test_curves_rise(change: Precision) -> None:
    curve = power_curve(change)
    assert curve["power"].is_monotonic_increasing
    assert curve["power"].iloc[0] == pytest.approx(0.05)
    assert (curve["power_family"] < curve["power"]).all()
    sizes = size_curve(change, 2.0, [100, 500, 2000])
    assert sizes["power"].is_monotonic_increasing


def test_sizes_of_a_replication(change: Precision) -> None:
    strong = dataclasses.replace(change, estimate=-3.2 * change.std_error)
    table = replication_sizes(strong, interest=0.5).set_index("planned_for")
    assert list(table.index) == ["found", "without selection", "safeguard", "interest"]
    assert table.loc["found", "effect"] == strong.estimate
    assert strong.estimate < table.loc["without selection", "effect"] < 0
    assert table.loc["without selection", "people_80"] > table.loc["found", "people_80"]
    assert table.loc["found", "people_80"] < strong.n_persons < 2 * table.loc["found", "people_90"]
    weak = dataclasses.replace(change, estimate=0.5 * change.std_error)
    table = replication_sizes(weak).set_index("planned_for")
    assert list(table.index) == ["found", "safeguard"]
    assert table.loc["safeguard", "people_80"] == np.inf


def test_curves_of_a_replication(change: Precision) -> None:
    strong = dataclasses.replace(change, estimate=-3.2 * change.std_error)
    table = replication_sizes(strong, interest=0.5)
    found = replication_curves(strong, table)
    assert list(found) == ["planned_for", "people", "power", "power_family"]
    assert list(dict.fromkeys(found["planned_for"])) == list(table["planned_for"])
    for _, curve in found.groupby("planned_for"):
        assert len(curve) == 60
        assert curve["people"].iloc[0] == pytest.approx(strong.n_persons / 8)
        assert curve["people"].iloc[-1] == pytest.approx(1.5 * table["people_90"].max())
        assert curve["power"].is_monotonic_increasing
        assert curve["power"].iloc[-1] > 0.9
    nothing = replication_curves(strong, table.assign(effect=0.0, people_90=np.inf))
    assert nothing.empty
    assert list(nothing) == list(found)


def test_simulation_keeps_the_promise_of_the_formula(study: Study, change: Precision) -> None:
    small = pgsicbt.fit(study, SPEC.replace(adjustments=("crude",), covariates=()))
    calls: list[tuple[int, int]] = []
    check = check_power(
        study, small, "PGS_B", "crude", replicates=200, seed=5,
        progress=lambda done, of: calls.append((done, of)),
    )  # fmt: skip
    known = precision(study, small, "PGS_B", "crude", "change")
    assert calls[-1] == (200, 200)
    assert check.failed == 0
    assert check.estimate[:, 1].std() == pytest.approx(known.std_error, rel=0.15)
    assert check.std_error[:, 1].mean() == pytest.approx(known.std_error, rel=0.05)
    for power in (0.05001, 0.8, 0.9):
        _, low, high = check.power("change", known.smallest(power), 0.05)
        assert low < power < high
    again = check_power(study, small, "PGS_B", "crude", replicates=3, seed=5)
    np.testing.assert_array_equal(again.estimate, check.estimate[:3])


def test_the_simulation_tests_as_the_analysis_does(study: Study) -> None:
    """With its degrees of freedom: none of them is Satterthwaite's but its own."""
    spec = SPEC.replace(scores=("PGS_B",), adjustments=("crude",))
    checks = {}
    for df in ("satterthwaite", "kenward-roger", "normal"):
        small = pgsicbt.fit(study, spec.replace(df=df))
        checks[df] = check_power(study, small, "PGS_B", "crude", replicates=3, people=30, seed=2)
        np.testing.assert_allclose(checks[df].estimate, checks["satterthwaite"].estimate)
    own = checks["satterthwaite"]
    assert np.isfinite(own.df).all()
    assert np.isinf(checks["normal"].df).all()
    np.testing.assert_array_equal(checks["normal"].std_error, own.std_error)
    # Kenward and Roger's errors are larger where people are few.
    assert (checks["kenward-roger"].std_error > own.std_error).all()


def test_simulation_of_another_size(study: Study, result: Result) -> None:
    check = check_power(study, result, "PGS_A", "adjusted", replicates=20, people=120)
    known = precision(study, result, "PGS_A", "adjusted", "change")
    assert check.n_persons == 120
    assert check.std_error[:, 1].mean() == pytest.approx(known.error(120), rel=0.2)


def test_refusals(study: Study, result: Result) -> None:
    with pytest.raises(SpecError, match="no effect of PGS_A on outcome"):
        precision(study, result, "PGS_A", "adjusted", "outcome")
    with pytest.raises(SpecError, match="at least two draws"):
        check_power(study, result, "PGS_A", "crude", replicates=1)
    robust = pgsicbt.fit(study, SPEC.replace(errors="CR0", adjustments=("crude",)))
    with pytest.raises(SpecError, match="standard errors"):
        check_power(study, robust, "PGS_A", "crude")
    grouped = pgsicbt.fit(study, SPEC.replace(score_groups=3, adjustments=("crude",)))
    with pytest.raises(SpecError, match="groups"):
        detectable(study, grouped)


def test_one_outcome_per_person(study: Study) -> None:
    spec = SPEC.replace(family="ancova", adjustments=("adjusted",))
    found = pgsicbt.fit(study, spec)
    assert set(detectable(study, found)["about"]) == {"outcome"}
    known = precision(study, found, "PGS_A", "adjusted", "outcome")
    assert known.people(1.0, 0.8) > 0
    with pytest.raises(SpecError, match="mixed models"):
        precision(study, found, "PGS_A", "adjusted", "outcome", Visits(leavers=0.1))
