"""Overlap of two groups: of model distributions, and of what was observed."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from pgsicbt.result import Array

_GRID = 256


@dataclass(frozen=True)
class Shape:
    """Densities of two groups over a grid: three arrays (G,)."""

    grid: Array
    top: Array
    bottom: Array

    @property
    def overlap(self) -> float:
        """Overlap coefficient: the area below both curves (Inman & Bradley 1989)."""
        return float(np.trapezoid(np.minimum(self.top, self.bottom), self.grid))


def mixture(top: Array, bottom: Array, sd: float, centre: float = 0.0) -> Shape:
    """Normal distributions of one SD around each member's own mean, averaged over a group.

    Parameters
    ----------
    top, bottom
        (m,) expected outcome of each member, less ``centre``.
    """
    reach = 4.0 * sd + max(np.abs(top).max(), np.abs(bottom).max())
    grid = np.linspace(-reach, reach, 401)
    curves = [stats.norm.pdf(grid[:, None], g[None, :], sd).mean(axis=1) for g in (top, bottom)]
    return Shape(grid + centre, curves[0], curves[1])


def lower_in_top(top: Array, bottom: Array, sd: float) -> float:
    """Probability that a draw from the top group is lower than one from the bottom group."""
    apart = (bottom[None, :] - top[:, None]) / (math.sqrt(2.0) * sd)
    shares: Array = np.asarray(stats.norm.cdf(apart))
    return float(shares.mean())


def scott(top: Array, bottom: Array) -> float:
    """Bandwidth for both groups: Scott's rule, 1.06 s n^(-1/5), with the pooled s, the mean n."""
    n, m = len(top), len(bottom)
    within = (n - 1) * float(top.var(ddof=1)) + (m - 1) * float(bottom.var(ddof=1))
    pooled = math.sqrt(within / max(n + m - 2, 1))
    return 1.06 * pooled * float(((n + m) / 2) ** -0.2)


@dataclass(frozen=True)
class Observed:
    """Overlap of two observed groups, with its bootstrap interval and what chance gives.

    ``chance`` is the mean overlap of two groups of these sizes drawn from all of them together:
    kernel densities of small groups never overlap wholly. A resample has that error twice, so the
    interval is the basic one, 2 x estimate - quantiles (Davison & Hinkley 1997, ch. 5).
    """

    shape: Shape
    overlap: float
    low: float
    high: float
    chance: float


def observed_overlap(
    top: Array, bottom: Array, *, seed: int, draws: int = 400, confidence: float = 0.95
) -> Observed:
    """Overlap of kernel densities (normal kernel, one bandwidth) of two groups.

    Values are counted on a fine grid first, so a resample is a draw of counts.

    Parameters
    ----------
    draws
        Resamples of the members of each group, and as many random divisions for ``chance``.
    """
    width = scott(top, bottom)
    if not width > 0:
        nothing = np.zeros(2)
        nan = math.nan
        return Observed(Shape(nothing, nothing, nothing), nan, nan, nan, nan)
    both = np.concatenate([top, bottom])
    grid = np.linspace(both.min() - 3.5 * width, both.max() + 3.5 * width, _GRID)
    step = grid[1] - grid[0]
    smooth = stats.norm.pdf(grid[:, None], grid[None, :], width)
    at = [np.rint((g - grid[0]) / step).astype(int) for g in (top, bottom)]
    counts = [np.bincount(a, minlength=_GRID) for a in at]

    def overlaps(first: Array, second: Array) -> Array:
        a = first @ smooth / len(top)
        b = second @ smooth / len(bottom)
        return np.asarray(np.minimum(a, b).sum(axis=1) * step)

    exact = [stats.norm.pdf(grid[:, None], g[None, :], width).mean(axis=1) for g in (top, bottom)]
    shape = Shape(grid, exact[0], exact[1])
    rng = np.random.default_rng(seed)
    drawn = [rng.multinomial(c.sum(), c / c.sum(), draws).astype(float) for c in counts]
    low, high = np.quantile(overlaps(*drawn), [(1 - confidence) / 2, (1 + confidence) / 2])
    # Where nearly everything overlaps, resamples only overlap less: the estimate stays inside.
    low, high = (
        min(2 * shape.overlap - high, shape.overlap),
        min(max(2 * shape.overlap - low, shape.overlap), 1.0),
    )
    pool = counts[0] + counts[1]
    mixed = rng.multivariate_hypergeometric(pool, len(top), draws).astype(float)
    chance = float(overlaps(mixed, pool[None, :] - mixed).mean())
    return Observed(shape, shape.overlap, float(low), float(high), chance)


def rank_probability(
    better: Array, worse: Array, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Probability that a member of the first group is lower, ties counting half, with limits.

    The variance is that of DeLong et al. (1988, Biometrics 44:837); limits are on the logit
    scale.
    """
    area, first, second = placements(worse, better)
    variance = first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)
    return (area, *logit_interval(area, math.sqrt(variance), confidence))


def placements(cases: Array, controls: Array) -> tuple[float, Array, Array]:
    """Area under the ROC curve (cases higher) and DeLong's placement values.

    Returns
    -------
    float, Array, Array
        The area; for each case the share of controls below it, and for each control the share of
        cases above it, ties counting half.
    """
    m, n = len(cases), len(controls)
    both = stats.rankdata(np.concatenate([cases, controls]))
    of_cases = (both[:m] - stats.rankdata(cases)) / n
    of_controls = 1.0 - (both[m:] - stats.rankdata(controls)) / m
    return float(of_cases.mean()), of_cases, of_controls


def logit_interval(share: float, se: float, confidence: float) -> tuple[float, float]:
    """Limits of a probability on the logit scale; the bare ones at 0 and 1."""
    z = float(stats.norm.ppf(0.5 + confidence / 2))
    if not 0 < share < 1:
        return max(share - z * se, 0.0), min(share + z * se, 1.0)
    middle, reach = math.log(share / (1 - share)), z * se / (share * (1 - share))
    low, high = (1 / (1 + math.exp(-(middle + s * reach))) for s in (-1, 1))
    return low, high
