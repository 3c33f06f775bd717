"""Bins of person-level values, each resting on enough people to be shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.disclosure import MINIMUM_CELL, suppress_small
from pgsicbt.result import Array

_TAIL = np.array([0.002, 0.005, 0.01, 0.02, 0.05])
QUANTILES = np.r_[_TAIL, np.arange(0.1, 0.91, 0.05), 1 - _TAIL[::-1]]
"""Shares of the ordered values at which the bins of a quantile plot are cut."""


def cut(key: Array, people: NDArray[np.intp], at: Array) -> NDArray[np.intp]:
    """Bin (n,) of each value when the ordered values are cut at shares ``at``.

    Neighbouring bins are joined, from both ends inwards, until each holds ``MINIMUM_CELL``
    different people or there is one bin left.
    """
    n = len(key)
    order = np.argsort(key, kind="stable")
    who = people[order]
    ends = [int(e) for e in np.unique(np.r_[0, np.round(at * n).astype(int), n])]

    def enough(a: int, b: int) -> bool:
        return len(np.unique(who[a:b])) >= MINIMUM_CELL

    left, right = [0], [n]
    for end in (e for e in ends if 0 < e <= n // 2):
        if enough(left[-1], end):
            left.append(end)
    for end in (e for e in ends[::-1] if n // 2 < e < n):
        if enough(end, right[-1]):
            right.append(end)
    cuts = left + right[::-1]
    while len(cuts) > 2:  # where the two sides met a bin may be small: join it with its neighbour
        small = [j for j in range(len(cuts) - 1) if not enough(cuts[j], cuts[j + 1])]
        if not small:
            break
        cuts.pop(max(small[0], 1))
    bins = np.empty(n, dtype=np.intp)
    bins[order] = np.searchsorted(cuts[1:-1], np.arange(n), side="right")
    return bins


def quantile_plot(values: Array, people: NDArray[np.intp]) -> pd.DataFrame:
    """Mean value and mean normal quantile of each bin of the ordered values.

    Returns
    -------
    DataFrame
        ``expected``, ``observed``, ``n_persons``, ``n_values``, from low to high. Missing where
        a bin rests on fewer than ``MINIMUM_CELL`` people.
    """
    n = len(values)
    rank = np.empty(n)
    rank[np.argsort(values, kind="stable")] = np.arange(n) + 0.5
    frame = pd.DataFrame(
        {
            "bin": cut(values, people, QUANTILES),
            "expected": stats.norm.ppf(rank / n),
            "observed": values,
            "person": people,
        }
    )
    out = frame.groupby("bin").agg(
        expected=("expected", "mean"),
        observed=("observed", "mean"),
        n_persons=("person", "nunique"),
        n_values=("observed", "size"),
    )
    shown = suppress_small(out.reset_index(drop=True), "n_persons", ["expected", "observed"])
    return shown.assign(n_values=shown["n_values"].where(shown["n_persons"].notna()))


def spread(
    bins: NDArray[np.intp], at: Array, standardised: Array, people: NDArray[np.intp], name: str
) -> pd.DataFrame:
    """Mean and spread of standardised residuals in bins of visits.

    Returns
    -------
    DataFrame
        ``name`` (mean of ``at``), ``mean``, ``spread`` (SD; one under the model),
        ``n_persons``, ``n_values``. Missing where a bin rests on too few people.
    """
    frame = pd.DataFrame({"bin": bins, "at": at, "value": standardised, "person": people})
    out = frame.groupby("bin").agg(
        at=("at", "mean"),
        mean=("value", "mean"),
        spread=("value", "std"),
        n_persons=("person", "nunique"),
        n_values=("value", "size"),
    )
    shown = suppress_small(out.reset_index(drop=True), "n_persons", ["at", "mean", "spread"])
    shown["n_values"] = shown["n_values"].where(shown["n_persons"].notna())
    return shown.rename(columns={"at": name})


def clustered_mean(values: Array, people: NDArray[np.intp]) -> tuple[float, float]:
    """Mean of values and its standard error with people as clusters."""
    n = len(values)
    mean = float(values.mean())
    sums = np.bincount(people, weights=values - mean)
    return mean, float(np.sqrt((sums**2).sum()) / n)


def share_shown(hits: NDArray[np.bool_], people: NDArray[np.intp]) -> float:
    """Share of hits, NaN where fewer people than the disclosure rule allows have one or none."""
    for mask in (hits, ~hits):
        some = len(np.unique(people[mask]))
        if 0 < some < MINIMUM_CELL:
            return float("nan")
    return float(hits.mean())
