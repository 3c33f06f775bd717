"""The ML deviance with one variance parameter held at a value, minimised over all others.

Where the search for the optimum works on the covariance relative to the residual variance s
(:mod:`.optimise`), a fixed standard deviation or correlation is a condition on the
covariance D of the random terms itself. It is kept by writing D = M M' with M affine in the free
parameters:

    SD v of a term        that term first, M lower triangular, M_00 = v
    correlation v of two  those two first, rows (a, 0) and (v b, sqrt(1 - v^2) b), a, b >= 0
    residual SD v         M lower triangular, s = v^2

so that D is positive semidefinite whatever the parameters, and the boundary is reached by an
ordinary point. The parameters are the free entries of M and log s; derivatives follow from those
of :func:`pgsicbt.models.engine.deviance.evaluate` by the chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.engine.deviance import Orthonormal, evaluate, lower_entries, pairs
from pgsicbt.models.engine.optimise import symmetric
from pgsicbt.result import Array

_MAX_STEPS = 200
_DECREMENT = 1e-11  # Newton decrement (deviance units) at which the minimum is reached

Kind = Literal["sd", "correlation", "sigma"]


@dataclass(frozen=True)
class Held:
    """What is held: its kind, and the random term or the two terms it belongs to."""

    kind: Kind
    terms: tuple[int, ...] = ()


@dataclass(frozen=True)
class Minimum:
    """The smallest deviance found, and D (q, q) and s there."""

    deviance: float
    covariance: Array
    sigma2: float


@dataclass(frozen=True)
class _Family:
    """M = base + sum of theta_k directions[k]; ``sigma2`` is None where s is free.

    ``positive`` are the parameters that must not be negative.
    """

    base: Array
    directions: Array
    sigma2: float | None
    positive: tuple[int, ...] = ()

    def root(self, theta: Array) -> Array:
        count = len(self.directions)
        return np.asarray(self.base + np.tensordot(theta[:count], self.directions, axes=1))


@dataclass(frozen=True)
class _Point:
    value: float
    gradient: Array
    hessian: Array


def minimum_at(
    data: Orthonormal, whiten: Array, held: Held, value: float, start: Minimum, correlated: bool
) -> Minimum:
    """Minimise the ML deviance with ``held`` at ``value``, from the covariance of ``start``.

    Parameters
    ----------
    whiten
        (q, q) T: the random terms of ``data`` have the covariance T D T' / s.
    """
    family, theta = _family(held, value, start, correlated)
    theta, found = _newton(data, whiten, family, theta)
    root = family.root(theta)
    sigma2 = family.sigma2 if family.sigma2 is not None else float(np.exp(theta[-1]))
    return Minimum(found, root @ root.T, sigma2)


def _lower(d: Array) -> Array:
    """Lower triangular L with a diagonal >= 0 and L L' = d, d semidefinite."""
    values, vectors = np.linalg.eigh(d)
    upper = np.linalg.qr((vectors * np.sqrt(np.maximum(values, 0.0))).T)[1]
    return np.asarray((upper * np.where(np.diag(upper) < 0, -1.0, 1.0)[:, None]).T)


def _family(held: Held, value: float, start: Minimum, correlated: bool) -> tuple[_Family, Array]:
    q = len(start.covariance)
    order = [*held.terms, *(k for k in range(q) if k not in held.terms)]
    lower = _lower(start.covariance[np.ix_(order, order)])
    base = np.zeros((q, q))
    entries = lower_entries(q, correlated)
    sigma2: float | None = None
    positive: tuple[int, ...] = ()
    if held.kind == "sigma":
        sigma2 = value**2
    elif held.kind == "sd":
        entries = [e for e in entries if e != (0, 0)]
        base[order[0], 0] = value
    else:
        entries = [e for e in entries if e[0] > 1]
    directions = [_at(q, order[r], c) for r, c in entries]
    theta = [lower[r, c] for r, c in entries]
    if held.kind == "correlation":
        second = value * _at(q, order[1], 0) + np.sqrt(1.0 - value**2) * _at(q, order[1], 1)
        directions = [_at(q, order[0], 0), second, *directions]
        theta = [lower[0, 0], float(np.hypot(lower[1, 0], lower[1, 1])), *theta]
        positive = (0, 1)
    if sigma2 is None:
        theta.append(float(np.log(start.sigma2)))
    return (
        _Family(base, np.array(directions).reshape(len(directions), q, q), sigma2, positive),
        np.array(theta, dtype=float),
    )


def _at(q: int, row: int, column: int) -> Array:
    out = np.zeros((q, q))
    out[row, column] = 1.0
    return out


def _value(data: Orthonormal, whiten: Array, family: _Family, theta: Array) -> _Point | None:
    """Deviance with gradient and Hessian by theta; None where it is not defined."""
    count = len(family.directions)
    free = family.sigma2 is None
    sigma2 = float(np.exp(theta[-1])) if family.sigma2 is None else family.sigma2
    root = whiten @ family.root(theta) / np.sqrt(sigma2)
    try:
        ev = evaluate(data, root, False, held=sigma2)
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite(ev.deviance):
        return None
    where = pairs(len(root))
    turned = np.array([whiten @ d for d in family.directions]).reshape(count, *root.shape)
    turned /= np.sqrt(sigma2)
    size = count + free
    first = np.zeros((len(where), size))
    second = np.zeros((size, size))
    slope = symmetric(ev.gradient, len(root))
    for k in range(count):
        first[:, k] = _entries(turned[k] @ root.T, where)
        for m in range(count):
            second[k, m] = 2.0 * float((slope * (turned[k] @ turned[m].T)).sum())
    if free:
        first[:, -1] = -0.5 * np.array(_entries(root @ root.T, where))
        second[-1, :] = second[:, -1] = -first.T @ ev.gradient
    inner = len(where)
    gradient = first.T @ ev.gradient
    hessian = first.T @ ev.joint[:inner, :inner] @ first + second
    if free:
        across = first.T @ ev.joint[:inner, inner] * sigma2
        scaled = 0.5 * (float(ev.joint[inner, inner]) * sigma2**2 + data.n)  # residuals' squares
        gradient[-1] += data.n - scaled
        hessian[-1, :] += across
        hessian[:, -1] += across
        hessian[-1, -1] += scaled
    return _Point(ev.deviance, gradient, 0.5 * (hessian + hessian.T))


def _entries(half: Array, where: list[tuple[int, int]]) -> list[float]:
    """Distinct entries of half + half'."""
    return [float(half[a, b] + half[b, a]) for a, b in where]


def _newton(data: Orthonormal, whiten: Array, family: _Family, theta: Array) -> tuple[Array, float]:
    """Newton steps with halving, bounded at zero where parameters must be positive."""
    here = _value(data, whiten, family, theta)
    if here is None:
        return theta, float("inf")
    bounded = np.zeros(len(theta), dtype=bool)
    bounded[list(family.positive)] = True
    for _ in range(_MAX_STEPS):
        free = ~(bounded & (theta <= 0.0) & (here.gradient >= 0.0))
        if not free.any():
            break
        grad = here.gradient[free]
        values, vectors = np.linalg.eigh(here.hessian[np.ix_(free, free)])
        curvature = np.maximum(np.abs(values), 1e-8 * max(1.0, float(np.abs(values).max())))
        move = np.zeros(len(theta))
        move[free] = -vectors @ ((vectors.T @ grad) / curvature)
        decrement = float(-here.gradient @ move)
        if decrement < _DECREMENT:
            if values[0] > -1e-7 * max(1.0, float(values[-1])):
                break
            # A saddle, such as a zero that the deviance would leave either way.
            move[free] = vectors[:, 0] * 0.1
        there = _descend(data, whiten, family, theta, move, here, bounded, decrement)
        if there is None:
            break
        theta, here = there
    return theta, here.value


def _descend(
    data: Orthonormal,
    whiten: Array,
    family: _Family,
    theta: Array,
    move: Array,
    here: _Point,
    bounded: NDArray[np.bool_],
    decrement: float,
) -> tuple[Array, _Point] | None:
    """The first of ever shorter steps that lowers the deviance; None if none does."""
    limit = 2.0 * max(1.0, float(np.linalg.norm(theta)))
    scale = min(1.0, limit / float(np.linalg.norm(move)))
    # Close to the minimum rounding hides the decrease, so a full step is simply taken.
    room = 1e-4 * decrement if decrement > 1e-7 else -1e-9
    if decrement < _DECREMENT:
        room = 1e-9
    while scale > 1e-8:
        trial = theta + scale * move
        trial[bounded] = np.maximum(trial[bounded], 0.0)
        there = _value(data, whiten, family, trial)
        if there is not None and there.value <= here.value - scale * room:
            return trial, there
        scale /= 2
    return None
