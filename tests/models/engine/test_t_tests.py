"""Many t tests at once, against scipy one by one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pgsicbt.models.engine.t_tests import t_quantile, two_sided


@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95, 0.99])
def test_p_values_and_quantiles_are_those_of_t(confidence: float) -> None:
    df = np.array([1.0, 2.5, 10, 59, 60, 61, 150.3, 2666, 1e7, np.inf])
    z = np.linspace(-6, 6, len(df))
    p, reach = two_sided(z, df, confidence)
    np.testing.assert_allclose(p, 2 * stats.t.sf(np.abs(z), df), rtol=1e-12)
    np.testing.assert_allclose(reach, stats.t.ppf(0.5 + confidence / 2, df), rtol=1e-7)


def test_quantiles_keep_their_shape() -> None:
    df = np.full((3, 2), 100.0)
    assert t_quantile(0.975, df).shape == (3, 2)
