"""Effective numbers of tests, against worked cases."""

from __future__ import annotations

import numpy as np
import pytest

from pgsicbt.models.grid.multiplicity import effective_galwey, effective_li_ji, sidak


@pytest.mark.parametrize("m", [1, 2, 8, 40])
def test_independent_tests_count_in_full_and_equal_ones_once(m: int) -> None:
    for method in (effective_li_ji, effective_galwey):
        assert method(np.eye(m)) == pytest.approx(m)
        assert method(np.ones((m, m))) == pytest.approx(1.0, abs=1e-5)


def test_two_tests_with_correlation_r() -> None:
    # Eigenvalues 1 + r and 1 - r.
    c = np.array([[1, 0.6], [0.6, 1]])
    assert effective_li_ji(c) == pytest.approx(1 + 0.6 + 0.4)
    assert effective_galwey(c) == pytest.approx((np.sqrt(1.6) + np.sqrt(0.4)) ** 2 / 2)


def test_sidak_is_exact_and_survives_tiny_p() -> None:
    assert sidak(np.array([0.01]), 5.0)[0] == pytest.approx(1 - 0.99**5)
    assert sidak(np.array([1e-20, 1.0]), 8.0) == pytest.approx([8e-20, 1.0])
