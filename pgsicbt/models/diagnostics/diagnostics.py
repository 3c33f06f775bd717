"""Checks of one fitted model: residuals, random effects, floor; aggregates and plain findings.

Residuals and random effects are about single people, so they are binned here and only bins of
enough people leave (:mod:`pgsicbt.disclosure`). docs/diagnostics.md says what each check is and
where its threshold comes from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.diagnostics.binning import (
    clustered_mean,
    cut,
    quantile_plot,
    share_shown,
    spread,
)
from pgsicbt.models.diagnostics.diagnostic_findings import Facts, RandomFacts, findings
from pgsicbt.models.diagnostics.residuals import Residuals, residuals
from pgsicbt.models.effects.variance_explained import NO_SPREAD
from pgsicbt.models.grid.design import INTERCEPT
from pgsicbt.models.grid.rebuild import People, one_cell
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Finding, Study

_NAN = float("nan")
_FITTED_BINS = np.arange(0.1, 0.91, 0.1)
_MANY_WEEKS = 40


@dataclass(frozen=True)
class Diagnostics:
    """What the residuals and random effects of one model look like, as aggregates.

    Attributes
    ----------
    summary
        ``part`` (residual, outcome, or the name of a random term), ``quantity``, ``value`` and
        ``expected`` (under the model).
    residual_quantiles, random_quantiles
        Quantile plots: ``expected`` (normal) and ``observed`` means of bins of the standardised
        residuals and of each standardised random effect (``term``), with ``n_persons`` and
        ``n_values``.
    by_fitted, by_week
        ``mean`` and ``spread`` (SD) of the standardised residuals in bins of the ``fitted``
        values and by ``week``; spread is one under the model. ``by_week`` has the shares of
        values at the ``floor`` and at the ``ceiling``, too.
    findings
        What a reader must know, and what to do.
    """

    score: str
    adjustment: str
    n_persons: int
    n_observations: int
    summary: pd.DataFrame
    residual_quantiles: pd.DataFrame
    random_quantiles: pd.DataFrame
    by_fitted: pd.DataFrame
    by_week: pd.DataFrame
    findings: tuple[Finding, ...]


def diagnostics(study: Study, result: Result, score: str, adjustment: str) -> Diagnostics:
    """Check one fitted model.

    Parameters
    ----------
    score
        Name of the score; empty for the model without one.

    Raises
    ------
    SpecError
        If that score and adjustment was not fitted.
    DataError
        If the result is not of this study.
    """
    people, model = one_cell(study, result, score, adjustment)
    visits = _visits(study, result, people, model)
    r = visits.residuals
    random = {
        term: _standardised(people, model, r, j)
        for j, term in enumerate(_random_terms(people, model.random_covariance.shape[0]))
    }
    week_bin = _week_bins(visits.week)
    by_week = spread(week_bin, visits.week, visits.standardised, visits.person, "week")
    by_week["floor"] = _share_by_week(visits.floor, week_bin, visits.person, by_week)
    by_week["ceiling"] = _share_by_week(visits.ceiling, week_bin, visits.person, by_week)
    fitted_bin = cut(visits.fitted, visits.person, _FITTED_BINS)
    facts = _facts(visits, people.sample.code, model, random)
    outcome = study.outcome(result.spec.outcome)
    known = outcome.minimum is not None and outcome.maximum is not None
    return Diagnostics(
        score=model.score,
        adjustment=model.adjustment,
        n_persons=model.n_persons,
        n_observations=model.n_observations,
        summary=_summary(facts),
        residual_quantiles=quantile_plot(visits.standardised, visits.person),
        random_quantiles=_random_quantiles(random),
        by_fitted=spread(fitted_bin, visits.fitted, visits.standardised, visits.person, "fitted"),
        by_week=by_week,
        findings=findings(facts, by_week, scale_known=known),
    )


def residuals_of(people: People, model: ModelFit) -> Residuals:
    """Residuals of one cell; about single people, so not to be shown or saved."""
    q = model.random_covariance.shape[0]
    return residuals(
        people.columns(model),
        people.design.basis[:, :q],
        people.sample.value,
        people.sample.code,
        people.sample.time,
        model.fixed,
        model.random_covariance,
        model.residual_variance,
    )


@dataclass(frozen=True)
class _Visits:
    """Visits whose residual has a variance, and the residuals of all of them."""

    residuals: Residuals
    standardised: Array
    fitted: Array
    person: NDArray[np.intp]
    week: Array
    floor: NDArray[np.bool_]
    ceiling: NDArray[np.bool_]


def _visits(study: Study, result: Result, people: People, model: ModelFit) -> _Visits:
    """Floor and ceiling are the instrument's ends, or the extremes observed."""
    sample, r = people.sample, residuals_of(people, model)
    outcome = study.outcome(result.spec.outcome)
    low = float(sample.value.min()) if outcome.minimum is None else outcome.minimum
    high = float(sample.value.max()) if outcome.maximum is None else outcome.maximum
    use = np.isfinite(r.standardised)
    return _Visits(
        residuals=r,
        standardised=r.standardised[use],
        fitted=r.fitted[use],
        person=sample.code[use],
        week=sample.time[use],
        floor=sample.value[use] <= low,
        ceiling=sample.value[use] >= high,
    )


def _random_terms(people: People, q: int) -> tuple[str, ...]:
    time = people.design.time
    slopes = ("time", *time.names) if time.coding == "categorical" else time.names
    return (INTERCEPT, *slopes)[:q]


def _standardised(people: People, model: ModelFit, r: Residuals, j: int) -> Array:
    """Random effects over their SD under the model, of people who tell something about it.

    Empty where the term has no variance between people.
    """
    part = model.random_covariance[j, j] * float((people.design.basis[:, j] ** 2).mean())
    if not part > NO_SPREAD * model.residual_variance:
        return np.zeros(0)
    sd = r.random_sd[:, j]
    known = sd > 1e-6 * sd.max()
    return np.asarray(r.random[known, j] / sd[known])


def _week_bins(time: Array) -> NDArray[np.intp]:
    """Bin (n,) of each visit: its week, or the nearest whole one where there are many weeks."""
    weeks = time if len(np.unique(time)) <= _MANY_WEEKS else np.ceil(time - 0.5)
    return np.unique(weeks, return_inverse=True)[1].astype(np.intp)


def _share_by_week(
    hits: NDArray[np.bool_],
    week_bin: NDArray[np.intp],
    person: NDArray[np.intp],
    weeks: pd.DataFrame,
) -> Array:
    """Share of hits in each week, NaN where too few people have one.

    One week left out alone could be worked out from the share of all weeks, so the smallest
    other share above zero is left out with it.
    """
    known = weeks["week"].notna().to_numpy(bool)
    at = [week_bin == b for b in range(len(known))]
    shares = np.array([share_shown(hits[rows], person[rows]) for rows in at])
    shares[~known] = _NAN
    if int(np.isnan(shares[known]).sum()) == 1 and np.any(shares > 0):
        shares[int(np.nanargmin(np.where(shares > 0, shares, np.nan)))] = _NAN
    return shares


def _facts(v: _Visits, code: NDArray[np.intp], model: ModelFit, random: dict[str, Array]) -> Facts:
    """Numbers for the findings; ``code`` (n,) says whom each of all visits is of."""
    s, r = v.standardised, v.residuals
    lag, expected, error = _successive(r, code)
    low, high = np.quantile(v.fitted, [1 / 3, 2 / 3])
    bottom, top = v.fitted <= low, v.fitted >= high
    lower, lower_error = clustered_mean(s[bottom] ** 2, v.person[bottom])
    upper, upper_error = clustered_mean(s[top] ** 2, v.person[top])
    tau = model.random_covariance
    tied = len(tau) > 1 and tau[0, 0] * tau[1, 1] > 0
    skewness, kurtosis = _moments(s)
    return Facts(
        n_persons=model.n_persons,
        n_observations=model.n_observations,
        residual_sd=float(np.sqrt(model.residual_variance)),
        skewness=skewness,
        kurtosis=kurtosis,
        beyond=share_shown(np.abs(s) > 3, v.person),
        lag=lag,
        lag_expected=expected,
        lag_error=error,
        spread_ratio=float(np.sqrt(upper / lower)),
        spread_z=(upper - lower) / float(np.hypot(upper_error, lower_error)),
        floor=share_shown(v.floor, v.person),
        ceiling=share_shown(v.ceiling, v.person),
        random=tuple(RandomFacts(term, not len(u), *_moments(u)) for term, u in random.items()),
        correlation=float(tau[0, 1] / np.sqrt(tau[0, 0] * tau[1, 1])) if tied else _NAN,
    )


def _successive(r: Residuals, code: NDArray[np.intp]) -> tuple[float, float, float]:
    """Mean product of successive residuals, what the model expects, error of the difference."""
    product = r.standardised[r.first] * r.standardised[r.second]
    use = np.isfinite(product)
    if not use.any():
        return _NAN, _NAN, _NAN
    _, error = clustered_mean((product - r.expected)[use], code[r.first[use]])
    return float(product[use].mean()), float(r.expected[use].mean()), error


def _moments(values: Array) -> tuple[float, float]:
    """Skewness and excess kurtosis, from central moments without correction."""
    if not len(values):
        return _NAN, _NAN
    return float(stats.skew(values)), float(stats.kurtosis(values))


def _summary(f: Facts) -> pd.DataFrame:
    """The facts as a tidy frame; nothing of them where too few people were analysed."""
    beyond = float(2 * stats.norm.sf(3))
    rows: list[tuple[str, str, float, float]] = [
        ("residual", "SD in points", f.residual_sd, _NAN),
        ("residual", "skewness", f.skewness, 0.0),
        ("residual", "excess kurtosis", f.kurtosis, 0.0),
        ("residual", "share beyond 3 SD", f.beyond, beyond),
        ("residual", "correlation of successive visits", f.lag, f.lag_expected),
        ("residual", "SD at high over SD at low fitted values", f.spread_ratio, 1.0),
        ("outcome", "share at the lowest value", f.floor, _NAN),
        ("outcome", "share at the highest value", f.ceiling, _NAN),
    ]
    for r in f.random:
        rows.append((r.term, "skewness", r.skewness, 0.0))
        rows.append((r.term, "excess kurtosis", r.kurtosis, 0.0))
    if len(f.random) > 1:
        rows.append((f.random[1].term, "correlation with the intercept", f.correlation, _NAN))
    frame = pd.DataFrame.from_records(rows, columns=["part", "quantity", "value", "expected"])
    if f.n_persons < MINIMUM_CELL:
        frame["value"] = _NAN
    return frame


def _random_quantiles(random: dict[str, Array]) -> pd.DataFrame:
    frames = [
        quantile_plot(u, np.arange(len(u))).assign(term=term)
        for term, u in random.items()
        if len(u)
    ]
    names = ["term", "expected", "observed", "n_persons", "n_values"]
    return pd.concat(frames, ignore_index=True)[names] if frames else pd.DataFrame(columns=names)
