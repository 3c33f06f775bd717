"""The grid: every chosen score in every chosen model, one pass over the visits."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from typing import get_args

import numpy as np
import pandas as pd

from pgsicbt.errors import FitError
from pgsicbt.models.crossproducts import CrossProducts, cross_products
from pgsicbt.models.design import (
    TIME,
    Design,
    Sample,
    Term,
    analysis_sample,
    build_design,
    formula,
)
from pgsicbt.models.inference import each_term
from pgsicbt.models.lmm import LmmFit, fit_lmm
from pgsicbt.models.multiplicity import Correction, adjust
from pgsicbt.models.threads import one_thread
from pgsicbt.result import TABLE_COLUMNS, Array, ModelFit, Result
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Severity, Study

_Q = {"intercept+slope": 2, "intercept": 1}
_Row = tuple[object, ...]
_ROW = (
    "score", "outcome", "model", "subset", "term", "estimate", "std_error", "df", "statistic",
    "p_value", "conf_low", "conf_high", "n_persons", "n_observations", "status", "role",
)  # fmt: skip
_PACKAGES = ("numpy", "scipy", "pandas", "statsmodels")


def fit(study: Study, spec: AnalysisSpec) -> Result:
    """Fit one mixed model per score and adjustment.

    Every model is y ~ time * (score + covariates) + components + (1 + time | person), or what
    the spec makes of it. Scores that are missing for other people are fitted on the people
    they are known for.

    Returns
    -------
    Result
        One row per score, model and term. A cell that cannot be fitted has a row of status
        ``failed`` for its score terms and a warning that says why.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If no cell can be fitted.
    """
    names = tuple(study.score(s).name for s in spec.scores)
    spec = spec.replace(
        outcome=study.outcome(spec.outcome).name,
        scores=names,
        covariates=tuple(study.covariate(c).name for c in spec.covariates),
        components=tuple(study.covariate(c).name for c in spec.components),
    )
    sample = analysis_sample(study, spec)
    warnings: list[Finding] = []
    cells: list[_Cell] = []
    ledger = list(sample.ledger)
    with one_thread():
        for group in _by_missing(sample, names):
            part = sample
            if group:
                known = sample.persons[group[0]].notna().to_numpy(bool)
                label = ", ".join(group)
                part = sample.keep(known, f"{label} known", f"{label} is missing")
                ledger += part.ledger[len(sample.ledger) :]
            cells += _fit_group(study, spec, part, group, warnings)
    if spec.random == "intercept":
        warnings.append(_no_slope())
    fits = tuple(c.model for c in cells if c.model is not None)
    if not fits:
        raise FitError(warnings[0].message if warnings else "No model could be fitted.")
    rows = pd.DataFrame.from_records([r for c in cells for r in c.rows], columns=_ROW)
    table = _with_families(rows, spec)
    return Result(
        table=table[list(TABLE_COLUMNS)],
        spec=spec,
        fits=fits,
        n_persons=max(f.n_persons for f in fits),
        n_observations=max(f.n_observations for f in fits),
        ledger=tuple(ledger),
        warnings=tuple(dict.fromkeys(warnings)),
        versions=dict(_versions()),
        digest=study.digest,
        simulated=study.simulated,
    )


@dataclass(frozen=True)
class _Cell:
    rows: list[_Row]
    model: ModelFit | None


def _by_missing(sample: Sample, scores: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Scores known for the same people, together; one empty group when there are no scores."""
    if not scores:
        return [()]
    groups: dict[bytes, list[str]] = {}
    for name in scores:
        pattern = np.packbits(sample.persons[name].notna().to_numpy(bool)).tobytes()
        groups.setdefault(pattern, []).append(name)
    return [tuple(g) for g in groups.values()]


def _fit_group(
    study: Study,
    spec: AnalysisSpec,
    sample: Sample,
    scores: tuple[str, ...],
    warnings: list[Finding],
) -> list[_Cell]:
    if not len(sample.persons):
        message = f"Nobody analysed has a value of {', '.join(scores)}."
        warnings.append(Finding("nobody_left", "error", message))
        return [_Cell(_failed(spec, s, a, sample), None) for s in scores for a in spec.adjustments]
    design = build_design(study, spec, sample)
    for name in design.constant:
        text = f"{name} is the same for everyone analysed, so it is left out of the models."
        warnings.append(Finding("constant_covariate", "warning", text, column=name))
    shared = cross_products(design.names, design.columns, sample.value, design.basis, sample.code)
    cells: list[_Cell] = []
    start: Array | None = None  # each fit starts where the last one ended
    for adjustment in _distinct(spec, design, warnings):
        chosen = design.uses[adjustment]
        base = shared.select(chosen)
        terms = [design.terms[j] for j in chosen]
        for score in scores or ("",):
            made = _fit_cell(spec, sample, base, terms, score, adjustment, start, warnings)
            cells.append(made[0])
            start = made[1] if made[1] is not None else start
    return cells


def _distinct(spec: AnalysisSpec, design: Design, warnings: list[Finding]) -> list[Adjustment]:
    """Adjustments that differ from one another in this design."""
    kept: list[Adjustment] = []
    for adjustment in spec.adjustments:
        twin = [a for a in kept if design.uses[a] == design.uses[adjustment]]
        if twin:
            text = (
                f"The {adjustment} model is the same as the {twin[0]} one, "
                "since nothing was chosen that would make it differ."
            )
            warnings.append(Finding("same_model", "info", text))
        else:
            kept.append(adjustment)
    return kept


def _fit_cell(
    spec: AnalysisSpec,
    sample: Sample,
    base: CrossProducts,
    terms: list[Term],
    score: str,
    adjustment: Adjustment,
    start: Array | None,
    warnings: list[Finding],
) -> tuple[_Cell, Array | None]:
    cp, mean, sd, unit = base, 0.0, 1.0, 1.0
    all_terms = list(terms)
    where = f"{score or 'The model'} ({adjustment})"
    if score:
        x = sample.persons[score].to_numpy(float)
        mean, sd = float(x.mean()), float(x.std(ddof=1)) if len(x) > 1 else 0.0
        if not sd > 1e-10 * max(1.0, abs(mean)):
            text = f"{score} is the same for everyone analysed, so it has no effect to estimate."
            warnings.append(Finding("constant_score", "error", text, column=score))
            return _Cell(_failed(spec, score, adjustment, sample), None), None
        if spec.score_scale == "z":
            x = (x - mean) / sd
        else:
            unit = sd
        added = (Term(score, "main", score), Term(f"{TIME}:{score}", "interaction", score))
        cp = base.with_score(x, (added[0].name, added[1].name))
        all_terms += added
    try:
        lmm = fit_lmm(cp, q=_Q[spec.random], reml=spec.reml, start=start)
    except FitError as error:
        warnings.append(Finding(error.code, "error", f"{where}: {error}", column=score))
        return _Cell(_failed(spec, score, adjustment, sample), None), None
    _notes(lmm, where, score, spec, warnings)
    if score and any(t.name in lmm.dropped for t in added):
        return _Cell(_failed(spec, score, adjustment, sample), None), None
    model = _model(spec, sample, cp, lmm, score, adjustment, (mean, sd, unit))
    return _Cell(_rows(spec, model, all_terms), model), lmm.relative


def _notes(
    lmm: LmmFit, where: str, score: str, spec: AnalysisSpec, warnings: list[Finding]
) -> None:
    if lmm.dropped:
        text = (
            f"{where}: {', '.join(lmm.dropped)} is determined by the other columns "
            "and was left out."
        )
        severity: Severity = "error" if score in lmm.dropped else "warning"
        warnings.append(Finding("rank_deficient", severity, text, column=lmm.dropped[0]))
    if lmm.singular:
        what = (
            "people do not differ in their slopes, or slope and intercept go together exactly"
            if spec.random == "intercept+slope"
            else "people do not differ in their level"
        )
        text = f"{where}: the random part is on its boundary ({what}); estimates hold."
        warnings.append(Finding("singular", "warning", text, column=score))
    if not lmm.converged:
        text = f"{where}: the optimum was not reached, so do not use these numbers."
        warnings.append(Finding("not_converged", "error", text, column=score))


def _no_slope() -> Finding:
    return Finding(
        "no_random_slope",
        "warning",
        "Without a random slope the test of score x time finds effects that are not there "
        "far more often than it claims; use intercept and slope.",
    )


def _model(
    spec: AnalysisSpec,
    sample: Sample,
    cp: CrossProducts,
    lmm: LmmFit,
    score: str,
    adjustment: Adjustment,
    scaling: tuple[float, float, float],
) -> ModelFit:
    persons = np.zeros(len(sample.persons))
    person_means = {}
    first = cp.basis[0, 0]  # visits per person, since the basis starts with 1
    for j, name in enumerate(cp.names):
        if name != TIME and not name.startswith(f"{TIME}:"):
            persons = cp.cross[0, :, j] / first
            person_means[name] = float(persons.mean())
    profile = {}
    for name in lmm.fixed.names:
        plain = name.removeprefix(f"{TIME}:")
        if plain != score and name != TIME:
            profile[name] = person_means[plain]
    return ModelFit(
        score=score,
        adjustment=adjustment,
        formula=formula(spec, score, adjustment),
        fixed=lmm.fixed,
        random_covariance=lmm.random_covariance,
        residual_variance=lmm.residual_variance,
        log_likelihood=lmm.log_likelihood,
        reml=spec.reml,
        converged=lmm.converged,
        singular=lmm.singular,
        n_persons=cp.n_persons,
        n_observations=cp.n_observations,
        profile=profile,
        score_mean=scaling[0],
        score_sd=scaling[1],
        score_unit=scaling[2],
    )


def _subset_text(spec: AnalysisSpec) -> str:
    return "" if spec.subset is None else f"{spec.subset[0]}: {spec.subset[1]}"


def _rows(spec: AnalysisSpec, model: ModelFit, terms: list[Term]) -> list[_Row]:
    c = each_term(model.fixed, df=spec.df, confidence=spec.confidence)
    role = {t.name: t.role for t in terms}
    status = "singular" if model.singular else "ok"
    head = (model.score, spec.outcome, model.adjustment, _subset_text(spec))
    tail = (model.n_persons, model.n_observations, status if model.converged else "failed")
    numbers = zip(
        c.estimate, c.std_error, c.df, c.statistic, c.p_value, c.conf_low, c.conf_high, strict=True
    )
    return [
        (*head, name, *values, *tail, role[name])
        for name, values in zip(model.fixed.names, numbers, strict=True)
    ]


def _failed(spec: AnalysisSpec, score: str, adjustment: Adjustment, sample: Sample) -> list[_Row]:
    """Rows that keep the place of a cell that could not be fitted."""
    head = (score, spec.outcome, adjustment, _subset_text(spec))
    tail = (len(sample.persons), len(sample.time), "failed")
    kept = [(score, "main"), (f"{TIME}:{score}", "interaction")] if score else [(TIME, "time")]
    return [(*head, term, *[float("nan")] * 7, *tail, role) for term, role in kept]


def _with_families(table: pd.DataFrame, spec: AnalysisSpec) -> pd.DataFrame:
    """Adjusted p values: a family is all scores for one term role of one adjustment."""
    role, model = table["role"].to_numpy(), table["model"].to_numpy()
    p = table["p_value"].to_numpy(float)
    adjusted = {method: np.full(len(p), np.nan) for method in get_args(Correction)}
    for one in ("main", "interaction"):
        for adjustment in spec.adjustments:
            family = (role == one) & (model == adjustment)
            for method, values in adjusted.items():
                values[family] = adjust(p[family], method)
    out = table.assign(**{f"p_{method}": values for method, values in adjusted.items()})
    if spec.multiplicity == "none":
        out["p_adjusted"] = np.where(np.isin(role, ("main", "interaction")), p, np.nan)
    else:
        out["p_adjusted"] = adjusted[spec.multiplicity]
    return out


@cache
def _versions() -> dict[str, str]:
    from pgsicbt import __version__

    found = {"pgsicbt": __version__, "python": platform.python_version()}
    return found | {name: metadata.version(name) for name in _PACKAGES}
