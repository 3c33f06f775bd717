"""Every question has a place in the recipe for its answer."""

from __future__ import annotations

from typing import get_args

import pytest

from pgsicbt.errors import DataError
from pgsicbt.ingest import Question, ReadingChoices, TableChoice, answered, codes_in
from pgsicbt.ingest.questions import QuestionKind

EMPTY = ReadingChoices()
ANSWERS = {
    "missing_codes": ("-9, 999", ReadingChoices(missing={"c": (-9, 999)})),
    "visit_week": ("3,5", ReadingChoices(times={"c": 3.5})),
    "decimal": (",", ReadingChoices(tables={"t": TableChoice(decimal=",")})),
    "date_order": ("day", ReadingChoices(tables={"t": TableChoice(dates="day")})),
    "header_row": ("4", ReadingChoices(tables={"t": TableChoice(header_row=4)})),
    "sheet": ("t [b]", ReadingChoices(tables={"t [b]": TableChoice(use=True)})),
    "ids": ("zeros", ReadingChoices(ids="zeros")),
    "repeats": ("mean", ReadingChoices(repeats="mean")),
    "normalisation": ("Z", ReadingChoices(roles={("t", "Z"): "score"})),
    "role": ("stratum", ReadingChoices(roles={("t", "c"): "stratum"})),
    "unit": ("time:day", ReadingChoices(roles={("t", "c"): "time:day"})),
    "scale": ("PHQ-9", ReadingChoices(names={("t", "c"): "PHQ-9"})),
    "total": ("c", ReadingChoices(roles={("t", "d"): "ignore"})),
    "items": ("2", ReadingChoices(prorate={"c": 2})),
}


OPTIONS = {"total": ("c", "d")}


@pytest.mark.parametrize("kind", get_args(QuestionKind))
def test_an_answer_goes_into_the_recipe(kind: QuestionKind) -> None:
    answer, expected = ANSWERS[kind]
    found = answered(EMPTY, Question(kind, "t", "c", "What is it?", OPTIONS.get(kind, ())), answer)
    assert found == expected
    assert ReadingChoices.from_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("kind", "answer"),
    [("visit_week", "soon"), ("header_row", "0"), ("ids", "nearly"), ("role", "king"),
     ("date_order", "year"), ("items", ""), ("scale", " "), ("total", "e")],
)  # fmt: skip
def test_an_impossible_answer(kind: QuestionKind, answer: str) -> None:
    with pytest.raises(DataError):
        answered(EMPTY, Question(kind, "t", "c", "What is it?"), answer)


def test_another_normalisation_replaces_the_first() -> None:
    one = answered(EMPTY, Question("normalisation", "t", "", "Which?"), "Z_norm1")
    two = answered(one, Question("normalisation", "t", "", "Which?"), "Z_norm2")
    assert two.roles == {("t", "Z_norm2"): "score"}


def test_codes_as_people_write_them() -> None:
    assert codes_in("-9,999") == (-9, 999)
    assert codes_in(" \N{MINUS SIGN}9; 99 ") == (-9, 99)
    assert codes_in("") == ()
    assert codes_in("minus nine") is None
