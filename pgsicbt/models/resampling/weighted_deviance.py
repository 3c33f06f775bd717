"""The deviances of many weighted replicates of one model, expanded around one Psi.

Each replicate's deviance is a polynomial in Gamma (see :mod:`.person_columns`)
with coefficients that its weights give, so deviance, gradient and Hessian of all replicates are a
few batched operations on p x p matrices.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.resampling.person_columns import PersonColumns
from pgsicbt.result import Array

Mask = NDArray[np.bool_]

_PIVOT = 1e-10  # share of a column's sum of squares that must be its own


@dataclass(frozen=True)
class Sums:
    """Weighted sums over people of B replicates, the coefficients of their deviances.

    ``xx`` (B, K, p, p), ``xy`` (B, K', p), ``yy`` and ``log`` (B, T) by monomial, ``persons``
    and ``visits`` (B,) their weighted numbers, ``curved`` (K' - K, p, p) the next order of
    X'V^-1X per person, from everybody.
    """

    xx: Array
    xy: Array
    yy: Array
    log: Array
    persons: Array
    visits: Array
    curved: Array

    def at(self, rows: Mask | NDArray[np.intp]) -> Sums:
        """Some of the replicates."""
        return replace(
            self,
            xx=self.xx[rows],
            xy=self.xy[rows],
            yy=self.yy[rows],
            log=self.log[rows],
            persons=self.persons[rows],
            visits=self.visits[rows],
        )


@dataclass(frozen=True)
class Here:
    """Deviance up to a constant, its gradient (B, P) and Hessian (B, P, P) by Gamma, b - b0."""

    value: Array
    gradient: Array
    hessian: Array
    change: Array
    rss: Array


def symmetric(values: Array, directions: Array) -> Array:
    """(B, q, q) matrices from their free entries (B, P)."""
    return np.tensordot(values, directions, axes=1)


class WeightedDeviance:
    """The deviances of replicates of one model. ``reml`` as in the fit.

    ``mean`` is Hbar, ``psi0`` the Psi that is expanded around, ``d`` (P, q, q) the directions in
    which Psi may move.
    """

    def __init__(self, columns: PersonColumns, total: Sums, reml: bool) -> None:
        self.columns, self.reml = columns, reml
        self.mean, self.psi0 = columns.mean, columns.around.psi
        self.d = columns.around.directions
        down = columns.products.down
        self._down = down
        self._down2 = np.einsum("kij,ljm->klim", down, down, optimize=True)
        self._trace_hessian = self._of_trace(total)

    def _of_trace(self, total: Sums) -> Array:
        """Hessian (P, P) of log|X'V^-1X| at Gamma = 0 with everybody once."""
        size = len(self.d)
        out = np.zeros((size, size))
        if not self.reml:
            return out
        xx = np.concatenate([total.xx[0], total.curved * total.persons[0]])
        inverse = np.linalg.inv(xx[0])
        first = [inverse @ xx[1 + k] for k in range(size)]
        traces = np.tensordot(xx, inverse, axes=2)
        for i in range(size):
            for j in range(size):
                part = self._down2[i, j][: len(xx), 0] @ traces
                out[i, j] = part - float((first[i] * first[j].T).sum())
        return out

    def evaluate(self, s: Sums, gamma: Array) -> tuple[Here, Mask]:
        """Deviance and derivatives; and where they are defined."""
        c, size = self.columns, len(self.d)
        p = s.xx.shape[-1]
        v = c.products.values(gamma)
        dv = np.einsum("kij,bj->kbi", self._down, v, optimize=True)
        mid = slice(c.first, c.second)
        per = s.persons[:, None]
        one = c.first
        flat = s.xx.reshape(len(v), one, p * p)
        xx = np.matmul(v[:, None, :one], flat)[:, 0]
        xx += (per * v[:, mid]) @ s.curved.reshape(-1, p * p)
        xx = xx.reshape(-1, p, p)
        fine, root = _cholesky(xx)
        inverse = np.linalg.inv(xx)
        two = c.second
        h = np.matmul(v[:, None, :two], s.xy)[:, 0]
        change = np.matmul(inverse, h[:, :, None])[:, :, 0]
        rss = (s.yy * v).sum(axis=1) - (h * change).sum(axis=1)
        fine &= rss > 0
        dof = s.visits - p if self.reml else s.visits
        inner = np.eye(len(self.mean)) - self.mean @ symmetric(gamma, self.d)
        det = np.linalg.det(inner)
        fine &= (det > 0) & (dof > 0)
        safe, dof = np.where(fine, rss, 1.0), np.where(dof > 0, dof, 1.0)
        value = (s.log * v).sum(axis=1) - s.persons * np.log(np.where(det > 0, det, 1.0))
        value += dof * np.log(safe)
        if self.reml:
            diagonal = np.diagonal(root, axis1=1, axis2=2)
            value += 2.0 * np.log(np.where(fine[:, None], diagonal, 1.0)).sum(axis=1)
        m = np.linalg.solve(inner, np.broadcast_to(self.mean, inner.shape))

        gradient = np.empty((len(v), size))
        hessian = np.zeros((len(v), size, size))
        curved_b = np.matmul(change[:, None, None, :], s.curved[None])[:, :, 0]  # (B, T, p)
        trace2 = np.einsum("bij,tij->bt", inverse, s.curved, optimize=True) * per
        push, fall, turn = [], [], []
        for k in range(size):
            dk = dv[k]
            slope = s.xx[:, 1 + k]
            if c.order > 1:
                slope = np.matmul(dk[:, None, :one], flat)[:, 0].reshape(-1, p, p)
            slope_b = np.matmul(slope, change[:, :, None])[:, :, 0]
            slope_b += per * np.einsum("bt,btp->bp", dk[:, mid], curved_b)
            dh = np.matmul(dk[:, None, :two], s.xy)[:, 0]
            fall.append((s.yy * dk).sum(axis=1) - (change * (2 * dh - slope_b)).sum(axis=1))
            push.append(dh - slope_b)
            turn.append(m @ self.d[k])
            gradient[:, k] = (s.log * dk).sum(axis=1) + dof * fall[k] / safe
            gradient[:, k] += s.persons * np.trace(turn[k], axis1=1, axis2=2)
            if self.reml:
                gradient[:, k] += (inverse * slope).sum(axis=(1, 2))
                gradient[:, k] += (trace2 * dk[:, mid]).sum(axis=1)
        solved = [np.matmul(inverse, x[:, :, None])[:, :, 0] for x in push]
        for i in range(size):
            for j in range(i, size):
                ddv = v @ self._down2[i, j].T
                bent = (s.yy * ddv).sum(axis=1) - 2 * (push[i] * solved[j]).sum(axis=1)
                bent -= 2 * (np.matmul(ddv[:, None, :two], s.xy)[:, 0] * change).sum(axis=1)
                both = (s.log * ddv).sum(axis=1)
                both += s.persons * (turn[i] * np.swapaxes(turn[j], 1, 2)).sum(axis=(1, 2))
                both += dof * (bent / safe - fall[i] * fall[j] / safe**2)
                hessian[:, i, j] = hessian[:, j, i] = both
        if self.reml:
            hessian += self._trace_hessian
        return Here(value, gradient, hessian, change, rss / dof), fine

    def fixed_psi(self, s: Sums, gamma: Array) -> Array:
        """b - b0 (B, p) in unit columns at one Gamma (P,) for all replicates; NaN where none."""
        c, p = self.columns, s.xx.shape[-1]
        v = c.products.values(gamma[None, :])[0]
        xx = np.tensordot(s.xx, v[: c.first], axes=([1], [0]))
        xx += s.persons[:, None, None] * np.tensordot(
            v[c.first : c.second], s.curved, axes=([0], [0])
        )
        fine, _ = _cholesky(xx)
        h = np.tensordot(s.xy, v[: c.second], axes=([1], [0]))
        change = np.linalg.solve(xx, h[:, :, None])[:, :, 0]
        return np.where(fine[:, None], change, np.full(p, np.nan))


def _cholesky(xx: Array) -> tuple[Mask, Array]:
    """Lower factors, and which matrices are positive definite by more than rounding.

    Those that are not are replaced by the identity, in place.
    """
    p = xx.shape[-1]
    fine: Mask = np.asarray(np.isfinite(xx).all(axis=(1, 2)))
    xx[~fine] = np.eye(p)
    try:
        root = np.linalg.cholesky(xx)
    except np.linalg.LinAlgError:
        low = np.linalg.eigvalsh(xx)[:, 0]
        fine &= low > _PIVOT * np.diagonal(xx, axis1=1, axis2=2).max(axis=1)
        xx[~fine] = np.eye(p)
        root = np.linalg.cholesky(xx)
    own = np.diagonal(root, axis1=1, axis2=2) ** 2
    weak = (own < _PIVOT * np.diagonal(xx, axis1=1, axis2=2)).any(axis=1)
    return np.asarray(fine & ~weak), np.asarray(root)
