"""What may leave a session: no statistic that rests on too few people.

Small counts, and whatever is computed from them, are left out. The rule is that of OpenSAFELY's
output checking: counts of seven and fewer are not released.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pgsicbt.errors import DataError

MINIMUM_CELL = 8
"""Smallest number of people that a released count or mean may rest on."""


def suppress_small(frame: pd.DataFrame, count: str, values: Sequence[str]) -> pd.DataFrame:
    """A copy of an aggregate frame without the cells that rest on too few people.

    Parameters
    ----------
    frame
        One row per cell.
    count
        Column with the number of people in each cell; a missing count is kept missing and
        treated as too small.
    values
        Columns computed from those people.

    Returns
    -------
    pandas.DataFrame
        The same rows; ``count`` and ``values`` are float and NaN where the count is below
        ``MINIMUM_CELL``.

    Raises
    ------
    DataError
        If a named column is not there or not numeric.
    """
    out = frame.copy()
    for name in (count, *values):
        if name not in out.columns:
            raise DataError(
                f"The table of aggregates has no column {name!r}.",
                "Name the count and the columns that rest on it.",
                column=name,
            )
        if not pd.api.types.is_numeric_dtype(out[name]):
            raise DataError(
                f"The column {name!r} of the table of aggregates is not numeric.", column=name
            )
    small = ~(out[count].to_numpy(dtype=float, na_value=np.nan) >= MINIMUM_CELL)
    for name in (count, *values):
        column = out[name].to_numpy(dtype=float, na_value=np.nan).copy()
        column[small] = np.nan
        out[name] = column
    return out


def shown_count(n: float) -> str:
    """A count as it may be shown: ``"412"``, or ``"fewer than 8"`` where it is too small.

    A missing count is one that was suppressed before.
    """
    if not math.isfinite(n) or n < MINIMUM_CELL:
        return f"fewer than {MINIMUM_CELL}"
    return f"{round(n):,}"
