"""Symptoms at the start: one value per person and instrument."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pgsicbt.cohort.weeks import Visits
from pgsicbt.disclosure import MINIMUM_CELL


def starts_before(visits: Visits, name: str) -> bool:
    """Whether an instrument was used before treatment began, by week zero at the latest."""
    rows = visits.of(name) & (visits.time <= 0)
    return len(np.unique(visits.person[rows])) >= MINIMUM_CELL


def start_values(visits: Visits, name: str, n_persons: int) -> NDArray[np.float64]:
    """Each person's last value by week zero, (n_persons,); NaN without one.

    Where an instrument was never used before the first week of treatment, a person's first value
    stands for it.
    """
    rows = np.flatnonzero(visits.of(name))
    before = starts_before(visits, name)
    if before:
        rows = rows[visits.time[rows] <= 0]
    order = rows[np.lexsort([visits.time[rows], visits.person[rows]])]
    out = np.full(n_persons, np.nan)
    if before:
        out[visits.person[order]] = visits.value[order]  # the last one written stays
    else:
        out[visits.person[order[::-1]]] = visits.value[order[::-1]]
    return out


def people_with(visits: Visits, name: str, n_persons: int) -> NDArray[np.bool_]:
    """Who has any value of an instrument, (n_persons,)."""
    out = np.zeros(n_persons, dtype=bool)
    out[visits.person[visits.of(name)]] = True
    return out


def last_week(visits: Visits) -> float:
    """The last week that eight people or more were seen in."""
    rows = visits.base
    pairs = np.unique(np.column_stack([visits.week[rows], visits.person[rows]]), axis=0)
    weeks, people = np.unique(pairs[:, 0], return_counts=True)
    enough = weeks[people >= MINIMUM_CELL]
    return float(enough[-1]) if len(enough) else float(weeks[-1])
