"""How far the highest and the lowest tenth of a score overlap in their outcomes.

Two views that differ in what they take for granted: what the model says of people with these
scores, everything else as in the cohort, and what was observed, drop-out and all. They are about
groups: nothing here is a prediction for one person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.errors import FitError, SpecError
from pgsicbt.meaning.densities import (
    Observed,
    Shape,
    lower_in_top,
    mixture,
    observed_overlap,
    rank_probability,
)
from pgsicbt.models.engine.inference import contrasts
from pgsicbt.models.families.endpoints import Endpoints, endpoints
from pgsicbt.models.grid.design import build_design
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.models.grid.rebuild import People, one_cell, one_score_at_a_time
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import slope_column, time_columns
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Study

About = Literal["post", "change"]
SHOWN = 30
"""People of a tenth from which on the curve of what was observed is drawn."""


@dataclass(frozen=True)
class Interval:
    """A number with its limits."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class ModelView:
    """What the model says of two groups.

    ``difference`` (top less bottom) in points; ``overlap`` of their distributions; ``better`` the
    probability that one drawn from the top group does better than one drawn from the bottom;
    ``sd`` of the outcome among people with the same score.
    """

    difference: Interval
    overlap: Interval
    better: Interval
    sd: float
    shape: Shape


@dataclass(frozen=True)
class ObservedView:
    """What was observed in two groups, ``n_top`` and ``n_bottom`` people with a value."""

    difference: Interval
    overlap: Observed
    better: Interval
    n_top: int
    n_bottom: int


@dataclass(frozen=True)
class Overlap:
    """Top and bottom groups of a score in one outcome.

    Parameters
    ----------
    share
        Of the people in each group, such as 0.1.
    first, week
        Weeks that a change is from and to; ``week`` is after treatment.
    n_group
        People in each group, seen after treatment or not.
    model
        None in anything but linear mixed models of one score each.
    observed
        None where fewer than eight people of a group have a value.
    """

    score: str
    adjustment: str
    about: About
    share: float
    first: float
    week: float
    n_group: int
    model: ModelView | None
    observed: ObservedView | None


def overlap(
    study: Study, result: Result, score: str, adjustment: str, *, share: float = 0.1, seed: int = 1
) -> tuple[Overlap, ...]:
    """Compare the highest and the lowest share of a score, after treatment and in change.

    Parameters
    ----------
    share
        Of the people in each group, above 0 and at most a half.
    seed
        Of the bootstrap of observed overlap.

    Returns
    -------
    tuple of Overlap
        Of the outcome after treatment, and of change from before treatment.

    Raises
    ------
    SpecError
        If the share makes no sense, or that model was not fitted.
    FitError
        If the groups have fewer than eight people.
    """
    if not 0 < share <= 0.5:
        raise SpecError(f"A share of {share:g} does not give two groups.", "Choose 0.1 for tenths.")
    ends = endpoints(study, result.spec)
    first, week = 0.0, ends.week
    if one_score_at_a_time(result.spec):
        people, model = one_cell(study, result, score, adjustment)
        persons, scores = people.sample.persons, people.score(model)
        if model.time is not None:
            first = min(max(first, model.time.first_week), model.time.last_week)
            week = min(max(week, first), model.time.last_week)
    else:
        people, model = None, None
        persons = ends.sample.persons[ends.sample.persons[score].notna()]
        scores = scaled(result.spec, persons, score).values
    size = math.floor(share * len(scores) + 1e-9)
    if size < MINIMUM_CELL:
        raise FitError(
            f"The highest and the lowest {100 * share:g} % of {score} are fewer than "
            f"{MINIMUM_CELL} people each.",
            "Compare larger groups, such as thirds.",
            code="small_groups",
        )
    low, high = np.sort(scores)[[size - 1, -size]]
    seen = pd.Series(scores, persons.index).reindex(ends.sample.persons.index).to_numpy(float)
    worse = study.outcome(result.spec.outcome).higher_is_worse
    found = []
    for about in ("post", "change"):
        view = None
        if people is not None and model is not None:
            members = (scores[scores >= high], scores[scores <= low])
            view = _model_view(study, result, people, model, members, about, first, week, worse)
        observed = _observed_view(result, ends, seen <= low, seen >= high, about, worse, seed)
        found.append(Overlap(score, adjustment, about, share, first, week, size, view, observed))
    return tuple(found)


def _model_view(
    study: Study,
    result: Result,
    people: People,
    model: ModelFit,
    members: tuple[Array, Array],
    about: About,
    first: float,
    week: float,
    worse: bool,
) -> ModelView:
    time = people.design.time
    ends = time_columns(time, (first, week))
    moved = ends[1] - ends[0] if about == "change" else ends[1]
    row = np.zeros(len(model.fixed.names))
    row[model.fixed.names.index(model.score)] = 0.0 if about == "change" else 1.0
    for name, t in zip(time.names, moved, strict=True):
        row[model.fixed.names.index(f"{name}:{model.score}")] = t
    c = contrasts(model.fixed, row[None, :], df=result.spec.df, confidence=result.spec.confidence)
    slopes = np.array([c.estimate[0], c.conf_low[0], c.conf_high[0]])
    plain, spread = _others(study, result, people, model, about, first, week)
    slope = slope_column if time.coding == "categorical" else time_columns
    t = slope(time, np.array([first, week]))
    d = np.r_[0.0, t[1] - t[0]] if about == "change" else np.r_[1.0, t[1]]
    d = d[: model.random_covariance.shape[0]]
    residual = model.residual_variance * (2.0 if about == "change" else 1.0)
    sd = math.sqrt(spread + float(d @ model.random_covariance @ d) + residual)
    top, bottom = members
    apart = float(top.mean() - bottom.mean())
    centre = float(people.score(model).mean())
    shapes = [mixture(b * (top - centre), b * (bottom - centre), sd, plain) for b in slopes]
    sign = 1.0 if worse else -1.0
    better = [lower_in_top(sign * b * top, sign * b * bottom, sd) for b in slopes]
    overlaps = [s.overlap for s in shapes]
    through = slopes[1] <= 0 <= slopes[2]
    return ModelView(
        Interval(*(float(b) * apart for b in slopes)),
        Interval(overlaps[0], min(overlaps[1:]), 1.0 if through else max(overlaps[1:])),
        Interval(better[0], min(better[1:]), max(better[1:])),
        sd,
        shapes[0],
    )


def _others(
    study: Study,
    result: Result,
    people: People,
    model: ModelFit,
    about: About,
    first: float,
    week: float,
) -> tuple[float, float]:
    """Mean and variance over people of what the model expects without the score."""
    n = len(people.sample.persons)
    weeks = (first, week) if about == "change" else (week,)
    rows = []
    for w in weeks:
        at = Sample(people.sample.persons, np.arange(n), np.full(n, w), np.zeros(n), ())
        design = build_design(study, result.spec, at, time=model.time)
        names = [j for j, name in enumerate(design.names) if name in model.fixed.names]
        b = model.fixed.estimates[[model.fixed.names.index(design.names[j]) for j in names]]
        rows.append(design.columns[:, names] @ b)
    expected = rows[-1] - rows[0] if about == "change" else rows[0]
    if result.spec.score_scale == "as_given":  # scores are centred at their mean above
        model_mean = model.score_mean
        expected = expected + model_mean * _score_at(model, people, about, first, week)
    return float(expected.mean()), float(expected.var(ddof=1))


def _score_at(model: ModelFit, people: People, about: About, first: float, week: float) -> float:
    """Effect of one step of the score at a week, or on the change to it."""
    time = people.design.time
    ends = time_columns(time, (first, week))
    moved = ends[1] - ends[0] if about == "change" else ends[1]
    names = model.fixed.names
    main = 0.0 if about == "change" else model.fixed.estimates[names.index(model.score)]
    steps = [model.fixed.estimates[names.index(f"{n}:{model.score}")] for n in time.names]
    return float(main + np.dot(steps, moved))


def _observed_view(
    result: Result,
    ends: Endpoints,
    lowest: NDArray[np.bool_],
    highest: NDArray[np.bool_],
    about: About,
    worse: bool,
    seed: int,
) -> ObservedView | None:
    """What was seen in the two groups, (N,) of the people of ``ends`` in each."""
    y = ends.after - ends.before if about == "change" else ends.after
    seen = np.isfinite(y)
    top, bottom = y[seen & highest], y[seen & lowest]
    if min(len(top), len(bottom)) < MINIMUM_CELL:
        return None
    confidence = result.spec.confidence
    test = stats.ttest_ind(top, bottom, equal_var=False)
    limits = test.confidence_interval(confidence)
    difference = Interval(float(top.mean() - bottom.mean()), float(limits.low), float(limits.high))
    sign = 1.0 if worse else -1.0
    better = Interval(*rank_probability(sign * top, sign * bottom, confidence))
    found = observed_overlap(top, bottom, seed=seed, confidence=confidence)
    return ObservedView(difference, found, better, len(top), len(bottom))
