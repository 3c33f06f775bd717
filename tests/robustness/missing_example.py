"""A small cohort whose people miss visits and leave, and its tables for R."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pgsicbt.spec import AnalysisSpec
from pgsicbt.study import Study
from tests.models.example import WEEKS, example_study

REFERENCE = Path(__file__).parent / "reference"
SPEC = AnalysisSpec(
    scores=("PGS_A",), covariates=("age",), adjustments=("adjusted",), score_scale="as_given"
)


def leaving_study(seed: int = 1, n: int = 300, pull: float = 0.5, slope: float = -0.2) -> Study:
    """:func:`tests.models.example.example_study` with drop-out by the value last seen and PGS_A."""
    study = example_study(seed=seed, n=n, slope=slope)
    rng = np.random.default_rng(seed + 1000)
    code = study.persons.index.get_indexer(study.visits["person"].astype(str))
    week = np.searchsorted(WEEKS, study.visits["time"].to_numpy(float))
    value = np.full((n, len(WEEKS)), np.nan)
    value[code, week] = study.visits["value"]
    last = pd.DataFrame(value).ffill(axis=1).bfill(axis=1).to_numpy(float)
    z = study.persons["PGS_A"].to_numpy(float)
    z = (z - z.mean()) / z.std()
    stays = np.ones((n, len(WEEKS)), dtype=bool)
    for j in range(3, len(WEEKS)):
        odds = np.exp(-2.4 + 0.04 * (last[:, j - 1] - 45) + pull * z)
        stays[:, j] = stays[:, j - 1] & (rng.random(n) > odds / (1 + odds))
    visits = study.visits[stays[code, week]].reset_index(drop=True)
    return replace(study, visits=visits.astype({"outcome": "category"}))


def table(study: Study) -> pd.DataFrame:
    """Visits with the columns of people that the references use; people numbered from 1."""
    code = study.persons.index.get_indexer(study.visits["person"].astype(str))
    return pd.DataFrame(
        {
            "id": code + 1,
            "week": study.visits["time"].to_numpy(float),
            "value": study.visits["value"].to_numpy(float),
            "score": study.persons["PGS_A"].to_numpy(float)[code],
            "age": study.persons["age"].to_numpy(float)[code],
        }
    )
