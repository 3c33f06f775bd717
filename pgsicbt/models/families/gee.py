"""GEE as a grid over scores: the means of the mixed model, a working correlation.

    sum_i X_i' V_i^-1 (y_i - X_i b) = 0,   V_i = phi R_i(alpha)

R_i is the identity, has alpha everywhere (exchangeable), or alpha to the power of the weeks between
two visits (ar1). phi is the mean squared residual and alpha solves the least-squares equation of
all pairs of residuals of a person, as geepack has them (Halekoh, Hojsgaard & Yan 2006, J Stat
Softw 15(2)); b and alpha take turns until neither moves.

The point of GEE are its robust errors, so it has no others: CR2 with its degrees of freedom unless
the spec asks for CR0, which is the sandwich of Liang & Zeger (1986). Estimates are of the mean over
people, which in a linear model is that of the mixed model where values are missing at random; the
robust errors are right with a wrong working correlation, but the estimates need values missing
completely at random then.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.lmm import independent_columns
from pgsicbt.models.engine.robust import same_length
from pgsicbt.models.families.long_grid import Columns, Fitted, People, fit_long
from pgsicbt.models.families.long_tests import LongTests
from pgsicbt.models.grid.design import Design
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_part
from pgsicbt.models.mmrm.person_robust import Covariances, RobustVisits
from pgsicbt.progress import Progress
from pgsicbt.result import Array, FixedEffects, Result
from pgsicbt.spec import AnalysisSpec, Working
from pgsicbt.study import Study

_MAX_ROUNDS = 100
_STILL = 1e-11  # change of alpha at which the rounds end
_LARGEST = 0.9999  # a working correlation beyond this is no longer inverted


def fit_gee(study: Study, spec: AnalysisSpec, progress: Progress | None = None) -> Result:
    """Fit one GEE per score and adjustment; see :func:`pgsicbt.models.fit.fit`.

    The result's spec names the robust errors that were used.

    Raises
    ------
    SpecError
        If Kenward-Roger is asked for, which belongs to a likelihood.
    FitError
        If no model can be fitted.
    """
    if spec.df == "kenward-roger":
        raise SpecError(
            "Kenward-Roger belongs to models with a likelihood, and GEE has none.",
            "Choose Satterthwaite, which goes with the robust errors of GEE.",
            column="df",
        )
    if spec.errors == "model":
        spec = spec.replace(errors="CR2")
    return fit_long(study, spec, VisitPeople, progress)


@dataclass(frozen=True)
class _Rows:
    """Visits in the order of people and weeks: ``person``, ``time`` and how long since the last.

    ``first`` marks the first visit of a person; ``sizes`` (N,) are the visits of each.
    """

    person: NDArray[np.intp]
    time: Array
    first: NDArray[np.bool_]
    gap: Array
    sizes: Array
    starts: NDArray[np.intp]


class VisitPeople(People):
    """People by visits, with the last working correlation to start the next from."""

    def __init__(self, study: Study, spec: AnalysisSpec, sample: Sample, design: Design) -> None:
        super().__init__(study, spec, sample, design)
        self._order = np.lexsort((sample.time, sample.code))
        person, time = sample.code[self._order], sample.time[self._order]
        first = np.r_[True, person[1:] != person[:-1]]
        gap = np.where(first, 0.0, np.r_[0.0, np.diff(time)])
        if spec.working == "ar1" and bool((gap[~first] <= 0).any()):
            raise SpecError(
                "Some people have two values in one week, whose AR(1) correlation would be one.",
                "Choose an exchangeable working correlation.",
                code="values_in_one_week",
                column="working",
            )
        sizes = np.bincount(person).astype(float)
        starts = np.flatnonzero(first).astype(np.intp)
        self.rows = _Rows(person, time, first, gap, sizes, starts)
        self.value = sample.value[self._order]
        self._pairs = _Pairs.of(self.rows)
        self._alpha = 0.0

    def told(self) -> str:
        """What the formula says of the working correlation."""
        return f"GEE with {_WORDS[self.spec.working]} working correlation"

    def fit(self, columns: Columns) -> Fitted:
        """Fit one model."""
        x = self._design(columns)
        # One scale and one origin for all columns, so that units cost no digits.
        size = np.sqrt((x**2).mean(axis=0))
        size[size == 0] = 1.0
        keep = independent_columns((x / size).T @ (x / size))
        names = columns.names
        x = x[:, keep]
        n, p = x.shape
        if n <= p or len(self.rows.sizes) <= p:
            raise FitError(
                f"There are {len(self.rows.sizes)} people for {p} coefficients.",
                "Choose fewer covariates or load more people.",
                code="too_few_people",
            )
        q, r = np.linalg.qr(x)
        b, alpha, phi, converged = self._solve(q)
        back = np.linalg.inv(r)
        white = _whitened(self.rows, q, alpha, self.spec.working)
        covariance = back @ np.linalg.inv(white.T @ white) @ back.T
        estimates, residual = back @ b, self.value - q @ b
        robust = RobustVisits(
            x, residual, self.rows.person, self._working(alpha), covariance, estimates,
            "CR0" if self.spec.errors == "CR0" else "CR2",
        )  # fmt: skip
        fixed = FixedEffects(
            names=tuple(names[j] for j in keep),
            estimates=estimates,
            covariance=phi * covariance,
            covariance_gradient=np.zeros((0, p, p)),
            variance_covariance=np.zeros((0, 0)),
            n_observations=n,
            adjusted=robust.meat(),
            robust_df=np.full(p, np.inf),
        )
        return Fitted(
            tests=LongTests(self.spec, fixed, robust=robust),
            residual_variance=phi,
            log_likelihood=float("nan"),
            converged=converged,
            dropped=tuple(n for j, n in enumerate(names) if j not in set(keep)),
            details={"working_correlation": alpha, "scale": phi},
        )

    def _design(self, columns: Columns) -> Array:
        time = self.design.time
        start = 1 + len(time.names)
        basis = self.design.columns[self._order, :start]
        made = np.empty((len(self.value), len(columns.terms)))
        for j, term in enumerate(columns.terms):
            column, of = time_part(time, term.name)
            made[:, j] = 1.0 if column is None else basis[:, 1 + column]
            if of:
                made[:, j] *= columns.people[of][self.rows.person]
        return made

    def _solve(self, x: Array) -> tuple[Array, float, float, bool]:
        """Coefficients, alpha, phi and whether they came to rest."""
        working, rows = self.spec.working, self.rows
        alpha = 0.0 if working == "independence" else self._alpha
        for _ in range(_MAX_ROUNDS):
            both = _whitened(rows, np.column_stack([x, self.value]), alpha, working)
            gram = both.T @ both
            b = np.linalg.solve(gram[:-1, :-1], gram[:-1, -1]).astype(np.float64)
            residual = self.value - x @ b
            phi = float(residual @ residual) / len(residual)
            if not phi > 1e-12 * float((self.value**2).mean()):
                raise FitError(
                    "The covariates determine the outcome exactly, so nothing is left to explain.",
                    "Check that the outcome does not vary for another reason or occur among them.",
                    code="perfect_fit",
                )
            if working == "independence":
                return b, 0.0, phi, True
            new = self._pairs.alpha(residual / np.sqrt(phi), working)
            new = min(max(new, self._pairs.least(working)), _LARGEST)
            if abs(new - alpha) < _STILL:
                self._alpha = alpha
                return b, alpha, phi, True
            alpha = new
        return b, alpha, phi, False

    def _working(self, alpha: float) -> Covariances:
        working, time = self.spec.working, self.rows.time

        def of(rows: NDArray[np.intp]) -> Array:
            n, m = rows.shape
            if working == "ar1":
                apart = np.abs(time[rows][:, :, None] - time[rows][:, None, :])
                return np.asarray(alpha**apart)
            one = np.full((m, m), alpha)
            np.fill_diagonal(one, 1.0)
            return np.broadcast_to(one, (n, m, m))

        return of


_WORDS: dict[Working, str] = {
    "independence": "an independent",
    "exchangeable": "an exchangeable",
    "ar1": "an autoregressive",
}


@dataclass(frozen=True)
class _Pairs:
    """Pairs of visits of a person: positions (pairs,), weeks apart by kind of distance."""

    one: NDArray[np.intp]
    other: NDArray[np.intp]
    kind: NDArray[np.intp]
    apart: Array
    most: int

    @classmethod
    def of(cls, rows: _Rows) -> _Pairs:
        one, other = [], []
        for block in same_length(rows.person, 1):
            a, b = np.triu_indices(block.shape[1], 1)
            one.append(block[:, a].ravel())
            other.append(block[:, b].ravel())
        first, second = np.concatenate(one), np.concatenate(other)
        apart, kind = np.unique(
            np.round(np.abs(rows.time[second] - rows.time[first]), 6), return_inverse=True
        )
        return cls(first, second, kind.ravel(), apart.astype(np.float64), int(rows.sizes.max()))

    def least(self, working: Working) -> float:
        """The smallest alpha of which every working correlation is positive definite."""
        if working == "ar1":
            return 0.0
        return -0.999 / max(self.most - 1, 1)

    def alpha(self, residual: Array, working: Working) -> float:
        """Least squares of products of residuals of mean square one, over all pairs."""
        products = residual[self.one] * residual[self.other]
        if working == "exchangeable":
            return float(products.mean())
        n = np.bincount(self.kind)
        sums = np.bincount(self.kind, weights=products)

        def equation(alpha: float) -> float:
            slope = self.apart * alpha ** (self.apart - 1.0)
            return float((slope * (sums - n * alpha**self.apart)).sum())

        if equation(1e-6) <= 0:
            return 0.0
        if equation(_LARGEST) >= 0:
            return _LARGEST
        return float(brentq(equation, 1e-6, _LARGEST, xtol=1e-14))


def _whitened(rows: _Rows, x: Array, alpha: float, working: Working) -> Array:
    """R^-1/2 X person by person: (n, p), with X'R^-1X as its products."""
    if working == "independence" or alpha == 0.0:
        return x
    if working == "ar1":
        rho = np.where(rows.first, 0.0, alpha**rows.gap)[:, None]
        before = np.vstack([np.zeros((1, x.shape[1])), x[:-1]])
        return np.asarray((x - rho * before) / np.sqrt(1.0 - rho**2))
    share = 1.0 - np.sqrt((1.0 - alpha) / (1.0 + (rows.sizes - 1.0) * alpha))
    means = np.add.reduceat(x, rows.starts, axis=0) / rows.sizes[:, None]
    return np.asarray((x - (share[:, None] * means)[rows.person]) / np.sqrt(1.0 - alpha))
