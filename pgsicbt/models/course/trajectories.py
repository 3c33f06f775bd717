"""What a fitted model says about the course of symptoms, as aggregate frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.inference import contrasts
from pgsicbt.models.grid.design import INTERCEPT
from pgsicbt.models.grid.time_coding import time_columns, time_part
from pgsicbt.result import Array, ModelFit, Result, TimeBasis
from pgsicbt.study import WEEKS_PER_UNIT

LEVELS = (-1.0, 0.0, 1.0)


def predicted(
    result: Result,
    score: str,
    adjustment: str,
    weeks: Sequence[float],
    levels: Sequence[float] = LEVELS,
) -> pd.DataFrame:
    """Model lines at levels of the score (in SD), everything else at the people's average.

    Numeric covariates stand at their mean and categorical ones at the shares of their levels
    (over people, not visits), so the line is that of an average person of this cohort.

    Returns
    -------
    DataFrame
        ``level`` (SD of the score), ``week``, ``estimate``, ``conf_low``, ``conf_high``
        (pointwise, at the spec's level of confidence).
    """
    by_level(result, score)
    model = fitted_model(result, score, adjustment)
    grid = [(level, float(week)) for level in (levels if score else (0.0,)) for week in weeks]
    rows = line_rows(model, result, [g[0] for g in grid], [g[1] for g in grid])
    at = {"level": [g[0] for g in grid], "week": [g[1] for g in grid]}
    return _frame(result, model, rows, at)


def difference(result: Result, score: str, adjustment: str, weeks: Sequence[float]) -> pd.DataFrame:
    """Difference between people one SD of the score apart, by week.

    Returns
    -------
    DataFrame
        ``week``, ``estimate``, ``conf_low``, ``conf_high``, in points of the outcome.
    """
    by_level(result, score)
    model = fitted_model(result, score, adjustment)
    at = [float(w) for w in weeks]
    rows = line_rows(model, result, [1.0] * len(at), at)
    rows = rows - line_rows(model, result, [0.0] * len(at), at)
    return _frame(result, model, rows, {"week": at})


def mean_change(result: Result, score: str, adjustment: str, week: float) -> float:
    """Change of an average person from the start (week 0) to ``week``, in points of the outcome.

    Categorical time has only its planned weeks: the nearest ones stand for 0 and ``week``.
    """
    model = fitted_model(result, score, adjustment)
    rows = line_rows(model, result, [0.0, 0.0], [0.0, week])
    return float((rows[1] - rows[0]) @ model.fixed.estimates)


def by_level(result: Result, score: str) -> None:
    """Refuse levels of a score where a model has no one number for it.

    Raises
    ------
    SpecError
        If scores interact or are in groups.
    """
    if score and (result.spec.interactions or result.spec.score_groups):
        raise SpecError(
            "Trajectories by level of a score are drawn for models without interactions or groups "
            "of the score.",
            "Leave them out to see the trajectories.",
            code="other_model",
        )


def fitted_model(result: Result, score: str, adjustment: str) -> ModelFit:
    """The fitted cell of a score and adjustment.

    Raises
    ------
    SpecError
        If there is none.
    """
    model = result.fit_of(score, adjustment)
    if model is None:
        raise SpecError(
            f"There is no fitted {adjustment} model of {score or 'the outcome'}.",
            "Choose another score or model.",
            code="no_such_model",
        )
    return model


def time_of(model: ModelFit, result: Result) -> TimeBasis:
    """How time is coded in a model."""
    if model.time is not None:
        return model.time
    return TimeBasis(unit=WEEKS_PER_UNIT[result.spec.time_unit])


def line_rows(
    model: ModelFit, result: Result, levels: Sequence[float], weeks: Sequence[float]
) -> Array:
    """Coefficients (n, p) of the linear predictor at n levels of the score (SD) and weeks."""
    basis = time_of(model, result)
    t = time_columns(basis, weeks)
    x = np.asarray(levels, dtype=float)
    if result.spec.score_scale == "as_given":  # +1 SD is score_sd units around score_mean
        x = model.score_mean + x * model.score_sd
    rows = np.ones((len(t), len(model.fixed.names)))
    for j, name in enumerate(model.fixed.names):
        column, of = time_part(basis, name)
        if column is not None:
            rows[:, j] = t[:, column]
        if model.score and of == model.score:
            rows[:, j] *= x
        elif of and of != INTERCEPT:
            rows[:, j] *= model.profile[name]
    return rows


def _frame(
    result: Result, model: ModelFit, rows: Array, columns: dict[str, list[float]]
) -> pd.DataFrame:
    spec = result.spec
    c = contrasts(model.fixed, rows, df=spec.df, confidence=spec.confidence)
    return pd.DataFrame(
        {**columns, "estimate": c.estimate, "conf_low": c.conf_low, "conf_high": c.conf_high}
    )
