"""What becomes of a table after the gate has left out some of its columns."""

from __future__ import annotations

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest.recognise.gated import id_left_out, require_id, roles_left, without_dates
from pgsicbt.ingest.recognise.layout import Assigned, Layout


def test_roles_of_columns_that_were_left_out_are_forgotten():
    fixed = {"id": "id", "notes": "covariate", "phq9": "outcome"}
    assert roles_left("t", fixed, {"notes"}) == {"id": "id", "phq9": "outcome"}
    with pytest.raises(DataError, match="'id' was left out"):
        roles_left("t", fixed, {"id"})


@pytest.mark.parametrize(
    ("found", "stripped"),
    [
        ("", {"personnummer", "patient_id"}),  # no other identifier
        ("code", {"patient_id"}),  # a clearer name was left out
        ("visit_no", {"my_person_id"}),
    ],
)
def test_no_other_column_stands_in_for_the_identifier(found, stripped):
    with pytest.raises(DataError) as caught:
        require_id("t", found, stripped)
    assert caught.value.code == "id_left_out"
    assert caught.value.column in stripped


@pytest.mark.parametrize(
    ("found", "stripped"),
    [("patient_id", {"notes"}), ("patient_id", {"code"}), ("id", set()), ("", set())],
)
def test_the_identifier_stays_where_less_clear_columns_went(found, stripped):
    require_id("t", found, stripped)


@pytest.mark.parametrize("role", ["covariate", "stratum", "batch", "score", "outcome", "item"])
def test_dates_are_kept_under_no_role(role):
    layout = Layout("covariates", {"d": Assigned(role, "chosen"), "x": Assigned("covariate", "y")})
    found = without_dates("t.csv", layout, {"d", "gone"})
    assert found.columns["d"].role == "ignore"
    assert found.columns["x"].role == "covariate"
    assert [one.code for one in found.findings] == ["stripped"]


@pytest.mark.parametrize("role", ["time:date", "start:date", "ignore", "id"])
def test_dates_that_count_weeks_stay_for_that(role):
    layout = Layout("outcomes_long", {"d": Assigned(role, "chosen")})
    assert without_dates("t.csv", layout, {"d"}) == layout


def test_the_error_names_the_column_and_what_to_do():
    error = id_left_out("t.csv", "pnr")
    assert "'pnr'" in error.sentence
    assert "codes of the study" in error.hint
