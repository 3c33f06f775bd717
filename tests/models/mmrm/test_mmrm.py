"""The categorical-time model: derivatives, what must hold of any fit, bad input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models.formula.formula import mixed_model
from pgsicbt.models.mmrm import marginal
from pgsicbt.models.mmrm.mmrm import MarginalModel, mmrm
from pgsicbt.models.mmrm.residual_structures import StructureName, structure_named
from pgsicbt.models.mmrm.visit_patterns import visit_patterns

STRUCTURES = get_args(StructureName)


# Derivatives, and what must hold of any fit.


def _cohort(
    seed: int, n: int = 60, m: int = 4, missed: float = 0.2, noise: float = 3.0
) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    x, u = rng.normal(size=n), rng.normal(size=n) * 3.0
    y = 20 - np.arange(m) + x[:, None] + u[:, None] + rng.normal(size=(n, m)) * noise
    keep = rng.random((n, m)) >= missed
    keep[:, 0] = True
    who, visit = np.nonzero(keep)
    return pd.DataFrame(
        {"id": who, "visit": visit, "x": x[who], "y": y[who, visit]}, index=np.arange(len(who)) + 7
    )


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("natural", [False, True])
def test_derivatives_of_sigma(structure: str, natural: bool) -> None:
    chosen = structure_named(structure, 4)
    rng = np.random.default_rng(1)
    theta = chosen.start(np.array([1.0, 2.0, 0.5, 3.0]), np.full((4, 4), 0.3))
    theta = theta + rng.normal(size=len(theta)) * 0.1
    by = chosen.natural(theta) if natural else chosen.derivatives(theta)
    steps = np.eye(len(theta)) * 1e-4
    first = np.array([chosen.sigma(theta + s) - chosen.sigma(theta - s) for s in steps]) / 2e-4
    g = rng.normal(size=(4, 4))
    g = g + g.T
    second = np.array(
        [
            [
                float(((chosen.sigma(theta + a + b) - chosen.sigma(theta + a - b)
                 - chosen.sigma(theta - a + b) + chosen.sigma(theta - a - b)) * g).sum()) / 4e-8
                for b in steps
            ]
            for a in steps
        ]
    )  # fmt: skip
    if not natural:
        np.testing.assert_allclose(by.jacobian, first, atol=1e-6)
        np.testing.assert_allclose(by.curvature(g), second, atol=1e-4)
        return
    # The same curve in other parameters: the chain rule through the change of parameters.
    k = len(theta)
    flat = by.jacobian.reshape(k, -1)
    change = np.linalg.lstsq(flat.T, first.reshape(k, -1).T, rcond=None)[0]
    np.testing.assert_allclose(np.tensordot(change.T, by.jacobian, axes=1), first, atol=1e-6)
    unit = rng.normal(size=(k, k))
    weights = unit + unit.T
    if structure in ("unstructured", "compound_symmetry", "toeplitz"):
        assert not by.bend(weights).any()
    else:
        total = float((weights * by.curvature(g)).sum())
        assert float((by.bend(weights) * g).sum()) == pytest.approx(total, rel=1e-10)


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("reml", [True, False])
def test_derivatives_of_the_deviance(structure: str, reml: bool) -> None:
    frame = _cohort(3)
    patterns = visit_patterns(
        ("1", "x"),
        np.column_stack([np.ones(len(frame)), frame["x"]]),
        frame["y"].to_numpy(),
        pd.factorize(frame["id"])[0],
        frame["visit"].to_numpy(),
        4,
    )
    chosen = structure_named(structure, 4)
    data = marginal._prepare(patterns, reml)
    theta = chosen.start(*marginal._rough(data)) + 0.05

    def at(t: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        solved = marginal._solve(data, chosen.sigma(t))
        assert solved is not None
        ev = marginal._evaluate(data, solved)
        return solved.deviance, *marginal._hessian(ev, chosen.derivatives(t), reml)[:2]

    _, grad, hess = at(theta)
    steps = np.eye(len(theta)) * 1e-5
    slope = np.array([at(theta + s)[0] - at(theta - s)[0] for s in steps]) / 2e-5
    bend = np.array([at(theta + s)[1] - at(theta - s)[1] for s in steps]) / 2e-5
    np.testing.assert_allclose(grad, slope, atol=1e-6 * np.abs(grad).max() + 1e-6)
    np.testing.assert_allclose(hess, bend, atol=1e-6 * np.abs(hess).max())


def _same(a: MarginalModel, b: MarginalModel, terms: Sequence[str] = ("x",)) -> None:
    assert a.log_likelihood == pytest.approx(b.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(a.coefficients, b.coefficients, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(a.std_errors, b.std_errors, rtol=1e-6)
    for term in terms:
        one, other = a.test(term, "kenward-roger"), b.test(term, "kenward-roger")
        assert (one.df, one.std_error) == pytest.approx((other.df, other.std_error), rel=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), structure=st.sampled_from(STRUCTURES))
def test_order_of_rows_does_not_matter(seed: int, structure: StructureName) -> None:
    frame = _cohort(seed)
    shuffled = frame.sample(frac=1.0, random_state=seed)
    one = mmrm("y ~ C(visit) + x", frame, structure=structure)
    _same(one, mmrm("y ~ C(visit) + x", shuffled, structure=structure))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), structure=st.sampled_from(STRUCTURES))
def test_units_pass_through(seed: int, structure: StructureName) -> None:
    frame = _cohort(seed)
    moved = frame.assign(y=1000.0 * frame["y"] - 5.0, x=frame["x"] / 50.0)
    one = mmrm("y ~ C(visit) + x", frame, structure=structure)
    other = mmrm("y ~ C(visit) + x", moved, structure=structure)
    assert other.coefficients["x"] == pytest.approx(50_000 * one.coefficients["x"], rel=1e-6)
    assert other.std_errors["x"] == pytest.approx(50_000 * one.std_errors["x"], rel=1e-6)
    np.testing.assert_allclose(
        other.residual_covariance, 1e6 * one.residual_covariance, rtol=1e-4, atol=1e2
    )
    df = [m.test("x", "kenward-roger").df for m in (one, other)]
    assert df[0] == pytest.approx(df[1], rel=1e-5)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(12, 80), m=st.integers(2, 5))
def test_unstructured_with_complete_data_is_multivariate_regression(
    seed: int, n: int, m: int
) -> None:
    frame = _cohort(seed, n, m, missed=0.0)
    model = mmrm("y ~ 0 + C(visit) + C(visit):x", frame)
    wide = frame.pivot_table(index="id", columns="visit", values="y").to_numpy()
    x = np.column_stack([np.ones(n), frame.groupby("id")["x"].first()])
    b, *_ = np.linalg.lstsq(x, wide, rcond=None)
    resid = wide - x @ b
    s = resid.T @ resid / (n - 2)
    np.testing.assert_allclose(model.coefficients, np.concatenate([b[0], b[1]]), atol=1e-8)
    np.testing.assert_allclose(model.residual_covariance, s, rtol=1e-5, atol=1e-6)
    se = np.sqrt(np.outer(np.diag(np.linalg.inv(x.T @ x)), np.diag(s))).ravel()
    np.testing.assert_allclose(model.std_errors, se, rtol=1e-6)
    # Each visit by itself is a regression, whose t tests are exact.
    for term in model.coefficients.index:
        assert model.test(term).df == pytest.approx(n - 2, rel=1e-5)
        test = model.test(term, df="kenward-roger")
        assert test.df == pytest.approx(n - 2, rel=1e-5)
        assert test.std_error == pytest.approx(model.std_errors[term], rel=1e-6)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000), reml=st.booleans())
def test_compound_symmetry_is_a_random_intercept(seed: int, reml: bool) -> None:
    frame = _cohort(seed)
    model = mmrm("y ~ C(visit) * x", frame, structure="compound_symmetry", reml=reml)
    assert model.residual_correlation.iloc[0, 1] > 0
    mixed = mixed_model("y ~ C(visit) * x", frame, groups="id", random="1", reml=reml)
    assert model.log_likelihood == pytest.approx(mixed.log_likelihood, abs=1e-7)
    np.testing.assert_allclose(model.coefficients, mixed.coefficients, atol=1e-6)
    np.testing.assert_allclose(model.std_errors, mixed.std_errors, rtol=1e-6)
    between = float(mixed.random_covariance.iloc[0, 0])
    assert model.residual_covariance.iloc[0, 1] == pytest.approx(between, rel=1e-4)
    assert model.test("x").df == pytest.approx(mixed.test("x").df, rel=1e-4)


def test_a_negative_correlation_is_found_where_a_random_intercept_has_none() -> None:
    rng = np.random.default_rng(4)
    e = rng.multivariate_normal(np.zeros(3), 1.3 * np.eye(3) - 0.3, 200)
    frame = pd.DataFrame(
        {"id": np.repeat(np.arange(200), 3), "visit": np.tile([0, 1, 2], 200), "y": e.ravel()}
    )
    model = mmrm("y ~ C(visit)", frame, structure="compound_symmetry")
    assert model.residual_correlation.iloc[0, 1] == pytest.approx(-0.3, abs=0.07)


def test_compression_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = _cohort(5, n=300, missed=0.1).assign(late=lambda f: f["visit"] * f["x"])
    one = mmrm("y ~ C(visit) + x + late", frame)
    monkeypatch.setattr("pgsicbt.models.mmrm.visit_patterns._AT_ONCE", 37)
    _same(one, mmrm("y ~ C(visit) + x + late", frame), ("x", "late"))
    monkeypatch.setattr("pgsicbt.models.mmrm.visit_patterns._compressed", lambda block: block)
    _same(one, mmrm("y ~ C(visit) + x + late", frame), ("x", "late"))
    assert one.n_persons == 300
    assert one.n_observations == len(frame)


def test_visits_of_very_different_spread() -> None:
    frame = _cohort(6, n=80)
    frame["y"] *= np.array([1e-3, 1.0, 1e3, 10.0])[frame["visit"]]
    model = mmrm("y ~ 0 + C(visit)", frame)
    assert model.converged
    even = mmrm("y ~ 0 + C(visit)", _cohort(6, n=80))
    np.testing.assert_allclose(model.residual_correlation, even.residual_correlation, atol=1e-5)


def test_f_test_of_one_term_is_its_t_test() -> None:
    model = mmrm("y ~ C(visit) * x", _cohort(7))
    one = model.f_test(["x"])
    t = model.test("x", df="kenward-roger")
    assert one.statistic == pytest.approx(t.statistic**2, rel=1e-8)
    assert one.df_denominator == pytest.approx(t.df, rel=1e-8)
    assert one.p_value == pytest.approx(t.p_value, rel=1e-6)
    joint = model.f_test([f"C(visit)[T.{k}]:x" for k in (1, 2, 3)])
    assert joint.df_numerator == 3
    assert 20 < joint.df_denominator < 60
    plain = model.f_test(["x"], df="satterthwaite")
    t = model.test("x")
    assert plain.statistic == pytest.approx(t.statistic**2, rel=1e-8)
    assert plain.df_denominator == pytest.approx(t.df, rel=1e-6)
    z = model.test("x", df="normal")
    assert z.df == np.inf
    assert z.conf_high - z.estimate == pytest.approx(1.959964 * z.std_error, rel=1e-5)


def test_kenward_roger_df_of_four_people_more_than_coefficients() -> None:
    """Exactly 4 df, where the general formula divides zero by zero."""
    model = mmrm(
        "y ~ C(visit) + x", _cohort(8, n=6, m=3, missed=0.0), structure="compound_symmetry"
    )
    assert model.test("x", df="kenward-roger").df == pytest.approx(4.0, rel=1e-6)


# The order of visits.


def test_visits_keep_their_order() -> None:
    frame = _cohort(9, m=4)
    base = mmrm("y ~ x", frame, structure="ar1")
    named = frame.assign(visit=[f"week {9 + v}" for v in frame["visit"]])
    model = mmrm("y ~ x", named, structure="ar1")
    assert list(model.residual_covariance.index) == ["week 9", "week 10", "week 11", "week 12"]
    _same(base, model)
    order = ["screening", "pre", "week 1", "post"]
    labels = pd.Categorical.from_codes(frame["visit"], order)
    model = mmrm("y ~ x", frame.assign(visit=labels), structure="ar1")
    assert list(model.residual_covariance.columns) == order
    _same(base, model)
    text = frame.assign(visit=np.array(order)[frame["visit"]])
    with pytest.raises(SpecError, match="order of the visits in the column 'visit'"):
        mmrm("y ~ x", text, structure="ar1")
    _same(mmrm("y ~ x", frame), mmrm("y ~ x", text))


# Bad input.


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"visit": 1}, DataError, "'visit' has only one visit"),
        ({"y": np.inf}, DataError, "'y' holds values that are not finite"),
        ({"x": -np.inf}, DataError, "'x' holds values that are not finite"),
        ({"y": np.nan}, DataError, "No row has a value"),
        ({"y": 3.0}, FitError, "determine the outcome exactly"),
    ],
)
def test_bad_columns(change: dict[str, float], error: type[Exception], message: str) -> None:
    frame = _cohort(10)
    if "visit" in change:
        frame = frame.drop_duplicates("id")
    with pytest.raises(error, match=message):
        mmrm("y ~ x", frame.assign(**change))  # type: ignore[arg-type]


def test_a_visit_nobody_has() -> None:
    frame = _cohort(11)
    labels = pd.Categorical(frame["visit"], categories=[0, 1, 2, 3, 4])
    with pytest.raises(DataError, match="Nobody has a value at the visit '4'") as caught:
        mmrm("y ~ x", frame.assign(visit=labels))
    assert caught.value.column == "visit"
    frame.loc[frame["visit"] == 2, "y"] = np.nan
    with pytest.raises(DataError, match="Nobody has a value at the visit '2'"):
        mmrm("y ~ x", frame)


def test_a_person_twice_at_a_visit() -> None:
    frame = _cohort(12).rename(columns={"visit": "occasion"})
    twice = pd.concat([frame, frame.iloc[[0]]])
    with pytest.raises(DataError, match="twice at one visit of the column 'occasion'") as caught:
        mmrm("y ~ x", twice, visit="occasion")
    assert caught.value.column == "occasion"
    # A second row without an outcome is no second visit.
    empty = frame.iloc[[0]].assign(y=np.nan)
    model = mmrm("y ~ x", pd.concat([frame, empty]), visit="occasion")
    assert model.n_observations == len(frame)


def test_names_that_are_not_there() -> None:
    frame = _cohort(13)
    with pytest.raises(SpecError, match="no column 'week'"):
        mmrm("y ~ x", frame, visit="week")
    with pytest.raises(SpecError, match="no column 'person'"):
        mmrm("y ~ x", frame, subject="person")
    with pytest.raises(SpecError, match="cannot be read"):
        mmrm("y ~ nothing", frame)
    with pytest.raises(SpecError, match="structure cannot be 'spherical'"):
        mmrm("y ~ x", frame, structure="spherical")  # type: ignore[arg-type]
    model = mmrm("y ~ x", frame)
    with pytest.raises(SpecError, match="no term 'age'"):
        model.test("age")
    with pytest.raises(SpecError, match="df cannot be 'exact'"):
        model.test("x", df="exact")  # type: ignore[arg-type]
    with pytest.raises(SpecError, match="different terms"):
        model.f_test(["x", "x"])
    with pytest.raises(SpecError, match="needs a REML fit"):
        mmrm("y ~ x", frame, reml=False).test("x", df="kenward-roger")


def test_a_dependent_column_is_dropped_by_name() -> None:
    frame = _cohort(14).assign(double=lambda f: 2.0 * f["x"], zero=0.0)
    model = mmrm("y ~ C(visit) + x + double + zero", frame)
    assert model.dropped == ("double", "zero")
    said = {w.column: w.message for w in model.warnings}
    assert "earlier columns determine it" in said["double"]
    assert "zero throughout" in said["zero"]
    _same(model, mmrm("y ~ C(visit) + x", frame))


def test_more_parameters_than_the_data_hold() -> None:
    few = _cohort(15, n=3, m=4, missed=0.0)
    with pytest.raises(FitError, match="3 people for the unstructured covariance of 4 visits"):
        mmrm("y ~ C(visit) + x", few)
    with pytest.raises(FitError, match="5 coefficients and 7 covariance parameters"):
        mmrm("y ~ C(visit) + x", few, structure="heterogeneous_toeplitz")
    with pytest.raises(FitError, match="4 people for the unstructured covariance of 4 visits"):
        mmrm("y ~ C(visit)", _cohort(15, n=4, m=4, missed=0.0))
    copied = _cohort(15, missed=0.0)
    first = copied.groupby("id")["y"].transform("first")
    copied["y"] = copied["y"].where(copied["visit"] != 3, first)
    with pytest.raises(FitError, match="nearly determined by the others"):
        mmrm("y ~ C(visit)", copied)
    frame = _cohort(16)
    apart = frame[~((frame["visit"] == 3) & frame["id"].lt(30))]
    apart = apart[~((apart["visit"] == 2) & apart["id"].ge(30))]
    with pytest.raises(FitError, match="both of the visits '2' and '3'"):
        mmrm("y ~ x", apart)
    near = frame[~(frame["visit"].isin([0]) & frame["id"].lt(30))]
    near = near[~(near["visit"].isin([3]) & near["id"].ge(30))]
    with pytest.raises(FitError, match="two visits 3 steps apart"):
        mmrm("y ~ x", near, structure="toeplitz")
    assert mmrm("y ~ x", near, structure="ar1").converged
    with pytest.raises(FitError, match="more than one visit"):
        mmrm("y ~ x", frame.drop_duplicates("id").assign(visit=lambda f: f["id"] % 2))


def test_non_convergence_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginal, "_MAX_STEPS", 1)
    model = mmrm("y ~ C(visit) + x", _cohort(17))
    assert not model.converged
    assert (
        "did not converge in 1 steps"
        in {w.code: w.message for w in model.warnings}["not_converged"]
    )
