"""The course of every instrument as means, and a sample of single people for the page only."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.cohort.cells import hidden_in_line
from pgsicbt.cohort.groups import ALL, group_people
from pgsicbt.cohort.weeks import Visits, person_weeks, visit_arrays
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import HARMONISED, Study

_CONFIDENCE = 0.95


def course_by_instrument(study: Study, by: str = "", visits: Visits | None = None) -> pd.DataFrame:
    """Mean of every outcome per week, with the interval of the mean.

    Parameters
    ----------
    by
        A covariate that makes groups, each with a course beside that of all.

    Returns
    -------
    DataFrame
        ``outcome``, ``group``, ``week``, ``n``, ``mean``, ``sd``, ``conf_low``, ``conf_high`` (95 %
        t interval); NaN where the numbers rest on fewer than eight people or would give such a
        number away.
    """
    visits = visit_arrays(study) if visits is None else visits
    rows = person_weeks(visits, np.ones(len(visits.value), dtype=bool))
    grouping = group_people(study, by)
    rows["group"] = grouping.codes[rows["person"].to_numpy()]
    key = ["outcome", "week"]
    overall = rows.groupby(key, as_index=False)["value"].agg(["mean", "std", "size"])
    overall["group"] = len(grouping.labels)
    cells = overall
    if grouping.labels:
        inside = rows.groupby([*key, "group"], as_index=False)["value"].agg(["mean", "std", "size"])
        cells = pd.concat([overall, inside], ignore_index=True)
    n = cells["size"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = stats.t.ppf(0.5 + _CONFIDENCE / 2, n - 1) * cells["std"].to_numpy(float)
        reach = reach / np.sqrt(n)
    labels = np.array([*grouping.labels, ALL], dtype=object)
    mean = cells["mean"].to_numpy(float)
    out = pd.DataFrame(
        {
            "outcome": np.array(visits.names, dtype=object)[cells["outcome"].to_numpy(int)],
            "group": labels[cells["group"].to_numpy(int)],
            "week": cells["week"].to_numpy(float),
            "n": n,
            "mean": mean,
            "sd": cells["std"].to_numpy(float),
            "conf_low": mean - reach,
            "conf_high": mean + reach,
        }
    )
    order = np.lexsort(
        [out["week"].to_numpy(float), -cells["group"].to_numpy(int), cells["outcome"].to_numpy(int)]
    )
    hide = _hidden(cells, len(grouping.labels)) | (n < MINIMUM_CELL)
    out.loc[hide, ["n", "mean", "sd", "conf_low", "conf_high"]] = np.nan
    return out.iloc[order].reset_index(drop=True)


def observed_by_week(study: Study) -> pd.DataFrame:
    """What was observed of every outcome in each week, as the files call the visits.

    Returns
    -------
    DataFrame
        ``outcome``, ``week``, ``called`` ("" where that says no more than the week), ``n``,
        ``mean``, ``sd``; NaN where the numbers rest on fewer than eight people. What is computed
        from other outcomes is left out.
    """
    found = course_by_instrument(study)
    found = found[found["outcome"] != HARMONISED].reset_index(drop=True)
    labels = {round(week, 6): label for week, label in study.time_labels.items()}
    called = [labels.get(round(float(week), 6), "") for week in found["week"]]
    plain = [f"week {week:g}" for week in found["week"]]
    told = ["" if c.casefold() == p else c for c, p in zip(called, plain, strict=True)]
    return found.assign(called=told)[["outcome", "week", "called", "n", "mean", "sd"]]


def _hidden(cells: pd.DataFrame, groups: int) -> NDArray[np.bool_]:
    """Groups of a week that must go so that a small one cannot be found from the whole."""
    hide = np.zeros(len(cells), dtype=bool)
    if not groups or not (cells["size"] < MINIMUM_CELL).any():
        return hide
    small = cells.groupby(["outcome", "week"])["size"].transform("min") < MINIMUM_CELL
    for _, rows in cells[small].groupby(["outcome", "week"]):
        line = np.zeros(groups + 1)
        place = rows["group"].to_numpy(int)
        line[place] = rows["size"].to_numpy(float)
        hide[rows.index.to_numpy()] = hidden_in_line(line)[place]
    return hide


def spaghetti(
    study: Study, outcome: str, people: int = 60, visits: Visits | None = None
) -> pd.DataFrame:
    """Courses of a sample of single people, for whoever holds the data; never to be exported.

    The same study gives the same sample.

    Returns
    -------
    DataFrame
        ``line`` (a running number that stands for nobody outside this frame), ``week``, ``value``.
    """
    visits = visit_arrays(study) if visits is None else visits
    mine = person_weeks(visits, visits.of(study.outcome(outcome).name))
    someone = mine["person"].unique()
    seed = int(study.digest[:8], 16) if study.digest else 0
    chosen = np.random.default_rng(seed).permutation(someone)[:people]
    mine = mine[mine["person"].isin(chosen)]
    line = pd.Series(np.arange(len(chosen)), index=chosen)
    out = pd.DataFrame(
        {
            "line": line.loc[mine["person"]].to_numpy(),
            "week": mine["week"].to_numpy(float),
            "value": mine["value"].to_numpy(float),
        }
    )
    return out.sort_values(["line", "week"], ignore_index=True)
