"""Distributions of the scores and how they go together, as counts of eight people or more."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort.groups import ALL, group_people
from pgsicbt.disclosure import MINIMUM_CELL, suppress_small
from pgsicbt.study import Study

_WIDTH = 0.25
_REACH = 3.5
"""Width of a bin and where the outermost begin, in SD of the cohort."""


def score_distributions(study: Study, by: str = "") -> pd.DataFrame:
    """Histograms of every score; neighbouring bins are joined until they hold eight people.

    Parameters
    ----------
    by
        A covariate that makes groups, each with a histogram of its own beside that of all.

    Returns
    -------
    DataFrame
        ``score``, ``group``, ``low`` and ``high`` (edges in the score's own unit; people beyond
        the outermost edges count in the outermost bins), ``n`` and ``density`` (share of the
        group per SD of the cohort).
    """
    grouping = group_people(study, by)
    groups = [(ALL, np.ones(len(study.persons), dtype=bool))]
    groups += [(label, grouping.codes == g) for g, label in enumerate(grouping.labels)]
    parts = []
    for score in study.scores:
        values = study.persons[score.name].to_numpy(float)
        known = np.isfinite(values)
        mean, sd = (values[known].mean(), values[known].std()) if known.any() else (0.0, 0.0)
        for group, inside in groups:
            mine = values[inside & known]
            if len(mine) < MINIMUM_CELL or not sd > 0:
                continue
            edges, n = joined_bins((mine - mean) / sd)
            parts.append(
                pd.DataFrame(
                    {
                        "score": score.name, "group": group, "low": mean + sd * edges[:-1],
                        "high": mean + sd * edges[1:], "n": n.astype(float),
                        "density": n / len(mine) / np.diff(edges),
                    }
                )
            )  # fmt: skip
    columns = ["score", "group", "low", "high", "n", "density"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def joined_bins(z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Edges (k + 1,) and counts (k,) of bins that each hold eight values or more.

    Even bins are joined from both ends towards the fullest one.
    """
    edges = np.arange(-_REACH, _REACH + _WIDTH / 2, _WIDTH)
    place = np.clip(np.searchsorted(edges, z, side="right") - 1, 0, len(edges) - 2)
    counts = np.bincount(place, minlength=len(edges) - 1)
    peak = int(np.argmax(counts))
    cuts = {0, len(counts)}
    for steps, after in ((range(peak), 1), (range(len(counts) - 1, peak, -1), 0)):
        held = 0
        for i in steps:
            held += counts[i]
            if held >= MINIMUM_CELL:
                cuts.add(i + after)
                held = 0
    # What is left between the last cut and the peak belongs to the peak's own bin.
    found = np.array(sorted(cuts))
    n = np.add.reduceat(counts, found[:-1])
    while len(n) > 1 and n.min() < MINIMUM_CELL:
        i = int(np.argmin(n))
        drop = i if i == len(n) - 1 or (i > 0 and n[i - 1] <= n[i + 1]) else i + 1
        found = np.delete(found, drop)
        n = np.add.reduceat(counts, found[:-1])
    # Empty ends are cut at whole SD, so that they tell nobody's place.
    filled = np.flatnonzero(counts)
    whole = np.flatnonzero(np.isin(edges, np.arange(-4.0, 5.0)))
    whole = np.array([0, *whole, len(edges) - 1])
    found[0] = whole[whole <= filled[0]].max()
    found[-1] = whole[whole >= filled[-1] + 1].min()
    return edges[found], n


def score_summary(study: Study) -> pd.DataFrame:
    """Each score in numbers.

    Returns
    -------
    DataFrame
        ``score``, ``label``, ``n``, ``missing`` (NaN where hidden), ``mean``, ``sd``, ``skewness``,
        ``beyond`` (people more than four SD from the mean; NaN where 1 to 7).
    """
    rows = []
    total = len(study.persons)
    for score in study.scores:
        values = study.persons[score.name].to_numpy(float)
        values = values[np.isfinite(values)]
        sd = values.std(ddof=1) if len(values) > 1 else np.nan
        z = (values - values.mean()) / sd if sd > 0 else np.zeros(len(values))
        counts = [float((np.abs(z) > 4).sum()), float(total - len(values))]
        beyond, missing = (np.nan if 0 < c < MINIMUM_CELL else c for c in counts)
        n = float(len(values)) if np.isfinite(missing) else np.nan
        rows.append((score.name, score.label, n, missing, values.mean(), sd, (z**3).mean(), beyond))
    names = ["score", "label", "n", "missing", "mean", "sd", "skewness", "beyond"]
    frame = pd.DataFrame(rows, columns=names)
    if total < MINIMUM_CELL:
        frame[names[2:]] = np.nan
    return frame


def score_correlations(study: Study) -> pd.DataFrame:
    """Pearson correlations of every pair of scores, over the people who have both.

    Returns
    -------
    DataFrame
        ``first``, ``second``, ``r``, ``n`` people; each pair once, in the order of the files.
        NaN where fewer than eight people have both; ``n`` also where all but so few have.
    """
    names = list(study.score_names)
    r, n = pairwise(study.persons[names].to_numpy(float))
    upper = np.triu_indices(len(names), 1)
    frame = pd.DataFrame(
        {
            "first": np.array(names)[upper[0]],
            "second": np.array(names)[upper[1]],
            "r": r[upper],
            "n": n[upper].astype(float),
        }
    )
    return without_gaps(suppress_small(frame, "n", ["r"]), len(study.persons))


def without_gaps(frame: pd.DataFrame, total: int) -> pd.DataFrame:
    """The frame without counts ``n`` that all but one to seven of ``total`` people are in."""
    missing = total - frame["n"]
    return frame.assign(n=frame["n"].where((missing == 0) | (missing >= MINIMUM_CELL)))


def pairwise(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Correlations (k, k) and numbers of complete pairs (k, k) of the columns of (n, k)."""
    known = np.isfinite(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        if known.all():
            r = np.atleast_2d(np.corrcoef(values, rowvar=False))
            return r, np.full(r.shape, len(values), dtype=float)
        r = pd.DataFrame(values).corr().to_numpy(float)
    return r, (known.T.astype(float) @ known.astype(float))
