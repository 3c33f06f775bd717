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


@pytest.mark.parametrize(
    "labels",
    [["pre", "post", "3m", "6m", "12 months"], ["w0", "w4", "w8", "post", "w52"],
     ["pre", "post", "1yr"], ["post", "6 month", "baseline", "week 10"]],
)  # fmt: skip
def test_follow_ups_do_not_move_the_visit_after_treatment(labels):
    assert place_visits(labels, ReadingChoices()).weeks["post"] == 12


def test_choices_come_first_and_unknown_names_are_kept_apart():
    placed = place_visits(["Pre", "later", "odd"], ReadingChoices(times={"pre": -1, "LATER": 30}))
    assert placed.weeks == {"Pre": -1, "later": 30}
    assert placed.unknown == ("odd",)


@pytest.mark.parametrize("label", ["follow-up", "FU1", "UPPF6", "Uppföljning"])
def test_follow_ups_without_a_time_need_a_week(label):
    assert place_visits(["pre", label], ReadingChoices()).unknown == (label,)
    assert place_visits([label], ReadingChoices(times={label: 26})).weeks == {label: 26}


def test_plain_numbers_are_unsure():
    assert place_visits(["1", "2"], ReadingChoices()).unsure
    assert not place_visits(["week 1", "pre"], ReadingChoices()).unsure


@pytest.mark.parametrize(
    ("label", "months"),
    [("FU6m", 6), ("6mfu", 6), ("12-month follow-up", 12), ("Uppföljning 1 år", 12)],
)
def test_follow_ups_count_from_the_end_of_treatment(label, months):
    away = months * 365.25 / 84
    alone = place_visits(["pre", label], ReadingChoices())
    assert alone.weeks[label] == pytest.approx(away, abs=1e-5)
    assert alone.later == (label,)
    after = place_visits(["pre", "week 10", "post", label], ReadingChoices())
    assert after.weeks[label] == pytest.approx(12 + away, abs=1e-5)
    moved = place_visits(["pre", "post", label], ReadingChoices(times={"post": 10}))
    assert moved.weeks[label] == pytest.approx(10 + away, abs=1e-5)


@pytest.mark.parametrize(
    ("label", "months"),
    [("uppfoljning_1_ar", 12), ("opfølgning 6 mdr", 6), ("post6m", 6), ("6m_post", 6)],
)
def test_more_follow_ups(label, months):
    placed = place_visits(["pre", "week 11", "post", label], ReadingChoices())
    assert placed.weeks[label] == pytest.approx(12 + months * 365.25 / 84, abs=1e-5)


def test_weeks_of_the_study_in_follow_ups():
    assert place_visits(["w0", "post", "w52fu"], ReadingChoices()).weeks["w52fu"] == 52


def test_likely_weeks_are_proposed():
    placed = place_visits(["pre", "post", "FU6", "FU1", "FU104"], ReadingChoices())
    assert placed.unknown == ("FU6", "FU1", "FU104")
    assert placed.proposed == {"FU6": 38.1, "FU104": 104}


@pytest.mark.parametrize(
    ("labels", "assumed"),
    [(["pre", "post"], ("post",)), (["week 0", "week 11", "post"], ()),
     (["pre", "mid", "post"], ("mid", "post")), (["pre", "week 4", "post", "6m"], ("post",))],
)  # fmt: skip
def test_a_week_that_nothing_speaks_for_is_told(labels, assumed):
    assert place_visits(labels, ReadingChoices()).assumed == assumed
    known = ReadingChoices(times={"post": 10, "mid": 5})
    assert place_visits(labels, known).assumed == ()


def test_months_beside_a_visit_after_treatment_count_from_the_start():
    assert place_visits(["pre", "post", "6m"], ReadingChoices()).from_start == ("6m",)
    assert place_visits(["pre", "6m"], ReadingChoices()).from_start == ()


@pytest.mark.parametrize(
    ("label", "week"),
    [
        ("Vecka 3", 3), ("Woche 3", 3), ("Uke 3", 3), ("Viikko 3", 3), ("Semaine 3", 3),
        ("semana 3", 3), ("Baseline (Arm 1: ICBT)", 0), ("Visit: Week 3", 3), ("Före", 0),
        ("inklusion", 0), ("6 mån", 6 * 365.25 / 84), ("3rd week", 3), ("week_3_arm_2", 3),
    ],
)  # fmt: skip
def test_visits_in_the_languages_of_clinics(label, week):
    parsed = parse_visit(label)
    assert parsed is not None
    assert parsed.week == pytest.approx(week)
