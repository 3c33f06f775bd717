"""Who is analysed: everybody that the spec allows, without outliers where it names a rule."""

from __future__ import annotations

from pgsicbt.models.grid.outliers import without_outliers
from pgsicbt.models.grid.sample import Sample, everybody
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


def analysis_sample(study: Study, spec: AnalysisSpec) -> Sample:
    """People with the outcome, in the chosen groups and weeks, with every covariate known.

    The same people enter crude, adjusted and complete models, so that the three differ by their
    covariates and by nothing else; outliers are found in the widest of them without a score.

    Raises
    ------
    SpecError
        If the spec names what the study does not have.
    FitError
        If nobody is left.
    """
    return without_outliers(study, spec, everybody(study, spec))
