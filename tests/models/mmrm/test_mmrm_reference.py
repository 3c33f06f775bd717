"""The categorical-time model against stored output of nlme and printed output of SAS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pgsicbt.errors import SpecError
from pgsicbt.models.mmrm import marginal
from pgsicbt.models.mmrm.mmrm import MarginalModel, mmrm
from pgsicbt.models.mmrm.residual_structures import StructureName, structure_named
from pgsicbt.models.mmrm.visit_patterns import VisitPatterns, visit_patterns
from tests.real_files import FEV, needs_real_files

REFERENCE = Path(__file__).parents[1] / "reference"
CASES = json.loads((REFERENCE / "mmrm.json").read_text(encoding="utf-8"))
INFERENCE = json.loads((REFERENCE / "mmrm_inference.json").read_text(encoding="utf-8"))
STRUCTURES = get_args(StructureName)


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


# Against textbook formulas with dense matrices and numerical derivatives, in R.


def test_the_inference_reference_covers_every_structure() -> None:
    assert {k for k in INFERENCE if "/" in k} == {k for k in CASES if "/" in k}
    assert all(("kr" in INFERENCE[k]) == k.endswith("REML") for k in INFERENCE if "/" in k)


@pytest.mark.parametrize("key", [k for k in INFERENCE if "/" in k])
def test_satterthwaite_and_kenward_roger_of_every_structure(key: str) -> None:
    data, structure, method = key.split("/")
    want = INFERENCE[key]
    frame = pd.read_csv(REFERENCE / "mmrm_data" / f"{data}.csv")
    got = mmrm("y ~ C(visit) * x + sex", frame, structure=structure, reml=method == "REML")  # type: ignore[arg-type]
    assert got.log_likelihood == pytest.approx(want["log_likelihood"], abs=1e-8)
    products = [t for t in got.coefficients.index if t.endswith(":x")]
    for term in got.coefficients.index:
        i = want["terms"].index(_r_name(term))
        test = got.test(term)
        assert test.estimate == pytest.approx(want["estimate"][i], abs=1e-5 * test.std_error)
        assert test.std_error == pytest.approx(want["std_error"][i], rel=1e-6)
        assert test.df == pytest.approx(want["df"][i], rel=1e-5)
        if method == "REML":
            test = got.test(term, df="kenward-roger")
            assert test.std_error == pytest.approx(want["kr"]["std_error"][i], rel=1e-6)
            assert test.df == pytest.approx(want["df"][i], rel=1e-5)
    joint = got.f_test(products, df="satterthwaite")
    assert joint.statistic == pytest.approx(want["f"], rel=1e-5)
    assert joint.df_denominator == pytest.approx(want["f_df"], rel=1e-5)
    if method == "REML":
        joint = got.f_test(products)
        assert joint.statistic == pytest.approx(want["kr"]["f"], rel=1e-5)
        assert joint.df_denominator == pytest.approx(want["kr"]["f_df"], rel=1e-5)
    else:
        with pytest.raises(SpecError, match="REML"):
            got.f_test(products)


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


@needs_real_files
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


@needs_real_files
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


@needs_real_files
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


@needs_real_files
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
