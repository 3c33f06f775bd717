"""The profiled deviance of a linear mixed model, with exact first and second derivatives.

Model: y_i = X_i b + Z_i u_i + e_i, u_i ~ N(0, s Psi), e_i ~ N(0, s I), Psi = L L' with L lower
triangular (q x q, q <= 3). Notation per person: A = Z'Z, B = Z'[X y]. With
E = (I + A Psi)^-1, the products Z'V^-1[X y] = E B = G and Z'V^-1 Z = E A = H need only q x q
operations, and for symmetric directions D, D' of Psi

    d   log|V|      =  tr(H D)                 d2 log|V|      = -tr(H D H D')
    d   [Xy]'V^-1[Xy] = -G' D G                d2 [..]        =  G'(D H D' + D' H D) G

(differentiate V^-1 = I - Z Psi E Z'). The deviance and the profiling of b and s follow Bates et
al. 2015, section 3. Operations on the small matrices are written out as arrays over persons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve_triangular

from pgsicbt.result import Array


def lower_entries(q: int, correlated: bool) -> list[tuple[int, int]]:
    """Positions of the free entries of L, row by row; the diagonal only if uncorrelated."""
    return [(r, c) for r in range(q) for c in range(r + 1) if correlated or r == c]


def pairs(q: int) -> list[tuple[int, int]]:
    """Positions (a <= b) of the distinct entries of a symmetric q x q matrix."""
    return [(a, b) for a in range(q) for b in range(a, q)]


@dataclass(frozen=True)
class Orthonormal:
    """Cross-products in a basis where the columns of X are orthonormal and y is their residual.

    ``a`` (q, q, N), ``b`` (q, N, p + 1), ``rss`` the residual sum of squares of least squares,
    ``n`` visits, ``constant`` what the change of basis adds to log|X'V^-1X|. ``weights`` (N,) are
    frequency weights of persons, None for all one; ``b`` is already times their square roots,
    since it only ever enters in squares.
    """

    a: Array
    b: Array
    rss: float
    n: float
    constant: float
    weights: Array | None = None

    @property
    def p(self) -> int:
        return int(self.b.shape[2]) - 1

    def total(self, values: Array) -> Array:
        """Weighted sum over persons, the last axis."""
        total = values.sum(axis=-1) if self.weights is None else values @ self.weights
        return np.asarray(total)


@dataclass(frozen=True)
class Evaluation:
    """Deviance at one Psi. Derivatives are by the distinct entries of Psi (see ``pairs``).

    ``gamma`` (p,) are the fixed effects and ``root`` (p, p) the upper Cholesky factor of
    X'V^-1X in the orthonormal basis; ``sigma2`` the residual variance. ``slopes[k]`` (p, p) is
    root^-T (sum G'D_kG) root^-1, from which the derivative of the covariance follows.
    ``joint`` is the Hessian of the deviance by (Psi, sigma2), not profiled over sigma2.
    """

    deviance: float
    gamma: Array
    sigma2: float
    root: Array
    gradient: Array
    hessian: Array
    slopes: Array
    joint: Array


def turned(t: Array, a: Array) -> Array:
    """T'AT of every person, for a (q, q, N)."""
    return _between(t.T, a, t)


def _between(left: Array, a: Array, right: Array) -> Array:
    """Left A right of every person, skipping the zeros of the two constant matrices."""
    q = a.shape[0]
    out = np.zeros_like(a)
    for i, j in zip(*np.nonzero(left), strict=True):
        for k, m in zip(*np.nonzero(right), strict=True):
            out[i, m] += (left[i, j] * right[k, m]) * a[j, k]
    return out if q else a


def _cholesky(m: Array) -> Array:
    """Lower Cholesky factors of (q, q, N) positive definite matrices."""
    q = m.shape[0]
    out = np.zeros_like(m)
    for j in range(q):
        d = m[j, j] - sum((out[j, k] ** 2 for k in range(j)), np.zeros_like(m[j, j]))
        out[j, j] = np.sqrt(d)
        for i in range(j + 1, q):
            s = m[i, j] - sum((out[i, k] * out[j, k] for k in range(j)), np.zeros_like(d))
            out[i, j] = s / out[j, j]
    return out


def _half(data: Orthonormal, lam: Array) -> tuple[Array, float]:
    """K = C^-1 L' per person with C C' = I + L'AL, so that V^-1 = I - Z K'K Z'; and log|V|."""
    a = data.a
    q = a.shape[0]
    m = turned(lam, a)
    for j in range(q):
        m[j, j] += 1.0
    chol = _cholesky(m)
    k = np.empty_like(a)
    for col in range(q):
        for row in range(q):
            acc = np.full(a.shape[2], lam[col, row])
            for prev in range(row):
                acc -= chol[row, prev] * k[prev, col]
            k[row, col] = acc / chol[row, row]
    return k, 2.0 * float(sum(data.total(np.log(chol[j, j])) for j in range(q)))


def _combine(coef: Array, b: Array) -> Array:
    """(q, q, N) coefficients times (q, N, m): the small matrix product of every person."""
    q = b.shape[0]
    out = np.empty_like(b)
    for row in range(q):
        np.multiply(coef[row, 0][:, None], b[0], out=out[row])
        for col in range(1, q):
            out[row] += coef[row, col][:, None] * b[col]
    return out


def _products(x: Array, y: Array) -> Array:
    """Small matrix product of (q, q, N) arrays."""
    q = x.shape[0]
    out = np.empty_like(x)
    for i in range(q):
        for j in range(q):
            out[i, j] = sum((x[i, k] * y[k, j] for k in range(1, q)), x[i, 0] * y[0, j])
    return out


def _solve_fixed(data: Orthonormal, k: Array) -> tuple[Array, Array, float]:
    u = _combine(k, data.b).reshape(-1, data.p + 1)
    s = -(u.T @ u)
    p = data.p
    s[np.arange(p), np.arange(p)] += 1.0
    s[p, p] += data.rss
    root: Array = np.asarray(np.linalg.cholesky(s[:p, :p]).T, dtype=np.float64)
    half = solve_triangular(root, s[:p, p], trans="T", check_finite=False)
    gamma = solve_triangular(root, half, check_finite=False)
    return root, gamma, float(s[p, p] - half @ half)


def _deviance(data: Orthonormal, logdet: float, root: Array, rss: float, reml: bool) -> float:
    dof = data.n - data.p if reml else data.n
    value = logdet + dof * (1.0 + np.log(2 * np.pi * rss / dof))
    if reml:
        value += 2.0 * float(np.log(np.diag(root)).sum()) + data.constant
    return float(value)


def deviance(data: Orthonormal, lam: Array, reml: bool) -> float:
    """-2 log (restricted) likelihood at L, without derivatives; infinite where undefined."""
    k, logdet = _half(data, lam)
    try:
        root, _, rss = _solve_fixed(data, k)
    except np.linalg.LinAlgError:
        return float("inf")
    return _deviance(data, logdet, root, rss, reml) if rss > 0 else float("inf")


def evaluate(data: Orthonormal, lam: Array, reml: bool, held: float | None = None) -> Evaluation:
    """Deviance with exact gradient and Hessian by the entries of Psi.

    With ``held``, the residual variance is held there and not profiled: then ``deviance``,
    ``gradient`` and ``joint`` are those at (Psi, held), and ``hessian`` has no meaning.

    Raises
    ------
    numpy.linalg.LinAlgError
        If X'V^-1X is not positive definite.
    """
    q, p = data.a.shape[0], data.p
    k, logdet = _half(data, lam)
    root, gamma, rss = _solve_fixed(data, k)
    w = _products(k.transpose(1, 0, 2), k)
    e = -_products(data.a, w)
    for j in range(q):
        e[j, j] += 1.0
    h = _products(e, data.a)
    g = _combine(e, data.b)
    inverse = solve_triangular(root, np.eye(p), check_finite=False)
    f = (g[:, :, :p].reshape(-1, p) @ inverse).reshape(q, -1, p)
    resid = g[:, :, p] - g[:, :, :p] @ gamma

    where = pairs(q)
    outer = {(a, b): f[a].T @ f[b] for a, b in where}
    traces = np.empty_like(h)
    squares = np.empty_like(h)
    for a, b in where:
        traces[a, b] = traces[b, a] = np.einsum("nj,nj->n", f[a], f[b])
        squares[a, b] = squares[b, a] = resid[a] * resid[b]
    cross = {(a, b): f[a].T @ resid[b] for a in range(q) for b in range(q)}
    directions = [_direction(q, a, b) for a, b in where]
    slopes = np.array(
        [outer[a, b] if a == b else outer[a, b] + outer[a, b].T for a, b in where]
    ).reshape(-1, p, p)
    pushes = [-(cross[a, b] if a == b else cross[a, b] + cross[b, a]) for a, b in where]
    total_h, total_r = data.total(h), squares.sum(axis=2)
    grad_v = np.array([float((d * total_h).sum()) for d in directions])
    grad_s = -np.array([np.trace(s) for s in slopes])
    grad_r = -np.array([float((d * total_r).sum()) for d in directions])

    size = len(where)
    once = h if data.weights is None else h * data.weights
    hess_v, hess_s, hess_r = (np.zeros((size, size)) for _ in range(3))
    for i in range(size):
        for j in range(i, size):
            both = _sandwich(h, directions[i], directions[j]).ravel()
            hess_v[i, j] = -0.5 * both @ once.ravel()
            hess_s[i, j] = both @ traces.ravel() - float((slopes[i] * slopes[j]).sum())
            hess_r[i, j] = both @ squares.ravel() - 2.0 * float(pushes[i] @ pushes[j])
            for m in (hess_v, hess_s, hess_r):
                m[j, i] = m[i, j]
    dof = data.n - p if reml else data.n
    grad_fixed, hess_fixed = (grad_v + grad_s, hess_v + hess_s) if reml else (grad_v, hess_v)
    value = _deviance(data, logdet, root, rss, reml)
    sigma2 = rss / dof if held is None else held
    if held is not None:
        ratio = rss / dof / held
        value += dof * (ratio - 1.0 - float(np.log(ratio)))
    joint = np.zeros((size + 1, size + 1))
    joint[:size, :size] = hess_fixed + hess_r / sigma2
    joint[:size, size] = joint[size, :size] = -grad_r / sigma2**2
    joint[size, size] = (2.0 * rss / sigma2 - dof) / sigma2**2
    return Evaluation(
        deviance=value,
        gamma=gamma,
        sigma2=sigma2,
        root=root,
        gradient=grad_fixed + grad_r / sigma2,
        hessian=hess_fixed + hess_r / sigma2 - np.outer(grad_r, grad_r) / (dof * sigma2**2),
        slopes=slopes,
        joint=joint,
    )


def _direction(q: int, a: int, b: int) -> Array:
    d = np.zeros((q, q))
    d[a, b] = d[b, a] = 1.0
    return d


def _sandwich(h: Array, d1: Array, d2: Array) -> Array:
    """D H D' + D' H D of every person, (q, q, N)."""
    left = _between(d1, h, d2)
    return np.asarray(left + left.transpose(1, 0, 2))
