"""Names of visits and columns of time."""

from __future__ import annotations

import pytest

from pgsicbt.ingest.choices import ReadingChoices
from pgsicbt.ingest.content.times import parse_visit, place_visits
from pgsicbt.study import WEEKS_PER_UNIT


@pytest.mark.parametrize(
    ("label", "week"),
    [
        ("screening", -2), ("Screen", -2), ("pre", 0), ("Baseline", 0), ("PRE-treatment", 0),
        ("week 7", 7), ("Week_07", 7), ("w07", 7), ("v7", 7), ("vecka 3", 3), ("wk-3", 3),
        ("3 weeks", 3), ("7", 7), ("visit 4", 4), ("t0", 0), ("day 14", 2), ("week 1.5", 1.5),
        ("1 month", WEEKS_PER_UNIT["month"]), ("year 1", WEEKS_PER_UNIT["year"]),
    ],
)  # fmt: skip
def test_names_of_visits(label, week):
    parsed = parse_visit(label)
    assert parsed is not None
    assert parsed.week == pytest.approx(week)


@pytest.mark.parametrize("label", ["", "MDD", "week", "note 3", "12-03-2019"])
def test_names_that_say_nothing(label):
    assert parse_visit(label) is None


def test_post_comes_after_the_last_week():
    placed = place_visits(["pre", "week 5", "post"], ReadingChoices())
    assert placed.weeks == {"pre": 0, "week 5": 5, "post": 12}
    placed = place_visits(["pre", "mid", "week 15", "post"], ReadingChoices())
    assert placed.weeks == {"pre": 0, "mid": 8, "week 15": 15, "post": 16}


def test_choices_come_first_and_unknown_names_are_kept_apart():
    placed = place_visits(["Pre", "later", "odd"], ReadingChoices(times={"pre": -1, "LATER": 30}))
    assert placed.weeks == {"Pre": -1, "later": 30}
    assert placed.unknown == ("odd",)


@pytest.mark.parametrize("label", ["follow-up", "FU6m", "FU1", "Uppföljning"])
def test_follow_ups_need_a_week(label):
    assert place_visits(["pre", label], ReadingChoices()).unknown == (label,)
    assert place_visits([label], ReadingChoices(times={label: 26})).weeks == {label: 26}


def test_plain_numbers_are_unsure():
    assert place_visits(["1", "2"], ReadingChoices()).unsure
    assert not place_visits(["week 1", "pre"], ReadingChoices()).unsure
