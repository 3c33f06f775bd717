"""Leaving out outliers by a rule that is named before anybody looks.

None of the rules looks at what a score has to do with the outcome: visits and courses are judged by
the model without a score, in the widest adjustment of the spec, and scores by themselves.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from pgsicbt.derived import OUTLYING, outlying_ancestry
from pgsicbt.errors import FitError
from pgsicbt.models.diagnostics.residuals import Residuals, residuals
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.design import build_design
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.sample import Sample
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

BEYOND = 3.0
"""Standard deviations beyond which a visit, a course or a score counts as outlying."""


def without_outliers(study: Study, spec: AnalysisSpec, sample: Sample) -> Sample:
    """The sample without what the spec's rule calls outlying, with a ledger step.

    - ``residual``: visits whose residual, given the person's own level and slope, is beyond
      :data:`BEYOND` of its standard deviations;
    - ``person``: people whose level and slope together are as far from the others' as
      :data:`BEYOND` standard deviations are in one dimension (chi-square of the Mahalanobis
      distance of the predicted random effects);
    - ``score``: people beyond :data:`BEYOND` SD of any score analysed;
    - ``ancestry``: people far from most on a principal component
      (:func:`pgsicbt.derived.outlying_ancestry`).

    Raises
    ------
    FitError
        If nobody is left, the model without a score cannot be fitted, or there is no component.
    """
    if spec.outliers == "none":
        return sample
    if spec.outliers == "ancestry":
        found = _by_ancestry(study, sample)
    elif spec.outliers == "score":
        found = _by_score(sample, spec)
    else:
        found = _by_model(study, spec, sample)
    if not len(found.persons):
        raise FitError(
            "Nobody is left once outliers are left out.", "Choose another rule.", code="nobody_left"
        )
    return found


def _by_score(sample: Sample, spec: AnalysisSpec) -> Sample:
    values = sample.persons[list(spec.scores)].to_numpy(float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0, ddof=1)
    inside = ~(np.abs(z) > BEYOND).any(axis=1)
    return sample.keep(inside, f"no score beyond {BEYOND:g} SD", f"a score beyond {BEYOND:g} SD")


def _by_ancestry(study: Study, sample: Sample) -> Sample:
    if not study.covariate_names("component"):
        raise FitError(
            "No principal component was loaded, so nobody's ancestry can be told to be outlying.",
            "Load components of ancestry, or choose another rule for outliers.",
            code="no_components",
        )
    far = outlying_ancestry(study).loc[sample.persons.index].to_numpy(bool)
    reason = f"a component beyond {OUTLYING:g} robust SD"
    return sample.keep(~far, "no outlying ancestry", reason)


def _by_model(study: Study, spec: AnalysisSpec, sample: Sample) -> Sample:
    found = _residuals(study, spec, sample)
    if spec.outliers == "person":
        limit = float(stats.chi2.isf(2 * stats.norm.sf(BEYOND), found.random.shape[1]))
        far = _distance(found.random) > limit
        reason = f"level and slope beyond {BEYOND:g} SD of the model without a score"
        return sample.keep(~far, "no outlying course", reason)
    beyond = np.abs(found.standardised) > BEYOND  # a residual that is not known is not beyond
    reason = f"residual beyond {BEYOND:g} SD of the model without a score"
    people = ("a visit that is not outlying", "no visit but outlying ones")
    return sample.visits(~beyond, "no outlying visit", reason, people)


def _residuals(study: Study, spec: AnalysisSpec, sample: Sample) -> Residuals:
    """Of the model without a score, in the widest adjustment."""
    design = build_design(study, spec, sample)
    here = rung(spec.random if spec.random != "intercept" else "intercept+slope")
    products = cross_products(
        design.names, design.columns, sample.value, design.basis[:, : here.q], sample.code
    )
    chosen = design.uses[spec.adjustments[-1]]
    with one_thread():
        fitted = fit_lmm(products.select(chosen), q=here.q, correlated=here.correlated, reml=True)
    kept = [j for j in chosen if design.names[j] in fitted.fixed.names]
    return residuals(
        design.columns[:, kept],
        design.basis[:, : here.q],
        sample.value,
        sample.code,
        sample.time,
        fitted.fixed,
        fitted.random_covariance,
        fitted.residual_variance,
    )


def _distance(random: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> np.ndarray[
    tuple[int], np.dtype[np.float64]
]:  # fmt: skip
    """(N,) squared Mahalanobis distances of predicted random effects (N, q) from their mean."""
    away = random - random.mean(axis=0)
    spread = np.atleast_2d(np.cov(away.T))
    return np.asarray(np.einsum("ni,ij,nj->n", away, np.linalg.pinv(spread), away))
