"""No small count is shown, and none can be worked out."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pgsicbt.cohort.cells import hidden_cells, hidden_in_line
from pgsicbt.disclosure import MINIMUM_CELL

COUNTS = arrays(
    np.int64, st.tuples(st.integers(2, 5), st.integers(1, 4)), elements=st.integers(0, 30)
)


def _with_sums(table: np.ndarray) -> np.ndarray:
    return np.column_stack([table, table.sum(axis=1)])


def test_a_table_without_small_counts_is_shown_whole() -> None:
    assert not hidden_cells([[10, 20, 30], [12, 0, 12]]).any()


def test_one_small_count_takes_the_smallest_beside_it_in_row_and_column() -> None:
    counts = _with_sums(np.array([[3, 40, 50], [60, 20, 30]]))
    hidden = hidden_cells(counts)
    assert hidden[0].tolist() == [True, True, False, False]
    assert hidden[1].tolist() == [True, True, False, False]


def test_where_no_part_is_left_the_sum_goes() -> None:
    assert hidden_in_line([3, 0, 0, 3]).tolist() == [True, False, False, True]
    assert hidden_in_line([2, 3, 0, 5]).tolist() == [True, True, False, True]
    assert hidden_in_line([4, 5, 20, 29]).tolist() == [True, True, False, False]


@settings(max_examples=300, deadline=None)
@given(COUNTS)
def test_what_is_hidden_cannot_be_found_by_subtraction(table: np.ndarray) -> None:
    counts = _with_sums(table)
    hidden = hidden_cells(counts)
    small = (counts > 0) & (counts < MINIMUM_CELL)
    assert hidden[small].all()
    # Rows: the parts add up to the last column. Columns: the levels add up to a sum that is shown.
    lines = [(counts[r, :-1], hidden[r, :-1], bool(hidden[r, -1])) for r in range(len(counts))]
    lines += [(counts[:, c], hidden[:, c], False) for c in range(counts.shape[1])]
    for line, mask, sum_hidden in lines:
        if mask.any() and not sum_hidden and line.sum() >= MINIMUM_CELL:
            assert mask.sum() >= 2
            assert line[mask].sum() >= MINIMUM_CELL
