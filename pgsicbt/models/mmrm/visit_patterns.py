"""People grouped by the visits they have, compressed without loss.

In a model with one residual covariance over visits, everybody with the same visits shares the
same block V of it, and the likelihood sees the rows X_i, y_i of a person only through the sums
over those people of every product of an entry of [X_i y_i] with another. Those sums are kept in
the form of a triangular factor R with R'R equal to them: as many made-up people as there are
different columns, often thirty in place of thousands. Covariates that do not vary over visits,
and their products with visits, repeat columns, which is what makes the factor small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.result import Array

_AT_ONCE = 20_000  # people compressed in one go; bounds the memory of large cohorts


@dataclass(frozen=True)
class VisitPatterns:
    """All that a marginal model looks at, for K patterns of M visits.

    Attributes
    ----------
    names
        Names of the p fixed-effect columns.
    rows
        (r, M, p + 1): [X y] of real or made-up people, zero at visits that their pattern lacks,
        ordered by pattern.
    starts
        (K,) position in ``rows`` at which each pattern begins.
    pattern
        (r,) the pattern of each of ``rows``.
    seen
        (K, M): True at the visits of the pattern.
    persons
        (K,) number of real people.
    """

    names: tuple[str, ...]
    rows: Array
    starts: NDArray[np.intp]
    pattern: NDArray[np.intp]
    seen: NDArray[np.bool_]
    persons: Array

    @property
    def n_visits(self) -> int:
        return int(self.seen.shape[1])

    @property
    def n_persons(self) -> int:
        return round(float(self.persons.sum()))

    @property
    def n_observations(self) -> int:
        return round(float(self.persons @ self.seen.sum(axis=1)))

    @property
    def together(self) -> Array:
        """(M, M): number of people who have both visits."""
        seen = self.seen.astype(float)
        return np.asarray(seen.T @ (seen * self.persons[:, None]))

    def select(self, columns: list[int]) -> VisitPatterns:
        """The same data with only the fixed-effect columns at these positions."""
        keep = [*columns, len(self.names)]
        return VisitPatterns(
            tuple(self.names[j] for j in columns),
            np.ascontiguousarray(self.rows[:, :, keep]),
            self.starts,
            self.pattern,
            self.seen,
            self.persons,
        )


def visit_patterns(
    names: tuple[str, ...],
    design: Array,
    outcome: Array,
    person: NDArray[np.intp],
    visit: NDArray[np.intp],
    n_visits: int,
) -> VisitPatterns:
    """Group and compress visit-level arrays.

    Parameters
    ----------
    names
        Names of the columns of ``design``.
    design, outcome
        (n, p) and (n,) arrays, one row per visit in any order, all finite.
    person, visit
        (n,) integer codes from 0 on without gaps; no pair of them occurs twice.
    """
    seen = np.zeros((int(person.max()) + 1, n_visits), dtype=bool)
    seen[person, visit] = True
    packed, first, of_person, persons = np.unique(
        np.packbits(seen, axis=1), axis=0, return_index=True, return_inverse=True,
        return_counts=True,
    )  # fmt: skip
    of_person = of_person.ravel()
    order = np.lexsort((visit, person, of_person[person]))
    both = np.column_stack([design, outcome])
    kept: list[Array] = []
    done = 0
    for k in range(len(packed)):
        which = seen[first[k]]
        m = int(which.sum())
        blocks = []
        for begin in range(0, int(persons[k]), _AT_ONCE):
            n = min(_AT_ONCE, int(persons[k]) - begin)
            block = both[order[done : done + n * m]].reshape(n, m, -1)
            blocks.append(_compressed(block))
            done += n * m
        block = blocks[0] if len(blocks) == 1 else _compressed(np.concatenate(blocks))
        padded = np.zeros((len(block), n_visits, both.shape[1]))
        padded[:, which] = block
        kept.append(padded)
    sizes = np.array([len(b) for b in kept])
    return VisitPatterns(
        names,
        np.concatenate(kept),
        np.cumsum(np.r_[0, sizes[:-1]]).astype(np.intp),
        np.repeat(np.arange(len(kept)), sizes),
        seen[first],
        persons.astype(float),
    )


def _compressed(block: Array) -> Array:
    """Fewer rows with the same sums of products, from (n, m, c): (min(n, different), m, c)."""
    n, m, c = block.shape
    if n <= m + 1:
        return block
    columns = np.ascontiguousarray(block.reshape(n, m * c).T)
    place: dict[bytes, int] = {}
    where = np.array([place.setdefault(col.tobytes(), len(place)) for col in columns])
    if n <= len(place):
        return block
    different = columns[np.unique(where, return_index=True)[1]]
    factor: Array = np.asarray(np.linalg.qr(different.T, mode="r"), dtype=np.float64)
    return factor[:, where].reshape(len(factor), m, c)
