"""Effect sizes that are combinations of fixed effects: rows, denominators and their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.effects.variance_explained import NO_SPREAD
from pgsicbt.models.engine.inference import Contrasts, contrasts
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import slope_column, time_columns, time_part
from pgsicbt.result import Array, FixedEffects, ModelFit, TimeBasis
from pgsicbt.spec import AnalysisSpec

_NAN = float("nan")
_SMALL_SPREAD = "people do not differ in this in the model without the score"
_NO_CHANGE = "the average person's change cannot be told from zero"
_NO_BASELINE = f"fewer than {MINIMUM_CELL} people have a baseline, or it does not vary"


@dataclass(frozen=True)
class Value:
    """One effect size with its interval; ``reason`` says why something is missing."""

    estimate: float
    low: float = _NAN
    high: float = _NAN
    unit: str = "share"
    interval: str = ""
    reason: str = ""


def differences(
    spec: AnalysisSpec,
    model: ModelFit,
    time: TimeBasis,
    baseline: float,
    between: tuple[float, float],
) -> dict[str, Value]:
    """The quantities of one fitted model that are combinations of its fixed effects.

    Parameters
    ----------
    baseline
        SD of the outcome at baseline (NaN where there is none).
    between
        SDs between people of the level at the origin and of the change over the window.
    """
    ends = time_columns(time, time.change_weeks)
    moved = ends[1] - ends[0]
    average = _average_row(spec, model, time, moved)
    if not model.score:
        c = contrasts(model.fixed, average[None, :], df=spec.df, confidence=spec.confidence)
        return {"mean_change": _scaled(c, 0)}
    main = _score_row(model, time, np.zeros_like(moved), 1.0)
    change = _score_row(model, time, moved, 0.0)
    post = _score_row(model, time, ends[1], 1.0)
    rows = np.array([main, change, post, average])
    c = contrasts(model.fixed, rows, df=spec.df, confidence=spec.confidence)
    level, slope = between
    return {
        "main_standardised": _scaled(c, 0, baseline, _NO_BASELINE),
        "main_between": _scaled(c, 0, level, _SMALL_SPREAD),
        "change": _scaled(c, 1),
        "change_standardised": _scaled(c, 1, baseline, _NO_BASELINE),
        "change_between": _scaled(c, 1, slope, _SMALL_SPREAD),
        "points_at_post": _scaled(c, 2),
        "mean_change": _scaled(c, 3),
        "share_of_mean_change": _share(spec, model.fixed, change, average),
    }


def _scaled(c: Contrasts, j: int, sd: float | None = None, reason: str = "") -> Value:
    """Contrast ``j`` in points, or in units of an SD that is taken as known."""
    unit = "points" if sd is None else "SD"
    if sd is not None and not sd > 0:
        return Value(_NAN, unit=unit, reason=reason)
    estimate, low, high = (float(v[j]) / (sd or 1.0) for v in (c.estimate, c.conf_low, c.conf_high))
    return Value(estimate, low, high, unit, "t")


def _score_row(model: ModelFit, time: TimeBasis, at: Array, main: float) -> Array:
    """Coefficients (p,) of ``main`` + time columns ``at`` (k,), per +1 SD of the score."""
    row = np.zeros(len(model.fixed.names))
    row[model.fixed.names.index(model.score)] = main
    for name, t in zip(time.names, at, strict=True):
        row[model.fixed.names.index(f"{name}:{model.score}")] = t
    return row * model.score_unit


def _average_row(spec: AnalysisSpec, model: ModelFit, time: TimeBasis, moved: Array) -> Array:
    """Coefficients (p,) of an average person's change when the time columns change by ``moved``."""
    row = np.zeros(len(model.fixed.names))
    score = model.score_mean if spec.score_scale == "as_given" else 0.0
    for j, name in enumerate(model.fixed.names):
        column, of = time_part(time, name)
        if column is not None:
            person = 1.0 if not of else score if of == model.score else model.profile[name]
            row[j] = moved[column] * person
    return row


def _share(spec: AnalysisSpec, fixed: FixedEffects, change: Array, average: Array) -> Value:
    """Ratio of two combinations with Fieller's interval.

    The t quantile is that of the combination change - ratio x average, whose test at each limit
    is just significant.
    """
    both = np.array([change, average])
    top, bottom = both @ fixed.estimates
    cov = both @ (fixed.covariance if fixed.adjusted is None else fixed.adjusted) @ both.T
    if bottom == 0:
        return Value(_NAN, unit="share", reason=_NO_CHANGE)
    ratio = float(top / bottom)
    c = contrasts(fixed, (change - ratio * average)[None, :], df=spec.df)
    t = float(stats.t.ppf(0.5 + spec.confidence / 2, c.df[0]))
    limits = fieller(float(top), float(bottom), cov, t)
    if limits is None:
        return Value(_NAN, unit="share", reason=_NO_CHANGE)
    return Value(ratio, limits[0], limits[1], "share", "Fieller")


def fieller(top: float, bottom: float, cov: Array, t: float) -> tuple[float, float] | None:
    """Limits of top / bottom, or None where the denominator cannot be told from zero.

    The limits are the r with (top - r bottom)^2 = t^2 var(top - r bottom) (Fieller 1954, J R
    Stat Soc B 16:175).

    Parameters
    ----------
    cov
        (2, 2) covariance of top and bottom.
    t
        Quantile of the interval.
    """
    a = bottom**2 - t**2 * cov[1, 1]
    b = top * bottom - t**2 * cov[0, 1]
    c = top**2 - t**2 * cov[0, 0]
    if not a > 0:
        return None
    reach = float(np.sqrt(max(b * b - a * c, 0.0)))
    return float((b - reach) / a), float((b + reach) / a)


def baseline_sd(sample: Sample) -> float:
    """SD between people of the outcome at baseline, NaN where too few people have one.

    A person's baseline is the last visit at or before week 0. Where fewer people have one than
    the disclosure rule allows, everybody's first visit takes its place.
    """
    order = np.lexsort((sample.time, sample.code))
    code, time, value = sample.code[order], sample.time[order], sample.value[order]
    before = time <= 0
    last = np.flatnonzero(before & ~np.r_[before[1:] & (code[1:] == code[:-1]), False])
    if len(last) < MINIMUM_CELL:
        last = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    return float(value[last].std(ddof=1)) if len(last) >= MINIMUM_CELL else _NAN


def between_sds(
    random_covariance: Array, residual_variance: float, time: TimeBasis
) -> tuple[float, float]:
    """SDs between people of the level at the origin and of the change over the window.

    The change of a person is d'u with d the change of the random time columns from the first to
    the last week. NaN where the variance is zero, or nothing of the residual variance.
    """
    q = random_covariance.shape[0]
    ends = np.array(time.change_weeks)
    slope = slope_column if time.coding == "categorical" else time_columns
    d = np.r_[0.0, np.diff(slope(time, ends), axis=0)[0]][:q]
    variances = np.array([random_covariance[0, 0], d @ random_covariance @ d])
    variances[variances <= NO_SPREAD * residual_variance] = _NAN
    return float(np.sqrt(variances[0])), float(np.sqrt(variances[1]))
