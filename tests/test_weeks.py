"""The week that a visit counts for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.models.grid.planned_weeks import planned_weeks
from pgsicbt.weeks import counted_weeks, rounded_note, seen_last, shared, whole_weeks

PEOPLE = 300
RNG = np.random.default_rng(3)


def visits(weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Everybody seen in every one of ``weeks``."""
    return np.tile(weeks, PEOPLE).astype(float), np.repeat(np.arange(PEOPLE), len(weeks))


def on_any_day(weeks: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same up to three days earlier or later, so that every day holds many people."""
    time, person = visits(weeks)
    return time + RNG.integers(-3, 4, len(time)) / 7, person


@pytest.mark.parametrize("weeks", [np.arange(13), np.array([0, 52 / 12, 104 / 12, 13, 52 / 3])])
def test_planned_weeks_stand_as_they_are(weeks: np.ndarray) -> None:
    time, person = visits(weeks)
    week, step = counted_weeks(time, person)
    assert step == 0 and week == pytest.approx(time, abs=1e-6)
    assert planned_weeks(time, person).levels == pytest.approx(weeks, abs=1e-6)


def test_visits_on_any_day_count_for_whole_weeks_however_many_people() -> None:
    time, person = on_any_day(np.arange(0, 13, 2))
    assert not shared(time, person)
    week, step = counted_weeks(time, person)
    assert step == 1 and set(week) == set(range(0, 13, 2))
    plan = planned_weeks(time, person)
    assert plan.levels == tuple(range(0, 13, 2))
    assert [f.code for f in plan.findings] == ["whole_weeks"]


def test_days_shared_by_many_are_any_days_all_the_same() -> None:
    time, person = on_any_day(np.array([0, 4, 8, 12]))
    assert len(np.unique(time)) == 28  # few enough to be levels, and a week apart from no other
    assert set(counted_weeks(time, person)[0]) == {0, 4, 8, 12}
    assert planned_weeks(time, person).levels == (0, 4, 8, 12)


def test_the_last_week_seen_is_one_that_enough_people_were_seen_in() -> None:
    time, person = visits(np.arange(5))
    later = np.repeat([9.4, 20.0], [MINIMUM_CELL, MINIMUM_CELL - 1])
    who = np.r_[np.arange(MINIMUM_CELL), np.arange(MINIMUM_CELL - 1)]
    assert seen_last(np.r_[time, later], np.r_[person, who]) == 9
    again = np.repeat(20.0, 50)  # one person fifty times is one person
    assert seen_last(np.r_[time, again], np.r_[person, np.zeros(50, int)]) == 4
    assert seen_last(np.array([1.0]), np.array([0])) is None


def test_days_of_a_diary_are_planned() -> None:
    time, person = visits(np.arange(14) / 7)
    assert counted_weeks(time, person)[1] == 0
    assert len(planned_weeks(time, person).levels) == 14


def test_more_weeks_than_can_be_told_apart_are_joined() -> None:
    time, person = visits(np.arange(60))
    assert counted_weeks(time, person)[1] == 2
    # Levels of a model are never joined by number alone, and nothing is said of whole weeks.
    plan = planned_weeks(time, person)
    assert len(plan.levels) == 60 and plan.findings == []


@given(
    st.lists(st.integers(-300, 3000), min_size=1, max_size=60),
    st.lists(st.integers(0, 40), min_size=60, max_size=60),
)
def test_a_visit_counts_for_a_week_near_it(days: list[int], people: list[int]) -> None:
    time, person = np.array(days) / 7, np.array(people[: len(days)])
    week, step = counted_weeks(time, person)
    assert (np.abs(week - time) <= max(step / 2, 1e-6) + 1e-9).all()
    if step:
        assert (week % step == 0).all()


def test_halves_go_to_the_earlier_week() -> None:
    assert whole_weeks(np.array([0.5, -0.5, 1.5, 1.51])).tolist() == [0, -1, 1, 2]
    assert whole_weeks(np.array([2.0, 2.1]), 4).tolist() == [0, 4]


def test_how_visits_were_rounded_is_said() -> None:
    assert rounded_note(0) == ""
    assert rounded_note(1) == "Visits count for the nearest whole week."
    assert rounded_note(4) == "Visits count for the nearest multiple of 4 weeks."
