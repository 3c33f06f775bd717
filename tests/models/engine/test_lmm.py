"""Properties that hold whatever the data: invariance, equivalence, boundary, refusal."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt import DataError, FitError, SpecError, mixed_model
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.deviance import deviance, evaluate, pairs
from pgsicbt.models.engine.lmm import _change_basis, fit_lmm

DATA = Path(__file__).parents[1] / "reference" / "data"


def _frame(seed: int, n: int = 40) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    visits = rng.integers(2, 7, n)
    code = np.repeat(np.arange(n), visits)
    time = np.concatenate([np.arange(v) for v in visits]).astype(float)
    u = rng.normal(size=(n, 2)) * [5, rng.choice([0.0, 0.8])]
    x = rng.normal(size=n)
    y = 20 + u[code, 0] + (u[code, 1] - 0.5) * time + x[code] + rng.normal(0, 2, len(code))
    return pd.DataFrame({"id": code, "time": time, "x": x[code], "y": y})


def _fit(frame: pd.DataFrame, **options: object):
    return mixed_model("y ~ time * x", frame, groups="id", random="1 + time", **options)


@pytest.mark.parametrize("factor", [1e4, 1e-5])
@pytest.mark.parametrize("reml", [True, False])
def test_time_on_an_absurd_scale_gives_the_same_model(factor: float, reml: bool) -> None:
    frame = _frame(11)
    a = _fit(frame, reml=reml)
    b = _fit(frame.assign(time=factor * (frame["time"] + 3)), reml=reml)
    # REML's likelihood carries log|X'X|/2, so two time columns cost log(factor) each.
    gap = 2 * np.log(factor) if reml else 0.0
    assert b.log_likelihood + gap == pytest.approx(a.log_likelihood, abs=1e-6)
    assert b.test("time:x").statistic == pytest.approx(a.test("time:x").statistic, abs=1e-5)
    assert b.test("time:x").df == pytest.approx(a.test("time:x").df, rel=1e-3)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_reml_without_random_terms_is_least_squares(seed: int) -> None:
    frame = _frame(seed)
    ours = mixed_model("y ~ time * x", frame, groups="id", random="0")
    theirs = smf.ols("y ~ time * x", frame).fit()
    np.testing.assert_allclose(ours.coefficients, theirs.params, rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(ours.std_errors, theirs.bse, rtol=1e-8)
    assert ours.residual_variance == pytest.approx(theirs.mse_resid, rel=1e-9)
    ml = mixed_model("y ~ time * x", frame, groups="id", random="0", reml=False)
    assert ml.log_likelihood == pytest.approx(theirs.llf, abs=1e-7)


@pytest.mark.parametrize("reml", [True, False])
@pytest.mark.parametrize("q", [1, 2])
def test_derivatives_equal_finite_differences(reml: bool, q: int) -> None:
    frame = _frame(3)
    time = frame["time"].to_numpy()
    x = frame["x"].to_numpy()
    design = np.column_stack([np.ones_like(time), time, x, time * x])
    cp = cross_products(
        ("a", "b", "c", "d"), design, frame["y"].to_numpy(), design[:, :2], frame["id"].to_numpy()
    )
    data = _change_basis(cp, q, True).data
    lam = np.array([[0.8, 0.0], [0.2, 0.5]])[:q, :q]

    def at(step: np.ndarray) -> float:
        psi = lam @ lam.T
        for value, (a, b) in zip(step, pairs(q), strict=True):
            psi[a, b] += value
            psi[b, a] = psi[a, b]
        return deviance(data, np.linalg.cholesky(psi), reml)

    h = 1e-4
    units = np.eye(len(pairs(q))) * h
    gradient = [(at(e) - at(-e)) / (2 * h) for e in units]
    hessian = [
        [(at(e + f) - at(e - f) - at(f - e) + at(-e - f)) / (4 * h * h) for f in units]
        for e in units
    ]
    got = evaluate(data, lam, reml)
    np.testing.assert_allclose(got.gradient, gradient, rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(got.hessian, hessian, rtol=1e-3, atol=1e-2)


def test_a_boundary_fit_is_named_and_is_the_optimum() -> None:
    frame = pd.read_csv(DATA / "boundary.csv")
    model = mixed_model("y ~ time * x", frame, groups="id", random="1 + time")
    assert model.converged
    values = np.linalg.eigvalsh(model.random_covariance.to_numpy())
    assert model.singular == bool(values[0] < 1e-6 * values[1])


def test_no_variance_between_people_is_singular_and_equals_least_squares() -> None:
    rng = np.random.default_rng(5)
    code = np.repeat(np.arange(50), 4)
    time = np.tile(np.arange(4.0), 50)
    noise = rng.normal(size=200)
    noise -= np.repeat([noise[code == i].mean() for i in range(50)], 4)
    frame = pd.DataFrame({"id": code, "time": time, "y": 3 - time + noise})
    model = mixed_model("y ~ time", frame, groups="id", random="1")
    assert model.converged
    assert model.singular
    ols = smf.ols("y ~ time", frame).fit()
    np.testing.assert_allclose(model.coefficients, ols.params, rtol=1e-8)
    np.testing.assert_allclose(model.std_errors, ols.bse, rtol=1e-6)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_no_nearby_point_is_better(seed: int) -> None:
    frame = _frame(seed)
    time = frame["time"].to_numpy()
    design = np.column_stack([np.ones_like(time), time])
    cp = cross_products(
        ("(Intercept)", "time"), design, frame["y"].to_numpy(), design, frame["id"].to_numpy()
    )
    best = fit_lmm(cp)
    assert best.converged
    data = _change_basis(cp, 2, True)
    back = np.linalg.inv(data.turn)
    psi = back @ best.relative @ back.T
    rng = np.random.default_rng(seed)
    for size in (1e-3, 1e-2, 0.1, 1.0):
        root = np.linalg.cholesky(psi + 1e-12 * np.eye(2))
        other = root + size * np.tril(rng.normal(size=(2, 2)))
        assert deviance(data.data, other, True) >= -2 * best.log_likelihood - 1e-6


def test_a_column_that_others_determine_is_dropped_by_name() -> None:
    frame = _frame(8).assign(double=lambda d: 2 * d["x"])
    model = mixed_model("y ~ time * x + double", frame, groups="id", random="1 + time")
    assert model.dropped == ("double",)
    assert model.log_likelihood == pytest.approx(_fit(frame).log_likelihood, abs=1e-8)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda d: d.groupby("id").head(2), FitError, "too few visits"),
        (lambda d: d.assign(y=3.0 + d["time"]), FitError, "exactly"),
        (lambda d: d.head(4), FitError, "observations for"),
        (lambda d: d.assign(y=np.inf), DataError, "finite"),
        (lambda d: d.assign(x=np.nan), DataError, "No row"),
        (lambda d: d.drop(columns="x"), SpecError, "cannot be read"),
    ],
)
def test_what_cannot_be_fitted_is_refused_in_words(change, error, words) -> None:
    with pytest.raises(error, match=words):
        _fit(change(_frame(2)))
