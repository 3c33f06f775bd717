"""What must hold for any data: order, shift and scale, weights, least squares, warm starts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.inference import Contrasts, contrasts, f_test_satterthwaite
from pgsicbt.models.engine.kenward_roger import f_test, kenward_roger
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.robust import Visits, cluster_robust

NAMES = ("one", "time", "x", "time:x", "age")
EXAMPLES = settings(max_examples=20, deadline=None)


@dataclass(frozen=True)
class Rows:
    """Visits: person code, time, and person-level x and age; outcome."""

    code: np.ndarray
    time: np.ndarray
    x: np.ndarray
    age: np.ndarray
    y: np.ndarray

    @property
    def design(self) -> np.ndarray:
        return np.column_stack(
            [np.ones_like(self.time), self.time, self.x, self.time * self.x, self.age]
        )

    def products(self, weights: np.ndarray | None = None) -> CrossProducts:
        return cross_products(
            NAMES, self.design, self.y, self.design[:, :2], self.code, weights=weights
        )

    def taken(self, rows: np.ndarray) -> Rows:
        parts = (self.code, self.time, self.x, self.age, self.y)
        return Rows(*(v[rows] for v in parts))


@st.composite
def rows(draw: st.DrawFn) -> Rows:
    """People with one to six visits; the slope may or may not vary, x may or may not matter."""
    seed = draw(st.integers(0, 2**32 - 1))
    n = draw(st.integers(12, 60))
    slope_sd = draw(st.sampled_from([0.0, 0.3, 1.5]))
    rng = np.random.default_rng(seed)
    visits = np.r_[4, 4, 4, rng.integers(1, 7, n - 3)]
    code = np.repeat(np.arange(n), visits)
    time = rng.uniform(0, 10, len(code))
    x, age = rng.normal(size=n)[code], rng.uniform(20, 70, n)[code]
    u = rng.normal(size=(n, 2)) * [draw(st.sampled_from([0.0, 3.0])), slope_sd]
    y = 30 + 0.1 * age + x + u[code, 0] + (u[code, 1] - 0.5) * time + rng.normal(0, 2, len(code))
    return Rows(code, time, x, age, y)


def _each_term(fit: LmmFit) -> Contrasts:
    """Every fixed effect by itself."""
    rows = np.eye(len(fit.fixed.names))
    return contrasts(fit.fixed, rows, df="satterthwaite", confidence=0.95)


def _close(
    a: LmmFit, b: LmmFit, scale: np.ndarray | float = 1.0, shift: np.ndarray | float = 0.0
) -> None:
    """Coefficients of ``b`` are those of ``a`` times scale plus shift; errors and df follow."""
    se = np.sqrt(np.diag(a.fixed.covariance)) * np.abs(scale)
    np.testing.assert_allclose(
        (b.fixed.estimates - a.fixed.estimates * scale - shift) / se, 0, atol=1e-5
    )
    np.testing.assert_allclose(np.sqrt(np.diag(b.fixed.covariance)), se, rtol=1e-5)
    if not a.singular and not b.singular:
        one, two = (_each_term(f) for f in (a, b))
        np.testing.assert_allclose(two.df, one.df, rtol=1e-3)


@EXAMPLES
@given(data=rows(), correlated=st.booleans(), reml=st.booleans())
def test_order_of_rows_and_of_persons_does_not_matter(
    data: Rows, correlated: bool, reml: bool
) -> None:
    rng = np.random.default_rng(0)
    mixed = data.taken(rng.permutation(len(data.y)))
    new = rng.permutation(data.code.max() + 1)
    a = fit_lmm(data.products(), correlated=correlated, reml=reml)
    b = fit_lmm(replace(mixed, code=new[mixed.code]).products(), correlated=correlated, reml=reml)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-8)
    _close(a, b)


@EXAMPLES
@given(data=rows(), factor=st.sampled_from([1e-6, 0.3, 50.0, 1e8]), shift=st.floats(-1e3, 1e3))
def test_the_outcome_in_other_units(data: Rows, factor: float, shift: float) -> None:
    a = fit_lmm(data.products())
    b = fit_lmm(replace(data, y=factor * (data.y + shift)).products())
    _close(a, b, factor, factor * shift * np.array([1.0, 0, 0, 0, 0]))
    gap = (len(data.y) - len(NAMES)) * np.log(factor)
    assert b.log_likelihood + gap == pytest.approx(a.log_likelihood, abs=1e-6)
    assert b.residual_variance == pytest.approx(a.residual_variance * factor**2, rel=1e-5)


@EXAMPLES
@given(data=rows(), factor=st.sampled_from([1e-3, 7.0, 1e4]), reml=st.booleans())
def test_time_in_other_units(data: Rows, factor: float, reml: bool) -> None:
    a = fit_lmm(data.products(), reml=reml)
    b = fit_lmm(replace(data, time=data.time * factor).products(), reml=reml)
    scale = np.array([1.0, 1 / factor, 1.0, 1 / factor, 1.0])
    _close(a, b, scale)
    gap = 2 * np.log(factor) if reml else 0.0
    assert b.log_likelihood + gap == pytest.approx(a.log_likelihood, abs=1e-6)
    turn = np.diag([1.0, factor])
    size = np.abs(a.random_covariance).max()
    np.testing.assert_allclose(
        turn @ b.random_covariance @ turn, a.random_covariance, atol=1e-4 * size
    )


@EXAMPLES
@given(data=rows(), shift=st.sampled_from([-3.0, 5.0, 100.0]))
def test_time_from_another_origin(data: Rows, shift: float) -> None:
    """With slope and intercept correlated, the origin of time is a matter of words."""
    a = fit_lmm(data.products())
    b = fit_lmm(replace(data, time=data.time + shift).products())
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-6)
    keep = [1, 3, 4]
    se = np.sqrt(np.diag(a.fixed.covariance))[keep]
    gap = (b.fixed.estimates - a.fixed.estimates)[keep] / se
    np.testing.assert_allclose(gap, 0, atol=1e-5)
    there = contrasts(b.fixed, np.array([[1.0, shift, 0, 0, 0], [0, 0, 1.0, shift, 0]]))
    np.testing.assert_allclose(there.estimate, a.fixed.estimates[[0, 2]], rtol=1e-5, atol=1e-5)


@EXAMPLES
@given(data=rows(), factor=st.sampled_from([1e-5, 3.0, 1e6]), shift=st.floats(-50, 50))
def test_covariates_in_other_units(data: Rows, factor: float, shift: float) -> None:
    a = fit_lmm(data.products(), reml=False)
    b = fit_lmm(replace(data, age=factor * (data.age + shift)).products(), reml=False)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-6)
    move = np.array([-shift * a.fixed.estimates[4], 0, 0, 0, 0])
    gap = b.fixed.estimates * [1, 1, 1, 1, factor] - a.fixed.estimates - move
    np.testing.assert_allclose(gap[1:] / np.sqrt(np.diag(a.fixed.covariance))[1:], 0, atol=1e-5)


@EXAMPLES
@given(data=rows(), correlated=st.booleans(), reml=st.booleans(), seed=st.integers(0, 99))
def test_a_weight_of_two_is_the_person_twice_and_of_zero_is_nobody(
    data: Rows, correlated: bool, reml: bool, seed: int
) -> None:
    n = int(data.code.max()) + 1
    weights = np.random.default_rng(seed).choice([0.0, 1.0, 2.0, 3.0], n)
    weights[:6] = 2.0
    copies, at = [], 0
    for person, times in enumerate(weights.astype(int)):
        own = np.flatnonzero(data.code == person)
        for _ in range(times):
            copies.append(replace(data.taken(own), code=np.full(len(own), at)))
            at += 1
    parts = ("code", "time", "x", "age", "y")
    long = Rows(*(np.concatenate([getattr(c, v) for c in copies]) for v in parts))
    cp, many = data.products(weights), long.products()
    assert cp.n_observations == many.n_observations
    assert cp.residual_df == many.residual_df
    a = fit_lmm(many, correlated=correlated, reml=reml)
    b = fit_lmm(cp, correlated=correlated, reml=reml)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-7)
    assert b.residual_variance == pytest.approx(a.residual_variance, rel=1e-6)
    _close(a, b)
    if reml:
        one, two = kenward_roger(many, a), kenward_roger(cp, b)
        size = np.sqrt(np.diag(one.adjusted))
        np.testing.assert_allclose(
            two.adjusted / np.outer(size, size), one.adjusted / np.outer(size, size), atol=1e-5
        )
        row = np.eye(5)[3]
        assert f_test(two, row).df_denominator == pytest.approx(
            f_test(one, row).df_denominator, rel=1e-4
        )
    visits = [
        Visits(NAMES, d.design, d.y, d.design[:, :2], d.code, w)
        for d, w in ((long, None), (data, weights))
    ]
    one_robust, two_robust = cluster_robust(visits[0], a), cluster_robust(visits[1], b)
    np.testing.assert_allclose(
        np.diag(two_robust.covariance), np.diag(one_robust.covariance), rtol=1e-4
    )
    np.testing.assert_allclose(two_robust.df, one_robust.df, rtol=1e-3)


@EXAMPLES
@given(data=rows(), weighted=st.booleans())
def test_reml_without_random_terms_is_least_squares(data: Rows, weighted: bool) -> None:
    n, p = data.design.shape
    w = np.random.default_rng(1).integers(1, 4, data.code.max() + 1).astype(float)
    times = w[data.code] if weighted else np.ones(n)
    fit = fit_lmm(data.products(w if weighted else None), q=0)
    root = np.sqrt(times)
    want, rss, _, _ = np.linalg.lstsq(root[:, None] * data.design, root * data.y, rcond=None)
    sigma2 = float(rss[0]) / (times.sum() - p)
    gram = data.design.T @ (times[:, None] * data.design)
    np.testing.assert_allclose(fit.fixed.estimates, want, rtol=1e-7, atol=1e-8)
    np.testing.assert_allclose(fit.fixed.covariance, sigma2 * np.linalg.inv(gram), rtol=1e-7)
    assert fit.residual_variance == pytest.approx(sigma2, rel=1e-9)
    df = _each_term(fit).df
    np.testing.assert_allclose(df, times.sum() - p, rtol=1e-8)


@EXAMPLES
@given(data=rows(), size=st.sampled_from([0.0, 1e-4, 1.0, 1e3]), reml=st.booleans())
def test_a_warm_start_changes_nothing(data: Rows, size: float, reml: bool) -> None:
    cp = data.products()
    a = fit_lmm(cp, reml=reml)
    for start in (size * np.eye(2), a.relative):
        b = fit_lmm(cp, reml=reml, start=start)
        assert b.converged
        assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-6)
        _close(a, b)


@EXAMPLES
@given(data=rows(), weighted=st.booleans())
def test_a_score_added_later_is_the_same_as_from_the_start(data: Rows, weighted: bool) -> None:
    n = int(data.code.max()) + 1
    first = np.r_[True, data.code[1:] != data.code[:-1]]
    w = np.random.default_rng(2).integers(1, 4, n).astype(float) if weighted else None
    whole = data.products(w)
    names = ("x", "time:x")
    both = whole.select([0, 1, 4]).with_score(data.x[first], names, columns=(0, 1))
    order = [0, 1, 4, 2, 3, 5]
    assert both.names == (*(NAMES[j] for j in order[:-1]),)
    np.testing.assert_allclose(both.cross, whole.cross[:, :, order], rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(both.pooled, whole.pooled[np.ix_(order, order)], rtol=1e-10)
    for cp in (both, whole, whole.select([4, 0, 2])):
        assert cp.root is not None
        np.testing.assert_allclose(cp.root.T @ cp.root, cp.pooled, rtol=1e-9, atol=1e-8)
    a, b = fit_lmm(whole), fit_lmm(both)
    assert b.log_likelihood == pytest.approx(a.log_likelihood, abs=1e-8)
    only = whole.select([0, 1, 4]).with_score(data.x[first], ("time:x",), columns=(1,))
    np.testing.assert_allclose(only.cross[:, :, 3], whole.cross[:, :, 3], rtol=1e-10, atol=1e-8)


@EXAMPLES
@given(data=rows())
def test_the_joint_test_of_one_row_is_its_t_test(data: Rows) -> None:
    fit = fit_lmm(data.products())
    row = np.array([[0.0, 0, 1, 4.0, 0]])
    t, joint = contrasts(fit.fixed, row), f_test_satterthwaite(fit.fixed, row)
    assert joint.statistic == pytest.approx(float(t.statistic[0]) ** 2, rel=1e-9)
    assert joint.df_denominator == pytest.approx(float(t.df[0]), rel=1e-9)
    twice = f_test_satterthwaite(fit.fixed, np.vstack([row, 2 * row]))
    assert twice.df_numerator == 1
    assert twice.p_value == pytest.approx(float(t.p_value[0]), rel=1e-6)


def test_units_do_not_make_rows_of_a_joint_test_dependent() -> None:
    rng = np.random.default_rng(3)
    code, time = np.repeat(np.arange(40), 5), np.tile(np.arange(5.0), 40)
    x, u = rng.normal(size=40), rng.normal(size=40)
    data = Rows(code, time, x[code], u[code], 3 * u[code] + x[code] + rng.normal(size=200))
    rows_ = np.eye(5)[[2, 3]]
    a = f_test_satterthwaite(fit_lmm(data.products()).fixed, rows_)
    far = fit_lmm(replace(data, time=time * 1e7).products())
    b = f_test_satterthwaite(far.fixed, rows_)
    assert b.df_numerator == a.df_numerator == 2
    assert b.statistic == pytest.approx(a.statistic, rel=1e-5)
    with pytest.raises(SpecError, match="no combination"):
        f_test_satterthwaite(far.fixed, np.zeros((1, 5)))


def _plain(n: int = 20, visits: int = 4) -> Rows:
    rng = np.random.default_rng(7)
    code, time = np.repeat(np.arange(n), visits), np.tile(np.arange(float(visits)), n)
    x, age, u = rng.normal(size=n), rng.uniform(20, 70, n), rng.normal(size=(n, 2))
    y = 3 * u[code, 0] + u[code, 1] * time + rng.normal(size=len(code))
    return Rows(code, time, x[code], age[code], y)


def _one_visit(d: Rows) -> Rows:
    return d.taken(np.flatnonzero(d.time == 0))


def _own_lines(d: Rows) -> Rows:
    u = np.random.default_rng(1).normal(size=(20, 2))
    return replace(d, y=u[d.code, 0] + u[d.code, 1] * d.time)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("change", "error", "code"),
    [
        (lambda d: d.taken(np.flatnonzero(d.code == 0)), FitError, "too_few_observations"),
        (_one_visit, FitError, "too_few_visits"),
        (lambda d: d.taken(np.flatnonzero(d.time < 2)), FitError, "too_few_visits"),
        (lambda d: replace(d, time=d.time + 1e7), FitError, "random_dependent"),
        (lambda d: replace(d, y=0 * d.y + 5), FitError, "perfect_fit"),
        (lambda d: replace(d, y=2 - d.time + d.x), FitError, "perfect_fit"),
        (_own_lines, FitError, "perfect_fit"),
        (lambda d: replace(d, y=np.where(d.time == 1, np.nan, d.y)), DataError, "not_finite"),
        (lambda d: replace(d, age=d.age / 0.0), DataError, "not_finite"),
        (lambda d: replace(d, age=d.age * 1e90), DataError, "scale"),
        (lambda d: replace(d, time=d.time * 1e-90), DataError, "scale"),
        (lambda d: replace(d, code=2 * d.code), DataError, "codes"),
        (lambda d: d.taken(np.zeros(0, dtype=int)), DataError, "nobody_left"),
    ],
)
def test_what_cannot_be_fitted_has_a_named_error(change, error, code) -> None:
    with np.errstate(divide="ignore"):
        data = change(_plain())
    for reml in (True, False):
        with pytest.raises(error) as caught:
            fit_lmm(data.products(), reml=reml)
        assert caught.value.code == code


@pytest.mark.filterwarnings("error")
def test_one_person_and_one_visit_are_named_where_columns_would_do() -> None:
    data = _plain(visits=9)
    for some in (data.taken(np.flatnonzero(data.code == 0)), _one_visit(data)):
        ones = np.ones((len(some.y), 1))
        code = np.unique(some.code, return_inverse=True)[1]
        with pytest.raises(FitError, match="too few visits"):
            fit_lmm(cross_products(("one",), ones, some.y, ones, code), q=1)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("extra", "dropped"),
    [
        (lambda d: 2 * d.x - 1, ("extra",)),
        (lambda d: 0 * d.x, ("extra",)),
        (lambda d: d.x + 1e-7 * np.sin(d.code), ("extra",)),
        (lambda d: d.x + 1e-4 * np.sin(d.code), ()),
        (lambda d: 1.0 * (d.code == 3), ()),
    ],
)
def test_dependent_columns_are_dropped_by_name_and_others_are_kept(extra, dropped) -> None:
    d = _plain()
    design = np.column_stack([d.design, extra(d)])
    cp = cross_products((*NAMES, "extra"), design, d.y, design[:, :2], d.code)
    fit = fit_lmm(cp)
    assert fit.dropped == dropped
    assert fit.converged
    terms = _each_term(fit)
    assert all(np.isfinite(v).all() for v in (terms.estimate, terms.std_error, terms.df))
    if dropped:
        assert fit.log_likelihood == pytest.approx(fit_lmm(d.products()).log_likelihood, abs=1e-9)


@pytest.mark.filterwarnings("error")
def test_more_columns_than_observations_is_refused() -> None:
    d = _plain(10)
    design = np.column_stack([d.design[:, :2], np.random.default_rng(0).normal(size=(40, 50))])
    names = tuple(f"c{j}" for j in range(52))
    with pytest.raises(FitError, match="observations for"):
        fit_lmm(cross_products(names, design, d.y, design[:, :2], d.code))


@pytest.mark.parametrize("weights", [-np.ones(20), np.full(20, np.nan), np.ones(7)])
def test_weights_that_are_none_are_refused(weights: np.ndarray) -> None:
    with pytest.raises(DataError, match="Weights must be"):
        _plain().products(weights)


def test_a_score_with_missing_values_and_too_many_random_terms_are_refused() -> None:
    cp = _plain().products()
    with pytest.raises(DataError, match="x needs one finite number"):
        cp.with_score(np.full(20, np.nan), ("x", "time:x"))
    with pytest.raises(SpecError, match="3 random terms"):
        fit_lmm(cp, q=3)


def test_a_useless_start_is_not_used() -> None:
    cp = _plain().products()
    want = fit_lmm(cp).log_likelihood
    for start in (np.full((2, 2), np.nan), 1e30 * np.eye(2), -np.eye(2)):
        assert fit_lmm(cp, start=start).log_likelihood == pytest.approx(want, abs=1e-7)
