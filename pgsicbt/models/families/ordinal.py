"""The proportional odds model (McCullagh 1980, J R Stat Soc B 42:109).

logit P(y <= j) = c_j - x b: positive coefficients raise the odds of a higher level. statsmodels has
it too, with derivatives by finite differences that take seconds where this takes milliseconds; the
two are held against each other, and both against R's ordinal::clm.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from pgsicbt.errors import FitError
from pgsicbt.models.families.estimators import STEEP, Estimated, separation
from pgsicbt.result import Array

_STEPS, _SMALL, _SMALLEST = 100, 1e-10, 1e-8


def ordinal(y: Array, x: Array) -> Estimated:
    """Proportional odds model of levels ``y`` (N,) 0 .. k - 1 on ``x`` (N, p) without constant.

    Returns
    -------
    Estimated
        Coefficients of ``x``; ``details`` has the k - 1 thresholds.

    Raises
    ------
    FitError
        If columns tell some people's level with certainty, or the optimum was not reached.
    """
    level = y.astype(np.intp)
    k, p = int(level.max()) + 1, x.shape[1]
    below = np.array([(level <= j).mean() for j in range(k - 1)])
    theta: Array = np.concatenate([np.log(below / (1 - below)), np.zeros(p)])
    value, gradient, hessian = _parts(level, x, theta, k)
    for _ in range(_STEPS):
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > _SMALLEST:
            tried = theta - size * step
            if (np.diff(tried[: k - 1]) > 0).all():
                new, *slopes = _parts(level, x, tried, k)
                if new >= value - 1e-12:
                    break
            size /= 2
        else:
            break
        gain, theta, value = new - value, tried, new
        gradient, hessian = slopes
        if (np.abs(theta[k - 1 :] * x.std(axis=0)) > STEEP).any():
            raise separation()
        if gain < _SMALL and size == 1.0:
            break
    else:
        raise FitError("the optimum was not reached.", "Choose fewer covariates.")
    estimates: Array = theta[k - 1 :]
    covariance = np.asarray(np.linalg.inv(-hessian)[k - 1 :, k - 1 :], dtype=np.float64)
    cuts = theta[: k - 1].tolist()
    details = {f"threshold {j + 1}": c for j, c in enumerate(cuts)}
    return Estimated(estimates, covariance, np.inf, value, details=details)


def _parts(level: NDArray[np.intp], x: Array, theta: Array, k: int) -> tuple[float, Array, Array]:
    """Log-likelihood, gradient and Hessian by (c, b)."""
    n, p = x.shape
    cuts, eta = theta[: k - 1], x @ theta[k - 1 :]
    # Bounds of each person's level; the outermost are at infinity and have no derivative.
    has_up, has_low = level < k - 1, level > 0
    up = np.where(has_up, expit(cuts[np.minimum(level, k - 2)] - eta), 1.0)
    low = np.where(has_low, expit(cuts[np.maximum(level - 1, 0)] - eta), 0.0)
    probability = np.maximum(up - low, 1e-300)
    rows = np.arange(n)
    d_up, d_low = np.zeros((n, k - 1 + p)), np.zeros((n, k - 1 + p))
    d_up[rows[has_up], level[has_up]] = 1.0
    d_low[rows[has_low], level[has_low] - 1] = 1.0
    d_up[:, k - 1 :] = -x * has_up[:, None]
    d_low[:, k - 1 :] = -x * has_low[:, None]
    f_up, f_low = up * (1 - up), low * (1 - low)
    slope = (f_up[:, None] * d_up - f_low[:, None] * d_low) / probability[:, None]
    gradient: Array = slope.sum(axis=0)
    bend_up = f_up * (1 - 2 * up) / probability
    bend_low = f_low * (1 - 2 * low) / probability
    hessian: Array = (
        d_up.T @ (d_up * bend_up[:, None]) - d_low.T @ (d_low * bend_low[:, None]) - slope.T @ slope
    )
    return float(np.log(probability).sum()), gradient, hessian
