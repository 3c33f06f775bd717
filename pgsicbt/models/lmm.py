"""Fitting a linear mixed model from cross-products: change of basis, Newton steps, boundary.

The optimiser works on L with Psi = L L' (Psi the random covariance relative to the residual
variance). In L a boundary fit is an ordinary stationary point, so one method serves interior
and singular fits; whether the point found is the optimum is checked on Psi itself, where the
conditions are those of a positive semidefinite cone: D Psi = 0 and D >= 0, D the derivative of
the deviance by Psi.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pgsicbt.errors import FitError
from pgsicbt.models.crossproducts import CrossProducts
from pgsicbt.models.deviance import (
    Evaluation,
    Orthonormal,
    evaluate,
    lower_entries,
    pairs,
    turned,
)
from pgsicbt.result import Array, FixedEffects

_MAX_STEPS = 100
_DECREMENT = 1e-13  # Newton decrement (deviance units) at which the optimum is reached
_DEPENDENT = 1e-11  # share of a column's sum of squares that must be its own
_SINGULAR = 1e-8  # smallest eigenvalue of Psi, whitened, that counts as more than zero


@dataclass(frozen=True)
class LmmFit:
    """A fitted linear mixed model.

    ``fixed`` holds names, estimates, covariance and what Satterthwaite's method needs;
    ``random_covariance`` (q, q) is in outcome units; ``relative`` (q, q) is Psi, the warm start
    for a similar model; ``dropped`` names columns left out because others determine them.
    """

    fixed: FixedEffects
    random_covariance: Array
    residual_variance: float
    log_likelihood: float
    relative: Array
    converged: bool
    singular: bool
    steps: int
    dropped: tuple[str, ...]


def independent_columns(gram: Array) -> list[int]:
    """Positions of the columns that earlier columns do not determine, from X'X (p, p).

    As R does, the later of two dependent columns is left out.
    """
    p = gram.shape[0]
    scale = np.sqrt(np.where(np.diag(gram) > 0, np.diag(gram), 1.0))
    c = gram / np.outer(scale, scale)
    keep: list[int] = []
    rows = np.zeros((0, p))
    for j in range(p):
        own = c[j, j] - rows[:, j] @ rows[:, j]
        if gram[j, j] > 0 and own > _DEPENDENT:
            rows = np.vstack([rows, (c[j] - rows[:, j] @ rows) / np.sqrt(own)])
            keep.append(j)
    return keep


@dataclass(frozen=True)
class _Basis:
    """How to go back: b = ols + back @ gamma, Psi = turn Psi* turn'."""

    data: Orthonormal
    ols: Array
    back: Array
    turn: Array


def _change_basis(cp: CrossProducts, q: int, correlated: bool) -> _Basis:
    """Orthonormal X, residual y, whitened Z: conditioning no longer depends on units."""
    p = len(cp.names)
    gram, xy, yy = cp.pooled[:p, :p], cp.pooled[:p, p], float(cp.pooled[p, p])
    scale = 1.0 / np.sqrt(np.diag(gram))
    upper = np.linalg.cholesky(gram * np.outer(scale, scale)).T
    back = scale[:, None] * solve_triangular(upper, np.eye(p), check_finite=False)
    z = back.T @ xy
    ols = back @ z
    a, b = cp.basis[:q, :q], cp.cross[:q]
    if q:
        mean = a.mean(axis=2)
        if not correlated:
            mean = np.diag(np.diag(mean))
        turn = np.linalg.inv(np.linalg.cholesky(mean)).T
        a = turned(turn, a)
    else:
        turn = np.zeros((0, 0))
    new = np.empty((q, cp.n_persons, p + 1))
    resid = b[:, :, p] - b[:, :, :p] @ ols
    new[:, :, :p] = np.tensordot(turn.T, b[:, :, :p] @ back, axes=1) if q else 0.0
    new[:, :, p] = turn.T @ resid if q else 0.0
    constant = -2.0 * float(np.log(np.abs(np.diag(back))).sum())
    rss = yy - float(z @ z)
    return _Basis(Orthonormal(a, new, rss, cp.n_observations, constant), ols, back, turn)


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


def _symmetric(gradient: Array, q: int) -> Array:
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
    d = _symmetric(ev.gradient, q)
    curve = np.array([[2.0 * d[r, s] * (c == e) for s, e in entries] for r, c in entries])
    return jac.T @ ev.gradient, jac.T @ ev.hessian @ jac + curve


@dataclass(frozen=True)
class _Point:
    """L by its free entries, with everything known about the deviance there."""

    theta: Array
    lam: Array
    jac: Array
    ev: Evaluation


def _at(
    data: Orthonormal, theta: Array, entries: list[tuple[int, int]], reml: bool
) -> _Point | None:
    """Evaluate at L; None where the model is not defined."""
    lam, jac = _to_psi(theta, entries, data.a.shape[0])
    try:
        return _Point(theta, lam, jac, evaluate(data, lam, reml))
    except np.linalg.LinAlgError:
        return None


def _newton(
    data: Orthonormal, start: _Point, entries: list[tuple[int, int]], reml: bool
) -> tuple[_Point, bool, int]:
    """Newton steps with halving, from ``start`` to a stationary point.

    Each trial point is evaluated whole: near the optimum, where warm starts begin, the first
    trial is taken, so that a fit of one more score costs about three evaluations.
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


def _optimise(
    data: Orthonormal, start: Array | None, correlated: bool, reml: bool
) -> tuple[_Point, bool, bool, int]:
    """The optimum, whether converged, whether singular, and steps taken."""
    q = data.a.shape[0]
    entries = lower_entries(q, correlated)
    point = _at(data, _factor(np.eye(q) * 0.5 if start is None else start, entries), entries, reml)
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
        slope = vectors.T @ _symmetric(point.ev.gradient, q) @ vectors
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


def fit_lmm(
    cp: CrossProducts,
    *,
    q: int = 2,
    correlated: bool = True,
    reml: bool = True,
    start: Array | None = None,
) -> LmmFit:
    """Fit y = X b + Z u + e by REML or ML.

    Parameters
    ----------
    cp
        Cross-products; Z is the first ``q`` columns of their basis.
    q
        Number of random terms, 0 to 3; 0 is ordinary least squares.
    correlated
        False for independent random terms.
    start
        Psi of a similar model (q, q).

    Raises
    ------
    FitError
        If there are too few observations, a perfect fit, or nothing to estimate.
    """
    keep = independent_columns(cp.pooled[:-1, :-1])
    dropped = tuple(n for j, n in enumerate(cp.names) if j not in set(keep))
    if dropped:
        cp = cp.select(keep)
    p, n = len(cp.names), cp.n_observations
    if p == 0:
        raise FitError("The model has no column to estimate.", code="no_columns")
    if n <= p + q:
        raise FitError(
            f"There are {n} observations for {p} coefficients.",
            "Choose fewer covariates or load more data.",
            code="too_few_observations",
        )
    if q and (cp.residual_df <= 0 or cp.n_persons < 2):
        raise FitError(
            "People have too few visits to tell change from noise.",
            "A random slope needs people with at least three visits; a random intercept two.",
            code="too_few_visits",
        )
    basis = _change_basis(cp, q, correlated)
    data = basis.data
    if data.rss <= 1e-12 * float(cp.pooled[p, p]):
        raise FitError(
            "The covariates determine the outcome exactly, so nothing is left to explain.",
            "Check that the outcome does not vary for another reason or occur among them.",
            code="perfect_fit",
        )
    entries = lower_entries(q, correlated)
    if q:
        relative = None
        if start is not None:
            back = np.linalg.inv(basis.turn)
            relative = back @ start @ back.T
        point, converged, singular, steps = _optimise(data, relative, correlated, reml)
    else:
        nothing, empty = np.zeros((0, 0)), np.zeros(0)
        point = _Point(empty, nothing, nothing, _least_squares(data, reml))
        converged, singular, steps = True, False, 0
    lam, ev = point.lam, point.ev
    psi = basis.turn @ lam @ lam.T @ basis.turn.T
    return LmmFit(
        fixed=_fixed_effects(cp, basis, ev, point.jac, entries, q),
        random_covariance=ev.sigma2 * psi,
        residual_variance=ev.sigma2,
        log_likelihood=-0.5 * ev.deviance,
        relative=psi,
        converged=converged,
        singular=singular,
        steps=steps,
        dropped=dropped,
    )


def _least_squares(data: Orthonormal, reml: bool) -> Evaluation:
    p = data.p
    dof = data.n - p if reml else data.n
    value = dof * (1.0 + np.log(2 * np.pi * data.rss / dof)) + (data.constant if reml else 0.0)
    sigma2 = data.rss / dof
    empty = np.zeros((0, 0))
    return Evaluation(
        deviance=float(value),
        gamma=np.zeros(p),
        sigma2=sigma2,
        root=np.eye(p),
        gradient=np.zeros(0),
        hessian=empty,
        slopes=np.zeros((0, p, p)),
        joint=np.array([[dof / sigma2**2]]),
    )


def _fixed_effects(
    cp: CrossProducts,
    basis: _Basis,
    ev: Evaluation,
    jac: Array,
    entries: list[tuple[int, int]],
    q: int,
) -> FixedEffects:
    """Back to the user's columns; variance parameters are the entries of L and sigma2.

    Satterthwaite's method as in lmerTest (Kuznetsova et al. 2017): the covariance of the
    variance parameters is 2 H^-1 with H the Hessian of the deviance; directions in which H is
    not positive (a boundary) carry no information and are left out, as lmerTest does.
    """
    p, size = len(cp.names), len(entries)
    half = basis.back @ solve_triangular(ev.root, np.eye(p), check_finite=False)
    unit = half @ half.T
    by_psi = np.array([half @ s @ half.T for s in ev.slopes]).reshape(len(ev.slopes), p, p)
    gradient = np.empty((size + 1, p, p))
    gradient[:size] = ev.sigma2 * np.tensordot(jac.T, by_psi, axes=1)
    gradient[size] = unit
    hess = np.zeros((size + 1, size + 1))
    chain = np.zeros((len(ev.slopes) + 1, size + 1))
    chain[:-1, :-1] = jac
    chain[-1, -1] = 1.0
    hess = chain.T @ ev.joint @ chain
    if q:
        d = _symmetric(ev.gradient, q)
        hess[:size, :size] += [[2.0 * d[r, s] * (c == e) for s, e in entries] for r, c in entries]
    scale = np.sqrt(np.maximum(np.abs(np.diag(hess)), 1e-300))
    values, vectors = np.linalg.eigh(hess / np.outer(scale, scale))
    good = values > 1e-8
    inverse = (vectors[:, good] / values[good]) @ vectors[:, good].T
    return FixedEffects(
        names=cp.names,
        estimates=basis.ols + basis.back @ ev.gamma,
        covariance=ev.sigma2 * unit,
        covariance_gradient=gradient,
        variance_covariance=2.0 * inverse / np.outer(scale, scale),
        n_observations=cp.n_observations,
    )
