"""Estimates of one outcome per person: least squares, logistic and Cox models by statsmodels.

What it lacks (Tobit) or fits slowly (ordinal) is in :mod:`.tobit` and :mod:`.ordinal`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import statsmodels.api as sm
from numpy.typing import NDArray
from scipy import stats
from statsmodels.tools.sm_exceptions import (
    ConvergenceWarning,
    HessianInversionWarning,
    PerfectSeparationError,
    PerfectSeparationWarning,
)

from pgsicbt.errors import FitError
from pgsicbt.models.mmrm.person_robust import RobustVisits
from pgsicbt.result import Array
from pgsicbt.spec import ErrorMethod

_SURE = 1e-6
"""A fitted probability this near to 0 or 1 is one that the model has made certain."""
STEEP = 12.0
"""A log odds ratio per standard deviation beyond which it is going to infinity."""


@dataclass(frozen=True)
class Estimated:
    """One fitted model.

    Parameters
    ----------
    estimates, covariance
        (p,) and (p, p), in the order of the columns.
    df
        Degrees of freedom of the t tests, one for all or (p,); infinite where they rest on large
        samples.
    log_likelihood, residual_variance
        The latter NaN where there is none.
    details
        Numbers that only this kind of model has, by name.
    robust
        What joint tests with robust errors need; None where errors come from the model.
    """

    estimates: Array
    covariance: Array
    df: float | Array
    log_likelihood: float
    residual_variance: float = float("nan")
    details: dict[str, float] = field(default_factory=dict)
    robust: RobustVisits | None = None


def least_squares(y: Array, x: Array, errors: ErrorMethod) -> Estimated:
    """Ordinary least squares of ``y`` (N,) on ``x`` (N, p).

    Robust errors are those with every person as a cluster of one: CR0 is White's (1980) HC0, and
    CR2 is HC2, both with Satterthwaite's degrees of freedom of each coefficient (Bell & McCaffrey
    2002, Survey Methodology 28:169; Pustejovsky & Tipton 2018, J Bus Econ Stat 36:672). A column
    that few people have has few of them, however many people there are.
    """
    found = sm.OLS(y, x).fit()
    estimates = np.asarray(found.params)
    likelihood, scale = float(found.llf), float(found.scale)
    details = {"r_squared": float(found.rsquared)}
    if errors == "model":
        covariance, df = np.asarray(found.cov_params()), float(found.df_resid)
        return Estimated(estimates, covariance, df, likelihood, scale, details)
    robust = RobustVisits(
        design=x,
        residual=np.asarray(found.resid),
        person=np.arange(len(y), dtype=np.intp),
        working=_alone,
        covariance=np.asarray(found.normalized_cov_params),
        estimates=estimates,
        kind=errors,
    )
    each = robust.contrasts(np.eye(x.shape[1]), 0.95).df
    return Estimated(estimates, robust.meat(), each, likelihood, scale, details, robust)


def _alone(rows: NDArray[np.intp]) -> Array:
    """The working covariance (n, 1, 1) of people with one outcome each."""
    return np.ones((len(rows), 1, 1))


def logistic(y: Array, x: Array, errors: ErrorMethod) -> Estimated:
    """Logistic regression of ``y`` (N,) of 0 and 1 on ``x`` (N, p), with Wald tests.

    Raises
    ------
    FitError
        If columns tell some people's outcome with certainty (separation), or the optimum was not
        reached.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (PerfectSeparationWarning, HessianInversionWarning))
        warnings.simplefilter("ignore", (ConvergenceWarning, RuntimeWarning))
        try:
            found = sm.Logit(y, x).fit(
                disp=0, method="newton", maxiter=60,
                cov_type="nonrobust" if errors == "model" else "HC0",
            )  # fmt: skip
        except (PerfectSeparationError, np.linalg.LinAlgError):
            raise separation() from None
    p = np.asarray(found.predict())
    spread = x.std(axis=0)
    if separated(p, np.asarray(found.params) * spread) or not found.mle_retvals["converged"]:
        raise separation()
    return Estimated(
        np.asarray(found.params),
        np.asarray(found.cov_params()),
        np.inf,
        float(found.llf),
        details={"events": float(y.sum()), "non_events": float(len(y) - y.sum())},
    )


def separated(probabilities: Array, steps: Array) -> bool:
    """Whether fitted probabilities (N,) and log odds per SD (p,) run off to certainty."""
    certain = ((probabilities < _SURE) | (probabilities > 1 - _SURE)).any()
    return bool(certain and (np.abs(steps) > STEEP / 2).any()) or bool(
        (np.abs(steps) > STEEP).any()
    )


def separation() -> FitError:
    """The refusal of a model whose estimates run off to infinity."""
    return FitError(
        "the columns tell some people's outcome with certainty (separation), so an odds ratio has "
        "no bound.",
        "Choose fewer covariates, or join small groups.",
        code="separation",
    )


def proportional_odds(y: Array, x: Array, column: int) -> float:
    """p value of one coefficient being the same at every cut of the levels (Brant 1990).

    Logistic models of y > j are fitted for every j; the Wald statistic of the differences of the
    coefficient of ``x[:, column]`` uses their joint sandwich covariance (Biometrics 46:1171).
    NaN where a cut cannot be fitted or there are two levels.
    """
    k = int(y.max()) + 1
    if k < 3:
        return float("nan")
    full = np.column_stack([np.ones(len(y)), x])
    influence, estimates = [], []
    for j in range(k - 1):
        above = (y > j).astype(float)
        try:
            found = logistic(above, full, "model")
        except FitError:
            return float("nan")
        p = 1 / (1 + np.exp(-full @ found.estimates))
        influence.append((full * (above - p)[:, None]) @ found.covariance[:, column + 1])
        estimates.append(found.estimates[column + 1])
    joint = np.cov(np.array(influence)) * len(y)
    contrast = np.hstack([-np.ones((k - 2, 1)), np.eye(k - 2)])
    gap = contrast @ np.array(estimates)
    wald = gap @ np.linalg.solve(contrast @ joint @ contrast.T, gap)
    return float(stats.chi2.sf(wald, k - 2))


def cox(time: Array, event: Array, x: Array) -> Estimated:
    """Cox regression of ``time`` (N,) with ``event`` 1 or 0 on ``x`` (N, p); ties after Efron.

    Raises
    ------
    FitError
        If the optimum was not reached.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", (ConvergenceWarning, HessianInversionWarning))
        warnings.simplefilter("ignore", RuntimeWarning)
        found = sm.PHReg(time, x, status=event, ties="efron").fit(disp=0)
    b, covariance = np.asarray(found.params), np.asarray(found.cov_params())
    if not np.isfinite(covariance).all() or (np.abs(b * x.std(axis=0)) > STEEP).any():
        raise separation()
    return Estimated(
        b, covariance, np.inf, float(found.llf), details={"events": float(event.sum())}
    )


def proportional_hazards(time: Array, event: Array, x: Array, column: int) -> float:
    """p value of one hazard ratio not moving with the rank of time (Grambsch & Therneau 1994).

    The correlation of the scaled Schoenfeld residuals of a column with the ranks of the event
    times; the simple form of the test with the average covariance (Biometrika 81:515). NaN with
    fewer than eight events.
    """
    found = sm.PHReg(time, x, status=event, ties="efron").fit(disp=0)
    raw = np.asarray(found.schoenfeld_residuals)
    known = np.isfinite(raw).all(axis=1)
    if known.sum() < 8:
        return float("nan")
    scaled = raw[known] @ np.asarray(found.cov_params()) * known.sum()
    ranks = stats.rankdata(time[known])
    g = ranks - ranks.mean()
    size = float(known.sum() * found.cov_params()[column, column] * (g @ g))
    return float(stats.chi2.sf((g @ scaled[:, column]) ** 2 / size, 1)) if size > 0 else np.nan


def joint(found: Estimated, at: Sequence[int], *, normal: bool) -> tuple[float, float, float]:
    """F statistic, its denominator df and p value that the coefficients at ``at`` are all zero.

    With robust errors Hotelling's T^2 (:meth:`RobustVisits.joint`). With ``normal``, or where tests
    rest on large samples, the chi-square statistic over the number of coefficients, with infinite
    degrees of freedom.
    """
    part = list(at)
    if found.robust is not None and not normal:
        test = found.robust.joint(np.eye(len(found.estimates))[part])
        return test.statistic, test.df_denominator, test.p_value
    b = found.estimates[part]
    value = float(b @ np.linalg.solve(found.covariance[np.ix_(part, part)], b)) / len(part)
    df = np.inf if normal else float(np.min(found.df))
    if np.isinf(df):
        return value, df, float(stats.chi2.sf(value * len(part), len(part)))
    return value, df, float(stats.f.sf(value, len(part), df))
