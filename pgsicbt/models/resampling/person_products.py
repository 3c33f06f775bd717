"""The cross-products [X y]'[X y] of each person, for sums that weigh people anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.models.engine.crossproducts import CrossProducts
from pgsicbt.result import Array

_BLOCK_BYTES = 8_000_000


def unpacked(packed: Array) -> Array:
    """Symmetric (..., m, m) matrices from their upper triangles (..., m (m + 1) / 2)."""
    m = int((np.sqrt(8 * packed.shape[-1] + 1) - 1) / 2 + 0.5)
    return packed[..., _places(m)]


def _places(m: int) -> NDArray[np.intp]:
    """(m, m) positions of the entries in the packed upper triangle."""
    place = np.zeros((m, m), dtype=np.intp)
    i, j = np.triu_indices(m)
    place[i, j] = place[j, i] = np.arange(len(i))
    return place


@dataclass(frozen=True)
class PersonProducts:
    """[X y]'[X y] of every person.

    Attributes
    ----------
    names
        Names of the p columns of X.
    packed
        (N, (p + 1)(p + 2) / 2): the upper triangles, row by row, y last.
    visits
        (N,) number of visits.
    """

    names: tuple[str, ...]
    packed: Array
    visits: Array

    def select(self, columns: Sequence[int]) -> PersonProducts:
        """Only the columns of X at these positions."""
        keep = [*columns, len(self.names)]
        i, j = np.triu_indices(len(keep))
        place = _places(len(self.names) + 1)
        take = place[np.array(keep)[i], np.array(keep)[j]]
        return PersonProducts(
            tuple(self.names[c] for c in columns), self.packed[:, take], self.visits
        )

    def with_score(
        self,
        cp: CrossProducts,
        score: Array,
        names: tuple[str, ...],
        columns: Sequence[int] | None = None,
    ) -> PersonProducts:
        """Add the columns score x T[:, columns] before y, as ``CrossProducts.with_score``.

        Parameters
        ----------
        cp
            Cross-products of the same people and columns.
        score
            (N,) one value per person.
        """
        p, s = len(self.names), len(names)
        of = list(range(s)) if columns is None else list(columns)
        full = np.empty((len(score), p + s + 1, p + s + 1))
        old = [*range(p), p + s]
        mid = list(range(p, p + s))
        full[:, np.array(old)[:, None], old] = unpacked(self.packed)
        border = score[:, None, None] * np.moveaxis(cp.cross[of], 0, 1)
        full[:, np.array(mid)[:, None], old] = border
        full[:, np.array(old)[:, None], mid] = np.swapaxes(border, 1, 2)
        own = np.moveaxis(cp.basis[np.ix_(of, of)], 2, 0)
        full[:, np.array(mid)[:, None], mid] = (score**2)[:, None, None] * own
        i, j = np.triu_indices(p + s + 1)
        return PersonProducts((*self.names, *names), full[:, i, j], self.visits)

    def pooled(self, weights: Array) -> Array:
        """(B, p + 1, p + 1) sums over people with ``weights`` (B, N)."""
        return unpacked(weights @ self.packed)

    def residual(self, rows: slice, b: Array) -> tuple[Array, Array, Array]:
        """Packed X'X, X'r and r'r with r = y - X b, of the people in ``rows``."""
        p = len(self.names)
        place = _places(p + 1)
        part = self.packed[rows]
        i, j = np.triu_indices(p)
        xr = self.pulls(b, rows)
        return part[:, place[i, j]], xr, part[:, -1] - (part[:, place[:p, p]] + xr) @ b

    def pulls(self, b: Array, rows: slice = slice(None)) -> Array:
        """X'(y - X b) of each person, (n, p)."""
        p = len(self.names)
        place = _places(p + 1)
        part = self.packed[rows]
        out = part[:, place[:p, p]].copy()
        for c in range(p):
            out -= b[c] * part[:, place[:p, c]]
        return out


def person_products(
    names: tuple[str, ...], design: Array, outcome: Array, person: NDArray[np.intp]
) -> PersonProducts:
    """Form [X y]'[X y] of each person from visit-level arrays, a block of people at a time.

    Parameters
    ----------
    design, outcome
        (n, p) and (n,), one row per visit.
    person
        (n,) integer codes 0 .. N - 1 in any order; every code occurs.
    """
    order = np.argsort(person, kind="stable")
    codes = person[order]
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    ends = np.r_[starts[1:], len(codes)]
    m = design.shape[1] + 1
    packed = np.empty((len(starts), m * (m + 1) // 2))
    step = max(1, int(_BLOCK_BYTES / (8 * m * max(1.0, len(codes) / max(1, len(starts))))))
    for low in range(0, len(starts), step):
        rows = slice(low, min(low + step, len(starts)))
        visits = order[starts[rows][0] : ends[rows][-1]]
        both = np.column_stack([design[visits], outcome[visits]])
        at = starts[rows] - starts[low]
        first = 0
        for i in range(m):
            products = both[:, i:] * both[:, i : i + 1]
            packed[rows, first : first + m - i] = np.add.reduceat(products, at, axis=0)
            first += m - i
    return PersonProducts(names, packed, (ends - starts).astype(float))
