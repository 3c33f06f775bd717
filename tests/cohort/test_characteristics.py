"""The table of characteristics: right numbers, missing ones counted, small ones hidden."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.cohort import characteristics, not_listed, standardised_differences
from pgsicbt.cohort.groups import ALL
from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import HARMONISED
from tests.cohort.example import make_cohort, with_visits


def _row(table: pd.DataFrame, variable: str, group: str = ALL, level: str = "") -> pd.Series:
    rows = table[
        (table["variable"] == variable) & (table["group"] == group) & (table["level"] == level)
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def test_numbers_are_those_of_the_people() -> None:
    study = make_cohort()
    table = characteristics(study, "diagnosis")
    panic = study.persons[study.persons["diagnosis"] == "panic"]
    age = _row(table, "age", "panic")
    assert age["mean"] == pytest.approx(panic["age"].mean())
    assert age["sd"] == pytest.approx(panic["age"].std())
    assert [age["q1"], age["median"], age["q3"]] == pytest.approx(
        panic["age"].quantile([0.25, 0.5, 0.75]).tolist()
    )
    female = _row(table, "sex", "panic", "female")
    assert female["count"] == (panic["sex"] == "female").sum()
    assert female["share"] == pytest.approx((panic["sex"] == "female").mean())
    assert _row(table, "people")["count"] == 300
    assert _row(table, "EDU")["mean"] == pytest.approx(study.persons["EDU"].mean())


def test_an_instrument_concerns_those_who_were_given_it() -> None:
    study = make_cohort()
    table = characteristics(study, "diagnosis")
    assert _row(table, "PHQ-9", "panic")["status"] == "none"
    start = study.outcome_visits("PDSS-SR").query("time == 0")["value"]
    mine = _row(table, "PDSS-SR", "panic")
    assert mine["mean"] == pytest.approx(start.mean())
    assert mine["n"] == len(start)
    assert _row(table, HARMONISED)["n"] == 300


def test_symptoms_at_the_start_are_the_last_value_by_week_zero() -> None:
    study = make_cohort(60)
    early = study.visits[study.visits["time"] == 0].assign(time=-2.0, value=0.0)
    early = pd.concat([early, study.visits], ignore_index=True)
    both = characteristics(with_visits(study, early))
    plain = characteristics(study)
    assert _row(both, HARMONISED)["mean"] == pytest.approx(_row(plain, HARMONISED)["mean"])
    late = study.visits[study.visits["time"] > 0]
    first = late.sort_values("time").drop_duplicates(["person", "outcome"])
    mean = first.loc[first["outcome"] == HARMONISED, "value"].mean()
    assert _row(characteristics(with_visits(study, late)), HARMONISED)["mean"] == pytest.approx(
        mean
    )


def test_missing_values_are_counted_by_group() -> None:
    age = np.where(np.arange(300) % 5 == 0, np.nan, 40.0 + np.arange(300) % 7)
    study = make_cohort(age=age)
    table = characteristics(study, "diagnosis")
    for group in ("depression", "panic", "social"):
        mine = study.persons[study.persons["diagnosis"] == group]
        assert _row(table, "age", group)["missing"] == mine["age"].isna().sum()
    assert _row(table, "age")["missing"] == 60


def test_few_missing_values_are_hidden_and_cannot_be_found_by_subtraction() -> None:
    sex = np.array(["female", "male"] * 150, dtype=object)
    study = make_cohort(sex=sex)
    depressed = np.flatnonzero(study.persons["diagnosis"] == "depression")[:3]
    study.persons.iloc[depressed, list(study.persons).index("sex")] = None
    table = characteristics(study, "diagnosis")
    for group in ("depression", ALL):
        for level in ("female", "male"):
            mine = _row(table, "sex", group, level)
            assert np.isnan([mine["missing"], mine["n"], mine["count"]]).all()
            # A whole percentage does not tell the count.
            assert round(100 * mine["share"], 6) == round(100 * mine["share"])
            assert mine["status"] == "shown"
    assert _row(table, "sex", "panic", "female")["count"] >= MINIMUM_CELL


def test_a_rare_level_is_hidden_with_the_smallest_beside_it() -> None:
    drug = np.array(["none"] * 200 + ["SSRI"] * 70 + ["SNRI"] * 27 + ["other"] * 3, dtype=object)
    table = characteristics(make_cohort(drug=drug))
    hidden = {
        lv: _row(table, "drug", ALL, lv)["status"] for lv in ("none", "SSRI", "SNRI", "other")
    }
    assert hidden == {"none": "shown", "SSRI": "shown", "SNRI": "hidden", "other": "hidden"}
    assert np.isnan(_row(table, "drug", ALL, "other")["share"])


@pytest.mark.parametrize("seed", range(12))
def test_no_exported_count_is_below_eight(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 150))
    rare = rng.choice(["a", "b", "c", None], n, p=[0.7, 0.2, 0.05, 0.05])
    study = make_cohort(n, seed, rare=rare, score_age=rng.choice([1.0, 2.0, np.nan], n))
    study.persons.loc[rng.random(n) < 0.06, "EDU"] = np.nan
    for by in ("", "diagnosis", "batch", "rare"):
        table = characteristics(study, by)
        for column in ("people", "n", "missing", "count"):
            shown = table[column].dropna()
            assert ((shown == 0) | (shown >= MINIMUM_CELL)).all(), (by, column)
        _cannot_be_found(table, by)


def _cannot_be_found(table: pd.DataFrame, by: str) -> None:
    """Wherever one count of a line is hidden, so is another one or the sum."""
    for (_, variable), mine in table[table["count"].notna() | (table["kind"] == "level")].groupby(
        ["section", "variable"]
    ):
        if variable == "people":
            continue
        groups = [g for g in mine["group"].unique() if g != ALL]
        for _, line in mine.groupby("level"):
            gone = line.set_index("group")["count"].isna()
            if groups and not gone[ALL]:
                assert gone[groups].sum() != 1, (by, variable)
        for group, line in mine.groupby("group"):
            gone = line["count"].isna().sum() + line["missing"].isna().any()
            assert gone != 1, (by, variable, group)


def test_numbers_with_few_values_are_levels_and_many_levels_are_not_listed() -> None:
    n = 300
    rng = np.random.default_rng(1)
    study = make_cohort(
        education=rng.choice([1.0, 2.0, 3.0], n),
        therapist=rng.choice([f"T{i:02d}" for i in range(20)], n),
        year=rng.integers(2009, 2020, n).astype(float),
    )
    table = characteristics(study)
    assert table.loc[table["variable"] == "education", "level"].unique().tolist() == ["1", "2", "3"]
    assert table.loc[table["variable"] == "year", "kind"].unique().tolist() == ["year"]
    assert "therapist" not in set(table["variable"])
    assert not_listed(study) == ["therapist (20 levels)"]


def test_standardised_differences_follow_their_formulas() -> None:
    study = make_cohort()
    found = standardised_differences(study, "batch").set_index("variable")
    a, b = (study.persons.loc[study.persons["batch"] == k, "age"] for k in ("B1", "B2"))
    expected = abs(a.mean() - b.mean()) / np.sqrt((a.var() + b.var()) / 2)
    assert found.loc["age", "difference"] == pytest.approx(expected)
    p, q = (
        (study.persons.loc[study.persons["batch"] == k, "sex"] == "male").mean()
        for k in ("B1", "B2")
    )
    expected = abs(p - q) / np.sqrt((p * (1 - p) + q * (1 - q)) / 2)
    assert found.loc["sex", "difference"] == pytest.approx(expected)
    assert standardised_differences(study, "")["difference"].isna().all()
