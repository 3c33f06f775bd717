"""Symptom courses: from people to the whole-number totals that a clinic records.

The mean of every person's course is linear in what was planted, exactly and at every visit, so
that a linear mixed model estimates the planted values without bias although totals are whole
numbers inside the range of the instrument with people on its floor:

- start and week 12 are drawn from beta distributions whose mean is the planted mean, linked by
  a normal copula; between them the course is a straight line less a common curve;
- the residual is symmetric and shrinks towards the ends of the scale, so that nothing is cut;
- totals are rounded up or down at random in proportion to the fraction, which keeps the mean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, ndtr

from pgsicbt.result import Array
from pgsicbt.sample import parameters as par
from pgsicbt.sample.people import People
from pgsicbt.sample.truth import acting, education_moments


@dataclass(frozen=True)
class Courses:
    """Totals (n, 14) with NaN where not observed, and the data-entry outliers among them.

    ``outliers`` has one row per wrong total: person row, visit number, recorded, true.
    """

    totals: Array
    outliers: Array


def planted_means(people: People, therapist_slopes: Array) -> tuple[Array, Array]:
    """Mean of every person at the start and its weekly change, (n,) each, 0-100 points."""
    frame, d = people.frame, people.diagnosis
    therapist = frame["therapist"].str.slice(1).astype(int).to_numpy() - 1
    mean_education = education_moments()[0]
    medicated = (frame["medication"] == "yes").to_numpy() - np.array(par.MEDICATED)[d]
    terms = [
        (frame["age"].to_numpy() - par.AGE[2], par.AGE_EFFECT),
        ((frame["sex"] == "male").to_numpy() - (1 - par.WOMEN), par.MALE),
        (medicated, par.MEDICATION),
        (frame["education"].to_numpy() - mean_education, par.EDUCATION),
    ]
    terms += [
        ((frame["batch"] == name).to_numpy() - 0.3, effect)
        for name, effect in par.BATCH_EFFECTS.items()
    ]
    start = par.START_MEAN[d] + people.components[:, :2] @ np.array(par.COMPONENT_EFFECTS)
    weekly = par.WEEKLY[d] + therapist_slopes[therapist]
    effects = acting()
    start = start + people.scores @ effects[:, 0]
    weekly = weekly + people.scores @ effects[:, 1]
    for values, (main, slope) in terms:
        start = start + main * values
        weekly = weekly + slope * values
    return start, weekly


def _beta(u: Array, mean: Array, sd: Array, low: float) -> Array:
    """Quantiles of beta distributions on [low, 100] with the given means and SDs."""
    m = np.clip((mean - low) / (100 - low), 0.01, 0.99)
    s = np.minimum(sd / (100 - low), 0.85 * np.sqrt(m * (1 - m)))
    size = m * (1 - m) / s**2 - 1
    return np.asarray(low + (100 - low) * betaincinv(m * size, (1 - m) * size, u))


def curve(weeks: Array) -> Array:
    """How far the mean lies from the straight line, (weeks,): a fall that is steeper early."""
    scale = par.CURVE_WEEKS
    bend = (1 - np.exp(-weeks / scale)) / (1 - np.exp(-12 / scale)) - weeks / 12
    return np.where(weeks < 0, par.SCREENING_OFFSET, -par.CURVE_DEPTH * bend)


def latent_courses(rng: np.random.Generator, people: People) -> Array:
    """Error-free course of everyone at every visit, (n, 14), 0-100 points."""
    d = people.diagnosis
    slopes = par.THERAPIST_SLOPE_SD * rng.standard_normal(par.N_THERAPISTS)
    start, weekly = planted_means(people, slopes)
    sd = par.START_SD[d]
    variance = sd**2 + (12 * par.SLOPE_SD) ** 2 + 24 * par.INTERCEPT_SLOPE * sd * par.SLOPE_SD
    z = rng.standard_normal((2, len(d)))
    related = people.frame["family"].to_numpy()
    for name in np.unique(related[related != ""]):
        members = np.flatnonzero(related == name)
        z[:, members] = np.sqrt(0.7) * z[:, members] + np.sqrt(0.3) * rng.standard_normal((2, 1))
    rho = par.COPULA[d]
    at_start = _beta(ndtr(z[0]), start, sd, par.LOWEST_START)
    late = ndtr(rho * z[0] + np.sqrt(1 - rho**2) * z[1])
    at_post = _beta(late, start + 12 * weekly, np.sqrt(variance), 0.0)
    share = par.WEEKS / 12
    line = at_start[:, None] * (1 - share) + at_post[:, None] * share
    return np.clip(line + curve(par.WEEKS), 0.0, 100.0)


def _residuals(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Serially correlated residuals in SD, bounded, (n, 14)."""
    out = rng.standard_normal(shape)
    for j in range(1, shape[1]):
        lag = par.WEEKS[j] - par.WEEKS[j - 1]
        r = par.SERIAL**lag
        out[:, j] = r * out[:, j - 1] + np.sqrt(1 - r**2) * out[:, j]
    return np.clip(out, -par.RESIDUAL_BOUND, par.RESIDUAL_BOUND)


def _mistype(rng: np.random.Generator, totals: Array, maximum: Array, n_joined: int) -> Array:
    """Replace a few totals by plausible wrong ones, as many upwards as downwards, in place."""
    count = 0 if n_joined < 20 * par.N_OUTLIERS else par.N_OUTLIERS
    rows, visits = rng.permutation(n_joined), rng.integers(1, len(par.WEEKS), n_joined)
    shift = rng.uniform(0.5, 0.65, n_joined)
    found: list[tuple[float, float, float, float]] = []
    for sign, quota in ((1, count // 2), (-1, count - count // 2)):
        for person in rows:
            if quota == 0:
                break
            visit, top = visits[person], maximum[person]
            old = totals[person, visit]
            new = old + sign * np.round(shift[person] * top)
            if 0 <= new <= top and not any(f[0] == person for f in found):
                found.append((person, visit, new, old))
                totals[person, visit] = new
                quota -= 1
    return np.array(found).reshape(-1, 4)


def _leave(rng: np.random.Generator, people: People, totals: Array, maximum: Array) -> None:
    """Blank skipped visits and everything after leaving, in place.

    Leaving before a visit depends on the last total that was recorded (missing at random), on
    education and weakly on PGS-EDU.
    """
    n = len(totals)
    skipping = rng.beta(par.SKIP_MEAN * par.SKIP_SIZE, (1 - par.SKIP_MEAN) * par.SKIP_SIZE, n)
    chance = np.repeat(skipping[:, None], len(par.WEEKS), axis=1)
    chance[:, 0], chance[:, 1], chance[:, -1] = par.SKIP_SCREENING, par.SKIP_PRE, par.SKIP_POST
    skipped = rng.random(chance.shape) < chance
    skipped[skipped[:, 0] & skipped[:, 1], 1] = False
    by_person = (
        par.LEAVING["intercept"]
        + par.LEAVING["education_per_level"]
        * (people.frame["education"].to_numpy() - education_moments()[0])
        + par.LEAVING["pgs_edu_per_sd"] * people.scores[:, 0]
    )
    draws = rng.random(totals.shape)
    last = np.full(n, np.nan)
    gone = np.zeros(n, dtype=bool)
    for j in range(len(par.WEEKS)):
        if j > 1:
            severity = (last - par.LEAVING_CENTRE) / 16
            odds = by_person + par.LEAVING["last_score_per_16_points"] * severity
            gone |= draws[:, j] < 1 / (1 + np.exp(-odds))
        totals[gone | skipped[:, j], j] = np.nan
        seen = ~np.isnan(totals[:, j])
        last[seen] = 100 * totals[seen, j] / maximum[seen]


def draw_courses(rng: np.random.Generator, people: People) -> Courses:
    """Totals of everyone at every visit, as recorded."""
    latent = latent_courses(rng, people)
    room = np.minimum(latent, 100 - latent) / par.RESIDUAL_BOUND
    scores = latent + np.minimum(par.RESIDUAL_SD, room) * _residuals(rng, latent.shape)
    maximum = par.MAXIMUM[people.diagnosis]
    totals = np.floor(scores / 100 * maximum[:, None] + rng.random(scores.shape))
    totals = np.clip(totals, 0, maximum[:, None])
    outliers = _mistype(rng, totals, maximum, people.n_joined)
    _leave(rng, people, totals, maximum)
    kept = [not np.isnan(totals[int(row), int(visit)]) for row, visit, _, _ in outliers]
    return Courses(totals, outliers[np.array(kept, dtype=bool)])
