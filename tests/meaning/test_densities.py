"""Areas, overlaps and exact intervals against R (pROC, density, effectsize)."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pgsicbt.meaning.densities import (
    logit_interval,
    lower_in_top,
    mixture,
    observed_overlap,
    placements,
    rank_probability,
    scott,
)
from pgsicbt.meaning.increment import (
    _nct_cdf,
    _noncentrality_f,
    _noncentrality_t,
    exact_partial,
)

HERE = Path(__file__).parent / "reference"
AREAS = json.loads((HERE / "areas.json").read_text())
NESTED = json.loads((HERE / "increment.json").read_text())


@pytest.mark.parametrize("case", AREAS["areas"])
def test_areas_and_their_variances_are_those_of_proc(case: dict[str, Any]) -> None:
    y, a, b = (np.array(case[k], dtype=float) for k in ("y", "a", "b"))
    first, second = (placements(x[y == 1], x[y == 0]) for x in (a, b))
    assert first[0] == pytest.approx(case["auc_a"], abs=1e-12)
    assert second[0] == pytest.approx(case["auc_b"], abs=1e-12)
    m, n = int(y.sum()), int((1 - y).sum())
    assert first[0] * m * n == pytest.approx(case["wilcoxon"])

    def covariance(p: tuple[Any, ...], q: tuple[Any, ...]) -> float:
        return float(np.cov(p[1], q[1])[0, 1] / m + np.cov(p[2], q[2])[0, 1] / n)

    assert covariance(first, first) == pytest.approx(case["var_a"], rel=1e-9)
    assert covariance(second, second) == pytest.approx(case["var_b"], rel=1e-9)
    assert covariance(first, second) == pytest.approx(case["cov"], rel=1e-9)


@pytest.mark.parametrize("case", AREAS["overlaps"])
def test_overlap_of_kernel_densities_is_that_of_r(case: dict[str, Any]) -> None:
    x, z = (np.array(case[k], dtype=float) for k in ("x", "z"))
    assert scott(x, z) == pytest.approx(case["bw"], rel=1e-12)
    found = observed_overlap(x, z, seed=1)
    assert found.overlap == pytest.approx(case["overlap"], abs=5e-4)
    assert found.low < found.overlap < found.high or found.high == 1.0
    assert found.overlap < found.chance + 0.06 and 0.8 < found.chance < 1


def test_equal_normals_overlap_as_the_formula_has_it() -> None:
    # Cohen's U: 2 Phi(-d / 2), and the common-language effect size Phi(d / sqrt(2)).
    for d in (0.0, 0.3, 1.0, 2.5):
        shape = mixture(np.array([-d * 4.0]), np.array([0.0]), 4.0, centre=30.0)
        assert shape.overlap == pytest.approx(2 * stats.norm.cdf(-d / 2), abs=2e-4)
        chance = lower_in_top(np.array([-d * 4.0]), np.array([0.0]), 4.0)
        assert chance == pytest.approx(stats.norm.cdf(d / math.sqrt(2)), abs=1e-12)


def test_who_does_better_counts_ties_half_and_is_symmetric() -> None:
    rng = np.random.default_rng(4)
    a, b = rng.integers(0, 20, 60).astype(float), rng.integers(3, 23, 50).astype(float)
    by_hand = np.mean([(x < y) + 0.5 * (x == y) for x in a for y in b])
    estimate, low, high = rank_probability(a, b)
    assert estimate == pytest.approx(by_hand)
    assert 0 < low < estimate < high < 1
    other = rank_probability(b, a)
    np.testing.assert_allclose(other, (1 - estimate, 1 - high, 1 - low), atol=1e-12)
    assert logit_interval(1.0, 0.02, 0.95)[1] == 1.0


@pytest.mark.parametrize("case", NESTED["cases"])
def test_noncentralities_are_those_of_effectsize(case: dict[str, Any]) -> None:
    t = math.sqrt(case["f"])
    for name, quantile in (("low", 0.975), ("high", 0.025)):
        ours = _noncentrality_t(t, case["df"], quantile)
        assert ours == pytest.approx(case[f"ncp_t_{name}"], abs=1e-5)
        ours = _noncentrality_f(case["f_both"], 2, case["df_both"], quantile)
        assert ours == pytest.approx(case[f"ncp_f_{name}"], abs=1e-4)


def test_the_exact_interval_begins_above_zero_exactly_where_the_test_says_so() -> None:
    for t in (0.0, 0.5, 1.9, 1.97, 2.2, 6.0):
        low, high = exact_partial(t**2, 1, 300.0, 310, 0.95)
        p = 2 * stats.t.sf(t, 300)
        assert (low > 0) == (p < 0.05)
        assert high > t**2 / (t**2 + 300) * 0.9 and high > 0


@pytest.mark.parametrize("df", [12.0, 60.0, 392.0, 2500.0])
def test_limits_exist_for_every_statistic(df: float) -> None:
    # scipy's noncentral t has gaps where its value is next to 0 or 1.
    widths = []
    for t in np.linspace(0, 12, 121):
        low, high = exact_partial(float(t) ** 2, 1, df, int(df) + 8, 0.95)
        assert 0 <= low <= high < 1
        widths.append((low, high))
    assert np.all(np.diff(np.array(widths), axis=0) >= -1e-9)
    for f in np.linspace(0, 60, 61):
        low, high = exact_partial(float(f), 8, df, int(df) + 15, 0.95)
        assert 0 <= low <= high < 1
    direct = [_nct_cdf(1.0, df, d) for d in np.linspace(-9, 9, 91)]
    assert np.all(np.diff(direct) <= 1e-6)
