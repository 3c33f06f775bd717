"""The smallest effect of interest: the user's, or a proposal made from the cohort alone.

Whoever does not say what would matter gets a tenth of the mean improvement, per standard deviation
of the score. It is found from the model without any score, so no score has a say in its own bar.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from pgsicbt.errors import FitError, PgsIcbtError, SpecError
from pgsicbt.models.effects.effect_rows import baseline_sd
from pgsicbt.models.engine.crossproducts import cross_products
from pgsicbt.models.engine.lmm import fit_lmm
from pgsicbt.models.engine.threads import one_thread
from pgsicbt.models.grid.design import Design, build_design
from pgsicbt.models.grid.people import analysis_sample
from pgsicbt.models.grid.sample import Sample
from pgsicbt.models.grid.time_coding import time_columns
from pgsicbt.outcomes import post_week
from pgsicbt.result import FixedEffects, Result
from pgsicbt.spec import CATEGORICAL_TIME, LONGITUDINAL, AnalysisSpec, Family
from pgsicbt.study import Study

RATIO_FAMILIES: tuple[Family, ...] = ("logistic", "ordinal", "dropout", "cox")
"""Families whose estimates are logarithms of a ratio, of odds or hazards."""
ODDS_RATIO = math.exp(0.1 * math.pi / math.sqrt(3))
"""Proposed for odds: 1.20, a tenth of a standard deviation of a logistic variable (Hasselblad &
Hedges 1995, Psychol Bull 117:167)."""
HAZARD_RATIO = math.exp(0.1 * math.pi / math.sqrt(6))
"""Proposed for hazards: 1.14, a tenth of a standard deviation of the log of Weibull times."""
TENTH = 0.1
_SMALL_CHANGE = 0.02
"""Mean improvement, as a share of the scale (or of ten SDs at baseline), that is none."""

_MOST_ROOM = 2.5
"""Half a band's width beyond the furthest interval up to which it is drawn."""

Source = Literal["chosen", "improvement", "spread", "ratio"]


@dataclass(frozen=True)
class Interest:
    """What counts as the smallest effect of interest in one analysis.

    Parameters
    ----------
    amount
        Per +1 SD of a score: points of the outcome, or the logarithm of a ratio.
    per_unit
        Whether the amount is per unit of a score analysed as given, as its user chose it, instead.
    source
        ``chosen`` by the user; a tenth of the mean ``improvement``, or of the ``spread`` between
        people at baseline where there is no improvement worth the name; or a ``ratio``.
    improvement
        Mean improvement from the start of treatment to the last week, in points; NaN where unknown.
    first, last
        Those weeks.
    """

    amount: float
    source: Source
    improvement: float = math.nan
    first: float = math.nan
    last: float = math.nan
    per_unit: bool = False

    def per_sd(self, unit: float) -> float:
        """The amount per +1 SD of a score whose SD is ``unit`` on the scale that was analysed."""
        return self.amount * unit if self.per_unit else self.amount


def interest(study: Study, result: Result) -> Interest:
    """The smallest effect of interest of an analysis.

    The spec's own is in points per step of the score: per unit where scores are analysed as given.

    Raises
    ------
    SpecError
        If neither a mean improvement nor a spread between people can be found to propose from.
    """
    spec = result.spec
    if spec.family in RATIO_FAMILIES:
        ratio = HAZARD_RATIO if spec.family == "cox" else ODDS_RATIO
        return Interest(math.log(ratio), "ratio")
    improvement, first, last = mean_improvement(study, spec)
    if spec.smallest_effect is not None:
        given = not spec.standardised
        return Interest(spec.smallest_effect, "chosen", improvement, first, last, given)
    sample = analysis_sample(study, spec.replace(scores=(), controls=(), interactions=()))
    spread = baseline_sd(sample)
    info = study.outcome(spec.outcome)
    ranged = info.minimum is not None and info.maximum is not None
    scale = info.maximum - info.minimum if ranged else 10 * spread  # type: ignore[operator]
    if improvement >= _SMALL_CHANGE * scale:
        return Interest(TENTH * improvement, "improvement", improvement, first, last)
    if not spread > 0:
        raise SpecError(
            "There is neither a mean improvement nor a spread between people to propose a "
            "smallest effect of interest from.",
            "Give one in points of the outcome.",
            column="smallest_effect",
        )
    return Interest(TENTH * spread, "spread", improvement, first, last)


def forest_band(result: Result, against: Interest) -> dict[str, float]:
    """Half the width of the band of too small effects in each panel of a forest.

    In the unit of its axis: per step of the score, and change a week where time is a straight
    line. Empty where a band would leave next to no room for the estimates, or where scores as given
    have SDs of their own, so that one bound per SD is another for each of them.
    """
    spec, table = result.spec, result.table
    step = against.amount
    if not (spec.standardised or against.per_unit):
        units = {round(f.score_unit, 12) for f in result.fits if f.score}
        step = step / units.pop() if len(units) == 1 else math.nan
    if spec.score_groups or not math.isfinite(step):
        return {}
    band = {}
    for role in ("main", "interaction", "outcome"):
        rows = table[(table["role"] == role) & (table["status"] != "failed")]
        if rows.empty:
            continue
        size, unit = step, 1.0
        time = next((f.time for f in result.fits if f.time is not None), None)
        if role == "interaction" and not str(rows["term"].iloc[0]).startswith("change:"):
            if time is None:
                continue
            size, unit = step / (time.change_units * time.unit), time.unit
        reach = float(rows[["conf_low", "conf_high"]].abs().max().max()) / unit
        if size > _MOST_ROOM * reach:
            return {}
        band[role] = size
    return band


def mean_improvement(study: Study, spec: AnalysisSpec) -> tuple[float, float, float]:
    """Improvement of an average person and the weeks it is from and to; NaN where unknown.

    From the mixed model of time alone (random intercept and slope; an intercept only where people
    have two visits), for the people, weeks and coding of time of the analysis. Weeks are categories
    where the family has them so. In families that look at one week after treatment they are too, if
    visits follow a plan, and the improvement is up to that week.

    Returns
    -------
    tuple of float
        Points (above zero is better), and the weeks that change is told between.
    """
    by_week = spec.replace(time_coding="categorical", knot=None, random="intercept+slope")
    ways = [spec]
    if spec.family in CATEGORICAL_TIME:
        ways = [by_week]
    elif spec.family not in LONGITUDINAL:
        ways = [by_week, spec]
    for way in ways:
        try:
            return _moved(study, way)
        except PgsIcbtError:
            continue
    return math.nan, math.nan, math.nan


def _moved(study: Study, spec: AnalysisSpec) -> tuple[float, float, float]:
    """:func:`mean_improvement` in the coding of time of the spec."""
    sample = analysis_sample(study, spec)
    bare = spec.replace(
        scores=(), controls=(), interactions=(), together=False, score_groups=0, score_scale="z",
        ancestry="", covariates=(), components=(),
    )  # fmt: skip
    design = build_design(study, bare, sample)
    found = _time_alone(design, sample)
    time = design.time
    first, last = time.change_weeks
    if spec.family not in LONGITUDINAL:
        week = post_week(study, spec.outcome) if spec.post_week is None else spec.post_week
        last = week if first < week < last else last
    if not set(time.names) <= set(found.names):
        return math.nan, first, last
    before, after = time_columns(time, (first, last))
    at = [found.names.index(name) for name in time.names]
    moved = float((after - before) @ found.estimates[at])
    worse = study.outcome(spec.outcome).higher_is_worse
    return (-moved if worse else moved), first, last


def _time_alone(design: Design, sample: Sample) -> FixedEffects:
    """Fixed effects of time; people differ in level and slope, or in level where that is all.

    Raises
    ------
    FitError
        If neither can be fitted.
    """

    def fitted(q: int) -> FixedEffects:
        random = design.basis[:, :q]
        products = cross_products(design.names, design.columns, sample.value, random, sample.code)
        return fit_lmm(products, q=q).fixed

    with one_thread():
        try:
            return fitted(2)
        except FitError:
            return fitted(1)
