"""One cell of the grid: a score in one adjustment, fitted from the products all scores share."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.robust import Visits
from pgsicbt.models.grid.cell_tests import cell_tests
from pgsicbt.models.grid.checks import rank_finding
from pgsicbt.models.grid.design import Design, Term, formula
from pgsicbt.models.grid.exposures import Exposure, Scaled, exposures, scores_in
from pgsicbt.models.grid.ladder import Rung
from pgsicbt.models.grid.rows import Row, failed_rows, rows
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.result import Array, FixedEffects, ModelFit
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Severity, Study

OWN_ROLES = ("main", "interaction", "interaction_part", "group", "group_change")
"""Roles of the columns of a score itself."""
_LEVEL_ROLES = ("intercept", "covariate", "main", "group", "score", "moderation")
_FLAT = 1e-8
"""Variance of the slope, whitened, that counts as zero; as the engine counts it."""


@dataclass(frozen=True)
class Cell:
    """Rows of the table, the fit unless it failed, and whether the slope's variance is zero."""

    rows: list[Row]
    model: ModelFit | None
    flat: bool = False
    relative: Array | None = None

    @property
    def label(self) -> str:
        return "" if self.model is None else _where(self.model.score, self.model.adjustment)


@dataclass(frozen=True)
class Shared:
    """What the cells of people with the same scores share.

    ``base`` holds the cross-products of one adjustment's columns, at positions ``chosen`` of
    the design.
    """

    study: Study
    spec: AnalysisSpec
    sample: Sample
    design: Design
    base: CrossProducts
    chosen: list[int]
    adjustment: Adjustment
    rung: Rung

    def fit(
        self, model: tuple[str, ...], start: Array | None, warnings: list[Finding]
    ) -> list[Cell]:
        """Fit one model, and tell it for each of its scores (for "" where it has none).

        What a reader must know of it is added to ``warnings``.
        """
        spec, cp = self.spec, self.base
        label = ", ".join(model)
        added: list[Exposure] = []
        scales: dict[str, Scaled] = {}
        if model:
            try:
                added, scales = self._exposures(model, warnings)
            except SpecError as error:
                warnings.append(Finding(error.code, "error", str(error), column=error.column))
                return self._failed(model)
            if not added:
                return self._failed(model)
            for e in added:
                names = tuple(t.name for t in self.design.score_terms(e.name))
                cp = cp.with_score(e.values, names, columns=self.design.scored)
        try:
            lmm = fit_lmm(
                cp, q=self.rung.q, correlated=self.rung.correlated, reml=spec.reml, start=start
            )
        except FitError as error:
            text = f"{_where(label, self.adjustment)}: {error}"
            warnings.append(Finding(error.code, "error", text, column=label))
            return self._failed(model)
        flat = is_flat(lmm, cp)
        self._notes(lmm, label, flat, warnings)
        every = tuple(t for e in added for t in self.design.score_terms(e.name, e.role, e.source))
        own = {e.source for e in added if e.role in OWN_ROLES}
        gone = {t.source for t in every if t.name in lmm.dropped}
        if (own and own <= gone) or self._too_few(lmm, every, label, warnings):
            return self._failed(model)
        tests = cell_tests(spec, cp, lmm, self._visits(added))
        cells = []
        for score in model or ("",):
            scored = tuple(seen_from(score, t) for t in every)
            if score in gone:
                cells += self._failed((score,))
                continue
            fitted = self._model(cp, lmm, tests.fixed, score, added, scales.get(score))
            found = rows(spec, fitted, [self.design.terms[j] for j in self.chosen], scored, tests)
            cells.append(Cell(found, fitted, flat, lmm.relative))
        return cells

    def _exposures(
        self, model: tuple[str, ...], warnings: list[Finding]
    ) -> tuple[list[Exposure], dict[str, Scaled]]:
        """The columns of a model's scores; none where one of them cannot be used."""
        for score in scores_in(self.study, self.spec, model):
            trouble = unusable(score, self.sample.persons[score].to_numpy(float))
            if trouble is not None:
                warnings.append(trouble)
                return [], {}
        added, scales, notes = exposures(self.study, self.spec, self.sample, model)
        warnings += notes
        return added, scales

    def _too_few(
        self, lmm: LmmFit, added: tuple[Term, ...], label: str, warnings: list[Finding]
    ) -> bool:
        """Whether coefficients that compare people leave nothing of the differences between them.

        The likelihood has an optimum all the same, on the boundary, and its p values mean nothing.
        """
        terms = [*(self.design.terms[j] for j in self.chosen), *added]
        level = {t.name for t in terms if t.role in _LEVEL_ROLES}
        columns = len(level.intersection(lmm.fixed.names))
        people = self.base.n_persons
        if people > columns:
            return False
        text = (
            f"{_where(label, self.adjustment)}: {people} people are too few for {columns} "
            "coefficients that compare people; choose fewer covariates or load more people."
        )
        warnings.append(Finding("too_few_people", "error", text, column=label))
        return True

    def _failed(self, model: tuple[str, ...]) -> list[Cell]:
        return [
            Cell(failed_rows(self.spec, score, self.adjustment, self.sample), None)
            for score in model or ("",)
        ]

    def _visits(self, added: list[Exposure]) -> Visits | None:
        """The rows of this cell, where robust errors need them."""
        if self.spec.errors == "model":
            return None
        design, sample = self.design, self.sample
        columns = [design.columns[:, self.chosen]]
        of_time = design.basis[:, list(design.scored)]
        columns += [e.values[sample.code][:, None] * of_time for e in added]
        names = (*self.base.names, *(t.name for e in added for t in design.score_terms(e.name)))
        basis = design.basis[:, : self.rung.q]
        groups = self.spec.cluster
        cluster = pd.factorize(sample.persons[groups])[0].astype(np.intp) if groups else None
        x = np.hstack(columns)
        return Visits(names, x, sample.value, basis, sample.code, cluster=cluster)

    def _notes(self, lmm: LmmFit, label: str, flat: bool, warnings: list[Finding]) -> None:
        where = _where(label, self.adjustment)
        if lmm.dropped:
            severity: Severity = "error" if label in lmm.dropped else "warning"
            warnings.append(rank_finding(where, lmm.dropped, severity))
        if lmm.singular:
            text = (
                f"{where}: the random part is on its boundary ({self._boundary(flat)}); "
                "estimates hold."
            )
            warnings.append(Finding("singular", "warning", text, column=label))
        if not lmm.converged:
            text = f"{where}: the optimum was not reached, so do not use these numbers."
            warnings.append(Finding("not_converged", "error", text, column=label))

    def _boundary(self, flat: bool) -> str:
        if self.rung.q == 1:
            return "people do not differ in their level"
        if self.rung.q == 3:
            return "people do not differ in all of level, slope and second time term"
        if self.rung.correlated:
            return (
                "people do not differ in their slopes, or slope and intercept go together exactly"
            )
        return f"people do not differ in their {'slopes' if flat else 'level'}"

    def _model(
        self,
        cp: CrossProducts,
        lmm: LmmFit,
        fixed: FixedEffects,
        score: str,
        added: list[Exposure],
        scale: Scaled | None,
    ) -> ModelFit:
        terms = [self.design.terms[j] for j in self.chosen]
        first = cp.basis[0, 0]  # visits per person, since the basis starts with 1
        at = {name: j for j, name in enumerate(cp.names)}
        means = {
            t.name: float((cp.cross[0, :, at[t.name]] / first).mean())
            for t in terms
            if t.role in ("intercept", "covariate")
        }
        profile = {}
        for term in (t for t in terms if t.name in fixed.names):
            if term.name in means:
                profile[term.name] = means[term.name]
            elif term.role == "covariate_time":
                profile[term.name] = means[time_part(self.design.time, term.name)[1]]
        for e in added:
            if e.name != score:  # what else the scores bring stands at its mean
                for t in self.design.score_terms(e.name):
                    profile[t.name] = float(e.values.mean())
        return ModelFit(
            score=score,
            adjustment=self.adjustment,
            formula=formula(self.spec, score, self.adjustment, self.rung.part),
            fixed=fixed,
            random_covariance=lmm.random_covariance,
            residual_variance=lmm.residual_variance,
            log_likelihood=lmm.log_likelihood,
            reml=self.spec.reml,
            converged=lmm.converged,
            singular=lmm.singular,
            n_persons=cp.n_persons,
            n_observations=int(cp.n_observations),
            profile=profile,
            score_mean=0.0 if scale is None else scale.mean,
            score_sd=1.0 if scale is None else scale.sd,
            score_unit=1.0 if scale is None else scale.unit,
            time=self.design.time,
            random_used=self.rung.part,
            references=self.design.references,
        )


def seen_from(score: str, term: Term) -> Term:
    """A term as the rows of one score of a model name it: other scores are not its own."""
    if term.source == score or term.role not in OWN_ROLES:
        return term
    return replace(term, role="score" if term.role in ("main", "group") else "score_change")


def _where(score: str, adjustment: str) -> str:
    return f"{score or 'The model'} ({adjustment})"


def unusable(score: str, x: Array) -> Finding | None:
    """Why a score cannot be fitted, or None."""
    if not np.isfinite(x).all():
        text = f"{score} holds values that are not finite numbers, so it was not fitted."
        return Finding("not_finite", "error", text, column=score)
    if not (len(x) > 1 and x.std(ddof=1) > 1e-10 * max(1.0, abs(x.mean()))):
        text = f"{score} is the same for everyone analysed, so it has no effect to estimate."
        return Finding("constant_score", "error", text, column=score)
    return None


def is_flat(lmm: LmmFit, cp: CrossProducts) -> bool:
    """Whether the variance of the slope is zero, as the engine tells zero from more."""
    q = lmm.relative.shape[0]
    if q < 2:
        return False
    size = np.diag(lmm.relative) * np.array([cp.basis[j, j].mean() for j in range(q)])
    return bool(size[1] < _FLAT * max(1.0, float(size.max())))
