"""The search for Psi of many weighted replicates at once, on expanded deviances.

Newton steps in Gamma (see :mod:`.person_columns`) find optima inside the cone of
covariances. Where a step leaves the cone the search goes on in the root L with Psi = L L', where
the boundary is an ordinary stationary point, as in :mod:`pgsicbt.models.engine.optimise`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.engine.deviance import lower_entries
from pgsicbt.models.resampling.weighted_deviance import (
    Here,
    Mask,
    Sums,
    WeightedDeviance,
    symmetric,
)
from pgsicbt.result import Array

SETTLED = 1e-7
"""Newton decrement, in units of the deviance, at which a replicate is at its optimum: variance
parameters are then within 0.0003 of their standard errors."""
_INSIDE = 8
_ON_BOUNDARY = 40
_MULTIPLIER = -1e-3  # derivative of the deviance off the boundary that still counts as zero


@dataclass(frozen=True)
class Found:
    """Where the search ended: ``change`` (B, p) in unit columns, ``psi`` (B, q, q) whitened,
    ``sigma2`` (B,), ``gamma`` (B, P) and ``good`` (B,), False where the expansion does not hold."""

    change: Array
    psi: Array
    sigma2: Array
    gamma: Array
    good: Mask


def _as_derivative(gradient: Array, directions: Array) -> Array:
    """(B, q, q) D with d(deviance) = tr(D dGamma)."""
    norm = (directions**2).sum(axis=(1, 2))
    return np.tensordot(gradient / norm, directions, axes=1)


class Search(WeightedDeviance):
    """The search for the optima of replicates of one model."""

    def run(self, s: Sums, settled: float = SETTLED) -> Found:
        """The optima of all replicates, each to a Newton decrement below ``settled``."""
        count, size = len(s.yy), len(self.d)
        gamma = np.zeros((count, size))
        found = Found(
            np.full(s.xx.shape[:1] + s.xx.shape[-1:], np.nan),
            np.full((count, *self.psi0.shape), np.nan),
            np.full(count, np.nan),
            gamma,
            np.zeros(count, dtype=bool),
        )
        left = self._inside(s, found, settled)
        if len(left):
            self._boundary(s.at(left), left, found, settled)
        return found

    def _inside(self, s: Sums, found: Found, enough: float) -> NDArray[np.intp]:
        """Newton steps in Gamma; returns the replicates that left the cone or did not settle."""
        rows = np.arange(len(s.yy))
        left: list[NDArray[np.intp]] = []
        gamma = np.zeros((len(rows), len(self.d)))
        for _ in range(_INSIDE):
            here, fine = self.evaluate(s, gamma)
            step, decrement = _newton_step(here.gradient, here.hessian)
            psi, inside = self._psi(gamma)
            inside &= fine
            settled = inside & (decrement < enough)
            self._keep(found, rows, settled, here, psi, gamma)
            left.append(rows[~inside])
            on = inside & ~settled
            if not on.any():
                return np.concatenate(left)
            if not on.all():
                rows, s, gamma, step = rows[on], s.at(on), gamma[on], step[on]
            gamma = gamma + step
        left.append(rows)
        return np.concatenate(left)

    def _psi(self, gamma: Array) -> tuple[Array, Mask]:
        """Whitened Psi (B, q, q) at Gamma, and whether it is positive definite."""
        g = symmetric(gamma, self.d)
        inner = np.eye(len(self.mean)) - self.mean @ g
        good = np.linalg.det(inner) > 1e-9
        inner[~good] = np.eye(len(self.mean))
        delta = g @ np.linalg.inv(inner)
        psi = self.psi0 + (delta + np.swapaxes(delta, 1, 2)) / 2
        return psi, good & (np.linalg.eigvalsh(psi)[:, 0] > 0)

    def _gamma(self, psi: Array) -> tuple[Array, Array]:
        """Free entries of Gamma (B, P) at Psi, and J = (I + Hbar Delta)^-1 (B, q, q)."""
        delta = psi - self.psi0
        j = np.linalg.inv(np.eye(len(self.mean)) + self.mean @ delta)
        g = delta @ j
        where = self.columns.around.where
        return np.stack([(g[:, a, b] + g[:, b, a]) / 2 for a, b in where], axis=1), j

    def _keep(
        self,
        found: Found,
        rows: NDArray[np.intp],
        which: Mask,
        here: Here,
        psi: Array,
        gamma: Array,
    ) -> None:
        at = rows[which]
        found.change[at] = here.change[which]
        found.sigma2[at] = here.rss[which]
        found.psi[at] = psi[which]
        found.gamma[at] = gamma[which]
        found.good[at] = True

    def _boundary(self, s: Sums, rows: NDArray[np.intp], found: Found, enough: float) -> None:
        """Newton steps with halving in L, from a point just inside the cone."""
        q, size = len(self.mean), len(self.d)
        correlated = size == q * (q + 1) // 2
        entries = lower_entries(q, correlated)
        theta = np.tile(_start(self.psi0, entries), (len(rows), 1))
        here, g_theta, h_theta, psi, gamma, fine = self._at_root(s, theta, entries)
        rows, s, theta = rows[fine], s.at(fine), theta[fine]
        value, g_theta, h_theta = here.value[fine], g_theta[fine], h_theta[fine]
        scale = np.ones(len(rows))
        step, decrement = _newton_step(g_theta, h_theta)
        for _ in range(_ON_BOUNDARY):
            if not len(rows):
                return
            trial = theta + scale[:, None] * step
            here, g_new, h_new, psi, gamma, fine = self._at_root(s, trial, entries)
            better = fine & (here.value <= value + 1e-9 * (1 + np.abs(value)))
            theta = np.where(better[:, None], trial, theta)
            value = np.where(better, here.value, value)
            new_step, new_decrement = _newton_step(g_new, h_new)
            step = np.where(better[:, None], new_step, step)
            decrement = np.where(better, new_decrement, decrement)
            scale = np.where(better, 1.0, scale / 4)
            settled = better & (decrement < enough)
            if settled.any():
                optimal = settled & self._is_optimum(here, psi)
                self._keep(found, rows, optimal, here, psi, gamma)
            on = ~settled & (scale > 1e-6)
            rows, s, theta, value = rows[on], s.at(on), theta[on], value[on]
            step, decrement, scale = step[on], decrement[on], scale[on]

    def _at_root(
        self, s: Sums, theta: Array, entries: list[tuple[int, int]]
    ) -> tuple[Here, Array, Array, Array, Array, Mask]:
        """Deviance with gradient and Hessian by the free entries of L, Psi and Gamma there."""
        q = len(self.mean)
        lam = np.zeros((len(theta), q, q))
        for k, (r, c) in enumerate(entries):
            lam[:, r, c] = theta[:, k]
        psi = lam @ np.swapaxes(lam, 1, 2)
        gamma, j = self._gamma(psi)
        here, fine = self.evaluate(s, gamma)
        slope = j @ _as_derivative(here.gradient, self.d) @ np.swapaxes(j, 1, 2)
        # dGamma = J' dPsi J; a step in L_rc moves Psi by e_r l_c' + l_c e_r'.
        moves, raw = [], []
        for r, c in entries:
            d = np.zeros((len(theta), q, q))
            d[:, r, :] += lam[:, :, c]
            d[:, :, r] += lam[:, :, c]
            raw.append(d)
            g = np.swapaxes(j, 1, 2) @ d @ j
            where = self.columns.around.where
            moves.append(np.stack([g[:, a, b] for a, b in where], axis=1))
        jac = np.stack(moves, axis=2)  # (B, P, entries)
        new_mean = j @ self.mean
        hess = np.swapaxes(jac, 1, 2) @ here.hessian @ jac
        for i, (r, c) in enumerate(entries):
            for k, (t, e) in enumerate(entries):
                twice = raw[i] @ new_mean @ raw[k]
                hess[:, i, k] -= 2 * (slope * np.swapaxes(twice, 1, 2)).sum(axis=(1, 2))
                if c == e:
                    hess[:, i, k] += 2 * slope[:, r, t]
        grad = np.stack([(slope * d).sum(axis=(1, 2)) for d in raw], axis=1)
        return here, grad, hess, psi, gamma, fine

    def _is_optimum(self, here: Here, psi: Array) -> Mask:
        """Whether the deviance does not fall on leaving the boundary into the cone."""
        _, j = self._gamma(psi)
        slope = j @ _as_derivative(here.gradient, self.d) @ np.swapaxes(j, 1, 2)
        values, vectors = np.linalg.eigh(psi)
        inner = np.swapaxes(vectors, 1, 2) @ slope @ vectors
        null = values < 1e-6 * np.maximum(1.0, values[:, -1:])
        along = np.where(null[:, :, None] & null[:, None, :], inner, 0.0)
        if len(self.d) == psi.shape[1]:
            along *= np.eye(psi.shape[1])
        return np.asarray(np.linalg.eigvalsh(along)[:, 0] >= _MULTIPLIER)


def _start(psi: Array, entries: list[tuple[int, int]]) -> Array:
    """Free entries of L at Psi moved a little inside the cone."""
    values, vectors = np.linalg.eigh(psi)
    values = np.maximum(values, 0.02 * max(float(values[-1]), 0.1))
    if all(r == c for r, c in entries):
        return np.sqrt(np.maximum(np.diag(psi), 0.02 * max(float(np.diag(psi).max()), 0.1)))
    lower = np.linalg.cholesky((vectors * values) @ vectors.T)
    return np.array([lower[r, c] for r, c in entries])


def _newton_step(gradient: Array, hessian: Array) -> tuple[Array, Array]:
    """Newton steps downhill (B, P) and their decrements (B,)."""
    known = np.isfinite(hessian).all(axis=(1, 2)) & np.isfinite(gradient).all(axis=1)
    bad: Mask = np.asarray(~known)
    if bad.any():
        hessian = np.where(bad[:, None, None], np.eye(hessian.shape[1]), hessian)
        gradient = np.where(bad[:, None], 0.0, gradient)
    values, vectors = np.linalg.eigh(hessian)
    size = np.abs(values)
    size = np.maximum(size, 1e-8 * np.maximum(1.0, size.max(axis=1, keepdims=True)))
    along = np.matmul(np.swapaxes(vectors, 1, 2), gradient[:, :, None])[:, :, 0]
    step = -np.matmul(vectors, (along / size)[:, :, None])[:, :, 0]
    return step, np.where(bad, np.inf, (along**2 / size).sum(axis=1))
