"""One analysis and its variants, every effect told over the same weeks."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.errors import PgsIcbtError, SpecError
from pgsicbt.models.fit import fit
from pgsicbt.models.grid.time_coding import time_columns
from pgsicbt.result import ModelFit, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

ROLES = ("main", "interaction")
COLUMNS = (
    "score", "role", "variant", "estimate", "std_error", "p_value", "conf_low", "conf_high",
    "n_persons", "n_observations", "lost_persons", "lost_observations",
)  # fmt: skip
NUMBERS = ("estimate", "std_error", "p_value", "conf_low", "conf_high")
Span = tuple[float, float]


def span_of(result: Result) -> Span:
    """Weeks over which change is told: from the start of treatment to the last week analysed."""
    time = result.fits[0].time
    if time is None:
        return 0.0, 1.0
    return time.change_weeks


def effects(result: Result, span: Span, variant: str) -> pd.DataFrame:
    """Main effect and change over ``span`` of every score of a linear mixed model.

    Change in week b less change in week a is, with T the columns of time, sum_j (T_j(b) - T_j(a))
    times the coefficient of score x T_j; degrees of freedom are those of the table's own row.

    Returns
    -------
    pandas.DataFrame
        The columns of :data:`COLUMNS`, without what was lost; no row for a cell that failed.
    """
    rows = []
    for model in result.fits:
        rows += [_row(result, model, role, span, variant) for role in ROLES]
    return pd.DataFrame.from_records(rows, columns=list(COLUMNS))


def _row(
    result: Result, model: ModelFit, role: str, span: Span, variant: str
) -> tuple[object, ...]:
    names, fixed, time = model.fixed.names, model.fixed, model.time
    contrast = np.zeros(len(names))
    if role == "main":
        contrast[names.index(model.score)] = 1.0
    elif time is not None:
        ends = time_columns(time, np.array(span))
        for name, by in zip(time.names, ends[1] - ends[0], strict=True):
            contrast[names.index(f"{name}:{model.score}")] = by
    covariance = fixed.covariance if fixed.adjusted is None else fixed.adjusted
    estimate = float(contrast @ fixed.estimates)
    error = float(np.sqrt(contrast @ covariance @ contrast))
    table = result.table
    mine = table[
        (table["score"] == model.score)
        & (table["model"] == model.adjustment)
        & (table["role"] == role)
    ]
    df = float(mine["df"].iloc[0]) if len(mine) else np.inf
    df = df if np.isfinite(df) and df > 0 else 1e9
    wide = float(stats.t.isf((1 - result.spec.confidence) / 2, df)) * error
    p = 2 * float(stats.t.sf(abs(estimate / error), df)) if error > 0 else float("nan")
    numbers = (estimate, error, p, estimate - wide, estimate + wide)
    people = (model.n_persons, model.n_observations, 0, 0)
    return model.score, role, variant, *numbers, *people


def variant(
    study: Study, spec: AnalysisSpec, span: Span, label: str, reference: Result | None = None
) -> pd.DataFrame:
    """Effects of one variant, and how many fewer people and visits it has than the reference.

    Effects are per standard deviation of the score among the people of the reference: those who
    are left have another one, and an effect would move by that alone.

    Raises
    ------
    PgsIcbtError
        If it cannot be fitted.
    """
    result = fit(study, spec)
    found = effects(result, span, label)
    if reference is None:
        return found
    for i, row in found.iterrows():
        score = str(row["score"])
        first = next((f for f in reference.fits if f.score == score), None)
        now = next(f for f in result.fits if f.score == score)
        if first is not None:
            if spec.score_scale == reference.spec.score_scale == "z":
                amounts = [n for n in NUMBERS if n != "p_value"]
                found.loc[i, amounts] = row[amounts] * (first.score_sd / now.score_sd)
            found.loc[i, "lost_persons"] = first.n_persons - int(row["n_persons"])
            found.loc[i, "lost_observations"] = first.n_observations - int(row["n_observations"])
    return found


def tried(
    study: Study, spec: AnalysisSpec, span: Span, label: str, reference: Result
) -> pd.DataFrame | str:
    """:func:`variant`, or why there is none."""
    try:
        return variant(study, spec, span, label, reference)
    except PgsIcbtError as problem:
        return f"{label}: {problem.sentence}"


def changed(label: str, spec: AnalysisSpec, **changes: Any) -> AnalysisSpec | str:
    """An analysis with something chosen otherwise, or why there is none: a knot outside the weeks.

    Everything that varies an analysis asks here, so that a choice that cannot be made is left out
    by its name and the others stand.
    """
    try:
        return spec.replace(**changes)
    except SpecError as problem:
        return f"{label}: {problem.sentence}"


def possible(
    spec: AnalysisSpec, asked: Iterable[tuple[str, dict[str, Any]]]
) -> tuple[list[tuple[str, AnalysisSpec]], list[str]]:
    """The analyses asked for, with their labels, and why some of them cannot be made."""
    made = [(label, changed(label, spec, **changes)) for label, changes in asked]
    return (
        [(label, one) for label, one in made if not isinstance(one, str)],
        [one for _, one in made if isinstance(one, str)],
    )


def plain(spec: AnalysisSpec, adjustment: str) -> AnalysisSpec:
    """The linear mixed model of one score at a time behind an analysis, in one adjustment.

    Scores are in standard deviations, main effects stand at the start of treatment wherever the
    analysis has them, and people differ in their slopes: without that the test of score x time
    could not be trusted in any variant.
    """
    return spec.replace(
        family="lmm",
        definition="",
        together=False,
        interactions=(),
        score_groups=0,
        score_scale="z" if spec.score_scale == "as_given" else spec.score_scale,
        adjustments=(adjustment,),
        errors="model",
        cluster="",
        bootstrap=0,
        multiplicity="none",
        origin="start",
        random="intercept+slope" if spec.random == "intercept" else spec.random,
    )
