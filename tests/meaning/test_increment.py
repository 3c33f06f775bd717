"""Incremental R2 against R's nested regressions, and its resampled intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt import AnalysisSpec
from pgsicbt.errors import SpecError
from pgsicbt.meaning.increment import (
    ALL,
    INCREMENT_COLUMNS,
    OUTCOMES,
    _numbers,
    _resampled,
    increments,
)
from pgsicbt.study import CovariateInfo, Study
from pgsicbt.words.prediction import increment_rows, increment_sentence
from tests.models.example import example_study

CASES = json.loads((Path(__file__).parent / "reference" / "increment.json").read_text())["cases"]
SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"), covariates=("age", "sex"), adjustments=("crude", "adjusted")
)


@pytest.fixture(scope="module")
def study() -> Study:
    return example_study(n=250)


@pytest.mark.parametrize("case", CASES)
def test_shares_and_f_are_those_of_r(case: dict[str, Any]) -> None:
    d = pd.DataFrame(case["data"])
    base = np.column_stack([np.ones(len(d)), d["age"], d["sex"]])
    found = _numbers(d["y"].to_numpy(), base, d[["score"]].to_numpy(), 0.95)
    assert found["r2_without"] == pytest.approx(case["r2_without"], rel=1e-10)
    assert found["r2_with"] == pytest.approx(case["r2_with"], rel=1e-10)
    assert found["f"] == pytest.approx(case["f"], rel=1e-8)
    assert found["p_value"] == pytest.approx(case["p"], rel=1e-8)
    noncentrality = found["partial_high"] * len(d) / (1 - found["partial_high"])
    largest = max(case["ncp_t_low"] ** 2, case["ncp_t_high"] ** 2)
    assert noncentrality == pytest.approx(largest, rel=1e-5)


def test_every_score_outcome_and_model_has_a_row(study: Study) -> None:
    frame = increments(study, SPEC)
    assert list(frame.columns) == list(INCREMENT_COLUMNS)
    assert len(frame) == 3 * 2 * len(OUTCOMES)
    assert set(frame["score"]) == {"PGS_A", "PGS_B", ALL}
    one = frame.set_index(["score", "model", "of"])["incremental"]
    # The planted effect is on level and change; the other score has none.
    assert one["PGS_A", "adjusted", "post"] > 5 * one["PGS_B", "adjusted", "post"]
    assert one[ALL, "adjusted", "post"] >= one["PGS_A", "adjusted", "post"]
    assert (frame["conf_low"] <= frame["incremental"] + 1e-12).all()
    given = frame[frame["of"] == "post given before"]["r2_without"].mean()
    assert given > frame[frame["of"] == "post"]["r2_without"].mean() + 0.2
    assert frame["boot_low"].isna().all()


def test_change_given_severity_is_the_ancova_of_the_visits(study: Study) -> None:
    import statsmodels.api as sm

    frame = increments(study, SPEC).set_index(["score", "model", "of"])
    visits = study.outcome_visits("harmonised")
    before = visits[visits["time"] <= 0].sort_values("time").drop_duplicates("person", keep="last")
    begun = visits[visits["time"] <= 1].sort_values("time")
    first = begun.drop_duplicates("person").set_index("person")["value"]
    near = visits[(visits["time"] - 12).abs() <= 3]
    near = near.assign(away=(near["time"] - 12).abs()).sort_values("away", kind="stable")
    d = study.persons.assign(
        before=before.set_index("person")["value"].reindex(study.persons.index),
        after=near.drop_duplicates("person").set_index("person")["value"],
        male=(study.persons["sex"] == "male").astype(float),
    )
    d["before"] = d["before"].fillna(first)
    d = d.dropna(subset=["before", "after"])
    x = sm.add_constant(d[["age", "male", "before"]])
    less, more = (sm.OLS(d["after"], z).fit() for z in (x, x.assign(score=d["PGS_A"])))
    row = frame.loc[("PGS_A", "adjusted", "post given before")]
    assert row["n_persons"] == len(d)
    assert row["incremental"] == pytest.approx(more.rsquared - less.rsquared, rel=1e-8)
    assert row["p_value"] == pytest.approx(more.pvalues["score"], rel=1e-6)


def test_resamples_are_regressions_on_people_drawn_again() -> None:
    rng = np.random.default_rng(8)
    base = np.column_stack([np.ones(40), rng.normal(size=40)])
    added = rng.normal(size=(40, 1))
    y = base[:, 1] + added[:, 0] + rng.normal(size=40)
    drawn = _resampled(y, base, added, 5, seed=2)
    weights = np.random.default_rng(2).multinomial(40, np.full(40, 1 / 40), 5)
    for w, ours in zip(weights, drawn, strict=True):
        rows = np.repeat(np.arange(40), w)
        found = _numbers(y[rows], base[rows], added[rows], 0.95)
        assert ours == pytest.approx(found["incremental"], rel=1e-9)


def test_resampled_intervals_stand_beside_the_exact_ones_with_progress(study: Study) -> None:
    steps: list[tuple[int, int]] = []
    one = SPEC.replace(adjustments=("adjusted",))
    frame = increments(study, one, replicates=200, seed=3,
                       progress=lambda a, b: steps.append((a, b)))  # fmt: skip
    assert frame["boot_high"].notna().all()
    assert steps[-1][0] == steps[-1][1] and steps == sorted(steps)
    again = increments(study, one, replicates=200, seed=3)
    pd.testing.assert_frame_equal(frame, again)
    strong = frame[(frame["score"] == "PGS_A") & (frame["of"] == "post")].iloc[0]
    assert strong["boot_low"] == pytest.approx(strong["conf_low"], abs=0.05)
    assert strong["boot_high"] == pytest.approx(strong["conf_high"], abs=0.05)
    rows = increment_rows(study, frame)
    assert len(rows[1]) == 5 and rows[0][0].startswith("Value after treatment")
    said = increment_sentence(study, "PGS_A", frame, "95 %")
    assert said.startswith("PGS-A adds ")


def test_a_score_that_the_covariates_determine_is_named_and_the_rest_stands(study: Study) -> None:
    persons = study.persons.assign(twin=2 * study.persons["PGS_A"] + 1)
    made = Study(
        **{**study.__dict__, "persons": persons, "digest": "twin",
           "covariates": (*study.covariates, CovariateInfo("twin", "twin", "numeric"))}
    )  # fmt: skip
    spec = SPEC.replace(covariates=("twin",), adjustments=("adjusted",))
    frame = increments(made, spec)
    lost = frame[frame["score"] == "PGS_A"]
    assert lost["reason"].str.contains("determined by the covariates").all()
    assert frame[frame["score"] == "PGS_B"]["incremental"].notna().all()
    assert "cannot be told" in increment_sentence(made, "PGS_A", frame, "95 %")
    crude = increments(study, SPEC.replace(adjustments=("crude",)))
    assert "nothing else considered" in increment_sentence(study, "PGS_A", crude, "95 %")


def test_too_few_people_are_refused_in_the_row_and_no_score_outright(study: Study) -> None:
    small = example_study(n=14)
    frame = increments(small, SPEC.replace(adjustments=("adjusted",)))
    assert frame["reason"].str.contains("too few").any()
    with pytest.raises(SpecError, match="no score"):
        increments(study, AnalysisSpec(scores=()))
    with pytest.raises(SpecError, match="negative"):
        increments(study, SPEC, replicates=-1)
