"""Corners of the gate: errors before it, labels, births in codes."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from pgsicbt.deidentify import Text, examine, safe
from pgsicbt.deidentify.dates import find_births
from pgsicbt.errors import DataError

NUMBER = "811218-9876"  # of the Swedish tax agency's own examples


@pytest.mark.parametrize(
    "sentence",
    [f"x.csv has two columns called {NUMBER!r}.", "x.csv has two columns called 'anna@lund.se'."],
)
def test_an_error_that_quotes_a_person_is_told_without_its_text(sentence):
    told = safe(DataError(sentence, "Look.", code="header", file="x.csv", column=NUMBER))
    assert told.code == "identifier"
    assert NUMBER not in str(told)
    assert "anna" not in str(told)
    assert not told.file
    assert not told.column


@pytest.mark.parametrize(
    "sentence",
    ["x.csv has two columns called 'phq9_w4'.", "scores_2024.csv has no rows.",
     "x.csv has no identifier on lines 2, 3 and 1,204 more."],
)  # fmt: skip
def test_any_other_error_stays_as_it_is(sentence):
    error = DataError(sentence, "Look.", code="header", file="x.csv")
    assert safe(error) is error


def label(column: str) -> Text:
    return Text("the label of a column", f"Personnummer {NUMBER}", column)


def test_labels_of_a_column_that_was_left_out_do_not_refuse():
    texts = [label("c")]
    assert examine("x.sav", [], texts, {}).refusal is not None
    assert examine("x.sav", [], texts, {("x.sav", "c"): "strip"}).refusal is None
    assert examine("x.sav", [], texts, {("x.sav", "d"): "strip"}).refusal is not None


def test_labels_of_a_kept_column_are_still_looked_at():
    found = examine("x.sav", [], [label("c")], {("x.sav", "c"): "keep"}).refusal
    assert found is not None
    assert NUMBER not in str(found)


def births(n: int = 40) -> list[dt.date]:
    rng = random.Random(2)
    return [
        dt.date(rng.randint(1945, 2003), rng.randint(1, 12), rng.randint(1, 28)) for _ in range(n)
    ]


@pytest.mark.parametrize(
    "form",
    [
        "{:%y%m%d}",
        "{:%Y%m%d}",
        "{:%y%m%d}-XXXX",
        "AL{:%y%m%d}",
        "{:%Y%m%d}-01",
        "{:%d%m%Y}",
        "{:%d%m%y}",
    ],
)
def test_births_at_the_head_of_codes_are_found(form):
    found = find_births([form.format(day) for day in births()])
    assert found is not None
    assert found.weak
    assert len(found.entries) == 40


def test_a_day_raised_for_people_without_a_number_is_a_day():
    entries = [f"{day:%y%m}{day.day + 60:02d}-TF1" for day in births()]
    assert find_births(entries) is not None


@pytest.mark.parametrize(
    "entries",
    [
        [f"{100001 + i}" for i in range(40)],  # running numbers
        [f"2021{1 + i % 12:02d}{1 + i % 28:02d}-{i}" for i in range(40)],  # days of inclusion
        [f"{810101 + i}" for i in range(31)],  # one month of one year
        [f"K{i:06d}" for i in range(0, 40_000, 1000)],
        ["811218", "720304", "650911"],  # too few to tell
        [f"{value}" for value in range(123456, 987654, 17000)],
    ],
)
def test_other_codes_are_no_births(entries):
    assert find_births(entries) is None
