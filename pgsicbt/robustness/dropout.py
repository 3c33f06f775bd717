"""Whether people leave treatment by their score: the hazard of leaving, week by week.

A person is at risk of leaving at every planned week from the first to the last that they were seen
in, but for the final one; whoever leaves there is never seen again. Logistic regression of
these person-weeks, with an intercept for every week, is the discrete-time hazard model (Singer &
Willett 1993, J Educ Stat 18:155). Since everybody leaves at most once, its standard errors need no
correction for people. A second model adds what was last seen of the person's symptoms: where that
tells who leaves, leaving is explained by what was observed, which a mixed model allows for; where
the score tells on top, the analysis has to hold the score, which it does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.api as sm
from scipy import stats
from statsmodels.tools.sm_exceptions import PerfectSeparationError

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, PgsIcbtError
from pgsicbt.models.engine.lmm import independent_columns
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.fit import fit
from pgsicbt.models.grid.design import covariate_columns
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import nearest, unplanned
from pgsicbt.models.grid.sample import Sample, needed
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.robustness.missing_visits import Missed, missed_visits, planned_sample
from pgsicbt.spec import Adjustment, AnalysisSpec, Family
from pgsicbt.study import Finding, Study

MODELS = ("crude", "adjusted", "adjusted, last value known")
_EVENTS_PER_COEFFICIENT = 5.0
_FAMILIES: tuple[Family, ...] = ("dropout", "cox")
_HUGE = 15.0
"""A log odds ratio, or its standard error, that only separation gives."""


@dataclass(frozen=True)
class DropOut:
    """Who leaves, and by which score.

    Attributes
    ----------
    spec
        The analysis whose scores, people and confidence these are.
    table
        One row per score and model: ``score``, ``model``, ``odds_ratio`` of leaving per step of
        +1 SD, its ``conf_low``, ``conf_high`` (at the spec's confidence), the log odds ratio
        ``estimate`` and its ``std_error``, ``p_value``, ``n_persons`` and ``events`` (NaN below
        eight), ``status``.
    others
        The same question to other models of the spec's widest adjustment: ``score``, ``model``
        (``dropout``: odds of having no value after treatment, ``cox``: hazard), ``ratio``,
        ``conf_low``, ``conf_high``, ``p_value``.
    last_value
        The same as ``table`` for +1 SD of the value last seen, without a score; one row.
    persons, leavers, missed_between
        People analysed, those not seen in the last planned week, and visits missed between two
        that were not.
    first_week, last_week
        Ends of the planned weeks.
    findings
        What a reader must know.
    """

    spec: AnalysisSpec
    table: pd.DataFrame
    others: pd.DataFrame
    last_value: pd.DataFrame
    persons: int
    leavers: int
    missed_between: int
    first_week: float
    last_week: float
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class _AtRisk:
    """Person-weeks: who, which planned week, whether they left there, and what was seen last."""

    code: Array
    place: Array
    left: Array
    value: Array


def drop_out(study: Study, spec: AnalysisSpec, progress: Progress | None = None) -> DropOut:
    """Odds of leaving in any week per standard deviation of every score of the spec.

    Adjusted models have the spec's covariates and components; weeks in which nobody left are
    left out, since they say nothing.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If visits follow no plan, or too few people left.
    """
    with one_thread():
        return _drop_out(study, spec, progress)


def _drop_out(study: Study, spec: AnalysisSpec, progress: Progress | None) -> DropOut:
    sample = planned_sample(analysis_sample(study, spec))
    missed = missed_visits(sample)
    leavers = int(missed.leavers.sum())
    if leavers < MINIMUM_CELL:
        raise FitError(
            f"Fewer than {MINIMUM_CELL} people left before the last planned week.",
            "There is too little drop-out to be compared.",
            code="no_drop_out",
        )
    risk = _at_risk(sample, missed)
    covariates = _covariates(study, spec, sample)
    findings: list[Finding] = [*unplanned(sample)]
    rows, done = [], 0
    scores = tuple(study.score(s).name for s in spec.scores)
    for score in scores:
        known = sample.persons[score].notna().to_numpy(bool)
        z = np.full(len(known), np.nan)
        if known.any() and np.ptp(sample.persons.loc[known, score]) > 0:
            found = scaled(spec, sample.persons.loc[known], score)
            z[known] = (found.values - found.values.mean()) / found.unit
        for model in MODELS:
            columns = [z, *_of_people(model, covariates)]
            people = known & np.isfinite(z)
            rows.append(_row(score, model, risk, columns, people, spec.confidence, findings))
            done += 1
            if progress is not None:
                progress(done, len(MODELS) * len(scores))
    known = np.ones(len(sample.persons), dtype=bool)
    columns = _of_people(MODELS[2], covariates)
    last = _row("", MODELS[2], risk, columns, known, spec.confidence, findings)
    return DropOut(
        spec=spec,
        table=pd.DataFrame(rows),
        others=_other_models(study, spec, findings),
        last_value=pd.DataFrame([last]),
        persons=len(sample.persons),
        leavers=leavers,
        missed_between=int((~missed.left).sum()),
        first_week=float(missed.levels[0]),
        last_week=float(missed.levels[-1]),
        findings=tuple(dict.fromkeys(findings)),
    )


def _other_models(study: Study, spec: AnalysisSpec, findings: list[Finding]) -> pd.DataFrame:
    """Logistic and Cox models of drop-out; what cannot be fitted is named."""
    rows: list[dict[str, object]] = []
    wide: Adjustment = "adjusted" if "adjusted" in spec.adjustments else spec.adjustments[-1]
    for family in _FAMILIES:
        try:
            found = fit(
                study, spec.replace(family=family, adjustments=(wide,), multiplicity="holm")
            )
        except PgsIcbtError as problem:
            findings.append(Finding(problem.code, "warning", str(problem)))
            continue
        for row in found.terms("outcome").to_dict("records"):
            numbers = {n: float(np.exp(row[n])) for n in ("conf_low", "conf_high")}
            ratio = float(np.exp(row["estimate"]))
            rows.append(
                {"score": row["score"], "model": family, "ratio": ratio, **numbers,
                 "p_value": float(row["p_value"])}
            )  # fmt: skip
    columns = ["score", "model", "ratio", "conf_low", "conf_high", "p_value"]
    return pd.DataFrame(rows, columns=columns)


def _at_risk(sample: Sample, missed: Missed) -> _AtRisk:
    """Every planned week up to the last that somebody was seen in, but the final one."""
    first = np.argmax(missed.seen, axis=1)
    last = missed.last
    k = len(missed.levels)
    places = np.arange(k)
    there = (places[None, :] >= first[:, None]) & (places[None, :] <= last[:, None])
    there[:, k - 1] = False
    code, place = np.nonzero(there)
    values = np.full(missed.seen.shape, np.nan)
    order = np.argsort(sample.time, kind="stable")
    at = nearest(sample.time[order], missed.levels)
    values[sample.code[order], at] = sample.value[order]
    held = pd.DataFrame(values).ffill(axis=1).to_numpy(float)
    return _AtRisk(
        code.astype(float), place.astype(float), (place == last[code]).astype(float),
        held[code, place],
    )  # fmt: skip


def _covariates(study: Study, spec: AnalysisSpec, sample: Sample) -> list[Array]:
    """Columns (N,) of everything that adjusted models have, each with mean 0 and SD 1."""
    out = []
    for name in needed(study, spec):
        for _, values in covariate_columns(sample, study.covariate(name)):
            if np.ptp(values) > 0:
                out.append((values - values.mean()) / values.std())
    return out


def _of_people(model: str, covariates: list[Array]) -> list[Array]:
    return [] if model == MODELS[0] else covariates


def _row(
    score: str,
    model: str,
    risk: _AtRisk,
    columns: Sequence[Array],
    known: np.ndarray[tuple[int], np.dtype[np.bool_]],
    confidence: float,
    findings: list[Finding],
) -> dict[str, object]:
    """One model; the coefficient shown is that of the score, or of the last value without one."""
    code = risk.code.astype(int)
    rows = known[code]
    weeks = np.unique(risk.place[rows & (risk.left == 1)])
    rows &= np.isin(risk.place, weeks)
    parts = [c[code[rows]] for c in columns]
    if model == MODELS[2]:
        last = risk.value[rows]
        parts.insert(0 if not score else 1, (last - last.mean()) / (last.std() or 1.0))
    y = risk.left[rows]
    head: dict[str, Any] = {"score": score, "model": model, "n_persons": len(np.unique(code[rows])),
            "events": int(y.sum())}  # fmt: skip
    trouble = _trouble(parts, y)
    b = se = np.nan
    if not trouble:
        shown, *others = parts
        x = np.column_stack([risk.place[rows][:, None] == weeks, *others, shown]).astype(float)
        b, se, trouble = _last_coefficient(x, y)
    if trouble:
        text = (
            f"{score or 'Value last seen'} ({model}): leaving cannot be modelled, since {trouble}."
        )
        findings.append(Finding("drop_out", "warning", text, column=score))
        nothing = ("odds_ratio", "conf_low", "conf_high", "estimate", "std_error", "p_value")
        few = {n: np.nan for n in ("n_persons", "events") if float(head[n]) < MINIMUM_CELL}
        return {**head, **dict.fromkeys(nothing, np.nan), **few, "status": "failed"}
    half = float(stats.norm.isf((1 - confidence) / 2)) * se
    low, high, ratio = (float(np.exp(v)) for v in (b - half, b + half, b))
    p = float(2 * stats.norm.sf(abs(b / se)))
    return {
        **head, "odds_ratio": ratio, "conf_low": low, "conf_high": high, "estimate": b,
        "std_error": se, "p_value": p, "status": "ok",
    }  # fmt: skip


def _trouble(parts: Sequence[Array], y: Array) -> str:
    if not parts or not len(y) or np.ptp(parts[0]) == 0:
        return "nobody differs in it"
    fewer = min(float(y.sum()), float(len(y) - y.sum()))
    if fewer < MINIMUM_CELL or fewer < _EVENTS_PER_COEFFICIENT * len(parts):
        return "too few people left for its coefficients"
    return ""


def _last_coefficient(x: Array, y: Array) -> tuple[float, float, str]:
    """Log odds ratio of the last column, its standard error, and why there is none ("": there is).

    Other columns that earlier ones determine are left out.
    """
    keep = independent_columns(x.T @ x)
    if x.shape[1] - 1 not in keep:
        return np.nan, np.nan, "covariates determine it"
    separated = "a column tells without fail who left"
    try:
        made = sm.Logit(y, x[:, keep]).fit(disp=0, method="newton", warn_convergence=False)
    except (np.linalg.LinAlgError, PerfectSeparationError):
        return np.nan, np.nan, separated
    b, se = float(made.params[-1]), float(made.bse[-1])
    if not np.isfinite(se) or abs(b) > _HUGE or se > _HUGE:
        return np.nan, np.nan, separated
    return b, se, ""
