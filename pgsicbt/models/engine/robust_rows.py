"""Robust tests of linear combinations of the fixed effects, one by one and all at once.

With the notation of :mod:`.robust`, the robust covariance of combinations l_s, l_t
is d_st = sum (l_s'M E_i r_i)(l_t'M E_i r_i). Under the working model

    E d_st = sum_i P_ii(s, t)        P_ij(s, t) = (i = j) g_is'g_it - h_is'h_jt
    var d_st = sum_ij P_ij(s, s) P_ij(t, t) + P_ij(s, t) P_ij(t, s)

from which follow Satterthwaite's degrees of freedom of one combination and, for several, those of
Hotelling's T^2: with the combinations turned so that E d = I, eta = m (m + 1) / sum var d_st and

    F = (eta - m + 1) / (eta m) W   on m and eta - m + 1 degrees of freedom,

W being Wald's statistic (Tipton & Pustejovsky 2015, J Educ Behav Stat 40:604; Pustejovsky &
Tipton 2018, J Bus Econ Stat 36:672), as ``Wald_test(test = "HTZ")`` of clubSandwich.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.inference import Contrasts
from pgsicbt.models.engine.kenward_roger import FTest
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.models.engine.robust import (
    Robust,
    RobustKind,
    Visits,
    cluster_robust,
    prepared,
    same_length,
    turned,
    weighted,
)
from pgsicbt.models.engine.robust_groups import adjusted_group, groups_of
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.result import Array


@dataclass(frozen=True)
class _Moments:
    """Robust covariance of combinations, and its mean and variance, each (m, m)."""

    covariance: Array
    mean: Array
    variance: Array


def robust_contrasts(
    visits: Visits, fit: LmmFit, rows: Array, kind: RobustKind = "CR2", confidence: float = 0.95
) -> Contrasts:
    """Robust t tests of combinations ``rows`` (m, p) of the fixed effects.

    Raises
    ------
    SpecError
        As :func:`pgsicbt.models.engine.robust.cluster_robust`.
    """
    moments = _moments(visits, fit, rows, kind)
    estimate = rows @ fit.fixed.estimates
    se = np.sqrt(np.diag(moments.covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2.0 * np.diag(moments.mean) ** 2 / np.diag(moments.variance)
        t = estimate / se
    p = np.asarray(2.0 * stats.t.sf(np.abs(t), df))
    reach = stats.t.ppf(0.5 + confidence / 2, df) * se
    return Contrasts(estimate, se, df, t, p, estimate - reach, estimate + reach)


def robust_f_test(visits: Visits, fit: LmmFit, rows: Array, kind: RobustKind = "CR2") -> FTest:
    """Robust test that all of ``rows @ b`` are zero, ``rows`` (m, p) of full row rank.

    Where there are too few people for so many combinations (eta below m - 1) the test can never
    reject: F is 0 and p is 1.

    Raises
    ------
    SpecError
        As :func:`pgsicbt.models.engine.robust.cluster_robust`.
    """
    m = len(rows)
    # First to the scale of the model's own covariance, so that units cost no digits.
    scale = np.sqrt(np.einsum("mi,ij,mj->m", rows, fit.fixed.covariance, rows))[:, None]
    root = np.linalg.cholesky(rows / scale @ fit.fixed.covariance @ (rows / scale).T)
    rows = np.linalg.solve(root, rows / scale)
    first = _moments(visits, fit, rows, kind)
    values, vectors = np.linalg.eigh(first.mean)
    rows = (vectors / np.sqrt(values)).T @ rows
    moments = _moments(visits, fit, rows, kind)
    eta = m * (m + 1) / float(moments.variance.sum())
    df = eta - m + 1
    if df <= 0:
        return FTest(0.0, m, 0.0, 1.0)
    estimate = rows @ fit.fixed.estimates
    wald = float(estimate @ np.linalg.solve(moments.covariance, estimate))
    statistic = df / (eta * m) * wald
    return FTest(statistic, m, df, float(stats.f.sf(statistic, m, df)))


def robust_terms(
    visits: Visits, fit: LmmFit, kind: RobustKind = "CR2", *, with_df: bool = True
) -> Robust:
    """Robust covariance and degrees of freedom of every coefficient, whatever the clusters are.

    Raises
    ------
    SpecError
        As :func:`pgsicbt.models.engine.robust.cluster_robust`, or if there are fewer than two
        groups.
    """
    if visits.cluster is None:
        return cluster_robust(visits, fit, kind, with_df=with_df)
    moments = _moments(visits, fit, np.eye(len(fit.fixed.names)), kind)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2.0 * np.diag(moments.mean) ** 2 / np.diag(moments.variance)
    return Robust(fit.fixed.names, fit.fixed.estimates, moments.covariance, df)


def _group_moments(
    visits: Visits, fit: LmmFit, rows: Array, kind: RobustKind, cluster: NDArray[np.intp]
) -> _Moments:
    """As :func:`_moments`, with groups of people as clusters."""
    if len(np.unique(cluster)) < 2:
        raise SpecError(
            "A cluster-robust covariance needs at least two groups of people.",
            "Choose another column, or people as clusters.",
        )
    x, resid, back, _ = prepared(visits, fit, kind)
    m, p = len(rows), x.shape[1]
    to = (rows @ back).T
    spread, turned_x, turned_r = np.empty(len(x)), np.empty_like(x), np.empty(len(x))
    covariance, mean, own = np.zeros((m, m)), np.zeros((m, m)), np.zeros((m, m))
    outer = np.zeros((m, m, p, p))
    with one_thread():
        for chunk in same_length(visits.person, p):
            z = visits.basis[chunk]
            theta = np.eye(chunk.shape[1]) + z @ fit.relative @ z.transpose(0, 2, 1)
            values, vectors = np.linalg.eigh(theta)
            back_turn = vectors.transpose(0, 2, 1)
            spread[chunk], turned_x[chunk] = values, back_turn @ x[chunk]
            turned_r[chunk] = (back_turn @ resid[chunk][:, :, None])[:, :, 0]
        for at in groups_of(cluster, visits.person):
            led = adjusted_group(turned_x[at], spread[at], kind) @ to  # (n, m): E_g'M l
            u = led.T @ turned_r[at]
            covariance += np.outer(u, u)
            g = led.T @ (spread[at][:, None] * led)
            h = led.T @ turned_x[at]  # (m, p)
            hh = h @ h.T
            mean += g - hh
            gs, hs = np.diag(g), np.diag(hh)
            own += np.outer(gs, gs - hs) - np.outer(hs, gs) + g * (g - 2.0 * hh)
            outer += np.einsum("si,tj->stij", h, h)
    both = np.einsum("stij,stij->st", outer, outer) + np.einsum("stij,stji->st", outer, outer)
    return _Moments(covariance, mean, own + both)


def _moments(visits: Visits, fit: LmmFit, rows: Array, kind: RobustKind) -> _Moments:
    if visits.cluster is not None:
        return _group_moments(visits, fit, rows, kind, visits.cluster)
    x, resid, back, times = prepared(visits, fit, kind)
    m, p = len(rows), x.shape[1]
    to = (rows @ back).T
    meat, mean, own = np.zeros((m, m)), np.zeros((m, m)), np.zeros((m, m))
    outer = np.zeros((m, m, p, p))
    with one_thread():
        for chunk in same_length(visits.person, p):
            part = turned(x[chunk], visits.basis[chunk], resid[chunk])
            theta, scores = weighted(part, fit.relative, kind)
            led = scores @ to  # (n, visits, m): E_i'M l
            twice = times[visits.person[chunk[:, 0]]]
            u = np.einsum("nvm,nv->nm", led, part[2])
            meat += u.T @ (twice[:, None] * u)
            g = led.transpose(0, 2, 1) @ theta @ led
            h = led.transpose(0, 2, 1) @ part[0]  # (n, m, p)
            hh = h @ h.transpose(0, 2, 1)
            mean += np.tensordot(twice, g - hh, axes=1)
            gs = np.einsum("nss->ns", g)
            hs = np.einsum("nss->ns", hh)
            crossed = gs[:, :, None] * (gs - hs)[:, None, :] - hs[:, :, None] * gs[:, None, :]
            own += np.tensordot(twice, crossed + g * (g - 2.0 * hh), axes=1)
            outer += np.einsum("n,nsi,ntj->stij", twice, h, h, optimize=True)
    both = np.einsum("stij,stij->st", outer, outer) + np.einsum("stij,stji->st", outer, outer)
    return _Moments(meat, mean, own + both)
