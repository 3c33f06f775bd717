"""The week that a visit counts for: its own where enough people share it, else a rounded one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL

_STEPS = (1, 2, 4, 13, 26, 52)
_MOST_WEEKS = 40
_CLOSE = 0.75
"""Weeks between visits below which they were made on any day, or on planned days."""
_SEVERAL = 0.25
"""Share of visits beyond a person's first of a whole week, above which the days were planned."""


def counted_weeks(
    time: NDArray[np.float64],
    person: NDArray[np.intp],
    measure: NDArray[np.intp] | None = None,
) -> tuple[NDArray[np.float64], int]:
    """Weeks as they are where most of them hold enough people, else rounded just enough.

    Parameters
    ----------
    time, person, measure
        (n,) week of every value and integer codes of its person and, where there are several, of
        what was measured: instruments filled in on days of their own are no diary.

    Returns
    -------
    week, step
        (n,) the week that each counts for, to six decimals, and the weeks that visits were
        rounded to a multiple of; 0 where they stand.
    """
    time = np.round(time, 6)
    if shared(time, person, measure):
        return time, 0
    for step in _STEPS:
        week = whole_weeks(time, step)
        if shared(week, person, measure):
            break
    return week, step


def whole_weeks(time: NDArray[np.float64], step: int = 1) -> NDArray[np.float64]:
    """The nearest multiple of ``step`` weeks; halves go to the earlier one."""
    return np.asarray(np.ceil(time / step - 0.5) * step + 0.0)


def shared(
    week: NDArray[np.float64],
    person: NDArray[np.intp],
    measure: NDArray[np.intp] | None = None,
) -> bool:
    """Whether people were seen in the same weeks, and not each on a day of their own.

    Weeks that are closer than visits are planned count as any day, unless people were seen on
    several days of one whole week, as in a diary. Arguments as in :func:`counted_weeks`.
    """
    levels, code = np.unique(week, return_inverse=True)
    if len(levels) > _MOST_WEEKS:
        return False
    close = len(levels) > 1 and float(np.median(np.diff(levels))) < _CLOSE
    series = person if measure is None else (measure + 1) * _span(person) + person
    if close and _extra(week, series) <= _SEVERAL:
        return False
    return bool(np.mean(people_in(code.ravel(), person, len(levels)) < MINIMUM_CELL) <= 0.5)


def _extra(week: NDArray[np.float64], person: NDArray[np.intp]) -> float:
    """Share of people's weeks that fall in a whole week of theirs which holds another."""
    _, whole = np.unique(whole_weeks(week), return_inverse=True)
    _, own = np.unique(week, return_inverse=True)
    return 1 - len(_pairs(whole.ravel(), person)) / len(_pairs(own.ravel(), person))


def seen_last(time: NDArray[np.float64], person: NDArray[np.intp]) -> float | None:
    """Last whole week that enough people were seen in, None where there is none.

    Whole weeks, since clinics measure on any day. Both arguments are (n,), as in
    :func:`counted_weeks`.
    """
    whole, code = np.unique(np.round(time), return_inverse=True)
    enough = whole[people_in(code.ravel(), person, len(whole)) >= MINIMUM_CELL]
    return float(enough[-1]) if len(enough) else None


def people_in(code: NDArray[np.intp], person: NDArray[np.intp], n: int) -> NDArray[np.intp]:
    """How many different people were seen at each of n levels; arguments (n_visits,), as codes."""
    return np.bincount(_pairs(code, person) // _span(person), minlength=n)


def _pairs(code: NDArray[np.intp], person: NDArray[np.intp]) -> NDArray[np.int64]:
    """Different pairs of level and person, as one number each: quicker than rows of two."""
    return np.unique(code.astype(np.int64) * _span(person) + person)


def _span(person: NDArray[np.intp]) -> int:
    return int(person.max(initial=0)) + 1


def rounded_note(step: int) -> str:
    """How visits were rounded, as a sentence; empty if they were not."""
    if not step:
        return ""
    unit = "whole week" if step == 1 else f"multiple of {step} weeks"
    return f"Visits count for the nearest {unit}."
