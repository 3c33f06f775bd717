"""Effects of many scores in one specification, at the variance of its model without a score.

The same algebra as in :mod:`pgsicbt.models.scan.scan_pass`, for any coding of time, uncorrected.
With T = (1, T_1 .. T_k) of a visit, x a person's score and V the variance of the visits at the fit
without a score, the columns x T have, given the other columns X,

    S = sum x^2 T'V^-1 T - F F'      F = sum x T'V^-1 X R,   R R' = (X'V^-1 X)^-1
    u = sum x T'V^-1 (y - X b)
    estimate = S^-1 u                covariance = s S^-1

with s the residual variance once the score is in the model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.result import Array


@dataclass(frozen=True)
class CurvePass:
    """What scores are multiplied with in one specification.

    ``linear`` (m, N, p + 1): T'V^-1 X R and T'V^-1 (y - X b) of each of N people for the m
    columns that a score is multiplied with; ``square`` (m, m, N): T'V^-1 T. ``rss`` is the
    weighted residual sum of squares without a score and ``dof`` what it is divided by with one.
    """

    linear: Array
    square: Array
    rss: float
    dof: float

    def effects(self, scores: Array) -> tuple[Array, Array]:
        """Estimates (m, K) and their covariances (m, m, K) of scores (N, K); NaN where a score
        is determined by the other columns.
        """
        m, _, width = self.linear.shape
        k = scores.shape[1]
        sums = np.stack([scores.T @ self.linear[a] for a in range(m)])  # (m, K, p + 1)
        f, u = sums[:, :, : width - 1], sums[:, :, -1]
        information = np.empty((k, m, m))
        squares = scores**2
        pairs = [(a, b) for a in range(m) for b in range(a, m)]
        own = np.stack([self.square[a, b] for a, b in pairs], axis=1)
        whole = squares.T @ own  # (K, pairs)
        for j, (a, b) in enumerate(pairs):
            information[:, a, b] = whole[:, j] - (f[a] * f[b]).sum(axis=1)
            information[:, b, a] = information[:, a, b]
        diagonal = np.einsum("kaa->ka", information)
        alone = np.stack([whole[:, pairs.index((a, a))] for a in range(m)], axis=1)
        lost = ~(diagonal > 1e-9 * alone).all(axis=1)
        information[lost] = np.eye(m)
        inverse = np.linalg.inv(information)
        estimate = np.einsum("kab,bk->ak", inverse, u)
        variance = (self.rss - np.einsum("ak,ak->k", estimate, u)) / self.dof
        covariance = np.moveaxis(inverse, 0, 2) * variance
        estimate[:, lost] = np.nan
        covariance[:, :, lost] = np.nan
        return estimate, np.asarray(covariance)


def curve_pass(
    products: CrossProducts, fit: LmmFit, scored: tuple[int, ...], q: int, *, reml: bool
) -> CurvePass:
    """Prepare the pass of one specification.

    Parameters
    ----------
    products
        Of the model without a score: its p columns, N people and r columns of the time basis.
    fit
        The fit of that model.
    scored
        Positions in the basis of 1 and the time columns that a score is multiplied with.
    q
        How many columns of the basis people differ in, the first ones.
    """
    kept = [products.names.index(name) for name in fit.fixed.names]
    p = len(kept)
    cross = products.cross[:, :, [*kept, -1]]
    basis = products.basis
    n = basis.shape[2]
    relative = fit.relative
    # Z (Psi^-1 + Z'Z)^-1 Z' without inverting Psi, which may be singular
    within = np.moveaxis(basis[:q, :q], 2, 0) @ relative
    inner = np.linalg.solve(
        np.eye(q) + within.transpose(0, 2, 1), np.broadcast_to(relative, (n, q, q))
    )
    inner = (inner + inner.transpose(0, 2, 1)) / 2
    turned = np.stack([_sum(inner[:, i, j, None] * cross[j] for j in range(q)) for i in range(q)])
    pooled = products.pooled[np.ix_([*kept, -1], [*kept, -1])]
    pooled = pooled - _sum(cross[i].T @ turned[i] for i in range(q))
    root = np.linalg.cholesky(pooled[:p, :p])
    beta = np.linalg.solve(pooled[:p, :p], pooled[:p, p])
    rss = float(pooled[p, p] - pooled[:p, p] @ beta)
    spread = np.linalg.inv(root).T
    m = len(scored)
    linear = np.empty((m, n, p + 1))
    square = np.empty((m, m, n))
    for a, i in enumerate(scored):
        weighted = cross[i] - _sum(basis[i, k][:, None] * turned[k] for k in range(q))
        linear[a, :, :p] = weighted[:, :p] @ spread
        linear[a, :, p] = weighted[:, p] - weighted[:, :p] @ beta
        half = [_sum(basis[i, k] * inner[:, k, h] for k in range(q)) for h in range(q)]
        for b, j in enumerate(scored):
            square[a, b] = basis[i, j] - _sum(half[h] * basis[h, j] for h in range(q))
    dof = float(products.n_observations - (p + m if reml else 0))
    return CurvePass(linear, square, rss, dof)


def _sum(parts: Iterable[Array]) -> Array:
    """Sum of arrays, of which there is at least one."""
    first, *others = parts
    for other in others:
        first = first + other
    return first
