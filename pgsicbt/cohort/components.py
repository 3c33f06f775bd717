"""Principal components of ancestry: by batch, and against the scores; nobody is a point."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.cohort.distributions import pairwise, without_gaps
from pgsicbt.cohort.groups import ALL, group_people
from pgsicbt.disclosure import MINIMUM_CELL, suppress_small
from pgsicbt.study import Study

Array = NDArray[np.float64]
FINEST = 48
"""Cells of the grid along each side of a map."""
_CELLS = 150
"""Cells that a map has at most, about."""
_EMPTY = 4
"""Cells of an empty strip that is shown as empty."""
_EDGE = 0.01
"""Share of people beyond each edge of the map, who count in the cells at the edge."""


def default_batch(study: Study) -> str:
    """The genotyping batch, if the study has one."""
    return next(iter(study.covariate_names("batch")), "")


def components_by_batch(
    study: Study, x: str = "", y: str = "", by: str | None = None
) -> pd.DataFrame:
    """Maps of two components as cells that hold eight people or more, or nobody.

    The map is cut in two, and its halves again, along lines of a fixed grid that leave eight
    people or more on both sides; so crowded places are shown finely and thin ones coarsely, and
    no single person can be told.

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
        beyond the map count at its edge), ``column``, ``row``, ``wide`` and ``high`` (place in
        the grid, and cells of the grid along each side), ``n``, ``density`` (share of the group
        in one cell of the grid).
    """
    columns = [
        "group", "x_low", "x_high", "y_low", "y_high", "column", "row", "wide", "high", "n",
        "density",
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
        least = max(MINIMUM_CELL, total // _CELLS)
        for i, j, wide, tall, n in _parts(counts, 0, 0, least):
            edges = (low[0] + i * step[0], low[0] + (i + wide) * step[0],
                     low[1] + j * step[1], low[1] + (j + tall) * step[1])  # fmt: skip
            share = n / total / (wide * tall)
            rows.append((label, *map(float, edges), i, j, wide, tall, float(n), share))
    return pd.DataFrame(rows, columns=columns)


def _parts(
    counts: NDArray[np.int_], i: int, j: int, least: int
) -> list[tuple[int, int, int, int, int]]:
    """Cells ``(i, j, wide, high, people)`` of a piece of the grid whose corner is at (i, j)."""
    n = int(counts.sum())
    if not n:
        return []
    wide, tall = counts.shape
    for side in (0, 1) if wide >= tall else (1, 0):
        cut = _cut(counts.sum(axis=1 - side), least)
        if cut:
            first, second = np.split(counts, [cut], axis=side)
            other = (i + cut, j) if side == 0 else (i, j + cut)
            return [*_parts(first, i, j, least), *_parts(second, *other, least)]
    return [(i, j, wide, tall, n)]


def _cut(line: NDArray[np.int_], least: int) -> int:
    """Where to cut a line of counts in two; 0 for nowhere.

    An empty end is cut off if it is wide enough; else both parts must hold ``least`` people, and
    are as even as can be.
    """
    filled = np.flatnonzero(line)
    ahead, behind = int(filled[0]), len(line) - 1 - int(filled[-1])
    if max(ahead, behind) >= _EMPTY:
        return ahead if ahead >= behind else len(line) - behind
    before = np.cumsum(line)[:-1]
    total = int(line.sum())
    fits = np.flatnonzero((before >= least) & (total - before >= least))
    if not len(fits):
        return 0
    return int(fits[np.argmin(np.abs(before[fits] - total / 2))]) + 1


def component_shifts(study: Study, by: str | None = None) -> pd.DataFrame:
    """How far each group lies from everybody on every component.

    Returns
    -------
    DataFrame
        ``group``, ``component``, ``n``, ``shift`` (mean of the group less that of all, in SD of
        all) and ``mean``; NaN where the group has fewer than eight people with a value.
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
            mean = float(mine.mean()) if len(mine) else np.nan
            rows.append((label, name, float(len(mine)), shift, mean))
    frame = pd.DataFrame(rows, columns=["group", "component", "n", "shift", "mean"])
    numbers = ["n", "shift", "mean"]
    return suppress_small(frame.astype(dict.fromkeys(numbers, float)), "n", numbers[1:])


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
    frame = suppress_small(pd.DataFrame(rows, columns=columns), "n", ["r"])
    return without_gaps(frame, len(study.persons))


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
