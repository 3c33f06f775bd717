"""A small study with a known truth, made from the ground types."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pgsicbt.study import CovariateInfo, OutcomeInfo, ScoreInfo, Study

WEEKS = np.array([-2.0, 0, 1, 2, 4, 6, 8, 10, 12])


def example_study(
    seed: int = 1,
    n: int = 300,
    scores: tuple[str, ...] = ("PGS_A", "PGS_B", "PGS_C"),
    main: float = -2.0,
    slope: float = -0.2,
) -> Study:
    """A cohort in which PGS_A has the planted effects and the other scores have none."""
    rng = np.random.default_rng(seed)
    index = pd.Index([f"{i:04x}" for i in range(n)], name="person")
    persons = pd.DataFrame({s: rng.normal(3.0, 2.0, n) for s in scores}, index=index)
    persons["age"] = rng.integers(18, 75, n).astype(float)
    persons["sex"] = rng.choice(["female", "male"], n)
    persons["diagnosis"] = rng.choice(["MDD", "panic"], n)
    persons["PC1"] = rng.normal(size=n)
    z = (persons[scores[0]] - persons[scores[0]].mean()) / persons[scores[0]].std()
    u = rng.multivariate_normal([0, 0], [[150, -1], [-1, 0.3]], n)
    code, time = np.repeat(np.arange(n), len(WEEKS)), np.tile(WEEKS, n)
    value = (
        50
        + 0.05 * persons["age"].to_numpy()[code]
        + u[code, 0]
        + main * z.to_numpy()[code]
        + (-1.5 + u[code, 1] + slope * z.to_numpy()[code]) * time
        + rng.normal(0, 5, len(code))
    )
    kept = rng.random(len(code)) < 0.85
    visits = pd.DataFrame(
        {
            "person": pd.Categorical(index[code[kept]], categories=index),
            "outcome": "harmonised",
            "time": time[kept],
            "value": value[kept],
        }
    )
    return Study(
        persons=persons,
        visits=visits,
        scores=tuple(ScoreInfo(s, s.replace("_", "-")) for s in scores),
        outcomes=(OutcomeInfo("harmonised", "harmonised score", minimum=0, maximum=100),),
        covariates=(
            CovariateInfo("age", "age", "numeric"),
            CovariateInfo("sex", "sex", "categorical", "covariate", ("female", "male")),
            CovariateInfo("diagnosis", "diagnosis", "categorical", "stratum", ("MDD", "panic")),
            CovariateInfo("PC1", "PC1", "numeric", "component"),
        ),
        ledger=(),
        findings=(),
        digest="example",
    )


def flat(study: Study) -> pd.DataFrame:
    """Visits with every person-level column beside them, for an independent fit."""
    visits = study.outcome_visits("harmonised")
    visits["person"] = visits["person"].astype(str)
    return visits.merge(study.persons, left_on="person", right_index=True)
