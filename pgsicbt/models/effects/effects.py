"""Effect sizes of a grid: variance explained, standardised effects, points at post.

Everything comes from the fitted models and from cross-products; see docs/effect_sizes.md for the
formulas. :data:`DEFINITIONS` says in one sentence what each quantity is.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.models.effects.effect_rows import Value, baseline_sd, between_sds, differences
from pgsicbt.models.effects.variance_explained import (
    VarianceParts,
    explained,
    mean_basis,
    named_shares,
    variance_parts,
)
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.grid import fit
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.rebuild import People, people_of
from pgsicbt.models.resampling.bootstrap import LEAST, percentile
from pgsicbt.models.resampling.effect_bootstrap import bootstrap_shares
from pgsicbt.progress import Progress
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

EFFECT_COLUMNS = (
    "score", "outcome", "model", "subset", "quantity", "estimate", "conf_low", "conf_high", "unit",
    "interval", "n_persons", "n_observations", "reason",
)  # fmt: skip
"""Columns of :func:`effect_sizes`. ``interval`` says where the limits come from: ``t``,
``Fieller``, the bootstrap's ``percentile`` or ``basic`` interval, or nothing; ``reason`` why a
number is missing."""

DEFINITIONS: dict[str, str] = {
    "r2_marginal": "Share of the outcome's variance over all visits that the fixed effects "
    "(time, covariates, score) account for (Nakagawa & Schielzeth 2013).",
    "r2_conditional": "Share of the outcome's variance over all visits that fixed effects and "
    "differences between people account for (Nakagawa & Schielzeth 2013; Johnson 2014).",
    "r2_incremental": "Marginal R2 of the model minus marginal R2 of the same model without the "
    "score and its products with time, on the same people.",
    "r2_partial": "Incremental R2 as a share of the variance that the fixed effects of the model "
    "without the score leave.",
    "level_variance_explained": "Reduction of the variance between people of the level at the "
    "origin of time when the score comes into the model, as a share (Raudenbush & Bryk 2002).",
    "slope_variance_explained": "Reduction of the variance between people of the slope when the "
    "score comes into the model, as a share (Raudenbush & Bryk 2002).",
    "main_standardised": "Difference at the origin of time per +1 SD of the score, in SDs of the "
    "observed outcome at baseline.",
    "main_between": "Difference at the origin of time per +1 SD of the score, in SDs of the level "
    "between people in the model without the score.",
    "change": "Difference in change from the start of treatment to the last week per +1 SD of the "
    "score.",
    "change_standardised": "Difference in change from the start of treatment to the last week per "
    "+1 SD of the score, in SDs of the observed outcome at baseline.",
    "change_between": "Difference in change from the start of treatment to the last week per +1 SD "
    "of the score, in SDs of that change between people in the model without the score.",
    "points_at_post": "Difference in the last week analysed per +1 SD of the score.",
    "mean_change": "Change of an average person from the start of treatment to the last week.",
    "share_of_mean_change": "Difference in change per +1 SD of the score divided by the change of "
    "an average person; positive where a higher score goes with more of that change.",
}
"""What each quantity is."""

UNITS = {
    name: "SD"
    if name.endswith(("_standardised", "_between"))
    else "points"
    if name in ("change", "points_at_post", "mean_change")
    else "share"
    for name in DEFINITIONS
}
"""Unit of each quantity: points of the outcome, SDs, or a share (0 to 1)."""

WITHOUT_SCORE = ("r2_marginal", "r2_conditional", "mean_change")
"""Quantities of a model that has no score."""

REFLECTED = ("r2_marginal",)
"""Shares whose replicates lie too high by as much as the estimate itself, since every coefficient
adds to them by chance; their interval is the basic one, 2 x estimate - percentiles (Davison &
Hinkley 1997, Bootstrap Methods, ch. 5). docs/effect_sizes.md has the coverage measured."""
_NO_SPREAD = "people do not differ in this in the model without the score"
_NOT_FITTED = "the model could not be fitted"


def effect_sizes(
    study: Study,
    analysis: AnalysisSpec | Result,
    *,
    replicates: int = 0,
    seed: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Effect sizes of every score in every model.

    Parameters
    ----------
    analysis
        A spec, which is fitted first, or its result.
    replicates
        Resamples of the cluster bootstrap over people, which gives the intervals of all shares of
        variance; 0 leaves these intervals out. All other intervals are the model's.
    seed
        Of the bootstrap.
    progress
        Called with model refits of the bootstrap done and to be done.

    Returns
    -------
    DataFrame
        One row per score, model and quantity with ``EFFECT_COLUMNS``. Shares lie between 0
        and 1 (not percent).

    Raises
    ------
    SpecError, FitError
        As in :func:`pgsicbt.models.grid.grid.fit`; SpecError for a negative number of replicates.
    DataError
        If the result is not of this study.
    """
    if replicates < 0 or seed < 0:
        raise SpecError("Replicates and seed of a bootstrap must not be negative.")
    result = fit(study, analysis) if isinstance(analysis, AnalysisSpec) else analysis
    found: dict[tuple[str, str], dict[str, Value]] = {}
    with one_thread():
        for people in people_of(study, result):
            bases: dict[str, _Base] = {}
            for model in people.models:
                if model.adjustment not in bases:
                    bases[model.adjustment] = _without_score(people, model)
                base = bases[model.adjustment]
                found[model.score, model.adjustment] = _of_cell(result.spec, people, model, base)
        if replicates:
            drawn = bootstrap_shares(
                study, result, replicates=replicates, seed=seed, progress=progress
            )
            for key, values in found.items():
                if values:
                    values |= _intervals(values, drawn[key], result.spec.confidence)
    return _frame(result, found)


def _intervals(
    values: dict[str, Value], drawn: dict[str, Array], confidence: float
) -> dict[str, Value]:
    """The shares of one model with their bootstrap intervals, where enough could be estimated."""
    out = {}
    for name, draws in drawn.items():
        value, known = values[name], draws[np.isfinite(draws)]
        if np.isfinite(value.estimate) and len(known) >= LEAST:
            low, high = percentile(known, confidence)
            how = "percentile"
            if name in REFLECTED:
                low, high = max(2 * value.estimate - high, 0.0), 2 * value.estimate - low
                how = "basic"
            out[name] = dataclasses.replace(value, low=low, high=high, interval=how)
    return out


@dataclass(frozen=True)
class _Base:
    """The model without a score, on the same people, with its parts of variance."""

    lmm: LmmFit
    parts: VarianceParts
    zz: Array


def _without_score(people: People, model: ModelFit) -> _Base:
    cp, part = people.base(model), rung(model.random_used)
    start = model.random_covariance / model.residual_variance
    lmm = fit_lmm(cp, q=part.q, correlated=part.correlated, reml=model.reml, start=start)
    zz = mean_basis(cp, part.q)
    parts = variance_parts(
        lmm.fixed.estimates,
        cp.pooled[:-1, :-1],
        lmm.random_covariance,
        np.asarray(lmm.residual_variance),
        zz,
    )
    return _Base(lmm, parts, zz)


def _of_cell(spec: AnalysisSpec, people: People, model: ModelFit, base: _Base) -> dict[str, Value]:
    if not model.converged:
        return {}
    full = variance_parts(
        model.fixed.estimates,
        people.cell(model).pooled[:-1, :-1],
        model.random_covariance,
        np.asarray(model.residual_variance),
        base.zz,
    )
    shares = named_shares(full, explained(base.parts, full) if model.score else None)
    out = {}
    for name, number in shares.items():
        missing = "" if np.isfinite(number) else _NO_SPREAD
        out[name] = Value(float(number), reason=missing)
    time = people.design.time
    between = between_sds(base.lmm.random_covariance, base.lmm.residual_variance, time)
    return out | differences(spec, model, time, baseline_sd(people.sample), between)


def _frame(result: Result, found: dict[tuple[str, str], dict[str, Value]]) -> pd.DataFrame:
    """One row per cell of the result, fitted or not, and quantity."""
    cells = result.table.drop_duplicates(["score", "model"])
    rows: list[tuple[object, ...]] = []
    for cell in cells.to_dict("records"):
        values = found.get((cell["score"], cell["model"]), {})
        for quantity in DEFINITIONS if cell["score"] else WITHOUT_SCORE:
            v = values.get(quantity, Value(float("nan"), unit=UNITS[quantity], reason=_NOT_FITTED))
            head = (cell["score"], cell["outcome"], cell["model"], cell["subset"], quantity)
            counts = (cell["n_persons"], cell["n_observations"])
            rows.append((*head, v.estimate, v.low, v.high, v.unit, v.interval, *counts, v.reason))
    return pd.DataFrame.from_records(rows, columns=list(EFFECT_COLUMNS))
