"""Main and score x time effects of many scores at once, near the variance of the no-score fit.

With T = (1, t) the basis of a visit, the new columns of a score are x T. Let W = V^-1 at the
variance parameters fitted without a score. Per person keep T'WT (2 x 2), F = T'WX R with
R R' = (X'WX)^-1, and r = T'W(y - Xb). Then, summed over persons,

    S = sum x^2 T'WT - (sum x F)(sum x F)'     u = sum x r
    estimate = S^-1 u                          covariance = s S^-1

so a block of scores needs two matrix products and one 2 x 2 inverse per score (the idea of
GALLOP, Sikorska et al. 2018, Genet Epidemiol 42:64). The residual variance s is profiled: with
the score, the weighted residual sum of squares falls by u'S^-1u. A few more columns in the two
products bring S, u and s to the variance parameters that the score itself would have, to first
order (:mod:`pgsicbt.models.scan.scan_correction`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.models.grid.time_coding import TIME
from pgsicbt.models.scan.scan_correction import Correction, Parts, correction, stepped
from pgsicbt.result import Array

_SAME = 1e-10  # relative spread below which a score is constant, as in the grid
_DEPENDENT = 1e-11  # share of a column's weighted sum of squares that must be its own
_FEW = 32  # people whose mean and spread tell roughly where a score lies
_FAR = 0.8  # standard deviations from zero at which a score is shifted


@dataclass(frozen=True)
class Weights:
    """What a pass multiplies scores with.

    ``linear`` (N, 2 (p + 1) + 1 + more): F for the columns 1 and t, r, ones, and the columns of
    the correction; ``square`` (N, 4 + more): the distinct entries of T'WT, ones, and those of
    the correction. ``rss`` is the weighted residual sum of squares without a score, ``dof`` what it
    is divided by with one.
    """

    linear: Array
    square: Array
    n_columns: int
    rss: float
    dof: float
    correction: Correction | None

    @property
    def n_persons(self) -> int:
        return int(self.linear.shape[0])

    def moved(self, psi: Array, step: Array) -> Array:
        """Psi (q, q) after a step (k,) of :class:`PassResult`."""
        new = psi.copy()
        if self.correction is not None:
            for value, (a, b) in zip(step, self.correction.pairs, strict=True):
                new[a, b] += value
                new[b, a] = new[a, b]
        return new


@dataclass(frozen=True)
class Products:
    """Products of K scores with the weights: ``linear`` (K, ..), ``square`` (K, ..).

    ``shift`` (K,) was taken from the scores before. Rows of scores that are not known for
    everybody are not finite.
    """

    linear: Array
    square: Array
    shift: Array

    @property
    def known(self) -> NDArray[np.bool_]:
        """(K,): scores that are a finite number for everybody."""
        return np.asarray(np.isfinite(self.square[:, 3]), dtype=bool)

    def select(self, which: NDArray[np.bool_]) -> Products:
        """Some of the scores."""
        return Products(self.linear[which], self.square[which], self.shift[which])


def joined(blocks: Sequence[Products]) -> Products:
    """Products of several blocks as one."""
    if len(blocks) == 1:
        return blocks[0]
    return Products(
        np.concatenate([b.linear for b in blocks]),
        np.concatenate([b.square for b in blocks]),
        np.concatenate([b.shift for b in blocks]),
    )


@dataclass(frozen=True)
class PassResult:
    """Effects per unit of each of K scores.

    ``estimate`` and ``std_error`` (K, 2): main and score x time. ``mean`` and ``sd`` (K,) of the
    score over the people analysed. ``constant`` and ``dependent`` (K,) mark scores that have no
    effect to estimate; their numbers are NaN. ``df`` (K, 2) are Satterthwaite's degrees of
    freedom, infinite without a correction; ``step`` (k, K) is the change of the free entries of
    Psi that the correction made, k = 0 without one.
    """

    estimate: Array
    std_error: Array
    df: Array
    mean: Array
    sd: Array
    constant: NDArray[np.bool_]
    dependent: NDArray[np.bool_]
    step: Array

    @property
    def corrected(self) -> NDArray[np.bool_]:
        """(K,): whether the correction was made."""
        return np.asarray(self.step.any(axis=0) if len(self.step) else np.zeros(len(self.sd), bool))


def weights(cp: CrossProducts, fit: LmmFit, *, correlated: bool, reml: bool) -> Weights:
    """Per-person weights at the variance parameters of a fit without a score.

    Raises
    ------
    FitError
        If two more columns leave no degrees of freedom.
    """
    q = fit.relative.shape[0]
    keep = [cp.names.index(n) for n in fit.fixed.names]
    p = len(keep)
    if cp.n_observations <= p + 2 + q:
        raise FitError(
            f"There are {cp.n_observations} observations for {p + 2} coefficients.",
            "Choose fewer covariates or load more data.",
            code="too_few_observations",
        )
    left = np.einsum("acn,cbn->abn", cp.basis[:, :q], _inner(cp.basis[:q, :q], fit.relative))
    inside = cp.basis - np.einsum("acn,cbn->abn", left, cp.basis[:q])
    with_y = cp.cross.copy()
    for a in range(2):
        for b in range(q):
            with_y[a] -= left[a, b][:, None] * cp.cross[b]
    unit = np.sqrt(np.diag(fit.fixed.covariance))
    root = np.linalg.cholesky(fit.fixed.covariance / np.outer(unit, unit))
    back = unit[:, None] * root / np.sqrt(fit.residual_variance)
    columns = with_y[:, :, keep]
    fixed = columns @ back
    resid = with_y[:, :, -1] - columns @ fit.fixed.estimates
    dof = cp.n_observations - (p if reml else 0)
    step = None
    main = [j for j in keep if cp.names[j] != TIME and not cp.names[j].startswith(f"{TIME}:")]
    if fit.converged and not fit.singular:
        step = correction(
            inside,
            fixed,
            resid,
            cp.cross[0][:, main] / cp.basis[0, 0][:, None],
            back[[keep.index(j) for j in main]],
            psi=fit.relative,
            sigma2=fit.residual_variance,
            dof=dof,
            correlated=correlated,
            reml=reml,
        )
    ones = np.ones(cp.n_persons)
    linear = [fixed[0], fixed[1], resid.T, ones[:, None]]
    square = [inside[0, 0], inside[0, 1], inside[1, 1], ones]
    if step is not None:
        linear.append(step.linear)
        square += list(step.square.T)
    return Weights(
        np.hstack(linear),
        np.stack(square, axis=1),
        p,
        fit.residual_variance * dof,
        dof - (2 if reml else 0),
        step,
    )


def _inner(a: Array, psi: Array) -> Array:
    """Psi (I + A Psi)^-1 of every person, for (q, q, N) A with q = 1 or 2."""
    if len(psi) == 1:
        return np.asarray(psi[:, :, None] / (1.0 + a * psi[0, 0]))
    det = float(psi[0, 0] * psi[1, 1] - psi[0, 1] ** 2)
    adjoint = np.array([[a[1, 1], -a[0, 1]], [-a[1, 0], a[0, 0]]])
    trace = np.einsum("abn,ab->n", a, psi)
    scale = 1.0 + trace + det * (a[0, 0] * a[1, 1] - a[0, 1] ** 2)
    return np.asarray((psi[:, :, None] + det * adjoint) / scale)


def products(parts: Weights, scores: Array) -> Products:
    """The two matrix products of one block of scores (K, N), which is not written to.

    Estimates at given variance parameters do not depend on where a score has its zero, and the
    correction hardly does; scores whose zero is far off lose digits, so the mean of some people
    is taken from them first.
    """
    few = scores[:, :: max(1, scores.shape[1] // _FEW)]
    shift = np.zeros(len(scores))
    with np.errstate(invalid="ignore", over="ignore"):
        mean = few.mean(axis=1)
        far = (1.0 + _FAR**2) * mean * mean > _FAR**2 * (few * few).mean(axis=1)
        if far.any():
            shift[far] = mean[far]
            scores = scores - shift[:, None]
        linear = scores @ parts.linear
        square = np.multiply(scores, scores) @ parts.square
    return Products(linear, square, shift)


def effects(parts: Weights, made: Products) -> PassResult:
    """Effects of the scores of one or more blocks from their products."""
    p = parts.n_columns
    linear, square = (np.ascontiguousarray(m.T) for m in (made.linear, made.square))
    total, n = linear[2 * p + 2], parts.n_persons
    mean = made.shift + total / n
    sd = np.sqrt(np.maximum(square[3] - total * total / n, 0.0) / max(n - 1, 1))
    f0, f1 = linear[:p], linear[p : 2 * p]
    explained = ((f0 * f0).sum(axis=0), (f0 * f1).sum(axis=0), (f1 * f1).sum(axis=0))
    s00, s01, s11 = (square[j] - e for j, e in enumerate(explained))
    constant = ~(sd > _SAME * np.maximum(1.0, np.abs(mean)))
    here = Parts(
        (s00, s01, s11),
        (linear[2 * p], linear[2 * p + 1]),
        np.full(len(sd), parts.rss),
        np.full((2, len(sd)), np.inf),
    )
    step = np.zeros((0, len(sd)))
    with np.errstate(divide="ignore", invalid="ignore"):
        own = np.minimum(s00 / square[0], (s00 * s11 - s01**2) / (s00 * square[2]))
        dependent = ~constant & ~(own > _DEPENDENT)
        if parts.correction is not None:
            here, step = stepped(
                parts.correction, here, (f0, f1), linear[2 * p + 3 :], square[4:], parts.dof
            )
        (s00, s01, s11), (u0, u1) = here.s, here.u
        det = s00 * s11 - s01**2
        estimate = np.stack([s11 * u0 - s01 * u1, s00 * u1 - s01 * u0]) / det
        sigma2 = (here.rss - estimate[0] * u0 - estimate[1] * u1) / parts.dof
        error = np.sqrt(np.stack([s11, s00]) * (sigma2 / det))
    bad = constant | dependent
    estimate[:, bad] = error[:, bad] = np.nan
    step[:, bad] = 0.0
    return PassResult(estimate.T, error.T, here.df.T, mean, sd, constant, dependent, step)
