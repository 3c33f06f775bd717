"""Groups of people as clusters, against clubSandwich."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt.errors import SpecError
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import LmmFit, fit_lmm
from pgsicbt.models.engine.robust import Visits
from pgsicbt.models.engine.robust_groups import inverse_root
from pgsicbt.models.engine.robust_rows import robust_contrasts, robust_f_test, robust_terms

HERE = Path(__file__).parents[1] / "reference"
REFERENCE = json.loads((HERE / "robust_groups.json").read_text())
SETS = [(n, m) for n in ("small", "sparse", "dropout") for m in ("plain", "decided")]


def _fitted(name: str, model: str) -> tuple[Visits, LmmFit]:
    d = pd.read_csv(HERE / "data" / f"{name}.csv")
    one, late = np.ones(len(d)), np.maximum(d["time"] - 2, 0)
    code, y = pd.factorize(d["id"])[0], d["y"].to_numpy()
    cluster = np.floor(np.sqrt(2 * np.arange(code.max() + 1) + 0.25) - 0.5).astype(int)
    columns = {
        "(Intercept)": one, "time": d["time"], "late": late, "x": d["x"], "age": d["age"],
        "lone": cluster[code] == 2, "time:x": d["time"] * d["x"], "time:age": d["time"] * d["age"],
        "late:x": late * d["x"], "late:age": late * d["age"],
    }  # fmt: skip
    names = tuple(REFERENCE[name][model]["terms"])
    design = np.column_stack([columns[n] for n in names]).astype(float)
    basis = np.column_stack([one, d["time"]])
    fit = fit_lmm(cross_products(names, design, y, basis, code))
    return Visits(names, design, y, basis, code, cluster=cluster), fit


@pytest.mark.parametrize(("name", "model"), SETS)
@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_covariance_and_degrees_of_freedom_are_those_of_clubsandwich(name, model, kind) -> None:
    want = REFERENCE[name][model][kind]
    got = robust_terms(*_fitted(name, model), kind)
    covariance = np.array(want["covariance"], dtype=float)
    scale = np.sqrt(np.outer(np.diag(covariance), np.diag(covariance)))
    known = scale > 1e-9  # a coefficient that one group decides has no robust variance
    assert np.abs((got.covariance - covariance) / np.where(known, scale, 1.0)).max() < 2e-5
    df = np.array([np.nan if v is None else v for v in want["df"]], dtype=float)
    told = np.isfinite(df) & (np.diag(covariance) > 1e-9)
    np.testing.assert_allclose(got.df[told], df[told], rtol=2e-4 if model == "decided" else 2e-5)


@pytest.mark.parametrize(("name", "model"), [s for s in SETS if s[1] == "plain"])
@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_several_at_once_are_tested_as_by_clubsandwich(name, model, kind) -> None:
    want = REFERENCE[name][model][kind]
    got = robust_f_test(*_fitted(name, model), np.array(want["rows"], dtype=float), kind)
    assert got.statistic == pytest.approx(want["F"], rel=2e-5)
    assert got.df_denominator == pytest.approx(want["F_df"], rel=2e-5)
    assert got.p_value == pytest.approx(want["F_p"], rel=2e-5)


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_groups_of_one_are_people(kind) -> None:
    visits, fit = _fitted("dropout", "plain")
    alone = dataclasses.replace(visits, cluster=np.arange(visits.person.max() + 1))
    people = dataclasses.replace(visits, cluster=None)
    for rows in (np.eye(len(visits.names)), np.ones((1, len(visits.names)))):
        a, b = (robust_contrasts(v, fit, rows, kind) for v in (alone, people))
        np.testing.assert_allclose(a.std_error, b.std_error, rtol=1e-8)
        np.testing.assert_allclose(a.df, b.df, rtol=1e-7)


def test_one_group_is_no_cluster() -> None:
    visits, fit = _fitted("small", "plain")
    one = dataclasses.replace(visits, cluster=np.zeros(visits.person.max() + 1, dtype=int))
    with pytest.raises(SpecError, match="two groups"):
        robust_terms(one, fit)


@pytest.mark.parametrize("condition", [1.0, 10.0, 1e3, 1e6])
def test_the_sum_of_resolvents_is_the_inverse_root(condition: float) -> None:
    weights, shifts = inverse_root(0.3, 0.3 * condition)
    a = np.geomspace(0.3, 0.3 * condition, 40)
    found = (weights[:, None] / (a[None, :] + shifts[:, None])).sum(axis=0)
    np.testing.assert_allclose(found, a**-0.5, rtol=1e-10)
