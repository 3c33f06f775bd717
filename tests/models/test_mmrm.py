"""The categorical-time model against nlme, SAS and what must hold of any fit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pgsicbt.errors import DataError, FitError, SpecError
from pgsicbt.models import marginal
from pgsicbt.models.formula import mixed_model
from pgsicbt.models.mmrm import MarginalModel, mmrm
from pgsicbt.models.residual_structures import StructureName, structure_named
from pgsicbt.models.visit_patterns import VisitPatterns, visit_patterns
from tests.serving import ROOT

REFERENCE = Path(__file__).parent / "reference"
CASES = json.loads((REFERENCE / "mmrm.json").read_text(encoding="utf-8"))
STRUCTURES = get_args(StructureName)
FEV = ROOT.parent / "shared" / "data" / "outcomes" / "fev_data_mmrm.csv"
needs_fev = pytest.mark.skipif(not FEV.is_file(), reason="no folder shared/data with real files")


def _r_name(term: str) -> str:
    """visit1 is how R writes C(visit)[T.1]."""
    return term.replace("C(visit)", "visit").replace("[T.", "").replace("]", "")


# Against nlme::gls.


def test_the_reference_covers_every_structure() -> None:
    keys = [k.split("/") for k in CASES if "/" in k]
    assert len({k[0] for k in keys}) == 3
    assert {k[1] for k in keys} == set(STRUCTURES)
    assert len(keys) == 3 * 7 * 2


@pytest.mark.parametrize("key", [k for k in CASES if "/" in k])
def test_fit_equals_gls(key: str) -> None:
    data, structure, method = key.split("/")
    want = CASES[key]
    frame = pd.read_csv(REFERENCE / "mmrm_data" / f"{data}.csv")
    got = mmrm("y ~ C(visit) * x + sex", frame, structure=structure, reml=method == "REML")  # type: ignore[arg-type]
    assert got.converged
    assert got.warnings == ()
    # gls by itself stops short of the optimum by up to 1e-7, never beyond it.
    assert got.log_likelihood > want["gls_stopped_at"] - 1e-9
    assert got.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-9)
    names = [_r_name(t) for t in got.coefficients.index]
    order = [names.index(t) for t in want["terms"]]
    estimate = got.coefficients.to_numpy()[order]
    np.testing.assert_allclose((estimate - want["estimate"]) / want["std_error"], 0, atol=1e-5)
    np.testing.assert_allclose(got.std_errors.to_numpy()[order], want["std_error"], rtol=1e-6)


# Against SAS PROC MIXED, output printed in design/SAS and tests/testthat of openpharma/mmrm.


@pytest.fixture(scope="module")
def fev() -> pd.DataFrame:
    return pd.read_csv(FEV)


def _fev(frame: pd.DataFrame, formula: str, structure: str, reml: bool = True) -> MarginalModel:
    return mmrm(formula, frame, "USUBJID", "AVISIT", structure, reml)  # type: ignore[arg-type]


# -2 (restricted) log-likelihood of FEV1 ~ 1: REML, ML. Where SAS's last step still moved it in
# the fifth decimal, ours is lower by less than 2e-5.
SAS_DEVIANCE = {
    "unstructured": (3700.94648570, 3700.68707570),
    "ar1": (3875.49945459, 3875.95352406),
    "heterogeneous_ar1": (3739.96835012, 3739.94416707),
    "compound_symmetry": (3917.98183508, 3918.12214544),
    "heterogeneous_compound_symmetry": (3784.85341599, 3784.63158043),
    "toeplitz": (3856.68995273, 3857.00777313),
    "heterogeneous_toeplitz": (3722.38018329, 3722.29178558),
}


@needs_fev
@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("reml", [True, False])
def test_deviance_equals_sas(fev: pd.DataFrame, structure: str, reml: bool) -> None:
    got = -2.0 * _fev(fev, "FEV1 ~ 1", structure, reml).log_likelihood
    want = SAS_DEVIANCE[structure][0 if reml else 1]
    assert want - 2e-5 < got < want + 5e-9


# Standard error with and without the second-derivative term, and df, of ARMCD in FEV1 ~ ARMCD.
SAS_KENWARD_ROGER = {
    "unstructured": (0.66124382270307, 0.66124382270307, 160.733266403768),
    "ar1": (0.95865439662225, 0.96058142305176, 188.46934887972),
    "heterogeneous_ar1": (0.7590316099633, 0.75924807546934, 188.225339095373),
    "compound_symmetry": (0.7964696053595, 0.7964696053595, 177.038485931223),
    "heterogeneous_compound_symmetry": (0.67414806011886, 0.67403858183242, 190.737701349941),
    "toeplitz": (0.87839805519623, 0.87839805519623, 160.027408337368),
    "heterogeneous_toeplitz": (0.72543828853831, 0.72537324518435, 180.062730071701),
}


@needs_fev
@pytest.mark.parametrize("structure", STRUCTURES)
def test_kenward_roger_equals_sas_up_to_where_sas_stops(fev: pd.DataFrame, structure: str) -> None:
    model = _fev(fev, "FEV1 ~ ARMCD", structure)
    got = model.test("ARMCD[T.TRT]", df="kenward-roger")
    want, linear, df = SAS_KENWARD_ROGER[structure]
    assert got.std_error == pytest.approx(want, rel=2e-4)
    assert got.df == pytest.approx(df, rel=5e-4)
    # The second-derivative term by itself: without it the variance would be another.
    patterns = _patterns(fev, "FEV1 ~ ARMCD")
    bent = _bent(patterns, structure)
    assert got.std_error**2 - bent == pytest.approx(linear**2, rel=4e-4)
    assert bent == pytest.approx(want**2 - linear**2, rel=2e-3, abs=1e-12)


def _patterns(frame: pd.DataFrame, formula: str) -> VisitPatterns:
    used = frame.dropna(subset=["FEV1"])
    columns = {"(Intercept)": np.ones(len(used))}
    if "ARMCD" in formula:
        columns["ARMCD"] = (used["ARMCD"] == "TRT").to_numpy(dtype=float)
    if "SEX" in formula:
        columns["SEX"] = (used["SEX"] == "Female").to_numpy(dtype=float)
    return visit_patterns(
        tuple(columns),
        np.column_stack(list(columns.values())),
        used["FEV1"].to_numpy(dtype=float),
        pd.factorize(used["USUBJID"])[0],
        pd.factorize(used["AVISIT"], sort=True)[0],
        4,
    )


def _bent(patterns: VisitPatterns, structure: str) -> float:
    """What the second-derivative term adds to the variance of the second coefficient."""
    chosen = structure_named(structure, 4)
    data = marginal._prepare(patterns, True)
    theta, _, _ = marginal._newton(data, chosen, chosen.start(*marginal._rough(data)), structure)
    solved = marginal._solve(data, chosen.sigma(theta))
    assert solved is not None
    ev = marginal._evaluate(data, solved)
    by = chosen.natural(theta)
    _, hess, _ = marginal._hessian(ev, by, True)
    r = np.tensordot(by.bend(2.0 * np.linalg.inv(hess)), ev.gram, axes=2)
    half = data.unit * data.back @ np.linalg.inv(solved.root)
    return float((half @ (-0.5 * r) @ half.T)[1, 1])


@needs_fev
def test_printed_digits_of_sas(fev: pd.DataFrame) -> None:
    model = _fev(fev, "FEV1 ~ ARMCD + SEX", "ar1")
    assert -2 * model.log_likelihood == pytest.approx(3853.30169736, abs=5e-9)
    assert model.residual_correlation.iloc[0, 1] == pytest.approx(0.3931, abs=5e-5)
    assert model.residual_covariance.iloc[0, 0] == pytest.approx(84.6947, abs=1e-4)
    test = model.test("ARMCD[T.TRT]")
    assert test.estimate == pytest.approx(4.2211, abs=5e-5)
    assert test.std_error == pytest.approx(0.9629, abs=5e-5)
    assert round(test.df) == 187
    assert (test.conf_low, test.conf_high) == pytest.approx((2.3216, 6.1206), abs=5e-5)
    ml = _fev(fev, "FEV1 ~ ARMCD + SEX", "ar1", reml=False).test("ARMCD[T.TRT]")
    assert (ml.estimate, ml.std_error) == pytest.approx((4.2196, 0.9553), abs=5e-5)
    assert round(ml.df) == 191


def _as_sas(formula: str, frame: pd.DataFrame) -> tuple[list[float], float, float, float, float]:
    """PROC MIXED's own course: MIVQUE0, then Newton steps until its criterion is below 1e-8.

    The start is one step of scoring from equal independent variances. Returns the deviance of
    every iterate, and at the last: estimate, standard error, the adjusted one, and df.
    """
    data = marginal._prepare(_patterns(frame, formula), True)
    structure = structure_named("unstructured", 4)
    by = structure.natural(np.zeros(0))
    at = np.tril_indices(4)
    entries = np.eye(4)[at]
    deviances: list[float] = []
    while True:
        sigma = np.zeros((4, 4))
        sigma[at] = entries
        sigma.T[at] = entries
        solved = marginal._solve(data, sigma)
        assert solved is not None
        ev = marginal._evaluate(data, solved)
        grad, hess, slopes = marginal._hessian(ev, by, True)
        deviances.append(solved.deviance)
        step = np.linalg.solve(hess, grad)
        if len(deviances) > 1 and grad @ step < 1e-8 * solved.deviance:
            break
        if len(deviances) == 1:
            own = np.add.reduceat(ev.u @ ev.u.transpose(0, 2, 1), data.patterns.starts, axis=0)
            z = data.patterns.persons[:, None, None] * ev.inverse - 2.0 * own
            fourth = np.einsum("kad,kbc->abcd", z, ev.inverse)
            j = by.jacobian
            info = np.einsum("iab,abcd,jcd->ij", j, fourth, j)
            step = np.linalg.solve(info + np.einsum("iab,jab->ij", slopes, slopes), grad)
        entries = entries - step
    weights = 2.0 * np.linalg.inv(hess)
    half = data.unit * data.back @ np.linalg.inv(solved.root)
    estimate = (data.ols + data.unit * data.back @ solved.gamma)[1]
    variance = float((half @ half.T)[1, 1])
    adjusted = half @ marginal._adjustment(data, ev, by, slopes, weights) @ half.T
    g = (half @ slopes @ half.T)[:, 1, 1]
    df = 2.0 * variance**2 / float(g @ weights @ g)
    return deviances, float(estimate), variance**0.5, float(adjusted[1, 1]) ** 0.5, df


@needs_fev
def test_unstructured_equals_sas_to_every_digit_where_sas_stops(fev: pd.DataFrame) -> None:
    """SAS stops one Newton step before the optimum; its iterates are reproduced exactly.

    At the optimum the deviance is lower: 3666.96697516 against the 3666.96698281 of SAS.
    """
    deviances, estimate, se, _, df = _as_sas("FEV1 ~ ARMCD + SEX", fev)
    printed = [3889.71118866, 3667.65933397, 3666.98040811, 3666.96698281]
    np.testing.assert_allclose([deviances[0], *deviances[2:]], printed, rtol=0, atol=5.1e-9)
    assert (estimate, se) == pytest.approx((3.8265, 0.6421), abs=5e-5)
    assert round(df) == 161
    reach = float(stats.t.ppf(0.975, df)) * se
    assert (estimate - reach, estimate + reach) == pytest.approx((2.5584, 5.0945), abs=5.1e-5)

    _, estimate, _, adjusted, df = _as_sas("FEV1 ~ ARMCD", fev)
    assert adjusted == pytest.approx(0.66124382270307, abs=1e-10)
    assert df == pytest.approx(160.733266403768, abs=1e-6)
    reach = float(stats.t.ppf(0.975, df)) * adjusted
    assert estimate == pytest.approx(3.8197, abs=5e-5)
    assert (estimate - reach, estimate + reach) == pytest.approx((2.5139, 5.1256), abs=5.1e-5)

    ours = _fev(fev, "FEV1 ~ ARMCD + SEX", "unstructured")
    assert -2 * ours.log_likelihood == pytest.approx(3666.96697516, abs=5e-8)
    assert -2 * ours.log_likelihood < deviances[-1]
    test = ours.test("ARMCD[T.TRT]")
    assert test.estimate == pytest.approx(3.8265, abs=5e-5)
    assert test.std_error == pytest.approx(0.6421, abs=1e-4)
    assert round(test.df) == 161


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
    monkeypatch.setattr("pgsicbt.models.visit_patterns._AT_ONCE", 37)
    _same(one, mmrm("y ~ C(visit) + x + late", frame), ("x", "late"))
    monkeypatch.setattr("pgsicbt.models.visit_patterns._compressed", lambda block: block)
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
    assert "did not converge in 1 steps" in model.warnings[0]
