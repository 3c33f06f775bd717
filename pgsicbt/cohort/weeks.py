"""When visits took place, in weeks that enough people share to be counted by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pgsicbt.study import HARMONISED, Study
from pgsicbt.weeks import counted_weeks, rounded_note


@dataclass(frozen=True)
class Visits:
    """Every observation as plain arrays of shape (n,).

    ``person`` is the position in ``study.persons``, ``outcome`` in ``names``, ``week`` the week
    that a visit counts for, ``value`` what was measured. ``step`` is 0 where weeks stand as in the
    files, else the weeks that visits were rounded to.
    """

    names: tuple[str, ...]
    person: NDArray[np.intp]
    outcome: NDArray[np.intp]
    week: NDArray[np.float64]
    time: NDArray[np.float64]
    value: NDArray[np.float64]
    step: int

    def of(self, name: str) -> NDArray[np.bool_]:
        """Which rows are of one outcome."""
        return np.asarray(self.outcome == self.names.index(name))

    @property
    def base(self) -> NDArray[np.bool_]:
        """Rows of what was measured, without what was computed from it; all if nothing else."""
        if HARMONISED not in self.names or len(self.names) == 1:
            return np.ones(len(self.value), dtype=bool)
        return ~self.of(HARMONISED)

    @property
    def note(self) -> str:
        """How visits were rounded, as a sentence; empty if they were not."""
        return rounded_note(self.step)


def visit_arrays(study: Study) -> Visits:
    """The visits of a study; on scattered days they count for the nearest whole week or more."""
    frame = study.visits
    position = pd.Index(frame["person"].cat.categories)
    person = np.asarray(frame["person"].cat.codes, dtype=np.intp)
    if not position.equals(study.persons.index):
        person = study.persons.index.get_indexer(position)[person]
    names = tuple(o.name for o in study.outcomes)
    outcome = frame["outcome"].cat.set_categories(list(names)).cat.codes
    time = frame["time"].to_numpy(float)
    week, step = counted_weeks(time, person, np.asarray(outcome, dtype=np.intp))
    keep = np.asarray(outcome) >= 0
    return Visits(
        names,
        person[keep],
        np.asarray(outcome, dtype=np.intp)[keep],
        week[keep],
        time[keep],
        frame["value"].to_numpy(float)[keep],
        step,
    )


def person_weeks(visits: Visits, rows: NDArray[np.bool_]) -> pd.DataFrame:
    """One row per person, outcome and week, with the mean where a week holds several values.

    Returns
    -------
    DataFrame
        ``outcome`` (position), ``week``, ``person`` (position), ``value``; sorted by these.
    """
    frame = pd.DataFrame(
        {
            "outcome": visits.outcome[rows],
            "week": visits.week[rows],
            "person": visits.person[rows],
            "value": visits.value[rows],
        }
    ).sort_values(["outcome", "week", "person"], ignore_index=True)
    key = frame[["outcome", "week", "person"]].to_numpy()
    if len(frame) < 2 or not (key[1:] == key[:-1]).all(axis=1).any():
        return frame
    return frame.groupby(["outcome", "week", "person"])["value"].mean().reset_index()
