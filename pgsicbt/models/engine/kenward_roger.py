"""Kenward-Roger: small-sample covariance of the fixed effects and degrees of freedom.

Formulas of Kenward & Roger (1997, Biometrics 53:983) as pbkrtest computes them (Halekoh &
Hoejsgaard 2014, J Stat Softw 59(9)), with the variance parameters taken as the entries of the
random covariance D and the residual variance s, in which V = Z D Z' + s I is linear, so that no
second derivatives enter. Everything is formed from the same cross-products as the fit: with
A = Z'Z, Psi = D / s, E = (I + A Psi)^-1, W = Psi E, G = E Z'X and H = E A per person (in units
of s),

    Z'V^-2 Z = H E'                    X'V^-2 X = X'V^-1 X - G'Psi G
    Z'V^-2 X = E G                     X'V^-3 X = X'V^-2 X - G'W G
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.deviance import pairs
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.result import Array


@dataclass(frozen=True)
class KenwardRoger:
    """What tests by Kenward and Roger need, in the user's columns.

    ``covariance`` (p, p) is (X'V^-1X)^-1, ``adjusted`` (p, p) the small-sample covariance,
    ``moves`` (k, p, p) its first derivative by each variance parameter with the sign turned,
    ``weights`` (k, k) the asymptotic covariance of the variance parameters.
    """

    estimates: Array
    covariance: Array
    adjusted: Array
    moves: Array
    weights: Array


@dataclass(frozen=True)
class FTest:
    """F test of one or several linear combinations at once."""

    statistic: float
    df_numerator: int
    df_denominator: float
    p_value: float


def kenward_roger(cp: CrossProducts, fit: LmmFit) -> KenwardRoger:
    """Small-sample covariance and its parts for a REML fit of these cross-products."""
    q = fit.relative.shape[0]
    names = list(cp.names)
    keep = [names.index(n) for n in fit.fixed.names]
    if len(keep) < len(names):
        cp = cp.select(keep)
    p = len(cp.names)
    # Columns of comparable size: the weighted products below then lose no digits to units.
    scale = 1.0 / np.sqrt(np.diag(cp.pooled)[:p])
    a = np.moveaxis(cp.basis[:q, :q], 2, 0)
    b = np.moveaxis(cp.cross[:q, :, :p], 1, 0) * scale
    times = np.ones(cp.n_persons) if cp.weights is None else cp.weights
    b = b * np.sqrt(times)[:, None, None]  # it enters in squares only
    psi = fit.relative
    e = np.linalg.inv(np.eye(q) + a @ psi)
    g, h, w = e @ b, e @ a, psi @ e
    phi = fit.fixed.covariance / np.outer(scale, scale) / fit.residual_variance
    k2 = h @ e.transpose(0, 2, 1)
    x2 = np.linalg.inv(phi) - _form(g, psi, g)
    x3 = x2 - np.einsum("nai,nab,nbj->ij", g, w, g, optimize=True)
    eg = e @ g

    # Uncorrelated terms have no covariances among their parameters.
    where = pairs(q) if fit.correlated else [(j, j) for j in range(q)]
    size = len(where) + 1
    units = [_unit(q, r, c) for r, c in where]
    first = [-_form(g, d, g) for d in units] + [-x2]
    second = np.empty((size, size, p, p))
    trace = np.empty((size, size))
    for i, d in enumerate(units):
        for j, f in enumerate(units):
            second[i, j] = np.einsum("nai,nab,nbj->ij", g, d @ h @ f, g, optimize=True)
            trace[i, j] = np.einsum("n,nab,nba->", times, h @ d, h @ f)
        second[i, -1] = _form(g, d, eg)
        second[-1, i] = second[i, -1].T
        trace[i, -1] = trace[-1, i] = np.einsum("n,nab,ba->", times, k2, d)
    wa = w @ a
    second[-1, -1] = x3
    within = np.einsum("nab,nba->n", wa, wa) - 2.0 * np.einsum("naa->n", wa)
    trace[-1, -1] = cp.n_observations + times @ within

    information = np.empty((size, size))
    for i in range(size):
        for j in range(size):
            information[i, j] = (
                trace[i, j]
                - 2.0 * float((phi * second[i, j]).sum())
                + float(np.trace(phi @ first[i] @ phi @ first[j]))
            )
    unit = np.sqrt(np.abs(np.diag(information)))
    weights = 2.0 * np.linalg.pinv(information / np.outer(unit, unit), hermitian=True)
    weights /= np.outer(unit, unit)
    shift = np.zeros((p, p))
    for i in range(size):
        for j in range(size):
            shift += weights[i, j] * (second[i, j] - first[i] @ phi @ first[j])
    adjusted = phi + 2.0 * phi @ shift @ phi
    back = np.outer(scale, scale) * fit.residual_variance
    # The parameters were counted in units of s; that cancels between moves and weights.
    return KenwardRoger(
        estimates=fit.fixed.estimates,
        covariance=phi * back,
        adjusted=0.5 * (adjusted + adjusted.T) * back,
        moves=np.array([phi @ f @ phi for f in first]) * back,
        weights=weights,
    )


def _unit(q: int, r: int, c: int) -> Array:
    d = np.zeros((q, q))
    d[r, c] = d[c, r] = 1.0
    return d


def _form(left: Array, middle: Array, right: Array) -> Array:
    """Sum over persons of left' middle right, with one middle for all."""
    n, q, p = left.shape
    return np.asarray(left.reshape(n * q, p).T @ (middle @ right).reshape(n * q, p))


def f_test(kr: KenwardRoger, rows: Array) -> FTest:
    """Test that all of ``rows @ b`` are zero, ``rows`` (m, p) of full row rank.

    The scaled F of Kenward & Roger (1997), section 3, with pbkrtest's guards where a
    denominator vanishes.
    """
    rows = np.atleast_2d(np.asarray(rows, dtype=float))
    m = rows.shape[0]
    theta = rows.T @ np.linalg.solve(rows @ kr.covariance @ rows.T, rows)
    moved = np.array([theta @ d for d in kr.moves])
    traces = np.trace(moved, axis1=1, axis2=2)
    a1 = float(traces @ kr.weights @ traces)
    a2 = float(np.einsum("ij,iab,jba->", kr.weights, moved, moved, optimize=True))
    value = rows @ kr.estimates
    plain = float(value @ np.linalg.solve(rows @ kr.adjusted @ rows.T, value)) / m
    if m == 1:  # the formulas below then reduce to this, but divide by zero at 4 df
        return FTest(plain, 1, 2.0 / a2, float(stats.f.sf(plain, 1, 2.0 / a2)))
    b = (a1 + 6.0 * a2) / (2.0 * m)
    ratio = ((m + 1) * a1 - (m + 4) * a2) / ((m + 2) * a2)
    c1 = ratio / (3.0 * m + 2.0 * (1.0 - ratio))
    c2 = (m - ratio) / (3.0 * m + 2.0 * (1.0 - ratio))
    c3 = (m + 2 - ratio) / (3.0 * m + 2.0 * (1.0 - ratio))
    v0, v1, v2 = (0.0 if abs(v) < 1e-10 else v for v in (1 + c1 * b, 1 - c2 * b, 1 - c3 * b))
    top = 1.0 - a2 / m
    share = 1.0 if abs(top) < 1e-14 and abs(v1) < 1e-14 else top / v1
    rho = share**2 * v0 / v2 / m
    df = 4.0 + (m + 2) / (m * rho - 1.0)
    factor = 1.0 if abs(df - 2.0) < 1e-2 else df * top / (df - 2.0)
    statistic = factor * plain
    return FTest(statistic, m, df, float(stats.f.sf(statistic, m, df)))
