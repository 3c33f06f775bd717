"""Tests against a smallest effect of interest, from an estimate and its standard error.

With t quantiles and the bounds -d and d of the smallest effect of interest,

    equivalence        p = max(P(T > (b + d) / se), P(T < (b - d) / se))
    at least that large  p = min(P(T > (b - d) / se), P(T < (b + d) / se))

The first are two one-sided tests (Schuirmann 1987, J Pharmacokinet Biopharm 15:657), the second a
test of a minimal effect (Murphy & Myors 1999, J Appl Psychol 84:234); both as the R package
TOSTER has them (Lakens 2017, Soc Psychol Personal Sci 8:355).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.result import Array

Verdict = Literal["meaningful", "excluded", "inconclusive", ""]
"""``meaningful``: at least as large as the smallest effect of interest. ``excluded``: smaller than
that. ``inconclusive``: the data cannot tell. Empty where there is no estimate."""


@dataclass(frozen=True)
class Judged:
    """Verdicts on m estimates, each field of shape (m,).

    ``low`` and ``high`` are the limits of the 1 - 2 alpha interval that the verdict is read from
    (90 % where intervals are of 95 %).
    """

    low: Array
    high: Array
    p_excluded: Array
    p_meaningful: Array
    verdict: tuple[Verdict, ...]


def judge(
    estimate: Array, std_error: Array, df: Array, smallest: float | Array, *, alpha: float = 0.05
) -> Judged:
    """Hold estimates against the bounds -smallest and smallest.

    *Meaningful* needs the 1 - 2 alpha interval wholly beyond a bound, and the usual two-sided
    test at alpha as well: with bounds near zero the first alone would let 2 alpha through.
    *Excluded* needs that interval wholly between the bounds.

    Parameters
    ----------
    estimate, std_error, df
        (m,) estimates, their standard errors and degrees of freedom (infinite for z tests).
    smallest
        Smallest effect of interest in the unit of the estimates, above zero; one or (m,).
    alpha
        Size of each one-sided test.

    Raises
    ------
    SpecError
        If the smallest effect is not a number above zero.
    """
    if not np.all((np.isfinite(smallest) & (np.asarray(smallest) > 0)) | ~np.isfinite(estimate)):
        raise SpecError(
            "A verdict needs a smallest effect of interest above zero.",
            "Give one in points of the outcome.",
            column="smallest_effect",
        )
    b, se, nu = (np.asarray(x, dtype=float) for x in (estimate, std_error, df))
    with np.errstate(divide="ignore", invalid="ignore"):
        above_low, above_high = (b + smallest) / se, (b - smallest) / se
        excluded = np.maximum(stats.t.sf(above_low, nu), stats.t.cdf(above_high, nu))
        beyond = np.minimum(stats.t.sf(above_high, nu), stats.t.cdf(above_low, nu))
        zero = np.atleast_1d(2 * stats.t.sf(np.abs(b / se), nu))
    reach = stats.t.ppf(1 - alpha, nu) * se
    known = np.isfinite(b) & (se > 0)
    verdict: list[Verdict] = []
    for there, out, big, differs in zip(known, excluded, beyond, zero, strict=True):
        if not there:
            verdict.append("")
        elif out < alpha:
            verdict.append("excluded")
        else:
            verdict.append("meaningful" if big < alpha and differs < alpha else "inconclusive")
    missing = np.where(known, 0.0, np.nan)
    return Judged(
        b - reach + missing, b + reach + missing, excluded + missing, beyond + missing,
        tuple(verdict),
    )  # fmt: skip
