"""The difference that one standard deviation of a score makes, by week: words and ranges."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.words import numbers


def difference_range(frame: pd.DataFrame) -> tuple[float, float]:
    """Range of the vertical axis: interval and zero, with a little air."""
    values = np.append(frame[["conf_low", "conf_high"]].to_numpy(float).ravel(), 0.0)
    values = values[np.isfinite(values)]
    low, high = float(values.min()), float(values.max())
    pad = 0.08 * (high - low) or 1.0
    return low - pad, high + pad


def difference_alt(frame: pd.DataFrame, *, title: str, unit: str, digits: int = 2) -> str:
    """Alternative text with the difference at the first and the last week."""
    if frame.empty:
        return f"{title}. Nothing to show."
    ordered = frame.sort_values("week")
    said = []
    for _, row in ordered.iloc[[0, -1]].iterrows():
        limits = numbers.interval(row["conf_low"], row["conf_high"], digits)
        week = numbers.week(row["week"])
        said.append(f"{numbers.estimate(row['estimate'], digits)} ({limits}) in week {week}")
    return f"{title} ({unit}): {said[0]}, {said[1]}."


def difference_note(
    *,
    n_persons: int | None = None,
    model: str = "",
    form: str = "",
    confidence: float = 0.95,
    simulated: bool = False,
) -> str:
    """The line below the figure; ``form`` is a sentence on a line that is not straight."""
    people = "" if n_persons is None else f"{numbers.count(n_persons)} people. "
    which = f"{model} model" if model else "model"
    text = (
        f"{people}Line: {which}, difference between people one "
        f"standard deviation of the score apart; band: {100 * confidence:g} % confidence interval "
        "at each week."
    )
    text += f" {form}" if form else ""
    return f"{text} Simulated data." if simulated else text
