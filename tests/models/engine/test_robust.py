"""Cluster-robust covariance: what must hold anyway. R's numbers: test_against_lme4."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt import SpecError, mixed_model
from pgsicbt.models.engine import robust


def _frame(seed: int = 3, n: int = 30, visits: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    code, time = np.repeat(np.arange(n), visits), np.tile(np.arange(float(visits)), n)
    x, u = rng.normal(size=n), rng.normal(0, 3, n)
    y = 10 + x[code] + u[code] - time + rng.normal(size=len(code)) * (1 + np.abs(x[code]))
    return pd.DataFrame({"id": code, "time": time, "x": x[code], "y": y})


def test_people_with_many_visits_are_the_same_in_fewer_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = mixed_model("y ~ time * x", _frame(visits=12), groups="id", random="1 + time")
    short = model.test_robust("time:x")
    model._robust.clear()
    monkeypatch.setattr(robust, "turned", lambda x, z, r: (x, z, r))
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
