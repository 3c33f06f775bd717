"""What each person adds to the likelihood of a mixed model, as columns that weights multiply.

Write Psi = Psi0 + Delta and, per person, A = Z'Z, E = (I + A Psi0)^-1, G = E Z'[X r] and H = E A,
with r = y - X b0 the residual from a fit of everybody. With Hbar the mean of H, the deviation
H~ = H - Hbar and Gamma = Delta (I + Hbar Delta)^-1, exactly

    [X r]'V^-1[X r]  =  [X r]'V0^-1[X r] - G' Gamma (I + H~ Gamma)^-1 G
    log|V|           =  log|V0| - log|I - Hbar Gamma| + log|I + H~ Gamma|

(from V^-1 = I - Z Psi E Z' and the matrix inversion lemma). Both are expanded in powers of
H~ Gamma, so each coefficient of the polynomial is a sum over persons, linear in their weights:
one matrix product W @ columns serves all replicates. Only the spread of H between people enters
the terms left out, not its level. With d the size of the weights' fluctuations (about N^-1/2),
Gamma and b - b0 are of order d too. So X'V^-1X needs the powers of Gamma to some order k with
weights, and of order k + 1 with everybody's mean; X'V^-1r those to k + 1; r'V^-1r and log|V| are
single numbers and taken further. k is 1 for large samples and 2 for small ones.

A score x is constant within a person, so its columns are those of the time basis times x.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations_with_replacement

import numpy as np

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.deviance import pairs
from pgsicbt.models.resampling.person_products import PersonProducts
from pgsicbt.result import Array

LARGE = 1000
"""Number of people from which the shorter expansion is accurate enough."""


class Monomials:
    """Products of ``size`` variables up to ``order``, constant first, and their derivatives."""

    def __init__(self, size: int, order: int) -> None:
        self.sets = [
            m for o in range(order + 1) for m in combinations_with_replacement(range(size), o)
        ]
        at = {m: i for i, m in enumerate(self.sets)}
        self.down = np.zeros((size, len(self.sets), len(self.sets)))
        for i, m in enumerate(self.sets):
            for k in set(m):
                self.down[k, i, at[_without(m, k)]] = m.count(k)
        self.parts = [[(k, at[_without(m, k)]) for k in sorted(set(m))] for m in self.sets]
        self._last = [(at[m[:-1]], m[-1]) for m in self.sets[1:]]

    def __len__(self) -> int:
        return len(self.sets)

    def up_to(self, order: int) -> int:
        """Number of products of at most this order."""
        return sum(len(m) <= order for m in self.sets)

    def values(self, gamma: Array) -> Array:
        """(B, T) products at ``gamma`` (B, P)."""
        out = np.ones((len(gamma), len(self.sets)))
        for i, (shorter, k) in enumerate(self._last, start=1):
            np.multiply(out[:, shorter], gamma[:, k], out=out[:, i])
        return out


def _times(coef: Array, b: Array) -> Array:
    """(q, q, n) matrices of people times their (q, n, m)."""
    q = b.shape[0]
    out = np.zeros_like(b)
    for row in range(q):
        for col in range(q):
            out[row] += coef[row, col][:, None] * b[col]
    return out


def _without(m: tuple[int, ...], k: int) -> tuple[int, ...]:
    i = m.index(k)
    return m[:i] + m[i + 1 :]


@dataclass(frozen=True)
class Frame:
    """Around what is expanded, in units in which nothing depends on the user's.

    ``psi`` (q, q) is Psi0 in a basis where the mean of Z'Z is one, reached by ``turn``;
    ``scale`` (p,) and ``score_scale`` (s,) make columns of X and of the scored basis unit sized;
    ``residual`` (p,) is b0; ``where`` are the free entries of Psi.
    """

    psi: Array
    turn: Array
    scale: Array
    score_scale: Array
    residual: Array
    where: list[tuple[int, int]]

    @cached_property
    def directions(self) -> Array:
        """(P, q, q) symmetric directions, one for each free entry of Psi."""
        q = self.psi.shape[0]
        out = np.zeros((len(self.where), q, q))
        for k, (a, b) in enumerate(self.where):
            out[k, a, b] = out[k, b, a] = 1.0
        return out


def frame(
    cp: CrossProducts, psi: Array, estimates: Array, correlated: bool, scored: tuple[int, ...]
) -> Frame:
    """The frame of an expansion around Psi = ``psi`` (q, q) and b = ``estimates`` (p,)."""
    q, p = psi.shape[0], len(cp.names)
    mean = np.asarray(np.average(cp.basis[:q, :q], axis=2, weights=cp.weights))
    if not correlated:
        mean = np.diag(np.diag(mean))
    turn = np.linalg.inv(np.linalg.cholesky(mean)).T
    back = np.linalg.inv(turn)
    size = np.array([float(cp.basis[j, j].sum()) for j in scored])
    where = [(a, b) for a, b in pairs(q) if correlated or a == b]
    return Frame(
        psi=back @ psi @ back.T,
        turn=turn,
        scale=1.0 / np.sqrt(np.diag(cp.pooled)[:p]),
        score_scale=1.0 / np.sqrt(size),
        residual=estimates,
        where=where,
    )


@dataclass(frozen=True)
class Columns:
    """Columns of a block of n people: their own, those times a score, and times its square."""

    base: Array
    linear: Array
    square: Array


@dataclass(frozen=True)
class _Block:
    """Z' and E Z' of [X r] (q, n, p + 1) of the people in ``rows``, and their moments."""

    rows: slice
    z: Array
    g: Array
    of_x: list[Array]
    of_r: list[Array]


class PersonColumns:
    """Makes the columns, block by block.

    ``mean`` (q, q) is Hbar; ``products`` the monomials of Gamma's free entries.
    """

    def __init__(
        self, cp: CrossProducts, persons: PersonProducts, around: Frame, scored: tuple[int, ...]
    ) -> None:
        self.cp, self.persons, self.around, self.scored = cp, persons, around, list(scored)
        q, p = around.psi.shape[0], len(cp.names)
        self.q, self.p, self.s = q, p, len(scored)
        few = len(around.where) <= 3
        self.order = 1 if cp.n_persons >= LARGE else 2
        self.products = Monomials(len(around.where), self.order + (3 if few else 2))
        self.first = self.products.up_to(self.order)
        self.second = self.products.up_to(self.order + 1)
        turn = around.turn
        a = np.einsum("ji,jkn,kl->nil", turn, cp.basis[:q, :q], turn, optimize=True)
        e = np.linalg.inv(np.eye(q) + a @ around.psi)
        h = e @ a
        mean = h.mean(axis=0)
        if len(around.where) == q:  # uncorrelated terms stay so only if Hbar is diagonal
            mean = np.diag(np.diag(mean))
        self.mean = (mean + mean.T) / 2
        self._e = np.ascontiguousarray(np.moveaxis(e, 0, 2))
        self._spread = np.ascontiguousarray(np.moveaxis(h - self.mean, 0, 2))

    @property
    def people(self) -> int:
        return self.cp.n_persons

    def sizes(self, second: bool) -> tuple[list[int], list[int], list[int]]:
        """Lengths of the parts of base (XX, Xy, yy, log|V|, counts), linear (XX, Xy) and square."""
        k = self.second if second else self.first
        p, s, t = self.p, self.s, len(self.products)
        return (
            [k * p * (p + 1) // 2, self.second * p, t, t, 2],
            [k * s * p, self.second * s],
            [k * s * (s + 1) // 2],
        )

    def spread(self) -> Array:
        """(N,) size of H~ relative to Hbar: the largest eigenvalue of Hbar^-1/2 H~ Hbar^-1/2."""
        values, vectors = np.linalg.eigh(self.mean)
        half = (vectors / np.sqrt(np.maximum(values, 1e-12))) @ vectors.T
        whitened = half @ np.moveaxis(self._spread, 2, 0) @ half
        return np.asarray(np.abs(np.linalg.eigvalsh(whitened)).max(axis=1))

    def block(self, rows: slice, second: bool = False) -> Columns:
        """Columns of the people in ``rows``; with ``second`` X'V^-1X one order further."""
        around, p = self.around, self.p
        z = np.tensordot(around.turn.T, self.cp.cross[: self.q, rows], axes=1)
        z[:, :, p] -= z[:, :, :p] @ around.residual
        z[:, :, :p] *= around.scale
        g = _times(self._e[:, :, rows], z)
        made = _Block(
            rows=rows,
            z=z,
            g=g,
            of_x=self._moments(g[:, :, :p], rows, self.second if second else self.first),
            of_r=self._moments(g[:, :, p], rows, len(self.products)),
        )
        base = self._base(made)
        if not self.s:
            none = np.empty((len(base), 0))
            return Columns(base, none, none)
        return Columns(base, *self._scored(made))

    def _base(self, at: _Block) -> Array:
        """Columns that no score enters: X by X, X by r, r by r, log|V|, people and visits."""
        around, rows, p = self.around, at.rows, self.p
        xx, xr, rr = self.persons.residual(rows, around.residual)
        i, j = np.triu_indices(p)
        zi, gi = at.z[:, :, i], at.g[:, :, i]
        first = around.scale[i] * around.scale[j] * xx
        parts = self._products(first, zi, gi, at.g[:, :, j], [v[:, :, j] for v in at.of_x])
        x, r = slice(0, p), slice(p, p + 1)
        of_r = [v[:, :, None] for v in at.of_r]
        parts += self._products(
            around.scale * xr, at.z[:, :, x], at.g[:, :, x], at.g[:, :, r], of_r[: self.second]
        )
        parts += self._products(rr[:, None], at.z[:, :, r], at.g[:, :, r], at.g[:, :, r], of_r)
        counts = np.column_stack([np.ones(len(rr)), self.persons.visits[rows]])
        return np.hstack([*parts, self._log_columns(rows, len(rr)), counts])

    def _scored(self, at: _Block) -> tuple[Array, Array]:
        """Columns times a score (it by X, it by r), and times its square (it by it)."""
        around, rows, p, of = self.around, at.rows, self.p, self.scored
        size, n = around.score_scale, at.z.shape[1]
        t = np.moveaxis(self.cp.basis[: self.q][:, of][:, :, rows], 1, 2) * size
        z = np.tensordot(around.turn.T, t, axes=1)
        g = _times(self._e[:, :, rows], z)
        to = np.moveaxis(self.cp.cross[of][:, rows], 0, 1) * size[:, None]  # (n, s, p + 1)
        tr = to[:, :, p] - to[:, :, :p] @ around.residual
        wide, tall = (slice(None), slice(None), slice(None), None), (slice(None), slice(None), None)
        linear = self._products(
            to[:, :, :p] * around.scale, z[wide], g[wide], at.g[:, :, :p][tall],
            [v[tall] for v in at.of_x],
        )  # fmt: skip
        of_r = [v[:, :, None] for v in at.of_r[: self.second]]
        linear += self._products(tr, z, g, at.g[:, :, p:], of_r)
        i, j = np.triu_indices(self.s)
        own = np.moveaxis(self.cp.basis[of][:, of][:, :, rows], 2, 0)[:, i, j] * size[i] * size[j]
        again = [v[:, :, j] for v in self._moments(g, rows, len(at.of_x))]
        square = self._products(own, z[:, :, i], g[:, :, i], g[:, :, j], again)
        return np.hstack([x.reshape(n, -1) for x in linear]), np.hstack(square)

    def _products(
        self, first: Array, z: Array, g: Array, other: Array, moments: list[Array]
    ) -> list[Array]:
        """Coefficients of one set of columns by another in [X r]'V^-1[X r], by monomial.

        ``first`` are their plain products; ``z`` and ``g`` are Z' and E Z' of the one,
        ``other`` is E Z' of the other and ``moments`` what :meth:`_moments` makes of it. All
        have the random terms first and otherwise shapes that broadcast.
        """
        q, psi = self.q, self.around.psi
        plain = first.copy()
        for a in range(q):
            for b in range(q):
                plain -= psi[a, b] * (z[a] * other[b])
        out = [plain]
        for m in range(1, len(moments)):
            total = g[0] * moments[m][0]
            for a in range(1, q):
                total += g[a] * moments[m][a]
            out.append(-total if len(self.products.sets[m]) % 2 else total)
        return out

    def _moments(self, g: Array, rows: slice, count: int) -> list[Array]:
        """The coefficients of ``count`` monomials in Gamma H~ Gamma .. Gamma g, g first.

        ``g`` and what is returned are (q, n) or (q, n, m).
        """
        out: list[Array] = [g]
        spread = self._spread[:, :, rows]
        if g.ndim == 3:
            spread = spread[..., None]
        for m in range(1, count):
            total = np.zeros_like(g)
            for k, shorter in self.products.parts[m]:
                inner = out[shorter]
                if shorter:
                    inner = sum((spread[:, b] * inner[b] for b in range(1, self.q)),
                                spread[:, 0] * inner[0])  # fmt: skip
                a, b = self.around.where[k]
                total[a] += inner[b]
                if a != b:
                    total[b] += inner[a]
            out.append(total)
        return out

    def _log_columns(self, rows: slice, n: int) -> Array:
        """Coefficients (n, T) of log|I + H~ Gamma|."""
        q = self.q
        spread = self._spread[:, :, rows]
        eye = np.zeros((q, q, n))
        eye[np.arange(q), np.arange(q)] = 1.0
        powers: list[Array] = [eye]
        out = np.zeros((n, len(self.products)))
        for m in range(1, len(self.products)):
            total = np.zeros((q, q, n))
            for k, shorter in self.products.parts[m]:
                a, b = self.around.where[k]
                for r in range(q):
                    total[r] += spread[r, a] * powers[shorter][b]
                    if a != b:
                        total[r] += spread[r, b] * powers[shorter][a]
            powers.append(total)
            order = len(self.products.sets[m])
            trace = sum((total[r, r] for r in range(1, q)), total[0, 0])
            out[:, m] = (-1.0) ** (order + 1) / order * trace
        return out
