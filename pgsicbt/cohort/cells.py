"""Which cells of a table of counts must be hidden, so that nobody can work out a small one.

A count of one to seven people is hidden. If it were the only hidden one among cells whose sum is
shown, it could be found by subtraction; so the smallest shown count beside it is hidden as well,
until at least two cells are hidden and they hold eight people or more together. Zeros describe
nobody and are shown, unless a hidden count could be found beside them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgsicbt.disclosure import MINIMUM_CELL

Mask = NDArray[np.bool_]


def hidden_cells(counts: ArrayLike, also: Mask | None = None, *, total_known: bool = True) -> Mask:
    """Cells to hide in a table whose columns are groups and whose last column is their sum.

    Parameters
    ----------
    counts
        (L, G + 1) people by level and group; the last column holds the row sums.
    also
        (L, G + 1), cells that are hidden for another reason.
    total_known
        Whether the sum of each column (people of a group) is shown, so that a level can be found
        by subtraction from it.

    Returns
    -------
    ndarray
        (L, G + 1), True where the count must not be shown.
    """
    table = np.asarray(counts, dtype=float)
    hidden = (table > 0) & (table < MINIMUM_CELL)
    if also is not None:
        hidden |= also
    changed = bool(hidden.any())
    while changed:
        changed = False
        for row in range(len(table)):
            # The sum stands beside its parts, so it only gives way when no part is left.
            changed |= _cover(table[row, :-1], hidden[row, :-1], hidden[row, -1:])
        if total_known:
            for column in range(table.shape[1]):
                changed |= _cover(table[:, column], hidden[:, column], None)
    return hidden


def hidden_in_line(counts: ArrayLike) -> Mask:
    """Groups to hide in one row of counts; the last is the sum of the others."""
    return np.asarray(hidden_cells(np.atleast_2d(np.asarray(counts)), total_known=False)[0])


def _cover(line: NDArray[np.float64], hidden: Mask, total: Mask | None) -> bool:
    """Hide more of one line where what is hidden could be found from a sum that is shown.

    Changes ``hidden`` (and ``total``, the mask of the sum) in place; True if it did.
    """
    if not hidden.any() or (total is not None and total[0]):
        return False
    changed = False
    while hidden.sum() < 2 or line[hidden].sum() < MINIMUM_CELL:
        left = np.flatnonzero(~hidden & (line > 0))
        if not len(left):
            left = np.flatnonzero(~hidden)  # beside zeros that are shown, a sum is a count
        if not len(left):
            if total is not None and not total[0]:
                total[0] = changed = True
            break
        hidden[left[np.argmin(line[left])]] = changed = True
    return changed
