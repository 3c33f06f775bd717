"""Tests and intervals for linear combinations of fixed effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.kenward_roger import FTest
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
    J Stat Softw 82(13), eq. 8). ``"normal"`` gives infinite degrees of freedom. For one
    combination the degrees of freedom of Kenward & Roger (1997) have the same form, with their
    own derivatives and weights, and only the standard error comes from the adjusted covariance.

    Parameters
    ----------
    rows
        (m, p) coefficients of the combinations.

    Raises
    ------
    SpecError
        If Kenward-Roger is asked of a fit that was not prepared for it.
    """
    rows = np.atleast_2d(np.asarray(rows, dtype=float))
    estimate = rows @ fixed.estimates
    variance = _squared(rows, fixed.covariance)
    if fixed.adjusted is None:
        if df == "kenward-roger":
            raise SpecError(
                "This fit does not hold what Kenward-Roger needs.", "Use satterthwaite."
            )
        se = np.sqrt(np.maximum(variance, 0.0))
    else:
        se = np.sqrt(np.maximum(_squared(rows, fixed.adjusted), 0.0))
    if df == "normal":
        dof = np.full(len(rows), np.inf)
    elif fixed.robust_df is not None:
        # Exact for one coefficient; for several the smallest of theirs, which is cautious.
        dof = np.where(rows != 0, fixed.robust_df, np.inf).min(axis=1)
    else:
        g = np.array([_squared(rows, d) for d in fixed.covariance_gradient])  # (k, m)
        spread = (g * (fixed.variance_covariance @ g)).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            dof = np.where(spread > 0, 2.0 * variance**2 / spread, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    p = np.asarray(2.0 * stats.t.sf(np.abs(statistic), dof))
    reach = stats.t.ppf(0.5 + confidence / 2, dof) * se
    return Contrasts(estimate, se, dof, statistic, p, estimate - reach, estimate + reach)


def _squared(rows: Array, m: Array) -> Array:
    """l'Ml of every row l."""
    return np.asarray(((rows @ m) * rows).sum(axis=1))


_RANK = float(np.sqrt(np.finfo(float).eps))  # lmerTest's share of the largest eigenvalue


def f_test_satterthwaite(fixed: FixedEffects, rows: Array) -> FTest:
    """Test that all of ``rows @ b`` are zero, with Satterthwaite's degrees of freedom.

    As ``lmerTest::contestMD`` (Kuznetsova et al. 2017, section 2.3): the combinations are turned
    to uncorrelated ones by the eigenvectors of their covariance, each has the degrees of freedom
    nu of :func:`contrasts`, and those of F follow from its expectation, the mean of nu / (nu - 2)
    (Fai & Cornelius 1996). Combinations that others determine are left out. Where lmerTest would
    take combinations for dependent only because their units lie far apart, they are first scaled
    to unit variance.

    Parameters
    ----------
    rows
        (m, p) coefficients of the combinations, finite.

    Raises
    ------
    SpecError
        If the rows are all zero.
    """
    rows = np.atleast_2d(np.asarray(rows, dtype=float))
    covariance = fixed.covariance if fixed.adjusted is None else fixed.adjusted
    rows = rows[np.any(rows != 0, axis=1)]
    if not len(rows):
        raise SpecError("There is no combination of coefficients to test.", "Give at least one.")
    for units in (1.0, 1.0 / np.sqrt(_squared(rows, covariance))[:, None]):
        scaled = rows * units
        values, vectors = np.linalg.eigh(scaled @ covariance @ scaled.T)
        known = values > _RANK * values[-1]
        if known.all():
            break
    turned = vectors[:, known].T @ scaled
    m = len(turned)
    c = contrasts(fixed, turned)
    statistic = float((c.statistic**2).mean())
    df = _fai_cornelius(c.df)
    return FTest(statistic, m, df, float(stats.f.sf(statistic, m, df)))


def _fai_cornelius(nu: Array) -> float:
    if np.all(np.abs(np.diff(nu)) < 1e-8) or not np.isfinite(nu).all():
        return float(nu.mean())
    if np.any(nu <= 2):
        return 2.0
    mean = float((nu / (nu - 2)).sum())
    return 2.0 * mean / (mean - len(nu))
