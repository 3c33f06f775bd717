"""What a score adds to a prediction by clinical predictors, in people it was not fitted on.

Repeated k-fold cross-validation of least squares: the outcome after treatment is predicted from
severity before it and the covariates of the analysis, without any score, with each, and with all.
Every number is of people who were not among those fitted on. Predictions are held against groups
here; none is ever shown for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.errors import FitError
from pgsicbt.meaning.candidates import ALL as ALL
from pgsicbt.meaning.candidates import CLINICAL as CLINICAL
from pgsicbt.meaning.candidates import candidates, with_scores_known
from pgsicbt.meaning.folds import corrected_interval, folds
from pgsicbt.models.families.endpoints import endpoints
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

PREDICTION_COLUMNS = (
    "model", "r2", "rmse", "calibration_slope", "calibration_intercept", "added_r2", "added_low",
    "added_high", "rmse_saved", "n_persons",
)  # fmt: skip
"""Columns of ``Prediction.table``. ``model`` is ``"clinical"``, a score added to it, or ``"all"``
scores added; ``r2`` is 1 less squared error over that of the mean of those fitted on; ``added_r2``
what the model has over the clinical one, with its interval; ``rmse_saved`` in points."""


@dataclass(frozen=True)
class Prediction:
    """Cross-validated prediction of the outcome after treatment.

    Parameters
    ----------
    table
        One row per model with ``PREDICTION_COLUMNS``.
    predictors
        The clinical predictors.
    by_tenth
        Calibration of the clinical model and of all scores added: per tenth of predicted outcome
        its mean and the observed one with its interval.
    """

    table: pd.DataFrame
    predictors: tuple[str, ...]
    by_tenth: pd.DataFrame
    n_persons: int
    week: float
    k: int
    repeats: int
    seed: int


def predict_post(
    study: Study,
    spec: AnalysisSpec,
    *,
    baseline: bool = True,
    k: int = 10,
    repeats: int = 10,
    seed: int = 1,
    progress: Progress | None = None,
) -> Prediction:
    """Cross-validate the prediction of the outcome after treatment.

    Parameters
    ----------
    baseline
        Whether severity before treatment is among the clinical predictors.
    k, repeats, seed
        Folds, how often people are divided anew, and the seed of the divisions.
    progress
        Called with repeats done and to be done.

    Raises
    ------
    SpecError, FitError
        If nothing can be predicted: no score, too few people, an outcome that does not vary.
    """
    ends = with_scores_known(endpoints(study, spec), spec)
    seen = np.isfinite(ends.after)
    ends = ends.keep(seen, "seen after treatment", "not seen after treatment")
    c = candidates(study, spec, ends, baseline=baseline)
    y = ends.after
    if not y.std() > 0:
        raise FitError("The outcome after treatment is the same for everybody.")
    fold = folds(len(y), k, repeats, seed)
    models = list(c.uses)
    held = {m: np.empty((repeats, len(y))) for m in models}
    null = np.empty((repeats, len(y)))
    for r in range(repeats):
        _one_repeat(c.values, c.uses, y, fold[r], held, null, r)
        if progress is not None:
            progress(r + 1, repeats)
    table = _table(y, fold, held, null, models, spec.confidence)
    shown = [m for m in (CLINICAL, models[-1]) if m in held]
    tenths = pd.concat(
        [_calibration(y, held[m].mean(axis=0), m, spec.confidence) for m in shown],
        ignore_index=True,
    )
    return Prediction(table, c.predictors, tenths, len(y), ends.week, k, repeats, seed)


def _one_repeat(
    x: Array,
    uses: dict[str, list[int]],
    y: Array,
    fold: np.ndarray[tuple[int], np.dtype[np.intp]],
    held: dict[str, Array],
    null: Array,
    r: int,
) -> None:
    """Predictions of every model for the people of each fold from all others."""
    gram, cross = x.T @ x, x.T @ y
    total, n = y.sum(), len(y)
    for f in range(fold.max() + 1):
        test = np.flatnonzero(fold == f)
        own = x[test]
        g, b = gram - own.T @ own, cross - own.T @ y[test]
        null[r, test] = (total - y[test].sum()) / (n - len(test))
        for model, used in uses.items():
            solved = np.linalg.lstsq(g[np.ix_(used, used)], b[used], rcond=None)[0]
            held[model][r, test] = own[:, used] @ solved


def _table(
    y: Array,
    fold: np.ndarray[tuple[int, int], np.dtype[np.intp]],
    held: dict[str, Array],
    null: Array,
    models: list[str],
    confidence: float,
) -> pd.DataFrame:
    spread = float(((y - null) ** 2).mean())
    error = {m: (y - held[m]) ** 2 for m in models}
    base_rmse = np.sqrt(error[CLINICAL].mean(axis=1)).mean()
    records = []
    for m in models:
        rmse = float(np.sqrt(error[m].mean(axis=1)).mean())
        lines = [np.polyfit(p, y, 1) if p.std() > 0 else (np.nan, np.nan) for p in held[m]]
        slope = float(np.mean([line[0] for line in lines]))
        added = (np.nan, np.nan, np.nan)
        if m != CLINICAL:
            saved = _by_fold(error[CLINICAL] - error[m], fold) / spread
            added = corrected_interval(saved, 1 / (fold.max() + 1), confidence)
        records.append(
            (
                m, 1 - float(error[m].mean()) / spread, rmse, slope, float((y - held[m]).mean()),
                *added, float(base_rmse - rmse), len(y),
            )
        )  # fmt: skip
    return pd.DataFrame.from_records(records, columns=list(PREDICTION_COLUMNS))


def _by_fold(values: Array, fold: np.ndarray[tuple[int, int], np.dtype[np.intp]]) -> Array:
    """Mean of ``values`` (repeats, n) over each fold of each repeat, in one row."""
    k = int(fold.max()) + 1
    return np.concatenate(
        [np.bincount(f, v, k) / np.bincount(f, minlength=k)
         for v, f in zip(values, fold, strict=True)]
    )  # fmt: skip


def _calibration(y: Array, predicted: Array, model: str, confidence: float) -> pd.DataFrame:
    """Predicted and observed means by tenth of the prediction; fewer groups of small cohorts."""
    groups = int(np.clip(len(y) // 20, 2, 10))
    order = np.argsort(predicted, kind="stable")
    rows = []
    for part in np.array_split(order, groups):
        n, mean = len(part), float(y[part].mean())
        reach = float(stats.t.ppf(0.5 + confidence / 2, n - 1) * y[part].std(ddof=1) / np.sqrt(n))
        rows.append((model, float(predicted[part].mean()), mean, mean - reach, mean + reach, n))
    names = ["model", "predicted", "observed", "conf_low", "conf_high", "n_persons"]
    return pd.DataFrame.from_records(rows, columns=names)
