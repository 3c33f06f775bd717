"""Observed means and counts by week, as aggregates that have passed the disclosure rule."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.disclosure import suppress_small
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import nearest
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_basis
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

THIRDS = ("lowest third", "middle third", "highest third")


def _people(study: Study, spec: AnalysisSpec, score: str) -> Sample:
    sample = analysis_sample(study, spec)
    if spec.time_coding == "categorical":  # visits count for the planned week that they belong to
        levels = np.array(time_basis(spec, sample.time, sample.code)[0].levels)
        sample = dataclasses.replace(sample, time=levels[nearest(sample.time, levels)])
    if score:
        known = sample.persons[study.score(score).name].notna().to_numpy(bool)
        sample = sample.keep(known, f"{score} known", f"{score} is missing")
    return sample


def observed_means(
    study: Study, spec: AnalysisSpec, score: str = "", *, thirds: bool = True
) -> pd.DataFrame:
    """Mean outcome per week, for thirds of the score or for all people analysed.

    Returns
    -------
    DataFrame
        ``group``, ``week``, ``mean``, ``conf_low``, ``conf_high`` (t interval of the mean at
        the spec's confidence), ``n`` people. Where fewer people than the disclosure rule
        allows were observed, the numbers are missing.
    """
    sample = _people(study, spec, score)
    if score and thirds:
        rank = sample.persons[study.score(score).name].rank(method="first").to_numpy(float)
        third = np.minimum((rank - 1) * 3 // len(rank), 2).astype(int)
        group = np.array(THIRDS)[third][sample.code]
    else:
        group = np.full(len(sample.code), "all")
    frame = pd.DataFrame(
        {"group": group, "week": sample.time, "value": sample.value, "person": sample.code}
    )
    # People with two values in one week count once, with their mean.
    each = frame.groupby(["group", "week", "person"], as_index=False)["value"].mean()
    cells = each.groupby(["group", "week"], as_index=False)["value"].agg(["mean", "std", "size"])
    n = cells["size"].to_numpy(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = stats.t.ppf(0.5 + spec.confidence / 2, n - 1) * cells["std"] / np.sqrt(n)
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


def observed_counts(study: Study, spec: AnalysisSpec, score: str = "") -> pd.DataFrame:
    """People observed per week among those analysed: ``week``, ``n`` (missing where small)."""
    sample = _people(study, spec, score)
    frame = pd.DataFrame({"week": sample.time, "person": sample.code})
    people = frame.groupby("week")["person"].nunique()
    counts = pd.DataFrame({"week": people.index.to_numpy(float), "n": people.to_numpy(float)})
    return suppress_small(counts, "n", [])
