"""Refits of a cohort with other weights of its people, against the engine fitting each anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import DataError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.resampling.reweighting import PersonProducts, person_products, reweighted

DATA = Path(__file__).parents[1] / "reference" / "data"
NAMES = ("(Intercept)", "time", "x", "time:x", "age", "sex")


def _arrays(frame: pd.DataFrame, terms: int = 2) -> tuple[np.ndarray, ...]:
    t, x = frame["time"].to_numpy(float), frame["x"].to_numpy(float)
    sex = (frame["sex"] == "male").to_numpy(float)
    design = np.column_stack([np.ones_like(t), t, x, t * x, frame["age"].to_numpy(float), sex])
    basis = np.column_stack([np.ones_like(t), t, t**2])[:, :terms]
    return design, frame["y"].to_numpy(float), basis, pd.factorize(frame["id"])[0]


def products(frame: pd.DataFrame, terms: int = 2) -> tuple[CrossProducts, PersonProducts]:
    design, y, basis, code = _arrays(frame, terms)
    return cross_products(NAMES, design, y, basis, code), person_products(NAMES, design, y, code)


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(DATA / f"{name}.csv")


def _resamples(people: int, count: int, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, people, (count, people))
    return np.array([np.bincount(d, minlength=people) for d in drawn], dtype=float)


@pytest.mark.parametrize(
    ("name", "q", "correlated", "reml"),
    [
        ("balanced", 2, True, True),
        ("dropout", 2, True, True),
        ("dropout", 3, True, True),
        ("dropout", 2, False, True),
        ("boundary", 2, True, True),
        ("boundary", 2, False, False),
        ("sparse", 2, True, False),
        ("sparse", 1, True, True),
        ("small", 2, True, True),
    ],
)
def test_the_fast_way_equals_fitting_each_replicate(
    name: str, q: int, correlated: bool, reml: bool
) -> None:
    cp, persons = products(read(name), max(q, 2))
    fit = fit_lmm(cp, q=q, correlated=correlated, reml=reml)
    weights = _resamples(cp.n_persons, 60)
    fast = reweighted(cp, persons, fit, weights)
    exact = reweighted(cp, persons, fit, weights, exact=True)
    se = exact.estimates.std(axis=0, ddof=1)
    assert np.abs((fast.estimates - exact.estimates) / se).max() < 0.01
    np.testing.assert_allclose(fast.estimates.std(axis=0, ddof=1), se, rtol=0.002)
    spread = exact.relative.std(axis=0)
    assert (np.abs(fast.relative - exact.relative) < 0.1 * spread + 1e-12).all()
    np.testing.assert_allclose(fast.sigma2, exact.sigma2, rtol=0.01)
    assert np.linalg.eigvalsh(fast.relative).min() > -1e-12
    assert exact.exact.all()


def test_the_expansion_does_the_work_where_the_sample_is_not_tiny() -> None:
    cp, persons = products(read("dropout"))
    made = reweighted(cp, persons, fit_lmm(cp), _resamples(cp.n_persons, 100))
    assert made.exact.mean() < 0.3


def test_weights_of_one_give_the_fit_itself() -> None:
    cp, persons = products(read("dropout"))
    fit = fit_lmm(cp)
    made = reweighted(cp, persons, fit, np.ones((1, cp.n_persons)))
    se = np.sqrt(np.diag(fit.fixed.covariance))
    assert np.abs((made.estimates[0] - fit.fixed.estimates) / se).max() < 1e-6
    np.testing.assert_allclose(made.relative[0], fit.relative, rtol=1e-4)
    assert made.sigma2[0] == pytest.approx(fit.residual_variance, rel=1e-5)
    np.testing.assert_allclose(made.pooled[0], cp.pooled, rtol=1e-12)
    assert not made.exact.any()


@pytest.mark.parametrize("exact", [True, False])
def test_a_weight_is_that_many_people(exact: bool) -> None:
    frame = read("balanced")
    ids = frame["id"].unique()
    cp, persons = products(frame)
    weights = _resamples(len(ids), 1, seed=8)
    parts = [
        frame[frame["id"] == who].assign(id=f"{who} {copy}")
        for who, times in zip(ids, weights[0], strict=True)
        for copy in range(int(times))
    ]
    whole, _ = products(pd.concat(parts))
    want = fit_lmm(whole)
    made = reweighted(cp, persons, fit_lmm(cp), weights, exact=exact)
    se = np.sqrt(np.diag(want.fixed.covariance))
    tolerance = 1e-6 if exact else 5e-3
    assert np.abs((made.estimates[0] - want.fixed.estimates) / se).max() < tolerance
    np.testing.assert_allclose(made.pooled[0], whole.pooled, rtol=1e-10)


def test_units_of_time_outcome_and_score_do_not_matter() -> None:
    frame = read("sparse")
    other = frame.assign(time=frame["time"] * 1e4 + 7e4, y=frame["y"] * 1e-3, x=frame["x"] * 1e5)
    weights = _resamples(frame["id"].nunique(), 20)
    made = []
    for each in (frame, other):
        cp, persons = products(each)
        fit = fit_lmm(cp)
        part = reweighted(cp, persons, fit, weights)
        made.append((part.estimates / np.sqrt(np.diag(fit.fixed.covariance)))[:, 3])
    np.testing.assert_allclose(made[0], made[1], atol=1e-4)


def test_a_column_that_a_replicate_cannot_estimate_is_missing_there_alone() -> None:
    cp, persons = products(read("balanced"))
    men = cp.cross[0, :, 5] > 0
    weights = np.vstack([np.where(men, 0.0, 2.0), np.ones(cp.n_persons)])
    made = reweighted(cp, persons, fit_lmm(cp), weights)
    assert list(np.isnan(made.estimates[0])) == [False] * 5 + [True]
    assert made.exact[0]
    assert np.isfinite(made.estimates[1]).all()


def test_nobody_left_is_missing_and_no_error() -> None:
    cp, persons = products(read("small"))
    made = reweighted(cp, persons, fit_lmm(cp), np.zeros((1, cp.n_persons)))
    assert np.isnan(made.estimates).all()
    assert np.isnan(made.sigma2).all()


def test_least_squares_is_reweighted_too() -> None:
    cp, persons = products(read("small"))
    weights = _resamples(cp.n_persons, 3)
    made = reweighted(cp, persons, fit_lmm(cp, q=0), weights)
    for b in range(3):
        gram = made.pooled[b]
        np.testing.assert_allclose(
            made.estimates[b], np.linalg.solve(gram[:-1, :-1], gram[:-1, -1]), rtol=1e-7
        )


def test_products_of_people_add_up_and_take_a_score() -> None:
    frame = read("dropout")
    design, y, basis, code = _arrays(frame)
    cp, persons = products(frame)
    np.testing.assert_allclose(persons.packed.sum(axis=0)[-1], cp.pooled[-1, -1], rtol=1e-12)
    some = [0, 1, 4, 5]
    plain = cross_products(tuple(NAMES[j] for j in some), design[:, some], y, basis, code)
    score = cp.cross[0, :, 2] / cp.basis[0, 0]
    grown = persons.select(some).with_score(plain, score, ("x", "time:x"))
    one = np.ones((1, cp.n_persons))
    np.testing.assert_allclose(
        grown.pooled(one)[0], plain.with_score(score, ("x", "time:x")).pooled, rtol=1e-9
    )
    np.testing.assert_allclose(persons.select(some).pooled(one)[0], plain.pooled, rtol=1e-12)
    mixed = np.random.default_rng(3).permutation(len(code))
    again = person_products(NAMES, design[mixed], y[mixed], code[mixed])
    np.testing.assert_allclose(again.packed, persons.packed, rtol=1e-10)


@pytest.mark.parametrize("bad", [np.ones((2, 3)), np.full((1, 20), -1.0), np.full((1, 20), np.nan)])
def test_weights_that_make_no_sense_are_refused(bad: np.ndarray) -> None:
    cp, persons = products(read("small"))
    with pytest.raises(DataError, match=r"[Ww]eights"):
        reweighted(cp, persons, fit_lmm(cp), bad)


def test_progress_is_told_and_what_it_raises_ends_the_work() -> None:
    cp, persons = products(read("small"))
    seen: list[tuple[int, int]] = []
    reweighted(cp, persons, fit_lmm(cp), np.ones((45, 20)), lambda *at: seen.append(at), exact=True)
    assert seen == [(20, 45), (40, 45), (45, 45)]

    def stop(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reweighted(cp, persons, fit_lmm(cp), np.ones((45, 20)), stop)
