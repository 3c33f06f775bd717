"""MMRM as a grid over scores, and cLDA, which is the same with one mean before treatment.

    mmrm    y ~ factor(week) * (score + covariates) + components, a covariance over the weeks
    clda    the same without a difference between people of different scores up to week 0

Every planned week is a level (:mod:`pgsicbt.models.grid.planned_weeks`). In the constrained model
(Liang & Zeger 2000, Sankhya B 62:134; Coffman, Edelman & Woolson 2016, BMJ Open 6:e013096) the
values before treatment stay outcomes, and the difference after treatment is one between people who
began alike, as in ANCOVA, with people in it who lack a value before or after.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.kenward_roger import KenwardRoger
from pgsicbt.models.engine.robust import RobustKind
from pgsicbt.models.families.long_grid import Columns, Fitted, People, fit_long
from pgsicbt.models.families.long_tests import LongTests
from pgsicbt.models.grid.design import INTERCEPT, Design, Term
from pgsicbt.models.grid.planned_weeks import nearest
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_columns, time_part
from pgsicbt.models.mmrm.mmrm import check_together
from pgsicbt.models.mmrm.person_columns import Prepared, panel, prepare
from pgsicbt.models.mmrm.person_robust import RobustVisits
from pgsicbt.models.mmrm.person_search import PersonFit, fit_person_columns
from pgsicbt.models.mmrm.residual_structures import structure_named
from pgsicbt.progress import Progress
from pgsicbt.result import Array, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

_PEOPLE_PER_NUMBER = 10
"""People for each number of an unstructured covariance below which its joint tests are bold."""


def fit_mmrm(study: Study, spec: AnalysisSpec, progress: Progress | None = None) -> Result:
    """Fit one MMRM or cLDA per score and adjustment; see :func:`pgsicbt.models.fit.fit`.

    Time is categorical whatever the spec says, and in cLDA its origin is the start; the result's
    spec says so.

    Raises
    ------
    SpecError
        If the weeks are no plan, or cLDA has no week before or after the start of treatment.
    FitError
        If no model can be fitted.
    """
    spec = spec.replace(
        time_coding="categorical",
        knot=None,
        random="intercept+slope",
        origin="start" if spec.family == "clda" else spec.origin,
    )
    joined: list[int] = []

    def make(study: Study, spec: AnalysisSpec, sample: Sample, design: Design) -> People:
        made = WeekPeople(study, spec, sample, design)
        joined.append(made.joined)
        return made

    result = fit_long(study, spec, make, progress)
    notes = list(result.warnings)
    if max(joined, default=0):
        text = "Several values of a person in one planned week count with their mean."
        notes.append(Finding("values_joined", "info", text))
    if spec.family == "clda":
        text = (
            "Up to the start of treatment everybody has one mean whatever the score, so the "
            "differences later are between people who began alike, and no main effect is shown. A "
            "score that goes with severity before treatment can look as if it went with change: in "
            "simulations one that went with severity alone did in 10 % of tests instead of 5 %."
        )
        notes.append(Finding("one_mean_before", "warning", text))
    if spec.residuals == "unstructured" and spec.errors == "model":
        notes += _few_for_joint(result)
    elif spec.errors == "model":
        text = (
            "The covariance over the weeks is assumed to have a simple form, and the tests rest on "
            "it: in simulations AR(1) called noise a change in 0.2 % instead of 5 %. Robust errors "
            "(CR2) or an unstructured covariance do not rest on it."
        )
        notes.append(Finding("assumed_covariance", "info", text))
    return dataclasses.replace(result, warnings=tuple(notes))


def _few_for_joint(result: Result) -> list[Finding]:
    """What tests of several weeks at once are worth with few people for the covariance."""
    levels = max((len(f.time.levels) for f in result.fits if f.time is not None), default=0)
    free = levels * (levels + 1) // 2
    if result.spec.df == "kenward-roger" or result.n_persons >= _PEOPLE_PER_NUMBER * free:
        return []
    text = (
        f"Tests of all weeks at once rest on a covariance of {free} numbers from "
        f"{result.n_persons:,} people and claim a little too much: with 36 from 300, noise was "
        "called a change in 6.6 % of simulated cohorts instead of 5 %. With "
        "Kenward-Roger it was 5.7 %, with robust errors (CR2) 5.5 %."
    )
    return [Finding("few_for_joint", "info", text)]


class WeekPeople(People):
    """People by planned weeks, with the last fit to start the next from."""

    def __init__(self, study: Study, spec: AnalysisSpec, sample: Sample, design: Design) -> None:
        super().__init__(study, spec, sample, design)
        self.levels = np.array(design.time.levels)
        visit = nearest(sample.time, self.levels)
        self.panel, self.joined = panel(sample.code, visit.astype(np.intp), sample.value,
                                        len(self.levels))  # fmt: skip
        self.times = time_columns(design.time, self.levels)
        self.label = spec.residuals.replace("_", " ").replace("ar1", "AR(1)")
        self._last: PersonFit | None = None
        if spec.family == "clda" and not (self.levels <= 0).any():
            raise SpecError(
                "A constrained model needs a visit before treatment, and the weeks analysed have "
                "none.",
                "Start the window at week 0 or before, or choose MMRM.",
                code="no_baseline",
                column="first_week",
            )
        if spec.family == "clda" and not (self.levels > 0).any():
            raise SpecError(
                "All weeks analysed are before treatment, so there is no change to see.",
                "Use a wider window of weeks.",
                code="no_change",
                column="last_week",
            )
        labels = [f"week {level:g}" for level in self.levels]
        check_together(self.panel.together, len(sample.persons), labels, spec.residuals, self.label)

    def kept(self, term: Term) -> bool:
        """cLDA has the columns of the scores in the weeks after the start only."""
        if self.spec.family != "clda":
            return True
        column, _ = time_part(self.design.time, term.name)
        if column is None:
            return False
        return bool(self.levels[self.times[:, column] == 1.0][0] > 0)

    def told(self) -> str:
        """What the formula says of the covariance."""
        words = f"{self.label} covariance of the residuals over {len(self.levels)} weeks"
        return f"{words}, one mean up to week 0" if self.spec.family == "clda" else words

    def fit(self, columns: Columns) -> Fitted:
        """Fit one model, from the covariance of the last one."""
        spec = self.spec
        of_people = dict.fromkeys(
            time_part(self.design.time, t.name)[1] or INTERCEPT for t in columns.terms
        )
        place = {name: j for j, name in enumerate(of_people)}
        people = len(self.sample.persons)
        if people <= len(place):
            raise FitError(
                f"{people} people are too few for {len(place)} columns that compare people.",
                "Choose fewer covariates or load more people.",
                code="too_few_people",
            )
        m = len(self.levels)
        weeks = np.zeros((m, len(place), len(columns.terms)))
        for j, term in enumerate(columns.terms):
            column, of = time_part(self.design.time, term.name)
            weeks[:, place[of or INTERCEPT], j] = 1.0 if column is None else self.times[:, column]
        persons = np.column_stack([columns.people[name] for name in place])
        data = prepare(self.panel, persons, weeks, spec.reml)
        made = fit_person_columns(
            data,
            structure_named(spec.residuals, m),
            names=columns.names,
            label=self.label,
            start=self._last,
            kenward_roger=spec.df == "kenward-roger",
        )
        self._last = made
        sigma = made.fit.residual_covariance
        details = {"covariance_parameters": float(made.structure.n_parameters)}
        for level, variance in zip(self.levels, np.diag(sigma), strict=True):
            details[f"variance week {level:g}"] = float(variance)
        return Fitted(
            tests=self._tests(made, persons, weeks),
            residual_variance=float(np.diag(sigma).mean()),
            log_likelihood=made.fit.log_likelihood,
            converged=made.fit.converged,
            dropped=made.fit.dropped,
            details=details,
        )

    def _tests(self, made: PersonFit, persons: Array, weeks: Array) -> LongTests:
        spec, fixed = self.spec, made.fit.fixed
        if spec.df == "kenward-roger" and made.fit.adjusted is not None:
            kr = KenwardRoger(
                estimates=fixed.estimates,
                covariance=fixed.covariance,
                adjusted=made.fit.adjusted,
                moves=-fixed.covariance_gradient,
                weights=fixed.variance_covariance,
            )
            return LongTests(spec, dataclasses.replace(fixed, adjusted=kr.adjusted), kr)
        if spec.errors == "model":
            return LongTests(spec, fixed)
        robust = _robust(spec, made, persons, weeks[:, :, made.prepared.kept])
        fixed = dataclasses.replace(
            fixed, adjusted=robust.meat(), robust_df=np.full(len(fixed.names), np.inf)
        )
        return LongTests(spec, fixed, robust=robust)


def _robust(spec: AnalysisSpec, made: PersonFit, persons: Array, weeks: Array) -> RobustVisits:
    """The rows of a fit, for robust errors."""
    data: Prepared = made.prepared
    who, visit = np.nonzero(data.panel.seen)
    sigma = made.fit.residual_covariance
    x = persons[data.panel.order][who]
    design = np.einsum("nc,ncp->np", x, weeks[visit], optimize=True)
    value = data.panel.value[who, visit]

    def working(rows: NDArray[np.intp]) -> Array:
        at = visit[rows]
        return np.asarray(sigma[at[:, :, None], at[:, None, :]])

    fixed = made.fit.fixed
    kind: RobustKind = "CR0" if spec.errors == "CR0" else "CR2"
    return RobustVisits(
        design, value - design @ fixed.estimates, who, working, fixed.covariance,
        fixed.estimates, kind,
    )  # fmt: skip
