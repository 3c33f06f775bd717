"""Adjusted p values within a declared family of tests."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from scipy.stats import false_discovery_control

from pgsicbt.errors import SpecError
from pgsicbt.result import Array

Correction = Literal["holm", "bonferroni", "bh", "by"]
SIMPLE: tuple[Correction, ...] = get_args(Correction)
"""Corrections that need nothing but the p values."""


def simple(method: str) -> Correction:
    """``method`` as one of :data:`SIMPLE`.

    Raises
    ------
    SpecError
        If the correction needs more than the p values.
    """
    for one in SIMPLE:
        if one == method:
            return one
    raise SpecError(
        f"Thousands of scores cannot be corrected by {method}.",
        f"Choose one of: {', '.join(SIMPLE)}, none.",
        column="multiplicity",
    )


def adjust(p_values: Array, method: Correction) -> Array:
    """Adjust the p values of one family; missing ones stay missing and are not counted.

    Holm (1979) and Bonferroni bound the chance of any false claim, Benjamini & Hochberg (1995)
    the expected share of false claims, as do Benjamini & Yekutieli (2001) however the tests depend
    on one another. Holm is written out because statsmodels'
    ``multipletests``, against which all are tested, runs the garbage collector at every
    call, which alone would take longer than the grid.
    """
    out = np.full(len(p_values), np.nan)
    known = np.isfinite(p_values)
    p = p_values[known]
    m = len(p)
    if not m:
        return out
    if method == "bh" or method == "by":
        out[known] = false_discovery_control(p, method=method)
    elif method == "bonferroni":
        out[known] = np.minimum(p * m, 1.0)
    else:
        order = np.argsort(p)
        stepped = np.empty(m)
        stepped[order] = np.maximum.accumulate(p[order] * (m - np.arange(m)))
        out[known] = np.minimum(stepped, 1.0)
    return out
