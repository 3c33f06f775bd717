"""Power and smallest detectable effects against R's power.t.test (reference/power.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from pgsicbt import SpecError
from pgsicbt.power.noncentral import power_of, smallest
from pgsicbt.power.replication import without_selection

STORED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "reference" / "power.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("case", STORED["power"], ids=str)
def test_power_is_that_of_r(case: dict[str, float]) -> None:
    n = case["n"]
    found = power_of(case["delta"], np.sqrt(2 / n), 2 * n - 2, case["alpha"])
    assert float(found) == pytest.approx(case["power"], abs=1e-8)


@pytest.mark.parametrize("case", STORED["smallest"], ids=str)
def test_smallest_effect_is_that_of_r(case: dict[str, float]) -> None:
    n = case["n"]
    found = smallest(float(np.sqrt(2 / n)), 2 * n - 2, case["alpha"], case["power"])
    assert found == pytest.approx(case["delta"], rel=1e-6)


@pytest.mark.parametrize("case", STORED["selection"], ids=str)
def test_effect_freed_of_selection(case: dict[str, float]) -> None:
    assert without_selection(-case["z"], 1.0, case["alpha"]) == pytest.approx(-case["m"], abs=1e-5)


def test_an_estimate_that_was_not_selected_stays() -> None:
    assert without_selection(1.9, 1.0, 0.05) == 1.9


def test_one_sample_power_is_that_of_statsmodels() -> None:
    n = 37
    reference = TTestPower().power(0.4, n, 0.05, df=n - 1, alternative="two-sided")
    assert float(power_of(0.4, n**-0.5, n - 1, 0.05)) == pytest.approx(reference, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(
    se=st.floats(1e-4, 1e4),
    df=st.one_of(st.floats(2, 1e5), st.just(np.inf)),
    alpha=st.floats(1e-4, 0.2),
    power=st.floats(0.3, 0.99),
)
def test_the_smallest_effect_has_its_power(
    se: float, df: float, alpha: float, power: float
) -> None:
    effect = smallest(se, df, alpha, power)
    assert float(power_of(effect, se, df, alpha)) == pytest.approx(power, abs=1e-6)
    assert smallest(10 * se, df, alpha, power) == pytest.approx(10 * effect, rel=1e-6)


def test_no_effect_is_found_as_often_as_the_level_says() -> None:
    assert float(power_of(0.0, 2.0, 50, 0.05)) == pytest.approx(0.05, abs=1e-9)
    assert np.isnan(smallest(np.nan, 50, 0.05, 0.8))


@pytest.mark.parametrize(("alpha", "power"), [(0.0, 0.8), (1.0, 0.8), (0.05, 0.04), (0.05, 1.0)])
def test_levels_that_make_no_sense_are_refused(alpha: float, power: float) -> None:
    with pytest.raises(SpecError):
        smallest(1.0, 50, alpha, power)


@pytest.mark.parametrize("df", [2.0, 30.0, 500.0, 2198.2, 4999.0, 1e6])
@pytest.mark.parametrize("alpha", [0.05, 0.00625])
def test_power_has_no_gaps_at_large_effects(df: float, alpha: float) -> None:
    found = power_of(np.linspace(0.0, 60.0, 241), 1.0, df, alpha)
    assert np.isfinite(found).all()
    assert (np.diff(found) > -1e-9).all()
    assert found[-1] <= 1.0
