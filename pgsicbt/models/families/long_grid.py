"""MMRM, cLDA and GEE as grids over scores: what the three have in common.

People, columns and rows of the table are those of the linear mixed model
(:mod:`pgsicbt.models.grid`); a family says how one model is fitted and tested.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import PgsIcbtError, SpecError
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.families.long_tests import LongTests, slim
from pgsicbt.models.grid.assembled import assembled, refuse_without_models
from pgsicbt.models.grid.cells import OWN_ROLES, seen_from, unusable
from pgsicbt.models.grid.checks import (
    check_covariates,
    check_entangled,
    check_scores,
    check_times,
    rank_finding,
    refuse_hopeless,
)
from pgsicbt.models.grid.corrections import without_shuffles
from pgsicbt.models.grid.design import Design, Term, build_design, formula
from pgsicbt.models.grid.exposures import Exposure, Scaled, exposures, scores_in
from pgsicbt.models.grid.grid import by_missing, distinct, named
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import unplanned
from pgsicbt.models.grid.rows import Row, failed_rows, rows
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_basis, time_part
from pgsicbt.progress import Progress
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Study


@dataclass(frozen=True)
class Columns:
    """The columns of one model: ``terms`` in their order, each weeks x a column of people.

    ``people`` holds the columns of people (N,) by name.
    """

    terms: tuple[Term, ...]
    scored: tuple[Term, ...]
    people: dict[str, Array]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(t.name for t in self.terms)


@dataclass(frozen=True)
class Fitted:
    """What a family found in one model, before it is told per score."""

    tests: LongTests
    residual_variance: float
    log_likelihood: float
    converged: bool
    dropped: tuple[str, ...]
    details: dict[str, float]


class People:
    """People that the scores of some models are known for; a family adds how they are fitted."""

    def __init__(self, study: Study, spec: AnalysisSpec, sample: Sample, design: Design) -> None:
        self.study, self.spec, self.sample, self.design = study, spec, sample, design
        first = np.unique(sample.code, return_index=True)[1]
        self._own = {
            t.name: design.columns[first, j]
            for j, t in enumerate(design.terms)
            if t.role in ("intercept", "covariate")
        }

    def kept(self, term: Term) -> bool:
        """Whether a column of a score is in the models of this family."""
        return bool(term.name)

    def fit(self, columns: Columns) -> Fitted:
        """Fit one model.

        Raises
        ------
        FitError
            If it cannot be fitted.
        """
        raise NotImplementedError

    def told(self) -> str:
        """What the formula says of the covariance."""
        raise NotImplementedError

    def columns(self, adjustment: Adjustment, added: list[Exposure]) -> Columns:
        """The columns of one adjustment with those that the scores bring."""
        base = [self.design.terms[j] for j in self.design.uses[adjustment]]
        scored = [
            t
            for e in added
            for t in self.design.score_terms(e.name, e.role, e.source)
            if self.kept(t)
        ]
        people = {**self._own, **{e.name: e.values for e in added}}
        return Columns((*base, *scored), tuple(scored), people)


Make = Callable[[Study, AnalysisSpec, Sample, Design], People]


def fit_long(
    study: Study, spec: AnalysisSpec, make: Make, progress: Progress | None = None
) -> Result:
    """Fit one model per score and adjustment.

    Parameters
    ----------
    make
        The family's :class:`People` from those that some scores are known for.

    Raises
    ------
    SpecError
        If the spec names what the study does not have, or codes time as its weeks forbid.
    FitError
        If no model can be fitted.
    """
    spec = named(study, spec)
    sample = analysis_sample(study, spec)
    refuse_hopeless(sample)
    time, notes = time_basis(spec, sample.time, sample.code)
    notes += unplanned(sample)
    notes += check_times(sample) + check_scores(sample, spec.scores)
    notes += check_covariates(study, spec, sample) + check_entangled(study, spec, sample)
    ledger = sample.ledger
    groups: list[tuple[tuple[tuple[str, ...], ...], Sample, NDArray[np.bool_]]] = []
    for models, known in by_missing(study, spec, sample):
        label = ", ".join(dict.fromkeys(s for m in models for s in scores_in(study, spec, m)))
        part = sample.keep(known, f"{label} known", f"{label} is missing") if label else sample
        ledger = (*ledger, *part.ledger[len(sample.ledger) :])
        groups.append((models, part, known))
    table: list[Row] = []
    fits: list[ModelFit] = []
    done, size = 0, sum(len(m) for m, _, _ in groups) * len(spec.adjustments)
    with one_thread():
        for models, part, _ in groups:
            if not len(part.persons):
                scores = ", ".join(dict.fromkeys(s for m in models for s in m))
                text = f"Nobody analysed has a value of {scores}."
                notes.append(Finding("nobody_left", "error", text))
                table += [
                    row
                    for a in spec.adjustments
                    for m in models
                    for s in m
                    for row in failed_rows(spec, s, a, part)
                ]
                continue
            design = build_design(study, spec, part, time)
            for name in design.constant:
                text = f"{name} is the same for everyone analysed, so it is left out of the models."
                notes.append(Finding("constant_covariate", "warning", text, column=name))
            people = make(study, spec, part, design)
            adjustments = distinct(spec, design, notes)
            size -= (len(spec.adjustments) - len(adjustments)) * len(models)
            for adjustment in adjustments:
                for model in models:
                    for found, fitted in _cell(people, model, adjustment, notes):
                        table += found
                        fits += [] if fitted is None else [fitted]
                    done += 1
                    if progress is not None:
                        progress(done, size)
    refuse_without_models(fits, notes)
    several = without_shuffles(spec, sample.persons)
    return assembled(study, spec, table, fits, ledger, notes, several)


def _cell(
    people: People, model: tuple[str, ...], adjustment: Adjustment, notes: list[Finding]
) -> list[tuple[list[Row], ModelFit | None]]:
    """One model, told for each of its scores; a failure keeps its place."""
    study, spec, sample = people.study, people.spec, people.sample
    label = ", ".join(model)
    where = f"{label or 'The model'} ({adjustment})"
    added: list[Exposure] = []
    scales: dict[str, Scaled] = {}
    trouble = [
        unusable(s, sample.persons[s].to_numpy(float)) for s in scores_in(study, spec, model)
    ]
    try:
        for found in trouble:
            if found is not None:
                raise SpecError(found.message, code=found.code, column=found.column)
        if model:
            added, scales, more = exposures(study, spec, sample, model)
            notes += more
        columns = people.columns(adjustment, added)
        fitted = people.fit(columns)
    except PgsIcbtError as problem:
        notes.append(Finding(problem.code, "error", f"{where}: {problem}", column=label))
        return [(failed_rows(spec, s, adjustment, sample), None) for s in model or ("",)]
    if fitted.dropped:
        notes.append(rank_finding(where, fitted.dropped))
    if not fitted.converged:
        text = f"{where}: the optimum was not reached, so do not use these numbers."
        notes.append(Finding("not_converged", "error", text, column=label))
    gone = {t.source for t in columns.scored if t.name in fitted.dropped}
    out: list[tuple[list[Row], ModelFit | None]] = []
    for score in model or ("",):
        if score in gone:
            out.append((failed_rows(spec, score, adjustment, sample), None))
            continue
        told = _told(people, fitted, columns, score, adjustment, scales.get(score))
        scored = tuple(seen_from(score, t) for t in columns.scored)
        base = columns.terms[: len(columns.terms) - len(columns.scored)]
        found_rows = rows(spec, told, base, scored, fitted.tests)
        small = slim(told.fixed, fitted.tests.each())
        out.append((found_rows, dataclasses.replace(told, fixed=small)))
    return out


def _told(
    people: People,
    fitted: Fitted,
    columns: Columns,
    score: str,
    adjustment: Adjustment,
    scale: Scaled | None,
) -> ModelFit:
    spec, sample, time = people.spec, people.sample, people.design.time
    fixed = fitted.tests.fixed
    profile = {}
    for term in columns.terms:
        _, of = time_part(time, term.name)
        if term.role not in ("intercept", "time", *OWN_ROLES) or (of and of != score):
            profile[term.name] = float(columns.people[of].mean()) if of else 1.0
    bars = formula(spec, score, adjustment).rsplit(" + (", 1)[0]
    return ModelFit(
        score=score,
        adjustment=adjustment,
        formula=f"{bars}; {people.told()}",
        fixed=fixed,
        random_covariance=np.zeros((0, 0)),
        residual_variance=fitted.residual_variance,
        log_likelihood=fitted.log_likelihood,
        reml=spec.reml,
        converged=fitted.converged,
        singular=False,
        n_persons=len(sample.persons),
        n_observations=fixed.n_observations,
        profile={k: v for k, v in profile.items() if k in fixed.names},
        score_mean=0.0 if scale is None else scale.mean,
        score_sd=1.0 if scale is None else scale.sd,
        score_unit=1.0 if scale is None else scale.unit,
        time=time,
        family=spec.family,
        details=fitted.details,
        references=people.design.references,
    )
