"""Principal components of ancestry: by batch, and against the scores; nobody is a point."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort.distributions import pairwise
from pgsicbt.cohort.groups import ALL, group_people
from pgsicbt.disclosure import MINIMUM_CELL, suppress_small
from pgsicbt.study import Study

Array = NDArray[np.float64]
FINEST = 32
"""Cells along each side of the finest grid."""
_EDGE = 0.005
"""Share of people beyond each edge of the map, who count in the cells at the edge."""


def default_batch(study: Study) -> str:
    """The genotyping batch, if the study has one."""
    return next(iter(study.covariate_names("batch")), "")


def components_by_batch(
    study: Study, x: str = "", y: str = "", by: str | None = None
) -> pd.DataFrame:
    """Maps of two components as cells that hold eight people or more, or nobody.

    A square is cut into four as long as each quarter holds eight people or more, or nobody; so
    crowded places are shown finely and thin ones coarsely, and no single person can be told.

    Parameters
    ----------
    x, y
        Components; the first two if not given.
    by
        A covariate that makes one map for each group beside that of all; the batch if None.

    Returns
    -------
    DataFrame
        ``group``, ``x_low``, ``x_high``, ``y_low``, ``y_high`` (in the components' units; people
        beyond the map count at its edge), ``column``, ``row`` and ``size`` (place in the grid of
        32 by 32, and cells along a side), ``n``, ``density`` (share of the group in a cell of
        size one).
    """
    columns = [
        "group", "x_low", "x_high", "y_low", "y_high", "column", "row", "size", "n", "density"
    ]  # fmt: skip
    names = study.covariate_names("component")
    x, y = x or (names[0] if names else ""), y or (names[1] if len(names) > 1 else "")
    if not x or not y:
        return pd.DataFrame(columns=columns)
    x, y = study.covariate(x).name, study.covariate(y).name
    points = study.persons[[x, y]].to_numpy(float)
    known = np.isfinite(points).all(axis=1)
    if known.sum() < MINIMUM_CELL:
        return pd.DataFrame(columns=columns)
    low, high = np.quantile(points[known], (_EDGE, 1 - _EDGE), axis=0)
    unit = points[known].std(axis=0) / 4
    unit = np.where(unit > 0, unit, 1.0)
    # Rounded outwards, so that the edges of the map are nobody's values.
    low, high = unit * (np.floor(low / unit) - 1), unit * (np.ceil(high / unit) + 1)
    inside = np.clip((points[known] - low) / (high - low) * FINEST, 0, FINEST - 1).astype(int)
    grouping = group_people(study, default_batch(study) if by is None else by)
    codes = grouping.codes[known]
    groups = [(ALL, np.ones(len(codes), dtype=bool))]
    groups += [(label, codes == g) for g, label in enumerate(grouping.labels)]
    rows: list[tuple[str | float, ...]] = []
    step = (high - low) / FINEST
    for label, chosen in groups:
        counts = np.zeros((FINEST, FINEST), dtype=int)
        np.add.at(counts, (inside[chosen, 0], inside[chosen, 1]), 1)
        total = counts.sum()
        if total < MINIMUM_CELL:
            continue
        for i, j, size, n in _quarters(counts, 0, 0, FINEST):
            edges = (low[0] + i * step[0], low[0] + (i + size) * step[0],
                     low[1] + j * step[1], low[1] + (j + size) * step[1])  # fmt: skip
            rows.append((label, *map(float, edges), i, j, size, float(n), n / total / size**2))
    return pd.DataFrame(rows, columns=columns)


def _quarters(
    counts: NDArray[np.int_], i: int, j: int, size: int
) -> list[tuple[int, int, int, int]]:
    """Cells ``(i, j, size, people)`` of one square of the finest grid."""
    n = int(counts[i : i + size, j : j + size].sum())
    if not n:
        return []
    if size > 1:
        half = size // 2
        corners = [(i + a, j + b) for a in (0, half) for b in (0, half)]
        held = [int(counts[a : a + half, b : b + half].sum()) for a, b in corners]
        if all(h == 0 or h >= MINIMUM_CELL for h in held):
            return [cell for a, b in corners for cell in _quarters(counts, a, b, half)]
    return [(i, j, size, n)]


def component_shifts(study: Study, by: str | None = None) -> pd.DataFrame:
    """How far each group lies from everybody on every component.

    Returns
    -------
    DataFrame
        ``group``, ``component``, ``n``, ``shift`` (mean of the group less that of all, in SD of
        all); NaN where the group has fewer than eight people with a value.
    """
    grouping = group_people(study, default_batch(study) if by is None else by)
    rows = []
    for name in study.covariate_names("component"):
        values = study.persons[name].to_numpy(float)
        known = np.isfinite(values)
        sd = values[known].std(ddof=1) if known.sum() > 1 else np.nan
        for g, label in enumerate(grouping.labels):
            mine = values[known & (grouping.codes == g)]
            shift = (mine.mean() - values[known].mean()) / sd if len(mine) and sd > 0 else np.nan
            rows.append((label, name, float(len(mine)), shift))
    frame = pd.DataFrame(rows, columns=["group", "component", "n", "shift"])
    return suppress_small(frame.astype({"n": float, "shift": float}), "n", ["shift"])


def score_components(study: Study) -> pd.DataFrame:
    """Correlation of every score with every component, and what all components explain of it.

    Returns
    -------
    DataFrame
        ``score``, ``component`` ("all" in the last row of a score), ``r`` (multiple correlation
        there), ``n`` people.
    """
    names, components = list(study.score_names), list(study.covariate_names("component"))
    columns = ["score", "component", "r", "n"]
    if not names or not components:
        return pd.DataFrame(columns=columns)
    values = study.persons[[*names, *components]].to_numpy(float)
    k = len(names)
    r, n = pairwise(values)
    rows: list[tuple[str, str, float, float]] = []
    for i, name in enumerate(names):
        rows += [(name, c, r[i, k + j], n[i, k + j]) for j, c in enumerate(components)]
        multiple, complete = _multiple(values[:, i], values[:, k:])
        rows.append((name, "all", multiple, complete))
    return suppress_small(pd.DataFrame(rows, columns=columns), "n", ["r"])


def _multiple(score: Array, components: Array) -> tuple[float, float]:
    """Multiple correlation, corrected for the number of components, and people."""
    known = np.isfinite(score) & np.isfinite(components).all(axis=1)
    n, k = int(known.sum()), components.shape[1]
    if n < k + MINIMUM_CELL:
        return np.nan, float(n)
    x = np.column_stack([np.ones(n), components[known]])
    y = score[known]
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    explained = 1 - rest.var() / y.var() * (n - 1) / (n - k - 1) if y.var() > 0 else np.nan
    return float(np.sqrt(max(explained, 0.0))), float(n)
