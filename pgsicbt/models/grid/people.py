"""Who is analysed: everybody that the spec allows, without outliers where it names a rule."""

from __future__ import annotations

from pgsicbt.models.grid.outliers import without_outliers
from pgsicbt.models.grid.planned_weeks import in_planned_weeks
from pgsicbt.models.grid.sample import Sample, everybody
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


def analysis_sample(study: Study, spec: AnalysisSpec) -> Sample:
    """People with the outcome, in the chosen groups and weeks, with every covariate known.

    The same people enter crude, adjusted and complete models, so that the three differ by their
    covariates and by nothing else; outliers are found in the widest of them without a score.
    Where time is categorical, visits that belong to no planned week are left out.

    Raises
    ------
    SpecError
        If the spec names what the study does not have, or time is categorical and visits follow
        no plan.
    FitError
        If nobody is left.
    """
    sample = everybody(study, spec)
    if spec.time_coding != "categorical":
        return without_outliers(study, spec, sample)
    # A week can fall below the minimum only once outliers are gone, so they are looked at again.
    return in_planned_weeks(without_outliers(study, spec, in_planned_weeks(sample)))
