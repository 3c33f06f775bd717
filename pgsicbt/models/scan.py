"""Catalogue scan: thousands of scores for one outcome and one adjustment.

Every score gets a main effect and an effect on change at the variance parameters of the fit
without a score (:mod:`pgsicbt.models.scan_pass`), in blocks, with normal p values; those that
pass a threshold, and the top few, are then fitted exactly, as the grid would. docs/scan.md says
how far apart the two are.

A score that is missing for some people is fitted on the people it is known for, with their own
no-score fit, again as the grid would. That fit is shared by all scores missing for the same
people; where every score has its own gaps, it costs about as much as an exact fit per score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.design import TIME, Sample, analysis_sample
from pgsicbt.models.inference import contrasts
from pgsicbt.models.lmm import fit_lmm
from pgsicbt.models.multiplicity import adjust
from pgsicbt.models.scan_base import RANDOM_TERMS, Base, Bases
from pgsicbt.models.scan_pass import one_pass
from pgsicbt.models.scan_result import (
    NUMBERS,
    SCAN_COLUMNS,
    Margin,
    ScanResult,
    measured_margin,
    passes,
)
from pgsicbt.models.score_source import ScoreSource, score_source
from pgsicbt.models.threads import one_thread
from pgsicbt.models.versions import versions
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, Study

_ADDED = ("the score", "time x the score")  # names in the model, which no covariate can have


def scan(
    study: Study,
    spec: AnalysisSpec,
    scores: ScoreSource | NDArray[np.floating] | pd.DataFrame | str | Path,
    *,
    names: Sequence[str] | None = None,
    rows: NDArray[np.intp] | None = None,
    block: int = 128,
    refit_below: float | None = 1e-3,
    refit_top: int = 20,
    progress: Callable[[int, int], None] | None = None,
) -> ScanResult:
    """Main and score x time effects of every score of a matrix or Parquet file.

    Parameters
    ----------
    spec
        The analysis; it must name one adjustment, and its own scores are not looked at.
    scores, names
        As :func:`pgsicbt.models.score_source.score_source` takes them.
    rows
        (people of the study,) the row of ``scores`` of each person of ``study.persons``, -1 for
        people who are not there; None if both have the same order. A frame that has the index of
        ``study.persons`` is matched by it.
    block
        Scores in memory at once.
    refit_below
        Scores whose p value of main or interaction may be at or below this are fitted exactly
        (see :func:`passes` for the margin); None for none.
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
    if block < 1 or refit_top < 0:
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
    sample, take = _people(study, spec, source, rows)
    run = _Scan(study, spec, source, sample, take)
    with one_thread():
        for first in range(0, len(source.names), block):
            last = min(first + block, len(source.names))
            run.approximate(range(first, last))
            if progress is not None:
                progress(last, len(source.names))
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
    if spec.time_coding != "linear" or spec.random not in RANDOM_TERMS:
        raise SpecError(
            "A scan describes change by a straight line.", "Choose linear time, or fit few scores."
        )
    if spec.errors != "model" or spec.bootstrap:
        raise SpecError(
            "A scan has standard errors from the model only.",
            "Leave out robust errors and the bootstrap, or fit few scores.",
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


class _Scan:
    """A scan under way: arrays over all scores, filled block by block."""

    def __init__(
        self,
        study: Study,
        spec: AnalysisSpec,
        source: ScoreSource,
        sample: Sample,
        take: NDArray[np.intp] | None,
    ) -> None:
        self.study, self.spec, self.source = study, spec, source
        self.sample, self.take = sample, take
        self.bases = Bases(study, spec, sample)
        size = len(source.names)
        self.values = {name: np.full((size, 2), np.nan) for name in NUMBERS}
        self.values["df"][:] = np.inf
        self.rough = np.full((size, 2), np.nan)  # statistics before any exact fit
        self.persons = np.zeros(size, dtype=np.intp)
        self.observations = np.zeros(size, dtype=np.intp)
        self.status = np.full(size, "ok", dtype=object)
        self.is_exact = np.zeros(size, dtype=bool)
        self.warnings: list[Finding] = []

    def approximate(self, positions: Sequence[int]) -> None:
        for at, known, x, sums in self._groups(positions):
            base = self.bases.of(known)
            self.persons[at], self.observations[at] = base.n_persons, base.n_observations
            if base.weights is None:
                self._fail(at, base.error)
                continue
            found = one_pass(base.weights, x, sums)
            unit = found.sd[:, None] if self.spec.score_scale == "z" else 1.0
            estimate, error = found.estimate * unit, found.std_error * unit
            reach = float(ndtri(0.5 + self.spec.confidence / 2)) * error
            self.rough[at] = z = estimate / error
            columns = (
                estimate,
                error,
                z,
                2.0 * ndtr(-np.abs(z)),
                estimate - reach,
                estimate + reach,
            )
            for name, column in zip((n for n in NUMBERS if n != "df"), columns, strict=True):
                self.values[name][at] = column
            self._fail(at[found.constant], None, "constant_score")
            self._fail(at[found.dependent], None, "rank_deficient")

    def leading(self, below: float | None, top: int) -> list[int]:
        """Positions of the scores to fit exactly, in the order of the source."""
        both = np.abs(self.values["statistic"])
        z = np.fmax(both[:, 0], both[:, 1])
        able = np.flatnonzero(np.isfinite(z))
        chosen = set(able[np.argsort(-z[able], kind="stable")[:top]].tolist())
        if below is not None:
            near = passes(z[able], below, self.persons[able])
            chosen |= set(able[near].tolist())
        return sorted(chosen)

    def exact(self, positions: Sequence[int]) -> None:
        for at, known, x, _ in self._groups(positions):
            base = self.bases.of(known)
            for position, score in zip(at.tolist(), x, strict=True):
                self._refit(position, np.ascontiguousarray(score), base)

    def _refit(self, position: int, score: Array, base: Base) -> None:
        if base.cp is None or base.fit is None:
            return
        if self.spec.score_scale == "z":
            score = (score - score.mean()) / score.std(ddof=1)
        cp = base.cp.with_score(score, _ADDED)
        q, correlated = RANDOM_TERMS[self.spec.random]
        try:
            fit = fit_lmm(
                cp,
                q=q,
                correlated=correlated,
                reml=self.spec.reml,
                start=base.fit.relative,
            )
        except FitError as error:
            self._fail(np.array([position]), error)
            return
        if any(name in fit.dropped for name in _ADDED):
            self._fail(np.array([position]), None, "rank_deficient")
            return
        columns = np.eye(len(fit.fixed.names))[[fit.fixed.names.index(n) for n in _ADDED]]
        c = contrasts(fit.fixed, columns, df=self.spec.df, confidence=self.spec.confidence)
        for name in NUMBERS:
            self.values[name][position] = getattr(c, name)
        self.is_exact[position] = True
        if not fit.converged:
            self.status[position] = "failed"
            text = f"{self.source.names[position]}: the optimum was not reached."
            self.warnings.append(Finding("not_converged", "error", text))
        elif fit.singular:
            self.status[position] = "singular"

    def _groups(
        self, positions: Sequence[int]
    ) -> list[tuple[NDArray[np.intp], NDArray[np.bool_] | None, Array, Array]]:
        """Positions, people known (None for all), scores of those people, and their sums."""
        x = self.source.block(positions)
        if self.take is not None:
            x = np.take(x, self.take, axis=1)
        at = np.asarray(positions, dtype=np.intp)
        # A sum is finite only if everything in it is, so this is the search for gaps as well.
        sums = x @ np.ones(x.shape[1])
        whole = np.isfinite(sums)
        if whole.all():
            return [(at, None, x, sums)]
        out: list[tuple[NDArray[np.intp], NDArray[np.bool_] | None, Array, Array]] = []
        if whole.any():
            out.append((at[whole], None, x[whole], sums[whole]))
        patterns: dict[bytes, list[int]] = {}
        for row in np.flatnonzero(~whole).tolist():
            gaps = np.isnan(x[row])
            if not np.isfinite(x[row][~gaps].sum()):
                self._fail(at[[row]], None, "not_finite")
            elif gaps.all():
                self._fail(at[[row]], None, "nobody_left")
            else:
                patterns.setdefault(np.packbits(~gaps).tobytes(), []).append(row)
        for same in patterns.values():
            known = ~np.isnan(x[same[0]])
            part = np.ascontiguousarray(x[same][:, known])
            out.append((at[same], known, part, part.sum(axis=1)))
        return out

    def _fail(self, at: NDArray[np.intp], error: FitError | None, code: str = "") -> None:
        why = {
            "constant_score": "is the same for everyone analysed, so it has no effect to estimate.",
            "rank_deficient": "is determined by the other columns, so it has no effect of its own.",
            "nobody_left": "is missing for everyone analysed.",
            "not_finite": "holds values that are not finite numbers.",
        }
        for position in at.tolist():
            name = self.source.names[position]
            self.status[position] = "failed"
            for values in self.values.values():
                values[position] = np.nan
            text = f"{name}: {error}" if error is not None else f"{name} {why[code]}"
            found = error.code if error is not None else code
            self.warnings.append(Finding(found, "error", text, column=name))

    def _margin(self, threshold: float | None) -> Margin | None:
        if threshold is None:
            return None
        p = self.values["p_value"]
        ours = self.is_exact[:, None] & np.isfinite(p) & np.isfinite(self.rough)
        return measured_margin(threshold, self.rough[ours], p[ours], len(self.sample.persons))

    def result(self, threshold: float | None) -> ScanResult:
        if bool((self.status == "failed").all()):
            raise FitError(self.warnings[0].message, "Check the scores.", code="no_score_fitted")
        spec, names = self.spec, np.array(self.source.names, dtype=object)
        p = self.values["p_value"]
        if spec.multiplicity == "none":
            adjusted = p
        else:
            adjusted = np.stack([adjust(p[:, j], spec.multiplicity) for j in (0, 1)], axis=1)
        size = len(names)
        columns: dict[str, object] = {
            "score": names.repeat(2),
            "outcome": spec.outcome,
            "model": spec.adjustments[0],
            "subset": "" if spec.subset is None else f"{spec.subset[0]}: {spec.subset[1]}",
            "term": np.stack([names, f"{TIME}:" + names], axis=1).ravel(),
            "role": np.tile(np.array(["main", "interaction"], dtype=object), size),
            **{name: self.values[name].ravel() for name in NUMBERS},
            "p_adjusted": adjusted.ravel(),
            "n_persons": self.persons.repeat(2),
            "n_observations": self.observations.repeat(2),
            "status": self.status.repeat(2),
            "exact": self.is_exact.repeat(2),
        }
        return ScanResult(
            table=pd.DataFrame(columns)[list(SCAN_COLUMNS)],
            spec=spec,
            base=self.bases.whole.fit if self.bases.whole is not None else None,
            n_persons=len(self.sample.persons),
            n_observations=len(self.sample.time),
            n_scores=size,
            n_exact=int(self.is_exact.sum()),
            margin=self._margin(threshold),
            ledger=self.sample.ledger,
            warnings=tuple(dict.fromkeys([*self.bases.warnings, *self.warnings])),
            versions=dict(versions()),
            digest=self.study.digest,
            simulated=self.study.simulated,
        )
