"""Which planned visits were missed: before somebody left, or from then on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.grid.planned_weeks import in_planned_weeks, nearest, planned_weeks
from pgsicbt.models.grid.sample import Sample
from pgsicbt.result import Array


@dataclass(frozen=True)
class Missed:
    """The planned visits of the people analysed that did not happen.

    Attributes
    ----------
    levels
        (K,) planned weeks.
    seen
        (N, K) whether a person has a value at a planned week.
    code, week
        (d,) position of the person and the planned week of every missed visit, by person.
    left
        (d,) whether nothing of the person came after it.
    gone
        (d,) weeks since the last planned week that the person was seen in, 0 before that.
    """

    levels: Array
    seen: NDArray[np.bool_]
    code: NDArray[np.intp]
    week: Array
    left: NDArray[np.bool_]
    gone: Array

    @property
    def last(self) -> NDArray[np.intp]:
        """(N,) position among ``levels`` of the last week that each person was seen in."""
        return np.asarray(self.seen.shape[1] - 1 - np.argmax(self.seen[:, ::-1], axis=1))

    @property
    def leavers(self) -> NDArray[np.bool_]:
        """(N,) who was not seen in the last planned week."""
        return np.asarray(~self.seen[:, -1])


def planned_sample(sample: Sample) -> Sample:
    """The sample without visits in weeks that nobody planned, such as one person's long after.

    Raises
    ------
    FitError
        If there are no planned weeks to be found, since visits fall on any day.
    """
    try:
        return in_planned_weeks(sample)
    except SpecError:
        raise FitError(
            "The visits follow no plan that could be told from them, so none can be called missed.",
            "Read the visits with the weeks that they were planned for.",
            code="no_planned_weeks",
        ) from None


def missed_visits(sample: Sample) -> Missed:
    """Find the missed visits; an observed visit counts for the nearest planned week.

    Parameters
    ----------
    sample
        As :func:`planned_sample` gives it.
    """
    levels = np.array(planned_weeks(sample.time, sample.code).levels)
    seen = np.zeros((len(sample.persons), len(levels)), dtype=bool)
    seen[sample.code, nearest(sample.time, levels)] = True
    last = len(levels) - 1 - np.argmax(seen[:, ::-1], axis=1)
    code, place = np.nonzero(~seen)
    gone = np.maximum(levels[place] - levels[last[code]], 0.0)
    return Missed(levels, seen, code, levels[place], place > last[code], gone)
