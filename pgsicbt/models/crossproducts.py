"""Per-person cross-products: all that the mixed-model engine ever looks at.

With T the time basis of a visit (1, t), X the fixed-effect columns and y the outcome, a person
contributes T'T and T'[X y], and everybody together [X y]'[X y]. Once these are formed, no
evaluation of the likelihood touches a visit again (Bates et al. 2015, J Stat Softw 67(1),
section 3). A score x is constant within a person, so the products of the columns x and x*t
follow from those of 1 and t: every score of a grid shares one pass over the visits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.result import Array


@dataclass(frozen=True)
class CrossProducts:
    """Sufficient statistics of a linear mixed model with persons as groups.

    Attributes
    ----------
    names
        Names of the p fixed-effect columns.
    basis
        (r, r, N): T'T of each of N persons, person last so that an entry is one flat array.
    cross
        (r, N, p + 1): T'[X y] of each person, y last.
    pooled
        (p + 1, p + 1): [X y]'[X y] over everybody.
    n_observations
        Number of visits.
    residual_df
        Visits that are left after each person's own regression on T; zero means that residual
        and random variation cannot be told apart.
    """

    names: tuple[str, ...]
    basis: Array
    cross: Array
    pooled: Array
    n_observations: int
    residual_df: int

    @property
    def n_persons(self) -> int:
        return int(self.basis.shape[2])

    def select(self, columns: list[int]) -> CrossProducts:
        """The same data with only the fixed-effect columns at these positions."""
        keep = [*columns, len(self.names)]
        return CrossProducts(
            tuple(self.names[j] for j in columns),
            self.basis,
            np.ascontiguousarray(self.cross[:, :, keep]),
            self.pooled[np.ix_(keep, keep)],
            self.n_observations,
            self.residual_df,
        )

    def with_score(self, score: Array, names: tuple[str, ...]) -> CrossProducts:
        """Add the columns score x T for a score of shape (N,), before y.

        Needs the first ``r`` fixed-effect columns to be the basis T itself.
        """
        r, n, width = self.cross.shape
        p = width - 1
        added = len(names)
        weighted = score[:, None] * self.cross[:added]
        new = np.empty((r, n, width + added))
        new[:, :, :p] = self.cross[:, :, :p]
        new[:, :, p : p + added] = np.moveaxis(score * self.basis[:, :added], 1, 2)
        new[:, :, -1] = self.cross[:, :, p]
        border = weighted.sum(axis=1)
        corner = (score**2 * self.basis[:added, :added]).sum(axis=2)
        pooled = np.empty((width + added, width + added))
        old = [*range(p), width + added - 1]
        mid = list(range(p, p + added))
        pooled[np.ix_(old, old)] = self.pooled
        pooled[np.ix_(mid, old)] = border
        pooled[np.ix_(old, mid)] = border.T
        pooled[np.ix_(mid, mid)] = corner
        return CrossProducts(
            (*self.names, *names), self.basis, new, pooled, self.n_observations, self.residual_df
        )


def cross_products(
    names: tuple[str, ...], design: Array, outcome: Array, basis: Array, person: NDArray[np.intp]
) -> CrossProducts:
    """Form the cross-products from visit-level arrays.

    Parameters
    ----------
    names
        Names of the columns of ``design``.
    design, outcome, basis
        (n, p), (n,) and (n, r) arrays, one row per visit, all finite.
    person
        (n,) integer codes 0 .. N - 1 in any order; every code occurs.
    """
    order = np.argsort(person, kind="stable")
    codes = person[order]
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    both = np.column_stack([design, outcome])[order]
    t = basis[order]
    r = t.shape[1]
    visits = np.diff(np.r_[starts, len(codes)])
    a = np.empty((r, r, len(starts)))
    cross = np.empty((r, len(starts), both.shape[1]))
    for j in range(r):
        cross[j] = np.add.reduceat(t[:, j, None] * both, starts, axis=0)
        for k in range(j, r):
            a[j, k] = a[k, j] = np.add.reduceat(t[:, j] * t[:, k], starts)
    ranks = np.linalg.matrix_rank(np.moveaxis(a, 2, 0), tol=None, hermitian=True) if r else 0
    return CrossProducts(
        names, a, cross, both.T @ both, len(codes), int(np.sum(np.maximum(visits - ranks, 0)))
    )
