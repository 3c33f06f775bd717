"""The course of symptoms for one score: model, observations and people, in one piece."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from pgsicbt.models.course.observed import observed
from pgsicbt.models.course.trajectories import difference, predicted
from pgsicbt.models.grid.grid import fit
from pgsicbt.models.grid.time_coding import weeks_to_draw
from pgsicbt.result import Result, TimeBasis
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study


@dataclass(frozen=True)
class Course:
    """Aggregates for one trajectory figure; columns as their functions return them.

    ``score`` is empty where there is no score in the model; ``difference`` is then empty too.
    ``step`` is the weeks that visits were rounded to a multiple of for ``observed`` and ``counts``,
    0 if they were not; models always have the time measured.
    """

    score: str
    adjustment: str
    predicted: pd.DataFrame
    observed: pd.DataFrame
    counts: pd.DataFrame
    difference: pd.DataFrame
    step: int = 0


def course(study: Study, result: Result, score: str, adjustment: str) -> Course:
    """Everything that the trajectory figure of one fitted score shows.

    Raises
    ------
    SpecError
        If that score and adjustment was not fitted.
    """
    seen = observed(study, result.spec, score)
    means, counts = seen.means, seen.counts
    model = result.fit_of(score, adjustment)
    basis = TimeBasis() if model is None or model.time is None else model.time
    weeks = weeks_to_draw(basis, counts["week"].tolist())
    lines = predicted(result, score, adjustment, weeks)
    gap = difference(result, score, adjustment, weeks) if score else lines.iloc[:0]
    if model is not None and model.time is not None:  # visits of the last week may fall after it
        end = basis.end_week + max(seen.step, 1) / 2
        means, counts = means[means["week"] <= end], counts[counts["week"] <= end]
    return Course(score, adjustment, lines, means, counts, gap, seen.step)


def within_level(spec: AnalysisSpec, stratum: str, level: str) -> AnalysisSpec:
    """The same analysis inside one level of a group, which then no longer is a covariate."""
    rest = tuple(c for c in spec.covariates if c != stratum)
    return spec.replace(subset=(stratum, level), covariates=rest)


def course_of(study: Study, spec: AnalysisSpec, score: str) -> tuple[Result, Course]:
    """Fit one score in the spec's last adjustment and return its course.

    Used where a figure needs another subset or outcome than the grid on the screen.
    """
    adjustment = spec.adjustments[-1]
    one = spec.replace(scores=(score,) if score else (), adjustments=(adjustment,))
    result = fit(study, one)
    return result, course(study, result, score, adjustment)
