"""The people of the simulated cohort: covariates, principal components and scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pgsicbt.result import Array
from pgsicbt.sample import parameters as par
from pgsicbt.sample.truth import education_loading, education_moments


@dataclass(frozen=True)
class People:
    """Everyone in any file; the first ``n_joined`` rows are in all files.

    ``frame`` has one row per person: age, sex, diagnosis, batch, education (1-3), medication,
    therapist, family, inclusion_year. ``components`` (n, 10) are in SD, ``raw`` (n, 9) the
    scores as in the file, ``scores`` (n, 9) the same in SD of the joined people.
    """

    frame: pd.DataFrame
    components: Array
    raw: Array
    scores: Array
    diagnosis: np.ndarray[tuple[int], np.dtype[np.int64]]
    n_joined: int


def _exact(rng: np.random.Generator, shares: Array, n_joined: int, n: int) -> Array:
    """Group numbers with exact counts among the joined people, random among the rest."""
    counts = np.floor(shares * n_joined + 0.5).astype(int)
    counts[0] += n_joined - counts.sum()
    joined = rng.permutation(np.repeat(np.arange(len(shares)), counts))
    rest = rng.choice(len(shares), size=n - n_joined, p=shares / shares.sum())
    return np.concatenate([joined, rest])


def _ages(rng: np.random.Generator, n: int) -> Array:
    """Whole years, right-skewed: 18 plus a gamma variate, folded back below 76."""
    low, high, mean, sd = par.AGE
    # Whole years are floored and the far tail is redrawn; 0.8 and 1.08 make up for both.
    centre, spread = mean - low + 0.8, 1.08 * sd
    shape = (centre / spread) ** 2
    ages = low + rng.gamma(shape, centre / shape, n)
    over = ages >= high + 1
    ages[over] = rng.uniform(low + 10, high, int(over.sum()))
    return np.floor(ages)


def _components(rng: np.random.Generator, n: int) -> Array:
    """Ten components in SD: one large group and a tail on the first three."""
    pcs = rng.standard_normal((n, par.N_COMPONENTS))
    tail = rng.random(n) < 0.08
    reach = rng.gamma(2.0, 1.6, n) * tail
    direction = rng.dirichlet([1.0, 0.7, 0.4], n)
    pcs[:, :3] += reach[:, None] * direction * np.array([1.0, -1.0, 1.0])
    pcs -= pcs.mean(axis=0)
    return np.asarray(pcs / pcs.std(axis=0))


def _families(rng: np.random.Generator, n_joined: int) -> Array:
    """Family number of every joined person who has relatives in the cohort, else -1."""
    family = np.full(n_joined, -1)
    if n_joined < 10 * sum(par.FAMILY_SIZES):
        return family
    members = rng.choice(n_joined, size=sum(par.FAMILY_SIZES), replace=False)
    family[members] = np.repeat(np.arange(len(par.FAMILY_SIZES)), par.FAMILY_SIZES)
    return family


def _scores(
    rng: np.random.Generator, pcs: Array, batch: Array, family: Array, n_joined: int
) -> Array:
    """Raw scores (n, 9): unit variance given the components, siblings correlated .5."""
    n = len(pcs)
    noise = rng.standard_normal((n, len(par.SCORES)))
    shared = rng.standard_normal((len(par.FAMILY_SIZES), len(par.SCORES)))
    related = np.flatnonzero(family >= 0)
    noise[related] = np.sqrt(0.5) * (noise[related] + shared[family[related]])
    scores = noise @ np.linalg.cholesky(par.score_correlation()).T
    for name, shifts in par.BATCH_SHIFTS.items():
        scores[:, par.SCORES.index(name)] += np.array([0.0, *shifts])[batch]
    design = np.column_stack([np.ones(n), pcs])
    fitted = np.linalg.lstsq(design[:n_joined], scores[:n_joined], rcond=None)[0]
    scores -= design @ fitted
    scores /= scores[:n_joined].std(axis=0)
    for name, shifts in par.COMPONENT_SHIFTS.items():
        scores[:, par.SCORES.index(name)] += pcs[:, :2] @ np.array(shifts)
    return scores


def draw_people(rng: np.random.Generator, n_joined: int, n_extra: int) -> People:
    """Draw ``n_joined`` people who are in all files and ``n_extra`` who are not."""
    n = n_joined + n_extra
    diagnosis = _exact(rng, np.array(par.DIAGNOSIS_COUNTS) / par.N_PERSONS, n_joined, n)
    male = _exact(rng, np.array([par.WOMEN, 1 - par.WOMEN]), n_joined, n)
    age = _ages(rng, n)
    first = min(start for start, _ in par.YEARS.values())
    year = first + rng.choice(len(par.YEAR_WEIGHTS), size=n, p=par.YEAR_WEIGHTS)
    batch = np.select([year <= par.YEARS["B1"][1], year <= par.YEARS["B2"][1]], [0, 1], 2)
    pcs = _components(rng, n)
    family = np.concatenate([_families(rng, n_joined), np.full(n_extra, -1)])
    raw = _scores(rng, pcs, batch, family, n_joined)
    scores = (raw - raw[:n_joined].mean(axis=0)) / raw[:n_joined].std(axis=0, ddof=1)

    loading = education_loading()
    liability = loading * scores[:, 0] + np.sqrt(1 - loading**2) * rng.standard_normal(n)
    education = 1 + np.searchsorted(education_moments()[2], liability)
    medicated = rng.random(n) < np.array(par.MEDICATED)[diagnosis]
    load = rng.dirichlet(np.full(par.N_THERAPISTS, 6.0))
    therapist = rng.choice(par.N_THERAPISTS, size=n, p=load)
    frame = pd.DataFrame(
        {
            "age": age.astype(int),
            "sex": np.where(male == 1, "male", "female"),
            "diagnosis": np.array(par.DIAGNOSES)[diagnosis],
            "batch": np.array(par.BATCHES)[batch],
            "education": education,
            "medication": np.where(medicated, "yes", "no"),
            "therapist": np.char.add("T", np.char.zfill((therapist + 1).astype(str), 2)),
            "family": np.where(
                family >= 0, np.char.add("F", np.char.zfill((family + 1).astype(str), 2)), ""
            ),
            "inclusion_year": year,
        }
    )
    return People(frame, pcs, raw, scores, diagnosis.astype(np.int64), n_joined)
