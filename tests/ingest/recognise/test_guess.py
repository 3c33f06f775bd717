"""Roles of columns in tables of any origin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pgsicbt.ingest import Upload, inspect
from tests.ingest import builders
from tests.ingest.builders import csv, text


def roles(file: Upload) -> dict[str, str]:
    found = inspect([file])[0]
    assert found.error is None, found.error
    assert all(c.reason for c in found.columns)
    assert all(c.role in c.choices for c in found.columns)
    return {c.column: c.role for c in found.columns}


def test_kinds():
    tables = {
        "scores": builders.scores(),
        "outcomes_long": builders.long(),
        "outcomes_wide": builders.wide(),
        "covariates": builders.covariates(),
        "combined": builders.wide().merge(builders.scores()),
    }
    for kind, table in tables.items():
        assert inspect([csv(table, "x")])[0].kind == kind


def test_long_table_with_one_column_per_outcome():
    rows = [f"p{i},{m},{g},{i + m},{m},{i}" for i in range(9) for m in (0, 1, 6) for g in "a"]
    found = roles(text("x", "patient,month,site_code,phq9,GAD7 total,age_years", *rows))
    assert found["month"] == "time:month"
    assert found["phq9"] == "outcome"
    assert found["GAD7 total"] == "outcome"
    assert found["age_years"] == "covariate"


def test_scores_of_any_name_are_known_by_content():
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {"ID": range(100, 140), "EDU": rng.normal(size=40), "MDD": rng.normal(size=40)}
    )
    frame["iq"] = rng.integers(80, 120, 40)
    assert roles(csv(frame, "x")) == {
        "ID": "id", "EDU": "score", "MDD": "score", "iq": "covariate",
    }  # fmt: skip


def test_covariates_by_content():
    n = 80
    frame = pd.DataFrame(
        {
            "subject": [f"s{i}" for i in range(n)],
            "therapist": np.resize([f"T{i:02d}" for i in range(15)], n),
            "remarks": [f"was seen {i} times" for i in range(n)],
            "born": pd.date_range("1980-01-01", periods=n).astype("str"),
            "education": np.resize([1, 2, 3], n),
            "plate": np.resize([1, 2], n),
            "family_id": np.resize(range(70), n),
            "empty": "",
            "country": "SE",
            "group": np.resize(["a", "b"], n),
        }
    )
    found = roles(csv(frame, "x"))
    assert found == {
        "subject": "id", "therapist": "covariate", "remarks": "ignore", "born": "ignore",
        "education": "covariate", "plate": "batch", "family_id": "ignore", "empty": "ignore",
        "country": "ignore", "group": "stratum",
    }  # fmt: skip


def test_weeks_are_no_items():
    frame = pd.DataFrame({"id": range(1, 9)} | {f"phq_{w}": range(8) for w in (8, 9, 10)})
    found = inspect([csv(frame, "x")])[0]
    assert [v.week for v in found.visits] == [8, 9, 10]


def test_wide_outcomes_of_an_unknown_scale():
    frame = pd.DataFrame({"id": range(1, 9), "hamd_pre": range(8), "hamd_week3": range(8)})
    assert roles(csv(frame, "x"))["hamd_pre"] == "outcome"
    frame = frame.rename(columns={"hamd_pre": "age_pre", "hamd_week3": "age_week3"})
    assert roles(csv(frame, "x"))["age_pre"] == "covariate"


def test_a_varying_column_is_no_covariate():
    rows = [f"p{i},{w},{i},{'yes' if w else 'no'}" for i in range(9) for w in range(3)]
    found = inspect([text("x", "id,week,phq9,sick_leave", *rows)])[0]
    column = next(c for c in found.columns if c.column == "sick_leave")
    assert column.role == "ignore"
    assert "differs between visits" in column.reason


def test_numbers_with_some_text_are_ignored_with_their_lines():
    rows = [f"p{i},{i * 7}" for i in range(50)] + ["q1,about 30", "q2,n.k."]
    found = inspect([text("x", "id,dose", *rows, "q3,5")])[0]
    assert found.findings[0].message == (
        "x has text among the numbers of column 'dose' on lines 52 and 53; the column is ignored."
    )


def test_average_and_sum_in_any_table():
    found = roles(text("x", "id,A_PRS_AVG,A_PRS_SUM", *(f"p{i},0.{i},{i}.5" for i in range(1, 9))))
    assert found == {"id": "id", "A_PRS_AVG": "score", "A_PRS_SUM": "ignore"}


@pytest.mark.parametrize("role", ["covariate", "batch"])
def test_details_are_aggregates(role):
    frame = pd.DataFrame({"id": [f"p{i}" for i in range(40)], role: np.resize([1, 2, 3, ""], 40)})
    found = inspect([csv(frame, "x")])[0]
    assert found.columns[0].detail == "40 people"
    assert found.columns[1].detail == "whole numbers 1 to 3, 25 % missing"


def test_the_smallest_and_the_largest_value_of_a_column_are_nobodys_to_see():
    ages = [17, *range(30, 60), *range(30, 60), 93]
    frame = pd.DataFrame({"id": [f"p{i}" for i in range(len(ages))], "age": ages})
    detail = inspect([csv(frame, "x")])[0].columns[1].detail
    assert detail == "whole numbers, nearly all 33 to 56"
    few = inspect([csv(frame.head(12), "x")])[0].columns[1].detail
    assert few == "whole numbers"


def test_minus_nine_among_other_numbers_is_asked_about():
    rows = [f"p{i},{20 + i}" for i in range(9)]
    found = inspect([text("x", "id,age", *rows, "q1,-9")])[0]
    assert [f.code for f in found.findings] == ["missing_code"]
