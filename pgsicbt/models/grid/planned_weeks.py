"""The planned weeks of a study, each a level of categorical time.

Every week that somebody was seen in is a level. Where visits fall on any day
(:func:`pgsicbt.weeks.shared`), whole weeks are the levels. A week with fewer people than the
disclosure rule allows is joined with the nearest level that has enough, if that is no further away
than weeks usually are from one another; otherwise its visits are in no plan, and are left out where
an analysis needs planned weeks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import SpecError
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array
from pgsicbt.study import Finding
from pgsicbt.weeks import people_in, shared, whole_weeks

_STEP = "in the planned weeks"


@dataclass(frozen=True)
class PlannedWeeks:
    """The planned weeks of some visits.

    Attributes
    ----------
    levels
        Weeks that enough people were seen in, ascending.
    outside
        (n,) whether a visit is near none of them.
    weeks_outside
        The weeks of those visits, ascending.
    findings
        What a reader must know of the levels.
    """

    levels: tuple[float, ...]
    outside: NDArray[np.bool_]
    weeks_outside: tuple[float, ...]
    findings: list[Finding]


def nearest(weeks: Array, levels: Array) -> NDArray[np.intp]:
    """Position (n,) of the nearest of the ascending ``levels``; the earlier of two as near."""
    middle = (levels[1:] + levels[:-1]) / 2
    return np.asarray(np.searchsorted(middle, weeks - 1e-9, side="left"))


def planned_weeks(weeks: Array, people: NDArray[np.intp]) -> PlannedWeeks:
    """Levels of categorical time, the visits that belong to none, and what a reader must know.

    Parameters
    ----------
    weeks, people
        (n,) week of every visit and an integer code of its person.

    Raises
    ------
    SpecError
        If most weeks hold too few people, or only one holds enough.
    """
    findings: list[Finding] = []
    levels = np.unique(np.round(weeks, 6))
    n = people_in(nearest(weeks, levels), people, len(levels))
    if not shared(np.round(weeks, 6), people):
        whole = np.unique(whole_weeks(weeks))
        counted = people_in(nearest(weeks, whole), people, len(whole))
        if np.mean(counted < MINIMUM_CELL) > 0.5 or len(whole) < 2:
            raise SpecError(
                f"Most weeks have fewer than {MINIMUM_CELL} people, too few for a level each.",
                "Choose a spline or a straight line.",
                column="time_coding",
            )
        if not np.isin(levels, whole).all():
            text = "Visits fall on many different days, so each counts for the nearest whole week."
            findings.append(Finding("whole_weeks", "info", text))
        levels, n = whole, counted
    few = n < MINIMUM_CELL
    kept, small = levels[~few], levels[few]
    if len(kept) < 2:
        raise SpecError(
            f"Only one week has {MINIMUM_CELL} people or more, so there is no change to see.",
            "Choose a straight line.",
            column="time_coding",
        )
    usual = float(np.median(np.diff(levels)))
    beyond = []
    for week, level in zip(small, kept[nearest(small, kept)] if len(small) else [], strict=True):
        if abs(week - level) > usual + 1e-9:
            beyond.append(float(week))
            continue
        text = (
            f"Week {week:g} has fewer than {MINIMUM_CELL} people, so its visits count for "
            f"week {level:g}."
        )
        findings.append(Finding("merged_weeks", "warning", text))
    outside = np.isin(levels[nearest(weeks, levels)], beyond)
    return PlannedWeeks(tuple(float(level) for level in kept), outside, tuple(beyond), findings)


def in_planned_weeks(sample: Sample) -> Sample:
    """The sample without visits that belong to no planned week, with a ledger step naming those.

    Raises
    ------
    SpecError
        As :func:`planned_weeks`.
    """
    plan = planned_weeks(sample.time, sample.code)
    if not plan.outside.any():
        return sample
    named = ", ".join(f"{week:g}" for week in plan.weeks_outside)
    reason = (
        f"visits in week {named}, which fewer than {MINIMUM_CELL} people were seen in and no "
        "planned week is near to"
    )
    people = ("a visit in a planned week", "no visit in a planned week")
    return sample.visits(~plan.outside, _STEP, reason, people)


def unplanned(sample: Sample) -> tuple[Finding, ...]:
    """What a reader must know of visits that :func:`in_planned_weeks` left out."""
    said = [f"Left out: {step.reason}." for step in sample.ledger if step.step == _STEP]
    return tuple(Finding("unplanned_weeks", "warning", text) for text in said)
