"""What scores add to a prediction: increments with intervals, calibration, ROC curves."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pgsicbt.figures.cohort_panels import Axis, Drawing, Line, Panel, Panels
from pgsicbt.meaning.candidates import CLINICAL
from pgsicbt.meaning.classification import Classification
from pgsicbt.meaning.prediction import Prediction
from pgsicbt.study import Study
from pgsicbt.words import numbers
from pgsicbt.words.prediction import (
    classification_sentence,
    model_label,
    prediction_note,
    prediction_sentence,
)
from pgsicbt.words.scale import Scale


def prediction_drawing(study: Study, scale: Scale, found: Prediction, level: str) -> Drawing:
    """Increments of R2 in new people, and predicted against observed outcomes."""
    added = _added(study, found.table, ("added_r2", "added_low", "added_high"), 100.0)
    axis = f"{scale.axis}, predicted"
    curve = _calibration(found.by_tenth, "Calibration", axis, "predicted, observed")
    sheet = Panels(
        "What scores add to the prediction of the outcome after treatment",
        [_increments(added, "R² added", "percentage points", level), curve],
        2, 1, _height(len(added)),
        lines=["Right: mean observed outcome (upwards) by tenth of the predicted one (across); on "
               "the thin diagonal they agree."],
        key=_key(found.by_tenth, study),
        left=118, right=18, below=46,
    )  # fmt: skip
    return Drawing(
        sheet, f"Two panels. {prediction_sentence(study, scale, found, level)}",
        prediction_note(found, study.simulated),
    )  # fmt: skip


def classification_drawing(study: Study, found: Classification, level: str) -> Drawing:
    """Increments of the AUC, the ROC curve and the calibration curve."""
    added = _added(study, found.table, ("added_auc", "added_low", "added_high"), 1.0)
    sheet = Panels(
        f"What scores add to the prediction of {found.kind}",
        [
            _increments(added, "AUC added", "difference in AUC", level),
            _roc(found.roc),
            _calibration(
                found.calibration, "Calibration", "Predicted risk", "predicted, observed", unit=1
            ),
        ],
        3, 1, _height(len(added)),
        lines=["Middle: share found (upwards) at a share falsely found (across). Right: observed "
               "share (upwards) by predicted risk (across)."],
        key=_key(found.calibration, study),
        left=112, right=18, below=46,
    )  # fmt: skip
    return Drawing(
        sheet, f"Three panels. {classification_sentence(study, found, level)}",
        prediction_note(found, study.simulated),
    )  # fmt: skip


def _added(
    study: Study, table: pd.DataFrame, columns: tuple[str, str, str], factor: float
) -> list[tuple[str, float, float, float]]:
    """Label, increment and limits of every model but the clinical one."""
    rows = []
    for row in table[table["model"] != CLINICAL].to_dict("records"):
        value, low, high = (factor * float(row[c]) for c in columns)
        rows.append((model_label(study, str(row["model"])), value, low, high))
    return rows


def _height(rows: int) -> int:
    return int(np.clip(24 * rows + 20, 170, 380))


def _key(frame: pd.DataFrame, study: Study) -> list[tuple[str, str, int]]:
    models = list(dict.fromkeys(frame["model"]))
    return [(model_label(study, str(m)), f"group {i}", i) for i, m in enumerate(models)]


def _increments(
    added: list[tuple[str, float, float, float]], title: str, unit: str, level: str
) -> Panel:
    """A row per score: a short upright mark at the estimate, a line over its interval."""
    n = len(added)
    known = [v for row in added for v in row[1:] if math.isfinite(v)] or [0.0]
    low, high = min(0.0, *known), max(0.0, *known)
    pad = 0.06 * (high - low) or 1.0
    x = Axis.rounded(low - pad, high + pad, 4, grid=True)
    named = Axis(x.low, x.high, x.values, x.labels, f"{unit} (right is better)", grid=True)
    lines = [Line([0.0, 0.0], [0.0, n + 1.0], "muted", width=1.0)]
    for i, (label, estimate, lower, upper) in enumerate(added):
        at = float(n - i)
        hover = (
            f"<b>{label}</b><br>{numbers.estimate(estimate, 4)} {unit}, {level} interval "
            f"{numbers.interval(lower, upper, 4)}"
        )
        lines.append(Line([lower, upper], [at, at], "accent", hover=[hover, hover], name=label))
        lines.append(
            Line([estimate, estimate], [at - 0.28, at + 0.28], "accent", hover=[hover, hover],
                 name=label, width=3.5)
        )  # fmt: skip
    labels = [row[0] for row in added]
    y = Axis(0.3, n + 0.7, [float(n - i) for i in range(n)], labels)
    return Panel(title, named, y, lines, subtitle="in new people")


def _diagonal(low: float, high: float) -> Line:
    return Line([low, high], [low, high], "muted", width=1.0)


def _calibration(
    frame: pd.DataFrame, title: str, across: str, subtitle: str, unit: float = 0.0
) -> Panel:
    """Means of groups of predictions with their intervals, against the diagonal."""
    values = frame[["predicted", "observed", "conf_low", "conf_high"]].to_numpy(float)
    low, high = (0.0, unit) if unit else (float(values.min()), float(values.max()))
    pad = 0.0 if unit else 0.04 * (high - low)
    axis = Axis.rounded(low - pad, high + pad, 5, grid=True)
    lines = [_diagonal(low, high)]
    for i, (model, part) in enumerate(frame.groupby("model", sort=False)):
        hover = [
            f"predicted {numbers.estimate(r['predicted'], 2)}, observed "
            f"{numbers.estimate(r['observed'], 2)} "
            f"({numbers.interval(r['conf_low'], r['conf_high'], 2)}), "
            f"{numbers.count(r['n_persons'])} people"
            for r in part.to_dict("records")
        ]
        first = i == 0
        lines.append(
            Line(
                part["predicted"].tolist(), part["observed"].tolist(), f"group {i}", i,
                low=part["conf_low"].tolist() if first else (),
                high=part["conf_high"].tolist() if first else (),
                hover=hover, name=str(model), marks=True,
            )
        )  # fmt: skip
    x = Axis(axis.low, axis.high, axis.values, axis.labels, across, grid=True)
    return Panel(title, x, axis, lines, subtitle=subtitle)


def _roc(frame: pd.DataFrame) -> Panel:
    lines = [_diagonal(0.0, 1.0)]
    for i, (model, part) in enumerate(frame.groupby("model", sort=False)):
        lines.append(
            Line(part["false_positive"].tolist(), part["true_positive"].tolist(), f"group {i}", i,
                 name=str(model))
        )  # fmt: skip
    axis = Axis.rounded(0.0, 1.0, 5, grid=True)
    x = Axis(0.0, 1.0, axis.values, axis.labels, "Share falsely found", grid=True)
    return Panel("ROC curve", x, axis, lines, subtitle="in new people")
