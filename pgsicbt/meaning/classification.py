"""Response, remission or another status predicted, in people the model was not fitted on.

Repeated k-fold cross-validation of logistic regression, as :mod:`.prediction` has it for the
outcome itself. Discrimination is the area under the ROC curve with DeLong's variance, its
placement values averaged over the repeats; calibration is the intercept and slope of a logistic
regression of the status on the predicted log odds (Cox 1958), and observed shares by predicted
risk.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError
from pgsicbt.meaning.candidates import CLINICAL, candidates, with_scores_known
from pgsicbt.meaning.densities import logit_interval, placements
from pgsicbt.meaning.folds import folds
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.families.endpoints import endpoints
from pgsicbt.models.families.estimators import logistic, separation
from pgsicbt.models.families.statuses import judged
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

CLASSIFICATION_COLUMNS = (
    "model", "auc", "auc_low", "auc_high", "added_auc", "added_low", "added_high", "brier",
    "brier_scaled", "calibration_slope", "calibration_intercept", "n_persons", "n_events",
)  # fmt: skip
"""Columns of ``Classification.table``. ``added_auc`` is over the clinical model, with DeLong's
interval of paired areas; there is no p value, since a test of nested models by their areas does
not hold its size (Demler et al. 2012, Stat Med 31:2577). ``brier_scaled`` is 1 less the Brier
score over that of the plain share."""
_PER_COLUMN = 10
_STEPS = 30


@dataclass(frozen=True)
class Classification:
    """Cross-validated prediction of a status after treatment.

    Parameters
    ----------
    table
        One row per model with ``CLASSIFICATION_COLUMNS``.
    roc
        ``model``, ``false_positive``, ``true_positive``: the curve on a grid, averaged over the
        repeats.
    calibration
        ``model``, ``predicted``, ``observed``, ``conf_low``, ``conf_high``, ``n_persons`` by
        groups of predicted risk, each with at least eight people of either status.
    definitions
        The definitions in words.
    """

    kind: str
    table: pd.DataFrame
    roc: pd.DataFrame
    calibration: pd.DataFrame
    predictors: tuple[str, ...]
    definitions: tuple[str, ...]
    findings: tuple[Finding, ...]
    n_persons: int
    n_events: int
    week: float
    k: int
    repeats: int
    seed: int


def predict_status(
    study: Study,
    spec: AnalysisSpec,
    kind: str,
    *,
    baseline: bool = True,
    k: int = 10,
    repeats: int = 10,
    seed: int = 1,
    progress: Progress | None = None,
) -> Classification:
    """Cross-validate the prediction of a status, such as ``"remission"``.

    Parameters
    ----------
    kind
        As in :func:`pgsicbt.models.families.statuses.status_of`.
    baseline, k, repeats, seed, progress
        As in :func:`pgsicbt.meaning.prediction.predict_post`; folds have the status alike.

    Raises
    ------
    SpecError
        If there is no such definition, or no score.
    FitError
        If fewer than eight people have the rarer status, or columns tell some people's status
        with certainty.
    """
    ends = with_scores_known(endpoints(study, spec), spec)
    ends, y, words, findings = judged(study, spec, ends, kind)
    events = int(y.sum())
    if min(events, len(y) - events) < max(MINIMUM_CELL, k):
        raise FitError(
            f"Fewer than {max(MINIMUM_CELL, k)} people have the rarer status ({kind} or not), so "
            "it cannot be predicted.",
            "Choose another definition, a wider window, or fewer folds.",
            code="too_few_events",
        )
    c = candidates(study, spec, ends, baseline=baseline)
    x = c.values / np.where(c.values.std(axis=0) > 0, c.values.std(axis=0), 1.0)
    fold = folds(len(y), k, repeats, seed, strata=y)
    with one_thread():
        held = held_out(y, x, c.uses, fold, progress)
    models = list(c.uses)
    shown = [CLINICAL, models[-1]]
    return Classification(
        kind,
        _table(y, held, spec.confidence),
        pd.concat([_roc(y, held[m], m) for m in shown], ignore_index=True),
        pd.concat([_calibration(y, held[m], m, spec.confidence) for m in shown],
                  ignore_index=True),
        c.predictors, words, (*findings, *_stretched(events, len(y), len(c.clinical))),
        len(y), events, ends.week, k, repeats, seed,
    )  # fmt: skip


def held_out(
    y: Array,
    x: Array,
    uses: dict[str, list[int]],
    fold: NDArray[np.intp],
    progress: Progress | None = None,
) -> dict[str, Array]:
    """Log odds (repeats, n) by each model for everybody, from those in other folds.

    Parameters
    ----------
    fold
        (repeats, n) as :func:`pgsicbt.meaning.folds.folds` gives them.

    Raises
    ------
    FitError
        If columns tell some people's status with certainty.
    """
    full = {m: logistic(y, x[:, used], "model").estimates for m, used in uses.items()}
    held = {m: np.empty(fold.shape) for m in uses}
    for r, row in enumerate(fold):
        for f in range(row.max() + 1):
            test = row == f
            for m, used in uses.items():
                b = _newton(y[~test], x[~test][:, used], full[m])
                held[m][r, test] = x[test][:, used] @ b
        if progress is not None:
            progress(r + 1, len(fold))
    return held


def _stretched(events: int, n: int, columns: int) -> tuple[Finding, ...]:
    per = min(events, n - events) / max(columns - 1, 1)
    if per >= _PER_COLUMN:
        return ()
    text = (
        f"{per:.1f} events per coefficient of the clinical model, fewer than {_PER_COLUMN}: its "
        "predictions are likely to be too extreme. Choose fewer covariates."
    )
    return (Finding("few_events", "warning", text),)


def _newton(y: Array, x: Array, start: Array) -> Array:
    """Logistic regression by Newton's method from the estimates of all people.

    Raises
    ------
    FitError
        If the estimates run off to infinity.
    """
    b = start.copy()
    for _ in range(_STEPS):
        p = _share(x @ b)
        w = np.maximum(p * (1 - p), 1e-12)
        step = np.linalg.lstsq(x.T @ (x * w[:, None]), x.T @ (y - p), rcond=None)[0]
        b = b + step
        if np.abs(step).max() < 1e-8:
            return b
    raise separation()


def _share(odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -700, 700))))


def _table(y: Array, held: dict[str, Array], confidence: float) -> pd.DataFrame:
    event = y == 1
    m, n = int(event.sum()), int((~event).sum())
    plain = float(y.mean() * (1 - y.mean()))
    found: dict[str, tuple[float, Array, Array]] = {}
    for model, odds in held.items():
        parts = [placements(row[event], row[~event]) for row in odds]
        found[model] = (
            float(np.mean([p[0] for p in parts])),
            np.mean([p[1] for p in parts], axis=0),
            np.mean([p[2] for p in parts], axis=0),
        )
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    base, base_cases, base_controls = found[CLINICAL]
    records = []
    for model, (area, cases, controls) in found.items():
        se = math.sqrt(cases.var(ddof=1) / m + controls.var(ddof=1) / n)
        added = (np.nan, np.nan, np.nan)
        if model != CLINICAL:
            apart = math.sqrt(
                (cases - base_cases).var(ddof=1) / m + (controls - base_controls).var(ddof=1) / n
            )
            gain = area - base
            added = (gain, gain - z * apart, gain + z * apart)
        brier = float(((_share(held[model]) - y) ** 2).mean())
        slope, intercept = _recalibrated(y, held[model])
        records.append(
            (
                model, area, *logit_interval(area, se, confidence), *added, brier,
                1 - brier / plain, slope, intercept, len(y), m,
            )
        )  # fmt: skip
    return pd.DataFrame.from_records(records, columns=list(CLASSIFICATION_COLUMNS))


def _recalibrated(y: Array, odds: Array) -> tuple[float, float]:
    """Slope of the status on predicted log odds, and the intercept at a slope of one."""
    slopes, intercepts = [], []
    for row in odds:
        x = np.column_stack([np.ones(len(y)), row])
        try:
            slopes.append(float(_newton(y, x, np.array([0.0, 1.0]))[1]))
        except FitError:
            slopes.append(math.nan)
        a = 0.0
        for _ in range(_STEPS):
            p = _share(row + a)
            a += float((y - p).sum() / (p * (1 - p)).sum())
        intercepts.append(a)
    return float(np.mean(slopes)), float(np.mean(intercepts))


def _roc(y: Array, odds: Array, model: str) -> pd.DataFrame:
    """The ROC curve on a grid of false positives, averaged over repeats."""
    grid = np.linspace(0.0, 1.0, 51)
    curves = []
    for row in odds:
        order = np.argsort(-row, kind="stable")
        hits = np.cumsum(y[order]) / y.sum()
        wrong = np.cumsum(1 - y[order]) / (1 - y).sum()
        curves.append(np.interp(grid, np.r_[0.0, wrong], np.r_[0.0, hits]))
    mean = np.mean(curves, axis=0)
    mean[0] = 0.0
    return pd.DataFrame({"model": model, "false_positive": grid, "true_positive": mean})


def _calibration(y: Array, odds: Array, model: str, confidence: float) -> pd.DataFrame:
    """Observed shares by predicted risk, neighbours joined until each group may be shown."""
    risk = _share(odds).mean(axis=0)
    order = np.argsort(risk, kind="stable")
    groups = int(np.clip(len(y) // (3 * MINIMUM_CELL), 2, 10))
    joined: list[list[int]] = []
    for part in np.array_split(order, groups):
        small = joined and _small(y[joined[-1]])
        if small:
            joined[-1] += part.tolist()
        else:
            joined.append(part.tolist())
    if len(joined) > 1 and _small(y[joined[-1]]):
        last = joined.pop()
        joined[-1] += last
    rows = []
    for members in joined:
        met, n = int(y[members].sum()), len(members)
        low, high = proportion_confint(met, n, alpha=1 - confidence, method="wilson")
        rows.append((model, float(risk[members].mean()), met / n, float(low), float(high), n))
    names = ["model", "predicted", "observed", "conf_low", "conf_high", "n_persons"]
    return pd.DataFrame.from_records(rows, columns=names)


def _small(y: Array) -> bool:
    return bool(min(y.sum(), len(y) - y.sum()) < MINIMUM_CELL)
