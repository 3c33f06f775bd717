"""Small cohorts made from the ground types, for tests of what describes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from pgsicbt.study import HARMONISED, CovariateInfo, OutcomeInfo, ScoreInfo, Study

GROUPS = ("depression", "panic", "social")


def make_cohort(n: int = 300, seed: int = 3, **persons: Any) -> Study:
    """Three groups with an instrument each, two scores, two components, two batches.

    ``persons`` replaces or adds columns of the people.
    """
    rng = np.random.default_rng(seed)
    index = pd.Index([f"k{i:05d}" for i in range(n)], name="person")
    frame = pd.DataFrame({"EDU": rng.standard_normal(n)}, index=index)
    frame["MDD"] = 0.3 * frame["EDU"] + 0.95 * rng.standard_normal(n)
    for j in (1, 2):
        frame[f"PC{j}"] = rng.normal(0, 0.01, n)
    frame["age"] = rng.normal(36, 11, n).round()
    frame["sex"] = rng.choice(["female", "male"], n, p=[0.6, 0.4])
    frame["diagnosis"] = rng.choice(list(GROUPS), n, p=[0.5, 0.3, 0.2])
    frame["batch"] = rng.choice(["B1", "B2"], n)
    for name, values in persons.items():
        frame[name] = values
    return _study(frame, rng)


def _study(frame: pd.DataFrame, rng: np.random.Generator) -> Study:
    top = {"depression": ("PHQ-9", 27), "panic": ("PDSS-SR", 28), "social": ("LSAS-SR", 144)}
    rows = []
    for k, group in enumerate(frame["diagnosis"]):
        name, high = top.get(str(group), top["depression"])
        level, slope = rng.normal(0.5, 0.12), rng.normal(-0.015, 0.008)
        for week in (0.0, 2.0, 4.0, 8.0, 12.0):
            if week and rng.random() < 0.03 * week:
                continue
            value = np.clip(round((level + slope * week + rng.normal(0, 0.05)) * high), 0, high)
            rows.append((k, name, week, float(value)))
            rows.append((k, HARMONISED, week, 100 * float(value) / high))
    names = [name for name, _ in top.values()] + [HARMONISED]
    visits = pd.DataFrame(rows, columns=["person", "outcome", "time", "value"])
    visits["person"] = pd.Categorical.from_codes(visits["person"], categories=frame.index)
    visits["outcome"] = pd.Categorical(visits["outcome"], categories=names)
    covariates = [CovariateInfo("age", "age", "numeric")]
    for name, role in (("sex", "covariate"), ("diagnosis", "stratum"), ("batch", "batch")):
        levels = tuple(sorted(frame[name].dropna().unique()))
        covariates.append(CovariateInfo(name, name, "categorical", role, levels))  # type: ignore[arg-type]
    covariates += [CovariateInfo(f"PC{j}", f"PC{j}", "numeric", "component") for j in (1, 2)]
    known = {"EDU", "MDD", "PC1", "PC2", *(c.name for c in covariates)}
    for name in [c for c in frame.columns if c not in known]:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        levels = () if numeric else tuple(sorted(frame[name].dropna().unique()))
        covariates.append(
            CovariateInfo(name, name, "numeric" if numeric else "categorical", levels=levels)
        )
    return Study(
        persons=frame,
        visits=visits,
        scores=(ScoreInfo("EDU", "PGS-EDU"), ScoreInfo("MDD", "PGS-MDD")),
        outcomes=tuple(
            OutcomeInfo(name, name, name, 0, high, 1, n_persons=len(frame))
            for name, high in [*top.values(), (HARMONISED, 100)]
        ),
        covariates=tuple(covariates),
        ledger=(),
        findings=(),
        digest="5a" * 32,
        files=("cohort.csv",),
    )


def with_visits(study: Study, visits: pd.DataFrame) -> Study:
    """The same people with other visits (columns as in a study)."""
    return replace(study, visits=visits.reset_index(drop=True))
