"""Moments as start values: near the optimum, and never in the way of it."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.start_values import moment_start


def _data(n: int, visits: int, slope: float, seed: int = 1) -> CrossProducts:
    rng = np.random.default_rng(seed)
    code, t = np.repeat(np.arange(n), visits), np.tile(np.arange(float(visits)), n)
    x = rng.normal(size=n)[code]
    design = np.column_stack([np.ones_like(t), t, x, x * t])
    u = rng.normal(size=(n, 2)) * [4.0, slope]
    y = design @ [20.0, -1.0, 1.0, 0.1] + u[code, 0] + u[code, 1] * t + rng.normal(0, 3, len(t))
    names = ("(Intercept)", "time", "x", "time:x")
    return cross_products(names, design, y, design[:, :2], code)


@pytest.mark.parametrize("q", [1, 2])
def test_moments_begin_near_the_optimum_and_end_in_it(q: int) -> None:
    cp = _data(500, 6, 0.8)
    start = moment_start(cp, q)
    assert start is not None
    cold, warm = fit_lmm(cp, q=q), fit_lmm(cp, q=q, start=start)
    assert abs(cold.log_likelihood - warm.log_likelihood) < 1e-7
    assert warm.steps < cold.steps
    np.testing.assert_allclose(np.diag(start), np.diag(cold.relative), rtol=0.3)


def test_moments_that_give_no_covariance_are_not_used() -> None:
    starts = [moment_start(_data(30, 3, 0.0, seed), 2) for seed in range(10)]
    assert any(start is None for start in starts)
    assert all(np.linalg.eigvalsh(start)[0] > 0 for start in starts if start is not None)
    assert moment_start(_data(30, 1, 0.0), 1) is None
    assert moment_start(_data(30, 3, 0.0), 0) is None
