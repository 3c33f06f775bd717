"""Tests and intervals for linear combinations of fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.result import Array, FixedEffects
from pgsicbt.spec import DfMethod


@dataclass(frozen=True)
class Contrasts:
    """Estimates of m linear combinations, each field of shape (m,)."""

    estimate: Array
    std_error: Array
    df: Array
    statistic: Array
    p_value: Array
    conf_low: Array
    conf_high: Array


def contrasts(
    fixed: FixedEffects, rows: Array, *, df: DfMethod = "satterthwaite", confidence: float = 0.95
) -> Contrasts:
    """Estimate ``rows @ b`` with t tests.

    Satterthwaite's degrees of freedom of a combination l are 2 v^2 / (g' A g) with v = l'Cl,
    g its derivative by the variance parameters and A their covariance (Kuznetsova et al. 2017,
    J Stat Softw 82(13), eq. 8). ``"normal"`` gives infinite degrees of freedom.

    Parameters
    ----------
    rows
        (m, p) coefficients of the combinations.
    """
    rows = np.atleast_2d(np.asarray(rows, dtype=float))
    estimate = rows @ fixed.estimates
    variance = np.einsum("mi,ij,mj->m", rows, fixed.covariance, rows, optimize=True)
    se = np.sqrt(np.maximum(variance, 0.0))
    if df == "normal":
        dof = np.full(len(rows), np.inf)
    else:
        half = np.tensordot(fixed.covariance_gradient, rows.T, axes=1)  # (k, p, m)
        g = (half * rows.T).sum(axis=1)  # (k, m)
        spread = np.einsum("km,kl,lm->m", g, fixed.variance_covariance, g, optimize=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            dof = np.where(spread > 0, 2.0 * variance**2 / spread, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    p = np.asarray(2.0 * stats.t.sf(np.abs(statistic), dof))
    reach = stats.t.ppf(0.5 + confidence / 2, dof) * se
    return Contrasts(estimate, se, dof, statistic, p, estimate - reach, estimate + reach)


def each_term(fixed: FixedEffects, *, df: DfMethod, confidence: float) -> Contrasts:
    """Every fixed effect by itself."""
    return contrasts(fixed, np.eye(len(fixed.names)), df=df, confidence=confidence)
