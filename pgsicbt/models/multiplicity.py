"""Adjusted p values within a declared family of tests."""

from __future__ import annotations

from typing import Literal

import numpy as np
from statsmodels.stats.multitest import multipletests

from pgsicbt.result import Array

_NAMES = {"holm": "holm", "bonferroni": "bonferroni", "bh": "fdr_bh"}


def adjust(p_values: Array, method: Literal["holm", "bonferroni", "bh"]) -> Array:
    """Adjust the p values of one family; missing ones stay missing and are not counted.

    Holm (1979) and Bonferroni bound the chance of any false claim, Benjamini & Hochberg (1995)
    the expected share of false claims.
    """
    out = np.full(len(p_values), np.nan)
    known = np.isfinite(p_values)
    if known.any():
        out[known] = multipletests(p_values[known], method=_NAMES[method])[1]
    return out
