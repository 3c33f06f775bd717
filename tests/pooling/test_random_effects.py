"""Random-effects meta-analysis against stored output of metafor (reference/metafor.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.meta_analysis import combine_effects

from pgsicbt import FitError, SpecError
from pgsicbt.pooling.random_effects import Estimator, pool_estimates

STORED: dict[str, Any] = json.loads(
    (Path(__file__).parent / "reference" / "metafor.json").read_text(encoding="utf-8")
)
CASES = [name for name in STORED if name != "versions"]
METHODS: dict[str, Estimator] = {"REML": "reml", "PM": "paule-mandel"}
FIELDS = {
    "estimate": "estimate", "std_error": "se", "df": "df", "statistic": "statistic",
    "p_value": "p", "conf_low": "low", "conf_high": "high", "tau2": "tau2", "i2": "i2", "q": "q",
    "q_p": "q_p", "tau2_low": "tau2_low", "tau2_high": "tau2_high", "i2_low": "i2_low",
    "i2_high": "i2_high", "predict_low": "predict_low", "predict_high": "predict_high",
}  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", CASES)
def test_every_number_is_metafors(case: str, method: str) -> None:
    data, reference = STORED[case], STORED[case][method]
    y, se = np.array(data["y"]), np.array(data["se"])
    found = pool_estimates(y, se, estimator=METHODS[method], modified=False)
    for ours, theirs in FIELDS.items():
        assert getattr(found, ours) == pytest.approx(reference[theirs], rel=2e-6, abs=1e-10), ours
    modified = pool_estimates(y, se, estimator=METHODS[method])
    assert modified.std_error == pytest.approx(reference["adhoc_se"], rel=2e-6)
    assert modified.conf_low == pytest.approx(reference["adhoc_low"], rel=2e-6)
    common = data["common"]
    assert found.common == pytest.approx(common["estimate"], rel=1e-9)
    assert found.common_error == pytest.approx(common["se"], rel=1e-9)
    assert found.common_high == pytest.approx(common["high"], rel=1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", [c for c in CASES if c != "two"])
def test_leaving_one_out_is_metafors(case: str, method: str) -> None:
    data = STORED[case]
    y, se = np.array(data["y"]), np.array(data["se"])
    for j, left in enumerate(data[method]["left"]):
        found = pool_estimates(
            np.delete(y, j), np.delete(se, j), estimator=METHODS[method], modified=False
        )
        assert found.estimate == pytest.approx(left["estimate"], rel=2e-6)
        assert found.std_error == pytest.approx(left["se"], rel=2e-6)
        assert found.tau2 == pytest.approx(left["tau2"], rel=2e-6, abs=1e-10)


def test_common_effect_is_that_of_statsmodels() -> None:
    y, se = np.array(STORED["far"]["y"]), np.array(STORED["far"]["se"])
    reference = combine_effects(y, se**2, method_re="iterated")
    found = pool_estimates(y, se, estimator="paule-mandel")
    assert found.common == pytest.approx(reference.mean_effect_fe)
    assert found.tau2 == pytest.approx(reference.tau2, rel=1e-4)
    assert found.estimate == pytest.approx(reference.mean_effect_re, rel=1e-5)


@settings(max_examples=40, deadline=None)
@given(
    y=st.lists(st.floats(-5, 5), min_size=2, max_size=8),
    data=st.data(),
    shift=st.floats(-10, 10),
    scale=st.floats(1e-3, 1e3),
    estimator=st.sampled_from(["reml", "paule-mandel"]),
)
def test_units_and_order_do_not_matter(
    y: list[float], data: st.DataObject, shift: float, scale: float, estimator: Estimator
) -> None:
    size = {"min_size": len(y), "max_size": len(y)}
    se = np.array(data.draw(st.lists(st.floats(0.1, 2.0), **size)))
    values = np.array(y)
    one = pool_estimates(values, se, estimator=estimator)
    two = pool_estimates((values * scale + shift)[::-1], (se * scale)[::-1], estimator=estimator)
    assert two.estimate == pytest.approx(one.estimate * scale + shift, rel=1e-5, abs=1e-5 * scale)
    assert two.tau2 == pytest.approx(one.tau2 * scale**2, rel=1e-4, abs=1e-6 * scale**2)
    assert one.tau2_low <= one.tau2 * (1 + 1e-6) + 1e-9 or estimator == "reml"
    assert one.conf_low <= one.estimate <= one.conf_high
    assert one.predict_low <= one.conf_low + 1e-9
    assert min(values) - 1e-9 <= one.estimate <= max(values) + 1e-9
    assert 0 <= one.i2_low <= one.i2_high <= 1


def test_what_cannot_be_pooled_is_refused() -> None:
    with pytest.raises(FitError, match="fewer than two"):
        pool_estimates(np.array([1.0]), np.array([0.1]))
    with pytest.raises(FitError, match="standard error above zero"):
        pool_estimates(np.array([1.0, 2.0]), np.array([0.1, 0.0]))
    with pytest.raises(FitError, match="standard error above zero"):
        pool_estimates(np.array([1.0, np.nan]), np.array([0.1, 0.2]))
    with pytest.raises(SpecError, match="dersimonian"):
        pool_estimates(np.array([1.0, 2.0]), np.array([0.1, 0.2]), estimator="dersimonian")  # type: ignore[arg-type]
