"""How time enters a model: codings, their columns at any week, and where time is zero.

Every coding gives columns T_1 .. T_k of a week w that are zero at the origin, so that the main
effect of a score is its effect there. With u the weeks in a unit of time and f the origin:

    linear       (w - f) / u
    log          log(w + 1) - log(f + 1)
    piecewise    (w - f) / u,  the weeks after the knot / u
    spline       (w - f) / u,  N_3, ..  of the natural cubic spline (Hastie, Tibshirani &
                 Friedman 2009, Elements of Statistical Learning, eq. 5.4 and 5.5), over u
    categorical  one indicator for each planned week but the origin's

The first column is straight time wherever there is one, so that a random slope means the same in
linear, piecewise and spline time.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.grid.planned_weeks import nearest, planned_weeks
from pgsicbt.result import Array, TimeBasis
from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import WEEKS_PER_UNIT, Finding
from pgsicbt.weeks import seen_last

TIME = "time"
LOG_TIME = "log(week + 1)"
_GRID = 57
_EARLIEST_LOG = -0.5
"""Weeks before this are too near the pole of log(week + 1) at week -1."""


def spline_knots(weeks: Array, df: int) -> tuple[float, ...]:
    """First week, ``df - 1`` inner knots, last week.

    The inner knots stand at equally spaced quantiles of the weeks of all visits, as R's
    ``ns(week, df)`` has them. Where many visits share a week two of them can coincide; then the
    quantiles are those of the distinct weeks, each counted once.

    Raises
    ------
    SpecError
        If there are fewer than ``df + 1`` distinct weeks.
    """
    distinct = np.unique(weeks)
    if len(distinct) <= df:
        raise SpecError(
            f"A spline with {df} columns needs visits in at least {df + 1} different weeks, and "
            f"there are {len(distinct)}.",
            "Choose fewer columns, or a straight line.",
            column="spline_df",
        )
    at = np.linspace(0.0, 1.0, df + 1)
    for values in (weeks, distinct):
        knots = np.quantile(values, at)
        if np.all(np.diff(knots) > 1e-6 * (distinct[-1] - distinct[0])):
            break
    return tuple(float(k) for k in knots)


def _checked_knot(knot: float | None, first: float, last: float) -> float:
    if knot is None or not first < knot < last:
        raise SpecError(
            f"The knot at week {0.0 if knot is None else knot:g} is not inside the weeks observed, "
            f"{first:g} to {last:g}.",
            "Put it between them.",
            column="knot",
        )
    return knot


def _check_log(first: float) -> None:
    if first < _EARLIEST_LOG:
        raise SpecError(
            f"log(week + 1) cannot describe visits at week {first:g}, before the start of "
            "treatment.",
            "Start the window at week 0, or choose another coding.",
            column="time_coding",
        )


def time_columns(basis: TimeBasis, weeks: Sequence[float] | Array) -> Array:
    """Time columns (n, k) at ``weeks`` (n,); zero at the origin.

    Weeks beyond those observed follow the coding: straight lines go on straight, the spline is
    straight beyond its outer knots, and categorical time takes the nearest planned week.

    Raises
    ------
    SpecError
        If a week is at or before -1 and the coding is log(week + 1).
    """
    w = np.asarray(weeks, dtype=float)
    if basis.coding == "log" and len(w) and w.min() <= -1:
        raise SpecError("log(week + 1) is not defined at week -1 or before.", "Choose later weeks.")
    return np.asarray(_raw(basis, w) - _raw(basis, np.array([basis.origin])), dtype=float)


def _raw(basis: TimeBasis, w: Array) -> Array:
    if basis.coding == "log":
        return np.asarray(np.log1p(w)[:, None])
    if basis.coding == "categorical":
        levels = np.array(basis.levels)
        at = nearest(w, levels)
        shown = [i for i, level in enumerate(levels) if level != basis.origin]
        return np.asarray(at[:, None] == np.array(shown)[None, :], dtype=float)
    parts = [w]
    if basis.coding == "piecewise":
        parts.append(np.maximum(w - basis.knots[0], 0.0))
    elif basis.coding == "spline":
        parts += _natural(w, np.array(basis.knots))
    return np.column_stack(parts) / basis.unit


def _natural(w: Array, knots: Array) -> list[Array]:
    """N_3 .. N_K of the natural cubic spline, over (last - first knot) to count in weeks."""
    last, span = knots[-1], knots[-1] - knots[0]

    def bend(knot: float) -> Array:
        cubic = np.maximum(w - knot, 0.0) ** 3 - np.maximum(w - last, 0.0) ** 3
        return np.asarray(cubic / ((last - knot) * span))

    end = bend(knots[-2])
    return [bend(knot) - end for knot in knots[:-2]]


def time_part(basis: TimeBasis, name: str) -> tuple[int | None, str]:
    """Which time column a term holds (None for none), and what it is multiplied with ("" for 1)."""
    for j, time in enumerate(basis.names):
        if name == time:
            return j, ""
        if name.startswith(f"{time}:"):
            return j, name[len(time) + 1 :]
    return None, name


def slope_column(basis: TimeBasis, weeks: Array) -> Array:
    """Straight time (n, 1), zero at the origin: the slope in which people may differ."""
    return np.asarray((weeks - basis.origin)[:, None] / basis.unit)


def weeks_to_draw(basis: TimeBasis, observed: Sequence[float]) -> list[float]:
    """Weeks at which a line must be drawn so that it looks as the model has it.

    A straight line needs the weeks observed, the start and the end; two lines their knot as well,
    curves a fine grid. Categorical time has its planned weeks and nothing between them. Nothing is
    drawn to where only a few people were seen long after the others (``basis.end_week``).
    """
    if basis.coding == "categorical":
        return list(basis.levels)
    first, last = basis.first_week, basis.end_week
    weeks = {float(w) for w in observed if np.round(w) <= last}
    if weeks and max(weeks) < last:  # visits on any day count for whole weeks before the end
        weeks.add(last)
    if basis.coding == "linear":
        return sorted(weeks | {0.0})
    weeks |= {w for w in (0.0, *basis.knots) if first <= w <= last}
    if basis.coding in ("log", "spline"):
        weeks |= {float(w) for w in np.linspace(first, last, _GRID)}
    return sorted(weeks)


def time_basis(
    spec: AnalysisSpec, weeks: Array, people: NDArray[np.intp]
) -> tuple[TimeBasis, list[Finding]]:
    """The time basis of an analysis.

    Parameters
    ----------
    weeks
        (n,) week of every visit analysed.
    people
        (n,) integer code of who the visit is of, for categorical time.

    Returns
    -------
    TimeBasis, list of Finding
        The basis, and what a reader must know of it.

    Raises
    ------
    SpecError
        If the coding does not fit the weeks: log with weeks before the start, a knot outside
        the weeks observed, more spline columns than weeks, or weeks without a plan.
    FitError
        If all visits are of one week.
    """
    first, last = float(weeks.min()), float(weeks.max())
    if first == last:
        raise FitError(
            "All visits analysed are of one week, so there is no change to see.",
            "Use a wider window of weeks; people have too few visits as it is.",
            code="one_week",
        )
    findings: list[Finding] = []
    unit = WEEKS_PER_UNIT[spec.time_unit]
    made = TimeBasis(
        spec.time_coding, (), 0.0, first, last, unit, seen_last=seen_last(weeks, people)
    )
    names: tuple[str, ...] = (TIME,)
    knots: tuple[float, ...] = ()
    levels: tuple[float, ...] = ()
    if spec.time_coding == "log":
        _check_log(first)
        names = (LOG_TIME,)
    elif spec.time_coding == "piecewise":
        knots = (_checked_knot(spec.knot, first, last),)
        names = (TIME, f"{TIME}_after_{knots[0]:g}")
    elif spec.time_coding == "spline":
        knots = spline_knots(weeks, spec.spline_df)
        names = (TIME, *(f"spline_{j}" for j in range(2, spec.spline_df + 1)))
    elif spec.time_coding == "categorical":
        plan = planned_weeks(weeks, people)
        levels, findings = plan.levels, plan.findings
    made = dataclasses.replace(made, knots=knots, levels=levels)
    end = made.end_week
    origin = {"start": 0.0, "middle": (first + end) / 2, "end": end}[spec.origin]
    if spec.time_coding == "categorical":
        origin = levels[int(nearest(np.array([origin]), np.array(levels))[0])]
        names = tuple(f"week[T.{level:g}]" for level in levels if level != origin)
    findings += _origin_outside(spec, origin, first, last)
    return dataclasses.replace(made, names=names, origin=origin), findings


def _origin_outside(spec: AnalysisSpec, origin: float, first: float, last: float) -> list[Finding]:
    """Say that main effects are extrapolated; straight lines may be by a part of a week."""
    far = np.round(first) > origin if spec.time_coding == "linear" else not first <= origin <= last
    if spec.time_coding == "categorical" or not far:  # the nearest planned week stands in
        return []
    where = f"before the first week analysed ({first:g})"
    if origin > last:
        where = f"after the last week analysed ({last:g})"
    text = (
        f"Week {origin:g} lies {where}, so main effects there are extrapolated; let them stand at "
        "the middle or the end, or choose a window of weeks that holds it."
    )
    return [Finding("origin_outside", "warning", text)]
