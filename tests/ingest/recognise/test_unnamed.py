"""Totals that do not say of which scale they are."""

from __future__ import annotations

import pytest

from pgsicbt.ingest import ReadingChoices, answered, inspect, read_study
from tests.ingest import builders as make

ROWS = [f"K{i:04d},{week},{(7 * i + week) % 28}" for i in range(1, 13) for week in (0, 4, 12)]


def table(column: str, name: str = "outcomes.csv"):
    return make.text(name, f"person_id,week,{column}", *ROWS)


@pytest.mark.parametrize("column", ["total", "score", "Summa", "sum score", "poäng", "TOT"])
def test_the_scale_is_asked(column):
    (read,) = inspect([table(column)])
    assert read.error is None
    (question,) = read.questions
    assert (question.kind, question.column, question.proposed) == ("scale", column, "")
    assert [one.severity for one in read.findings if one.code == "unnamed_scale"] == ["warning"]


@pytest.mark.parametrize("name", ["phq9_long.csv", "PHQ-9 export 2024.csv", "weekly_phq_9.csv"])
def test_the_name_of_the_file_proposes_it(name):
    (read,) = inspect([table("total", name)])
    assert read.questions[0].proposed == "PHQ-9"


def test_two_scales_in_the_name_propose_none():
    (read,) = inspect([table("total", "phq9_gad7.csv")])
    assert read.questions[0].proposed == ""


def test_the_answer_names_the_outcome_and_is_not_asked_again():
    upload = table("total")
    choices = answered(ReadingChoices(), inspect([upload])[0].questions[0], "phq 9")
    (read,) = inspect([upload], choices)
    assert read.questions == ()
    assert not [one for one in read.findings if one.code == "unnamed_scale"]
    study = read_study(make.csv(make.scores(), "scores.csv"), upload, recipe=choices)
    assert study.outcome("PHQ-9").n_observations == len(ROWS)


def test_an_answer_holds_totals_against_the_range():
    upload = make.text("o.csv", "person_id,week,total", *ROWS, "K0013,0,43")
    choices = answered(ReadingChoices(), inspect([upload])[0].questions[0], "PHQ-9")
    (read,) = inspect([upload], choices)
    assert read.error is not None
    assert read.error.code == "out_of_range"


def test_named_scales_are_not_asked():
    assert inspect([table("PHQ9TOT")])[0].questions == ()
    assert inspect([make.csv(make.long(), "long.csv")])[0].questions == ()
