"""Deviance, derivatives and the search for models of :mod:`.person_columns`.

The formulas are those of :mod:`.marginal`; the sums over people are products with S_k, T_k and
E_k here. The search leaves the part of the Hessian out that comes from the columns under REML,
tr(P_i P_j): it is of the order p / N of the rest, needs as much work as everything else together,
and a step that is a little short only makes another one necessary. Inference has it in full.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pgsicbt.errors import FitError
from pgsicbt.models.mmrm.marginal import MarginalFit
from pgsicbt.models.mmrm.newton_search import degenerate, is_degenerate, newton_search
from pgsicbt.models.mmrm.person_columns import Prepared
from pgsicbt.models.mmrm.residual_structures import Derivatives, Structure
from pgsicbt.result import Array, FixedEffects

_MAX_STEPS = 200
_FLAT = 1e-8  # smallest eigenvalue of the scaled Hessian that counts as information


@dataclass(frozen=True)
class Solved:
    """At one covariance: A (K, M, M), the root of X'AX (p, p), the solution and the deviance."""

    inverse: Array
    root: Array
    gamma: Array
    deviance: float


@dataclass(frozen=True)
class Slopes:
    """First derivatives: ``gradient`` (M, M), ``push`` (M, M, p) and ``fourth`` (M^2, M^2).

    As in :class:`.marginal._Evaluation`, with columns where X'AX is the identity; ``turned``
    (M c, p) is the layout in that basis.
    """

    gradient: Array
    push: Array
    fourth: Array
    turned: Array


@dataclass(frozen=True)
class PersonFit:
    """A fit, its parameters to start others from, and where it stands."""

    fit: MarginalFit
    theta: Array
    structure: Structure
    prepared: Prepared
    sigma: Array


def solve(data: Prepared, sigma: Array) -> Solved | None:
    """Deviance and fixed effects at Sigma, or None where Sigma is not positive definite."""
    seen = data.panel.patterns
    both = seen[:, :, None] & seen[:, None, :]
    m, c, _ = data.shape
    if not np.isfinite(sigma).all():
        return None
    try:
        chol = np.linalg.cholesky(np.where(both, sigma, np.eye(m)))
        half = np.where(both, np.linalg.inv(chol), 0.0)
        inverse = half.transpose(0, 2, 1) @ half
        gram = _columns(data.layout, spread(inverse, data.s))
        root = np.asarray(np.linalg.cholesky(gram).T, dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    push = data.layout.T @ (inverse @ data.t).sum(axis=0).reshape(m * c)
    part = solve_triangular(root, push, trans="T", check_finite=False)
    gamma = solve_triangular(root, part, check_finite=False)
    logdets = 2.0 * np.log(np.diagonal(chol, axis1=1, axis2=2)).sum(axis=1)
    value = float(data.panel.persons @ logdets) + float((inverse * data.e).sum() - part @ part)
    if data.reml:
        value += 2.0 * float(np.log(np.diag(root)).sum())
    value += data.constant
    return Solved(inverse, root, gamma, value) if np.isfinite(value) else None


def spread(visits: Array, s: Array) -> Array:
    """sum_k visits_k kron S_k (M c, M c) of ``visits`` (K, M, M) and ``s`` (K, c, c)."""
    k, m, _ = visits.shape
    c = s.shape[1]
    flat = visits.reshape(k, m * m).T @ s.reshape(k, c * c)
    return np.asarray(flat.reshape(m, m, c, c).transpose(0, 2, 1, 3).reshape(m * c, m * c))


def _columns(layout: Array, full: Array) -> Array:
    return np.asarray(layout.T @ (full @ layout))


def slopes(data: Prepared, solved: Solved) -> Slopes:
    """What the gradient and the cheap part of the Hessian need."""
    m, c, p = data.shape
    a = solved.inverse
    k = len(a)
    turn = solve_triangular(solved.root, np.eye(p), check_finite=False)
    turned = data.layout @ turn
    b = (data.layout @ solved.gamma).reshape(m, c)
    bs = b @ data.s
    rest = data.t - bs
    cross = data.t @ b.T
    sums = data.e - cross - cross.transpose(0, 2, 1) + bs @ b.T
    if data.reml:
        phi = (turned @ turned.T).reshape(m, c, m, c).transpose(0, 2, 1, 3).reshape(m * m, c * c)
        sums = sums + (data.s.reshape(k, c * c) @ phi.T).reshape(k, m, m)
    own = a @ sums @ a
    counted = data.panel.persons[:, None, None] * a
    z = (2.0 * own - counted).reshape(k, m * m)
    fourth = (z.T @ a.reshape(k, m * m)).reshape(m, m, m, m)
    pushed = a.reshape(k, m * m).T @ (a @ rest).reshape(k, m * c)  # (a, d), (b, i)
    pushed = pushed.reshape(m, m, m, c).transpose(0, 2, 1, 3).reshape(m * m, m * c) @ turned
    return Slopes(
        gradient=(counted - own).sum(axis=0),
        push=np.ascontiguousarray(pushed.reshape(m, m, p)),
        # Axes a, d, b, c to a, b, c, d: entry (ab, cd) belongs to D_ab D'_cd.
        fourth=fourth.transpose(0, 2, 3, 1).reshape(m * m, m * m),
        turned=turned,
    )


def _hessian(at: Slopes, by: Derivatives) -> tuple[Array, Array]:
    """Gradient (k,) and Hessian (k, k) without the part of the columns."""
    j = by.jacobian.reshape(len(by.jacobian), -1)
    pushes = j @ at.push.reshape(j.shape[1], -1)
    hess = j @ at.fourth @ j.T - 2.0 * pushes @ pushes.T + by.curvature(at.gradient)
    return j @ at.gradient.ravel(), 0.5 * (hess + hess.T)


def gram(data: Prepared, solved: Solved, at: Slopes) -> Array:
    """(M, M, p, p): sums of U_a'U_b, U = A X, in the basis where X'AX is the identity."""
    m, c, p = data.shape
    a = solved.inverse
    k = len(a)
    one, two = np.triu_indices(c)
    packed = np.ascontiguousarray(data.s[:, one, two].T)  # (pairs, K)
    unpack = np.empty((c, c), dtype=np.intp)
    unpack[one, two] = unpack[two, one] = np.arange(len(one))
    out = np.empty((m, m, p, p))
    for row in range(m):
        left = a[:, row, :]
        products = left[:, :, None, None] * a[:, None, row:, :]  # (K, M, M - row, M)
        flat = (packed @ products.reshape(k, -1)).reshape(len(one), m, m - row, m)
        for other in range(row, m):
            full = flat[unpack, :, other - row, :].transpose(2, 0, 3, 1).reshape(m * c, m * c)
            out[row, other] = at.turned.T @ (full @ at.turned)
            out[other, row] = out[row, other].T
    return out


def search(
    data: Prepared, structure: Structure, theta: Array, label: str
) -> tuple[Array, bool, int]:
    """The optimal parameters, whether converged, and steps taken.

    Raises
    ------
    FitError
        If the covariance becomes degenerate.
    """

    def first_two(solved: Solved, by: Derivatives) -> tuple[Array, Array]:
        return _hessian(slopes(data, solved), by)

    return newton_search(
        structure, theta, label, lambda sigma: solve(data, sigma), first_two, most=_MAX_STEPS
    )


def fit_person_columns(
    data: Prepared,
    structure: Structure,
    *,
    names: tuple[str, ...],
    label: str,
    start: PersonFit | None = None,
    kenward_roger: bool = False,
) -> PersonFit:
    """Fit y = X b + e with the covariance of e over visits of this structure.

    Parameters
    ----------
    names
        Names of all columns, before those that others determine are left out.
    label
        What to call the structure in an error.
    start
        A fit of other columns to the same people, whose covariance is near.
    kenward_roger
        Whether the small-sample covariance is worked out.

    Raises
    ------
    FitError
        If there are too few observations, or covariance parameters that the data do not
        determine.
    """
    n, p, k = data.panel.n_observations, data.shape[2], structure.n_parameters
    if n <= p + k:
        raise FitError(
            f"There are {n} observations for {p} coefficients and {k} covariance parameters.",
            "Choose a structure with fewer parameters, fewer covariates or load more data.",
            code="too_few_observations",
        )
    if start is not None:
        structure = start.structure
        theta = structure.scaled(start.theta, start.prepared.unit / data.unit)
    else:
        variances, correlations = _rough(data)
        structure = structure.suited(variances)
        theta = structure.start(variances, correlations)
    theta, converged, steps = search(data, structure, theta, label)
    sigma = structure.sigma(theta)
    solved = solve(data, sigma)
    if solved is None or is_degenerate(sigma):
        raise degenerate(structure, label)
    made = _inferred(data, structure, theta, solved, names, (converged, steps), kenward_roger)
    return PersonFit(made, theta, structure, data, sigma)


def _inferred(
    data: Prepared,
    structure: Structure,
    theta: Array,
    solved: Solved,
    names: tuple[str, ...],
    ended: tuple[bool, int],
    kenward_roger: bool,
) -> MarginalFit:
    """Covariances of the fixed effects and of the variance parameters at the optimum."""
    m, _, p = data.shape
    at = slopes(data, solved)
    by = structure.natural(theta)
    j = by.jacobian.reshape(len(by.jacobian), -1)
    sums = gram(data, solved, at)
    moved = j @ sums.reshape(m * m, p * p)
    hess = _hessian(at, by)[1]
    if data.reml:
        hess -= moved @ moved.T
    scale = np.sqrt(np.maximum(np.abs(np.diag(hess)), 1e-300))
    values, vectors = np.linalg.eigh(hess / np.outer(scale, scale))
    good = values > _FLAT
    inverse = (vectors[:, good] / values[good]) @ vectors[:, good].T
    weights = 2.0 * inverse / np.outer(scale, scale)
    turn = solve_triangular(solved.root, np.eye(p), check_finite=False)
    half = data.unit * data.back @ turn
    moved = moved.reshape(-1, p, p)
    adjusted = None
    if kenward_roger and data.reml:
        # I + 2 sum W_ij (Q_ij - P_i P_j - R_ij / 4), as in marginal._adjustment.
        weighted = (j.T @ weights @ j).reshape(m, m, m, m)
        a = solved.inverse
        between = np.tensordot(a, weighted, axes=([1, 2], [1, 2]))
        q = at.turned.T @ spread(a @ between @ a, data.s) @ at.turned
        pp = np.tensordot(np.tensordot(weights, moved, axes=1), moved, axes=([0, 2], [0, 1]))
        shift = q - pp - 0.25 * np.tensordot(by.bend(weights), sums, axes=2)
        adjusted = half @ (np.eye(p) + shift + shift.T) @ half.T
    fixed = FixedEffects(
        names=tuple(names[i] for i in data.kept),
        estimates=data.ols + data.unit * data.back @ solved.gamma,
        covariance=half @ half.T,
        covariance_gradient=half @ moved @ half.T,
        variance_covariance=weights,
        n_observations=data.panel.n_observations,
    )
    kept = set(data.kept)
    return MarginalFit(
        fixed=fixed,
        residual_covariance=data.unit**2 * structure.sigma(theta),
        log_likelihood=-0.5 * solved.deviance,
        converged=ended[0] and bool(good.all()),
        steps=ended[1],
        dropped=tuple(n for i, n in enumerate(names) if i not in kept),
        adjusted=adjusted,
    )


def _rough(data: Prepared) -> tuple[Array, Array]:
    """Variances (M,) and correlations (M, M) of residuals, for a start."""
    together = np.maximum(data.panel.together, 1.0)
    gamma = np.zeros(data.shape[2])
    before = np.zeros(data.shape[0])
    m, c, _ = data.shape
    for _ in range(10):
        b = (data.layout @ gamma).reshape(m, c)
        e = (data.residual - data.z @ b.T) * data.panel.seen
        rough = (e.T @ e) / together
        variances = np.maximum(np.diag(rough), 1e-14)
        solved = solve(data, np.diag(variances))
        if solved is None or np.abs(np.log(variances) - before).max() < 0.2:
            break
        before, gamma = np.log(variances), solved.gamma
    sd = np.sqrt(variances)
    return variances, rough / np.outer(sd, sd)
