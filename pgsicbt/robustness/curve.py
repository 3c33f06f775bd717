"""Specification curve: the effect of every score in every analysis that could be defended.

Simonsohn, Simmons & Nelson (2020, Nature Human Behaviour 4:1208). Each specification has its own
model without a score, fitted by the engine; the effects of the scores follow from it in one pass
(:mod:`pgsicbt.robustness.curve_pass`), which costs so little that the curve can also be drawn for
scores that were dealt out anew among people, the same way in every specification. How near the pass
is to the exact fit stands in docs/robustness.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.errors import FitError, PgsIcbtError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products, for_random_part
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.checks import refuse_hopeless
from pgsicbt.models.grid.design import Design, build_design
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_basis, time_columns
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.robustness.curve_choices import Choices, curve_choices
from pgsicbt.robustness.curve_pass import curve_pass
from pgsicbt.robustness.curve_summary import band, summary
from pgsicbt.robustness.dealt import dealt_scores
from pgsicbt.robustness.people import only
from pgsicbt.robustness.variants import ROLES, Span
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Study


@dataclass(frozen=True)
class Curve:
    """Every specification and what each score does in it.

    Parameters
    ----------
    spec
        The analysis that the curve is around.
    choices
        The specifications, and what was chosen in each.
    table
        One row per specification (``spec``, a number), ``score`` and ``role`` (main: points at
        the start of treatment; interaction: points of change over ``span``), per standard
        deviation of the score: ``estimate``, ``std_error``, ``p_value``, ``conf_low``,
        ``conf_high``, ``n_persons``, ``n_observations``.
    summary
        One row per score and role: ``specs``, ``median``, ``low`` and ``high`` (smallest and
        largest estimate), ``share_significant`` (p below .05 with the sign of the median),
        ``share_sign`` (with that sign), and against dealt scores ``dealt_median`` (95th
        percentile of the size of the median), ``dealt_share`` (95th percentile of the share),
        ``p_median`` and ``p_share``; these are missing without permutations.
    band
        One row per score, role and ``rank`` (0 the smallest effect): ``low`` and ``high``, between
        which 90 % of the sorted curves of dealt scores lie there; empty without permutations.
    span
        First and last week over which change is told, the same in all.
    permutations
        How often the scores were dealt out anew.
    failed
        Choices that cannot be made in this cohort and specifications that could not be fitted,
        and why.
    """

    spec: AnalysisSpec
    choices: Choices
    table: pd.DataFrame
    summary: pd.DataFrame
    band: pd.DataFrame
    span: Span
    permutations: int
    n_persons: int
    failed: tuple[Finding, ...] = ()

    @property
    def n_specs(self) -> int:
        return len(self.choices.specs)


def specification_curve(
    study: Study,
    spec: AnalysisSpec,
    *,
    specs: int = 500,
    permutations: int = 100,
    adjustment: Adjustment | None = None,
    progress: Progress | None = None,
) -> Curve:
    """The effects of all scores of ``spec`` in ``specs`` specifications.

    The same people stand in all of them, but for those that a rule on outliers or weeks leaves out:
    those with every covariate of any specification, and every score. P values are from Student's t
    with the number of people less the columns as degrees of freedom.

    Parameters
    ----------
    permutations
        How often the scores are dealt out anew; 0 for no reference.
    adjustment
        Which of the spec's models is the analysis itself; adjusted if it has it.
    progress
        Called with the specifications done and those there are.

    Raises
    ------
    SpecError
        If the analysis has no score or cannot be varied.
    FitError
        If no specification can be fitted.
    """
    if not spec.scores:
        raise SpecError("A specification curve needs at least one score.", "Choose a score.")
    scores = tuple(study.score(s).name for s in spec.scores)
    choices = curve_choices(study, spec, specs, adjustment=adjustment)
    study, people = complete_people(study, choices.people, scores)
    found: list[_Effects] = []
    failed = [Finding("choice_left_out", "warning", text) for text in choices.left_out]
    order = sorted(range(len(choices.specs)), key=lambda i: _shared(choices.specs[i]))
    with one_thread():
        dealt = dealt_scores(study, choices.people, people, scores, permutations, spec.seed)
        runner = _Runner(study, choices.people, scores, dealt)
        for done, i in enumerate(order):
            try:
                found.append(runner.one(i, choices.specs[i]))
            except PgsIcbtError as problem:
                text = f"Specification {i + 1}: {problem.sentence}"
                failed.append(Finding("spec_failed", "warning", text))
            if progress is not None:
                progress(done + 1, len(order))
    if not found:
        raise FitError("No specification could be fitted.", "Look at the analysis itself first.")
    table = pd.concat([e.rows for e in found], ignore_index=True)
    table = table.sort_values(["spec", "score", "role"], kind="stable").reset_index(drop=True)
    dealt_effects = np.stack([e.dealt_estimate for e in found])
    dealt_p = np.stack([e.dealt_p for e in found])
    return Curve(
        spec,
        choices,
        table,
        summary(table, scores, dealt_effects, dealt_p),
        band(scores, dealt_effects),
        runner.span,
        permutations,
        len(people),
        tuple(failed),
    )


def _shared(spec: AnalysisSpec) -> tuple[str, ...]:
    """What must be the same for specifications to share their pass over the visits."""
    window = f"{spec.first_week} {spec.last_week}"
    scaling = (spec.score_scale, *spec.components)
    model = (spec.random, *spec.adjustments)
    return window, spec.time_coding, spec.outliers, str(spec.knot), *scaling, *model


def complete_people(
    study: Study, people: AnalysisSpec, scores: tuple[str, ...]
) -> tuple[Study, pd.DataFrame]:
    """The study of those for whom every covariate and score is known."""
    known = analysis_sample(study, people.replace(outliers="none")).persons
    known = known[known[list(scores)].notna().all(axis=1)]
    if not len(known):
        raise FitError(
            "Nobody has all the scores and covariates of the curve.", "Choose fewer.",
            code="nobody_left",
        )  # fmt: skip
    return only(study, known.index, "with all of a curve"), known


@dataclass(frozen=True)
class _Effects:
    """One specification: rows of the table; estimates and p values (K, R) of dealt scores."""

    rows: pd.DataFrame
    dealt_estimate: Array
    dealt_p: Array


class _Runner:
    """Fits specifications one after the other and keeps what the next one can share."""

    def __init__(
        self, study: Study, people: AnalysisSpec, scores: tuple[str, ...], dealt: Array
    ) -> None:
        self._study, self._people, self._scores, self._dealt = study, people, scores, dealt
        self._key: tuple[str, ...] = ()
        self._scaling: tuple[str, ...] = ()
        self._others: Array = dealt
        self._start: Array | None = None
        widest = analysis_sample(study, people.replace(outliers="none"))
        self.span = _change_weeks(people, widest)

    def one(self, number: int, spec: AnalysisSpec) -> _Effects:
        """Fit one specification."""
        self._prepare(spec)
        design, products = self._design, self._products
        here = rung(spec.random)
        part = for_random_part(products, here.q).select(_columns(design, spec))
        fitted = fit_lmm(
            part, q=here.q, correlated=here.correlated, reml=spec.reml,
            start=self._start if self._start is not None and len(self._start) == here.q else None,
        )  # fmt: skip
        self._start = fitted.relative
        passed = curve_pass(part, fitted, design.scored, here.q, reml=spec.reml)
        ends = time_columns(design.time, np.array(self.span))
        contrast = np.zeros((2, len(design.scored)))
        contrast[0, 0] = 1.0
        contrast[1, 1:] = ends[1] - ends[0]
        sample = self._sample
        df = max(len(sample.persons) - len(part.names) - len(design.scored), 1)
        real = self._standardised(spec, sample.persons[list(self._scores)].to_numpy(float))
        estimate, error = _contrasted(passed.effects(real), contrast)
        p = 2 * stats.t.sf(np.abs(estimate / error), df)
        wide = float(stats.t.isf((1 - spec.confidence) / 2, df))
        rows = pd.DataFrame(
            {
                "spec": number,
                "score": np.repeat(self._scores, 2),
                "role": list(ROLES) * len(self._scores),
                "estimate": estimate.T.ravel(),
                "std_error": error.T.ravel(),
                "p_value": p.T.ravel(),
                "conf_low": (estimate - wide * error).T.ravel(),
                "conf_high": (estimate + wide * error).T.ravel(),
                "n_persons": len(sample.persons),
                "n_observations": len(sample.time),
            }
        )
        if not self._dealt.shape[1]:
            return _Effects(rows, np.empty((2, 0)), np.empty((2, 0)))
        at = self._study.persons.index.get_indexer(sample.persons.index)
        scaling = (*self._key, spec.score_scale, *spec.components)
        if scaling != self._scaling:
            self._scaling, self._others = scaling, self._standardised(spec, self._dealt[at])
        dealt, errors = _contrasted(passed.effects(self._others), contrast)
        return _Effects(rows, dealt, 2 * stats.t.sf(np.abs(dealt / errors), df))

    def _prepare(self, spec: AnalysisSpec) -> None:
        """Sample, design and cross-products, shared by neighbours in the order of the run."""
        key = _shared(spec)[:4]
        if key == self._key:
            return
        wide = self._people.replace(
            first_week=spec.first_week,
            last_week=spec.last_week,
            time_coding=spec.time_coding,
            knot=spec.knot,
            outliers=spec.outliers,
            scores=self._scores,
            adjustments=("complete",),
            covariate_time=True,
            random="intercept+slope",
        )
        sample = analysis_sample(self._study, wide)
        refuse_hopeless(sample)
        self._sample: Sample = sample
        self._design: Design = build_design(self._study, wide, sample)
        self._products: CrossProducts = cross_products(
            self._design.names, self._design.columns, sample.value, self._design.basis, sample.code
        )
        self._key, self._start = key, None

    def _standardised(self, spec: AnalysisSpec, x: Array) -> Array:
        """Scores (N, K) in standard deviations, freed of components where the spec says so."""
        if spec.score_scale != "residual":
            return np.asarray((x - x.mean(axis=0)) / x.std(axis=0, ddof=1))
        persons = self._sample.persons
        parts = np.column_stack([np.ones(len(x)), persons[list(spec.components)].to_numpy(float)])
        basis = np.linalg.qr(parts)[0]
        rest = x - basis @ (basis.T @ x)
        spread = np.sqrt((rest**2).sum(axis=0) / max(len(x) - parts.shape[1], 1))
        return np.asarray(rest / spread)


def _change_weeks(spec: AnalysisSpec, sample: Sample) -> Span:
    """Weeks that the analysis itself tells change between; those of a line where it has none."""
    try:
        return time_basis(spec, sample.time, sample.code)[0].change_weeks
    except SpecError:  # the people of the curve are fewer, perhaps too few in a planned week
        line = spec.replace(time_coding="linear", knot=None, random="intercept+slope")
        return time_basis(line, sample.time, sample.code)[0].change_weeks


def _columns(design: Design, spec: AnalysisSpec) -> list[int]:
    """Columns of the widest design that a specification has."""
    full = spec.adjustments[0] == "complete" and spec.covariate_time
    out: list[int] = []
    for j, term in enumerate(design.terms):
        if term.role in ("intercept", "time"):
            out.append(j)
        elif term.source in spec.covariates:
            if term.role == "covariate" or spec.covariate_time:
                out.append(j)
        elif term.source in spec.components and (term.role == "covariate" or full):
            out.append(j)
    return out


def _contrasted(effects: tuple[Array, Array], contrast: Array) -> tuple[Array, Array]:
    """Estimates (2, K) and standard errors (2, K) of main effect and change."""
    estimate, covariance = effects
    variance = np.einsum("ca,abk,cb->ck", contrast, covariance, contrast)
    return contrast @ estimate, np.sqrt(np.maximum(variance, 0.0))
