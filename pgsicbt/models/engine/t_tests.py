"""p values and quantiles of t distributions for many tests at once."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from pgsicbt.result import Array

_MANY = 60.0  # degrees of freedom from which the series of the quantile is exact to 1e-8


def two_sided(statistic: Array, df: Array, confidence: float) -> tuple[Array, Array]:
    """p values, and how many standard errors an interval reaches to each side.

    ``df`` has the shape of ``statistic``; infinite ones are normal tests.
    """
    size = -np.abs(statistic)
    p = 2.0 * np.where(np.isfinite(df), stdtr(df, size), ndtr(size))
    return p, t_quantile(0.5 + confidence / 2, df)


def t_quantile(probability: float, df: Array) -> Array:
    """Quantiles of t, by their expansion about the normal one where degrees of freedom are many.

    Abramowitz & Stegun (1964), Handbook of Mathematical Functions, 26.7.5. Looking for thousands
    of quantiles one by one would take longer than a scan.
    """
    z = float(ndtri(probability))
    y = 1.0 / df
    series = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    out = np.full_like(df, series[-1])
    for coefficient in series[-2::-1]:
        out = coefficient + y * out
    out = z + y * out
    few = df < _MANY
    if few.any():
        out[few] = stdtrit(df[few], probability)
    return np.asarray(out)
