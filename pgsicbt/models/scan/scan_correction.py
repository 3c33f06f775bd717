"""First-order change of the variance parameters when a score enters the model.

The scan uses the variance parameters fitted without a score. With the score in the model the
profiled deviance has at those parameters the gradient

    g_D = tr(S^-1 S_D) + dof (R_D - f_D) / (R - f) - dof0 R_D / R        f = u'S^-1u

along each direction D of Psi (without the trace under ML). R is the weighted residual sum of
squares without the score, dof0 and dof what it is divided by without and with the score; a
subscript D is a derivative, with V_D = Z D Z'. One Newton step -H^-1 g, H the Hessian of the
fit without a score, changes S, u and R. With H_i = T'V^-1T, F_i and r_i of a person as in
:mod:`pgsicbt.models.scan.scan_pass`,

    u_D = sum x (-H_i D r_i - F_i c_D)                        c_D = -sum F_i'D r_i
    S_D = -sum x^2 H_i D H_i + G_D F' + F G_D' - F (sum F_i'D F_i) F'

with F = sum x F_i and G_D = sum x H_i D F_i. The latter would need many more products. It is
taken for the part of the score that covariates explain, x = sum g_m z_m with z_m the person's
value of covariate m (or 1) and g the coefficients of the column x among the columns z_m: then
G_D = sum g_m sum z_m H_i D F_i. What is left out averages to zero over people.

The same derivatives give Satterthwaite's degrees of freedom, 2 v^2 / (g'Ag) with v a variance of
the estimates, g its derivative by Psi and the residual variance and A the covariance of those at
the fit without a score (Kuznetsova et al. 2017, J Stat Softw 82(13), eq. 8).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.result import Array

# Entries 00, 01 and 11 of H D H as sums of six products of the entries of H, by direction.
_PRODUCTS = {
    (0, 0): (((0, 1.0),), ((1, 1.0),), ((2, 1.0),)),
    (0, 1): (((1, 2.0),), ((3, 1.0),), ((4, 2.0),)),
    (1, 1): (((2, 1.0),), ((4, 1.0),), ((5, 1.0),)),
}
_LEAST = 1e-3  # share of Psi, by its determinant, that a step must leave


@dataclass(frozen=True)
class Correction:
    """What the step needs for k directions, made once per fit without a score.

    ``linear`` (N, 2k) and ``square`` (N, 6) are multiplied with scores and their squares;
    ``pairs`` are the entries of Psi that are free. With Z_a = ``first`` (k, 2, p, p) @ F_0 -
    ``second`` (k, p, p) @ F_a, a = 0, 1, the entries a, b of S_D beyond the squares are
    Z_a F_b' + Z_b F_a'. ``newton`` (k, k) is -H^-1, ``fall`` (k,) R_D, ``bend`` (k, k) the second
    derivative of R; ``psi`` (q, q) is where the step starts, ``share`` dof0 / R, ``spread``
    (k + 1, k + 1) is A.
    """

    linear: Array
    square: Array
    pairs: tuple[tuple[int, int], ...]
    first: Array
    second: Array
    newton: Array
    fall: Array
    bend: Array
    psi: Array
    share: float
    spread: Array
    reml: bool


def correction(
    inside: Array,
    fixed: Array,
    resid: Array,
    people: Array,
    back: Array,
    *,
    psi: Array,
    sigma2: float,
    dof: float,
    correlated: bool,
    reml: bool,
) -> Correction | None:
    """Prepare the step at a fit without a score; None if that is not an ordinary minimum.

    Parameters
    ----------
    inside, fixed, resid
        (2, 2, N) H_i, (2, N, p) F_i and (2, N) r_i.
    people, back
        (N, m) the person's value of each column of the model that does not involve time, and
        (m, p) the rows of R that belong to these columns.
    psi, sigma2, dof
        Covariance of the q random terms relative to the residual variance, the latter, and its
        degrees of freedom.
    """
    q = psi.shape[0]
    pairs = tuple((a, b) for a in range(q) for b in range(a, q) if correlated or a == b)
    d = np.zeros((len(pairs), 2, 2))
    for i, (a, b) in enumerate(pairs):
        d[i, a, b] = d[i, b, a] = 1.0
    squares = resid[:, None] * resid
    gram = np.array([[left.T @ right for right in fixed] for left in fixed])
    with_r = np.array([[left.T @ r for r in resid] for left in fixed])
    outer = np.array([[np.einsum("np,np->n", x, y) for y in fixed] for x in fixed])
    slopes = np.einsum("iab,abpq->ipq", d, gram)
    push = -np.einsum("iab,abp->ip", d, with_r)
    fall = -np.einsum("iab,ab->i", d, squares.sum(axis=2))
    by_h, by_f, by_r = (_traces(d, inside, x) for x in (inside, outer, squares))
    bend = by_r + by_r.T - 2.0 * push @ push.T
    joint = np.zeros((len(pairs) + 1, len(pairs) + 1))
    joint[:-1, :-1] = bend / sigma2 - by_h
    if reml:
        joint[:-1, :-1] += by_f + by_f.T - np.einsum("ipq,jqp->ij", slopes, slopes)
    joint[:-1, -1] = joint[-1, :-1] = -fall / sigma2**2
    joint[-1, -1] = dof / sigma2**2
    scale = np.sqrt(np.maximum(np.diag(joint), 0.0))
    if not (scale > 0).all():
        return None
    joint /= np.outer(scale, scale)
    if not (np.linalg.eigvalsh(joint) > 1e-6).all():
        return None
    inverse = np.linalg.inv(joint) / np.outer(scale, scale)
    (h00, h01), (_, h11) = inside
    square = [h00 * h00, h00 * h01, h01 * h01, h00 * h11 + h01 * h01, h01 * h11, h11 * h11]
    linear = []
    first = np.empty((len(pairs), 2, *slopes.shape[1:]))
    for i in range(len(pairs)):
        for a in range(2):
            times_d = np.tensordot(d[i], inside[a], axes=1)  # row a of H_i D
            linear.append(-(times_d * resid).sum(axis=0) - fixed[a] @ push[i])
            each = times_d[0][:, None] * fixed[0] + times_d[1][:, None] * fixed[1]
            first[i, a] = (people.T @ each).T @ back
    return Correction(
        linear=np.stack(linear, axis=1),
        square=np.stack(square, axis=1),
        pairs=pairs,
        first=first,
        second=0.5 * slopes,
        newton=-inverse[:-1, :-1],
        fall=fall,
        bend=bend,
        psi=psi,
        share=1.0 / sigma2,
        spread=2.0 * inverse,
        reml=reml,
    )


def _traces(d: Array, h: Array, x: Array) -> Array:
    """sum tr(D_i H D_j X) over persons, for (k, 2, 2) directions and (2, 2, N) matrices."""
    both = (h.reshape(4, -1) @ x.reshape(4, -1).T).reshape(2, 2, 2, 2)
    return np.asarray(np.einsum("isa,jbc,abcs->ij", d, d, both))


def _entries(pair: tuple[int, int], products: Array) -> list[Array]:
    """Entries 00, 01 and 11 of H D H from the six products."""
    return [
        np.asarray(sum(factor * products[j] for j, factor in terms)) for terms in _PRODUCTS[pair]
    ]


@dataclass(frozen=True)
class Parts:
    """S (entries 00, 01, 11), u and R of K scores, each entry of shape (K,).

    ``df`` (2, K) are degrees of freedom of main effect and interaction.
    """

    s: tuple[Array, Array, Array]
    u: tuple[Array, Array]
    rss: Array
    df: Array


def stepped(
    c: Correction,
    old: Parts,
    fixed: tuple[Array, Array],
    linear: Array,
    square: Array,
    dof: float,
) -> tuple[Parts, Array]:
    """S, u, R and degrees of freedom after one step, and the step itself, (k, K).

    Parameters
    ----------
    old
        At the variance parameters without a score; ``rss`` is R (K,).
    fixed
        F_0 and F_1, (p, K) each.
    linear, square
        (2k, K) and (6, K) products with ``c.linear`` and ``c.square``.
    dof
        Degrees of freedom with a score.
    """
    (s00, s01, s11), (u0, u1) = old.s, old.u
    f0, f1 = fixed
    turned = (c.first.reshape(-1, len(f0)) @ f0).reshape(len(c.pairs), 2, *f0.shape)
    turned[:, 0] -= c.second @ f0
    turned[:, 1] -= c.second @ f1
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / (s00 * s11 - s01**2)
        b0, b1 = (s11 * u0 - s01 * u1) * scale, (s00 * u1 - s01 * u0) * scale
        left = dof / (old.rss - b0 * u0 - b1 * u1)
    slopes, gradient = [], np.empty((len(c.pairs), len(s00)))
    for i, pair in enumerate(c.pairs):
        h00, h01, h11 = _entries(pair, square)
        z0, z1 = turned[i]
        d00 = 2.0 * _dots(z0, f0) - h00
        d01 = _dots(z0, f1) + _dots(z1, f0) - h01
        d11 = 2.0 * _dots(z1, f1) - h11
        v0, v1 = linear[2 * i], linear[2 * i + 1]
        slopes.append((d00, d01, d11, v0, v1))
        drop = b0 * (2.0 * v0 - b0 * d00 - 2.0 * b1 * d01) + b1 * (2.0 * v1 - b1 * d11)
        gradient[i] = left * (c.fall[i] - drop) - c.share * c.fall[i]
        if c.reml:
            gradient[i] += (s11 * d00 - 2.0 * s01 * d01 + s00 * d11) * scale
    step = c.newton @ gradient
    step[:, ~_allowed(c, step)] = 0.0
    new = [s00, s01, s11, u0, u1]
    for i, by in enumerate(slopes):
        new = [old_one + step[i] * slope for old_one, slope in zip(new, by, strict=True)]
    rss = old.rss + c.fall @ step + 0.5 * (step * (c.bend @ step)).sum(axis=0)
    s = (new[0], new[1], new[2])
    df = _satterthwaite(c, s, [by[:3] for by in slopes])
    return Parts(s, (new[3], new[4]), rss, df), step


def _dots(x: Array, y: Array) -> Array:
    """Sums of x y over rows, (K,)."""
    return np.asarray(np.einsum("pk,pk->k", x, y))


def _satterthwaite(
    c: Correction, s: tuple[Array, Array, Array], slopes: list[tuple[Array, Array, Array]]
) -> Array:
    """Degrees of freedom (2, K) of main effect and interaction; slopes are those of S."""
    s00, s01, s11 = s
    out = np.empty((2, len(s00)))
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = 1.0 / (s00 * s11 - s01**2)
        # Derivatives of log variance: those of the inverse of S, then that of the residual.
        for j, own in enumerate((s11, s00)):
            first, second = (own, -s01) if j == 0 else (-s01, own)
            g = np.empty((len(slopes) + 1, len(s00)))
            g[-1] = c.share
            for i, (d00, d01, d11) in enumerate(slopes):
                inner = first * (first * d00 + 2.0 * second * d01) + second * second * d11
                g[i] = -inner * scale / own
            out[j] = 2.0 / (g * (c.spread @ g)).sum(axis=0)
    return out


def _allowed(c: Correction, step: Array) -> NDArray[np.bool_]:
    """Scores whose Psi stays well within the positive definite matrices."""
    q = len(c.psi)
    new = {pair: c.psi[pair] + step[i] for i, pair in enumerate(c.pairs)}
    good = np.all([new[j, j] > _LEAST * c.psi[j, j] for j in range(q)], axis=0)
    if q == 2:
        determinant = new[0, 0] * new[1, 1] - new.get((0, 1), np.zeros(1)) ** 2
        good &= determinant > _LEAST * np.linalg.det(c.psi)
    return np.asarray(good)
