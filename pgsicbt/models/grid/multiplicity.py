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


def simple_or_holm(method: str) -> Correction:
    """``method`` where it needs p values only, else Holm's."""
    return next((one for one in SIMPLE if one == method), "holm")


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


def effective_li_ji(correlation: Array) -> float:
    """Effective number of tests from the scores' correlations (m, m) (Li & Ji 2005).

    Sum over the eigenvalues of 1 for those of at least 1, plus their fraction (Heredity 95:221).
    """
    values = np.abs(np.linalg.eigvalsh(correlation))
    values = np.where(np.abs(values - np.round(values)) < 1e-9, np.round(values), values)
    return float(np.sum((values >= 1) + (values - np.floor(values))))


def effective_galwey(correlation: Array) -> float:
    """Effective number of tests from the scores' correlations (m, m) (Galwey 2009).

    (sum sqrt(eigenvalue))^2 / sum of the eigenvalues, negative ones as zero (Genet Epidemiol
    33:559).
    """
    values = np.maximum(np.linalg.eigvalsh(correlation), 0.0)
    return float(np.sum(np.sqrt(values)) ** 2 / np.sum(values))


def sidak(p_values: Array, tests: float) -> Array:
    """1 - (1 - p)^tests, exact for so many independent tests."""
    return np.asarray(-np.expm1(tests * np.log1p(-np.minimum(p_values, 1 - 1e-16))))
