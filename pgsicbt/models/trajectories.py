"""What a fitted model says about the course of symptoms, as aggregate frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.models.design import INTERCEPT, TIME
from pgsicbt.models.inference import contrasts
from pgsicbt.result import Array, ModelFit, Result
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
    model = _model(result, score, adjustment)
    grid = [(level, float(week)) for level in (levels if score else (0.0,)) for week in weeks]
    rows = np.array([_row(model, result, level, week) for level, week in grid])
    at = {"level": [g[0] for g in grid], "week": [g[1] for g in grid]}
    return _frame(result, model, rows, at)


def difference(result: Result, score: str, adjustment: str, weeks: Sequence[float]) -> pd.DataFrame:
    """Difference between people one SD of the score apart, by week.

    Returns
    -------
    DataFrame
        ``week``, ``estimate``, ``conf_low``, ``conf_high``, in points of the outcome.
    """
    model = _model(result, score, adjustment)
    rows = np.array(
        [_row(model, result, 1.0, w) - _row(model, result, 0.0, w) for w in map(float, weeks)]
    )
    return _frame(result, model, rows, {"week": list(map(float, weeks))})


def mean_change(result: Result, score: str, adjustment: str, week: float) -> float:
    """Change of an average person from the start to ``week``, in points of the outcome."""
    model = _model(result, score, adjustment)
    row = _row(model, result, 0.0, week) - _row(model, result, 0.0, 0.0)
    return float(row @ model.fixed.estimates)


def _model(result: Result, score: str, adjustment: str) -> ModelFit:
    model = result.fit_of(score, adjustment)
    if model is None:
        raise SpecError(
            f"There is no fitted {adjustment} model of {score or 'the outcome'}.",
            "Choose another score or model.",
            code="no_such_model",
        )
    return model


def _row(model: ModelFit, result: Result, level: float, week: float) -> Array:
    """Coefficients of the linear predictor at a level of the score (SD) and a week."""
    t = week / WEEKS_PER_UNIT[result.spec.time_unit]
    # With scores as given, +1 SD is score_sd units around score_mean.
    as_given = result.spec.score_scale == "as_given"
    x = model.score_mean + level * model.score_sd if as_given else level
    row = np.empty(len(model.fixed.names))
    for j, name in enumerate(model.fixed.names):
        if name == INTERCEPT:
            row[j] = 1.0
        elif name == TIME:
            row[j] = t
        elif name == model.score and model.score:
            row[j] = x
        elif name == f"{TIME}:{model.score}" and model.score:
            row[j] = x * t
        else:
            row[j] = model.profile[name] * (t if name.startswith(f"{TIME}:") else 1.0)
    return row


def _frame(
    result: Result, model: ModelFit, rows: Array, columns: dict[str, list[float]]
) -> pd.DataFrame:
    spec = result.spec
    c = contrasts(model.fixed, rows, df=spec.df, confidence=spec.confidence)
    return pd.DataFrame(
        {**columns, "estimate": c.estimate, "conf_low": c.conf_low, "conf_high": c.conf_high}
    )
