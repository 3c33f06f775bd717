"""Catalogue scan: thousands of scores for one outcome and one adjustment.

Every score gets a main effect and an effect on change from the fit without a score
(:mod:`pgsicbt.models.scan.scan_pass`), in blocks; those that pass a threshold, and the top few, are
then fitted exactly, as the grid would. docs/scan.md says how far apart the two are.

A score that is missing for some people is fitted on the people it is known for, with their own
no-score fit, again as the grid would. That fit is shared by all scores missing for the same
people; where every score has its own gaps, it costs about as much as an exact fit per score.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.errors import DataError, SpecError
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.checks import check_covariates, check_times, refuse_hopeless
from pgsicbt.models.grid.multiplicity import simple
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.scan.scan_result import ScanResult
from pgsicbt.models.scan.scan_run import Run
from pgsicbt.models.scan.score_source import ScoreSource, score_source
from pgsicbt.progress import Progress
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

_BYTES = 2**23  # memory of one block of scores


def scan(
    study: Study,
    spec: AnalysisSpec,
    scores: ScoreSource | NDArray[np.floating] | pd.DataFrame | str | Path,
    *,
    names: Sequence[str] | None = None,
    rows: NDArray[np.intp] | None = None,
    block: int | None = None,
    refit_below: float | None = 1e-3,
    refit_top: int = 20,
    progress: Progress | None = None,
) -> ScanResult:
    """Main and score x time effects of every score of a matrix or Parquet file.

    Parameters
    ----------
    spec
        The analysis; it must name one adjustment, and its own scores are not looked at.
    scores, names
        As :func:`pgsicbt.models.scan.score_source.score_source` takes them.
    rows
        (people of the study,) the row of ``scores`` of each person of ``study.persons``, -1 for
        people who are not there; None if both have the same order. A frame that has the index of
        ``study.persons`` is matched by it.
    block
        Scores in memory at once; as many as fill 8 MB, 16 to 1,024, if None.
    refit_below
        Scores whose p value of main or interaction may be at or below this are fitted exactly
        (see :func:`pgsicbt.models.scan.scan_result.passes` for the margin); None for none.
    refit_top
        So many scores with the largest approximate statistic are fitted exactly in any case.
    progress
        Called with the number of steps done and of steps known: a step per score and, once it
        is known which, one more per exact fit.

    Raises
    ------
    SpecError
        If the spec names several adjustments or what the study does not have.
    DataError
        If scores and people do not match, or the scores cannot be read.
    FitError
        If no score can be fitted.
    """
    _check(spec)
    if (block is not None and block < 1) or refit_top < 0:
        raise SpecError("A block needs at least one score, and refit_top may not be negative.")
    if isinstance(scores, pd.DataFrame) and rows is None:
        rows = _matched(study, scores)
    source = score_source(scores, names)
    spec = spec.replace(
        outcome=study.outcome(spec.outcome).name,
        scores=(),
        covariates=tuple(study.covariate(c).name for c in spec.covariates),
        components=tuple(study.covariate(c).name for c in spec.components),
    )
    if block is None:
        block = min(max(_BYTES // (8 * max(source.n_rows, 1)), 16), 1024)
    sample, take = _people(study, spec, source, rows)
    refuse_hopeless(sample)
    notes = check_times(sample) + check_covariates(study, spec, sample)
    run = Run(study, spec, source, sample, take, notes)
    with one_thread():
        for first in range(0, len(source.names), block):
            last = min(first + block, len(source.names))
            run.approximate(range(first, last))
            if progress is not None:
                progress(last, len(source.names))
        run.finish()
        chosen = run.leading(refit_below, refit_top)
        for first in range(0, len(chosen), block):
            run.exact(chosen[first : first + block])
            if progress is not None:
                size = len(source.names)
                progress(size + min(first + block, len(chosen)), size + len(chosen))
    return run.result(refit_below)


def _check(spec: AnalysisSpec) -> None:
    """Refuse what a scan does not do.

    Raises
    ------
    SpecError
        If the spec asks for it.
    """
    if len(spec.adjustments) != 1:
        raise SpecError("A scan fits one model per score.", "Choose one adjustment.")
    if spec.time_coding != "linear" or spec.random == "intercept+slope+second":
        raise SpecError(
            "A scan describes change by a straight line.", "Choose linear time, or fit few scores."
        )
    if spec.errors != "model" or spec.bootstrap:
        raise SpecError(
            "A scan has standard errors from the model only.",
            "Leave out robust errors and the bootstrap, or fit few scores.",
        )
    if spec.multiplicity != "none":
        simple(spec.multiplicity)
    if spec.score_scale in ("within", "residual"):
        raise SpecError(
            "A scan standardises scores over everybody or takes them as given.",
            "Choose z or as_given, or fit few scores.",
        )
    if spec.family != "lmm" or spec.together or spec.interactions or spec.score_groups:
        raise SpecError(
            "A scan fits linear mixed models of one score at a time, without interactions.",
            "Leave those out, or fit few scores.",
        )


def _matched(study: Study, scores: pd.DataFrame) -> NDArray[np.intp] | None:
    if len(scores) == len(study.persons) and not scores.index.equals(study.persons.index):
        found = scores.index.get_indexer(study.persons.index)
        return found.astype(np.intp) if bool((found >= 0).any()) else None
    if len(scores) != len(study.persons):
        return scores.index.get_indexer(study.persons.index).astype(np.intp)
    return None


def _people(
    study: Study, spec: AnalysisSpec, source: ScoreSource, rows: NDArray[np.intp] | None
) -> tuple[Sample, NDArray[np.intp] | None]:
    """The people analysed, and their rows in the source; None if these are all in order."""
    total = len(study.persons)
    if rows is None and source.n_rows != total:
        raise DataError(
            f"The scores have {source.n_rows} rows for {total} people.",
            "Say which row belongs to whom.",
        )
    where = np.arange(total) if rows is None else np.asarray(rows)
    if len(where) != total or (total and int(where.max()) >= source.n_rows):
        raise DataError(
            "The rows of the scores do not fit the people.", "Give one row number per person."
        )
    sample = analysis_sample(study, spec)
    at = where[study.persons.index.get_indexer(sample.persons.index)]
    if not (at >= 0).any():
        raise DataError("Nobody analysed has a row among the scores.", "Check the identifiers.")
    sample = sample.keep(at >= 0, "in the scores", "not among the scores")
    at = at[at >= 0]
    in_order = len(at) == source.n_rows and bool((np.diff(at) == 1).all())
    return sample, None if in_order else at.astype(np.intp)
