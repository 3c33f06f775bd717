"""Every number of the engine against stored output of lme4, lmerTest and pbkrtest."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import SpecError, mixed_model

REFERENCE = Path(__file__).parent / "reference"
CASES = json.loads((REFERENCE / "lme4.json").read_text(encoding="utf-8"))
KEYS = sorted(k for k in CASES if "/" in k)
FORMULAS = {
    "plain": ("y ~ time * x", "1 + time"),
    "adjusted": ("y ~ time * (x + age + sex + site)", "1 + time"),
    "intercept": ("y ~ time * x", "1"),
    "none": ("y ~ time * x + sex", "0"),
}


def _r_name(term: str) -> str:
    """sexmale is how R writes sex[T.male]."""
    return term.replace("[T.", "").replace("]", "")


def test_the_reference_covers_the_designs_it_should() -> None:
    assert len(KEYS) == 5 * 4 * 2
    assert {k.split("/")[0] for k in KEYS} >= {"balanced", "dropout", "sparse", "boundary"}


@pytest.mark.parametrize("key", KEYS)
def test_fit_equals_lme4(key: str) -> None:
    data, model, method = key.split("/")
    want = CASES[key]
    frame = pd.read_csv(REFERENCE / "data" / f"{data}.csv")
    formula, random = FORMULAS[model]
    got = mixed_model(formula, frame, groups="id", random=random, reml=method == "REML")

    # lme4 may stop short of the optimum, never beyond it.
    assert got.log_likelihood > want["log_likelihood"] - 1e-6
    assert got.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-6)
    names = [_r_name(t) for t in got.coefficients.index]
    assert sorted(names) == sorted(want["terms"])
    order = [names.index(t) for t in want["terms"]]
    estimate = got.coefficients.to_numpy()[order]
    se = got.std_errors.to_numpy()[order]
    np.testing.assert_allclose((estimate - want["estimate"]) / want["std_error"], 0, atol=1e-5)
    np.testing.assert_allclose(se, want["std_error"], rtol=1e-4)
    assert got.residual_variance == pytest.approx(want["sigma2"], rel=1e-4)
    if random != "0":
        df = np.array([got.test(t).df for t in got.coefficients.index])[order]
        np.testing.assert_allclose(df, np.array(want["df"], dtype=float), rtol=1e-3)
        scale = np.abs(np.array(want["random"])).max()
        np.testing.assert_allclose(
            got.random_covariance.to_numpy(), want["random"], rtol=1e-3, atol=1e-4 * scale
        )


@pytest.mark.parametrize("key", [k for k in KEYS if CASES[k]["kr"]])
def test_kenward_roger_equals_pbkrtest(key: str) -> None:
    data, model, _ = key.split("/")
    want = CASES[key]
    formula, random = FORMULAS[model]
    frame = pd.read_csv(REFERENCE / "data" / f"{data}.csv")
    got = mixed_model(formula, frame, groups="id", random=random)
    for term in got.coefficients.index:
        i = want["terms"].index(_r_name(term))
        test = got.test(term, df="kenward-roger")
        assert test.std_error == pytest.approx(want["kr"]["std_error"][i], rel=1e-4)
        assert test.df == pytest.approx(want["kr"]["df"][i], rel=1e-4)
    joint = got.f_test(["x", "time:x"])
    assert joint.statistic == pytest.approx(want["kr"]["joint_F"], rel=1e-4)
    assert joint.df_denominator == pytest.approx(want["kr"]["joint_df"], rel=1e-4)
    assert joint.df_numerator == 2


def test_kenward_roger_needs_reml() -> None:
    frame = pd.read_csv(REFERENCE / "data" / "small.csv")
    model = mixed_model("y ~ time * x", frame, groups="id", random="1 + time", reml=False)
    with pytest.raises(SpecError, match="needs a REML fit"):
        model.test("x", df="kenward-roger")
