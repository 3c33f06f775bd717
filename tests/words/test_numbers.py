"""Numbers as readers see them."""

import math

import pytest

from pgsicbt.words import numbers


@pytest.mark.parametrize(
    ("x", "digits", "text"),
    [(-0.69, 2, "−0.69"), (0.041, 3, "0.041"), (-0.001, 2, "0.00"), (1234.5, 1, "1,234.5"),
     (math.nan, 2, "–"), (math.inf, 2, "–"), (-2, 0, "−2")],
)  # fmt: skip
def test_estimate(x: float, digits: int, text: str) -> None:
    assert numbers.estimate(x, digits) == text


def test_interval() -> None:
    assert numbers.interval(-1.33, -0.05) == "−1.33 to −0.05"
    assert numbers.interval(math.nan, 1) == "–"


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.034, ".034"), (0.0004, "< .001"), (0.001, ".001"), (1.0, "> .999"), (0.9994, ".999"),
     (math.nan, "–"), (0.05, ".050")],
)  # fmt: skip
def test_p_value(p: float, text: str) -> None:
    assert numbers.p_value(p) == text


def test_count_percent_week() -> None:
    assert numbers.count(2668) == "2,668"
    assert numbers.count(math.nan) == "–"
    assert numbers.percent(0.031) == "3 %"
    assert numbers.percent(0.0019) == "0.2 %"
    assert numbers.percent(0.0002) == "less than 0.1 %"
    assert numbers.percent(0) == "0 %"
    assert numbers.week(-2) == "−2"
    assert numbers.week(1.5) == "1.5"


def test_decimals_keep_three_digits() -> None:
    for x, shown in ((4.5e-4, "0.000450"), (0.0123, "0.0123"), (1.0, "1.00"), (12.34, "12.3"),
                     (1234.5, "1,234"), (0.0, "0.00"), (float("nan"), "\u2013")):  # fmt: skip
        assert numbers.estimate(x, numbers.decimals(x)) == shown
