"""Power checked by simulation through the engine: the formula's promise held against refits.

Outcomes are drawn from the fitted model (random part and residuals) at the visits that this cohort
has, for the score and covariates that it has, and the model is fitted anew. The engine's estimates
move with whatever fixed effects are added to the outcome and its standard errors do not, so one
fit under no effect tells the power for every effect: the share of fits in which estimate + effect
would have been significant.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts, cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.t_tests import t_quantile
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.cell_tests import cell_tests
from pgsicbt.models.grid.ladder import Rung, rung
from pgsicbt.models.grid.rebuild import People, one_cell
from pgsicbt.power.visits import change_row
from pgsicbt.progress import Progress
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study

_ABOUT = ("severity", "change")


@dataclass(frozen=True)
class PowerCheck:
    """Fits of simulated outcomes without an effect of the score.

    ``estimate``, ``std_error`` and ``df`` are (R, 2): severity and change, per +1 SD of the score;
    ``failed`` counts draws whose model could not be fitted and are not among the R.
    """

    estimate: Array
    std_error: Array
    df: Array
    n_persons: int
    failed: int
    seed: int

    def found(self, about: str, effect: float, alpha: float) -> NDArray[np.bool_]:
        """(R,): whether a true effect would have been significant in each draw."""
        j = _ABOUT.index(about)
        statistic = (self.estimate[:, j] + effect) / self.std_error[:, j]
        return np.asarray(np.abs(statistic) > t_quantile(1 - alpha / 2, self.df[:, j]))

    def power(self, about: str, effect: float, alpha: float) -> tuple[float, float, float]:
        """Share of draws in which an effect was found, and its 95 % interval (Wilson).

        Effects of both signs are looked at, which halves the noise of the share.
        """
        both = np.r_[self.found(about, effect, alpha), self.found(about, -effect, alpha)]
        share, n, z = float(both.mean()), len(self.estimate), 1.959964
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2)) / (1 + z**2 / n)
        return share, centre - half, centre + half


def check_power(
    study: Study,
    result: Result,
    score: str,
    adjustment: str,
    *,
    replicates: int = 200,
    people: int | None = None,
    seed: int = 1,
    progress: Progress | None = None,
) -> PowerCheck:
    """Refit a model of a score to outcomes drawn from it, tested as the spec has it.

    Degrees of freedom (and with Kenward-Roger standard errors) are those that the spec asks for.

    Parameters
    ----------
    replicates
        Draws of the outcome.
    people
        Size of the study; other than this cohort's, so many people are drawn from it with
        replacement, once.
    seed
        Of the random numbers.
    progress
        Called with the draws done and all draws.

    Raises
    ------
    SpecError
        If the model is not a mixed model of one score, or has robust standard errors.
    FitError
        If no draw could be fitted.
    """
    spec = result.spec
    if spec.errors != "model":
        raise SpecError(
            "The check by simulation is for the model's own standard errors.",
            "Choose those instead of robust ones.",
        )
    if replicates < 2 or (people is not None and people < 2):
        raise SpecError("A simulation needs at least two draws of at least two people.")
    rng = np.random.default_rng(seed)
    with one_thread():
        cell, fit = one_cell(study, result, score, adjustment)
        drawn = _drawn(cell, fit, people, rng)
    here = rung(fit.random_used)
    rows = _rows(cell, fit)
    kept: list[tuple[Array, Array, Array]] = []
    failed = 0
    with one_thread():
        for done in range(1, replicates + 1):
            try:
                kept.append(_one(drawn, fit, here, spec, rows, rng))
            except FitError:
                failed += 1
            if progress is not None:
                progress(done, replicates)
    if not kept:
        raise FitError(
            "The model could not be fitted to any simulated outcome.", "Choose a simpler model."
        )
    estimate, error, df = (np.array([k[i] for k in kept]) for i in range(3))
    return PowerCheck(estimate, error, df, drawn.cp.n_persons, failed, seed)


@dataclass(frozen=True)
class _Drawn:
    """Columns X (n, p) and basis (n, r) of the people simulated, sorted by person."""

    cp: CrossProducts
    columns: Array
    basis: Array
    code: NDArray[np.intp]
    starts: NDArray[np.intp]


def _drawn(cell: People, fit: ModelFit, people: int | None, rng: np.random.Generator) -> _Drawn:
    sample = cell.sample
    order = np.argsort(sample.code, kind="stable")
    code = sample.code[order]
    columns, basis = cell.columns(fit)[order], cell.design.basis[order]
    n = len(sample.persons)
    if people is not None and people != n:
        starts = np.searchsorted(code, np.arange(n + 1))
        who = rng.integers(0, n, people)
        visits = np.diff(starts)[who]
        at = np.concatenate([np.arange(starts[i], starts[i + 1]) for i in who])
        columns, basis = columns[at], basis[at]
        code = np.repeat(np.arange(people), visits)
    names = fit.fixed.names
    cp = cross_products(names, columns, np.zeros(len(code)), basis, code)
    cp = dataclasses.replace(cp, residual_df=cp.n_observations, factor=None)
    first = np.flatnonzero(np.r_[True, code[1:] != code[:-1]])
    return _Drawn(cp, columns, basis, code, first)


def _one(
    drawn: _Drawn,
    fit: ModelFit,
    here: Rung,
    spec: AnalysisSpec,
    rows: Array,
    rng: np.random.Generator,
) -> tuple[Array, Array, Array]:
    cp, q = drawn.cp, here.q
    values, vectors = np.linalg.eigh(fit.random_covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    person = rng.standard_normal((cp.n_persons, q)) @ root.T
    y = (drawn.basis[:, :q] * person[drawn.code]).sum(axis=1)
    y += rng.standard_normal(len(y)) * math.sqrt(fit.residual_variance)
    cross, pooled = cp.cross.copy(), cp.pooled.copy()
    cross[:, :, -1] = np.add.reduceat(drawn.basis * y[:, None], drawn.starts, axis=0).T
    pooled[:-1, -1] = pooled[-1, :-1] = y @ drawn.columns
    pooled[-1, -1] = y @ y
    new = dataclasses.replace(cp, cross=cross, pooled=pooled, factor=None)
    start = fit.random_covariance / fit.residual_variance
    found = fit_lmm(new, q=q, correlated=here.correlated, reml=spec.reml, start=start)
    if found.dropped:
        raise FitError("A column is determined by the others in this draw.")
    tested = cell_tests(spec, new, found, None).contrasts(rows)
    return tested.estimate, tested.std_error, tested.df


def _rows(cell: People, fit: ModelFit) -> Array:
    """(2, p): severity at the origin of time, and change over the weeks it is told over."""
    if fit.time is None:
        raise SpecError("This model does not say how time was coded.", "Fit the analysis again.")
    names = cell.score_names(fit)
    places = [fit.fixed.names.index(name) for name in names]
    rows = np.zeros((2, len(fit.fixed.names)))
    rows[0, places[0]] = fit.score_unit
    rows[1, places[1:]] = change_row(fit.time) * fit.score_unit
    return rows
