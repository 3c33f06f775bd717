"""Profile-likelihood intervals: against lme4, and the deviance at their ends by other means."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from pgsicbt import mixed_model
from pgsicbt.errors import SpecError
from pgsicbt.models.engine.constrained import Held, Minimum, _family, _value, minimum_at
from pgsicbt.models.engine.profile import ProfileInterval, _Search, profile_fixed, profile_variance
from pgsicbt.models.formula.formula import MixedModel

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = json.loads((REFERENCE / "profile.json").read_text(encoding="utf-8"))
KEYS = [k for k in CASES if "/" in k]


def _frame(name: str) -> pd.DataFrame:
    folder = "profile_data" if name == "curved" else "data"
    return pd.read_csv(REFERENCE / folder / f"{name}.csv")


@cache
def _model(key: str, reml: bool = False) -> MixedModel:
    data, kind = key.split("/")
    curved = data == "curved"
    random = "1 + time + time2" if curved else "1 + time"
    return mixed_model(
        "y ~ (time + time2) * x" if curved else "y ~ time * x",
        _frame(data), "id", "1" if kind == "intercept" else random,
        reml=reml, correlated=kind != "uncorrelated",
    )  # fmt: skip


@cache
def _intervals(key: str) -> dict[str, ProfileInterval]:
    model = _model(key)
    terms = list(model.random_covariance.index)
    found = profile_variance(model.cross_products, model.lmm, terms=terms)
    fixed = [profile_fixed(model.cross_products, model.lmm, t) for t in model.lmm.fixed.names]
    return {i.term: i for i in (*found, *fixed)}


def _our_name(name: str) -> str:
    """cor_time.(Intercept)|id is how lme4 writes the correlation of (Intercept) and time."""
    if match := re.fullmatch(r"cor_(.*)\.(.*)\|id", name):
        return f"cor {match[2]}, {match[1]}"
    return f"sd {name[3:-3]}" if re.fullmatch(r"sd_.*\|id", name) else name


# Against lme4.

# Ends at which lme4's profile breaks down: near an SD of zero or a correlation of one some of its
# points are not the smallest deviance, so that it says "non-monotonic profile" or "bad spline fit",
# or its spline cuts the bend there. Each of these ends is checked by other means below.
ROUGH = {
    "balanced/correlated": {"sigma high"},
    "boundary/correlated": {"sd time low", "sigma high"},
    "small/correlated": {"sd (Intercept) high", "sigma low", "sigma high"},
    "sparse/correlated": {"sd time low", "cor (Intercept), time high"},
    "curved/correlated": {"cor time, time2 high"},
}


@pytest.mark.parametrize("key", KEYS)
def test_intervals_equal_those_of_lme4(key: str) -> None:
    want, got = CASES[key], _intervals(key)
    model = _model(key)
    assert model.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-6)
    assert sorted(_our_name(n) for n in want["names"]) == sorted(got)
    for name, low, high in zip(want["names"], want["low"], want["high"], strict=True):
        mine = got[_our_name(name)]
        width = mine.conf_high - mine.conf_low
        for side, end, theirs in (("low", mine.conf_low, low), ("high", mine.conf_high, high)):
            if f"{mine.term} {side}" in ROUGH.get(key, ()):
                continue
            assert theirs is not None
            assert end == pytest.approx(theirs, abs=1e-4 * width), (mine.term, side)


# By the full covariance matrices, and by another optimiser.


class _Dense:
    """The ML deviance by the matrix V of every person, as in a textbook."""

    def __init__(self, model: MixedModel) -> None:
        v = model._visits
        assert v is not None
        place = pd.Series(v.person).groupby(v.person).cumcount().to_numpy()
        shape = (int(v.person.max()) + 1, int(place.max()) + 1)
        self.z = np.zeros((*shape, v.basis.shape[1]))
        self.xy = np.zeros((*shape, v.design.shape[1] + 1))
        self.z[v.person, place] = v.basis
        self.xy[v.person, place] = np.column_stack([v.design, v.outcome])
        self.n, self.empty = len(place), shape[0] * shape[1] - len(place)

    def deviance(self, d: np.ndarray, sigma: float) -> float:
        v = self.z @ d @ self.z.transpose(0, 2, 1) + sigma**2 * np.eye(self.z.shape[1])
        root = np.linalg.cholesky(v)
        white = np.linalg.solve(root, self.xy).reshape(-1, self.xy.shape[2])
        a = white.T @ white
        value = 2 * np.log(np.diagonal(root, axis1=1, axis2=2)).sum()
        value += self.n * np.log(2 * np.pi) - 2 * self.empty * np.log(sigma)
        return float(value + a[-1, -1] - a[:-1, -1] @ np.linalg.solve(a[:-1, :-1], a[:-1, -1]))


def _held(model: MixedModel) -> dict[str, Held]:
    terms = list(model.random_covariance.index)
    found = {f"sd {t}": Held("sd", (k,)) for k, t in enumerate(terms)} | {"sigma": Held("sigma")}
    if model.correlated:
        for k, one in enumerate(terms):
            for m in range(k + 1, len(terms)):
                found[f"cor {one}, {terms[m]}"] = Held("correlation", (k, m))
    return found


@pytest.mark.parametrize("key", KEYS)
def test_the_deviance_at_each_end_is_the_quantile(key: str) -> None:
    """Exactly, where no edge is in the way; by V of every person at the point that was found."""
    model, dense = _model(key), _Dense(_model(key))
    search = _Search(model.cross_products, model.lmm, 0.95)
    for term, held in _held(model).items():
        interval = _intervals(key)[term]
        assert interval.cut - interval.deviance == pytest.approx(3.841458820694124, abs=1e-9)
        unit = search.unit[held.terms[0]] if held.kind == "sd" else 1.0
        for end in (interval.conf_low, interval.conf_high):
            edge = (held.kind == "sd" and end == 0) or (
                held.kind == "correlation" and abs(end) == 1
            )
            start = search.best
            at = min(
                (minimum_at(search.data, search.whiten, held, end / unit, s, model.correlated)
                 for s in (start, _other(start))),
                key=lambda m: m.deviance,
            )  # fmt: skip
            d = at.covariance * np.outer(search.unit, search.unit)
            assert dense.deviance(d, at.sigma2**0.5) == pytest.approx(at.deviance, abs=1e-7)
            if edge:
                assert at.deviance < interval.cut
            else:
                assert at.deviance == pytest.approx(interval.cut, abs=1e-6), (term, end)
            _check_parameter(d, at.sigma2, held, end)


def _other(start: Minimum) -> Minimum:
    return Minimum(start.deviance, np.diag(np.diag(start.covariance) + 0.1), start.sigma2)


@pytest.mark.parametrize("key", sorted(ROUGH))
def test_where_lme4_is_rough_its_ends_are_not_at_the_quantile(key: str) -> None:
    want, model, dense = CASES[key], _model(key), _Dense(_model(key))
    search = _Search(model.cross_products, model.lmm, 0.95)
    ends = {}
    for name, low, high in zip(want["names"], want["low"], want["high"], strict=True):
        ends |= {f"{_our_name(name)} low": low, f"{_our_name(name)} high": high}
    for end in ROUGH[key]:
        term = end.rsplit(" ", 1)[0]
        held = _held(model)[term]
        unit = search.unit[held.terms[0]] if held.kind == "sd" else 1.0
        at = minimum_at(
            search.data, search.whiten, held, ends[end] / unit, search.best, model.correlated
        )
        d = at.covariance * np.outer(search.unit, search.unit)
        there = dense.deviance(d, at.sigma2**0.5)
        assert there == pytest.approx(at.deviance, abs=1e-7)
        assert abs(there - _intervals(key)[term].cut) > 1e-4, end


def _check_parameter(d: np.ndarray, sigma2: float, held: Held, value: float) -> None:
    if held.kind == "sigma":
        assert np.sqrt(sigma2) == pytest.approx(value, rel=1e-9)
    elif held.kind == "sd":
        assert np.sqrt(d[held.terms[0], held.terms[0]]) == pytest.approx(value, rel=1e-9, abs=1e-12)
    else:
        a, b = held.terms
        assert d[a, b] == pytest.approx(value * np.sqrt(d[a, a] * d[b, b]), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("key", ["boundary/correlated", "sparse/correlated", "small/correlated"])
def test_no_other_optimiser_finds_less(key: str) -> None:
    """The simplex method of Nelder and Mead on SDs and correlation, at ends near the edge."""
    model, dense = _model(key), _Dense(_model(key))
    terms = list(model.random_covariance.index)
    names = [f"sd {t}" for t in terms] + [f"cor {', '.join(terms)}", "sigma"]
    sds = np.sqrt(np.diag(model.random_covariance))
    for at, term in enumerate(names):
        interval = _intervals(key)[term]
        for end in (interval.conf_low, interval.conf_high):
            if end in (0.0, 1.0, -1.0):
                continue
            least = np.inf
            for correlation in (-0.6, 0.6):
                start = np.array([*np.maximum(sds, 0.4), correlation, 4.0])
                free = [k for k in range(4) if k != at]

                def loss(theta, start=start, free=free, end=end, at=at) -> float:
                    full = start.copy()
                    full[free], full[at] = theta, end
                    outer = np.outer(full[:2], full[:2])
                    outer[[0, 1], [1, 0]] *= full[2]
                    return dense.deviance(outer, full[3])

                bounds = [((0, None), (0, None), (-1, 1), (0.1, None))[k] for k in free]
                found = minimize(loss, start[free], method="Nelder-Mead", bounds=bounds,
                                 options={"xatol": 1e-4, "fatol": 1e-6})  # fmt: skip
                least = min(least, float(found.fun))
            assert interval.cut - 1e-6 < least < interval.cut + 1e-3, term


@pytest.mark.parametrize("key", ["boundary/correlated", "small/correlated", "dropout/intercept"])
def test_the_deviance_at_the_ends_of_a_fixed_effect(key: str) -> None:
    """Refitted without the column, as a user would: y less the end times the column."""
    data = key.split("/")[0]
    frame = _frame(data)
    for term, column in (("x", frame["x"]), ("time:x", frame["time"] * frame["x"])):
        interval = _intervals(key)[term]
        rest = "y ~ time + time:x" if term == "x" else "y ~ time + x"
        for end in (interval.conf_low, interval.conf_high):
            moved = frame.assign(y=frame["y"] - end * column)
            random = "1" if key.endswith("intercept") else "1 + time"
            model = mixed_model(rest, moved, "id", random, reml=False)
            assert -2 * model.log_likelihood == pytest.approx(interval.cut, abs=1e-7)


@pytest.mark.parametrize("held", [Held("sd", (1,)), Held("correlation", (2, 0)), Held("sigma")])
def test_derivatives_with_a_parameter_held(held: Held) -> None:
    model = _model("curved/correlated")
    search = _Search(model.cross_products, model.lmm, 0.95)
    family, theta = _family(held, 0.6 if held.kind != "sigma" else 3.0, search.best, True)
    theta = theta + 0.05 * np.arange(1, len(theta) + 1)
    steps = np.eye(len(theta)) * 1e-5

    def at(t: np.ndarray):
        point = _value(search.data, search.whiten, family, t)
        assert point is not None
        return point

    here = at(theta)
    slope = [(at(theta + s).value - at(theta - s).value) / 2e-5 for s in steps]
    bend = [(at(theta + s).gradient - at(theta - s).gradient) / 2e-5 for s in steps]
    np.testing.assert_allclose(here.gradient, slope, atol=1e-6 * np.abs(here.gradient).max())
    np.testing.assert_allclose(here.hessian, bend, atol=1e-6 * np.abs(here.hessian).max())


# What must hold of any interval.


def test_least_squares_has_closed_forms() -> None:
    """Without a random part the profile of a coefficient and of sigma are known exactly."""
    frame = _frame("balanced")
    model = mixed_model("y ~ time * x", frame, "id", "0", reml=False)
    n, rss = model.n_observations, model.residual_variance * model.n_observations
    got = model.profile("x")
    reach = np.sqrt(np.expm1(chi2.ppf(0.95, 1) / n) * rss)
    unit = np.sqrt(model.covariance.loc["x", "x"] / model.residual_variance)
    assert got.conf_high - got.estimate == pytest.approx(reach * unit, rel=1e-8)
    assert got.estimate - got.conf_low == pytest.approx(reach * unit, rel=1e-8)
    got = model.profile("sigma")
    for end in (got.conf_low, got.conf_high):
        ratio = rss / n / end**2
        assert n * (ratio - 1 - np.log(ratio)) == pytest.approx(chi2.ppf(0.95, 1), rel=1e-8)


def test_a_model_with_one_coefficient() -> None:
    model = mixed_model("y ~ 1", _frame("balanced"), "id", "1", reml=False)
    got = model.profile("(Intercept)")
    assert got.conf_low < got.estimate < got.conf_high
    # Balanced: symmetric.
    assert got.conf_high + got.conf_low == pytest.approx(2 * got.estimate, rel=1e-8)


def test_reml_fits_are_refitted_and_say_so() -> None:
    for term in ("time:x", "sd time", "sigma", "cor (Intercept), time"):
        one = _model("dropout/correlated", reml=True).profile(term)
        two = _model("dropout/correlated").profile(term)
        assert one.refitted
        assert not two.refitted
        assert one.estimate == pytest.approx(two.estimate, rel=1e-6)
        assert one.conf_low == pytest.approx(two.conf_low, rel=1e-6)
        assert one.conf_high == pytest.approx(two.conf_high, rel=1e-6)


def test_more_confidence_is_wider() -> None:
    model = _model("dropout/correlated")
    ends = [model.profile("sd time", c) for c in (0.5, 0.9, 0.99)]
    assert sorted(e.conf_low for e in ends) == [e.conf_low for e in reversed(ends)]
    assert sorted(e.conf_high for e in ends) == [e.conf_high for e in ends]


def test_zero_is_in_the_interval_where_the_test_does_not_reject() -> None:
    """An end of zero exactly where the likelihood ratio stays below the quantile."""
    for key in ("small/uncorrelated", "boundary/uncorrelated", "dropout/uncorrelated"):
        model = _model(key)
        statistic = model.random_tests().set_index("tested").loc["time", "statistic"]
        low = _intervals(key)["sd time"].conf_low
        assert (low == 0.0) == (statistic < chi2.ppf(0.95, 1))


def test_a_correlation_with_a_term_of_zero() -> None:
    frame = _frame("small")
    still = frame.assign(
        y=frame["y"] - frame.groupby("id")["y"].transform("mean") + 0.1 * frame["x"]
    )
    model = mixed_model("y ~ time * x", still, "id", "1 + time", reml=False)
    if (np.diag(model.random_covariance) < 1e-8).any():
        got = model.profile("cor (Intercept), time")
        assert np.isnan(got.estimate)
        assert "no estimate" in got.note
        assert (got.conf_low, got.conf_high) == (-1.0, 1.0)
        sd = model.profile("sd (Intercept)")
        assert sd.conf_low == 0.0
        assert np.isfinite(sd.conf_high)


def test_names_that_are_not_there() -> None:
    model = _model("balanced/correlated")
    with pytest.raises(SpecError, match=r"no variance parameter 'age'.*sd time.*sigma"):
        model.profile("age")
    with pytest.raises(SpecError, match="confidence"):
        model.profile("x", 95)
    with pytest.raises(SpecError, match="confidence"):
        model.profile("sigma", 1.0)
    with pytest.raises(SpecError, match="no term 'age'"):
        profile_fixed(model.cross_products, model.lmm, "age")
    unnamed = profile_variance(model.cross_products, model.lmm, only=["sd 2"])
    assert [i.term for i in unnamed] == ["sd 2"]
    assert unnamed[0].conf_low == pytest.approx(model.profile("sd time").conf_low, rel=1e-8)
