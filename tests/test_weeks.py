"""The week that a visit counts for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgsicbt.models.grid.planned_weeks import planned_weeks
from pgsicbt.weeks import counted_weeks, rounded_note, shared, whole_weeks

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
