"""Robust tests of combinations against clubSandwich, and against what they must agree with."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.robust import Visits, cluster_robust
from pgsicbt.models.engine.robust_rows import robust_contrasts, robust_f_test

HERE = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((HERE / "robust_rows.json").read_text())
SETS = ("small", "sparse", "dropout")


def _fitted(name: str) -> tuple[Visits, LmmFit]:
    d = pd.read_csv(HERE / "data" / f"{name}.csv")
    one, late = np.ones(len(d)), np.maximum(d["time"] - 2, 0)
    columns = {
        "(Intercept)": one, "time": d["time"], "late": late, "x": d["x"], "age": d["age"],
        "time:x": d["time"] * d["x"], "time:age": d["time"] * d["age"],
        "late:x": late * d["x"], "late:age": late * d["age"],
    }  # fmt: skip
    names = tuple(REFERENCE[name]["terms"])
    design = np.column_stack([columns[n] for n in names])
    basis = np.column_stack([one, d["time"]])
    code, y = pd.factorize(d["id"])[0], d["y"].to_numpy()
    fit = fit_lmm(cross_products(names, design, y, basis, code))
    return Visits(names, design, y, basis, code), fit


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("kind", ["CR0", "CR2"])
@pytest.mark.parametrize("which", ["two", "three", "change"])
def test_several_at_once_are_tested_as_by_clubsandwich(name, kind, which) -> None:
    want = REFERENCE[name][kind][which]
    got = robust_f_test(*_fitted(name), np.array(want["rows"]), kind)
    assert got.statistic == pytest.approx(want["F"], rel=1e-5)
    assert got.df_denominator == pytest.approx(want["df"], rel=1e-5)
    assert got.p_value == pytest.approx(want["p"], rel=1e-5)
    assert got.df_numerator == len(want["rows"])


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_one_by_one_they_are_the_tests_of_coefficients(kind) -> None:
    visits, fit = _fitted("dropout")
    ours = robust_contrasts(visits, fit, np.eye(len(visits.names)), kind)
    want = cluster_robust(visits, fit, kind).terms()
    for field in ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high"):
        np.testing.assert_allclose(getattr(ours, field), getattr(want, field), rtol=1e-8)


def test_the_joint_test_does_not_depend_on_how_the_combinations_are_written() -> None:
    visits, fit = _fitted("small")
    rows = np.array(REFERENCE["small"]["CR2"]["two"]["rows"])
    one = robust_f_test(visits, fit, rows)
    other = robust_f_test(visits, fit, np.array([[2.0, 1e4], [1.0, -3e4]]) @ rows)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-7)
    assert other.df_denominator == pytest.approx(one.df_denominator, rel=1e-7)


def test_too_few_people_for_so_many_combinations_never_reject() -> None:
    visits = _fitted("small")[0]
    few = visits.person < 6
    part = Visits(visits.names, visits.design[few], visits.outcome[few], visits.basis[few],
                  visits.person[few])  # fmt: skip
    names = part.names
    again = fit_lmm(cross_products(names, part.design, part.outcome, part.basis, part.person))
    got = robust_f_test(part, again, np.eye(len(again.fixed.names))[1:])
    assert (got.statistic, got.p_value) == (0.0, 1.0)
