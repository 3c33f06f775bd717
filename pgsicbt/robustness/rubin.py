"""Rubin's rules: one estimate from the same analysis of several completed data sets.

With Q_j and U_j the estimate and its squared standard error in completed set j of m
(Rubin 1987, Multiple Imputation for Nonresponse in Surveys, section 3.1):

    estimate   mean of Q_j
    within     U = mean of U_j
    between    B = variance of Q_j, over m - 1
    total      T = U + (1 + 1/m) B

Degrees of freedom are those of Barnard & Rubin (1999, Biometrika 86:948), which never exceed those
of the complete data. Tests of several terms at once are joined from their F values alone (D2: Li,
Meng, Raghunathan & Rubin 1991, Stat Sinica 1:65). All as in the R packages mice and miceadds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.result import Array


@dataclass(frozen=True)
class Pooled:
    """Estimates (R,) of R terms over m completed data sets.

    ``increase`` is the relative increase of the variance by what is missing, (1 + 1/m) B / U, and
    ``missing_information`` the share of the information about a term that is missing.
    """

    estimate: Array
    std_error: Array
    df: Array
    within: Array
    between: Array
    increase: Array
    missing_information: Array


def pool(estimates: Array, std_errors: Array, df_complete: Array) -> Pooled:
    """Join estimates of the same terms from m completed data sets.

    Parameters
    ----------
    estimates, std_errors
        (m, R) with m of two or more; a term that is missing in any set is missing in the whole.
    df_complete
        (R,) degrees of freedom that the complete data would have; infinite for normal tests.
    """
    m = len(estimates)
    q = estimates.mean(axis=0)
    within = (std_errors**2).mean(axis=0)
    between = estimates.var(axis=0, ddof=1)
    extra = (1 + 1 / m) * between
    total = within + extra
    with np.errstate(divide="ignore", invalid="ignore"):
        increase = extra / within
        share = extra / total
        df = barnard_rubin(m, share, df_complete)
        information = (increase + 2 / (df + 3)) / (1 + increase)
    return Pooled(q, np.sqrt(total), df, within, between, increase, information)


def barnard_rubin(m: int, share: Array, df_complete: Array) -> Array:
    """Degrees of freedom (R,) of Barnard & Rubin.

    Parameters
    ----------
    share
        (R,) share of the total variance that is due to what is missing.
    df_complete
        (R,) as in :func:`pool`.
    """
    share, complete = np.asarray(share, dtype=float), np.asarray(df_complete, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        old = (m - 1) / share**2
        seen = (complete + 1) / (complete + 3) * complete * (1 - share)
        both = old * seen / (old + seen)
    return np.where(np.isinf(complete), old, np.where(np.isinf(old), seen, both))


def pool_f(statistics: Array, terms: int) -> tuple[float, float, float]:
    """Join F tests of ``terms`` coefficients from m completed data sets by D2.

    Parameters
    ----------
    statistics
        (m,) F values, each times ``terms`` a Wald statistic.

    Returns
    -------
    float, float, float
        The joined F value, its denominator degrees of freedom and its p value; the numerator
        degrees of freedom are ``terms``.
    """
    m = len(statistics)
    wald = np.asarray(statistics, dtype=float) * terms
    increase = (1 + 1 / m) * float(np.sqrt(np.maximum(wald, 0.0)).var(ddof=1))
    value = (float(wald.mean()) / terms - (m + 1) / (m - 1) * increase) / (1 + increase)
    if increase <= 0:
        return value, np.inf, float(stats.chi2.sf(value * terms, terms))
    df = terms ** (-3 / m) * (m - 1) * (1 + 1 / increase) ** 2
    return value, float(df), float(stats.f.sf(max(value, 0.0), terms, df))
