"""Rubin's rules and the analysis of completed data, held against mice, mitml and lmerTest."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import pgsicbt
from pgsicbt.derived import with_visits
from pgsicbt.models.fit import fit
from pgsicbt.robustness.dropout import drop_out
from pgsicbt.robustness.imputation import impute
from pgsicbt.robustness.imputed_fit import imputed_fit, pooled_table
from pgsicbt.robustness.rubin import barnard_rubin, pool, pool_f
from tests.robustness.missing_example import REFERENCE, SPEC, leaving_study

KNOWN: dict[str, Any] = json.loads((REFERENCE / "missing.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("known", KNOWN["scalar"], ids=lambda k: f"df {k['dfcom']}")
def test_pooling_is_that_of_mice(known: dict[str, float]) -> None:
    q, u = (np.array(KNOWN["scalar_input"][n])[:, None] for n in ("q", "u"))
    made = pool(q, np.sqrt(u), np.array([float(known["dfcom"])]))
    assert made.estimate[0] == pytest.approx(known["estimate"], abs=1e-12)
    assert made.std_error[0] ** 2 == pytest.approx(known["total"], rel=1e-10)
    assert made.within[0] == pytest.approx(known["within"], rel=1e-10)
    assert made.between[0] == pytest.approx(known["between"], rel=1e-10)
    assert made.df[0] == pytest.approx(known["df"], rel=1e-9)
    assert made.increase[0] == pytest.approx(known["increase"], rel=1e-10)
    assert made.missing_information[0] == pytest.approx(known["fmi"], rel=1e-9)


def test_joint_test_is_that_of_mitml() -> None:
    known = KNOWN["d2"]
    value, df, p = pool_f(np.array(known["f"]), known["terms"])
    assert value == pytest.approx(known["value"], rel=1e-7)
    assert df == pytest.approx(known["df"], rel=1e-7)
    assert p == pytest.approx(known["p"], rel=1e-7)


def test_degrees_of_freedom_at_the_ends() -> None:
    assert barnard_rubin(5, np.array([0.5]), np.array([np.inf]))[0] == pytest.approx(16.0)
    nothing = barnard_rubin(5, np.array([0.0]), np.array([30.0]))[0]
    assert nothing == pytest.approx(30 * 31 / 33)
    assert np.isinf(barnard_rubin(5, np.array([0.0]), np.array([np.inf]))[0])


def test_equal_data_sets_pool_to_themselves() -> None:
    made = pool(np.full((4, 1), 2.0), np.full((4, 1), 0.5), np.array([np.inf]))
    assert (made.estimate[0], made.std_error[0], made.between[0]) == (2.0, 0.5, 0.0)
    value, df, p = pool_f(np.full(4, 3.0), 2)
    assert value == pytest.approx(3.0)
    assert np.isinf(df)
    assert p == pytest.approx(float(np.exp(-3.0)))


def test_analysis_of_completed_data_is_that_of_lmertest_and_mice() -> None:
    study = leaving_study(seed=5, n=50)
    sets = pd.read_csv(REFERENCE / "missing_completed.csv")
    results = []
    for number, rows in sets.groupby("set"):
        visits = pd.DataFrame(
            {
                "person": pd.Categorical.from_codes(
                    rows["id"].to_numpy() - 1, categories=study.persons.index
                ),
                "outcome": "harmonised",
                "time": rows["week"].to_numpy(float),
                "value": rows["value"].to_numpy(float),
            }
        )
        results.append(pgsicbt.fit(with_visits(study, visits, f"set {number}"), SPEC))
    table = pooled_table(results).set_index("term")
    names = {"week": "time", "score": "PGS_A", "week:score": "time:PGS_A", "week:age": "time:age"}
    for known in KNOWN["completed"]:
        row = table.loc[names.get(known["term"], known["term"])]
        assert row["estimate"] == pytest.approx(known["estimate"], abs=1e-5 * known["std_error"])
        assert row["std_error"] == pytest.approx(known["std_error"], rel=1e-5)
        assert row["df"] == pytest.approx(known["df"], rel=1e-3)
        assert row["missing_information"] == pytest.approx(known["fmi"], rel=1e-3)


def test_two_analyses_side_by_side() -> None:
    study = leaving_study(n=120)
    spec = SPEC.replace(scores=("PGS_A", "PGS_B"), controls=("PGS_B",))
    steps: list[tuple[int, int]] = []
    found = imputed_fit(impute(study, spec, 4), progress=lambda i, of: steps.append((i, of)))
    assert steps == [(1, 4), (2, 4), (3, 4), (4, 4)]
    both = found.beside("main", "interaction")
    assert list(both["score"]) == ["PGS_A", "PGS_A", "PGS_B", "PGS_B"]
    moved = (both["estimate_filled"] - both["estimate"]) / both["std_error"]
    assert both["moved"].to_numpy() == pytest.approx(moved.to_numpy())
    assert (both["missing_information"] > 0).all()
    tested = found.table.set_index(["score", "role"])["p_adjusted"]
    assert np.isnan(tested["PGS_B", "interaction"])
    assert np.isfinite(tested["PGS_A", "interaction"])


def test_time_of_another_form_is_pooled_with_its_joint_test() -> None:
    spec = SPEC.replace(time_coding="piecewise", knot=4.0)
    table = imputed_fit(impute(leaving_study(n=150), spec, 4)).table.set_index("role")
    assert np.isfinite(table.loc["interaction", "estimate"])
    joint = table.loc["joint"]
    assert 0 < joint["p_value"] < 1
    assert np.isnan(joint["estimate"])


def test_a_family_of_one_outcome_per_person() -> None:
    spec = SPEC.replace(family="ancova")
    found = imputed_fit(impute(leaving_study(n=600), spec, 40))
    rows = found.beside("outcome")
    assert len(rows) == 1
    assert rows["std_error_filled"].iloc[0] < rows["std_error"].iloc[0]
    assert found.first.n_persons > found.observed.n_persons


WEEKLY: list[tuple[str, dict[str, Any], str]] = [
    ("mmrm", {}, "interaction"),
    ("clda", {}, "interaction"),
    ("lmm", {"time_coding": "categorical"}, "interaction"),
    ("change", {}, "outcome"),
    ("ancova", {}, "outcome"),
    ("tobit", {}, "outcome"),
]


@pytest.mark.parametrize(("family", "more", "role"), WEEKLY, ids=lambda v: str(v))
def test_an_association_with_one_week_only_is_not_drawn_out_to_a_line(
    family: str, more: dict[str, Any], role: str
) -> None:
    study = leaving_study(n=400, slope=0.0)
    z = study.persons["PGS_A"]
    z = (z - z.mean()) / z.std()
    own = z.reindex(study.visits["person"].astype(str)).to_numpy()
    last = study.visits["time"] == 12
    late = study.visits.assign(value=study.visits["value"] - np.where(last, 8 * own, 0.0))
    spec = SPEC.replace(family=family, score_scale="z", **more)
    row = imputed_fit(impute(replace(study, visits=late), spec, 20)).table.set_index("role")
    found = row.loc[role]
    assert abs(found["estimate"] + 8) < 2.5 * found["std_error"]
    assert found["std_error"] < 1


def test_one_visit_long_after_all_others_is_left_out_and_named() -> None:
    study = leaving_study(n=150)
    stray = study.visits.iloc[[0]].assign(time=40.0)
    longer = replace(study, visits=pd.concat([study.visits, stray], ignore_index=True))
    found, plain = (impute(s, SPEC, 2, seed=1) for s in (longer, study))
    assert [f.code for f in found.findings] == ["unplanned_weeks"]
    assert "week 40" in found.findings[0].message
    np.testing.assert_array_equal(found.values, plain.values)
    assert not plain.findings
    left = drop_out(longer, SPEC)
    assert left.last_week == 12
    assert [f.code for f in left.findings] == ["unplanned_weeks"]
    pd.testing.assert_frame_equal(left.table, drop_out(study, SPEC).table)
    mmrm = fit(longer, SPEC.replace(family="mmrm"))
    assert any("week 40" in f.message for f in mmrm.warnings)
    own = fit(study, SPEC.replace(family="mmrm"))
    pd.testing.assert_frame_equal(mmrm.table, own.table)


def test_more_columns_than_visits_can_carry_are_named() -> None:
    spec = SPEC.replace(family="mmrm", scores=("PGS_A", "PGS_B", "PGS_C"))
    found = impute(leaving_study(n=40), spec, 2)
    assert [f.code for f in found.findings] == ["many_columns"]
