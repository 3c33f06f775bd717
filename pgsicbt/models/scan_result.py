"""What a scan found: two rows per score, and how far its approximation can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from pgsicbt.models.lmm import LmmFit
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Finding, LedgerStep

NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")

SCAN_COLUMNS = (
    "score", "outcome", "model", "subset", "term", "role", *NUMBERS, "p_adjusted",
    "n_persons", "n_observations", "status", "exact",
)  # fmt: skip
"""Columns of ``ScanResult.table``. ``role`` is main or interaction; ``exact`` says whether the
row is an exact fit with the spec's df or the approximation with a normal p value (infinite df);
``status`` is ``ok``, ``singular`` or ``failed``."""


@dataclass(frozen=True)
class Margin:
    """How far the threshold for exact fits was lowered, and what the exact fits then showed.

    ``limit`` is the |z| of the threshold, ``allowed`` how much less than that was enough to be
    fitted exactly. ``largest_gap`` is the largest difference between the |z| of approximation
    and exact fit (of the p value, for t tests) among the ``n_near`` terms that are within one
    of ``limit`` by the exact fit; NaN if there is none.
    """

    limit: float
    allowed: float
    largest_gap: float
    n_near: int


def allowance(limit: float, n_persons: NDArray[np.intp] | int) -> Array:
    """How much |z| of the approximation may fall short of that of the exact fit.

    Variance parameters fitted without the score make a strong effect's standard error too large,
    by a factor of about 1 + z^2 / 2N, and move z otherwise by a few hundredths at N = 2,668
    (docs/scan.md).
    """
    n = np.maximum(n_persons, 1)
    return np.asarray(limit**3 / (2 * n) + 2.5 / np.sqrt(n))


def passes(z: Array, threshold: float, n_persons: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Whether an exact fit might have a p value at or below a threshold, from approximate z."""
    limit = float(-ndtri(min(threshold, 1.0) / 2))
    return np.asarray(np.abs(z) >= limit - allowance(limit, n_persons))


def measured_margin(threshold: float, z: Array, p_exact: Array, n_persons: int) -> Margin:
    """The margin at work, from the approximate z and exact p values of the terms fitted."""
    limit = float(-ndtri(min(threshold, 1.0) / 2))
    exact = -ndtri(p_exact / 2)
    near = np.abs(exact - limit) <= 1.0
    gap = float(np.abs(np.abs(z[near]) - exact[near]).max()) if near.any() else float("nan")
    return Margin(limit, float(allowance(limit, n_persons)), gap, int(near.sum()))


@dataclass(frozen=True)
class ScanResult:
    """Effects of all scores, two rows per score in the order of the source.

    ``base`` is the fit without a score of the people who have every score, None if no score is
    known for all of them. ``margin`` is None without a threshold for exact fits.
    """

    table: pd.DataFrame
    spec: AnalysisSpec
    base: LmmFit | None
    n_persons: int
    n_observations: int
    n_scores: int
    n_exact: int
    margin: Margin | None
    ledger: tuple[LedgerStep, ...]
    warnings: tuple[Finding, ...]
    versions: dict[str, str]
    digest: str
    simulated: bool = False
