"""A small cohort in which a score goes with a trait, with batches and a covariate to leave out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import CovariateInfo, Study
from tests.models.example import example_study

SPEC = AnalysisSpec(
    scores=("PGS_A", "PGS_B"),
    covariates=("age", "sex", "diagnosis", "batch"),
    components=("PC1",),
    adjustments=("crude", "adjusted", "complete"),
)


def study(n: int = 300, seed: int = 1) -> Study:
    """PGS_A lowers symptoms and goes with schooling, which adds nothing; batches are unequal."""
    made = example_study(seed=seed, n=n)
    rng = np.random.default_rng(seed + 100)
    persons = made.persons.copy()
    z = (persons["PGS_A"] - persons["PGS_A"].mean()) / persons["PGS_A"].std()
    persons["schooling"] = np.round(12 + 2 * (0.5 * z + rng.normal(0, 0.8, n)))
    batch = rng.choice(["B1", "B2"], n)
    batch[:5] = "B3"
    persons["batch"] = batch
    extra = (
        CovariateInfo("schooling", "schooling", "numeric"),
        CovariateInfo("batch", "batch", "categorical", "batch", ("B1", "B2", "B3")),
    )
    return replace(made, persons=persons, covariates=(*made.covariates, *extra))
