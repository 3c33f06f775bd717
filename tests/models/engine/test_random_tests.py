"""Tests of the random part: against likelihoods of lme4 and nlme, and the right null."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import chi2

from pgsicbt import mixed_model
from pgsicbt.models.engine.random_tests import mixture_p, random_tests

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = json.loads((REFERENCE / "random_tests.json").read_text(encoding="utf-8"))
KEYS = [k for k in CASES if "/" in k]
# What lme4's names in the reference are called here.
PARTS = {
    "none": "none",
    "1": "intercept",
    "1 + time ||": "uncorrelated",
    "1 + time": "slope",
    "1 + time + time2 ||": "uncorrelated3",
    "1 + time + time2": "second",
}


def _model(key: str, random: str, correlated: bool = True):
    data, method = key.split("/")
    folder = "profile_data" if data == "curved" else "data"
    frame = pd.read_csv(REFERENCE / folder / f"{data}.csv")
    formula = "y ~ (time + time2) * x" if data == "curved" else "y ~ time * x"
    return mixed_model(
        formula, frame, "id", random=random, reml=method == "REML", correlated=correlated
    )


@pytest.mark.parametrize("key", KEYS)
def test_likelihoods_and_statistics_equal_those_of_lme4(key: str) -> None:
    want = CASES[key]["lme4"]
    curved = key.startswith("curved")
    model = _model(key, "1 + time + time2" if curved else "1 + time")
    rows = model.random_tests()
    assert list(rows["tested"])[-3:] == ["time and its correlation", "correlation", "(Intercept)"]
    assert len(rows) == (5 if curved else 3)
    if not curved:
        both = CASES[key]["nlme_slope"]
        if both is not None and not model.singular:
            assert model.log_likelihood == pytest.approx(both, abs=1e-5)
    for row in rows.itertuples():
        larger, smaller = want[PARTS[row.larger]], want[PARTS[row.smaller]]
        assert row.log_likelihood_larger == pytest.approx(larger, abs=1e-6)
        assert row.log_likelihood_smaller == pytest.approx(smaller, abs=1e-6)
        assert row.statistic == pytest.approx(max(0.0, 2 * (larger - smaller)), abs=4e-6)
        assert row.reml == key.endswith("REML")


@pytest.mark.parametrize("key", KEYS)
def test_uncorrelated_terms(key: str) -> None:
    want = CASES[key]["lme4"]
    curved = key.startswith("curved")
    model = _model(key, "1 + time + time2" if curved else "1 + time", correlated=False)
    rows = model.random_tests()
    assert list(rows["tested"]) == (["time2"] if curved else []) + ["time", "(Intercept)"]
    assert set(rows["null"]) == {"0.5 chi2(0) + 0.5 chi2(1)"}
    for row in rows.itertuples():
        statistic = 2 * (want[PARTS[row.larger]] - want[PARTS[row.smaller]])
        assert row.statistic == pytest.approx(max(0.0, statistic), abs=4e-6)


def test_the_null_of_each_test() -> None:
    """Self & Liang (1987), Stram & Lee (1994): written out, not by our own function."""
    two = _model("dropout/REML", "1 + time").random_tests().set_index("tested")
    slope = two.loc["time and its correlation"]
    assert slope["null"] == "0.5 chi2(1) + 0.5 chi2(2)"
    lr = slope["statistic"]
    assert slope["p_value"] == pytest.approx(0.5 * chi2.sf(lr, 1) + 0.5 * chi2.sf(lr, 2), rel=1e-12)
    assert two.loc["correlation", "null"] == "chi2(1)"
    assert two.loc["correlation", "p_value"] == pytest.approx(
        chi2.sf(two.loc["correlation", "statistic"], 1), rel=1e-12
    )
    assert two.loc["(Intercept)", "null"] == "0.5 chi2(0) + 0.5 chi2(1)"
    three = _model("curved/REML", "1 + time + time2").random_tests()
    assert list(three["null"]) == [
        "0.5 chi2(2) + 0.5 chi2(3)", "chi2(3)", "0.5 chi2(1) + 0.5 chi2(2)", "chi2(1)",
        "0.5 chi2(0) + 0.5 chi2(1)",
    ]  # fmt: skip


def test_mixture() -> None:
    # 5 % points as printed in tables, such as appendix C of Fitzmaurice, Laird & Ware (2011).
    for low, point in ((0, 2.71), (1, 5.14), (2, 7.05)):
        null = ((0.5, low), (0.5, low + 1))
        found = brentq(lambda x, null=null: mixture_p(x, null) - 0.05, 0.1, 20.0)
        assert round(found, 2) == pytest.approx(point, abs=0.0051)
    assert mixture_p(0.0, ((0.5, 0), (0.5, 1))) == 1.0
    assert mixture_p(1e-9, ((0.5, 0), (0.5, 1))) == pytest.approx(0.5, abs=1e-4)


def test_edges_are_said() -> None:
    rows = _model("small/ML", "1 + time").random_tests().set_index("tested")
    assert "edge" in rows.loc["time and its correlation", "note"]
    assert rows.loc["correlation", "statistic"] >= 0.0
    assert "correlations mean nothing" in rows.loc["correlation", "note"]
    assert (rows["p_value"] <= 1.0).all()
    plain = _model("dropout/ML", "1 + time").random_tests()
    assert (plain["note"] == "").all()


def test_no_random_part_has_no_tests() -> None:
    model = _model("balanced/REML", "0")
    assert model.random_tests().empty
    assert "p_value" in model.random_tests().columns
    assert random_tests(model.cross_products, model.lmm) == ()


def test_terms_without_an_intercept_and_a_dropped_column() -> None:
    frame = pd.read_csv(REFERENCE / "data" / "dropout.csv").assign(
        twice=lambda d: 2 * d["x"], later=lambda d: d["time"] - 1
    )
    model = mixed_model("y ~ time * x + twice", frame, "id", random="0 + time + later")
    first = model.random_tests().iloc[0]
    assert first["larger"] == "0 + time + later"
    assert first["smaller"] == "0 + time"
    assert np.isfinite(first["statistic"])
