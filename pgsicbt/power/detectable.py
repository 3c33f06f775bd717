"""The smallest effect that each test of an analysis could have found, beside what was found."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.meaning.verdicts import verdicts
from pgsicbt.power.noncentral import smallest
from pgsicbt.result import Result
from pgsicbt.study import Study

POWERS = (0.8, 0.9)
DETECTABLE_COLUMNS = (
    "score", "outcome", "model", "subset", "about", "estimate", "std_error", "df", "p_value",
    "conf_low", "conf_high", "unit", "tests", "alpha", "alpha_family", "smallest_80",
    "smallest_90", "family_80", "family_90", "n_persons", "status",
)  # fmt: skip
"""Columns of :func:`detectable`. ``smallest_80`` and ``smallest_90`` are found with 80 and 90 %
power by a test at ``alpha``, ``family_80`` and ``family_90`` by one at ``alpha_family``. All
amounts are per +1 SD of the score in ``unit``; ``about`` is as in
:data:`pgsicbt.meaning.verdicts.VERDICT_COLUMNS`."""


def detectable(study: Study, result: Result) -> pd.DataFrame:
    """Smallest detectable effects of every score, from the standard errors of the fitted models.

    The level of the family is what its correction asks of the smallest of m p values (negative
    controls not counted): ``alpha / m`` by Holm, Bonferroni and Benjamini-Hochberg, that over
    1 + 1/2 + .. + 1/m by Benjamini-Yekutieli, Sidak's ``1 - (1 - alpha)^(1/e)`` with e effective
    tests, and ``alpha`` itself where nothing is corrected. The max-T test is taken at
    ``alpha / m``, the most that it can ask.

    Returns
    -------
    DataFrame
        One row per score, model and what the effect is about, with ``DETECTABLE_COLUMNS``.

    Raises
    ------
    SpecError
        If the analysis has groups of scores, whose steps are no standard deviations.
    """
    spec = result.spec
    rows = verdicts(study, result, 1.0)
    alpha = round(1 - spec.confidence, 12)
    control = rows["score"].isin(spec.controls)
    known = np.isfinite(rows["std_error"].to_numpy(float)) & (rows["n_persons"] >= MINIMUM_CELL)
    counted = (known & ~control).groupby([rows["model"], rows["about"]]).transform("sum")
    tests = np.where(control | (spec.multiplicity == "none"), 1, np.maximum(counted, 1))
    strict = [_family_level(result, alpha, int(m)) for m in tests]
    rows = rows.assign(tests=tests.astype(int), alpha=alpha, alpha_family=strict)
    for name, level in (("smallest", "alpha"), ("family", "alpha_family")):
        for power in POWERS:
            rows[f"{name}_{power:.0%}".rstrip("%")] = [
                smallest(se, nu, a, power) if there else math.nan
                for se, nu, a, there in zip(
                    rows["std_error"], rows["df"], rows[level], known, strict=True
                )
            ]
    return rows[list(DETECTABLE_COLUMNS)].reset_index(drop=True)


def _family_level(result: Result, alpha: float, tests: int) -> float:
    """What the correction of an analysis asks of the smallest of so many p values."""
    method = result.spec.multiplicity
    effective = result.effective_tests.get(method)
    if effective is not None and tests > 1:
        return float(1 - (1 - alpha) ** (1 / effective))
    more = float((1 / np.arange(1, tests + 1)).sum()) if method == "by" else 1.0
    return alpha / (tests * more)
