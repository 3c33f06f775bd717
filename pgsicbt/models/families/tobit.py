"""Least squares with a floor and a ceiling: totals that cannot go below or above the instrument's.

Tobin 1958 (Econometrica 26:24). In the parameters g = b / s and t = 1 / s the log-likelihood is
concave (Olsen 1978, Econometrica 46:1211), so Newton's method finds its one maximum; the
covariance of b is that of the observed information in (b, log s), as R's survreg gives it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.errors import FitError
from pgsicbt.models.families.estimators import Estimated
from pgsicbt.result import Array

_STEPS, _SMALL, _SMALLEST = 100, 1e-10, 1e-8


def tobit(y: Array, x: Array, low: float, high: float) -> Estimated:
    """Tobit regression of ``y`` (N,) in [low, high] on ``x`` (N, p); both limits are censored.

    Returns
    -------
    Estimated
        Coefficients of the symptoms behind the total, in its points; ``details`` has ``sigma``,
        ``at_floor`` and ``at_ceiling`` (people).

    Raises
    ------
    FitError
        If fewer people than coefficients lie inside the limits, or the optimum was not reached.
    """
    parts = (y <= low, y >= high, (y > low) & (y < high))
    inside = parts[2]
    p = x.shape[1]
    if inside.sum() <= p + 1:
        raise FitError(
            "too few people lie between the floor and the ceiling.",
            "Choose another kind of model.",
            code="all_at_floor",
        )
    b = np.linalg.lstsq(x, y, rcond=None)[0]
    spread = max(float((y - x @ b)[inside].std()), 1e-8)
    theta: Array = np.append(b, 1.0) / spread
    value = _value(y, x, theta, parts, (low, high))
    for _ in range(_STEPS):
        gradient, hessian = _slopes(y, x, theta, parts, (low, high))
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > _SMALLEST:
            tried = theta - size * step
            new = _value(y, x, tried, parts, (low, high)) if tried[p] > 0 else -np.inf
            if new >= value - 1e-12:
                break
            size /= 2
        else:
            break  # no step goes up any more: this is the maximum, to rounding
        gain, theta, value = new - value, tried, new
        if gain < _SMALL and size == 1.0:
            break
    else:
        raise FitError("the optimum was not reached.", "Choose fewer covariates.")
    _, hessian = _slopes(y, x, theta, parts, (low, high))
    sigma = float(1 / theta[p])
    # b = g / t: the delta method is exact at the maximum, where the gradient is zero.
    jacobian = np.zeros((p, p + 1))
    jacobian[:, :p] = np.eye(p) * sigma
    jacobian[:, p] = -theta[:p] * sigma**2
    covariance: Array = jacobian @ np.linalg.inv(-hessian) @ jacobian.T
    estimates: Array = theta[:p] * sigma
    return Estimated(
        estimates,
        covariance,
        np.inf,
        value,
        sigma**2,
        {
            "sigma": sigma,
            "at_floor": float(parts[0].sum()),
            "at_ceiling": float(parts[1].sum()),
        },
    )


_Mask = NDArray[np.bool_]
_Parts = tuple[_Mask, _Mask, _Mask]


def _value(y: Array, x: Array, theta: Array, parts: _Parts, limits: tuple[float, float]) -> float:
    at_low, at_high, inside = parts
    eta, t = x @ theta[:-1], float(theta[-1])
    total = float(stats.norm.logpdf(t * y[inside] - eta[inside]).sum())
    total += float(inside.sum()) * float(np.log(t))
    total += float(stats.norm.logcdf(t * limits[0] - eta[at_low]).sum())
    return total + float(stats.norm.logsf(t * limits[1] - eta[at_high]).sum())


def _slopes(
    y: Array, x: Array, theta: Array, parts: _Parts, limits: tuple[float, float]
) -> tuple[Array, Array]:
    """Gradient (p + 1,) and Hessian (p + 1, p + 1) by (g, t)."""
    at_low, at_high, inside = parts
    eta, t = x @ theta[:-1], float(theta[-1])
    p = len(theta) - 1
    z = t * y[inside] - eta[inside]
    full = np.column_stack([-x[inside], y[inside]])
    gradient: Array = -(full.T @ z)
    hessian: Array = -(full.T @ full)
    gradient[p] += inside.sum() / t
    hessian[p, p] -= inside.sum() / t**2
    for rows, limit, sign in ((at_low, limits[0], 1.0), (at_high, limits[1], -1.0)):
        if not rows.any():
            continue
        z = sign * (t * limit - eta[rows])
        ratio = np.exp(stats.norm.logpdf(z) - stats.norm.logcdf(z))  # density over probability
        moved = sign * np.column_stack([-x[rows], np.full(int(rows.sum()), limit)])
        gradient += moved.T @ ratio
        hessian -= moved.T @ (moved * (ratio * (z + ratio))[:, None])
    return gradient, hessian
