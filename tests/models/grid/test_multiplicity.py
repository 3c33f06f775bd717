"""Adjusted p values against statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from pgsicbt.models.grid.multiplicity import adjust


@pytest.mark.parametrize(
    ("ours", "theirs"), [("holm", "holm"), ("bonferroni", "bonferroni"), ("bh", "fdr_bh")]
)
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_equals_statsmodels(ours, theirs, p) -> None:
    np.testing.assert_allclose(
        adjust(np.array(p), ours), multipletests(p, method=theirs)[1], atol=1e-12
    )


def test_missing_p_values_are_not_counted() -> None:
    got = adjust(np.array([0.01, np.nan, 0.04]), "bonferroni")
    np.testing.assert_allclose(got, [0.02, np.nan, 0.08])
