"""Random-effects meta-analysis of k estimates with known standard errors.

The model is y_j = mu + u_j + e_j with var(u) = tau2 and var(e_j) = v_j. With weights
w_j = 1 / (v_j + tau2):

- **tau2** by restricted maximum likelihood, or by Paule & Mandel (1982, J Res Nat Bur Stand
  87:377): Q(tau2) = sum w (y - mu)^2 = k - 1. Never below zero.
- **The mean** is sum w y / sum w. Its standard error is that of Hartung & Knapp (2001, Stat Med
  20:3875), sqrt(q / sum w) with q = sum w (y - mu)^2 / (k - 1), with k - 1 degrees of freedom.
- **tau2's interval** by the Q-profile method (Viechtbauer 2007, Stat Med 26:37), and from it that
  of I2 = tau2 / (tau2 + s2), s2 being Higgins & Thompson's typical within-study variance.
- **Prediction interval** of a new site's true effect: mu +- t(k - 1) sqrt(se^2 + tau2), as metafor
  has it with Hartung and Knapp's test.

All as in the R package metafor (Viechtbauer 2010, J Stat Softw 36(3)): ``rma(yi, sei=, method=,
test="knha")``, ``predict``, ``confint``, ``leave1out``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize, stats

from pgsicbt.errors import FitError, SpecError
from pgsicbt.result import Array

Estimator = Literal["reml", "paule-mandel"]
ESTIMATORS: tuple[Estimator, ...] = ("reml", "paule-mandel")
_STEPS = 200


@dataclass(frozen=True)
class Pooled:
    """What k sites say together.

    Parameters
    ----------
    estimate, std_error, df, statistic, p_value, conf_low, conf_high
        The mean over sites with Hartung and Knapp's test.
    common, common_error, common_low, common_high
        The mean under the assumption of one true effect, by inverse variances, and its z interval.
    tau2, tau2_low, tau2_high
        Variance between sites and its interval by the Q-profile method.
    i2, i2_low, i2_high
        Share of the variance of the estimates that lies between sites, 0 to 1, from tau2.
    q, q_df, q_p
        Cochran's test of equal effects.
    predict_low, predict_high
        Interval for the true effect in a new site.
    """

    k: int
    estimate: float
    std_error: float
    df: float
    statistic: float
    p_value: float
    conf_low: float
    conf_high: float
    common: float
    common_error: float
    common_low: float
    common_high: float
    tau2: float
    tau2_low: float
    tau2_high: float
    i2: float
    i2_low: float
    i2_high: float
    q: float
    q_df: int
    q_p: float
    predict_low: float
    predict_high: float


def pool_estimates(
    estimates: Array,
    std_errors: Array,
    *,
    estimator: Estimator = "reml",
    confidence: float = 0.95,
    modified: bool = True,
) -> Pooled:
    """Pool estimates of the same quantity.

    Parameters
    ----------
    estimates, std_errors
        (k,) estimates, k at least 2, and their standard errors, above zero.
    estimator
        Of tau2.
    modified
        Never let Hartung and Knapp's interval be narrower than it would be with normal theory's
        standard error (q at least 1; Knapp & Hartung 2003, Stat Med 22:2693; Röver, Knapp &
        Friede 2015, BMC Med Res Methodol 15:99, on few sites).

    Raises
    ------
    SpecError
        If the estimator is unknown.
    FitError
        If there are fewer than two estimates or a number is not usable.
    """
    y, se = np.asarray(estimates, dtype=float), np.asarray(std_errors, dtype=float)
    if estimator not in ESTIMATORS:
        raise SpecError(
            f"The variance between sites cannot be estimated by {estimator!r}.",
            f"Choose one of: {', '.join(ESTIMATORS)}.",
        )
    k = len(y)
    if k < 2 or len(se) != k:
        raise FitError("There are fewer than two sites to pool.", "Load a summary of another site.")
    if not (np.isfinite(y).all() and np.isfinite(se).all() and (se > 0).all()):
        raise FitError("Every site needs an estimate and a standard error above zero.")
    unit = float(np.exp(np.log(se).mean()))  # tau2 is searched for in units of typical variances
    y, v = y / unit, (se / unit) ** 2
    found = _reml(y, v) if estimator == "reml" else _paule_mandel(y, v)
    w = 1 / (v + found)
    mu = float(w @ y / w.sum())
    q = float(w @ (y - mu) ** 2) / (k - 1)
    error = math.sqrt((max(q, 1.0) if modified else q) / float(w.sum()))
    reach = float(stats.t.isf((1 - confidence) / 2, k - 1))
    statistic = mu / error if error > 0 else math.inf
    wide = reach * math.sqrt(error**2 + found)
    fixed = 1 / v
    common = float(fixed @ y / fixed.sum())
    common_error = 1 / math.sqrt(float(fixed.sum()))
    normal = float(stats.norm.isf((1 - confidence) / 2))
    cochran = float(fixed @ (y - common) ** 2)
    low, high = q_profile(y, v, confidence)
    s2 = typical_variance(v)
    return Pooled(
        k=k,
        estimate=mu * unit,
        std_error=error * unit,
        df=float(k - 1),
        statistic=statistic,
        p_value=float(2 * stats.t.sf(abs(statistic), k - 1)),
        conf_low=(mu - reach * error) * unit,
        conf_high=(mu + reach * error) * unit,
        common=common * unit,
        common_error=common_error * unit,
        common_low=(common - normal * common_error) * unit,
        common_high=(common + normal * common_error) * unit,
        tau2=found * unit**2,
        tau2_low=low * unit**2,
        tau2_high=high * unit**2,
        i2=found / (found + s2),
        i2_low=low / (low + s2),
        i2_high=high / (high + s2) if math.isfinite(high) else 1.0,
        q=cochran,
        q_df=k - 1,
        q_p=float(stats.chi2.sf(cochran, k - 1)),
        predict_low=(mu - wide) * unit,
        predict_high=(mu + wide) * unit,
    )


def typical_variance(v: Array) -> float:
    """Typical variance within sites (Higgins & Thompson 2002, Stat Med 21:1539, eq. 9)."""
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - w @ w))


def q_statistic(y: Array, v: Array, tau2: float) -> float:
    """Q at a variance between sites: falls from Cochran's Q to zero as tau2 grows."""
    w = 1 / (v + tau2)
    return float(w @ (y - w @ y / w.sum()) ** 2)


def q_profile(y: Array, v: Array, confidence: float) -> tuple[float, float]:
    """Limits of tau2: where Q is at the quantiles of chi-squared with k - 1 df, never below 0."""
    half = (1 - confidence) / 2
    k = len(y) - 1
    few, many = float(stats.chi2.ppf(half, k)), float(stats.chi2.isf(half, k))
    return _where_q(y, v, many), _where_q(y, v, few)


def _where_q(y: Array, v: Array, level: float) -> float:
    if q_statistic(y, v, 0.0) <= level:
        return 0.0
    top = float(v.max())
    for _ in range(_STEPS):
        if q_statistic(y, v, top) < level:
            break
        top *= 2
    else:
        return math.inf
    return float(
        optimize.brentq(lambda t: q_statistic(y, v, t) - level, 0.0, top, xtol=1e-12, rtol=1e-14)
    )


def _paule_mandel(y: Array, v: Array) -> float:
    return _where_q(y, v, len(y) - 1.0)


def _restricted(y: Array, v: Array, tau2: float) -> float:
    """Minus twice the restricted log-likelihood, without its constant."""
    w = 1 / (v + tau2)
    return float(np.log(v + tau2).sum() + math.log(w.sum())) + q_statistic(y, v, tau2)


def _slope(y: Array, v: Array, tau2: float) -> float:
    """Derivative of minus twice the restricted log-likelihood by tau2."""
    w = 1 / (v + tau2)
    residual = y - w @ y / w.sum()
    return float(w.sum() - w @ w / w.sum() - (w * w) @ residual**2)


def _reml(y: Array, v: Array) -> float:
    """The tau2 >= 0 of highest restricted likelihood, over every place where its slope turns.

    The likelihood may have several maxima; the best is taken.
    """
    top = float(v.max()) + float(np.var(y)) * len(y) * 10 + 1e-12
    grid = np.r_[0.0, np.geomspace(top * 1e-8, top, 400)]
    slopes = np.array([_slope(y, v, t) for t in grid])
    places = [0.0]
    for i in np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0)):
        places.append(
            float(
                optimize.brentq(
                    lambda t: _slope(y, v, t), grid[i], grid[i + 1], xtol=1e-14, rtol=1e-14
                )
            )
        )
    return min(places, key=lambda t: _restricted(y, v, t))
