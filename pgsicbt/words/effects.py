"""Effect sizes as people read them: names, numbers with their unit, the order of a table."""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from pgsicbt.models.effects.effects import DEFINITIONS
from pgsicbt.words import numbers

LABELS: dict[str, str] = {
    "points_at_post": "Difference in the last week",
    "change": "Difference in change",
    "share_of_mean_change": "Difference in change, of the average change",
    "main_standardised": "Difference in severity, in SDs at baseline",
    "change_standardised": "Difference in change, in SDs at baseline",
    "main_between": "Difference in severity, in SDs between people",
    "change_between": "Difference in change, in SDs between people",
    "level_variance_explained": "Variance of severity between people explained",
    "slope_variance_explained": "Variance of change between people explained",
    "r2_incremental": "R² that the score adds",
    "r2_partial": "R² that the score adds, of what was left",
    "r2_marginal": "R² of the fixed effects (marginal)",
    "r2_conditional": "R² with differences between people (conditional)",
    "mean_change": "Change of an average person",
}
"""What each quantity is called, in the order of a table."""


def effect_table(effects: pd.DataFrame, unit: str, digits: int = 2) -> list[list[str]]:
    """Rows of label, value, interval and definition for the effects of one score and model.

    Parameters
    ----------
    effects
        Rows of one score and model from :func:`pgsicbt.models.effects.effects.effect_sizes`.
    unit
        Unit of the outcome, such as ``"points"``.
    digits
        Decimals of an amount in that unit.
    """
    by_quantity = {str(row["quantity"]): row for row in effects.to_dict("records")}
    return [
        [label, *_numbers(by_quantity[name], unit, digits), DEFINITIONS[name]]
        for name, label in LABELS.items()
        if name in by_quantity
    ]


def _numbers(row: Mapping[Hashable, Any], unit: str, points: int) -> tuple[str, str]:
    value, low, high = (float(row[c]) for c in ("estimate", "conf_low", "conf_high"))
    if not math.isfinite(value):
        return numbers.MISSING, str(row["reason"])
    if row["unit"] == "share":
        known = math.isfinite(low) and math.isfinite(high)
        span = f"{_percent(low)} to {_percent(high)}" if known else ""
        return f"{_percent(value)} %", f"{span} %" if span else ""
    digits = 3 if row["unit"] == "SD" else points
    span = numbers.interval(low, high, digits)
    shown = f"{numbers.estimate(value, digits)} {unit if row['unit'] == 'points' else 'SD'}"
    return shown, span


def _percent(share: float) -> str:
    """Percent with two significant digits below ten, so that a tenth of a percent is seen."""
    hundred = 100 * share
    digits = 0 if abs(hundred) >= 10 else 1 if abs(hundred) >= 1 else 2
    return numbers.estimate(hundred, digits)
