"""Cluster bootstrap of a whole grid: people are drawn with replacement, every visit with them.

A resample is a set of integer weights of people, the same for every score and adjustment, so
differences between models can be bootstrapped too. Each replicate is a REML (or ML) refit of
every model with these weights (:mod:`.reweighting`); scores stay in units of the
standard deviation of the people analysed. Intervals are percentile and BCa ones (Efron 1987,
J Am Stat Assoc 82:171; Davison & Hinkley 1997, Bootstrap Methods, ch. 5), the acceleration from
the empirical influence of people. Field & Welsh (2007, J R Stat Soc B 69:369) show that resampling
clusters is consistent for mixed models, whatever the covariance within them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.resampling.together import (
    Together,
    combined,
    empirical_influence,
    score_rows,
    together,
)
from pgsicbt.progress import Progress
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Study

__all__ = [
    "Bootstrap",
    "Together",
    "bca",
    "cluster_bootstrap",
    "percentile",
    "resample",
    "together",
]


COLUMNS = (
    "score", "model", "term", "role", "estimate", "std_error", "bootstrap_se", "bias",
    "percentile_low", "percentile_high", "bca_low", "bca_high", "replicates",
)  # fmt: skip
LEAST = 20
"""Replicates below which no interval is given."""


@dataclass(frozen=True)
class Bootstrap:
    """What the cluster bootstrap of a grid found; aggregates only.

    Parameters
    ----------
    table
        One row per score, model and term of the score, with the columns of ``COLUMNS``:
        ``std_error`` is the model's own, ``bias`` the mean of the replicates less the estimate,
        ``replicates`` how many could estimate the term.
    draws
        For each (score, model) the replicates (B, k) of its k terms, in the table's order; row b
        is the same resample in every model.
    one_by_one
        Model refits, of all, that the engine had to do one by one.
    """

    table: pd.DataFrame
    draws: dict[tuple[str, str], Array] = field(repr=False)
    replicates: int
    seed: int
    confidence: float
    one_by_one: int


def resample(rng: np.random.Generator, people: int, replicates: int) -> Array:
    """(replicates, people) how often each person is drawn; row by row from the generator."""
    out = np.empty((replicates, people))
    for b in range(replicates):
        out[b] = np.bincount(rng.integers(0, people, people), minlength=people)
    return out


def cluster_bootstrap(
    study: Study,
    result: Result,
    *,
    replicates: int = 1000,
    seed: int = 1,
    confidence: float | None = None,
    models: tuple[ModelFit, ...] = (),
    progress: Progress | None = None,
) -> Bootstrap:
    """Bootstrap the score terms of a fitted grid by drawing people with replacement.

    Parameters
    ----------
    replicates
        Number of resamples, from 2; intervals need at least 20 that could be estimated.
    seed
        Of numpy's default generator: the same seed gives the same numbers, whatever the machine's
        memory.
    confidence
        Level of the intervals; the spec's if None.
    models
        Some of the result's fits; all if empty.
    progress
        Called with model refits done and to be done. What it raises ends the work and leaves
        nothing behind.

    Raises
    ------
    SpecError
        If the number of replicates, the seed or the level makes no sense.
    DataError
        If the result is not of this study.
    """
    level = result.spec.confidence if confidence is None else confidence
    if replicates < 2:
        raise SpecError("A bootstrap needs at least 2 replicates.", "1,000 are usual.")
    if seed < 0:
        raise SpecError("The seed must not be negative.", "Use 1, or any whole number from 0.")
    if not 0.5 <= level < 1:
        raise SpecError("confidence must lie between 0.5 and 1.", "Use 0.95 for 95 %.")
    with one_thread():
        everybody = len(analysis_sample(study, result.spec).persons)
        groups = list(together(study, result, models))
        rows = {(m.score, m.adjustment): score_rows(g.people, m) for g in groups for m in g.models}
        draws = {key: np.empty((replicates, len(r[2]))) for key, r in rows.items()}
        rng = np.random.default_rng(seed)
        step = min(g.way.chunk for g in groups)
        total, done, alone = replicates * len(rows), 0, 0
        for low in range(0, replicates, step):
            weights = resample(rng, everybody, min(step, replicates - low))
            for g in groups:
                own = weights if len(g.positions) == everybody else weights[:, g.positions]
                for j, (m, sums) in enumerate(zip(g.models, g.way.sums(own), strict=True)):
                    made = g.way.model(j, sums, own.__getitem__)
                    key = (m.score, m.adjustment)
                    draws[key][low : low + len(own)] = combined(made.estimates, rows[key][2])
                    alone += int(made.exact.sum())
                    done += len(own)
                    if progress is not None:
                        progress(done, total)
        records = [
            record
            for g in groups
            for m in g.models
            for record in _records(m, rows[m.score, m.adjustment], draws[m.score, m.adjustment],
                                   empirical_influence(g, m), level)
        ]  # fmt: skip
    order = {(f.score, f.adjustment): i for i, f in enumerate(result.fits)}
    records.sort(key=lambda r: order[str(r[0]), str(r[1])])
    table = pd.DataFrame.from_records(records, columns=list(COLUMNS))
    return Bootstrap(table, draws, replicates, seed, level, alone)


def _records(
    model: ModelFit,
    terms: tuple[list[str], list[str], Array],
    draws: Array,
    influence: Array,
    level: float,
) -> list[tuple[object, ...]]:
    fixed = model.fixed
    covariance = fixed.covariance if fixed.adjusted is None else fixed.adjusted
    found: list[tuple[object, ...]] = []
    for k, (name, role, row) in enumerate(zip(*terms, strict=True)):
        estimate = float(row @ fixed.estimates)
        values = draws[:, k][np.isfinite(draws[:, k])]
        head = (model.score, model.adjustment, name, role, estimate,
                float(np.sqrt(row @ covariance @ row)))  # fmt: skip
        if len(values) < 2:
            found.append((*head, *[float("nan")] * 6, len(values)))
            continue
        without = estimate - influence @ row
        intervals = (*percentile(values, level), *bca(values, estimate, without, level))
        if len(values) < LEAST:
            intervals = (float("nan"),) * 4
        se, bias = float(values.std(ddof=1)), float(values.mean()) - estimate
        found.append((*head, se, bias, *intervals, len(values)))
    return found


def percentile(draws: Array, confidence: float) -> tuple[float, float]:
    """Percentile interval of the replicates ``draws`` (B,), finite."""
    low, high = np.quantile(draws, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)


def bca(draws: Array, estimate: float, jackknife: Array, confidence: float) -> tuple[float, float]:
    """Bias-corrected and accelerated interval (Efron 1987).

    Parameters
    ----------
    draws
        (B,) replicates, finite.
    jackknife
        (N,) estimates without each of the people.

    Returns
    -------
    tuple
        Both ends; NaN where all replicates lie on one side of the estimate.
    """
    below = float(np.mean(draws < estimate) + np.mean(draws == estimate) / 2)
    if not 0 < below < 1:
        return float("nan"), float("nan")
    shift = stats.norm.ppf(below)
    away = jackknife.mean() - jackknife
    spread = float((away**2).sum())
    acceleration = float((away**3).sum()) / (6 * spread**1.5) if spread > 0 else 0.0
    z = shift + stats.norm.ppf([(1 - confidence) / 2, (1 + confidence) / 2])
    at = np.asarray(stats.norm.cdf(shift + z / (1 - acceleration * z)))
    low, high = np.quantile(draws, at)
    return float(low), float(high)
