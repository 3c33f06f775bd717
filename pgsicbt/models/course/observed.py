"""Observed means and counts by week, as aggregates that have passed the disclosure rule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.disclosure import suppress_small
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import nearest
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_basis
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from pgsicbt.weeks import counted_weeks

THIRDS = ("lowest third", "middle third", "highest third")


@dataclass(frozen=True)
class Observed:
    """What was seen of the people analysed, week by week.

    Where fewer people than the disclosure rule allows were observed, numbers are missing.

    Attributes
    ----------
    means
        ``group`` (thirds of the score, or all), ``week``, ``mean``, ``conf_low``, ``conf_high``
        (t interval of the mean at the spec's confidence), ``n`` people.
    counts
        ``week``, ``n`` people.
    step
        Weeks that visits were rounded to a multiple of, since they were on any day; 0 if they
        were not.
    """

    means: pd.DataFrame
    counts: pd.DataFrame
    step: int


def observed(study: Study, spec: AnalysisSpec, score: str = "") -> Observed:
    """Means and counts by week of the people analysed, in thirds of the score if one is named."""
    sample, week, step = _people(study, spec, score)
    group = np.full(len(sample.code), "all")
    if score:
        rank = sample.persons[study.score(score).name].rank(method="first").to_numpy(float)
        third = np.minimum((rank - 1) * 3 // len(rank), 2).astype(int)
        group = np.array(THIRDS)[third][sample.code]
    frame = pd.DataFrame(
        {"group": group, "week": week, "value": sample.value, "person": sample.code}
    )
    people = frame.groupby("week")["person"].nunique()
    counts = pd.DataFrame({"week": people.index.to_numpy(float), "n": people.to_numpy(float)})
    return Observed(_means(frame, spec.confidence), suppress_small(counts, "n", []), step)


def _people(study: Study, spec: AnalysisSpec, score: str) -> tuple[Sample, Array, int]:
    """The people analysed who have the score, the week each visit counts for, and the rounding."""
    sample = everybody = analysis_sample(study, spec)
    if score:
        known = sample.persons[study.score(score).name].notna().to_numpy(bool)
        sample = sample.keep(known, f"{score} known", f"{score} is missing")
    if spec.time_coding == "categorical":  # visits count for the planned week that they belong to
        # The levels are those of everybody, whose findings say how visits were rounded.
        levels = np.array(time_basis(spec, everybody.time, everybody.code)[0].levels)
        return sample, levels[nearest(sample.time, levels)], 0
    week, step = counted_weeks(sample.time, sample.code)
    return sample, week, step


def _means(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    # People with two values in one week count once, with their mean.
    each = frame.groupby(["group", "week", "person"], as_index=False)["value"].mean()
    cells = each.groupby(["group", "week"], as_index=False)["value"].agg(["mean", "std", "size"])
    n = cells["size"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = stats.t.ppf(0.5 + confidence / 2, n - 1) * cells["std"] / np.sqrt(n)
    out = pd.DataFrame(
        {
            "group": cells["group"],
            "week": cells["week"],
            "mean": cells["mean"],
            "conf_low": cells["mean"] - reach,
            "conf_high": cells["mean"] + reach,
            "n": n,
        }
    )
    return suppress_small(out, "n", ["mean", "conf_low", "conf_high"])
