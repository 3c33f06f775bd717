"""Fitting a linear model with one residual covariance over visits (MMRM).

Model: y_i = X_i b + e_i, e_i ~ N(0, V_i), V_i the rows and columns of Sigma at the visits of
person i. For symmetric directions D, D' of Sigma, with A = V^-1 padded by zeros to all visits,

    d   log|V|     =  tr(A D)         d2 log|V|     = -tr(A D A D')
    d   [Xy]'A[Xy] = -[Xy]'A D A[Xy]  d2 [..]       =  [Xy]'A (D A D' + D' A D) A[Xy]

so that all structures share one evaluation by the entries of Sigma and differ only in the chain
rule (Jennrich & Schluchter 1986, Biometrics 42:805). With the columns of X turned so that
X'AX = I, everything needed is Gram matrices of U_i = A X_i and A r_i.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pgsicbt.errors import FitError
from pgsicbt.models.engine.lmm import independent_columns
from pgsicbt.models.mmrm.newton_search import degenerate, is_degenerate, newton_search
from pgsicbt.models.mmrm.residual_structures import Derivatives, Structure
from pgsicbt.models.mmrm.visit_patterns import VisitPatterns
from pgsicbt.result import Array, FixedEffects

_MAX_STEPS = 100
_FLAT = 1e-8  # smallest eigenvalue of the scaled Hessian that counts as information


@dataclass(frozen=True)
class MarginalFit:
    """A fitted marginal model.

    ``fixed`` has the variance parameters of ``Structure.natural``; ``adjusted`` (p, p) is the
    small-sample covariance of Kenward and Roger, None under ML.
    ``converged`` is False also where the optimum is flat: the data do not determine Sigma.
    """

    fixed: FixedEffects
    residual_covariance: Array
    log_likelihood: float
    converged: bool
    steps: int
    dropped: tuple[str, ...]
    adjusted: Array | None


@dataclass(frozen=True)
class _Data:
    """Patterns in a basis where X is orthonormal and y its residual of mean square one.

    b = ols + unit * back @ gamma and Sigma = unit^2 Sigma*; ``constant`` is what both changes
    add to the deviance, ``dof`` the observations that count in it.
    """

    patterns: VisitPatterns
    rows: Array
    ols: Array
    back: Array
    unit: float
    dof: int
    constant: float
    reml: bool


@dataclass(frozen=True)
class _Solved:
    """At one Sigma: L^-1 of every pattern (K, M, M), L^-1 [X y], and the solution."""

    half: Array
    whitened: Array
    root: Array
    gamma: Array
    deviance: float


@dataclass(frozen=True)
class _Evaluation:
    """``gradient`` (M, M); ``inverse`` (K, M, M) is A; ``u`` (r, M, p) is A X in the basis where
    X'AX = I; ``gram`` (M, M, p, p) and ``push`` (M, M, p) are the sums of U_a'U_b and U_a'r_b;
    ``fourth`` (M^2, M^2) gives the part of the Hessian that is a sum over patterns.
    """

    solved: _Solved
    gradient: Array
    inverse: Array
    u: Array
    gram: Array
    push: Array
    fourth: Array


def _prepare(patterns: VisitPatterns, reml: bool) -> _Data:
    p = len(patterns.names)
    flat = patterns.rows.reshape(-1, p + 1)
    scale = 1.0 / np.sqrt((flat[:, :p] ** 2).sum(axis=0))
    q, r = np.linalg.qr(flat[:, :p] * scale)
    back = scale[:, None] * solve_triangular(r, np.eye(p), check_finite=False)
    z = q.T @ flat[:, p]
    resid = flat[:, p] - q @ z
    n = patterns.n_observations
    rss = float(resid @ resid)
    if rss <= 1e-12 * float(flat[:, p] @ flat[:, p]):
        raise FitError(
            "The covariates determine the outcome exactly, so nothing is left to explain.",
            "Check that the outcome does not vary for another reason or occur among them.",
            code="perfect_fit",
        )
    unit = float(np.sqrt(rss / (n - p)))
    rows = np.empty_like(patterns.rows)
    rows[:, :, :p] = q.reshape(*rows.shape[:2], p)
    rows[:, :, p] = resid.reshape(rows.shape[:2]) / unit
    dof = n - p if reml else n
    constant = dof * float(np.log(2.0 * np.pi) + 2.0 * np.log(unit))
    if reml:
        constant += 2.0 * float(np.log(np.abs(np.diag(r)) / scale).sum())
    return _Data(patterns, rows, back @ z, back, unit, dof, constant, reml)


def _solve(data: _Data, sigma: Array) -> _Solved | None:
    """Deviance and fixed effects at Sigma, or None where Sigma is not positive definite."""
    seen = data.patterns.seen
    both = seen[:, :, None] & seen[:, None, :]
    p = data.rows.shape[2] - 1
    if not np.isfinite(sigma).all():
        return None
    try:
        chol = np.linalg.cholesky(np.where(both, sigma, np.eye(len(sigma))))
        half = np.where(both, np.linalg.inv(chol), 0.0)
        whitened = half[data.patterns.pattern] @ data.rows
        flat = whitened.reshape(-1, p + 1)
        gram = flat.T @ flat
        root = np.asarray(np.linalg.cholesky(gram[:p, :p]).T, dtype=np.float64)
    except np.linalg.LinAlgError:
        return None
    part = solve_triangular(root, gram[:p, p], trans="T", check_finite=False)
    gamma = solve_triangular(root, part, check_finite=False)
    logdets = 2.0 * np.log(np.diagonal(chol, axis1=1, axis2=2)).sum(axis=1)
    value = float(data.patterns.persons @ logdets) + float(gram[p, p] - part @ part)
    if data.reml:
        value += 2.0 * float(np.log(np.diag(root)).sum())
    value += data.constant
    return _Solved(half, whitened, root, gamma, value) if np.isfinite(value) else None


def _evaluate(data: _Data, solved: _Solved) -> _Evaluation:
    patterns = data.patterns
    r, m, p = *data.rows.shape[:2], data.rows.shape[2] - 1
    inverse = solved.half.transpose(0, 2, 1) @ solved.half
    b = solved.half[patterns.pattern].transpose(0, 2, 1) @ solved.whitened
    turn = solve_triangular(solved.root, np.eye(p), check_finite=False)
    u = (b[:, :, :p].reshape(-1, p) @ turn).reshape(r, m, p)
    e = b[:, :, p] - b[:, :, :p] @ solved.gamma
    both = np.concatenate([u, e[:, :, None]], axis=2).reshape(r, -1)
    sums = (both.T @ both).reshape(m, p + 1, m, p + 1).transpose(0, 2, 1, 3)
    own = e[:, :, None] * e[:, None, :]
    if data.reml:
        own += u @ u.transpose(0, 2, 1)
    own = np.add.reduceat(own, patterns.starts, axis=0)
    counted = patterns.persons[:, None, None] * inverse
    z = (2.0 * own - counted).reshape(-1, m * m)
    fourth = (z.T @ inverse.reshape(-1, m * m)).reshape(m, m, m, m)
    return _Evaluation(
        solved=solved,
        gradient=(counted - own).sum(axis=0),
        inverse=inverse,
        u=u,
        gram=np.ascontiguousarray(sums[:, :, :p, :p]),
        push=np.ascontiguousarray(sums[:, :, :p, p]),
        # Axes a, d, b, c to a, b, c, d: entry (ab, cd) belongs to D_ab D'_cd.
        fourth=fourth.transpose(0, 2, 3, 1).reshape(m * m, m * m),
    )


def _hessian(ev: _Evaluation, by: Derivatives, reml: bool) -> tuple[Array, Array, Array]:
    """Gradient (k,), Hessian (k, k) and slopes X'A D_k A X (k, p, p) by parameters of Sigma."""
    k, p = len(by.jacobian), ev.push.shape[2]
    j = by.jacobian.reshape(k, -1)
    slopes = j @ ev.gram.reshape(-1, p * p)
    pushes = j @ ev.push.reshape(-1, p)
    hess = j @ ev.fourth @ j.T - 2.0 * pushes @ pushes.T + by.curvature(ev.gradient)
    if reml:
        hess -= slopes @ slopes.T
    return j @ ev.gradient.ravel(), 0.5 * (hess + hess.T), slopes.reshape(k, p, p)


def _newton(data: _Data, structure: Structure, theta: Array, label: str) -> tuple[Array, bool, int]:
    """The optimal parameters, whether converged, and steps taken."""

    def slopes(solved: _Solved, by: Derivatives) -> tuple[Array, Array]:
        return _hessian(_evaluate(data, solved), by, data.reml)[:2]

    return newton_search(
        structure, theta, label, lambda sigma: _solve(data, sigma), slopes, most=_MAX_STEPS
    )


def _rough(data: _Data) -> tuple[Array, Array]:
    """Variances (M,) and correlations (M, M) of residuals, for a start.

    Least squares is repeated with each visit weighted by its variance, since one noisy visit
    would otherwise hide how quiet another is.
    """
    together = np.maximum(data.patterns.together, 1.0)
    gamma = np.zeros(data.rows.shape[2] - 1)
    before = np.zeros(data.patterns.n_visits)
    for _ in range(10):
        e = data.rows[:, :, -1] - data.rows[:, :, :-1] @ gamma
        rough = (e.T @ e) / together
        variances = np.maximum(np.diag(rough), 1e-14)
        solved = _solve(data, np.diag(variances))
        if solved is None or np.abs(np.log(variances) - before).max() < 0.2:
            break
        before, gamma = np.log(variances), solved.gamma
    sd = np.sqrt(variances)
    return variances, rough / np.outer(sd, sd)


def fit_marginal(
    patterns: VisitPatterns, structure: Structure, *, reml: bool, label: str
) -> MarginalFit:
    """Fit y = X b + e with the covariance of e over visits of this structure.

    Parameters
    ----------
    label
        What to call the structure in an error.

    Raises
    ------
    FitError
        If there are too few observations, nothing to estimate, or covariance parameters that
        the data do not determine.
    """
    p = len(patterns.names)
    flat = patterns.rows.reshape(-1, p + 1)
    keep = independent_columns(flat[:, :p].T @ flat[:, :p])
    dropped = tuple(n for j, n in enumerate(patterns.names) if j not in set(keep))
    if dropped:
        patterns = patterns.select(keep)
    p, n, k = len(patterns.names), patterns.n_observations, structure.n_parameters
    if p == 0:
        raise FitError("The model has no column to estimate.", code="no_columns")
    if n <= p + k:
        raise FitError(
            f"There are {n} observations for {p} coefficients and {k} covariance parameters.",
            "Choose a structure with fewer parameters, fewer covariates or load more data.",
            code="too_few_observations",
        )
    data = _prepare(patterns, reml)
    variances, correlations = _rough(data)
    structure = structure.suited(variances)
    start = structure.start(variances, correlations)
    theta, converged, steps = _newton(data, structure, start, label)
    sigma = structure.sigma(theta)
    solved = _solve(data, sigma)
    if solved is None or is_degenerate(sigma):
        raise degenerate(structure, label)
    ev = _evaluate(data, solved)
    by = structure.natural(theta)
    _, hess, slopes = _hessian(ev, by, reml)
    scale = np.sqrt(np.maximum(np.abs(np.diag(hess)), 1e-300))
    values, vectors = np.linalg.eigh(hess / np.outer(scale, scale))
    good = values > _FLAT
    inverse = (vectors[:, good] / values[good]) @ vectors[:, good].T
    weights = 2.0 * inverse / np.outer(scale, scale)
    half = data.unit * data.back @ solve_triangular(solved.root, np.eye(p), check_finite=False)
    fixed = FixedEffects(
        names=patterns.names,
        estimates=data.ols + data.unit * data.back @ solved.gamma,
        covariance=half @ half.T,
        covariance_gradient=half @ slopes @ half.T,
        variance_covariance=weights,
        n_observations=n,
    )
    return MarginalFit(
        fixed=fixed,
        residual_covariance=data.unit**2 * sigma,
        log_likelihood=-0.5 * solved.deviance,
        converged=converged and bool(good.all()),
        steps=steps,
        dropped=dropped,
        adjusted=half @ _adjustment(data, ev, by, slopes, weights) @ half.T if reml else None,
    )


def _adjustment(
    data: _Data, ev: _Evaluation, by: Derivatives, slopes: Array, weights: Array
) -> Array:
    """Kenward and Roger's I + 2 sum W_ij (Q_ij - P_i P_j - R_ij / 4), where X'AX = I.

    Kenward & Roger (1997, Biometrics 53:983), p. 986; W from the observed information.
    """
    k, m, p = len(by.jacobian), ev.inverse.shape[1], ev.push.shape[2]
    j = by.jacobian.reshape(k, -1)
    weighted = (j.T @ weights @ j).reshape(m, m, m, m)
    between = np.tensordot(ev.inverse, weighted, axes=([1, 2], [1, 2]))  # (K, a, d)
    moved = between[data.patterns.pattern] @ ev.u
    q = ev.u.reshape(-1, p).T @ moved.reshape(-1, p)
    pp = np.tensordot(np.tensordot(weights, slopes, axes=1), slopes, axes=([0, 2], [0, 1]))
    r = np.tensordot(by.bend(weights), ev.gram, axes=2)
    shift = q - pp - 0.25 * r
    return np.asarray(np.eye(p) + shift + shift.T)
