"""Numbers as readers see them: a real minus sign, fixed decimals, no leading zero in p."""

from __future__ import annotations

import math

MINUS = "\u2212"
MISSING = "\u2013"
"""Stands where there is no number (an en dash)."""


def estimate(x: float, digits: int = 2) -> str:
    """A number with ``digits`` decimals and a real minus sign; never "minus zero"."""
    if not math.isfinite(x):
        return MISSING
    text = f"{abs(x):,.{digits}f}"
    negative = x < 0 and any(ch in "123456789" for ch in text)
    return f"{MINUS}{text}" if negative else text


def decimals(x: float, significant: int = 3) -> int:
    """How many decimals show a number like ``x`` with so many significant digits; 2 for zero."""
    if not math.isfinite(x) or not x:
        return 2
    return max(significant - 1 - math.floor(math.log10(abs(x))), 0)


def interval(low: float, high: float, digits: int = 2) -> str:
    """Two limits as ``"−1.33 to −0.05"``."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return MISSING
    return f"{estimate(low, digits)} to {estimate(high, digits)}"


def p_value(p: float) -> str:
    """A p value as ``".034"``, ``"< .001"`` or ``"> .999"``."""
    if not math.isfinite(p):
        return MISSING
    if p < 0.001:
        return "< .001"
    if p > 0.9995:
        return "> .999"
    return f"{p:.3f}".removeprefix("0")


def equation(name: str, p: float) -> str:
    """A p value with its name: ``"p = .034"``, ``"p < .001"``."""
    text = p_value(p)
    return f"{name} {text}" if text[0] in "<>" else f"{name} = {text}"


def count(n: float) -> str:
    """A whole number with thousands separators, such as ``"2,668"``."""
    if not math.isfinite(n):
        return MISSING
    text = f"{abs(round(n)):,}"
    return f"{MINUS}{text}" if round(n) < 0 else text


def percent(share: float, digits: int | None = None) -> str:
    """A share as ``"3 %"``; below 1 % one decimal is kept, below 0.1 % the bound is named.

    Parameters
    ----------
    share
        Between 0 and 1.
    digits
        Decimals; chosen from the size if not given.
    """
    if not math.isfinite(share):
        return MISSING
    hundred = 100 * share
    if digits is None:
        if 0 < abs(hundred) < 0.1:
            return "less than 0.1 %"
        digits = 1 if 0 < abs(hundred) < 1 else 0
    return f"{estimate(hundred, digits)} %"


def week(w: float) -> str:
    """A week as ``"12"``, ``"−2"`` or ``"1.5"``."""
    return estimate(w, 0 if float(w).is_integer() else 1)
