"""Per-person cross-products: all that the mixed-model engine ever looks at.

With T the time basis of a visit (1, t), X the fixed-effect columns and y the outcome, a person
contributes T'T and T'[X y], and everybody together [X y]'[X y]. Once these are formed, no
evaluation of the likelihood touches a visit again (Bates et al. 2015, J Stat Softw 67(1),
section 3). A score x is constant within a person, so the products of the columns x and x*t
follow from those of 1 and t: every score of a grid shares one pass over the visits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from pgsicbt.errors import DataError
from pgsicbt.result import Array

_CHUNK = 1_000_000  # numbers held at once beside the visits themselves
_LARGEST = 1e70  # beyond this, or below its inverse, products of squares are not numbers
_USABLE = 1e-13  # own share of a column above which its digits can be had back


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
        (p + 1, p + 1): [X y]'[X y] over everybody, persons weighted.
    n_observations
        Number of visits; with weights their weighted number.
    residual_df
        Visits that are left after each person's own regression on T, weighted likewise; zero
        means that residual and random variation cannot be told apart.
    weights
        (N,) frequency weights >= 0, None for all one. A weight of 2 is the person twice, 0 is
        the person absent; between them the same formulas hold. ``basis`` and ``cross`` are
        those of a person once.
    factor
        Upper triangular R with R'R = ``pooled``, and the ``pooled`` it belongs to: it has the
        digits that squares lose where columns are nearly dependent or y is far from zero. None
        where there is none.
    """

    names: tuple[str, ...]
    basis: Array
    cross: Array
    pooled: Array
    n_observations: float
    residual_df: float
    weights: Array | None = None
    factor: tuple[Array, Array] | None = None

    @property
    def root(self) -> Array | None:
        """R of ``factor``, unless ``pooled`` has been replaced since."""
        known = self.factor is not None and self.factor[1] is self.pooled
        return self.factor[0] if known and self.factor is not None else None

    @property
    def n_persons(self) -> int:
        """Number N of persons held, whatever their weights."""
        return int(self.basis.shape[2])

    def select(self, columns: list[int]) -> CrossProducts:
        """The same data with only the fixed-effect columns at these positions."""
        keep = [*columns, len(self.names)]
        pooled = self.pooled[np.ix_(keep, keep)]
        root = None if self.root is None else _upper(np.linalg.qr(self.root[:, keep])[1])
        return CrossProducts(
            tuple(self.names[j] for j in columns),
            self.basis,
            np.ascontiguousarray(self.cross[:, :, keep]),
            pooled,
            self.n_observations,
            self.residual_df,
            self.weights,
            None if root is None else (root, pooled),
        )

    def with_score(
        self, score: Array, names: tuple[str, ...], columns: Sequence[int] | None = None
    ) -> CrossProducts:
        """Add the columns score x T[:, columns] before y.

        Parameters
        ----------
        score
            (N,) finite values, one per person.
        names
            Names of the new columns.
        columns
            Positions of the basis columns that the score multiplies, as many as names; the
            first of the basis if None.

        Raises
        ------
        DataError
            If the score is not finite or not one value per person.
        """
        r, n, width = self.cross.shape
        p, added = width - 1, len(names)
        of = list(range(added)) if columns is None else list(columns)
        if score.shape != (n,) or not np.isfinite(score).all():
            raise DataError(
                f"{names[0]} needs one finite number for each of the people analysed.",
                "Leave people without a value out first.",
                code="not_finite",
            )
        weighted = score if self.weights is None else score * self.weights
        new = np.empty((r, n, width + added))
        new[:, :, :p] = self.cross[:, :, :p]
        new[:, :, p : p + added] = np.moveaxis(score * self.basis[:, of], 1, 2)
        new[:, :, -1] = self.cross[:, :, p]
        pooled = np.empty((width + added, width + added))
        old = [*range(p), width + added - 1]
        mid = list(range(p, p + added))
        border = np.array([weighted @ self.cross[c] for c in of])
        pooled[np.ix_(old, old)] = self.pooled
        pooled[np.ix_(mid, old)] = border
        pooled[np.ix_(old, mid)] = border.T
        corner = self.basis[np.ix_(of, of)] @ (weighted * score)
        pooled[np.ix_(mid, mid)] = corner
        root = None if self.root is None else _bordered(self.root, border, corner)
        return CrossProducts(
            (*self.names, *names),
            self.basis,
            new,
            pooled,
            self.n_observations,
            self.residual_df,
            self.weights,
            None if root is None else (root, pooled),
        )


def for_random_part(products: CrossProducts, q: int) -> CrossProducts:
    """The same products, with visits left over counted after q random terms and no more."""
    if products.basis.shape[0] == q:
        return products
    own = np.moveaxis(products.basis[:q, :q], 2, 0)
    visits = products.basis[0, 0]  # the basis starts with 1
    left = np.maximum(visits - np.linalg.matrix_rank(own, hermitian=True), 0)
    return replace(products, residual_df=int(left.sum()))


def cross_products(
    names: tuple[str, ...],
    design: Array,
    outcome: Array,
    basis: Array,
    person: NDArray[np.intp],
    weights: Array | None = None,
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
    weights
        (N,) frequency weights of persons, finite and not negative; None for all one.

    Raises
    ------
    DataError
        If there is no visit, or a value, a code or a weight is not what it must be.
    """
    _check(names, design, outcome, basis, person, weights)
    both, t, codes = np.column_stack([design, outcome]), basis, person
    if (person[1:] < person[:-1]).any():
        order = np.argsort(person, kind="stable")
        both, t, codes = both[order], basis[order], person[order]
    starts = np.flatnonzero(np.r_[True, codes[1:] != codes[:-1]])
    r = t.shape[1]
    visits = np.diff(np.r_[starts, len(codes)])
    a = np.empty((r, r, len(starts)))
    cross = np.empty((r, len(starts), both.shape[1]))
    for j in range(r):
        cross[j] = np.add.reduceat(t[:, j, None] * both, starts, axis=0)
        for k in range(j, r):
            a[j, k] = a[k, j] = np.add.reduceat(t[:, j] * t[:, k], starts)
    ranks = np.linalg.matrix_rank(np.moveaxis(a, 2, 0), tol=None, hermitian=True) if r else 0
    left = np.maximum(visits - ranks, 0)
    n_observations, residual_df, w = float(len(codes)), float(left.sum()), None
    if weights is not None:
        w = np.asarray(weights, dtype=np.float64)
        n_observations, residual_df = float(w @ visits), float(w @ left)
        both *= np.sqrt(w)[codes, None]
    pooled = both.T @ both
    root = _root(both, pooled)
    factor = None if root is None else (root, pooled)
    return CrossProducts(names, a, cross, pooled, n_observations, residual_df, w, factor)


def _root(rows: Array, gram: Array) -> Array | None:
    """R of the QR decomposition of ``rows`` by two Cholesky factors, None if dependent.

    The first makes the columns nearly orthonormal; the products of those lose no digits
    (CholeskyQR2, Yamamoto et al. 2015, Electron Trans Numer Anal 44:306).
    """
    size = np.sqrt(np.diag(gram))
    if not (size > 0).all():
        return None
    try:
        first = np.linalg.cholesky(gram / np.outer(size, size)).T
        if float(np.diag(first).min()) ** 2 < _USABLE:
            return None
        back = solve_triangular(first, np.eye(len(size))) / size[:, None]
        at_once = max(1, _CHUNK // len(size))
        again = np.zeros_like(gram)
        for start in range(0, len(rows), at_once):
            part = rows[start : start + at_once] @ back
            again += part.T @ part
        second = np.linalg.cholesky(again).T
    except np.linalg.LinAlgError:
        return None
    return np.asarray(second @ first * size)


def _upper(r: Array) -> Array:
    """An upper triangular factor with a diagonal that is not negative."""
    return np.asarray(r * np.where(np.diag(r) < 0, -1.0, 1.0)[:, None])


def _bordered(root: Array, border: Array, corner: Array) -> Array | None:
    """The factor with m more columns before y, whose products with [X y] are ``border``."""
    p, m = len(root) - 1, len(corner)
    along = solve_triangular(root[:p, :p], border[:, :p].T, trans="T")
    own = corner - along.T @ along
    try:
        lower = np.linalg.cholesky(own)
    except np.linalg.LinAlgError:
        return None
    with_y = solve_triangular(lower, border[:, p] - along.T @ root[:p, p], lower=True)
    rss = float(root[p, p] ** 2 - with_y @ with_y)
    if not rss > 0:
        return None
    new = np.zeros((p + m + 1, p + m + 1))
    new[:p, :p], new[:p, -1] = root[:p, :p], root[:p, p]
    new[:p, p:-1], new[p:-1, p:-1] = along, lower.T
    new[p:-1, -1], new[-1, -1] = with_y, np.sqrt(rss)
    return new


def _check(
    names: tuple[str, ...],
    design: Array,
    outcome: Array,
    basis: Array,
    person: NDArray[np.intp],
    weights: Array | None,
) -> None:
    if not len(outcome):
        raise DataError("There is no visit to analyse.", code="nobody_left")
    persons = int(person.max()) + 1
    if int(person.min()) < 0 or not np.bincount(person).all():
        raise DataError("People must be numbered from 0 without gaps.", code="codes")
    columns = [(f"The column {name}", name, design[:, j]) for j, name in enumerate(names)]
    columns += [("The outcome", "", outcome)]
    columns += [("The time basis", "", basis[:, j]) for j in range(basis.shape[1])]
    for what, name, values in columns:
        low, high = float(values.min()), float(values.max())
        size = max(abs(low), abs(high))
        if not np.isfinite(size):
            raise DataError(
                f"{what} holds values that are not finite numbers.",
                "Leave those visits out or correct the values.",
                code="not_finite",
                column=name,
            )
        if size > _LARGEST or 0 < size < 1 / _LARGEST:
            raise DataError(
                f"{what} holds numbers too large or too small to be squared.",
                "Give it in other units.",
                code="scale",
                column=name,
            )
    if weights is None:
        return
    if weights.shape != (persons,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise DataError(
            "Weights must be one finite number per person, none of them negative.", code="weights"
        )
