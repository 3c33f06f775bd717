"""How many people a replication needs, when what was found may be too large.

An estimate that is looked at because it was significant is too large on average (the winner's
curse). Four effects are therefore planned for:

- the effect as found;
- freed of selection: with z the estimate in standard errors and c the bound it had to pass, the m
  that is likeliest given |z| > c maximises log phi(z - m) - log(Phi(m - c) + Phi(-m - c)) (Ghosh,
  Zou & Wright 2008, Am J Hum Genet 82:1064; Zhong & Prentice 2008, Biostatistics 9:621);
- the end of the 60 % interval that is nearer to zero ("safeguard power": Perugini, Gallucci &
  Costantini 2014, Perspect Psychol Sci 9:319);
- the smallest effect of interest, which owes nothing to the estimate.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import optimize, stats

from pgsicbt.power.precision import POWERS, Precision, size_curve

SAFEGUARD = 0.6
REPLICATION_COLUMNS = ("planned_for", "effect", "people_80", "people_90")


def without_selection(estimate: float, std_error: float, alpha: float) -> float:
    """The estimate, freed of having been selected by a two-sided test at ``alpha``.

    Returns the estimate itself where it did not pass that test.
    """
    z, bound = abs(estimate) / std_error, float(stats.norm.isf(alpha / 2))
    if not z > bound:
        return estimate

    def unlikely(m: float) -> float:
        passed = np.logaddexp(stats.norm.logcdf(m - bound), stats.norm.logcdf(-m - bound))
        return float(0.5 * (z - m) ** 2 + passed)

    found = optimize.minimize_scalar(
        unlikely, bounds=(0.0, z), method="bounded", options={"xatol": 1e-10}
    )
    return math.copysign(float(found.x) * std_error, estimate)


def safeguard(estimate: float, std_error: float, df: float) -> float:
    """The end of the 60 % interval nearer to zero; zero where the interval holds it."""
    reach = float(stats.t.ppf(0.5 + SAFEGUARD / 2, df)) * std_error
    return math.copysign(max(abs(estimate) - reach, 0.0), estimate)


def selected_at(known: Precision) -> float:
    """The strictest level that the estimate passed: of its family, of one test, or none (NaN)."""
    p = float(2 * stats.t.sf(abs(known.estimate) / known.std_error, known.df))
    for alpha in (known.alpha_family, known.alpha):
        if p < alpha:
            return alpha
    return math.nan


def replication_sizes(known: Precision, interest: float | None = None) -> pd.DataFrame:
    """People needed to find an effect again by one two-sided test, with 80 and 90 % power.

    Parameters
    ----------
    interest
        Smallest effect of interest in the unit of the effect; left out if None.

    Returns
    -------
    DataFrame
        ``planned_for`` (``found``, ``without selection``, ``safeguard``, ``interest``),
        ``effect``, ``people_80`` and ``people_90``; infinite where no number of people would do.
        Visits, drop-out and covariates are those of ``known``.
    """
    effects = {"found": known.estimate}
    level = selected_at(known)
    if math.isfinite(level):
        effects["without selection"] = without_selection(known.estimate, known.std_error, level)
    effects["safeguard"] = safeguard(known.estimate, known.std_error, known.df)
    if interest is not None:
        effects["interest"] = interest
    rows = [
        (name, effect, *(known.people(effect, power) for power in POWERS))
        for name, effect in effects.items()
    ]
    return pd.DataFrame(rows, columns=list(REPLICATION_COLUMNS))


def replication_curves(known: Precision, table: pd.DataFrame, points: int = 60) -> pd.DataFrame:
    """Power by number of people for every effect that a replication is planned for.

    Sizes run, in even steps of their logarithm, from an eighth of the cohort to half as many again
    as the cohort or the largest replication of ``table`` that a finite number of people makes.

    Parameters
    ----------
    table
        As :func:`replication_sizes` gives it.

    Returns
    -------
    DataFrame
        ``planned_for`` and the columns of :func:`pgsicbt.power.size_curve`; no rows for an effect
        of zero.
    """
    needed = table["people_90"].to_numpy(float)
    most = max([float(known.n_persons), *needed[np.isfinite(needed)].tolist()])
    sizes = np.geomspace(known.n_persons / 8, 1.5 * most, points).tolist()
    curves = [
        size_curve(known, float(row["effect"]), sizes).assign(planned_for=str(row["planned_for"]))
        for row in table.to_dict("records")
        if row["effect"]
    ]
    columns = ["planned_for", "people", "power", "power_family"]
    if not curves:
        return pd.DataFrame(columns=columns)
    return pd.concat(curves, ignore_index=True)[columns]
