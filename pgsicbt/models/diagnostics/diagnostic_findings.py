"""What the checks of a fitted model mean, in plain words, and what to do about it.

A finding needs both a size that matters and more than chance (three standard errors, four where
weeks are searched for the largest). Thresholds are conventions; docs/diagnostics.md says whose.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from pgsicbt.disclosure import MINIMUM_CELL
from pgsicbt.study import Finding

SKEWED = 1.0
HEAVY = 3.0
"""Skewness and excess kurtosis from which a distribution is called skewed or heavy-tailed."""
BEYOND = 0.01
"""Share of residuals beyond three SD, against 0.0027 in a normal distribution."""
UNEVEN = 1.25
"""Ratio of two residual SDs from which the spread is called uneven; a warning from 1.5."""
LINKED = 0.1
"""Correlation of successive residuals beyond what the model expects."""
BENT = 0.2
"""Mean residual of a week, in residual SDs, from which the course is called misfitted."""
FLOORED = 0.15
"""Share of values at one end of the scale that is called a floor (Terwee et al. 2007)."""
TIED = 0.95
"""Correlation of random terms that is called nearly exact."""
_CHANCE, _SEARCHED, _MANY = 3.0, 4.0, 30


@dataclass(frozen=True)
class RandomFacts:
    """One random term: ``flat`` where it has no variance of its own, then without moments."""

    term: str
    flat: bool
    skewness: float
    kurtosis: float


@dataclass(frozen=True)
class Facts:
    """Numbers about one fitted model; kurtosis is in excess of the normal distribution's.

    ``lag`` is the mean product of successive standardised residuals, ``lag_expected`` what the
    model makes of it and ``lag_error`` the standard error of the difference. ``spread_ratio`` is
    the residual SD in the highest third of fitted values over that in the lowest, and
    ``spread_z`` the test of their difference, people as clusters.
    """

    n_persons: int
    n_observations: int
    residual_sd: float
    skewness: float
    kurtosis: float
    beyond: float
    lag: float
    lag_expected: float
    lag_error: float
    spread_ratio: float
    spread_z: float
    floor: float
    ceiling: float
    random: tuple[RandomFacts, ...]
    correlation: float


_NEGATIVE = re.compile(r"(?<!\w)-(?=\d)")  # written with a real minus sign


def findings(facts: Facts, by_week: pd.DataFrame, *, scale_known: bool) -> tuple[Finding, ...]:
    """Everything worth saying about one model, or that there is nothing.

    Parameters
    ----------
    by_week
        As in :class:`pgsicbt.models.diagnostics.diagnostics.Diagnostics`.
    scale_known
        Whether the ends of the scale are the instrument's, not just the extremes observed.
    """
    if facts.n_persons < MINIMUM_CELL:
        text = f"Fewer than {MINIMUM_CELL} people were analysed, so no check is shown."
        return (Finding("too_few_people", "warning", text),)
    found = [
        *_shape(facts),
        *_spread(facts, by_week),
        *_course(facts, by_week),
        *_ends(facts, by_week, scale_known),
        *_random(facts),
    ]
    if not found:
        text = "Residuals and random effects look as the model supposes."
        found.append(Finding("no_trouble", "info", text))
    return tuple(replace(f, message=_NEGATIVE.sub("\u2212", f.message)) for f in found)


def _week(week: float) -> str:
    """A week with at most one decimal: months and days make long ones."""
    return f"{round(float(week), 1):g}"


def _shape(f: Facts) -> Iterator[Finding]:
    n = f.n_observations
    if abs(f.skewness) >= SKEWED and abs(f.skewness) > _CHANCE * math.sqrt(6 / n):
        side = "upwards" if f.skewness > 0 else "downwards"
        text = (
            f"Residuals are skewed {side} (skewness {f.skewness:.1f}). Estimates hold in large "
            "cohorts; check p values with robust standard errors (CR2) or the bootstrap."
        )
        yield Finding("residual_skew", "warning", text)
    heavy = f.kurtosis >= HEAVY and f.kurtosis > _CHANCE * math.sqrt(24 / n)
    if heavy or f.beyond > BEYOND:
        text = f"Residuals have heavy tails (excess kurtosis {f.kurtosis:.1f}"
        if math.isfinite(f.beyond):
            text += f"; {100 * f.beyond:.1f} % lie beyond 3 SD, 0.3 % are expected"
        text += (
            "): single visits weigh much. Look at the influence of people, and compare with robust "
            "standard errors (CR2)."
        )
        yield Finding("residual_tails", "warning", text)


def _spread(f: Facts, by_week: pd.DataFrame) -> Iterator[Finding]:
    ratio = max(f.spread_ratio, 1 / f.spread_ratio) if f.spread_ratio > 0 else 1.0
    if ratio >= UNEVEN and abs(f.spread_z) > _CHANCE:
        where = "high" if f.spread_ratio > 1 else "low"
        text = (
            f"Residuals spread {ratio:.1f} times as widely at {where} fitted values as at the "
            "other end. Use robust standard errors (CR2), which allow for it."
        )
        yield Finding("spread_by_level", "warning" if ratio >= 1.5 else "info", text)
    weeks = by_week[by_week["n_persons"] >= _MANY]
    if len(weeks) < 2:
        return
    high = weeks.iloc[int(weeks["spread"].argmax())]
    low = weeks.iloc[int(weeks["spread"].argmin())]
    ratio = float(high["spread"] / low["spread"])
    noise = math.sqrt((f.kurtosis + 2) / 4 * (1 / high["n_persons"] + 1 / low["n_persons"]))
    if ratio >= UNEVEN and math.log(ratio) > _SEARCHED * noise:
        text = (
            f"Residuals spread {ratio:.1f} times as widely in week {_week(high['week'])} as in "
            f"week {_week(low['week'])}. Use robust standard errors (CR2), or a model with a "
            "variance of its own for each visit (MMRM, unstructured or heterogeneous)."
        )
        yield Finding("spread_by_week", "warning" if ratio >= 1.5 else "info", text)


def _course(f: Facts, by_week: pd.DataFrame) -> Iterator[Finding]:
    weeks = by_week[by_week["n_persons"] >= _MANY]
    error = weeks["spread"] / np.sqrt(weeks["n_persons"])
    off = weeks[(weeks["mean"].abs() > BENT) & (weeks["mean"].abs() > _SEARCHED * error)]
    if len(off):
        worst = off.iloc[int(off["mean"].abs().argmax())]
        side = "above" if worst["mean"] > 0 else "below"
        text = (
            f"The course is not the shape that was fitted: in week {_week(worst['week'])} people "
            f"are on average {abs(worst['mean']):.1f} residual SD {side} the model. Choose another "
            "coding of time (piecewise, spline or categorical)."
        )
        yield Finding("course_misfit", "warning", text)
    excess = f.lag - f.lag_expected
    if abs(excess) > LINKED and abs(excess) > _CHANCE * f.lag_error:
        how = "more" if excess > 0 else "less"
        text = (
            f"Successive residuals of a person are {how} alike than the model supposes "
            f"(correlation {f.lag:.2f}, {f.lag_expected:.2f} expected). Try "
            f"{'a random slope, ' if len(f.random) < 2 else ''}another coding of time, robust "
            "standard errors (CR2), or a model of the correlation itself (MMRM)."
        )
        yield Finding("autocorrelation", "warning", text)


def _ends(f: Facts, by_week: pd.DataFrame, scale_known: bool) -> Iterator[Finding]:
    for name, share, word in (("floor", f.floor, "lowest"), ("ceiling", f.ceiling, "highest")):
        weeks = by_week[by_week[name].notna()]
        worst = weeks.iloc[int(weeks[name].argmax())] if len(weeks) else None
        most = share if worst is None else max(float(worst[name]), share)
        if not most >= FLOORED:
            continue
        what = "possible value of the scale" if scale_known else "value observed"
        text = f"{100 * share:.0f} % of values are the {word} {what}" if share > 0 else "Values"
        if worst is not None and worst[name] > share:
            text += f" ({100 * worst[name]:.0f} % in week {_week(worst['week'])})"
        text += (
            f", a {name} effect: change beyond it is not seen, so score x time is drawn towards "
            "zero or confounded with severity. Use robust standard errors (CR2) and repeat without "
            "people who start there."
        )
        yield Finding(name, "warning", text)


def _random(f: Facts) -> Iterator[Finding]:
    flat = [r.term for r in f.random if r.flat]
    if flat:
        text = (
            f"There is no variance between people to check in {', '.join(flat)}: the random part "
            "is on its boundary. Estimates hold; a simpler random part gives the same."
        )
        yield Finding("random_boundary", "info", text)
    if abs(f.correlation) > TIED:
        text = (
            f"Level and slope of people go together almost exactly (correlation "
            f"{f.correlation:.2f}), which few visits per person can make. Compare with "
            "uncorrelated random terms."
        )
        yield Finding("random_correlation", "info", text)
    n = f.n_persons
    for r in f.random:
        skewed = abs(r.skewness) >= SKEWED and abs(r.skewness) > _CHANCE * math.sqrt(6 / n)
        heavy = r.kurtosis >= HEAVY and r.kurtosis > _CHANCE * math.sqrt(24 / n)
        if skewed or heavy:
            text = (
                f"Random effects ({r.term}) are not normal between people (skewness "
                f"{r.skewness:.1f}, excess kurtosis {r.kurtosis:.1f}). Fixed effects hardly "
                "suffer; compare with robust standard errors (CR2) or the bootstrap, and look for "
                "groups."
            )
            yield Finding("random_not_normal", "info", text)
