"""Covariance structures over visits, with first and second derivatives.

Each structure has two sets of parameters. The optimiser works in one without constraints: the
Cholesky factor with a logarithmic diagonal (unstructured), or logarithms of variances together
with Fisher's z of the correlation (AR(1)), a logit over its admissible range (compound
symmetry), or Fisher's z of the partial autocorrelations (Toeplitz), which reach every positive
definite matrix of their kind and nothing else (Barndorff-Nielsen & Schou 1973, J Multivariate
Anal 3:408). Inference uses the natural set, variances and correlations as SAS PROC MIXED has
them, because the second-derivative term of Kenward and Roger depends on the choice; for the
structures that are linear in (co)variances, as SAS writes them, that term is zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from pgsicbt.errors import FitError, SpecError
from pgsicbt.result import Array

StructureName = Literal[
    "unstructured",
    "ar1",
    "heterogeneous_ar1",
    "compound_symmetry",
    "heterogeneous_compound_symmetry",
    "toeplitz",
    "heterogeneous_toeplitz",
]

_MOST = 0.95  # largest correlation to start from


@dataclass(frozen=True)
class Derivatives:
    """Of Sigma (M, M) by k parameters.

    ``jacobian`` (k, M, M); ``curvature(G)`` (k, k) are the traces of G with every second
    derivative, ``bend(W)`` (M, M) is the sum of the second derivatives weighted by W (k, k).
    """

    jacobian: Array
    curvature: Callable[[Array], Array]
    bend: Callable[[Array], Array]


class Unstructured:
    """A free variance per visit and a free covariance per pair of visits."""

    def __init__(self, n_visits: int, unit: Array | None = None) -> None:
        self.n_visits = n_visits
        self._unit = np.ones(n_visits) if unit is None else unit
        self._at = self._row, self._col = np.tril_indices(n_visits)
        self.n_parameters = len(self._row)

    def suited(self, variances: Array) -> Unstructured:
        """The same structure in units of each visit, so that steps do not depend on them."""
        return Unstructured(self.n_visits, np.sqrt(variances))

    def start(self, variances: Array, correlation: Array) -> Array:
        """Parameters near a rough covariance, whose correlations may be impossible together."""
        r = np.clip(correlation, -_MOST, _MOST)
        np.fill_diagonal(r, 1.0)
        for share in (0.0, 0.2, 0.5, 0.8, 1.0):
            mixed = (1.0 - share) * r + share * np.eye(self.n_visits)
            if np.linalg.eigvalsh(mixed)[0] > 0.05:
                break
        lower = (np.sqrt(variances) / self._unit)[:, None] * np.linalg.cholesky(mixed)
        np.fill_diagonal(lower, np.log(np.diag(lower)))
        return np.asarray(lower[self._at])

    def _factor(self, theta: Array) -> Array:
        lower = np.zeros((self.n_visits, self.n_visits))
        lower[self._at] = theta
        np.fill_diagonal(lower, np.exp(np.diag(lower)))
        return self._unit[:, None] * lower

    def scaled(self, theta: Array, factor: float) -> Array:
        """Parameters of the covariance times ``factor`` squared."""
        steps = np.where(self._row == self._col, np.log(factor), 0.0)
        return np.asarray(np.where(self._row == self._col, theta, factor * theta) + steps)

    def sigma(self, theta: Array) -> Array:
        """Sigma (M, M)."""
        lower = self._factor(theta)
        return lower @ lower.T

    def derivatives(self, theta: Array) -> Derivatives:
        """By the unconstrained parameters."""
        lower = self._factor(theta)
        row, col = self._row, self._col
        k = np.arange(self.n_parameters)
        step = np.where(row == col, lower[row, col], self._unit[row])
        half = np.zeros((self.n_parameters, self.n_visits, self.n_visits))
        half[k, row] = step[:, None] * lower[:, col].T
        jacobian = half + half.transpose(0, 2, 1)
        shared = np.outer(step, step) * (col[:, None] == col)

        def curvature(g: Array) -> Array:
            c = 2.0 * g[np.ix_(row, row)] * shared
            c[k, k] += np.where(row == col, np.tensordot(jacobian, g, axes=2), 0.0)
            return np.asarray(c)

        def bend(_: Array) -> Array:
            # Only Kenward-Roger asks for it, and only by the natural parameters.
            raise FitError("Kenward-Roger needs the natural parameters of the covariance.")

        return Derivatives(jacobian, curvature, bend)

    def natural(self, _: Array) -> Derivatives:
        """By the entries of Sigma, in which it is linear."""
        row, col = self._row, self._col
        k = np.arange(self.n_parameters)
        jacobian = np.zeros((self.n_parameters, self.n_visits, self.n_visits))
        jacobian[k, row, col] = jacobian[k, col, row] = 1.0
        m = self.n_visits
        return Derivatives(
            jacobian, lambda _: np.zeros((len(k), len(k))), lambda _: np.zeros((m, m))
        )


class ByLag:
    """Correlations that depend on how many visits lie between; equal or free variances.

    Sigma_ab = sqrt(v_a v_b) rho_|a-b|. Parameters: the variances, then those of rho.
    """

    def __init__(
        self, n_visits: int, kind: Literal["ar1", "cs", "toeplitz"], heterogeneous: bool
    ) -> None:
        self.n_visits = n_visits
        self._kind = kind
        self._linear = not heterogeneous and kind != "ar1"
        visits = np.arange(n_visits)
        self._lag = np.abs(visits[:, None] - visits)
        self._of_visit = np.eye(n_visits) if heterogeneous else np.ones((1, n_visits))
        self._n_variances = len(self._of_visit)
        self.n_parameters = self._n_variances + (n_visits - 1 if kind == "toeplitz" else 1)

    def start(self, variances: Array, correlation: Array) -> Array:
        """Parameters near a rough covariance, whose correlations may be impossible together."""
        v = self._of_visit @ variances / self._of_visit.sum(axis=1)
        near = self._lag == 1 if self._kind != "cs" else self._lag > 0
        r = float(np.mean(correlation[near]))
        free = np.zeros(self.n_parameters - self._n_variances)
        if self._kind == "cs":
            low = -1.0 / (self.n_visits - 1)
            share = (np.clip(r, 0.9 * low, _MOST) - low) / (1.0 - low)
            free[0] = np.log(share / (1.0 - share))
        else:
            free[0] = np.arctanh(np.clip(r, -_MOST, _MOST))
        return np.concatenate([np.log(v), free])

    def suited(self, _: Array) -> ByLag:
        """Itself: its parameters have no units."""
        return self

    def _split(self, theta: Array) -> tuple[Array, Array]:
        return np.exp(theta[: self._n_variances]), theta[self._n_variances :]

    def scaled(self, theta: Array, factor: float) -> Array:
        """Parameters of the covariance times ``factor`` squared."""
        out = theta.copy()
        out[: self._n_variances] += 2.0 * np.log(factor)
        return np.asarray(out)

    def sigma(self, theta: Array) -> Array:
        """Sigma (M, M)."""
        v, free = self._split(theta)
        root = np.sqrt(v @ self._of_visit)
        return np.asarray(np.outer(root, root) * self._correlations(free)[0][self._lag])

    def derivatives(self, theta: Array) -> Derivatives:
        """By the unconstrained parameters."""
        v, free = self._split(theta)
        return self._derivatives(v, *self._correlations(free), by_log=True)

    def natural(self, theta: Array) -> Derivatives:
        """By variances and correlations."""
        v, free = self._split(theta)
        rho = self._correlations(free)[0]
        lag = np.arange(self.n_visits, dtype=float)
        if self._kind == "toeplitz":
            first = np.eye(self.n_visits)[1:]
            second = np.zeros((len(free), len(free), self.n_visits))
        elif self._kind == "cs":
            first, second = (lag > 0)[None].astype(float), np.zeros((1, 1, self.n_visits))
        else:
            first, second = _powers(rho[1], lag)
        return self._derivatives(v, rho, first, second, by_log=False)

    def _correlations(self, free: Array) -> tuple[Array, Array, Array]:
        """rho by lag (M,) with its first (q, M) and second (q, q, M) derivatives."""
        lag = np.arange(self.n_visits, dtype=float)
        if self._kind == "toeplitz":
            return _autocorrelations(free)
        if self._kind == "ar1":
            r = float(np.tanh(free[0]))
            slope = 1.0 - r * r
            bend = -2.0 * r * slope
            first, second = _powers(r, lag)
            return np.power(r, lag), first * slope, second * slope**2 + first * bend
        low = -1.0 / (self.n_visits - 1)
        share = 1.0 / (1.0 + np.exp(-free[0]))
        slope = (1.0 - low) * share * (1.0 - share)
        off = (lag > 0).astype(float)
        rho = np.where(lag > 0, low + (1.0 - low) * share, 1.0)
        return rho, (slope * off)[None], (slope * (1.0 - 2.0 * share) * off)[None, None]

    def _derivatives(
        self, v: Array, rho: Array, first: Array, second: Array, *, by_log: bool
    ) -> Derivatives:
        n = self._n_variances
        root = np.sqrt(v @ self._of_visit)
        scale = np.outer(root, root)
        sigma = scale * rho[self._lag]
        w = 0.5 * (self._of_visit[:, :, None] + self._of_visit[:, None, :])
        if not by_log:
            w = w / v[:, None, None]
        by_v = w * sigma
        by_r = scale * first[:, self._lag]
        all_second = np.empty((self.n_parameters, *(self.n_parameters, *sigma.shape)))
        all_second[:n, :n] = w[:, None] * by_v
        if not by_log:
            on = np.arange(n)
            all_second[on, on] -= by_v / v[:, None, None]
        all_second[:n, n:] = w[:, None] * by_r
        all_second[n:, :n] = all_second[:n, n:].transpose(1, 0, 2, 3)
        all_second[n:, n:] = scale * second[:, :, self._lag]

        def bend(weights: Array) -> Array:
            if self._linear:  # in variance and covariances, the parameters SAS has here
                return np.zeros_like(sigma)
            return np.tensordot(weights, all_second, axes=2)

        return Derivatives(
            np.concatenate([by_v, by_r]), lambda g: np.tensordot(all_second, g, axes=2), bend
        )


Structure = Unstructured | ByLag


def structure_named(name: str, n_visits: int) -> Structure:
    """The structure of that name over ``n_visits`` visits.

    Raises
    ------
    SpecError
        If there is no such structure.
    """
    if name not in get_args(StructureName):
        raise SpecError(
            f"structure cannot be {name!r}.",
            f"Choose one of: {', '.join(get_args(StructureName))}.",
        )
    if name == "unstructured":
        return Unstructured(n_visits)
    free = name.startswith("heterogeneous_")
    short = name.removeprefix("heterogeneous_")
    if short == "ar1":
        return ByLag(n_visits, "ar1", free)
    return ByLag(n_visits, "toeplitz" if short == "toeplitz" else "cs", free)


def _powers(r: float, lag: Array) -> tuple[Array, Array]:
    """First (1, M) and second (1, 1, M) derivatives of r ** lag."""
    first = lag * np.power(r, np.maximum(lag - 1.0, 0.0))
    second = lag * (lag - 1.0) * np.power(r, np.maximum(lag - 2.0, 0.0))
    return first[None], second[None, None]


@dataclass(frozen=True)
class _Jet:
    """A number with its gradient (q,) and Hessian (q, q)."""

    value: float
    slope: Array
    bend: Array

    def __add__(self, other: _Jet) -> _Jet:
        return _Jet(self.value + other.value, self.slope + other.slope, self.bend + other.bend)

    def __sub__(self, other: _Jet) -> _Jet:
        return _Jet(self.value - other.value, self.slope - other.slope, self.bend - other.bend)

    def __mul__(self, other: _Jet) -> _Jet:
        cross = np.outer(self.slope, other.slope)
        return _Jet(
            self.value * other.value,
            self.value * other.slope + other.value * self.slope,
            self.value * other.bend + other.value * self.bend + cross + cross.T,
        )


def _autocorrelations(free: Array) -> tuple[Array, Array, Array]:
    """Autocorrelations from Fisher's z of partial ones: the Durbin-Levinson recursion."""
    q = len(free)
    one = _Jet(1.0, np.zeros(q), np.zeros((q, q)))
    rho, phi, left = [one], list[_Jet](), one
    for k in range(q):
        t = float(np.tanh(free[k]))
        slope, bend = np.zeros(q), np.zeros((q, q))
        slope[k] = 1.0 - t * t
        bend[k, k] = -2.0 * t * slope[k]
        partial = _Jet(t, slope, bend)
        new = partial * left
        for j in range(k):
            new = new + phi[j] * rho[k - j]
        rho.append(new)
        phi = [phi[j] - partial * phi[k - 1 - j] for j in range(k)] + [partial]
        left = left * (one - partial * partial)
    return (
        np.array([r.value for r in rho]),
        np.stack([r.slope for r in rho], axis=-1),
        np.stack([r.bend for r in rho], axis=-1),
    )
