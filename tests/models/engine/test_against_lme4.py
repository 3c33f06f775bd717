"""Every number of the engine against stored output of R, by one table.

``reference/lme4.R`` holds the table of data sets and models and writes ``lme4.json`` with what
lme4, lmerTest, pbkrtest and clubSandwich find (lm and nlme::gls where there is no random part).
R's optimum is carried on by Newton steps, since no optimiser that compares deviances gets the
last digits of a standard error; where lme4 stops by itself is stored beside it.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt import SpecError, mixed_model
from pgsicbt.models import MixedModel
from pgsicbt.models.engine.inference import f_test_satterthwaite
from pgsicbt.models.engine.kenward_roger import f_test
from pgsicbt.models.engine.robust import RobustKind
from tests.real_files import REFRAMED, needs_real_files

REFERENCE = Path(__file__).parents[1] / "reference"
CASES: dict[str, Any] = json.loads((REFERENCE / "lme4.json").read_text(encoding="utf-8"))
KEYS = sorted(k for k in CASES if "/" in k)
RANDOM = [k for k in KEYS if "random" in CASES[k]]

# With time in units of 1e-4 weeks the numerical derivatives of R lose their digits. The same
# model in days, in its units, is what must come out.
UNITS = {f"years/big/{m}": (f"years/days/{m}", 1e4 / 7) for m in ("REML", "ML")}
# Where lme4, with its own optimiser and tolerance, stops short of the optimum by more than 1e-6.
STOPS_SHORT = {
    "together/plain/ML",
    "dropout/factors/ML",
    "curved/three/REML",
    "curved/three/ML",
    "curved/three_uncorrelated/REML",
    "years/days/REML",
    "years/days/ML",
    "years/big/REML",
    "years/big/ML",
}


def _marked(keys: list[str]) -> list[Any]:
    """Cases as parameters, with the mark of those that read a real file."""
    return [
        pytest.param(k, marks=needs_real_files if k.startswith("reframed/") else ()) for k in keys
    ]


def _r_name(term: str) -> str:
    """sexmale is how R writes sex[T.male]."""
    return term.replace("[T.", "").replace("]", "")


@cache
def _model(key: str) -> MixedModel:
    want, data = CASES[key], key.split("/")[0]
    path = REFERENCE / "data" / f"{data}.csv" if data != "reframed" else REFRAMED
    terms = want.get("random", [])
    return mixed_model(
        want["fixed"],
        pd.read_csv(path),
        groups=want["id"],
        random=" + ".join(["1", *terms[1:]]) if terms else "0",
        reml=key.endswith("REML"),
        correlated=want.get("correlated", True),
    )


def _order(model: MixedModel, key: str) -> list[int]:
    """Positions of R's terms among ours."""
    names = [_r_name(t) for t in model.coefficients.index]
    assert sorted(names) == sorted(CASES[key]["terms"])
    return [names.index(t) for t in CASES[key]["terms"]]


def _units(key: str) -> tuple[dict[str, Any], np.ndarray]:
    """What to compare with, and how many of its units one unit of each coefficient is."""
    want = CASES[key]
    if key not in UNITS:
        return want, np.ones(len(want["terms"]))
    other, factor = UNITS[key]
    return CASES[other], np.array([factor if "big" in t else 1.0 for t in want["terms"]])


def _rows(model: MixedModel, terms: list[str]) -> np.ndarray:
    names = [_r_name(t) for t in model.coefficients.index]
    return np.eye(len(names))[[names.index(t) for t in terms]]


def test_the_reference_covers_the_designs_it_should() -> None:
    designs = {k.rsplit("/", 1)[0] for k in KEYS}
    assert len(designs) >= 15 + 20
    assert {d.split("/")[0] for d in designs} >= {
        *("balanced", "dropout", "sparse", "boundary", "small", "together", "opposite", "flat"),
        *("uneven", "curved", "years", "near", "far", "reframed"),
    }
    assert all(f"{d}/{m}" in KEYS for d in designs for m in ("REML", "ML"))
    assert {len(CASES[k]["random"]) for k in RANDOM} == {1, 2, 3}
    assert {CASES[k]["correlated"] for k in RANDOM} == {True, False}


@pytest.mark.parametrize("key", _marked(KEYS))
def test_estimates_equal_lme4(key: str) -> None:
    model, want = _model(key), CASES[key]
    assert model.converged
    assert model.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-6)
    order = _order(model, key)
    gap = model.coefficients.to_numpy()[order] - want["estimate"]
    np.testing.assert_allclose(gap / want["std_error"], 0, atol=1e-5)
    same, factor = _units(key)
    se = model.std_errors.to_numpy()[order] * factor
    np.testing.assert_allclose(se, same["std_error"], rtol=1e-6)
    assert model.residual_variance == pytest.approx(same["sigma2"], rel=2e-6)


@pytest.mark.parametrize("key", _marked(RANDOM))
def test_random_covariance_equals_lme4(key: str) -> None:
    same, _ = _units(key)
    want = np.atleast_2d(same["covariance"])
    by = np.diag(
        [UNITS[key][1] if key in UNITS and t == "big" else 1.0 for t in CASES[key]["random"]]
    )
    got = by @ _model(key).random_covariance.to_numpy() @ by
    sd = np.sqrt(np.diag(want))
    sd = np.maximum(sd, 0.02 * sd.max())
    np.testing.assert_allclose((got - want) / np.outer(sd, sd), 0, atol=1e-5)
    values = np.linalg.eigvalsh(want / np.outer(sd, sd))
    assert _model(key).singular == bool(values[0] < 1e-7)


@pytest.mark.parametrize("key", _marked(RANDOM))
def test_where_lme4_stops_short_of_the_optimum(key: str) -> None:
    """lme4 by itself never ends above our optimum, and where it ends below is known."""
    ours, want = _model(key).log_likelihood, CASES[key]
    assert ours > want["default"] - 1e-6
    assert ours > want["tight"] - 1e-6
    short = ours - want["default"]
    assert (short > 1e-6) == (key in STOPS_SHORT), f"ours {ours:.7f}, lme4 {want['default']:.7f}"


@pytest.mark.parametrize("key", _marked(RANDOM))
def test_satterthwaite_equals_lmertest(key: str) -> None:
    model = _model(key)
    same, _ = _units(key)
    df = np.array([model.test(t).df for t in model.coefficients.index])[_order(model, key)]
    np.testing.assert_allclose(df, np.array(same["df"], dtype=float), rtol=1e-3)


@pytest.mark.parametrize("which", ["wanted", "all"])
@pytest.mark.parametrize("key", _marked(RANDOM))
def test_joint_tests_equal_lmertest_and_pbkrtest(key: str, which: str) -> None:
    model, want = _model(key), CASES[key]["joint"][which]
    rows = _rows(model, want["terms"])
    got = f_test_satterthwaite(model.lmm.fixed, rows)
    assert got.df_numerator == len(rows)
    if key in UNITS:  # lmerTest takes coefficients of very unlike size for dependent
        assert want["num_df"] < len(rows)
        same = CASES[UNITS[key][0]]["joint"][which]
        assert got.statistic == pytest.approx(same["F"], rel=1e-5)
        return
    assert want["num_df"] == len(rows)
    assert got.statistic == pytest.approx(want["F"], rel=1e-5)
    assert got.df_denominator == pytest.approx(want["df"], rel=1e-3)
    if "kr_F" in want:
        small = f_test(model.kenward_roger, rows)
        assert small.statistic == pytest.approx(want["kr_F"], rel=1e-4)
        assert small.df_denominator == pytest.approx(want["kr_df"], rel=1e-4)


@pytest.mark.parametrize("key", _marked([k for k in RANDOM if k.endswith("/REML")]))
def test_kenward_roger_equals_pbkrtest(key: str) -> None:
    model = _model(key)
    same, factor = _units(key)
    tests = [model.test(t, df="kenward-roger") for t in model.coefficients.index]
    at = _order(model, key)
    se = np.array([t.std_error for t in tests])[at] * factor
    np.testing.assert_allclose(se, same["kr"]["std_error"], rtol=1e-4)
    np.testing.assert_allclose(np.array([t.df for t in tests])[at], same["kr"]["df"], rtol=1e-4)


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
@pytest.mark.parametrize("key", _marked(KEYS))
def test_robust_errors_equal_clubsandwich(key: str, kind: RobustKind) -> None:
    model = _model(key)
    same, factor = _units(key)
    tests = [model.test_robust(t, kind) for t in model.coefficients.index]
    at = _order(model, key)
    se = np.array([t.std_error for t in tests])[at] * factor
    np.testing.assert_allclose(se, same[kind]["std_error"], rtol=1e-6)
    np.testing.assert_allclose(np.array([t.df for t in tests])[at], same[kind]["df"], rtol=1e-5)


def test_kenward_roger_needs_reml() -> None:
    with pytest.raises(SpecError, match="needs a REML fit"):
        _model("small/plain/ML").test("x", df="kenward-roger")


@needs_real_files
def test_the_published_fit_of_the_reframed_trial() -> None:
    """phq9 ~ month * grp + (1 | patient), REML: every printed digit of the published fit."""
    model = _model("reframed/intercept/REML")
    test = model.test("month:grp[T.TAU]")
    assert f"{model.log_likelihood:.1f}" == "-7108.5"
    assert f"{test.statistic**2:.4f}" == "5.9612"
    assert f"{test.df:.1f}" == "2240.6"
    assert f"{test.p_value:.4f}" == "0.0147"
