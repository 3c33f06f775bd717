"""What is asked about the weeks of visits."""

from __future__ import annotations

import pytest

from pgsicbt.ingest import ReadingChoices, answered, inspect
from tests.ingest import builders as make


def wide(*visits: str):
    rows = [",".join([f"K{i:02d}", *(str((i + k) % 28) for k in range(len(visits)))])
            for i in range(12)]  # fmt: skip
    return make.text("phq.csv", ",".join(["person_id", *(f"phq9_{v}" for v in visits)]), *rows)


def long(*visits: str, column: str = "visit"):
    rows = [f"K{i:02d},{v},{(i + k) % 28}" for i in range(12) for k, v in enumerate(visits)]
    return make.text("phq.csv", f"person_id,{column},phq9", *rows)


@pytest.mark.parametrize("upload", [wide("pre", "post"), long("pre", "post")])
def test_the_week_of_post_is_asked_with_a_proposal(upload):
    (read,) = inspect([upload])
    assert read.error is None
    (question,) = read.questions
    assert (question.kind, question.column, question.proposed) == ("visit_week", "post", "12")
    choices = answered(ReadingChoices(), question, "10")
    (read,) = inspect([upload], choices)
    assert read.questions == ()
    assert [visit.week for visit in read.visits] == [0, 10]


def test_post_among_numbers_is_asked_too():
    (read,) = inspect([long("0", "4", "Post", column="week")])
    assert [(q.column, q.proposed) for q in read.questions] == [("Post", "12")]


@pytest.mark.parametrize("make_table", [wide, long])
def test_follow_up_without_a_unit_is_proposed_in_months(make_table):
    (read,) = inspect([make_table("pre", "post", "FU6")])
    assert read.error is not None
    asked = {q.column: q.proposed for q in read.questions}
    assert asked["FU6"] == "38.1"


def test_it_is_said_what_months_count_from():
    (read,) = inspect([wide("pre", "post", "6m", "12mfu")])
    said = [finding.message for finding in read.findings if finding.code == "follow_up"]
    assert any("from the start of treatment: '6m' in week 26.1" in one for one in said)
    assert any("from the end of treatment: '12mfu' in week 64.2" in one for one in said)


def test_names_of_few_people_are_not_shown():
    rows = [f"K{i:02d},{v},{i + 1}" for i in range(4) for v in ("pre", "post")]
    (read,) = inspect([make.text("phq.csv", "person_id,visit,phq9", *rows)])
    assert read.questions == ()
