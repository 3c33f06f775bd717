"""MMRM, cLDA and GEE against nlme, geepack, clubSandwich and emmeans; see reference/long.R."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import numpy as np
import pytest

from pgsicbt.models.course.trajectories import predicted
from pgsicbt.models.fit import fit
from pgsicbt.result import Result
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from tests.models.example import example_study
from tests.serving import ROOT

STORED = json.loads((ROOT / "tests/models/reference/long.json").read_text())
SPEC = AnalysisSpec(
    outcome="harmonised",
    scores=("PGS_A",),
    covariates=("age", "diagnosis"),
    adjustments=("adjusted",),
)


def study(*weeks: float) -> Study:
    made = example_study(seed=5, n=140)
    return dataclasses.replace(made, visits=made.visits[made.visits["time"].isin(weeks)])


FOUR = study(0, 2, 4, 8)


def ours(term: str) -> str:
    """R's name of a term in ours."""
    if term.startswith("late"):
        return f"week[T.{term[4:]}]:PGS_A"
    parts = [{"z": "PGS_A", "panic": "diagnosis[T.panic]"}.get(p, p) for p in term.split(":")]
    return ":".join(f"week[T.{p[4:]}]" if p.startswith("week") else p for p in parts)


def close(result: Result, stored: dict[str, Any], *, se: float = 1e-7) -> None:
    rows = result.table.set_index("term").loc[[ours(t) for t in stored["terms"]]]
    off = (rows["estimate"] - stored["estimate"]) / stored["std_error"]
    assert np.abs(off).max() < 1e-7
    assert rows["std_error"].to_numpy() == pytest.approx(stored["std_error"], rel=se)
    if "log_likelihood" in stored:
        assert result.fits[0].log_likelihood == pytest.approx(stored["log_likelihood"], abs=1e-6)


@pytest.mark.parametrize("family", ["mmrm", "clda"])
def test_estimates_errors_and_likelihood_are_those_of_gls(family: Any) -> None:
    close(fit(FOUR, SPEC.replace(family=family)), STORED[family])


@pytest.mark.parametrize("errors", ["CR0", "CR2"])
def test_robust_errors_of_mmrm_are_those_of_clubsandwich(errors: Any) -> None:
    stored = STORED[f"mmrm_{errors.lower()}"]
    result = fit(FOUR, SPEC.replace(family="mmrm", errors=errors))
    rows = result.table.set_index("term").loc[[ours(t) for t in STORED["mmrm"]["terms"]]]
    assert rows["std_error"].to_numpy() == pytest.approx(stored["std_error"], rel=1e-7)
    assert rows["df"].to_numpy() == pytest.approx(stored["df"], rel=1e-7)
    joint = result.terms("joint").iloc[0]
    assert joint["statistic"] == pytest.approx(stored["f"], rel=1e-6)
    assert joint["df"] == pytest.approx(stored["df_denominator"], rel=1e-6)
    assert joint["p_value"] == pytest.approx(stored["p"], rel=1e-5)


@pytest.mark.parametrize("working", ["independence", "exchangeable", "ar1"])
def test_gee_is_that_of_geepack(working: Any) -> None:
    stored = STORED[f"gee_{working}"]
    data = study(0, 2, 4) if working == "ar1" else FOUR
    spec = SPEC.replace(family="gee", working=working)
    plain = fit(data, spec.replace(errors="CR0", df="normal"))
    close(plain, stored)
    details = plain.fits[0].details
    assert details["working_correlation"] == pytest.approx(stored["alpha"], abs=1e-8)
    assert details["scale"] == pytest.approx(stored["scale"], rel=1e-7)
    small = fit(data, spec).table.set_index("term").loc[[ours(t) for t in stored["terms"]]]
    assert small["std_error"].to_numpy() == pytest.approx(stored["cr2"]["std_error"], rel=1e-7)
    assert small["df"].to_numpy() == pytest.approx(stored["cr2"]["df"], rel=1e-7)


def test_lines_of_mmrm_are_those_of_emmeans() -> None:
    result = fit(FOUR, SPEC.replace(family="mmrm"))
    stored = STORED["means"]
    lines = predicted(result, "PGS_A", "adjusted", [0, 2, 4, 8])
    for week, z, estimate, error in zip(*stored.values(), strict=True):
        line = lines[(lines["week"] == week) & (lines["level"] == z)].iloc[0]
        assert line["estimate"] == pytest.approx(estimate, rel=1e-9)
        half = (line["conf_high"] - line["conf_low"]) / 2
        assert 1.95 < half / error < 2.0  # t quantiles of Satterthwaite's degrees of freedom
