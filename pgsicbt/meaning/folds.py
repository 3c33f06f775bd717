"""Folds of repeated cross-validation, and the interval of what it finds."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.result import Array


def folds(n: int, k: int, repeats: int, seed: int, strata: Array | None = None) -> NDArray[np.intp]:
    """Fold of every person in every repeat, (repeats, n), numbers from 0 to k - 1.

    Parameters
    ----------
    strata
        (n,) classes that every fold shall have alike, such as 0 and 1.

    Raises
    ------
    SpecError
        If there are fewer than two folds or repeats below one, or more folds than people.
    """
    if k < 2 or repeats < 1 or k > n:
        raise SpecError(
            f"{k} folds repeated {repeats} times cannot be made of {n} people.",
            "Choose 5 or 10 folds.",
            code="folds",
        )
    rng = np.random.default_rng(seed)
    out = np.empty((repeats, n), dtype=np.intp)
    for row in out:
        order = rng.permutation(n)
        if strata is not None:
            order = order[np.argsort(strata[order], kind="stable")]
        row[order] = np.arange(n) % k
    return out


def corrected_interval(
    differences: Array, test_share: float, confidence: float
) -> tuple[float, float, float]:
    """Mean of differences over folds and repeats with the interval of Nadeau & Bengio.

    The variance of the mean of J differences is (1 / J + t / (1 - t)) times theirs, with t the
    share of people in a test fold: training sets overlap, so folds are not independent (Nadeau &
    Bengio 2003, Machine Learning 52:239).

    Parameters
    ----------
    differences
        (J,) one number per fold and repeat.
    """
    j = len(differences)
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    se = math.sqrt((1 / j + test_share / (1 - test_share)) * variance)
    reach = float(stats.t.ppf(0.5 + confidence / 2, j - 1)) * se
    return mean, mean - reach, mean + reach
