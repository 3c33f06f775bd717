"""Simple slopes, and where they differ from zero, for what a score interacts with.

With a model y = .. + b1 x + b3 x w the effect of x at a value of w is b1 + b3 w, a linear
combination of the coefficients with its own standard error and degrees of freedom. The values of w
at which its interval leaves zero out are the regions of Johnson & Neyman (1936); they are found on
the pointwise intervals that are shown, so figure and regions agree (Bauer & Curran 2005,
Multivariate Behav Res 40:373). The intervals hold at each value by itself, not at all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from pgsicbt.cohort.distributions import joined_bins
from pgsicbt.disclosure import suppress_small
from pgsicbt.errors import SpecError
from pgsicbt.models.course.trajectories import by_level, fitted_model, line_rows, time_of
from pgsicbt.models.engine.inference import contrasts
from pgsicbt.models.grid.exposures import scaled, scores_in
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.planned_weeks import nearest
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_columns, weeks_to_draw
from pgsicbt.result import Array, ModelFit, Result
from pgsicbt.study import Study

About = Literal["severity", "change"]
Kind = Literal["covariate", "levels", "score", "week", "change"]
_FINE = 241


@dataclass(frozen=True)
class Region:
    """Values from ``low`` to ``high`` where the interval leaves zero out, and on which side."""

    low: float
    high: float
    positive: bool


@dataclass(frozen=True)
class SimpleSlopes:
    """Effects along one axis.

    Attributes
    ----------
    kind
        What lies along the axis: values of a covariate, levels of a group, SDs of another score
        (the effect of the score is told at each); weeks (the same); or, for ``change``, SDs of
        the score itself, along which the change of people at that level is told.
    slopes
        Effects at a few values: ``at`` (number, or place of a level), ``label``, ``estimate``,
        ``std_error``, ``df``, ``p_value``, ``conf_low``, ``conf_high``, per +1 SD of the score in
        points.
    line
        The same along the whole axis: ``at``, ``estimate``, ``conf_low``, ``conf_high``; empty
        for levels.
    regions
        Where the interval leaves zero out, inside the values observed.
    people
        How many there are along the axis: ``low``, ``high``, ``n`` of bins, or ``at``, ``n``;
        missing where fewer than the disclosure rule allows.
    """

    kind: Kind
    score: str
    other: str
    adjustment: str
    about: About
    slopes: pd.DataFrame
    line: pd.DataFrame
    regions: tuple[Region, ...]
    people: pd.DataFrame


def simple_slopes(
    study: Study, result: Result, score: str, other: str, adjustment: str, about: About = "change"
) -> SimpleSlopes:
    """The effect of a score by another score or a covariate that it interacts with.

    Parameters
    ----------
    result
        Of a family with visits, with ``(score, other)`` among the spec's interactions.
    about
        ``severity`` (at the origin of time) or ``change`` (from the start of treatment to the
        last week).

    Raises
    ------
    SpecError
        If there is no such interaction or model.
    """
    spec = result.spec
    if (score, other) not in spec.interactions:
        raise SpecError(
            f"There is no interaction of {score} and {other} in this analysis.",
            "Add it to the interactions, and fit again.",
            code="no_interaction",
        )
    if spec.score_groups:
        raise SpecError(
            "Simple slopes are those of a score, not of its groups.",
            "Analyse the score itself.",
            code="groups",
        )
    model = _visits_model(result, score, adjustment)
    sample = _sample(study, result, score)
    if other in study.score_names:
        found = scaled(spec, sample.persons, other)
        middle = found.mean if spec.score_scale == "as_given" else 0.0
        raw = (found.values - middle) / found.unit
        return _along(
            "score", result, model, score, other, about, raw,
            lambda at: _effect(model, about, [(score, 1.0), (f"{score}:{other}", at * found.unit)]),
            0.0, 1.0,
        )  # fmt: skip
    info = study.covariate(other)
    if info.kind == "numeric":
        values = sample.persons[info.name].to_numpy(float)
        mean, sd = float(values.mean()), float(values.std(ddof=1))
        return _along(
            "covariate", result, model, score, other, about, values,
            lambda at: _effect(
                model, about, [(score, 1.0), (f"{score}:{info.name}", (at - mean) / sd)]
            ),
            mean, sd,
        )  # fmt: skip
    counts = sample.persons[info.name].value_counts()
    present = [level for level in info.levels if counts.get(level, 0) > 0]
    rows = []
    for level in present:
        parts = [(score, 1.0)]
        for column in present[1:]:
            share = float(counts[column]) / len(sample.persons)
            parts.append(
                (f"{score}:{info.name}[T.{column}]", (1.0 if column == level else 0.0) - share)
            )
        rows.append(_effect(model, about, parts))
    places = np.arange(len(present), dtype=float)
    people = pd.DataFrame({"at": places, "n": [float(counts[level]) for level in present]})
    slopes = _frame(result, model, np.array(rows), places, present)
    return SimpleSlopes(
        "levels", score, other, adjustment, about, slopes,
        slopes.iloc[:0][["at", "estimate", "conf_low", "conf_high"]], (),
        suppress_small(people, "n", []),
    )  # fmt: skip


def effect_by_week(study: Study, result: Result, score: str, adjustment: str) -> SimpleSlopes:
    """The difference between people one SD of a score apart, by week.

    Raises
    ------
    SpecError
        If the model is not there, or has no one line per level of the score.
    """
    by_level(result, score)
    model = _visits_model(result, score, adjustment)
    basis = time_of(model, result)
    sample = _sample(study, result, score)
    weeks = np.array(weeks_to_draw(basis, []))
    weeks = weeks[(weeks >= basis.first_week - 1e-9) & (weeks <= basis.end_week + 1e-9)]
    planned = basis.coding == "categorical"
    if not planned:
        weeks = np.linspace(basis.first_week, basis.end_week, _FINE)

    def row(at: float) -> Array:
        both = line_rows(model, result, [1.0, 0.0], [at, at])
        return np.asarray(both[0] - both[1])

    line = _line(result, model, row, weeks)
    levels = np.array(basis.levels) if planned else np.unique(sample.time)
    at = nearest(sample.time, levels)
    seen = pd.DataFrame({"at": levels[at], "person": sample.code})
    counts = seen.groupby("at")["person"].nunique()
    people = pd.DataFrame({"at": counts.index.to_numpy(float), "n": counts.to_numpy(float)})
    few = weeks if planned else np.linspace(basis.first_week, basis.end_week, 3)
    slopes = _frame(result, model, np.array([row(w) for w in few]), few, [f"{w:g}" for w in few])
    regions = _regions(result, model, row, line, jumps=planned)
    return SimpleSlopes(
        "week", score, "time", adjustment, "severity", slopes, line, regions,
        suppress_small(people, "n", []),
    )  # fmt: skip


def change_by_score(study: Study, result: Result, score: str, adjustment: str) -> SimpleSlopes:
    """Change over the weeks that it is told over, by level of the score.

    Raises
    ------
    SpecError
        If the model is not there, or has no one line per level of the score.
    """
    by_level(result, score)
    model = _visits_model(result, score, adjustment)
    basis = time_of(model, result)
    sample = _sample(study, result, score)
    x = scaled(result.spec, sample.persons, score).values
    z = (x - x.mean()) / x.std(ddof=1)

    first, last = basis.change_weeks

    def row(at: float) -> Array:
        both = line_rows(model, result, [at, at], [last, first])
        return np.asarray(both[0] - both[1])

    return _along("change", result, model, score, "time", "change", z, row, 0.0, 1.0)


def _visits_model(result: Result, score: str, adjustment: str) -> ModelFit:
    model = fitted_model(result, score, adjustment)
    if model.time is None or not score:
        raise SpecError(
            "Simple slopes are worked out for a score in a model of all visits.",
            "Choose a mixed model, MMRM, cLDA or GEE with scores.",
            code="other_model",
        )
    return model


def _sample(study: Study, result: Result, score: str) -> Sample:
    """The people behind a model of this score."""
    if result.digest != study.digest:
        raise SpecError("The result is not of this study.", "Fit the study again.")
    spec = result.spec
    sample = analysis_sample(study, spec)
    names = list(scores_in(study, spec, spec.scores if spec.together else (score,)))
    known = sample.persons[names].notna().all(axis=1).to_numpy(bool)
    return sample.keep(known, "scores known", "a score is missing")


def _effect(model: ModelFit, about: About, parts: Sequence[tuple[str, float]]) -> Array:
    """Coefficients (p,) of the weighted sum of ``parts``, per +1 SD of the score.

    Raises
    ------
    SpecError
        If one of them is not in the model.
    """
    names = model.fixed.names
    row = np.zeros(len(names))
    if about == "severity" or model.time is None:
        columns = [("", 1.0)]
    else:
        ends = time_columns(model.time, model.time.change_weeks)
        steps = zip(model.time.names, ends[1] - ends[0], strict=True)
        columns = [(f"{name}:", float(step)) for name, step in steps if step != 0.0]
    for part, weight in parts:
        for prefix, step in columns:
            name = f"{prefix}{part}"
            if name in names:
                row[names.index(name)] += weight * step
            elif model.family != "clda" or about == "severity":
                raise SpecError(
                    f"The model has no column {name}, so there is no slope to tell.",
                    "Choose change in a constrained model, or another model.",
                    code="no_column",
                )
    return row * model.score_unit


def _along(
    kind: Kind,
    result: Result,
    model: ModelFit,
    score: str,
    other: str,
    about: About,
    values: Array,
    row: Callable[[float], Array],
    mean: float,
    sd: float,
) -> SimpleSlopes:
    """Slopes at -1, 0 and +1 SD, and along the values of nearly everybody."""
    edges, n = joined_bins((values - mean) / sd)
    people = suppress_small(
        pd.DataFrame(
            {
                "low": mean + sd * edges[:-1],
                "high": mean + sd * edges[1:],
                "n": n.astype(float),
            }
        ),
        "n", [],
    )  # fmt: skip
    # Nearly all, so that the ends of the axis tell nobody's value.
    ends = np.quantile(values, [0.01, 0.99])
    low, high = (mean + sd * np.round((e - mean) / sd, 1) for e in ends)
    line = _line(result, model, row, np.linspace(low, high, _FINE))
    few = mean + sd * np.array([-1.0, 0.0, 1.0])
    labels = ["-1 SD", "mean", "+1 SD"]
    slopes = _frame(result, model, np.array([row(float(v)) for v in few]), few, labels)
    regions = _regions(result, model, row, line)
    return SimpleSlopes(
        kind, score, other, model.adjustment, about, slopes, line, regions, people
    )  # fmt: skip


def _frame(
    result: Result, model: ModelFit, rows: Array, at: Array, labels: Sequence[str]
) -> pd.DataFrame:
    c = contrasts(model.fixed, rows, df=result.spec.df, confidence=result.spec.confidence)
    return pd.DataFrame(
        {
            "at": at,
            "label": list(labels),
            "estimate": c.estimate,
            "std_error": c.std_error,
            "df": c.df,
            "p_value": c.p_value,
            "conf_low": c.conf_low,
            "conf_high": c.conf_high,
        }
    )


def _line(
    result: Result, model: ModelFit, row: Callable[[float], Array], at: Array
) -> pd.DataFrame:
    rows = np.array([row(float(v)) for v in at])
    c = contrasts(model.fixed, rows, df=result.spec.df, confidence=result.spec.confidence)
    return pd.DataFrame(
        {"at": at, "estimate": c.estimate, "conf_low": c.conf_low, "conf_high": c.conf_high}
    )


def _regions(
    result: Result,
    model: ModelFit,
    row: Callable[[float], Array],
    line: pd.DataFrame,
    *,
    jumps: bool = False,
) -> tuple[Region, ...]:
    """Where the interval leaves zero out; between two values its end is found exactly."""

    def margin(at: float, sign: int) -> float:
        c = contrasts(
            model.fixed, row(at)[None, :], df=result.spec.df, confidence=result.spec.confidence
        )
        return float(c.conf_low[0] if sign > 0 else -c.conf_high[0])

    at = line["at"].to_numpy(float)
    low, high = line["conf_low"].to_numpy(float), line["conf_high"].to_numpy(float)
    sign = np.where(low > 0, 1, np.where(high < 0, -1, 0))
    found: list[Region] = []
    start = 0
    for end in range(1, len(at) + 1):
        if end < len(at) and sign[end] == sign[start]:
            continue
        side = int(sign[start])
        if side:
            a, b = float(at[start]), float(at[end - 1])
            if start > 0 and not jumps:
                a = float(brentq(margin, at[start - 1], a, args=(side,), xtol=1e-10))
            if end < len(at) and not jumps:
                b = float(brentq(margin, b, at[end], args=(side,), xtol=1e-10))
            found.append(Region(a, b, side > 0))
        start = end
    return tuple(found)
