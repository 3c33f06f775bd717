"""What a scan found: two rows per score, and how far its approximation can be trusted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from pgsicbt.models.engine.lmm import LmmFit
from pgsicbt.result import Array
from pgsicbt.spec import AnalysisSpec, RandomPart
from pgsicbt.study import Finding, LedgerStep

NUMBERS = ("estimate", "std_error", "df", "statistic", "p_value", "conf_low", "conf_high")

SCAN_COLUMNS = (
    "score", "outcome", "model", "subset", "term", "role", *NUMBERS, "p_adjusted",
    "n_persons", "n_observations", "status", "exact",
)  # fmt: skip
"""Columns of ``ScanResult.table``. ``role`` is main or interaction; ``exact`` says whether the
row is an exact fit with the spec's df or the approximation, whose df are Satterthwaite's
(infinite for normal tests and where the fit without a score is on its boundary); ``status`` is
``ok``, ``singular`` or ``failed``."""


@dataclass(frozen=True)
class Margin:
    """How far the threshold for exact fits was lowered, and what the exact fits then showed.

    ``limit`` is the |z| of the threshold, ``allowed`` how much less than that was enough to be
    fitted exactly. ``largest_gap`` is the largest difference between approximation and exact fit
    among the ``n_near`` terms that are within one of ``limit`` by the exact fit, None if there is
    none. All are normal quantiles of p values.
    """

    limit: float
    allowed: float
    largest_gap: float | None
    n_near: int


def allowance(
    limit: float, n_persons: NDArray[np.intp] | int, corrected: NDArray[np.bool_] | bool
) -> Array:
    """How much |z| of the approximation may fall short of that of the exact fit.

    With the first-order correction the gap was at most about half of this in cohorts of 40 to
    2,668 people, scores that follow a covariate among them (docs/scan.md); without it a strong
    effect's standard error is too large by a factor of about 1 + z^2 / 2N.
    """
    n = np.maximum(n_persons, 1)
    return np.where(
        corrected,
        3.0 * limit**5 / n**2.0 + 12.0 / n,
        limit**3 / (2.0 * n) + 2.5 / np.sqrt(n),
    )


def passes(
    z: Array, threshold: float, n_persons: NDArray[np.intp], corrected: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Whether an exact fit might have a p value at or below a threshold.

    ``z`` is the normal quantile of the approximate p value, its sign dropped; ``corrected`` says
    which scores had the first-order correction.
    """
    limit = float(-ndtri(min(threshold, 1.0) / 2))
    return np.asarray(z >= limit - allowance(limit, n_persons, corrected))


def measured_margin(
    threshold: float, z: Array, p_exact: Array, n_persons: int, corrected: bool
) -> Margin:
    """The margin at work, from z as in :func:`passes` and exact p values of the terms fitted."""
    limit = float(-ndtri(min(threshold, 1.0) / 2))
    exact = -ndtri(p_exact / 2)
    near = np.abs(exact - limit) <= 1.0
    gap = float(np.abs(z[near] - exact[near]).max()) if near.any() else None
    return Margin(limit, float(allowance(limit, n_persons, corrected)), gap, int(near.sum()))


@dataclass(frozen=True)
class ScanResult:
    """Effects of all scores, two rows per score in the order of the source.

    ``base`` is the fit without a score of everybody, None if there is none; ``random_used`` the
    random part of all fits, which is simpler than that of ``spec`` where ``base`` could not carry
    it. ``margin`` is None without a threshold for exact fits.
    """

    table: pd.DataFrame
    spec: AnalysisSpec
    base: LmmFit | None
    n_persons: int
    n_observations: int
    n_scores: int
    n_exact: int
    random_used: RandomPart
    margin: Margin | None
    ledger: tuple[LedgerStep, ...]
    warnings: tuple[Finding, ...]
    versions: dict[str, str]
    digest: str
    simulated: bool = False
