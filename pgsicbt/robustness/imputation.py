"""Missed visits filled in several times from a mixed model, and the analysis of all of them.

What is filled in is drawn, not predicted: parameters, each person's course and the noise of every
visit are drawn anew for each completed data set (:mod:`.missing_draws`), visits missed between
others and those after somebody left alike. The analysis of the spec, of whatever family, is then
done on every completed set and joined by Rubin's rules (:mod:`.rubin`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from pgsicbt.derived import tagged
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import unplanned
from pgsicbt.models.grid.sample import Sample
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.robustness.missing_draws import draws
from pgsicbt.robustness.missing_model import filling_model, proposed_auxiliaries
from pgsicbt.robustness.missing_visits import Missed, missed_visits, planned_sample
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

Which = Literal["all", "between", "after leaving"]
BURN_IN, THIN = 100, 10
_FAMILIES = ("lmm", "mmrm", "clda", "gee", "ancova", "change", "tobit")
_MANY = 0.5
_VISITS_PER_COLUMN = 10


@dataclass(frozen=True)
class Imputations:
    """The visits of an analysis with what was missed filled in, m times over.

    Individual data: it lives in memory, and no value of it is ever shown.

    Attributes
    ----------
    study, spec
        Where it comes from, and the analysis it is for.
    sample
        People and visits analysed, as observed.
    missed
        The missed visits that are filled in.
    values
        (m, d) what was filled in, on the outcome's scale; neither rounded nor cut off.
    auxiliaries
        Covariates beside those of the spec that helped.
    findings
        What a reader must know.
    seed
        Of the random numbers.
    trace
        (m, q + 1) variances between people and of the noise, of every draw.
    """

    study: Study
    spec: AnalysisSpec
    sample: Sample
    missed: Missed
    values: Array
    auxiliaries: tuple[str, ...]
    findings: tuple[Finding, ...]
    seed: int
    trace: Array

    @property
    def count(self) -> int:
        """How many completed data sets there are."""
        return len(self.values)

    @property
    def plain_spec(self) -> AnalysisSpec:
        """The spec for completed data, from which outliers have been left out before."""
        return self.spec.replace(outliers="none")

    @property
    def share_missing(self) -> float:
        """Filled-in visits, of all visits of a completed data set."""
        filled = len(self.missed.code)
        return filled / (filled + len(self.sample.value))

    def completed(self, number: int, shift: Array | None = None, what: str = "") -> Study:
        """One completed study.

        Parameters
        ----------
        number
            Which, from 0.
        shift
            (d,) added to what was filled in; ``what`` says how, for the digest.
        """
        values = self.values[number] if shift is None else self.values[number] + shift
        index = self.study.persons.index
        place = index.get_indexer(self.sample.persons.index)
        codes = place[np.append(self.sample.code, self.missed.code)]
        outcome = pd.Categorical([self.spec.outcome] * len(codes))
        visits = pd.DataFrame(
            {
                "person": pd.Categorical.from_codes(codes, categories=index),
                "outcome": outcome,
                "time": np.append(self.sample.time, self.missed.week),
                "value": np.append(self.sample.value, values),
            }
        )
        outcomes = self.study.outcomes
        if self.spec.outcome not in self.study.outcome_names:  # one on another scale
            outcomes = (*outcomes, self.study.outcome(self.spec.outcome))
        return replace(
            self.study,
            visits=visits,
            outcomes=outcomes,
            digest=tagged(self.study, f"filled in {number} {self.seed} {what}"),
        )


def impute(
    study: Study,
    spec: AnalysisSpec,
    count: int = 20,
    *,
    auxiliaries: Sequence[str] | None = None,
    which: Which = "all",
    seed: int | None = None,
    burn_in: int = BURN_IN,
    thin: int = THIN,
    progress: Progress | None = None,
) -> Imputations:
    """Fill in the missed visits of an analysis.

    Parameters
    ----------
    count
        Completed data sets m; 20 make intervals that are stable with up to half of the visits
        missing (White, Royston & Wood 2011, Stat Med 30:377).
    auxiliaries
        Covariates beside those of the spec that help to fill in; proposed ones if None.
    which
        All missed visits, those between others only, or those after somebody left only; the
        others stay missing.
    seed
        Of the random numbers; that of the spec if None.
    burn_in, thin
        Rounds of the sampler before the first data set, and between them.
    progress
        Called with rounds done and rounds there are.

    Raises
    ------
    SpecError
        If the family has no visits to fill in, or fewer than two data sets are asked for.
    FitError
        If no visit was missed, visits follow no plan, or the mixed model cannot be fitted.

    Notes
    -----
    Visits in weeks that nobody planned (:func:`.missing_visits.planned_sample`) are no part of what
    is filled in from nor of the completed data; a finding names them.
    """
    if spec.family not in _FAMILIES:
        raise SpecError(
            f"Missed visits cannot be filled in for models of the kind {spec.family!r}.",
            "Choose a model of the symptom score itself, such as the mixed model.",
            column="family",
        )
    if count < 2:
        raise SpecError(
            "One completed data set cannot say how uncertain it is.", "Ask for two or more."
        )
    seed = spec.seed if seed is None else seed
    spec = spec.replace(outcome=study.outcome(spec.outcome).name)
    sample = planned_sample(analysis_sample(study, spec))
    missed = _chosen(missed_visits(sample), which)
    if auxiliaries is None:
        auxiliaries = proposed_auxiliaries(study, spec)
    model = filling_model(study, spec, sample, missed.levels, auxiliaries)
    rng = np.random.default_rng(seed)
    with one_thread():
        products = cross_products(
            model.fixed_names,
            model.fixed(sample.code, sample.time),
            sample.value,
            model.random(sample.time),
            sample.code,
        )
        fit = fit_lmm(products, q=model.q)
        keep = [products.names.index(name) for name in fit.fixed.names]
        made = draws(
            products.select(keep), fit, count, rng, burn_in=burn_in, thin=thin, progress=progress
        )
        x, z = model.fixed(missed.code, missed.week)[:, keep], model.random(missed.week)
        values = np.empty((count, len(missed.code)))
        for j, d in enumerate(made):
            values[j] = x @ d.fixed + np.einsum("di,di->d", z, d.random[missed.code])
            values[j] += np.sqrt(d.residual) * rng.standard_normal(len(missed.code))
    trace = np.array([[*np.diag(d.covariance), d.residual] for d in made])
    names = tuple(study.covariate(name).name for name in auxiliaries)
    found = Imputations(study, spec, sample, missed, values, names, (), seed, trace)
    return replace(found, findings=_findings(found, len(keep)))


def _chosen(missed: Missed, which: Which) -> Missed:
    wanted = np.ones(len(missed.code), dtype=bool)
    if which != "all":
        wanted = missed.left if which == "after leaving" else ~missed.left
    if not wanted.any():
        raise FitError(
            "Nobody missed a planned visit of this kind, so there is nothing to fill in.",
            "The analysis as it is uses everything.",
            code="nothing_missing",
        )
    return replace(
        missed,
        code=missed.code[wanted],
        week=missed.week[wanted],
        left=missed.left[wanted],
        gone=missed.gone[wanted],
    )


def _findings(found: Imputations, columns: int) -> tuple[Finding, ...]:
    out = [*unplanned(found.sample)]
    if len(found.sample.value) < _VISITS_PER_COLUMN * columns:
        text = (
            f"The model that fills in has {columns} coefficients for "
            f"{len(found.sample.value):,} visits, so what is filled in is very uncertain. Fill in "
            "for fewer scores or covariates at a time."
        )
        out.append(Finding("many_columns", "warning", text))
    if found.share_missing > _MANY:
        text = (
            "More than half of the visits are filled in, so the result rests on the model more "
            "than on what was seen."
        )
        out.append(Finding("mostly_filled_in", "warning", text))
    unknown = [s for s in found.spec.scores if found.sample.persons[s].isna().any()]
    if unknown:
        text = (
            f"{', '.join(unknown)}: where the score is missing its mean stood in for it while "
            "other people's visits were filled in; nobody is analysed with a score filled in."
        )
        out.append(Finding("score_missing", "info", text))
    return tuple(out)
