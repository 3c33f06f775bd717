"""The groups of one cohort as if each were a site: batches, diagnoses, clinics."""

from __future__ import annotations

from dataclasses import replace

from pgsicbt.derived import tagged
from pgsicbt.errors import PgsIcbtError, SpecError
from pgsicbt.models import fit
from pgsicbt.pooling.site_summary import SiteSummary, site_summary
from pgsicbt.progress import Progress
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


def group_summaries(
    study: Study,
    spec: AnalysisSpec,
    covariate: str,
    progress: Progress | None = None,
) -> tuple[list[SiteSummary], list[str]]:
    """A summary of every level of a covariate, fitted within it.

    Scores are standardised within each level, as separate sites would.

    Returns
    -------
    list of SiteSummary, list of str
        The summaries, and a sentence for each level that could not be fitted.

    Raises
    ------
    SpecError
        If the covariate has no levels, or the analysis is of one group already.
    """
    info = study.covariate(covariate)
    if not info.levels:
        raise SpecError(
            f"{info.label} has no levels to take for sites.", "Choose a batch or a diagnosis."
        )
    if spec.subset is not None:
        raise SpecError(
            f"This analysis is of one group only ({spec.subset[1]}).",
            "Analyse everybody to compare groups.",
        )
    made: list[SiteSummary] = []
    failed: list[str] = []
    rest = tuple(c for c in spec.covariates if c != info.name)
    inner = tuple(p for p in spec.interactions if p[1] != info.name)
    for done, level in enumerate(info.levels, 1):
        chosen = spec.replace(subset=(info.name, level), covariates=rest, interactions=inner)
        part = replace(study, digest=tagged(study, f"group {info.name} {level}"))
        try:
            made.append(site_summary(part, fit(part, chosen), level))
        except PgsIcbtError as problem:
            failed.append(f"{level}: {problem.sentence}")
        if progress is not None:
            progress(done, len(info.levels))
    return made, failed
