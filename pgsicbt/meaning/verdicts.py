"""A verdict on every cell of a grid: meaningful, excluded, or inconclusive."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.meaning.equivalence import judge
from pgsicbt.meaning.interest import RATIO_FAMILIES, Interest, interest
from pgsicbt.models.grid.multiplicity import adjust, simple_or_holm
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Study

VERDICT_COLUMNS = (
    "score", "outcome", "model", "subset", "about", "estimate", "std_error", "df", "p_value",
    "p_adjusted", "conf_low", "conf_high", "inner_low", "inner_high", "unit", "smallest",
    "p_excluded", "p_meaningful", "p_excluded_adjusted", "p_meaningful_adjusted", "verdict",
    "verdict_corrected", "n_persons", "status",
)  # fmt: skip
"""Columns of :func:`verdicts`. ``about`` is ``severity`` (at the origin of time), ``change`` (from
the start of treatment to the last week) or ``outcome`` (in families with one value per person). All
amounts are per +1 SD of the score, in ``unit``: ``points``, ``log odds`` or ``log hazard``.
``inner_low`` and ``inner_high`` are the interval that the verdict is read from (90 % where the
others are of 95 %). ``p_adjusted`` is that of the effect itself; it and the other adjusted p values
are corrected over the scores of one model, as the spec's tests are. ``p_meaningful`` is of the test
against the bound alone; its adjusted value is of the whole verdict, which asks the two-sided test
of no effect as well, so of the larger of the two. ``verdict`` is of each cell by itself,
``verdict_corrected`` what is left of it where its adjusted p value must be small too.
"""

ABOUT = {"main": "severity", "interaction": "change", "outcome": "outcome"}


def verdicts(study: Study, result: Result, against: Interest | float | None = None) -> pd.DataFrame:
    """Hold every score's effects against the smallest effect of interest.

    Parameters
    ----------
    against
        Smallest effect of interest per +1 SD of a score, in points (or as the logarithm of a
        ratio, in families of ratios); :func:`~pgsicbt.meaning.interest.interest` if None.

    Returns
    -------
    DataFrame
        One row per score, model and what the effect is about, with ``VERDICT_COLUMNS``.

    Raises
    ------
    SpecError
        If the analysis has groups of scores, whose steps are no standard deviations, or the
        smallest effect is not above zero.
    """
    spec = result.spec
    if spec.score_groups:
        raise SpecError(
            "Verdicts are given per standard deviation of a score, and this analysis has groups "
            "of it.",
            "Analyse the score itself.",
            code="groups",
        )
    if against is None:
        against = interest(study, result)
    rows = result.table[result.table["role"].isin(ABOUT) & (result.table["score"] != "")]
    rows = rows.reset_index(drop=True)
    factor = np.array(
        [
            _per_sd(result, str(s), str(m), str(role), str(term))
            for s, m, role, term in zip(
                rows["score"], rows["model"], rows["role"], rows["term"], strict=True
            )
        ]
    )
    failed = (rows["status"] == "failed").to_numpy(bool)
    b, se, low, high = (
        np.where(failed, np.nan, rows[c].to_numpy(float) * factor)
        for c in ("estimate", "std_error", "conf_low", "conf_high")
    )
    df = rows["df"].to_numpy(float)
    df = np.where(np.isnan(df) & np.isfinite(se), np.inf, df)  # families with z tests
    smallest: Array = np.full(len(rows), against if isinstance(against, float | int) else np.nan)
    if isinstance(against, Interest):
        fits = [
            _fit(result, str(s), str(m)) for s, m in zip(rows["score"], rows["model"], strict=True)
        ]
        smallest = np.array([np.nan if f is None else against.per_sd(f.score_unit) for f in fits])
    judged = judge(b, se, df, smallest, alpha=1 - spec.confidence)
    unit = "points"
    if spec.family in RATIO_FAMILIES:
        unit = "log hazard" if spec.family == "cox" else "log odds"
    out = pd.DataFrame(
        {
            "score": rows["score"], "outcome": rows["outcome"], "model": rows["model"],
            "subset": rows["subset"], "about": rows["role"].map(ABOUT), "estimate": b,
            "std_error": se, "df": df, "p_value": rows["p_value"],
            "p_adjusted": rows["p_adjusted"], "conf_low": low, "conf_high": high,
            "inner_low": judged.low, "inner_high": judged.high, "unit": unit,
            "smallest": smallest, "p_excluded": judged.p_excluded,
            "p_meaningful": judged.p_meaningful, "verdict": list(judged.verdict),
            "n_persons": rows["n_persons"], "status": rows["status"],
        }
    )  # fmt: skip
    return _with_adjusted(out, result)[list(VERDICT_COLUMNS)]


def _per_sd(result: Result, score: str, model: str, role: str, term: str) -> float:
    """What a row's numbers are multiplied with, to be per +1 SD and whole changes."""
    fit = _fit(result, score, model)
    if fit is None:
        return math.nan
    step = 1.0 if result.spec.standardised else fit.score_unit
    if role != "interaction" or term.startswith("change:"):
        return step
    time = fit.time
    if time is None:
        return math.nan
    return step * time.change_units


def _fit(result: Result, score: str, model: str) -> ModelFit | None:
    """The fit of a score, or the one of all scores together, which is no single score's."""
    together = (f for f in result.fits if f.adjustment == model)
    return result.fit_of(score, model) or next(together, None)


def _with_adjusted(out: pd.DataFrame, result: Result) -> pd.DataFrame:
    """Both verdicts corrected over the scores of one model, controls left out as they are."""
    method = result.spec.multiplicity
    spare = out["score"].isin(result.spec.controls).to_numpy(bool)
    kept = out["verdict"].to_numpy(object, copy=True)
    for name in ("p_excluded", "p_meaningful"):
        p = out[name].to_numpy(float)
        if name == "p_meaningful":  # the verdict needs both tests
            p = np.maximum(p, out["p_value"].to_numpy(float))
        corrected: Array = np.full(len(p), np.nan)
        for places in out.groupby(["model", "about"], sort=False).indices.values():
            own = places[~spare[places]]
            corrected[own] = p[own] if method == "none" else adjust(p[own], simple_or_holm(method))
        out[f"{name}_adjusted"] = corrected
        claimed = (out["verdict"] == name.removeprefix("p_")).to_numpy(bool)
        kept[claimed & ~spare & ~(corrected < 1 - result.spec.confidence)] = "inconclusive"
    return out.assign(verdict_corrected=kept)
