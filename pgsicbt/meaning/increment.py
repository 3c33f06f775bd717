"""What a score adds to a regression over people: incremental R2 with its interval.

One row per person, least squares: the outcome on the covariates of a model, without and with the
score. With N people, p columns in the larger model (the constant counted), k columns added and
R2_0, R2_1 of the two models,

    incremental  R2_1 - R2_0
    partial      (R2_1 - R2_0) / (1 - R2_0)
    F            (R2_1 - R2_0) / k / ((1 - R2_1) / (N - p)),  on k and N - p degrees of freedom

The exact interval of one score inverts the noncentral t distribution of its coefficient: with d in
the limits of the noncentrality, partial R2 is l / (l + N) with l = d^2, and incremental R2 that
times (1 - R2_0). Where the limits hold zero the interval begins at zero, which is exactly where the
t test says so, and which no bootstrap of an R2 does. For several scores at once the noncentral F
takes its place (Steiger 2004, Psychol Methods 9:164; Smithson 2001, Educ Psychol Meas 61:605), and
its interval begins at zero where p is above half of alpha.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
import pandas as pd
from scipy import optimize, stats

from pgsicbt.errors import PgsIcbtError, SpecError
from pgsicbt.meaning.columns import enough, independent, own_slopes, person_columns
from pgsicbt.models.families.endpoints import Endpoints, endpoints
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import Study

Of = Literal["post", "post given before", "change", "slope"]
OUTCOMES: tuple[Of, ...] = ("post", "post given before", "change", "slope")
"""The value after treatment; the same with the one before among the covariates; after less before;
and each person's own least-squares slope a week (three visits or more)."""
INCREMENT_COLUMNS = (
    "score", "outcome", "model", "of", "r2_without", "r2_with", "incremental", "conf_low",
    "conf_high", "boot_low", "boot_high", "partial", "partial_low", "partial_high", "f", "df",
    "p_value", "n_persons", "reason",
)  # fmt: skip
"""Columns of :func:`increments`. ``score`` is ``"all"`` for all of them at once; shares are
between 0 and 1; ``reason`` says why numbers are missing."""
ALL = "all"
_LEAST = 100


def increments(
    study: Study,
    spec: AnalysisSpec,
    *,
    replicates: int = 0,
    seed: int = 1,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Incremental R2 of every score, and of all together, in regressions over people.

    Parameters
    ----------
    replicates
        Resamples of people for percentile intervals beside the exact ones; 0 for none.
    progress
        Called with regressions resampled and to be resampled.

    Returns
    -------
    DataFrame
        One row per score, model and outcome of a person, with ``INCREMENT_COLUMNS``.

    Raises
    ------
    SpecError
        If there is no score, or a number of resamples below zero.
    FitError
        If nobody can be analysed.
    """
    if not spec.scores:
        raise SpecError("There is no score to look at.", "Choose at least one.", code="no_score")
    if replicates < 0:
        raise SpecError("The number of resamples must not be negative.")
    ends = endpoints(study, spec)
    slope = own_slopes(study, spec, ends.sample.persons.index)
    cases = [(a, of) for a in spec.adjustments for of in OUTCOMES]
    records: list[dict[str, object]] = []
    for done, (adjustment, of) in enumerate(cases):
        step = None
        if progress is not None:
            step = _part(progress, done, len(cases))
        records += _case(study, spec, ends, slope, adjustment, of, replicates, seed, step)
    return pd.DataFrame.from_records(records, columns=list(INCREMENT_COLUMNS))


def _part(progress: Progress, done: int, of: int) -> Progress:
    return lambda now, all_: progress(done * all_ + now, of * all_)


def _case(
    study: Study,
    spec: AnalysisSpec,
    ends: Endpoints,
    slope: Array,
    adjustment: Adjustment,
    of: Of,
    replicates: int,
    seed: int,
    progress: Progress | None,
) -> list[dict[str, object]]:
    """Every score in one model of one outcome."""
    y = {"post": ends.after, "post given before": ends.after, "change": ends.after - ends.before,
         "slope": slope}[of]  # fmt: skip
    every = (*spec.scores, ALL) if len(spec.scores) > 1 else spec.scores
    out = []
    for j, score in enumerate(every):
        row: dict[str, object] = dict.fromkeys(INCREMENT_COLUMNS, np.nan)
        row |= {"score": score, "outcome": spec.outcome, "model": adjustment, "of": of}
        row["reason"] = ""
        names = spec.scores if score == ALL else (score,)
        known = np.isfinite(y) & ends.sample.persons[list(names)].notna().all(axis=1).to_numpy()
        try:
            base, added = _columns(study, spec, ends, known, adjustment, of, names)
            row |= _numbers(y[known], base, added, spec.confidence)
            if replicates:
                drawn = _resampled(y[known], base, added, replicates, seed)
                if len(drawn) >= _LEAST:
                    edges = [(1 - spec.confidence) / 2, (1 + spec.confidence) / 2]
                    row["boot_low"], row["boot_high"] = np.quantile(drawn, edges)
        except PgsIcbtError as problem:
            row["reason"], row["n_persons"] = str(problem), int(known.sum())
        out.append(row)
        if progress is not None:
            progress(j + 1, len(every))
    return out


def _columns(
    study: Study,
    spec: AnalysisSpec,
    ends: Endpoints,
    known: np.ndarray[tuple[int], np.dtype[np.bool_]],
    adjustment: Adjustment,
    of: Of,
    scores: tuple[str, ...],
) -> tuple[Array, Array]:
    """Columns (n, p) without the scores, and those that the scores add (n, k)."""
    part = ends.keep(known, "known", "missing")
    enough(len(part.before), 1, "what is predicted")
    base = person_columns(study, spec, part.sample, adjustment).values
    if of == "post given before":
        base = np.column_stack([base, part.before])
    added = np.column_stack([scaled(spec, part.sample.persons, s).values for s in scores])
    full = np.column_stack([base, added])
    kept = independent(full)
    base_kept = [j for j in kept if j < base.shape[1]]
    new = [j for j in kept if j >= base.shape[1]]
    enough(len(full), len(kept), "what is predicted")
    if not new:
        raise SpecError(
            f"{', '.join(scores)} is determined by the covariates, so it can add nothing.",
            "Leave one of them out.",
            code="collinear_score",
        )
    return full[:, base_kept], full[:, new]


def _numbers(y: Array, base: Array, added: Array, confidence: float) -> dict[str, float]:
    n, k = len(y), added.shape[1]
    total = float(((y - y.mean()) ** 2).sum())
    if not total > 0:
        raise SpecError("The outcome is the same for everybody, so there is nothing to explain.")
    less = 1 - _left(y, base) / total
    more = 1 - _left(y, np.column_stack([base, added])) / total
    df = n - base.shape[1] - k
    f = max(more - less, 0.0) / k / ((1 - more) / df)
    low, high = exact_partial(f, k, df, n, confidence)
    return {
        "r2_without": less, "r2_with": more, "incremental": more - less,
        "conf_low": low * (1 - less), "conf_high": high * (1 - less),
        "partial": (more - less) / (1 - less), "partial_low": low, "partial_high": high,
        "f": f, "df": float(df), "p_value": float(stats.f.sf(f, k, df)), "n_persons": n,
    }  # fmt: skip


def _left(y: Array, x: Array) -> float:
    """Residual sum of squares of least squares."""
    q, _ = np.linalg.qr(x)
    rest = y - q @ (q.T @ y)
    return float(rest @ rest)


def exact_partial(f: float, k: int, df: float, n: int, confidence: float) -> tuple[float, float]:
    """Exact limits of partial R2 from an F statistic on ``k`` and ``df`` degrees of freedom."""
    tail = (1 - confidence) / 2
    if k == 1:
        low, high = (_noncentrality_t(math.sqrt(f), df, q) for q in (1 - tail, tail))
        largest = max(low**2, high**2)
        smallest = 0.0 if low <= 0 else low**2
    else:
        smallest, largest = (_noncentrality_f(f, k, df, q) for q in (1 - tail, tail))
    return smallest / (smallest + n), largest / (largest + n)


def _noncentrality_t(t: float, df: float, quantile: float) -> float:
    """Noncentrality at which ``t`` is the quantile of the noncentral t distribution."""

    def miss(noncentrality: float) -> float:
        return _nct_cdf(t, df, noncentrality) - quantile

    reach = 8.0
    while miss(t - reach) < 0 or miss(t + reach) > 0:
        reach *= 2
    return float(optimize.brentq(miss, t - reach, t + reach, xtol=1e-10))


def _nct_cdf(t: float, df: float, noncentrality: float) -> float:
    """The noncentral t distribution; scipy's own has gaps in its tails.

    In a gap it is the mean of P(Z < t s - noncentrality) over s = sqrt(chi2 / df).
    """
    known = float(stats.nct.cdf(t, df, noncentrality))
    if math.isfinite(known):
        return known
    s = np.sqrt(stats.chi2.ppf((np.arange(500) + 0.5) / 500, df) / df)
    below: Array = np.asarray(stats.norm.cdf(t * s - noncentrality))
    return float(below.mean())


def _noncentrality_f(f: float, k: int, df: float, quantile: float) -> float:
    """Noncentrality at which ``f`` is the quantile of the noncentral F distribution, or 0."""

    def miss(noncentrality: float) -> float:
        return float(stats.ncf.cdf(f, k, df, noncentrality)) - quantile

    if float(stats.f.cdf(f, k, df)) <= quantile:
        return 0.0
    top = max(10.0, 4 * k * f)
    while miss(top) > 0:
        top *= 2
    return float(optimize.brentq(miss, 1e-12, top, xtol=1e-10))


def _resampled(y: Array, base: Array, added: Array, replicates: int, seed: int) -> Array:
    """Incremental R2 (B,) of resamples of people, from weighted cross-products."""
    columns = np.column_stack([base, added, y])
    n, p, k = len(y), base.shape[1], added.shape[1]
    size = columns.shape[1]
    upper = np.triu_indices(size)
    products = columns[:, upper[0]] * columns[:, upper[1]]
    rng = np.random.default_rng(seed)
    out = []
    chunk = max(1, 2_000_000 // n)
    for start in range(0, replicates, chunk):
        m = min(chunk, replicates - start)
        weights = rng.multinomial(n, np.full(n, 1 / n), m).astype(float)
        flat = weights @ products
        gram = np.empty((m, size, size))
        gram[:, upper[0], upper[1]] = flat
        gram[:, upper[1], upper[0]] = flat
        total = gram[:, -1, -1] - gram[:, 0, -1] ** 2 / n
        less = _left_of(gram, list(range(p)))
        more = _left_of(gram, list(range(p + k)))
        with np.errstate(divide="ignore", invalid="ignore"):
            out.append((less - more) / total)
    drawn = np.concatenate(out)
    return np.asarray(drawn[np.isfinite(drawn)])


def _left_of(gram: Array, at: list[int]) -> Array:
    """Residual sums of squares (B,) from cross-products whose last column is the outcome."""
    inner = gram[:, at][:, :, at]
    border = gram[:, at, -1]
    explained = np.full(len(gram), np.nan)
    usable = np.linalg.cond(inner) < 1e14
    solved = np.linalg.solve(inner[usable], border[usable][..., None])[..., 0]
    explained[usable] = (border[usable] * solved).sum(axis=1)
    return np.asarray(gram[:, -1, -1] - explained)
