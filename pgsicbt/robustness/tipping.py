"""How different those who left would have to be for a conclusion to turn.

Missed visits are filled in as if people who left had gone on like others with the same scores,
covariates and course so far. That cannot be checked. So what was filled in after somebody left is
moved by a delta, the analysis is done again, and delta grows until the conclusion turns: the
tipping point (Ratitch, O'Kelly & Tosiello 2013, Pharm Stat 12:337; Carpenter & Kenward 2013,
Multiple Imputation and its Application, chapter 10). Three ways in which they may differ:

    once    delta points at every visit after leaving, for everybody who left
    weekly  delta points for each week since they were last seen, for everybody who left
    score   delta points for each of these weeks and each SD of the score above its mean

The last is the one that a score x time hangs on directly; the others matter to it as far as
leaving goes with the score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats
from scipy.interpolate import PchipInterpolator

from pgsicbt.errors import FitError, SpecError
from pgsicbt.models.fit import fit
from pgsicbt.models.grid.exposures import scaled
from pgsicbt.progress import Progress
from pgsicbt.result import Array
from pgsicbt.robustness.imputation import Imputations
from pgsicbt.robustness.imputed_fit import pooled_table
from pgsicbt.robustness.rubin import Pooled
from pgsicbt.robustness.tipping_quick import quick_term
from pgsicbt.spec import Adjustment, AnalysisSpec
from pgsicbt.study import WEEKS_PER_UNIT

Way = Literal["once", "weekly", "score"]
WAYS: tuple[Way, ...] = ("once", "weekly", "score")
_POINTS = 5
_ROUNDS = 1
_CLOSE = 0.02
_SHARE_OF_CHANGE = 0.1


@dataclass(frozen=True)
class Tipping:
    """What becomes of one term as those who left are moved away from what the model expects.

    Attributes
    ----------
    curve
        ``delta``, ``estimate``, ``std_error``, ``df``, ``p_value``, ``conf_low``, ``conf_high``
        by ascending delta, joined over the completed data sets.
    way
        As above; ``unit`` says what delta counts.
    score, adjustment, role
        Of the term: ``interaction``, or ``outcome`` in families with one outcome per person.
    significant
        Whether the interval excludes zero at delta = 0.
    points
        Deltas at which that changes, the one nearest to zero first; empty where it does not
        change within the deltas looked at.
    plausible, far
        Sizes of delta up to which one would not be surprised, and beyond which one would. Half
        and the whole of the average improvement (over the treatment, or per week). For ``score``
        once and twice the association per week, which is where it is gone and where it is
        reversed among those who left; or, where there is none, the smallest effect of interest
        per week and three times that.
    leavers
        People who were not seen in the last planned week.
    """

    curve: pd.DataFrame
    way: Way
    score: str
    adjustment: str
    role: str
    significant: bool
    points: tuple[float, ...]
    plausible: float
    far: float
    leavers: int

    @property
    def point(self) -> float | None:
        """The delta nearest to zero at which the conclusion turns, if there is one."""
        return self.points[0] if self.points else None

    @property
    def verdict(self) -> Literal["never", "plausible", "stretch", "implausible"]:
        """Whether the delta at which the conclusion turns is to be reckoned with."""
        if self.point is None:
            return "never"
        size = abs(self.point)
        if size <= self.plausible:
            return "plausible"
        return "stretch" if size <= self.far else "implausible"


def tipping(
    imputations: Imputations,
    score: str,
    adjustment: Adjustment = "adjusted",
    way: Way = "score",
    *,
    deltas: Array | None = None,
    progress: Progress | None = None,
) -> Tipping:
    """Move what was filled in after people left, until the conclusion about a score turns.

    Parameters
    ----------
    deltas
        Deltas to begin with; five over twice the implausible size to either side if None. Where
        the conclusion turns between two of them, up to two more are tried near the place.
    progress
        Called with analyses done and analyses there are at most.

    Raises
    ------
    SpecError
        If the score or the model is not part of the analysis.
    FitError
        If nobody left early, or the analysis cannot be done.
    """
    study = imputations.study
    score = study.score(score).name
    spec = only(imputations.plain_spec, score, adjustment)
    leavers = int(imputations.missed.leavers.sum())
    if not imputations.missed.left.any():
        raise FitError(
            "Nobody whose visits were filled in left early, so there is no drop-out to doubt.",
            "Fill in the visits after leaving as well.",
            code="nobody_left_early",
        )
    unit = shift_unit(imputations, spec, score, way)
    others = _POINTS - 1 if deltas is None else len(np.setdiff1d(deltas, [0.0]))
    most = (1 + others + 2 * _ROUNDS) * imputations.count
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None:
            progress(done, most)

    quick = quick_term(imputations, spec, unit)

    def at(delta: float) -> dict[str, Any]:
        if quick is not None:
            unit_of_score = quick.model.score_unit
            row = _quick_row(quick.at(delta, tick), spec.confidence)
            return {"delta": delta, **row, "role": "interaction", "unit": unit_of_score}
        results = []
        for number in range(imputations.count):
            moved = imputations.completed(number, delta * unit, f"{way} {delta!r}")
            results.append(fit(moved, spec))
            tick()
        found = results[0].fit_of(score, adjustment)
        unit_of_score = 1.0 if found is None else found.score_unit
        return {**_term(pooled_table(results), score, delta), "unit": unit_of_score}

    rows = [at(0.0)]
    plausible, far = _sizes(imputations, spec, way, rows[0])
    if deltas is None:
        deltas = np.linspace(-2 * far, 2 * far, _POINTS)
    rows += [at(float(d)) for d in np.unique(deltas) if d != 0]
    for _ in range(_ROUNDS):
        curve = _curve(rows)
        near = [c for c in _crossings(curve) if _is_new(c, curve)]
        for delta in near[:2]:
            rows.append(at(delta))
        if not near:
            break
    if progress is not None:
        progress(most, most)
    curve = _curve(rows)
    at_zero = curve.loc[curve["delta"] == 0].iloc[0]
    return Tipping(
        curve=curve[[c for c in curve.columns if c not in ("role", "unit")]],
        way=way,
        score=score,
        adjustment=adjustment,
        role=str(at_zero["role"]),
        significant=bool(_beyond(at_zero) > 0),
        points=tuple(sorted(_crossings(curve), key=abs)),
        plausible=plausible,
        far=far,
        leavers=leavers,
    )


def only(spec: AnalysisSpec, score: str, adjustment: Adjustment) -> AnalysisSpec:
    """The part of an analysis that one score and model are of.

    Raises
    ------
    SpecError
        If they are not part of it.
    """
    if score not in spec.scores or adjustment not in spec.adjustments:
        raise SpecError(
            f"{score} in the {adjustment} model is not part of the analysis.",
            "Choose a score and a model of the analysis.",
        )
    if spec.together:
        return spec.replace(adjustments=(adjustment,))
    return spec.replace(
        scores=(score,),
        adjustments=(adjustment,),
        controls=tuple(c for c in spec.controls if c == score),
        interactions=tuple(pair for pair in spec.interactions if pair[0] == score),
    )


def shift_unit(imputations: Imputations, spec: AnalysisSpec, score: str, way: Way) -> Array:
    """(d,) what a delta of one adds to each filled-in visit."""
    missed = imputations.missed
    if way == "once":
        return missed.left.astype(float)
    if way == "weekly":
        return missed.gone
    persons = imputations.sample.persons
    known = persons[score].notna().to_numpy(bool)
    z = np.zeros(len(persons))
    found = scaled(spec, persons.loc[known], score)
    z[known] = (found.values - found.values.mean()) / found.unit
    return np.asarray(missed.gone * z[missed.code])


def _sizes(
    imputations: Imputations, spec: AnalysisSpec, way: Way, at_zero: dict[str, Any]
) -> tuple[float, float]:
    """``plausible`` and ``far`` of :class:`Tipping`."""
    study, levels = imputations.study, imputations.missed.levels
    weeks = float(levels[-1] - max(levels[0], 0.0)) or 1.0
    if way == "score" and _beyond(at_zero) > 0:
        size = abs(float(at_zero["estimate"])) * at_zero["unit"]
        straight = at_zero["role"] == "interaction" and spec.time_coding == "linear"
        weekly = size / (WEEKS_PER_UNIT[spec.time_unit] if straight else weeks)
        return weekly, 2 * weekly
    plain = AnalysisSpec(
        outcome=spec.outcome, adjustments=("crude",), subset=spec.subset, without=spec.without,
        first_week=spec.first_week, last_week=spec.last_week,
    )  # fmt: skip
    weekly = abs(float(fit(study, plain).terms("time")["estimate"].iloc[0]))
    if way == "score":
        least = _SHARE_OF_CHANGE * weekly
        if spec.smallest_effect is not None:
            # It is per unit of a score that is analysed as given.
            unit = 1.0 if spec.standardised else at_zero["unit"]
            least = spec.smallest_effect * unit / weeks
        return least, 3 * least
    whole = weekly * weeks if way == "once" else weekly
    return whole / 2, whole


def _term(table: pd.DataFrame, score: str, delta: float) -> dict[str, Any]:
    rows = table[(table["score"] == score) & table["role"].isin(("interaction", "outcome"))]
    if rows.empty or not np.isfinite(rows["estimate"].iloc[-1]):
        raise FitError(
            f"The term of {score} could not be estimated in every completed data set.",
            "Choose a simpler model.",
        )
    row = rows.iloc[-1]
    names = ("estimate", "std_error", "df", "p_value", "conf_low", "conf_high")
    return {"delta": delta, **{n: float(row[n]) for n in names}, "role": row["role"]}


def _quick_row(made: Pooled, confidence: float) -> dict[str, float]:
    b, se, df = float(made.estimate[0]), float(made.std_error[0]), float(made.df[0])
    half = float(stats.t.isf((1 - confidence) / 2, df)) * se
    return {
        "estimate": b, "std_error": se, "df": df,
        "p_value": float(2 * stats.t.sf(abs(b / se), df)),
        "conf_low": b - half, "conf_high": b + half,
    }  # fmt: skip


def _curve(rows: list[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(rows).sort_values("delta", ignore_index=True)


def _beyond(row: Mapping[str, Any] | pd.Series[Any]) -> float:
    """How far the interval is from zero, in standard errors; negative where it holds zero."""
    nearer = max(float(row["conf_low"]), -float(row["conf_high"]))
    return nearer / float(row["std_error"])


def _crossings(curve: pd.DataFrame) -> list[float]:
    """Deltas at which an end of the interval passes zero, interpolated, the nearest first."""
    delta = curve["delta"].to_numpy(float)
    if len(delta) < 2:
        return []
    found: list[float] = []
    for end in ("conf_low", "conf_high"):
        line = PchipInterpolator(delta, curve[end].to_numpy(float))
        roots = np.asarray(line.roots(extrapolate=False), dtype=float)
        found += [float(r) for r in roots if np.isfinite(r)]
    # An end passes zero also where an association of one sign becomes one of the other; what
    # turns the conclusion is the first to either side.
    below = sorted((f for f in found if f < 0), reverse=True)[:1]
    above = sorted(f for f in found if f >= 0)[:1]
    return sorted(below + above, key=abs)


def _is_new(delta: float, curve: pd.DataFrame) -> bool:
    """Whether no delta that was tried is as near as makes no difference."""
    known = curve["delta"].to_numpy(float)
    width = float(np.ptp(known))
    return bool(np.min(np.abs(known - delta)) > _CLOSE * min(abs(delta), width / _POINTS))
