"""Names that two scales share, two totals of one visit, and columns that change over visits."""

from __future__ import annotations

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import ReadingChoices, Upload, answered, read_files, read_study
from pgsicbt.instruments import find_instrument

PEOPLE = range(20)


def file(head: str, rows) -> Upload:
    return Upload("t.csv", "\n".join([head, *(",".join(map(str, row)) for row in rows)]).encode())


def codes(found) -> list[str]:
    return [one.code for one in found.findings]


@pytest.mark.parametrize(
    ("name", "taken"),
    [("lsas", "LSAS-SR"), ("PDSS", "PDSS-SR"), ("ybocs_total", "Y-BOCS"), ("madrs", "MADRS-S")],
)
def test_a_name_of_two_forms_is_asked_about_once(name, taken):
    other = find_instrument(taken).other
    wide = file(f"id,{name}_w0,{name}_w4,{name}_w8", [(f"k{i}", 9, 8, i % 20) for i in PEOPLE])
    reading = read_files([wide])
    (asked,) = [one for one in reading.questions if one.kind == "scale"]
    assert asked.options == (taken, other)
    assert asked.proposed == taken
    for answer in asked.options:
        settled = read_files([wide], answered(reading.choices, asked, answer))
        assert not settled.questions
        assert "doubtful_name" not in codes(settled)
        assert settled.study.outcome_names[0] == answer
        assert settled.study.outcome(answer).n_observations == 60


@pytest.mark.parametrize("name", ["lsas_sr", "PDSS-SR", "Y-BOCS clinician", "madrs_s"])
def test_a_full_name_is_not_asked_about(name):
    reading = read_files(
        [file(f"id,week,{name}", [(f"k{i}", w, 9) for i in PEOPLE for w in (0, 4)])]
    )
    assert not reading.questions
    assert "doubtful_name" not in codes(reading)


def test_a_scale_named_in_rows_is_told():
    rows = [(f"k{i}", w, "LSAS", 9 + i) for i in PEOPLE for w in (0, 4)]
    found = read_study(file("id,week,scale,total", rows))
    assert [one.severity for one in found.findings if one.code == "doubtful_name"] == ["info"]


@pytest.mark.parametrize("head", ["id,week,phq9,phq9_total", "id,phq9_w0,phq9_total_week0,phq9_w4"])
def test_two_totals_that_differ_are_asked_about(head):
    if "week," in head:
        rows = [(f"k{i}", w, i, i + (i == 7)) for i in PEOPLE for w in (0, 4)]
    else:
        rows = [(f"k{i}", i, i + (i == 7), 5) for i in PEOPLE]
    table = file(head, rows)
    reading = read_files([table])
    (asked,) = reading.questions
    assert asked.kind == "total"
    assert reading.error.code == "two_totals"
    assert "t.csv" in reading.error.sentence
    for answer, expected in zip(asked.options, (7.0, 8.0), strict=True):
        study = read_study(table, recipe=answered(reading.choices, asked, answer))
        frame = study.outcome_visits("PHQ-9")
        first = frame[frame["time"] == 0]["value"]
        assert (first == expected).sum() == (2 if expected == 8 else 1)


def test_two_totals_that_agree_fill_each_other():
    rows = [(f"k{i}", w, i if i % 3 else "", i) for i in PEOPLE for w in (0, 4)]
    study = read_study(file("id,week,phq9,phq9_total", rows))
    assert study.outcome("PHQ-9").n_observations == 40
    assert codes(study).count("same_totals") == 1


def test_an_answer_to_repeats_still_counts_for_two_totals():
    rows = [(f"k{i}", w, i, i + 1) for i in PEOPLE for w in (0, 4)]
    study = read_study(file("id,week,phq9,phq9_total", rows), recipe=ReadingChoices(repeats="mean"))
    assert study.outcome_visits("PHQ-9")["value"].mean() == pytest.approx(10.0)


def test_a_diagnosis_that_changes_is_named_with_its_lines():
    rows = [
        (f"k{i}", w, i, "GAD" if i == 3 and w else "MDD", f"{w}a") for i in PEOPLE for w in (0, 4)
    ]
    found = read_study(file("id,week,phq9,Diagnos,ward", rows))
    told = {one.column: one for one in found.findings if one.code == "changing"}
    assert told["Diagnos"].severity == "warning"
    assert "line 9" in told["Diagnos"].message
    assert "MDD" not in told["Diagnos"].message
    assert told["ward"].severity == "info"
    assert not found.covariate_names()


def test_a_diagnosis_called_gad_is_no_scale():
    rows = [(f"k{i}", w, i, ("GAD", "OCD")[i % 2]) for i in PEOPLE for w in (0, 4)]
    found = read_study(file("id,week,phq9,diagnosis", rows))
    assert found.outcome_names[0] == "PHQ-9"
    assert "diagnosis" in found.persons.columns


def test_a_covariate_cannot_change_over_visits():
    rows = [(f"k{i}", w, i, "ab"[w // 4]) for i in PEOPLE for w in (0, 4)]
    recipe = ReadingChoices(roles={("t.csv", "arm"): "covariate"})
    with pytest.raises(DataError, match="'arm'"):
        read_study(file("id,week,phq9,arm", rows), recipe=recipe)
