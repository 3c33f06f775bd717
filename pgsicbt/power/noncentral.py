"""Power of a two-sided t test, and the smallest effect that it finds.

With q the 1 - alpha / 2 quantile of t with nu degrees of freedom and d the true effect in standard
errors, the statistic is noncentral t and

    power(d) = P(T_nu(d) > q) + P(T_nu(d) < -q)

The smallest detectable effect at a power is the d that gives it, times the standard error. Both
rest on the standard error alone, never on the estimate: power at the effect that was found would
only repeat its p value (Hoenig & Heisey 2001, Am Stat 55:19).
"""

from __future__ import annotations

import math

import numpy as np
from scipy import optimize, special

from pgsicbt.errors import SpecError
from pgsicbt.result import Array

_MANY = 5e3
"""Degrees of freedom from which a t statistic is as good as normal (power to 1e-4)."""
_FEWEST = 1.0


def power_of(effect: Array | float, std_error: Array | float, df: float, alpha: float) -> Array:
    """Power of the test of an effect.

    Parameters
    ----------
    effect, std_error
        True effects and their standard errors, in one unit; they broadcast.
    df
        Degrees of freedom; infinite for a z test.
    alpha
        Size of the two-sided test.

    Returns
    -------
    Array
        Between alpha and 1, in the shape of ``effect`` and ``std_error``.

    Raises
    ------
    SpecError
        If ``alpha`` does not lie between 0 and 1.
    """
    _check(alpha)
    d = np.abs(np.asarray(effect, dtype=float)) / np.asarray(std_error, dtype=float)
    nu = max(float(df), _FEWEST)
    if nu > _MANY:
        q = -float(special.ndtri(alpha / 2))
        return np.asarray(special.ndtr(d - q) + special.ndtr(-q - d))
    q = -float(special.stdtrit(nu, alpha / 2))
    far = special.nctdtr(nu, d, -q)
    near = 1.0 - special.nctdtr(nu, d, q)
    # scipy has gaps beyond some 36 standard errors; there Johnson & Welch's approximation (1940,
    # Biometrika 31:362) is as good as exact
    near_enough = special.ndtr((d - q * (1 - 0.25 / nu)) / np.sqrt(1 + q * q / (2 * nu)))
    near = np.where(np.isfinite(near), near, near_enough)
    return np.asarray(np.minimum(near + np.where(np.isfinite(far), far, 0.0), 1.0))


def smallest(std_error: float, df: float, alpha: float, power: float) -> float:
    """Smallest effect that the test finds with a given power, in the unit of the standard error.

    Raises
    ------
    SpecError
        If ``power`` is not above ``alpha`` and below 1.
    """
    _check(alpha)
    if not alpha < power < 1:
        raise SpecError(
            "The power must lie between the level of the test and 1.", "Use 0.8 or 0.9."
        )
    if not (math.isfinite(std_error) and std_error > 0):
        return math.nan

    def short(d: float) -> float:
        return float(power_of(d, 1.0, df, alpha)) - power

    nu = max(float(df), _FEWEST)
    bound, above = (float(special.stdtrit(min(nu, 1e9), x)) for x in (alpha / 2, power))
    guess = above - bound  # near, where df are many
    low, high = max(guess - 0.02, 0.0), guess + 0.02
    while short(low) > 0:
        low /= 2
    while short(high) < 0:
        high *= 2
    return float(optimize.brentq(short, low, high, xtol=1e-9)) * std_error


def _check(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise SpecError("The level of a test must lie between 0 and 1.", "Use 0.05 for 5 %.")
