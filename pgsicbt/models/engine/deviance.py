"""The profiled deviance of a linear mixed model, with exact first and second derivatives.

Model: y_i = X_i b + Z_i u_i + e_i, u_i ~ N(0, s Psi), e_i ~ N(0, s I), Psi = L L' with L lower
triangular (q x q, q <= 3). Notation per person: A = Z'Z, B = Z'[X y]. With
E = (I + A Psi)^-1, the products Z'V^-1[X y] = E B = G and Z'V^-1 Z = E A = H need only q x q
operations, and for symmetric directions D, D' of Psi

    d   log|V|      =  tr(H D)                 d2 log|V|      = -tr(H D H D')
    d   [Xy]'V^-1[Xy] = -G' D G                d2 [..]        =  G'(D H D' + D' H D) G

(differentiate V^-1 = I - Z Psi E Z'). The deviance and the profiling of b and s follow Bates et
al. 2015, section 3. Operations on the small matrices are written out as arrays over persons,
person last, some thousand people at a time: what is held beside the data does not grow with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg.lapack import dtrtri

from pgsicbt.result import Array

_AT_ONCE = 4096  # people: the arrays of one piece stay in the cache of a processor


def lower_entries(q: int, correlated: bool) -> list[tuple[int, int]]:
    """Positions of the free entries of L, row by row; the diagonal only if uncorrelated."""
    return [(r, c) for r in range(q) for c in range(r + 1) if correlated or r == c]


def pairs(q: int) -> list[tuple[int, int]]:
    """Positions (a <= b) of the distinct entries of a symmetric q x q matrix."""
    return [(a, b) for a in range(q) for b in range(a, q)]


@dataclass(frozen=True)
class Orthonormal:
    """Cross-products in a basis where the columns of X are orthonormal and y is their residual.

    ``a`` (q, q, N), ``b`` (q, p + 1, N), ``rss`` the residual sum of squares of least squares,
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
        return int(self.b.shape[1]) - 1

    def pieces(self) -> Iterator[slice]:
        """Some thousand people at a time."""
        n = int(self.b.shape[2])
        return (slice(i, min(i + _AT_ONCE, n)) for i in range(0, n, _AT_ONCE))


@dataclass(frozen=True)
class Evaluation:
    """Deviance at one Psi. Derivatives are by the distinct entries of Psi (see ``pairs``).

    ``gamma`` (p,) are the fixed effects and ``root`` (p, p) the upper Cholesky factor of
    X'V^-1X in the orthonormal basis; ``sigma2`` the residual variance. ``slopes[k]`` (p, p) is
    root^-T (sum G'D_kG) root^-1, from which the derivative of the covariance follows;
    ``gamma_slopes`` (k, p) and ``sigma2_slopes`` (k,) are derivatives of these two.
    ``joint`` is the Hessian of the deviance by (Psi, sigma2), not profiled over sigma2.
    """

    deviance: float
    gamma: Array
    sigma2: float
    root: Array
    gradient: Array
    hessian: Array
    slopes: Array
    gamma_slopes: Array
    sigma2_slopes: Array
    joint: Array


def turned(t: Array, a: Array) -> Array:
    """T'AT of every person, for a (q, q, N), skipping the zeros of T."""
    out = np.zeros_like(a)
    for j, i in zip(*np.nonzero(t), strict=True):
        for k, m in zip(*np.nonzero(t), strict=True):
            out[i, m] += (t[j, i] * t[k, m]) * a[j, k]
    return out


def inverse_upper(r: Array) -> Array:
    """Inverse of a non-singular upper triangular matrix."""
    return np.asarray(dtrtri(r)[0]) if len(r) else r


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


def _half(a: Array, weights: Array | None, lam: Array) -> tuple[Array, float]:
    """K = C^-1 L' per person with C C' = I + L'AL, so that V^-1 = I - Z K'K Z'; and log|V|."""
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
    logs = np.log(np.prod(chol[range(q), range(q)], axis=0))
    return k, 2.0 * float(logs.sum() if weights is None else logs @ weights)


def _combine(coef: Array, b: Array) -> Array:
    """(q, q, N) coefficients times (q, m, N): the small matrix product of every person."""
    q = b.shape[0]
    out = np.empty_like(b)
    for row in range(q):
        np.multiply(coef[row, 0], b[0], out=out[row])
        for col in range(1, q):
            out[row] += coef[row, col] * b[col]
    return out


def _products(x: Array, y: Array) -> Array:
    """Small matrix product of (q, q, N) arrays."""
    q = x.shape[0]
    out = np.empty_like(x)
    for i in range(q):
        for j in range(q):
            out[i, j] = sum((x[i, k] * y[k, j] for k in range(1, q)), x[i, 0] * y[0, j])
    return out


@dataclass(frozen=True)
class _Solved:
    """Generalised least squares at one Psi; ``halves`` are the K of each piece of people."""

    halves: list[Array]
    logdet: float
    root: Array
    inverse: Array
    gamma: Array
    rss: float


def _solve(data: Orthonormal, lam: Array) -> _Solved:
    p = data.p
    s = np.zeros((p + 1, p + 1))
    s[range(p), range(p)] = 1.0
    s[p, p] = data.rss
    logdet, halves = 0.0, []
    for at in data.pieces():
        w = None if data.weights is None else data.weights[at]
        k, part = _half(data.a[:, :, at], w, lam)
        logdet += part
        halves.append(k)
        for u in _combine(k, data.b[:, :, at]):
            s -= u @ u.T
    root: Array = np.asarray(np.linalg.cholesky(s[:p, :p]).T, dtype=np.float64)
    inverse = inverse_upper(root)
    half = inverse.T @ s[:p, p]
    return _Solved(halves, logdet, root, inverse, inverse @ half, float(s[p, p] - half @ half))


def _deviance(data: Orthonormal, found: _Solved, reml: bool) -> float:
    dof = data.n - data.p if reml else data.n
    value = found.logdet + dof * (1.0 + np.log(2 * np.pi * found.rss / dof))
    if reml:
        value += 2.0 * float(np.log(np.diag(found.root)).sum()) + data.constant
    return float(value)


def deviance(data: Orthonormal, lam: Array, reml: bool) -> float:
    """-2 log (restricted) likelihood at L, without derivatives; infinite where undefined."""
    try:
        found = _solve(data, lam)
    except np.linalg.LinAlgError:
        return float("inf")
    return _deviance(data, found, reml) if found.rss > 0 else float("inf")


@dataclass
class _Sums:
    """Sums over persons that the derivatives are made of, with f = root^-T G' and r = G(y - Xb).

    ``h``, ``r`` (q, q): H and r r'. ``outer`` (q, q, p, p): f_a f_b'. ``cross`` (q, q, p): f_a r_b.
    ``hh``, ``hf``, ``hr`` (q * q, q * q): every entry of H times every one of H, f'f and r r'.
    """

    h: Array
    r: Array
    outer: Array
    cross: Array
    hh: Array
    hf: Array
    hr: Array


def _sums(data: Orthonormal, found: _Solved) -> _Sums:
    q, p = data.a.shape[0], data.p
    one, two = (q, q), (q * q, q * q)
    out = _Sums(*(np.zeros(shape) for shape in (one, one, (q, q, p, p), (q, q, p), two, two, two)))
    for at, k in zip(data.pieces(), found.halves, strict=True):
        a, b = data.a[:, :, at], data.b[:, :, at]
        e = -_products(a, _products(k.transpose(1, 0, 2), k))
        for j in range(q):
            e[j, j] += 1.0
        h = _products(e, a)
        g = _combine(e, b)
        f = found.inverse.T @ g[:, :p]
        resid = g[:, p] - found.gamma @ g[:, :p]
        inner = np.empty_like(h)
        squares = np.empty_like(h)
        for i, j in pairs(q):
            inner[i, j] = inner[j, i] = np.einsum("jn,jn->n", f[i], f[j])
            squares[i, j] = squares[j, i] = resid[i] * resid[j]
            out.outer[i, j] += f[i] @ f[j].T
        for i in range(q):
            out.cross[i] += (f[i] @ resid.T).T
        once = h if data.weights is None else h * data.weights[at]
        out.h += once.sum(axis=2)
        out.r += squares.sum(axis=2)
        flat = h.reshape(q * q, -1)
        out.hh += flat @ once.reshape(q * q, -1).T
        out.hf += flat @ inner.reshape(q * q, -1).T
        out.hr += flat @ squares.reshape(q * q, -1).T
    return out


@cache
def _contraction(q: int) -> tuple[Array, Array]:
    """Directions (k, q, q) of the distinct entries of Psi, and what sums D H D' + D' H D with M.

    The latter (k, k, q^4) multiplies every entry of H times every entry of a symmetric M.
    """
    where = pairs(q)
    d = np.zeros((len(where), q, q))
    for i, (a, b) in enumerate(where):
        d[i, a, b] = d[i, b, a] = 1.0
    left = np.einsum("ixc,jdy->ijcdxy", d, d)
    both = left + left.transpose(0, 1, 2, 3, 5, 4)
    return d, both.reshape(len(where), len(where), q**4)


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
    found = _solve(data, lam)
    if not found.rss > 0:
        raise np.linalg.LinAlgError("no residual is left")
    sums = _sums(data, found)
    directions, both = _contraction(q)
    where = pairs(q)
    slopes = np.array(
        [sums.outer[a, b] if a == b else sums.outer[a, b] + sums.outer[a, b].T for a, b in where]
    ).reshape(-1, p, p)
    pushes = -np.array(
        [sums.cross[a, b] if a == b else sums.cross[a, b] + sums.cross[b, a] for a, b in where]
    ).reshape(-1, p)
    size = len(where)
    flat = slopes.reshape(size, -1)
    grad_v = directions.reshape(size, -1) @ sums.h.ravel()
    grad_r = -directions.reshape(size, -1) @ sums.r.ravel()
    hess_v = -0.5 * (both @ sums.hh.ravel())
    hess_r = both @ sums.hr.ravel() - 2.0 * pushes @ pushes.T
    dof = data.n
    if reml:
        dof = data.n - p
        grad_v = grad_v - np.trace(slopes, axis1=1, axis2=2)
        hess_v = hess_v + both @ sums.hf.ravel() - flat @ flat.T
    value = _deviance(data, found, reml)
    sigma2 = found.rss / dof if held is None else held
    if held is not None:
        ratio = found.rss / dof / held
        value += dof * (ratio - 1.0 - float(np.log(ratio)))
    hess = hess_v + hess_r / sigma2
    joint = np.zeros((size + 1, size + 1))
    joint[:size, :size] = hess
    joint[:size, size] = joint[size, :size] = -grad_r / sigma2**2
    joint[size, size] = (2.0 * found.rss / sigma2 - dof) / sigma2**2
    return Evaluation(
        deviance=value,
        gamma=found.gamma,
        sigma2=sigma2,
        root=found.root,
        gradient=grad_v + grad_r / sigma2,
        hessian=hess - np.outer(grad_r, grad_r) / (dof * sigma2**2),
        slopes=slopes,
        gamma_slopes=pushes @ found.inverse.T,
        sigma2_slopes=grad_r / dof,
        joint=joint,
    )
