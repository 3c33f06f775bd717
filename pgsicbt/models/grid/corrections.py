"""What corrections for several scores need: their correlations, and max-T where it is asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.errors import SpecError
from pgsicbt.models.grid.corrected import Together
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.models.grid.multiplicity import effective_galwey, effective_li_ji
from pgsicbt.models.permutation.shuffled import ROLES, max_t, nothing
from pgsicbt.progress import Progress
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import Adjustment, AnalysisSpec, RandomPart
from pgsicbt.study import Finding, Study


def score_correlation(spec: AnalysisSpec, persons: pd.DataFrame) -> Array:
    """(m, m) correlations of the scores that are counted, as they are scaled.

    Over the people who have both of a pair; scores that do not vary are left out.
    """
    columns = {}
    for score in spec.scores:
        if score in spec.controls:
            continue
        known = persons[np.isfinite(persons[score].to_numpy(float))]
        try:
            if len(known) > 2 and float(known[score].std()) > 0:
                columns[score] = pd.Series(scaled(spec, known, score).values, index=known.index)
        except SpecError:
            continue  # named where the score is fitted
    if not columns:
        return np.zeros((0, 0))
    found = pd.DataFrame(columns).corr(min_periods=3).fillna(0.0).to_numpy(float, copy=True)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def effective_tests(correlation: Array) -> dict[str, float]:
    """Effective number of tests by method; empty without scores."""
    if not len(correlation):
        return {}
    return {"li-ji": effective_li_ji(correlation), "galwey": effective_galwey(correlation)}


def without_shuffles(spec: AnalysisSpec, persons: pd.DataFrame) -> Together:
    """What corrections need in kinds of models whose scores are not shuffled."""
    return Together(score_correlation(spec, persons))


def together(
    study: Study,
    spec: AnalysisSpec,
    persons: pd.DataFrame,
    adjustments: tuple[Adjustment, ...],
    random: RandomPart,
    time: TimeBasis | None,
    progress: Progress | None = None,
) -> Together:
    """Correlations, and the p values of the permutation if the spec asks for max-T.

    Raises
    ------
    SpecError
        If max-T is asked for and not worked out for this kind of model.
    FitError
        If max-T is asked for and fewer than eight people have every score.
    """
    correlation = score_correlation(spec, persons)
    if spec.multiplicity != "max-t":
        return Together(correlation)
    found: dict[tuple[str, str, str], float] = {}
    shuffled = len(persons)
    for adjustment in adjustments:
        ready = nothing(study, spec, adjustment, random=random, time=time)
        shuffled = ready.n_persons
        p = max_t(ready, spec.permutations, spec.seed, progress)
        for i, score in enumerate(ready.scores):
            for j, role in enumerate(ROLES):
                found[(score, adjustment, role)] = float(p[i, j])
    return Together(correlation, found, _findings(spec, shuffled, len(persons)))


def _findings(spec: AnalysisSpec, shuffled: int, people: int) -> tuple[Finding, ...]:
    """What a reader of max-T must know."""
    out = []
    if shuffled < people:
        text = (
            f"Max-T shuffles the scores of the {shuffled:,} people who have all of them, while "
            "each score is tested in everybody who has it. Where the shuffles give less than a "
            "score's own p value, that stands."
        )
        out.append(Finding("max_t_people", "warning", text))
    # Both change a score's standard error; the shuffled statistics have the model's own.
    own = "Kenward-Roger's" if spec.df == "kenward-roger" else "robust"
    if spec.errors != "model" or spec.df == "kenward-roger":
        text = (
            "Max-T holds statistics with the model's own standard errors against shuffled ones, so "
            f"{own} errors are in the uncorrected p values only. Another correction has them."
        )
        out.append(Finding("max_t_errors", "warning", text))
    return tuple(out)
