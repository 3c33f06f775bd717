"""How an outcome and the time axis are spoken of, and the amounts that sentences rest on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.models.course.trajectories import mean_change
from pgsicbt.result import Result
from pgsicbt.scales import Scale as OtherScale
from pgsicbt.scales import split_scale
from pgsicbt.study import HARMONISED, OutcomeInfo, Study
from pgsicbt.weeks import seen_last
from pgsicbt.words import numbers
from pgsicbt.words.timing import timing

_SMALL_CHANGE = 0.02
"""Average change below this share of the scale is too near zero to be divided by."""


@dataclass(frozen=True)
class Scale:
    """The words for one outcome.

    ``noun`` is what falls or rises, ``on`` ends a sentence about a level, ``axis`` titles an
    axis, ``digits`` are the decimals of an amount in points.
    """

    noun: str
    unit: str
    on: str
    axis: str
    digits: int
    higher_is_worse: bool

    @property
    def better(self) -> str:
        """Which way is better: ``"lower"`` or ``"higher"``."""
        return "lower" if self.higher_is_worse else "higher"


def outcome_scale(study: Study, outcome: str) -> Scale:
    """The words for an outcome of the study.

    Raises
    ------
    SpecError
        If the study has no such outcome.
    """
    info = study.outcome(outcome)
    base, other = split_scale(info.name)
    if other is not None and info.name not in study.outcome_names:
        return _other_scale(study.outcome(base), other)
    low, high = info.minimum, info.maximum
    known = low is not None and high is not None
    worse = info.higher_is_worse
    if info.name == HARMONISED:
        return Scale("symptoms", "points", "on the 0-100 scale", "Symptom score, 0-100", 2, worse)
    if known and low is not None and high is not None:
        span = f"{_bound(low)}-{_bound(high)}" if low >= 0 else numbers.interval(low, high, 0)
        noun = "symptoms" if worse else info.label
        return Scale(
            noun, info.unit, f"on the {info.label} ({span})", f"{info.label}, {span}",
            _digits(info), worse,
        )  # fmt: skip
    unit = "units" if info.unit in ("", "points") else info.unit
    return Scale(info.label, unit, f"in {info.label}", f"{info.label}, {unit}", 2, worse)


def _other_scale(base: OutcomeInfo, scale: OtherScale) -> Scale:
    """The words for an outcome on another scale than its own, such as ``PHQ-9:z``."""
    shared, worse = base.name == HARMONISED, base.higher_is_worse
    name = "harmonised symptom score" if shared else base.label
    noun = "symptoms" if worse and (shared or base.instrument) else base.label
    title = name[0].upper() + name[1:]
    unit, on, axis, digits = {
        "pomp": ("points", f"on the {name} (0-100)", "percent of maximum, 0-100", 2),
        "z": ("SD", f"on the {name} (z at baseline)", "z at baseline, SD", 3),
        "t": ("T points", f"on the {name} (T score)", "T score, 50 at baseline", 2),
        "change": (
            "percentage points",
            f"on the percentage change of the {name}",
            "change from baseline, %",
            2,
        ),
    }[scale]
    return Scale(noun, unit, on, f"{title}, {axis}", digits, worse)


def _bound(x: float) -> str:
    return f"{x:g}"


def _digits(info: OutcomeInfo) -> int:
    """Two decimals for scales counted in points, more for indices such as 0 to 1."""
    if info.minimum is None or info.maximum is None:
        return 2
    span = info.maximum - info.minimum
    return 2 if span >= 5 else 3 if span >= 0.5 else 4


def covariates_held(result: Result) -> list[str]:
    """Covariates that adjusted models hold; one with a single level here is in none."""
    t = result.table
    terms = set(t.loc[t["model"].isin(("adjusted", "complete")), "term"])
    return [
        c for c in result.spec.covariates
        if c in terms or any(term.startswith(f"{c}[T.") for term in terms)
    ]  # fmt: skip


def _last_seen(result: Result, study: Study) -> float:
    """The last week of the analysis that enough people were seen in; 0 if there is none.

    Times are rounded to whole weeks for counting, since clinics measure on any day.
    """
    spec = result.spec
    visits = study.outcome_visits(spec.outcome)
    if spec.subset is not None:
        name, level = spec.subset
        inside = study.persons.index[study.persons[name] == level]
        visits = visits[visits["person"].isin(inside)]
    time = visits["time"]
    if spec.first_week is not None:
        visits = visits[time >= spec.first_week]
    if spec.last_week is not None:
        visits = visits[visits["time"] <= spec.last_week]
    last = seen_last(visits["time"].to_numpy(float), pd.factorize(visits["person"])[0])
    return max(last or 0.0, 0.0)


@dataclass(frozen=True)
class Course:
    """The average course of one fitted cell.

    ``change`` is what an average person changes from week ``first`` to ``week``, in points of
    the outcome (NaN unknown); ``improvement`` the same as a positive amount where it is one
    worth the name, else NaN; ``spread`` the SD between people where the main effects stand.
    """

    change: float
    first: float
    week: float
    improvement: float
    spread: float

    @property
    def span(self) -> float:
        """Weeks between."""
        return self.week - self.first

    @property
    def by(self) -> str:
        """The end of an amount of change: ``"by week 12"``, ``"from week 4 to week 12"``."""
        week = numbers.week(self.week)
        return f"from week {numbers.week(self.first)} to week {week}" if self.first else (
            f"by week {week}"
        )  # fmt: skip

    @property
    def weekly(self) -> float:
        """Change a week."""
        return self.change / (self.week - self.first or 1.0)


def course(result: Result, study: Study, score: str, adjustment: str) -> Course:
    """The average course of one cell over the weeks that its change is told over.

    A fit that does not say how time was coded is a straight line from week 0.
    """
    first, week = timing(result).ends
    if week <= first:
        first, week = 0.0, _last_seen(result, study)
    fit = result.fit_of(score, adjustment)
    if fit is None:
        return Course(math.nan, first, week, math.nan, math.nan)
    end, start = (
        mean_change(result, score, adjustment, w) for w in (week if week > first else 1.0, first)
    )
    variance = float(fit.random_covariance[0, 0]) if fit.random_covariance.size else 0.0
    if not fit.random_covariance.size and fit.time is not None:  # all differences at the origin
        variance = fit.details.get(f"variance week {fit.time.origin:g}", fit.residual_variance)
    spread = math.sqrt(variance) if variance > 0 else math.nan
    info = study.outcome(result.spec.outcome)
    gain = (end - start) * (-1 if info.higher_is_worse else 1) if week > first else math.nan
    if info.minimum is not None and info.maximum is not None:
        floor = _SMALL_CHANGE * (info.maximum - info.minimum)
    else:
        floor = 0.1 * spread if math.isfinite(spread) else math.inf
    return Course(end - start, first, week, gain if gain >= floor else math.nan, spread)


def score_row(result: Result, score: str, adjustment: str, role: str) -> pd.Series | None:
    """The row of a score's ``main`` or ``interaction`` term, or None."""
    t = result.table
    rows = t[(t["score"] == score) & (t["model"] == adjustment) & (t["role"] == role)]
    return None if rows.empty else rows.iloc[0]


def fitted(row: pd.Series | None) -> bool:
    """Whether a row holds an estimate that may be spoken of."""
    return row is not None and row["status"] != "failed" and bool(np.isfinite(row["estimate"]))


def lead_adjustment(result: Result) -> str:
    """The model that sentences and figures speak of first: adjusted, if it was fitted."""
    present = list(dict.fromkeys(fit.adjustment for fit in result.fits))
    return "adjusted" if "adjusted" in present else (present[-1] if present else "")
