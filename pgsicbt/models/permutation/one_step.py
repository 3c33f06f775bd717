"""Tests of very many scores in one model, with the variances of the model without a score.

With V from the model without a score, a score x that is constant within a person and the columns
T_i = (1, time) that it multiplies, generalised least squares gives in one step

    I = sum x_i^2 M_i - C' (X'V^-1X)^-1 C,   C = sum x_i X_i'V_i^-1 T_i
    g = I^-1 sum x_i T_i'V_i^-1 (y_i - X_i b),    cov(g) = I^-1

so that any number of scores is a few matrix products over people. It is the idea of the catalogue
scan (:mod:`pgsicbt.models.scan`) for any coding of time and any random part; the variances are not
estimated anew with the score, which for a score of small effect changes t by less than .01.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.result import Array


@dataclass(frozen=True)
class OneStep:
    """What each person adds to the test of a score.

    ``pull`` (N, k) is T'V^-1 (y - X b), ``own`` (N, k, k) T'V^-1 T, ``shared`` (N, k, p) T'V^-1 X,
    and ``inverse`` (p, p) is (X'V^-1X)^-1, all over the residual variance.
    """

    pull: Array
    own: Array
    shared: Array
    inverse: Array

    def test(self, scores: Array, contrasts: Array) -> tuple[Array, Array]:
        """Estimates and standard errors of contrasts of the score's coefficients.

        Parameters
        ----------
        scores
            (S, N) finite values, one row per score.
        contrasts
            (c, k) combinations of the coefficients.

        Returns
        -------
        estimate, std_error
            (S, c) each; NaN where a score is determined by the other columns.
        """
        n, k = self.pull.shape
        p = self.inverse.shape[0]
        u = scores @ self.pull
        c = (scores @ self.shared.reshape(n, k * p)).reshape(-1, k, p)
        information = ((scores**2) @ self.own.reshape(n, k * k)).reshape(-1, k, k)
        information -= np.einsum("skp,pr,slr->skl", c, self.inverse, c, optimize=True)
        size = np.sqrt(np.maximum(np.einsum("skk->sk", information), 1e-300))
        scaled = information / (size[:, :, None] * size[:, None, :])
        fine = np.isfinite(scaled).all(axis=(1, 2)) & (np.linalg.det(scaled) > 1e-10)
        scaled[~fine] = np.eye(k)
        covariance = np.linalg.inv(scaled) / (size[:, :, None] * size[:, None, :])
        estimate = np.einsum("ck,skl,sl->sc", contrasts, covariance, u, optimize=True)
        variance = np.einsum("ck,skl,cl->sc", contrasts, covariance, contrasts, optimize=True)
        error = np.sqrt(np.maximum(variance, 0.0))
        estimate[~fine], error[~fine] = np.nan, np.nan
        return estimate, error


def one_step(cp: CrossProducts, lmm: LmmFit, scored: tuple[int, ...]) -> OneStep:
    """Prepare the tests from the fit of the model without a score.

    Parameters
    ----------
    cp
        Cross-products of the columns of that model.
    lmm
        Its fit.
    scored
        Positions in the basis of the k columns that a score multiplies.
    """
    q = lmm.relative.shape[0]
    of = list(scored)
    kept = [j for j, name in enumerate(cp.names) if name in lmm.fixed.names]
    b = np.zeros(len(kept))
    at = {name: i for i, name in enumerate(lmm.fixed.names)}
    for i, j in enumerate(kept):
        b[i] = lmm.fixed.estimates[at[cp.names[j]]]
    zz = np.moveaxis(cp.basis[:q, :q], 2, 0)  # (N, q, q)
    weight = lmm.relative @ np.linalg.inv(np.eye(q) + zz @ lmm.relative)  # Psi (I + A Psi)^-1
    tz = np.moveaxis(cp.basis[of][:, :q], 2, 0)  # (N, k, q)
    tt = np.moveaxis(cp.basis[np.ix_(of, of)], 2, 0)
    cross_t = np.moveaxis(cp.cross[of], 1, 0)  # (N, k, p + 1)
    cross_z = np.moveaxis(cp.cross[:q], 1, 0)
    held = tz @ weight  # (N, k, q)
    own = tt - held @ np.swapaxes(tz, 1, 2)
    full = cross_t - held @ cross_z
    shared = full[:, :, kept]
    pull = full[:, :, -1] - shared @ b
    s2 = lmm.residual_variance
    return OneStep(pull / s2, own / s2, shared / s2, lmm.fixed.covariance)
