"""The columns that a prediction may use: clinical predictors, and scores added to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.errors import FitError, SpecError
from pgsicbt.meaning.columns import enough, independent, person_columns
from pgsicbt.models.families.endpoints import Endpoints
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

CLINICAL = "clinical"
"""The model of clinical predictors alone; the others add a score, or all of them."""
ALL = "all"
BASELINE = "severity before treatment"


@dataclass(frozen=True)
class Candidates:
    """Columns (n, p) of everything, and which of them each model uses.

    ``predictors`` are the clinical ones, as names.
    """

    values: Array
    uses: dict[str, list[int]]
    predictors: tuple[str, ...]

    @property
    def clinical(self) -> list[int]:
        return self.uses[CLINICAL]


def candidates(study: Study, spec: AnalysisSpec, ends: Endpoints, *, baseline: bool) -> Candidates:
    """Columns of the people of ``ends``, who have every score.

    Parameters
    ----------
    baseline
        Whether severity before treatment is among the clinical predictors.

    Raises
    ------
    SpecError
        If there is no score.
    FitError
        If there are hardly more people than columns, or a score is determined by the others.
    """
    if not spec.scores:
        raise SpecError("There is no score to look at.", "Choose at least one.", code="no_score")
    enough(len(ends.before), 1, "every score and the outcome")
    base = person_columns(study, spec, ends.sample, "adjusted")
    columns, names = base.values, [*spec.covariates, *spec.components]
    if baseline:
        columns = np.column_stack([columns, ends.before])
        names.insert(0, BASELINE)
    columns = columns[:, independent(columns)]
    p = columns.shape[1]
    scores = np.column_stack([scaled(spec, ends.sample.persons, s).values for s in spec.scores])
    every = np.column_stack([columns, scores])
    if len(independent(every)) < every.shape[1]:
        raise FitError(
            "A score is determined by the other predictors, so what it adds cannot be told.",
            "Leave one of them out.",
            code="collinear_score",
        )
    enough(len(every), every.shape[1], "every score and the outcome")
    clinical = list(range(p))
    uses = {CLINICAL: clinical}
    uses |= {s: [*clinical, p + j] for j, s in enumerate(spec.scores)}
    if len(spec.scores) > 1:
        uses[ALL] = list(range(every.shape[1]))
    return Candidates(every, uses, tuple(names))


def with_scores_known(ends: Endpoints, spec: AnalysisSpec) -> Endpoints:
    """The people who have a value before treatment and every score, so that models compare."""
    known = np.isfinite(ends.before)
    known &= ends.sample.persons[list(spec.scores)].notna().all(axis=1).to_numpy(bool)
    return ends.keep(known, "every score known", "a score is missing")
