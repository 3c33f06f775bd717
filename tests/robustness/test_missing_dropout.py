"""Who leaves: held against R's glm, and refused where it cannot be told."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pgsicbt.errors import FitError
from pgsicbt.robustness.dropout import MODELS, drop_out
from tests.models.example import example_study
from tests.robustness.missing_example import REFERENCE, SPEC, leaving_study

KNOWN: dict[str, Any] = json.loads((REFERENCE / "missing.json").read_text(encoding="utf-8"))[
    "leaving"
]


def test_odds_of_leaving_are_those_of_glm() -> None:
    spec = SPEC.replace(score_scale="z")
    found = drop_out(leaving_study(seed=6, n=200), spec)
    table = found.table.set_index("model")
    for model, name in zip(MODELS, ("crude", "adjusted", "last_known"), strict=True):
        row = table.loc[model]
        assert row["estimate"] == pytest.approx(KNOWN[name][0], abs=1e-5)
        assert row["std_error"] == pytest.approx(KNOWN[name][1], rel=1e-4)
        assert row["odds_ratio"] == pytest.approx(np.exp(row["estimate"]))
        assert (row["n_persons"], row["events"]) == (KNOWN["persons"], KNOWN["events"])
    last = found.last_value.iloc[0]
    assert [last["estimate"], last["std_error"]] == pytest.approx(KNOWN["last"], rel=1e-4)
    assert (found.persons, found.first_week, found.last_week) == (200, -2.0, 12.0)
    assert set(found.others["model"]) == {"dropout", "cox"}
    assert (found.others["conf_low"] < found.others["ratio"]).all()


def test_intervals_are_at_the_confidence_of_the_spec() -> None:
    study = leaving_study(n=200)
    wide, narrow = (drop_out(study, SPEC.replace(confidence=c)) for c in (0.95, 0.80))
    for of in ("table", "last_value"):
        row, less = (getattr(found, of).iloc[0] for found in (wide, narrow))
        assert row["estimate"] == less["estimate"]
        for r, z in ((row, 1.959964), (less, 1.281552)):
            assert np.log(r["conf_high"]) - r["estimate"] == pytest.approx(
                z * r["std_error"], rel=1e-6
            )
    other, less = wide.others.iloc[0], narrow.others.iloc[0]
    share = np.log(less["conf_high"] / less["ratio"]) / np.log(other["conf_high"] / other["ratio"])
    assert share == pytest.approx(1.281552 / 1.959964, rel=1e-6)


def test_people_without_the_score_are_left_out_of_its_models_only() -> None:
    study = leaving_study(n=200)
    persons = study.persons.copy()
    persons.iloc[:30, persons.columns.get_loc("PGS_A")] = np.nan
    spec = SPEC.replace(scores=("PGS_A", "PGS_B"))
    steps: list[tuple[int, int]] = []
    found = drop_out(replace(study, persons=persons), spec, lambda *s: steps.append(s))
    people = found.table.groupby("score")["n_persons"].first()
    assert people["PGS_B"] - people["PGS_A"] == 30
    assert steps[-1] == (6, 6)


def test_a_score_that_a_covariate_determines_is_named() -> None:
    study = leaving_study(n=200)
    persons = study.persons.assign(PGS_A=2 * study.persons["age"])
    found = drop_out(replace(study, persons=persons), SPEC)
    table = found.table.set_index("model")
    assert table.loc["crude", "status"] == "ok"
    assert table.loc["adjusted", "status"] == "failed"
    assert any("covariates determine it" in f.message for f in found.findings)


def test_too_few_leavers_for_the_covariates() -> None:
    found = drop_out(leaving_study(n=60, seed=3), SPEC.replace(covariates=("age", "sex", "PC1")))
    few = found.table[found.table["status"] == "failed"]
    assert few.empty or few["odds_ratio"].isna().all()


def test_nobody_leaves() -> None:
    study = example_study(n=40)
    end = study.visits.drop_duplicates("person").assign(time=12.0)
    visits = study.visits[study.visits["time"] < 12]
    whole = replace(study, visits=pd.concat([visits, end]))
    with pytest.raises(FitError, match="left before the last planned week"):
        drop_out(whole, SPEC)
