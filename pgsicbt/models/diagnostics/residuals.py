"""Residuals and predicted random effects of one fitted model, visit by visit.

What is here is about single people: it stays in memory, and :mod:`.diagnostics`
turns it into aggregates before anything is shown.

With Psi the random covariance relative to the residual variance s2, A = Z'Z of a person,
E = (I + A Psi)^-1, W = Psi E and r = y - X b (Bates et al. 2015, J Stat Softw 67(1)):

    random effects   u = W Z'r
    residuals        e = r - Z u = V^-1 r,   V = I + Z Psi Z'
    hat matrix       H = I - P,  P = V^-1 - V^-1 X (X'V^-1X)^-1 X'V^-1
    variances        var(e) = s2 P,  var(u) = s2 Psi Z'P Z Psi

so that e / sqrt(s2 (1 - h)) and u / sd(u) have variance one under the model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.result import Array, FixedEffects


@dataclass(frozen=True)
class Residuals:
    """Visit- and person-level quantities of one fit, in memory only.

    Attributes
    ----------
    fitted, residual, leverage, standardised
        (n,) X b + Z u, y less that, diagonal of the hat matrix, and the residual over its
        standard deviation under the model.
    random, random_sd
        (N, q) predicted random effects and their standard deviations under the model.
    first, second
        (m,) positions of every two visits of a person that follow one another.
    expected
        (m,) correlation of their residuals under the model.
    """

    fitted: Array
    residual: Array
    leverage: Array
    standardised: Array
    random: Array
    random_sd: Array
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    expected: Array


def residuals(
    design: Array,
    basis: Array,
    outcome: Array,
    person: NDArray[np.intp],
    time: Array,
    fixed: FixedEffects,
    random_covariance: Array,
    residual_variance: float,
) -> Residuals:
    """Residuals of a fitted linear mixed model.

    Parameters
    ----------
    design, basis, outcome
        (n, p) columns in the order of ``fixed``, (n, q) columns of the random terms, (n,).
    person
        (n,) codes 0 .. N - 1, every one of which occurs.
    time
        (n,) by which the visits of a person follow one another.
    """
    order = np.lexsort((time, person))
    x, z, y, code = design[order], basis[order], outcome[order], person[order]
    starts = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    n, q = z.shape
    psi = random_covariance / residual_variance
    zz = np.add.reduceat(z[:, :, None] * z[:, None, :], starts, axis=0)
    zx = np.stack([np.add.reduceat(z[:, [j]] * x, starts, axis=0) for j in range(q)], axis=1)
    r = y - x @ fixed.estimates
    zr = np.add.reduceat(z * r[:, None], starts, axis=0)
    e = np.linalg.inv(np.eye(q) + zz @ psi)
    w = psi @ e
    u = np.einsum("nij,nj->ni", w, zr)
    resid = r - np.einsum("ni,ni->n", z, u[code])

    # Rows of V^-1 X, turned by a root of (X'V^-1X)^-1 so that P takes plain dot products.
    root = _root(fixed.covariance / residual_variance)
    turned = (x - np.einsum("ni,nij->nj", z, (w @ zx)[code])) @ root
    zw = np.einsum("ni,nij->nj", z, w[code])
    p_diag = 1.0 - np.einsum("ni,ni->n", zw, z) - np.einsum("nj,nj->n", turned, turned)
    p_diag = np.clip(p_diag, 0.0, 1.0)
    pair = np.flatnonzero(code[1:] == code[:-1])
    nxt = pair + 1
    p_next = -np.einsum("ni,ni->n", zw[pair], z[nxt])
    p_next -= np.einsum("nj,nj->n", turned[pair], turned[nxt])
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = np.where(p_diag > 1e-10, resid / np.sqrt(residual_variance * p_diag), np.nan)
        expected = p_next / np.sqrt(p_diag[pair] * p_diag[nxt])

    ezx = (e @ zx) @ root
    spread = psi @ (e @ zz - ezx @ ezx.transpose(0, 2, 1)) @ psi * residual_variance
    sd = np.sqrt(np.maximum(np.einsum("nii->ni", spread), 0.0))
    back = np.empty(n, dtype=np.intp)
    back[order] = np.arange(n)
    return Residuals(
        fitted=(y - resid)[back],
        residual=resid[back],
        leverage=(1.0 - p_diag)[back],
        standardised=standard[back],
        random=u,
        random_sd=sd,
        first=order[pair],
        second=order[nxt],
        expected=expected,
    )


def _root(covariance: Array) -> Array:
    """R with R R' = covariance, whatever the units of its rows."""
    scale = np.sqrt(np.diag(covariance))
    return np.asarray(scale[:, None] * np.linalg.cholesky(covariance / np.outer(scale, scale)))
