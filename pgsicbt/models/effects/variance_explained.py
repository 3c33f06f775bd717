"""Variance explained by a mixed model, from its cross-products alone.

Nakagawa & Schielzeth (2013, Methods Ecol Evol 4:133) with random slopes as Johnson (2014, Methods
Ecol Evol 5:944). With G = X'X, xbar the mean row of X and n observations,

    fixed     b'(G - n xbar xbar') b / (n - 1)            variance of X b over observations
    random    tr(Tau Z'Z) / n                             mean of the diagonal of Z Tau Z'
    residual  s2

    marginal R2    = fixed / (fixed + random + residual)
    conditional R2 = (fixed + random) / (fixed + random + residual)

The divisor n - 1 is that of R's ``var``, as in MuMIn and performance. With frequency weights of
people every sum is weighted, n too. Leading axes are free, so that all replicates of a bootstrap
are one call.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.result import Array

NO_SPREAD = 1e-8
"""Variance between people, as a share of the residual variance, that counts as none."""


@dataclass(frozen=True)
class VarianceParts:
    """Fixed, random and residual variance, in squared units of the outcome; arrays of one shape.

    ``level`` and ``slope`` are the parts of ``random`` that the intercept and the first random
    time term bring by themselves (NaN where there is none).
    """

    fixed: Array
    random: Array
    residual: Array
    level: Array
    slope: Array

    @property
    def total(self) -> Array:
        return np.asarray(self.fixed + self.random + self.residual)

    @property
    def marginal(self) -> Array:
        return np.asarray(self.fixed / self.total)

    @property
    def conditional(self) -> Array:
        return np.asarray((self.fixed + self.random) / self.total)


def mean_basis(cp: CrossProducts, q: int, weights: Array | None = None) -> Array:
    """Z'Z / n, the mean over observations of z z' for the first ``q`` basis columns.

    Parameters
    ----------
    weights
        (B, N) frequency weights of people; one row of ones if None.

    Returns
    -------
    Array
        (q, q), or (B, q, q) with weights.
    """
    a = cp.basis[:q, :q]
    if weights is None:
        return np.asarray(a.sum(axis=2) / cp.basis[0, 0].sum())
    visits = weights @ cp.basis[0, 0]
    return np.asarray(np.moveaxis(a @ weights.T, 2, 0) / visits[:, None, None])


def variance_parts(
    estimates: Array, gram: Array, random_covariance: Array, residual: Array, zz: Array
) -> VarianceParts:
    """Parts of the variance of the outcome under a model.

    Parameters
    ----------
    estimates
        (..., p) fixed effects; the first column of X is the constant 1.
    gram
        (..., p, p) X'X.
    random_covariance, zz
        (..., q, q) covariance of the random terms and mean of z z'.
    residual
        (...,) residual variance.
    """
    n = gram[..., 0, 0]
    mean = gram[..., 0, :] / n[..., None]
    spread = gram - n[..., None, None] * mean[..., :, None] * mean[..., None, :]
    fixed = np.einsum("...i,...ij,...j->...", estimates, spread, estimates) / (n - 1.0)
    q = random_covariance.shape[-1]
    missing = np.full(np.shape(residual), np.nan)
    return VarianceParts(
        fixed=np.maximum(fixed, 0.0),
        random=np.asarray((random_covariance * zz).sum(axis=(-2, -1))),
        residual=np.asarray(residual, dtype=float),
        level=random_covariance[..., 0, 0] * zz[..., 0, 0] if q else missing,
        slope=random_covariance[..., 1, 1] * zz[..., 1, 1] if q > 1 else missing,
    )


def _reduction(before: Array, after: Array, residual: Array) -> Array:
    """(before - after) / before, NaN where there was nothing to reduce.

    The share of variance between people that a predictor explains (Raudenbush & Bryk 2002,
    Hierarchical Linear Models, 2nd ed., ch. 4); it can be below zero.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(before > NO_SPREAD * residual, (before - after) / before, np.nan)


@dataclass(frozen=True)
class Explained:
    """What a score adds to a model: arrays of one shape.

    ``incremental`` is the difference in marginal R2, ``partial`` that difference as a share of
    what the model without the score leaves, ``level`` and ``slope`` the relative reductions of
    the variances between people.
    """

    incremental: Array
    partial: Array
    level: Array
    slope: Array


def explained(without: VarianceParts, full: VarianceParts) -> Explained:
    """Compare a model with the same model without the score, on the same people."""
    incremental = np.asarray(full.marginal - without.marginal)
    return Explained(
        incremental=incremental,
        partial=np.asarray(incremental / (1.0 - without.marginal)),
        level=_reduction(without.level, full.level, without.residual),
        slope=_reduction(without.slope, full.slope, without.residual),
    )


def named_shares(full: VarianceParts, added: Explained | None) -> dict[str, Array]:
    """The shares of one model under the names of :data:`.effects.DEFINITIONS`."""
    out = {"r2_marginal": full.marginal, "r2_conditional": full.conditional}
    if added is not None:
        out["r2_incremental"] = added.incremental
        out["r2_partial"] = added.partial
        out["level_variance_explained"] = added.level
        out["slope_variance_explained"] = added.slope
    return out
