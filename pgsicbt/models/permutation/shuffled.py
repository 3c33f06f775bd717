"""Scores handed out at random, with everything else left as it is.

A score is split into what the covariates of a model say of it and the rest; the rest is shuffled
over people and put back. So the shuffled scores keep their correlations with one another and with
the covariates, and have nothing to do with the outcome beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.crossproducts import cross_products, for_random_part
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.design import Design, build_design
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_columns
from pgsicbt.models.permutation.one_step import OneStep, one_step
from pgsicbt.progress import Progress
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import Adjustment, AnalysisSpec, RandomPart
from pgsicbt.study import Study

ROLES = ("main", "interaction")
_AT_ONCE = 4_000_000
"""Numbers of shuffled scores held at once."""
_MEDIAN = float(stats.chi2.median(1))


@dataclass(frozen=True)
class Nothing:
    """One adjustment of the grid without its scores, ready for tests of shuffled ones.

    ``predicted`` and ``rest`` (m, N) are what the covariates say of each score, and the rest, of
    the people that all scores are known for; ``contrasts`` (2, k) are severity and change.
    """

    scores: tuple[str, ...]
    tests: OneStep
    predicted: Array
    rest: Array
    contrasts: Array

    @property
    def n_persons(self) -> int:
        """People whose scores are shuffled."""
        return int(self.rest.shape[1])

    def observed(self) -> Array:
        """(m, 2) t statistics of the scores as they are."""
        return self._t(self.predicted + self.rest)

    def shuffled(self, times: int, seed: int, progress: Progress | None = None) -> Iterator[Array]:
        """(b, m, 2) t statistics of shuffled scores, ``times`` shuffles in blocks."""
        rng = np.random.default_rng(seed)
        m, n = self.rest.shape
        block = max(1, _AT_ONCE // (m * n))
        done = 0
        while done < times:
            b = min(block, times - done)
            orders = rng.permuted(np.tile(np.arange(n), (b, 1)), axis=1)
            moved = self.predicted[None] + np.moveaxis(self.rest[:, orders], 1, 0)
            yield self._t(moved.reshape(b * m, n)).reshape(b, m, 2)
            done += b
            if progress is not None:
                progress(done, times)

    def _t(self, scores: Array) -> Array:
        estimate, error = self.tests.test(scores, self.contrasts)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(estimate / error)


def nothing(
    study: Study,
    spec: AnalysisSpec,
    adjustment: Adjustment,
    *,
    random: RandomPart | None = None,
    time: TimeBasis | None = None,
) -> Nothing:
    """Fit one adjustment without its scores, on the people that all of them are known for.

    Parameters
    ----------
    random, time
        The random part and the coding of time that the grid used; the spec's if not given.

    Raises
    ------
    SpecError
        If the spec is not of linear mixed models of one score at a time.
    FitError
        If no score can be shuffled, or fewer than eight people have all of them.
    """
    refuse_unshuffled(spec)
    sample = analysis_sample(study, spec)
    scores = tuple(s for s in spec.scores if s not in spec.controls)
    known = sample.persons[list(scores)].notna().all(axis=1).to_numpy(bool)
    sample = sample.keep(known, "every score known", "a score is missing")
    if not scores:
        raise FitError("There is no score to shuffle.", "Choose scores that are no controls.")
    if len(sample.persons) < MINIMUM_CELL:
        raise FitError(
            f"Fewer than {MINIMUM_CELL} people have every score, so scores cannot be shuffled "
            "together.",
            "Choose fewer scores, or another correction than max-T.",
            code="nobody_has_all_scores",
        )
    design = build_design(study, spec, sample, time)
    here = rung(random or spec.random)
    chosen = design.uses[adjustment]
    products = for_random_part(
        cross_products(design.names, design.columns, sample.value, design.basis, sample.code),
        here.q,
    ).select(chosen)
    with one_thread():
        fitted = fit_lmm(products, q=here.q, correlated=here.correlated, reml=spec.reml)
    x = np.array([scaled(spec, sample.persons, s).values for s in scores])
    about = _of_people(design, chosen, sample)
    predicted = (about @ np.linalg.lstsq(about, x.T, rcond=None)[0]).T
    return Nothing(
        scores,
        one_step(products, fitted, design.scored),
        predicted,
        x - predicted,
        _contrasts(design),
    )


def refuse_unshuffled(spec: AnalysisSpec) -> None:
    """Refuse what scores are not shuffled for, before anything is fitted.

    Raises
    ------
    SpecError
        If the spec is not of linear mixed models of one score at a time.
    """
    if spec.family != "lmm" or spec.together or spec.interactions or spec.score_groups:
        raise SpecError(
            "Max-T and the check by shuffled scores are worked out for linear mixed models of one "
            "score at a time, without interactions or groups.",
            "Choose such models, or another correction.",
            column="multiplicity",
            code="other_model",
        )


def _of_people(design: Design, chosen: list[int], sample: Sample) -> Array:
    """(N, c) columns of a model that are constant within a person."""
    first = np.unique(sample.code, return_index=True)[1]
    at = [j for j in chosen if design.terms[j].role in ("intercept", "covariate")]
    return np.asarray(design.columns[first][:, at])


def _contrasts(design: Design) -> Array:
    """Severity where time is zero, and change.

    Change is per unit of time where time is a straight line; else over the weeks that change is
    told between (:attr:`TimeBasis.change_weeks`).
    """
    k = len(design.scored)
    rows = np.zeros((2, k))
    rows[0, 0] = 1.0
    if design.time.coding == "linear":
        rows[1, 1] = 1.0
    else:
        ends = time_columns(design.time, design.time.change_weeks)
        rows[1, 1:] = ends[1] - ends[0]
    return rows


def max_t(ready: Nothing, times: int, seed: int, progress: Progress | None = None) -> Array:
    """(m, 2) p values adjusted over all scores, for severity and for change.

    The share of shuffles, the data as they are among them, in which the largest |t| of any score
    reaches that of this score (Westfall & Young 1993, Resampling-based multiple testing; single
    step). |t| has the model's own standard errors.
    """
    size = np.abs(ready.observed())
    reached = np.ones_like(size)
    for t in ready.shuffled(times, seed, progress):
        most = np.nanmax(np.abs(t), axis=1)  # (b, 2)
        reached += (most[:, None, :] >= size[None] - 1e-12).sum(axis=0)
    return np.asarray(np.where(np.isfinite(size), reached / (times + 1), np.nan))


def control_check(
    study: Study,
    spec: AnalysisSpec,
    *,
    times: int = 200,
    seed: int | None = None,
    random: RandomPart | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """What the grid finds with scores that have nothing to do with the outcome.

    Every score is shuffled ``times`` times in every adjustment. Where the models are right, one
    in twenty tests is below .05 and the median of t^2 is that of a chi-square; where the random
    part is too small, far more are.

    Returns
    -------
    DataFrame
        One row per adjustment and role: ``model, role, tests, below`` (share below .05),
        ``conf_low, conf_high`` (Wilson's 95 % interval of it; scores are shuffled together and
        so their tests hang together, which counts for fewer tests, see :func:`_rate`),
        ``inflation`` (median t^2 over that of a chi-square, 1 where all is well).
    """
    rows = []
    for adjustment in spec.adjustments:
        ready = nothing(study, spec, adjustment, random=random)
        t = np.concatenate(
            list(ready.shuffled(times, spec.seed if seed is None else seed, progress))
        )
        for j, role in enumerate(ROLES):
            mine = t[:, np.isfinite(t[:, :, j]).all(axis=0), j]
            rows.append(
                (adjustment, role, mine.size, *_rate(np.abs(mine) > stats.norm.isf(0.025)),
                 float(np.median(mine**2)) / _MEDIAN)
            )  # fmt: skip
    names = ["model", "role", "tests", "below", "conf_low", "conf_high", "inflation"]
    return pd.DataFrame.from_records(rows, columns=names)


def _rate(hits: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Share of ``hits`` (shuffles, scores) with Wilson's 95 % interval, shuffles as clusters.

    Wilson's interval for as many independent tests as would leave the share as uncertain as it is
    between shuffles (Korn & Graubard 1998, Survey Methodology 24:193), and no more than there are.
    """
    share = float(hits.mean())
    between = float(hits.mean(axis=1).var(ddof=1)) / len(hits)
    n = min(share * (1 - share) / between, hits.size) if between > 0 else hits.size
    low, high = proportion_confint(share * n, n, method="wilson")
    return share, float(low), float(high)
