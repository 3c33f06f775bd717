"""Numbers, dates and truth values of programs as the text that a CSV would hold."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pandas as pd


def cell_text(value: Any) -> str:
    """One value as text: whole numbers without a point, dates as 2020-01-31, nothing as ''."""
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, bool | np.bool_):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | np.floating):
        return number_text(float(value))
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time(0)
        return value.strftime("%Y-%m-%d") if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value).strip()


def number_text(value: float) -> str:
    """A number as text; not-a-number and infinite ones are no value."""
    if not math.isfinite(value):
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def column_text(values: pd.Series[Any]) -> pd.Series[str]:
    """A column of a frame as text; each different value is written once."""
    codes, levels = pd.factorize(values, use_na_sentinel=True)
    texts = np.array([*(cell_text(level) for level in levels), ""], dtype=object)
    return pd.Series(texts[codes], dtype="str")
