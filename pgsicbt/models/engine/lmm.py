"""Fitting a linear mixed model from cross-products: change of basis, search, and the way back.

The search itself is in :mod:`pgsicbt.models.engine.optimise`, the deviance with its derivatives in
:mod:`pgsicbt.models.engine.deviance`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.deviance import (
    Evaluation,
    Orthonormal,
    inverse_upper,
    lower_entries,
    turned,
)
from pgsicbt.models.engine.optimise import Point, optimise, symmetric
from pgsicbt.result import Array, FixedEffects

_NOTHING = 1e-8  # share of the outcome's variance below which a residual may be none at all
_DEPENDENT = 1e-11  # share of a column's sum of squares that must be its own


@dataclass(frozen=True)
class LmmFit:
    """A fitted linear mixed model.

    ``fixed`` holds names, estimates, covariance and what Satterthwaite's method needs;
    ``random_covariance`` (q, q) is in outcome units; ``relative`` (q, q) is Psi, the warm start
    for a similar model; ``dropped`` names columns left out because others determine them;
    ``correlated`` and ``reml`` say what was fitted.
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
    correlated: bool = True
    reml: bool = True


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


def _kept(cp: CrossProducts) -> list[int]:
    if cp.root is not None:
        size = np.diag(cp.pooled)[:-1]
        if (np.diag(cp.root)[:-1] ** 2 > _DEPENDENT * size).all():
            return list(range(len(size)))
    return independent_columns(cp.pooled[:-1, :-1])


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
    root = cp.root
    if root is not None:
        back = inverse_upper(root[:p, :p])
        ols, rss = back @ root[:p, p], float(root[p, p] ** 2)
    else:
        gram = cp.pooled[:p, :p]
        scale = 1.0 / np.sqrt(np.diag(gram))
        upper: Array = np.linalg.cholesky(gram * np.outer(scale, scale)).T.astype(np.float64)
        back = scale[:, None] * inverse_upper(upper)
        z = back.T @ cp.pooled[:p, p]
        ols, rss = back @ z, float(cp.pooled[p, p] - z @ z)
    a, b = cp.basis[:q, :q], cp.cross[:q]
    if q:
        mean = np.asarray(np.average(a, axis=2, weights=cp.weights))
        if not correlated:
            mean = np.diag(np.diag(mean))
        turn = np.linalg.inv(np.linalg.cholesky(mean)).T
        a = turned(turn, a)
    else:
        turn = np.zeros((0, 0))
    to = np.zeros((p + 1, p + 1))
    to[:p, :p], to[:p, p], to[p, p] = back, -ols, 1.0
    new = np.empty((q, p + 1, cp.n_persons))
    for j in range(q):
        whitened = turn[j, j] * b[j]
        for i in range(j):
            whitened += turn[i, j] * b[i]
        np.matmul(to.T, whitened.T, out=new[j])
    if cp.weights is not None:
        new *= np.sqrt(cp.weights)
    constant = -2.0 * float(np.log(np.abs(np.diag(back))).sum())
    data = Orthonormal(a, new, rss, cp.n_observations, constant, cp.weights)
    return _Basis(data, ols, back, turn)


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
    SpecError
        If there are fewer than ``q`` columns in the basis.
    """
    if not 0 <= q <= min(3, len(cp.basis)):
        raise SpecError(
            f"{q} random terms cannot be estimated.", "Choose at most three that the data have."
        )
    keep = _kept(cp)
    dropped = tuple(n for j, n in enumerate(cp.names) if j not in set(keep))
    if dropped:
        cp = cp.select(keep)
    p, n = len(cp.names), cp.n_observations
    if p == 0:
        raise FitError("The model has no column to estimate.", code="no_columns")
    if n <= p + q:
        raise FitError(
            f"There are {n:g} observations for {p} coefficients.",
            "Choose fewer covariates or load more data.",
            code="too_few_observations",
        )
    persons = cp.n_persons if cp.weights is None else float(cp.weights.sum())
    if q and (cp.residual_df <= 0 or persons < 2):
        raise FitError(
            "People have too few visits to tell change from noise.",
            "A random slope needs people with at least three visits. For visits before and after "
            "treatment only, choose ANCOVA, change scores or MMRM.",
            code="too_few_visits",
        )
    _check_random(cp, q)
    basis = _change_basis(cp, q, correlated)
    data = basis.data
    if cp.root is None and data.rss <= 1e-12 * float(cp.pooled[p, p]):
        raise FitError(
            "The covariates determine the outcome exactly, so nothing is left to explain.",
            "Check that the outcome varies, is not among them, and is not very far from zero.",
            code="perfect_fit",
        )
    entries = lower_entries(q, correlated)
    if q:
        relative = None
        if start is not None and np.isfinite(start).all():
            back = np.linalg.inv(basis.turn)
            relative = back @ start @ back.T
        point, converged, singular, steps = optimise(data, relative, correlated, reml)
        if not converged and point.ev.sigma2 < _NOTHING * data.rss / n:
            raise FitError(
                "People's own courses leave no residual, so its variance cannot be estimated.",
                "Choose fewer random terms or check where the outcome comes from.",
                code="perfect_fit",
            )
    else:
        nothing, empty = np.zeros((0, 0)), np.zeros(0)
        point = Point(empty, nothing, nothing, _least_squares(data, reml))
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
        correlated=correlated,
        reml=reml,
    )


def _check_random(cp: CrossProducts, q: int) -> None:
    if not q:
        return
    mean = np.asarray(np.average(cp.basis[:q, :q], axis=2, weights=cp.weights))
    if len(independent_columns(mean)) < q:
        raise FitError(
            "The random terms cannot be told apart: one is constant, or is another over again.",
            "Count time from near the first visit, or choose fewer random terms.",
            code="random_dependent",
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
        gamma_slopes=np.zeros((0, p)),
        sigma2_slopes=np.zeros(0),
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
    half = basis.back @ inverse_upper(ev.root)
    unit = half @ half.T
    by_psi = half @ ev.slopes @ half.T
    gradient = np.empty((size + 1, p, p))
    gradient[:size] = ev.sigma2 * np.tensordot(jac.T, by_psi, axes=1)
    gradient[size] = unit
    hess = np.zeros((size + 1, size + 1))
    chain = np.zeros((len(ev.slopes) + 1, size + 1))
    chain[:-1, :-1] = jac
    chain[-1, -1] = 1.0
    hess = chain.T @ ev.joint @ chain
    if q:
        d = symmetric(ev.gradient, q)
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
        n_observations=round(cp.n_observations),
    )
