"""The same symptoms on other scales: percent of maximum, z at baseline, T, percentage change.

Each answers another question, and none is right for all:

- **percent of maximum possible** (POMP, Cohen, Cohen, Aiken and West 1999, Multivariate Behavioral
  Research 34, 315-346) keeps the instrument's own meaning and compares instruments by their range;
- **z at baseline** counts in standard deviations between people before treatment, so its size
  depends on how alike the people of this cohort were;
- **T** is the same with mean 50 and standard deviation 10;
- **percentage change** from a person's own baseline makes people with few symptoms at the start
  count more, is not defined for a baseline of zero, and carries the error of the baseline into
  every later visit. It is offered since papers report it, not as the better choice.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

Scale = Literal["pomp", "z", "t", "change"]
SCALES: tuple[Scale, ...] = get_args(Scale)
SEPARATOR = ":"
FIRST_WEEK = 1.0
"""Weeks after the start within which a first observation still stands for the baseline: visits may
be counted from 1, and a first questionnaire may come some days late."""
LABELS: dict[Scale, str] = {
    "pomp": "percent of maximum possible",
    "z": "z at baseline",
    "t": "T score (50 and 10 at baseline)",
    "change": "percentage change from baseline",
}
UNITS: dict[Scale, str] = {"pomp": "points on 0-100", "z": "SD", "t": "T points", "change": "%"}


def split_scale(name: str) -> tuple[str, Scale | None]:
    """``("PHQ-9", "z")`` for ``PHQ-9:z``; ``(name, None)`` for a name without a scale."""
    base, _, ending = name.rpartition(SEPARATOR)
    for scale in SCALES:
        if base and ending.strip().casefold() == scale:
            return base, scale
    return name, None


def baseline(visits: pd.DataFrame, begin: float = 0.0) -> pd.DataFrame:
    """The baseline of everybody who has one: where change can start from.

    It is the last observation up to the start, otherwise the first within :data:`FIRST_WEEK` of
    it. Whoever is first seen later has been treated by then, so that value is no baseline.

    Parameters
    ----------
    visits
        Columns ``person``, ``time`` (weeks), ``value``.
    begin
        Week of the start.

    Returns
    -------
    DataFrame
        Index ``person``, without those who have no baseline; its ``time`` and ``value``.
    """
    rows = visits[["person", "time", "value"]].sort_values("time", kind="stable")
    rows = rows[rows["time"] <= begin + FIRST_WEEK]
    first = rows.drop_duplicates("person").set_index("person")
    before = rows[rows["time"] <= begin].drop_duplicates("person", keep="last").set_index("person")
    return pd.concat([before, first.loc[first.index.difference(before.index)]])


def pomp(values: pd.Series[float], minimum: float, maximum: float) -> pd.Series[float]:
    """100 (x - minimum) / (maximum - minimum); the direction stays that of the instrument."""
    return 100 * (values - minimum) / (maximum - minimum)


def z_at_baseline(visits: pd.DataFrame, group: pd.Series[int] | None = None) -> pd.DataFrame:
    """Visits with ``value`` in standard deviations of the baseline, from its mean.

    Parameters
    ----------
    visits
        Columns ``person``, ``time``, ``value``.
    group
        Index of people to a number: within each group the mean and the standard deviation (with
        n - 1) are their own, as for people who filled in different instruments. None: one group.
        A group whose baselines do not differ gives missing values, which are left out. People
        without a baseline of their own are measured by the others'.
    """
    start = baseline(visits)["value"]
    people = pd.Index(visits["person"].unique())
    where = pd.Series(0, index=people) if group is None else group.reindex(people)
    begun = where.reindex(start.index)
    mean, sd = start.groupby(begun).mean(), start.groupby(begun).std()
    of = where.reindex(visits["person"]).to_numpy()
    spread = sd.reindex(of).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = (visits["value"].to_numpy() - mean.reindex(of).to_numpy()) / spread
    return _kept(visits, np.where(spread > 0, z, np.nan))


def t_score(visits: pd.DataFrame, group: pd.Series[int] | None = None) -> pd.DataFrame:
    """50 + 10 z, with z as in :func:`z_at_baseline`."""
    z = z_at_baseline(visits, group)
    return z.assign(value=50 + 10 * z["value"])


def percent_change(visits: pd.DataFrame) -> pd.DataFrame:
    """100 (x - b) / b for visits after the baseline b; people with b of zero or less, or without
    a baseline, are left out.

    Negative values are a fall. The baseline itself is not among the rows: it would be zero for
    everybody and no observation.
    """
    start = baseline(visits)
    of = start.reindex(visits["person"])
    base = of["value"].to_numpy()
    after = visits["time"].to_numpy() > of["time"].to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100 * (visits["value"].to_numpy() - base) / base
    return _kept(visits, np.where(after & (base > 0), change, np.nan))


def _kept(
    visits: pd.DataFrame, values: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> pd.DataFrame:
    known = np.isfinite(values)
    return visits.loc[known].assign(value=values[known]).reset_index(drop=True)
