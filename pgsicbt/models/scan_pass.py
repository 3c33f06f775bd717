"""Main and score x time effects of many scores at once, at the variance of the no-score fit.

With T = (1, t) the basis of a visit, the new columns of a score are x T. Let W = V^-1 at the
variance parameters fitted without a score. Per person keep T'WT (2 x 2), F = T'WX R with
R R' = (X'WX)^-1, and c = T'W(y - Xb). Then, summed over persons,

    S = sum x^2 T'WT - (sum x F)(sum x F)'     u = sum x c
    estimate = S^-1 u                          covariance = s S^-1

so a block of scores needs two matrix products and one 2 x 2 inverse per score (the idea of
GALLOP, Sikorska et al. 2018, Genet Epidemiol 42:64). The residual variance s is profiled: with
the score, the weighted residual sum of squares falls by u'S^-1u.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError
from pgsicbt.models.crossproducts import CrossProducts
from pgsicbt.models.lmm import LmmFit
from pgsicbt.result import Array

_SAME = 1e-10  # relative spread below which a score is constant, as in the grid
_DEPENDENT = 1e-11  # share of a column's weighted sum of squares that must be its own


@dataclass(frozen=True)
class Weights:
    """What a pass multiplies scores with.

    ``linear`` (N, 2 (p + 1)): F and c for the columns 1 and t; ``square`` (N, 4): the distinct
    entries of T'WT, then ones. ``rss`` is the weighted residual sum of squares without a score,
    ``dof`` what it is divided by with one.
    """

    linear: Array
    square: Array
    rss: float
    dof: float

    @property
    def n_persons(self) -> int:
        return int(self.linear.shape[0])


@dataclass(frozen=True)
class PassResult:
    """Effects per unit of each of k scores.

    ``estimate`` and ``std_error`` (k, 2): main and score x time. ``mean`` and ``sd`` (k,) of the
    score over the people analysed. ``constant`` and ``dependent`` (k,) mark scores that have no
    effect to estimate; their numbers are NaN.
    """

    estimate: Array
    std_error: Array
    mean: Array
    sd: Array
    constant: NDArray[np.bool_]
    dependent: NDArray[np.bool_]


def weights(cp: CrossProducts, fit: LmmFit, reml: bool) -> Weights:
    """Per-person weights at the variance parameters of a fit without a score.

    Raises
    ------
    FitError
        If two more columns leave no degrees of freedom.
    """
    q = fit.relative.shape[0]
    keep = [cp.names.index(n) for n in fit.fixed.names]
    p = len(keep)
    dof = cp.n_observations - (p + 2 if reml else 0)
    if cp.n_observations <= p + 2 + q:
        raise FitError(
            f"There are {cp.n_observations} observations for {p + 2} coefficients.",
            "Choose fewer covariates or load more data.",
            code="too_few_observations",
        )
    basis = np.moveaxis(cp.basis, 2, 0)  # (N, 2, 2)
    cross = np.moveaxis(cp.cross, 1, 0)  # (N, 2, p + 1)
    inner = np.linalg.solve(np.eye(q) + basis[:, :q, :q] @ fit.relative, np.eye(q))
    left = basis[:, :, :q] @ (fit.relative @ inner)
    inside = basis - left @ basis[:, :q]
    with_y = cross - left @ cross[:, :q]
    unit = np.sqrt(np.diag(fit.fixed.covariance))
    root = np.linalg.cholesky(fit.fixed.covariance / np.outer(unit, unit))
    back = unit[:, None] * root / np.sqrt(fit.residual_variance)
    linear = np.empty((cp.n_persons, 2, p + 1))
    linear[:, :, :p] = with_y[:, :, keep] @ back
    linear[:, :, p] = with_y[:, :, -1] - with_y[:, :, keep] @ fit.fixed.estimates
    square = np.column_stack(
        [inside[:, 0, 0], inside[:, 0, 1], inside[:, 1, 1], np.ones(cp.n_persons)]
    )
    rss = fit.residual_variance * (cp.n_observations - (p if reml else 0))
    return Weights(linear.reshape(cp.n_persons, 2 * (p + 1)), square, rss, dof)


def one_pass(parts: Weights, scores: Array, sums: Array) -> PassResult:
    """Effects of the scores of one block.

    Parameters
    ----------
    scores
        (k, N), all finite; not written to.
    sums
        (k,) sums over persons.
    """
    n = parts.n_persons
    mean = sums / n
    centred = scores - mean[:, None]
    linear = (centred @ parts.linear).reshape(len(scores), 2, -1)
    np.multiply(centred, centred, out=centred)
    square = centred @ parts.square
    sd = np.sqrt(square[:, 3] / max(n - 1, 1))
    f, u = linear[:, :, :-1], linear[:, :, -1]
    s00 = square[:, 0] - np.einsum("kp,kp->k", f[:, 0], f[:, 0])
    s01 = square[:, 1] - np.einsum("kp,kp->k", f[:, 0], f[:, 1])
    s11 = square[:, 2] - np.einsum("kp,kp->k", f[:, 1], f[:, 1])
    constant = ~(sd > _SAME * np.maximum(1.0, np.abs(mean)))
    with np.errstate(divide="ignore", invalid="ignore"):
        det = s00 * s11 - s01**2
        own = np.minimum(s00 / square[:, 0], det / (s00 * square[:, 2]))
        dependent = ~constant & ~(own > _DEPENDENT)
        estimate = np.stack([s11 * u[:, 0] - s01 * u[:, 1], s00 * u[:, 1] - s01 * u[:, 0]], axis=1)
        estimate /= det[:, None]
        fall = (estimate * u).sum(axis=1)
        sigma2 = (parts.rss - fall) / parts.dof
        error = np.sqrt(np.stack([s11, s00], axis=1) * (sigma2 / det)[:, None])
    bad = constant | dependent
    estimate[bad] = error[bad] = np.nan
    return PassResult(estimate, error, mean, sd, constant, dependent)
