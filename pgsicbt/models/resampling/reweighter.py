"""Refits of many models of the same people for one set of weights after another.

Sums by matrix products (:mod:`.person_columns`), the optimum of each replicate by
Newton steps (:mod:`.weighted_search`), and the engine itself where the expansion
behind them is not accurate.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import DataError, FitError
from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.resampling.person_columns import PersonColumns, frame
from pgsicbt.models.resampling.person_products import PersonProducts, unpacked
from pgsicbt.models.resampling.weighted_deviance import Sums
from pgsicbt.models.resampling.weighted_search import SETTLED, Found, Search
from pgsicbt.progress import Progress
from pgsicbt.result import Array

REMAINDER = 3e-4
"""Largest share of the information that the expansion may leave out before a replicate is
fitted by the engine instead; see the measurements in docs/bootstrap_and_influence.md."""
_TINY = 1e-10  # without one person the optimum hardly moves, so it is found more exactly
_BLOCK_BYTES = 48_000_000


@dataclass(frozen=True)
class Reweighted:
    """Estimates of B replicates, in the order of the weights.

    ``estimates`` (B, p) are the fixed effects, ``relative`` (B, q, q) Psi, ``sigma2`` (B,) the
    residual variance, ``pooled`` (B, p + 1, p + 1) the weighted [X y]'[X y] where it was asked
    for. A coefficient that a replicate cannot estimate, because its people do not vary in that
    column, is NaN there. ``exact`` (B,) says which replicates the engine fitted one by one.
    """

    estimates: Array
    relative: Array
    sigma2: Array
    pooled: Array
    exact: NDArray[np.bool_]


class Reweighter:
    """Many scores in one adjustment, for one set of weights after another.

    Parameters
    ----------
    cp, persons
        Products of the columns that all scores share (or of all columns, and no score).
    relative, estimates
        Psi (q, q) and b (p,) of a fit of these columns, around which is expanded.
    scored
        Basis columns that a score multiplies; empty for none.

    Raises
    ------
    DataError
        If products and persons are not of the same columns.
    """

    def __init__(
        self,
        cp: CrossProducts,
        persons: PersonProducts,
        relative: Array,
        estimates: Array,
        *,
        correlated: bool,
        reml: bool,
        scores: Sequence[Array] = (),
        scored: tuple[int, ...] = (),
    ) -> None:
        if cp.names != persons.names or len(persons.visits) != cp.n_persons:
            raise DataError("The products are not of the same people and columns.", code="mismatch")
        self.cp, self.persons = cp, persons
        self.correlated, self.reml = correlated, reml
        self.scored, self._around = scored, relative
        self.units = [float(np.sqrt(np.mean(x**2))) or 1.0 for x in scores]
        self.scores = [x / u for x, u in zip(scores, self.units, strict=True)]
        around = frame(cp, relative, estimates, correlated, scored)
        self.columns = PersonColumns(cp, persons, around, scored)
        self._sizes = self.columns.sizes(False)
        width = sum(map(sum, self._sizes)) + 1
        self._block = max(64, int(_BLOCK_BYTES / (8 * width)))
        p = self.columns.p + self.columns.s
        heavy = sum(self._sizes[0]) + len(scores) * sum(map(sum, self._sizes[1:]))
        widest = max(heavy + 4 * p * p, cp.n_persons)
        self.chunk = int(np.clip(2e8 / (8 * widest), 16, 1000))
        """Replicates at a time that keep memory bounded."""
        self._total = self._of_everybody()
        self._searches = [Search(self.columns, t, reml) for t in self._total]
        self._power = self.columns.order + 2
        self._spread = float(np.mean(self.columns.spread() ** self._power))

    def _blocks(self, most: int | None = None) -> Iterator[slice]:
        n, size = self.columns.people, min(self._block, most or self._block)
        for low in range(0, n, size):
            yield slice(low, min(low + size, n))

    def _of_everybody(self) -> list[Sums]:
        """Sums with everybody once, and the second-order part of X'V^-1X."""
        sizes = self.columns.sizes(True)
        base = np.zeros((1, sum(sizes[0])))
        scored = [np.zeros((1, sum(sizes[1]) + sum(sizes[2]))) for _ in self.scores]
        for rows in self._blocks():
            c = self.columns.block(rows, second=True)
            base += c.base.sum(axis=0)
            for out, x in zip(scored, self.scores, strict=True):
                out += np.r_[x[rows] @ c.linear, x[rows] ** 2 @ c.square]
        plain = [self._assemble(base, s, sizes, None) for s in scored or [np.zeros((1, 0))]]
        low = self.columns.first
        return [
            dataclasses.replace(t, xx=t.xx[:, :low], curved=t.xx[0, low:] / t.persons[0])
            for t in plain
        ]

    def _assemble(
        self,
        base: Array,
        scored: Array,
        sizes: tuple[list[int], list[int], list[int]],
        curved: Array | None,
    ) -> Sums:
        """Sums of one model from those of the shared columns and those of its score."""
        c, count = self.columns, len(base)
        p, s = c.p, c.s
        xx0, xy0, yy, log, numbers = np.split(base, np.cumsum(sizes[0])[:-1], axis=1)
        k = sizes[0][0] // (p * (p + 1) // 2)
        xx = np.empty((count, k, p + s, p + s))
        xx[:, :, :p, :p] = unpacked(xx0.reshape(count, k, -1))
        xy = np.empty((count, c.second, p + s))
        xy[:, :, :p] = xy0.reshape(count, c.second, p)
        if s:
            lin, rest, own = np.split(scored, np.cumsum([*sizes[1], *sizes[2]])[:-1], axis=1)
            lin = lin.reshape(count, k, s, p)
            xx[:, :, p:, :p] = lin
            xx[:, :, :p, p:] = np.swapaxes(lin, 2, 3)
            xx[:, :, p:, p:] = unpacked(own.reshape(count, k, -1))
            xy[:, :, p:] = rest.reshape(count, c.second, s)
        none = np.zeros((0, 0, 0)) if curved is None else curved
        return Sums(xx, xy, yy, log, numbers[:, 0], numbers[:, 1], none)

    def sums(self, weights: Array) -> list[Sums]:
        """Sums of every model for ``weights`` (B, N)."""
        sizes = self._sizes
        base = np.zeros((len(weights), sum(sizes[0])))
        scored = [np.zeros((len(weights), sum(sizes[1]) + sum(sizes[2]))) for _ in self.scores]
        for rows in self._blocks():
            c = self.columns.block(rows)
            w = weights[:, rows]
            base += w @ c.base
            cut = c.linear.shape[1]
            for out, x in zip(scored, self.scores, strict=True):
                out[:, :cut] += w @ (x[rows, None] * c.linear)
                out[:, cut:] += w @ (x[rows, None] ** 2 * c.square)
        return self._of_models(base, scored)

    def sums_without(self, rows: slice, models: Sequence[int]) -> list[Sums]:
        """Sums of some models with each of the people in ``rows`` left out in turn."""
        c = self.columns.block(rows)
        found = []
        for j in models:
            scored = np.zeros((len(c.base), 0))
            if self.scores:
                x = self.scores[j][rows, None]
                scored = np.hstack([x * c.linear, x**2 * c.square])
            t = self._total[j]
            s = self._assemble(c.base, scored, self._sizes, t.curved)
            for of, own in ((t.xx, s.xx), (t.xy, s.xy), (t.yy, s.yy), (t.log, s.log)):
                np.subtract(of, own, out=own)
            found.append(
                dataclasses.replace(s, persons=t.persons - s.persons, visits=t.visits - s.visits)
            )
        return found

    def _of_models(self, base: Array, scored: list[Array]) -> list[Sums]:
        parts = scored or [np.zeros((len(base), 0))]
        return [
            self._assemble(base, s, self._sizes, t.curved)
            for s, t in zip(parts, self._total, strict=True)
        ]

    def model(
        self,
        j: int,
        sums: Sums,
        weights: Callable[[int], Array],
        settled: float = SETTLED,
    ) -> Reweighted:
        """Estimates of model ``j`` from its sums; ``weights(b)`` gives the (N,) of one replicate.

        Weights are asked for only where the expansion does not hold.
        """
        found = self._searches[j].run(sums, settled)
        good = found.good & (self._remainder(found) <= REMAINDER)
        around = self.columns.around
        estimates = self._back(j, found.change)
        relative = around.turn @ found.psi @ around.turn.T
        sigma2 = found.sigma2.copy()
        for b in np.flatnonzero(~good):
            start = relative[b] if found.good[b] else self._around
            estimates[b], relative[b], sigma2[b] = self.exactly(j, weights(int(b)), start)
        p = estimates.shape[1]
        return Reweighted(estimates, relative, sigma2, np.empty((0, p + 1, p + 1)), ~good)

    def jackknife(self) -> list[Array]:
        """(N, p) estimates of every model without each of the people, Psi as with everybody."""
        everybody = [
            search.run(t, _TINY).gamma[0]
            for search, t in zip(self._searches, self._total, strict=True)
        ]
        parts: list[list[Array]] = [[] for _ in everybody]
        for rows in self._blocks(self.chunk):
            for j, gamma in enumerate(everybody):
                (sums,) = self.sums_without(rows, [j])
                parts[j].append(self._searches[j].fixed_psi(sums, gamma))
        return [self._back(j, np.concatenate(part)) for j, part in enumerate(parts)]

    def without_each(self, j: int, progress: Progress | None = None) -> Reweighted:
        """Estimates of model ``j`` without each of the people in turn, Psi found anew."""
        n, parts = self.columns.people, []
        for rows in self._blocks(self.chunk):
            low = rows.start

            def leave_out(b: int, low: int = low) -> Array:
                weights = np.ones(n)
                weights[low + b] = 0.0
                return weights

            (sums,) = self.sums_without(rows, [j])
            parts.append(self.model(j, sums, leave_out, _TINY))
            if progress is not None:
                progress(min(rows.stop, n), n)
        return Reweighted(
            *(
                np.concatenate([getattr(part, f.name) for part in parts])
                for f in dataclasses.fields(Reweighted)
            )
        )

    def _back(self, j: int, change: Array) -> Array:
        """Coefficients of the user's columns."""
        c = self.columns
        estimates = np.empty_like(change)
        estimates[:, : c.p] = c.around.residual + c.around.scale * change[:, : c.p]
        if c.s:
            estimates[:, c.p :] = change[:, c.p :] * c.around.score_scale / self.units[j]
        return estimates

    def _remainder(self, found: Found) -> Array:
        """Size of the first terms left out, relative to the information."""
        g = np.tensordot(found.gamma, self.columns.around.directions, axes=1)
        values, vectors = np.linalg.eigh(self.columns.mean)
        half = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        size = np.abs(np.linalg.eigvalsh(half @ g @ half)).max(axis=1)
        return np.asarray(self._spread * size**self._power)

    def exactly(self, j: int, weights: Array, start: Array) -> tuple[Array, Array, float]:
        """The engine's own fit of model ``j`` with these weights (N,), as :func:`exactly`."""
        cp = weighted(self.cp, self.persons, weights, self.columns.q)
        if self.scores:
            names = tuple(f" {i}" for i in range(self.columns.s))
            cp = cp.with_score(self.scores[j], names, columns=self.scored)
        out, relative, sigma2 = exactly(cp, start, correlated=self.correlated, reml=self.reml)
        if self.scores:
            out[self.columns.p :] /= self.units[j]
        return out, relative, sigma2


def weighted(cp: CrossProducts, persons: PersonProducts, weights: Array, q: int) -> CrossProducts:
    """The products of the same people with these weights (N,), for ``q`` random terms."""
    return dataclasses.replace(
        cp,
        pooled=persons.pooled(weights[None, :])[0],
        n_observations=float(weights @ persons.visits),
        residual_df=float(weights @ np.maximum(persons.visits - q, 0.0)),
        weights=weights,
    )


def exactly(
    cp: CrossProducts, start: Array, *, correlated: bool, reml: bool
) -> tuple[Array, Array, float]:
    """The engine's own estimates, Psi and residual variance of weighted products.

    A coefficient that was dropped is NaN; all are where the model cannot be fitted.
    """
    out, q = np.full(len(cp.names), np.nan), start.shape[0]
    try:
        fit = fit_lmm(cp, q=q, correlated=correlated, reml=reml, start=start)
    except FitError:
        return out, np.full((q, q), np.nan), float("nan")
    out[[cp.names.index(name) for name in fit.fixed.names]] = fit.fixed.estimates
    return out, fit.relative, fit.residual_variance
