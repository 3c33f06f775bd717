"""What other visits or another drop-out would do to the precision of a score's effects.

With T the time columns of a person's visits (1 and those of time), Z the columns people differ in
and V = Z D Z' + s I at the fitted variances, a person adds T'V^-1 T to the information on a score
that is independent of everything else. Its mean over people, inverted, is the variance of the
effects of such a score times n; the ratio of two such variances says what a change of the visits
is worth. Visits that are left out are taken to be missing at random, as the model does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.ladder import rung
from pgsicbt.models.grid.rebuild import People, one_cell
from pgsicbt.models.grid.time_coding import slope_column, time_columns
from pgsicbt.result import Array, ModelFit, Result, TimeBasis
from pgsicbt.study import Study

_NEAR = 0.5
"""Weeks around a planned week that count as it."""
_SINGULAR = 1e-9


@dataclass(frozen=True)
class Visits:
    """Visits of a study that is planned after this cohort.

    Parameters
    ----------
    weeks
        Whole weeks at which people are seen; None for those of this cohort. Everybody keeps the
        visits that they have within half a week of these.
    leavers
        Share of people, 0 to 1, who leave early beyond those who do so here, each after a week
        drawn evenly from those planned but the last (from the first on); below zero, the share who
        are seen at every planned week instead of when they were.
    """

    weeks: tuple[float, ...] | None = None
    leavers: float = 0.0

    @property
    def own(self) -> bool:
        """Whether these are the cohort's own visits."""
        return self.weeks is None and self.leavers == 0.0


def seen_weeks(study: Study, result: Result) -> tuple[float, ...]:
    """Whole weeks in which at least eight people of an analysis were seen.

    Raises
    ------
    PgsIcbtError
        As :func:`pgsicbt.models.grid.rebuild.one_cell`.
    """
    fit = result.fits[0]
    with one_thread():
        people, _ = one_cell(study, result, fit.score, fit.adjustment)
    return _seen(people.sample.time, people.sample.code)


def relative_variance(
    study: Study, result: Result, score: str, adjustment: str, visits: Visits
) -> dict[str, float]:
    """Variance of a score's effects with other visits, over that with the cohort's own.

    Returns
    -------
    dict
        For ``"severity"`` and ``"change"``: above 1 where the other visits tell less.

    Raises
    ------
    SpecError
        If the analysis is not a mixed model of one score at a time, or there is no visit at one
        of the weeks.
    FitError
        If the visits cannot tell change.
    """
    if not -1 <= visits.leavers <= 1:
        raise SpecError("The share of people who leave must lie between -1 and 1.")
    with one_thread():
        people, fit = one_cell(study, result, score, adjustment)
    own = _variances(_information(people, fit), fit)
    there = _variances(_planned_information(people, fit, visits), fit)
    return {about: there[about] / own[about] for about in own}


def change_row(time: TimeBasis) -> Array:
    """What the time columns (k,) are multiplied with for change over the weeks it is told over.

    From the start of treatment to the last week that enough people were seen in
    (:attr:`~pgsicbt.result.TimeBasis.change_weeks`).
    """
    ends = time_columns(time, time.change_weeks)
    return np.asarray(ends[1] - ends[0])


def _variances(mean: Array, fit: ModelFit) -> dict[str, float]:
    """Variances of severity and change for one person, from the mean information (k+1, k+1)."""
    size = np.sqrt(np.diag(mean))
    if not (size > 0).all() or np.linalg.eigvalsh(mean / np.outer(size, size))[0] < _SINGULAR:
        raise FitError(
            "With these visits the model cannot tell change from severity.",
            "Keep visits at more weeks.",
            code="no_information",
        )
    covariance = np.linalg.inv(mean)
    row = change_row(_time(fit))
    return {
        "severity": float(covariance[0, 0]),
        "change": float(row @ covariance[1:, 1:] @ row),
    }


def _information(people: People, fit: ModelFit) -> Array:
    sample = people.sample
    return _mean_information(fit, sample.time, sample.code, len(sample.persons))


def _planned_information(people: People, fit: ModelFit, visits: Visits) -> Array:
    sample = people.sample
    time, code, n = sample.time, sample.code, len(sample.persons)
    plan = _seen(time, code)
    if visits.weeks is not None:
        strangers = [w for w in visits.weeks if w not in plan]
        if strangers or not visits.weeks:
            what = f"week {strangers[0]:g}" if strangers else "any week"
            raise SpecError(
                f"Fewer than {MINIMUM_CELL} people were seen in {what}.",
                "Choose weeks at which this cohort was seen.",
                column="weeks",
            )
        plan = tuple(sorted(visits.weeks))
        kept = (np.abs(time[:, None] - np.array(plan)) <= _NEAR).any(axis=1)
        time, code = time[kept], code[kept]
    here = _mean_information(fit, time, code, n)
    if visits.leavers == 0:
        return here
    share = abs(visits.leavers)
    if visits.leavers < 0:
        whole = np.array(plan)
        other = _mean_information(fit, whole, np.zeros(len(whole), dtype=np.intp), 1)
    else:
        ends = plan[:-1] if len(plan) > 1 else plan
        parts = [
            _mean_information(fit, time[time <= w + _NEAR], code[time <= w + _NEAR], n)
            for w in ends
        ]
        other = np.asarray(np.mean(parts, axis=0))
    return np.asarray((1 - share) * here + share * other)


def _mean_information(fit: ModelFit, time: Array, code: NDArray[np.intp], n: int) -> Array:
    """Mean of T'V^-1 T (k+1, k+1) over n people, those without a visit included."""
    basis = _time(fit)
    columns = time_columns(basis, time)
    one = np.ones((len(time), 1))
    q = rung(fit.random_used).q
    slopes = slope_column(basis, time) if basis.coding == "categorical" else columns
    z = np.hstack([one, slopes])[:, :q]
    t = np.hstack([one, columns])
    tt, tz, zz = _products(t, t, code, n), _products(t, z, code, n), _products(z, z, code, n)
    relative = fit.random_covariance / fit.residual_variance
    inner = np.linalg.solve(np.eye(q) + zz @ relative, np.swapaxes(tz, 1, 2))
    inside = tt - tz @ relative @ inner
    return np.asarray(inside.mean(axis=0) / fit.residual_variance)


def _products(a: Array, b: Array, code: NDArray[np.intp], n: int) -> Array:
    """a'b of every person, (n, columns of a, columns of b)."""
    out = np.empty((n, a.shape[1], b.shape[1]))
    for i in range(a.shape[1]):
        for j in range(b.shape[1]):
            out[:, i, j] = np.bincount(code, weights=a[:, i] * b[:, j], minlength=n)
    return out


def _seen(time: Array, code: NDArray[np.intp]) -> tuple[float, ...]:
    week = np.round(time)
    pairs = np.unique(np.column_stack([week, code]), axis=0)
    weeks, people = np.unique(pairs[:, 0], return_counts=True)
    return tuple(float(w) for w in weeks[people >= MINIMUM_CELL])


def _time(fit: ModelFit) -> TimeBasis:
    if fit.time is None:
        raise SpecError("This model does not say how time was coded.", "Fit the analysis again.")
    return fit.time
