"""One cell of the grid: a score in one adjustment, fitted from the products all scores share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.errors import FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.robust import Visits
from pgsicbt.models.grid.cell_tests import cell_tests
from pgsicbt.models.grid.design import Design, Term, formula
from pgsicbt.models.grid.ladder import Rung
from pgsicbt.models.grid.rows import Row, failed_rows, rows
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.result import Array, FixedEffects, ModelFit
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Finding, Severity

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

    spec: AnalysisSpec
    sample: Sample
    design: Design
    base: CrossProducts
    chosen: list[int]
    adjustment: Adjustment
    rung: Rung

    def fit(self, score: str, start: Array | None, warnings: list[Finding]) -> Cell:
        """Fit one score; what a reader must know of it is added to ``warnings``."""
        spec, cp = self.spec, self.base
        mean, sd, unit = 0.0, 1.0, 1.0
        added: tuple[Term, ...] = ()
        x: Array | None = None
        if score:
            x = self.sample.persons[score].to_numpy(float)
            trouble = _unusable(score, x)
            if trouble is not None:
                warnings.append(trouble)
                return self._failed(score)
            mean, sd = float(x.mean()), float(x.std(ddof=1))
            if spec.score_scale == "z":
                x = (x - mean) / sd
            else:
                unit = sd
            added = self.design.score_terms(score)
            names = tuple(t.name for t in added)
            cp = cp.with_score(x, names, columns=self.design.scored)
        try:
            lmm = fit_lmm(
                cp, q=self.rung.q, correlated=self.rung.correlated, reml=spec.reml, start=start
            )
        except FitError as error:
            text = f"{_where(score, self.adjustment)}: {error}"
            warnings.append(Finding(error.code, "error", text, column=score))
            return self._failed(score)
        flat = is_flat(lmm, cp)
        self._notes(lmm, score, flat, warnings)
        if any(t.name in lmm.dropped for t in added) or self._too_few(lmm, added, score, warnings):
            return self._failed(score)
        tests = cell_tests(spec, cp, lmm, self._visits(x, added))
        terms = [self.design.terms[j] for j in self.chosen]
        model = self._model(cp, lmm, tests.fixed, score, terms, (mean, sd, unit))
        return Cell(rows(spec, model, terms, added, tests), model, flat, lmm.relative)

    def _too_few(
        self, lmm: LmmFit, added: tuple[Term, ...], score: str, warnings: list[Finding]
    ) -> bool:
        """Whether coefficients that compare people leave nothing of the differences between them.

        The likelihood has an optimum all the same, on the boundary, and its p values mean nothing.
        """
        terms = [*(self.design.terms[j] for j in self.chosen), *added]
        level = {t.name for t in terms if t.role in ("intercept", "covariate", "main")}
        columns = len(level.intersection(lmm.fixed.names))
        people = self.base.n_persons
        if people > columns:
            return False
        text = (
            f"{_where(score, self.adjustment)}: {people} people are too few for {columns} "
            "coefficients that compare people; choose fewer covariates or load more people."
        )
        warnings.append(Finding("too_few_people", "error", text, column=score))
        return True

    def _failed(self, score: str) -> Cell:
        return Cell(failed_rows(self.spec, score, self.adjustment, self.sample), None)

    def _visits(self, x: Array | None, added: tuple[Term, ...]) -> Visits | None:
        """The rows of this cell, where robust errors need them."""
        if self.spec.errors == "model":
            return None
        design, sample = self.design, self.sample
        columns = [design.columns[:, self.chosen]]
        if x is not None:
            columns.append(x[sample.code][:, None] * design.basis[:, list(design.scored)])
        names = (*self.base.names, *(t.name for t in added))
        basis = design.basis[:, : self.rung.q]
        return Visits(names, np.hstack(columns), sample.value, basis, sample.code)

    def _notes(self, lmm: LmmFit, score: str, flat: bool, warnings: list[Finding]) -> None:
        where = _where(score, self.adjustment)
        if lmm.dropped:
            text = (
                f"{where}: {', '.join(lmm.dropped)} is determined by the other columns "
                "and was left out."
            )
            severity: Severity = "error" if score in lmm.dropped else "warning"
            warnings.append(Finding("rank_deficient", severity, text, column=lmm.dropped[0]))
        if lmm.singular:
            text = (
                f"{where}: the random part is on its boundary ({self._boundary(flat)}); "
                "estimates hold."
            )
            warnings.append(Finding("singular", "warning", text, column=score))
        if not lmm.converged:
            text = f"{where}: the optimum was not reached, so do not use these numbers."
            warnings.append(Finding("not_converged", "error", text, column=score))

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
        terms: list[Term],
        scaling: tuple[float, float, float],
    ) -> ModelFit:
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
            score_mean=scaling[0],
            score_sd=scaling[1],
            score_unit=scaling[2],
            time=self.design.time,
            random_used=self.rung.part,
        )


def _where(score: str, adjustment: str) -> str:
    return f"{score or 'The model'} ({adjustment})"


def _unusable(score: str, x: Array) -> Finding | None:
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
