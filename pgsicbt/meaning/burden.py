"""Symptom burden: the area under the model's line, and scores at chosen weeks, by score level.

The area from week a to week b is a linear combination of the coefficients, the integral of the
line of an average person at a level of the score, so that its interval is exact for the model that
was fitted. Lines that are straight between the weeks of a plan are summed by trapezoids, others by
Gauss-Legendre quadrature between their knots, which is exact for straight and cubic pieces.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.models.course.trajectories import by_level, fitted_model, line_rows, time_of
from pgsicbt.models.engine.inference import contrasts
from pgsicbt.result import Array, ModelFit, Result, TimeBasis

_NODES = 12
"""Of a Gauss-Legendre piece; log(week + 1) over 12 weeks is then exact to 1e-13."""


@dataclass(frozen=True)
class Burden:
    """Areas and weeks of one score and adjustment.

    Attributes
    ----------
    first_week, last_week
        Ends of the area.
    areas
        ``level`` (SD of the score), ``area`` (points x weeks) with ``area_low`` and ``area_high``,
        and the same over the weeks between, ``mean``, ``mean_low``, ``mean_high`` (points).
    area_gap
        One row: the area of the highest level less that of the lowest, ``estimate``,
        ``std_error``, ``df``, ``p_value``, ``conf_low``, ``conf_high`` (points x weeks), and the
        same over the weeks between, ``mean``, ``mean_low``, ``mean_high`` (points).
    weeks
        ``week``, ``level``, ``estimate``, ``conf_low``, ``conf_high`` (points).
    week_gaps
        ``week``, ``estimate``, ``std_error``, ``df``, ``p_value``, ``conf_low``, ``conf_high``:
        highest less lowest level (points).
    """

    score: str
    adjustment: str
    levels: tuple[float, ...]
    first_week: float
    last_week: float
    areas: pd.DataFrame
    area_gap: pd.DataFrame
    weeks: pd.DataFrame
    week_gaps: pd.DataFrame


def burden(
    result: Result,
    score: str,
    adjustment: str,
    *,
    weeks: Sequence[float] | None = None,
    levels: Sequence[float] = (-1.0, 0.0, 1.0),
    window: tuple[float, float] | None = None,
) -> Burden:
    """Symptom burden and scores at chosen weeks, at levels of the score.

    Parameters
    ----------
    result
        Of a family with visits: ``lmm``, ``mmrm``, ``clda`` or ``gee``.
    weeks
        Weeks to tell the score at; start, middle and end of the window if None. Categorical time
        has its planned weeks: the nearest stands for each.
    levels
        SDs from the mean of the score, two at least; the difference is that of the last and the
        first of them in ascending order.
    window
        First and last week of the area; from the start of treatment to the last week analysed if
        None.

    Raises
    ------
    SpecError
        If the model is not there, has no one line per level, or the weeks are not its weeks.
    """
    by_level(result, score)
    model = fitted_model(result, score, adjustment)
    if model.time is None or not score:
        raise SpecError(
            "Symptom burden by level of a score needs a score and a model of all visits.",
            "Choose a mixed model, MMRM, cLDA or GEE with scores.",
            code="other_model",
        )
    shown = tuple(sorted({float(level) for level in levels}))
    if len(shown) < 2:
        raise SpecError("A difference needs two levels of the score.", "Name two at least.")
    basis = time_of(model, result)
    first, last = window if window is not None else basis.change_weeks
    at, weights = nodes(basis, first, last)
    told = tuple(weeks) if weeks is not None else (first, (first + last) / 2, last)
    told = tuple(dict.fromkeys(_at(basis, float(w)) for w in told))

    def area(level: float) -> Array:
        return np.asarray(weights @ line_rows(model, result, [level] * len(at), at))

    each = np.array([area(level) for level in shown])
    grid = [(week, level) for week in told for level in shown]
    lines = line_rows(model, result, [g[1] for g in grid], [g[0] for g in grid])
    k = len(shown)
    gaps = np.array([lines[k * (i + 1) - 1] - lines[k * i] for i in range(len(told))])
    return Burden(
        score=score,
        adjustment=adjustment,
        levels=shown,
        first_week=first,
        last_week=last,
        areas=_areas(result, model, each, last - first).assign(level=shown),
        area_gap=_gap(result, model, (each[-1] - each[0])[None, :], last - first),
        weeks=_told(result, model, lines, {"week": [g[0] for g in grid],
                                           "level": [g[1] for g in grid]}),
        week_gaps=_gap(result, model, gaps, None).assign(week=told),
    )  # fmt: skip


def nodes(basis: TimeBasis, first: float, last: float) -> tuple[list[float], Array]:
    """Weeks (n,) and weights (n,) whose weighted sum of a line is its integral, in weeks.

    Raises
    ------
    SpecError
        If the window is empty, or of fewer than two planned weeks.
    """
    if not first < last:
        raise SpecError("The weeks of the area are empty.", "The first must come before the last.")
    if basis.coding == "categorical":
        levels = np.array([w for w in basis.levels if first - 1e-9 <= w <= last + 1e-9])
        if len(levels) < 2 or abs(levels[0] - first) > 1e-9 or abs(levels[-1] - last) > 1e-9:
            raise SpecError(
                f"Weeks {first:g} and {last:g} are not both planned weeks, and the model says "
                "nothing between its weeks.",
                f"Choose two of: {', '.join(f'{w:g}' for w in basis.levels)}.",
                code="not_planned",
            )
        steps = np.diff(levels)
        weights = (np.r_[steps, 0.0] + np.r_[0.0, steps]) / 2.0
        return [float(w) for w in levels], weights
    ends = [first, *(k for k in sorted(basis.knots) if first < k < last), last]
    x, w = np.polynomial.legendre.leggauss(_NODES)
    at: list[float] = []
    weights_of: list[float] = []
    for a, b in itertools.pairwise(ends):
        at += [float(v) for v in a + (b - a) * (x + 1.0) / 2.0]
        weights_of += [float(v) for v in w * (b - a) / 2.0]
    return at, np.array(weights_of)


def _at(basis: TimeBasis, week: float) -> float:
    if basis.coding != "categorical":
        return week
    levels = np.array(basis.levels)
    return float(levels[np.argmin(np.abs(levels - week))])


def _areas(result: Result, model: ModelFit, rows: Array, span: float) -> pd.DataFrame:
    c = contrasts(model.fixed, rows, df=result.spec.df, confidence=result.spec.confidence)
    return pd.DataFrame(
        {
            "level": np.nan,
            "area": c.estimate,
            "area_low": c.conf_low,
            "area_high": c.conf_high,
            "mean": c.estimate / span,
            "mean_low": c.conf_low / span,
            "mean_high": c.conf_high / span,
        }
    )


def _told(
    result: Result, model: ModelFit, rows: Array, columns: dict[str, list[float]]
) -> pd.DataFrame:
    c = contrasts(model.fixed, rows, df=result.spec.df, confidence=result.spec.confidence)
    return pd.DataFrame(
        {**columns, "estimate": c.estimate, "conf_low": c.conf_low, "conf_high": c.conf_high}
    )


def _gap(result: Result, model: ModelFit, rows: Array, span: float | None) -> pd.DataFrame:
    c = contrasts(model.fixed, rows, df=result.spec.df, confidence=result.spec.confidence)
    made = pd.DataFrame(
        {
            "estimate": c.estimate,
            "std_error": c.std_error,
            "df": c.df,
            "p_value": c.p_value,
            "conf_low": c.conf_low,
            "conf_high": c.conf_high,
        }
    )
    if span is None:
        return made
    return made.assign(mean=c.estimate / span, mean_low=c.conf_low / span,
                       mean_high=c.conf_high / span)  # fmt: skip
