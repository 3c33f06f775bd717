"""What column names say."""

from __future__ import annotations

import pytest

from pgsicbt.ingest.recognise import names


@pytest.mark.parametrize(
    ("column", "instrument", "visit"),
    [
        ("MADRS-S_week1", "MADRS-S", "week1"), ("madrs_s_w01", "MADRS-S", "w01"),
        ("PHQ9.pre", "PHQ-9", "pre"), ("phq9_3", "PHQ-9", "3"), ("phq-9 week 3", "PHQ-9", "week 3"),
        ("week3_phq9", "PHQ-9", "week3"), ("pre.LSAS-SR", "LSAS-SR", "pre"),
        ("phq9w3", "PHQ-9", "w3"), ("GAD7pre", "GAD-7", "pre"),
        ("phq9_total_w3", "PHQ-9", "w3"), ("PDSS-SR_screening", "PDSS-SR", "screening"),
        ("w12_gad7_sum", "GAD-7", "w12"),
    ],
)  # fmt: skip
def test_wide_columns_split(column, instrument, visit):
    assert names.split_visit(column) == (instrument, visit)


@pytest.mark.parametrize("column", ["PHQ-9", "phq9_total", "PGS_MDD", "PC1", "age", "therapist_3"])
def test_other_columns_do_not_split(column):
    assert names.split_visit(column) is None


@pytest.mark.parametrize("column", ["PGS_EDU", "mdd_prs", "PRS.mdd", "PGS001229", "SCORE1_AVG"])
def test_score_names(column):
    assert names.score_name(column)


@pytest.mark.parametrize("column", ["present", "age", "progress", "PC1", "total"])
def test_no_score_names(column):
    assert not names.score_name(column)


def test_units_of_time():
    assert names.time_role("Month") == ("time:month", True)
    assert names.time_role("study_day") == ("time:day", True)
    assert names.time_role("weeks_since_start") == ("time", True)
    assert names.time_role("visit") == ("time", False)
    assert names.time_role("weekly_dose") is None
