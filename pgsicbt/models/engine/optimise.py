"""The search for the variance parameters: Newton steps in L, and the boundary.

The optimiser works on L with Psi = L L' (Psi the random covariance relative to the residual
variance). In L a boundary fit is an ordinary stationary point, so one method serves interior
and singular fits; whether the point found is the optimum is checked on Psi itself, where the
conditions are those of a positive semidefinite cone: D Psi = 0 and D >= 0, D the derivative of
the deviance by Psi.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pgsicbt.errors import FitError
from pgsicbt.models.engine.deviance import Evaluation, Orthonormal, evaluate, lower_entries, pairs
from pgsicbt.result import Array

_MAX_STEPS = 100
_DECREMENT = 1e-13  # Newton decrement (deviance units) at which the optimum is reached
_SHORT = 1e-9  # the same per person, below which the square of a step is nothing
_SINGULAR = 1e-8  # smallest eigenvalue of Psi, whitened, that counts as more than zero


def _to_psi(theta: Array, entries: list[tuple[int, int]], q: int) -> tuple[Array, Array]:
    """L from its free entries, and the derivative of the distinct entries of Psi by them."""
    lam = np.zeros((q, q))
    for value, (r, c) in zip(theta, entries, strict=True):
        lam[r, c] = value
    where = pairs(q)
    jac = np.zeros((len(where), len(entries)))
    for k, (r, c) in enumerate(entries):
        d = np.zeros((q, q))
        d[r, :] += lam[:, c]
        d[:, r] += lam[:, c]
        jac[:, k] = [d[a, b] for a, b in where]
    return lam, jac


def symmetric(gradient: Array, q: int) -> Array:
    """D with d(deviance) = tr(D dPsi), from derivatives by the distinct entries."""
    d = np.zeros((q, q))
    for value, (a, b) in zip(gradient, pairs(q), strict=True):
        d[a, b] += value / 2
        d[b, a] += value / 2
    return d


def _in_theta(
    ev: Evaluation, jac: Array, entries: list[tuple[int, int]], q: int
) -> tuple[Array, Array]:
    """Gradient and Hessian of the profiled deviance by the entries of L."""
    d = symmetric(ev.gradient, q)
    curve = np.array([[2.0 * d[r, s] * (c == e) for s, e in entries] for r, c in entries])
    return jac.T @ ev.gradient, jac.T @ ev.hessian @ jac + curve


@dataclass(frozen=True)
class Point:
    """L by its free entries, with everything known about the deviance there."""

    theta: Array
    lam: Array
    jac: Array
    ev: Evaluation


def _at(
    data: Orthonormal, theta: Array, entries: list[tuple[int, int]], reml: bool
) -> Point | None:
    """Evaluate at L; None where the model is not defined."""
    lam, jac = _to_psi(theta, entries, data.a.shape[0])
    try:
        return Point(theta, lam, jac, evaluate(data, lam, reml))
    except np.linalg.LinAlgError:
        return None


def _moved(
    here: Point, move: Array, decrement: float, entries: list[tuple[int, int]]
) -> Point | None:
    """The end of a last, short step in L, by the derivatives where it begins.

    A decrement of 1e-9 per person is a relative step in Psi of about 3e-5, and what is left out
    is its square. The second derivatives of the deviance are kept: they only serve degrees of
    freedom.
    """
    q, ev = here.lam.shape[0], here.ev
    lam, jac = _to_psi(here.theta + move, entries, q)
    change = np.array([(lam @ lam.T - here.lam @ here.lam.T)[a, b] for a, b in pairs(q)])
    shrink = np.eye(len(ev.gamma)) - np.tensordot(change, ev.slopes, axes=1)
    try:
        root = np.linalg.cholesky(shrink).T @ ev.root
    except np.linalg.LinAlgError:
        return None
    moved = replace(
        ev,
        deviance=ev.deviance - 0.5 * decrement,
        gamma=ev.gamma + change @ ev.gamma_slopes,
        sigma2=ev.sigma2 + float(change @ ev.sigma2_slopes),
        root=root,
        gradient=ev.gradient + ev.hessian @ change,
    )
    return Point(here.theta + move, lam, jac, moved)


def _newton(
    data: Orthonormal, start: Point, entries: list[tuple[int, int]], reml: bool
) -> tuple[Point, bool, int]:
    """Newton steps with halving, from ``start`` to a stationary point.

    Each trial point is evaluated whole: near the optimum, where warm starts begin, the first
    trial is taken. The last step is so short that what is known where it begins says what is
    found at its end, so that a fit of one more score costs two evaluations.
    """
    q = data.a.shape[0]
    here = start
    for step in range(1, _MAX_STEPS + 1):
        grad, hess = _in_theta(here.ev, here.jac, entries, q)
        values, vectors = np.linalg.eigh(hess)
        curvature = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
        move = -vectors @ ((vectors.T @ grad) / curvature)
        decrement = float(-grad @ move)
        if decrement < _DECREMENT:
            return here, True, step
        if decrement < _SHORT * data.a.shape[2] and values[0] > 0:
            there = _moved(here, move, decrement, entries)
            if there is not None:
                return there, True, step
        limit = 2.0 * max(1.0, float(np.linalg.norm(here.theta)))
        scale = min(1.0, limit / float(np.linalg.norm(move)))
        # Close to the optimum rounding hides the decrease, so a full step is simply taken.
        room = 1e-4 * decrement if decrement > 1e-7 else -1e-6
        while True:
            there = _at(data, here.theta + scale * move, entries, reml)
            if there is not None and there.ev.deviance <= here.ev.deviance - scale * room:
                here = there
                break
            scale /= 2
            if scale < 1e-8:
                return here, decrement < 1e-5, step
    return here, False, _MAX_STEPS


def _factor(psi: Array, entries: list[tuple[int, int]]) -> Array:
    """Free entries of a lower triangular L with L L' = Psi, Psi semidefinite."""
    values, vectors = np.linalg.eigh(psi)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    lower = np.linalg.qr(root.T)[1].T
    return np.array([lower[r, c] for r, c in entries])


def optimise(
    data: Orthonormal, start: Array | None, correlated: bool, reml: bool
) -> tuple[Point, bool, bool, int]:
    """The optimum, whether converged, whether singular, and steps taken."""
    q = data.a.shape[0]
    entries = lower_entries(q, correlated)
    usual = np.eye(q) * 0.5
    point = _at(data, _factor(usual if start is None else start, entries), entries, reml)
    if point is None and start is not None:
        point = _at(data, _factor(usual, entries), entries, reml)
    if point is None:
        raise FitError(
            "The columns of the model are too nearly dependent to be told apart.",
            "Leave one of them out.",
            code="near_dependent",
        )
    total = 0
    converged = singular = False
    for _ in range(4):
        point, converged, steps = _newton(data, point, entries, reml)
        total += steps
        psi = point.lam @ point.lam.T
        values, vectors = np.linalg.eigh(psi)
        null = values < _SINGULAR * max(1.0, float(values.max()))
        singular = bool(null.any())
        if not singular:
            break
        snapped = _factor((vectors * np.where(null, 0.0, values)) @ vectors.T, entries)
        flat = _at(data, snapped, entries, reml)
        if flat is not None and flat.ev.deviance <= point.ev.deviance + 1e-6:
            point = flat
        slope = vectors.T @ symmetric(point.ev.gradient, q) @ vectors
        if not correlated:
            slope = np.diag(np.diag(slope))
        low, along = np.linalg.eigh(slope[np.ix_(null, null)])
        if low[0] >= -1e-4:
            break
        # A saddle: the deviance falls on leaving the boundary this way, so start there.
        out = vectors[:, null] @ along[:, 0]
        away = _at(data, _factor(psi + 0.1 * np.outer(out, out), entries), entries, reml)
        if away is None:
            break
        point = away
    return point, converged, singular, total
