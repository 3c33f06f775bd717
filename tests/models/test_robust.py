"""Cluster-robust covariance against stored output of clubSandwich, and what must hold anyway."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pgsicbt import SpecError, mixed_model
from pgsicbt.models import MixedModel, robust

REFERENCE = Path(__file__).parent / "reference"
CASES = json.loads((REFERENCE / "clubsandwich.json").read_text(encoding="utf-8"))
KEYS = sorted(k for k in CASES if "/" in k)
FORMULAS = {
    "plain": ("y ~ time * x", "1 + time"),
    "adjusted": ("y ~ time * (x + age + sex + site)", "1 + time"),
    "intercept": ("y ~ time * x", "1"),
    "none": ("y ~ time * x + sex", "0"),
}


def _model(key: str) -> MixedModel:
    data, name, method = key.split("/")
    formula, random = FORMULAS[name]
    frame = pd.read_csv(REFERENCE / "data" / f"{data}.csv")
    return mixed_model(formula, frame, groups="id", random=random, reml=method == "REML")


def _order(model: MixedModel, terms: list[str]) -> list[int]:
    names = [t.replace("[T.", "").replace("]", "") for t in model.coefficients.index]
    return [names.index(t) for t in terms]


def _frame(seed: int = 3, n: int = 30, visits: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    code, time = np.repeat(np.arange(n), visits), np.tile(np.arange(float(visits)), n)
    x, u = rng.normal(size=n), rng.normal(0, 3, n)
    y = 10 + x[code] + u[code] - time + rng.normal(size=len(code)) * (1 + np.abs(x[code]))
    return pd.DataFrame({"id": code, "time": time, "x": x[code], "y": y})


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
@pytest.mark.parametrize("key", KEYS)
def test_covariance_and_df_equal_clubsandwich(key: str, kind: robust.RobustKind) -> None:
    model, want = _model(key), CASES[key]
    assert model.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-7)
    order = _order(model, want["terms"])
    se = np.array(want[kind]["std_error"])
    got = model.covariance_robust(kind).to_numpy()[np.ix_(order, order)]
    np.testing.assert_allclose(got, want[kind]["covariance"], rtol=1e-6)
    tests = [model.test_robust(model.coefficients.index[i], kind) for i in order]
    np.testing.assert_allclose([t.std_error for t in tests], se, rtol=1e-6)
    np.testing.assert_allclose([t.df for t in tests], want[kind]["df"], rtol=1e-6)
    np.testing.assert_allclose([t.p_value for t in tests], want[kind]["p_value"], atol=1e-6)


def test_the_reference_covers_the_designs_it_should() -> None:
    assert len(KEYS) == 5 * (4 + 1)
    assert CASES["versions"]["clubSandwich"]


def test_people_with_many_visits_are_the_same_in_fewer_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = mixed_model("y ~ time * x", _frame(visits=12), groups="id", random="1 + time")
    short = model.test_robust("time:x")
    model._robust.clear()
    monkeypatch.setattr(robust, "_turned", lambda x, z, r: (x, z, r))
    full = model.test_robust("time:x")
    assert short.std_error == pytest.approx(full.std_error, rel=1e-10)
    assert short.df == pytest.approx(full.df, rel=1e-9)


def test_pieces_of_any_size_add_up_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = mixed_model("y ~ time * x", _frame(), groups="id", random="1")
    whole = model.test_robust("x")
    model._robust.clear()
    monkeypatch.setattr(robust, "_CHUNK", 70)
    pieces = model.test_robust("x")
    assert pieces.std_error == pytest.approx(whole.std_error, rel=1e-12)
    assert pieces.df == pytest.approx(whole.df, rel=1e-10)


def test_order_of_rows_and_units_do_not_matter() -> None:
    frame = _frame()
    a = mixed_model("y ~ time * x", frame, groups="id", random="1 + time").test_robust("time:x")
    mixed = frame.sample(frac=1, random_state=1).assign(time=lambda d: d["time"] * 1e4)
    b = mixed_model("y ~ time * x", mixed, groups="id", random="1 + time").test_robust("time:x")
    assert b.estimate * 1e4 == pytest.approx(a.estimate, rel=1e-6)
    assert b.std_error * 1e4 == pytest.approx(a.std_error, rel=1e-6)
    assert b.df == pytest.approx(a.df, rel=1e-5)


def test_a_person_who_alone_decides_a_column_keeps_the_result_finite() -> None:
    frame = _frame().assign(only=lambda d: (d["id"] == 7).astype(float))
    model = mixed_model("y ~ time + x + only", frame, groups="id", random="1")
    assert np.isfinite(model.covariance_robust("CR2").to_numpy()).all()
    assert model.test_robust("x").df > 1


def test_dropped_columns_are_ignored() -> None:
    frame = _frame().assign(twice=lambda d: 2 * d["x"])
    a = mixed_model("y ~ time + x", frame, groups="id", random="1").covariance_robust("CR2")
    both = mixed_model("y ~ time + x + twice", frame, groups="id", random="1")
    assert both.dropped == ("twice",)
    pd.testing.assert_frame_equal(both.covariance_robust("CR2"), a, rtol=1e-6)


def test_what_cannot_be_computed_is_refused() -> None:
    model = mixed_model("y ~ time + x", _frame(), groups="id", random="1")
    with pytest.raises(SpecError, match="cannot be 'HC3'"):
        model.covariance_robust("HC3")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="no term 'z'"):
        model.test_robust("z")
    alone = mixed_model("y ~ time", _frame(n=1, visits=9), groups="id", random="0")
    with pytest.raises(SpecError, match="at least two persons"):
        alone.covariance_robust("CR0")
